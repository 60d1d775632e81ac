/* The commands that make modules and cables. */
#include <math.h>

#include "tests/osc/route_rig.h"

static void create_takes_id_parameters_voices_and_a_request(void **state)
{
    Routed r;
    (void)state;
    small.n_claimed = 0;
    ROUTE(r, "/create", "sisfsisi", "vco", 7, "freq", 110.0, "voices", 8, "fm_mode", 1);
    assert_int_equal(r.status, SY_OK);
    const SyCommand *command = &r.list.items[0];
    assert_int_equal(command->kind, SY_CMD_CREATE);
    assert_int_equal(command->create.module.id, 7);
    assert_int_equal(command->create.voices, 8);
    assert_int_equal(command->create.n_params, 2);
    assert_true(command->create.params[0].written == 110.0f);
    assert_int_equal(command->create.params[1].param, param_of("vco", "fm_mode"));
    assert_false(r.route.has_request);
    assert_string_equal(r.route.what, "/vco/7");
    assert_int_equal(small.n_claimed, 1);
    assert_int_equal(small.claimed[0].id, 7);
    done(&r);
    ROUTE(r, "/create", "sisfi", "vco", 7, "freq", 110.0, 99);
    assert_true(r.route.has_request);
    assert_int_equal(r.route.request, 99);
    done(&r);
    ROUTE(r, "/create", "sfsfsf", "vco", 7.0, "freq", 1.0, "freq", 2.0); /* Pd: floats only */
    assert_int_equal(r.list.items[0].create.module.id, 7);
    assert_int_equal(r.list.items[0].create.n_params, 1);
    assert_true(r.list.items[0].create.params[0].written == 2.0f); /* the last word counts */
    done(&r);
}

static void create_without_an_id_takes_the_lowest_free_one(void **state)
{
    Routed r;
    (void)state;
    ROUTE(r, "/create", "si", "vco", -1);
    assert_int_equal(r.list.items[0].create.module.id, 3);
    done(&r);
    ROUTE(r, "/create", "s", "lfo");
    assert_int_equal(r.list.items[0].create.module.id, 1);
    done(&r);
    ROUTE(r, "/create", "ssf", "vcf", "cutoff", 300.0);
    assert_int_equal(r.list.items[0].create.module.id, 1);
    assert_int_equal(r.list.items[0].create.n_params, 1);
    done(&r);
    const SyWorld full = {every_id, claim_nothing, NULL};
    r.status = sy_route(said(&r.room, "/create", "s", "vco"), &full, &r.list, &r.route, &r.error);
    assert_refused(&r, SY_ERR_LIMIT, "all 9999 ids of vco are taken");
}

static void create_refuses_what_makes_no_sense(void **state)
{
    Routed r;
    (void)state;
    small.n_claimed = 0;
    ROUTE(r, "/create", "");
    assert_refused(&r, SY_ERR_USAGE, "usage: /create type");
    ROUTE(r, "/create", "i", 5);
    assert_refused(&r, SY_ERR_USAGE, "usage: /create type");
    ROUTE(r, "/create", "si", "vxo", 1);
    assert_refused(&r, SY_ERR_UNKNOWN_TYPE, "did you mean 'vco'?");
    ROUTE(r, "/create", "si", "vco", 0);
    assert_refused(&r, SY_ERR_ID_RANGE, "-1 takes the lowest free one");
    ROUTE(r, "/create", "sf", "vco", 1.5);
    assert_refused(&r, SY_ERR_VALUE, "whole number");
    ROUTE(r, "/create", "sisi", "vco", 1, "voices", 17);
    assert_refused(&r, SY_ERR_VALUE, "voices must be a whole number from 1 to 16");
    ROUTE(r, "/create", "sis", "vco", 1, "freq");
    assert_refused(&r, SY_ERR_USAGE, "without a value");
    ROUTE(r, "/create", "sisf", "vco", 1, "frequency", 3.0);
    assert_refused(&r, SY_ERR_UNKNOWN_PARAM, "there are: freq");
    ROUTE(r, "/create", "siff", "vco", 1, 3.0, 4.0);
    assert_refused(&r, SY_ERR_USAGE, "a number where a word belongs");
    assert_int_equal(small.n_claimed, 0);
}

static void a_failed_command_still_tells_its_request(void **state)
{
    Routed r;
    (void)state;
    ROUTE(r, "/create", "sii", "nope", 1, 42);
    assert_true(r.route.has_request);
    assert_int_equal(r.route.request, 42);
    assert_refused(&r, SY_ERR_UNKNOWN_TYPE, "nope");
}

static void a_cable_goes_from_an_output_to_an_input(void **state)
{
    Routed r;
    (void)state;
    ROUTE(r, "/connect", "ss", "/vco/1/saw", "vcf/1/in");
    assert_int_equal(r.status, SY_OK);
    assert_int_equal(r.list.items[0].kind, SY_CMD_CONNECT);
    assert_int_equal(r.list.items[0].cable.from.port, output_of("vco", "saw"));
    assert_int_equal(r.list.items[0].cable.to.port, input_of("vcf", "in"));
    assert_true(r.list.items[0].cable.gain == 1.0f);
    assert_string_equal(r.route.what, "/vco/1/saw");
    assert_string_equal(r.route.other, "/vcf/1/in");
    done(&r);
    ROUTE(r, "/connect", "ssi", "vco/1/saw", "vcf/1/in", 2); /* a third is the gain, always */
    assert_true(r.list.items[0].cable.gain == 2.0f);
    assert_false(r.route.has_request);
    done(&r);
    ROUTE(r, "/connect", "ssfi", "vco/1/saw", "vcf/1/in", -0.5, 11);
    assert_true(r.list.items[0].cable.gain == -0.5f);
    assert_int_equal(r.route.request, 11);
    done(&r);
    ROUTE(r, "/disconnect", "ssi", "vco/1/saw", "vcf/1/in", 12);
    assert_int_equal(r.list.items[0].kind, SY_CMD_DISCONNECT);
    assert_int_equal(r.route.request, 12);
    done(&r);
}

static void cables_that_cannot_be_are_refused(void **state)
{
    Routed r;
    (void)state;
    ROUTE(r, "/connect", "ss", "vcf/1/in", "vco/1/saw");
    assert_refused(&r, SY_ERR_DIRECTION, "vcf/1/in is an input");
    ROUTE(r, "/connect", "ss", "vco/1/saw", "vco/2/sine");
    assert_refused(&r, SY_ERR_DIRECTION, "vco/2/sine is an output");
    ROUTE(r, "/connect", "ss", "vco/1/swa", "vcf/1/in");
    assert_refused(&r, SY_ERR_UNKNOWN_PORT, "did you mean 'saw'?");
    ROUTE(r, "/connect", "ss", "vco/1/saw", "vcf/1/inn");
    assert_refused(&r, SY_ERR_UNKNOWN_PORT, "did you mean 'in'?");
    ROUTE(r, "/connect", "s", "vco/1/saw");
    assert_refused(&r, SY_ERR_USAGE, "usage: /connect");
    ROUTE(r, "/connect", "ss", "vco/1", "vcf/1/in");
    assert_refused(&r, SY_ERR_ADDRESS, "does not name a port");
    ROUTE(r, "/connect", "ss", "vco/*/saw", "vcf/1/in");
    assert_refused(&r, SY_ERR_USAGE, "cannot be patterns");
    ROUTE(r, "/connect", "ssf", "vco/1/saw", "vcf/1/in", (double)NAN);
    assert_refused(&r, SY_ERR_VALUE, "the gain is not finite");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_takes_id_parameters_voices_and_a_request),
        cmocka_unit_test(create_without_an_id_takes_the_lowest_free_one),
        cmocka_unit_test(create_refuses_what_makes_no_sense),
        cmocka_unit_test(a_failed_command_still_tells_its_request),
        cmocka_unit_test(a_cable_goes_from_an_output_to_an_input),
        cmocka_unit_test(cables_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests_name("osc route edits", tests, NULL, NULL);
}
