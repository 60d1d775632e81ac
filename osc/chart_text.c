/* A chart for a person.
 *
 * The drawing has a line for each module, further to the right the later it is computed, and behind
 * it what its outputs go to, so that a signal can be followed from the left downwards. Of more
 * modules or levels than can be taken in at a glance there is a list, in which a line has all there
 * is to say of a module: it is made to be searched. */
#include <string.h>

#include "osc/chart.h"

#define DRAWN_MODULES_MAX 64
#define DRAWN_LEVELS_MAX  12
#define NAME_WIDTH        16 /* at the least */
#define PIECE_MAX         512

typedef struct Text {
    FILE *out;
    const SyChart *chart;
    bool colour, drawing;
    unsigned columns; /* of a line, 0: any number */
    int name_width;
} Text;

static const char *style(const Text *text, const char *sequence)
{
    return text->colour ? sequence : "";
}

static int indent(const Text *text, const SyChartModule *module)
{
    return text->drawing ? 2 * (int)module->level : 0;
}

static int width_of_names(const Text *text)
{
    int width = NAME_WIDTH;
    for (uint32_t i = 0; i < text->chart->n_modules; i++) {
        const SyChartModule *module = &text->chart->modules[i];
        const int needs =
            indent(text, module) + (int)strlen(module->name) + (module->loop > 0 ? 2 : 0);
        width = needs > width ? needs : width;
    }
    return width;
}

static void write_head(const Text *text)
{
    fprintf(text->out, "%s%s%-*s worker  us/block  cables%s\n", style(text, "\033[2m"),
            text->drawing ? "" : "level ", text->name_width, "module", style(text, "\033[0m"));
}

/* Writes what stands before the cables; returns where these begin. */
static unsigned write_module(const Text *text, const SyChartModule *module)
{
    const int in = indent(text, module);
    const int used = in + (int)strlen(module->name) + (module->loop > 0 ? 2 : 0);
    unsigned width = (unsigned)text->name_width + 19;
    if (!text->drawing) {
        fprintf(text->out, "%5u ", module->level);
        width += 6;
    }
    fprintf(text->out, "%*s%s%s%s%s%*s %6d %9.2f", in, "", style(text, "\033[1m"), module->name,
            style(text, "\033[0m"), module->loop > 0 ? " ~" : "", text->name_width - used, "",
            module->worker, module->cost_us);
    return width;
}

/* "saw -> vcf/1/in x 0.5", without the output if that has just been said. */
static void put_piece(const Text *text, const SyChartCable *cable, bool with_output,
                      char piece[PIECE_MAX])
{
    char gain[40];
    sy_chart_gain_text(cable, gain);
    snprintf(piece, PIECE_MAX, "%s%s%s/%s%s%s", with_output ? cable->output : "",
             with_output ? " -> " : "", text->chart->modules[cable->to].name, cable->input, gain,
             cable->feedback ? " (a frame late)" : "");
}

/* A module's cables behind its line, which is `width` wide already, and on further ones. */
static void write_cables(const Text *text, const SyChartModule *module, unsigned width)
{
    const SyChartCable *cables = &text->chart->cables[module->first_cable];
    char piece[PIECE_MAX];
    unsigned at = width;
    for (uint32_t c = 0; c < module->n_cables; c++) {
        const bool is_same = c > 0 && strcmp(cables[c].output, cables[c - 1].output) == 0;
        put_piece(text, &cables[c], !is_same, piece);
        if (c > 0 && text->columns > 0 && at + 2 + strlen(piece) + 1 > text->columns) {
            fprintf(text->out, ",\n%*s", (int)width, "");
            put_piece(text, &cables[c], true, piece);
            at = width;
        } else if (c > 0) {
            fputs(", ", text->out);
            at += 2;
        } else {
            fputs("  ", text->out);
        }
        fputs(piece, text->out);
        at += (unsigned)strlen(piece);
    }
}

static void write_line(const Text *text, const SyChartModule *module)
{
    const unsigned width = write_module(text, module);
    write_cables(text, module, width);
    if (module->fault[0] != '\0') {
        fprintf(text->out, "%s%squarantined: %s%s", module->n_cables > 0 ? "; " : "  ",
                style(text, "\033[1m"), module->fault, style(text, "\033[0m"));
    }
    putc('\n', text->out);
}

static const char *plural(uint32_t n)
{
    return n == 1 ? "" : "s";
}

/* What it comes to. */
static void write_sums(const Text *text)
{
    const SyChart *chart = text->chart;
    fprintf(text->out, "\n%u module%s on %u level%s, %u cable%s\n", chart->n_modules,
            plural(chart->n_modules), chart->n_levels, plural(chart->n_levels), chart->n_cables,
            plural(chart->n_cables));
    if (chart->n_loops > 0) {
        fprintf(text->out, "~ %u feedback loop%s, computed frame by frame\n", chart->n_loops,
                plural(chart->n_loops));
    }
    for (int worker = 0; worker < sy_chart_worker_top(chart); worker++) {
        double cost_us;
        const uint32_t n = sy_chart_share(chart, worker, &cost_us);
        if (n > 0) {
            fprintf(text->out, "worker %d: %u module%s, %.2f us a block\n", worker, n, plural(n),
                    cost_us);
        }
    }
}

void sy_chart_write_text(FILE *out, const SyChart *chart, unsigned columns, bool colour)
{
    Text text = {.out = out,
                 .chart = chart,
                 .colour = colour,
                 .drawing =
                     chart->n_modules <= DRAWN_MODULES_MAX && chart->n_levels <= DRAWN_LEVELS_MAX};
    if (chart->n_modules == 0) {
        return;
    }
    text.columns = text.drawing ? columns : 0;
    text.name_width = width_of_names(&text);
    write_head(&text);
    for (uint32_t i = 0; i < chart->n_modules; i++) {
        write_line(&text, &chart->modules[i]);
    }
    write_sums(&text);
}
