/* What the packet validator lets through, and what it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "osc/packet.h"
#include "osc/parse.h"
#include "tests/osc/packets.h"

static SyStatus check(const char *bytes, size_t size, SyError *error)
{
    uint8_t *at = sy_packet_fence(size);
    memcpy(at, bytes, size);
    return sy_packet_check(at, size, NULL, error);
}

static void well_formed_packets_pass(void **state)
{
    uint8_t packet[2048];
    (void)state;
    for (size_t i = 0; i < sy_packet_samples(); i++) {
        const size_t size = sy_packet_sample(i, packet);
        assert_true(size > 0);
        assert_int_equal(sy_packet_try(packet, size), 1);
    }
}

static void messages_are_counted_through_all_bundles(void **state)
{
    uint8_t packet[2048];
    size_t n = 99;
    (void)state;
    const size_t last = sy_packet_samples() - 1; /* 8 bundles deep: two, then one in each */
    const size_t size = sy_packet_sample(last, packet);
    assert_int_equal(sy_packet_check(packet, size, &n, NULL), SY_OK);
    assert_int_equal(n, 2 + SY_PACKET_NESTING - 1);
}

/* The end of a bundle after a whole element is the one place where a packet can be cut and still be
 * well-formed: it is then a shorter bundle. */
static void no_truncated_packet_passes(void **state)
{
    uint8_t packet[2048];
    int shorter_bundles = 0;
    (void)state;
    for (size_t i = 0; i < sy_packet_samples(); i++) {
        const size_t size = sy_packet_sample(i, packet);
        for (size_t cut = 0; cut < size; cut++) {
            if (sy_packet_try(packet, cut)) {
                assert_int_equal(packet[0], '#');
                shorter_bundles++;
            }
        }
    }
    /* Before the last of 3, of 12 and another bundle, and of 2 and another bundle. */
    assert_int_equal(shorter_bundles, 3 + 13 + 3);
}

static void spoiled_packets_are_survived(void **state)
{
    uint8_t packet[2048];
    uint64_t random = 0x2545f4914f6cdd1d;
    int passed = 0;
    (void)state;
    for (int i = 0; i < 200000; i++) {
        size_t size = sy_packet_sample((size_t)i % sy_packet_samples(), packet);
        size = sy_packet_spoil(packet, size, &random);
        passed += sy_packet_try(packet, size);
    }
    /* Some spoiling does no harm to the form; if none or all passed, nothing was tested. */
    assert_in_range(passed, 2000, 150000);
}

typedef struct Refusal {
    const char *bytes;
    size_t size;
    const char *reason;
} Refusal;

#define REFUSAL(bytes, reason)                                                                     \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, reason                                                           \
    }

static void each_fault_is_named(void **state)
{
    static const Refusal refusals[] = {
        REFUSAL("", "nothing"),
        REFUSAL("/a\0\0,f\0\0\0\0", "multiple of 4"),
        REFUSAL("a\0\0\0,\0\0\0", "slash"),
        REFUSAL("\0\0\0\1,\0\0\0", "slash"),
        REFUSAL("/a b\0\0\0\0,\0\0\0", "character"),
        REFUSAL("/a#b\0\0\0\0,\0\0\0", "character"),
        REFUSAL("/\xc3\xa4\0,\0\0\0", "character"),
        REFUSAL("/abc/abc/abc", "without an end"),
        REFUSAL("/a\0\0", "type tags"),
        REFUSAL("/a\0\0f\0\0\0\0\0\0\0", "type tags"),
        REFUSAL("/a\0\0,fff", "without an end"),
        REFUSAL("/a\0\0,f\0\0", "missing"),
        REFUSAL("/a\0\0,d\0\0\0\0\0\0", "missing"),
        REFUSAL("/a\0\0,s\0\0abcd", "without an end"),
        REFUSAL("/a\0\0,s\0\0ab\0c", "padding"),
        REFUSAL("/a\0x,\0\0\0", "padding"),
        REFUSAL("/a\0\0,b\0\0", "without its size"),
        REFUSAL("/a\0\0,b\0\0\0\0\0\5abcd", "larger than its packet"),
        REFUSAL("/a\0\0,b\0\0\xff\xff\xff\xff"
                "abcd",
                "larger than its packet"),
        REFUSAL("/a\0\0,b\0\0\0\0\0\1a\0\0x", "padding"),
        REFUSAL("/a\0\0,\0\0\0\0\0\0\0", "after the last argument"),
        REFUSAL("/a\0\0,[i]\0\0\0\0\0\0\0\0", "'[' (0x5b) is not taken"),
        REFUSAL("/a\0\0,r\0\0\0\0\0\0", "'r' (0x72) is not taken"),
        REFUSAL("/a\0\0,\1\0\0\0\0\0\0", "'?' (0x01) is not taken"),
        REFUSAL("#bundle\0", "missing"),
        REFUSAL("#bundle\0\0\0\0\0\0\0\0", "multiple of 4"),
        REFUSAL("#bundle\0\0\0\0\0\0\0\0\1\0\0\0\x9/a\0\0,\0\0\0", "larger than its bundle"),
        REFUSAL("#bundle\0\0\0\0\0\0\0\0\1\xff\xff\xff\xfc", "larger than its bundle"),
        REFUSAL("#bundle\0\0\0\0\0\0\0\0\1\0\0\0\0", "nothing"),
        REFUSAL("#bundle\0\0\0\0\0\0\0\0\1\0\0\0\6/a\0\0,\0\0\0", "multiple of 4"),
        REFUSAL("#bundlex\0\0\0\0\0\0\0\1", "slash"),
    };
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        SyError error = {""};
        assert_int_equal(check(refusals[i].bytes, refusals[i].size, &error), SY_ERR_PACKET);
        if (!strstr(error.text, refusals[i].reason)) {
            fail_msg("refusal %zu says \"%s\", not \"%s\"", i, error.text, refusals[i].reason);
        }
    }
}

/* Bundles around one message. */
static size_t nest(uint8_t *packet, int depth)
{
    static const char message[] = "/a\0\0,\0\0";
    const size_t size = 8 + 20 * (size_t)depth;
    for (int i = 0; i < depth; i++) {
        uint8_t *at = packet + 20 * i;
        const size_t rest = size - 20 * (size_t)(i + 1);
        memcpy(at, "#bundle\0\0\0\0\0\0\0\0\1\0\0\0\0", 20);
        at[18] = (uint8_t)(rest >> 8);
        at[19] = (uint8_t)rest;
    }
    memcpy(packet + 20 * depth, message, 8);
    return size;
}

static void bundles_nest_eight_deep_and_no_deeper(void **state)
{
    uint8_t packet[40000];
    SyError error = {""};
    (void)state;
    assert_int_equal(sy_packet_check(packet, nest(packet, SY_PACKET_NESTING), NULL, NULL), SY_OK);
    assert_int_equal(sy_packet_check(packet, nest(packet, SY_PACKET_NESTING + 1), NULL, &error),
                     SY_ERR_PACKET);
    assert_non_null(strstr(error.text, "nested too deeply"));
    assert_int_equal(sy_packet_check(packet, nest(packet, 1500), NULL, NULL), SY_ERR_PACKET);
}

static void a_packet_above_the_limit_is_refused(void **state)
{
    static uint8_t packet[SY_PACKET_MAX + 4];
    (void)state;
    memcpy(packet, "/a\0\0,b\0\0", 8);
    const uint32_t size = SY_PACKET_MAX + 4 - 12;
    packet[9] = (uint8_t)(size >> 16);
    packet[10] = (uint8_t)(size >> 8);
    packet[11] = (uint8_t)size;
    assert_int_equal(sy_packet_check(packet, sizeof packet, NULL, NULL), SY_ERR_PACKET);
    const uint32_t smaller = size - 4;
    packet[9] = (uint8_t)(smaller >> 16);
    packet[10] = (uint8_t)(smaller >> 8);
    packet[11] = (uint8_t)smaller;
    assert_int_equal(sy_packet_check(packet, sizeof packet - 4, NULL, NULL), SY_OK);
}

typedef struct Seen {
    uint64_t timetags[8];
    const char *addresses[8];
    int n;
} Seen;

static void see(void *user, uint64_t timetag, const void *message, size_t size)
{
    Seen *seen = user;
    (void)size;
    seen->timetags[seen->n] = timetag;
    seen->addresses[seen->n++] = message;
}

static void a_bundle_is_walked_in_order_with_its_timetags(void **state)
{
    static const char packet[] = "#bundle\0\0\0\0\7\0\0\0\0"
                                 "\0\0\0\x8/a\0\0,\0\0\0"
                                 "\0\0\0\x1c#bundle\0\0\0\0\x9\0\0\0\0\0\0\0\x8/b\0\0,\0\0\0"
                                 "\0\0\0\x1c#bundle\0\0\0\0\0\0\0\0\1\0\0\0\x8/c\0\0,\0\0\0"
                                 "\0\0\0\x8/d\0\0,\0\0";
    Seen seen = {.n = 0};
    (void)state;
    assert_int_equal(sy_packet_check(packet, sizeof packet, NULL, NULL), SY_OK);
    sy_packet_walk(packet, sizeof packet, see, &seen);
    assert_int_equal(seen.n, 4);
    assert_string_equal(seen.addresses[0], "/a");
    assert_string_equal(seen.addresses[1], "/b");
    assert_string_equal(seen.addresses[2], "/c");
    assert_string_equal(seen.addresses[3], "/d");
    assert_true(seen.timetags[0] == UINT64_C(7) << 32);
    assert_true(seen.timetags[1] == UINT64_C(9) << 32);
    assert_true(seen.timetags[2] == UINT64_C(7) << 32); /* "now" inside a later bundle: with it */
    assert_true(seen.timetags[3] == UINT64_C(7) << 32);
}

static void timetags_are_unix_time_to_a_microsecond(void **state)
{
    (void)state;
    const double now = 1700000000.123456;
    const double back = sy_timetag_unix(sy_timetag_from_unix(now));
    assert_true(back - now < 1e-6 && now - back < 1e-6);
    assert_true(sy_timetag_unix(UINT64_C(2208988800) << 32) == 0.0);
}

static void arguments_arrive_with_their_types(void **state)
{
    static const char bytes[] = "/x\0\0,ifsdhTFS\0\0\0"
                                "\xff\xff\xff\xfe\x3f\xc0\0\0word\0\0\0\0\x40\4\0\0\0\0\0\0"
                                "\0\0\0\1\0\0\0\2sym";
    SyParsed parsed;
    (void)state;
    assert_int_equal(sy_packet_check(bytes, sizeof bytes, NULL, NULL), SY_OK);
    assert_int_equal(sy_parsed_init(&parsed, bytes, sizeof bytes, NULL), SY_OK);
    const SyArg *args = parsed.message.args;
    assert_string_equal(parsed.message.address, "/x");
    assert_int_equal(parsed.message.n_args, 8);
    assert_int_equal(args[0].i, -2);
    assert_true(args[1].f == 1.5f);
    assert_string_equal(args[2].s, "word");
    assert_true(args[3].d == 2.5);
    assert_true(args[4].h == (INT64_C(1) << 32) + 2);
    assert_int_equal(args[5].type, 'T');
    assert_int_equal(args[6].type, 'F');
    assert_int_equal(args[7].type, 's'); /* a symbol is a string */
    assert_string_equal(args[7].s, "sym");
    sy_parsed_deinit(&parsed);
}

static void too_many_arguments_are_refused(void **state)
{
    char bytes[4 + 128] = "/x\0\0,";
    SyParsed parsed;
    (void)state;
    memset(bytes + 5, 'T', SY_ARGS_MAX);
    assert_int_equal(sy_packet_check(bytes, 4 + 68, NULL, NULL), SY_OK);
    assert_int_equal(sy_parsed_init(&parsed, bytes, 4 + 68, NULL), SY_OK);
    sy_parsed_deinit(&parsed);
    bytes[5 + SY_ARGS_MAX] = 'T';
    assert_int_equal(sy_packet_check(bytes, 4 + 68, NULL, NULL), SY_OK);
    assert_int_equal(sy_parsed_init(&parsed, bytes, 4 + 68, NULL), SY_ERR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed_packets_pass),
        cmocka_unit_test(messages_are_counted_through_all_bundles),
        cmocka_unit_test(no_truncated_packet_passes),
        cmocka_unit_test(spoiled_packets_are_survived),
        cmocka_unit_test(each_fault_is_named),
        cmocka_unit_test(bundles_nest_eight_deep_and_no_deeper),
        cmocka_unit_test(a_packet_above_the_limit_is_refused),
        cmocka_unit_test(a_bundle_is_walked_in_order_with_its_timetags),
        cmocka_unit_test(timetags_are_unix_time_to_a_microsecond),
        cmocka_unit_test(arguments_arrive_with_their_types),
        cmocka_unit_test(too_many_arguments_are_refused),
    };
    return cmocka_run_group_tests_name("osc packet", tests, NULL, NULL);
}
