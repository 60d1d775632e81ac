/* The view of `synthctl top`: what was asked of an engine, and how it is shown.
 *
 * The engine's own figures come first, then the workers, then the modules that cost most. The first
 * are always there; workers get at most half of what is left of a terminal, modules the rest.
 *
 * Thread: any, one at a time.  RT: no. */
#ifndef SY_OSC_TOP_H
#define SY_OSC_TOP_H

#include "osc/decode.h"
#include "osc/screen.h"

/* What the engine counts goes on from its own start; what happened since ours is the difference. */
typedef struct SyTopHistory {
    bool any;            /* an engine has been seen */
    double asked_at;     /* when it was asked last, in s of a clock that goes on evenly */
    double late, deaths; /* what the counters showed at first; 0 once they began anew */
    unsigned n_restarts;
} SyTopHistory;

typedef struct SyTop {
    const char *where;           /* the engine's address, for a person */
    struct json_object *engine;  /* as sy_decode_engine() */
    struct json_object *workers; /* as sy_decode_worker() */
    SyListing listing;
    SyTopHistory history;
} SyTop;

/* Makes room for answers; what was there is freed. A zeroed one is fine. The history stays. */
void sy_top_clear(SyTop *top);

/* Frees what it holds. */
void sy_top_deinit(SyTop *top);

/* Takes in answers that have come to questions first asked at `asked_at`: puts the dearest module
 * first (equals by name), and adds to the history. An engine that began after it was asked the last
 * time has been started again. */
void sy_top_take(SyTop *top, double asked_at);

/* Draws it, as much as there is room for. */
void sy_top_draw(SyScreen *screen, const SyTop *top);

/* {engine, workers, modules (dearest first), complete, restarts}; the caller's. */
struct json_object *sy_top_json(const SyTop *top);

#endif
