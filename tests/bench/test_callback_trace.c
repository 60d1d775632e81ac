/* What synthbench callback reads off a trace. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench_callback_trace.h"
#include "tests/rig/check.h"

/* As the engine writes it: blocks 7 to 9, 10 missing, 11; among tasks and events. Times in us. */
static const char trace[] =
    "{\"otherData\":{\"program\":\"synthd\",\"version\":\"0\",\"blocks\":4,\"dropped\":1},\n"
    "\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
    "{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":1,\"tid\":2,\"args\":{\"name\":\"blocks\"}},\n"
    "{\"ph\":\"X\",\"name\":\"block\",\"cat\":\"block\",\"pid\":1,\"tid\":2,\"ts\":0.000,"
    "\"dur\":40.500,\"args\":{\"block\":7}},\n"
    "{\"ph\":\"X\",\"name\":\"task 0\",\"cat\":\"task\",\"pid\":1,\"tid\":10,\"ts\":5.000,"
    "\"dur\":20.000,\"args\":{\"block\":7}},\n"
    "{\"ph\":\"X\",\"name\":\"block\",\"cat\":\"block\",\"pid\":1,\"tid\":2,\"ts\":1000.250,"
    "\"dur\":30.000,\"args\":{\"block\":8}},\n"
    "{\"ph\":\"i\",\"name\":\"late block\",\"cat\":\"engine\",\"pid\":1,\"tid\":1,\"ts\":1900.000,"
    "\"s\":\"t\",\"args\":{\"block\":9}},\n"
    "{\"ph\":\"X\",\"name\":\"block\",\"cat\":\"block\",\"pid\":1,\"tid\":2,\"ts\":1970.250,"
    "\"dur\":50.000,\"args\":{\"block\":9}},\n"
    "{\"ph\":\"X\",\"name\":\"block\",\"cat\":\"block\",\"pid\":1,\"tid\":2,\"ts\":4000.000,"
    "\"dur\":60.000,\"args\":{\"block\":11}}\n"
    "]}\n";

static int set_up(void **state)
{
    static char path[64];

    strcpy(path, "/tmp/synthd-trace-XXXXXX");
    const int fd = mkstemp(path);
    *state = path;
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
    return unlink(*state);
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void blocks_are_read_and_nothing_else(void **state)
{
    SyTracedBlocks traced;

    write_text(*state, trace);
    assert_true(sy_traced_blocks_read(*state, &traced));
    assert_int_equal(traced.n, 4);
    assert_int_equal(traced.blocks[0].number, 7);
    assert_int_equal(traced.blocks[3].number, 11);
    assert_true(traced.blocks[1].begin_ns == 1000250);
    assert_true(traced.blocks[1].took_ns == 30000);
    assert_int_equal(traced.n_dropped, 1);
    assert_int_equal(traced.n_late, 1);
    sy_traced_blocks_clear(&traced);
}

/* 250 ns too long, 30 us too short; what a missing block lies between is no distance. */
static void distances_are_held_against_the_period(void **state)
{
    SyHistogram *jitter = sy_histogram_new(), *took = sy_histogram_new();
    SyTracedBlocks traced;

    write_text(*state, trace);
    assert_true(sy_traced_blocks_read(*state, &traced));
    sy_traced_blocks_judge(&traced, 1e6, jitter, took);
    assert_int_equal(sy_histogram_count(jitter), 2);
    assert_int_equal(sy_histogram_min(jitter), 250);
    assert_int_equal(sy_histogram_max(jitter), 30000);
    assert_int_equal(sy_histogram_count(took), 4);
    assert_int_equal(sy_histogram_min(took), 30000);
    assert_int_equal(sy_histogram_max(took), 60000);
    sy_traced_blocks_clear(&traced);
    sy_histogram_free(jitter);
    sy_histogram_free(took);
}

static void what_is_no_trace_is_refused(void **state)
{
    static const char *const others[] = {
        "", "no JSON", "[]", "{}", "{\"traceEvents\":[]}", "{\"otherData\":{},\"traceEvents\":3}"};
    SyTracedBlocks traced;

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        write_text(*state, others[i]);
        assert_false(sy_traced_blocks_read(*state, &traced));
        sy_traced_blocks_clear(&traced);
    }
    assert_false(sy_traced_blocks_read("/nowhere/trace.json", &traced));
    assert_int_equal(traced.n, 0);
    sy_traced_blocks_clear(&traced);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(blocks_are_read_and_nothing_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(distances_are_held_against_the_period, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_trace_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
