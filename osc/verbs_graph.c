/* The verb graph: the patch as the engine plays it. */
#include <stdio.h>
#include <string.h>

#include "osc/chart.h"
#include "osc/ctl.h"
#include "osc/terminal.h"

static SyStatus read_options(SyCtl *ctl, char **words, int n, bool *dot)
{
    for (int i = 1; i < n; i++) {
        if (strcmp(words[i], "--dot") != 0) {
            return sy_problem(&ctl->error, SY_ERR_USAGE,
                              "graph does not take '%.40s'; `synthctl graph --help` says what it "
                              "takes",
                              words[i]);
        }
        *dot = true;
    }
    if (*dot && ctl->json) {
        return sy_problem(&ctl->error, SY_ERR_USAGE, "--dot and --json exclude each other");
    }
    return SY_OK;
}

#define COLUMNS 80 /* where nobody says how wide a line may be */

static void print_chart(const SyCtl *ctl, const SyChart *chart, bool dot)
{
    if (ctl->json) {
        sy_print_json(sy_chart_json(chart));
        return;
    }
    if (dot) {
        sy_chart_write_dot(stdout, chart);
        return;
    }
    const SySize size = sy_terminal_size();
    sy_chart_write_text(stdout, chart, size.columns > 0 ? size.columns : COLUMNS, ctl->colour);
    if (chart->n_modules == 0) {
        fputs("nothing; synthctl create vco makes a module\n", stderr);
    }
}

SyStatus sy_verb_graph(SyCtl *ctl, char **words, int n)
{
    bool dot = false;
    SyStatus status = read_options(ctl, words, n, &dot);
    if (status != SY_OK) {
        return status;
    }
    SyListing listing;
    sy_listing_init(&listing);
    status = sy_ctl_list(ctl, NULL, &listing);
    if (status == SY_OK) {
        SyChart *chart = sy_chart_new(&listing);
        if (chart) {
            print_chart(ctl, chart, dot);
        } else {
            status = sy_problem(&ctl->error, SY_ERR_MEMORY, "out of memory");
        }
        sy_chart_free(chart);
    }
    sy_listing_deinit(&listing);
    return status;
}
