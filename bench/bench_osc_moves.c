#include "bench/bench_osc_moves.h"

#include <math.h>

#define ELSEWHERE 0.01f /* of full scale: what knobs are turned by here is ten times that */

void sy_moves_init(SyMoves *moves, uint32_t rest)
{
    *moves = (SyMoves){.rest = rest};
}

bool sy_moves_feed(SyMoves *moves, float sample)
{
    SyMove *move = &moves->move;
    const bool changed = moves->n_frames > 0 && sample != move->to;

    if (changed && !moves->moving) {
        moves->moving = true;
        move->at = moves->n_frames;
        move->from = move->to;
    }
    moves->n_rested = changed ? 0 : moves->n_rested + 1;
    move->to = sample;
    moves->n_frames++;
    if (!moves->moving || moves->n_rested < moves->rest) {
        return false;
    }
    moves->moving = false;
    return true;
}

bool sy_move_leads_on(const SyMove *move)
{
    return fabsf(move->to - move->from) > ELSEWHERE;
}
