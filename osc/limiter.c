#include "osc/limiter.h"

#include <string.h>

#define SECOND INT64_C(1000000000)

/* FNV-1a.  Source: Fowler, Noll, Vo, http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint32_t hash(const SySource *source)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < sizeof source->bytes; i++) {
        h = (h ^ source->bytes[i]) * 16777619u;
    }
    return h ^ h >> 16;
}

static void begin(SyLimiterEntry *entry, const SySource *source, int64_t now_ns)
{
    *entry = (SyLimiterEntry){*source, true, SY_LIMITER_RATE, now_ns, 0, false};
}

/* The bucket of a source, taking over an idle one for a newcomer. */
static SyLimiterEntry *find(SyLimiter *limiter, const SySource *source, int64_t now_ns)
{
    SyLimiterEntry *set = limiter->entries[hash(source) % SY_LIMITER_SETS];
    SyLimiterEntry *idle = NULL;
    for (int i = 0; i < SY_LIMITER_WAYS; i++) {
        if (set[i].used && memcmp(&set[i].source, source, sizeof *source) == 0) {
            return &set[i];
        }
        if (!set[i].used || now_ns - set[i].filled_ns > SECOND) {
            idle = &set[i];
        }
    }
    if (idle) {
        begin(idle, source, now_ns);
        return idle;
    }
    if (!limiter->shared.used) {
        begin(&limiter->shared, source, now_ns);
    }
    return &limiter->shared;
}

static void fill(SyLimiterEntry *entry, int64_t now_ns)
{
    const double seconds = (double)(now_ns - entry->filled_ns) / (double)SECOND;
    const double tokens = entry->tokens + seconds * SY_LIMITER_RATE;
    entry->tokens = tokens < SY_LIMITER_RATE ? tokens : SY_LIMITER_RATE;
    entry->filled_ns = now_ns;
}

bool sy_limiter_take(SyLimiter *limiter, const SySource *source, double cost, int64_t now_ns,
                     bool *tell)
{
    SyLimiterEntry *entry = find(limiter, source, now_ns);
    fill(entry, now_ns);
    *tell = false;
    if (entry->tokens >= cost) {
        entry->tokens -= cost;
        return true;
    }
    if (!entry->told || now_ns - entry->told_ns >= SECOND) {
        entry->told = true;
        entry->told_ns = now_ns;
        *tell = true;
    }
    return false;
}

void sy_limiter_charge(SyLimiter *limiter, const SySource *source, double cost, int64_t now_ns)
{
    find(limiter, source, now_ns)->tokens -= cost;
}
