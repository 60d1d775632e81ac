#include "bench/bench_graph_shapes.h"

#include <math.h>

#define FAN_GROUP 16 /* branches that are added up in one place */
#define LOOP      4  /* modules of a feedback loop */
#define OUT_DB    (-40.0f)
#define LOWEST_HZ 55.0f

static SyModuleRef add_out(SyScript *script)
{
    const SyModuleRef out = sy_script_module("out", 1);
    sy_script_create(script, out, 1, "gain", OUT_DB);
    return out;
}

/* Pitches differ, or all would do the same at the same time. */
static SyModuleRef add_vco(SyScript *script, uint32_t id)
{
    const SyModuleRef vco = sy_script_module("vco", id);
    sy_script_create(script, vco, 1, "freq", LOWEST_HZ + (float)id);
    return vco;
}

static SyModuleRef add(SyScript *script, const char *type, uint32_t id)
{
    const SyModuleRef module = sy_script_module(type, id);
    sy_script_create(script, module, 1, NULL, 0.0f);
    return module;
}

static void write_chain(SyScript *script, uint32_t size)
{
    const SyModuleRef out = add_out(script);
    SyModuleRef last = add_vco(script, 1);
    const char *output = "saw";

    for (uint32_t i = 2; i < size; i++) {
        const SyModuleRef vcf = add(script, "vcf", i);
        sy_script_connect(script, last, output, vcf, "in");
        last = vcf;
        output = "low";
    }
    sy_script_connect(script, last, output, out, "left");
}

/* One group of a fan: its vca, and as many branches as there are modules left for. */
static uint32_t add_group(SyScript *script, uint32_t id, uint32_t left, SyModuleRef vco,
                          SyModuleRef out)
{
    const uint32_t n = left - 1 < FAN_GROUP ? left - 1 : FAN_GROUP;
    const SyModuleRef vca = add(script, "vca", id);

    for (uint32_t i = 0; i < n; i++) {
        const SyModuleRef vcf = add(script, "vcf", id + i);
        sy_script_connect(script, vco, "saw", vcf, "in");
        sy_script_connect(script, vcf, "low", vca, "in");
    }
    sy_script_connect(script, vca, "out", out, "left");
    return n + 1;
}

static void write_fan(SyScript *script, uint32_t size)
{
    const SyModuleRef out = add_out(script), vco = add_vco(script, 1);

    if (size == 2) {
        sy_script_connect(script, vco, "saw", out, "left");
    }
    for (uint32_t n = 2; n + 2 <= size;) {
        n += add_group(script, n, size - n, vco, out);
    }
}

/* A row of filters that all hear the same, and the amplifier that hears them all. */
static SyModuleRef add_row(SyScript *script, uint32_t id, uint32_t n, SyModuleRef from,
                           const char *output)
{
    const SyModuleRef vca = add(script, "vca", id);

    for (uint32_t i = 0; i < n; i++) {
        const SyModuleRef vcf = add(script, "vcf", id + i);
        sy_script_connect(script, from, output, vcf, "in");
        sy_script_connect(script, vcf, "low", vca, "in");
    }
    return vca;
}

static void write_diamond(SyScript *script, uint32_t size)
{
    const SyModuleRef out = add_out(script);
    const uint32_t side = (uint32_t)sqrt((double)size);
    SyModuleRef last = add_vco(script, 1);
    const char *output = "saw";

    for (uint32_t n = 2; n + 2 <= size;) {
        const uint32_t row = size - n - 1 < side ? size - n - 1 : side;
        last = add_row(script, n, row, last, output);
        output = "out";
        n += row + 1;
    }
    sy_script_connect(script, last, output, out, "left");
}

static void write_voices(SyScript *script, uint32_t size)
{
    const SyModuleRef out = add_out(script);

    for (uint32_t id = 1; 3 * id < size; id++) {
        const SyModuleRef vco = add_vco(script, id), vcf = add(script, "vcf", id),
                          vca = add(script, "vca", id);
        sy_script_connect(script, vco, "saw", vcf, "in");
        sy_script_connect(script, vcf, "low", vca, "in");
        sy_script_connect(script, vca, "out", out, "left");
    }
}

/* What comes last in the loop goes back to where it begins. */
static void add_loop(SyScript *script, uint32_t id, uint32_t n, SyModuleRef out)
{
    static const char *const types[LOOP] = {"vco", "vcf", "vcf", "vca"};
    static const char *const outputs[LOOP] = {"saw", "low", "low", "out"};
    const SyModuleRef vco = add_vco(script, id);
    SyModuleRef last = vco;

    for (uint32_t i = 1; i < n; i++) {
        const SyModuleRef next = add(script, types[i], LOOP * id + i);
        sy_script_connect(script, last, outputs[i - 1], next, "in");
        last = next;
    }
    sy_script_connect(script, last, outputs[n - 1], vco, "fm");
    sy_script_connect(script, last, outputs[n - 1], out, "left");
}

/* Fewer than a loop has, and it is as long as there are. */
static void write_feedback(SyScript *script, uint32_t size)
{
    const SyModuleRef out = add_out(script);
    const uint32_t n = size - 1 < LOOP ? size - 1 : LOOP;

    for (uint32_t id = 1; n * id < size; id++) {
        add_loop(script, id, n, out);
    }
}

const SyShape sy_shapes[SY_SHAPES] = {
    {.name = "chain", .least = 2, .write = write_chain},
    {.name = "fan", .least = 2, .wide_from = 16, .write = write_fan},
    {.name = "diamond", .least = 2, .write = write_diamond},
    {.name = "voices", .least = 4, .wide_from = 16, .write = write_voices},
    {.name = "feedback", .least = 2, .wide_from = 64, .write = write_feedback},
};

uint32_t sy_shape_write(const SyShape *shape, uint32_t size, SyScript *script)
{
    uint32_t n_modules = 0;

    *script = (SyScript){.commands = NULL};
    shape->write(script, size);
    for (size_t i = 0; i < script->n_commands; i++) {
        n_modules += script->commands[i].kind == SY_CMD_CREATE;
    }
    return n_modules;
}
