/* The points lie evenly on an axis of 1 / (1 - percentile), as HdrHistogram draws it: there the
 * rare and late have as much room as the usual. */
#include "bench/curve.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>

#define POINTS_A_NINE 10

static void add_point(struct json_object *curve, double percentile, double ns)
{
    struct json_object *point = json_object_new_array();
    json_object_array_add(point, json_object_new_double(percentile));
    json_object_array_add(point, json_object_new_double(ns));
    json_object_array_add(curve, point);
}

/* Three digits of a time, and as many nines as a percentile has. */
static int print_line(struct json_object *curve, struct printbuf *out, int level, int flags)
{
    (void)level;
    (void)flags;
    printbuf_strappend(out, "[");
    for (size_t i = 0; i < json_object_array_length(curve); i++) {
        struct json_object *point = json_object_array_get_idx(curve, i);
        char text[64];
        const int length = snprintf(text, sizeof(text), "%s[%.8g, %.6g]", i == 0 ? "" : ", ",
                                    json_object_get_double(json_object_array_get_idx(point, 0)),
                                    json_object_get_double(json_object_array_get_idx(point, 1)));
        printbuf_memappend(out, text, length);
    }
    return printbuf_strappend(out, "]");
}

struct json_object *sy_curve_json(const SyHistogram *histogram, uint64_t per)
{
    const double n = (double)sy_histogram_count(histogram);

    if (n < 1) {
        return NULL;
    }
    struct json_object *curve = json_object_new_array();
    add_point(curve, 0, (double)sy_histogram_min(histogram) / (double)per);
    for (int i = 1;; i++) {
        const double one_in = pow(10, (double)i / POINTS_A_NINE);
        if (one_in >= n) {
            break;
        }
        const double percentile = 100 - 100 / one_in;
        add_point(curve, percentile,
                  (double)sy_histogram_percentile(histogram, percentile) / (double)per);
    }
    add_point(curve, 100, (double)sy_histogram_max(histogram) / (double)per);
    json_object_set_serializer(curve, print_line, NULL, NULL);
    return curve;
}
