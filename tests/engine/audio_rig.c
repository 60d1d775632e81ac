#include "tests/engine/audio_rig.h"

#include <stdlib.h>

Rig *make(bool offline)
{
    const SySegmentSize size = {.rate = 48000,
                                .block = BLOCK,
                                .n_cores = 2,
                                .offline = offline,
                                .plan_bytes = 1 << 12,
                                .arena_bytes = 1 << 20};
    Rig *rig = calloc(1, sizeof(*rig));

    assert_non_null(rig);
    rig->segment = sy_segment_map(&size);
    rig->audio = sy_audio_map(rig->segment);
    assert_non_null(rig->audio);
    rig->audio->offline = offline;
    rig->plan = sy_at(rig->segment, rig->segment->plan_at[0]);
    *rig->plan = (SyPlan){.serial = 5, .n_tasks = N_TASKS, .width = 2};
    rig->audio->plan = rig->plan;
    rig->audio->epoch = EPOCH;
    atomic_store(&rig->audio->frame, (EPOCH - 1) * BLOCK);
    return rig;
}

int set_up(void **state)
{
    *state = make(true);
    return 0;
}

int tear_down(void **state)
{
    Rig *rig = *state;

    sy_audio_unmap(rig->audio);
    sy_segment_unmap(rig->segment);
    free(rig);
    return 0;
}
