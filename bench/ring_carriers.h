/* What the ring bench sends through, and how: one function for each thing that is timed, for each
 * kind of ring and size of item.  Ours is used by its header, with the item size known at run time;
 * ck_ring by the inline functions of CK_RING_PROTOTYPE, with the size known to the compiler.
 */
#ifndef SY_BENCH_RING_CARRIERS_H
#define SY_BENCH_RING_CARRIERS_H

#include <ck_ring.h>
#include <stdint.h>

#include "bench/histogram.h"
#include "engine/ring.h"

#define SY_WAY_CAPACITY 1024u
#define SY_TRIPS        8u /* round trips in one measurement; the clock has steps of 10 ns on some */

typedef struct Pointer {
    void *pointer;
} Pointer;

typedef struct Line {
    uint64_t words[8];
} Line;

/* One ring of each kind and size, with both ends of ours. */
typedef struct SyWay {
    alignas(64) SyRing pointer_in, line_in;
    alignas(64) SyRing pointer_out, line_out;
    alignas(64) ck_ring_t ck_pointer;
    alignas(64) ck_ring_t ck_line;
    alignas(64) Pointer ck_pointers[SY_WAY_CAPACITY];
    alignas(64) Line ck_lines[SY_WAY_CAPACITY];
    alignas(
        64) unsigned char pointer_memory[sizeof(SyRingIndexes) + SY_WAY_CAPACITY * sizeof(Pointer)];
    alignas(64) unsigned char line_memory[sizeof(SyRingIndexes) + SY_WAY_CAPACITY * sizeof(Line)];
} SyWay;

/* One way there, one back; in shared memory. */
typedef struct SyWays {
    SyWay there, back;
} SyWays;

/* One kind of ring.  send() goes with receive() at the other end, ping() with echo(). */
typedef struct SyCarrier {
    const char *name;
    void (*alone)(SyWays *ways, uint64_t n);
    void (*send)(SyWays *ways, uint64_t n);
    void (*receive)(SyWays *ways, uint64_t n);
    void (*echo)(SyWays *ways, uint64_t n);
    void (*ping)(SyWays *ways, uint64_t n, SyHistogram *histogram);
} SyCarrier;

/* Ours and theirs in turn. */
#define SY_CARRIERS 4
extern const SyCarrier sy_carriers[SY_CARRIERS];

/* Formats all rings. */
void sy_ways_init(SyWays *ways);

/* To be called when there was nothing to do. */
void sy_relax(unsigned *spins);

#endif
