/* Radix sort from the lowest byte of the key to the highest (D. E. Knuth, "The Art of Computer
 * Programming" 3, 5.2.5). */
#include "engine/keyed.h"

#include <stdbool.h>
#include <string.h>

#define DIGITS 256

static bool is_sorted(const SyKeyed *items, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        if (items[i - 1].key > items[i].key) {
            return false;
        }
    }
    return true;
}

/* Bits in which not all keys are the same. */
static uint64_t differing_bits(const SyKeyed *items, uint32_t n)
{
    uint64_t differing = 0;
    for (uint32_t i = 1; i < n; i++) {
        differing |= items[i].key ^ items[0].key;
    }
    return differing;
}

static void sort_by_byte(const SyKeyed *items, SyKeyed *sorted, uint32_t n, uint32_t shift)
{
    uint32_t place[DIGITS] = {0}, end = 0;

    for (uint32_t i = 0; i < n; i++) {
        place[items[i].key >> shift & (DIGITS - 1)]++;
    }
    for (uint32_t digit = 0; digit < DIGITS; digit++) {
        const uint32_t count = place[digit];
        place[digit] = end;
        end += count;
    }
    for (uint32_t i = 0; i < n; i++) {
        sorted[place[items[i].key >> shift & (DIGITS - 1)]++] = items[i];
    }
}

void sy_keyed_sort(SyKeyed *items, SyKeyed *spare, uint32_t n)
{
    SyKeyed *from = items, *to = spare;

    if (is_sorted(items, n)) {
        return;
    }
    const uint64_t differing = differing_bits(items, n);
    for (uint32_t shift = 0; shift < 64; shift += 8) {
        if ((differing >> shift & (DIGITS - 1)) == 0) {
            continue;
        }
        sort_by_byte(from, to, n, shift);
        SyKeyed *const sorted = to;
        to = from;
        from = sorted;
    }
    if (from != items) {
        memcpy(items, from, n * sizeof(*items));
    }
}
