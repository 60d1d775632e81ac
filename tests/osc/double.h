/* A test double of the engine's control: a patch that makes no sound, edited by a thread of its own
 * as the real one is, which a test can hold up and look into. A parameter set to 667 puts its
 * module in quarantine, and one set to 668 makes it send what is not a number. */
#ifndef SY_TESTS_OSC_DOUBLE_H
#define SY_TESTS_OSC_DOUBLE_H

#include "engine/control.h"

#define DOUBLE_LOG 64

/* A transaction as it came in. */
typedef struct DoubleSeen {
    int64_t when;
    size_t n_commands;
    bool all_or_nothing, replace, direct;
} DoubleSeen;

SyControl *double_new(void);
void double_free(SyControl *control);

/* While held, the double's thread takes nothing up; returns when it is idle. */
void double_hold(SyControl *control, bool held);

/* How many transactions can wait; SY_ERR_BUSY beyond. */
void double_set_room(SyControl *control, int room);

/* The clock: the Unix time at frame 0, and the frame that is now. 48,000 frames a second. */
void double_set_clock(SyControl *control, double unix_at_zero, int64_t now);

/* The transactions so far, and the last of them. */
int double_count(SyControl *control);
DoubleSeen double_seen(SyControl *control, int index);

/* Whether /quit was asked. */
bool double_has_quit(SyControl *control);

/* Has a module bring its worker down; while the double is idle. */
void double_quarantine(SyControl *control, SyModuleRef module, const char *fault);

/* What the control thread would say of itself. */
void double_notify(SyControl *control, const SyNotice *notice);

#endif
