/* Well-formed packets of every kind that tests start from, and ways to spoil them. */
#ifndef SY_TESTS_OSC_PACKETS_H
#define SY_TESTS_OSC_PACKETS_H

#include <stddef.h>
#include <stdint.h>

/* Writes sample number `i` into `packet` (room for 2048 bytes) and returns its size, or 0 from
 * sy_packet_samples() on. */
size_t sy_packet_sample(size_t i, uint8_t *packet);
size_t sy_packet_samples(void);

/* A repeatable source of random numbers.  Source: Marsaglia, "Xorshift RNGs" (2003). */
uint32_t sy_random(uint64_t *state);

/* Spoils a packet here and there: bytes changed, sizes grown, pieces cut, repeated or swapped.
 * Returns the new size, at most 2048. */
size_t sy_packet_spoil(uint8_t *packet, size_t size, uint64_t *state);

/* A place where a read past the end of `size` bytes ends the program: the bytes lie against a page
 * that nobody may touch. Returns where to write them. */
uint8_t *sy_packet_fence(size_t size);

/* Puts a packet against the fence, checks it, and if it passes hands every message of it to liblo.
 * Returns whether it passed. */
int sy_packet_try(const uint8_t *packet, size_t size);

#endif
