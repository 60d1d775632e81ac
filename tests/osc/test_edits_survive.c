/* Commands told as edits come back as the same commands: every type, value, choice and cable of the
 * registry, and random lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "modules/registry.h"
#include "osc/edits.h"

static bool same_value(SyParamValue a, SyParamValue b)
{
    return a.param == b.param && a.written == b.written;
}

static bool same_module(SyModuleRef a, SyModuleRef b)
{
    return a.type == b.type && a.id == b.id;
}

static bool same_port(SyPortRef a, SyPortRef b)
{
    return same_module(a.module, b.module) && a.port == b.port;
}

static bool same_create(const SyCommand *a, const SyCommand *b)
{
    bool same = same_module(a->create.module, b->create.module) &&
                a->create.voices == b->create.voices && a->create.n_params == b->create.n_params;
    for (uint8_t i = 0; same && i < a->create.n_params; i++) {
        same = same_value(a->create.params[i], b->create.params[i]);
    }
    return same;
}

static bool same_command(const SyCommand *a, const SyCommand *b)
{
    if (a->kind != b->kind) {
        return false;
    }
    switch (a->kind) {
    case SY_CMD_CREATE:
        return same_create(a, b);
    case SY_CMD_DESTROY:
        return same_module(a->module, b->module);
    case SY_CMD_CONNECT:
        return same_port(a->cable.from, b->cable.from) && same_port(a->cable.to, b->cable.to) &&
               a->cable.gain == b->cable.gain;
    case SY_CMD_DISCONNECT:
        return same_port(a->cable.from, b->cable.from) && same_port(a->cable.to, b->cable.to);
    case SY_CMD_SET:
        return same_module(a->param.module, b->param.module) &&
               same_value(a->param.value, b->param.value);
    default:
        return a->kind == SY_CMD_CLEAR;
    }
}

/* Formats and parses, and fails unless the same commands come back. */
static void assert_survive(const SyCommand *commands, size_t n)
{
    SyCommandList list;
    SyError error = {""};
    size_t size = 0;
    char *text = sy_edits_format(commands, n, &size);
    assert_non_null(text);
    assert_int_equal(strlen(text), size);
    if (sy_edits_parse(text, size, &list, &error) != SY_OK) {
        fail_msg("%s in\n%s", error.text, text);
    }
    assert_int_equal(list.n, n);
    for (size_t i = 0; i < n; i++) {
        if (!same_command(&commands[i], &list.items[i])) {
            fail_msg("command %zu differs in\n%s", i, text);
        }
        assert_int_equal(list.items[i].line, i + 1);
    }
    sy_commands_clear(&list);
    free(text);
}

/* Values that are hard to write down, some of them far out of range: what was asked for is told,
 * and the engine limits it again. */
static float hard_value(const SyParamInfo *param, int which)
{
    static const float hard[] = {0.1f,    1e-45f,   16777217.0f,  FLT_MIN,
                                 FLT_MAX, -FLT_MAX, 0.333333343f, -1.17549421e-38f};
    enum { N_HARD = sizeof hard / sizeof hard[0] };
    if (which < N_HARD) {
        return hard[which];
    }
    const float share = (float)(which - N_HARD) / 7.0f;
    const float value = param->min + (param->max - param->min) * share;
    return which % 2 ? sy_param_clamp(param, value) : nextafterf(value, param->max);
}

static SyCommand set_of(SyModuleRef module, SyParamValue value)
{
    SyCommand command = {.kind = SY_CMD_SET};
    command.param.module = module;
    command.param.value = value;
    return command;
}

static void every_value_of_every_parameter_survives(void **state)
{
    (void)state;
    for (uint32_t t = 0; t < sy_registry_count(); t++) {
        const SyModule *info = sy_registry_at(t);
        for (int which = 0; which < 16; which++) {
            SyCommand commands[1 + SY_PARAMS_MAX] = {{.kind = SY_CMD_CREATE}};
            const SyModuleRef module = {(uint16_t)t, (uint16_t)(which ? 600 * which : 1)};
            commands[0].create.module = module;
            commands[0].create.voices = (uint8_t)(which % SY_VOICES_MAX + 1);
            commands[0].create.n_params = info->n_params;
            for (uint8_t p = 0; p < info->n_params; p++) { /* the last first: order is kept */
                const uint8_t param = (uint8_t)(info->n_params - 1 - p);
                const SyParamValue value = {param, hard_value(&info->params[param], which)};
                commands[0].create.params[p] = value;
                commands[1 + p] = set_of(module, value);
            }
            assert_survive(commands, 1u + info->n_params);
        }
    }
}

static void every_choice_is_told_by_name(void **state)
{
    (void)state;
    for (uint32_t t = 0; t < sy_registry_count(); t++) {
        const SyModule *info = sy_registry_at(t);
        for (uint8_t p = 0; p < info->n_params; p++) {
            const SyParamInfo *param = &info->params[p];
            for (float v = param->min; param->choices && v <= param->max; v++) {
                const SyCommand set = set_of((SyModuleRef){(uint16_t)t, 1}, (SyParamValue){p, v});
                size_t size = 0;
                char *text = sy_edits_format(&set, 1, &size);
                assert_non_null(text);
                assert_non_null(strstr(text, param->choices[(int)(v - param->min)]));
                free(text);
                assert_survive(&set, 1);
            }
        }
    }
}

/* Every output with every input of every other type, and back again. */
static void every_cable_survives(void **state)
{
    const uint32_t n_types = sy_registry_count();
    (void)state;
    for (uint32_t t = 0; t < n_types * n_types; t++) {
        const SyModuleRef source = {(uint16_t)(t / n_types), 1},
                          sink = {(uint16_t)(t % n_types), 2};
        SyCommand commands[3 * SY_PORTS_MAX * SY_PORTS_MAX];
        size_t n = 0;
        memset(commands, 0, sizeof commands);
        for (uint8_t o = 0; o < sy_registry_at(source.type)->n_outputs; o++) {
            for (uint8_t i = 0; i < sy_registry_at(sink.type)->n_inputs; i++) {
                const float gains[] = {1.0f, -0.1f, 0.0f};
                for (int k = 0; k < 3; k++, n++) {
                    commands[n].kind = k < 2 ? SY_CMD_CONNECT : SY_CMD_DISCONNECT;
                    commands[n].cable.from = (SyPortRef){source, o};
                    commands[n].cable.to = (SyPortRef){sink, i};
                    commands[n].cable.gain = gains[k];
                }
            }
        }
        assert_survive(commands, n);
    }
}

/* Random lists. */

static uint64_t random_state;

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return n ? (uint32_t)(random_state >> 33) % n : 0;
}

/* Any finite float, by its bits. */
static float random_float(void)
{
    float value;
    do {
        const uint32_t bits = random_below(1u << 16) << 16 | random_below(1u << 16);
        memcpy(&value, &bits, sizeof value);
    } while (!isfinite(value));
    return value;
}

/* Of a type for which `fits` says how many there are to choose from. */
static SyModuleRef random_module(uint8_t (*fits)(const SyModule *info))
{
    for (;;) {
        const uint16_t type = (uint16_t)random_below(sy_registry_count());
        if (fits(sy_registry_at(type)) > 0) {
            return (SyModuleRef){type, (uint16_t)(1 + random_below(SY_ID_MAX))};
        }
    }
}

static uint8_t any(const SyModule *info)
{
    (void)info;
    return 1;
}

static uint8_t outputs(const SyModule *info)
{
    return info->n_outputs;
}

static uint8_t inputs(const SyModule *info)
{
    return info->n_inputs;
}

static uint8_t params(const SyModule *info)
{
    return info->n_params;
}

static SyPortRef random_port(uint8_t (*ports)(const SyModule *info))
{
    const SyModuleRef module = random_module(ports);
    return (SyPortRef){module, (uint8_t)random_below(ports(sy_registry_at(module.type)))};
}

static SyCommand random_create(void)
{
    SyCommand command = {.kind = SY_CMD_CREATE};
    command.create.module = random_module(any);
    command.create.voices = (uint8_t)(1 + random_below(SY_VOICES_MAX));
    for (uint8_t p = 0; p < sy_registry_at(command.create.module.type)->n_params; p++) {
        if (random_below(2)) {
            command.create.params[command.create.n_params++] = (SyParamValue){p, random_float()};
        }
    }
    return command;
}

static SyCommand random_command(void)
{
    static const SyCommandKind kinds[] = {SY_CMD_CREATE,     SY_CMD_DESTROY, SY_CMD_CONNECT,
                                          SY_CMD_DISCONNECT, SY_CMD_SET,     SY_CMD_CLEAR};
    SyCommand command = {.kind = kinds[random_below(sizeof kinds / sizeof kinds[0])]};
    switch (command.kind) {
    case SY_CMD_CREATE:
        return random_create();
    case SY_CMD_DESTROY:
        command.module = random_module(any);
        break;
    case SY_CMD_CONNECT:
    case SY_CMD_DISCONNECT:
        command.cable.from = random_port(outputs);
        command.cable.to = random_port(inputs);
        command.cable.gain = random_below(4) ? random_float() : 1.0f;
        break;
    case SY_CMD_SET: {
        const SyModuleRef module = random_module(params);
        const uint32_t n = sy_registry_at(module.type)->n_params;
        return set_of(module, (SyParamValue){(uint8_t)random_below(n), random_float()});
    }
    default:
        break;
    }
    return command;
}

static void random_lists_come_back_as_they_were(void **state)
{
    enum { MANY = 64 };
    (void)state;
    for (uint64_t seed = 1; seed <= 500; seed++) {
        SyCommand commands[MANY];
        random_state = seed;
        const size_t n = random_below(MANY + 1);
        for (size_t i = 0; i < n; i++) {
            commands[i] = random_command();
        }
        assert_survive(commands, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_of_every_parameter_survives),
        cmocka_unit_test(every_choice_is_told_by_name),
        cmocka_unit_test(every_cable_survives),
        cmocka_unit_test(random_lists_come_back_as_they_were),
    };
    return cmocka_run_group_tests_name("osc edits survive", tests, NULL, NULL);
}
