#include <string.h>

#include "bench/json_read.h"
#include "bench/page_html.h"
#include "bench/page_parts.h"
#include "bench/results.h"

static void write_finding(struct json_object *finding, FILE *out)
{
    const char *verdict = sy_json_text(finding, "verdict");

    fprintf(out, "<tr><td class=\"%s\">",
            strcmp(verdict, "fit") == 0     ? "met"
            : strcmp(verdict, "unfit") == 0 ? "missed"
                                            : "");
    sy_html_text(out, verdict);
    fputs("</td>", out);
    sy_html_cell(out, sy_json_text(finding, "what"));
    sy_html_cell(out, sy_json_text(finding, "found"));
    sy_html_cell(out, sy_json_text(finding, "advice"));
    fputs("</tr>\n", out);
}

static void write_findings(struct json_object *doctor, FILE *out)
{
    struct json_object *findings = sy_json_array(doctor, "findings");
    struct json_object *notes = sy_json_array(doctor, "notes");

    for (size_t i = 0; i < sy_json_length(notes); i++) {
        fputs("<p><strong>", out);
        sy_html_text(out, sy_json_text_at(notes, i));
        fputs("</strong></p>\n", out);
    }
    fputs("<div class=\"scroll\"><table><thead><tr><th>verdict</th><th>what</th><th>found</th>"
          "<th>what to do</th></tr></thead><tbody>\n",
          out);
    for (size_t i = 0; i < sy_json_length(findings); i++) {
        write_finding(sy_json_at(findings, i), out);
    }
    fputs("</tbody></table></div>\n", out);
}

void sy_page_machine(const SyPage *page, FILE *out)
{
    struct json_object *machine = sy_json_object(page->results, "machine");
    struct json_object *doctor = sy_json_find(sy_results_benches(page->results), "bench", "doctor");

    fputs("<section id=\"machine\"><h2>The machine</h2>\n<p>", out);
    sy_html_textf(out, "%s, %.0f CPUs, Linux %s.", sy_json_text(machine, "cpu"),
                  sy_json_number(machine, "cpus"), sy_json_text(machine, "kernel"));
    fputs("</p>\n", out);
    if (sy_json_length(sy_json_array(doctor, "findings")) > 0) {
        write_findings(doctor, out);
    } else {
        fputs("<p class=\"soft\">Whether it is fit for the stage: <code>synthbench doctor</code> "
              "was not part of this run.</p>\n",
              out);
    }
    fputs("</section>\n", out);
}
