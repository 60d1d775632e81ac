/* A burst of messages costs the one who sends it, and nobody the sound. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/rig/check.h"
#include "tests/rig/osc.h"
#include "tests/rig/sound.h"
#include "tests/rig/synth.h"

#define PACKETS  100000
#define AT_ONCE  100
#define PAUSE_NS 1000000 /* between so many: about a second for all */

/* Parameter changes, questions, mistakes and noise, in turn. */
static size_t make_packets(struct mmsghdr *headers, struct iovec *vectors)
{
    static char bytes[AT_ONCE][64];

    memset(headers, 0, AT_ONCE * sizeof(*headers));
    for (int i = 0; i < AT_ONCE; i++) {
        static const char *const addresses[] = {"/vco/2/freq", "/vco/2/freq", "/vco/9/freq",
                                                "/status"};
        size_t size = 24;
        if (i % 5 == 4) {
            memset(bytes[i], i, size);
        } else {
            size = sy_osc_bytes(bytes[i], sizeof(bytes[i]), addresses[i % 5],
                                i % 5 == 0 || i % 5 == 2 ? "f" : "", 100.0 + i);
        }
        vectors[i] = (struct iovec){bytes[i], size};
        headers[i].msg_hdr.msg_iov = &vectors[i];
        headers[i].msg_hdr.msg_iovlen = 1;
    }
    return AT_ONCE;
}

/* A process of its own, which never reads what is answered. */
static pid_t start_flood(const SySynth *synth)
{
    struct mmsghdr headers[AT_ONCE];
    struct iovec vectors[AT_ONCE];
    SyOsc osc = sy_osc_open(synth);
    make_packets(headers, vectors);
    const pid_t pid = fork();

    if (pid == 0) {
        const struct timespec pause = {.tv_nsec = PAUSE_NS};
        for (int sent = 0; sent < PACKETS; sent += AT_ONCE) {
            sendmmsg(osc.fd, headers, AT_ONCE, 0);
            nanosleep(&pause, NULL);
        }
        _exit(0);
    }
    sy_osc_close(&osc);
    return pid;
}

static void flood_does_not_break_the_sound(void **state)
{
    SyStage *stage = *state;
    int answers = 0;

    sy_stage_write(stage, "tone.synth",
                   "create vco --id 1 --freq 440\ncreate vco --id 2\ncreate out --id 1\n"
                   "connect vco/1/sine out/1/left --gain 0.5\n");
    SySynth *synth = sy_synth_start(stage, "--audio clock --load tone.synth --record tone.wav");
    const pid_t engine = sy_synth_engine(synth);
    const long before_kb = sy_process_status_kb(engine, "RssAnon");

    const pid_t flood = start_flood(synth);
    while (sy_process_lives(flood)) {
        sy_ctl_ok(synth, "--host 127.0.0.1 set vco/1/fine 0");
        sy_ctl_ok(synth, "status");
        answers++;
    }
    assert_int_equal(sy_stage_wait(flood), 0);

    const double packets = sy_status(synth, "osc.packets");
    const double flooded = sy_status(synth, "osc.flooded");
    const long after_kb = sy_process_status_kb(engine, "RssAnon");
    print_message("%.0f of %d packets came, %.0f were too many; %d pairs of answers meanwhile; "
                  "memory from %ld to %ld kB\n",
                  packets, PACKETS, flooded, answers, before_kb, after_kb);
    assert_true(packets > PACKETS / 10);
    assert_true(answers > 2);
    if (!SY_SANITIZED) { /* which keep what was freed for a while */
        assert_true(after_kb - before_kb < 16384);
    }
    sy_ctl_ok(synth, "create vca --id 1");
    double late;
    const SySound sound = sy_sound_end(synth, "tone.wav", &late);
    sy_sound_assert_tone(&sound, 440, 0.5, late);
}

/* Edits that are too many at once are refused, and those that were taken are whole. */
static void burst_of_edits_is_answered_one_by_one(void **state)
{
    enum { EDITS = 2000 };
    SySynth *synth = sy_synth_start(*state, "--audio clock");
    SyOsc osc = sy_osc_open(synth);
    const int room = 4 << 20;

    setsockopt(osc.fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
    for (int i = 1; i <= EDITS; i++) {
        sy_osc_send(&osc, "/create", "sii", "vca", i, i);
        sy_osc_send(&osc, "/destroy", "si", sy_stage_text(*state, "vca/%d", i), i);
    }
    sy_osc_sync(&osc);
    sy_osc_close(&osc);
    assert_int_equal(sy_status(synth, "modules"), 0);
    sy_await(sy_status(synth, "health.memory_used") == 0);
    sy_synth_quit(synth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(flood_does_not_break_the_sound),
        sy_stage_test(burst_of_edits_is_answered_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
