/* The other commands and their arguments. */
#include "modules/registry.h"
#include "tests/osc/route_rig.h"

typedef struct Simple {
    const char *address;
    SyVerb verb;
    SyCommandKind kind; /* SY_CMD_CREATE: no command */
} Simple;

static void each_command_without_arguments_is_known(void **state)
{
    static const Simple simples[] = {
        {"/clear", SY_VERB_CLEAR, SY_CMD_CLEAR},       {"/list", SY_VERB_LIST, SY_CMD_GRAPH},
        {"/workers", SY_VERB_WORKERS, SY_CMD_WORKERS}, {"/status", SY_VERB_STATUS, SY_CMD_STATUS},
        {"/engine", SY_VERB_ENGINE, SY_CMD_STATUS},    {"/sync", SY_VERB_SYNC, SY_CMD_SYNC},
        {"/quit", SY_VERB_QUIT, SY_CMD_QUIT},          {"/types", SY_VERB_TYPES, SY_CMD_CREATE},
        {"/version", SY_VERB_VERSION, SY_CMD_CREATE},  {"/notify", SY_VERB_NOTIFY, SY_CMD_CREATE},
        {"/dumpOSC", SY_VERB_DUMP_OSC, SY_CMD_CREATE}, {"/error", SY_VERB_ERROR, SY_CMD_CREATE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof simples / sizeof simples[0]; i++) {
        Routed r;
        ROUTE(r, simples[i].address, "");
        assert_int_equal(r.status, SY_OK);
        assert_int_equal(r.route.verb, simples[i].verb);
        assert_string_equal(r.route.command, simples[i].address);
        assert_int_equal(r.list.n, simples[i].kind == SY_CMD_CREATE ? 0 : 1);
        if (r.list.n > 0) {
            assert_int_equal(r.list.items[0].kind, simples[i].kind);
        }
        done(&r);
    }
}

static void arguments_of_the_other_commands_are_read(void **state)
{
    Routed r;
    (void)state;
    ROUTE(r, "/workers", "ii", 4, 5);
    assert_int_equal(r.list.items[0].n_workers, 4);
    assert_int_equal(r.route.request, 5);
    done(&r);
    ROUTE(r, "/workers", "i", -1);
    assert_refused(&r, SY_ERR_VALUE, "number of workers");
    ROUTE(r, "/sync", "i", 77);
    assert_int_equal(r.route.number, 77);
    done(&r);
    ROUTE(r, "/notify", "ii", 2, 5);
    assert_int_equal(r.route.number, 2);
    assert_int_equal(r.route.client, 5);
    done(&r);
    ROUTE(r, "/notify", "i", 3);
    assert_refused(&r, SY_ERR_VALUE, "0 to 2");
    ROUTE(r, "/list", "si", "vco/*", 8);
    assert_string_equal(r.route.text, "vco/*");
    assert_int_equal(r.route.request, 8);
    done(&r);
    ROUTE(r, "/list", "i", 9);
    assert_null(r.route.text);
    assert_int_equal(r.route.request, 9);
    done(&r);
    ROUTE(r, "/save", "si", "/tmp/a b.synth", 3);
    assert_int_equal(r.list.items[0].kind, SY_CMD_GRAPH);
    assert_string_equal(r.route.text, "/tmp/a b.synth");
    done(&r);
    ROUTE(r, "/load", "s", "/tmp/x");
    assert_int_equal(r.list.n, 0);
    assert_string_equal(r.route.text, "/tmp/x");
    done(&r);
    ROUTE(r, "/save", "");
    assert_refused(&r, SY_ERR_USAGE, "usage: /save path");
    ROUTE(r, "/describe", "s", "vcf");
    assert_int_equal(r.route.number, type_of("vcf"));
    done(&r);
    ROUTE(r, "/describe", "s", "vfc");
    assert_refused(&r, SY_ERR_UNKNOWN_TYPE, "did you mean 'vcf'?");
    ROUTE(r, "/clear", "ii", 1, 2);
    assert_refused(&r, SY_ERR_USAGE, "too many arguments");
    ROUTE(r, "/error", "i", -1);
    assert_int_equal(r.route.number, -1);
    done(&r);
}

static void set_and_get_take_names_with_and_without_the_slash(void **state)
{
    Routed r;
    (void)state;
    ROUTE(r, "/set", "sfi", "vco/1/freq", 220.0, 5);
    assert_int_equal(r.route.verb, SY_VERB_SET);
    assert_sets(&r.list.items[0], "vco", 1, "freq", 220.0f);
    assert_string_equal(r.route.what, "/vco/1/freq");
    assert_int_equal(r.route.request, 5);
    done(&r);
    ROUTE(r, "/set", "sf", "/vco/*/freq", 220.0);
    assert_int_equal(r.list.n, 3);
    done(&r);
    ROUTE(r, "/get", "si", "vco/2", 5);
    assert_int_equal(r.list.n, sy_registry_at(type_of("vco"))->n_params);
    done(&r);
    ROUTE(r, "/set", "s", "vco/1/freq");
    assert_refused(&r, SY_ERR_USAGE, "the value is missing");
    ROUTE(r, "/destroy", "s", "/vco/*");
    assert_int_equal(r.list.n, 3);
    assert_int_equal(r.list.items[2].kind, SY_CMD_DESTROY);
    assert_int_equal(r.list.items[2].module.id, 12);
    done(&r);
    ROUTE(r, "/destroy", "s", "vco/1/freq");
    assert_refused(&r, SY_ERR_ADDRESS, "does not name a module");
}

static void revive_names_modules_as_destroy_does(void **state)
{
    Routed r;
    (void)state;
    ROUTE(r, "/revive", "si", "vco/7", 5); /* the engine knows whether it is there */
    assert_int_equal(r.route.verb, SY_VERB_REVIVE);
    assert_string_equal(r.route.what, "/vco/7");
    assert_int_equal(r.route.request, 5);
    assert_int_equal(r.list.n, 1);
    assert_int_equal(r.list.items[0].kind, SY_CMD_REVIVE);
    assert_int_equal(r.list.items[0].module.type, type_of("vco"));
    assert_int_equal(r.list.items[0].module.id, 7);
    done(&r);
    ROUTE(r, "/revive", "s", "/*/1");
    assert_int_equal(r.list.n, 2);
    assert_int_equal(r.list.items[1].kind, SY_CMD_REVIVE);
    assert_int_equal(r.list.items[1].module.type, type_of("keys"));
    done(&r);
    ROUTE(r, "/revive", "");
    assert_refused(&r, SY_ERR_USAGE, "usage: /revive module");
    ROUTE(r, "/revive", "s", "vco/1/freq");
    assert_refused(&r, SY_ERR_ADDRESS, "does not name a module");
    ROUTE(r, "/revive", "s", "vcp/1");
    assert_refused(&r, SY_ERR_UNKNOWN_TYPE, "did you mean 'vco'?");
    ROUTE(r, "/revive", "s", "vcf/*");
    assert_refused(&r, SY_ERR_UNKNOWN_MODULE, "matches vcf/*");
    ROUTE(r, "/revice", "s", "vco/1");
    assert_refused(&r, SY_ERR_ADDRESS, "did you mean 'revive'?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_command_without_arguments_is_known),
        cmocka_unit_test(arguments_of_the_other_commands_are_read),
        cmocka_unit_test(set_and_get_take_names_with_and_without_the_slash),
        cmocka_unit_test(revive_names_modules_as_destroy_does),
    };
    return cmocka_run_group_tests_name("osc route commands", tests, NULL, NULL);
}
