/* The server as its clients see it, over real sockets, in front of a double of the engine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "modules/registry.h"
#include "osc/limiter.h"
#include "osc/packet.h"
#include "osc/server.h"
#include "osc/subscribers.h"
#include "tests/osc/double.h"
#include "tests/osc/said.h"
#include "tests/osc/talk.h"

static char folder[] = "/tmp/synthd-test-XXXXXX";
static SyControl *control;
static SyServer *server;
static Talk *talk; /* by the unix socket */

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) && setenv("XDG_RUNTIME_DIR", folder, 1) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[64];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static int start(void **state)
{
    const SyServerOptions options = {.port = 0};
    char error[200] = "";
    (void)state;
    control = double_new();
    if (sy_server_start(&server, control, &options, error, sizeof error) != SY_OK) {
        print_error("%s\n", error);
        return -1;
    }
    talk = talk_unix(sy_server_path(server));
    return 0;
}

static int stop(void **state)
{
    (void)state;
    talk_free(talk);
    sy_server_stop(server);
    double_free(control);
    sy_server_free(server);
    return 0;
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

/* Commands and their answers. */

static void create_is_answered_with_the_worker_and_the_time(void **state)
{
    (void)state;
    Talk *udp = talk_udp(sy_server_port(server));
    talk_say(udp, "/create", "sisfi", "vco", 1, "freq", 110.0, 77);
    talk_expect(udp, "/done", "ssifi", "/create", "/vco/1", 1, 12.5, 77);
    talk_say(talk, "/create", "si", "vco", 2); /* without a request number there is none */
    talk_expect(talk, "/done", "ssif", "/create", "/vco/2", 1, 12.5);
    talk_say(talk, "/create", "sii", "vco", 2, 78);
    const SyMessage *message = talk_hear(talk);
    assert_string_equal(message->address, "/fail");
    assert_int_equal(message->n_args, 4);
    assert_int_equal(message->args[2].i, SY_ERR_ID_IN_USE);
    assert_int_equal(message->args[3].i, 78);
    talk_free(udp);
}

static void a_plain_set_is_quiet_unless_wrong_or_clamped(void **state)
{
    (void)state;
    talk_say(talk, "/create", "si", "vco", 1);
    talk_expect(talk, "/done", "s*", "/create");
    talk_say(talk, "/vco/1/freq", "f", 220.0);
    talk_expect_nothing(talk);
    talk_say(talk, "/vco/1/freq", "f", 99999.0);
    talk_expect(talk, "/vco/1/freq", "f", 20000.0); /* puts the knob where it stopped */
    talk_expect(talk, "/clamped", "sff", "/vco/1/freq", 99999.0, 20000.0);
    talk_say(talk, "/vco/9/freq", "f", 220.0);
    talk_expect_fail(talk, "/vco/9/freq", "no such module", SY_ERR_UNKNOWN_MODULE);
    talk_say(talk, "/vco/1/freqq", "f", 220.0);
    talk_expect_fail(talk, "/vco/1/freqq", "did you mean 'freq'?", SY_ERR_UNKNOWN_PARAM);
    talk_expect_nothing(talk);
}

static void a_parameter_is_read_back_at_its_own_address(void **state)
{
    (void)state;
    talk_say(talk, "/create", "sisf", "vco", 1, "freq", 110.0);
    talk_expect(talk, "/done", "s*", "/create");
    talk_say(talk, "/vco/1/freq", "");
    talk_expect(talk, "/vco/1/freq", "f", 110.0);
    talk_say(talk, "/get", "si", "vco/1/freq", 5);
    talk_expect(talk, "/vco/1/freq", "f", 110.0);
    talk_expect(talk, "/done", "ssii", "/get", "/vco/1/freq", 1, 5);
}

static void set_is_always_answered(void **state)
{
    (void)state;
    talk_say(talk, "/create", "si", "vco", 1);
    talk_expect(talk, "/done", "s*", "/create");
    talk_say(talk, "/set", "sfi", "vco/1/freq", 220.0, 3);
    talk_expect(talk, "/done", "ssfii", "/set", "/vco/1/freq", 220.0, 1, 3);
    talk_say(talk, "/set", "sf", "vco/1/freq", -5.0);
    talk_expect(talk, "/clamped", "sff", "/vco/1/freq", -5.0, 0.01);
    talk_expect(talk, "/done", "ssfi", "/set", "/vco/1/freq", 0.01, 1);
    talk_say(talk, "/create", "sisfi", "vco", 2, "freq", 1e6, 4);
    talk_expect(talk, "/clamped", "sff", "/vco/2/freq", 1e6, 20000.0);
    talk_expect(talk, "/done", "ssifi", "/create", "/vco/2", 1, 12.5, 4);
}

static void cables_notes_and_destroys_are_answered(void **state)
{
    (void)state;
    talk_say(talk, "/create", "si", "vco", 1);
    talk_say(talk, "/create", "si", "vcf", 1);
    talk_say(talk, "/create", "si", "keys", 1);
    for (int i = 0; i < 3; i++) {
        talk_expect(talk, "/done", "s*", "/create");
    }
    talk_say(talk, "/connect", "ssfi", "vco/1/saw", "vcf/1/in", 0.5, 1);
    talk_expect(talk, "/done", "sssfi", "/connect", "/vco/1/saw", "/vcf/1/in", 0.5, 1);
    talk_say(talk, "/disconnect", "ssi", "vco/1/saw", "vcf/1/in", 2);
    talk_expect(talk, "/done", "sssi", "/disconnect", "/vco/1/saw", "/vcf/1/in", 2);
    talk_say(talk, "/disconnect", "ssi", "vco/1/saw", "vcf/1/in", 3);
    talk_expect_fail(talk, "/disconnect", "no such cable", SY_ERR_NOT_CONNECTED);
    talk_say(talk, "/note", "siii", "keys/1", 60, 100, 4);
    talk_expect(talk, "/done", "ssfii", "/note", "/keys/1", 60.0, 1, 4);
    talk_say(talk, "/destroy", "si", "vc?/1", 5);
    talk_expect(talk, "/done", "ssii", "/destroy", "/vc?/1", 2, 5);
    talk_say(talk, "/clear", "i", 6);
    talk_expect(talk, "/done", "si", "/clear", 6);
}

/* vco/1 to vco/n */
static void create_vcos(int n)
{
    for (int i = 1; i <= n; i++) {
        talk_say(talk, "/create", "si", "vco", i);
        talk_expect(talk, "/done", "s*", "/create");
    }
}

static void lists_end_with_their_counts(void **state)
{
    (void)state;
    talk_say(talk, "/create", "sisi", "vco", 1, "voices", 4);
    talk_say(talk, "/create", "sisi", "vcf", 2, "voices", 4);
    talk_say(talk, "/connect", "ssf", "vco/1/saw", "vcf/2/in", 0.5);
    talk_expect(talk, "/done", "s*", "/create");
    talk_expect(talk, "/done", "s*", "/create");
    talk_expect(talk, "/done", "s*", "/connect");
    talk_say(talk, "/list", "i", 9);
    talk_expect(talk, "/list.module", "siifsis", "/vco/1", 4, 0, 0.0, "", 0, "");
    talk_expect(talk, "/list.module", "siifsis", "/vcf/2", 4, 0, 0.0, "", 0, "");
    talk_expect(talk, "/list.cable", "ssf", "/vco/1/saw", "/vcf/2/in", 0.5);
    talk_expect(talk, "/done", "siii", "/list", 2, 1, 9);
    talk_say(talk, "/list", "s", "lfo/*");
    talk_expect(talk, "/done", "sii", "/list", 0, 0);
    talk_say(talk, "/workers", "ii", 0, 3);
    talk_expect(talk, "/workers.reply", "iisiif", 0, 4711, "parked", 1, 2, 0.0);
    talk_expect(talk, "/workers.reply", "iisiif", 1, 4712, "running", 3, 0, 0.25);
    talk_expect(talk, "/done", "sii", "/workers", 2, 3);
}

static int64_t count_of(const char *name)
{
    int64_t value = -1;
    bool end = false;
    talk_say(talk, "/engine", "");
    while (!end) {
        const SyMessage *message = talk_hear(talk);
        end = strcmp(message->address, "/done") == 0;
        for (size_t i = 0; i + 1 < message->n_args && !end; i += 2) {
            if (strcmp(message->args[i].s, name) == 0) {
                const SyArg *arg = &message->args[i + 1];
                value = arg->type == 'h' ? arg->h : arg->i;
            }
        }
    }
    return value;
}

static void a_quarantined_module_is_listed_counted_and_revived(void **state)
{
    const char *fault = "SIGSEGV in block 4711 on worker 2";
    const SyModuleRef second = {type_of("vco"), 2};
    (void)state;
    create_vcos(3);
    double_quarantine(control, second, fault);
    talk_say(talk, "/list", "");
    talk_expect(talk, "/list.module", "siifsis", "/vco/1", 1, 0, 0.0, "", 0, "");
    talk_expect(talk, "/list.module", "siifsis", "/vco/2", 1, 0, 0.0, fault, 0, "");
    talk_expect(talk, "/list.module", "siifsis", "/vco/3", 1, 0, 0.0, "", 0, "");
    talk_expect(talk, "/done", "sii", "/list", 3, 0);
    assert_int_equal(count_of("quarantined"), 1);
    talk_say(talk, "/revive", "si", "vco/2", 5);
    talk_expect(talk, "/done", "ssii", "/revive", "/vco/2", 1, 5);
    assert_int_equal(count_of("quarantined"), 0);
    double_quarantine(control, second, ""); /* without a word it is in quarantine all the same */
    talk_say(talk, "/list", "s", "vco/2");
    talk_expect(talk, "/list.module", "siifsis", "/vco/2", 1, 0, 0.0,
                "for a reason that is not known", 0, "");
    talk_expect(talk, "/done", "sii", "/list", 1, 0);
}

static void what_is_not_in_quarantine_is_not_revived(void **state)
{
    (void)state;
    create_vcos(3);
    talk_say(talk, "/revive", "si", "vco/1", 5);
    talk_expect_fail(talk, "/revive", "vco/1 is not in quarantine", SY_ERR_NOT_QUARANTINED);
    talk_say(talk, "/revive", "s", "vco/*");
    talk_expect_fail(talk, "/revive", "vco/1 is not in quarantine", SY_ERR_NOT_QUARANTINED);
    talk_say(talk, "/revive", "s", "vco/9");
    talk_expect_fail(talk, "/revive", "no such module", SY_ERR_UNKNOWN_MODULE);
    double_quarantine(control, (SyModuleRef){type_of("vco"), 2}, "SIGFPE");
    double_quarantine(control, (SyModuleRef){type_of("vco"), 3}, "SIGBUS");
    talk_say(talk, "/revive", "si", "vco/*", 6); /* of many, those that play are passed over */
    talk_expect(talk, "/done", "ssii", "/revive", "/vco/*", 2, 6);
}

static void the_module_types_are_told(void **state)
{
    (void)state;
    talk_say(talk, "/types", "");
    for (uint32_t i = 0; i < sy_registry_count(); i++) {
        talk_expect(talk, "/types.reply", "ss", sy_registry_at(i)->name, sy_registry_at(i)->help);
    }
    talk_expect(talk, "/done", "si", "/types", (int)sy_registry_count());
    const SyModule *vcf = sy_registry_at(type_of("vcf"));
    talk_say(talk, "/describe", "si", "vcf", 4);
    talk_expect(talk, "/describe.type", "ssiiis", "vcf", vcf->help, vcf->n_inputs, vcf->n_outputs,
                vcf->n_params, "");
    for (uint8_t i = 0; i < vcf->n_inputs; i++) {
        talk_expect(talk, "/describe.input", "sssfs", "vcf", vcf->inputs[i].name, NULL,
                    (double)vcf->inputs[i].normal, "");
    }
    for (uint8_t i = 0; i < vcf->n_outputs; i++) {
        talk_expect(talk, "/describe.output", "sss", "vcf", vcf->outputs[i].name, NULL);
    }
    for (uint8_t i = 0; i < vcf->n_params; i++) {
        const SyParamInfo *param = &vcf->params[i];
        talk_expect(talk, "/describe.param", "ssssfff*", "vcf", param->name, NULL, param->unit,
                    (double)param->min, (double)param->max, (double)param->def);
    }
    talk_expect(talk, "/done", "ssi", "/describe", "vcf", 4);
}

/* What sclang's Server class waits for when it boots and syncs. */
static void scsynth_s_clients_get_the_answers_they_know(void **state)
{
    (void)state;
    talk_say(talk, "/status", "");
    talk_expect(talk, "/status.reply", "iiiiiffdd", 1, 0, 0, 1, (int)sy_registry_count(), 25.0,
                50.025, 48000.0, 48000.0);
    talk_say(talk, "/notify", "ii", 1, 3);
    talk_expect(talk, "/done", "sii", "/notify", 3, 32);
    talk_say(talk, "/sync", "i", 1234);
    talk_expect(talk, "/synced", "i", 1234);
    talk_say(talk, "/version", "");
    talk_expect(talk, "/version.reply", "siisss", "synthd", 0, 1, ".0", "", "");
    talk_say(talk, "/dumpOSC", "i", 0);
    talk_expect(talk, "/done", "si", "/dumpOSC", 0);
    talk_say(talk, "/error", "i", 0);
    talk_expect(talk, "/done", "si", "/error", 0);
    talk_say(talk, "/g_new", "iii", 1, 0, 0);
    talk_expect_fail(talk, "/g_new", "no command /g_new", SY_ERR_ADDRESS);
}

static void the_engine_tells_of_itself_in_pairs(void **state)
{
    (void)state;
    talk_say(talk, "/engine", "i", 8);
    talk_expect(talk, "/engine.reply", "sssssi*", "version", SY_VERSION, "audio", "double", "rate",
                48000);
    talk_expect(talk, "/engine.blocks", "sh*", "blocks", 5000000000LL);
    talk_expect(talk, "/engine.health", "sh*", "worker_deaths", 0LL);
    talk_expect(talk, "/engine.osc", "shsh*", "packets", 1LL, "messages", 1LL);
    talk_expect(talk, "/done", "si", "/engine", 8);
}

static void quit_is_answered_and_passed_on(void **state)
{
    (void)state;
    talk_say(talk, "/quit", "i", 1);
    talk_expect(talk, "/done", "si", "/quit", 1);
    assert_true(double_has_quit(control));
}

static void a_free_id_is_free_even_while_the_engine_is_busy(void **state)
{
    (void)state;
    double_hold(control, true);
    talk_say(talk, "/create", "si", "vco", -1);
    talk_say(talk, "/create", "si", "vco", -1);
    talk_say(talk, "/vco/*/freq", "f", 50.0); /* behind its back they are found, too */
    talk_say(talk, "/version", "");
    talk_expect(talk, "/version.reply", "*");
    double_hold(control, false);
    talk_expect(talk, "/done", "ss*", "/create", "/vco/1");
    talk_expect(talk, "/done", "ss*", "/create", "/vco/2");
    talk_expect_nothing(talk);
    talk_say(talk, "/get", "s", "vco/*/freq");
    talk_expect(talk, "/vco/1/freq", "f", 50.0);
    talk_expect(talk, "/vco/2/freq", "f", 50.0);
    talk_expect(talk, "/done", "ssi", "/get", "/vco/*/freq", 2);
}

static void modules_made_before_the_server_are_found_by_patterns(void **state)
{
    const SyServerOptions options = {.port = 0};
    SyServer *later;
    char error[200] = "";
    (void)state;
    talk_say(talk, "/create", "si", "vco", 9999);
    talk_expect(talk, "/done", "s*", "/create");
    sy_server_stop(server);
    assert_int_equal(sy_server_start(&later, control, &options, error, sizeof error), SY_OK);
    Talk *other = talk_unix(sy_server_path(later));
    talk_say(other, "/get", "s", "v*/*/freq");
    talk_expect(other, "/vco/9999/freq", "f", 261.6256);
    talk_expect(other, "/done", "s*", "/get");
    talk_free(other);
    sy_server_stop(later);
    double_hold(control, true);
    sy_server_free(later);
}

static void a_full_queue_refuses_and_says_so(void **state)
{
    (void)state;
    double_hold(control, true);
    double_set_room(control, 1);
    talk_say(talk, "/create", "si", "vco", 1);
    talk_say(talk, "/create", "sii", "vco", -1, 5);
    talk_expect_fail(talk, "/create", "try again", SY_ERR_BUSY);
    double_set_room(control, 8);
    double_hold(control, false);
    talk_expect(talk, "/done", "ss*", "/create", "/vco/1");
    talk_say(talk, "/create", "si", "vco", -1); /* the id that was refused is free again */
    talk_expect(talk, "/done", "ss*", "/create", "/vco/2");
}

/* Bundles and time. */

static void a_bundle_is_one_transaction(void **state)
{
    (void)state;
    const int before = double_count(control);
    talk_add(talk, "/create", "si", "vco", 1);
    talk_add(talk, "/create", "si", "vcf", 1);
    talk_add(talk, "/connect", "ss", "vco/1/saw", "vcf/1/in");
    talk_add(talk, "/vcf/1/cutoff", "f", 300.0);
    talk_add(talk, "/nonsense", "");
    talk_send_bundle(talk, SY_TIMETAG_NOW);
    talk_expect_fail(talk, "/nonsense", "no command", SY_ERR_ADDRESS);
    talk_expect(talk, "/done", "ss*", "/create", "/vco/1");
    talk_expect(talk, "/done", "ss*", "/create", "/vcf/1");
    talk_expect(talk, "/done", "s*", "/connect");
    talk_expect_nothing(talk);
    const DoubleSeen seen = double_seen(control, before);
    assert_int_equal(seen.n_commands, 4);
    assert_true(seen.when == SY_WHEN_NOW);
    assert_false(seen.all_or_nothing);
    assert_int_equal(double_count(control), before + 2); /* and the /sync */
}

static double unix_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void timetags_become_frames(void **state)
{
    const double now = unix_now();
    (void)state;
    double_set_clock(control, now - 10.0, 480000);
    talk_say(talk, "/create", "si", "vco", 1);
    talk_expect(talk, "/done", "s*", "/create");
    const int before = double_count(control);
    talk_add(talk, "/vco/1/freq", "f", 100.0);
    talk_send_bundle(talk, sy_timetag_from_unix(now + 1.5));
    talk_add(talk, "/vco/1/freq", "f", 100.0);
    talk_send_bundle(talk, 0);
    talk_add(talk, "/vco/1/freq", "f", 100.0);
    talk_send_bundle(talk, SY_TIMETAG_NOW);
    talk_expect_nothing(talk);
    assert_in_range(double_seen(control, before).when, 480000 + 71999, 480000 + 72001);
    assert_true(double_seen(control, before + 1).when == SY_WHEN_NOW);
    assert_true(double_seen(control, before + 2).when == SY_WHEN_NOW);
}

static void late_bundles_are_played_at_once_and_answered(void **state)
{
    const double now = unix_now();
    (void)state;
    double_set_clock(control, now - 10.0, 480000);
    talk_say(talk, "/create", "si", "vco", 1);
    talk_expect(talk, "/done", "s*", "/create");
    const int before = double_count(control);
    talk_add(talk, "/vco/1/freq", "f", 100.0);
    talk_send_bundle(talk, sy_timetag_from_unix(now - 1.0));
    const SyMessage *message = talk_hear(talk);
    assert_string_equal(message->address, "/late");
    assert_true(message->args[0].f >= 1000.0f);
    assert_in_range(message->args[1].i, 47999, 48001);
    talk_expect_nothing(talk);
    assert_true(double_seen(control, before).when == SY_WHEN_NOW);
}

static void a_bundle_for_next_week_is_a_mistake(void **state)
{
    (void)state;
    talk_add(talk, "/create", "si", "vco", 1);
    talk_send_bundle(talk, sy_timetag_from_unix(unix_now() + 7 * 86400.0));
    talk_expect_fail(talk, "/create", "a timetag 168 hours ahead", SY_ERR_VALUE);
    talk_say(talk, "/vco/*/freq", "f", 1.0);
    talk_expect_fail(talk, "/vco/*/freq", "no module in the patch", SY_ERR_UNKNOWN_MODULE);
}

static void bundles_within_a_bundle_have_their_own_time(void **state)
{
    const double now = unix_now();
    uint8_t packet[128];
    (void)state;
    double_set_clock(control, now - 10.0, 480000);
    talk_say(talk, "/create", "si", "vco", 1);
    talk_expect(talk, "/done", "s*", "/create");
    const int before = double_count(control);
    static const char message[] =
        "/vco/1/freq\0,f\0\0\x43\xdc\0"; /* and the terminator: 20 bytes */
    const uint64_t tags[2] = {sy_timetag_from_unix(now + 1.0), sy_timetag_from_unix(now + 2.0)};
    size_t size = 0;
    for (int i = 0; i < 2; i++) { /* #bundle tag 20 message 40 #bundle tag 20 message */
        memcpy(packet + size, "#bundle", 8);
        for (int b = 0; b < 8; b++) {
            packet[size + 8 + (size_t)b] = (uint8_t)(tags[i] >> (56 - 8 * b));
        }
        memcpy(packet + size + 16, "\0\0\0\x14", 4);
        memcpy(packet + size + 20, message, 20);
        size += 40;
        if (i == 0) {
            memcpy(packet + size, "\0\0\0\x28", 4);
            size += 4;
        }
    }
    talk_send(talk, packet, size);
    talk_expect_nothing(talk);
    assert_in_range(double_seen(control, before).when, 480000 + 47999, 480000 + 48001);
    assert_in_range(double_seen(control, before + 1).when, 480000 + 95999, 480000 + 96001);
}

/* Long answers. */

static void create_many(int n)
{
    const int at_once = 100;
    for (int i = 0; i < n; i += at_once) {
        for (int j = 0; j < at_once; j++) {
            talk_add(talk, "/create", "si", "vco", 1 + i + j);
        }
        talk_send_bundle(talk, SY_TIMETAG_NOW);
        for (int j = 0; j < at_once; j++) {
            talk_expect(talk, "/done", "s*", "/create");
        }
    }
}

static void expect_list(Talk *by, int n)
{
    for (int i = 0; i < n; i++) {
        char address[32];
        snprintf(address, sizeof address, "/vco/%d", 1 + i);
        talk_expect(by, "/list.module", "s*", address);
    }
    talk_expect(by, "/done", "sii", "/list", n, 0);
}

static void a_long_list_arrives_whole_in_datagrams_of_8_kilobytes(void **state)
{
    const int n = 3000;
    (void)state;
    create_many(n);
    Talk *udp = talk_udp(sy_server_port(server));
    talk_say(talk, "/list", "");
    talk_say(udp, "/list", "");
    expect_list(talk, n);
    expect_list(udp, n);
    assert_true(talk->largest <= SY_DATAGRAM_MAX && udp->largest <= SY_DATAGRAM_MAX);
    assert_true(udp->datagrams > 10 && udp->datagrams < 100);
    talk_free(udp);
}

static void who_does_not_listen_holds_nobody_up(void **state)
{
    (void)state;
    create_many(3000);
    Talk *deaf = talk_unix(sy_server_path(server));
    /* A megabyte: far more than its socket holds, and said within the two seconds that the server
     * keeps it for whoever does not listen, even where sanitizers make it slow. */
    for (int i = 0; i < 6; i++) {
        talk_say(deaf, "/list", "");
    }
    talk_say(talk, "/sync", "i", 1);
    talk_expect(talk, "/synced", "i", 1);
    expect_list(deaf, 3000); /* and when it does listen, it is all there */
    talk_free(deaf);
    talk_expect_nothing(talk);
}

static void a_client_that_has_connected_its_socket_is_answered_too(void **state)
{
    (void)state;
    Talk *connected = talk_unix_connected(sy_server_path(server));
    talk_say(connected, "/sync", "i", 5);
    talk_expect(connected, "/synced", "i", 5);
    talk_say(connected, "/sync", "i", 6);
    talk_expect(connected, "/synced", "i", 6);
    talk_free(connected);
}

/* More than there are sockets to answer from: they are used again. */
static void any_number_of_clients_can_come_and_go(void **state)
{
    Talk *many[200];
    (void)state;
    for (int i = 0; i < 200; i++) {
        many[i] = talk_unix(sy_server_path(server));
        talk_say(many[i], "/version", "");
    }
    for (int i = 0; i < 200; i++) {
        talk_expect(many[i], "/version.reply", "*");
        talk_say(many[i], "/sync", "i", i);
        talk_expect(many[i], "/synced", "i", i);
        talk_free(many[i]);
    }
}

/* Subscribers. */

static void subscribers_hear_what_others_do_with_the_same_address_and_values(void **state)
{
    (void)state;
    Talk *other = talk_udp(sy_server_port(server));
    talk_say(other, "/notify", "i", 1);
    talk_expect(other, "/done", "s*", "/notify");
    talk_say(talk, "/create", "si", "vco", 1);
    talk_say(talk, "/create", "si", "out", 1);
    talk_say(talk, "/connect", "ssf", "vco/1/saw", "out/1/left", 0.5);
    talk_say(talk, "/vco/1/freq", "f", 123.0);
    talk_say(talk, "/vco/1/freq", "f", 1e9);
    talk_say(talk, "/disconnect", "ss", "vco/1/saw", "out/1/left");
    talk_say(talk, "/destroy", "s", "vco/1");
    talk_expect(other, "/created", "s", "/vco/1");
    talk_expect(other, "/created", "s", "/out/1");
    talk_expect(other, "/connected", "ssf", "/vco/1/saw", "/out/1/left", 0.5);
    talk_expect(other, "/vco/1/freq", "f", 123.0);
    talk_expect(other, "/vco/1/freq", "f", 20000.0); /* the value in force */
    talk_expect(other, "/disconnected", "ss", "/vco/1/saw", "/out/1/left");
    talk_expect(other, "/destroyed", "s", "/vco/1");
    talk_free(other);
}

static void a_revival_is_heard_by_the_others(void **state)
{
    (void)state;
    Talk *other = talk_udp(sy_server_port(server));
    create_vcos(1);
    talk_say(other, "/notify", "i", 1);
    talk_expect(other, "/done", "s*", "/notify");
    talk_say(talk, "/notify", "i", 1);
    talk_expect(talk, "/done", "s*", "/notify");
    double_quarantine(control, (SyModuleRef){type_of("vco"), 1}, "SIGILL");
    talk_expect(talk, "/quarantined", "ss", "/vco/1", "SIGILL");
    talk_expect(other, "/quarantined", "ss", "/vco/1", "SIGILL");
    talk_say(talk, "/revive", "s", "vco/1");
    talk_expect(talk, "/done", "ssi", "/revive", "/vco/1", 1);
    talk_expect_nothing(talk);
    talk_expect(other, "/revived", "s", "/vco/1");
    talk_free(other);
}

static void nobody_hears_himself_unless_he_asks(void **state)
{
    (void)state;
    talk_say(talk, "/create", "si", "vco", 1);
    talk_expect(talk, "/done", "s*", "/create");
    talk_say(talk, "/notify", "i", 1);
    talk_expect(talk, "/done", "s*", "/notify");
    talk_say(talk, "/vco/1/freq", "f", 50.0);
    talk_expect_nothing(talk);
    talk_say(talk, "/notify", "i", 2);
    talk_expect(talk, "/done", "s*", "/notify");
    talk_say(talk, "/vco/1/freq", "f", 60.0);
    talk_expect(talk, "/vco/1/freq", "f", 60.0);
    talk_say(talk, "/notify", "i", 0);
    talk_expect(talk, "/done", "s*", "/notify");
    talk_say(talk, "/vco/1/freq", "f", 70.0);
    talk_expect_nothing(talk);
}

static void many_changes_at_once_are_few_datagrams(void **state)
{
    (void)state;
    create_many(500);
    Talk *other = talk_unix(sy_server_path(server));
    talk_say(other, "/notify", "i", 1);
    talk_expect(other, "/done", "s*", "/notify");
    const int before = other->datagrams;
    talk_say(talk, "/vco/*/freq", "f", 50.0);
    for (int i = 0; i < 500; i++) {
        char address[32];
        snprintf(address, sizeof address, "/vco/%d/freq", 1 + i);
        talk_expect(other, address, "f", 50.0);
    }
    assert_in_range(other->datagrams - before, 1, 5);
    talk_free(other);
}

static void what_the_engine_has_to_say_reaches_subscribers(void **state)
{
    (void)state;
    talk_say(talk, "/notify", "i", 1);
    talk_expect(talk, "/done", "s*", "/notify");
    double_notify(control,
                  &(SyNotice){.kind = SY_NOTICE_WORKER_DIED, .worker = 3, .text = "vcf/1"});
    talk_expect(talk, "/worker.died", "is", 3, "vcf/1");
    double_notify(control, &(SyNotice){.kind = SY_NOTICE_WORKER_BACK, .worker = 3, .text = ""});
    talk_expect(talk, "/worker.back", "i", 3);
    const SyModuleRef vcf = {type_of("vcf"), 1};
    const char *fault = "SIGSEGV in block 4711 on worker 2";
    double_notify(control,
                  &(SyNotice){.kind = SY_NOTICE_QUARANTINED, .module = vcf, .text = fault});
    talk_expect(talk, "/quarantined", "ss", "/vcf/1", fault);
    double_notify(control, &(SyNotice){.kind = SY_NOTICE_REVIVED, .module = vcf});
    talk_expect(talk, "/revived", "s", "/vcf/1");
    double_notify(control, &(SyNotice){.kind = SY_NOTICE_WILD, .module = vcf, .text = "NaN"});
    talk_expect(talk, "/wild", "ss", "/vcf/1", "NaN");
    double_notify(control, &(SyNotice){.kind = SY_NOTICE_MEMORY, .text = "75 %"});
    talk_expect(talk, "/memory", "s", "75 %");
    double_notify(control, &(SyNotice){.kind = SY_NOTICE_AUDIO, .text = "clock"});
    talk_expect(talk, "/audio", "s", "clock");
}

static void subscribers_that_are_gone_are_forgotten(void **state)
{
    (void)state;
    Talk *local = talk_unix(sy_server_path(server));
    Talk *udp = talk_udp(sy_server_port(server));
    talk_say(local, "/notify", "i", 1);
    talk_expect(local, "/done", "s*", "/notify");
    talk_say(udp, "/notify", "i", 1);
    talk_expect(udp, "/done", "s*", "/notify");
    talk_say(talk, "/create", "si", "vco", 1);
    talk_expect(talk, "/done", "s*", "/create");
    assert_int_equal(count_of("subscribers"), 2);
    talk_free(local);
    talk_free(udp);
    for (int i = 0; i < SY_SUBSCRIBER_REFUSALS; i++) {
        talk_say(talk, "/vco/1/freq", "f", 100.0 + i);
        talk_expect_nothing(talk); /* the refusal has come by now: loopback tells at once */
    }
    talk_expect_nothing(talk);
    assert_int_equal(count_of("subscribers"), 0);
}

static void there_is_room_for_so_many_subscribers(void **state)
{
    Talk *many[SY_SUBSCRIBERS_MAX];
    (void)state;
    for (int i = 0; i < SY_SUBSCRIBERS_MAX; i++) {
        many[i] = talk_unix(sy_server_path(server));
        talk_say(many[i], "/notify", "i", 1);
        talk_expect(many[i], "/done", "s*", "/notify");
    }
    talk_say(talk, "/notify", "ii", 1, 5);
    talk_expect_fail(talk, "/notify", "64 subscribers", SY_ERR_LIMIT);
    talk_say(many[7], "/notify", "i", 2); /* who is in can change what it hears */
    talk_expect(many[7], "/done", "s*", "/notify");
    talk_say(many[0], "/notify", "i", 0);
    talk_expect(many[0], "/done", "s*", "/notify");
    talk_say(talk, "/notify", "i", 1);
    talk_expect(talk, "/done", "s*", "/notify");
    for (int i = 0; i < SY_SUBSCRIBERS_MAX; i++) {
        talk_free(many[i]);
    }
}

/* Strangers and floods. */

static void malformed_packets_are_answered_and_counted(void **state)
{
    (void)state;
    talk_send(talk, "garbage!", 8);
    talk_expect_fail(talk, "", "malformed packet", SY_ERR_PACKET);
    talk_send(talk, "/vco/1/freq\0,f\0\0\x43", 17);
    talk_expect_fail(talk, "", "malformed packet", SY_ERR_PACKET);
    talk_send(talk, "/x\0\0,[i]\0\0\0\0\0\0\0\1", 16);
    talk_expect_fail(talk, "", "type tag '['", SY_ERR_PACKET);
    Talk *udp = talk_udp(sy_server_port(server));
    talk_send(udp, "", 0);
    talk_expect_fail(udp, "", "malformed packet", SY_ERR_PACKET);
    talk_free(udp);
    static char huge[SY_PACKET_MAX + 400] = "/";
    talk_send(talk, huge, sizeof huge);
    talk_expect_fail(talk, "", "too large", SY_ERR_PACKET);
    assert_int_equal(count_of("malformed"), 5);
}

static void a_flood_costs_the_flooder_only(void **state)
{
    const int at_once = 250;
    (void)state;
    Talk *flooder = talk_udp(sy_server_port(server));
    Talk *other = talk_udp(sy_server_port(server));
    talk_say(talk, "/create", "si", "vco", 1);
    talk_expect(talk, "/done", "s*", "/create");
    /* Three buckets full; while they are sent another can fill, but no more. */
    for (int i = 0; i < 3 * SY_LIMITER_RATE / at_once; i++) {
        for (int j = 0; j < at_once; j++) {
            talk_add(flooder, "/vco/1/freq", "f", 100.0);
        }
        talk_send_bundle(flooder, SY_TIMETAG_NOW);
    }
    talk_expect_fail(flooder, "", "more than 20000 messages a second", SY_ERR_LIMIT);
    talk_say(other, "/vco/1/freq", "f", 50.0);
    talk_say(other, "/vco/1/freq", "");
    talk_expect(other, "/vco/1/freq", "f", 50.0);
    assert_true(count_of("flooded") > 0);
    talk_free(flooder);
    talk_free(other);
}

static void a_socket_without_a_name_is_heard_but_not_answered(void **state)
{
    static const char create[] = "/create\0,si\0vco\0\0\0"; /* and the id 3 */
    char packet[20];
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    (void)state;
    memcpy(packet, create, 16);
    memcpy(packet + 16, "\0\0\0\3", 4);
    strncpy(name.sun_path, sy_server_path(server), sizeof name.sun_path - 1);
    const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_int_equal(
        sendto(fd, packet, 20, 0, (const struct sockaddr *)(const void *)&name, sizeof name), 20);
    close(fd);
    talk_expect_nothing(talk);
    talk_say(talk, "/vco/3/freq", "");
    talk_expect(talk, "/vco/3/freq", "f", 261.6256);
}

/* Files. */

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

/* Beginning and end. */

static void the_socket_is_for_its_user_only(void **state)
{
    struct stat info;
    (void)state;
    assert_int_equal(stat(sy_server_path(server), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    char path[120];
    snprintf(path, sizeof path, "%s", sy_server_path(server));
    sy_server_stop(server);
    assert_int_equal(stat(path, &info), -1);
    sy_server_stop(server); /* twice is fine, and so is nothing */
    sy_server_stop(NULL);
    sy_server_free(NULL);
}

static void a_port_in_use_is_told_before_anything_starts(void **state)
{
    const SyServerOptions options = {.port = sy_server_port(server)};
    SyServer *second = NULL;
    char error[300] = "";
    (void)state;
    assert_int_equal(sy_server_bind(&second, &options, error, sizeof error), SY_ERR_IN_USE);
    assert_null(second);
    assert_non_null(strstr(error, "is in use; is another synthd running? `synthctl quit` ends it"));
    talk_expect_nothing(talk); /* the first is none the worse for it */
}

/* Binds a unix socket where the engine on `port` would have it. */
static int squat(int port, char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(path, 120, "%s/synthd-%d.sock", folder, port);
    memcpy(name.sun_path, path, sizeof name.sun_path - 1);
    const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)(const void *)&name, sizeof name), 0);
    return fd;
}

/* A UDP port that is free now. */
static int free_port(void)
{
    const SyServerOptions options = {.port = 0};
    SyServer *server_there = NULL;
    assert_int_equal(sy_server_bind(&server_there, &options, NULL, 0), SY_OK);
    const int port = sy_server_port(server_there);
    sy_server_free(server_there);
    return port;
}

static void a_dead_engine_s_socket_is_replaced_and_a_living_one_s_is_not(void **state)
{
    char path[120], error[300] = "";
    SyServer *second = NULL;
    (void)state;
    const SyServerOptions options = {.port = free_port()};
    const int living = squat(options.port, path);
    assert_int_equal(sy_server_bind(&second, &options, error, sizeof error), SY_ERR_IN_USE);
    assert_non_null(strstr(error, "another synthd listens on"));
    close(living); /* the name stays, as a crash leaves it */
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(sy_server_bind(&second, &options, error, sizeof error), SY_OK);
    assert_string_equal(sy_server_path(second), path);
    sy_server_free(second);
    assert_int_equal(access(path, F_OK), -1);
}

static void the_network_is_opened_on_purpose_only(void **state)
{
    static const char *const allow[] = {"10.0.0.0/8"};
    SyServerOptions options = {.listen = "0.0.0.0", .port = 0};
    SyServer *open = NULL;
    char error[300] = "";
    (void)state;
    assert_int_equal(sy_server_bind(&open, &options, error, sizeof error), SY_ERR_USAGE);
    assert_non_null(strstr(error, "--allow"));
    options.allow = allow;
    options.n_allow = 1;
    assert_int_equal(sy_server_bind(&open, &options, error, sizeof error), SY_OK);
    sy_server_free(open);
    options.listen = "203.0.113.77"; /* an address for documentation, never this machine's */
    assert_int_equal(sy_server_bind(&open, &options, error, sizeof error), SY_ERR_USAGE);
    assert_non_null(strstr(error, "no such address"));
    options.listen = "::1";
    options.n_allow = 0;
    const SyStatus status = sy_server_bind(&open, &options, error, sizeof error);
    assert_true(status == SY_OK || strstr(error, "no such address")); /* if it has IPv6 */
    sy_server_free(open);
}

static void it_can_end_while_the_engine_still_owes_answers(void **state)
{
    (void)state;
    double_hold(control, true);
    for (int i = 1; i <= 10; i++) {
        talk_say(talk, "/create", "si", "vco", i);
    }
    talk_say(talk, "/version", "");
    talk_expect(talk, "/version.reply", "*");
    sy_server_stop(server);
    double_hold(control, false); /* answers to nobody; the sanitizers watch */
}

#define SERVER_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(create_is_answered_with_the_worker_and_the_time),
        SERVER_TEST(a_plain_set_is_quiet_unless_wrong_or_clamped),
        SERVER_TEST(a_parameter_is_read_back_at_its_own_address),
        SERVER_TEST(set_is_always_answered),
        SERVER_TEST(cables_notes_and_destroys_are_answered),
        SERVER_TEST(lists_end_with_their_counts),
        SERVER_TEST(a_quarantined_module_is_listed_counted_and_revived),
        SERVER_TEST(what_is_not_in_quarantine_is_not_revived),
        SERVER_TEST(the_module_types_are_told),
        SERVER_TEST(scsynth_s_clients_get_the_answers_they_know),
        SERVER_TEST(the_engine_tells_of_itself_in_pairs),
        SERVER_TEST(quit_is_answered_and_passed_on),
        SERVER_TEST(a_free_id_is_free_even_while_the_engine_is_busy),
        SERVER_TEST(modules_made_before_the_server_are_found_by_patterns),
        SERVER_TEST(a_full_queue_refuses_and_says_so),
        SERVER_TEST(a_bundle_is_one_transaction),
        SERVER_TEST(timetags_become_frames),
        SERVER_TEST(late_bundles_are_played_at_once_and_answered),
        SERVER_TEST(a_bundle_for_next_week_is_a_mistake),
        SERVER_TEST(bundles_within_a_bundle_have_their_own_time),
        SERVER_TEST(a_long_list_arrives_whole_in_datagrams_of_8_kilobytes),
        SERVER_TEST(who_does_not_listen_holds_nobody_up),
        SERVER_TEST(a_client_that_has_connected_its_socket_is_answered_too),
        SERVER_TEST(any_number_of_clients_can_come_and_go),
        SERVER_TEST(subscribers_hear_what_others_do_with_the_same_address_and_values),
        SERVER_TEST(a_revival_is_heard_by_the_others),
        SERVER_TEST(nobody_hears_himself_unless_he_asks),
        SERVER_TEST(many_changes_at_once_are_few_datagrams),
        SERVER_TEST(what_the_engine_has_to_say_reaches_subscribers),
        SERVER_TEST(subscribers_that_are_gone_are_forgotten),
        SERVER_TEST(there_is_room_for_so_many_subscribers),
        SERVER_TEST(malformed_packets_are_answered_and_counted),
        SERVER_TEST(a_flood_costs_the_flooder_only),
        SERVER_TEST(a_socket_without_a_name_is_heard_but_not_answered),
        SERVER_TEST(a_patch_is_saved_and_loaded),
        SERVER_TEST(a_wrong_patch_is_refused_with_its_line),
        SERVER_TEST(an_empty_patch_clears),
        SERVER_TEST(a_load_is_alone_in_its_bundle),
        SERVER_TEST(what_was_to_be_saved_is_saved_before_the_end),
        SERVER_TEST(the_socket_is_for_its_user_only),
        SERVER_TEST(a_port_in_use_is_told_before_anything_starts),
        SERVER_TEST(a_dead_engine_s_socket_is_replaced_and_a_living_one_s_is_not),
        SERVER_TEST(the_network_is_opened_on_purpose_only),
        SERVER_TEST(it_can_end_while_the_engine_still_owes_answers),
    };
    return cmocka_run_group_tests_name("osc server", tests, make_folder, remove_folder);
}
