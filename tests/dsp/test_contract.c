/* Every module of the registry is held to the contract in modules/module.h; a new module is, the
 * day it is added. Modules that break it show that each check can fail. */
#include <math.h>
#include <string.h>

#include "tests/dsp/bench.h"
#include "tests/dsp/contract.h"

typedef bool Check(const SyModule *module);

static void hold_all(Check *check)
{
    for (uint32_t type = 0; type < sy_registry_count(); type++) {
        const SyModule *module = sy_registry_at(type);
        if (!check(module))
            fail_msg("%s breaks its promise", module->name);
    }
}

static void state_is_all_that_is_remembered(void **state)
{
    (void)state;
    hold_all(sy_contract_state_is_all);
}

static void blocks_can_be_run_again(void **state)
{
    (void)state;
    hold_all(sy_contract_blocks_can_be_run_again);
}

static void lanes_do_not_depend_on_their_neighbours(void **state)
{
    (void)state;
    hold_all(sy_contract_lanes_are_independent);
}

static void it_is_the_same_whether_lanes_hear_one_wire_or_several_alike(void **state)
{
    (void)state;
    hold_all(sy_contract_wires_can_be_shared);
}

static void blocks_may_be_cut_anywhere(void **state)
{
    (void)state;
    hold_all(sy_contract_cuts_are_inaudible);
}

static void outputs_are_finite_and_bounded_whatever_comes_in(void **state)
{
    (void)state;
    hold_all(sy_contract_outputs_are_bounded);
}

static void outputs_do_not_depend_on_which_others_are_heard(void **state)
{
    (void)state;
    hold_all(sy_contract_outputs_are_independent);
}

static void moving_parameters_are_read_at_every_frame(void **state)
{
    (void)state;
    hold_all(sy_contract_ramps_are_exact);
}

static void all_instruction_sets_give_the_same_bits(void **state)
{
    (void)state;
    hold_all(sy_contract_builds_agree);
}

static void denormals_are_flushed_and_the_mode_left_alone(void **state)
{
    (void)state;
    hold_all(sy_contract_denormals_are_flushed);
}

/* A module with one of each, to be spoilt: out = in * level + state. */
static const SyPortInfo bad_inputs[] = {{.name = "in"}};
static const SyPortInfo bad_outputs[] = {{.name = "out"}, {.name = "twice"}};
static const SyParamInfo bad_params[] = {{.name = "level", .min = 0, .max = 1, .def = 1}};

static void bad_init(const SyContext *context, void *state, uint32_t seed)
{
    (void)context;
    memset(state, 0, 2 * sizeof(float));
    *(float *)state = (float)seed;
}

static uint32_t bad_state_used(uint32_t heard)
{
    return (heard == 3 ? 2 : 1) * sizeof(float);
}

static SyModule bad_module(void (*process)(const SyBatch *batch))
{
    return (SyModule){
        .name = "bad",
        .inputs = bad_inputs,
        .outputs = bad_outputs,
        .params = bad_params,
        .n_inputs = 1,
        .n_outputs = 2,
        .n_params = 1,
        .state_size = 2 * sizeof(float),
        .state_used = bad_state_used,
        .tape_size = sizeof(float),
        .init = bad_init,
        .process = process,
    };
}

enum {
    FORGETS,
    LEANS,
    SUMS_UP,
    COUNTS_CALLS,
    GROWS,
    PEEKS,
    LAGS,
    PICKS,
    CREEPS,
    HOARDS,
    COPIES,
    NOTHING
};
static int fault;

static void spoilt_frame(const SyBatch *batch, const SyLane *lane, uint32_t i)
{
    static float hidden;
    float *state = lane->state;
    const float level = sy_ramp_at(&lane->params[0], fault == LAGS ? 0 : i);
    float out = lane->in[0][i] * level + *state;
    if (fault == FORGETS)
        out += hidden++;
    if (fault == LEANS)
        out += (float)batch->n_lanes;
    if (fault == SUMS_UP) { /* a delay line of one frame that gathers what it is given */
        float *tape = lane->tape;
        *tape = out + (isfinite(*tape) ? 0.5f * *tape : 0.0f);
        out = *tape;
    }
    if (fault == COUNTS_CALLS && i == 0)
        *state += 1.0f;
    if (fault == GROWS)
        out = *state *= 1.1f;
    if (fault == PEEKS && lane->heard != 3)
        out += 1.0f;
    if (fault == PICKS && batch->context->dsp->width != 4)
        out = nextafterf(out, 1e9f);
    if (fault == CREEPS) { /* as a thread does that has not asked for denormals to be flushed */
        const uint32_t bits = 5;
        memcpy(&out, &bits, sizeof(out));
    }
    if (fault == HOARDS) /* beyond what bad_state_used() says */
        out += state[1];
    if (fault == COPIES && batch->n_lanes > 1 && batch->lanes[0].in[0] == batch->lanes[1].in[0])
        out = batch->lanes[0].in[0][i]; /* all voices alike, though their states are not */
    lane->out[0][i] = out;
    lane->out[1][i] = out;
}

static void spoilt_process(const SyBatch *batch)
{
    for (uint32_t l = 0; l < batch->n_lanes; l++) {
        for (uint32_t i = 0; i < batch->n_frames; i++)
            spoilt_frame(batch, &batch->lanes[l], i);
    }
}

static void each_check_notices_a_module_that_breaks_it(void **state)
{
    (void)state;
    static Check *const checks[] = {
        [FORGETS] = sy_contract_state_is_all,
        [LEANS] = sy_contract_lanes_are_independent,
        [SUMS_UP] = sy_contract_blocks_can_be_run_again,
        [COUNTS_CALLS] = sy_contract_cuts_are_inaudible,
        [GROWS] = sy_contract_outputs_are_bounded,
        [PEEKS] = sy_contract_outputs_are_independent,
        [LAGS] = sy_contract_ramps_are_exact,
        [PICKS] = sy_contract_builds_agree,
        [CREEPS] = sy_contract_denormals_are_flushed,
        [HOARDS] = sy_contract_outputs_are_independent,
        [COPIES] = sy_contract_wires_can_be_shared,
    };
    const SyModule module = bad_module(spoilt_process);
    for (int i = FORGETS; i < NOTHING; i++) {
        if (i == PICKS && !sy_dsp_select("x86-64-v3"))
            continue;
        fault = i;
        if (checks[i](&module))
            fail_msg("check %d is blind", i);
        fault = NOTHING;
        if (i != GROWS) /* its state may be 16, which is not within 4 */
            assert_true(checks[i](&module));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(state_is_all_that_is_remembered),
        cmocka_unit_test(blocks_can_be_run_again),
        cmocka_unit_test(lanes_do_not_depend_on_their_neighbours),
        cmocka_unit_test(it_is_the_same_whether_lanes_hear_one_wire_or_several_alike),
        cmocka_unit_test(blocks_may_be_cut_anywhere),
        cmocka_unit_test(outputs_are_finite_and_bounded_whatever_comes_in),
        cmocka_unit_test(outputs_do_not_depend_on_which_others_are_heard),
        cmocka_unit_test(moving_parameters_are_read_at_every_frame),
        cmocka_unit_test(all_instruction_sets_give_the_same_bits),
        cmocka_unit_test(denormals_are_flushed_and_the_mode_left_alone),
        cmocka_unit_test(each_check_notices_a_module_that_breaks_it),
    };
    sy_dsp_thread_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
