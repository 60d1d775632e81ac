#include "bench/page.h"

#include <stdlib.h>
#include <unistd.h>

#include "bench/gnuplot.h"
#include "bench/json_read.h"
#include "bench/page_html.h"
#include "bench/page_parts.h"
#include "bench/results.h"

static void write_head(const SyPage *page, FILE *out)
{
    fputs("<!DOCTYPE html>\n"
          "<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
          "<meta charset=\"utf-8\"/>\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>",
          out);
    sy_html_textf(out, "synthd %s: what synthbench found, %s",
                  sy_json_text(page->results, "version"), sy_json_text(page->results, "date"));
    fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", sy_page_style);
}

static void write_title(const SyPage *page, FILE *out)
{
    struct json_object *machine = sy_json_object(page->results, "machine");

    fputs("<header><h1>", out);
    sy_html_textf(out, "synthd %s: what synthbench found", sy_json_text(page->results, "version"));
    fputs("</h1>\n<p class=\"soft\">", out);
    sy_html_date(out, sy_json_text(page->results, "date"));
    sy_html_textf(out, ", on %s, %.0f CPUs, Linux %s", sy_json_text(machine, "cpu"),
                  sy_json_number(machine, "cpus"), sy_json_text(machine, "kernel"));
    fputs("</p>\n", out);
    if (!sy_gnuplot_is_there()) {
        fputs("<p>There are no plots: for them, " SY_GNUPLOT_ADVICE
              " and make the page again with <code>synthbench page</code>.</p>\n",
              out);
    }
}

static void write_contents(const SyPage *page, FILE *out)
{
    struct json_object *benches = sy_results_benches(page->results);

    fputs("<nav aria-label=\"Contents\"><ul><li><a href=\"#machine\">the machine</a></li>", out);
    if (page->comparison) {
        fputs("<li><a href=\"#moves\">since the earlier run</a></li>", out);
    }
    for (size_t i = 0; i < sy_json_length(benches); i++) {
        fputs("<li>", out);
        sy_html_bench_link(out, sy_json_text(sy_json_at(benches, i), "bench"));
        fputs("</li>", out);
    }
    fputs("</ul></nav>\n</header>\n", out);
}

static void write_page(const SyPage *page, FILE *out)
{
    struct json_object *benches = sy_results_benches(page->results);
    unsigned n_plots = 0;

    write_head(page, out);
    write_title(page, out);
    sy_page_headlines(page, out);
    write_contents(page, out);
    fputs("<main>\n", out);
    sy_page_machine(page, out);
    sy_page_moves(page, out);
    for (size_t i = 0; i < sy_json_length(benches); i++) {
        sy_page_bench(page, sy_json_at(benches, i), &n_plots, out);
    }
    fputs(
        "</main>\n<footer><p>Times are those of this machine while the benches ran; what is below "
        "the noise of a run is the machine, not synthd. N is the time of a frame of a scalar "
        "naive saw, measured by turns with what is told in it. docs/benchmarks.md says what each "
        "bench does; synthbench.json beside this page has every figure.</p></footer>\n"
        "</body>\n</html>\n",
        out);
}

bool sy_page_write(const SyPage *page)
{
    char *path = NULL, *beside = NULL;
    bool ok = asprintf(&path, "%s/index.html", page->folder) >= 0 &&
              asprintf(&beside, "%s/index.html.new", page->folder) >= 0;
    FILE *out = ok ? fopen(beside, "we") : NULL;

    if (out) {
        write_page(page, out);
        ok = !ferror(out);
        ok = fclose(out) == 0 && ok && rename(beside, path) == 0;
        if (!ok) {
            unlink(beside);
        }
    }
    free(path);
    free(beside);
    return ok && out;
}
