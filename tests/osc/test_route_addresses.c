/* What addresses and patterns name, and what a person is told when they name nothing. */
#include <string.h>

#include "modules/registry.h"
#include "tests/osc/route_rig.h"

static void unknown_names_are_answered_with_those_there_are(void **state)
{
    Routed r;
    (void)state;
    ROUTE(r, "/vcp/1/freq", "f", 1.0);
    assert_refused(&r, SY_ERR_UNKNOWN_TYPE, "did you mean 'vco'?");
    ROUTE(r, "/vcf/1/cutof", "f", 1.0);
    assert_refused(&r, SY_ERR_UNKNOWN_PARAM, "did you mean 'cutoff'? there are: cutoff, resonance");
    ROUTE(r, "/vcf/1/cut", "f", 1.0);
    assert_refused(&r, SY_ERR_UNKNOWN_PARAM, "did you mean 'cutoff'?");
    ROUTE(r, "/vco/1/saw", "f", 1.0);
    assert_refused(&r, SY_ERR_UNKNOWN_PARAM, "(that is an output)");
    ROUTE(r, "/vco/1/xyzzy", "f", 1.0);
    assert_non_null(strstr(r.error.text, "there are: freq"));
    assert_null(strstr(r.error.text, "did you mean"));
    assert_refused(&r, SY_ERR_UNKNOWN_PARAM, "xyzzy");
    ROUTE(r, "/conect", "ss", "a", "b");
    assert_refused(&r, SY_ERR_ADDRESS, "did you mean 'connect'?");
    ROUTE(r, "/vco", "f", 1.0);
    assert_refused(&r, SY_ERR_ADDRESS, "a module is /vco/1");
    ROUTE(r, "/", "");
    assert_refused(&r, SY_ERR_ADDRESS, "no command");
    ROUTE(r, "/vco/1/freq/2", "f", 1.0);
    assert_refused(&r, SY_ERR_ADDRESS, "does not name a parameter");
}

static void ids_have_a_range(void **state)
{
    Routed r;
    (void)state;
    ROUTE(r, "/vco/0/freq", "f", 1.0);
    assert_refused(&r, SY_ERR_ID_RANGE, "1 to 9999");
    ROUTE(r, "/vco/10000/freq", "f", 1.0);
    assert_refused(&r, SY_ERR_ID_RANGE, "1 to 9999");
    ROUTE(r, "/vco/99999999999999999999/freq", "f", 1.0);
    assert_refused(&r, SY_ERR_ID_RANGE, "1 to 9999");
    ROUTE(r, "/vco/01/freq", "f", 1.0);
    assert_refused(&r, SY_ERR_ID_RANGE, "1 to 9999");
    ROUTE(r, "/vco/one/freq", "f", 1.0);
    assert_refused(&r, SY_ERR_ADDRESS, "'one' is not a module's number");
    ROUTE(r, "/vco//freq", "f", 1.0);
    assert_refused(&r, SY_ERR_ADDRESS, "not a module's number");
    ROUTE(r, "/vco/9999/freq", "f", 1.0);
    assert_int_equal(r.status, SY_OK);
    done(&r);
}

static void patterns_name_the_modules_that_there_are(void **state)
{
    Routed r;
    (void)state;
    ROUTE(r, "/vco/*/freq", "f", 5.0);
    assert_int_equal(r.list.n, 3);
    assert_sets(&r.list.items[0], "vco", 1, "freq", 5.0f);
    assert_sets(&r.list.items[1], "vco", 2, "freq", 5.0f);
    assert_sets(&r.list.items[2], "vco", 12, "freq", 5.0f);
    assert_string_equal(r.route.what, "/vco/*/freq");
    done(&r);
    ROUTE(r, "/{vco,lfo}/[1-2]/fm", "f", 5.0);
    assert_int_equal(r.list.n, 3);
    assert_sets(&r.list.items[2], "lfo", 2, "fm", 5.0f);
    done(&r);
    ROUTE(r, "/*/2/{freq,rate}", "f", 5.0);
    assert_int_equal(r.list.n, 2);
    assert_sets(&r.list.items[0], "vco", 2, "freq", 5.0f);
    assert_sets(&r.list.items[1], "lfo", 2, "rate", 5.0f);
    done(&r);
    ROUTE(r, "/vco/1/f*", "");
    assert_int_equal(r.list.n, 4); /* freq fine fm fm_mode */
    done(&r);
}

static void patterns_that_match_nothing_say_so(void **state)
{
    Routed r;
    (void)state;
    ROUTE(r, "/vcf/*/cutoff", "f", 5.0);
    assert_refused(&r, SY_ERR_UNKNOWN_MODULE, "no module in the patch matches vcf/*");
    ROUTE(r, "/vcx/*/cutoff", "f", 5.0);
    assert_refused(&r, SY_ERR_UNKNOWN_TYPE, "no module type 'vcx'");
    ROUTE(r, "/x*/1/freq", "f", 5.0);
    assert_refused(&r, SY_ERR_UNKNOWN_MODULE, "matches x*/1");
    ROUTE(r, "/vco/*/cutoff", "f", 5.0);
    assert_refused(&r, SY_ERR_UNKNOWN_PARAM, "'cutoff'");
    ROUTE(r, "/vco/5/f*", "f", 5.0);
    assert_refused(&r, SY_ERR_UNKNOWN_MODULE, "no vco/5");
    ROUTE(r, "/vco/[1-2/freq", "f", 5.0);
    assert_refused(&r, SY_ERR_ADDRESS, "not closed");
    ROUTE(r, "/vco/*/{freq", "f", 5.0);
    assert_refused(&r, SY_ERR_ADDRESS, "not closed");
}

static void a_pattern_with_too_many_matches_is_refused(void **state)
{
    const SyWorld full = {every_id, claim_nothing, NULL};
    Routed r;
    (void)state;
    r.list = (SyCommandList){NULL, 0, 0};
    r.status = sy_route(said(&r.room, "/*/*/*", ""), &full, &r.list, &r.route, &r.error);
    assert_refused(&r, SY_ERR_LIMIT, "more than 65536 changes");
    r.status = sy_route(said(&r.room, "/vco/*/freq", "f", 1.0), &full, &r.list, &r.route, &r.error);
    assert_int_equal(r.status, SY_OK);
    assert_int_equal(r.list.n, SY_ID_MAX);
    done(&r);
}

/* Every module type and every parameter of the registry can be named by its address. */
static void every_parameter_of_every_type_has_its_address(void **state)
{
    (void)state;
    for (uint32_t t = 0; t < sy_registry_count(); t++) {
        const SyModule *info = sy_registry_at(t);
        for (uint8_t p = 0; p < info->n_params; p++) {
            char address[SY_ADDRESS_MAX];
            Routed r;
            sy_address_of_param(address, (SyModuleRef){(uint16_t)t, 3}, p);
            ROUTE(r, address, "f", (double)info->params[p].def);
            assert_int_equal(r.status, SY_OK);
            assert_sets(&r.list.items[0], info->name, 3, info->params[p].name, info->params[p].def);
            done(&r);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_names_are_answered_with_those_there_are),
        cmocka_unit_test(ids_have_a_range),
        cmocka_unit_test(patterns_name_the_modules_that_there_are),
        cmocka_unit_test(patterns_that_match_nothing_say_so),
        cmocka_unit_test(a_pattern_with_too_many_matches_is_refused),
        cmocka_unit_test(every_parameter_of_every_type_has_its_address),
    };
    return cmocka_run_group_tests_name("osc route addresses", tests, NULL, NULL);
}
