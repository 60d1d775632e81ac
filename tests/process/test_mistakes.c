/* What makes no sense is refused with a code and a hint, and leaves the patch as it was. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "engine/segment.h"
#include "tests/rig/check.h"
#include "tests/rig/osc.h"
#include "tests/rig/synth.h"

static const char *const patch_text = "create vco --id 1 --voices 3\n"
                                      "create vco --id 2 --voices 2 --freq 100\n"
                                      "create vcf --id 1 --voices 2\n"
                                      "create keys --id 1\n"
                                      "create out --id 1\n"
                                      "connect vco/2/saw vcf/1/in\n"
                                      "connect vcf/1/low out/1/left --gain 0.1\n";

static SySynth *start(SyStage *stage)
{
    sy_stage_write(stage, "patch.synth", patch_text);
    return sy_synth_start(stage, "--audio clock --load patch.synth");
}

static void mistakes_are_refused_and_change_nothing(void **state)
{
    static const struct {
        const char *line;
        SyStatus code;
        const char *says;
    } cases[] = {
        {"create vcq", SY_ERR_UNKNOWN_TYPE, "did you mean 'vco'"},
        {"create vco --id 1", SY_ERR_ID_IN_USE, "vco/1 is there already"},
        {"create vco --id 0", SY_ERR_ID_RANGE, "1 to 9999"},
        {"create vco --id 10000", SY_ERR_ID_RANGE, "1 to 9999"},
        {"create vco --id 1.5", SY_ERR_VALUE, "1.5"},
        {"create vco --voices 0", SY_ERR_VALUE, "1 to 16"},
        {"create vco --voices 17", SY_ERR_VALUE, "1 to 16"},
        {"create vco --frq 5", SY_ERR_UNKNOWN_PARAM, "did you mean 'freq'"},
        {"create vco --freq nan", SY_ERR_VALUE, "freq"},
        {"create vco --freq much", SY_ERR_VALUE, "'much'"},
        {"connect vco/2/sow out/1/left", SY_ERR_UNKNOWN_PORT, "did you mean 'saw'"},
        {"connect vco/2/saw out/1/centre", SY_ERR_UNKNOWN_PORT, "left, right"},
        {"connect vco/9/saw out/1/left", SY_ERR_UNKNOWN_MODULE, "vco/9"},
        {"connect vco/2/saw vcf/9/in", SY_ERR_UNKNOWN_MODULE, "vcf/9"},
        {"connect vco/1/saw vco/2/saw", SY_ERR_DIRECTION, "from an output to an input"},
        {"connect vcf/1/in out/1/left", SY_ERR_DIRECTION, "from an output to an input"},
        {"connect vco/1/saw vcf/1/in", SY_ERR_VOICES, "vco/1 has 3 voices and vcf/1 has 2"},
        {"connect vco/2/saw vcf/1/in", SY_ERR_CONNECTED, "already"},
        {"connect vco/2/saw vcf/1/in --gain nan", SY_ERR_VALUE, "gain"},
        {"connect vco/2/saw vcf/1/in --gain 1001", SY_ERR_VALUE, "-1000 to 1000"},
        {"disconnect vco/1/saw out/1/left", SY_ERR_NOT_CONNECTED, "no such cable"},
        {"destroy vco/9", SY_ERR_UNKNOWN_MODULE, "vco/9"},
        {"destroy vco", SY_ERR_ADDRESS, "vco/1"},
        {"set vco/1/freq nan", SY_ERR_VALUE, "freq"},
        {"set vco/1/freq -inf", SY_ERR_VALUE, "freq"},
        {"set vco/1/freq loud", SY_ERR_VALUE, "'loud'"},
        {"set vco/1/fm_mode wobbly", SY_ERR_VALUE, "linear, exponential"},
        {"set vco/1/frq 5", SY_ERR_UNKNOWN_PARAM, "did you mean 'freq'"},
        {"set vco/9/freq 5", SY_ERR_UNKNOWN_MODULE, "no "},
        {"set {vco/1/freq 5", SY_ERR_ADDRESS, "not closed"},
        {"set vco/1/freq", SY_ERR_USAGE, "set PARAMETER VALUE"},
        {"get vco/9", SY_ERR_UNKNOWN_MODULE, "vco/9"},
        {"note vco/1 60", SY_ERR_UNKNOWN_PORT, "notes"},
        {"note keys/1 128", SY_ERR_VALUE, "0 to 127"},
        {"workers 0", SY_ERR_VALUE, "'0'"},
        {"workers 257", SY_ERR_LIMIT, "1 to 256"},
        {"load none.synth", SY_ERR_FILE, "No such file"},
        {"save none/a.synth", SY_ERR_FILE, "No such file"},
        {"frobnicate", SY_ERR_USAGE, "no verb 'frobnicate'"},
    };
    SyStage *stage = *state;
    SySynth *synth = start(stage);
    const char *before = sy_synth_patch(synth);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const SyRun run = sy_ctl(synth, "%s", cases[i].line);
        if (run.code != (int)cases[i].code || !strstr(run.err, cases[i].says)) {
            fail_msg("%s: %d, %s", cases[i].line, run.code, run.err);
        }
        assert_string_equal(run.out, "");
        assert_string_equal(sy_synth_patch(synth), before);
    }
    sy_synth_quit(synth);
}

static void value_out_of_range_stops_where_the_knob_does(void **state)
{
    SySynth *synth = start(*state);

    const SyRun high = sy_ctl(synth, "set vco/1/freq 1e9");
    assert_int_equal(high.code, 0);
    assert_non_null(strstr(high.err, "vco/1/freq stops at 20000"));
    assert_string_equal(sy_ctl_ok(synth, "get vco/1/freq"), "20000\n");
    const SyRun low = sy_ctl(synth, "set vco/1/freq -5");
    assert_int_equal(low.code, 0);
    assert_string_equal(sy_ctl_ok(synth, "get vco/1/freq"), "0.01\n");
    const SyRun made = sy_ctl(synth, "create vca --id 3 --gain 99");
    assert_int_equal(made.code, 0);
    assert_non_null(strstr(made.err, "vca/3/gain stops at 24"));
    sy_synth_quit(synth);
}

/* Line 7 is wrong in the file in ways that only the engine, or a reader of the file alone, can see.
 */
static void patch_with_a_mistake_is_refused_whole_and_the_line_named(void **state)
{
    static const struct {
        const char *line;
        SyStatus code;
        const char *says;
    } cases[] = {
        {"connect vco/5/saww out/5/left", SY_ERR_UNKNOWN_PORT, "did you mean 'saw'"},
        {"connect vco/9/saw out/5/left", SY_ERR_UNKNOWN_MODULE, "vco/9"},
        {"create vca --id 5", SY_ERR_ID_IN_USE, "vca/5"},
        {"connect vco/5/sine vcf/5/in", SY_ERR_VOICES, "3 voices"},
        {"create vca --id 6 --gain loud", SY_ERR_VALUE, "'loud'"},
        {"solder vco/5", SY_ERR_SYNTAX, "solder"},
    };
    SyStage *stage = *state;
    SySynth *synth = start(stage);
    const char *before = sy_synth_patch(synth);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        sy_stage_write(stage, "wrong.synth",
                       sy_stage_text(stage,
                                     "# a patch\ncreate vco --id 5 --voices 3\ncreate vca --id 5\n"
                                     "create vcf --id 5 --voices 2\n\ncreate out --id 5\n"
                                     "%s\nconnect vco/5/saw out/5/left\n",
                                     cases[i].line));
        const SyRun run = sy_ctl(synth, "load wrong.synth");
        if (run.code != (int)cases[i].code || !strstr(run.err, cases[i].says) ||
            !strstr(run.err, "line 7:")) {
            fail_msg("%s: %d, %s", cases[i].line, run.code, run.err);
        }
        assert_string_equal(sy_synth_patch(synth), before);
        const SyRun begin = sy_synth_run(stage, "--audio offline --seconds 1 --load wrong.synth");
        if (begin.code != (int)cases[i].code || !strstr(begin.err, "line 7:")) {
            fail_msg("synthd --load, %s: %d, %s", cases[i].line, begin.code, begin.err);
        }
    }
    sy_synth_quit(synth);
}

/* `run` goes line by line and stops at the first that fails. */
static void run_stops_at_the_mistake_and_names_the_line(void **state)
{
    SyStage *stage = *state;
    SySynth *synth = start(stage);

    sy_stage_write(stage, "lines.txt",
                   "create vca --id 5\nset vca/5/gain -3\nset vca/5/gian 3\n"
                   "create vca --id 6\n");
    const SyRun run = sy_ctl(synth, "run lines.txt");
    assert_int_equal(run.code, SY_ERR_UNKNOWN_PARAM);
    assert_non_null(strstr(run.err, "lines.txt, line 3: "));
    assert_string_equal(sy_ctl_ok(synth, "get vca/5/gain"), "-3\n");
    assert_int_equal(sy_ctl(synth, "get vca/6/gain").code, SY_ERR_UNKNOWN_MODULE);
    sy_synth_quit(synth);
}

static void too_many_modules_are_refused(void **state)
{
    SyStage *stage = *state;
    SySynth *synth = start(stage);
    const char *before = sy_synth_patch(synth);
    FILE *file = fopen(sy_stage_path(stage, "many.synth"), "we");

    for (int i = 1; i <= SY_MODULES_MAX + 1; i++) {
        fprintf(file, "create vca --id %d\n", i);
    }
    assert_int_equal(fclose(file), 0);
    const SyRun run = sy_ctl(synth, "load many.synth");
    assert_int_equal(run.code, SY_ERR_LIMIT);
    assert_non_null(strstr(run.err, "line "));
    assert_string_equal(sy_synth_patch(synth), before);
    sy_synth_quit(synth);
}

static void malformed_packets_are_answered_and_counted(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
    } packets[] = {
        {"/create\0,si\0vco\0", 16},               /* a number is missing */
        {"/create\0,si", 11},                      /* no padding */
        {"garbage", 7},                            /* no address */
        {"#bundle\0\0\0\0\0\0\0\0\1\0\0\1\0", 20}, /* a message longer than the packet */
        {"/create\0,[[[\0\0\0\0", 16},             /* arrays without an end */
    };
    SySynth *synth = start(*state);
    const char *before = sy_synth_patch(synth);
    SyOsc osc = sy_osc_open(synth);
    const size_t n = sizeof(packets) / sizeof(packets[0]);

    for (size_t i = 0; i < n; i++) {
        assert_int_equal(send(osc.fd, packets[i].bytes, packets[i].size, 0), packets[i].size);
        assert_non_null(strstr(sy_osc_await(&osc, "/fail"), " 24"));
    }
    sy_osc_sync(&osc);
    sy_osc_close(&osc);
    assert_int_equal(sy_status(synth, "osc.malformed"), n);
    assert_string_equal(sy_synth_patch(synth), before);
    sy_synth_quit(synth);
}

static void nobody_there_is_said_with_what_to_do(void **state)
{
    SyStage *stage = *state;
    const SySynth nobody = {.stage = stage, .port = stage->port};

    const SyRun run = sy_ctl(&nobody, "status");
    assert_int_equal(run.code, SY_ERR_NO_ENGINE);
    assert_non_null(strstr(run.err, "synthd"));
    const SyRun wait = sy_ctl(&nobody, "status --wait --timeout 0.3");
    assert_true(wait.code == SY_ERR_NO_ENGINE || wait.code == SY_ERR_TIMEOUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(mistakes_are_refused_and_change_nothing),
        sy_stage_test(value_out_of_range_stops_where_the_knob_does),
        sy_stage_test(patch_with_a_mistake_is_refused_whole_and_the_line_named),
        sy_stage_test(run_stops_at_the_mistake_and_names_the_line),
        sy_stage_test(too_many_modules_are_refused),
        sy_stage_test(malformed_packets_are_answered_and_counted),
        sy_stage_test(nobody_there_is_said_with_what_to_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
