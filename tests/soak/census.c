#include "tests/soak/census.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rig/check.h"

#define GROWTH_KB 1024 /* of a process's own memory; an allocator may keep some */
#define MAPS_MORE 2    /* its arenas */

static const char *const names[] = {"keeper", "zygote", "engine"};

static int count_maps(pid_t pid)
{
    char path[64];
    int n = 0;

    snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
    FILE *file = fopen(path, "re");
    for (int c; file && (c = fgetc(file)) != EOF;) {
        n += c == '\n';
    }
    if (file) {
        fclose(file);
    }
    return n;
}

static int count_descriptors(pid_t pid)
{
    char path[64];
    int n = 0;

    snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    DIR *folder = opendir(path);
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        n += entry->d_name[0] != '.';
    }
    if (folder) {
        closedir(folder);
    }
    return n;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In the order of the alphabet: one that was started anew is no other thread. */
static void list_threads(pid_t pid, char *text, size_t size)
{
    char names_now[512], *words[64], *rest = NULL;
    size_t n = 0, used = 0;

    sy_process_threads(pid, names_now, sizeof(names_now));
    for (char *word = strtok_r(names_now, " ", &rest); word && n < 64;
         word = strtok_r(NULL, " ", &rest)) {
        words[n++] = word;
    }
    qsort(words, n, sizeof(*words), by_text);
    text[0] = '\0';
    for (size_t i = 0; i < n && used < size; i++) {
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? " " : "", words[i]);
    }
}

/* By UDP, for which the engine opens nothing. */
static double memory_used(const SySynth *synth)
{
    struct json_object *all = sy_ctl_json(synth, "--host 127.0.0.1 status");
    const double used = sy_json_number(json_object_object_get(all, "health"), "memory_used");

    json_object_put(all);
    return used;
}

SySoakCensus sy_soak_census(const SySynth *synth)
{
    static SyProcess list[SY_PROCESSES_MAX];
    const pid_t pids[] = {synth->keeper, sy_synth_zygote(synth), sy_synth_engine(synth)};
    SySoakCensus census = {.engine = pids[SY_SOAK_ENGINE], .memory_used = memory_used(synth)};

    for (int i = 0; i < SY_SOAK_PROCESSES; i++) {
        census.descriptors[i] = count_descriptors(pids[i]);
        census.maps[i] = count_maps(pids[i]);
        census.own_kb[i] = sy_process_own_kb(pids[i]);
        list_threads(pids[i], census.threads[i], sizeof(census.threads[i]));
    }
    census.n_processes = sy_process_below(synth->keeper, list);
    for (size_t i = 0; i < census.n_processes; i++) {
        census.n_zombies += list[i].state == 'Z';
    }
    return census;
}

void sy_soak_census_print(const SySoakCensus *census, const char *when)
{
    print_message("  %-7s %zu processes, %zu zombies, %.0f bytes of the arena\n", when,
                  census->n_processes, census->n_zombies, census->memory_used);
    for (int i = 0; i < SY_SOAK_PROCESSES; i++) {
        print_message("    %s: %d descriptors, %d maps, %ld kB of its own, threads: %s\n", names[i],
                      census->descriptors[i], census->maps[i], census->own_kb[i],
                      census->threads[i]);
    }
}

void sy_soak_census_compare(const SySoakCensus *before, const SySoakCensus *after)
{
    assert_int_equal(after->engine, before->engine);
    assert_int_equal(after->n_processes, before->n_processes);
    assert_int_equal(after->n_zombies, 0);
    assert_true(after->memory_used == before->memory_used);
    for (int i = 0; i < SY_SOAK_PROCESSES; i++) {
        assert_int_equal(after->descriptors[i], before->descriptors[i]);
        assert_string_equal(after->threads[i], before->threads[i]);
        assert_in_range(after->maps[i], 0, before->maps[i] + MAPS_MORE);
        assert_in_range(after->own_kb[i], 0, before->own_kb[i] + GROWTH_KB);
    }
}
