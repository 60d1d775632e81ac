/* Programs that others wrote play synthd as they play anything else. */
#include <stdlib.h>
#include <string.h>

#include "tests/rig/check.h"
#include "tests/rig/sound.h"
#include "tests/rig/synth.h"

/* Runs a program; skips the test if it is not installed. */
static SyRun run(SyStage *stage, const char *const *arguments)
{
    const SyStart start = {.arguments = arguments};
    const SyRun result = sy_stage_run(stage, &start);

    if (result.code == 127) {
        print_message("%s is not installed\n", arguments[0]);
        skip();
    }
    return result;
}

/* What all of them have to achieve. */
static void assert_patched_and_heard(SySynth *synth)
{
    sy_await(sy_status(synth, "cables") == 1);
    sy_await(strcmp(sy_ctl(synth, "get vco/1/freq").out, "440\n") == 0);
    assert_non_null(strstr(sy_synth_patch(synth), "connect vco/1/sine out/1/left --gain 0.5\n"));
    const double blocks = sy_status(synth, "timing.blocks");
    sy_await(sy_status(synth, "timing.blocks") > blocks + 400);
    double late;
    SySound sound = sy_sound_end(synth, "heard.wav", &late);
    /* From where it has been patched and tuned. */
    const int64_t heard = 380 * 64;
    sound.left += sound.n_frames - heard;
    sound.n_frames = heard;
    sy_sound_assert_tone(&sound, 440, 0.5, late);
}

static void oscsend_creates_patches_and_sets(void **state)
{
    SyStage *stage = *state;
    const char *port = sy_stage_text(stage, "%d", stage->port);
    const char *const messages[][10] = {
        {"oscsend", "127.0.0.1", port, "/create", "si", "vco", "1", NULL},
        {"oscsend", "127.0.0.1", port, "/create", "si", "out", "1", NULL},
        {"oscsend", "127.0.0.1", port, "/connect", "ssf", "vco/1/sine", "out/1/left", "0.5", NULL},
        {"oscsend", "127.0.0.1", port, "/vco/1/freq", "f", "440", NULL},
    };
    SySynth *synth = sy_synth_start(stage, "--audio clock --record heard.wav");

    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        const SyRun sent = run(stage, messages[i]);
        assert_int_equal(sent.code, 0);
        assert_string_equal(sent.err, "");
    }
    assert_patched_and_heard(synth);
}

/* It sends and receives: what the engine answers has to be what its parser takes. */
static const char python_client[] =
    "import liblo, sys\n"
    "done = []\n"
    "server = liblo.Server()\n"
    "server.add_method(None, None, lambda path, args: done.append((path, args)))\n"
    "engine = liblo.Address('127.0.0.1', int(sys.argv[1]))\n"
    "def ask(answers, path, *args):\n"
    "    before = len(done)\n"
    "    server.send(engine, path, *args)\n"
    "    while len(done) < before + answers:\n"
    "        if not server.recv(10000):\n"
    "            sys.exit('no answer to ' + path)\n"
    "    return done[before:]\n"
    "print(ask(1, '/create', 'vco', ('i', 1))[0][0])\n"
    "print(ask(1, '/create', 'out', ('i', 1))[0][0])\n"
    "print(ask(1, '/connect', 'vco/1/sine', 'out/1/left', ('f', 0.5))[0][0])\n"
    "server.send(engine, '/vco/1/freq', ('f', 440.0))\n"
    "print(ask(1, '/vco/1/freq')[0])\n"
    "print(ask(1, '/create', 'vco', ('i', 1))[0][0])\n"
    "print(ask(1, '/sync', ('i', 7))[0])\n"
    "bundle = liblo.Bundle(liblo.time() + 0.05, liblo.Message('/vco/1/fine', ('f', 0.0)))\n"
    "server.send(engine, bundle)\n"
    "print(ask(1, '/sync', ('i', 8))[0])\n";

static void python_liblo_creates_patches_sets_and_is_answered(void **state)
{
    SyStage *stage = *state;
    const char *const check[] = {"/usr/bin/python3", "-c", "import liblo", NULL};
    const char *const client[] = {"/usr/bin/python3", "client.py",
                                  sy_stage_text(stage, "%d", stage->port), NULL};

    if (run(stage, check).code != 0) {
        print_message("python3-liblo is not installed\n");
        skip();
    }
    sy_stage_write(stage, "client.py", python_client);
    SySynth *synth = sy_synth_start(stage, "--audio clock --record heard.wav");
    const SyRun ran = run(stage, client);
    assert_string_equal(ran.err, "");
    assert_int_equal(ran.code, 0);
    assert_string_equal(ran.out, "/done\n/done\n/done\n('/vco/1/freq', [440.0])\n/fail\n"
                                 "('/synced', [7])\n('/synced', [8])\n");
    assert_patched_and_heard(synth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(oscsend_creates_patches_and_sets),
        sy_stage_test(python_liblo_creates_patches_sets_and_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
