#include "bench/crowd.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/script.h"
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

/* As a person would: one voice after the other. */
static void add_voice(SyScript *script, uint32_t i, uint32_t instances, uint32_t voices)
{
    const SyModuleRef vco = sy_script_module("vco", i + 1), vcf = sy_script_module("vcf", i + 1),
                      vca = sy_script_module("vca", i + 1), lfo = sy_script_module("lfo", 1);

    sy_script_create(script, vco, voices, "freq", pitch_of(i, instances));
    sy_script_create(script, vcf, voices, "cutoff", CUTOFF_HZ);
    sy_script_create(script, vca, voices, NULL, 0.0f);
    sy_script_connect(script, vco, "saw", vcf, "in");
    sy_script_connect(script, lfo, "sine", vcf, "fm");
    sy_script_connect(script, vcf, "low", vca, "in");
    sy_script_connect(script, lfo, "sine", vca, "cv");
    sy_script_connect(script, vca, "out", sy_script_module("out", 1), "left");
}

bool sy_crowd_patch(SyStage *stage, uint32_t instances, uint32_t voices, uint32_t *n_modules)
{
    SyScript script = {.commands = NULL};

    sy_script_create(&script, sy_script_module("out", 1), 1, "gain", OUT_DB);
    sy_script_create(&script, sy_script_module("lfo", 1), 1, "rate", LFO_HZ);
    for (uint32_t i = 0; i < instances; i++) {
        add_voice(&script, i, instances, voices);
    }
    const bool ok = sy_script_run(&script, stage);
    sy_script_free(&script);
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
