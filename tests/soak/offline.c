/* Offline renders under fire. Their time is virtual: what is late is waited for, so whatever the
 * machine does besides, every sample must be there, and the right one. */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "modules/registry.h"
#include "tests/rig/check.h"
#include "tests/soak/soak.h"

#define SECONDS     "8" /* of sound in a render */
#define PROGRESS_NS 30000000000
#define HANG_NS     100000000000 /* no render takes as long as this */

/* The patch. */

static bool has_type(const char *patch, const char *type)
{
    char line[64];
    snprintf(line, sizeof(line), "\ncreate %s ", type);
    return strstr(patch, line) != NULL;
}

static const char *add_type(SyStage *stage, const char *patch, const SyModule *type)
{
    patch = sy_stage_text(stage, "%screate %s --id 99\n", patch, type->name);
    if (type->n_inputs > 0) {
        patch = sy_stage_text(stage, "%sconnect vco/6/saw %s/99/%s\n", patch, type->name,
                              type->inputs[0].name);
    }
    return sy_stage_text(stage, "%sconnect %s/99/%s out/1/left --gain 0.05\n", patch, type->name,
                         type->outputs[0].name);
}

void sy_soak_write_patch(SyStage *stage)
{
    const char *patch = sy_stage_read(stage, "test/" SY_SOAK_PATCH, NULL);

    for (uint32_t i = 0; i < sy_registry_count(); i++) {
        const SyModule *type = sy_registry_at(i);
        if (!has_type(patch, type->name)) {
            print_message("%s has no %s: added\n", SY_SOAK_PATCH, type->name);
            patch = add_type(stage, patch, type);
        }
    }
    sy_stage_write(stage, SY_SOAK_PATCH, patch);
}

/* Comparing. */

typedef struct File {
    const uint32_t *words; /* header and samples */
    size_t n;
} File;

static File map_file(SyStage *stage, const char *name)
{
    const char *path = sy_stage_path(stage, name);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info = {0};

    assert_true(fd >= 0 && fstat(fd, &info) == 0 && info.st_size > 0);
    void *bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    assert_true(bytes != MAP_FAILED);
    close(fd);
    return (File){bytes, (size_t)info.st_size / sizeof(uint32_t)};
}

static void unmap_file(File file)
{
    munmap((void *)(uintptr_t)file.words, file.n * sizeof(uint32_t));
}

/* Samples that differ or are missing; `first` is where the first of them is. */
static size_t count_differing(SyStage *stage, const char *a, const char *b, size_t *first)
{
    const File x = map_file(stage, a), y = map_file(stage, b);
    const size_t n = x.n < y.n ? x.n : y.n;
    size_t differing = (x.n > y.n ? x.n : y.n) - n;

    *first = n;
    for (size_t i = n; i-- > 0;) {
        if (x.words[i] != y.words[i]) {
            differing++;
            *first = i;
        }
    }
    unmap_file(x);
    unmap_file(y);
    return differing;
}

/* Under fire. */

typedef struct Soak {
    SyStage *stage;
    const char *what;
    int n_workers, n_renders;
    const SySoakFire *fire;
    const SySoakEnd *end;
    SySoakToll toll;
} Soak;

/* An engine whose workers are killed over and over before it has ever played gives up, and says so:
 * fire is held until something has been recorded. */
static void await_sound(SyStage *stage, const SySynth *synth)
{
    struct stat info = {0};
    const char *path = sy_stage_path(stage, "shot.wav");

    while (sy_process_lives(synth->keeper) && (stat(path, &info) < 0 || info.st_size < 4096)) {
        usleep(1000);
    }
}

/* The engine learns of births and deaths by its control thread. With next to no CPU for that, as on
 * a machine that is full of real-time work, there is time for much between a birth and its notice.
 */
static void starve_control(const SySynth *synth)
{
    const pid_t engine = sy_synth_engine(synth);
    const struct sched_param none = {0};
    char path[64], name[32];

    snprintf(path, sizeof(path), "/proc/%d/task", (int)engine);
    DIR *folder = opendir(path);
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        snprintf(path, sizeof(path), "/proc/%d/task/%.16s/comm", (int)engine, entry->d_name);
        FILE *file = fopen(path, "re");
        if (file && fgets(name, sizeof(name), file) && strcmp(name, "sy-control\n") == 0) {
            sched_setscheduler(atoi(entry->d_name), SCHED_IDLE, &none);
        }
        if (file) {
            fclose(file);
        }
    }
    if (folder) {
        closedir(folder);
    }
}

static void shoot(Soak *soak, const SySynth *synth, uint64_t *seed)
{
    const uint64_t seed_then = *seed;
    const int64_t hung_at = soak->toll.ns + HANG_NS;
    SySoakTargets targets = {.keeper = synth->keeper};
    SySoakEnd end = *soak->end;

    end.ns = end.ns && end.ns < hung_at ? end.ns : hung_at;
    sy_soak_shoot(&targets, soak->fire, &end, seed, &soak->toll);
    if (soak->toll.ns >= hung_at) {
        fail_msg("%s: seed %" PRIu64 ": the render hangs", soak->what, seed_then);
    }
}

static void render_shot_at(Soak *soak, uint64_t seed)
{
    SyStage *stage = soak->stage;
    const uint64_t kills = sy_soak_kills_of(&soak->toll), seed_then = seed;
    size_t first;

    remove(sy_stage_path(stage, "shot.wav"));
    SySynth *synth =
        sy_synth_launch(stage,
                        "--audio offline --block 64 --load " SY_SOAK_PATCH " --seconds " SECONDS
                        " --workers %d --placement spread --record shot.wav",
                        soak->n_workers);
    await_sound(stage, synth);
    if (soak->fire->young) {
        starve_control(synth);
    }
    shoot(soak, synth, &seed);
    if (!sy_process_await_end(synth->keeper, SY_PATIENCE_NS)) {
        fail_msg("%s: seed %" PRIu64 ": the render hangs", soak->what, seed_then);
    }
    const int code = sy_stage_wait(synth->keeper);
    if (code != 0) {
        fail_msg("%s: seed %" PRIu64 ": the render ended with %d", soak->what, seed_then, code);
    }
    const size_t differing = count_differing(stage, "whole.wav", "shot.wav", &first);
    if (differing > 0) {
        fail_msg("%s: seed %" PRIu64 ", %d workers, %" PRIu64 " kills in this render: %zu samples "
                 "differ, the first is word %zu of the file (frame %zu or so)",
                 soak->what, seed_then, soak->n_workers, sy_soak_kills_of(&soak->toll) - kills,
                 differing, first, first / 2);
    }
    stage->n_logs--; /* nobody needs to see it */
    soak->n_renders++;
}

static bool is_over(const Soak *soak)
{
    return (soak->end->kills && sy_soak_kills_of(&soak->toll) >= soak->end->kills) ||
           (soak->end->ns && soak->toll.ns >= soak->end->ns);
}

static void report(const Soak *soak)
{
    const SySoakToll *toll = &soak->toll;
    print_message("%s, offline: %" PRIu64 " workers and %" PRIu64 " zygotes killed, %" PRIu64
                  " lives, %d renders of " SECONDS
                  " s, %.0f s under fire, %.0f kills a second, 0 samples differ\n",
                  soak->what, toll->workers, toll->zygotes, toll->lives, soak->n_renders,
                  (double)toll->ns * 1e-9,
                  (double)sy_soak_kills_of(toll) * 1e9 / (double)(toll->ns ? toll->ns : 1));
    fflush(NULL);
}

void sy_soak_offline(SyStage *stage, const char *what, int n_workers, const SySoakFire *fire,
                     const SySoakEnd *end, uint64_t seed)
{
    Soak soak = {.stage = stage, .what = what, .n_workers = n_workers, .fire = fire, .end = end};
    int64_t reported = sy_stage_now_ns();

    sy_soak_write_patch(stage);
    sy_synth_render(stage, SY_SOAK_PATCH, SECONDS, "whole.wav", "--workers %d", n_workers);
    while (!is_over(&soak)) {
        render_shot_at(&soak, seed + (uint64_t)soak.n_renders);
        if (sy_stage_now_ns() - reported > PROGRESS_NS) {
            reported = sy_stage_now_ns();
            report(&soak);
        }
    }
    report(&soak);
    assert_true(sy_soak_kills_of(&soak.toll) > 0);
}
