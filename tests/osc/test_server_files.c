/* Patches that the server saves and loads. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "osc/packet.h"
#include "tests/osc/server_rig.h"

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

static void a_patch_is_saved_and_loaded(void **state)
{
    (void)state;
    const char *path = in_folder("set.synth");
    talk_say(talk, "/create", "sisf", "vco", 4, "freq", 55.0);
    talk_expect(talk, "/done", "s*", "/create");
    talk_say(talk, "/save", "si", path, 6);
    talk_expect(talk, "/done", "ssii", "/save", path, 43, 6);
    talk_say(talk, "/create", "si", "vcf", 1);
    talk_expect(talk, "/done", "s*", "/create");
    const int before = double_count(control);
    talk_say(talk, "/load", "si", path, 7);
    talk_expect(talk, "/done", "ssii", "/load", path, 1, 7);
    assert_true(double_seen(control, before).all_or_nothing);
    assert_true(double_seen(control, before).replace);
    talk_say(talk, "/list", "");
    talk_expect(talk, "/list.module", "s*", "/vco/4");
    talk_expect(talk, "/done", "sii", "/list", 1, 0);
}

static void a_wrong_patch_is_refused_with_its_line(void **state)
{
    (void)state;
    put(in_folder("wrong.synth"), "create vco\ncreate vxo\n");
    talk_say(talk, "/load", "si", in_folder("wrong.synth"), 3);
    talk_expect_fail(talk, "/load", "line 2: no module type 'vxo'", SY_ERR_UNKNOWN_TYPE);
    put(in_folder("refused.synth"), "create vco\n\nset vco/1/freq 666\ncreate vcf\n");
    talk_say(talk, "/load", "si", in_folder("refused.synth"), 4);
    talk_expect_fail(talk, "/load", "line 3: not that number", SY_ERR_VALUE);
    talk_say(talk, "/load", "s", in_folder("none.synth"));
    talk_expect_fail(talk, "/load", "No such file", SY_ERR_FILE);
    talk_say(talk, "/list", "");
    talk_expect(talk, "/done", "sii", "/list", 0, 0);
}

static void an_empty_patch_clears(void **state)
{
    (void)state;
    put(in_folder("empty.synth"), "# nothing\n");
    talk_say(talk, "/create", "si", "vco", 1);
    talk_expect(talk, "/done", "s*", "/create");
    talk_say(talk, "/load", "s", in_folder("empty.synth"));
    talk_expect(talk, "/done", "s*", "/load");
    talk_say(talk, "/list", "");
    talk_expect(talk, "/done", "sii", "/list", 0, 0);
}

static void a_load_is_alone_in_its_bundle(void **state)
{
    (void)state;
    put(in_folder("one.synth"), "create vco --id 5\n");
    talk_add(talk, "/create", "si", "lfo", 1);
    talk_add(talk, "/load", "s", in_folder("one.synth"));
    talk_send_bundle(talk, SY_TIMETAG_NOW);
    talk_expect_fail(talk, "/load", "alone in its bundle", SY_ERR_USAGE);
    talk_expect(talk, "/done", "ss*", "/create", "/lfo/1");
    talk_add(talk, "/load", "s", in_folder("one.synth"));
    talk_add(talk, "/create", "si", "lfo", 2);
    talk_send_bundle(talk, SY_TIMETAG_NOW);
    talk_expect_fail(talk, "/create", "alone in its bundle", SY_ERR_USAGE);
    talk_expect(talk, "/done", "s*", "/load");
    talk_say(talk, "/list", "");
    talk_expect(talk, "/list.module", "s*", "/vco/5");
    talk_expect(talk, "/done", "sii", "/list", 1, 0);
}

static void what_was_to_be_saved_is_saved_before_the_end(void **state)
{
    struct stat info;
    (void)state;
    talk_say(talk, "/create", "si", "vco", 1);
    talk_expect(talk, "/done", "s*", "/create");
    for (int i = 0; i < 5; i++) {
        char name[16];
        snprintf(name, sizeof name, "end%d.synth", i);
        talk_say(talk, "/save", "s", in_folder(name));
    }
    talk_say(talk, "/sync", "i", 1); /* the engine has given its graph five times */
    while (strcmp(talk_hear(talk)->address, "/synced") != 0) {
    }
    sy_server_stop(server);
    for (int i = 0; i < 5; i++) {
        char name[16];
        snprintf(name, sizeof name, "end%d.synth", i);
        assert_int_equal(stat(in_folder(name), &info), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(a_patch_is_saved_and_loaded),
        SERVER_TEST(a_wrong_patch_is_refused_with_its_line),
        SERVER_TEST(an_empty_patch_clears),
        SERVER_TEST(a_load_is_alone_in_its_bundle),
        SERVER_TEST(what_was_to_be_saved_is_saved_before_the_end),
    };
    return cmocka_run_group_tests_name("osc server files", tests, make_folder, remove_folder);
}
