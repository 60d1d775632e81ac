#include "engine/options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/cores.h"
#include "engine/segment.h"

static const char *const placements[] = {
    [SY_PLACEMENT_AUTO] = "auto", [SY_PLACEMENT_SPREAD] = "spread", [SY_PLACEMENT_PACK] = "pack"};

int sy_placement_find(const char *name)
{
    for (int i = 0; i < (int)(sizeof(placements) / sizeof(placements[0])); i++) {
        if (strcmp(placements[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

const char *sy_placement_name(SyPlacement placement)
{
    return placements[placement];
}

enum {
    OPT_AUDIO = 256,
    OPT_BLOCK,
    OPT_RATE,
    OPT_WORKERS,
    OPT_MEMORY,
    OPT_FILES,
    OPT_SECONDS,
    OPT_DRAIN,
    OPT_LOAD,
    OPT_RECORD,
    OPT_LISTEN,
    OPT_PORT,
    OPT_ALLOW,
    OPT_TRACE,
    OPT_JOURNAL,
    OPT_RESUME,
    OPT_RECYCLE,
    OPT_PLACEMENT,
    OPT_CPUS,
};

static const struct option long_options[] = {
    {"audio", required_argument, NULL, OPT_AUDIO},
    {"block", required_argument, NULL, OPT_BLOCK},
    {"rate", required_argument, NULL, OPT_RATE},
    {"workers", required_argument, NULL, OPT_WORKERS},
    {"memory", required_argument, NULL, OPT_MEMORY},
    {"files", required_argument, NULL, OPT_FILES},
    {"seconds", required_argument, NULL, OPT_SECONDS},
    {"drain", required_argument, NULL, OPT_DRAIN},

    {"load", required_argument, NULL, OPT_LOAD},
    {"record", required_argument, NULL, OPT_RECORD},
    {"listen", required_argument, NULL, OPT_LISTEN},
    {"port", required_argument, NULL, OPT_PORT},
    {"allow", required_argument, NULL, OPT_ALLOW},
    {"trace", required_argument, NULL, OPT_TRACE},
    {"journal", required_argument, NULL, OPT_JOURNAL},
    {"recycle", required_argument, NULL, OPT_RECYCLE},
    {"placement", required_argument, NULL, OPT_PLACEMENT},
    {"cpus", required_argument, NULL, OPT_CPUS},
    {"resume", no_argument, NULL, OPT_RESUME},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

const char *sy_options_help(void)
{
    return "Usage: synthd [OPTION]...\n"
           "A modular synthesiser that plays what synthctl and OSC controllers patch.\n"
           "\n"
           "Sound:\n"
           "  --audio auto              the best device there is, else the clock (default)\n"
           "  --audio portaudio[:NAME]  a device; NAME is part of its name, or its number\n"
           "  --audio clock             no device: in real time by the system's clock\n"
           "  --audio offline           as fast as it goes; needs --seconds\n"
           "  --rate HZ                 frames per second (default 48000)\n"
           "  --block FRAMES            16 to 1024, a multiple of 16 (default 64; offline 512, "
           "which\n"
           "                            makes the same sound in less time)\n"
           "  --record FILE             write what is heard to a .wav or .flac file\n"
           "\n"
           "Patch:\n"
           "  --load FILE               begin with this patch\n"
           "  --resume                  begin with the patch that the last session ended with, or\n"
           "                            was playing when the power went\n"
           "  --journal FILE|off        where edits are written down as they are made (default\n"
           "                            ~/.local/state/synthd/PORT.journal)\n"
           "  --seconds S               end by itself after S seconds\n"
           "\n"
           "Control:\n"
           "  --port PORT               OSC over UDP on this port (default 57140)\n"
           "  --listen ADDRESS          on this address instead of 127.0.0.1; needs --allow\n"
           "  --allow CIDR|any          who may send, when --listen opens the network\n"
           "\n"
           "Engine:\n"
           "  --workers N               1 to 256 (default 2 for each core, or $SYNTHD_WORKERS)\n"
           "  --placement HOW           which workers compute the patch: auto (default), spread "
           "over\n"
           "                            all cores, or pack onto one\n"
           "  --cpus LIST               run on these CPUs only, as 2,3 or 4-7 (default all)\n"
           "  --memory MB               for modules and their sound (default 64; offline 512, "
           "taken\n"
           "                            as it is used)\n"
           "  --files MB                for what modules make of audio files, taken as it is used\n"
           "                            (default 256)\n"
           "  --drain S                 how long ending may take before it is forced (default 5)\n"
           "  --recycle HOURS           replace workers that are older, one at a time (default "
           "never)\n"
           "  --trace LEVEL             what is remembered for synthctl trace: basic (default),\n"
           "                            detailed (blocks and tasks) or complete (every module)\n"
           "  -v, --verbose             say more\n"
           "  -h, --help                this text\n"
           "  --version                 print the version\n"
           "\n"
           "Examples:\n"
           "  synthd --load patches/demo.synth\n"
           "  synthd --audio portaudio:JACK --block 64\n"
           "  synthd --audio offline --load patches/demo.synth --seconds 20 --record demo.wav\n";
}

typedef struct Parser {
    SyOptions *options;
    char *error;
    size_t error_size;
} Parser;

static SyStatus refuse(const Parser *parser, const char *name, const char *text,
                       const char *allowed)
{
    snprintf(parser->error, parser->error_size, "%s %s: %s", name, text, allowed);
    return SY_ERR_USAGE;
}

static SyStatus parse_count(const Parser *parser, const char *name, const char *text, uint32_t min,
                            uint32_t max, uint32_t *value)
{
    char *end, allowed[64];
    errno = 0;
    const long parsed = strtol(text, &end, 10);

    if (errno || end == text || *end || parsed < (long)min || parsed > (long)max) {
        snprintf(allowed, sizeof(allowed), "must be a whole number from %u to %u", min, max);
        return refuse(parser, name, text, allowed);
    }
    *value = (uint32_t)parsed;
    return SY_OK;
}

static SyStatus parse_seconds(const Parser *parser, const char *name, const char *text,
                              double *value)
{
    char *end;
    const double parsed = strtod(text, &end);

    if (end == text || *end || !isfinite(parsed) || parsed <= 0 || parsed > 1e7) {
        return refuse(parser, name, text, "must be a number of seconds above 0");
    }
    *value = parsed;
    return SY_OK;
}

static SyStatus parse_hours(const Parser *parser, const char *name, const char *text, double *value)
{
    char *end;
    const double parsed = strtod(text, &end);

    if (end == text || *end || !(parsed >= 0 && parsed <= 1e5)) {
        return refuse(parser, name, text, "must be a number of hours, or 0 for never");
    }
    *value = parsed;
    return SY_OK;
}

static SyStatus parse_audio(const Parser *parser, const char *text)
{
    SyOptions *options = parser->options;

    options->device = "";
    if (strcmp(text, "auto") == 0) {
        options->audio = SY_AUDIO_AUTO;
    } else if (strcmp(text, "clock") == 0) {
        options->audio = SY_AUDIO_CLOCK;
    } else if (strcmp(text, "offline") == 0) {
        options->audio = SY_AUDIO_OFFLINE;
    } else if (strcmp(text, "portaudio") == 0 || strncmp(text, "portaudio:", 10) == 0) {
        options->audio = SY_AUDIO_PORTAUDIO;
        options->device = text[9] ? text + 10 : "";
    } else {
        return refuse(parser, "--audio", text,
                      "must be auto, portaudio, portaudio:NAME, clock or offline");
    }
    return SY_OK;
}

static SyStatus parse_block(const Parser *parser, const char *text)
{
    SyOptions *options = parser->options;
    const SyStatus status =
        parse_count(parser, "--block", text, SY_BLOCK_MIN, SY_BLOCK_MAX, &options->block);

    if (status == SY_OK && options->block % 16 != 0) {
        return refuse(parser, "--block", text, "must be a multiple of 16");
    }
    return status;
}

static SyStatus add_allow(const Parser *parser, const char *text)
{
    SyOptions *options = parser->options;
    if (options->n_allow == SY_ALLOW_MAX) {
        return refuse(parser, "--allow", text, "there are too many of these");
    }
    options->allow[options->n_allow++] = text;
    return SY_OK;
}

static SyStatus parse_trace(const Parser *parser, const char *text)
{
    const int level = sy_trace_level_find(text);
    if (level < 0) {
        return refuse(parser, "--trace", text, "must be " SY_TRACE_LEVELS_TEXT);
    }
    parser->options->trace = (SyTraceLevel)level;
    return SY_OK;
}

static SyStatus parse_placement(const Parser *parser, const char *text)
{
    const int placement = sy_placement_find(text);
    if (placement < 0) {
        return refuse(parser, "--placement", text, "must be auto, spread or pack");
    }
    parser->options->placement = (SyPlacement)placement;
    return SY_OK;
}

/* At once: how many cores there are is asked after all options have been read. */
static SyStatus parse_cpus(const Parser *parser, const char *text)
{
    return sy_cores_keep_to(text)
               ? SY_OK
               : refuse(parser, "--cpus", text,
                        "must be CPUs that there are and synthd may use, as 0 or 2,3 or 4-7");
}

static SyStatus parse_workers(const Parser *parser, const char *name, const char *text)
{
    parser->options->workers_by_cores = false;
    return parse_count(parser, name, text, 1, SY_WORKERS_MAX, &parser->options->n_workers);
}

static SyStatus take(const Parser *parser, int option)
{
    SyOptions *options = parser->options;
    uint32_t port = 0;
    SyStatus status = SY_OK;

    switch (option) {
    case OPT_AUDIO:
        return parse_audio(parser, optarg);
    case OPT_BLOCK:
        return parse_block(parser, optarg);
    case OPT_RATE:
        return parse_count(parser, "--rate", optarg, SY_RATE_MIN, SY_RATE_MAX, &options->rate);
    case OPT_WORKERS:
        return parse_workers(parser, "--workers", optarg);
    case OPT_MEMORY:
        return parse_count(parser, "--memory", optarg, 1, 65536, &options->memory_mb);
    case OPT_FILES:
        return parse_count(parser, "--files", optarg, 1, 65536, &options->files_mb);
    case OPT_SECONDS:
        return parse_seconds(parser, "--seconds", optarg, &options->seconds);
    case OPT_RECYCLE:
        return parse_hours(parser, "--recycle", optarg, &options->recycle_h);
    case OPT_DRAIN:
        return parse_seconds(parser, "--drain", optarg, &options->drain_s);
    case OPT_PORT:
        status = parse_count(parser, "--port", optarg, 1, 65535, &port);
        options->port = (int)port;
        return status;
    case OPT_ALLOW:
        return add_allow(parser, optarg);
    case OPT_TRACE:
        return parse_trace(parser, optarg);
    case OPT_PLACEMENT:
        return parse_placement(parser, optarg);
    case OPT_CPUS:
        return parse_cpus(parser, optarg);
    case OPT_LOAD:
        options->load = optarg;
        return SY_OK;
    case OPT_RECORD:
        options->record = optarg;
        return SY_OK;
    case OPT_JOURNAL:
        options->journal = optarg;
        return SY_OK;
    case OPT_RESUME:
        options->resume = true;
        return SY_OK;
    case OPT_LISTEN:
        options->listen = optarg;
        return SY_OK;
    case 'v':
        options->verbose = true;
        return SY_OK;
    case 'h':
        options->help = true;
        return SY_OK;
    case 'V':
        options->version = true;
        return SY_OK;
    default:
        return refuse(parser, "synthd", "does not know this option", "see synthd --help");
    }
}

static SyStatus parse_environment(const Parser *parser)
{
    const char *workers = getenv("SYNTHD_WORKERS");

    parser->options->isa = getenv("SYNTHD_ISA");
    return workers ? parse_workers(parser, "SYNTHD_WORKERS", workers) : SY_OK;
}

static SyStatus check_together(const Parser *parser)
{
    const SyOptions *options = parser->options;

    if (options->audio == SY_AUDIO_OFFLINE && options->seconds == 0) {
        return refuse(parser, "--audio", "offline", "needs --seconds, or it would never end");
    }
    if (options->resume && options->audio == SY_AUDIO_OFFLINE) {
        return refuse(parser, "--resume", "with --audio offline",
                      "offline keeps no journal; use --load");
    }
    if (options->resume && options->load) {
        return refuse(parser, "--resume", "with --load", "begin with one patch or the other");
    }
    if (options->resume && options->journal && strcmp(options->journal, "off") == 0) {
        return refuse(parser, "--resume", "with --journal off", "there is nothing to resume from");
    }
    if (options->listen && options->n_allow == 0) {
        return refuse(parser, "--listen", options->listen,
                      "opens the network, so say who may send: --allow 192.168.1.0/24, or --allow "
                      "any");
    }
    return SY_OK;
}

static void count_cores(SyOptions *options)
{
    options->n_cores = sy_cores_usable();
    const uint32_t wanted = 2 * options->n_cores;

    if (options->workers_by_cores) {
        options->n_workers = wanted < SY_WORKERS_MAX ? wanted : SY_WORKERS_MAX;
    }
}

/* In a longer block there is less of what every block costs: 512 frames are the longest whose wires
 * are still in the second cache. They are eight times as long as live, and a patch that fits into
 * memory live has to fit there too. */
static void fill_in(SyOptions *options)
{
    const bool offline = options->audio == SY_AUDIO_OFFLINE;

    if (options->block == 0) {
        options->block = offline ? SY_OFFLINE_BLOCK : SY_LIVE_BLOCK;
    }
    if (options->memory_mb == 0) {
        options->memory_mb = offline ? 512 : 64;
    }
}

SyStatus sy_options_parse(SyOptions *options, int argc, char **argv, char *error, size_t error_size)
{
    const Parser parser = {options, error, error_size};
    int option;

    *options = (SyOptions){.device = "",
                           .rate = 48000,
                           .workers_by_cores = true,
                           .files_mb = 256,
                           .drain_s = 5,
                           .port = SY_DEFAULT_PORT};
    SyStatus status = parse_environment(&parser);
    opterr = 0;
    while (status == SY_OK && (option = getopt_long(argc, argv, ":vh", long_options, NULL)) != -1) {
        if (option == ':' || option == '?') {
            return refuse(&parser, argv[optind - 1],
                          option == ':' ? "needs a value" : "is not an option",
                          "see synthd --help");
        }
        status = take(&parser, option);
    }
    if (status == SY_OK && optind < argc) {
        return refuse(&parser, argv[optind], "is not an option", "a patch is given with --load");
    }
    if (options->help || options->version) {
        return SY_OK;
    }
    fill_in(options);
    count_cores(options);
    return status == SY_OK ? check_together(&parser) : status;
}
