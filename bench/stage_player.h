/* Plays a stage, but only when it is its turn: so several engines on one machine can be compared,
 * none of which plays while another does. Each has a driver of its own, as it would by itself:
 * which CPU that is on is a part of where an engine puts its modules. */
#ifndef SY_BENCH_STAGE_PLAYER_H
#define SY_BENCH_STAGE_PLAYER_H

#include "bench/histogram.h"
#include "bench/stage.h"

typedef struct SyPlayer SyPlayer;

/* Starts the thread that drives the stage, live with an audio thread's priority. Nobody else may
 * compute its blocks from now on. NULL when it could not, having said why on stderr.
 * Thread: the stage's.  RT: no. */
SyPlayer *sy_player_start(SyStage *stage);

/* Has it play some blocks and waits for them. All but the first few, for which caches had to be
 * warmed, are counted in `blocks`. A live stage plays each when its period begins, and what counts
 * is from its release to its end; none is given up, however late it is. An offline stage plays them
 * back to back, as a render does, and what counts is how long it takes from one to the next.
 * Thread: the stage's.  RT: no. */
void sy_player_round(SyPlayer *player, SyHistogram *blocks);

/* Takes NULL.  Thread: the stage's.  RT: no. */
void sy_player_stop(SyPlayer *player);

#endif
