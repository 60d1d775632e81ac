/* Whether a block that was recorded while a worker died in it is recorded right: each task and node
 * once, by the worker whose commit counts. For patches in which records_begin() was called. */
#ifndef SY_TESTS_INSTRUCTIONS_RECORDS_H
#define SY_TESTS_INSTRUCTIONS_RECORDS_H

#include "tests/instructions/patchwork.h"

#define RECORDS_ROOM 64 /* of a block; two blocks take turns */

/* Which worker each record has to be of. */
typedef struct Records {
    uint32_t n;
    uint32_t worker[RECORDS_ROOM];
} Records;

/* Has all blocks from now on recorded, as the audio thread would. */
void records_begin(SySegment *segment);
bool records_are_kept(const SySegment *segment);

/* Whoever has committed something of the block so far is `victim`; the rest will be `heir`'s. */
Records records_expected(const SySegment *segment, uint64_t epoch, uint32_t victim, uint32_t heir);

/* Whether they are; if not, `text` [size] says what is the first thing that is not. */
bool records_are(const Records *expected, const SySegment *segment, uint64_t epoch, char *text,
                 size_t size);

#endif
