#include "tests/instructions/ways.h"

#include <stdio.h>

static const Case *original; /* of the one that goes another way */

static void do_as_before(Patch *patch, uint64_t epoch)
{
    if (original->before) {
        original->before(original, patch, epoch);
    }
}

/* Some node might be bypassed, so all are asked. */
static void ask_all(const Case *this_case, Patch *patch, uint64_t epoch)
{
    (void)this_case;
    atomic_store(&patch->segment->guarded, true);
    do_as_before(patch, epoch);
}

/* The gain of a cable moves, to where it is: none is taken to be at rest. */
static void move_a_cable(const Case *this_case, Patch *patch, uint64_t epoch)
{
    (void)this_case;
    for (uint32_t i = 0; i < patch->graph->cable_top; i++) {
        SyRampShared *gain = &patch->segment->cables[i].gain;
        if (gain->to != 1) { /* others need not even be multiplied, which tells -0 from 0 */
            gain->length = INT32_MAX;
            break;
        }
    }
    do_as_before(patch, epoch);
}

/* Whether a bench of the detour ends with what was `wanted`. */
static bool agrees(const Bench *one, const Case *detour, const Outcome *wanted, const char *way)
{
    char text[200];

    Bench *other = bench_new(detour, one->home->block, one->tables);
    bench_begin(other);
    const bool same = outcome_is(wanted, other->home, text, sizeof(text));
    if (!same) {
        printf("%s: not the same %s: %s\n", detour->name, way, text);
    }
    bench_free(other);
    return same;
}

bool ways_agree(const Bench *one, const Case *its_case)
{
    Case detour = *its_case;
    bool same = true;

    original = its_case;
    if (its_case->ahead) { /* two at once are what two were, one after the other */
        detour.ahead = false;
        same = agrees(one, &detour, &one->undisturbed[0], "a block at a time");
        detour.ahead = true;
    }
    detour.before = ask_all;
    same = agrees(one, &detour, &one->undisturbed[1], "if all nodes are asked") && same;
    detour.before = move_a_cable;
    return agrees(one, &detour, &one->undisturbed[1], "if a cable moves") && same;
}
