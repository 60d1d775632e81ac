/* Edits: which commands they tell and in which words, and which lines they refuse. That every
 * command survives is test_edits_survive.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "osc/edits.h"
#include "osc/patch.h"

static void every_kind_is_told_in_the_words_of_synthctl(void **state)
{
    static const char text[] = "create vco --id 1 --voices 8 --freq 110 --fm_mode exponential\n"
                               "create out --id 9999\n"
                               "connect vco/1/saw out/9999/left --gain 0.200000003\n"
                               "connect vco/1/saw out/9999/right\n"
                               "set vco/1/freq 33.3333321\n"
                               "set vco/1/fm_mode linear\n"
                               "disconnect vco/1/saw out/9999/left\n"
                               "destroy vco/1\n"
                               "clear\n";
    static const SyCommandKind kinds[] = {SY_CMD_CREATE,     SY_CMD_CREATE,  SY_CMD_CONNECT,
                                          SY_CMD_CONNECT,    SY_CMD_SET,     SY_CMD_SET,
                                          SY_CMD_DISCONNECT, SY_CMD_DESTROY, SY_CMD_CLEAR};
    SyCommandList list;
    SyError error = {""};
    size_t size = 0;
    (void)state;
    if (sy_edits_parse(text, strlen(text), &list, &error) != SY_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(list.n, sizeof kinds / sizeof kinds[0]);
    for (size_t i = 0; i < list.n; i++) {
        assert_int_equal(list.items[i].kind, kinds[i]);
    }
    assert_true(list.items[2].cable.gain == 0.2f);
    char *formatted = sy_edits_format(list.items, list.n, &size);
    assert_non_null(formatted);
    assert_int_equal(size, strlen(formatted));
    assert_string_equal(formatted,
                        "create vco --id 1 --voices 8 --freq 110 --fm_mode exponential\n"
                        "create out --id 9999\n"
                        "connect vco/1/saw out/9999/left --gain 0.2\n" /* digits that suffice */
                        "connect vco/1/saw out/9999/right\n"
                        "set vco/1/freq 33.333332\n"
                        "set vco/1/fm_mode linear\n"
                        "disconnect vco/1/saw out/9999/left\n"
                        "destroy vco/1\n"
                        "clear\n");
    free(formatted);
    sy_commands_clear(&list);
}

static void what_changes_no_patch_gives_no_line(void **state)
{
    static const SyCommandKind silent[] = {SY_CMD_GET,     SY_CMD_NOTE,   SY_CMD_GRAPH,
                                           SY_CMD_WORKERS, SY_CMD_STATUS, SY_CMD_SYNC,
                                           SY_CMD_REVIVE,  SY_CMD_QUIT};
    enum { N = sizeof silent / sizeof silent[0] };
    SyCommand commands[N + 1];
    size_t size = 1;
    (void)state;
    memset(commands, 0, sizeof commands);
    for (size_t i = 0; i < N; i++) {
        commands[i].kind = silent[i];
    }
    char *text = sy_edits_format(commands, N, &size);
    assert_non_null(text);
    assert_string_equal(text, "");
    assert_int_equal(size, 0);
    free(text);
    commands[N].kind = SY_CMD_CLEAR;
    text = sy_edits_format(commands, N + 1, &size);
    assert_string_equal(text, "clear\n");
    free(text);
    text = sy_edits_format(NULL, 0, &size);
    assert_string_equal(text, "");
    free(text);
}

typedef struct Wrong {
    const char *text;
    SyStatus status;
    const char *says;
} Wrong;

static void wrong_lines_are_named_with_their_reason(void **state)
{
    static const Wrong wrongs[] = {
        {"clear\nfly vco/1\n", SY_ERR_SYNTAX, "line 2: 'fly' does not belong in edits"},
        {"revive vco/1\n", SY_ERR_SYNTAX, "line 1: 'revive' does not belong in edits"},
        {"quit", SY_ERR_SYNTAX, "line 1: 'quit'"},
        {"workers 3", SY_ERR_SYNTAX, "line 1: 'workers'"},
        {"get vco/1/freq", SY_ERR_SYNTAX, "line 1: 'get'"},
        {"create vco\n", SY_ERR_USAGE, "line 1: an edit that creates must have --id"},
        {"create vco --id -1\n", SY_ERR_USAGE, "line 1: an edit that creates must have --id"},
        {"\n\n# x\ncreate vxo --id 1\n", SY_ERR_UNKNOWN_TYPE, "line 4: no module type 'vxo'"},
        {"create vco --id 0\n", SY_ERR_ID_RANGE, "line 1: id 0"},
        {"create vco --id 10000\n", SY_ERR_ID_RANGE, "line 1: id 10000"},
        {"create vco --id 1 --freq inf\n", SY_ERR_VALUE, "line 1: freq is not finite"},
        {"destroy vco\n", SY_ERR_ADDRESS, "line 1: 'vco' does not name a module"},
        {"destroy vco/1/freq\n", SY_ERR_ADDRESS, "line 1: "},
        {"destroy vco/*\n", SY_ERR_UNKNOWN_MODULE, "line 1: no module in the patch matches"},
        {"create vco --id 1\nset vco/*/freq 3\n", SY_ERR_UNKNOWN_MODULE, "line 2: no module"},
        {"create vco --id 1\nset vco/1/f* 3\n", SY_ERR_UNKNOWN_MODULE, "line 2: there is no vco/1"},
        {"set vco/1/frq 3\n", SY_ERR_UNKNOWN_PARAM, "line 1: vco has no parameter 'frq'"},
        {"set vco/1/freq\n", SY_ERR_USAGE, "line 1: a word is missing"},
        {"disconnect vco/1/saw\n", SY_ERR_USAGE, "line 1: a word is missing"},
        {"disconnect out/1/left vco/1/saw\n", SY_ERR_DIRECTION, "line 1: "},
        {"disconnect vco/1/saw out/1/left --gain 1\n", SY_ERR_USAGE, "line 1: disconnect has no"},
        {"connect vco/1/saw out/1/left --gain nan\n", SY_ERR_VALUE, "line 1: the gain is not"},
        {"clear all\n", SY_ERR_USAGE, "line 1: 'all' is one word too many"},
        {"clear\ndestroy \"vco/1\n", SY_ERR_SYNTAX, "line 2: a double quote"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        SyCommandList list;
        SyError error = {""};
        const SyStatus status =
            sy_edits_parse(wrongs[i].text, strlen(wrongs[i].text), &list, &error);
        if (status != wrongs[i].status || !strstr(error.text, wrongs[i].says)) {
            fail_msg("%zu: status %d, \"%s\"", i, (int)status, error.text);
        }
        assert_null(list.items);
    }
}

static void a_zero_byte_is_refused(void **state)
{
    SyCommandList list;
    SyError error = {""};
    (void)state;
    assert_int_equal(sy_edits_parse("clear\0", 6, &list, &error), SY_ERR_SYNTAX);
    assert_int_equal(sy_edits_parse("", 0, &list, &error), SY_OK);
    assert_int_equal(list.n, 0);
}

static void edits_go_on_from_modules_that_no_line_creates(void **state)
{
    static const char text[] = "destroy vco/1\ncreate vco --id 1\ndestroy vco/1\n"
                               "create vco --id 1\nset lfo/7/rate 2\n"
                               "connect lfo/7/sine vco/1/pitch\n";
    SyCommandList list;
    SyError error = {""};
    (void)state;
    if (sy_edits_parse(text, strlen(text), &list, &error) != SY_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(list.n, 6);
    assert_int_equal(list.items[4].line, 5);
    sy_commands_clear(&list);
}

static void a_text_becomes_a_transaction_of_its_kind(void **state)
{
    static const char whole[] = "create vco\n", edits[] = "destroy vco/1\nclear\n";
    SyTransaction *transaction = NULL;
    char error[200] = "";
    (void)state;
    assert_int_equal(
        sy_patch_transaction(whole, strlen(whole), true, &transaction, error, sizeof error), SY_OK);
    assert_true(transaction->replace);
    assert_true(transaction->all_or_nothing);
    assert_int_equal(transaction->n_commands, 1);
    transaction->release(transaction);
    assert_int_equal(
        sy_patch_transaction(edits, strlen(edits), true, &transaction, error, sizeof error),
        SY_ERR_SYNTAX);
    assert_non_null(strstr(error, "line 1: 'destroy' does not belong in a patch"));
    assert_int_equal(
        sy_patch_transaction(edits, strlen(edits), false, &transaction, error, sizeof error),
        SY_OK);
    assert_false(transaction->replace);
    assert_false(transaction->all_or_nothing);
    assert_true(transaction->when == SY_WHEN_NOW);
    assert_int_equal(transaction->n_commands, 2);
    const SyAnswer answer = {.status = SY_OK, .text = ""};
    transaction->answer(transaction, 0, &answer); /* nobody listens, but it can be called */
    transaction->release(transaction);
    assert_int_equal(
        sy_patch_transaction(whole, strlen(whole), false, &transaction, error, sizeof error),
        SY_ERR_USAGE);
    assert_non_null(strstr(error, "line 1: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_told_in_the_words_of_synthctl),
        cmocka_unit_test(what_changes_no_patch_gives_no_line),
        cmocka_unit_test(wrong_lines_are_named_with_their_reason),
        cmocka_unit_test(a_zero_byte_is_refused),
        cmocka_unit_test(edits_go_on_from_modules_that_no_line_creates),
        cmocka_unit_test(a_text_becomes_a_transaction_of_its_kind),
    };
    return cmocka_run_group_tests_name("osc edits", tests, NULL, NULL);
}
