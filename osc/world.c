/* Which modules there are, quickly: the engine tells of one module at a time (sy_control_voices),
 * and a pattern would have to ask for every id of every type. Bits remember where asking is worth
 * while. */
#include <stdlib.h>

#include "modules/registry.h"
#include "osc/server_state.h"

static _Atomic uint64_t *word_of(_Atomic uint64_t *bits, uint16_t type, uint32_t id)
{
    return &bits[type * SY_WORLD_WORDS + id / 64];
}

static uint64_t bit_of(uint32_t id)
{
    return UINT64_C(1) << id % 64;
}

static void set(_Atomic uint64_t *bits, SyModuleRef module)
{
    _Atomic uint64_t *word = word_of(bits, module.type, module.id);
    atomic_fetch_or_explicit(word, bit_of(module.id), memory_order_relaxed);
}

static bool is_set(_Atomic uint64_t *bits, SyModuleRef module)
{
    _Atomic uint64_t *word = word_of(bits, module.type, module.id);
    return atomic_load_explicit(word, memory_order_relaxed) & bit_of(module.id);
}

static bool is_there(SyServer *server, SyModuleRef module)
{
    return is_set(server->coming, module) || sy_control_voices(server->control, module) > 0;
}

/* The lowest seen id of a type that is at least `id`, or 0. */
static uint32_t next_seen(SyServer *server, uint16_t type, uint32_t id)
{
    uint64_t mask = ~UINT64_C(0) << id % 64;
    for (uint32_t word = id / 64; word < SY_WORLD_WORDS; word++) {
        _Atomic uint64_t *at = &server->seen[type * SY_WORLD_WORDS + word];
        const uint64_t bits = atomic_load_explicit(at, memory_order_relaxed) & mask;
        if (bits != 0) {
            return word * 64 + (uint32_t)__builtin_ctzll(bits);
        }
        mask = ~UINT64_C(0);
    }
    return 0;
}

static uint16_t next(void *user, uint16_t type, uint16_t after)
{
    SyServer *server = user;
    uint32_t id = after;
    while ((id = next_seen(server, type, id + 1)) != 0) {
        if (is_there(server, (SyModuleRef){type, (uint16_t)id})) {
            return (uint16_t)id;
        }
    }
    return 0;
}

static void claim(void *user, SyModuleRef module)
{
    SyServer *server = user;
    set(server->seen, module);
    set(server->coming, module);
}

SyWorld sy_world_of(SyServer *server)
{
    return (SyWorld){next, claim, server};
}

void sy_world_seen(SyServer *server, SyModuleRef module)
{
    set(server->seen, module);
}

void sy_world_answered(SyServer *server, SyModuleRef module)
{
    _Atomic uint64_t *word = word_of(server->coming, module.type, module.id);
    atomic_fetch_and_explicit(word, ~bit_of(module.id), memory_order_relaxed);
}

/* Finds the modules that were there before the server was. */
void sy_world_scan(SyServer *server)
{
    for (uint32_t type = 0; type < sy_registry_count(); type++) {
        for (uint16_t id = 1; id <= SY_ID_MAX; id++) {
            const SyModuleRef module = {(uint16_t)type, id};
            if (sy_control_voices(server->control, module) > 0) {
                set(server->seen, module);
            }
        }
    }
}

SyStatus sy_world_init(SyServer *server)
{
    const size_t n = sy_registry_count() * SY_WORLD_WORDS;
    server->seen = calloc(n, sizeof *server->seen);
    server->coming = calloc(n, sizeof *server->coming);
    return server->seen && server->coming ? SY_OK : SY_ERR_MEMORY;
}

void sy_world_deinit(SyServer *server)
{
    free(server->seen);
    free(server->coming);
}
