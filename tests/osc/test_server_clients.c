/* Clients of every kind: deaf ones, many, strangers and flooders. None is a burden to another. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "osc/limiter.h"
#include "osc/packet.h"
#include "tests/osc/server_rig.h"

/* Long answers. */

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

/* Sockets. */

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

/* Nonsense and floods. */

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

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool is_told(const Talk *flooder)
{
    struct pollfd in = {.fd = flooder->fd, .events = POLLIN};
    return poll(&in, 1, 0) == 1;
}

/* A datagram that comes while the socket is full is lost, whoever sent it. */
static void wait_until_taken_in(void)
{
    int64_t seen = -1, packets;

    while ((packets = count_of("packets")) > seen + 1) { /* besides the one that asks */
        seen = packets;
    }
}

/* Sends as fast as it goes until it is told to stop, or for so long. */
static void flood(Talk *flooder, double seconds)
{
    const double until = seconds_now() + seconds;

    do {
        for (int i = 0; i < 250; i++) {
            talk_add(flooder, "/vco/1/freq", "f", 100.0);
        }
        talk_send_bundle(flooder, SY_TIMETAG_NOW);
    } while (!is_told(flooder) && seconds_now() < until);
}

static void a_flood_costs_the_flooder_only(void **state)
{
    (void)state;
    Talk *flooder = talk_udp(sy_server_port(server));
    Talk *other = talk_udp(sy_server_port(server));
    talk_say(talk, "/create", "si", "vco", 1);
    talk_expect(talk, "/done", "s*", "/create");
    const double began = seconds_now();
    flood(flooder, 3);
    wait_until_taken_in();
    const bool flooded = count_of("flooded") > 0;
    if (flooded) {
        talk_expect_fail(flooder, "", "more than 20000 messages a second", SY_ERR_LIMIT);
        talk_say(other, "/vco/1/freq", "f", 50.0);
        talk_say(other, "/vco/1/freq", "");
        talk_expect(other, "/vco/1/freq", "f", 50.0);
    } else { /* such a machine does not take in as many as are allowed */
        const double seconds = seconds_now() - began;
        assert_true((double)count_of("messages") <= SY_LIMITER_RATE * (seconds + 1.1));
    }
    talk_free(flooder);
    talk_free(other);
    if (!flooded) {
        skip();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(a_long_list_arrives_whole_in_datagrams_of_8_kilobytes),
        SERVER_TEST(who_does_not_listen_holds_nobody_up),
        SERVER_TEST(a_client_that_has_connected_its_socket_is_answered_too),
        SERVER_TEST(any_number_of_clients_can_come_and_go),
        SERVER_TEST(a_socket_without_a_name_is_heard_but_not_answered),
        SERVER_TEST(malformed_packets_are_answered_and_counted),
        SERVER_TEST(a_flood_costs_the_flooder_only),
    };
    return cmocka_run_group_tests_name("osc server clients", tests, make_folder, remove_folder);
}
