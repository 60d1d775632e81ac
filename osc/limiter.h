/* How much each source may send: a token bucket for each, so that a flood costs the flooder its
 * messages and nobody else theirs. Pure: the time comes from the caller. */
#ifndef SY_OSC_LIMITER_H
#define SY_OSC_LIMITER_H

#include <stdbool.h>
#include <stdint.h>

#define SY_LIMITER_RATE 20000 /* messages a second for each source, and as many at once */

/* Who sends: address and port, or a process. Compared whole, so clear what is not used. */
typedef struct SySource {
    uint8_t bytes[20];
} SySource;

typedef struct SyLimiterEntry {
    SySource source;
    bool used;
    double tokens;
    int64_t filled_ns; /* when the tokens were counted */
    int64_t told_ns;   /* when the source last heard of its losses */
    bool told;
} SyLimiterEntry;

#define SY_LIMITER_SETS 64
#define SY_LIMITER_WAYS 8

/* A fixed table, so that forged sources cannot fill the memory. When all places for a source are
 * held by others that were active within a second, it shares one bucket with all in that position.
 * Zeroed it is ready. */
typedef struct SyLimiter {
    SyLimiterEntry entries[SY_LIMITER_SETS][SY_LIMITER_WAYS];
    SyLimiterEntry shared;
} SyLimiter;

/* Whether `source` may send `cost` more messages at `now_ns` (monotonic); if so they are charged.
 * If not, *tell is set when the source should hear of it, once a second.
 * Thread: osc.  RT: yes. */
bool sy_limiter_take(SyLimiter *limiter, const SySource *source, double cost, int64_t now_ns,
                     bool *tell);

/* Charges a source for work that turned out larger than it looked; it may fall into debt.
 * Thread: osc.  RT: yes. */
void sy_limiter_charge(SyLimiter *limiter, const SySource *source, double cost, int64_t now_ns);

#endif
