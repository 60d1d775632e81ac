/* From messages to commands, and what a person is told when there is nothing to command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "modules/registry.h"
#include "tests/osc/said.h"

/* One message routed, with all that came of it. */
typedef struct Routed {
    Said room;
    SyCommandList list;
    SyRoute route;
    SyError error;
    SyStatus status;
} Routed;

static Patch small = {.modules = {{"vco", 1}, {"vco", 2}, {"vco", 12}, {"lfo", 2}, {"keys", 1}}};

static void route_in(Routed *routed, Patch *patch, const SyMessage *message)
{
    const SyWorld world = world_of(patch);
    routed->list = (SyCommandList){NULL, 0, 0};
    routed->status = sy_route(message, &world, &routed->list, &routed->route, &routed->error);
}

#define ROUTE(routed, ...) route_in(&(routed), &small, said(&(routed).room, __VA_ARGS__))

static void done(Routed *routed)
{
    sy_commands_clear(&routed->list);
}

static void assert_refused(Routed *routed, SyStatus status, const char *says)
{
    assert_int_equal(routed->status, status);
    assert_int_equal(routed->list.n, 0);
    assert_int_equal(routed->route.n_commands, 0);
    if (!strstr(routed->error.text, says)) {
        fail_msg("\"%s\" does not say \"%s\"", routed->error.text, says);
    }
    done(routed);
}

static void assert_sets(const SyCommand *command, const char *type, uint16_t id, const char *param,
                        float value)
{
    assert_int_equal(command->kind, SY_CMD_SET);
    assert_int_equal(command->param.module.type, type_of(type));
    assert_int_equal(command->param.module.id, id);
    assert_int_equal(command->param.value.param, param_of(type, param));
    assert_true(command->param.value.written == value);
}

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

static uint16_t every_id(void *user, uint16_t type, uint16_t after)
{
    (void)user;
    (void)type;
    return after < SY_ID_MAX ? after + 1 : 0;
}

static void claim_nothing(void *user, SyModuleRef module)
{
    (void)user;
    (void)module;
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

static void a_failed_command_still_tells_its_request(void **state)
{
    Routed r;
    (void)state;
    ROUTE(r, "/create", "sii", "nope", 1, 42);
    assert_true(r.route.has_request);
    assert_int_equal(r.route.request, 42);
    assert_refused(&r, SY_ERR_UNKNOWN_TYPE, "nope");
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
        cmocka_unit_test(a_plain_address_with_a_value_sets),
        cmocka_unit_test(every_kind_of_number_is_a_value),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(a_plain_address_without_a_value_gets),
        cmocka_unit_test(unknown_names_are_answered_with_those_there_are),
        cmocka_unit_test(ids_have_a_range),
        cmocka_unit_test(patterns_name_the_modules_that_there_are),
        cmocka_unit_test(patterns_that_match_nothing_say_so),
        cmocka_unit_test(a_pattern_with_too_many_matches_is_refused),
        cmocka_unit_test(notes_are_played_by_address_and_by_name),
        cmocka_unit_test(notes_that_cannot_be_are_refused),
        cmocka_unit_test(create_takes_id_parameters_voices_and_a_request),
        cmocka_unit_test(create_without_an_id_takes_the_lowest_free_one),
        cmocka_unit_test(create_refuses_what_makes_no_sense),
        cmocka_unit_test(a_cable_goes_from_an_output_to_an_input),
        cmocka_unit_test(cables_that_cannot_be_are_refused),
        cmocka_unit_test(each_command_without_arguments_is_known),
        cmocka_unit_test(arguments_of_the_other_commands_are_read),
        cmocka_unit_test(set_and_get_take_names_with_and_without_the_slash),
        cmocka_unit_test(revive_names_modules_as_destroy_does),
        cmocka_unit_test(a_failed_command_still_tells_its_request),
        cmocka_unit_test(every_parameter_of_every_type_has_its_address),
    };
    return cmocka_run_group_tests_name("osc route", tests, NULL, NULL);
}
