#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/audio.h"

/* Where each piece begins, in bytes from the struct's start. */
typedef struct Layout {
    size_t inlets[SY_EVENT_SOURCES], tape, live, heap, end;
} Layout;

static Layout lay_out(void)
{
    Layout layout;
    size_t at = (sizeof(SyAudio) + 4095) & ~(size_t)4095;

    for (int i = 0; i < SY_EVENT_SOURCES; i++) {
        layout.inlets[i] = at;
        at += sy_ring_bytes(SY_EVENT_RING, sizeof(SyEvent));
    }
    layout.tape = at;
    layout.live = layout.tape + sy_ring_bytes(SY_TAPE_FRAMES, sizeof(SyFrame));
    layout.heap = layout.live + SY_MODULES_MAX * sizeof(SyLive);
    layout.end = layout.heap + SY_SCHEDULED_MAX * sizeof(SyScheduled);
    return layout;
}

static void format(SyAudio *audio, const Layout *layout)
{
    unsigned char *base = (unsigned char *)audio;

    for (int i = 0; i < SY_EVENT_SOURCES; i++) {
        SyEventInlet *inlet = &audio->inlets[i];
        sy_ring_init(&inlet->in, base + layout->inlets[i], SY_EVENT_RING, sizeof(SyEvent));
        sy_ring_attach(&inlet->out, base + layout->inlets[i], SY_EVENT_RING, sizeof(SyEvent));
    }
    sy_ring_init(&audio->tape_in, base + layout->tape, SY_TAPE_FRAMES, sizeof(SyFrame));
    sy_ring_attach(&audio->tape_out, base + layout->tape, SY_TAPE_FRAMES, sizeof(SyFrame));
    audio->live = (SyLive *)(void *)(base + layout->live);
    sy_schedule_init(&audio->schedule, audio->segment, audio->live,
                     (SyScheduled *)(void *)(base + layout->heap));
}

SyAudio *sy_audio_map(SySegment *segment)
{
    const Layout layout = lay_out();
    SyAudio *audio =
        mmap(NULL, layout.end, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (audio == MAP_FAILED) {
        return NULL;
    }
    audio->segment = segment;
    audio->bytes = layout.end;
    format(audio, &layout);
    sy_timebase_init(&audio->timebase, segment->rate, segment->block);
    atomic_init(&audio->cpu, -1);
    return audio;
}

void sy_audio_unmap(SyAudio *audio)
{
    if (audio) {
        munmap(audio, audio->bytes);
    }
}

bool sy_audio_send(SyAudio *audio, SyEventSource source, const SyEvent *events, uint32_t n)
{
    return sy_ring_write_many(&audio->inlets[source].in, events, n);
}

void sy_audio_recover(SyAudio *audio, SyDriverKind driver)
{
    if (atomic_load(&audio->driver) != driver) {
        return;
    }
    sy_timebase_repair(&audio->timebase);
    sy_schedule_repair(&audio->schedule);
}

/* Asks the system once a thread. Not when the cycle changes hands, because a driver that was killed
 * has not given it up. */
static void note_thread(SyAudio *audio)
{
    static _Thread_local int32_t self;

    self = self ? self : gettid();
    if (atomic_load_explicit(&audio->thread, memory_order_relaxed) != self) {
        atomic_store_explicit(&audio->thread, self, memory_order_release);
    }
}

bool sy_audio_take_over(SyAudio *audio, SyDriverKind driver)
{
    uint32_t nobody = SY_DRIVER_NONE;

    if (atomic_load_explicit(&audio->driver_wanted, memory_order_acquire) != driver) {
        sy_audio_hand_over(audio, driver);
        return false;
    }
    if (atomic_load_explicit(&audio->driver, memory_order_acquire) != driver &&
        !atomic_compare_exchange_strong_explicit(&audio->driver, &nobody, driver,
                                                 memory_order_acq_rel, memory_order_relaxed)) {
        return false;
    }
    note_thread(audio);
    return true;
}

void sy_audio_hand_over(SyAudio *audio, SyDriverKind driver)
{
    uint32_t mine = driver;
    atomic_compare_exchange_strong_explicit(&audio->driver, &mine, SY_DRIVER_NONE,
                                            memory_order_acq_rel, memory_order_relaxed);
}
