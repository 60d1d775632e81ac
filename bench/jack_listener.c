#include "bench/jack_listener.h"

#include <jack/jack.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/ring.h"

#define REST 64 /* frames: a move is over */
#define KEPT 64 /* moves that wait to be told */

#define CYCLES 256 /* remembered */

/* When a cycle began. */
typedef struct Cycle {
    _Atomic uint32_t frame; /* its first */
    _Atomic int64_t begin_ns;
} Cycle;

struct SyJackListener {
    jack_client_t *clock; /* hears nobody, and is called as soon as a cycle begins */
    jack_client_t *client;
    jack_port_t *port;
    Cycle cycles[CYCLES]; /* the clock's callback's */
    SyMoves moves;        /* the listener's callback's, as the next */
    int64_t at_ns;        /* of the move that goes on */
    SyRing in, out;       /* of SyJackHeard */
    void *ring;
    sem_t told;
    _Atomic uint32_t xruns;
};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static Cycle *cycle_of(SyJackListener *listener, uint32_t frame, uint32_t n_frames)
{
    return &listener->cycles[frame / n_frames % CYCLES];
}

/* Thread: audio.  RT: yes. */
static int note_begin(jack_nframes_t n_frames, void *user)
{
    SyJackListener *listener = user;
    const int64_t now = now_ns();
    const uint32_t frame = jack_last_frame_time(listener->clock);
    Cycle *cycle = cycle_of(listener, frame, n_frames);

    atomic_store_explicit(&cycle->begin_ns, now, memory_order_relaxed);
    atomic_store_explicit(&cycle->frame, frame, memory_order_release);
    return 0;
}

/* As the clock has noted it; or now, when the clock is not called before now. */
static int64_t begin_of(SyJackListener *listener, uint32_t n_frames)
{
    const int64_t now = now_ns();
    const uint32_t frame = jack_last_frame_time(listener->client);
    Cycle *cycle = cycle_of(listener, frame, n_frames);

    return atomic_load_explicit(&cycle->frame, memory_order_acquire) == frame
               ? atomic_load_explicit(&cycle->begin_ns, memory_order_relaxed)
               : now;
}

/* Thread: audio.  RT: yes. */
static int process(jack_nframes_t n_frames, void *user)
{
    SyJackListener *listener = user;
    const float *in = jack_port_get_buffer(listener->port, n_frames);
    const int64_t rate = jack_get_sample_rate(listener->client);
    const int64_t begin_ns = begin_of(listener, n_frames);

    for (uint32_t i = 0; i < n_frames; i++) {
        const bool was_moving = listener->moves.moving;
        const bool over = sy_moves_feed(&listener->moves, in[i]);
        if (listener->moves.moving && !was_moving) {
            listener->at_ns = begin_ns + i * INT64_C(1000000000) / rate;
        }
        if (over &&
            sy_ring_write(&listener->in, &(SyJackHeard){listener->moves.move, listener->at_ns})) {
            sem_post(&listener->told);
        }
    }
    return 0;
}

static int count_xrun(void *user)
{
    SyJackListener *listener = user;
    atomic_fetch_add(&listener->xruns, 1);
    return 0;
}

static bool make_ring(SyJackListener *listener)
{
    const size_t bytes = sy_ring_bytes(KEPT, sizeof(SyJackHeard));

    listener->ring = aligned_alloc(64, bytes);
    if (listener->ring) {
        sy_ring_init(&listener->in, listener->ring, KEPT, sizeof(SyJackHeard));
        sy_ring_attach(&listener->out, listener->ring, KEPT, sizeof(SyJackHeard));
    }
    return listener->ring != NULL;
}

static jack_client_t *join(JackProcessCallback process_cycle, SyJackListener *listener)
{
    jack_client_t *client = jack_client_open("synthbench", JackNoStartServer, NULL);

    if (client && jack_set_process_callback(client, process_cycle, listener) != 0) {
        jack_client_close(client);
        return NULL;
    }
    return client;
}

static bool start(SyJackListener *listener, const char *source)
{
    listener->clock = join(note_begin, listener);
    listener->client = join(process, listener);
    if (!listener->clock || !listener->client) {
        return false;
    }
    listener->port =
        jack_port_register(listener->client, "in", JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0);
    return listener->port && jack_set_xrun_callback(listener->client, count_xrun, listener) == 0 &&
           jack_activate(listener->clock) == 0 && jack_activate(listener->client) == 0 &&
           jack_connect(listener->client, source, jack_port_name(listener->port)) == 0;
}

SyJackListener *sy_jack_listener_open(const char *source)
{
    SyJackListener *listener = aligned_alloc(64, (sizeof(*listener) + 63) & ~(size_t)63);

    if (!listener) {
        perror("synthbench: JACK client");
        return NULL;
    }
    *listener = (SyJackListener){0};
    sy_moves_init(&listener->moves, REST);
    atomic_store(&listener->cycles[0].frame, UINT32_MAX); /* the others are no first frames */
    sem_init(&listener->told, 0, 0);
    if (make_ring(listener) && start(listener, source)) {
        return listener;
    }
    fprintf(stderr, "synthbench: JACK does not connect %s\n", source);
    sy_jack_listener_close(listener);
    return NULL;
}

void sy_jack_listener_close(SyJackListener *listener)
{
    if (!listener) {
        return;
    }
    if (listener->client) {
        jack_client_close(listener->client);
    }
    if (listener->clock) {
        jack_client_close(listener->clock);
    }
    sem_destroy(&listener->told);
    free(listener->ring);
    free(listener);
}

bool sy_jack_listener_await(SyJackListener *listener, int64_t patience_ns, SyJackHeard *heard)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)((until.tv_nsec + patience_ns) / 1000000000);
    until.tv_nsec = (long)((until.tv_nsec + patience_ns) % 1000000000);
    return sem_clockwait(&listener->told, CLOCK_MONOTONIC, &until) == 0 &&
           sy_ring_read(&listener->out, heard);
}

void sy_jack_listener_forget(SyJackListener *listener)
{
    SyJackHeard heard;

    while (sem_trywait(&listener->told) == 0 && sy_ring_read(&listener->out, &heard)) {
    }
}

uint32_t sy_jack_listener_latency(const SyJackListener *listener)
{
    jack_latency_range_t range = {0};
    const char **ports = jack_get_ports(listener->client, NULL, JACK_DEFAULT_AUDIO_TYPE,
                                        JackPortIsPhysical | JackPortIsInput);

    if (ports && ports[0]) {
        jack_port_get_latency_range(jack_port_by_name(listener->client, ports[0]),
                                    JackPlaybackLatency, &range);
    }
    jack_free(ports);
    return range.max;
}

uint32_t sy_jack_listener_xruns(const SyJackListener *listener)
{
    return atomic_load(&listener->xruns);
}
