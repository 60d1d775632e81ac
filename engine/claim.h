/* The words by which workers agree on who computes what, and on what has been computed.
 *
 * A claim word says who runs a task in which block:
 *
 *     epoch:40 | incarnation:20 | careful:1 | state:3
 *
 *     {E, 0, FREE}      block E wants it; anybody may claim it
 *     {E, i, CLAIMED}   worker of incarnation i runs it
 *     {E, 0, DONE}      every node of it is committed; in block E+1 it is as good as FREE
 *
 *     transition               by                      when
 *     any      -> {E, FREE}    audio                   before block E is released, but for blocks
 *                                                      that are released ahead: they have the same
 *                                                      tasks as the one before them
 *     FREE     -> CLAIMED      a worker, by CAS        it has seen all predecessors DONE
 *     {E-1, DONE} -> {E, CLAIMED}   the same           and all of block E-1 done
 *     CLAIMED  -> DONE         the worker that claimed the last node is committed
 *     CLAIMED  -> FREE|careful watchdog, by CAS        the claimer is dead and fenced
 *
 * A task that somebody died with is run carefully: node by node, so that the next death in it names
 * the node at fault. That costs time and changes no bit.
 *
 * The epoch is part of the word, so a worker that overslept block E cannot claim anything in E+1 by
 * mistake. An incarnation is a number no other worker has had for the last million; a pid would not
 * do, as pids come again.
 *
 * A commit word says which of a node's two state slots holds, and since which block:
 *
 *     epoch:63 | slot:1
 *
 * One release store of it publishes a node's new state and its wires. Until then nothing that
 * others read has changed, so a node can be run again from the start by whoever finds it
 * uncommitted.
 */
#ifndef SY_ENGINE_CLAIM_H
#define SY_ENGINE_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

typedef enum SyClaimState {
    SY_CLAIM_FREE = 1,
    SY_CLAIM_CLAIMED = 2,
    SY_CLAIM_DONE = 3
} SyClaimState;

#define SY_CLAIM_CAREFUL    8u
#define SY_INCARNATION_BITS 20
#define SY_INCARNATION_MASK ((1u << SY_INCARNATION_BITS) - 1)
#define SY_EPOCH_MASK       ((1ull << 40) - 1)

static inline uint64_t sy_claim_word(uint64_t epoch, uint32_t incarnation, SyClaimState state)
{
    return (epoch & SY_EPOCH_MASK) << 24 | (uint64_t)(incarnation & SY_INCARNATION_MASK) << 4 |
           state;
}

/* Whether a task with this word may be claimed in block `epoch`. */
static inline bool sy_claim_is_open(uint64_t word, uint64_t epoch)
{
    return (word & ~(uint64_t)SY_CLAIM_CAREFUL) == sy_claim_word(epoch, 0, SY_CLAIM_FREE) ||
           word == sy_claim_word(epoch - 1, 0, SY_CLAIM_DONE);
}

static inline uint32_t sy_claim_incarnation(uint64_t word)
{
    return (uint32_t)(word >> 4) & SY_INCARNATION_MASK;
}

static inline SyClaimState sy_claim_state(uint64_t word)
{
    return (SyClaimState)(word & 7);
}

static inline bool sy_claim_is_careful(uint64_t word)
{
    return word & SY_CLAIM_CAREFUL;
}

/* What a worker is computing, for those who find it dead or at the same thing for too long:
 *
 *     epoch:40 | nodes:8 | node:16     `node` is 1 + the slot of the first of them; 0 nothing
 */
typedef struct SyDoing {
    uint64_t epoch;
    uint32_t slot, n_nodes; /* n_nodes is 0 when it is doing nothing */
} SyDoing;

static inline uint64_t sy_doing_word(uint64_t epoch, uint32_t slot, uint32_t n_nodes)
{
    return (epoch & SY_EPOCH_MASK) << 24 | (uint64_t)(n_nodes & 255) << 16 | ((slot + 1) & 0xffff);
}

/* Of a word that a worker wrote, so `slot` is to be checked. */
static inline SyDoing sy_doing_of(uint64_t word)
{
    const uint32_t node = (uint32_t)word & 0xffff;
    return (SyDoing){
        .epoch = word >> 24, .slot = node - 1, .n_nodes = node ? (uint32_t)(word >> 16) & 255 : 0};
}

static inline uint64_t sy_commit_word(uint64_t epoch, unsigned slot)
{
    return epoch << 1 | (slot & 1);
}

static inline uint64_t sy_commit_epoch(uint64_t word)
{
    return word >> 1;
}

static inline unsigned sy_commit_slot(uint64_t word)
{
    return (unsigned)(word & 1);
}

#endif
