/* Who wants to hear of changes (/notify). They are kept in memory that can outlive the server, so
 * that whoever has subscribed to an engine that was killed hears from the next one. */
#ifndef SY_OSC_SUBSCRIBERS_H
#define SY_OSC_SUBSCRIBERS_H

#include "osc/outbox.h"

#define SY_SUBSCRIBERS_MAX     64
#define SY_SUBSCRIBER_REFUSALS 3 /* in a row, then nobody is there any more */

typedef struct SySubscriber {
    SyPeer peer; /* length 0: a free place */
    bool echo;   /* hears what it did itself, too */
    int refusals;
} SySubscriber;

/* The osc thread adds and removes, the osc and the control thread send. */
typedef struct SySubscribers {
    pthread_mutex_t lock;
    SyOutbox *outbox;
    int n;
    SySubscriber *list; /* [SY_SUBSCRIBERS_MAX], kept or own */
    SySubscriber own[SY_SUBSCRIBERS_MAX];
} SySubscribers;

/* `outbox` stays the caller's, and so does `kept`[SY_SUBSCRIBERS_MAX]: all zero, or as another
 * server left it, wherever it was killed; NULL: they end with this one.  Thread: setup. */
void sy_subscribers_init(SySubscribers *subscribers, SyOutbox *outbox, SySubscriber *kept);

/* Adds a subscriber or changes what it has asked before. Returns false when there is no room.
 * Thread: osc. */
bool sy_subscribers_add(SySubscribers *subscribers, const SyPeer *peer, bool echo);

/* Removes a subscriber, if it is one.  Thread: osc. */
void sy_subscribers_remove(SySubscribers *subscribers, const SyPeer *peer);

/* How many there are.  Thread: any. */
int sy_subscribers_count(SySubscribers *subscribers);

/* Sends a datagram to all but, unless it wants its echo, the one who caused it (NULL: nobody did).
 * Those that do not exist any more are forgotten.  Thread: osc, control. */
void sy_subscribers_send(SySubscribers *subscribers, const SyPeer *cause, const void *data,
                         size_t size, bool later);

/* The network says that nobody listens at that address. After SY_SUBSCRIBER_REFUSALS of them
 * without a word from it in between it is forgotten.  Thread: osc. */
void sy_subscribers_refused(SySubscribers *subscribers, const SyPeer *peer);

/* A packet has come from there, so it is alive.  Thread: osc. */
void sy_subscribers_heard(SySubscribers *subscribers, const SyPeer *peer);

#endif
