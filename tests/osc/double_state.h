/* The double from within, for its own files: its thread and its queue (double.c), and the patch
 * that the commands edit (double_patch.c). */
#ifndef SY_TESTS_OSC_DOUBLE_STATE_H
#define SY_TESTS_OSC_DOUBLE_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "tests/osc/double.h"

#define DOUBLE_QUEUE  64
#define DOUBLE_CABLES 256

typedef struct DoubleModule {
    _Atomic uint8_t voices; /* 0: not there */
    float written[SY_PARAMS_MAX];
    bool quarantined;
    char fault[SY_FAULT_TEXT];
    uint32_t n_wild;
} DoubleModule;

struct SyControl {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    SyTransaction *queue[DOUBLE_QUEUE];
    int n_queued, room;
    bool held, stop, working;
    DoubleModule *modules; /* [types][SY_ID_MAX + 1] */
    SyCableView cables[DOUBLE_CABLES];
    size_t n_cables;
    SyNoticeFunc *notice;
    void *notice_user;
    double unix_at_zero;
    _Atomic int64_t now;
    atomic_bool quit;
    DoubleSeen log[DOUBLE_LOG];
    int n_log;
};

DoubleModule *double_module(SyControl *control, SyModuleRef ref);

/* What a command makes of the patch. What it points to lives until the next call. */
SyAnswer double_apply(SyControl *control, SyTransaction *transaction, const SyCommand *command);

/* Destroys all modules. */
void double_clear(SyControl *control, SyTransaction *cause);

/* Puts a module in quarantine. */
void double_fault(SyControl *control, SyModuleRef ref, const char *fault);

/* Tells the subscriber, if there is one; `cause` can be NULL. */
void double_tell(SyControl *control, SyTransaction *cause, SyNotice notice);

#endif
