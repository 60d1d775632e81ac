#include "bench/compare_print.h"

#include <math.h>
#include <string.h>

#include "bench/figure.h"

#define NAME_TEXT 256

void sy_change_format(char text[SY_CHANGE_TEXT], const SyChange *change, double value)
{
    char figure[SY_FIGURE_TEXT];

    if (strcmp(change->unit, "ns") == 0) {
        sy_figure_duration(text, value);
        return;
    }
    sy_figure_number(figure, value);
    snprintf(text, SY_CHANGE_TEXT, "%s%s%s", figure, change->unit[0] ? " " : "", change->unit);
}

void sy_change_format_ratio(char text[SY_CHANGE_TEXT], const SyChange *change)
{
    if (!isnan(change->ratio)) {
        snprintf(text, SY_CHANGE_TEXT, "%.3g", change->ratio);
    } else if (strcmp(change->unit, "dB") == 0 || strstr(change->figure, "dB")) {
        snprintf(text, SY_CHANGE_TEXT, "%+.2g dB", change->is - change->was);
    } else {
        snprintf(text, SY_CHANGE_TEXT, "-");
    }
}

static void format_name(char text[NAME_TEXT], const SyChange *change)
{
    snprintf(text, NAME_TEXT, "%s%s%s", change->name, change->figure[0] ? ", " : "",
             change->figure);
}

static int widest_name(const SyComparison *comparison, const char *bench)
{
    int width = 24;

    for (size_t i = 0; i < comparison->n; i++) {
        char name[NAME_TEXT];
        format_name(name, &comparison->changes[i]);
        if (strcmp(comparison->changes[i].bench, bench) == 0 && (int)strlen(name) > width) {
            width = (int)strlen(name);
        }
    }
    return width;
}

static void print_change(const SyChange *change, FILE *file, int width)
{
    char name[NAME_TEXT], was[SY_CHANGE_TEXT], is[SY_CHANGE_TEXT], ratio[SY_CHANGE_TEXT];

    format_name(name, change);
    sy_change_format(was, change, change->was);
    sy_change_format(is, change, change->is);
    sy_change_format_ratio(ratio, change);
    fprintf(file, "  %-*s %14s %14s %9s  %s\n", width, name, was, is, ratio,
            change->move == SY_MOVE_NONE ? "" : sy_compare_word(change->move));
}

void sy_compare_print(const SyComparison *comparison, const char *bench, const char *date,
                      FILE *file)
{
    const int width = widest_name(comparison, bench);
    const char *table = NULL;

    for (size_t i = 0; i < comparison->n; i++) {
        const SyChange *change = &comparison->changes[i];
        if (strcmp(change->bench, bench) != 0) {
            continue;
        }
        if (!table) {
            fprintf(file, "\n  beside the run of %s\n  %-*s %14s %14s %9s\n", date, width, "",
                    "it was", "it is", "ratio");
        } else if (strcmp(table, change->table) != 0) {
            fprintf(file, "\n  %s\n", change->table);
        }
        table = change->table;
        print_change(change, file, width);
    }
}
