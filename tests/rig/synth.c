#include "tests/rig/synth.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/rig/check.h"

static const char *program(const char *variable)
{
    const char *path = getenv(variable);
    if (!path) {
        fail_msg("%s is not set; run the tests with meson test", variable);
    }
    return path;
}

/* Starting. */

/* Every process that plays has to have its memory in reach, and most patches here are small. */
static const char *memory_for(const char *options)
{
    return strstr(options, "offline") ? "" : "--memory 16";
}

static SySynth *launch(SyStage *stage, const char *options, va_list values)
{
    const int nth = stage->n_synths++;
    SySynth *synth = sy_stage_keep(stage, calloc(1, sizeof(*synth)));

    *synth = (SySynth){.stage = stage,
                       .port = stage->port,
                       .said = sy_stage_text(stage, "synthd%d.out", nth),
                       .complained = sy_stage_text(stage, "synthd%d.err", nth)};
    const char *format =
        sy_stage_text(stage, "--port %d %s %s", stage->port, memory_for(options), options);
    const SyStart start = {.arguments =
                               sy_stage_arguments(stage, program("SYNTHD"), format, values),
                           .out = synth->said,
                           .err = synth->complained};
    synth->keeper = sy_stage_launch(stage, &start);
    return synth;
}

SySynth *sy_synth_launch(SyStage *stage, const char *options, ...)
{
    va_list values;
    va_start(values, options);
    SySynth *synth = launch(stage, options, values);
    va_end(values);
    return synth;
}

SySynth *sy_synth_start(SyStage *stage, const char *options, ...)
{
    va_list values;
    va_start(values, options);
    SySynth *synth = launch(stage, options, values);
    va_end(values);
    sy_synth_await(synth);
    return synth;
}

/* Whichever comes first: synthctl, which waits for an answer, or synthd's end. */
void sy_synth_await(SySynth *synth)
{
    const char *arguments[] = {program("SYNTHCTL"),
                               "--port",
                               sy_stage_text(synth->stage, "%d", synth->port),
                               "status",
                               "--wait",
                               "--timeout",
                               "30",
                               NULL};
    const SyStart start = {.arguments = arguments, .err = "asker.err"};
    const pid_t asker = sy_stage_launch(synth->stage, &start);
    struct pollfd ends[2] = {{.fd = pidfd_open(asker, 0), .events = POLLIN},
                             {.fd = pidfd_open(synth->keeper, 0), .events = POLLIN}};

    poll(ends, 2, -1);
    const bool ended = ends[1].revents != 0;
    close(ends[0].fd);
    close(ends[1].fd);
    if (ended) {
        kill(asker, SIGKILL);
        fail_msg("synthd ended instead of getting ready: %s",
                 sy_stage_read(synth->stage, synth->complained, NULL));
    }
    assert_int_equal(sy_stage_wait(asker), 0);
}

void sy_synth_quit(SySynth *synth)
{
    sy_ctl_ok(synth, "quit");
    assert_int_equal(sy_stage_wait(synth->keeper), 0);
}

static SyRun run(SyStage *stage, const char *variable, const char *format, va_list values)
{
    const SyStart start = {.arguments =
                               sy_stage_arguments(stage, program(variable), format, values)};
    return sy_stage_run(stage, &start);
}

SyRun sy_synth_run(SyStage *stage, const char *options, ...)
{
    va_list values;
    va_start(values, options);
    const SyRun result = run(stage, "SYNTHD", options, values);
    va_end(values);
    return result;
}

void sy_synth_render(SyStage *stage, const char *patch, const char *seconds, const char *wav,
                     const char *options, ...)
{
    va_list values;
    const char *format =
        sy_stage_text(stage, "--audio offline --load %s --seconds %s --record %s %s", patch,
                      seconds, wav, options);
    va_start(values, options);
    const SyRun result = run(stage, "SYNTHD", format, values);
    va_end(values);
    if (result.code != 0) {
        fail_msg("rendering ended with %d: %s", result.code, result.err);
    }
}

/* Its processes. */

static pid_t child_named(const SySynth *synth, const char *name)
{
    static SyProcess list[SY_PROCESSES_MAX];
    const size_t n = sy_process_below(synth->keeper, list);

    for (size_t i = 0; i < n; i++) {
        if (list[i].parent == synth->keeper && list[i].state != 'Z' &&
            strcmp(list[i].name, name) == 0) {
            return list[i].pid;
        }
    }
    return 0;
}

pid_t sy_synth_zygote(const SySynth *synth)
{
    return child_named(synth, "sy-zygote");
}

pid_t sy_synth_engine(const SySynth *synth)
{
    return child_named(synth, "sy-engine");
}

size_t sy_synth_workers(const SySynth *synth, pid_t *pids)
{
    static SyProcess list[SY_PROCESSES_MAX];
    const size_t n = sy_process_below(synth->keeper, list);
    size_t n_workers = 0;

    for (size_t i = 0; i < n && n_workers < SY_SYNTH_WORKERS_MAX; i++) {
        if (strncmp(list[i].name, "sy-worker", 9) == 0 && list[i].state != 'Z') {
            pids[n_workers++] = list[i].pid;
        }
    }
    return n_workers;
}

size_t sy_synth_processes(const SySynth *synth, SyProcess *list)
{
    const size_t n = sy_process_below(synth->keeper, list);

    if (n < SY_PROCESSES_MAX && sy_process_lives(synth->keeper)) {
        list[n] = (SyProcess){.pid = synth->keeper, .parent = getpid(), .name = "keeper"};
        return n + 1;
    }
    return n;
}

int sy_synth_complaints(const SySynth *synth, const char *words)
{
    int n = 0;

    for (const char *at = sy_stage_read(synth->stage, synth->complained, NULL);
         (at = strstr(at, words)); at += strlen(words)) {
        n++;
    }
    return n;
}

bool sy_synth_has_complained(const SySynth *synth, const char *words)
{
    return sy_synth_complaints(synth, words) > 0;
}

/* synthctl. */

static SyRun control(const SySynth *synth, const char *line, va_list values)
{
    return run(synth->stage, "SYNTHCTL",
               sy_stage_text(synth->stage, "--port %d %s", synth->port, line), values);
}

SyRun sy_ctl(const SySynth *synth, const char *line, ...)
{
    va_list values;
    va_start(values, line);
    const SyRun result = control(synth, line, values);
    va_end(values);
    return result;
}

const char *sy_ctl_ok(const SySynth *synth, const char *line, ...)
{
    va_list values;
    va_start(values, line);
    const SyRun result = control(synth, line, values);
    va_end(values);
    if (result.code != 0) {
        fail_msg("synthctl %s ended with %d: %s", line, result.code, result.err);
    }
    return result.out;
}

void sy_ctl_lines(const SySynth *synth, const char *lines)
{
    const char *arguments[] = {program("SYNTHCTL"),
                               "--port",
                               sy_stage_text(synth->stage, "%d", synth->port),
                               "run",
                               "-",
                               NULL};
    const SyStart start = {.arguments = arguments, .input = lines};
    const SyRun result = sy_stage_run(synth->stage, &start);
    if (result.code != 0) {
        fail_msg("synthctl run ended with %d: %s", result.code, result.err);
    }
}

struct json_object *sy_ctl_json(const SySynth *synth, const char *line, ...)
{
    va_list values;
    va_start(values, line);
    const SyRun result = control(synth, sy_stage_text(synth->stage, "--json %s", line), values);
    va_end(values);
    if (result.code != 0) {
        fail_msg("synthctl --json %s ended with %d: %s", line, result.code, result.err);
    }
    struct json_object *object = json_tokener_parse(result.out);
    assert_non_null(object);
    return object;
}

double sy_json_number(struct json_object *object, const char *name)
{
    struct json_object *number = json_object_object_get(object, name);
    if (!number) {
        fail_msg("no %s in %s", name, json_object_to_json_string(object));
    }
    return json_object_get_double(number);
}

double sy_status(const SySynth *synth, const char *name)
{
    struct json_object *all = sy_ctl_json(synth, "status"), *group = all;
    const char *dot = strchr(name, '.');

    if (dot) {
        group = json_object_object_get(
            all, sy_stage_text(synth->stage, "%.*s", (int)(dot - name), name));
        assert_non_null(group);
    }
    const double number = sy_json_number(group, dot ? dot + 1 : name);
    json_object_put(all);
    return number;
}

const char *sy_synth_patch(const SySynth *synth)
{
    const char *path = sy_stage_path(synth->stage, "saved.synth");
    remove(path);
    sy_ctl_ok(synth, "save saved.synth");
    return sy_stage_read(synth->stage, "saved.synth", NULL);
}
