#include "tests/instructions/ways.h"

#include <stdio.h>

static const Case *watched; /* by disquiet() */

/* Some node might be bypassed, so all are asked. */
static void disquiet(const Case *this_case, Patch *patch, uint64_t epoch)
{
    (void)this_case;
    atomic_store(&patch->segment->guarded, true);
    if (watched->before) {
        watched->before(watched, patch, epoch);
    }
}

bool ways_agree(const Case *its_case, uint32_t block, const SyWorkerTables *tables)
{
    Case careful = *its_case;
    char text[200];

    careful.before = disquiet;
    watched = its_case;
    Bench *one = bench_new(its_case, block, tables);
    bench_begin(one);
    Bench *other = bench_new(&careful, block, tables);
    bench_begin(other);
    const bool agree = outcome_is(&one->undisturbed[1], other->home, text, sizeof(text));
    if (!agree) {
        printf("%s: not the same if all nodes are looked at: %s\n", its_case->name, text);
    }
    bench_free(other);
    bench_free(one);
    return agree;
}
