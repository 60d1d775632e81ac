/* A run of benches that were made up: what one does is not felt by the next, what is left behind,
 * what it ends with. */
#include <json-c/json.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/lengths.h"
#include "bench/results.h"
#include "bench/session.h"
#include "tests/rig/check.h"

static char folder[] = "/tmp/synthbench-XXXXXX";
static int n_runs, n_cpus;

static int count_cpus(void)
{
    cpu_set_t set;
    assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
    return CPU_COUNT(&set);
}

/* Stays where it is, as some benches do without asking sy_bench_pin(). */
static bool run_pinned(const SyBenchOptions *options, SyReport *report)
{
    (void)options;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    sy_report_at_least(report, "enough", 2, 1, "things");
    n_runs++;
    return true;
}

static bool run_counting(const SyBenchOptions *options, SyReport *report)
{
    (void)options;
    n_cpus = count_cpus();
    sy_report_value(report, "CPUs", n_cpus, "");
    n_runs++;
    return true;
}

static bool run_missing(const SyBenchOptions *options, SyReport *report)
{
    (void)options;
    sy_report_at_least(report, "too few", 1, 2, "things");
    return true;
}

static bool run_failing(const SyBenchOptions *options, SyReport *report)
{
    (void)options;
    (void)report;
    return false;
}

static const SyBench pinned = {"pinned", "stays on a CPU", run_pinned};
static const SyBench counting = {"counting", "counts CPUs", run_counting};
static const SyBench missing = {"missing", "misses its goal", run_missing};
static const SyBench failing = {"failing", "cannot measure", run_failing};

static bool is_left(const char *name)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return access(path, R_OK) == 0;
}

static void bench_that_pins_itself_takes_no_cpus_from_the_next(void **state)
{
    (void)state;
    const int before = count_cpus();
    const SySession session = {.json = true};
    const SyBench *const benches[] = {&pinned, &counting};
    assert_int_equal(sy_session_run(&session, benches, 2), 0);
    assert_int_equal(n_cpus, before);
}

static void goal_that_is_missed_and_bench_that_fails_end_with_1(void **state)
{
    (void)state;
    const SySession session = {.json = true};
    const SyBench *const bad[] = {&missing, &failing};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(sy_session_run(&session, &bad[i], 1), 1);
    }
}

static void run_leaves_page_figures_and_tables(void **state)
{
    (void)state;
    char error[256], path[128];
    const SySession session = {.options = {.folder = folder}};
    const SyBench *const benches[] = {&pinned, &failing, &counting};
    assert_int_equal(sy_session_run(&session, benches, 3), 1);
    assert_true(is_left("index.html"));
    assert_true(is_left("pinned.txt") && is_left("counting.txt"));
    snprintf(path, sizeof(path), "%s/synthbench.json", folder);
    struct json_object *results = sy_results_read(path, error, sizeof(error));
    assert_non_null(results);
    assert_int_equal(json_object_array_length(sy_results_benches(results)), 3);
    assert_int_equal(sy_results_goals(results).met, 1);
    json_object_put(results);
}

static void earlier_run_that_cannot_be_read_is_known_before_anything_is_measured(void **state)
{
    (void)state;
    const SySession session = {.compare = "/nowhere/synthbench.json"};
    const SyBench *const benches[] = {&pinned};
    const int before = n_runs;
    assert_int_equal(sy_session_run(&session, benches, 1), 2);
    assert_int_equal(n_runs, before);
}

static void what_was_asked_for_is_longer_or_shorter_than_in_all(void **state)
{
    (void)state;
    SyBenchOptions options = {0}, asked = {.count = 7, .seconds = 3}, unknown = {0};
    sy_lengths_of_all("assign", &options);
    assert_true(options.count > 0);
    sy_lengths_of_all("assign", &asked);
    sy_lengths_of_all("hostile", &asked);
    assert_true(asked.count == 7 && asked.seconds == 3);
    sy_lengths_of_all("nobody knows it", &unknown);
    assert_true(unknown.count == 0 && unknown.seconds == 0);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"index.html", "synthbench.json", "pinned.txt",
                                        "failing.txt", "counting.txt"};
    char path[128];
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bench_that_pins_itself_takes_no_cpus_from_the_next),
        cmocka_unit_test(goal_that_is_missed_and_bench_that_fails_end_with_1),
        cmocka_unit_test(run_leaves_page_figures_and_tables),
        cmocka_unit_test(earlier_run_that_cannot_be_read_is_known_before_anything_is_measured),
        cmocka_unit_test(what_was_asked_for_is_longer_or_shorter_than_in_all),
    };
    return cmocka_run_group_tests_name("session", tests, make_folder, remove_folder);
}
