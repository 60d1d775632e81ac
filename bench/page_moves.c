/* The earlier run on the page. */
#include <stdlib.h>
#include <string.h>

#include "bench/compare_print.h"
#include "bench/json_read.h"
#include "bench/page_html.h"
#include "bench/page_parts.h"

static void write_head(const char *first, FILE *out)
{
    fprintf(out,
            "<div class=\"scroll\"><table><thead><tr>%s<th>figure</th><th class=\"figure\">it was"
            "</th><th class=\"figure\">it is</th><th class=\"figure\">ratio</th><th>verdict</th>"
            "</tr></thead><tbody>\n",
            first);
}

static void write_tail(FILE *out)
{
    fputs("</tbody></table></div>\n", out);
}

static void write_name(const SyChange *change, FILE *out)
{
    fputs("<td class=\"name\">", out);
    if (change->table[0]) {
        sy_html_textf(out, "%s: ", change->table);
    }
    sy_html_text(out, change->name);
    if (change->figure[0]) {
        sy_html_textf(out, ", %s", change->figure);
    }
    fputs("</td>", out);
}

static void write_row(const SyChange *change, bool with_bench, FILE *out)
{
    char was[SY_CHANGE_TEXT], is[SY_CHANGE_TEXT], ratio[SY_CHANGE_TEXT];
    const char *word = sy_compare_word(change->move);

    sy_change_format(was, change, change->was);
    sy_change_format(is, change, change->is);
    sy_change_format_ratio(ratio, change);
    fputs("<tr>", out);
    if (with_bench) {
        fputs("<td>", out);
        sy_html_bench_link(out, change->bench);
        fputs("</td>", out);
    }
    write_name(change, out);
    sy_html_figure_cell(out, was);
    sy_html_figure_cell(out, is);
    sy_html_figure_cell(out, ratio);
    fprintf(out, "<td class=\"%s\">%s</td></tr>\n", word, word);
}

static bool has_moved(const SyChange *change)
{
    return change->move != SY_MOVE_NONE && change->move != SY_MOVE_UNJUDGED;
}

void sy_page_moves(const SyPage *page, FILE *out)
{
    const SyComparison *comparison = page->comparison;
    char circumstances[512];

    if (!comparison) {
        return;
    }
    sy_compare_circumstances(page->older, page->results, circumstances, sizeof(circumstances));
    fputs("<section id=\"moves\"><h2>Since the earlier run</h2>\n<p>", out);
    fputs("Beside the run of ", out);
    sy_html_date(out, sy_json_text(page->older, "date"));
    sy_html_textf(out, ", synthd %s: of %zu figures %zu moved beyond the noise. ",
                  sy_json_text(page->older, "version"), comparison->n, comparison->n_moved);
    if (comparison->n_missing > 0) {
        sy_html_textf(out, "%zu are not in the earlier run. ", comparison->n_missing);
    }
    sy_html_text(out, circumstances);
    fputs("</p>\n<p class=\"soft\">Moved is what is off by more than a tenth and by more than the "
          "noise of the same runs moved or spreads. Each section ends with all its figures.</p>\n",
          out);
    if (comparison->n_moved > 0) {
        write_head("<th>bench</th>", out);
        for (size_t i = 0; i < comparison->n; i++) {
            if (has_moved(&comparison->changes[i])) {
                write_row(&comparison->changes[i], true, out);
            }
        }
        write_tail(out);
    }
    fputs("</section>\n", out);
}

void sy_page_bench_moves(const SyPage *page, const char *bench, FILE *out)
{
    const SyComparison *comparison = page->comparison;
    size_t n = 0, n_moved = 0;

    for (size_t i = 0; comparison && i < comparison->n; i++) {
        const SyChange *change = &comparison->changes[i];
        if (strcmp(change->bench, bench) == 0) {
            n++;
            n_moved += has_moved(change);
        }
    }
    if (n == 0) {
        return;
    }
    fprintf(out, "<details><summary>Beside the earlier run: %zu of %zu figures moved</summary>\n",
            n_moved, n);
    write_head("", out);
    for (size_t i = 0; i < comparison->n; i++) {
        if (strcmp(comparison->changes[i].bench, bench) == 0) {
            write_row(&comparison->changes[i], false, out);
        }
    }
    write_tail(out);
    fputs("</details>\n", out);
}
