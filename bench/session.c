#include "bench/session.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/compare_print.h"
#include "bench/json_read.h"
#include "bench/lengths.h"
#include "bench/page.h"
#include "bench/results.h"

typedef struct Run {
    const SySession *session;
    struct json_object *results, *older; /* older: NULL without one */
    bool many;
} Run;

/* What is kept. */

static bool write_results(const Run *run, const char *folder)
{
    char *path;

    if (asprintf(&path, "%s/synthbench.json", folder) < 0) {
        return false;
    }
    const bool ok = sy_results_write(run->results, path) || sy_bench_fail(path);
    free(path);
    return ok;
}

static bool write_page(const Run *run, const char *folder)
{
    SyComparison *comparison = run->older ? sy_compare(run->older, run->results) : NULL;
    const SyPage page = {
        .results = run->results, .older = run->older, .comparison = comparison, .folder = folder};
    const bool ok = (!run->older || comparison) && sy_page_write(&page);

    sy_compare_free(comparison);
    return ok || sy_bench_fail(folder);
}

/* The table beside the pictures. */
static bool write_table(const SyReport *report, const char *folder, const char *name)
{
    char *path;

    if (asprintf(&path, "%s/%s.txt", folder, name) < 0) {
        return false;
    }
    FILE *file = fopen(path, "we");
    if (file) {
        sy_report_print_figures(report, file);
    }
    const bool ok = (file && fclose(file) == 0) || sy_bench_fail(path);
    free(path);
    return ok;
}

/* What is printed. */

static void print_comparison(const Run *run, const char *bench)
{
    SyComparison *comparison = run->older ? sy_compare(run->older, run->results) : NULL;

    if (comparison) {
        sy_compare_print(comparison, bench, sy_json_text(run->older, "date"), stdout);
    }
    sy_compare_free(comparison);
}

/* What is to be known of all comparisons, once. */
static void print_circumstances(const Run *run)
{
    char text[512];

    if (run->older && !run->session->json) {
        sy_compare_circumstances(run->older, run->results, text, sizeof(text));
        printf("%s%s%s", *text ? "\n" : "", text, *text ? "\n" : "");
    }
}

static void print_report(const Run *run, const SyReport *report, const char *bench)
{
    if (run->session->json) {
        sy_report_print_json(report, stdout);
    } else {
        sy_report_print(report, stdout);
        print_comparison(run, bench);
    }
    fflush(stdout);
}

/* Running. */

static bool run_bench(const Run *run, const SyBench *bench)
{
    SyBenchOptions options = run->session->options;
    SyReport *report = sy_report_new(bench->name);
    const uint64_t before = sy_bench_now();

    if (!report) {
        return sy_bench_fail("report");
    }
    if (run->many) {
        sy_lengths_of_all(bench->name, &options);
    }
    sy_report_about(report, bench->help);
    bool ok = bench->run(&options, report);
    sy_results_add(run->results, report, (double)(sy_bench_now() - before) * 1e-9, ok);
    if (ok) {
        print_report(run, report, bench->name);
    }
    if (options.folder) {
        ok = write_table(report, options.folder, bench->name) && ok;
        ok = write_results(run, options.folder) && ok;
    }
    const bool met = sy_report_missed(report) == 0;
    sy_report_free(report);
    return ok && met;
}

static bool begin(Run *run)
{
    const char *compare = run->session->compare, *folder = run->session->options.folder;
    char error[512];

    if (compare && !(run->older = sy_results_read(compare, error, sizeof(error)))) {
        fprintf(stderr, "synthbench: --compare: %s\n", error);
        return false;
    }
    if (folder && mkdir(folder, 0777) != 0 && errno != EEXIST) {
        return sy_bench_fail(folder);
    }
    return true;
}

static void announce(const Run *run, const SyBench *bench, size_t i, size_t n)
{
    if (run->many && isatty(STDERR_FILENO)) {
        fprintf(stderr, "synthbench: %s, %zu of %zu\n", bench->name, i + 1, n);
    }
    if (i > 0 && !run->session->json) {
        putchar('\n');
    }
}

int sy_session_run(const SySession *session, const SyBench *const *benches, size_t n)
{
    Run run = {.session = session, .many = n > 1};
    bool ok = true;

    if (!begin(&run)) {
        return 2;
    }
    run.results = sy_results_new();
    for (size_t i = 0; i < n; i++) {
        sy_bench_unpin(); /* first of all, so that it knows the CPUs before a bench pins itself */
        announce(&run, benches[i], i, n);
        ok = run_bench(&run, benches[i]) && ok;
    }
    print_circumstances(&run);
    if (session->options.folder) {
        ok = write_page(&run, session->options.folder) && ok;
    }
    json_object_put(run.results);
    json_object_put(run.older);
    return ok ? 0 : 1;
}

static struct json_object *read_kept(const char *folder)
{
    char *path, error[512];

    if (asprintf(&path, "%s/synthbench.json", folder) < 0) {
        return NULL;
    }
    struct json_object *results = sy_results_read(path, error, sizeof(error));
    if (!results) {
        fprintf(stderr, "synthbench: %s\n", error);
    }
    free(path);
    return results;
}

static void print_comparisons(const Run *run)
{
    struct json_object *benches = sy_results_benches(run->results);

    for (size_t i = 0; run->older && i < sy_json_length(benches); i++) {
        const char *bench = sy_json_text(sy_json_at(benches, i), "bench");
        printf("%s%s\n", i == 0 ? "" : "\n", bench);
        print_comparison(run, bench);
    }
}

int sy_session_page(const SySession *session, const char *folder)
{
    Run run = {.session = session, .results = read_kept(folder)};
    int status = 2;

    if (run.results && begin(&run)) {
        status = write_page(&run, folder) ? 0 : 1;
        print_comparisons(&run);
        print_circumstances(&run);
    }
    json_object_put(run.results);
    json_object_put(run.older);
    return status;
}
