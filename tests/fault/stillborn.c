/* A module that brings down whoever initialises it, for tests only. */
#include "modules/lane.h"

static const SyPortInfo outputs[] = {{.name = "out", .help = "never anything"}};

static void init(const SyContext *context, void *state, uint32_t seed)
{
    (void)context;
    (void)state;
    (void)seed;
    __builtin_trap();
}

static void process(const SyBatch *batch)
{
    (void)batch;
}

const SyModule sy_module_stillborn = {
    .name = "stillborn",
    .help = "brings down whoever initialises it",
    .outputs = outputs,
    .n_outputs = 1,
    .isolated = true,
    .state_size = 1,
    .init = init,
    .process = process,
};
