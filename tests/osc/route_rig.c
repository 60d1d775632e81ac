#include "tests/osc/route_rig.h"

#include <string.h>

Patch small = {.modules = {{"vco", 1}, {"vco", 2}, {"vco", 12}, {"lfo", 2}, {"keys", 1}}};

void route_in(Routed *routed, Patch *patch, const SyMessage *message)
{
    const SyWorld world = world_of(patch);
    routed->list = (SyCommandList){NULL, 0, 0};
    routed->status = sy_route(message, &world, &routed->list, &routed->route, &routed->error);
}

void done(Routed *routed)
{
    sy_commands_clear(&routed->list);
}

void assert_refused(Routed *routed, SyStatus status, const char *says)
{
    assert_int_equal(routed->status, status);
    assert_int_equal(routed->list.n, 0);
    assert_int_equal(routed->route.n_commands, 0);
    if (!strstr(routed->error.text, says)) {
        fail_msg("\"%s\" does not say \"%s\"", routed->error.text, says);
    }
    done(routed);
}

void assert_sets(const SyCommand *command, const char *type, uint16_t id, const char *param,
                 float value)
{
    assert_int_equal(command->kind, SY_CMD_SET);
    assert_int_equal(command->param.module.type, type_of(type));
    assert_int_equal(command->param.module.id, id);
    assert_int_equal(command->param.value.param, param_of(type, param));
    assert_true(command->param.value.written == value);
}

uint16_t every_id(void *user, uint16_t type, uint16_t after)
{
    (void)user;
    (void)type;
    return after < SY_ID_MAX ? after + 1 : 0;
}

void claim_nothing(void *user, SyModuleRef module)
{
    (void)user;
    (void)module;
}
