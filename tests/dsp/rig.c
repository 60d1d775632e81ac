#include "tests/dsp/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BLOCK 64

const SyTables *sy_rig_tables(void)
{
    static SyTables tables;
    if (tables.rate == 0.0f)
        sy_tables_init(&tables, SY_RIG_RATE);
    return &tables;
}

const SyFft *sy_rig_fft(void)
{
    static SyFft fft;
    if (!fft.plans[0][0])
        assert_true(sy_fft_init(&fft));
    return &fft;
}

static float *new_floats(size_t n)
{
    float *floats = calloc(n, sizeof(float));
    assert_non_null(floats);
    return floats;
}

/* `size` bytes for each lane, `stride` apart, full of `rubbish`. */
static void *new_memory(const SyRig *rig, uint32_t size, size_t *stride, int rubbish)
{
    *stride = ((size_t)size + 63) / 64 * 64;
    void *memory = aligned_alloc(64, *stride * rig->n_lanes);
    assert_non_null(memory);
    memset(memory, rubbish, *stride * rig->n_lanes);
    return memory;
}

SyRig *sy_rig_new(const char *name, const char *isa, uint32_t n_lanes, uint32_t n_frames)
{
    return sy_rig_new_of(sy_registry_at((uint32_t)sy_registry_find(name)), isa, n_lanes, n_frames);
}

SyRig *sy_rig_new_of(const SyModule *module, const char *isa, uint32_t n_lanes, uint32_t n_frames)
{
    SyRig *rig = calloc(1, sizeof(*rig));
    assert_non_null(rig);
    assert_non_null(module);
    rig->module = module;
    rig->context =
        (SyContext){(float)SY_RIG_RATE, sy_dsp_select(isa), sy_rig_tables(), sy_rig_fft()};
    assert_non_null(rig->context.dsp);
    rig->n_lanes = n_lanes;
    rig->n_voices = rig->module->per_instance ? 4 : 1;
    rig->n_frames = n_frames;
    rig->state = new_memory(rig, module->state_size, &rig->stride, 0xaa);
    if (module->tape_size > 0)
        rig->tape = new_memory(rig, module->tape_size, &rig->tape_stride, 0xff);
    for (uint32_t l = 0; l < n_lanes; l++) {
        rig->heard[l] = (1u << rig->module->n_outputs) - 1;
        rig->module->init(&rig->context, rig->state + l * rig->stride, l + 1);
        for (int i = 0; i < rig->module->n_inputs; i++)
            rig->in[l][i] = new_floats(n_frames);
        for (int o = 0; o < rig->module->n_outputs; o++)
            rig->out[l][o] = new_floats((size_t)n_frames * rig->n_voices);
    }
    for (int i = 0; i < rig->module->n_inputs; i++)
        sy_rig_patch(rig, rig->module->inputs[i].name, NULL);
    for (int p = 0; p < rig->module->n_params; p++)
        sy_rig_set(rig, rig->module->params[p].name, rig->module->params[p].def);
    return rig;
}

void sy_rig_free(SyRig *rig)
{
    if (!rig)
        return;
    for (uint32_t l = 0; l < rig->n_lanes; l++) {
        for (int p = 0; p < SY_PORTS_MAX; p++) {
            free(rig->in[l][p]);
            free(rig->out[l][p]);
        }
    }
    free(rig->state);
    free(rig->tape);
    free(rig);
}

void *sy_rig_prepare(const SyRig *rig, const float *const *channels, uint32_t n_channels,
                     uint32_t n_frames)
{
    const SyFileAudio audio = {channels, n_channels, n_frames, SY_RIG_RATE};
    const SyModuleFile *info = rig->module->file;
    char error[100] = "";
    const uint64_t size = info->size(&rig->context, &audio, error, sizeof(error));
    if (size == 0)
        fail_msg("%s: %s", rig->module->name, error);
    void *file = aligned_alloc(64, (size + 63) / 64 * 64);
    assert_non_null(file);
    memset(file, 0, size);
    info->prepare(&rig->context, &audio, file);
    return file;
}

void sy_rig_load(SyRig *rig, const void *file)
{
    for (uint32_t l = 0; l < rig->n_lanes; l++)
        rig->file[l] = file;
}

void sy_rig_patch(SyRig *rig, const char *input, const float *signal)
{
    const int port = sy_module_find_input(rig->module, input);
    assert_true(port >= 0);
    for (uint32_t l = 0; l < rig->n_lanes; l++) {
        for (uint32_t i = 0; i < rig->n_frames; i++)
            rig->in[l][port][i] = signal ? signal[i] : rig->module->inputs[port].normal;
        rig->patched[l] &= ~(1u << port);
        rig->patched[l] |= (uint32_t)(signal != NULL) << port;
    }
}

void sy_rig_ramp(SyRig *rig, const char *name, float from, float to, int32_t length)
{
    const int param = sy_module_find_param(rig->module, name);
    assert_true(param >= 0);
    const SyParamInfo *info = &rig->module->params[param];
    const float start = sy_param_internal(info, sy_param_clamp(info, from));
    const float end = sy_param_internal(info, sy_param_clamp(info, to));
    const SyRamp ramp = {start, end, length ? (end - start) / (float)length : 0.0f, length, 0};
    for (uint32_t l = 0; l < rig->n_lanes; l++)
        rig->params[l][param] = ramp;
}

void sy_rig_set(SyRig *rig, const char *param, float written)
{
    sy_rig_ramp(rig, param, written, written, 0);
}

/* The input whose signal an input gets. */
static int source(const SyRig *rig, uint32_t lane, int input)
{
    const uint8_t normalled_to = rig->module->inputs[input].normalled_to;
    return normalled_to && !(rig->patched[lane] >> input & 1) ? normalled_to - 1 : input;
}

void sy_rig_run(SyRig *rig, uint32_t from, uint32_t to)
{
    SyLane lanes[SY_LANES_MAX] = {0};
    SyRamp params[SY_LANES_MAX][SY_PARAMS_MAX];
    memcpy(params, rig->params, sizeof(params));
    for (uint32_t l = 0; l < rig->n_lanes; l++) {
        for (int p = 0; p < SY_PARAMS_MAX; p++)
            params[l][p].frame += (int32_t)from;
        lanes[l] = (SyLane){
            .state = rig->state + l * rig->stride,
            .tape = rig->tape ? rig->tape + l * rig->tape_stride : NULL,
            .file = rig->file[l],
            .params = params[l],
            .patched = rig->patched[l],
            .heard = rig->heard[l],
            .n_voices = rig->n_voices,
            .voice_stride = rig->n_frames,
        };
        for (int i = 0; i < rig->module->n_inputs; i++) {
            const int port = source(rig, l, i);
            lanes[l].in[i] = rig->in[rig->common >> port & 1 ? 0 : l][port] + from;
        }
        for (int o = 0; o < rig->module->n_outputs; o++)
            lanes[l].out[o] = rig->out[l][o] + from;
    }
    rig->module->process(&(SyBatch){&rig->context, lanes, rig->n_lanes, to - from});
}

void sy_rig_event(SyRig *rig, uint32_t lane, float note, float velocity)
{
    const SyModuleEvent event = {note, velocity};
    assert_non_null(rig->module->event);
    rig->module->event(&rig->context, rig->state + lane * rig->stride, rig->n_voices, &event);
}

void sy_rig_run_all(SyRig *rig)
{
    for (uint32_t at = 0; at < rig->n_frames; at += BLOCK)
        sy_rig_run(rig, at, at + BLOCK < rig->n_frames ? at + BLOCK : rig->n_frames);
}

const float *sy_rig_out(const SyRig *rig, uint32_t lane, const char *output)
{
    const int port = sy_module_find_output(rig->module, output);
    assert_true(port >= 0);
    return rig->out[lane][port];
}
