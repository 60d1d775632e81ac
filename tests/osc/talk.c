#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "osc/packet.h"
#include "osc/parse.h"
#include "tests/osc/talk.h"

/* A message that was heard, with its bytes. */
typedef struct Heard {
    struct Heard *next;
    SyParsed parsed;
    char bytes[];
} Heard;

static void send_datagram(void *user, const void *data, size_t size, unsigned nth)
{
    Talk *talk = user;
    const struct sockaddr *name = (const struct sockaddr *)(const void *)&talk->name;
    (void)nth;
    assert_int_equal(sendto(talk->fd, data, size, 0, talk->connected ? NULL : name,
                            talk->connected ? 0 : sizeof talk->name),
                     size);
}

static Talk *talk_new(int family)
{
    const int buffer = 4 << 20;
    Talk *talk = calloc(1, sizeof *talk);
    assert_non_null(talk);
    talk->last = &talk->first;
    talk->fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(talk->fd >= 0);
    setsockopt(talk->fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
    return talk;
}

Talk *talk_udp(int port)
{
    const struct sockaddr_in name = {.sin_family = AF_INET,
                                     .sin_port = htons((uint16_t)port),
                                     .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    Talk *talk = talk_new(AF_INET);
    talk->connected = true;
    assert_int_equal(connect(talk->fd, (const struct sockaddr *)(const void *)&name, sizeof name),
                     0);
    return talk;
}

Talk *talk_unix(const char *path)
{
    const struct sockaddr_un unnamed = {.sun_family = AF_UNIX};
    Talk *talk = talk_new(AF_UNIX);
    talk->name.sun_family = AF_UNIX;
    assert_true(strlen(path) < sizeof talk->name.sun_path);
    memcpy(talk->name.sun_path, path, strlen(path) + 1);
    assert_int_equal(
        bind(talk->fd, (const struct sockaddr *)(const void *)&unnamed, sizeof(sa_family_t)), 0);
    return talk;
}

Talk *talk_unix_connected(const char *path)
{
    Talk *talk = talk_unix(path);
    talk->connected = true;
    assert_int_equal(
        connect(talk->fd, (const struct sockaddr *)(const void *)&talk->name, sizeof talk->name),
        0);
    return talk;
}

static void forget_first(Talk *talk)
{
    Heard *heard = talk->first;
    talk->first = heard->next;
    if (!talk->first) {
        talk->last = &talk->first;
    }
    sy_parsed_deinit(&heard->parsed);
    free(heard);
}

void talk_free(Talk *talk)
{
    while (talk->first) {
        forget_first(talk);
    }
    sy_writer_deinit(&talk->bundle);
    close(talk->fd);
    free(talk);
}

void talk_say(Talk *talk, const char *address, const char *types, ...)
{
    SyWriter writer = {.func = send_datagram, .user = talk};
    va_list args;
    va_start(args, types);
    sy_writer_add_list(&writer, address, NULL, types, &args, NULL);
    va_end(args);
    sy_writer_flush(&writer);
    sy_writer_deinit(&writer);
}

void talk_send(Talk *talk, const void *bytes, size_t size)
{
    send_datagram(talk, bytes, size, 0);
}

void talk_add(Talk *talk, const char *address, const char *types, ...)
{
    va_list args;
    va_start(args, types);
    sy_writer_add_list(&talk->bundle, address, NULL, types, &args, NULL);
    va_end(args);
}

void talk_send_bundle(Talk *talk, uint64_t timetag)
{
    uint8_t bytes[8];
    uint8_t packet[SY_DATAGRAM_MAX];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(timetag >> (56 - 8 * i));
    }
    /* The writer writes "#bundle" itself, with the timetag 1, so the packet is put together here.
     */
    const size_t size = talk->bundle.size;
    assert_true(size > 16 && size <= sizeof packet);
    memcpy(packet, talk->bundle.data, size);
    memcpy(packet, "#bundle", 8);
    memcpy(packet + 8, bytes, 8);
    send_datagram(talk, packet, size, 0);
    sy_writer_deinit(&talk->bundle);
}

static void keep(void *user, uint64_t timetag, const void *message, size_t size)
{
    Talk *talk = user;
    (void)timetag;
    Heard *heard = calloc(1, sizeof *heard + size);
    assert_non_null(heard);
    memcpy(heard->bytes, message, size);
    assert_int_equal(sy_parsed_init(&heard->parsed, heard->bytes, size, NULL), SY_OK);
    *talk->last = heard;
    talk->last = &heard->next;
}

static void receive(Talk *talk)
{
    static uint8_t packet[SY_PACKET_MAX];
    struct pollfd in = {.fd = talk->fd, .events = POLLIN};
    if (poll(&in, 1, 10000) != 1) {
        fail_msg("nothing was heard for 10 s");
    }
    const ssize_t n = recv(talk->fd, packet, sizeof packet, 0);
    assert_true(n > 0);
    talk->largest = (size_t)n > talk->largest ? (size_t)n : talk->largest;
    talk->datagrams++;
    assert_int_equal(sy_packet_check(packet, (size_t)n, NULL, NULL), SY_OK);
    sy_packet_walk(packet, (size_t)n, keep, talk);
}

const SyMessage *talk_hear(Talk *talk)
{
    static Heard *taken;
    if (taken) {
        sy_parsed_deinit(&taken->parsed);
        free(taken);
        taken = NULL;
    }
    while (!talk->first) {
        receive(talk);
    }
    taken = talk->first;
    talk->first = taken->next;
    if (!talk->first) {
        talk->last = &talk->first;
    }
    return &taken->parsed.message;
}

static void expect_arg(const SyMessage *message, size_t i, char type, va_list *values)
{
    const SyArg *arg = &message->args[i];
    if (arg->type != type) {
        fail_msg("%s: argument %zu is a '%c', not a '%c'", message->address, i, arg->type, type);
    }
    if (type == 'i') {
        assert_int_equal(arg->i, va_arg(*values, int));
    } else if (type == 'h') {
        assert_true(arg->h == va_arg(*values, long long));
    } else if (type == 'f' || type == 'd') {
        const double expected = va_arg(*values, double);
        const double value = type == 'f' ? (double)arg->f : arg->d;
        if (!(fabs(value - expected) <= 1e-6 * fabs(expected))) {
            fail_msg("%s: argument %zu is %g, not %g", message->address, i, value, expected);
        }
    } else if (type == 's') {
        const char *expected = va_arg(*values, const char *);
        if (expected) {
            assert_string_equal(arg->s, expected);
        }
    }
}

void talk_expect(Talk *talk, const char *address, const char *types, ...)
{
    const SyMessage *message = talk_hear(talk);
    if (strcmp(message->address, address) != 0) {
        const bool text = message->n_args > 1 && message->args[1].type == 's';
        fail_msg("heard %s (%s), not %s", message->address, text ? message->args[1].s : "",
                 address);
    }
    va_list values;
    va_start(values, types);
    size_t i = 0;
    for (; types[i] != '\0' && types[i] != '*'; i++) {
        assert_true(i < message->n_args);
        expect_arg(message, i, types[i], &values);
    }
    va_end(values);
    if (types[i] != '*') {
        assert_int_equal(message->n_args, i);
    }
}

void talk_expect_fail(Talk *talk, const char *what, const char *says, int status)
{
    const SyMessage *message = talk_hear(talk);
    assert_string_equal(message->address, "/fail");
    assert_true(message->n_args >= 3);
    assert_string_equal(message->args[0].s, what);
    assert_int_equal(message->args[2].i, status);
    if (!strstr(message->args[1].s, says)) {
        fail_msg("\"%s\" does not say \"%s\"", message->args[1].s, says);
    }
}

void talk_expect_nothing(Talk *talk)
{
    static int id = 1000000;
    talk_say(talk, "/sync", "i", ++id);
    talk_expect(talk, "/synced", "i", id);
}
