#include "bench/machine.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CPUS_MAX   1024
#define STATES_MAX 16
#define TEXT_MAX   4096

/* A file's beginning, as text; false if there is none. */
static bool read_text(const char *root, const char *path, char text[TEXT_MAX])
{
    char name[512];
    FILE *file;

    text[0] = '\0';
    if (snprintf(name, sizeof(name), "%s%s", root, path) >= (int)sizeof(name) ||
        !(file = fopen(name, "re"))) {
        return false;
    }
    text[fread(text, 1, TEXT_MAX - 1, file)] = '\0';
    fclose(file);
    return true;
}

static bool read_number(const char *root, const char *path, double *number)
{
    char text[TEXT_MAX], *end;

    if (!read_text(root, path, text)) {
        return false;
    }
    *number = strtod(text, &end);
    return end != text;
}

static void read_governor(SyMachine *machine, const char *root, uint32_t cpu)
{
    char path[128], text[TEXT_MAX];

    snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/cpufreq/scaling_governor", cpu);
    if (!read_text(root, path, text)) {
        return;
    }
    text[strcspn(text, " \n")] = '\0';
    if (machine->governor[0] == '\0' || strcmp(machine->governor, "performance") == 0) {
        snprintf(machine->governor, sizeof(machine->governor), "%.*s", SY_MACHINE_WORD - 1, text);
    }
}

static void read_idle_states(SyMachine *machine, const char *root, uint32_t cpu)
{
    for (int state = 0; state < STATES_MAX; state++) {
        char path[128];
        double latency, disabled = 0;

        snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/cpuidle/state%d/latency", cpu,
                 state);
        if (!read_number(root, path, &latency)) {
            return;
        }
        snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/cpuidle/state%d/disable", cpu,
                 state);
        read_number(root, path, &disabled);
        if (disabled == 0 && !(machine->idle_exit_us >= latency)) {
            machine->idle_exit_us = latency;
        }
    }
}

static void read_cpus(SyMachine *machine, const char *root)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) < 0) {
        return;
    }
    for (uint32_t cpu = 0; cpu < CPUS_MAX && cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &set)) {
            machine->n_cpus++;
            read_governor(machine, root, cpu);
            read_idle_states(machine, root, cpu);
        }
    }
}

static void read_rt_share(SyMachine *machine, const char *root)
{
    double runtime, period;

    if (!read_number(root, "/proc/sys/kernel/sched_rt_runtime_us", &runtime) ||
        !read_number(root, "/proc/sys/kernel/sched_rt_period_us", &period) || !(period > 0)) {
        return;
    }
    machine->rt_share = runtime < 0 ? 1 : runtime / period;
}

/* cpu user nice system idle iowait irq softirq steal ... */
static void read_ticks(SyMachine *machine, const char *root)
{
    unsigned long long ticks[8];
    char text[TEXT_MAX];

    if (!read_text(root, "/proc/stat", text) ||
        sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &ticks[0], &ticks[1], &ticks[2],
               &ticks[3], &ticks[4], &ticks[5], &ticks[6], &ticks[7]) != 8) {
        return;
    }
    for (int i = 0; i < 8; i++) {
        machine->ticks += ticks[i];
    }
    machine->stolen_ticks = ticks[7];
}

static bool has_word(const char *root, const char *path, const char *word)
{
    char text[TEXT_MAX];
    return read_text(root, path, text) && strstr(text, word);
}

void sy_machine_read(SyMachine *machine, const char *root)
{
    char text[TEXT_MAX], latency[512];

    *machine = (SyMachine){.idle_exit_us = NAN, .rt_share = NAN};
    read_cpus(machine, root);
    read_rt_share(machine, root);
    read_ticks(machine, root);
    machine->is_preemptible = has_word(root, "/proc/sys/kernel/version", "PREEMPT");
    machine->has_irq_threads = has_word(root, "/proc/cmdline", "threadirqs") ||
                               has_word(root, "/proc/sys/kernel/version", "PREEMPT_RT");
    machine->has_sound_card =
        read_text(root, "/proc/asound/cards", text) && !strstr(text, "no soundcards") && text[0];
    snprintf(latency, sizeof(latency), "%s/dev/cpu_dma_latency", root);
    machine->holds_latency = access(latency, R_OK | W_OK) == 0;
}
