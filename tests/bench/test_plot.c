/* What a plot is made of: curves, axes, gnuplot's script, and its drawing as part of a page. */
#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/curve.h"
#include "bench/page_html.h"
#include "bench/plot.h"
#include "bench/plot_axis.h"
#include "bench/plot_svg.h"
#include "tests/rig/check.h"

static double part(struct json_object *curve, size_t point, size_t which)
{
    return json_object_get_double(
        json_object_array_get_idx(json_object_array_get_idx(curve, point), which));
}

static void curve_goes_from_the_smallest_to_the_largest_and_never_falls(void **state)
{
    (void)state;
    SyHistogram *histogram = sy_histogram_new();
    for (uint64_t ns = 10; ns <= 10000; ns += 10) {
        sy_histogram_record(histogram, ns);
    }
    struct json_object *curve = sy_curve_json(histogram, 10);
    const size_t n = json_object_array_length(curve);
    assert_int_equal(n, 31); /* three nines of ten points, and both ends */
    assert_true(part(curve, 0, 0) == 0 && part(curve, 0, 1) == 1);
    assert_true(part(curve, n - 1, 0) == 100 && part(curve, n - 1, 1) == 1000);
    assert_true(fabs(part(curve, 10, 0) - 90) < 1e-9 && fabs(part(curve, 10, 1) - 900) < 2);
    for (size_t i = 1; i < n; i++) {
        assert_true(part(curve, i, 0) > part(curve, i - 1, 0));
        assert_true(part(curve, i, 1) >= part(curve, i - 1, 1));
    }
    const char *text = json_object_to_json_string_ext(curve, JSON_C_TO_STRING_PRETTY);
    assert_null(strchr(text, '\n'));
    struct json_object *again = json_tokener_parse(text);
    assert_int_equal(json_object_array_length(again), n);
    assert_true(fabs(part(again, 10, 0) - 90) < 1e-4);
    json_object_put(again);
    json_object_put(curve);
    sy_histogram_reset(histogram);
    assert_null(sy_curve_json(histogram, 1));
    sy_histogram_free(histogram);
}

static void axes_begin_and_end_at_round_numbers(void **state)
{
    (void)state;
    static const struct {
        double least, most;
        bool is_log;
        double low, high;
        size_t n_ticks;
    } cases[] = {
        {3, 48, false, 0, 50, 6},        {0.4, 1.9, false, 0, 2, 5},  {0, 0, false, 0, 1, 2},
        {-3, 12, false, -5, 15, 5},      {2, 45, true, 2, 50, 5},     {11, 990, true, 10, 1000, 7},
        {1, 100000, true, 1, 100000, 6}, {0.2, 20, true, 0.2, 20, 7}, {-1, 100, false, -50, 100, 4},
        {1500, 2e8, true, 1000, 1e9, 7},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const SyAxis axis = sy_axis_of(cases[i].least, cases[i].most);
        if (axis.is_log != cases[i].is_log || fabs(axis.low - cases[i].low) > 1e-9 ||
            fabs(axis.high - cases[i].high) > 1e-6 * cases[i].high ||
            axis.n_ticks != cases[i].n_ticks) {
            fail_msg("%g to %g: %g to %g with %d ticks", cases[i].least, cases[i].most, axis.low,
                     axis.high, (int)axis.n_ticks);
        }
        assert_true(axis.ticks[0] == axis.low && axis.ticks[axis.n_ticks - 1] == axis.high);
    }
}

static void times_on_an_axis_have_the_unit_that_suits(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *unit, *label;
    } cases[] = {{5, "ns", "5 ns"},         {1000, "ns", "1 us"}, {20000, "ns", "20 us"},
                 {500000, "ns", "500 us"},  {1e9, "ns", "1 s"},   {0, "ns", "0"},
                 {20000, "voices", "20000"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char text[SY_AXIS_TEXT];
        sy_axis_label(text, cases[i].value, cases[i].unit);
        assert_string_equal(text, cases[i].label);
    }
}

static char *script_of(const SyPlot *plot)
{
    char *text;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    sy_plot_script(plot, "plot7", file);
    fclose(file);
    return text;
}

static void assert_in(const char *text, const char *part_of_it)
{
    if (!strstr(text, part_of_it)) {
        fail_msg("%s is not in\n%s", part_of_it, text);
    }
}

static void curves_end_a_step_behind_their_last_percentile(void **state)
{
    (void)state;
    SyPlot *plot = sy_plot_new(SY_PLOT_CURVES);
    SySeries *noise = sy_plot_series(plot, "noise");
    SySeries *series = sy_plot_series(plot, "it's");
    noise->is_noise = true;
    sy_plot_point(noise, 0, 1000);
    sy_plot_point(noise, 100, 2000);
    sy_plot_point(series, 0, 1000);
    sy_plot_point(series, 90, 5000);
    sy_plot_point(series, 100, 9000);
    sy_plot_point(series, NAN, 7);
    assert_int_equal(series->n, 3);
    assert_int_equal(sy_plot_look(plot, 1), 0); /* noise has a look of its own */
    snprintf(plot->unit, sizeof(plot->unit), "ns");
    snprintf(plot->y, sizeof(plot->y), "what's it");
    char *script = script_of(plot);
    assert_in(script, "12.589254 9000\n");
    assert_in(script, "'what''s it'");
    assert_in(script, "'10 us' 10000");
    assert_in(script, "'90 %%' 10");
    assert_in(script, "rgb '#030303'");
    assert_in(script, "rgb '#100000'");
    free(script);
    free(plot);
}

static void sizes_too_close_for_two_numbers_have_one(void **state)
{
    (void)state;
    SyPlot *plot = sy_plot_new(SY_PLOT_LINES);
    SySeries *series = sy_plot_series(plot, "a line");
    static const double sizes[] = {64, 256, 1020, 1024, 4096};
    for (size_t i = 0; i < 5; i++) {
        sy_plot_point(series, sizes[i], 1);
    }
    char *script = script_of(plot);
    assert_in(script, "set xtics ('64' 64, '256' 256, '1020' 1020, '4096' 4096)");
    free(script);
    free(plot);
}

static void drawing_becomes_part_of_a_page(void **state)
{
    (void)state;
    SyPlot *plot = sy_plot_new(SY_PLOT_LINES);
    sy_plot_series(plot, "a < b");
    snprintf(plot->title, sizeof(plot->title), "a \"title\"");
    char *text;
    size_t size;
    FILE *page = open_memstream(&text, &size);
    sy_plot_embed(plot, "plot3",
                  "<?xml version=\"1.0\"?>\n<svg a=\"b\"><title>x</title><desc>y</desc>"
                  "<g id=\"gnuplot_canvas\"><circle id='gpPt1'/><use href='#gpPt1'/>"
                  "<filter>z</filter><title>series</title>"
                  "<path stroke='rgb( 16,   0,   2)'/><g fill=\"rgb(1,1,1)\" color=\"black\"/>"
                  "<path stroke='rgb(  2,   2,   2)'/><path stroke='rgb(3,3,3)'/></g></svg>",
                  page);
    fclose(page);
    assert_string_equal(text,
                        "<svg role=\"img\" aria-label=\"a &quot;title&quot;\" a=\"b\">"
                        "<g><circle id='plot3-gpPt1'/><use href='#plot3-gpPt1'/>"
                        "<title>a &lt; b</title><path stroke='var(--s2)'/>"
                        "<g fill=\"var(--axis)\" color=\"var(--axis)\"/>"
                        "<path stroke='var(--grid)'/><path stroke='var(--noise)'/></g></svg>");
    free(text);
    free(plot);
}

static void text_is_escaped_and_what_xml_does_not_know_is_replaced(void **state)
{
    (void)state;
    static const struct {
        const char *text, *html;
    } cases[] = {
        {"a<b>&\"c'", "a&lt;b&gt;&amp;&quot;c&#39;"},
        {"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xb9", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xb9"},
        {"\x01\x1b[1m\x7f", "??[1m?"},
        {"cut \xc3", "cut ?"},
        {"\xff\xc3)", "?"
                      "?)"},
        {"two\nlines", "two\nlines"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char *text;
        size_t size;
        FILE *page = open_memstream(&text, &size);
        sy_html_text(page, cases[i].text);
        fclose(page);
        assert_string_equal(text, cases[i].html);
        free(text);
    }
}

static void base64_is_what_others_read(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob\xff", "Zm9vYv8="}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char *text;
        size_t size;
        FILE *page = open_memstream(&text, &size);
        sy_html_base64(page, (const unsigned char *)cases[i][0], strlen(cases[i][0]));
        fclose(page);
        assert_string_equal(text, cases[i][1]);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curve_goes_from_the_smallest_to_the_largest_and_never_falls),
        cmocka_unit_test(axes_begin_and_end_at_round_numbers),
        cmocka_unit_test(times_on_an_axis_have_the_unit_that_suits),
        cmocka_unit_test(curves_end_a_step_behind_their_last_percentile),
        cmocka_unit_test(sizes_too_close_for_two_numbers_have_one),
        cmocka_unit_test(drawing_becomes_part_of_a_page),
        cmocka_unit_test(text_is_escaped_and_what_xml_does_not_know_is_replaced),
        cmocka_unit_test(base64_is_what_others_read),
    };
    return cmocka_run_group_tests_name("plot", tests, NULL, NULL);
}
