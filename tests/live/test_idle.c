/* What synthd costs while nothing is played. */
#include "tests/rig/check.h"
#include "tests/rig/synth.h"

#define WATCHED_MS 5000
#define WINDOWS    4
#define IDLE       0.005 /* of a CPU, at most */

static int64_t cpu_of_all(const SySynth *synth)
{
    static SyProcess list[SY_PROCESSES_MAX];
    const size_t n = sy_synth_processes(synth, list);
    int64_t ns = 0;

    for (size_t i = 0; i < n; i++) {
        ns += sy_process_cpu_ns(list[i].pid);
    }
    return ns;
}

static double share_of_a_cpu(const SySynth *synth, int ms)
{
    const int64_t cpu = cpu_of_all(synth), time = sy_stage_now_ns();
    sy_stage_pause_ms(ms);
    return (double)(cpu_of_all(synth) - cpu) / (double)(sy_stage_now_ns() - time);
}

/* In the least of some windows: what the host takes from a CPU is counted on who was running there,
 * and can only add to what synthd uses by itself. */
static double idle_share(const SySynth *synth)
{
    double least = 1;

    for (int i = 0; i < WINDOWS && least >= IDLE; i++) {
        const double share = share_of_a_cpu(synth, WATCHED_MS);
        least = share < least ? share : least;
    }
    return least;
}

/* Not only when it is fresh: when it has played, too. */
static void empty_patch_leaves_the_processor_alone(void **state)
{
    SySynth *synth = sy_synth_start(*state, "--audio clock");

    /* At the start every process makes the shared memory present, a piece at a time. */
    sy_await(share_of_a_cpu(synth, 500) < 0.02);
    const double fresh = idle_share(synth);
    sy_ctl_lines(synth, "create vco\ncreate out\nconnect vco/1/saw out/1/left --gain 0.1\n");
    const double blocks = sy_status(synth, "timing.blocks");
    sy_await(sy_status(synth, "timing.blocks") > blocks + 100);
    sy_ctl_ok(synth, "clear");
    sy_await(sy_status(synth, "health.memory_used") == 0);
    const double used = idle_share(synth);
    print_message("empty patch: %.2f %% of a CPU; after it has played: %.2f %%\n", 100 * fresh,
                  100 * used);
    assert_true(fresh < IDLE);
    assert_true(used < IDLE);
    sy_synth_quit(synth);
}

static bool all_are_parked(const SySynth *synth)
{
    struct json_object *workers = sy_ctl_json(synth, "workers");
    bool all = true;

    for (size_t i = 0; i < json_object_array_length(workers); i++) {
        struct json_object *worker = json_object_array_get_idx(workers, i);
        struct json_object *is = json_object_object_get(worker, "state");
        all = all && json_object_get_string(is)[0] == 'p';
    }
    json_object_put(workers);
    return all;
}

static void parked_worker_has_little_memory_of_its_own(void **state)
{
    SySynth *synth = sy_synth_start(*state, "--audio clock --workers 8");
    pid_t pids[SY_SYNTH_WORKERS_MAX];
    long most = 0;

    sy_await(all_are_parked(synth));
    sy_stage_pause_ms(500); /* they make the rest of the shared memory present meanwhile */
    const size_t n = sy_synth_workers(synth, pids);
    assert_int_equal(n, 8);
    for (size_t i = 0; i < n; i++) {
        const long own = sy_process_own_kb(pids[i]);
        assert_true(own > 0);
        most = own > most ? own : most;
    }
    print_message("a parked worker has up to %ld kB of its own; the engine %ld, the keeper %ld\n",
                  most, sy_process_own_kb(sy_synth_engine(synth)),
                  sy_process_own_kb(synth->keeper));
    if (!SY_SANITIZED) { /* whose shadow memory is each process's own */
        assert_true(most < 2048);
    }
    sy_synth_quit(synth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(empty_patch_leaves_the_processor_alone),
        sy_stage_test(parked_worker_has_little_memory_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
