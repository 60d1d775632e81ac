/* Verbs about the engine itself: status, quit, version. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "osc/ctl.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void pause_ms(long ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

static struct json_object *get(struct json_object *all, const char *group, const char *key)
{
    struct json_object *in = group ? json_object_object_get(all, group) : all;
    return in ? json_object_object_get(in, key) : NULL;
}

static double number(struct json_object *all, const char *group, const char *key)
{
    return json_object_get_double(get(all, group, key));
}

static void row(const SyCtl *ctl, const char *name)
{
    printf("%s%-9s%s ", sy_dim(ctl), name, sy_plain(ctl));
}

static void print_health(const SyCtl *ctl, struct json_object *all)
{
    const double n_quarantined = number(all, "health", "quarantined");
    row(ctl, "health");
    printf("%.0f workers died, %.0f changes lost, %.0f came late\n",
           number(all, "health", "worker_deaths"), number(all, "health", "events_dropped"),
           number(all, "health", "events_late"));
    if (n_quarantined > 0.0) {
        row(ctl, "faults");
        printf("%s%.0f module%s in quarantine%s; `synthctl ls` shows why\n", sy_bold(ctl),
               n_quarantined, n_quarantined == 1.0 ? "" : "s", sy_plain(ctl));
    }
}

/* Where the modules are computed, and why there; older engines do not say. */
static void print_placement(const SyCtl *ctl, struct json_object *all)
{
    const char *placement = sy_field_text(all, "placement");
    const char *why = sy_field_text(all, "placement_why");
    if (placement[0] != '\0') {
        row(ctl, "placement");
        printf("%s%s%s\n", placement, why[0] != '\0' ? ", " : "", why);
    }
}

static void print_status(const SyCtl *ctl, struct json_object *all)
{
    const double rate = number(all, NULL, "rate"), block = number(all, NULL, "block");
    const double period_us = rate > 0.0 ? 1e6 * block / rate : 0.0;
    row(ctl, "engine");
    printf("synthd %s at %s, up %.0f s\n", json_object_get_string(get(all, NULL, "version")),
           ctl->client.where, number(all, "health", "uptime"));
    row(ctl, "audio");
    printf("%s, %.0f Hz, blocks of %.0f (%.2f ms)\n",
           json_object_get_string(get(all, NULL, "audio")), rate, block, period_us / 1e3);
    row(ctl, "patch");
    printf("%.0f modules, %.0f cables, %.0f workers\n", number(all, NULL, "modules"),
           number(all, NULL, "cables"), number(all, NULL, "workers"));
    print_placement(ctl, all);
    row(ctl, "load");
    printf("%s%.1f%%%s of the period; block p50 %.0f, p99 %.0f, max %.0f us\n", sy_bold(ctl),
           100.0 * number(all, "timing", "load"), sy_plain(ctl), number(all, "timing", "us_p50"),
           number(all, "timing", "us_p99"), number(all, "timing", "us_max"));
    row(ctl, "blocks");
    printf("%.0f, %.0f late\n", number(all, "timing", "blocks"), number(all, "timing", "late"));
    print_health(ctl, all);
    row(ctl, "peak");
    printf("left %.3f, right %.3f\n", number(all, "health", "peak_left"),
           number(all, "health", "peak_right"));
    row(ctl, "memory");
    printf("%.1f of %.1f MiB\n", number(all, "health", "memory_used") / 1048576.0,
           number(all, "health", "memory_size") / 1048576.0);
    row(ctl, "osc");
    printf("%.0f messages, %.0f malformed, %.0f refused, %.0f flooded, %.0f subscribers\n",
           number(all, "osc", "messages"), number(all, "osc", "malformed"),
           number(all, "osc", "refused"), number(all, "osc", "flooded"),
           number(all, "osc", "subscribers"));
}

#define ATTEMPT_S 0.2

/* Asks until there is an answer. An engine that is only just starting refuses at first. Who refused
 * once has not fallen silent because there was hardly time left for the last attempt. */
static SyStatus wait_for_engine(SyCtl *ctl, struct json_object *all)
{
    const SyMessage message = {"/engine", NULL, 0};
    const double deadline = now() + ctl->options.timeout_s;
    const double whole = ctl->options.timeout_s;
    SyStatus seen = SY_ERR_TIMEOUT;
    for (;;) {
        const double left = deadline - now();
        ctl->options.timeout_s = left < ATTEMPT_S ? (left > 0.0 ? left : 0.0) : ATTEMPT_S;
        const SyStatus status = sy_ctl_ask(ctl, &message, sy_decode_engine, all);
        if (status != SY_ERR_NO_ENGINE && status != SY_ERR_TIMEOUT) {
            return status;
        }
        seen = status == SY_ERR_NO_ENGINE || left >= ATTEMPT_S ? status : seen;
        sy_client_close(&ctl->client);
        if (now() >= deadline) {
            ctl->options.timeout_s = whole;
            return sy_problem(&ctl->error, seen, "no synthd answered within %g s (%s)", whole,
                              seen == SY_ERR_NO_ENGINE ? "nobody listens there" : "silence");
        }
        pause_ms(2);
    }
}

SyStatus sy_verb_status(SyCtl *ctl, char **words, int n)
{
    const SyMessage message = {"/engine", NULL, 0};
    SyStatus status = sy_ctl_count(ctl, words, n, 0, 0);
    if (status != SY_OK) {
        return status;
    }
    struct json_object *all = json_object_new_object();
    status =
        ctl->wait ? wait_for_engine(ctl, all) : sy_ctl_ask(ctl, &message, sy_decode_engine, all);
    if (status == SY_OK && ctl->json) {
        sy_print_json(json_object_get(all));
    } else if (status == SY_OK) {
        print_status(ctl, all);
    }
    json_object_put(all);
    return status;
}

/* Waits until nobody answers any more, so that a script can start the next engine at once. */
static SyStatus wait_for_end(SyCtl *ctl)
{
    const SyMessage message = {"/version", NULL, 0};
    const double deadline = now() + ctl->options.timeout_s;
    SyError ignored;
    while (now() < deadline) {
        SyClient probe = {.fd = -1};
        SyClientOptions options = ctl->options;
        options.timeout_s = 0.05;
        SyStatus status = sy_client_open(&probe, &options, &ignored);
        if (status == SY_OK) {
            status = sy_client_ask(&probe, &message, NULL, NULL, &ignored);
        }
        sy_client_close(&probe);
        if (status == SY_ERR_NO_ENGINE) {
            return SY_OK;
        }
        pause_ms(5);
    }
    return sy_problem(&ctl->error, SY_ERR_TIMEOUT, "synthd has been told to end but still answers");
}

SyStatus sy_verb_quit(SyCtl *ctl, char **words, int n)
{
    const SyMessage message = {"/quit", NULL, 0};
    SyStatus status = sy_ctl_count(ctl, words, n, 0, 0);
    if (status == SY_OK) {
        status = sy_ctl_ask(ctl, &message, NULL, NULL);
    }
    if (status == SY_OK) {
        status = wait_for_end(ctl);
    }
    if (status == SY_OK && ctl->json) {
        struct json_object *done = json_object_new_object();
        json_object_object_add(done, "done", json_object_new_string("quit"));
        sy_print_json(done);
    }
    return status;
}

static void take_version(void *user, const SyMessage *item)
{
    if (strcmp(item->address, "/done") == 0) {
        snprintf(user, 32, "%s", sy_item_word(item, 1));
    }
}

SyStatus sy_verb_version(SyCtl *ctl, char **words, int n)
{
    const SyMessage message = {"/version", NULL, 0};
    char engine[32] = "";
    const SyStatus status = sy_ctl_count(ctl, words, n, 0, 0);
    if (status != SY_OK) {
        return status;
    }
    /* That no engine is there is an answer, too. */
    const bool there = sy_ctl_ask(ctl, &message, take_version, engine) == SY_OK;
    if (ctl->json) {
        struct json_object *both = json_object_new_object();
        json_object_object_add(both, "synthctl", json_object_new_string(SY_VERSION));
        json_object_object_add(both, "synthd", there ? json_object_new_string(engine) : NULL);
        sy_print_json(both);
    } else {
        printf("synthctl %s\n", SY_VERSION);
        printf("%s%s at %s\n", there ? "synthd " : "no synthd", engine, ctl->client.where);
    }
    return SY_OK;
}
