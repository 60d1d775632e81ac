/* Every way in which a module can misbehave, over and over, on one engine that goes on playing. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/rig/check.h"
#include "tests/soak/soak.h"

#define SETTLE_MS 15 /* for what is endured: some blocks of it */
#define WAIT_NS   3000000000

typedef struct Mode {
    const char *name;
    uint32_t numbers; /* parameter `number` is below this, from `first` on */
    uint32_t first;
    bool is_endured; /* nobody dies of it */
} Mode;

static const Mode modes[] = {
    {"segv", 1, 0, false},      {"abort", 1, 0, false},   {"illegal", 1, 0, false},
    {"overflow", 1, 0, false},  {"exit", 1, 0, false},    {"hang", 1, 0, false},
    {"notanumber", 1, 0, true}, {"infinite", 1, 0, true}, {"slow", 300, 100, true},
    {"scribble", 10, 0, false}, {"call", 60, 39, false},
};

#define N_MODES (sizeof(modes) / sizeof(modes[0]))

static const char patch[] = "create vco --id 1 --voices 8 --freq 110\n"
                            "create vcf --id 1 --voices 8 --cutoff 900\n"
                            "create vca --id 1 --voices 8\n"
                            "create mixer --id 1\n"
                            "create out --id 1\n"
                            "create fault --id 1\n"
                            "connect vco/1/saw vcf/1/in\n"
                            "connect vcf/1/low vca/1/in\n"
                            "connect vca/1/out mixer/1/in1 --gain 0.1\n"
                            "connect mixer/1/out fault/1/in\n"
                            "connect fault/1/out out/1/left\n"
                            "connect mixer/1/out out/1/right\n";

/* Waits for the notice that it is bypassed. Returns after how many ms it came, or -1. */
static double await_quarantine(const SySoakLive *live)
{
    char packet[16384];
    struct pollfd in = {.fd = live->osc.fd, .events = POLLIN};
    const int64_t begun = sy_stage_now_ns();

    for (int64_t left; (left = begun + WAIT_NS - sy_stage_now_ns()) > 0;) {
        const ssize_t size = poll(&in, 1, (int)(left / 1000000) + 1) == 1
                                 ? recv(live->osc.fd, packet, sizeof(packet), 0)
                                 : -1;
        if (size > 0 && memmem(packet, (size_t)size, "/quarantined", 13)) {
            return (double)(sy_stage_now_ns() - begun) * 1e-6;
        }
    }
    return -1;
}

static void set(const SySoakLive *live, const char *mode, uint32_t number)
{
    /* One that has scribbled over its parameters needs all of them again. */
    sy_osc_send(&live->osc, "/fault/1/after", "i", 0);
    sy_osc_send(&live->osc, "/fault/1/number", "i", (int)number);
    sy_osc_send(&live->osc, "/fault/1/mode", "s", mode);
}

/* Returns after how many ms it was bypassed, or -1 if it was not. */
static double misbehave(SySoakLive *live, const Mode *mode, uint64_t *seed)
{
    double ms = -1;

    set(live, mode->name, mode->first + sy_soak_random(seed, mode->numbers));
    if (mode->is_endured) {
        sy_stage_pause_ms(SETTLE_MS);
    } else {
        ms = await_quarantine(live);
    }
    /* The block in which it misbehaved, and still would, has to be over before it may run again. */
    set(live, "none", 0);
    sy_soak_live_await_blocks(live, 3);
    sy_osc_send(&live->osc, "/revive", "s", "fault/*");
    sy_osc_sync(&live->osc);
    return ms;
}

void sy_soak_live_faults(SyStage *stage, uint64_t n, uint64_t seed)
{
    uint64_t bypassed[N_MODES] = {0}, times[N_MODES] = {0};
    double worst_ms[N_MODES] = {0};
    const int64_t begun = sy_stage_now_ns();

    sy_stage_write(stage, "faults.synth", patch);
    SySoakLive *live = sy_soak_live_start(stage, "faults.synth", 4);
    sy_osc_send(&live->osc, "/notify", "i", 1);
    sy_osc_await(&live->osc, "/done");
    for (uint64_t i = 0; i < n; i++) {
        const size_t which = i < 2 * N_MODES ? i % N_MODES : sy_soak_random(&seed, N_MODES);
        const double ms = misbehave(live, &modes[which], &seed);
        times[which]++;
        bypassed[which] += ms >= 0;
        worst_ms[which] = ms > worst_ms[which] ? ms : worst_ms[which];
    }
    for (size_t i = 0; i < N_MODES; i++) {
        print_message("  %-10s %4" PRIu64 " times, bypassed %4" PRIu64 " times, at the latest "
                      "after %.0f ms\n",
                      modes[i].name, times[i], bypassed[i], worst_ms[i]);
        /* One that has spoilt its own parameters by scribbling may have become harmless. */
        const bool may_endure = modes[i].is_endured || strcmp(modes[i].name, "scribble") == 0;
        assert_true(may_endure || bypassed[i] == times[i]);
    }
    sy_osc_send(&live->osc, "/notify", "i", 0);
    sy_soak_live_end(live, "faults", &(SySoakToll){.ns = sy_stage_now_ns() - begun});
}
