/* synthd: puts the rooms together. The only file of the engine that knows there is OSC. */
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/clock.h"
#include "engine/control_private.h"
#include "engine/keeper.h"
#include "engine/realtime.h"
#include "engine/recorder.h"
#include "engine/session.h"
#include "engine/thread.h"
#include "engine/zygote.h"
#include "osc/edits.h"
#include "osc/patch.h"
#include "osc/server.h"

#define END_LOOK_NS 1000000000 /* the end is rung for; a module may have written over the bell */

typedef struct Engine {
    SySegment *segment;
    SyAudio *audio;
    SyBooks *books;
    const SyOptions *options;
    bool resumed; /* another one played before it */
    SyControl *control;
    SyServer *server;
    SyRecorder *recorder;
    SyClock *clock;
    pthread_t zygote; /* in the threads build */
    bool zygote_runs;
    char error[512];
} Engine;

static const SyReader reader = {.file = sy_patch_read, .text = sy_patch_transaction};
static const SyScribe scribe = {.patch = sy_patch_format, .edits = sy_edits_format};

/* The first patch. An engine that goes on where another ended has one. */
static SyStatus load_patch(Engine *engine)
{
    const SyOptions *options = engine->options;
    char path[PATH_MAX];

    if (engine->control->has_books) {
        return SY_OK;
    }
    if (options->load) {
        return sy_session_load(engine->control, options->load, &reader, engine->error,
                               sizeof(engine->error));
    }
    if (!options->resume) {
        return SY_OK;
    }
    if (!sy_session_journal_path(options, path, sizeof(path))) {
        snprintf(engine->error, sizeof(engine->error),
                 "there is no journal to resume from: neither $XDG_STATE_HOME nor $HOME is set");
        return SY_ERR_FILE;
    }
    return sy_session_resume(engine->control, path, &reader, engine->error, sizeof(engine->error));
}

/* Without a journal it plays all the same, unless one was asked for. */
static SyStatus open_journal(Engine *engine)
{
    const SyOptions *options = engine->options;
    char path[PATH_MAX], error[256];

    if (!sy_session_journal_path(options, path, sizeof(path))) {
        return SY_OK;
    }
    sy_session_prepare_journal(path, engine->resumed || options->resume);
    const SyStatus status =
        sy_control_open_journal(engine->control, path, &scribe, error, sizeof(error));
    if (status == SY_OK && error[0]) {
        fprintf(stderr, "synthd: %s\n", error);
    }
    if (status != SY_OK && options->journal) {
        snprintf(engine->error, sizeof(engine->error), "%s", error);
        return status;
    }
    if (status != SY_OK) {
        fprintf(stderr, "synthd: %s; no edit is written down\n", error);
    }
    return SY_OK;
}

/* Offline the sound has to begin with the patch, so its plan must lie ready. */
static void wait_for_first_plan(const Engine *engine)
{
    while (engine->options->load && atomic_load(&engine->audio->next_plan) == 0) {
        const struct timespec look = {.tv_nsec = 1000000};
        nanosleep(&look, NULL);
    }
}

/* What the engine before has recorded stays: this one goes on in "sound-2.wav". */
static void next_recording(const char *path, char *next, size_t size)
{
    const char *folder = strrchr(path, '/'), *dot = strrchr(path, '.');
    const size_t stem = dot && (!folder || dot > folder) ? (size_t)(dot - path) : strlen(path);

    for (int number = 2; number < 10000; number++) {
        snprintf(next, size, "%.*s-%d%s", (int)stem, path, number, path + stem);
        if (access(next, F_OK) < 0) {
            return;
        }
    }
}

/* How long what is rendered is to be; 0 for whoever plays live. A product that should be whole may
 * come out a hair above it. */
static uint64_t offline_frames(const SyOptions *options)
{
    const double frames = ceil(options->seconds * options->rate - 1e-6);
    return options->audio == SY_AUDIO_OFFLINE ? (uint64_t)frames : 0;
}

static SyStatus start_recorder(Engine *engine)
{
    const char *path = engine->options->record;
    char next[PATH_MAX];

    if (!path) {
        return SY_OK;
    }
    if (engine->resumed) {
        next_recording(path, next, sizeof(next));
        path = next;
    }
    return sy_recorder_start(&engine->recorder, engine->audio, path,
                             offline_frames(engine->options), engine->error, sizeof(engine->error));
}

static uint64_t offline_blocks(const SyOptions *options)
{
    return (offline_frames(options) + options->block - 1) / options->block;
}

static SyStatus start_audio(Engine *engine)
{
    const SyOptions *options = engine->options;

    if (options->audio == SY_AUDIO_OFFLINE) {
        wait_for_first_plan(engine);
        sy_segment_use_large_pages_loaded(engine->segment);
    }
    const SyStatus status = sy_clock_start(&engine->clock, engine->audio, offline_blocks(options));
    if (status != SY_OK) {
        snprintf(engine->error, sizeof(engine->error), "cannot start the audio thread");
        return status;
    }
    if (atomic_load(&engine->audio->driver_wanted) != SY_DRIVER_NONE) {
        /* The engine before had got that far: whoever had the cycle has it, or takes it up. */
        sy_bell_ring(&engine->audio->driver_bell);
        return SY_OK;
    }
    if (options->audio == SY_AUDIO_AUTO || options->audio == SY_AUDIO_PORTAUDIO) {
        const SyStatus opened =
            sy_control_open_device(engine->control, engine->error, sizeof(engine->error));
        if (opened == SY_OK || options->audio == SY_AUDIO_PORTAUDIO) {
            return opened;
        }
        fprintf(stderr, "synthd: %s; playing by the clock, without a device\n", engine->error);
    }
    sy_control_use_clock(engine->control);
    return SY_OK;
}

_Static_assert(SY_BOOKS_KEPT_BYTES >= SY_SERVER_KEPT_BYTES, "the server has its memory");

/* An engine that was killed a moment ago has its sockets until the kernel has taken down its
 * memory, so whoever starts the next one at once would be refused. */
static SyStatus bind_server(Engine *engine)
{
    const struct timespec look = {.tv_nsec = 10000000};
    const int64_t until = sy_now_ns() + SY_HEIR_PATIENCE_NS;
    SyStatus status;

    const SyOptions *options = engine->options;
    const SyServerOptions server = {.listen = options->listen,
                                    .port = options->port,
                                    .allow = options->allow,
                                    .n_allow = options->n_allow,
                                    .verbose = options->verbose,
                                    .kept = engine->books->kept};

    if (options->audio == SY_AUDIO_OFFLINE) {
        return SY_OK; /* nobody could say anything in time */
    }
    while ((status = sy_server_bind(&engine->server, &server, engine->error,
                                    sizeof(engine->error))) == SY_ERR_IN_USE &&
           sy_now_ns() < until) {
        nanosleep(&look, NULL);
    }
    return status;
}

static SyStatus wait_for_zygote(Engine *engine)
{
    SyFutex *bell = &engine->segment->control_bell;

    for (;;) {
        const uint32_t seen = sy_bell_listen(bell);
        const uint32_t ready = atomic_load(&engine->segment->zygote_ready);
        if (ready == 1 + SY_OK) {
            return SY_OK;
        }
        if (ready != 0 && ready != 1 + SY_ERR_VALUE) {
            snprintf(engine->error, sizeof(engine->error), "the zygote cannot begin: %s",
                     sy_status_text((SyStatus)(ready - 1)));
            return (SyStatus)(ready - 1);
        }
        if (ready != 0) {
            snprintf(engine->error, sizeof(engine->error),
                     "this CPU has no kernels called %s (SYNTHD_ISA)",
                     engine->options->isa ? engine->options->isa : "?");
            return SY_ERR_VALUE;
        }
        sy_bell_sleep(bell, seen, 100000000);
    }
}

static void *run_zygote(void *argument)
{
    Engine *engine = argument;
    sy_zygote_run(engine->segment, engine->options->isa);
    return NULL;
}

static SyStatus start_engine(Engine *engine)
{
    if (sy_spawn_makes_threads()) {
        engine->zygote_runs =
            sy_thread_start(&engine->zygote, "sy-zygote", run_zygote, engine) == 0;
    }
    engine->control =
        sy_control_new(engine->segment, engine->audio, engine->books, engine->options);
    if (!engine->control) {
        snprintf(engine->error, sizeof(engine->error), "no memory for the engine");
        return SY_ERR_MEMORY;
    }
    engine->resumed = sy_control_resume(engine->control);
    sy_control_set_trace(engine->control, engine->resumed ? sy_control_trace(engine->control)
                                                          : engine->options->trace);
    SyStatus status = bind_server(engine);
    status = status == SY_OK ? wait_for_zygote(engine) : status;
    if (status == SY_OK) {
        status = sy_control_start_workers(engine->control, engine->error, sizeof(engine->error));
    }
    if (status == SY_OK) {
        status = sy_control_start(engine->control);
    }
    status = status == SY_OK ? load_patch(engine) : status;
    status = status == SY_OK ? open_journal(engine) : status;
    status = status == SY_OK ? start_recorder(engine) : status;
    status = status == SY_OK ? start_audio(engine) : status;
    if (status == SY_OK && engine->server) {
        status =
            sy_server_run(engine->server, engine->control, engine->error, sizeof(engine->error));
    }
    return status;
}

static bool is_over(const Engine *engine, int64_t end_ns)
{
    return atomic_load(&engine->segment->ending) || atomic_load(&engine->control->quit) ||
           (engine->audio->offline ? sy_clock_is_finished(engine->clock)
                                   : end_ns != 0 && sy_now_ns() >= end_ns);
}

static void wait_for_end(Engine *engine)
{
    SyFutex *bell = &engine->segment->closing_bell;
    const double seconds = engine->options->seconds;
    const int64_t end_ns = seconds > 0 ? sy_now_ns() + (int64_t)(seconds * 1e9) : 0;

    for (;;) {
        const uint32_t seen = sy_bell_listen(bell);
        if (is_over(engine, end_ns)) {
            return;
        }
        const int64_t left = end_ns ? end_ns - sy_now_ns() : END_LOOK_NS;
        sy_bell_sleep(bell, seen, left > END_LOOK_NS ? END_LOOK_NS : left > 0 ? left : 1);
    }
}

/* Fades out, in time that the driver decides; a driver that does not move any more is not waited
 * for. */
static void fade_out(Engine *engine)
{
    const int64_t until = sy_now_ns() + 500000000;
    const struct timespec look = {.tv_nsec = 2000000};

    if (engine->audio->offline) {
        return;
    }
    atomic_store(&engine->audio->quiet, true);
    sy_bell_ring(&engine->audio->driver_bell); /* a clock that sleeps is not to begin with that */
    while (!atomic_load(&engine->audio->silent) && sy_now_ns() < until) {
        nanosleep(&look, NULL);
    }
}

static SyStatus stop_engine(Engine *engine)
{
    SyStatus status = SY_OK;

    sy_server_stop(engine->server);
    atomic_store(&engine->audio->driver_wanted, SY_DRIVER_NONE);
    sy_clock_stop(engine->clock);
    status = sy_recorder_stop(engine->recorder, engine->error, sizeof(engine->error));
    if (engine->control) {
        sy_control_stop(engine->control);
        sy_control_close_journal(engine->control);
    }
    sy_server_free(engine->server);
    if (engine->zygote_runs) {
        atomic_store(&engine->segment->closing, 1);
        sy_bell_ring(&engine->segment->zygote_bell);
        pthread_join(engine->zygote, NULL);
    }
    sy_control_free(engine->control);
    return status;
}

static void say_ready(const Engine *engine)
{
    const SyOptions *options = engine->options;
    const char *advice;

    atomic_store(&engine->segment->engine_ready, 1);
    if (engine->audio->offline) {
        return; /* and who is not in a hurry takes memory as it is used */
    }
    /* Not before now, because it takes a while and delays nobody any more. */
    sy_memory_prefault(engine->audio, engine->audio->bytes);
    sy_memory_prefault_shared(engine->segment, engine->segment->library_at);
    if (!sy_realtime_permitted(&advice)) {
        fprintf(stderr, "synthd: %s\n", advice);
    }
    printf("synthd %s: %u workers, %u Hz, blocks of %u, audio by %s, OSC on port %d\n", SY_VERSION,
           options->n_workers, options->rate, options->block,
           atomic_load(&engine->audio->driver_wanted) == SY_DRIVER_DEVICE
               ? engine->audio->device.text
               : "the clock",
           sy_server_port(engine->server));
    fflush(stdout);
}

static int run_engine(SySegment *segment, SyAudio *audio, SyBooks *books, const SyOptions *options)
{
    Engine engine = {.segment = segment, .audio = audio, .books = books, .options = options};
    SyStatus status = start_engine(&engine);

    if (status == SY_OK) {
        say_ready(&engine);
        wait_for_end(&engine);
        fade_out(&engine);
    } else {
        fprintf(stderr, "synthd: %s\n", engine.error[0] ? engine.error : sy_status_text(status));
    }
    const SyStatus stopped = stop_engine(&engine);
    if (stopped != SY_OK) {
        fprintf(stderr, "synthd: %s\n", engine.error);
    }
    return status != SY_OK ? (int)status : (int)stopped;
}

/* The processes write their names over the command line, so what it says has to be kept elsewhere.
 */
static char **copy_arguments(int argc, char **argv)
{
    char **copies = calloc((size_t)argc + 1, sizeof(*copies));
    for (int i = 0; copies && i < argc; i++) {
        copies[i] = strdup(argv[i]);
    }
    return copies;
}

static int run(int argc, char **argv, char **arguments)
{
    SyOptions options;
    char error[256];

    const SyStatus status = sy_options_parse(&options, argc, arguments, error, sizeof(error));
    if (status != SY_OK) {
        fprintf(stderr, "synthd: %s\n", error);
        return (int)status;
    }
    if (options.help) {
        fputs(sy_options_help(), stdout);
        return 0;
    }
    if (options.version) {
        printf("synthd %s\n", SY_VERSION);
        return 0;
    }
    sy_process_name_init(argc, argv);
    return sy_keeper_run(&options, run_engine);
}

int main(int argc, char **argv)
{
    char **arguments = copy_arguments(argc, argv);

    if (!arguments) {
        fprintf(stderr, "synthd: no memory\n");
        return SY_ERR_MEMORY;
    }
    const int code = run(argc, argv, arguments);
    for (int i = 0; i < argc; i++) {
        free(arguments[i]);
    }
    free(arguments);
    return code;
}
