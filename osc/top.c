#include "osc/top.h"

#include <string.h>

#define LABEL_WIDTH 10 /* of the words before the engine's figures */
#define MIB         1048576.0

void sy_top_clear(SyTop *top)
{
    sy_top_deinit(top);
    top->engine = json_object_new_object();
    top->workers = json_object_new_array();
    sy_listing_init(&top->listing);
}

void sy_top_deinit(SyTop *top)
{
    json_object_put(top->engine);
    json_object_put(top->workers);
    sy_listing_deinit(&top->listing);
    top->engine = top->workers = NULL;
    top->listing = (SyListing){NULL, NULL, 0, 0};
}

static double number(const SyTop *top, const char *group, const char *key)
{
    struct json_object *in = group ? json_object_object_get(top->engine, group) : top->engine;
    return sy_field_number(in, key);
}

static int by_cost(const void *a, const void *b)
{
    struct json_object *x = *(struct json_object *const *)a, *y = *(struct json_object *const *)b;
    const double cost_x = sy_field_number(x, "cost_us"), cost_y = sy_field_number(y, "cost_us");
    if (cost_x != cost_y) {
        return cost_x > cost_y ? -1 : 1;
    }
    return strverscmp(sy_field_text(x, "module"), sy_field_text(y, "module"));
}

/* A counter that shows less than at first has begun anew. */
static void note_counter(double *at_first, double now, bool any)
{
    if (!any) {
        *at_first = now;
    } else if (now < *at_first) {
        *at_first = 0.0;
    }
}

void sy_top_take(SyTop *top, double asked_at)
{
    SyTopHistory *history = &top->history;
    const double began_at = asked_at - number(top, "health", "uptime"); /* or a little later */
    json_object_array_sort(top->listing.modules, by_cost);
    note_counter(&history->late, number(top, "timing", "late"), history->any);
    note_counter(&history->deaths, number(top, "health", "worker_deaths"), history->any);
    history->n_restarts += history->any && began_at > history->asked_at;
    history->asked_at = asked_at;
    history->any = true;
}

static double period_us(const SyTop *top)
{
    const double rate = number(top, NULL, "rate");
    return rate > 0.0 ? 1e6 * number(top, NULL, "block") / rate : 0.0;
}

static void draw_title(SyScreen *screen, const SyTop *top)
{
    char restarts[64] = "";
    const unsigned n = top->history.n_restarts;
    if (n > 0) {
        snprintf(restarts, sizeof restarts, ", started again %u time%s since top began", n,
                 n == 1 ? "" : "s");
    }
    sy_screen_line(screen, SY_STYLE_BOLD, "synthd %s at %s, up %.0f s%s",
                   sy_field_text(top->engine, "version"), top->where,
                   number(top, "health", "uptime"), restarts);
    sy_screen_line(screen, SY_STYLE_PLAIN, "audio     %s, %.0f Hz, blocks of %.0f (%.2f ms)",
                   sy_field_text(top->engine, "audio"), number(top, NULL, "rate"),
                   number(top, NULL, "block"), period_us(top) / 1e3);
}

/* A line that may be wider than the terminal goes on in another. */
static void draw_wrapped(SyScreen *screen, const char *text)
{
    const size_t columns = screen->size.columns;
    size_t end = strlen(text);
    if (columns > 0 && end > columns) {
        for (end = columns; end > LABEL_WIDTH && text[end] != ' '; end--) {
        }
    }
    if (end <= LABEL_WIDTH || text[end] == '\0') {
        sy_screen_line(screen, SY_STYLE_PLAIN, "%s", text);
        return;
    }
    sy_screen_line(screen, SY_STYLE_PLAIN, "%.*s", (int)end, text);
    sy_screen_line(screen, SY_STYLE_PLAIN, "%*s%s", LABEL_WIDTH, "", text + end + 1);
}

/* Where the modules are computed, and why there; older engines do not say. */
static void draw_placement(SyScreen *screen, const SyTop *top)
{
    char text[256];
    const char *placement = sy_field_text(top->engine, "placement");
    const char *why = sy_field_text(top->engine, "placement_why");
    sy_screen_line(screen, SY_STYLE_PLAIN, "patch     %.0f modules, %.0f cables, %.0f workers",
                   number(top, NULL, "modules"), number(top, NULL, "cables"),
                   number(top, NULL, "workers"));
    if (placement[0] != '\0') {
        snprintf(text, sizeof text, "placement %s%s%s", placement, why[0] ? ", " : "", why);
        draw_wrapped(screen, text);
    }
}

/* Of a counter, what came while we looked; nothing to say if that is none of it. */
static const char *since_begin(double now, double at_first, char text[48])
{
    text[0] = '\0';
    if (now > at_first) {
        snprintf(text, 48, " (%.0f since top began)", now - at_first);
    }
    return text;
}

static void draw_blocks(SyScreen *screen, const SyTop *top)
{
    char since[48];
    const double late = number(top, "timing", "late");
    sy_screen_line(screen, SY_STYLE_BOLD,
                   "load      %.1f%% of the period; block p50 %.0f, p99 %.0f, max %.0f us",
                   100.0 * number(top, "timing", "load"), number(top, "timing", "us_p50"),
                   number(top, "timing", "us_p99"), number(top, "timing", "us_max"));
    sy_screen_line(screen, SY_STYLE_PLAIN, "blocks    %.0f, %.0f late%s",
                   number(top, "timing", "blocks"), late,
                   since_begin(late, top->history.late, since));
}

static void draw_health(SyScreen *screen, const SyTop *top)
{
    char faults[64] = "", since[48];
    const double deaths = number(top, "health", "worker_deaths");
    const double n = number(top, "health", "quarantined");
    if (n > 0.0) {
        snprintf(faults, sizeof faults, "; %.0f module%s in quarantine", n, n == 1.0 ? "" : "s");
    }
    sy_screen_line(screen, n > 0.0 ? SY_STYLE_BOLD : SY_STYLE_PLAIN,
                   "health    %.0f worker%s died%s%s", deaths, deaths == 1.0 ? "" : "s",
                   since_begin(deaths, top->history.deaths, since), faults);
    sy_screen_line(screen, SY_STYLE_PLAIN, "memory    %.1f of %.1f MiB",
                   number(top, "health", "memory_used") / MIB,
                   number(top, "health", "memory_size") / MIB);
}

static void draw_worker(SyScreen *screen, struct json_object *worker)
{
    sy_screen_line(screen, SY_STYLE_PLAIN, "%6.0f  %-9s %6.1f%% %8.0f",
                   sy_field_number(worker, "worker"), sy_field_text(worker, "state"),
                   100.0 * sy_field_number(worker, "load"), sy_field_number(worker, "modules"));
}

/* Those for which there is no line, in one. */
static void draw_other_workers(SyScreen *screen, struct json_object *list, size_t first)
{
    const size_t n = json_object_array_length(list);
    double load = 0.0, n_modules = 0.0;
    char others[40];
    for (size_t i = first; i < n; i++) {
        struct json_object *worker = json_object_array_get_idx(list, i);
        load += sy_field_number(worker, "load");
        n_modules += sy_field_number(worker, "modules");
    }
    snprintf(others, sizeof others, "   and %zu more", n - first);
    sy_screen_line(screen, SY_STYLE_PLAIN, "%-17s %6.1f%% %8.0f", others, 100.0 * load, n_modules);
}

/* At most half of the lines that are left, head and gap included. */
static void draw_workers(SyScreen *screen, struct json_object *list)
{
    const size_t n = json_object_array_length(list), room = sy_screen_room(screen) / 2;
    if (room < 3) {
        return;
    }
    const size_t shown = n <= room - 2 ? n : room - 3;
    sy_screen_line(screen, SY_STYLE_PLAIN, "%s", "");
    sy_screen_line(screen, SY_STYLE_DIM, "worker  state        load  modules");
    for (size_t i = 0; i < shown; i++) {
        draw_worker(screen, json_object_array_get_idx(list, i));
    }
    if (shown < n) {
        draw_other_workers(screen, list, shown);
    }
}

static void draw_module(SyScreen *screen, struct json_object *module, double period)
{
    char wild[64] = "";
    const char *fault = sy_field_text(module, "fault");
    const double n_wild = sy_field_number(module, "wild_blocks");
    const double cost_us = sy_field_number(module, "cost_us");
    if (n_wild > 0.0) {
        snprintf(wild, sizeof wild, "  NaN or Inf muted in %.0f block%s", n_wild,
                 n_wild == 1.0 ? "" : "s");
    }
    sy_screen_line(screen, fault[0] ? SY_STYLE_BOLD : SY_STYLE_PLAIN,
                   "%-16s %9.2f %6.1f%% %7.0f %7.0f%s%s%s", sy_field_text(module, "module"),
                   cost_us, period > 0.0 ? 100.0 * cost_us / period : 0.0,
                   sy_field_number(module, "worker"), sy_field_number(module, "voices"),
                   fault[0] ? "  quarantined: " : "", fault, wild);
}

static void draw_modules(SyScreen *screen, const SyTop *top)
{
    struct json_object *list = top->listing.modules;
    const size_t n = json_object_array_length(list), room = sy_screen_room(screen);
    if (room < 3 || n == 0) {
        return;
    }
    const size_t shown = n <= room - 2 ? n : room - 3;
    char lost[64] = "";
    if (!sy_listing_is_whole(&top->listing)) {
        snprintf(lost, sizeof lost, "  (%zu of %d, the rest was lost on the way)", n,
                 top->listing.n_modules);
    }
    sy_screen_line(screen, SY_STYLE_PLAIN, "%s", "");
    sy_screen_line(screen, SY_STYLE_DIM, "%-16s %9s %7s %7s %7s%s", "module", "us/block", "period",
                   "worker", "voices", lost);
    for (size_t i = 0; i < shown; i++) {
        draw_module(screen, json_object_array_get_idx(list, i), period_us(top));
    }
    if (shown < n) {
        sy_screen_line(screen, SY_STYLE_DIM, "and %zu more", n - shown);
    }
}

void sy_top_draw(SyScreen *screen, const SyTop *top)
{
    draw_title(screen, top);
    draw_placement(screen, top);
    draw_blocks(screen, top);
    draw_health(screen, top);
    draw_workers(screen, top->workers);
    draw_modules(screen, top);
    sy_screen_end(screen);
}

struct json_object *sy_top_json(const SyTop *top)
{
    struct json_object *all = json_object_new_object();
    json_object_object_add(all, "engine", json_object_get(top->engine));
    json_object_object_add(all, "workers", json_object_get(top->workers));
    json_object_object_add(all, "modules", json_object_get(top->listing.modules));
    json_object_object_add(all, "complete",
                           json_object_new_boolean(sy_listing_is_whole(&top->listing)));
    json_object_object_add(all, "restarts", json_object_new_int((int)top->history.n_restarts));
    return all;
}
