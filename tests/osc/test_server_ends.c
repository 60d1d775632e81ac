/* How the server begins and ends: its sockets, whom it listens to, what it leaves behind. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/osc/server_rig.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(the_socket_is_for_its_user_only),
        SERVER_TEST(a_port_in_use_is_told_before_anything_starts),
        SERVER_TEST(a_dead_engine_s_socket_is_replaced_and_a_living_one_s_is_not),
        SERVER_TEST(the_network_is_opened_on_purpose_only),
        SERVER_TEST(it_can_end_while_the_engine_still_owes_answers),
    };
    return cmocka_run_group_tests_name("osc server ends", tests, make_folder, remove_folder);
}
