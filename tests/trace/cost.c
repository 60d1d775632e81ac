/* What each level costs: the same patch rendered at all of them in turn, many times, and the CPU
 * time of all processes compared. By one worker, since two spend time waiting for each other; and
 * by the least of all times, since whatever else the machine does only adds to them. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "tests/rig/check.h"
#include "tests/rig/synth.h"

#define VOICES  333 /* of three modules each, and one that is heard */
#define ROUNDS  15
#define SECONDS "5"

static const char *const levels[] = {"basic", "detailed", "complete"};

static void write_patch(SyStage *stage)
{
    char *text = sy_stage_keep(stage, malloc(VOICES * 256 + 64));
    size_t n = (size_t)sprintf(text, "create out --id 1\n");

    for (int i = 1; i <= VOICES; i++) {
        n +=
            (size_t)sprintf(text + n,
                            "create vco --id %d --freq %d\ncreate vcf --id %d\ncreate vca --id %d\n"
                            "connect vco/%d/saw vcf/%d/in\nconnect vcf/%d/low vca/%d/in\n"
                            "connect vca/%d/out out/1/left --gain 0.003\n",
                            i, 50 + 3 * i, i, i, i, i, i, i, i);
    }
    sy_stage_write(stage, "thousand.synth", text);
}

static double cpu_s(void)
{
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static double cost_of(SyStage *stage, const char *level)
{
    const double before = cpu_s();
    const SyRun run =
        sy_synth_run(stage,
                     "--audio offline --block 64 --load thousand.synth --seconds " SECONDS
                     " --workers 1 --trace %s",
                     level);
    assert_int_equal(run.code, 0);
    return cpu_s() - before;
}

static int by_size(const void *a, const void *b)
{
    const double first = *(const double *)a, second = *(const double *)b;
    return first < second ? -1 : first > second;
}

static void cost_of_each_level(void **state)
{
    double cost[3][ROUNDS];

    write_patch(*state);
    for (int round = 0; round < ROUNDS; round++) {
        for (int level = 0; level < 3; level++) {
            cost[level][round] = cost_of(*state, levels[level]);
        }
    }
    for (int level = 0; level < 3; level++) {
        qsort(cost[level], ROUNDS, sizeof(double), by_size);
        print_message("%-9s %.3f s of CPU at least, %.3f of basic; %.3f s at the median, %.3f\n",
                      levels[level], cost[level][0], cost[level][0] / cost[0][0],
                      cost[level][ROUNDS / 2], cost[level][ROUNDS / 2] / cost[0][ROUNDS / 2]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(cost_of_each_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
