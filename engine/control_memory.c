/* Keeps an eye on memory: the arena's, out of which modules are made, and the machine's. */
#include <stdio.h>
#include <string.h>

#include "engine/control_private.h"

#define LOOK_NS     1000000000
#define WARN_SHARE  0.10 /* of the machine's memory that is left */
#define LEAST_SHARE 0.03 /* below this no module is made: what plays comes first */

/* A line of /proc/meminfo, in kB; 0 if it is not there. */
static double meminfo_kb(FILE *file, const char *name)
{
    char line[128];
    double kb;

    rewind(file);
    while (fgets(line, sizeof(line), file)) {
        const size_t length = strlen(name);
        if (strncmp(line, name, length) == 0 && sscanf(line + length, ": %lf", &kb) == 1) {
            return kb;
        }
    }
    return 0;
}

static void measure_machine(SyControl *control)
{
    FILE *file = fopen("/proc/meminfo", "re");

    if (file) {
        const double total = meminfo_kb(file, "MemTotal");
        const double left = meminfo_kb(file, "MemAvailable");
        control->memory.machine_left = total > 0 && left > 0 ? (float)(left / total) : 1;
        fclose(file);
    }
}

static void warn(SyControl *control, bool above, bool *warned, const char *text)
{
    if (above && !*warned) {
        const SyNotice notice = {.kind = SY_NOTICE_MEMORY, .text = text};
        fprintf(stderr, "synthd: %s\n", text);
        sy_control_notify(control, &notice);
    }
    *warned = above;
}

bool sy_control_has_memory(const SyControl *control)
{
    return control->memory.looked_ns == 0 || control->memory.machine_left >= LEAST_SHARE;
}

void sy_control_look_at_memory(SyControl *control)
{
    SyMemoryWatch *memory = &control->memory;
    const uint64_t used = sy_arena_used(control->arena), size = sy_arena_size(control->arena);
    const int64_t now = sy_now_ns();
    char text[128];

    snprintf(text, sizeof(text), "module memory is at %.0f %% of %.0f MB; --memory gives more",
             100.0 * (double)used / (double)size, (double)size / 1048576.0);
    warn(control, used > size / 4 * 3, &memory->warned_of_arena, text);
    if (memory->looked_ns != 0 && now - memory->looked_ns < LOOK_NS) {
        return;
    }
    measure_machine(control);
    memory->looked_ns = now;
    snprintf(text, sizeof(text), "this computer has %.0f %% of its memory left",
             100.0 * (double)memory->machine_left);
    warn(control, memory->machine_left < WARN_SHARE, &memory->warned_of_machine, text);
}
