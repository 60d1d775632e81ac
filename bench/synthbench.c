/* synthbench: one program for all that the project measures about itself. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"

static const SyBench *const benches[] = {
    &sy_bench_spawn,  &sy_bench_assign, &sy_bench_wake,  &sy_bench_ring,    &sy_bench_failover,
    &sy_bench_voices, &sy_bench_dsp,    &sy_bench_sound, &sy_bench_hostile, &sy_bench_doctor};

#define N_BENCHES (sizeof benches / sizeof *benches)

static void print_help(FILE *file)
{
    fprintf(file, "Usage: synthbench BENCH [--json] [--count N]\n"
                  "       synthbench all [--json]\n"
                  "\n"
                  "Measures synthd on this machine.  BENCH is one of\n"
                  "\n");
    for (size_t i = 0; i < N_BENCHES; i++)
        fprintf(file, "  %-8s %s\n", benches[i]->name, benches[i]->help);
    fprintf(file,
            "\n"
            "  --count N      measure N times instead of the bench's own number\n"
            "  --synthd PATH  the engine to start, where a bench needs one\n"
            "  --report DIR   keep the table there too, and pictures of it where there are some,\n"
            "                 drawn with gnuplot\n"
            "  --seconds N    go on for so long, where a bench goes on as long as it likes\n"
            "  --seed N       where random begins\n"
            "  --json         JSON instead of tables, one object a bench\n"
            "  --help         this text\n"
            "  --version      the version\n"
            "\n"
            "Tables of times have a row of noise: how late a timer wakes this process in the\n"
            "same run.  What is below it is this machine, not synthd.  Costs are told in N,\n"
            "frames of a scalar naive saw that is measured by turns with them.\n"
            "\n"
            "Ends with 1 when a goal is missed or something could not be measured.\n"
            "\n"
            "Example: synthbench spawn --count 500 --json > spawn.json\n");
}

/* The table beside the pictures. */
static bool keep_report(const SyReport *report, const char *folder, const char *name)
{
    char *path;
    if (asprintf(&path, "%s/%s.txt", folder, name) < 0)
        return false;
    FILE *file = fopen(path, "we");
    free(path);
    if (!file)
        return sy_bench_fail(folder);
    sy_report_print_figures(report, file);
    return fclose(file) == 0;
}

static bool run_bench(const SyBench *bench, const SyBenchOptions *options, bool json)
{
    SyReport *report = sy_report_new(bench->name);
    if (!report)
        return sy_bench_fail("report");
    bool ok = bench->run(options, report);
    if (ok && options->folder)
        ok = keep_report(report, options->folder, bench->name);
    if (ok && json)
        sy_report_print_json(report, stdout);
    else if (ok)
        sy_report_print(report, stdout);
    fflush(stdout);
    const bool met = sy_report_missed(report) == 0;
    sy_report_free(report);
    return ok && met;
}

static int run_named(const char *name, const SyBenchOptions *options, bool json)
{
    const bool all = strcmp(name, "all") == 0;
    bool known = false, ok = true;
    for (size_t i = 0; i < N_BENCHES; i++) {
        if (!all && strcmp(name, benches[i]->name) != 0)
            continue;
        if (known && !json)
            putchar('\n');
        known = true;
        ok = run_bench(benches[i], options, json) && ok;
    }
    if (!known) {
        fprintf(stderr, "synthbench: there is no bench called %s; see synthbench --help\n", name);
        return 2;
    }
    return ok ? 0 : 1;
}

static bool parse_number(const char *option, const char *text, uint64_t *number)
{
    char *end;
    *number = strtoull(text, &end, 10);
    if (*text >= '0' && *text <= '9' && *end == '\0' && *number > 0 && *number <= 100000000)
        return true;
    fprintf(stderr, "synthbench: %s takes a number from 1 to 100000000, not %s\n", option, text);
    return false;
}

int main(int argc, char **argv)
{
    static const struct option long_options[] = {{"json", no_argument, NULL, 'j'},
                                                 {"count", required_argument, NULL, 'n'},
                                                 {"synthd", required_argument, NULL, 's'},
                                                 {"report", required_argument, NULL, 'r'},
                                                 {"seconds", required_argument, NULL, 't'},
                                                 {"seed", required_argument, NULL, 'i'},
                                                 {"help", no_argument, NULL, 'h'},
                                                 {"version", no_argument, NULL, 'V'},
                                                 {0}};
    SyBenchOptions options = {0};
    bool json = false;
    uint64_t number;
    for (int c; (c = getopt_long(argc, argv, "jn:h", long_options, NULL)) != -1;) {
        switch (c) {
        case 'j':
            json = true;
            break;
        case 'n':
            if (!parse_number("--count", optarg, &options.count))
                return 2;
            break;
        case 's':
            options.synthd = optarg;
            break;
        case 't':
            if (!parse_number("--seconds", optarg, &number))
                return 2;
            options.seconds = (double)number;
            break;
        case 'i':
            if (!parse_number("--seed", optarg, &options.seed))
                return 2;
            break;
        case 'r':
            options.folder = optarg;
            break;
        case 'h':
            print_help(stdout);
            return 0;
        case 'V':
            printf("synthbench %s\n", SY_VERSION);
            return 0;
        default:
            return 2;
        }
    }
    if (optind != argc - 1) {
        print_help(stderr);
        return 2;
    }
    return run_named(argv[optind], &options, json);
}
