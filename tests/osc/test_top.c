/* The view of `synthctl top`: what it says, and that it fits whatever terminal there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "osc/top.h"
#include "tests/osc/listed.h"
#include "tests/osc/said.h"

#define UNLIMITED ((SySize){0, 0})

static SyTop top;
static char *drawing;

static int setup(void **state)
{
    (void)state;
    top = (SyTop){.where = "here"};
    sy_top_clear(&top);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sy_top_deinit(&top);
    free(drawing);
    drawing = NULL;
    return 0;
}

#define view_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void tell_engine(const char *audio, double uptime_s, long long late, long long deaths)
{
    Said room;
    sy_decode_engine(top.engine, said(&room, "/engine.reply", "sssssisisisisi", "version", "0.1.0",
                                      "audio", audio, "rate", 48000, "block", 64, "modules", 3,
                                      "cables", 2, "workers", 2));
    sy_decode_engine(top.engine,
                     said(&room, "/engine.blocks", "shshsfsfsfsf", "blocks", 5000000LL, "late",
                          late, "load", 0.123, "us_p50", 163.4, "us_p99", 240.0, "us_max", 1200.0));
    sy_decode_engine(top.engine, said(&room, "/engine.health", "shshshsdsi", "worker_deaths",
                                      deaths, "memory_used", 1048576LL, "memory_size", 268435456LL,
                                      "uptime", uptime_s, "quarantined", 1));
}

static void tell_worker(int worker, const char *state, int n_modules, double load)
{
    Said room;
    sy_decode_worker(top.workers, said(&room, "/workers.reply", "iisiif", worker, 4711, state, 1,
                                       n_modules, load));
}

static const char *drawn(SySize size, bool in_place, bool colour)
{
    size_t length;
    free(drawing);
    SyScreen screen = {.out = open_memstream(&drawing, &length),
                       .size = size,
                       .in_place = in_place,
                       .colour = colour};
    assert_non_null(screen.out);
    sy_top_draw(&screen, &top);
    fclose(screen.out);
    return drawing;
}

static void tell_small_patch(void)
{
    tell_engine("clock", 12.3, 3, 2);
    tell_worker(0, "running", 2, 0.25);
    tell_worker(1, "parked", 1, 0.0);
    listed_module(&top.listing, "/vco/10", 0, 1.5);
    listed_module(&top.listing, "/vco/2", 0, 1.5);
    listed_faulty(&top.listing, "/vcf/1", 4, "SIGSEGV in block 4711 on worker 1", 2);
    listed_module(&top.listing, "/out/1", 1, 13.333);
    listed_end(&top.listing, 0);
    sy_top_take(&top, 0.0);
}

static void all_is_said_dearest_module_first(void **state)
{
    (void)state;
    tell_small_patch();
    assert_string_equal(
        drawn(UNLIMITED, false, false),
        "synthd 0.1.0 at here, up 12 s\n"
        "audio     clock, 48000 Hz, blocks of 64 (1.33 ms)\n"
        "patch     3 modules, 2 cables, 2 workers\n"
        "load      12.3% of the period; block p50 163, p99 240, max 1200 us\n"
        "blocks    5000000, 3 late\n"
        "health    2 workers died; 1 module in quarantine\n"
        "memory    1.0 of 256.0 MiB\n"
        "\n"
        "worker  state        load  modules\n"
        "     0  running     25.0%        2\n"
        "     1  parked       0.0%        1\n"
        "\n"
        "module            us/block  period  worker  voices\n"
        "out/1                13.33    1.0%       1       1\n"
        "vco/2                 1.50    0.1%       0       1\n"
        "vco/10                1.50    0.1%       0       1\n"
        "vcf/1                 0.00    0.0%       0       4  quarantined: SIGSEGV in block 4711 on "
        "worker 1  NaN or Inf muted in 2 blocks\n");
}

static void placement_is_said_if_the_engine_does(void **state)
{
    Said room;
    (void)state;
    tell_small_patch();
    assert_null(strstr(drawn(UNLIMITED, false, false), "placement"));
    sy_decode_engine(top.engine, said(&room, "/engine.reply", "ssss", "placement", "auto",
                                      "placement_why", "one worker: 34 us of work a block"));
    assert_non_null(strstr(drawn(UNLIMITED, false, false),
                           "\nplacement auto, one worker: 34 us of work a block\n"));
    sy_decode_engine(top.engine, said(&room, "/engine.reply", "ss", "placement_why", ""));
    assert_non_null(strstr(drawn(UNLIMITED, false, false), "\nplacement auto\n"));
}

static void long_reason_goes_on_in_another_line(void **state)
{
    Said room;
    (void)state;
    tell_small_patch();
    sy_decode_engine(top.engine, said(&room, "/engine.reply", "ssss", "placement", "auto",
                                      "placement_why", "2 workers: a block takes 93 us there"));
    assert_non_null(strstr(drawn((SySize){52, 0}, false, false),
                           "\nplacement auto, 2 workers: a block takes 93 us there\n"));
    assert_non_null(strstr(drawn((SySize){51, 0}, false, false),
                           "\nplacement auto, 2 workers: a block takes 93 us\n"
                           "          there\n"));
    assert_non_null(strstr(drawn((SySize){12, 0}, false, false), "\nplacement au\nload"));
}

static void empty_patch_shows_the_engine_alone(void **state)
{
    (void)state;
    tell_engine("clock", 1.0, 0, 0);
    listed_end(&top.listing, 0);
    sy_top_take(&top, 0.0);
    const char *text = drawn(UNLIMITED, false, false);
    assert_null(strstr(text, "us/block"));
    assert_non_null(strstr(text, "blocks    5000000, 0 late\n"));
}

/* What has been drawn, as a terminal counts it. */
typedef struct Extent {
    unsigned rows, columns;
    unsigned n_wipes; /* of lines */
    bool wiped_below;
} Extent;

static Extent extent_of(const char *text)
{
    Extent extent = {.rows = 1};
    unsigned column = 0;
    for (; *text != '\0'; text++) {
        if (text[0] == '\033') {
            const size_t length = 2 + strspn(text + 2, "0123456789;?");
            extent.n_wipes += text[length] == 'K';
            extent.wiped_below |= text[length] == 'J';
            assert_non_null(strchr("mKJ", text[length]));
            text += length;
        } else if (*text == '\n') {
            extent.rows++;
            column = 0;
        } else if (((unsigned char)*text & 0xC0) != 0x80) {
            column++;
        }
        extent.columns = column > extent.columns ? column : extent.columns;
    }
    return extent;
}

static void tell_large_patch(int n_modules, int n_workers)
{
    char name[32];
    tell_engine(
        "\xE2\x99\xAA of many b\xC3\xBCrs, a device whose name is longer than a line of any "
        "terminal that a person would use on a stage, or nearly so",
        12.3, 3, 2);
    for (int i = 0; i < n_workers; i++) {
        tell_worker(i, "running", 4, 0.5);
    }
    for (int i = 1; i <= n_modules; i++) {
        snprintf(name, sizeof name, "/vco/%d", i);
        listed_module(&top.listing, name, i % 7, (double)(i * 37 % 1000));
    }
    listed_end(&top.listing, 0);
    sy_top_take(&top, 0.0);
}

static void drawing_is_never_larger_than_the_terminal(void **state)
{
    static const unsigned columns[] = {1, 2, 3, 10, 33, 79, 80, 81, 200, 500};
    (void)state;
    tell_large_patch(1000, 64);
    for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++) {
        for (unsigned rows = 1; rows < 120; rows++) {
            const SySize size = {columns[c], rows};
            const Extent extent = extent_of(drawn(size, true, rows % 2));
            assert_in_range(extent.rows, 1, rows);
            assert_in_range(extent.columns, 1, columns[c]);
            assert_int_equal(extent.wiped_below, extent.n_wipes < rows);
            if (rows < 8 || rows > 9) { /* a table is not begun with less than a row */
                assert_int_equal(extent.n_wipes, rows);
            }
        }
    }
}

static void what_is_below_is_wiped_without_scrolling(void **state)
{
    (void)state;
    tell_small_patch();
    const Extent extent = extent_of(drawn((SySize){80, 50}, true, false));
    assert_int_equal(extent.rows, 18);
    assert_int_equal(extent.n_wipes, 17);
    assert_true(extent.wiped_below);
    assert_int_equal(extent_of(drawn((SySize){80, 17}, true, false)).rows, 17);
}

static void thousand_modules_show_the_dearest_and_count_the_rest(void **state)
{
    (void)state;
    tell_large_patch(1000, 2);
    const char *text = drawn((SySize){80, 24}, false, false);
    assert_int_equal(extent_of(text).rows, 25); /* the last is ended */
    const char *first = strstr(text, "voices\n") + strlen("voices\n");
    assert_memory_equal(first, "vco/27 ", 7); /* 27 * 37 = 999 */
    assert_non_null(strstr(text, "\nand 990 more\n"));
    assert_null(strstr(drawn(UNLIMITED, false, false), " more"));
}

static void many_workers_leave_half_to_the_modules(void **state)
{
    (void)state;
    tell_large_patch(1000, 64);
    const char *text = drawn((SySize){80, 27}, false, false);
    assert_non_null(strstr(text, "\n     6  running     50.0%        4\n"
                                 "   and 57 more    2850.0%      228\n\nmodule "));
    assert_non_null(strstr(text, "\nand 993 more\n"));
}

static void long_words_are_cut_between_characters(void **state)
{
    char name[100];
    (void)state;
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    tell_engine("\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC", 1.0, 0, 0);
    listed_module(&top.listing, name, 0, 1.0);
    listed_end(&top.listing, 0);
    sy_top_take(&top, 0.0);
    assert_non_null(strstr(drawn((SySize){12, 0}, false, false),
                           "\naudio     \xC3\xBC\xC3\xBC\npatch     3 \n"));
    assert_non_null(strstr(drawn((SySize){12, 0}, false, false), "\nxxxxxxxxxxxx\n"));
    assert_non_null(strstr(drawn(UNLIMITED, false, false), "xxx      1.00"));
}

static void nothing_in_a_name_steers_the_terminal(void **state)
{
    (void)state;
    tell_engine("a\033[2Jb\rc\x7F"
                "d\xC2\x9B"
                "e",
                1.0, 0, 0);
    listed_end(&top.listing, 0);
    sy_top_take(&top, 0.0);
    assert_non_null(strstr(drawn(UNLIMITED, false, false), "audio     a?[2Jb?c?d?e, 48000"));
}

static void lost_part_of_the_list_is_said(void **state)
{
    (void)state;
    tell_engine("clock", 1.0, 0, 0);
    listed_module(&top.listing, "/vco/1", 0, 1.0);
    listed_end(&top.listing, 4);
    sy_top_take(&top, 0.0);
    assert_non_null(
        strstr(drawn(UNLIMITED, false, false), "(1 of 5, the rest was lost on the way)"));
}

static void look_again(double at, double uptime_s, long long late, long long deaths)
{
    sy_top_clear(&top);
    tell_engine("clock", uptime_s, late, deaths);
    listed_end(&top.listing, 0);
    sy_top_take(&top, at);
}

static void what_came_meanwhile_is_told_from_what_was_before(void **state)
{
    (void)state;
    look_again(1000.0, 100.0, 3, 2);
    assert_null(strstr(drawn(UNLIMITED, false, false), "since top began"));
    look_again(1001.0, 101.0, 4, 2);
    const char *text = drawn(UNLIMITED, false, false);
    assert_non_null(strstr(text, "blocks    5000000, 4 late (1 since top began)\n"));
    assert_non_null(strstr(text, "health    2 workers died; "));
}

static void engine_that_was_started_again_is_said(void **state)
{
    (void)state;
    look_again(1000.0, 100.0, 3, 2);
    look_again(1001.0, 0.5, 4, 1);
    const char *text = drawn(UNLIMITED, false, false);
    assert_non_null(strstr(text, "up 0 s, started again 1 time since top began\n"));
    assert_non_null(strstr(text, "4 late (1 since top began)\n")); /* a counter that went on */
    assert_non_null(strstr(text, "1 worker died (1 since top began); ")); /* one that did not */
    look_again(1002.0, 1.7, 4, 1); /* an answer that took its time */
    assert_non_null(strstr(drawn(UNLIMITED, false, false), "started again 1 time since"));
    look_again(1030.0, 5.0, 4, 1); /* older than the last one was when it was seen */
    assert_non_null(strstr(drawn(UNLIMITED, false, false), "started again 2 times since"));
}

static void json_has_what_the_view_has(void **state)
{
    (void)state;
    tell_small_patch();
    struct json_object *all = sy_top_json(&top);
    assert_string_equal(sy_field_text(json_object_object_get(all, "engine"), "audio"), "clock");
    assert_int_equal(json_object_array_length(json_object_object_get(all, "workers")), 2);
    struct json_object *modules = json_object_object_get(all, "modules");
    assert_int_equal(json_object_array_length(modules), 4);
    assert_string_equal(sy_field_text(json_object_array_get_idx(modules, 0), "module"), "out/1");
    assert_true(json_object_get_boolean(json_object_object_get(all, "complete")));
    assert_int_equal(sy_field_number(all, "restarts"), 0);
    json_object_put(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        view_test(all_is_said_dearest_module_first),
        view_test(placement_is_said_if_the_engine_does),
        view_test(long_reason_goes_on_in_another_line),
        view_test(empty_patch_shows_the_engine_alone),
        view_test(drawing_is_never_larger_than_the_terminal),
        view_test(what_is_below_is_wiped_without_scrolling),
        view_test(thousand_modules_show_the_dearest_and_count_the_rest),
        view_test(many_workers_leave_half_to_the_modules),
        view_test(long_words_are_cut_between_characters),
        view_test(nothing_in_a_name_steers_the_terminal),
        view_test(lost_part_of_the_list_is_said),
        view_test(what_came_meanwhile_is_told_from_what_was_before),
        view_test(engine_that_was_started_again_is_said),
        view_test(json_has_what_the_view_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
