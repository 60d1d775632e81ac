/* Bundles, each a transaction, and the frames that their timetags become. */
#include <string.h>
#include <time.h>

#include "osc/packet.h"
#include "tests/osc/server_rig.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(a_bundle_is_one_transaction),
        SERVER_TEST(timetags_become_frames),
        SERVER_TEST(late_bundles_are_played_at_once_and_answered),
        SERVER_TEST(a_bundle_for_next_week_is_a_mistake),
        SERVER_TEST(bundles_within_a_bundle_have_their_own_time),
    };
    return cmocka_run_group_tests_name("osc server bundles", tests, make_folder, remove_folder);
}
