/* What the server answers to the commands that edit a patch, set values and end the engine. */
#include "tests/osc/server_rig.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(create_is_answered_with_the_worker_and_the_time),
        SERVER_TEST(a_plain_set_is_quiet_unless_wrong_or_clamped),
        SERVER_TEST(a_parameter_is_read_back_at_its_own_address),
        SERVER_TEST(set_is_always_answered),
        SERVER_TEST(cables_notes_and_destroys_are_answered),
        SERVER_TEST(quit_is_answered_and_passed_on),
        SERVER_TEST(a_free_id_is_free_even_while_the_engine_is_busy),
        SERVER_TEST(modules_made_before_the_server_are_found_by_patterns),
        SERVER_TEST(a_full_queue_refuses_and_says_so),
    };
    return cmocka_run_group_tests_name("osc server answers", tests, make_folder, remove_folder);
}
