#include "engine/arena.h"

#include <stdlib.h>
#include <string.h>

typedef struct Hole {
    uint64_t first, size;
} Hole;

struct SyArena {
    uint64_t size, used;
    Hole *holes; /* [n_holes], sorted, never touching each other */
    size_t n_holes, room;
};

static uint64_t rounded(uint64_t size)
{
    return size == 0 ? 64 : (size + 63) & ~(uint64_t)63;
}

SyArena *sy_arena_new(uint64_t first, uint64_t size)
{
    SyArena *arena = calloc(1, sizeof(*arena));
    if (!arena) {
        return NULL;
    }
    arena->room = 64;
    arena->holes = malloc(arena->room * sizeof(Hole));
    if (!arena->holes) {
        free(arena);
        return NULL;
    }
    arena->size = size & ~(uint64_t)63;
    arena->holes[0] = (Hole){first, arena->size};
    arena->n_holes = 1;
    return arena;
}

void sy_arena_free(SyArena *arena)
{
    if (arena) {
        free(arena->holes);
        free(arena);
    }
}

static void remove_hole(SyArena *arena, size_t i)
{
    memmove(&arena->holes[i], &arena->holes[i + 1], (arena->n_holes - i - 1) * sizeof(Hole));
    arena->n_holes--;
}

uint64_t sy_arena_take(SyArena *arena, uint64_t size)
{
    size = rounded(size);
    for (size_t i = 0; i < arena->n_holes; i++) {
        Hole *hole = &arena->holes[i];
        if (hole->size < size) {
            continue;
        }
        const uint64_t offset = hole->first;
        hole->first += size;
        hole->size -= size;
        arena->used += size;
        if (hole->size == 0) {
            remove_hole(arena, i);
        }
        return offset;
    }
    return 0;
}

/* Index of the first hole behind `offset`. */
static size_t hole_behind(const SyArena *arena, uint64_t offset)
{
    size_t low = 0, high = arena->n_holes;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (arena->holes[middle].first > offset) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

static int insert_hole(SyArena *arena, size_t i, Hole hole)
{
    if (arena->n_holes == arena->room) {
        Hole *more = realloc(arena->holes, 2 * arena->room * sizeof(Hole));
        if (!more) {
            return -1;
        }
        arena->holes = more;
        arena->room *= 2;
    }
    memmove(&arena->holes[i + 1], &arena->holes[i], (arena->n_holes - i) * sizeof(Hole));
    arena->holes[i] = hole;
    arena->n_holes++;
    return 0;
}

bool sy_arena_claim(SyArena *arena, uint64_t offset, uint64_t size)
{
    const size_t behind = hole_behind(arena, offset);

    size = rounded(size);
    if (behind == 0) {
        return false;
    }
    Hole *hole = &arena->holes[behind - 1];
    const uint64_t end = hole->first + hole->size;
    if (offset + size > end) {
        return false;
    }
    if (offset + size < end &&
        insert_hole(arena, behind, (Hole){offset + size, end - offset - size}) < 0) {
        return false;
    }
    hole = &arena->holes[behind - 1]; /* it may have moved */
    hole->size = offset - hole->first;
    arena->used += size;
    if (hole->size == 0) {
        remove_hole(arena, behind - 1);
    }
    return true;
}

void sy_arena_give(SyArena *arena, uint64_t offset, uint64_t size)
{
    if (offset == 0) {
        return;
    }
    size = rounded(size);
    const size_t i = hole_behind(arena, offset);
    const bool joins_next = i < arena->n_holes && arena->holes[i].first == offset + size;
    const bool joins_last = i > 0 && arena->holes[i - 1].first + arena->holes[i - 1].size == offset;

    arena->used -= size;
    if (joins_last) {
        arena->holes[i - 1].size += size;
        if (joins_next) {
            arena->holes[i - 1].size += arena->holes[i].size;
            remove_hole(arena, i);
        }
    } else if (joins_next) {
        arena->holes[i].first = offset;
        arena->holes[i].size += size;
    } else if (insert_hole(arena, i, (Hole){offset, size}) < 0) {
        /* The books cannot grow: the piece stays taken rather than being handed out twice. */
        arena->used += size;
    }
}

uint64_t sy_arena_used(const SyArena *arena)
{
    return arena->used;
}

uint64_t sy_arena_size(const SyArena *arena)
{
    return arena->size;
}
