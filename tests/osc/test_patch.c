/* Patch files: what they may say, what they mean, and that saving and loading are each other's
 * inverse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "modules/registry.h"
#include "osc/line.h"
#include "osc/patch.h"
#include "tests/osc/said.h"

static SyStatus parse(const char *text, SyCommandList *list, SyError *error)
{
    return sy_patch_parse(text, strlen(text), list, error);
}

static void words_are_cut_at_blanks(void **state)
{
    char line[] = "  set \"vco/1/freq\"  220\t# louder ";
    char *words[SY_WORDS_MAX];
    size_t n = 0;
    (void)state;
    assert_int_equal(sy_line_split(line, words, &n, NULL), SY_OK);
    assert_int_equal(n, 3);
    assert_string_equal(words[0], "set");
    assert_string_equal(words[1], "vco/1/freq");
    assert_string_equal(words[2], "220");
    char quoted[] = "save \"my set.synth\" #";
    assert_int_equal(sy_line_split(quoted, words, &n, NULL), SY_OK);
    assert_int_equal(n, 2);
    assert_string_equal(words[1], "my set.synth");
    char sharp[] = "save c#.synth";
    assert_int_equal(sy_line_split(sharp, words, &n, NULL), SY_OK);
    assert_string_equal(words[1], "c#.synth");
    char open[] = "save \"x";
    assert_int_equal(sy_line_split(open, words, &n, NULL), SY_ERR_SYNTAX);
    char many[3 * (SY_WORDS_MAX + 1)] = "";
    for (int i = 0; i <= SY_WORDS_MAX; i++) {
        strcat(many, "a ");
    }
    assert_int_equal(sy_line_split(many, words, &n, NULL), SY_ERR_SYNTAX);
}

static SyStatus message_of(char *text, SyLine *line, SyError *error)
{
    static char *words[SY_WORDS_MAX];
    size_t n = 0;
    assert_int_equal(sy_line_split(text, words, &n, NULL), SY_OK);
    return sy_line_message(words, n, line, error);
}

static void a_line_becomes_the_message_that_says_the_same(void **state)
{
    SyLine line;
    (void)state;
    char create[] = "create vco --freq=110 --id 1 --voices 8 --fm_mode exponential";
    assert_int_equal(message_of(create, &line, NULL), SY_OK);
    assert_string_equal(line.message.address, "/create");
    assert_int_equal(line.message.n_args, 8);
    assert_string_equal(line.args[0].s, "vco");
    assert_true(line.args[1].f == 1.0f);
    assert_string_equal(line.args[2].s, "freq");
    assert_true(line.args[3].f == 110.0f);
    assert_string_equal(line.args[7].s, "exponential");
    char short_form[] = "create vco/3";
    assert_int_equal(message_of(short_form, &line, NULL), SY_OK);
    assert_string_equal(line.args[0].s, "vco");
    assert_true(line.args[1].f == 3.0f);
    char whole[] = "create /vco/4";
    assert_int_equal(message_of(whole, &line, NULL), SY_OK);
    assert_string_equal(line.args[0].s, "vco");
    assert_true(line.args[1].f == 4.0f);
    char any[] = "create vco";
    assert_int_equal(message_of(any, &line, NULL), SY_OK);
    assert_true(line.args[1].f == -1.0f);
    char connect[] = "connect vco/1/saw vcf/1/in --gain -0.5";
    assert_int_equal(message_of(connect, &line, NULL), SY_OK);
    assert_int_equal(line.message.n_args, 3);
    assert_true(line.args[2].f == -0.5f);
    char note[] = "note keys/1 60";
    assert_int_equal(message_of(note, &line, NULL), SY_OK);
    assert_true(line.args[2].f == 100.0f);
    char set[] = "set vcf/1/cutoff -5";
    assert_int_equal(message_of(set, &line, NULL), SY_OK);
    assert_true(line.args[1].f == -5.0f);
}

typedef struct Wrong {
    const char *text;
    SyStatus status;
    const char *says;
} Wrong;

static void wrong_lines_are_named_with_their_reason(void **state)
{
    static const Wrong wrongs[] = {
        {"create vco\nfly vco/1\n", SY_ERR_SYNTAX, "line 2: 'fly' does not belong in a patch"},
        {"destroy vco/1\n", SY_ERR_SYNTAX, "line 1: 'destroy' does not belong"},
        {"create vco\nrevive vco/1\n", SY_ERR_SYNTAX, "line 2: 'revive' does not belong"},
        {"\n\n# x\ncreate vxo\n", SY_ERR_UNKNOWN_TYPE, "line 4: no module type 'vxo'"},
        {"create vco --frq 3\n", SY_ERR_UNKNOWN_PARAM, "line 1: vco has no parameter 'frq'"},
        {"create vco --freq\n", SY_ERR_USAGE, "line 1: --freq needs a value"},
        {"create vco --freq fast\n", SY_ERR_VALUE, "line 1: freq must be a number, not 'fast'"},
        {"create vco --freq nan\n", SY_ERR_VALUE, "line 1: freq is not finite"},
        {"create vco 1\n", SY_ERR_USAGE, "line 1: '1' is one word too many"},
        {"create\n", SY_ERR_USAGE, "line 1: a word is missing; usage: create TYPE"},
        {"create vco --id 0\n", SY_ERR_ID_RANGE, "line 1: id 0"},
        {"create vco --id 1\ncreate vco --id 1\n", SY_ERR_ID_IN_USE,
         "line 2: vco/1 is created twice"},
        {"create vco\nconnect vco/1/saw out/1/left\n", SY_ERR_UNKNOWN_MODULE,
         "line 2: no line before this one creates out/1"},
        {"create out\nconnect vco/1/saw out/1/left\n", SY_ERR_UNKNOWN_MODULE, "creates vco/1"},
        {"create vco\nset vco/2/freq 3\n", SY_ERR_UNKNOWN_MODULE, "line 2: no line before"},
        {"note keys/1 60\n", SY_ERR_UNKNOWN_MODULE, "line 1: no line before"},
        {"create vco\nset vcf/*/cutoff 3\n", SY_ERR_UNKNOWN_MODULE,
         "line 2: no module in the patch"},
        {"create vco\ncreate out\nconnect out/1/left vco/1/saw\n", SY_ERR_DIRECTION, "line 3: "},
        {"create vco\nconnect vco/1/saw\n", SY_ERR_USAGE, "line 2: a word is missing"},
        {"create vco \"\n", SY_ERR_SYNTAX, "line 1: a double quote"},
        {"connect a b --volume 3\n", SY_ERR_USAGE, "line 1: connect has no option --volume"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        SyCommandList list;
        SyError error = {""};
        const SyStatus status = parse(wrongs[i].text, &list, &error);
        if (status != wrongs[i].status || !strstr(error.text, wrongs[i].says)) {
            fail_msg("%zu: status %d, \"%s\"", i, (int)status, error.text);
        }
        assert_null(list.items);
    }
}

static void commands_know_their_lines(void **state)
{
    SyCommandList list;
    SyError error;
    (void)state;
    assert_int_equal(parse("# voice\ncreate keys --voices 2\r\n\n  create vco --voices 2\n"
                           "connect keys/1/pitch vco/1/pitch # the tune\nset vco/*/freq 220\n"
                           "note keys/1 60 127",
                           &list, &error),
                     SY_OK);
    assert_int_equal(list.n, 5);
    assert_int_equal(list.items[0].line, 2);
    assert_int_equal(list.items[1].line, 4);
    assert_int_equal(list.items[2].line, 5);
    assert_int_equal(list.items[3].line, 6);
    assert_int_equal(list.items[3].kind, SY_CMD_SET);
    assert_int_equal(list.items[4].line, 7);
    assert_int_equal(list.items[4].kind, SY_CMD_NOTE);
    sy_commands_clear(&list);
}

static void modules_without_ids_get_the_free_ones(void **state)
{
    SyCommandList list;
    SyError error;
    (void)state;
    assert_int_equal(
        parse("create vco\ncreate vco --id 3\ncreate vco\ncreate vco\n", &list, &error), SY_OK);
    assert_int_equal(list.items[0].create.module.id, 1);
    assert_int_equal(list.items[2].create.module.id, 2);
    assert_int_equal(list.items[3].create.module.id, 4);
    sy_commands_clear(&list);
}

static void an_empty_patch_is_a_patch(void **state)
{
    SyCommandList list;
    SyError error;
    (void)state;
    assert_int_equal(parse("", &list, &error), SY_OK);
    assert_int_equal(list.n, 0);
    assert_int_equal(parse("# nothing\n\n", &list, &error), SY_OK);
    assert_int_equal(list.n, 0);
    assert_int_equal(sy_patch_parse("create\0vco", 10, &list, &error), SY_ERR_SYNTAX);
}

/* What an engine would have after it carried out the commands of a patch without set lines. */
typedef struct Built {
    SyModuleView modules[64];
    SyCableView cables[64];
    SyGraphView graph;
} Built;

static void build(Built *built, const SyCommandList *list)
{
    size_t n_modules = 0, n_cables = 0;
    memset(built, 0, sizeof *built);
    for (size_t i = 0; i < list->n; i++) {
        const SyCommand *command = &list->items[i];
        if (command->kind == SY_CMD_CREATE) {
            SyModuleView *view = &built->modules[n_modules++];
            const SyModule *info = sy_registry_at(command->create.module.type);
            view->ref = command->create.module;
            view->voices = command->create.voices;
            view->n_params = info->n_params;
            for (uint8_t p = 0; p < info->n_params; p++) {
                view->written[p] = info->params[p].def;
            }
            for (uint8_t p = 0; p < command->create.n_params; p++) {
                view->written[command->create.params[p].param] = command->create.params[p].written;
            }
        } else {
            built->cables[n_cables++] =
                (SyCableView){command->cable.from, command->cable.to, command->cable.gain};
        }
    }
    built->graph = (SyGraphView){built->modules, n_modules, built->cables, n_cables};
}

static char *format_of(const char *text)
{
    static Built built;
    SyCommandList list;
    SyError error;
    size_t size = 0;
    if (parse(text, &list, &error) != SY_OK) {
        fail_msg("%s", error.text);
    }
    build(&built, &list);
    sy_commands_clear(&list);
    char *formatted = sy_patch_format(&built.graph, &size);
    assert_non_null(formatted);
    assert_int_equal(size, strlen(formatted));
    return formatted;
}

static void what_is_saved_loads_as_the_same(void **state)
{
    static const char text[] = "# synthd patch\n"
                               "create vco --id 1 --voices 8 --freq 110 --fm_mode exponential\n"
                               "create vco --id 2 --freq 0.1 --fine 33.333332\n"
                               "create vcf --id 1 --cutoff 12345.678\n"
                               "create mixer --id 9999\n"
                               "connect vco/1/saw vcf/1/in --gain 0.1\n"
                               "connect vco/2/sine vcf/1/in --gain -3.4028235e+38\n"
                               "connect vcf/1/low mixer/9999/in1\n";
    (void)state;
    char *formatted = format_of(text);
    assert_string_equal(formatted, text);
    free(formatted);
}

static void the_same_patch_is_the_same_text_in_whatever_order_it_was_made(void **state)
{
    (void)state;
    char *one = format_of("create vcf/1\ncreate vco/2\ncreate vco/1\n"
                          "connect vco/2/saw vcf/1/in\nconnect vco/1/saw vcf/1/in\n");
    char *other = format_of("create vco/1\ncreate vco/2\ncreate vcf/1\n"
                            "connect vco/1/saw vcf/1/in\nconnect vco/2/saw vcf/1/in\n");
    assert_string_equal(one, other);
    free(one);
    free(other);
}

/* Every parameter of every type, at values that are hard to write down. */
static void every_value_of_every_parameter_survives(void **state)
{
    static Built built, again;
    (void)state;
    for (uint32_t t = 0; t < sy_registry_count(); t++) {
        const SyModule *info = sy_registry_at(t);
        for (int share = 0; share <= 3; share++) {
            SyCommandList list;
            SyError error = {""};
            size_t size;
            memset(&built, 0, sizeof built);
            built.graph = (SyGraphView){built.modules, 1, built.cables, 0};
            built.modules[0] =
                (SyModuleView){.ref = {(uint16_t)t, 7}, .voices = 3, .n_params = info->n_params};
            for (uint8_t p = 0; p < info->n_params; p++) {
                const SyParamInfo *param = &info->params[p];
                built.modules[0].written[p] = sy_param_clamp(
                    param, param->min + (param->max - param->min) * (float)share / 3.0f);
            }
            char *text = sy_patch_format(&built.graph, &size);
            assert_non_null(text);
            if (parse(text, &list, &error) != SY_OK) {
                fail_msg("%s in\n%s", error.text, text);
            }
            build(&again, &list);
            assert_int_equal(again.modules[0].voices, 3);
            assert_memory_equal(again.modules[0].written, built.modules[0].written,
                                sizeof built.modules[0].written);
            sy_commands_clear(&list);
            free(text);
        }
    }
}

/* Files, in a folder of the test's own. */

static char folder[] = "/tmp/synthd-test-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[64];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static const char *in_folder(const char *name)
{
    static char paths[4][128];
    static int turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void assert_holds(const char *path, const char *text)
{
    char held[256] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(held, 1, sizeof held - 1, file) > 0);
    fclose(file);
    assert_string_equal(held, text);
}

static void a_file_becomes_a_transaction_that_replaces_all_or_nothing(void **state)
{
    SyTransaction *transaction = NULL;
    char error[200] = "";
    (void)state;
    put(in_folder("a.synth"), "create vco\n");
    assert_int_equal(sy_patch_read(in_folder("a.synth"), &transaction, error, sizeof error), SY_OK);
    assert_true(transaction->all_or_nothing);
    assert_true(transaction->replace);
    assert_int_equal(transaction->n_commands, 1);
    assert_true(transaction->when == SY_WHEN_NOW);
    const SyAnswer answer = {.status = SY_OK, .text = ""};
    transaction->answer(transaction, 0, &answer); /* nobody listens, but it can be called */
    transaction->release(transaction);
}

static void files_that_cannot_be_read_say_why(void **state)
{
    SyTransaction *transaction = NULL;
    char error[300] = "";
    (void)state;
    assert_int_equal(sy_patch_read(in_folder("none"), &transaction, error, sizeof error),
                     SY_ERR_FILE);
    assert_non_null(strstr(error, "No such file"));
    assert_int_equal(sy_patch_read(folder, &transaction, error, sizeof error), SY_ERR_FILE);
    assert_non_null(strstr(error, "not a regular file"));
    assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
    assert_int_equal(sy_patch_read(in_folder("pipe"), &transaction, error, sizeof error),
                     SY_ERR_FILE);
    put(in_folder("bad.synth"), "create vco\nnonsense\n");
    assert_int_equal(sy_patch_read(in_folder("bad.synth"), &transaction, error, sizeof error),
                     SY_ERR_SYNTAX);
    assert_non_null(strstr(error, "bad.synth: line 2: 'nonsense'"));
    const int fd = open(in_folder("huge.synth"), O_CREAT | O_WRONLY, 0600);
    assert_int_equal(ftruncate(fd, (off_t)SY_PATCH_SIZE_MAX + 1), 0);
    close(fd);
    assert_int_equal(sy_patch_read(in_folder("huge.synth"), &transaction, error, sizeof error),
                     SY_ERR_FILE);
    assert_non_null(strstr(error, "too large"));
}

static void saving_replaces_a_patch_and_nothing_else(void **state)
{
    SyError error = {""};
    (void)state;
    const char *path = in_folder("set.synth");
    assert_int_equal(sy_patch_write(path, "create vco\n", 11, &error), SY_OK);
    assert_holds(path, "create vco\n");
    assert_int_equal(sy_patch_write(path, "create vcf\n", 11, &error), SY_OK);
    assert_holds(path, "create vcf\n");
    put(in_folder("letter.txt"), "Dear friend\n");
    assert_int_equal(sy_patch_write(in_folder("letter.txt"), "create vco\n", 11, &error),
                     SY_ERR_FILE);
    assert_non_null(strstr(error.text, "is not a patch"));
    assert_holds(in_folder("letter.txt"), "Dear friend\n");
    assert_int_equal(sy_patch_write(folder, "", 0, &error), SY_ERR_FILE);
    assert_int_equal(sy_patch_write(in_folder("no/such/place"), "", 0, &error), SY_ERR_FILE);
}

static void a_link_stays_a_link(void **state)
{
    struct stat info;
    (void)state;
    put(in_folder("real.synth"), "create vco\n");
    assert_int_equal(symlink(in_folder("real.synth"), in_folder("link.synth")), 0);
    assert_int_equal(sy_patch_write(in_folder("link.synth"), "create lfo\n", 11, NULL), SY_OK);
    assert_int_equal(lstat(in_folder("link.synth"), &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_holds(in_folder("real.synth"), "create lfo\n");
}

static void nothing_is_left_beside_a_file_that_was_saved(void **state)
{
    char command[96];
    (void)state;
    assert_int_equal(sy_patch_write(in_folder("tidy.synth"), "create vco\n", 11, NULL), SY_OK);
    snprintf(command, sizeof command, "test -z \"$(ls %s | grep 'tidy.synth.')\"", folder);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_cut_at_blanks),
        cmocka_unit_test(a_line_becomes_the_message_that_says_the_same),
        cmocka_unit_test(wrong_lines_are_named_with_their_reason),
        cmocka_unit_test(commands_know_their_lines),
        cmocka_unit_test(modules_without_ids_get_the_free_ones),
        cmocka_unit_test(an_empty_patch_is_a_patch),
        cmocka_unit_test(what_is_saved_loads_as_the_same),
        cmocka_unit_test(the_same_patch_is_the_same_text_in_whatever_order_it_was_made),
        cmocka_unit_test(every_value_of_every_parameter_survives),
        cmocka_unit_test(a_file_becomes_a_transaction_that_replaces_all_or_nothing),
        cmocka_unit_test(files_that_cannot_be_read_say_why),
        cmocka_unit_test(saving_replaces_a_patch_and_nothing_else),
        cmocka_unit_test(a_link_stays_a_link),
        cmocka_unit_test(nothing_is_left_beside_a_file_that_was_saved),
    };
    return cmocka_run_group_tests_name("osc patch", tests, make_folder, remove_folder);
}
