/* A chart for graphviz. Source: "The DOT Language", graphviz.org/doc/info/lang.html: an ID in
 * double quotes may hold anything, a double quote behind a backslash. */
#include "osc/chart.h"

/* In quotes; a newline as dot writes it. */
static void write_quoted(FILE *out, const char *text)
{
    putc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            putc('\\', out);
        }
        putc((unsigned char)*text < ' ' ? ' ' : *text, out);
    }
    putc('"', out);
}

static void write_module(FILE *out, const SyChartModule *module)
{
    char label[512];
    fputs("    ", out);
    write_quoted(out, module->name);
    snprintf(label, sizeof label, "%s  %.2f us", module->name, module->cost_us);
    fputs(" [label=", out);
    write_quoted(out, label);
    if (module->loop > 0) {
        fputs(" style=rounded", out);
    }
    if (module->fault[0] != '\0') {
        fputs(" color=red tooltip=", out);
        write_quoted(out, module->fault);
    }
    fputs("];\n", out);
}

static void write_modules_of(FILE *out, const SyChart *chart, int worker)
{
    for (uint32_t i = 0; i < chart->n_modules; i++) {
        if (chart->modules[i].worker == worker) {
            write_module(out, &chart->modules[i]);
        }
    }
}

static void write_worker(FILE *out, const SyChart *chart, int worker)
{
    double cost_us;
    if (sy_chart_share(chart, worker, &cost_us) == 0) {
        return;
    }
    fprintf(out, "  subgraph cluster_worker_%d {\n    label=\"worker %d, %.2f us a block\";\n",
            worker, worker, cost_us);
    write_modules_of(out, chart, worker);
    fputs("  }\n", out);
}

/* A cable that closes a loop is dashed, and has no say in what stands left of what. */
static void write_cable(FILE *out, const SyChart *chart, const SyChartCable *cable)
{
    char label[512], gain[40];
    sy_chart_gain_text(cable, gain);
    snprintf(label, sizeof label, "%s -> %s%s", cable->output, cable->input, gain);
    fputs("  ", out);
    write_quoted(out, chart->modules[cable->from].name);
    fputs(" -> ", out);
    write_quoted(out, chart->modules[cable->to].name);
    fputs(" [label=", out);
    write_quoted(out, label);
    fputs(cable->feedback ? " style=dashed constraint=false];\n" : "];\n", out);
}

void sy_chart_write_dot(FILE *out, const SyChart *chart)
{
    fputs("digraph synthd {\n  rankdir=LR;\n  node [shape=box];\n", out);
    write_modules_of(out, chart, -1); /* that have no home yet */
    for (int worker = 0; worker < sy_chart_worker_top(chart); worker++) {
        write_worker(out, chart, worker);
    }
    for (uint32_t c = 0; c < chart->n_cables; c++) {
        write_cable(out, chart, &chart->cables[c]);
    }
    fputs("}\n", out);
}
