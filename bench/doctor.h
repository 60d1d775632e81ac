/* Whether a machine is fit for the stage, and what to change. */
#ifndef SY_BENCH_DOCTOR_H
#define SY_BENCH_DOCTOR_H

#include "bench/machine.h"

typedef enum SyVerdict {
    SY_FIT,    /* as it should be */
    SY_BETTER, /* it plays; this would make it safer */
    SY_UNFIT,  /* it will be heard */
} SyVerdict;

/* What was seen while the machine was watched, beside what it says of itself. */
typedef struct SyVital {
    double late_p50_us, late_p99_us, late_worst_us; /* a real-time thread's wake-ups */
    double stolen_share;                            /* of CPU time, taken by the host */
    bool is_realtime;                               /* the thread had a real-time priority */
    const char *realtime_advice;                    /* what to do where it had not */
} SyVital;

typedef struct SyFinding {
    SyVerdict verdict;
    const char *what;
    char found[120];    /* as it is */
    const char *advice; /* what to do about it; "" if there is nothing to do */
} SyFinding;

#define SY_FINDINGS_MAX 16

/* Fills `findings` and returns how many.  Thread: any.  RT: no. */
uint32_t sy_doctor_look(const SyMachine *machine, const SyVital *vital,
                        SyFinding findings[SY_FINDINGS_MAX]);

/* The smallest block, in frames at 48 kHz, a power of two from 16 to 1024, of which wake-ups that
 * come `late_us` late leave half; 0 if there is none.  Thread: any.  RT: no. */
uint32_t sy_doctor_block(double late_us);

#endif
