/* Sorts by a number: in time that grows with what is sorted and no faster, and keeps what is equal
 * in its order. The plan of an edit is made by a few such sorts of the whole patch. */
#ifndef SY_ENGINE_KEYED_H
#define SY_ENGINE_KEYED_H

#include <stdint.h>

typedef struct SyKeyed {
    uint64_t key;
    uint32_t index; /* the caller's */
} SyKeyed;

/* Sorts items[n] by key; `spare` has room for as many. Bytes that all keys have in common cost
 * nothing, and neither do keys that are in order already.
 * Thread: any.  RT: yes, 8 passes over the items at the most. */
void sy_keyed_sort(SyKeyed *items, SyKeyed *spare, uint32_t n);

#endif
