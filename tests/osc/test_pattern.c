/* OSC 1.0 address patterns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <time.h>

#include "osc/pattern.h"

typedef struct Case {
    const char *pattern, *name;
    bool matches;
} Case;

static const Case cases[] = {
    {"freq", "freq", true},
    {"freq", "fre", false},
    {"freq", "freqs", false},
    {"", "", true},
    {"", "a", false},
    {"?", "a", true},
    {"?", "", false},
    {"?", "ab", false},
    {"f??q", "freq", true},
    {"*", "", true},
    {"*", "anything", true},
    {"*q", "freq", true},
    {"f*", "freq", true},
    {"f*q", "fq", true},
    {"f*q", "freq", true},
    {"f*x", "freq", false},
    {"*e*", "freq", true},
    {"**", "freq", true},
    {"*a*b*c*", "xxaxxbxxcxx", true},
    {"*a*b*c*", "xxaxxcxxbxx", false},
    {"[1-4]", "3", true},
    {"[1-4]", "5", false},
    {"[4-1]", "3", true},
    {"[14]", "4", true},
    {"[14]", "3", false},
    {"[!1-4]", "5", true},
    {"[!1-4]", "1", false},
    {"[!x]", "x", false},
    {"[!x]", "", false},
    {"[a-cx-z]1", "y1", true},
    {"[a-]", "-", true},
    {"[-a]", "-", true},
    {"[a!]", "!", true},
    {"[]", "a", false},
    {"[!]", "a", true},
    {"{vco,lfo}", "lfo", true},
    {"{vco,lfo}", "vcf", false},
    {"{vco,lfo}", "vco,lfo", false},
    {"{a,ab}c", "abc", true},
    {"{ab,a}bc", "abc", true},
    {"{,x}y", "y", true},
    {"{}", "", true},
    {"{2,1{}0", "1{0", true}, /* braces do not nest */
    {"{a*,b}", "ab", false},  /* and what is in them is literal */
    {"{a*,b}", "a*", true},
    {"v{co,cf}*", "vcf2", true},
    {"in[1-8]", "in3", true},
    {"[1-4", "1", false},
    {"{a,b", "a", false},
    {"a]", "a", false},
    {"a}", "a}", false},
    {"F", "f", false},
};

static void names_match_as_osc_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const Case *c = &cases[i];
        if (sy_pattern_match(c->pattern, strlen(c->pattern), c->name, strlen(c->name)) !=
            c->matches) {
            fail_msg("\"%s\" and \"%s\"", c->pattern, c->name);
        }
    }
}

static void stars_do_not_cross_slashes(void **state)
{
    (void)state;
    assert_true(sy_pattern_match_address("/vco/*/freq", "/vco/12/freq"));
    assert_true(sy_pattern_match_address("vco/1", "/vco/1"));
    assert_false(sy_pattern_match_address("/vco/*", "/vco/1/freq"));
    assert_false(sy_pattern_match_address("/*", "/vco/1"));
    assert_true(sy_pattern_match_address("/*/*", "/vco/1"));
    assert_true(sy_pattern_match_address("/{vco,lfo}/[1-4]/fr?q", "/lfo/4/freq"));
    assert_false(sy_pattern_match_address("/vco/1/", "/vco/1"));
}

static void patterns_are_told_from_names(void **state)
{
    (void)state;
    assert_false(sy_pattern_is("fm_mode-1,2!", 12));
    assert_true(sy_pattern_is("a?", 2));
    assert_true(sy_pattern_is("a*", 2));
    assert_true(sy_pattern_is("[a", 2));
    assert_true(sy_pattern_is("}", 1));
    assert_true(sy_pattern_valid("a[b]{c,d}*?", 11));
    assert_false(sy_pattern_valid("a[b", 3));
    assert_false(sy_pattern_valid("{a", 2));
}

static void names_beyond_the_limit_match_nothing(void **state)
{
    char name[SY_PATTERN_NAME_MAX + 2];
    (void)state;
    memset(name, 'a', sizeof name);
    assert_true(sy_pattern_match("*a", 2, name, SY_PATTERN_NAME_MAX));
    assert_false(sy_pattern_match("*a", 2, name, SY_PATTERN_NAME_MAX + 1));
}

/* A matcher that tries every way to share the name among 30 stars would need 10^17 steps: it would
 * not come back. */
static void hostile_patterns_come_back(void **state)
{
    char pattern[61], name[SY_PATTERN_NAME_MAX];
    (void)state;
    memset(name, 'a', sizeof name);
    for (size_t i = 0; i < 30; i++) {
        pattern[2 * i] = '*';
        pattern[2 * i + 1] = 'a';
    }
    assert_true(sy_pattern_match(pattern, 60, name, sizeof name));
    pattern[60] = 'b';
    assert_false(sy_pattern_match(pattern, 61, name, sizeof name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_match_as_osc_says),
        cmocka_unit_test(stars_do_not_cross_slashes),
        cmocka_unit_test(patterns_are_told_from_names),
        cmocka_unit_test(names_beyond_the_limit_match_nothing),
        cmocka_unit_test(hostile_patterns_come_back),
    };
    return cmocka_run_group_tests_name("osc pattern", tests, NULL, NULL);
}
