/* The part of synthbench osc that listens where the device is: a synthd that plays on a JACK server
 * of the bench's own, and the bench as a client of both.
 *
 * JACK runs its clients once in a period, each behind those that it hears. The bench's client hears
 * synthd in the same cycle, before the device does, and looks for the first sample that changes.
 * The time of a sample is that of its cycle's beginning and its place in the cycle. A second client
 * of the bench, which hears nobody and so is called as soon as a cycle begins, notes when that is;
 * the server's own estimate needs seconds to settle after each cycle that was missed.
 *
 * What is written in a cycle is played some frames after the cycle's beginning: that is the
 * device's own latency, which the server tells and which is there without any synthesiser. This
 * server has no sound card, and its frames end nowhere; its cycle, its clients and the latency it
 * tells are those of any other.
 *
 * What is played is one key, louder and softer in turn, and what is heard is its velocity: it steps
 * on the very frame, where a knob begins a ramp of 5 ms.
 *
 * A packet is heard in the cycle after the one it falls into: half a period later on average, a
 * period at the most, and later by its way to the event ring, but for the time that synthd is
 * called after the cycle has begun. A p99 within one period leaves 13 us for all of that. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "bench/bench_osc.h"
#include "bench/jack_listener.h"
#include "bench/jack_server.h"
#include "bench/noise.h"
#include "bench/osc_client.h"
#include "engine/realtime.h"

#define PERIOD        64
#define PERIOD_US     (1e6 * PERIOD / SY_OSC_RIG_RATE)
#define EARLY_NS      300000 /* that synthd may be called after its cycle has begun */
#define PATIENCE_NS   100000000
#define DISTURBED_MAX 100
#define SETTLE_NS     500000000
#define REST_NS       200000 /* between two notes: the last move is over */
#define WARM_UP       10
#define ROUND         50
#define NOISE_A_ROUND 20

typedef struct Course {
    SyOscClient *client;
    SyJackListener *listener;
    SyOscPacket note;  /* number and velocity */
    SyHistogram *late; /* behind the packet, up to the beginning of the device's own */
    uint64_t n_disturbed;
    unsigned seed;
} Course;

static void pause_a_while(Course *course, long ns)
{
    const long all = ns + rand_r(&course->seed) % SY_OSC_RIG_PERIOD_NS;
    nanosleep(&(struct timespec){.tv_nsec = all}, NULL);
}

static bool patch(SyOscClient *client)
{
    double ignored;

    return sy_osc_create(client, "keys", 1, 1, &ignored) &&
           sy_osc_create(client, "out", 1, 1, &ignored) &&
           sy_osc_connect(client, "keys/1/velocity", "out/1/left");
}

/* Whether a move is that of a note. A cycle that is missed is silence: it begins or ends at 0, or
 * leads back to where it was. */
static bool is_of_note(const SyMove *move)
{
    return sy_move_leads_on(move) && move->from != 0 && move->to != 0;
}

/* Waits for the note's move. It is not counted where silence has run into it: then it is not to be
 * found, or begins before the note can be heard. */
static void await_move(Course *course, int64_t sent)
{
    const int64_t until = sent + PATIENCE_NS;
    SyJackHeard heard = {.at_ns = 0};
    bool found = false;

    while (!found && (int64_t)sy_bench_now() < until) {
        found = sy_jack_listener_await(course->listener, PATIENCE_NS, &heard) &&
                is_of_note(&heard.move);
    }
    if (!found || heard.at_ns < sent - EARLY_NS) {
        course->n_disturbed++;
    } else {
        const int64_t late = heard.at_ns - sent;
        sy_histogram_record(course->late, late > 0 ? (uint64_t)late : 0);
    }
}

static bool strike_once(Course *course, float velocity)
{
    const SyOscPacket *note = &course->note;

    pause_a_while(course, REST_NS);
    sy_osc_packet_value(&course->note, velocity);
    sy_jack_listener_forget(course->listener);
    const int64_t sent = (int64_t)sy_bench_now();
    if (send(course->client->socket, note->bytes, note->size, 0) != (ssize_t)note->size) {
        return sy_bench_fail("send");
    }
    await_move(course, sent);
    if (course->n_disturbed > DISTURBED_MAX) {
        fprintf(stderr, "synthbench: through JACK there is too little to be heard\n");
        return false;
    }
    return true;
}

static bool strike(Course *course, uint64_t n, SyHistogram *noise)
{
    bool ok = true;

    pause_a_while(course, SETTLE_NS);
    for (uint64_t i = 0; i < n + WARM_UP && ok; i++) {
        if (i == WARM_UP) {
            sy_histogram_reset(course->late);
            course->n_disturbed = 0; /* the first comes out of silence */
        }
        if (i % ROUND == 0) {
            sy_noise_measure(noise, NOISE_A_ROUND);
        }
        ok = strike_once(course, i % 2 ? 40.0f : 80.0f);
    }
    return ok;
}

static void report_course(const Course *course, SyReport *report)
{
    const double own_us =
        1e6 * sy_jack_listener_latency(course->listener) / (double)SY_OSC_RIG_RATE;
    const double p50 = (double)sy_histogram_percentile(course->late, 50) * 1e-3;
    const double p99 = (double)sy_histogram_percentile(course->late, 99) * 1e-3;

    sy_report_row(report, "JACK: packet to the changed sample, before the device's own",
                  course->late, 1);
    sy_report_value(report, "JACK: the device's own latency, as the server tells it", own_us, "us");
    sy_report_value(report, "JACK: packet to loudspeaker, p50", p50 + own_us, "us");
    sy_report_value(report, "JACK: packet to loudspeaker, p99", p99 + own_us, "us");
    sy_report_value(report, "JACK: packets not counted, for silence in between",
                    (double)course->n_disturbed, "");
    sy_report_value(report, "JACK: cycles not ended in time",
                    sy_jack_listener_xruns(course->listener), "");
    sy_report_at_most(report, "JACK: packet to loudspeaker, beyond the device's own, p99", p99,
                      PERIOD_US, "us");
}

static bool listen_to(SyOscClient *client, uint64_t n, SyReport *report, SyHistogram *noise)
{
    Course course = {.client = client, .late = sy_histogram_new(), .seed = 1};
    bool ok = course.late && patch(client) && sy_osc_packet_init(&course.note, "/keys/1/note", 2);

    course.listener = ok ? sy_jack_listener_open("PortAudio:out_0") : NULL;
    if (course.listener) {
        sy_realtime_enter((SyPriority)(SY_PRIORITY_OSC - 1));
        ok = strike(&course, n, noise);
        sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0});
        if (ok) {
            report_course(&course, report);
        }
    }
    ok = ok && course.listener;
    sy_jack_listener_close(course.listener);
    sy_histogram_free(course.late);
    return ok;
}

bool sy_osc_measure_jack(const SyBenchOptions *options, uint64_t n, SyReport *report,
                         SyHistogram *noise)
{
    char *sibling = sy_bench_sibling("synthd");
    SyJackServer server;
    SyOscClient client;
    const char *why;
    bool ok = true;

    if (!sy_jack_server_open(&server, PERIOD, &why)) {
        sy_report_note(report, "nothing through JACK: %s", why);
        free(sibling);
        return true;
    }
    ok = sy_osc_open_on(&client, options->synthd ? options->synthd : sibling, "portaudio:JACK",
                        PERIOD);
    if (ok) {
        ok = listen_to(&client, n, report, noise);
        sy_osc_close(&client);
    }
    sy_report_note(report, "JACK: %s -p %d", SY_JACK_SERVER_HOW, PERIOD);
    sy_jack_server_close(&server);
    free(sibling);
    return ok;
}
