/* The block protocol under kills: claim, commit, fence, recycle, take over, announce.
 *
 * check_model.py has spin try every interleaving of this model for each of the plans below, and
 * proves that it would notice mistakes by checking mutants that must fail.
 *
 * What stands for what:
 *   worker()    engine/worker_loop.c (enter_block, run_block, claim_one, finish_task) and
 *               engine/worker_render.c, worker_feedback.c, worker_node.h (sy_node_prepare,
 *               sy_lanes_process, sy_node_commit, sy_worker_run_loop)
 *   watchdog()  engine/watchdog.c (look, fence, free_claims)
 *   audio()     engine/audio_process.c (wait until done, mix), engine/audio_release.c; how many
 *               blocks it releases ahead is left open each time
 *   killer()    SIGKILL at any step, KILLS times; `dead` is OWNER_DIED in the life word
 *   `unless`    a killed worker makes no further store; its place is taken by a new worker with a
 *               new incarnation once it is fenced (engine/pool.c looks at `fenced` for that)
 *
 * What is held, by assertions and by the absence of invalid end states:
 *   H1  a committed state, a wire and the large memory are those of an undisturbed run
 *   H2  a node is committed once in a block, and in every block
 *   H3  nobody reads a pending slot, or a wire of a node that is not committed
 *   H4  a task is run by at most one live worker
 *   H5  every block gets done and is announced, whoever dies
 *   H6  what the audio thread reads of a sink is of the block that it mixes
 *
 * Where it simplifies:
 *   - Memory is sequentially consistent. Acquire and release are argued for in the C files.
 *   - A sleep is a guard that becomes true: every sleep in the engine has a timeout, so a lost
 *     wake-up costs time and changes nothing else.
 *   - Any worker tries tasks in any order; in the engine its home's come first.
 *   - All blocks have the same plan, so `reading` and the two looks at the epoch (L1, L2 in
 *     worker_loop.c) are not here. The one look that is left may be out of date at once.
 *   - A state is a number: what its node has summed up (x 4) and how many blocks it has run.
 *     While it is being written it is TORN. A block adds one cell to the large memory.
 *   - What is for finding the culprit is left out, as it changes no result: the careful bit, the
 *     word that says what a worker is doing. A hang ends in a kill, so it is a death here; that the
 *     node is bypassed from then on is not in the model.
 *   - Loads of what only the claimer writes happen in one step with the store that follows. A
 *     torn wire or state is one value, TORN, whatever part of it was written.
 *
 * -DMUTANT_... takes one rule of the protocol away; the comment beside each #ifdef says which. */

#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef KILLS
#define KILLS 2
#endif
#ifndef BLOCKS
#define BLOCKS 2
#endif
#ifndef AHEAD /* blocks that may be released at once: more than one offline */
#define AHEAD 1
#endif
#ifdef MUTANT_TOO_FAR /* one more block is released than what sinks leave is set aside for */
#define PLACES (AHEAD - 1)
#else
#define PLACES AHEAD
#endif
#define NODES  3
#define CELLS  (BLOCKS + 1)
#define TORN   255
#define NOBODY 255

/* engine/claim.h: the claim word, and the commit word. */
#define FREE    1
#define CLAIMED 2
#define DONE    3
#ifdef MUTANT_NO_EPOCH /* the late worker of a block claims in the next one */
#define claim_word(e, i, s) ((i) * 4 + (s))
#else
#define claim_word(e, i, s) ((e) * 64 + (i) * 4 + (s))
#endif
#define claim_state(word)       ((word) & 3)
#define claim_incarnation(word) (((word) >> 2) & 15)
#define without_owner(word)     ((word) & 192 | FREE)
#define commit_word(e, slot)    ((e) * 2 + (slot))
#define commit_epoch(word)      ((word) >> 1)
#define commit_slot(word)       ((word) & 1)

/* The plans: which nodes a task has, which tasks it waits for, which tasks nobody waits for. */
#if defined(PLAN_JOIN) /* A = {0}, B = {1}, C = {2} after both: two tasks at once */
#define TASKS           3
#define first_node(t)   (t)
#define end_node(t)     ((t) + 1)
#define preds_done(t, e) ((t) < 2 || (is_done(0, e) && is_done(1, e)))
#define n_preds(t)      ((t) == 2 -> 2 : 0)
#define feeds(t)        ((t) < 2)
#define LAST            2
#define all_done(e)     is_done(2, e)
#elif defined(PLAN_WIDE) /* A = {0, 1}, B = {2} beside it: two last tasks, that may end together */
#define TASKS           2
#define first_node(t)   ((t) * 2)
#define end_node(t)     ((t) + 2)
#define preds_done(t, e) true
#define n_preds(t)      0
#define feeds(t)        false
#define LAST            1
#define all_done(e)     (is_done(0, e) && is_done(1, e))
#else /* PLAN_CHAIN, PLAN_LOOP: A = {0, 1}, B = {2} after it; a loop commits A's nodes as one */
#define TASKS           2
#define first_node(t)   ((t) * 2)
#define end_node(t)     ((t) + 2)
#define preds_done(t, e) ((t) == 0 || is_done(0, e))
#define n_preds(t)      (t)
#define feeds(t)        ((t) == 0)
#define LAST            1
#define all_done(e)     is_done(1, e)
#endif

/* What all share: engine/segment.h. */
byte epoch, done;
byte claim[TASKS];
byte commit[NODES];
byte state[NODES * 2];      /* two slots a node */
byte memory[NODES * CELLS]; /* append-only: a cell a block */
byte wire[NODES];
byte aside[PLACES]; /* what the sink has left, by block in turn */
bool dead[WORKERS], fenced[WORKERS];
byte incarnation[WORKERS];
byte incarnations;
byte kills;
#if defined(MUTANT_COUNTER_LOST) || defined(MUTANT_COUNTER_TWICE)
short missing; /* predecessors that the last task still waits for */
#endif

/* What only the assertions see: who runs a task, and what an undisturbed run leaves. */
byte runner[TASKS];
byte right_state[NODES * (BLOCKS + 1)];
byte right_wire[NODES * (BLOCKS + 1)];

#define is_done(t, e)      (claim[t] == claim_word(e, 0, DONE))
#define is_over(e)         (done >= (e) || epoch - (e) >= AHEAD)
#define next_block()       (done + AHEAD > epoch -> done + 1 : epoch - AHEAD + 1)
#define is_committed(n, e) (commit_epoch(commit[n]) == (e))

#if defined(MUTANT_COUNTER_LOST) || defined(MUTANT_COUNTER_TWICE)
#define is_ready(t, e) ((t) != LAST || missing == 0)
#else
#define is_ready(t, e) preds_done(t, e)
#endif
#if AHEAD == 1
#define is_open(t, e) (claim[t] == claim_word(e, 0, FREE))
#else /* what is done in the block before is as good as free */
#define is_open(t, e) (claim[t] == claim_word(e, 0, FREE) || claim[t] == claim_word(e - 1, 0, DONE))
#endif
#define is_claimable(t, e) (is_open(t, e) && is_ready(t, e))

#ifdef MUTANT_ONE_SLOT /* commit in place */
#define pending(n) commit_slot(commit[n])
#else
#define pending(n) (1 - commit_slot(commit[n]))
#endif
#define committed_state(n) state[(n) * 2 + commit_slot(commit[n])]

/* A module's process(): sums its input up, keeps the sum in its memory at its position, and puts
 * out the sum and that of the block before. */
#define position(s)      ((s) & 3)
#define sum(s)           ((s) >> 2)
#define next(s, input)   ((sum(s) * 2 + (input) + 1) * 4 + position(s) + 1)
#define cell(n, s)       memory[(n) * CELLS + position(s) - 1] /* written on the way to s */
#define echo(n, s)       (position(s) > 1 -> memory[(n) * CELLS + position(s) - 2] : 0)
#ifdef PLAN_WIDE
#define has_input(n) false
#else
#define has_input(n) ((n) == 2)
#endif
#ifdef PLAN_LOOP /* each hears what the other had at the end of the block before */
#define feedback(n) sum(committed_state(1 - (n)))
#else
#define feedback(n) 0
#endif
#define input(n) (has_input(n) -> wire[0] + wire[1] : (n) + 1 + feedback(n))

#define is_right(n, e)                                                                             \
    (is_committed(n, e) && committed_state(n) == right_state[(n) * (BLOCKS + 1) + (e)] &&          \
     wire[n] == right_wire[(n) * (BLOCKS + 1) + (e)] &&                                            \
     cell(n, committed_state(n)) == sum(committed_state(n)))

/* Every step of a node is one that its worker can die before. `fresh` and `slot` are what it has in
 * registers. */
inline begin_node(n)
{
    assert(!has_input(n) || (is_committed(0, e) && is_committed(1, e))); /* H3 */
    assert(committed_state(n) != TORN);                                  /* H3 */
    slot = pending(n);
    fresh = next(committed_state(n), input(n));
    state[n * 2 + slot] = TORN;
    wire[n] = TORN
}

inline process_node(n)
{
    atomic {
        assert(cell(n, fresh) == 0 || cell(n, fresh) == sum(fresh)); /* H1: the same once more */
        cell(n, fresh) = sum(fresh)
    };
    atomic {
        wire[n] = sum(fresh) + echo(n, fresh);
        state[n * 2 + slot] = fresh;
        fresh = 0;
        slot = 0
    }
}

#ifdef MUTANT_ASIDE_ONCE
#define note_mine() mine = true
#else
#define note_mine() skip
#endif
inline commit_node(n)
{
    note_mine();
    assert(commit_epoch(commit[n]) == e - 1); /* H2 */
    commit[n] = commit_word(e, pending(n));
    assert(is_right(n, e)) /* H1 */
}

/* sy_worker_run_task(): committed nodes are skipped (R1 in worker_render.c). */
#ifdef MUTANT_NO_SKIP /* whoever takes over runs all nodes again */
#define is_left(n, e) true
#else
#define is_left(n, e) (!is_committed(n, e))
#endif

#ifndef PLAN_LOOP
inline run_task(t)
{
    n = first_node(t);
    do
    :: atomic { n < end_node(t) && is_left(n, e) -> begin_node(n) };
        process_node(n);
        atomic { commit_node(n); n++ }
    :: atomic { n < end_node(t) && !is_left(n, e) -> n++ }
    :: atomic { n == end_node(t) -> n = 0; break }
    od
}
#else
/* R3: A's nodes are computed together; the first one's word commits them all, and whoever finds it
 * committed brings the other's up to it. */
#ifdef MUTANT_LOOP_APART /* each by its own word: the second is computed once more, and worse */
#define is_to_compute(n, e) is_left(n, e)
#else
#define is_to_compute(n, e) is_left(first_node(t), e)
#endif
inline run_task(t)
{
    n = first_node(t);
    do
    :: atomic { n < end_node(t) && is_to_compute(n, e) -> begin_node(n) };
        process_node(n);
        n++
    :: atomic { n < end_node(t) && !is_to_compute(n, e) -> n++ }
    :: atomic { n == end_node(t) -> n = first_node(t); break }
    od;
    do
    :: atomic { n < end_node(t) && is_left(n, e) -> commit_node(n); n++ }
    :: atomic { n < end_node(t) && !is_left(n, e) -> n++ }
    :: atomic { n == end_node(t) -> n = 0; break }
    od
}
#endif

/* claim_one(): what was looked at may have changed when the CAS is tried. */
inline look_for_task()
{
    atomic {
        if
        :: is_claimable(0, e) -> t = 0
        :: is_claimable(1, e) -> t = 1
#if TASKS > 2
        :: is_claimable(2, e) -> t = 2
#endif
        fi
    }
}

inline claim_task()
{
    atomic {
        if
        :: is_open(t, e) ->
#ifndef MUTANT_STEAL /* which must do real harm, not only break this rule */
            assert(runner[t] == NOBODY || dead[runner[t]]); /* H4 */
#endif
            claim[t] = claim_word(e, incarnation[me], CLAIMED);
            runner[t] = me
        :: else -> t = NOBODY
        fi
    }
}

/* announce_done(): one that was held up since it looked takes no later block's word back. */
inline announce()
{
#ifdef MUTANT_TAKEN_BACK
    done = e
#else
    atomic { done = (done < e -> e : done) }
#endif
}

/* set_aside_sinks(): from a wire that is committed, by whoever finishes the task. */
#if AHEAD == 1
#define set_aside() skip
#else
inline set_aside()
{
    if
#ifdef MUTANT_ASIDE_ONCE /* only by who has committed the sink, who may have died in between */
    :: t == LAST && mine -> aside[e % PLACES] = TORN; aside[e % PLACES] = wire[2]
#else
    :: t == LAST -> aside[e % PLACES] = TORN; aside[e % PLACES] = wire[2]
#endif
    :: else
    fi
}
#endif

/* finish_task(), and announce_done() by whoever finished the last. */
inline finish_task()
{
#ifdef MUTANT_COUNTER_TWICE /* counted, but not yet done: whoever takes over counts again */
    missing = missing - (feeds(t) -> 1 : 0);
#endif
    atomic {
        claim[t] = claim_word(e, 0, DONE);
        runner[t] = NOBODY
    };
#ifdef MUTANT_COUNTER_LOST /* done, but not yet counted: nobody ever will */
    missing = missing - (feeds(t) -> 1 : 0);
#endif
    atomic { t = NOBODY; last = all_done(e) };
    if
    :: last -> last = false; announce()
    :: else
    fi
}

inline forget()
{
    e = 0;
    t = NOBODY;
    n = 0;
    slot = 0;
    fresh = 0;
#ifdef MUTANT_ASIDE_ONCE
    mine = false;
#endif
    last = false
}

/* The worker at place `me`, and those who come after it there. */
proctype worker(byte me)
{
    byte e, t, n, slot, fresh;
    bool last;
#ifdef MUTANT_ASIDE_ONCE
    bool mine;
#endif

end_again:
    {
end_parked:
        do
#ifdef MUTANT_OVERTAKE /* the last block that is released, though the one before it is not done */
        :: atomic { epoch > done -> e = epoch };
#else
        :: atomic { epoch > done -> e = next_block() }; /* enter_block() */
#endif
            do                                          /* run_block() */
            :: atomic { is_over(e) -> forget(); break }
            :: look_for_task();
                claim_task();
                if
                :: t != NOBODY ->
                    run_task(t);
                    set_aside();
                    finish_task()
                :: else
                fi
#ifndef MUTANT_NO_REPAIR /* nobody announces for a finisher that died */
            :: all_done(e) -> announce()
#endif
            od
        od
    }
    unless
    {
        atomic { dead[me] -> forget() }
    };
    atomic { /* engine/pool.c: the place is given again when it is fenced */
        fenced[me] ->
        fenced[me] = false;
        dead[me] = false;
        incarnations++;
        incarnation[me] = incarnations
    };
    goto end_again
}

#define of_the_dead(word)                                                                          \
    (claim_state(word) == CLAIMED && claim_incarnation(word) == incarnation[w])

/* look(), fence(), free_claims(): W1 is `dead`, W2 the CAS. Nobody else may change the word of a
 * dead worker, so load and CAS are one step. */
proctype watchdog()
{
    byte w, t;
#ifdef MUTANT_STEAL /* a worker that is only slow is taken for dead */
    bool hasty;
#endif

end_watching:
    do
    :: atomic {
            if
            :: dead[0] && !fenced[0] -> w = 0
            :: dead[1] && !fenced[1] -> w = 1
#if WORKERS > 2
            :: dead[2] && !fenced[2] -> w = 2
#endif
#ifdef MUTANT_STEAL
            :: !hasty && claim_state(claim[0]) == CLAIMED -> w = runner[0]; hasty = true
#endif
            fi
        };
        do
        :: t < TASKS ->
            atomic {
                if
                :: of_the_dead(claim[t]) ->
                    claim[t] = without_owner(claim[t]);
                    runner[t] = (dead[w] -> NOBODY : runner[t])
                :: else
                fi;
                t++
            }
        :: else -> break
        od;
        atomic {
            fenced[w] = dead[w];
            w = 0;
            t = 0
        }
    od
}

/* Workers differ in nothing but their number, so the first to be killed may be called 0, and the
 * second 0 or 1. */
#define kill(w)                                                                                    \
    atomic {                                                                                       \
        kills < KILLS && w <= kills && !dead[w] -> dead[w] = true;                                 \
        kills++                                                                                    \
    }

proctype killer()
{
end_killing:
    do
    :: kill(0)
    :: kill(1)
#if WORKERS > 2
    :: kill(2)
#endif
    od
}

/* The words become FREE before the epoch says so. */
inline release(b)
{
    do
    :: t < TASKS -> atomic { claim[t] = claim_word(b, 0, FREE); t++ }
    :: else -> break
    od;
    atomic {
        t = 0;
#if defined(MUTANT_COUNTER_LOST) || defined(MUTANT_COUNTER_TWICE)
        missing = n_preds(LAST);
#endif
        epoch = b
    }
}

#if AHEAD == 1
#define is_right_now(n, e) is_right(n, e)
#else /* a node may have been committed in a later block by now */
#define is_right_now(n, e) (commit_epoch(commit[n]) >= (e))
#endif
#if AHEAD == 1 || defined(MUTANT_NOT_ASIDE) /* what sinks leave is read where they write it */
#define heard(e) wire[2]
#else
#define heard(e) aside[(e) % PLACES]
#endif

/* Releases, perhaps ahead; waits until the block is done; mixes. */
proctype audio()
{
    byte e, t;

    do
    :: e < BLOCKS ->
        e++;
        if
        :: epoch < e -> release(e)
        :: else
        fi;
#if AHEAD > 1
        do
        :: atomic { epoch < BLOCKS && epoch + 1 < e + AHEAD -> epoch++ }
        :: break
        od;
#endif
        atomic {
            done >= e;                                                              /* H5 */
            assert(is_right_now(0, e) && is_right_now(1, e) && is_right_now(2, e)); /* H1, H2 */
        }
        assert(heard(e) == right_wire[2 * (BLOCKS + 1) + e]) /* H6: what is mixed */
    :: else -> break
    od
}

/* What is right: the nodes in order, nobody dies. */
inline run_undisturbed(n)
{
    fresh = next(committed_state(n), input(n));
    cell(n, fresh) = sum(fresh);
    wire[n] = sum(fresh) + echo(n, fresh);
    state[n * 2 + 1] = fresh;
    right_state[n * (BLOCKS + 1) + e] = fresh;
    right_wire[n * (BLOCKS + 1) + e] = wire[n]
}

init
{
    byte e, n, fresh;

    d_step {
        do
        :: e < BLOCKS ->
            e++;
            run_undisturbed(0);
            run_undisturbed(1);
            run_undisturbed(2);
            for (n : 0 .. NODES - 1) {
                state[n * 2] = state[n * 2 + 1]
            }
        :: else -> break
        od;
        for (n : 0 .. NODES - 1) {
            state[n * 2] = 0;
            state[n * 2 + 1] = 0;
            wire[n] = 0
        }
        for (n : 0 .. NODES * CELLS - 1) {
            memory[n] = 0
        }
        for (n : 0 .. TASKS - 1) {
            runner[n] = NOBODY
        }
        for (n : 0 .. WORKERS - 1) {
            incarnations++;
            incarnation[n] = incarnations
        }
        e = 0;
        n = 0;
        fresh = 0
    };
    atomic {
        run audio();
        run watchdog();
        run killer();
        run worker(0);
        run worker(1);
#if WORKERS > 2
        run worker(2)
#endif
    }
}
