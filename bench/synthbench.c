/* synthbench: one program for all that the project measures about itself. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/session.h"

static const SyBench *const benches[] = {
    &sy_bench_spawn,   &sy_bench_assign,   &sy_bench_wake, &sy_bench_ring,   &sy_bench_failover,
    &sy_bench_osc,     &sy_bench_callback, &sy_bench_idle, &sy_bench_voices, &sy_bench_graph,
    &sy_bench_scale,   &sy_bench_edit,     &sy_bench_load, &sy_bench_dsp,    &sy_bench_sound,
    &sy_bench_hostile, &sy_bench_doctor};

#define N_BENCHES (sizeof benches / sizeof *benches)

static void print_help(FILE *file)
{
    fprintf(file, "Usage: synthbench BENCH [--json] [--count N] [--report DIR] [--compare FILE]\n"
                  "       synthbench all [--json] [--report DIR] [--compare FILE]\n"
                  "       synthbench page DIR [--compare FILE]\n"
                  "\n"
                  "Measures synthd on this machine.  `all` is every bench, some of them\n"
                  "shorter than by themselves, in some five minutes.  BENCH is one of\n"
                  "\n");
    for (size_t i = 0; i < N_BENCHES; i++)
        fprintf(file, "  %-8s %s\n", benches[i]->name, benches[i]->help);
    fprintf(
        file,
        "\n"
        "  --count N      measure N times instead of the bench's own number\n"
        "  --synthd PATH  the engine to start, where a bench needs one\n"
        "  --report DIR   keep it there: index.html, a page with plots that gnuplot draws,\n"
        "                 synthbench.json with all figures, and the tables as text\n"
        "  --compare FILE hold it against the synthbench.json of an earlier run: what it was,\n"
        "                 the ratio, and what moved beyond the noise\n"
        "  --seconds N    go on for so long, where a bench goes on as long as it likes\n"
        "  --seed N       where random begins\n"
        "  --json         JSON instead of tables, one object a bench\n"
        "  --help         this text\n"
        "  --version      the version\n"
        "\n"
        "`page` makes the page in DIR anew from the synthbench.json there, and measures nothing.\n"
        "\n"
        "Tables of times have a row of noise: how late a timer wakes this process in the\n"
        "same run.  What is below it is this machine, not synthd.  Costs are told in N,\n"
        "frames of a scalar naive saw that is measured by turns with them.\n"
        "\n"
        "Ends with 1 when a goal is missed or something could not be measured, with 2 when it\n"
        "was not started as it should, or FILE is not what it should be.\n"
        "\n"
        "Examples: synthbench spawn --count 500 --json > spawn.json\n"
        "          synthbench all --report out\n"
        "          synthbench all --report new --compare out/synthbench.json\n");
}

static int run_named(const char *name, const SySession *session)
{
    if (strcmp(name, "page") == 0) {
        fprintf(stderr, "synthbench: page takes the folder that --report left\n");
        return 2;
    }
    if (strcmp(name, "all") == 0)
        return sy_session_run(session, benches, N_BENCHES);
    for (size_t i = 0; i < N_BENCHES; i++) {
        if (strcmp(name, benches[i]->name) == 0)
            return sy_session_run(session, &benches[i], 1);
    }
    fprintf(stderr, "synthbench: there is no bench called %s; see synthbench --help\n", name);
    return 2;
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
    static const struct option long_options[] = {
        {"json", no_argument, NULL, 'j'},          {"count", required_argument, NULL, 'n'},
        {"synthd", required_argument, NULL, 's'},  {"report", required_argument, NULL, 'r'},
        {"compare", required_argument, NULL, 'c'}, {"seconds", required_argument, NULL, 't'},
        {"seed", required_argument, NULL, 'i'},    {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},       {0}};
    SySession session = {0};
    SyBenchOptions *options = &session.options;
    uint64_t number;
    for (int c; (c = getopt_long(argc, argv, "jn:h", long_options, NULL)) != -1;) {
        switch (c) {
        case 'j':
            session.json = true;
            break;
        case 'n':
            if (!parse_number("--count", optarg, &options->count))
                return 2;
            break;
        case 's':
            options->synthd = optarg;
            break;
        case 't':
            if (!parse_number("--seconds", optarg, &number))
                return 2;
            options->seconds = (double)number;
            break;
        case 'i':
            if (!parse_number("--seed", optarg, &options->seed))
                return 2;
            break;
        case 'r':
            options->folder = optarg;
            break;
        case 'c':
            session.compare = optarg;
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
    if (optind == argc - 2 && strcmp(argv[optind], "page") == 0)
        return sy_session_page(&session, argv[optind + 1]);
    if (optind != argc - 1) {
        print_help(stderr);
        return 2;
    }
    return run_named(argv[optind], &session);
}
