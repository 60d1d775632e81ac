/* The block cycle, as the audio thread runs it, whoever drives it: PortAudio's callback in the
 * device process, or the clock or the offline loop in the engine.
 *
 *     adopt a plan that has come      control thread made it
 *     take events                     osc and control threads sent them
 *     release the block               claim words free, epoch on, doorbells of the crew
 *     wait until it is done           or its deadline has passed
 *     mix the sinks and hand it out
 *
 * A driver can be killed at any instruction, and the next one goes on where it was.
 *
 * All of it lies in memory that keeper, engine and device process share, at the same address, so
 * that the cycle can pass from one driver to another between two blocks.
 *
 * audio_process.c is what runs in real time, audio_mix.c and audio_trace.c too; audio_setup.c the
 * rest. */
#ifndef SY_ENGINE_AUDIO_H
#define SY_ENGINE_AUDIO_H

#include "engine/plan.h"
#include "engine/ring.h"
#include "engine/schedule.h"
#include "engine/timebase.h"
#include "engine/trace.h"

#define SY_EVENT_RING 16384 /* events that can wait to be looked at, from each of two threads */
#define SY_TIMES_KEPT 4096  /* blocks whose times are remembered */
#define SY_TAPE_FRAMES                                                                             \
    (1u << 18) /* what a recorder may be behind: 5 s at 48 kHz; disks do hesitate */

typedef enum SyEventSource { SY_FROM_OSC, SY_FROM_CONTROL, SY_EVENT_SOURCES } SyEventSource;

/* One way in for events. */
typedef struct SyEventInlet {
    SyRing in, out; /* the sender's end, audio's end */
    bool holding;   /* audio: `held` waits for its plan */
    SyEvent held;
} SyEventInlet;

/* Who may call sy_audio_process: exactly one at a time. */
typedef enum SyDriverKind {
    SY_DRIVER_NONE,
    SY_DRIVER_ENGINE, /* the engine's own thread: clock or offline */
    SY_DRIVER_DEVICE, /* PortAudio's callback */
} SyDriverKind;

/* How the device process is doing. */
typedef enum SyDeviceState {
    SY_DEVICE_NONE,
    SY_DEVICE_OPENING,
    SY_DEVICE_RUNNING,
    SY_DEVICE_FAILED, /* could not be opened; `text` says why */
    SY_DEVICE_LOST,   /* was running and is not any more */
} SyDeviceState;

typedef struct SyDeviceShared {
    _Atomic uint32_t requests; /* engine: how often a device process was asked for */
    _Atomic uint32_t state;    /* keeper, device: SyDeviceState */
    _Atomic uint64_t callbacks;
    SyFutex bell;   /* engine, keeper: the process's main thread is to look at once */
    char spec[128]; /* engine, before a request: part of the device's name, or empty for the best */
    char text[256]; /* device, before the state it belongs to: its name, or what is wrong */
} SyDeviceShared;

/* What it takes to have a block computed, beyond the computing; ns. See calibrate.h. */
typedef struct SyWakeCost {
    double
        near_ns; /* by one worker on the audio thread's CPU: released to done, both asleep before */
    double far_ns;     /* by workers on other CPUs */
    double handoff_ns; /* from a task to one of another worker that waits for it */
} SyWakeCost;

typedef struct SyFrame {
    float left, right;
} SyFrame;

typedef struct SyAudio {
    SySegment *segment;
    size_t bytes; /* of the whole mapping */
    SyLive *live; /* [SY_MODULES_MAX] */
    SyTimebase timebase;
    SySchedule schedule;
    SyEventInlet inlets[SY_EVENT_SOURCES];
    bool offline; /* setup */

    /* What is recorded: audio fills it, the recorder's thread empties it. */
    SyRing tape_in, tape_out;
    _Atomic bool recording;
    SyFutex tape_room; /* rung when frames have been taken out */
    _Atomic uint64_t tape_lost;

    /* Handing over the cycle. The one that drives gives it up between two blocks, when another is
     * wanted. */
    _Atomic uint32_t driver; /* SyDriverKind */
    _Atomic uint32_t driver_wanted;
    SyFutex driver_bell; /* rung when that changes */
    SyDeviceShared device;

    SyTraceShared trace;

    SyWakeCost wake; /* control: for the engine after this one too; all 0 until it is known */

    /* control to audio */
    _Atomic uint32_t next_plan;         /* 1 + place of a plan to be adopted, 0 none */
    _Atomic bool alive[SY_WORKERS_MAX]; /* control, watchdog: can be given work */
    _Atomic bool quiet;                 /* setup: fade to silence */

    /* audio to the others */
    _Atomic uint64_t adopted; /* serial of the plan that plays */
    _Atomic int64_t frame;    /* first frame of the next block */
    _Atomic uint64_t blocks;  /* handed out: the last one's epoch */
    _Atomic uint64_t late;
    _Atomic bool silent; /* the fade asked for by `quiet` is over */
    _Atomic float peak_left, peak_right;
    _Atomic int32_t thread; /* that took the cycle over last */
    _Atomic int32_t cpu;    /* that the last block was released on; -1 if that is not known */
    _Atomic uint32_t times_ns[SY_TIMES_KEPT]; /* released to done */
    _Atomic uint64_t n_times;

    /* audio's own */
    const SyPlan *plan;
    const SyPlan *waiting_plan; /* taken, to be adopted at its frame */
    int64_t rest_at;            /* frame from which no cable is on its way */
    int64_t born_at;            /* frame at which the last nodes are born */
    uint64_t guarded_until;     /* epoch up to which nodes may be bypassed, or come back */
    uint64_t epoch;             /* of the block that is prepared, computed, mixed */
    int64_t released_ns; /* when it was; or, if that was ahead, when the one before it was done */
    int64_t asked_ns;    /* when the watchdog was last asked to look after this block */
    uint32_t fade_in;    /* frames left of the fade after a late block */
    uint32_t fade_out;   /* frames of the final fade done */
    float last_left, last_right;
} SyAudio;

/* Maps the memory for all of it, shared with children that are forked later.
 * Returns it, or NULL with errno. sy_audio_unmap takes NULL.
 * Thread: setup.  RT: no. */
SyAudio *sy_audio_map(SySegment *segment);
void sy_audio_unmap(SyAudio *audio);

/* How long after its release a block may take before somebody looks whether a worker hangs.
 * Thread: any.  RT: yes. */
int64_t sy_audio_patience_ns(const SyAudio *audio);

/* Asks for the cycle, and says whether the asker has it now. To be called before every block.
 * Thread: audio.  RT: yes. */
bool sy_audio_take_over(SyAudio *audio, SyDriverKind driver);

/* Gives the cycle up, if the caller has it.  Thread: audio.  RT: yes. */
void sy_audio_hand_over(SyAudio *audio, SyDriverKind driver);

/* When a block is asked for, and by when it is needed; CLOCK_MONOTONIC. And how many will be asked
 * for after it, each as soon as the one before it is handed out, that is known of. */
typedef struct SyAudioTime {
    int64_t begins_ns, deadline_ns;
    uint64_t n_more;
} SyAudioTime;

/* Computes the next block: left[block], right[block]. Waits for it until its deadline at the most;
 * if it is late, what is handed out is a short fade to silence, the late block comes next, faded
 * in, and SyAudio.late counts one.  Thread: audio.  RT: yes. */
void sy_audio_process(SyAudio *audio, float *left, float *right, SyAudioTime time);

/* The same for a block that is over already and was to begin at begins_ns, while nothing was
 * patched: a plan that has come since waits for a block that is not over. Returns false, and does
 * nothing, if something is patched.  Thread: audio.  RT: yes. */
bool sy_audio_make_up(SyAudio *audio, float *left, float *right, int64_t begins_ns);

/* Puts right what a driver that was killed left half done, if it had the cycle: to be called before
 * another takes the cycle over. Which step of which block is next follows from what has been
 * published, see audio_process.c.  Thread: setup, control.  RT: yes. */
void sy_audio_recover(SyAudio *audio, SyDriverKind driver);

/* Whether nothing can be heard until another plan is put down.  Thread: audio.  RT: yes. */
bool sy_audio_is_idle(const SyAudio *audio);

/* Sends an event. False when the way in is full.
 * Thread: the inlet's own (osc or control).  RT: yes. */
bool sy_audio_send(SyAudio *audio, SyEventSource source, const SyEvent *events, uint32_t n);

/* Rings everybody who could be needed: after a death, or when a bell may have been lost.
 * Thread: audio, watchdog.  RT: yes, bounded by the number of workers. */
void sy_audio_call_crew(SyAudio *audio);

#endif
