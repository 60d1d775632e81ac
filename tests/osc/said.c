#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "modules/registry.h"
#include "tests/osc/said.h"

const SyMessage *said(Said *room, const char *address, const char *types, ...)
{
    va_list values;
    size_t n = 0;
    va_start(values, types);
    for (; types[n] != '\0'; n++) {
        SyArg *arg = &room->args[n];
        arg->type = types[n];
        switch (types[n]) {
        case 'i':
            arg->i = va_arg(values, int);
            break;
        case 'h':
            arg->h = va_arg(values, long long);
            break;
        case 'f':
            arg->f = (float)va_arg(values, double);
            break;
        case 'd':
            arg->d = va_arg(values, double);
            break;
        case 's':
            arg->s = va_arg(values, const char *);
            break;
        default:
            break;
        }
    }
    va_end(values);
    room->message = (SyMessage){address, room->args, n};
    return &room->message;
}

static uint16_t next(void *user, uint16_t type, uint16_t after)
{
    const Patch *patch = user;
    uint16_t best = 0;
    for (int i = 0; patch->modules[i].type; i++) {
        const uint16_t id = patch->modules[i].id;
        if (sy_registry_find(patch->modules[i].type) == type && id > after &&
            (best == 0 || id < best)) {
            best = id;
        }
    }
    return best;
}

static void claim(void *user, SyModuleRef module)
{
    Patch *patch = user;
    assert_true(patch->n_claimed < 16);
    patch->claimed[patch->n_claimed++] = module;
}

SyWorld world_of(Patch *patch)
{
    return (SyWorld){next, claim, patch};
}

uint16_t type_of(const char *type)
{
    const int found = sy_registry_find(type);
    assert_true(found >= 0);
    return (uint16_t)found;
}

static const SyModule *module_of(const char *type)
{
    return sy_registry_at(type_of(type));
}

uint8_t param_of(const char *type, const char *name)
{
    const int found = sy_module_find_param(module_of(type), name);
    assert_true(found >= 0);
    return (uint8_t)found;
}

uint8_t output_of(const char *type, const char *name)
{
    const int found = sy_module_find_output(module_of(type), name);
    assert_true(found >= 0);
    return (uint8_t)found;
}

uint8_t input_of(const char *type, const char *name)
{
    const int found = sy_module_find_input(module_of(type), name);
    assert_true(found >= 0);
    return (uint8_t)found;
}
