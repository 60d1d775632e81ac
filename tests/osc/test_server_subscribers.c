/* Subscribers: what they hear, what they do not, and how many there can be. */
#include <stdio.h>

#include "osc/subscribers.h"
#include "tests/osc/server_rig.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(subscribers_hear_what_others_do_with_the_same_address_and_values),
        SERVER_TEST(a_revival_is_heard_by_the_others),
        SERVER_TEST(nobody_hears_himself_unless_he_asks),
        SERVER_TEST(many_changes_at_once_are_few_datagrams),
        SERVER_TEST(what_the_engine_has_to_say_reaches_subscribers),
        SERVER_TEST(subscribers_that_are_gone_are_forgotten),
        SERVER_TEST(there_is_room_for_so_many_subscribers),
    };
    return cmocka_run_group_tests_name("osc server subscribers", tests, make_folder, remove_folder);
}
