#include "bench/lengths.h"

#include <string.h>

void sy_lengths_of_all(const char *bench, SyBenchOptions *options)
{
    static const struct {
        const char *bench;
        uint64_t count;
        double seconds;
    } lengths[] = {
        {"spawn", 150, 0},    {"assign", 500, 0}, {"wake", 3000, 0}, {"ring", 60, 0},
        {"failover", 250, 0}, {"voices", 11, 0},  {"graph", 3, 0},   {"idle", 1, 1.5},
        {"hostile", 0, 5},    {"doctor", 0, 5},
    };

    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        if (strcmp(bench, lengths[i].bench) != 0) {
            continue;
        }
        options->count = options->count ? options->count : lengths[i].count;
        options->seconds = options->seconds > 0 ? options->seconds : lengths[i].seconds;
    }
}
