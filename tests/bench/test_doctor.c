/* What the doctor reads of a machine that is made of files, and what it says of good ones and bad.
 */
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/doctor.h"
#include "tests/rig/check.h"

#define CPUS_MAX 64 /* for which files are made */

typedef struct Root {
    char path[64];
} Root;

static int set_up(void **state)
{
    static Root root;
    strcpy(root.path, "/tmp/synthd-doctor-XXXXXX");
    *state = &root;
    return mkdtemp(root.path) ? 0 : -1;
}

static int tear_down(void **state)
{
    const Root *root = *state;
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", root->path);
    return system(command);
}

/* Makes a file, and the folders it is in. */
static void make(const Root *root, const char *path, const char *text)
{
    char name[256];

    snprintf(name, sizeof(name), "%s%s", root->path, path);
    for (char *slash = name + strlen(root->path) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(name, 0755);
        *slash = '/';
    }
    FILE *file = fopen(name, "we");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void make_cpus(const Root *root, const char *governor, const char *latency)
{
    for (int cpu = 0; cpu < CPUS_MAX; cpu++) {
        char path[128];
        snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/cpufreq/scaling_governor", cpu);
        make(root, path, governor);
        for (int idle = 0; idle < 2; idle++) {
            snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/cpuidle/state%d/latency",
                     cpu, idle);
            make(root, path, idle ? latency : "0\n");
        }
    }
}

static void machine_is_read_from_its_files(void **state)
{
    const Root *root = *state;
    SyMachine machine;

    make_cpus(root, "powersave\n", "170\n");
    make(root, "/proc/sys/kernel/sched_rt_runtime_us", "500000\n");
    make(root, "/proc/sys/kernel/sched_rt_period_us", "1000000\n");
    make(root, "/proc/sys/kernel/version", "#1 SMP PREEMPT_RT Debian\n");
    make(root, "/proc/stat", "cpu  100 0 50 800 10 0 10 30 0 0\ncpu0 1 2 3 4 5 6 7 8\n");
    make(root, "/proc/asound/cards", " 0 [USB            ]: USB-Audio - USB Audio\n");
    make(root, "/dev/cpu_dma_latency", "");
    sy_machine_read(&machine, root->path);
    assert_true(machine.n_cpus > 0);
    assert_string_equal(machine.governor, "powersave");
    assert_true(machine.idle_exit_us == 170.0);
    assert_true(machine.rt_share == 0.5);
    assert_true(machine.is_preemptible && machine.has_irq_threads);
    assert_true(machine.has_sound_card && machine.holds_latency);
    assert_int_equal(machine.ticks, 1000);
    assert_int_equal(machine.stolen_ticks, 30);
}

/* An idle state that is forbidden is not fallen into, and -1 is no limit. */
static void what_is_disabled_does_not_count(void **state)
{
    const Root *root = *state;
    SyMachine machine;

    make_cpus(root, "performance\n", "170\n");
    for (int cpu = 0; cpu < CPUS_MAX; cpu++) {
        char path[128];
        snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/cpuidle/state1/disable", cpu);
        make(root, path, "1\n");
    }
    make(root, "/proc/sys/kernel/sched_rt_runtime_us", "-1\n");
    make(root, "/proc/sys/kernel/sched_rt_period_us", "1000000\n");
    make(root, "/proc/asound/cards", "--- no soundcards ---\n");
    sy_machine_read(&machine, root->path);
    assert_string_equal(machine.governor, "performance");
    assert_true(machine.idle_exit_us == 0.0);
    assert_true(machine.rt_share == 1.0);
    assert_false(machine.has_sound_card || machine.is_preemptible || machine.holds_latency);
}

static void machine_that_tells_nothing_is_no_error(void **state)
{
    const Root *root = *state;
    SyMachine machine;

    sy_machine_read(&machine, root->path);
    assert_string_equal(machine.governor, "");
    assert_true(isnan(machine.idle_exit_us) && isnan(machine.rt_share));
    assert_int_equal(machine.ticks, 0);
}

static const SyMachine good = {.n_cpus = 8,
                               .governor = "performance",
                               .idle_exit_us = 2,
                               .rt_share = 0.95,
                               .is_preemptible = true,
                               .has_irq_threads = true,
                               .has_sound_card = true};
static const SyVital healthy = {
    .late_p50_us = 5, .late_p99_us = 20, .late_worst_us = 90, .is_realtime = true};

static const SyFinding *find(const SyFinding *findings, uint32_t n, const char *what)
{
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(findings[i].what, what) == 0) {
            return &findings[i];
        }
    }
    fail_msg("nothing is said of %s", what);
    return NULL;
}

static void good_machine_is_fit_in_every_way(void **state)
{
    SyFinding findings[SY_FINDINGS_MAX];
    const uint32_t n = sy_doctor_look(&good, &healthy, findings);

    (void)state;
    assert_in_range(n, 8, SY_FINDINGS_MAX);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(findings[i].verdict, SY_FIT);
        assert_string_equal(findings[i].advice, "");
    }
}

static void each_fault_is_found_with_what_to_do(void **state)
{
    static const struct {
        const char *what;
        SyVerdict verdict;
        SyMachine machine;
        SyVital vital;
    } ill[] = {
        {.what = "real-time priority", .verdict = SY_UNFIT},
        {.what = "time for it", .verdict = SY_BETTER, .machine = {.rt_share = 0.5}},
        {.what = "kernel", .verdict = SY_BETTER},
        {.what = "interrupts", .verdict = SY_BETTER},
        {.what = "CPU clock", .verdict = SY_BETTER, .machine = {.governor = "powersave"}},
        {.what = "CPU sleep", .verdict = SY_BETTER, .machine = {.idle_exit_us = 200}},
        {.what = "wake-ups", .verdict = SY_BETTER, .vital = {.late_p99_us = 600}},
        {.what = "wake-ups", .verdict = SY_UNFIT, .vital = {.late_p99_us = 6000}},
        {.what = "smallest block", .verdict = SY_UNFIT, .vital = {.late_worst_us = 20000}},
        {.what = "host", .verdict = SY_BETTER, .vital = {.stolen_share = 0.005}},
        {.what = "host", .verdict = SY_UNFIT, .vital = {.stolen_share = 0.05}},
        {.what = "CPUs", .verdict = SY_BETTER, .machine = {.n_cpus = 1}},
        {.what = "sound card", .verdict = SY_BETTER},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(ill) / sizeof(ill[0]); i++) {
        SyFinding findings[SY_FINDINGS_MAX];
        SyVital vital = ill[i].vital;
        vital.realtime_advice = "set rtprio";
        const uint32_t n = sy_doctor_look(&ill[i].machine, &vital, findings);
        const SyFinding *finding = find(findings, n, ill[i].what);
        assert_int_equal(finding->verdict, ill[i].verdict);
        assert_true(strlen(finding->advice) > 0);
    }
}

static void smallest_block_is_twice_the_worst_wake_up(void **state)
{
    (void)state;
    assert_int_equal(sy_doctor_block(0), 16);
    assert_int_equal(sy_doctor_block(166), 16);
    assert_int_equal(sy_doctor_block(167), 32);
    assert_int_equal(sy_doctor_block(666), 64);
    assert_int_equal(sy_doctor_block(10666), 1024);
    assert_int_equal(sy_doctor_block(10667), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(machine_is_read_from_its_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_disabled_does_not_count, set_up, tear_down),
        cmocka_unit_test_setup_teardown(machine_that_tells_nothing_is_no_error, set_up, tear_down),
        cmocka_unit_test(good_machine_is_fit_in_every_way),
        cmocka_unit_test(each_fault_is_found_with_what_to_do),
        cmocka_unit_test(smallest_block_is_twice_the_worst_wake_up),
    };
    return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
