/* What matters of a machine on stage, as its kernel tells it. */
#ifndef SY_BENCH_MACHINE_H
#define SY_BENCH_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#define SY_MACHINE_WORD 64

/* What the kernel does not tell is "" or NAN. */
typedef struct SyMachine {
    uint32_t n_cpus;                /* that this process may use */
    char governor[SY_MACHINE_WORD]; /* of the first CPU whose clock is not held up */
    double idle_exit_us;            /* from the deepest sleep that a CPU may fall into */
    bool holds_latency;             /* that sleep can be forbidden: /dev/cpu_dma_latency */
    double rt_share;                /* of a second that real-time threads may run; 1 is all of it */
    bool is_preemptible;            /* the kernel leaves its own work for what is urgent */
    bool has_irq_threads;           /* interrupts can be put below the audio */
    bool has_sound_card;
    uint64_t ticks, stolen_ticks; /* of all CPUs since the machine was started */
} SyMachine;

/* Reads what is in the files of /proc, /sys and /dev below `root`, "" for those of this machine.
 * Thread: any.  RT: no. */
void sy_machine_read(SyMachine *machine, const char *root);

#endif
