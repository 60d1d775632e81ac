#include "bench/cpus_at_once.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdlib.h>

#include "bench/bench.h"
#include "bench/specimen.h"

#define LANES   16
#define TURN_NS UINT64_C(1500000)

/* Long enough that a thread on the CPU that the caller is on has been given it. */
#define HEAD_START_NS UINT64_C(300000)

typedef struct Cpu {
    uint32_t nth;
    pthread_t thread;
    sem_t turn, done;
    bool stopping;      /* precedes `turn`, like `begins_ns` */
    uint64_t begins_ns; /* of the turn */
    double blocks_a_ns; /* precedes `done` */
    SySpecimen *specimen;
    float signal[SY_SPECIMEN_BLOCK];
} Cpu;

struct SyCpusAtOnce {
    uint32_t n;
    Cpu all[SY_CPUS_AT_ONCE_MAX];
};

static SySpecimen *new_filters(float *signal)
{
    const int type = sy_registry_find("vcf");
    SySpecimen *specimen =
        sy_specimen_new(sy_registry_at((uint32_t)type), NULL, LANES, SY_SPECIMEN_BLOCK);

    for (int i = 0; i < SY_SPECIMEN_BLOCK; i++) {
        signal[i] = (float)i / SY_SPECIMEN_BLOCK - 0.5f;
    }
    if (specimen) {
        sy_specimen_patch(specimen, "in", signal);
        sy_specimen_patch(specimen, "fm", signal);
        sy_specimen_hear(specimen, sy_specimen_mask(specimen, "low"));
    }
    return specimen;
}

static void compute(Cpu *cpu)
{
    uint64_t begun, now, n = 0;

    while ((begun = sy_bench_now()) < cpu->begins_ns) {
    }
    do {
        sy_specimen_block(cpu->specimen);
        n++;
    } while ((now = sy_bench_now()) < cpu->begins_ns + TURN_NS);
    cpu->blocks_a_ns = (double)n / (double)(now - begun);
}

static void take(sem_t *semaphore)
{
    while (sem_wait(semaphore) < 0) {
    }
}

static void *run(void *argument)
{
    Cpu *cpu = argument;

    sy_bench_pin(cpu->nth);
    for (;;) {
        take(&cpu->turn);
        if (cpu->stopping) {
            return NULL;
        }
        compute(cpu);
        sem_post(&cpu->done);
    }
}

static bool start(Cpu *cpu, uint32_t nth)
{
    cpu->nth = nth;
    cpu->specimen = new_filters(cpu->signal);
    if (!cpu->specimen) {
        return false;
    }
    sem_init(&cpu->turn, 0, 0);
    sem_init(&cpu->done, 0, 0);
    if (pthread_create(&cpu->thread, NULL, run, cpu) != 0) {
        sy_specimen_free(cpu->specimen);
        return false;
    }
    return true;
}

SyCpusAtOnce *sy_cpus_start(uint32_t n)
{
    SyCpusAtOnce *cpus = calloc(1, sizeof(*cpus));

    sy_bench_unpin(); /* before there are threads: see there */
    while (cpus && cpus->n < n && cpus->n < SY_CPUS_AT_ONCE_MAX) {
        if (!start(&cpus->all[cpus->n], cpus->n)) {
            sy_bench_fail("threads for all CPUs");
            sy_cpus_stop(cpus);
            return NULL;
        }
        cpus->n++;
    }
    return cpus;
}

/* Blocks a nanosecond of CPUs [first, end), all at once. */
static double compute_on(SyCpusAtOnce *cpus, uint32_t first, uint32_t end)
{
    const uint64_t begins_ns = sy_bench_now() + HEAD_START_NS;
    double sum = 0;

    for (uint32_t i = first; i < end; i++) {
        cpus->all[i].begins_ns = begins_ns;
        sem_post(&cpus->all[i].turn);
    }
    for (uint32_t i = first; i < end; i++) {
        take(&cpus->all[i].done);
        sum += cpus->all[i].blocks_a_ns;
    }
    return sum;
}

double sy_cpus_round(SyCpusAtOnce *cpus, uint32_t round)
{
    const uint32_t alone = round % cpus->n;
    const double one = compute_on(cpus, alone, alone + 1);

    return compute_on(cpus, 0, cpus->n) / one;
}

void sy_cpus_stop(SyCpusAtOnce *cpus)
{
    for (uint32_t i = 0; cpus && i < cpus->n; i++) {
        Cpu *cpu = &cpus->all[i];
        cpu->stopping = true;
        sem_post(&cpu->turn);
        pthread_join(cpu->thread, NULL);
        sem_destroy(&cpu->turn);
        sem_destroy(&cpu->done);
        sy_specimen_free(cpu->specimen);
    }
    free(cpus);
}
