/* A synthd of a test's own, and synthctl to play it with. Words of a command line are written as
 * one format, split at spaces. */
#ifndef SY_TESTS_RIG_SYNTH_H
#define SY_TESTS_RIG_SYNTH_H

#include <json-c/json.h>

#include "tests/rig/process.h"
#include "tests/rig/stage.h"

#define SY_SYNTH_WORKERS_MAX 256

typedef struct SySynth {
    SyStage *stage;
    pid_t keeper; /* the process that was started */
    int port;
    const char *said, *complained; /* files in the stage's folder: standard output, error */
} SySynth;

/* Starts synthd with these options, and --port if the stage's port is to be used: always but
 * offline. Does not wait. */
SySynth *sy_synth_launch(SyStage *stage, const char *options, ...)
    __attribute__((format(printf, 2, 3)));

/* The same, and waits until it answers. The test fails if it ends instead. */
SySynth *sy_synth_start(SyStage *stage, const char *options, ...)
    __attribute__((format(printf, 2, 3)));

/* Waits until it answers. */
void sy_synth_await(SySynth *synth);

/* Asks it to end by `synthctl quit`; the test fails unless it ends with 0. */
void sy_synth_quit(SySynth *synth);

/* Runs synthd to its end, as with --audio offline. */
SyRun sy_synth_run(SyStage *stage, const char *options, ...) __attribute__((format(printf, 2, 3)));

/* Renders a patch offline with further options; the test fails if that does. */
void sy_synth_render(SyStage *stage, const char *patch, const char *seconds, const char *wav,
                     const char *options, ...) __attribute__((format(printf, 5, 6)));

/* Its processes: 0 if there is no such one (yet). */
pid_t sy_synth_zygote(const SySynth *synth);
pid_t sy_synth_engine(const SySynth *synth);

/* The workers that live, in no order. Returns how many are in pids[SY_SYNTH_WORKERS_MAX]. */
size_t sy_synth_workers(const SySynth *synth, pid_t *pids);

/* Every process of it. Returns how many are in list[SY_PROCESSES_MAX]. */
size_t sy_synth_processes(const SySynth *synth, SyProcess *list);

/* How often, and whether, it has complained with these words so far. */
int sy_synth_complaints(const SySynth *synth, const char *words);
bool sy_synth_has_complained(const SySynth *synth, const char *words);

/* Runs synthctl, whatever comes of it. */
SyRun sy_ctl(const SySynth *synth, const char *line, ...) __attribute__((format(printf, 2, 3)));

/* Runs synthctl, which must succeed; returns what it printed. */
const char *sy_ctl_ok(const SySynth *synth, const char *line, ...)
    __attribute__((format(printf, 2, 3)));

/* Carries out lines with one synthctl; all must succeed. */
void sy_ctl_lines(const SySynth *synth, const char *lines);

/* What synthctl prints with --json, to be put (json_object_put) by the caller. */
struct json_object *sy_ctl_json(const SySynth *synth, const char *line, ...)
    __attribute__((format(printf, 2, 3)));

/* A number of `synthctl status --json`: "modules", "timing.late", "health.memory_used". */
double sy_status(const SySynth *synth, const char *name);

/* A number in an object of JSON. */
double sy_json_number(struct json_object *object, const char *name);

/* The patch that plays, as text. */
const char *sy_synth_patch(const SySynth *synth);

#endif
