/* What tests of the audio thread share: shared memory with a plan of three tasks, which no worker
 * computes. */
#ifndef SY_TESTS_ENGINE_AUDIO_RIG_H
#define SY_TESTS_ENGINE_AUDIO_RIG_H

#include "engine/audio_release.h"
#include "engine/claim.h"
#include "tests/rig/check.h"

#define BLOCK   64
#define N_TASKS 3
#define EPOCH   8 /* is in hand */

typedef struct Rig {
    SySegment *segment;
    SyAudio *audio;
    SyPlan *plan;
} Rig;

Rig *make(bool offline);

/* An offline one. */
int set_up(void **state);
int tear_down(void **state);

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
