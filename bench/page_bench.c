#include <stdlib.h>
#include <string.h>

#include "bench/figure.h"
#include "bench/gnuplot.h"
#include "bench/json_read.h"
#include "bench/page_html.h"
#include "bench/page_parts.h"
#include "bench/page_plots.h"

static void write_goal(struct json_object *goal, FILE *out)
{
    const bool met = sy_json_bool(goal, "met");
    char value[SY_FIGURE_TEXT], limit[SY_FIGURE_TEXT];

    sy_figure_number(value, sy_json_number(goal, "value"));
    sy_figure_number(limit, sy_json_number(goal, "goal"));
    fprintf(out, "<tr><td class=\"%s\">%s</td>", met ? "met" : "missed", met ? "met" : "missed");
    sy_html_name_cell(out, sy_json_text(goal, "name"));
    sy_html_figure_cell(out, value);
    fputs("<td class=\"figure\">", out);
    sy_html_textf(out, "%s %s", sy_json_text(goal, "is"), limit);
    fputs("</td>", out);
    sy_html_cell(out, sy_json_text(goal, "unit"));
    fputs("</tr>\n", out);
}

static void write_goals(struct json_object *goals, FILE *out)
{
    if (sy_json_length(goals) == 0) {
        return;
    }
    fputs("<h3>Goals</h3>\n<div class=\"scroll\"><table><thead><tr><th>verdict</th><th>goal</th>"
          "<th class=\"figure\">measured</th><th class=\"figure\">wanted</th><th>unit</th>"
          "</tr></thead><tbody>\n",
          out);
    for (size_t i = 0; i < sy_json_length(goals); i++) {
        write_goal(sy_json_at(goals, i), out);
    }
    fputs("</tbody></table></div>\n", out);
}

static void write_times(struct json_object *rows, FILE *out)
{
    static const char *const keys[] = {"p50_ns", "p90_ns", "p99_ns", "p99.9_ns", "max_ns"};

    if (sy_json_length(rows) == 0) {
        return;
    }
    fputs(
        "<h3>Times</h3>\n<div class=\"scroll\"><table><thead><tr><th></th>"
        "<th class=\"figure\">n</th><th class=\"figure\">p50</th><th class=\"figure\">p90</th>"
        "<th class=\"figure\">p99</th><th class=\"figure\">p99.9</th><th class=\"figure\">max</th>"
        "</tr></thead><tbody>\n",
        out);
    for (size_t i = 0; i < sy_json_length(rows); i++) {
        struct json_object *row = sy_json_at(rows, i);
        fputs("<tr>", out);
        sy_html_name_cell(out, sy_json_text(row, "name"));
        fprintf(out, "<td class=\"figure\">%.0f</td>", sy_json_number(row, "n"));
        for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
            char text[SY_FIGURE_TEXT];
            sy_figure_duration(text, sy_json_number(row, keys[k]));
            sy_html_figure_cell(out, text);
        }
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}

static void write_cells(struct json_object *row, FILE *out)
{
    struct json_object *cells = sy_json_array(row, "cells");

    fputs("<tr>", out);
    sy_html_name_cell(out, sy_json_text(row, "name"));
    for (size_t i = 0; i < sy_json_length(cells); i++) {
        char text[SY_FIGURE_TEXT];
        sy_figure_number(text, sy_json_number_at(cells, i));
        sy_html_figure_cell(out, text);
    }
    fputs("</tr>\n", out);
}

static void write_table(struct json_object *table, FILE *out)
{
    struct json_object *columns = sy_json_array(table, "columns");
    struct json_object *rows = sy_json_array(table, "rows");

    fputs("<h3>", out);
    sy_html_text(out, sy_json_text(table, "title"));
    fputs("</h3>\n<div class=\"scroll\"><table><thead><tr><th></th>", out);
    for (size_t i = 0; i < sy_json_length(columns); i++) {
        fputs("<th class=\"figure\">", out);
        sy_html_text(out, sy_json_text_at(columns, i));
        fputs("</th>", out);
    }
    fputs("</tr></thead><tbody>\n", out);
    for (size_t i = 0; i < sy_json_length(rows); i++) {
        write_cells(sy_json_at(rows, i), out);
    }
    fputs("</tbody></table></div>\n", out);
}

static void write_values(struct json_object *values, FILE *out)
{
    if (sy_json_length(values) == 0) {
        return;
    }
    fputs("<h3>Figures</h3>\n<div class=\"scroll\"><table><tbody>\n", out);
    for (size_t i = 0; i < sy_json_length(values); i++) {
        struct json_object *value = sy_json_at(values, i);
        char text[SY_FIGURE_TEXT];
        sy_figure_number(text, sy_json_number(value, "value"));
        fputs("<tr>", out);
        sy_html_name_cell(out, sy_json_text(value, "name"));
        sy_html_figure_cell(out, text);
        sy_html_cell(out, sy_json_text(value, "unit"));
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}

static void write_notes(struct json_object *notes, FILE *out)
{
    if (sy_json_length(notes) == 0) {
        return;
    }
    fputs("<h3>Notes</h3>\n<ul>\n", out);
    for (size_t i = 0; i < sy_json_length(notes); i++) {
        fputs("<li>", out);
        sy_html_text(out, sy_json_text_at(notes, i));
        fputs("</li>\n", out);
    }
    fputs("</ul>\n", out);
}

/* A picture is a document of its own: it is put into the page as one, whatever names are in it. One
 * that is not in the folder is left out. */
static void write_picture(const SyPage *page, struct json_object *picture, FILE *out)
{
    char *path = NULL, *bytes = NULL;
    size_t room = 0;

    if (asprintf(&path, "%s/%s.svg", page->folder, sy_json_text(picture, "name")) < 0) {
        return;
    }
    FILE *file = fopen(path, "re");
    const ssize_t size = file ? getdelim(&bytes, &room, '\0', file) : -1;
    if (size > 0) {
        fputs("<figure class=\"picture\"><figcaption>", out);
        sy_html_text(out, sy_json_text(picture, "caption"));
        fputs("</figcaption><img alt=\"", out);
        sy_html_text(out, sy_json_text(picture, "caption"));
        fputs("\" src=\"data:image/svg+xml;base64,", out);
        sy_html_base64(out, (const unsigned char *)bytes, (size_t)size);
        fputs("\"/></figure>\n", out);
    }
    if (file) {
        fclose(file);
    }
    free(bytes);
    free(path);
}

static void write_plots(const SyPage *page, struct json_object *bench, unsigned *n_plots, FILE *out)
{
    struct json_object *pictures = sy_json_array(bench, "pictures");

    fputs("<div class=\"plots\">", out);
    if (sy_gnuplot_is_there()) {
        *n_plots += sy_page_curves(out, bench, *n_plots);
        *n_plots += sy_page_tables(out, bench, *n_plots);
    }
    for (size_t i = 0; i < sy_json_length(pictures); i++) {
        write_picture(page, sy_json_at(pictures, i), out);
    }
    fputs("</div>\n", out);
}

void sy_page_bench(const SyPage *page, struct json_object *bench, unsigned *n_plots, FILE *out)
{
    struct json_object *tables = sy_json_array(bench, "tables");
    const char *name = sy_json_text(bench, "bench");

    fputs("<section id=\"bench-", out);
    sy_html_text(out, name);
    fputs("\"><h2>", out);
    sy_html_text(out, name);
    fputs("</h2>\n<p class=\"about\">", out);
    sy_html_text(out, sy_json_text(bench, "about"));
    fputs("</p>\n", out);
    if (sy_json_bool(bench, "failed")) {
        fputs("<p class=\"missed\">It could not measure all that it should; it said why on its "
              "standard error.</p>\n",
              out);
    }
    write_plots(page, bench, n_plots, out);
    write_goals(sy_json_array(bench, "goals"), out);
    write_times(sy_json_array(bench, "rows"), out);
    for (size_t i = 0; i < sy_json_length(tables); i++) {
        write_table(sy_json_at(tables, i), out);
    }
    write_values(sy_json_array(bench, "values"), out);
    write_notes(sy_json_array(bench, "notes"), out);
    sy_page_bench_moves(page, name, out);
    fprintf(out, "<p class=\"soft\">Took %.0f s.</p>\n</section>\n",
            sy_json_number(bench, "took_s"));
}
