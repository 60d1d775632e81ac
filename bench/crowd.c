#include "bench/crowd.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/specimen.h"
#include "modules/registry.h"

#define LOWEST_HZ 55.0
#define OCTAVES   4.0
#define LFO_HZ    5.0f
#define CUTOFF_HZ 1200.0f
#define OUT_DB    (-40.0f)

/* All different, none far from the last. */
static float pitch_of(uint32_t voice, uint32_t voices)
{
    return (float)(LOWEST_HZ * pow(2.0, OCTAVES * voice / voices));
}

/* The patch. */

typedef struct Script {
    SyCommand *commands;
    size_t n;
} Script;

static SyModuleRef module(const char *type, uint32_t id)
{
    return (SyModuleRef){(uint16_t)sy_registry_find(type), (uint16_t)id};
}

static void create(Script *script, SyModuleRef ref, uint32_t voices, const char *param, float value)
{
    const int number = param ? sy_module_find_param(sy_registry_at(ref.type), param) : -1;
    SyCommand *command = &script->commands[script->n++];

    *command =
        (SyCommand){.kind = SY_CMD_CREATE, .create = {.module = ref, .voices = (uint8_t)voices}};
    if (number >= 0) {
        command->create.n_params = 1;
        command->create.params[0] = (SyParamValue){(uint8_t)number, value};
    }
}

static void connect(Script *script, SyModuleRef from, const char *output, SyModuleRef to,
                    const char *input)
{
    const int out = sy_module_find_output(sy_registry_at(from.type), output);
    const int in = sy_module_find_input(sy_registry_at(to.type), input);

    script->commands[script->n++] = (SyCommand){
        .kind = SY_CMD_CONNECT, .cable = {{from, (uint8_t)out}, {to, (uint8_t)in}, 1.0f}};
}

/* As a person would: one voice after the other. */
static void add_voice(Script *script, uint32_t i, uint32_t instances, uint32_t voices)
{
    const SyModuleRef vco = module("vco", i + 1), vcf = module("vcf", i + 1),
                      vca = module("vca", i + 1), lfo = module("lfo", 1), out = module("out", 1);

    create(script, vco, voices, "freq", pitch_of(i, instances));
    create(script, vcf, voices, "cutoff", CUTOFF_HZ);
    create(script, vca, voices, NULL, 0.0f);
    connect(script, vco, "saw", vcf, "in");
    connect(script, lfo, "sine", vcf, "fm");
    connect(script, vcf, "low", vca, "in");
    connect(script, lfo, "sine", vca, "cv");
    connect(script, vca, "out", out, "left");
}

bool sy_crowd_patch(SyStage *stage, uint32_t instances, uint32_t voices, uint32_t *n_modules)
{
    Script script = {.commands = calloc(8 * instances + 2, sizeof(SyCommand))};

    if (!script.commands) {
        perror("synthbench: patch");
        return false;
    }
    create(&script, module("out", 1), 1, "gain", OUT_DB);
    create(&script, module("lfo", 1), 1, "rate", LFO_HZ);
    for (uint32_t i = 0; i < instances; i++) {
        add_voice(&script, i, instances, voices);
    }
    const bool ok = sy_stage_edit(stage, script.commands, script.n);
    free(script.commands);
    *n_modules = 3 * instances + 2;
    return ok;
}

/* The kernels. */

typedef struct Chain {
    SySpecimen *vco, *vcf, *vca;
} Chain;

typedef struct Chains {
    Chain *chains;
    uint32_t n;
    float lfo[SY_SPECIMEN_BLOCK];
} Chains;

static void free_chains(Chains *all)
{
    for (uint32_t i = 0; all->chains && i < all->n; i++) {
        sy_specimen_free(all->chains[i].vco);
        sy_specimen_free(all->chains[i].vcf);
        sy_specimen_free(all->chains[i].vca);
    }
    free(all->chains);
}

static SySpecimen *specimen(const char *type)
{
    return sy_specimen_new(sy_registry_at((uint32_t)sy_registry_find(type)), getenv("SYNTHD_ISA"),
                           SY_LANES_MAX, SY_SPECIMEN_BLOCK);
}

static void wire(SySpecimen *from, const char *output, SySpecimen *to, uint32_t input)
{
    sy_specimen_hear(from, sy_specimen_mask(from, output));
    for (uint32_t l = 0; l < SY_LANES_MAX; l++) {
        sy_specimen_patch_lane(to, l, input, sy_specimen_out(from, l, output));
    }
}

static bool make_chain(Chain *chain, const float *lfo, float hz)
{
    *chain = (Chain){specimen("vco"), specimen("vcf"), specimen("vca")};
    if (!chain->vco || !chain->vcf || !chain->vca) {
        return false;
    }
    sy_specimen_set(chain->vco, "freq", hz);
    sy_specimen_set(chain->vcf, "cutoff", CUTOFF_HZ);
    wire(chain->vco, "saw", chain->vcf, 0);
    wire(chain->vcf, "low", chain->vca, 0);
    sy_specimen_patch(chain->vcf, "fm", lfo);
    sy_specimen_patch(chain->vca, "cv", lfo);
    return true;
}

static bool make_chains(Chains *all, uint32_t voices)
{
    bool ok = true;

    all->n = voices / SY_LANES_MAX;
    all->chains = calloc(all->n, sizeof(Chain));
    for (int i = 0; i < SY_SPECIMEN_BLOCK; i++) {
        all->lfo[i] = (float)sin(2.0 * M_PI * LFO_HZ / SY_SPECIMEN_RATE * i);
    }
    for (uint32_t i = 0; ok && all->chains && i < all->n; i++) {
        ok = make_chain(&all->chains[i], all->lfo, pitch_of(i, all->n));
    }
    return ok && all->chains;
}

static void run_vcos(void *user)
{
    const Chains *all = user;
    for (uint32_t i = 0; i < all->n; i++) {
        sy_specimen_block(all->chains[i].vco);
    }
}

static void run_vcfs(void *user)
{
    const Chains *all = user;
    for (uint32_t i = 0; i < all->n; i++) {
        sy_specimen_block(all->chains[i].vcf);
    }
}

static void run_vcas(void *user)
{
    const Chains *all = user;
    for (uint32_t i = 0; i < all->n; i++) {
        sy_specimen_block(all->chains[i].vca);
    }
}

static void run_breadth_first(void *user)
{
    run_vcos(user);
    run_vcfs(user);
    run_vcas(user);
}

static void run_depth_first(void *user)
{
    const Chains *all = user;
    for (uint32_t i = 0; i < all->n; i++) {
        sy_specimen_block(all->chains[i].vco);
        sy_specimen_block(all->chains[i].vcf);
        sy_specimen_block(all->chains[i].vca);
    }
}

bool sy_crowd_kernels(uint32_t voices, bool deep, SyCrowdCost *cost)
{
    const double units = (double)voices * SY_SPECIMEN_BLOCK;
    Chains all = {0};

    sy_dsp_thread_init();
    const bool ok = make_chains(&all, voices);
    if (ok) {
        cost->vco_ns = sy_ratio_measure(run_vcos, &all, units).ns;
        cost->vcf_ns = sy_ratio_measure(run_vcfs, &all, units).ns;
        cost->vca_ns = sy_ratio_measure(run_vcas, &all, units).ns;
        cost->all = sy_ratio_measure(deep ? run_depth_first : run_breadth_first, &all, units);
    }
    free_chains(&all);
    return ok;
}
