/* soak: kills what synthd is made of, as often as is wanted, and holds that nothing comes of it.
 *
 *     meson test -C build soak           the short form: some 60 seconds
 *     build/tests/soak/soak kills 100000 the long one, by hand: some 10 minutes on two cores
 *
 *     soak kills [N]        N random workers are killed at random moments: nine of ten in offline
 *                           renders, which must be the same to the bit as an undisturbed one, the
 *                           rest on one live engine, which must hold the same descriptors, threads,
 *                           maps and memory afterwards
 *     soak storm            100 kills a second for --seconds, live and offline
 *     soak zygotes [N]      zygotes and workers by turns; live, both at once
 *     soak all-but-one [N]  all workers but one at once, until there were N kills
 *     soak young [N]        workers that have just been born, on an engine whose control thread has
 *                           hardly any CPU time to hear of their birth
 *     soak faults [N]       every mode of the test module `fault` on a live engine, revived each
 *                           time
 *     soak edits [N]        N random edits of a patch that plays, recorded: none may click
 *     soak short            all of these but `young` and `edits`, shortly
 *
 *     --seed S     where random begins: 1
 *     --seconds S  of a storm, live and offline each: 10
 *
 * It starts the synthd that was built beside it; SYNTHD and SYNTHCTL in the environment name
 * others. The seed is said with everything that fails; it decides who is shot and how long the
 * pauses are, while the machine decides where in its work a worker is hit.
 *
 * Ends with 0 when everything held. */
#include <getopt.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/rig/check.h"
#include "tests/soak/soak.h"

typedef struct Options {
    uint64_t n, seed; /* n: 0 as each kind thinks right */
    int seconds;
    bool is_short;
} Options;

static Options options = {.seed = 1, .seconds = 10};

static uint64_t number(uint64_t of_short, uint64_t of_long)
{
    return options.n ? options.n : options.is_short ? of_short : of_long;
}

static int storm_seconds(void)
{
    return options.is_short ? 4 : options.seconds;
}

static void kills_offline(void **state)
{
    const SySoakFire fire = {.at_once = 1, .pause_ns = 2000000};
    const uint64_t n = number(2000, 100000);
    const SySoakEnd end = {.kills = n - n / 10};
    sy_soak_offline(*state, "kills", 4, &fire, &end, options.seed);
}

static void kills_live(void **state)
{
    const uint64_t n = number(2000, 100000) / 10;
    sy_soak_live_kills(*state, n ? n : 1, options.seed);
}

static void storm_offline(void **state)
{
    const SySoakFire fire = {.at_once = 1, .pause_ns = 10000000, .steady = true};
    const SySoakEnd end = {.ns = storm_seconds() * INT64_C(1000000000)};
    sy_soak_offline(*state, "storm", 4, &fire, &end, options.seed);
}

static void storm_live(void **state)
{
    sy_soak_live_storm(*state, storm_seconds(), options.seed);
}

static void zygotes_offline(void **state)
{
    const SySoakFire fire = {.at_once = 1, .pause_ns = 10000000, .zygotes = true};
    const SySoakEnd end = {.kills = 2 * number(60, 1000)};
    sy_soak_offline(*state, "zygotes", 4, &fire, &end, options.seed);
}

static void zygotes_live(void **state)
{
    const uint64_t n = number(60, 1000) / 10;
    sy_soak_live_zygotes(*state, n ? n : 1, options.seed);
}

static void all_but_one(void **state)
{
    const SySoakFire fire = {.at_once = SY_SOAK_ALL_BUT_ONE, .pause_ns = 30000000};
    const SySoakEnd end = {.kills = number(400, 5000)};
    sy_soak_offline(*state, "all but one", 8, &fire, &end, options.seed);
}

static void young(void **state)
{
    const SySoakFire fire = {.at_once = 1, .pause_ns = 200000, .young = true};
    const SySoakEnd end = {.kills = number(300, 5000)};
    sy_soak_offline(*state, "young", 2, &fire, &end, options.seed);
}

static void use_program(const char *variable, const char *sibling)
{
    char self[PATH_MAX], path[PATH_MAX + 64];
    const ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

    self[n > 0 ? n : 0] = '\0';
    snprintf(path, sizeof(path), "%s/%s", dirname(self), sibling);
    setenv(variable, path, 0);
}

static void faults(void **state)
{
    const char *synthd = getenv("SYNTHD_FAULTY"), *synthctl = getenv("SYNTHCTL_FAULTY");
    setenv("SYNTHD", synthd, 1);
    setenv("SYNTHCTL", synthctl, 1);
    sy_soak_live_faults(*state, number(66, 400), options.seed);
}

static void edits(void **state)
{
    sy_soak_edits(*state, number(0, 10000), options.seed);
}

/* What has been complained of, but for the deaths that were wanted. */
static void show_complaints(SyStage *stage, const char *log)
{
    static const char *const wanted[] = {": killed by SIG", "ended with code", "zygote was ended",
                                         "until it is revived"};
    char *text = sy_stage_read(stage, log, NULL), *rest = NULL;

    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        bool is_wanted = false;
        for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
            is_wanted = is_wanted || strstr(line, wanted[i]);
        }
        if (!is_wanted) {
            fprintf(stderr, "    | %s\n", line);
        }
    }
    if (truncate(sy_stage_path(stage, log), 0) < 0) {
        perror(log);
    }
}

static int teardown(void **state)
{
    SyStage *stage = *state;

    for (size_t i = 0; i < stage->n_logs; i++) {
        show_complaints(stage, stage->logs[i]);
    }
    return sy_stage_teardown(state);
}

#define soak_test(name) cmocka_unit_test_setup_teardown(name, sy_stage_setup, teardown)

typedef struct Kind {
    const char *name;
    struct CMUnitTest tests[2];
    size_t n_tests;
    bool is_long; /* not in the short form */
} Kind;

static const Kind kinds[] = {
    {"kills", {soak_test(kills_offline), soak_test(kills_live)}, 2, false},
    {"storm", {soak_test(storm_offline), soak_test(storm_live)}, 2, false},
    {"zygotes", {soak_test(zygotes_offline), soak_test(zygotes_live)}, 2, false},
    {"all-but-one", {soak_test(all_but_one)}, 1, false},
    {"young", {soak_test(young)}, 1, true},
    {"edits", {soak_test(edits)}, 1, true},
    {"faults", {soak_test(faults)}, 1, false}, /* last: it uses another synthd */
};

#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static int run_kind(const char *name)
{
    int failed = -1;

    options.is_short = strcmp(name, "short") == 0;
    print_message("seed %" PRIu64 "\n", options.seed);
    for (size_t i = 0; i < N_KINDS; i++) {
        if (options.is_short ? kinds[i].is_long : strcmp(name, kinds[i].name) != 0) {
            continue;
        }
        /* Called as the macro does, which wants an array. */
        const int n =
            _cmocka_run_group_tests(kinds[i].name, kinds[i].tests, kinds[i].n_tests, NULL, NULL);
        failed = (failed > 0 ? failed : 0) + n;
    }
    return failed;
}

static uint64_t whole(const char *text)
{
    char *end;
    const uint64_t value = strtoull(text, &end, 10);

    if (*text < '0' || *text > '9' || *end || value == 0) {
        fprintf(stderr, "soak: %s is no number above 0\n", text);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"seed", required_argument, NULL, 's'}, {"seconds", required_argument, NULL, 't'}, {0}};
    for (int c; (c = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
        if (c == 's') {
            options.seed = whole(optarg);
        } else if (c == 't') {
            options.seconds = (int)whole(optarg);
        } else {
            return 2;
        }
    }
    use_program("SYNTHD", "../../synthd");
    use_program("SYNTHCTL", "../../synthctl");
    use_program("SYNTHD_FAULTY", "../fault/synthd-faulty");
    use_program("SYNTHCTL_FAULTY", "../fault/synthctl-faulty");
    setenv("SYNTHD_TEST_PATCHES", SY_SOAK_PATCHES, 1);
    options.n = optind + 1 < argc ? whole(argv[optind + 1]) : 0;
    const int failed = optind < argc ? run_kind(argv[optind]) : -1;
    if (failed < 0) {
        fprintf(stderr, "soak: kills, storm, zygotes, all-but-one, young, edits, faults or short? "
                        "See main.c\n");
        return 2;
    }
    return failed ? 1 : 0;
}
