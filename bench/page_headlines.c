#include <math.h>
#include <string.h>

#include "bench/compare_print.h"
#include "bench/figure.h"
#include "bench/json_read.h"
#include "bench/page_html.h"
#include "bench/page_parts.h"
#include "bench/results.h"

/* A figure worth a card: a goal, or a row of times. Its name need only begin like this. */
typedef struct Headline {
    const char *title, *bench, *array, *name;
} Headline;

static const Headline headlines[] = {
    {"voices a core, one a module", "voices", "goals", "voices a core, mono"},
    {"voices a core, 16 a module", "voices", "goals", "voices a core, poly"},
    {"packet to parameter", "osc", "rows", "packet to parameter"},
    {"create: until a module is there", "assign", "rows", "create, OSC client to answer, idle"},
    {"failover: from a kill to the work done by another worker", "failover", "rows",
     "kill to node committed"},
    {"edit of a large patch, until it plays", "edit", "rows", "all: request to the block"},
    {"load of 1,000 modules, until they play", "load", "rows", "/load sent to playing"},
};

static struct json_object *find(const SyPage *page, const Headline *headline)
{
    struct json_object *bench =
        sy_json_find(sy_results_benches(page->results), "bench", headline->bench);
    struct json_object *array = sy_json_array(bench, headline->array);

    for (size_t i = 0; i < sy_json_length(array); i++) {
        struct json_object *json = sy_json_at(array, i);
        if (strncmp(sy_json_text(json, "name"), headline->name, strlen(headline->name)) == 0) {
            return json;
        }
    }
    return NULL;
}

static void write_change(const SyChange *change, FILE *out)
{
    char was[SY_CHANGE_TEXT];

    if (change) {
        sy_change_format(was, change, change->was);
        fputs("<dd>", out);
        sy_html_textf(out, "was %s: ", was);
        fprintf(out, "<span class=\"%s\">%s</span></dd>", sy_compare_word(change->move),
                sy_compare_word(change->move));
    }
}

static void write_goal(struct json_object *goal, FILE *out)
{
    const bool met = sy_json_bool(goal, "met");
    char value[SY_FIGURE_TEXT], limit[SY_FIGURE_TEXT];

    sy_figure_number(value, sy_json_number(goal, "value"));
    sy_figure_number(limit, sy_json_number(goal, "goal"));
    fprintf(out, "<dd class=\"big\">%s</dd><dd>", value);
    sy_html_textf(out, "goal: %s %s %s, ", sy_json_text(goal, "is"), limit,
                  sy_json_text(goal, "unit"));
    fprintf(out, "<span class=\"%s\">%s</span></dd>", met ? "met" : "missed",
            met ? "met" : "missed");
}

static void write_times(struct json_object *row, FILE *out)
{
    char p50[SY_FIGURE_TEXT], p99[SY_FIGURE_TEXT];

    sy_figure_duration(p50, sy_json_number(row, "p50_ns"));
    sy_figure_duration(p99, sy_json_number(row, "p99_ns"));
    fprintf(out, "<dd class=\"big\">%s</dd><dd>median of %.0f; p99 %s</dd>", p50,
            sy_json_number(row, "n"), p99);
}

static void write_card(const SyPage *page, const Headline *headline, FILE *out)
{
    const bool is_goal = strcmp(headline->array, "goals") == 0;
    struct json_object *json = find(page, headline);

    if (!json) {
        return; /* not in this run */
    }
    fputs("<dl class=\"card\"><dt>", out);
    sy_html_text(out, headline->title);
    fputs("</dt>", out);
    if (is_goal) {
        write_goal(json, out);
    } else {
        write_times(json, out);
    }
    write_change(sy_compare_find(page->comparison, headline->bench, "", sy_json_text(json, "name"),
                                 is_goal ? "" : "p50"),
                 out);
    fputs("</dl>\n", out);
}

static void write_tally(const SyPage *page, FILE *out)
{
    const SyResultsGoals goals = sy_results_goals(page->results);

    if (goals.n > 0) {
        fprintf(out,
                "<dl class=\"card\"><dt>goals met</dt><dd class=\"big\">%u of %u</dd>"
                "<dd class=\"%s\">%u missed</dd></dl>\n",
                goals.met, goals.n, goals.met == goals.n ? "met" : "missed", goals.n - goals.met);
    }
}

static void write_missed(struct json_object *bench, FILE *out)
{
    struct json_object *goals = sy_json_array(bench, "goals");

    for (size_t i = 0; i < sy_json_length(goals); i++) {
        struct json_object *goal = sy_json_at(goals, i);
        char value[SY_FIGURE_TEXT], limit[SY_FIGURE_TEXT];
        if (sy_json_bool(goal, "met")) {
            continue;
        }
        sy_figure_number(value, sy_json_number(goal, "value"));
        sy_figure_number(limit, sy_json_number(goal, "goal"));
        fputs("<li>", out);
        sy_html_bench_link(out, sy_json_text(bench, "bench"));
        sy_html_textf(out, ": %s: %s %s, wanted %s %s", sy_json_text(goal, "name"), value,
                      sy_json_text(goal, "unit"), sy_json_text(goal, "is"), limit);
        fputs("</li>\n", out);
    }
}

void sy_page_headlines(const SyPage *page, FILE *out)
{
    const SyResultsGoals goals = sy_results_goals(page->results);
    struct json_object *benches = sy_results_benches(page->results);

    fputs("<div class=\"cards\">\n", out);
    write_tally(page, out);
    for (size_t i = 0; i < sizeof(headlines) / sizeof(*headlines); i++) {
        write_card(page, &headlines[i], out);
    }
    fputs("</div>\n", out);
    if (goals.met < goals.n) {
        fputs("<h3>Goals that were missed</h3>\n<ul>\n", out);
        for (size_t i = 0; i < sy_json_length(benches); i++) {
            write_missed(sy_json_at(benches, i), out);
        }
        fputs("</ul>\n", out);
    }
}
