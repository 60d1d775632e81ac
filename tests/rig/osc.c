#include "tests/rig/osc.h"

#include <arpa/inet.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/rig/check.h"

#define PACKET_MAX 65536

SyOsc sy_osc_open(const SySynth *synth)
{
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)synth->port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const SyOsc osc = {synth->stage, socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};

    assert_true(osc.fd >= 0);
    assert_int_equal(connect(osc.fd, (const struct sockaddr *)(const void *)&to, sizeof(to)), 0);
    return osc;
}

void sy_osc_close(SyOsc *osc)
{
    close(osc->fd);
    osc->fd = -1;
}

static lo_message make(const char *types, va_list values)
{
    lo_message message = lo_message_new();

    assert_non_null(message);
    for (const char *type = types; *type; type++) {
        switch (*type) {
        case 'i':
            lo_message_add_int32(message, va_arg(values, int));
            break;
        case 'f':
            lo_message_add_float(message, (float)va_arg(values, double));
            break;
        case 's':
            lo_message_add_string(message, va_arg(values, const char *));
            break;
        default:
            fail_msg("no such type: %c", *type);
        }
    }
    return message;
}

static void send_bytes(const SyOsc *osc, void *bytes, size_t size)
{
    assert_non_null(bytes);
    assert_int_equal(send(osc->fd, bytes, size, 0), size);
    free(bytes);
}

void sy_osc_send(const SyOsc *osc, const char *address, const char *types, ...)
{
    va_list values;
    size_t size;

    va_start(values, types);
    lo_message message = make(types, values);
    va_end(values);
    void *bytes = lo_message_serialise(message, address, NULL, &size);
    send_bytes(osc, bytes, size);
    lo_message_free(message);
}

size_t sy_osc_bytes(void *bytes, size_t room, const char *address, const char *types, ...)
{
    va_list values;
    size_t size;

    va_start(values, types);
    lo_message message = make(types, values);
    va_end(values);
    assert_true(lo_message_length(message, address) <= room);
    assert_non_null(lo_message_serialise(message, address, bytes, &size));
    lo_message_free(message);
    return size;
}

void sy_osc_send_at(const SyOsc *osc, double unix_seconds, const char *address, const char *types,
                    ...)
{
    /* OSC counts from 1900. */
    const double whole = floor(unix_seconds);
    const lo_timetag time = {.sec = (uint32_t)((int64_t)whole + 2208988800),
                             .frac = (uint32_t)((unix_seconds - whole) * 4294967296.0)};
    lo_bundle bundle = lo_bundle_new(time);
    va_list values;
    size_t size;

    va_start(values, types);
    lo_message message = make(types, values);
    va_end(values);
    assert_int_equal(lo_bundle_add_message(bundle, address, message), 0);
    void *bytes = lo_bundle_serialise(bundle, NULL, &size);
    send_bytes(osc, bytes, size);
    lo_bundle_free(bundle);
    lo_message_free(message);
}

double sy_osc_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Not through lo_arg, which wants 8-byte alignment: OSC aligns to 4. */
static const char *argument_text(SyStage *stage, char type, const void *value)
{
    int32_t whole;
    float number;

    switch (type) {
    case 'i':
        memcpy(&whole, value, sizeof(whole));
        return sy_stage_text(stage, "%d", (int)whole);
    case 'f':
        memcpy(&number, value, sizeof(number));
        return sy_stage_text(stage, "%g", (double)number);
    case 's':
        return value;
    default:
        return "?";
    }
}

/* The arguments of a received message, if it is to `address`. */
static char *arguments_of(SyStage *stage, char *packet, size_t size, const char *address)
{
    int result;
    lo_message message =
        strcmp(packet, address) == 0 ? lo_message_deserialise(packet, size, &result) : NULL;
    if (!message) {
        return NULL;
    }
    const char *types = lo_message_get_types(message);
    lo_arg **values = lo_message_get_argv(message);
    char *text = sy_stage_text(stage, "%s", "");
    for (int i = 0; i < lo_message_get_argc(message); i++) {
        text = sy_stage_text(stage, "%s%s%s", text, i ? " " : "",
                             argument_text(stage, types[i], values[i]));
    }
    lo_message_free(message);
    return text;
}

/* Called for each message in a packet: bundles are #bundle, a timetag, then size and message. */
static char *find(SyStage *stage, char *packet, size_t size, const char *address)
{
    if (size < 16 || strcmp(packet, "#bundle") != 0) {
        return arguments_of(stage, packet, size, address);
    }
    for (size_t at = 16; at + 4 <= size;) {
        uint32_t length;
        memcpy(&length, packet + at, 4);
        length = ntohl(length);
        if (length > size - at - 4) {
            break;
        }
        char *found = find(stage, packet + at + 4, length, address);
        if (found) {
            return found;
        }
        at += 4 + length;
    }
    return NULL;
}

const char *sy_osc_await(const SyOsc *osc, const char *address)
{
    static char packet[PACKET_MAX + 1];
    const int64_t until = sy_stage_now_ns() + SY_PATIENCE_NS;
    char *found = NULL;

    while (!found) {
        struct pollfd in = {.fd = osc->fd, .events = POLLIN};
        const int64_t left_ms = (until - sy_stage_now_ns()) / 1000000;
        if (left_ms <= 0 || poll(&in, 1, (int)left_ms) != 1) {
            fail_msg("no %s came", address);
        }
        const ssize_t size = recv(osc->fd, packet, PACKET_MAX, 0);
        if (size > 0) {
            packet[size] = '\0';
            found = find(osc->stage, packet, (size_t)size, address);
        }
    }
    return found;
}

void sy_osc_sync(const SyOsc *osc)
{
    static int number;
    char wanted[16];

    snprintf(wanted, sizeof(wanted), "%d", ++number);
    sy_osc_send(osc, "/sync", "i", number);
    while (strcmp(sy_osc_await(osc, "/synced"), wanted) != 0) {
    }
}
