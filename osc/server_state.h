/* What the parts of the server share (server.c, receive.c, intake.c, local.c, answer.c, notice.c,
 * world.c).
 *
 * Threads: the osc thread owns `limiter`; `outbox`, `subscribers` and `saver` have locks of their
 * own; a job belongs to the osc thread until it is submitted and to whoever answers it after that.
 */
#ifndef SY_OSC_SERVER_STATE_H
#define SY_OSC_SERVER_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "osc/allow.h"
#include "osc/limiter.h"
#include "osc/outbox.h"
#include "osc/place.h"
#include "osc/route.h"
#include "osc/saver.h"
#include "osc/server.h"
#include "osc/subscribers.h"
#include "osc/writer.h"

#define SY_WORLD_WORDS (((size_t)SY_ID_MAX + 64) / 64) /* 64 ids in a word */

typedef struct SyInbox SyInbox;

/* A recording, and the thread that writes it; see tracing.h. */
typedef struct SyRecording SyRecording;
typedef struct SyTracing {
    pthread_t thread;
    bool started; /* and not joined yet */
    atomic_bool busy, stop;
    pthread_mutex_t lock;
    pthread_cond_t changed;
} SyTracing;

/* Counted since the start, for /engine. */
typedef struct SyServerCounts {
    _Atomic uint64_t packets;   /* received */
    _Atomic uint64_t messages;  /* in them */
    _Atomic uint64_t malformed; /* packets that broke the format */
    _Atomic uint64_t refused;   /* packets from outside the allow-list */
    _Atomic uint64_t flooded;   /* messages above a source's share */
    _Atomic uint64_t late;      /* bundles */
} SyServerCounts;

struct SyServer {
    SyControl *control;
    int udp_fd, unix_fd, wake_fd;
    int port;
    char unix_path[SY_SOCKET_PATH_MAX];
    pthread_t thread;
    bool running, closed;
    atomic_bool stop;
    atomic_int dump;       /* /dumpOSC */
    atomic_int log_errors; /* /error */
    SyAllow allow;
    SyInbox *inbox;
    SyLimiter limiter;
    SyOutbox outbox;
    SySubscribers subscribers;
    SySaver saver;
    SyTracing tracing;
    SyServerCounts counts;
    /* [types][SY_WORLD_WORDS]. seen: ids that a module has or had, a hint where to look. coming:
     * ids of modules whose creation the engine has not answered yet. */
    _Atomic uint64_t *seen, *coming;
};

/* One message that waits for answers. */
typedef struct SyRequest {
    SyRoute route; /* .text is the request's own copy, or NULL */
    size_t n_answered, n_clamped;
    int32_t n_revived;
    SyStatus status; /* of the first command that failed */
    char *failure;   /* its text; the request's own, or NULL */
    int worker;      /* create: from the answer */
    float assign_us;
    float written; /* set: the last value in force */
} SyRequest;

/* One packet's, or one timetag's, worth of requests: a transaction and who asked for it. */
typedef struct SyJob {
    SyTransaction transaction; /* first, so that one is the other */
    SyServer *server;
    SyPeer peer;
    uint64_t timetag;
    SyCommandList commands;
    SyRequest *requests;
    size_t n_requests, capacity, current; /* current: whose commands are being answered */
    SyWriter replies, notices;
    bool log_errors;
    bool is_load; /* replaces the whole patch; nothing else is in it */
} SyJob;

/* receive.c: the osc thread, and the buffers it receives to (freed by free()). */
void *sy_server_thread(void *server);
SyInbox *sy_inbox_new(void);

/* intake.c: takes a packet apart and carries it out. Returns the number of commands it became.
 * Thread: osc. */
size_t sy_server_take(SyServer *server, const SyPeer *peer, const void *packet, size_t size);

/* Answers "/fail" for a packet that could not even be read.  Thread: osc. */
void sy_server_refuse(SyServer *server, const SyPeer *peer, SyStatus status, const char *text);

/* Reads a patch file into the job's own commands.  Thread: osc. */
SyStatus sy_job_load(SyJob *job, SyRoute *route, SyError *error);

/* local.c: what the server answers without the engine.  Thread: osc. */
SyStatus sy_local_answer(SyJob *job, const SyRoute *route, SyError *error);

/* job.c.  A new job has no commands; NULL when out of memory.  Thread: osc, control, saver. */
SyJob *sy_job_new(SyServer *server, const SyPeer *peer, uint64_t timetag);

/* Add "/done" command ... [request] and "/fail" command text code [request] to the job's replies.
 * The values that `types` names follow it, as in sy_writer_add(). */
void sy_job_done(SyJob *job, const SyRoute *route, const char *types, ...);
void sy_job_fail(SyJob *job, const SyRoute *route, SyStatus status, const char *text);

/* The release of the transaction: sends the replies and the notices, then frees the job. */
void sy_job_release(SyTransaction *transaction);

/* answer.c: the answer of the transaction.  Thread: osc or control. */
void sy_job_answer(SyTransaction *transaction, size_t index, const SyAnswer *answer);

/* answer_graph.c: the answers that are lists, and saving. */
void sy_answer_list(SyJob *job, const SyRequest *request, const SyGraphView *graph);
void sy_answer_workers(SyJob *job, const SyAnswer *answer);
SyStatus sy_answer_save(SyJob *job, const SyRequest *request, const SyGraphView *graph,
                        SyError *error);

/* notice.c: the engine's notices.  Thread: osc or control. */
void sy_server_notice(void *server, const SyNotice *notice);
void sy_job_send_notices(void *job, const void *data, size_t size, unsigned nth);

/* world.c: which modules there are. */
SyStatus sy_world_init(SyServer *server);
void sy_world_deinit(SyServer *server);
void sy_world_scan(SyServer *server);                         /* Thread: osc */
SyWorld sy_world_of(SyServer *server);                        /* Thread: osc */
void sy_world_seen(SyServer *server, SyModuleRef module);     /* Thread: any */
void sy_world_answered(SyServer *server, SyModuleRef module); /* Thread: any */

#endif
