/* The control thread's engine room; for engine/control*.c and main.c only.
 *
 *     control.c          the thread: transactions in, and everything that has to be looked at
 *     control_plan.c     makes and publishes plans
 *     control_edit.c     first phase of a transaction
 *     control_assign.c   second phase
 *     control_announce.c third phase; control_answer.c its answers
 *     control_home.c     which worker a module is at home with first
 *     control_placement.c where it is moved then, and on what CPU; control_cores.c how many there
 * are control_values.c   parameters and notes, also straight from the osc thread control_view.c
 * answers about the patch, the workers, the engine control_faults.c   modules in quarantine
 *     control_journal.c  writes edits down
 *     control_files.h    modules that are made from files
 *     control_memory.c   keeps an eye on memory
 *     control_resume.c   takes up what an engine that died has left
 *     control_device.c   which driver has the block cycle
 *
 * A transaction goes through three phases. First the graph is edited, which can fail and be undone;
 * then the workers initialise what is new, which can fail too; then what others see changes: ids,
 * parameters, the next plan. Nothing of a refused transaction gets as far as the third. */
#ifndef SY_ENGINE_CONTROL_PRIVATE_H
#define SY_ENGINE_CONTROL_PRIVATE_H

#include "engine/books.h"
#include "engine/compile.h"
#include "engine/control.h"
#include "engine/options.h"
#include "engine/place.h"
#include "engine/pool.h"
#include "engine/tracer.h"

#define SY_INBOX 4096 /* transactions that can wait */

/* Something that may be given back once no plan that names it can be read any more. */
typedef struct SyDeferred {
    uint64_t serial;        /* first plan without it */
    uint32_t module, cable; /* slots, or SY_NONE */
    uint64_t memory_at, memory_size;
} SyDeferred;

typedef struct SyJournalist SyJournalist;
typedef struct SyFiles SyFiles;

typedef struct SyMemoryWatch {
    int64_t looked_ns;  /* at the machine's, 0 never */
    float machine_left; /* share of it */
    bool warned_of_arena, warned_of_machine;
} SyMemoryWatch;

typedef struct SyLoad {
    int64_t at_ns;
    float of_worker[SY_WORKERS_MAX];
    float of_engine;
} SyLoad;

/* Where a worker and the audio thread are kept: control_cores.c. */
typedef enum SyKeep {
    SY_KEEP_NOT,
    SY_KEEP_TOGETHER, /* on one CPU */
    SY_KEEP_APART,    /* on two */
} SyKeep;

/* Where the patch is computed: control_placement.c. */
typedef struct SyPlacementState {
    SyPlacer *placer;
    uint32_t n_workers;      /* that the patch is on, once it has been looked at */
    uint32_t *group;         /* [SY_MODULES_MAX] of the reckoning */
    uint64_t adopted_serial; /* plan that played when control last looked */
    uint64_t adopted_block;  /* from about where on, */
    int64_t adopted_ns;      /* and from when */
    uint64_t looked_serial;  /* plan whose costs have been looked at */
    int64_t looked_ns, moved_ns, cores_ns, pinned_ns;
    double packed_sum_ns;            /* what all modules cost, when last on one worker, */
    double packed_extra_ns;          /* and what a block took there beyond that */
    uint32_t packed_modules;         /* that there were then */
    uint32_t learned_modules;        /* of the patch that the next two are about */
    double inflation;                /* how much dearer they are on several; 0 not known */
    double extra_ns;                 /* what a block takes there beyond what was reckoned */
    bool on_trial;                   /* it was spread a moment ago, and is now measured */
    bool is_guess;                   /* that it is packed: to be looked at again soon */
    bool is_pinned_anew;             /* once for a guess, see sy_control_is_pinned_well() */
    uint32_t pinned_with;            /* workers that there were then */
    int64_t spin_ns;                 /* of workers that are not kept on the audio thread's CPU */
    SyKeep pinned_how;               /* the threads that are named next */
    int pinned_worker, pinned_audio; /* or 0 */
    int dma_latency;                 /* file that keeps CPUs from sleeping deep, or -1 */
    char why[160];
} SyPlacementState;

struct SyControl {
    SySegment *segment;
    SyAudio *audio;
    SyBooks *books; /* or NULL: nobody would read them */
    SyOptions options;
    SyPool pool;
    SyTracer *tracer;
    pthread_t thread;
    bool running;

    /* osc to control */
    SyRing inbox_in, inbox_out; /* of SyTransaction * */
    void *inbox_memory;
    _Atomic uint32_t waiting;    /* transactions in the inbox or in hand */
    _Atomic uint32_t *directory; /* [n_types][SY_ID_MAX + 1]: slot + 1 | voices << 16, or 0 */
    SyRounder rounder;           /* osc's */
    SyNoticeFunc *notice;
    void *notice_user;

    /* control's own */
    SyGraph *graph, *snapshot;
    SyArena *arena;
    SyFiles *files;
    SyCompiler *compiler;
    bool dirty;           /* the graph has changed since the last plan */
    int64_t adopt_at;     /* of the next plan */
    uint64_t serial;      /* of the last plan */
    SyDeferred *deferred; /* [n_deferred] */
    size_t n_deferred, deferred_room;
    SyTransaction **scheduled; /* [n_scheduled], by time */
    size_t n_scheduled, scheduled_room;
    SyMemoryWatch memory;
    uint64_t n_modules_alive, n_cables_alive;
    int64_t started_ns;
    SyLoad load;
    SyPlacementState placement;
    uint32_t wild_seen[SY_MODULES_MAX];
    int64_t wild_looked_ns;
    int64_t device_retry_ns;
    SyDeviceState device_state; /* as control last saw it */

    SyJournalist *_Atomic journalist; /* or NULL */
    bool has_books;                   /* it has begun with the patch of an engine before it */
    bool resuming;                    /* until the first plan of this engine plays */
    uint64_t resumed_serial;          /* of that plan */

    _Atomic bool quit; /* somebody asked for the end */
    _Atomic bool stopping;
};

/* Makes the engine around a segment, an audio struct and, unless it is NULL, books that are already
 * mapped. Returns it, or NULL when memory is out.  Thread: setup.  RT: no. */
SyControl *sy_control_new(SySegment *segment, SyAudio *audio, SyBooks *books,
                          const SyOptions *options);
void sy_control_free(SyControl *control);

/* Takes up what an engine before this one has left: workers, and its patch if it had one
 * (`has_books`). Returns false if there was no such engine. To be called
 * before the workers and the thread are started.  Thread: setup.  RT: no. */
bool sy_control_resume(SyControl *control);

/* Opens the journal and writes the patch as it is to it; from then on every edit is in it before it
 * is answered. Returns SY_OK, or what sy_journal_open returns; `error` may hold a remark in any
 * case. To be called with the control thread running and nobody else sending.  Thread: setup.  RT:
 * no. */
SyStatus sy_control_open_journal(SyControl *control, const char *path, const SyScribe *scribe,
                                 char *error, size_t error_size);

/* Writes down what is left, waits for the disk, and closes it. To be called with the control thread
 * stopped.  Thread: setup.  RT: no. */
void sy_control_close_journal(SyControl *control);

/* Starts the workers and waits for all of them. Returns SY_OK, or SY_ERR_WORKER with the reason of
 * the first that failed.  Thread: setup.  RT: no. */
SyStatus sy_control_start_workers(SyControl *control, char *error, size_t error_size);

/* Starts the thread; stops it. Returns SY_OK or SY_ERR_FAILED.  Thread: setup.  RT: no. */
SyStatus sy_control_start(SyControl *control);
void sy_control_stop(SyControl *control);

/* Asks the keeper for a device process and waits for it. Returns SY_OK, or SY_ERR_AUDIO with the
 * reason. Thread: setup.  RT: no. */
SyStatus sy_control_open_device(SyControl *control, char *error, size_t error_size);

/* Makes the engine's own thread the driver.  Thread: setup.  RT: no. */
void sy_control_use_clock(SyControl *control);

/* The pieces, by file. Thread: control.  RT: no. */

void sy_control_notify(SyControl *control, const SyNotice *notice);
void sy_control_look_at_pool(SyControl *control);
/* Whether a resumed engine still has to wait before it takes commands. */
bool sy_control_is_resuming(SyControl *control);
void sy_control_send_lost_values(SyControl *control);
void sy_control_write_books(const SyControl *control);
/* Gives a module its name: from now on the others find it. */
void sy_control_enter_directory(SyControl *control, uint32_t slot);
/* Puts a new plan down if the graph has changed and the last one plays. */
void sy_control_publish(SyControl *control);
/* Takes away what has faded out; gives back what no plan names any more. */
void sy_control_remove_faded(SyControl *control);
void sy_control_give_back(SyControl *control);
uint64_t sy_control_next_serial(const SyControl *control);
void sy_control_defer(SyControl *control, SyDeferred deferred);
void sy_control_remove_module(SyControl *control, uint32_t slot);
void sy_control_look_at_device(SyControl *control);
/* Says in the segment whether anything is patched or on its way, and returns whether nothing is;
 * `is_busy`: the control thread has something in hand. */
bool sy_control_look_whether_dormant(SyControl *control, bool is_busy);
void sy_control_request_device(SyControl *control);

void sy_control_carry_out(SyControl *control, SyTransaction *transaction);
/* Where a new module is best put.  */
uint32_t sy_control_choose_home(const SyControl *control);
/* Gives the modules of places from `n_workers` on to others. */
void sy_control_move_home(SyControl *control, uint32_t n_workers);

/* Moves modules to where they are best computed, if that is somewhere else. */
void sy_control_look_at_placement(SyControl *control);
/* Whether that is still to be looked into. */
bool sy_control_is_placing(const SyControl *control);
/* What can be done about the CPUs before anything plays. */
void sy_control_prepare_cores(SyControl *control);
/* Gives back what that took.  Thread: setup. */
void sy_control_leave_cores(SyControl *control);
/* Measures what it costs to wake a worker, unless that is known. False if it is not known yet. */
bool sy_control_calibrate(SyControl *control);
/* Keeps the worker that has all of the patch on the audio thread's CPU, or off it, and lets it go
 * again. */
void sy_control_pin(SyControl *control);

/* Whether they are kept as they should be by what modules cost now, which may be less than when
 * that was last decided. */
bool sy_control_is_pinned_well(const SyControl *control);
/* Follows the cores that the engine may use. */
void sy_control_look_at_cores(SyControl *control);
/* A worker's thread. Of a process the zygote's word counts, for a worker could have written
 * anything over its own. */
int sy_control_thread_of(const SyControl *control, uint32_t home);

/* Waits, within reason, until the pool has the size that is wanted. */
void sy_control_wait_for_pool(SyControl *control);

uint32_t sy_control_slot(const SyControl *control, SyModuleRef ref);

/* Carries out one set, get or note and fills the answer; `serial` is the plan it must wait for.
 * Thread: the source's own.  RT: yes. */
void sy_control_value(SyControl *control, SyEventSource source, int64_t when, uint64_t serial,
                      const SyCommand *command, SyAnswer *answer);
void sy_control_notify_set(SyControl *control, const SyTransaction *transaction,
                           const SyCommand *command, const SyAnswer *answer);

void sy_control_look_at_faults(SyControl *control);
bool sy_control_is_quarantined(const SyControl *control, uint32_t slot);
/* Why a module is in quarantine; "" if it is not. */
void sy_control_fault_text(const SyControl *control, uint32_t slot, char *text, size_t size);
void sy_control_revive(SyControl *control, uint32_t slot, const SyTransaction *cause);

void sy_control_look_at_journal(SyControl *control);
/* Writes down that a module has another file. */
void sy_control_write_file(SyControl *control, SyModuleRef module, const char *path);
void sy_control_look_at_memory(SyControl *control);
/* Whether the machine has memory enough for another module. */
bool sy_control_has_memory(const SyControl *control);
void sy_control_recycle(SyControl *control);

/* The path of a module's file, or of the one that it was made for; "" if there is neither. */
const char *sy_control_file_of(const SyControl *control, uint32_t slot);

/* Calls `use` with the patch as it is. Returns false without memory. */
bool sy_control_view_graph(const SyControl *control,
                           void (*use)(void *user, const SyGraphView *graph), void *user);
void sy_control_answer_graph(SyControl *control, SyTransaction *transaction, size_t index);
void sy_control_answer_workers(SyControl *control, SyTransaction *transaction, size_t index);
void sy_control_answer_status(SyControl *control, SyTransaction *transaction, size_t index);
void sy_control_measure_load(SyControl *control);
/* The times of the last `n_last` blocks (at most SY_TIMES_KEPT), released to done, in ns, the
 * shortest first. Returns how many there are. */
uint32_t sy_control_block_times(const SyControl *control, uint32_t *times, uint32_t n_last);

#endif
