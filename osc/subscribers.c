#include "osc/subscribers.h"

#include <stdatomic.h>
#include <string.h>

/* Memory that another process wrote is not believed. */
static bool is_somebody(const SySubscriber *subscriber)
{
    return subscriber->peer.length > 0 && subscriber->peer.length <= sizeof subscriber->peer.un;
}

void sy_subscribers_init(SySubscribers *subscribers, SyOutbox *outbox, SySubscriber *kept)
{
    memset(subscribers, 0, sizeof *subscribers);
    pthread_mutex_init(&subscribers->lock, NULL);
    subscribers->outbox = outbox;
    subscribers->list = kept ? kept : subscribers->own;
    for (int i = 0; i < SY_SUBSCRIBERS_MAX; i++) {
        SySubscriber *subscriber = &subscribers->list[i];
        if (is_somebody(subscriber)) {
            subscribers->n++;
        } else {
            subscriber->peer.length = 0;
        }
    }
}

/* Who is killed in the middle leaves a free place. */
static void write_place(SySubscriber *place, const SyPeer *peer, bool echo)
{
    SySubscriber written = {*peer, echo, 0};

    written.peer.length = place->peer.length = 0;
    atomic_thread_fence(memory_order_release);
    *place = written;
    atomic_thread_fence(memory_order_release);
    place->peer.length = peer->length;
}

static SySubscriber *find(SySubscribers *subscribers, const SyPeer *peer)
{
    for (int i = 0; i < SY_SUBSCRIBERS_MAX; i++) {
        if (subscribers->list[i].peer.length > 0 &&
            sy_peer_equal(&subscribers->list[i].peer, peer)) {
            return &subscribers->list[i];
        }
    }
    return NULL;
}

static SySubscriber *find_free(SySubscribers *subscribers)
{
    for (int i = 0; i < SY_SUBSCRIBERS_MAX; i++) {
        if (subscribers->list[i].peer.length == 0) {
            return &subscribers->list[i];
        }
    }
    return NULL;
}

static void forget(SySubscribers *subscribers, SySubscriber *subscriber)
{
    subscriber->peer.length = 0;
    subscribers->n--;
}

bool sy_subscribers_add(SySubscribers *subscribers, const SyPeer *peer, bool echo)
{
    pthread_mutex_lock(&subscribers->lock);
    SySubscriber *subscriber = find(subscribers, peer);
    if (!subscriber) {
        subscriber = find_free(subscribers);
        subscribers->n += subscriber != NULL;
    }
    if (subscriber) {
        write_place(subscriber, peer, echo);
    }
    pthread_mutex_unlock(&subscribers->lock);
    return subscriber != NULL;
}

void sy_subscribers_remove(SySubscribers *subscribers, const SyPeer *peer)
{
    pthread_mutex_lock(&subscribers->lock);
    SySubscriber *subscriber = find(subscribers, peer);
    if (subscriber) {
        forget(subscribers, subscriber);
    }
    pthread_mutex_unlock(&subscribers->lock);
}

int sy_subscribers_count(SySubscribers *subscribers)
{
    pthread_mutex_lock(&subscribers->lock);
    const int n = subscribers->n;
    pthread_mutex_unlock(&subscribers->lock);
    return n;
}

void sy_subscribers_send(SySubscribers *subscribers, const SyPeer *cause, const void *data,
                         size_t size, bool later)
{
    pthread_mutex_lock(&subscribers->lock);
    for (int i = 0; i < SY_SUBSCRIBERS_MAX && subscribers->n > 0; i++) {
        SySubscriber *subscriber = &subscribers->list[i];
        if (subscriber->peer.length == 0 ||
            (cause && !subscriber->echo && sy_peer_equal(cause, &subscriber->peer))) {
            continue;
        }
        if (sy_outbox_send(subscribers->outbox, &subscriber->peer, data, size, later) ==
            SY_SENT_GONE) {
            forget(subscribers, subscriber);
        }
    }
    pthread_mutex_unlock(&subscribers->lock);
}

void sy_subscribers_refused(SySubscribers *subscribers, const SyPeer *peer)
{
    pthread_mutex_lock(&subscribers->lock);
    SySubscriber *subscriber = find(subscribers, peer);
    if (subscriber && ++subscriber->refusals >= SY_SUBSCRIBER_REFUSALS) {
        forget(subscribers, subscriber);
    }
    pthread_mutex_unlock(&subscribers->lock);
}

void sy_subscribers_heard(SySubscribers *subscribers, const SyPeer *peer)
{
    pthread_mutex_lock(&subscribers->lock);
    SySubscriber *subscriber = subscribers->n > 0 ? find(subscribers, peer) : NULL;
    if (subscriber) {
        subscriber->refusals = 0;
    }
    pthread_mutex_unlock(&subscribers->lock);
}
