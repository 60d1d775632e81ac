/* The engine as the osc folder sees it: where transactions go in and notices come out. */
#ifndef SY_ENGINE_CONTROL_H
#define SY_ENGINE_CONTROL_H

#include "engine/command.h"

typedef struct SyControl SyControl;

/* Things that happen to the patch or the engine, for subscribers. */
typedef enum SyNoticeKind {
    SY_NOTICE_CREATED,      /* module */
    SY_NOTICE_DESTROYED,    /* module */
    SY_NOTICE_CONNECTED,    /* cable */
    SY_NOTICE_DISCONNECTED, /* cable */
    SY_NOTICE_SET,          /* module, param, written */
    SY_NOTICE_WORKER_DIED,  /* worker, text */
    SY_NOTICE_WORKER_BACK,  /* worker */
    SY_NOTICE_QUARANTINED,  /* module, text: signal, block and worker */
    SY_NOTICE_REVIVED,      /* module */
    SY_NOTICE_WILD,         /* module, text: NaN or Inf at its outputs was muted */
    SY_NOTICE_MEMORY,       /* text: the arena passed 75 % */
    SY_NOTICE_JOURNAL,      /* text: edits cannot be written down */
    SY_NOTICE_AUDIO,        /* text: the audio driver changed */
    SY_NOTICE_FILE,         /* module, text: the path of the file it has now */
} SyNoticeKind;

typedef struct SyNotice {
    SyNoticeKind kind;
    const SyTransaction *cause; /* the transaction that did it, or NULL */
    SyModuleRef module;
    SyCableView cable;
    SyParamValue param;
    int worker;
    const char *text; /* never NULL */
} SyNotice;

/* How the patch and its edits are put into words, which the engine does not know. Both return a
 * text of *size bytes that the caller frees, or NULL without memory.
 * Thread: control.  RT: no. */
typedef struct SyScribe {
    char *(*patch)(const SyGraphView *graph, size_t *size);
    char *(*edits)(const SyCommand *commands, size_t n, size_t *size);
} SyScribe;

/* Thread: control, and osc for SY_NOTICE_SET of sets that went the direct way. */
typedef void SyNoticeFunc(void *user, const SyNotice *notice);

/* Names who hears of notices.  Thread: setup, before any transaction. */
void sy_control_subscribe(SyControl *control, SyNoticeFunc *notice, void *user);

/* Gives the calling thread the priority that the osc thread is to have, if that is permitted.
 * Thread: osc, at its start.  RT: no. */
void sy_control_enter_osc(SyControl *control);

/* Hands a transaction to the control thread, which answers every command and then releases it.
 * Sets and notes go straight to the audio thread when nothing is waiting in the control thread,
 * and are then answered on the calling thread before this returns.
 * Returns SY_OK (the engine owns the transaction), or SY_ERR_BUSY when the queue is full (the
 * caller still owns it and nothing was done). Thread: osc only (the queue has one producer).  RT:
 * no. */
SyStatus sy_control_submit(SyControl *control, SyTransaction *transaction);

/* The voices of a module in the patch, or 0 if it is not there (yet: transactions that are still
 * waiting are not seen).  Thread: any.  RT: yes, wait-free. */
uint8_t sy_control_voices(SyControl *control, SyModuleRef module);

/* The frame on the engine's clock at which the wall clock will show `seconds` (Unix time, from
 * CLOCK_REALTIME or an OSC timetag).  Thread: osc.  RT: yes. */
int64_t sy_control_frame_at(SyControl *control, double unix_seconds);

/* The frame that the engine's clock shows now.  Thread: any.  RT: yes. */
int64_t sy_control_frame_now(SyControl *control);

#endif
