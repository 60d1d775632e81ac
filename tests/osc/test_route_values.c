/* Values and notes that messages carry to parameters and modules. */
#include <math.h>

#include "modules/registry.h"
#include "tests/osc/route_rig.h"

static void a_plain_address_with_a_value_sets(void **state)
{
    Routed r;
    (void)state;
    ROUTE(r, "/vco/1/freq", "f", 220.0);
    assert_int_equal(r.status, SY_OK);
    assert_int_equal(r.route.verb, SY_VERB_PLAIN_SET);
    assert_int_equal(r.list.n, 1);
    assert_sets(&r.list.items[0], "vco", 1, "freq", 220.0f);
    assert_string_equal(r.route.what, "/vco/1/freq");
    assert_null(r.route.command);
    done(&r);
}

static void every_kind_of_number_is_a_value(void **state)
{
    Routed r;
    (void)state;
    ROUTE(r, "/vco/1/fm", "i", 3);
    assert_sets(&r.list.items[0], "vco", 1, "fm", 3.0f);
    done(&r);
    ROUTE(r, "/vco/1/fm", "h", 4LL);
    assert_sets(&r.list.items[0], "vco", 1, "fm", 4.0f);
    done(&r);
    ROUTE(r, "/vco/1/fm", "d", 0.1);
    assert_sets(&r.list.items[0], "vco", 1, "fm", 0.1f);
    done(&r);
    ROUTE(r, "/vco/1/fm_mode", "T");
    assert_sets(&r.list.items[0], "vco", 1, "fm_mode", 1.0f);
    done(&r);
    ROUTE(r, "/vco/1/fm_mode", "F");
    assert_sets(&r.list.items[0], "vco", 1, "fm_mode", 0.0f);
    done(&r);
    ROUTE(r, "/vco/1/fm_mode", "s", "exponential");
    assert_sets(&r.list.items[0], "vco", 1, "fm_mode", 1.0f);
    done(&r);
    ROUTE(r, "/vco/1/freq", "d", 1e300); /* the knob stops; it does not become infinite */
    assert_int_equal(r.status, SY_OK);
    assert_true(isfinite(r.list.items[0].param.value.written));
    done(&r);
}

static void what_is_no_number_is_refused(void **state)
{
    Routed r;
    (void)state;
    ROUTE(r, "/vco/1/freq", "f", (double)NAN);
    assert_refused(&r, SY_ERR_VALUE, "freq is not finite");
    ROUTE(r, "/vco/1/freq", "f", (double)INFINITY);
    assert_refused(&r, SY_ERR_VALUE, "freq is not finite");
    ROUTE(r, "/vco/1/freq", "d", -(double)INFINITY);
    assert_refused(&r, SY_ERR_VALUE, "freq is not finite");
    ROUTE(r, "/vco/1/freq", "s", "high");
    assert_refused(&r, SY_ERR_VALUE, "freq must be a number, not 'high'");
    ROUTE(r, "/vco/1/freq", "b");
    assert_refused(&r, SY_ERR_VALUE, "a blob");
    ROUTE(r, "/vco/1/freq", "N");
    assert_refused(&r, SY_ERR_VALUE, "freq must be a number");
    ROUTE(r, "/vco/1/fm_mode", "s", "expo");
    assert_refused(&r, SY_ERR_VALUE, "did you mean 'exponential'?");
    ROUTE(r, "/vco/1/freq", "ff", 1.0, 2.0);
    assert_refused(&r, SY_ERR_USAGE, "one value");
}

static void a_plain_address_without_a_value_gets(void **state)
{
    Routed r;
    (void)state;
    ROUTE(r, "/vco/1/freq", "");
    assert_int_equal(r.route.verb, SY_VERB_PLAIN_GET);
    assert_int_equal(r.list.n, 1);
    assert_int_equal(r.list.items[0].kind, SY_CMD_GET);
    done(&r);
    ROUTE(r, "/vco/1", "");
    assert_int_equal(r.list.n, sy_registry_at(type_of("vco"))->n_params);
    done(&r);
    ROUTE(r, "/vco/1", "f", 1.0); /* but that would set them all */
    assert_refused(&r, SY_ERR_ADDRESS, "does not name a parameter");
    ROUTE(r, "/vco/*/", "f", 1.0);
    assert_refused(&r, SY_ERR_UNKNOWN_PARAM, "no module that matches");
}

static void notes_are_played_by_address_and_by_name(void **state)
{
    Routed r;
    (void)state;
    ROUTE(r, "/keys/1/note", "ff", 60.5, 127.0);
    assert_int_equal(r.route.verb, SY_VERB_PLAIN_NOTE);
    assert_int_equal(r.list.items[0].kind, SY_CMD_NOTE);
    assert_int_equal(r.list.items[0].note.module.type, type_of("keys"));
    assert_true(r.list.items[0].note.event.note == 60.5f);
    assert_true(r.list.items[0].note.event.velocity == 1.0f);
    done(&r);
    ROUTE(r, "/keys/1/note", "i", 60);
    assert_true(r.list.items[0].note.event.velocity == 100.0f / 127.0f);
    done(&r);
    ROUTE(r, "/keys/1/note", "ii", 60, 0);
    assert_true(r.list.items[0].note.event.velocity == 0.0f);
    done(&r);
    ROUTE(r, "/keys/*/note", "ii", 60, 300); /* a knob would stop at 127 */
    assert_true(r.list.items[0].note.event.velocity == 1.0f);
    done(&r);
    ROUTE(r, "/note", "sfii", "keys/1", 64.0, 80, 7);
    assert_int_equal(r.route.verb, SY_VERB_NOTE);
    assert_int_equal(r.route.request, 7);
    assert_true(r.list.items[0].note.event.note == 64.0f);
    done(&r);
    ROUTE(r, "/*/*/note", "i", 60); /* those that take notes */
    assert_int_equal(r.list.n, 1);
    done(&r);
}

static void notes_that_cannot_be_are_refused(void **state)
{
    Routed r;
    (void)state;
    ROUTE(r, "/vco/1/note", "i", 60);
    assert_refused(&r, SY_ERR_UNKNOWN_PORT, "vco takes no notes");
    ROUTE(r, "/vco/*/note", "i", 60);
    assert_refused(&r, SY_ERR_UNKNOWN_PORT, "takes notes");
    ROUTE(r, "/keys/1/note", "");
    assert_refused(&r, SY_ERR_USAGE, "the note is missing");
    ROUTE(r, "/keys/1/note", "i", 128);
    assert_refused(&r, SY_ERR_VALUE, "0 to 127");
    ROUTE(r, "/keys/1/note", "f", (double)NAN);
    assert_refused(&r, SY_ERR_VALUE, "not finite");
    ROUTE(r, "/keys/1/note", "iii", 60, 100, 3);
    assert_refused(&r, SY_ERR_USAGE, "too many");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_address_with_a_value_sets),
        cmocka_unit_test(every_kind_of_number_is_a_value),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(a_plain_address_without_a_value_gets),
        cmocka_unit_test(notes_are_played_by_address_and_by_name),
        cmocka_unit_test(notes_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests_name("osc route values", tests, NULL, NULL);
}
