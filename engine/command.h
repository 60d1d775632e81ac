/* What can be asked of the engine, in the engine's own words: no OSC, no text, names resolved to
 * numbers by the registry.  The osc thread makes transactions of commands; the control thread
 * carries them out and answers each one by callback. */
#ifndef SY_ENGINE_COMMAND_H
#define SY_ENGINE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/status.h"
#include "modules/module.h"

#define SY_ID_MAX   9999      /* module ids are 1..SY_ID_MAX for each type */
#define SY_WHEN_NOW INT64_MIN /* as soon as possible */

#define SY_FAULT_TEXT 64 /* bytes of the words that say what a module did */

typedef struct SyModuleRef {
    uint16_t type; /* number in the registry */
    uint16_t id;
} SyModuleRef;

typedef struct SyPortRef {
    SyModuleRef module;
    uint8_t port; /* number of the input or output */
} SyPortRef;

typedef enum SyCommandKind {
    SY_CMD_CREATE,
    SY_CMD_DESTROY,
    SY_CMD_CONNECT, /* of an existing cable: changes its gain */
    SY_CMD_DISCONNECT,
    SY_CMD_SET,
    SY_CMD_GET,
    SY_CMD_NOTE,
    SY_CMD_CLEAR,
    SY_CMD_GRAPH,    /* answers with SyAnswer.graph: for list, save */
    SY_CMD_WORKERS,  /* n_workers > 0: change the pool's size; answers with SyAnswer.workers */
    SY_CMD_STATUS,   /* answers with SyAnswer.engine */
    SY_CMD_SYNC,     /* answers once all before it is done and heard */
    SY_CMD_REVIVE,   /* lets a quarantined module run again, from its beginning: `module` */
    SY_CMD_SET_FILE, /* gives a module a file: answered when it is loaded */
    SY_CMD_GET_FILE, /* answers with SyAnswer.file: `module` */
    SY_CMD_QUIT,
} SyCommandKind;

typedef struct SyParamValue {
    uint8_t param;
    float written;
} SyParamValue;

typedef struct SyCommand {
    SyCommandKind kind;
    uint32_t line; /* line of a patch file, or 0 */
    union {
        struct {
            SyModuleRef module;
            uint8_t voices; /* 1 to SY_VOICES_MAX */
            uint8_t n_params;
            SyParamValue params[SY_PARAMS_MAX];
            const char *file; /* path, or NULL; the transaction's owner keeps it */
        } create;
        SyModuleRef module; /* destroy, revive, get file */
        struct {
            SyModuleRef module;
            const char *path; /* as create.file */
        } file;               /* set file */
        struct {
            SyPortRef from, to;
            float gain;
        } cable; /* connect, disconnect */
        struct {
            SyModuleRef module;
            SyParamValue value; /* .written is ignored by get */
        } param;                /* set, get */
        struct {
            SyModuleRef module;
            SyModuleEvent event;
        } note;
        uint32_t n_workers;
    };
} SyCommand;

/* A module as the patch has it.  */
typedef struct SyModuleView {
    SyModuleRef ref;
    uint8_t voices;
    uint8_t n_params;
    int worker;                   /* home */
    float cost_us;                /* measured, per block; 0 before it has run */
    float written[SY_PARAMS_MAX]; /* every parameter's value */
    bool quarantined;             /* it is not run, because it brought its workers down */
    uint32_t n_late;              /* blocks that were late while it was computed */
    uint32_t n_wild;              /* blocks in which NaN or Inf from it was muted */
    const char *file;             /* path of its file, "" without one */
    char fault[SY_FAULT_TEXT];    /* quarantined: "SIGSEGV in block 4711 on worker 2", or "" */
} SyModuleView;

typedef struct SyCableView {
    SyPortRef from, to;
    float gain;
} SyCableView;

typedef struct SyGraphView {
    const SyModuleView *modules; /* in the order of their creation */
    size_t n_modules;
    const SyCableView *cables; /* in the order of their creation */
    size_t n_cables;
} SyGraphView;

typedef enum SyWorkerState {
    SY_WORKER_ABSENT,   /* no process in this slot */
    SY_WORKER_STARTING, /* forked, not ready yet */
    SY_WORKER_PARKED,   /* waiting on its futex */
    SY_WORKER_RUNNING,  /* computing, or looking for something to compute */
} SyWorkerState;

typedef struct SyWorkerView {
    int index;
    int pid;
    SyWorkerState state;
    uint32_t incarnation; /* how many workers this slot has had */
    uint32_t n_modules;   /* modules at home here */
    float load;           /* of its modules: computing time over real time, 0 to 1 and above */
} SyWorkerView;

typedef struct SyEngineView {
    uint32_t n_modules, n_cables, n_workers;
    uint32_t rate, block;
    uint64_t blocks;      /* computed since the start */
    uint64_t late;        /* blocks that missed their deadline */
    uint32_t clock_moves; /* sy_timebase_moves() */
    uint64_t worker_deaths;
    uint32_t n_quarantined;  /* modules that are not run */
    uint64_t events_dropped; /* parameter changes lost because a queue was full */
    uint64_t events_late;    /* timetags that had passed when they arrived */
    float block_us_p50, block_us_p99, block_us_max; /* released to done, last few seconds */
    float load;                        /* share of the period, mean of the last second */
    float peak_left, peak_right;       /* since the last status */
    uint64_t memory_used, memory_size; /* of the arena, bytes */
    uint64_t files_used, files_size;   /* of the library, bytes */
    double uptime_s;
    const char *audio;       /* "portaudio: JACK, ..." / "clock" / "offline" */
    const char *placement;   /* sy_placement_name() */
    char placement_why[160]; /* on how many workers the patch is, for a person; "" while it is empty
                              */
} SyEngineView;

/* The answer to one command. Everything it points to is the engine's and is valid during the call.
 */
typedef struct SyAnswer {
    SyStatus status;
    const char *text; /* for a person, when status is not SY_OK; never NULL. Of a file also when it
                         is, for what should be known of it */
    int worker;       /* create: where it went */
    float assign_us;  /* create: from taking up the command to the worker's answer */
    float written;    /* set, get: the value now in force */
    bool clamped;     /* create, set: a value was out of range and was limited */
    const char *file; /* get file: its path, "" without one */
    const SyGraphView *graph;
    const SyWorkerView *workers; /* [n_workers] */
    size_t n_workers;
    const SyEngineView *engine;
} SyAnswer;

typedef struct SyTransaction SyTransaction;

/* Called on the control thread, once for every command: in order, but that those with a file are
 * answered when it has been loaded, and so after others. */
typedef void SyAnswerFunc(SyTransaction *transaction, size_t index, const SyAnswer *answer);

/* Called on the control thread, or by whoever still owns the transaction, to free it. */
typedef void SyReleaseFunc(SyTransaction *transaction);

struct SyTransaction {
    int64_t when;        /* frame on the engine's clock, or SY_WHEN_NOW */
    bool all_or_nothing; /* one refused command refuses all: patches */
    bool replace;        /* the commands describe the whole patch: what they don't name goes */
    bool files_may_fail; /* a module whose file cannot be loaded is made without it, and it is said
                          */
    SyAnswerFunc *answer;
    SyReleaseFunc *release;
    void *user; /* the asker's */
    size_t n_commands;
    SyCommand *commands; /* [n_commands] */
};

#endif
