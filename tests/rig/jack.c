#include "tests/rig/jack.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/rig/check.h"

static SyRun run(SyStage *stage, const char *first, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    const SyStart start = {.arguments = sy_stage_arguments(stage, first, format, values)};
    va_end(values);
    return sy_stage_run(stage, &start);
}

bool sy_jack_is_here(SyStage *stage)
{
    return run(stage, "jackd", "--version").code != 127 &&
           run(stage, "jack_wait", "--version").code != 127 &&
           run(stage, "jack_rec", "--version").code != 127;
}

/* Synchronous: a cycle waits for its clients, so that what is captured does not depend on which of
 * them the machine has let run in time. */
pid_t sy_jack_start(SyStage *stage, int period)
{
    const char *number = sy_stage_text(stage, "%d", period);
    const char *arguments[] = {"jackd", "-S", "-d", "dummy", "-r", "48000", "-p", number, NULL};
    const SyStart start = {.arguments = arguments, .out = "jackd.out", .err = "jackd.err"};
    const pid_t server = sy_stage_launch(stage, &start);
    const SyRun wait = run(stage, "jack_wait", "-w -t 20");

    if (!strstr(wait.out, "server is available")) {
        fail_msg("no JACK server: %s", sy_stage_read(stage, "jackd.out", NULL));
    }
    return server;
}

void sy_jack_stop(pid_t server)
{
    kill(server, SIGTERM);
    sy_stage_wait(server);
}

void sy_jack_record(SyStage *stage, const char *wav, int seconds)
{
    const SyRun result =
        run(stage, "jack_rec", "-f %s -d %d -b 32 PortAudio:out_0 PortAudio:out_1", wav, seconds);
    if (result.code != 0) {
        fail_msg("jack_rec ended with %d: %s%s", result.code, result.out, result.err);
    }
}
