/* A node as the worker that runs it handles it: its two state slots, its wires, its commit. For
 * engine/worker_*.c only.  Thread: worker.  RT: yes. */
#ifndef SY_ENGINE_WORKER_NODE_H
#define SY_ENGINE_WORKER_NODE_H

#include <string.h>

#include "engine/claim.h"
#include "engine/worker.h"
#include "modules/registry.h"

static inline const SyNodeShared *sy_node_shared(const SyWorker *worker, const SyPlanNode *node)
{
    return &worker->segment->nodes[node->slot];
}

static inline SyNodeWork *sy_node_work(const SyWorker *worker, const SyPlanNode *node)
{
    return &worker->segment->work[node->slot];
}

static inline uint64_t sy_node_commit_word(const SyWorker *worker, const SyPlanNode *node)
{
    return atomic_load_explicit(&sy_node_work(worker, node)->commit, memory_order_acquire);
}

static inline bool sy_node_is_committed(const SyWorker *worker, const SyWork *work,
                                        const SyPlanNode *node)
{
    return sy_commit_epoch(sy_node_commit_word(worker, node)) == work->epoch;
}

static inline unsigned char *sy_node_state(const SyWorker *worker, const SyPlanNode *node,
                                           unsigned slot)
{
    return (unsigned char *)sy_at(worker->segment, node->state_at + slot * node->state_bytes);
}

static inline unsigned char *sy_node_committed(const SyWorker *worker, const SyPlanNode *node)
{
    return sy_node_state(worker, node, sy_commit_slot(sy_node_commit_word(worker, node)));
}

static inline unsigned char *sy_node_pending(const SyWorker *worker, const SyPlanNode *node)
{
    return sy_node_state(worker, node, sy_commit_slot(sy_node_commit_word(worker, node)) ^ 1);
}

#define SY_WIRES_MAX (SY_PORTS_MAX * SY_VOICES_MAX) /* of a node */

/* The last frames of its outputs in one of its state slots: [n_outputs][voices]. */
static inline float *sy_node_tails(const SyPlanNode *node, unsigned char *state)
{
    return (float *)(void *)(state + node->tails_from);
}

static inline SyNodeMode *sy_node_mode(const SyPlanNode *node, unsigned char *state)
{
    return (SyNodeMode *)(void *)(state + node->mode_from);
}

static inline float *sy_node_wire(const SyWorker *worker, const SyPlanNode *node, uint32_t port,
                                  uint32_t voice)
{
    return (float *)sy_at(worker->segment, node->wires_at) +
           ((size_t)port * node->voices + voice) * worker->block;
}

/* Carries the state of a node over into its pending slot, which is returned. The tails are written
 * anew by every block. */
static inline unsigned char *sy_node_prepare(const SyWorker *worker, const SyPlanNode *node)
{
    const unsigned slot = sy_commit_slot(sy_node_commit_word(worker, node));
    unsigned char *pending = sy_node_state(worker, node, slot ^ 1);
    unsigned char *committed = sy_node_state(worker, node, slot);

    for (uint32_t lane = 0; lane < node->n_lanes; lane++) {
        const size_t from = (size_t)lane * node->lane_bytes;
        for (uint32_t at = 0; at < node->used_bytes; at += 64) { /* lanes are whole lines */
            memcpy(pending + from + at, committed + from + at, 64);
        }
    }
    *sy_node_mode(node, pending) = *sy_node_mode(node, committed);
    return pending;
}

/* The last frame of every heard output goes into the pending state, for cables that close loops and
 * for the fade of a node that is bypassed. The wires that it comes from are put into `wires`,
 * [SY_WIRES_MAX], whose number is returned. */
static inline uint32_t sy_node_keep_tails(const SyWorker *worker, const SyPlanNode *node,
                                          unsigned char *pending, const float **wires)
{
    const uint32_t block = worker->block, voices = node->voices;
    float *tails = sy_node_tails(node, pending);
    const float *first = sy_node_wire(worker, node, 0, 0);
    uint32_t n = 0;

    for (uint32_t left = node->heard; left; left &= left - 1) {
        const uint32_t port = (uint32_t)__builtin_ctz(left);
        float *tail = tails + port * voices;
        const float *wire = first + (size_t)port * voices * block;
        for (uint32_t more = voices; more > 0; more--, wire += block) {
            *tail++ = wire[block - 1];
            wires[n++] = wire;
        }
    }
    return n;
}

/* P: everything the node wrote precedes its commit word; its readers acquire the task's claim word,
 * which is released after this one. */
static inline void sy_node_commit(const SyWorker *worker, const SyWork *work,
                                  const SyPlanNode *node)
{
    const unsigned slot = sy_commit_slot(sy_node_commit_word(worker, node)) ^ 1;
    atomic_store_explicit(&sy_node_work(worker, node)->commit, sy_commit_word(work->epoch, slot),
                          memory_order_release);
}

/* Says what comes next, for the watchdog. */
static inline void sy_node_announce(const SyWorker *worker, const SyWork *work,
                                    const SyPlanNode *node, uint32_t n_nodes)
{
    atomic_store_explicit(&worker->self->doing, sy_doing_word(work->epoch, node->slot, n_nodes),
                          memory_order_relaxed);
}

/* Initialises all lanes of a module in a state slot. */
void sy_node_init_lanes(const SyWorker *worker, uint32_t type, uint32_t id, uint32_t n_lanes,
                        unsigned char *state);

/* worker_guard.c: what keeps a node at fault from being heard. */

/* Whether the node is not to be run, or was not in the block before. */
bool sy_node_is_guarded(const SyWorker *worker, const SyPlanNode *node);

/* Makes the pending slot ready for a node that is guarded; returns whether it is to be run. */
bool sy_node_begin_guarded(const SyWorker *worker, const SyPlanNode *node);

/* Frames [offset, end) of a node that is not run: silence, or what comes in at the input that its
 * type names, faded over from what was heard before. */
void sy_node_bypass(SyWorker *worker, const SyWork *work, const SyPlanNode *node, uint32_t offset,
                    uint32_t end);

/* Fades frames [offset, end) in, if the node was bypassed in the block before. */
void sy_node_return(const SyWorker *worker, const SyPlanNode *node, uint32_t offset, uint32_t end);

/* Mutes frames [offset, offset + n) of a lane's outputs if one of them is not a number, and begins
 * the lane anew. `out` are its outputs, from frame `offset` on. */
void sy_node_tame(const SyWorker *worker, const SyPlanNode *node, uint32_t voice, float *const *out,
                  uint32_t n);

#endif
