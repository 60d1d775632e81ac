#include "bench/script.h"

#include <stdio.h>
#include <stdlib.h>

#include "modules/registry.h"

void sy_script_free(SyScript *script)
{
    free(script->commands);
    *script = (SyScript){.commands = NULL};
}

SyModuleRef sy_script_module(const char *type, uint32_t id)
{
    return (SyModuleRef){(uint16_t)sy_registry_find(type), (uint16_t)id};
}

static void add(SyScript *script, const SyCommand *command)
{
    if (script->n_commands == script->room) {
        const size_t room = script->room ? 2 * script->room : 64;
        SyCommand *more = realloc(script->commands, room * sizeof(*more));
        script->failed |= !more;
        script->commands = more ? more : script->commands;
        script->room = more ? room : script->room;
    }
    if (!script->failed) {
        script->commands[script->n_commands++] = *command;
    }
}

void sy_script_create(SyScript *script, SyModuleRef module, uint32_t voices, const char *param,
                      float value)
{
    const int number = param ? sy_module_find_param(sy_registry_at(module.type), param) : -1;
    SyCommand command = {.kind = SY_CMD_CREATE,
                         .create = {.module = module, .voices = (uint8_t)voices}};

    if (number >= 0) {
        command.create.n_params = 1;
        command.create.params[0] = (SyParamValue){(uint8_t)number, value};
    }
    add(script, &command);
}

void sy_script_connect(SyScript *script, SyModuleRef from, const char *output, SyModuleRef to,
                       const char *input)
{
    const int out = sy_module_find_output(sy_registry_at(from.type), output);
    const int in = sy_module_find_input(sy_registry_at(to.type), input);
    const SyCommand command = {.kind = SY_CMD_CONNECT,
                               .cable = {{from, (uint8_t)out}, {to, (uint8_t)in}, 1.0f}};

    add(script, &command);
}

bool sy_script_run(const SyScript *script, SyStage *stage)
{
    if (script->failed) {
        perror("synthbench: patch");
        return false;
    }
    return sy_stage_edit(stage, script->commands, script->n_commands);
}
