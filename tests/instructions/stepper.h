/* Real workers, each a process, and how to walk one through its code one instruction at a time. */
#ifndef SY_TESTS_INSTRUCTIONS_STEPPER_H
#define SY_TESTS_INSTRUCTIONS_STEPPER_H

#include <sys/types.h>

#include "engine/worker.h"

typedef struct Stepper {
    SySegment *segment;
    uint32_t index, incarnation;
    pid_t pid;
} Stepper;

/* Forks a worker and waits until it is parked. */
Stepper stepper_fork(SySegment *segment, uint32_t index, uint32_t incarnation,
                     const SyWorkerTables *tables);

/* Waits until it is parked. */
void stepper_await_park(const Stepper *stepper);

/* Stops it where it is, asleep, to be stepped from there. Returns false where that is not
 * permitted. */
bool stepper_stop(const Stepper *stepper);

/* Lets it run one instruction. */
void stepper_step(const Stepper *stepper);

/* Lets it run until it comes to `address` for the `nth` time. Returns false if that does not happen
 * within a second; it is stopped then too. */
bool stepper_run_to(const Stepper *stepper, uint64_t address, uint32_t nth);

/* The address of its next instruction. */
uint64_t stepper_at(const Stepper *stepper);

/* The same as an offset in the program, as addr2line wants it. */
uint64_t stepper_offset(uint64_t address);

/* Whether it has computed block `epoch`, or found it computed, and is about to sleep. */
bool stepper_is_at_rest(const Stepper *stepper, uint64_t epoch);

/* Kills it and waits for its end. */
void stepper_kill(const Stepper *stepper);

#endif
