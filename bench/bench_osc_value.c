/* The part of synthbench osc that looks at the engine's memory: from send() until a parameter's new
 * value is the engine's.
 *
 * The bench sends, and then looks at two words without a pause: how many packets the osc thread has
 * received, and the value that a get would answer. When the value is there, the event that carries
 * it to the audio thread is in the ring: the next block plays it, whatever happens to the sender.
 *
 * A CPU that has nothing to do is asleep, and a packet has to wake it before it wakes a thread. To
 * tell what is the machine's, every other packet goes to a bare thread, of the osc thread's
 * priority, that waits in poll() and receives with the same call, and does nothing else.
 *
 * The bench has the priority below: where the system runs both on one CPU, it is the osc thread's
 * turn as soon as there is a packet. */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/bench_osc.h"
#include "bench/noise.h"
#include "bench/osc_client.h"
#include "engine/realtime.h"
#include "engine/thread.h"

#define PATIENCE_NS   UINT64_C(1000000000)
#define REST_NS       200000 /* and up to a period more, between two packets */
#define WARM_UP       20
#define ROUND         100
#define NOISE_A_ROUND 20
#define GOAL_P50_US   60.0
#define GOAL_P99_US   200.0

/* The bare thread. */
typedef struct Bare {
    pthread_t thread;
    int out, in; /* sockets: the bench's, the thread's */
    _Atomic uint64_t received;
    _Atomic bool stopping;
} Bare;

static void *receive_barely(void *user)
{
    Bare *bare = user;
    struct pollfd ready = {.fd = bare->in, .events = POLLIN};
    char bytes[64];
    struct iovec vector = {bytes, sizeof(bytes)};
    struct mmsghdr header = {.msg_hdr = {.msg_iov = &vector, .msg_iovlen = 1}};

    sy_realtime_enter(SY_PRIORITY_OSC);
    while (!atomic_load(&bare->stopping)) {
        if (poll(&ready, 1, -1) == 1 && recvmmsg(bare->in, &header, 1, MSG_DONTWAIT, NULL) == 1) {
            atomic_fetch_add(&bare->received, 1);
        }
    }
    return NULL;
}

static bool open_bare(Bare *bare)
{
    int port = 0;

    *bare = (Bare){.in = sy_osc_bound_socket(&port)};
    bare->out = bare->in < 0 ? -1 : sy_osc_socket(port);
    if (bare->out >= 0 && sy_thread_start(&bare->thread, "bare", receive_barely, bare) == 0) {
        return true;
    }
    sy_bench_fail("bare thread");
    close(bare->in);
    close(bare->out);
    return false;
}

static void close_bare(Bare *bare)
{
    atomic_store(&bare->stopping, true);
    if (send(bare->out, "", 1, 0) != 1) {
        sy_bench_fail("send"); /* it would not end: but to the loopback there is always a way */
    }
    pthread_join(bare->thread, NULL);
    close(bare->in);
    close(bare->out);
}

typedef struct Rows {
    SyHistogram *bare, *received, *held, *noise;
} Rows;

static bool time_bare(SyOscRig *rig, Bare *bare, SyHistogram *histogram)
{
    const uint64_t before = atomic_load(&bare->received);
    uint64_t now;

    sy_osc_rig_pause(rig, REST_NS);
    const uint64_t sent = sy_bench_now();
    if (send(bare->out, rig->knob.bytes, rig->knob.size, 0) != (ssize_t)rig->knob.size) {
        return sy_bench_fail("send");
    }
    do {
        now = sy_bench_now();
    } while (atomic_load(&bare->received) == before && now < sent + PATIENCE_NS);
    sy_histogram_record(histogram, now - sent);
    return now < sent + PATIENCE_NS || sy_bench_fail("a packet is lost");
}

static bool time_value(SyOscRig *rig, float value, SyHistogram *received, SyHistogram *held)
{
    const uint64_t before = sy_osc_rig_packets(rig);
    uint64_t now, came;

    sy_osc_packet_value(&rig->knob, value);
    sy_osc_rig_pause(rig, REST_NS);
    const uint64_t sent = sy_bench_now();
    if (!sy_osc_rig_send(rig, rig->knob.bytes, rig->knob.size)) {
        return false;
    }
    do {
        came = sy_bench_now();
    } while (sy_osc_rig_packets(rig) == before && came < sent + PATIENCE_NS);
    do {
        now = sy_bench_now();
    } while (atomic_load(rig->value) != value && now < sent + PATIENCE_NS);
    sy_histogram_record(received, came - sent);
    sy_histogram_record(held, now - sent);
    return now < sent + PATIENCE_NS || sy_bench_fail("a packet is lost");
}

static bool measure(SyOscRig *rig, Bare *bare, uint64_t n, const Rows *rows)
{
    bool ok = true;

    for (uint64_t i = 0; i < n + WARM_UP && ok; i++) {
        if (i == WARM_UP) { /* caches, and pages of the allocator */
            sy_histogram_reset(rows->bare);
            sy_histogram_reset(rows->received);
            sy_histogram_reset(rows->held);
        }
        if (i % ROUND == 0) {
            sy_noise_measure(rows->noise, NOISE_A_ROUND);
        }
        ok = time_bare(rig, bare, rows->bare) &&
             time_value(rig, i % 2 ? -6.0f : -12.0f, rows->received, rows->held);
    }
    return ok;
}

static void report_rows(const Rows *rows, SyReport *report)
{
    sy_report_row(report, "baseline: packet to a bare thread that waits for it", rows->bare, 1);
    sy_report_row(report, "packet received by the osc thread", rows->received, 1);
    sy_report_row(report, "packet to parameter: checked, routed, in the event ring", rows->held, 1);
    sy_report_at_most(report, "packet to parameter, p50",
                      (double)sy_histogram_percentile(rows->held, 50) * 1e-3, GOAL_P50_US, "us");
    sy_report_at_most(report, "packet to parameter, p99",
                      (double)sy_histogram_percentile(rows->held, 99) * 1e-3, GOAL_P99_US, "us");
}

bool sy_osc_measure_value(SyOscRig *rig, uint64_t n, SyReport *report, SyHistogram *noise)
{
    const Rows rows = {sy_histogram_new(), sy_histogram_new(), sy_histogram_new(), noise};
    Bare bare;
    bool ok = rows.bare && rows.received && rows.held && open_bare(&bare);

    if (ok) {
        sy_realtime_enter((SyPriority)(SY_PRIORITY_OSC - 1));
        ok = measure(rig, &bare, n, &rows);
        sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0});
        close_bare(&bare);
    }
    if (ok) {
        report_rows(&rows, report);
    }
    sy_histogram_free(rows.bare);
    sy_histogram_free(rows.received);
    sy_histogram_free(rows.held);
    return ok;
}
