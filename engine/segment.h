/* The memory that keeper, zygote, workers and engine share: one sealed memfd, mapped before the
 * first fork and so at one address in all of them.
 *
 *     what                                    a worker may
 *     header, places, nodes, cables, events   read
 *     bells, claims, commits, sums, rings     write
 *     plans                                   read
 *     trace: what was run when                write
 *     arena: states, wires, parameters, tapes write
 *     library: what modules read of files     read; the loader writes it, see loader.h
 *
 * What refers to something in it is an offset from the segment's start. Everything that a worker
 * can write is checked before the engine uses it as an index; capacities are never read from here.
 */
#ifndef SY_ENGINE_SEGMENT_H
#define SY_ENGINE_SEGMENT_H

#include <stdalign.h>
#include <stddef.h>

#include "engine/command.h"
#include "engine/futex.h"

#define SY_WORKERS_MAX 256
#define SY_MODULES_MAX 4096 /* alive at once, those fading out included */
#define SY_CABLES_MAX  16384
#define SY_SUMS_MAX    32 /* inputs that several workers sum up; more are summed by one */
#define SY_SUM_PIECES  4  /* of each, at most */
#define SY_TASKS_MAX   (SY_MODULES_MAX + SY_SUMS_MAX * SY_SUM_PIECES)
#define SY_AHEAD       16   /* blocks that may be released at once, the one in hand included */
#define SY_EVENTS_MAX  4096 /* parameter changes and notes in one block */
#define SY_PLANS       3    /* one playing, one about to, one being made */
#define SY_BLOCK_MIN   16
#define SY_BLOCK_MAX   1024
#define SY_PAGE        4096
#define SY_LARGE_PAGE  (UINT64_C(2) << 20)

#define SY_RATE_MIN 8000
#define SY_RATE_MAX 192000
#define SY_FADE_MAX (SY_RATE_MAX / 200)

/* Records of what was run, of as many blocks as go in: 2^17 are 3 s of 50 modules, and 15 blocks of
 * as many modules and tasks as there can be. A power of two. */
#define SY_TRACE_RECORDS (1u << 17)

#define SY_PATH_MAX 1024 /* bytes of a file's path with its terminator */

#define SY_COMMANDS_PER_WORKER 256 /* capacity of a worker's command and reply rings */

/* How far a worker has come with its start; the last one reached is reported if it fails. */
typedef enum SyWorkerStage {
    SY_STAGE_NONE,
    SY_STAGE_SIGNALS, /* dies with its parent, catches nothing */
    SY_STAGE_LIFE,    /* robust futex */
    SY_STAGE_MEMORY,  /* scratch buffers, every page present, what it may not write protected */
    SY_STAGE_CAGE,    /* system calls it does not need are forbidden */
    SY_STAGE_READY,
} SyWorkerStage;

/* One worker's place as the processes around it write it; the worker itself only reads it. Owners:
 * Z zygote, E engine (control, or watchdog for the fence), K whoever is its parent: the zygote, or
 * the keeper once that zygote has died. */
typedef struct SyPlaceShared {
    alignas(64) _Atomic uint32_t incarnation; /* E, before it asks for the worker */
    _Atomic uint32_t wanted;     /* E: incarnation to be forked; Z: takes it by setting 0 */
    _Atomic int32_t pid;         /* Z; 0 when there is none */
    _Atomic uint32_t forked;     /* Z: incarnation that `pid` is */
    _Atomic uint32_t reaped;     /* K: incarnation whose end it has seen */
    _Atomic int32_t exit_status; /* K: as wait() gives it */
    _Atomic uint32_t retire;     /* E: incarnation that is to end itself */
    uint32_t spawned;            /* E: workers this place has had */
    _Atomic uint32_t fork_error; /* Z: errno, if it could not be forked */
    uint64_t commands_at;        /* ring, engine to worker */
    uint64_t replies_at;         /* ring, worker to engine */
} SyPlaceShared;

/* A worker whose zygote died before it could say that it had forked it may be given up for lost,
 * and start all the same: only one can take the seat. */
#define SY_SEAT_TAKEN 0x80000000u

/* The same place as the worker writes it. */
typedef struct SyWorkerShared {
    alignas(64) SyFutex life; /* W, kernel: tid | FUTEX_WAITERS; OWNER_DIED when it is dead */
    _Atomic uint32_t stage;   /* W: SyWorkerStage */
    _Atomic int32_t error;    /* W: errno of the stage that failed, 0 if none did */
    _Atomic uint32_t seat;    /* E: incarnation that may take the place; W: | SY_SEAT_TAKEN */

    alignas(64) SyFutex doorbell; /* E, W rings; W sleeps on it */

    alignas(64) _Atomic uint64_t reading; /* W: serial of the plan it may be reading, 0 none */
    _Atomic uint64_t doing;               /* W: SyDoing, what it computes; 0 nothing */
    _Atomic int64_t doing_since;          /* W: CLOCK_MONOTONIC, ns */
    _Atomic uint32_t state;               /* W: SyWorkerState */
    _Atomic uint64_t busy_ns;             /* W: time spent computing, ever */
    _Atomic uint64_t tasks_run;           /* W */
    _Atomic uint64_t arena_to;            /* W: up to where the arena is present to it */
    _Atomic uint64_t library_to;          /* W: the same of the library */
} SyWorkerShared;

/* One module instance's place as the engine writes it. */
typedef struct SyNodeShared {
    alignas(64) uint64_t event_epoch; /* audio: block in which `event_first` is valid */
    uint32_t event_first, event_last; /* audio: chain in SySegment.events */
    int64_t born;                     /* audio: frame from which it is heard; silent before */
    _Atomic uint32_t n_late;          /* audio: blocks that were late while it was computed */
    _Atomic uint32_t bypassed;        /* watchdog, control: 1 while it is not to be run */
} SyNodeShared;

/* The same as workers write it: whoever has claimed the node's task. */
typedef struct SyNodeWork {
    alignas(64) _Atomic uint64_t commit; /* see claim.h */
    _Atomic uint32_t cost_ns;            /* smoothed time of one block */
    _Atomic uint32_t n_wild;             /* blocks in which NaN or Inf was muted */
} SyNodeWork;

/* How a node was run in the block that its state belongs to: the last word of a state slot. */
typedef uint32_t SyNodeMode;
#define SY_NODE_RUN      0u
#define SY_NODE_BYPASSED 1u

/* A value that moves from one to another; the shared form of SyRamp.  Written by audio between
 * blocks. */
typedef struct SyRampShared {
    float from, to, slope;
    int32_t length;
    int64_t start; /* frame at which it left `from` */
} SyRampShared;

/* The parameters of a node: how each of them moves, and before that where it ends, which is all
 * there is to know of most. Written by sy_params_set(): by control before the node is in a plan,
 * then by audio between blocks. */
typedef struct SyParamsShared {
    alignas(64) int64_t rest_at; /* frame from which none is on its way */
    float to[SY_PARAMS_MAX];
    SyRampShared ramps[]; /* [n_params] */
} SyParamsShared;

typedef struct SyCableShared {
    SyRampShared gain; /* linear */
    SyRampShared fade; /* raised cosine from 0 (absent) to 1 (plugged); slope unused */
    bool covers;       /* the input's normal is not heard beside it even while it fades in */
} SyCableShared;

typedef enum SyEventKind { SY_EVENT_PARAM, SY_EVENT_NOTE } SyEventKind;

/* Something that happens to a node inside a block. */
typedef struct SyBlockEvent {
    uint32_t next;   /* index of the node's next one, or UINT32_MAX */
    uint32_t offset; /* frames from the start of the block */
    uint32_t slot;   /* the node's */
    uint8_t kind;    /* SyEventKind */
    uint8_t param;
    SyRampShared ramp;  /* SY_EVENT_PARAM */
    SyModuleEvent note; /* SY_EVENT_NOTE */
} SyBlockEvent;

/* What a worker must know of a block. Twice as many as there may be blocks released, used in turn:
 * that of block E is not touched before block E + 2 SY_AHEAD is prepared, when E + SY_AHEAD has
 * been released, so that a worker which reads it and then finds fewer released has read a whole
 * one. */
typedef struct SyBlockInfo {
    alignas(64) _Atomic uint64_t plan_at;
    _Atomic uint64_t plan_serial;
    _Atomic int64_t start;  /* the block's first frame */
    _Atomic bool at_rest;   /* no cable's gain or fade is on its way: SyPlanCable.level holds */
    _Atomic bool quiet;     /* no node has an event, is born, or is bypassed or was just before */
    _Atomic uint32_t trace; /* SyTraceLevel */
    _Atomic uint32_t trace_at; /* its records begin here, see trace.h */
} SyBlockInfo;

typedef struct SyReleaseShared {
    alignas(64) _Atomic uint64_t epoch; /* audio: the last block that is released */
    _Atomic uint64_t awaited;           /* audio: the block that it is to be woken after */
    SyBlockInfo info[2 * SY_AHEAD];     /* audio: sy_block_info() */
} SyReleaseShared;

typedef struct SyBlockShared {
    alignas(64) SyFutex progress;      /* workers: rung whenever a task is done */
    alignas(64) _Atomic uint64_t done; /* workers: last epoch of which all tasks are done */
    SyFutex done_bell;                 /* workers ring after the one awaited, audio sleeps */
    _Atomic int64_t done_ns[SY_AHEAD]; /* workers: when a block was done, by epoch in turn */
} SyBlockShared;

/* What a worker says of a task or a node that it has run: see trace.h. */
typedef struct SyTraceRecord {
    _Atomic uint64_t epoch;
    _Atomic int64_t begin_ns; /* CLOCK_MONOTONIC */
    _Atomic uint32_t duration_ns;
    _Atomic uint32_t worker;
    _Atomic uint32_t task;
    _Atomic uint32_t node; /* type << 16 | id, or 0: the task as a whole */
} SyTraceRecord;

/* Where several workers sum up what arrives at an input, each some of the frames. It is written
 * anew in every block by whoever has claimed the piece, before that is done, and heard after that.
 */
typedef struct SySumShared {
    alignas(64) float frames[SY_BLOCK_MAX];
    _Atomic uint32_t took_ns[SY_SUM_PIECES];
} SySumShared;

typedef struct SyClaimShared {
    alignas(64) _Atomic uint64_t word;
} SyClaimShared;

/* What the loader is asked for: one load at a time, known by its ticket. Owners: E engine
 * (control), Z zygote. See loader.h. */
typedef struct SyLoaderAsked {
    alignas(SY_PAGE) _Atomic uint32_t wanted; /* E: ticket of a load; Z: takes it by setting 0 */
    uint32_t ticket;                          /* E: of the last load, below 2^29; 0 none */
    uint32_t zygote;                          /* E: number of the one that was asked */
    uint32_t type;                            /* E: of the module that it is for */
    char path[SY_PATH_MAX];                   /* E */
    uint64_t place_at;                        /* E: where to write, precedes `answer` */
    SyFutex answer;                           /* E: ticket << 2 | SyLoaderAnswer */
    _Atomic uint32_t unwanted;                /* E: ticket whose process is to be ended */
    _Atomic int32_t pid;                      /* Z: 0 when there is none */
    _Atomic uint32_t forked;                  /* Z: ticket that `pid` is at */
    _Atomic int32_t exit_status;              /* Z: as wait() gives it, or -errno of the fork */
    _Atomic uint32_t ended;                   /* Z: ticket whose process has ended */
} SyLoaderAsked;

/* Which file it was, to tell whether it is the one that is there already. */
typedef struct SyFileIdentity {
    uint64_t device, inode, size;
    int64_t changed_ns;
} SyFileIdentity;

/* What the loader says, on a page that nobody else writes but for `seat`. */
typedef struct SyLoaderTold {
    alignas(SY_PAGE) SyFutex life; /* loader, kernel: as SyWorkerShared.life */
    _Atomic uint32_t seat;         /* E: ticket that may begin; loader: takes it by setting 0 */
    _Atomic uint32_t stage;        /* ticket << 3 | SyLoaderStage; what follows precedes it */
    SyFileIdentity identity;
    uint64_t bytes; /* that it will write */
    int32_t status; /* SyStatus */
    char text[256]; /* why not; or, if it is done, what a person should know */
} SyLoaderTold;

/* The segment's beginning. */
typedef struct SySegment {
    uint32_t magic, version;
    uint64_t size;       /* of the whole segment, bytes */
    uint64_t used_to;    /* end of the fixed part, and of the trace; the arena begins here */
    uint64_t library_at; /* end of the arena; the library begins here, and is the rest */
    uint32_t rate, block;
    _Atomic uint32_t n_cores;          /* control: that may be kept busy now */
    bool offline;                      /* blocks are computed as fast as they can be */
    _Atomic int64_t spin_ns;           /* control: how long a worker looks for the next block */
    _Atomic int64_t wait_ns;           /* control: the same within a block, for another's task */
    uint32_t fade_frames;              /* of a cable, 5 ms */
    uint32_t smooth_frames;            /* of a parameter, 5 ms */
    float fade_shape[SY_FADE_MAX + 1]; /* raised cosine: 0 at 0, 1 at fade_frames */
    uint64_t rings_at;                 /* of all places, one after the other */
    uint64_t rings_bytes;              /* of one place, whole pages */
    uint64_t plan_at[SY_PLANS];
    uint64_t plan_size;
    uint64_t trace_at; /* SyTraceRecord[SY_TRACE_RECORDS]; end of the plans */

    _Atomic uint64_t arena_top;    /* control: all that was ever handed out ends below */
    _Atomic uint64_t library_top;  /* control: the same for the library */
    uint32_t last_incarnation;     /* control: the highest there has been */
    uint32_t n_workers;            /* control: places below this are wanted */
    _Atomic bool guarded;          /* watchdog, control: some node may be bypassed */
    _Atomic bool dormant;          /* control: nothing is patched, and nothing is on its way */
    _Atomic uint32_t engine_ready; /* 1 when it plays and listens */
    _Atomic uint32_t zygote_ready; /* 1, or 2 + errno */
    _Atomic uint32_t zygotes;      /* keeper: how many there have been */
    _Atomic uint32_t ending;       /* keeper: 1 when the engine should fade out and end */
    _Atomic uint32_t closing;      /* 1: all is over, nobody is to be restarted any more */

    SyPlaceShared places[SY_WORKERS_MAX];
    SyNodeShared nodes[SY_MODULES_MAX];
    SyCableShared cables[SY_CABLES_MAX];
    SyBlockEvent events[SY_EVENTS_MAX];
    SyReleaseShared release;

    SyLoaderAsked loader_asked;
    SyLoaderTold loader; /* written by the loader alone */

    /* What follows is written by workers, up to the plans; what is above only read. */
    alignas(SY_PAGE) SyFutex control_bell; /* whatever the control thread should look at */
    SyFutex keeper_life; /* keeper, kernel: as SyWorkerShared.life; read only by the others */
    SyFutex zygote_bell;
    SyFutex watchdog_bell;
    SyFutex closing_bell; /* the engine's main thread: something about the end */
    SyBlockShared block_shared;
    SyWorkerShared workers[SY_WORKERS_MAX];
    SyNodeWork work[SY_MODULES_MAX];
    SyClaimShared claims[SY_TASKS_MAX]; /* by task */
    SySumShared sums[SY_SUMS_MAX];
} SySegment;

#define SY_DORMANT_LOOK_NS 5000000000

#define SY_SEGMENT_MAGIC   0x53594e54u
#define SY_SEGMENT_VERSION 1

_Static_assert(offsetof(SyWorkerShared, life) == 0, "the robust list reckons with it");
_Static_assert(offsetof(SySegment, control_bell) % SY_PAGE == 0, "pages have one kind of writer");
_Static_assert(offsetof(SyLoaderTold, life) == 0, "the robust list reckons with it");
_Static_assert(sizeof(SyLoaderTold) == SY_PAGE, "the loader writes one page");
_Static_assert(sizeof(SyClaimShared) == 64, "claims of two workers share no line");
_Static_assert(sizeof(SyTraceRecord) == 32, "a record lies in one line");

/* What a segment is to be made for. */
typedef struct SySegmentSize {
    uint32_t rate, block, n_cores;
    bool offline;
    int64_t spin_ns;
    uint64_t plan_bytes; /* of one plan */
    uint64_t arena_bytes, library_bytes;
} SySegmentSize;

/* Makes the segment: a sealed memfd that has no name anywhere, mapped shared, all zero but for the
 * header. Returns it, or NULL with errno. sy_segment_unmap gives it back.
 * Thread: setup.  RT: no. */
SySegment *sy_segment_map(const SySegmentSize *size);
void sy_segment_unmap(SySegment *segment);

/* Puts the beginning of the arena into large pages where the kernel has some: live, before there is
 * anything in it, some megabytes; offline, all that the patch takes that has been loaded. That
 * takes a few milliseconds: see large_pages.c.  Thread: setup.  RT: no. */
void sy_segment_use_large_pages_live(SySegment *segment);
void sy_segment_use_large_pages_loaded(SySegment *segment);

/* Makes every page of [address, address + size) present in the calling process, and locks them if
 * that is permitted. Returns 0, or the errno for which pages are missing (not for the lock).
 * Thread: setup, worker at its start, control for new memory.  RT: no. */
int sy_memory_prefault(void *address, size_t size);

/* The same, sooner, for shared memory of which another process has made most present.
 * Thread: setup, worker.  RT: no. */
int sy_memory_prefault_shared(void *address, size_t size);

/* The same for memory that the calling process only reads.  Thread: worker.  RT: no. */
int sy_memory_prefault_read(const void *address, size_t size);

/* Makes code and constants of the program and its libraries present in the calling process, so that
 * the first use of a module takes no page fault.  Thread: setup, worker at its start.  RT: no. */
void sy_memory_prefault_code(void);

/* The address of an offset. Offset 0, the header itself, stands for nothing.
 * Thread: any.  RT: yes. */
static inline void *sy_at(const SySegment *segment, uint64_t offset)
{
    return (unsigned char *)(uintptr_t)segment + offset;
}

/* Where block `epoch` has what a worker must know of it.  Thread: any.  RT: yes. */
static inline SyBlockInfo *sy_block_info(const SySegment *segment, uint64_t epoch)
{
    return &((SySegment *)(uintptr_t)segment)->release.info[epoch % (2 * SY_AHEAD)];
}

/* How many blocks may be released at once: live only the one that is needed.
 * Thread: any.  RT: yes. */
static inline uint32_t sy_ahead(const SySegment *segment)
{
    return segment->offline ? SY_AHEAD : 1;
}

/* The word by which a task is claimed.  Thread: any.  RT: yes. */
static inline _Atomic uint64_t *sy_claim_of(const SySegment *segment, uint32_t task)
{
    return &((SySegment *)(uintptr_t)segment)->claims[task].word;
}

/* How many places the wires of a sink have, one behind the other, [n_outputs][voices][block] each,
 * and in which of them the audio thread reads what block `epoch` has left. Live that is where it
 * was written; offline it is one behind that, which no other block writes before it has been read.
 * Thread: any.  RT: yes. */
static inline uint32_t sy_sink_places(const SySegment *segment)
{
    return segment->offline ? 1 + SY_AHEAD : 1;
}

static inline uint32_t sy_sink_place(const SySegment *segment, uint64_t epoch)
{
    return segment->offline ? 1 + (uint32_t)(epoch % SY_AHEAD) : 0;
}

/* How long to sleep on a bell that is rung for everything there is to do: only a ring that was lost
 * with its ringer is made good by the timeout, which nobody waits for while nothing is patched.
 * When that changes, control wakes all who may have looked before: control_dormant.c. To be asked
 * after sy_bell_listen().  Thread: any.  RT: yes. */
static inline int64_t sy_look_ns(const SySegment *segment, int64_t playing_ns)
{
    return atomic_load(&segment->dormant) ? SY_DORMANT_LOOK_NS : playing_ns;
}

/* Can be done twice, should the caller be killed in the middle.  Thread: see SyParamsShared.
 * RT: yes. */
static inline void sy_params_set(SyParamsShared *params, uint32_t param, const SyRampShared *ramp)
{
    const int64_t rest_at = ramp->start + ramp->length;

    params->rest_at = rest_at > params->rest_at ? rest_at : params->rest_at;
    params->to[param] = ramp->to;
    params->ramps[param] = *ramp;
}

/* Where a ramp has got to at `frame`.  Thread: any.  RT: yes. */
static inline float sy_ramp_value(const SyRampShared *ramp, int64_t frame)
{
    const int64_t at = frame - ramp->start;
    if (at >= ramp->length) {
        return ramp->to;
    }
    return at <= 0 ? ramp->from : ramp->from + ramp->slope * (float)at;
}

/* Where a cable's fade, a raised cosine, has got to at `frame`.  Thread: any.  RT: yes. */
static inline float sy_fade_value(const SySegment *segment, const SyRampShared *fade, int64_t frame)
{
    const int64_t at = frame - fade->start;
    if (at >= fade->length) {
        return fade->to;
    }
    return at <= 0 ? fade->from : fade->from + (fade->to - fade->from) * segment->fade_shape[at];
}

#endif
