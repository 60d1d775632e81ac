#include "bench/doctor.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define RATE          48000.0
#define BLOCK_MIN     16
#define BLOCK_MAX     1024
#define SLOW_EXIT_US  50.0  /* from sleep: more than a wake-up should be late by */
#define LATE_US       500.0 /* at p99: a block of 64 frames has 1333 */
#define VERY_LATE_US  5000.0
#define STOLEN        0.001 /* of CPU time */
#define STOLEN_HEARD  0.02
#define RT_SHARE_MORE 0.9

typedef struct Sheet {
    SyFinding *findings;
    uint32_t n;
} Sheet;

__attribute__((format(printf, 5, 6))) static void
note(Sheet *sheet, SyVerdict verdict, const char *what, const char *advice, const char *format, ...)
{
    SyFinding *finding = &sheet->findings[sheet->n++];
    va_list arguments;

    *finding = (SyFinding){.verdict = verdict, .what = what, .advice = advice};
    va_start(arguments, format);
    vsnprintf(finding->found, sizeof(finding->found), format, arguments);
    va_end(arguments);
}

static void look_at_realtime(Sheet *sheet, const SyMachine *machine, const SyVital *vital)
{
    note(sheet, vital->is_realtime ? SY_FIT : SY_UNFIT, "real-time priority",
         vital->is_realtime ? "" : vital->realtime_advice,
         vital->is_realtime ? "permitted" : "not permitted");
    if (!isnan(machine->rt_share)) {
        const bool enough = machine->rt_share >= RT_SHARE_MORE;
        note(sheet, enough ? SY_FIT : SY_BETTER, "time for it",
             enough ? "" : "as root: sysctl kernel.sched_rt_runtime_us=950000",
             "%.0f %% of every second", 100.0 * machine->rt_share);
    }
    note(sheet, machine->is_preemptible ? SY_FIT : SY_BETTER, "kernel",
         machine->is_preemptible ? "" : "boot a kernel with PREEMPT, or preempt=full",
         machine->is_preemptible ? "makes way for what is urgent" : "finishes what it is at first");
    note(sheet, machine->has_irq_threads ? SY_FIT : SY_BETTER, "interrupts",
         machine->has_irq_threads ? ""
                                  : "boot with threadirqs, so that audio comes before the network",
         machine->has_irq_threads ? "have threads of their own" : "come before everything");
}

static void look_at_clocks(Sheet *sheet, const SyMachine *machine)
{
    if (machine->governor[0]) {
        const bool fast = strcmp(machine->governor, "performance") == 0;
        note(sheet, fast ? SY_FIT : SY_BETTER, "CPU clock",
             fast ? "" : "before the show: cpupower frequency-set -g performance", "governor %s",
             machine->governor);
    }
    if (!isnan(machine->idle_exit_us)) {
        const bool quick = machine->idle_exit_us <= SLOW_EXIT_US;
        note(sheet, quick ? SY_FIT : SY_BETTER, "CPU sleep",
             quick                    ? ""
             : machine->holds_latency ? "hold /dev/cpu_dma_latency open at 0 during the show"
                                      : "boot with processor.max_cstate=1",
             "the deepest takes %.0f us to wake from", machine->idle_exit_us);
    }
}

static void look_at_wake_ups(Sheet *sheet, const SyVital *vital)
{
    const double p99 = vital->late_p99_us;
    const uint32_t block = sy_doctor_block(vital->late_worst_us);

    note(sheet,
         p99 <= LATE_US        ? SY_FIT
         : p99 <= VERY_LATE_US ? SY_BETTER
                               : SY_UNFIT,
         "wake-ups",
         p99 <= LATE_US ? "" : "end what else runs here; see the lines about CPU and interrupts",
         "late by %.0f us, at p99 by %.0f, at worst by %.0f", vital->late_p50_us, p99,
         vital->late_worst_us);
    if (block) {
        note(sheet, SY_FIT, "smallest block", "", "%u frames, as the worst wake-up leaves half",
             block);
    } else {
        note(sheet, SY_UNFIT, "smallest block", "find out what held the machine up",
             "none: the worst wake-up takes more than half of %u frames", BLOCK_MAX);
    }
}

static void look_at_host(Sheet *sheet, const SyMachine *machine, const SyVital *vital)
{
    const double stolen = vital->stolen_share;

    note(sheet,
         stolen <= STOLEN         ? SY_FIT
         : stolen <= STOLEN_HEARD ? SY_BETTER
                                  : SY_UNFIT,
         "host",
         stolen <= STOLEN ? "" : "a virtual machine whose host has other guests is not for a stage",
         "takes %.2f %% of the CPU time", 100.0 * stolen);
    note(sheet, machine->n_cpus > 1 ? SY_FIT : SY_BETTER, "CPUs",
         machine->n_cpus > 1 ? "" : "let synthd have two at least: taskset, cgroups", "%u",
         machine->n_cpus);
    note(sheet, machine->has_sound_card ? SY_FIT : SY_BETTER, "sound card",
         machine->has_sound_card ? "" : "plug one in, or play through JACK",
         machine->has_sound_card ? "there" : "none");
}

uint32_t sy_doctor_look(const SyMachine *machine, const SyVital *vital,
                        SyFinding findings[SY_FINDINGS_MAX])
{
    Sheet sheet = {.findings = findings};

    look_at_realtime(&sheet, machine, vital);
    look_at_wake_ups(&sheet, vital);
    look_at_clocks(&sheet, machine);
    look_at_host(&sheet, machine, vital);
    return sheet.n;
}

uint32_t sy_doctor_block(double late_us)
{
    for (uint32_t block = BLOCK_MIN; block <= BLOCK_MAX; block *= 2) {
        if (late_us <= 0.5e6 * block / RATE) {
            return block;
        }
    }
    return 0;
}
