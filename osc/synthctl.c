/* synthctl: a modular synth from the command line. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "osc/ctl.h"
#include "osc/place.h"

#define PATIENCE_S 120.0 /* for files */

static const char intro[] =
    "synthctl plays a running synthd: it makes modules, patches them and turns their knobs.\n"
    "\n"
    "usage: synthctl [OPTIONS] VERB ...\n"
    "\n";

static const char outro[] =
    "\n"
    "options\n"
    "  --json          print JSON\n"
    "  --host HOST     ask an engine by UDP; without it this user's unix socket, then 127.0.0.1\n"
    "  --port PORT     the engine's port (57140)\n"
    "  --socket PATH   the engine's unix socket\n"
    "  --timeout S     seconds to wait for an answer (5)\n"
    "  --help          this, or what a verb does: synthctl create --help\n"
    "\n"
    "A thing's name is its OSC address: vco/1 a module, vco/1/freq its parameter, vco/1/saw its\n"
    "output. Patterns name many: get 'vco/*/freq', set '{vco,lfo}/[1-4]/freq' 3.\n"
    "\n"
    "first steps\n"
    "  synthctl create vco --freq 110\n"
    "  synthctl create out\n"
    "  synthctl connect vco/1/saw out/1/left --gain 0.2\n"
    "  synthctl set vco/1/freq 220\n"
    "\n"
    "exit codes\n"
    "  0 done, and otherwise the number of the error, the same as in an OSC /fail:\n";

const SyVerbInfo *sy_verb_find(const char *name)
{
    for (const SyVerbInfo *verb = sy_verbs; verb->name; verb++) {
        if (strcmp(verb->name, name) == 0) {
            return verb;
        }
    }
    return NULL;
}

SyStatus sy_verb_run(SyCtl *ctl, char **words, int n)
{
    const SyVerbInfo *verb = sy_verb_find(words[0]);
    if (verb) {
        return verb->run(ctl, words, n);
    }
    SyNames names = {.n = 0};
    char hint[360];
    for (const SyVerbInfo *known = sy_verbs; known->name; known++) {
        sy_names_add(&names, known->name);
    }
    sy_names_hint(&names, words[0], strlen(words[0]), hint, sizeof hint);
    return sy_problem(&ctl->error, SY_ERR_USAGE, "no verb '%.40s'; %s", words[0], hint);
}

SyStatus sy_ctl_ask(SyCtl *ctl, const SyMessage *message, SyItemFunc *item, void *user)
{
    if (ctl->client.fd < 0) {
        const SyStatus status = sy_client_open(&ctl->client, &ctl->options, &ctl->error);
        if (status != SY_OK) {
            return status;
        }
    }
    return sy_client_ask(&ctl->client, message, item, user, &ctl->error);
}

void sy_ctl_be_patient(SyCtl *ctl)
{
    if (!ctl->timeout_set) {
        ctl->options.timeout_s = ctl->client.timeout_s = PATIENCE_S;
    }
}

SyStatus sy_ctl_count(SyCtl *ctl, char **words, int n, int min, int max)
{
    if (n - 1 < min) {
        return sy_problem(&ctl->error, SY_ERR_USAGE,
                          "a word is missing; `synthctl %s --help` says what goes where", words[0]);
    }
    if (n - 1 > max) {
        return sy_problem(&ctl->error, SY_ERR_USAGE,
                          "'%.40s' is too much; `synthctl %s --help` says what goes where",
                          words[max + 1], words[0]);
    }
    return SY_OK;
}

static void print_help(void)
{
    fputs(intro, stdout);
    for (const SyVerbInfo *verb = sy_verbs; verb->name; verb++) {
        printf("  %-11s %s\n", verb->name, verb->summary);
    }
    fputs(outro, stdout);
    for (int i = 1; i < SY_STATUS_COUNT; i++) {
        printf("  %2d  %s\n", i, sy_status_text((SyStatus)i));
    }
}

static void print_verb_help(const SyVerbInfo *verb)
{
    printf("synthctl %s: %s\n\n%s", verb->name, verb->summary, verb->help);
}

/* What a word of the command line is to the program as a whole. */
typedef enum Option {
    OPTION_NONE,
    OPTION_JSON,
    OPTION_WAIT,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_HOST, /* this and what follows: with a value */
    OPTION_PORT,
    OPTION_SOCKET,
    OPTION_TIMEOUT,
} Option;

static Option option_named(const char *name, size_t length)
{
    static const struct {
        const char *name;
        Option option;
    } options[] = {
        {"--json", OPTION_JSON}, {"--wait", OPTION_WAIT},       {"--help", OPTION_HELP},
        {"-h", OPTION_HELP},     {"--version", OPTION_VERSION}, {"--host", OPTION_HOST},
        {"--port", OPTION_PORT}, {"--socket", OPTION_SOCKET},   {"--timeout", OPTION_TIMEOUT},
    };
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (strlen(options[i].name) == length && memcmp(options[i].name, name, length) == 0) {
            return options[i].option;
        }
    }
    return OPTION_NONE;
}

static SyStatus set_number(SyCtl *ctl, const char *name, const char *text, double min, double max,
                           double *value)
{
    char *end;
    *value = strtod(text, &end);
    if (end == text || *end != '\0' || !(*value >= min && *value <= max)) {
        return sy_problem(&ctl->error, SY_ERR_USAGE, "%s wants a number from %g to %g, not '%.40s'",
                          name, min, max, text);
    }
    return SY_OK;
}

static SyStatus set_option(SyCtl *ctl, Option option, const char *value)
{
    double number = 0.0;
    SyStatus status = SY_OK;
    switch (option) {
    case OPTION_HOST:
        ctl->options.host = value;
        return SY_OK;
    case OPTION_SOCKET:
        ctl->options.socket = value;
        return SY_OK;
    case OPTION_PORT:
        status = set_number(ctl, "--port", value, 1.0, 65535.0, &number);
        ctl->options.port = (int)number;
        return status;
    case OPTION_TIMEOUT:
        status = set_number(ctl, "--timeout", value, 0.0, 86400.0, &number);
        ctl->options.timeout_s = number;
        return status;
    default:
        return SY_OK;
    }
}

/* The command line without the options that are for all verbs. */
typedef struct Line {
    char **words;
    int n;
    bool help, version;
} Line;

/* Takes one option, maybe with the word behind it. */
static SyStatus take_option(SyCtl *ctl, Line *line, Option option, char **argv, int argc, int *i)
{
    const char *equals = strchr(argv[*i], '=');
    switch (option) {
    case OPTION_JSON:
        ctl->json = true;
        return SY_OK;
    case OPTION_WAIT:
        ctl->wait = true;
        return SY_OK;
    case OPTION_HELP:
        line->help = true;
        return SY_OK;
    case OPTION_VERSION:
        line->version = true;
        return SY_OK;
    default:
        if (!equals && *i + 1 >= argc) {
            return sy_problem(&ctl->error, SY_ERR_USAGE, "%s needs a value", argv[*i]);
        }
        return set_option(ctl, option, equals ? equals + 1 : argv[++*i]);
    }
}

static SyStatus read_line(SyCtl *ctl, int argc, char **argv, Line *line)
{
    SyStatus status = SY_OK;
    for (int i = 1; status == SY_OK && i < argc; i++) {
        const Option option = option_named(argv[i], strcspn(argv[i], "="));
        if (option == OPTION_NONE) {
            line->words[line->n++] = argv[i];
        } else {
            status = take_option(ctl, line, option, argv, argc, &i);
        }
    }
    line->words[line->n] = NULL;
    return status;
}

static void print_error(const SyCtl *ctl, SyStatus status)
{
    if (!ctl->json) {
        const bool colour = isatty(STDERR_FILENO) && !getenv("NO_COLOR");
        fprintf(stderr, "%ssynthctl:%s %s\n", colour ? "\033[31m" : "", colour ? "\033[0m" : "",
                ctl->error.text);
        return;
    }
    struct json_object *error = json_object_new_object();
    json_object_object_add(error, "error", json_object_new_string(ctl->error.text));
    json_object_object_add(error, "code", json_object_new_int((int)status));
    json_object_object_add(error, "status", json_object_new_string(sy_status_text(status)));
    fprintf(stderr, "%s\n",
            json_object_to_json_string_ext(error, JSON_C_TO_STRING_SPACED |
                                                      JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(error);
}

static SyStatus run(SyCtl *ctl, Line *line)
{
    const SyVerbInfo *verb = line->n > 0 ? sy_verb_find(line->words[0]) : NULL;
    if (line->help && verb) {
        print_verb_help(verb);
        return SY_OK;
    }
    if (line->n == 2 && strcmp(line->words[0], "help") == 0 && sy_verb_find(line->words[1])) {
        print_verb_help(sy_verb_find(line->words[1]));
        return SY_OK;
    }
    if (line->help || (line->n == 1 && strcmp(line->words[0], "help") == 0)) {
        print_help();
        return SY_OK;
    }
    if (line->version) {
        printf("synthctl %s\n", SY_VERSION);
        return SY_OK;
    }
    if (line->n == 0) {
        return sy_problem(&ctl->error, SY_ERR_USAGE,
                          "which verb? `synthctl --help` lists them all");
    }
    if (ctl->wait && verb && verb->run != sy_verb_status) {
        return sy_problem(&ctl->error, SY_ERR_USAGE, "only status has --wait");
    }
    return sy_verb_run(ctl, line->words, line->n);
}

int main(int argc, char **argv)
{
    SyCtl ctl = {.options = {.port = SY_DEFAULT_PORT, .timeout_s = 5.0}, .client = {.fd = -1}};
    Line line = {.words = calloc((size_t)argc + 1, sizeof *line.words)};
    if (!line.words) {
        return SY_ERR_MEMORY;
    }
    ctl.colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
    SyStatus status = read_line(&ctl, argc, argv, &line);
    if (status == SY_OK) {
        status = run(&ctl, &line);
    }
    if (status == SY_OK && (fflush(stdout) != 0 || ferror(stdout))) {
        status = sy_problem(&ctl.error, SY_ERR_FILE, "cannot write to standard output");
    }
    if (status != SY_OK) {
        print_error(&ctl, status);
    }
    sy_client_close(&ctl.client);
    free(line.words);
    return (int)status;
}
