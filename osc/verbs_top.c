/* The verb top: how a playing engine is doing, shown again and again.
 *
 * On a terminal it is drawn in place, on a page beside what the terminal shows, and in one piece,
 * so that nothing flickers. Elsewhere one report follows the other. An engine that ends is waited
 * for, the more often asked the sooner it is seen to be back; who asks once hears the error. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "osc/ctl.h"
#include "osc/terminal.h"
#include "osc/top.h"

#define HOME "\033[H"

#define PERIOD_S 1.0
#define RETRY_S  0.2

typedef struct Options {
    bool once;
    double seconds; /* infinite unless --seconds was given */
} Options;

/* A view on its way. */
typedef struct Watch {
    SyCtl *ctl;
    Options options;
    SyTop top;
    bool in_place;
    bool seen;      /* an engine has answered so far */
    bool away;      /* nobody answered the last time */
    double away_at; /* since when */
    unsigned n_shown;
} Watch;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static SyStatus read_seconds(SyCtl *ctl, const char *text, Options *options)
{
    char *end = NULL;
    options->seconds = text ? strtod(text, &end) : 0.0;
    if (!text) {
        return sy_problem(&ctl->error, SY_ERR_USAGE, "--seconds needs a value");
    }
    if (end == text || *end != '\0' || !(options->seconds > 0.0)) {
        return sy_problem(&ctl->error, SY_ERR_VALUE,
                          "--seconds wants a number above 0, not '%.40s'", text);
    }
    return SY_OK;
}

static SyStatus read_options(SyCtl *ctl, char **words, int n, Options *options)
{
    SyStatus status = SY_OK;
    for (int i = 1; status == SY_OK && i < n; i++) {
        if (strcmp(words[i], "--once") == 0) {
            options->once = true;
        } else if (strcmp(words[i], "--seconds") == 0) {
            status = read_seconds(ctl, words[i + 1], options);
            i++;
        } else {
            status = sy_problem(&ctl->error, SY_ERR_USAGE,
                                "top does not take '%.40s'; `synthctl top --help` says what it "
                                "takes",
                                words[i]);
        }
    }
    if (status == SY_OK && options->once && isfinite(options->seconds)) {
        return sy_problem(&ctl->error, SY_ERR_USAGE, "--once and --seconds exclude each other");
    }
    return status;
}

static SyStatus ask(Watch *watch)
{
    /* The number that /workers can have is filled in, so that a request's can follow. */
    const SyArg no_number = {.type = 'i', .i = 0};
    const SyMessage workers = {"/workers", &no_number, 1}, engine = {"/engine", NULL, 0},
                    list = {"/list", NULL, 0};
    SyCtl *ctl = watch->ctl;
    SyTop *top = &watch->top;
    const double asked_at = now();
    sy_top_clear(top);
    SyStatus status = sy_ctl_ask(ctl, &engine, sy_decode_engine, top->engine);
    if (status == SY_OK) {
        status = sy_ctl_ask(ctl, &workers, sy_decode_worker, top->workers);
    }
    if (status == SY_OK) {
        status = sy_ctl_ask(ctl, &list, sy_decode_listed, &top->listing);
    }
    if (status == SY_OK) {
        top->where = ctl->client.where;
        sy_top_take(top, asked_at);
    }
    return status;
}

static void print_line(struct json_object *object)
{
    puts(json_object_to_json_string_ext(object,
                                        JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(object);
}

static void draw_view(SyScreen *screen, const Watch *watch)
{
    sy_top_draw(screen, &watch->top);
}

static void draw_absence(SyScreen *screen, const Watch *watch)
{
    sy_screen_line(screen, SY_STYLE_BOLD, "%s; waiting for it, %.0f s",
                   watch->seen ? "synthd has ended, or is being started again"
                               : watch->ctl->error.text,
                   now() - watch->away_at);
    sy_screen_end(screen);
}

static SyStatus show(Watch *watch, void (*draw)(SyScreen *screen, const Watch *watch))
{
    char *text = NULL;
    size_t size = 0;
    SyScreen screen = {.out = open_memstream(&text, &size),
                       .size = sy_terminal_size(),
                       .colour = watch->ctl->colour,
                       .in_place = watch->in_place};
    if (!screen.out) {
        return sy_problem(&watch->ctl->error, SY_ERR_MEMORY, "out of memory");
    }
    if (watch->in_place) {
        fputs(HOME, screen.out);
    } else if (screen.size.rows > 1) {
        screen.size.rows--; /* for what is written below it */
    }
    draw(&screen, watch);
    fclose(screen.out);
    fwrite(text, 1, size, stdout);
    free(text);
    return SY_OK;
}

static SyStatus show_view(Watch *watch)
{
    if (watch->ctl->json) {
        print_line(sy_top_json(&watch->top));
        return SY_OK;
    }
    if (watch->n_shown++ > 0 && !watch->in_place) {
        putchar('\n');
    }
    return show(watch, draw_view);
}

/* Says it once where reports follow each other; a page shows how long it lasts. */
static SyStatus show_absence(Watch *watch, SyStatus why, bool is_new)
{
    if (watch->ctl->json && is_new) {
        struct json_object *error = json_object_new_object();
        json_object_object_add(error, "error", json_object_new_string(watch->ctl->error.text));
        json_object_object_add(error, "code", json_object_new_int((int)why));
        json_object_object_add(error, "status", json_object_new_string(sy_status_text(why)));
        print_line(error);
    }
    if (!watch->ctl->json && (is_new || watch->in_place)) {
        return show(watch, draw_absence);
    }
    return SY_OK;
}

/* What waiting does not mend: an address that is none, or an engine that does not know us. */
static bool is_hopeless(const Watch *watch, SyStatus status)
{
    return !watch->seen && status != SY_ERR_NO_ENGINE && status != SY_ERR_TIMEOUT;
}

/* Asks and shows once. `*status` is what the asking came to; returns what the showing did. */
static SyStatus look(Watch *watch, SyStatus *status)
{
    *status = ask(watch);
    if (*status == SY_OK) {
        watch->seen = true;
        watch->away = false;
        return show_view(watch);
    }
    sy_client_close(&watch->ctl->client);
    if (!watch->options.once && sy_terminal_is_ending()) {
        return SY_OK;
    }
    if (watch->options.once || is_hopeless(watch, *status)) {
        return *status;
    }
    const bool is_new = !watch->away;
    watch->away_at = is_new ? now() : watch->away_at;
    watch->away = true;
    return show_absence(watch, *status, is_new);
}

static SyStatus watch_on(Watch *watch)
{
    const double until = now() + watch->options.seconds;
    SyStatus status;
    for (;;) {
        const double began = now();
        const SyStatus shown = look(watch, &status);
        fflush(stdout);
        if (shown != SY_OK || ferror(stdout)) {
            return shown;
        }
        const double next = fmin(began + (watch->away ? RETRY_S : PERIOD_S), until);
        if (!sy_terminal_wait(next - now(), watch->in_place)) {
            return SY_OK;
        }
        if (now() >= until) { /* nobody there all the time is an error */
            return watch->seen ? SY_OK : status;
        }
    }
}

static SyStatus watch_live(Watch *watch)
{
    SyCtl *ctl = watch->ctl;
    watch->in_place = !ctl->json && sy_terminal_is_there();
    const int interrupt = sy_terminal_hold_signals();
    ctl->options.interrupt = &interrupt;
    sy_client_close(&ctl->client); /* one that has been opened knows nothing of it */
    if (watch->in_place) {
        sy_terminal_enter();
    }
    const SyStatus status = watch_on(watch);
    if (watch->in_place) {
        sy_terminal_leave();
    }
    sy_client_close(&ctl->client);
    ctl->options.interrupt = NULL;
    sy_terminal_release_signals(interrupt);
    return status;
}

SyStatus sy_verb_top(SyCtl *ctl, char **words, int n)
{
    Watch watch = {.ctl = ctl, .options = {.seconds = INFINITY}};
    SyStatus ignored, status = read_options(ctl, words, n, &watch.options);
    if (status == SY_OK) {
        status = watch.options.once ? look(&watch, &ignored) : watch_live(&watch);
    }
    sy_top_deinit(&watch.top);
    return status;
}
