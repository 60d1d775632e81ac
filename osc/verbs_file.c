/* Verbs about files: save, load, run, render. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "osc/ctl.h"
#include "osc/line.h"
#include "osc/patch.h"

SyStatus sy_ctl_absolute(SyCtl *ctl, const char *path, char *whole)
{
    char here[PATH_MAX];
    int n = -1;
    if (path[0] == '/') {
        n = snprintf(whole, PATH_MAX, "%s", path);
    } else if (getcwd(here, sizeof here)) {
        n = snprintf(whole, PATH_MAX, "%s/%s", here, path);
    }
    if (n < 0 || n >= PATH_MAX) {
        return sy_problem(&ctl->error, SY_ERR_FILE, "%.200s: %s", path,
                          n < 0 ? strerror(errno) : "the name is too long");
    }
    return SY_OK;
}

static SyStatus ask_with_path(SyCtl *ctl, const char *address, char **words, int n,
                              const char *count_name)
{
    char path[PATH_MAX];
    SyStatus status = sy_ctl_count(ctl, words, n, 1, 1);
    if (status == SY_OK) {
        status = sy_ctl_absolute(ctl, words[1], path);
    }
    if (status == SY_OK) {
        sy_ctl_be_patient(ctl);
        const SyArg arg = {.type = 's', .s = path};
        const SyMessage message = {address, &arg, 1};
        status = sy_ctl_ask(ctl, &message, NULL, NULL);
    }
    if (status == SY_OK && ctl->json) {
        struct json_object *done = json_object_new_object();
        json_object_object_add(done, count_name, json_object_new_string(path));
        sy_print_json(done);
    }
    return status;
}

SyStatus sy_verb_save(SyCtl *ctl, char **words, int n)
{
    return ask_with_path(ctl, "/save", words, n, "saved");
}

SyStatus sy_verb_load(SyCtl *ctl, char **words, int n)
{
    return ask_with_path(ctl, "/load", words, n, "loaded");
}

static SyStatus run_line(SyCtl *ctl, char *line)
{
    char *words[SY_WORDS_MAX + 1];
    size_t n = 0;
    const SyStatus status = sy_line_split(line, words, &n, &ctl->error);
    if (status != SY_OK || n == 0) {
        return status;
    }
    words[n < SY_WORDS_MAX ? n : SY_WORDS_MAX] = NULL;
    if (strcmp(words[0], "run") == 0 || strcmp(words[0], "render") == 0) {
        return sy_problem(&ctl->error, SY_ERR_USAGE, "%s cannot be in a file that is run",
                          words[0]);
    }
    return sy_verb_run(ctl, words, (int)n);
}

static SyStatus run_lines(SyCtl *ctl, FILE *file, const char *name)
{
    SyStatus status = SY_OK;
    char *line = NULL;
    size_t size = 0;
    unsigned number = 0;
    while (status == SY_OK && getline(&line, &size, file) >= 0) {
        number++;
        status = run_line(ctl, line);
    }
    if (status != SY_OK) {
        sy_problem_prefix(&ctl->error, "%.200s, line %u: ", name, number);
    } else if (ferror(file)) {
        status = sy_problem(&ctl->error, SY_ERR_FILE, "%.200s: %s", name, strerror(errno));
    }
    free(line);
    return status;
}

SyStatus sy_verb_run_file(SyCtl *ctl, char **words, int n)
{
    SyStatus status = sy_ctl_count(ctl, words, n, 1, 1);
    if (status != SY_OK) {
        return status;
    }
    const bool standard = strcmp(words[1], "-") == 0;
    FILE *file = standard ? stdin : fopen(words[1], "re");
    if (!file) {
        return sy_problem(&ctl->error, SY_ERR_FILE, "%.200s: %s", words[1], strerror(errno));
    }
    ctl->quiet = true;
    status = run_lines(ctl, file, standard ? "standard input" : words[1]);
    if (!standard) {
        fclose(file);
    }
    return status;
}

/* What `render` was asked for; the strings go to synthd as they are. */
typedef struct Render {
    const char *patch, *out, *seconds, *workers, *block, *rate, *placement;
} Render;

static const char **option_of(Render *render, const char *name)
{
    const struct {
        const char *name;
        const char **value;
    } options[] = {
        {"-o", &render->out},
        {"--output", &render->out},
        {"--seconds", &render->seconds},
        {"--workers", &render->workers},
        {"--block", &render->block},
        {"--rate", &render->rate},
        {"--placement", &render->placement},
    };
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (strcmp(options[i].name, name) == 0) {
            return options[i].value;
        }
    }
    return NULL;
}

static SyStatus read_render(SyCtl *ctl, char **words, int n, Render *render)
{
    for (int i = 1; i < n; i++) {
        const char **value = option_of(render, words[i]);
        if (value && i + 1 < n) {
            *value = words[++i];
        } else if (value) {
            return sy_problem(&ctl->error, SY_ERR_USAGE, "%s needs a value", words[i]);
        } else if (words[i][0] == '-') {
            return sy_problem(&ctl->error, SY_ERR_USAGE,
                              "render has no option %.40s; `synthctl render --help` lists them",
                              words[i]);
        } else if (!render->patch) {
            render->patch = words[i];
        } else {
            return sy_problem(&ctl->error, SY_ERR_USAGE, "'%.40s' is one patch too many", words[i]);
        }
    }
    if (!render->patch || !render->out || !render->seconds) {
        return sy_problem(&ctl->error, SY_ERR_USAGE,
                          "%s; synthctl render PATCH -o OUT.wav "
                          "--seconds S",
                          !render->patch ? "which patch?"
                          : !render->out ? "-o OUT.wav is missing"
                                         : "--seconds is missing");
    }
    return SY_OK;
}

/* Finds mistakes in the patch before an engine is started for it. */
static SyStatus check_patch(SyCtl *ctl, const char *path)
{
    SyCommandList list;
    const SyStatus status = sy_patch_read_commands(path, &list, &ctl->error);
    sy_commands_clear(&list);
    return status;
}

/* Becomes synthd: the one beside synthctl, the one above it (a build folder), the one in PATH. */
static void become_synthd(char **arguments)
{
    static const char *const places[] = {"synthd", "../synthd"};
    char self[PATH_MAX];
    char path[PATH_MAX + 16];
    const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n > 0) {
        self[n] = '\0';
        const char *folder = dirname(self);
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
            snprintf(path, sizeof path, "%s/%s", folder, places[i]);
            execv(path, arguments);
        }
    }
    execvp("synthd", arguments);
}

SyStatus sy_verb_render(SyCtl *ctl, char **words, int n)
{
    Render render = {0};
    const char *arguments[24] = {"synthd", "--audio", "offline"};
    size_t used = 3;
    SyStatus status = read_render(ctl, words, n, &render);
    if (status == SY_OK) {
        status = check_patch(ctl, render.patch);
    }
    if (status != SY_OK) {
        return status;
    }
    const char *const pairs[][2] = {
        {"--load", render.patch},          {"--record", render.out},  {"--seconds", render.seconds},
        {"--workers", render.workers},     {"--block", render.block}, {"--rate", render.rate},
        {"--placement", render.placement},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (pairs[i][1]) {
            arguments[used++] = pairs[i][0];
            arguments[used++] = pairs[i][1];
        }
    }
    become_synthd((char **)(uintptr_t)arguments); /* exec does not write to them */
    return sy_problem(&ctl->error, SY_ERR_FAILED,
                      "cannot start synthd: %s; it is expected beside synthctl or in PATH",
                      strerror(errno));
}
