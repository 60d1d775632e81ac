/* What the audio thread does in real time. No allocation, lock, log or system call but futex, and
 * clock_gettime, which is none.
 *
 * Whoever drives the cycle may be killed at any point. What the next driver has to do follows from
 * two words: `blocks`, the epoch that was handed out last, and the epoch that is released.
 *
 *   A1  released == blocks: block blocks + 1 is to be prepared, perhaps again. What preparing does
 *       can be done twice: a plan's operations give the same at the same frame, the events of a
 *       block that are in its list stay in it.
 *
 *   A2  released == blocks + 1: it is being computed, or mixed: it is waited for and mixed.
 *       Offline, where no driver is replaced, some after it may be released too.
 *
 *   A3  the frame follows from `blocks`, so both move on with one store */
#include "engine/audio_mix.h"
#include "engine/audio_release.h"
#include "engine/audio_trace.h"
#include "engine/claim.h"

#define POKE_NS             1000000  /* how long to trust that a wake-up has arrived */
#define SLEEP_NS            50000    /* that going to sleep and being woken takes */
#define OFFLINE_PATIENCE_NS 20000000 /* nobody waits, so the machine may do other things first */

static int64_t start_of(const SyAudio *audio)
{
    return atomic_load_explicit(&audio->frame, memory_order_relaxed);
}

static uint64_t released(const SyAudio *audio)
{
    return atomic_load_explicit(&audio->segment->release.epoch, memory_order_relaxed);
}

/* A2 */
static bool is_outstanding(const SyAudio *audio)
{
    return released(audio) != atomic_load_explicit(&audio->blocks, memory_order_relaxed);
}

/* Taking events. */

static uint64_t playing_serial(const SyAudio *audio)
{
    return audio->plan ? audio->plan->serial : 0;
}

/* An event that needs a plan which is not playing yet holds up those behind it: their order is what
 * the sender meant. */
static void take_from(SyAudio *audio, SyEventInlet *inlet)
{
    while (sy_schedule_has_room(&audio->schedule)) {
        if (!inlet->holding && !sy_ring_read(&inlet->out, &inlet->held)) {
            return;
        }
        inlet->holding = inlet->held.serial > playing_serial(audio);
        if (inlet->holding) {
            return;
        }
        sy_schedule_take(&audio->schedule, &inlet->held);
    }
}

static void take_events(SyAudio *audio)
{
    if (audio->schedule.epoch != audio->epoch) { /* A1 */
        sy_schedule_begin(&audio->schedule, audio->epoch, start_of(audio));
    }
    sy_audio_adopt(audio);
    take_from(audio, &audio->inlets[SY_FROM_CONTROL]);
    take_from(audio, &audio->inlets[SY_FROM_OSC]);
    sy_schedule_due(&audio->schedule);
}

/* Releasing a block. */

/* After the release: whoever sees this and then finds no worker reading an older plan knows that no
 * worker will. */
static void announce_plan(SyAudio *audio)
{
    const uint64_t serial = playing_serial(audio);

    if (atomic_load_explicit(&audio->adopted, memory_order_relaxed) != serial) {
        sy_audio_trace_moment(audio, SY_MOMENT_PLAN);
        atomic_store_explicit(&audio->adopted, serial, memory_order_seq_cst);
        sy_bell_ring(&audio->segment->control_bell);
    }
}

static bool has_nodes(const SyAudio *audio)
{
    return audio->plan && audio->plan->n_nodes > 0;
}

/* Whether there is nothing to be prepared and nobody to be told: events are for nodes, and stay
 * where they are until there is one. */
static bool is_empty(const SyAudio *audio)
{
    return !has_nodes(audio) && audio->schedule.n_events == 0 && !is_outstanding(audio) &&
           atomic_load_explicit(&audio->adopted, memory_order_relaxed) == playing_serial(audio);
}

/* It is done before it is released, so no worker looks at what its plan is. */
static void release_empty(SyAudio *audio, int64_t begins_ns)
{
    audio->released_ns = begins_ns; /* for whoever goes on after a kill */
    atomic_store_explicit(&audio->segment->block_shared.done, audio->epoch, memory_order_release);
    atomic_store_explicit(&audio->segment->release.epoch, audio->epoch, memory_order_seq_cst);
}

/* Waiting for it. */

static bool is_done(const SyAudio *audio)
{
    const uint64_t done =
        atomic_load_explicit(&audio->segment->block_shared.done, memory_order_acquire);
    return done >= audio->epoch && done <= released(audio);
}

/* Workers write that word, and one may have been out of its mind: a block that has not been
 * released cannot be done. */
static void mend_done(const SyAudio *audio)
{
    _Atomic uint64_t *done = &audio->segment->block_shared.done;
    uint64_t seen = atomic_load_explicit(done, memory_order_relaxed);

    if (seen > released(audio)) {
        atomic_compare_exchange_strong_explicit(done, &seen, audio->epoch - 1, memory_order_release,
                                                memory_order_relaxed);
    }
}

/* Live, this thread sleeps at once: there is a period to wait for anyway, and a worker may be on
 * its CPU. Offline it stays awake if there is a core left for it and the block is likely to be done
 * before it would be awake again. */
static int64_t spin_ns(const SyAudio *audio)
{
    const SySegment *segment = audio->segment;
    const uint64_t n = atomic_load_explicit(&audio->n_times, memory_order_relaxed);

    if (!audio->offline || atomic_load_explicit(&segment->spin_ns, memory_order_relaxed) == 0 ||
        !audio->plan || n == 0 ||
        sy_audio_crew_size(audio) >=
            atomic_load_explicit(&segment->n_cores, memory_order_relaxed)) {
        return 0;
    }
    const uint32_t last =
        atomic_load_explicit(&audio->times_ns[(n - 1) % SY_TIMES_KEPT], memory_order_relaxed);
    return last < SLEEP_NS ? 2 * SLEEP_NS : 0;
}

static bool spin_until_done(const SyAudio *audio)
{
    if (is_done(audio)) {
        return true;
    }
    const int64_t until = sy_now_ns() + spin_ns(audio);
    do {
        if (is_done(audio)) {
            return true;
        }
        sy_spin_pause();
    } while (sy_now_ns() < until);
    return false;
}

/* Sleeps until the block is done or the time has come; makes good what a killed worker took with
 * it. */
static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t sy_audio_patience_ns(const SyAudio *audio)
{
    const SySegment *segment = audio->segment;
    return audio->offline ? OFFLINE_PATIENCE_NS
                          : (int64_t)segment->block * 1000000000 / segment->rate / 2;
}

/* A block that takes its time: the watchdog is asked to see whether somebody hangs. */
static void ask_for_a_look(SyAudio *audio)
{
    const int64_t now = sy_now_ns();
    if (now >= audio->asked_ns + sy_audio_patience_ns(audio)) {
        audio->asked_ns = now;
        sy_bell_ring(&audio->segment->watchdog_bell);
    }
}

/* Whoever is done with a block that this thread sleeps through does not wake it: where several are
 * released it is woken after half of them, and workers have the others. */
static void await(const SyAudio *audio)
{
    atomic_store_explicit(&audio->segment->release.awaited,
                          audio->epoch + (released(audio) - audio->epoch) / 2,
                          memory_order_seq_cst);
}

static bool wait_until(SyAudio *audio, int64_t deadline_ns)
{
    const int64_t patience_ns = sy_audio_patience_ns(audio);
    SyFutex *bell = &audio->segment->block_shared.done_bell;

    await(audio);
    for (;;) {
        const uint32_t seen = sy_bell_listen(bell);
        if (is_done(audio)) {
            return true;
        }
        const int64_t left = deadline_ns - sy_now_ns();
        if (left <= 0) {
            return false;
        }
        sy_bell_sleep(bell, seen, least(left, least(POKE_NS, patience_ns)));
        if (!is_done(audio)) {
            mend_done(audio);
            ask_for_a_look(audio);
        }
        if (!is_done(audio) && sy_now_ns() - audio->released_ns > POKE_NS) {
            sy_bell_ring(&audio->segment->block_shared.progress);
            sy_audio_call_crew(audio);
        }
    }
}

static bool wait_until_done(SyAudio *audio, int64_t deadline_ns)
{
    if (spin_until_done(audio) || wait_until(audio, deadline_ns)) {
        return true;
    }
    /* If the whole machine was taken away for a while, the workers have missed their time as much
     * as this thread has overslept: they get a little more. */
    const int64_t overslept = sy_now_ns() - deadline_ns;
    const int64_t period_ns = (int64_t)audio->segment->block * 1000000000 / audio->segment->rate;
    return overslept > period_ns / 4 && wait_until(audio, sy_now_ns() + period_ns / 4);
}

/* Counts a late block on the nodes that workers were at when it should have been done. */
static void note_late(const SyAudio *audio)
{
    SySegment *segment = audio->segment;

    for (uint32_t i = 0; i < SY_WORKERS_MAX; i++) {
        const SyDoing doing =
            sy_doing_of(atomic_load_explicit(&segment->workers[i].doing, memory_order_relaxed));
        if (doing.n_nodes > 0 && doing.epoch == (audio->epoch & SY_EPOCH_MASK) &&
            doing.slot < SY_MODULES_MAX) {
            atomic_fetch_add_explicit(&segment->nodes[doing.slot].n_late, 1, memory_order_relaxed);
        }
    }
}

static void keep_time(SyAudio *audio, int64_t took)
{
    const uint64_t n = atomic_load_explicit(&audio->n_times, memory_order_relaxed);

    atomic_store_explicit(&audio->times_ns[n % SY_TIMES_KEPT],
                          took < UINT32_MAX ? (uint32_t)took : UINT32_MAX, memory_order_relaxed);
    atomic_store_explicit(&audio->n_times, n + 1, memory_order_release);
}

/* When the block was done. Offline this thread may look much later; workers write that word, and
 * are believed as far as it can be true. */
static int64_t when_done(const SyAudio *audio, int64_t now)
{
    const _Atomic int64_t *done_ns = audio->segment->block_shared.done_ns;

    if (!audio->offline) {
        return now;
    }
    const int64_t at =
        atomic_load_explicit(&done_ns[audio->epoch % SY_AHEAD], memory_order_relaxed);
    return at < audio->released_ns ? audio->released_ns : least(at, now);
}

/* A block that was released ahead has been in hand since this one was done. */
static void note_time(SyAudio *audio)
{
    const int64_t now = sy_now_ns(), done = when_done(audio, now);

    keep_time(audio, done - audio->released_ns);
    if (sy_audio_is_ahead(audio)) {
        audio->released_ns = done;
        audio->asked_ns = now;
    }
}

/* A3 */
static void hand_out(SyAudio *audio)
{
    atomic_store_explicit(&audio->blocks, audio->epoch, memory_order_release);
    atomic_store_explicit(&audio->frame, start_of(audio) + audio->segment->block,
                          memory_order_release);
}

bool sy_audio_is_idle(const SyAudio *audio)
{
    return !has_nodes(audio) && !audio->waiting_plan &&
           atomic_load_explicit(&audio->next_plan, memory_order_acquire) == 0;
}

/* A block with something in it, or the rest of one: an empty one is never outstanding for long, but
 * a driver can be killed at any time. */
static void process(SyAudio *audio, float *left, float *right, SyAudioTime time)
{
    if (!is_outstanding(audio)) {
        mend_done(audio);
        take_events(audio);
        sy_audio_release(audio);
    }
    announce_plan(audio);
    sy_audio_release_ahead(audio, time.n_more);
    if (!wait_until_done(audio, time.deadline_ns)) {
        note_late(audio);
        sy_audio_fill_gap(audio, left, right);
        sy_audio_trace_moment(audio, SY_MOMENT_LATE);
        return;
    }
    note_time(audio);
    sy_audio_mix(audio, left, right);
    sy_audio_finish(audio, left, right);
    sy_audio_trace_done(audio);
    hand_out(audio);
}

static void process_empty(SyAudio *audio, float *left, float *right, int64_t begins_ns)
{
    release_empty(audio, begins_ns);
    keep_time(audio, 0);
    sy_audio_mix(audio, left, right);
    sy_audio_finish(audio, left, right);
    hand_out(audio);
}

static void begin(SyAudio *audio, int64_t begins_ns)
{
    const uint64_t handed = atomic_load_explicit(&audio->blocks, memory_order_relaxed);

    audio->epoch = handed + 1;
    atomic_store_explicit(&audio->frame, (int64_t)handed * audio->segment->block,
                          memory_order_release); /* A3 */
    sy_timebase_tick(&audio->timebase, start_of(audio), (double)begins_ns * 1e-9);
}

static void record(SyAudio *audio, const float *left, const float *right)
{
    if (atomic_load_explicit(&audio->recording, memory_order_acquire)) {
        sy_audio_record(audio, left, right);
    }
}

void sy_audio_process(SyAudio *audio, float *left, float *right, SyAudioTime time)
{
    begin(audio, time.begins_ns);
    if (is_empty(audio) && sy_audio_is_idle(audio)) {
        process_empty(audio, left, right, time.begins_ns);
    } else {
        process(audio, left, right, time);
    }
    record(audio, left, right);
}

bool sy_audio_make_up(SyAudio *audio, float *left, float *right, int64_t begins_ns)
{
    if (!is_empty(audio)) {
        return false;
    }
    begin(audio, begins_ns);
    process_empty(audio, left, right, begins_ns);
    record(audio, left, right);
    return true;
}
