/* A module that misbehaves in every way there is costs the others no sample. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rig/check.h"
#include "tests/rig/synth.h"

#define SECONDS "2"

/* Eight voices, alone in what is heard. The module at fault hears one of them and is heard by an
 * amplifier that leads nowhere. */
static const char others[] = "create vco --id 1 --voices 8 --freq 110\n"
                             "create lfo --id 1 --rate 3\n"
                             "create vcf --id 1 --voices 8 --cutoff 900\n"
                             "create vca --id 1 --voices 8\n"
                             "create mixer --id 1\n"
                             "create out --id 1\n"
                             "connect vco/1/saw vcf/1/in\n"
                             "connect lfo/1/sine vcf/1/fm --gain 2\n"
                             "connect vcf/1/low vca/1/in\n"
                             "connect vca/1/out mixer/1/in1 --gain 0.1\n"
                             "connect mixer/1/out out/1/left\n"
                             "connect mixer/1/out out/1/right\n"
                             "create vco --id 9\n"
                             "create vca --id 9\n";

static void render_others(SyStage *stage)
{
    sy_stage_write(stage, "others.synth", others);
    sy_synth_render(stage, "others.synth", SECONDS, "others.wav", "--workers 4");
}

/* Renders with a module at fault; returns what was complained of. */
static const char *render_fault(SyStage *stage, const char *settings)
{
    char patch[2048];

    snprintf(patch, sizeof(patch),
             "%screate fault --id 1 %s\nconnect vco/9/saw fault/1/in\n"
             "connect fault/1/out vca/9/in\n",
             others, settings);
    sy_stage_write(stage, "fault.synth", patch);
    const SyRun run = sy_synth_run(stage, "--audio offline --load fault.synth --seconds " SECONDS
                                          " --workers 4 --placement spread --record "
                                          "fault.wav");
    assert_int_equal(run.code, 0);
    assert_true(sy_stage_same(stage, "others.wav", "fault.wav"));
    return run.err;
}

typedef struct Case {
    const char *settings;
    const char *complaint; /* NULL: the module stays in */
    bool needs_cage;       /* sanitizers turn it into something else, or it is what cages forbid */
} Case;

static void no_fault_costs_the_others_a_sample(void **state)
{
    static const Case cases[] = {
        {"--mode none", NULL, false},
        {"--mode segv --after 20000", "SIGSEGV in block", true},
        {"--mode abort --after 20000", "SIGSYS in block",
         true}, /* the signal it sends is refused */
        {"--mode illegal --after 20000", "SIGILL in block", true},
        {"--mode overflow --after 20000", "SIGSEGV in block", true},
        {"--mode exit --after 20000", "exit with code 3 in block", false},
        {"--mode hang --after 20000", "hung in block", false},
        {"--mode notanumber --after 20000", NULL, false},
        {"--mode infinite --after 20000", NULL, false},
        {"--mode slow --number 300 --after 20000", NULL, false},
        {"--mode call --number 41 --after 20000", "SIGSYS in block", true},
        {"--mode segv", "SIGSEGV in block 1 ", true}, /* from its first block on */
    };

    render_others(*state);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (cases[i].needs_cage && !SY_CAGE) {
            continue;
        }
        const char *complained = render_fault(*state, cases[i].settings);
        print_message("%-42s %s", cases[i].settings, complained[0] ? complained : "no complaint\n");
        if (cases[i].complaint) {
            assert_non_null(strstr(complained, "fault/1"));
            assert_non_null(strstr(complained, cases[i].complaint));
        } else {
            assert_null(strstr(complained, "bypassed"));
        }
    }
}

/* From its own memory on and back, from its input, the worker's stack, data, and own memory. */
static void wild_stores_stay_behind_walls(void **state)
{
    render_others(*state);
    for (int where = 0; where <= 9 && SY_CAGE; where++) {
        char settings[64];
        snprintf(settings, sizeof(settings), "--mode scribble --number %d --after 20000", where);
        const char *complained = render_fault(*state, settings);
        print_message("%s: %s", settings, complained);
        /* It may have spoiled its own parameters too, and then goes on as another. */
        assert_non_null(strstr(complained, "killed by SIGSEGV"));
    }
}

/* All of them at once, each by a module of its own, one after the other. */
static void every_system_call_ends_its_worker_only(void **state)
{
    enum { CALLS = 480 };
    SyStage *stage = *state;
    char *patch = malloc(CALLS * 64 + sizeof(others));
    size_t at = (size_t)sprintf(patch, "%s", others), n_bypassed = 0;

    if (!SY_CAGE) {
        free(patch);
        skip();
    }
    for (int call = 0; call < CALLS; call++) {
        at +=
            (size_t)sprintf(patch + at, "create fault --id %d --mode call --number %d --after %d\n",
                            call + 1, call, 1600 + 4 * call);
    }
    sy_stage_write(stage, "others.synth", others);
    sy_stage_write(stage, "fault.synth", patch);
    free(patch);
    sy_synth_render(stage, "others.synth", "0.2", "others.wav", "--workers 8");
    const SyRun run = sy_synth_run(stage, "--audio offline --load fault.synth --seconds 0.2 "
                                          "--workers 8 --placement spread --record fault.wav");
    assert_int_equal(run.code, 0);
    assert_true(sy_stage_same(stage, "others.wav", "fault.wav"));
    for (const char *line = run.err; (line = strstr(line, "bypassed")); line++) {
        n_bypassed++;
    }
    print_message("%d system calls, %zu of them the end of their worker\n", CALLS, n_bypassed);
    /* futex, restart_syscall, clock_gettime, mlock2 and mprotect are allowed. */
    assert_in_range(n_bypassed, CALLS - 6, CALLS - 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(no_fault_costs_the_others_a_sample),
        sy_stage_test(wild_stores_stay_behind_walls),
        sy_stage_test(every_system_call_ends_its_worker_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
