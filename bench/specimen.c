#include "bench/specimen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/tables.h"

static const SyTables *tables(void)
{
    static SyTables made;
    if (made.rate == 0.0f) {
        sy_tables_init(&made, SY_SPECIMEN_RATE);
    }
    return &made;
}

static const SyFft *transforms(void)
{
    static SyFft made;
    if (!made.plans[0][0] && !sy_fft_init(&made)) {
        return NULL;
    }
    return &made;
}

static size_t whole_lines(size_t bytes)
{
    return (bytes + 63) & ~(size_t)63;
}

static void *take(size_t bytes)
{
    void *memory = aligned_alloc(64, whole_lines(bytes ? bytes : 1));
    return memory ? memset(memory, 0, whole_lines(bytes)) : NULL;
}

static bool take_memory(SySpecimen *specimen)
{
    const SyModule *module = specimen->module;
    const size_t plane = whole_lines(specimen->n_frames * sizeof(float));
    bool ok = true;

    specimen->states = take(specimen->n_lanes * whole_lines(module->state_size));
    specimen->tapes = take(specimen->n_lanes * whole_lines(module->tape_size));
    specimen->outputs = take(specimen->n_lanes * module->n_outputs * plane);
    for (int p = 0; p < module->n_inputs; p++) {
        specimen->normals[p] = take(plane);
        ok = ok && specimen->normals[p];
        for (uint32_t i = 0; ok && i < specimen->n_frames; i++) {
            specimen->normals[p][i] = module->inputs[p].normal;
        }
    }
    return ok && specimen->states && specimen->tapes && specimen->outputs;
}

static void set_up_lane(SySpecimen *specimen, uint32_t index)
{
    const SyModule *module = specimen->module;
    const size_t plane = whole_lines(specimen->n_frames * sizeof(float)) / sizeof(float);
    SyLane *lane = &specimen->lanes[index];

    *lane = (SyLane){
        .state = (char *)specimen->states + index * whole_lines(module->state_size),
        .tape = module->tape_size ? (char *)specimen->tapes + index * whole_lines(module->tape_size)
                                  : NULL,
        .params = specimen->params,
        .heard = (1u << module->n_outputs) - 1,
        .n_voices = 1,
        .voice_stride = specimen->n_frames,
    };
    for (uint32_t p = 0; p < module->n_inputs; p++) {
        lane->in[p] = specimen->normals[p];
    }
    for (uint32_t p = 0; p < module->n_outputs; p++) {
        lane->out[p] = specimen->outputs + (index * module->n_outputs + p) * plane;
    }
    module->init(&specimen->context, lane->state, index + 1);
}

SySpecimen *sy_specimen_new(const SyModule *module, const char *isa, uint32_t n_lanes,
                            uint32_t n_frames)
{
    SySpecimen *specimen = calloc(1, sizeof(*specimen));

    if (!specimen) {
        return NULL;
    }
    specimen->module = module;
    specimen->n_lanes = n_lanes;
    specimen->n_frames = n_frames;
    specimen->context = (SyContext){.rate = (float)SY_SPECIMEN_RATE,
                                    .dsp = sy_dsp_select(isa),
                                    .tables = tables(),
                                    .fft = transforms()};
    if (!specimen->context.dsp || !specimen->context.fft || !take_memory(specimen)) {
        sy_specimen_free(specimen);
        return NULL;
    }
    for (int p = 0; p < module->n_params; p++) {
        sy_specimen_set(specimen, module->params[p].name, module->params[p].def);
    }
    for (uint32_t l = 0; l < n_lanes; l++) {
        set_up_lane(specimen, l);
    }
    return specimen;
}

void sy_specimen_free(SySpecimen *specimen)
{
    if (!specimen) {
        return;
    }
    for (int p = 0; p < SY_PORTS_MAX; p++) {
        free(specimen->normals[p]);
    }
    free(specimen->states);
    free(specimen->tapes);
    free(specimen->file);
    free(specimen->outputs);
    free(specimen);
}

bool sy_specimen_set(SySpecimen *specimen, const char *name, float written)
{
    const int param = sy_module_find_param(specimen->module, name);

    if (param < 0) {
        return false;
    }
    const SyParamInfo *info = &specimen->module->params[param];
    const float value = sy_param_internal(info, sy_param_clamp(info, written));
    specimen->params[param] = (SyRamp){.from = value, .to = value};
    return true;
}

/* An input with nothing patched in gets what its stand-in gets. */
static void follow(SySpecimen *specimen, SyLane *lane)
{
    for (int p = 0; p < specimen->module->n_inputs; p++) {
        const uint8_t stand_in = specimen->module->inputs[p].normalled_to;
        if (stand_in && !(lane->patched >> p & 1)) {
            lane->in[p] = lane->in[stand_in - 1];
        }
    }
}

void sy_specimen_patch_lane(SySpecimen *specimen, uint32_t lane, uint32_t input,
                            const float *signal)
{
    specimen->lanes[lane].in[input] = signal;
    specimen->lanes[lane].patched |= 1u << input;
    follow(specimen, &specimen->lanes[lane]);
}

bool sy_specimen_patch(SySpecimen *specimen, const char *name, const float *signal)
{
    const int input = sy_module_find_input(specimen->module, name);

    for (uint32_t l = 0; input >= 0 && l < specimen->n_lanes; l++) {
        sy_specimen_patch_lane(specimen, l, (uint32_t)input, signal);
    }
    return input >= 0;
}

bool sy_specimen_load(SySpecimen *specimen, const SyFileAudio *audio, char *error,
                      size_t error_size)
{
    const SyModuleFile *file = specimen->module->file;

    snprintf(error, error_size, "takes no file");
    const uint64_t bytes = file ? file->size(&specimen->context, audio, error, error_size) : 0;
    if (bytes == 0) {
        return false;
    }
    specimen->file = take(bytes);
    if (!specimen->file) {
        snprintf(error, error_size, "no memory");
        return false;
    }
    file->prepare(&specimen->context, audio, specimen->file);
    for (uint32_t l = 0; l < specimen->n_lanes; l++) {
        specimen->lanes[l].file = specimen->file;
    }
    return true;
}

void sy_specimen_hear(SySpecimen *specimen, uint32_t mask)
{
    for (uint32_t l = 0; l < specimen->n_lanes; l++) {
        specimen->lanes[l].heard = mask;
    }
}

uint32_t sy_specimen_mask(const SySpecimen *specimen, const char *name)
{
    const int output = sy_module_find_output(specimen->module, name);
    return output < 0 ? 0 : 1u << output;
}

const float *sy_specimen_out(const SySpecimen *specimen, uint32_t lane, const char *name)
{
    const int output = sy_module_find_output(specimen->module, name);
    return output < 0 ? NULL : specimen->lanes[lane].out[output];
}

size_t sy_specimen_states_size(const SySpecimen *specimen)
{
    return specimen->n_lanes * whole_lines(specimen->module->state_size);
}

void sy_specimen_block(SySpecimen *specimen)
{
    const SyBatch batch = {.context = &specimen->context,
                           .lanes = specimen->lanes,
                           .n_lanes = specimen->n_lanes,
                           .n_frames = SY_SPECIMEN_BLOCK};
    specimen->module->process(&batch);
}

static SyLane moved(const SySpecimen *specimen, uint32_t index, uint32_t from)
{
    SyLane lane = specimen->lanes[index];

    for (int p = 0; p < specimen->module->n_inputs; p++) {
        lane.in[p] += from;
    }
    for (int p = 0; p < specimen->module->n_outputs; p++) {
        lane.out[p] += from;
    }
    return lane;
}

void sy_specimen_run(SySpecimen *specimen)
{
    SyLane lanes[SY_LANES_MAX];

    for (uint32_t at = 0; at < specimen->n_frames; at += SY_SPECIMEN_BLOCK) {
        const uint32_t left = specimen->n_frames - at;
        for (uint32_t l = 0; l < specimen->n_lanes; l++) {
            lanes[l] = moved(specimen, l, at);
        }
        specimen->module->process(
            &(SyBatch){.context = &specimen->context,
                       .lanes = lanes,
                       .n_lanes = specimen->n_lanes,
                       .n_frames = left < SY_SPECIMEN_BLOCK ? left : SY_SPECIMEN_BLOCK});
    }
}
