/* In place of jack_server.c, jack_listener.c and bench_osc_jack.c where there is no libjack to
 * build with: what needs it says so. */
#include "bench/bench_osc.h"
#include "bench/jack_server.h"

#define WHY "synthbench was built without libjack"

bool sy_jack_server_open(SyJackServer *server, uint32_t period, const char **why)
{
    (void)period;
    *server = (SyJackServer){0};
    *why = WHY;
    return false;
}

void sy_jack_server_close(SyJackServer *server)
{
    (void)server;
}

bool sy_osc_measure_jack(const SyBenchOptions *options, uint64_t n, SyReport *report,
                         SyHistogram *noise)
{
    (void)options;
    (void)n;
    (void)noise;
    sy_report_note(report, "nothing through JACK: " WHY);
    return true;
}
