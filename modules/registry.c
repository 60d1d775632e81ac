#include "modules/registry.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#ifndef SY_MODULE_LIST_H /* tests have a list with one more */
#define SY_MODULE_LIST_H "modules/module_list.h"
#endif
#include SY_MODULE_LIST_H

#define SY_MODULE_NAME(name) extern const SyModule sy_module_##name;
SY_MODULE_LIST
#undef SY_MODULE_NAME

static const SyModule *const modules[] = {
#define SY_MODULE_NAME(name) &sy_module_##name,
    SY_MODULE_LIST
#undef SY_MODULE_NAME
};

#define N_MODULES (sizeof(modules) / sizeof(modules[0]))

uint32_t sy_registry_count(void)
{
    return N_MODULES;
}

const SyModule *sy_registry_at(uint32_t type)
{
    return type < N_MODULES ? modules[type] : NULL;
}

int sy_registry_find(const char *name)
{
    for (size_t i = 0; i < N_MODULES; i++) {
        if (strcmp(modules[i]->name, name) == 0)
            return (int)i;
    }
    return -1;
}

static int find_port(const SyPortInfo *ports, int n_ports, const char *name)
{
    for (int i = 0; i < n_ports; i++) {
        if (strcmp(ports[i].name, name) == 0)
            return i;
    }
    return -1;
}

int sy_module_find_input(const SyModule *module, const char *name)
{
    return find_port(module->inputs, module->n_inputs, name);
}

int sy_module_find_output(const SyModule *module, const char *name)
{
    return find_port(module->outputs, module->n_outputs, name);
}

int sy_module_find_param(const SyModule *module, const char *name)
{
    for (int i = 0; i < module->n_params; i++) {
        if (strcmp(module->params[i].name, name) == 0)
            return i;
    }
    return -1;
}

float sy_param_clamp(const SyParamInfo *param, float written)
{
    const float value = param->choices ? roundf(written) : written;
    if (value > param->max)
        return param->max;
    return value >= param->min ? value : param->min; /* a NaN too stops at the minimum */
}

float sy_param_internal(const SyParamInfo *param, float written)
{
    switch (param->curve) {
    case SY_CURVE_PITCH:
        return (float)log2(written / SY_C4_HZ);
    case SY_CURVE_DB:
        return written <= param->min ? 0.0f : (float)pow(10.0, written / 20.0);
    case SY_CURVE_LINEAR:
    case SY_CURVE_STEP:
        break;
    }
    return written;
}
