/* The patch of the double, and what each command makes of it. */
#include "tests/osc/double_state.h"

#include <stdio.h>
#include <string.h>

#include "modules/registry.h"

#define DEADLY 667.0f /* a parameter set to this brings the module down */
#define WILD   668.0f /* and to this makes it send what is not a number */

DoubleModule *double_module(SyControl *control, SyModuleRef ref)
{
    return &control->modules[ref.type * (SY_ID_MAX + 1u) + ref.id];
}

void double_tell(SyControl *control, SyTransaction *cause, SyNotice notice)
{
    notice.cause = cause;
    notice.text = notice.text ? notice.text : "";
    if (control->notice) {
        control->notice(control->notice_user, &notice);
    }
}

static bool same_module(SyModuleRef a, SyModuleRef b)
{
    return a.type == b.type && a.id == b.id;
}

static bool same_port(SyPortRef a, SyPortRef b)
{
    return same_module(a.module, b.module) && a.port == b.port;
}

static SyCableView *find_cable(SyControl *control, SyPortRef from, SyPortRef to)
{
    for (size_t i = 0; i < control->n_cables; i++) {
        if (same_port(control->cables[i].from, from) && same_port(control->cables[i].to, to)) {
            return &control->cables[i];
        }
    }
    return NULL;
}

static SyAnswer refusal(SyStatus status, const char *text)
{
    return (SyAnswer){.status = status, .text = text};
}

static SyAnswer create(SyControl *control, SyTransaction *cause, const SyCommand *command)
{
    const SyModule *info = sy_registry_at(command->create.module.type);
    DoubleModule *module = double_module(control, command->create.module);
    SyAnswer answer = {.status = SY_OK, .text = "", .worker = 1, .assign_us = 12.5f};
    if (module->voices > 0) {
        return refusal(SY_ERR_ID_IN_USE, "it is there already");
    }
    for (uint8_t i = 0; i < info->n_params; i++) {
        module->written[i] = info->params[i].def;
    }
    for (uint8_t i = 0; i < command->create.n_params; i++) {
        const SyParamValue value = command->create.params[i];
        const float written = sy_param_clamp(&info->params[value.param], value.written);
        answer.clamped |= written != value.written;
        module->written[value.param] = written;
    }
    module->quarantined = false;
    module->n_wild = 0;
    module->voices = command->create.voices;
    double_tell(control, cause,
                (SyNotice){.kind = SY_NOTICE_CREATED, .module = command->create.module});
    return answer;
}

static void remove_cables_of(SyControl *control, SyModuleRef ref)
{
    size_t kept = 0;
    for (size_t i = 0; i < control->n_cables; i++) {
        const SyCableView *cable = &control->cables[i];
        if (!same_module(cable->from.module, ref) && !same_module(cable->to.module, ref)) {
            control->cables[kept++] = *cable;
        }
    }
    control->n_cables = kept;
}

static SyAnswer destroy(SyControl *control, SyTransaction *cause, SyModuleRef ref)
{
    DoubleModule *module = double_module(control, ref);
    if (module->voices == 0) {
        return refusal(SY_ERR_UNKNOWN_MODULE, "there is no such module");
    }
    module->voices = 0;
    remove_cables_of(control, ref);
    double_tell(control, cause, (SyNotice){.kind = SY_NOTICE_DESTROYED, .module = ref});
    return refusal(SY_OK, "");
}

static SyAnswer connect_cable(SyControl *control, SyTransaction *cause, const SyCommand *command)
{
    if (double_module(control, command->cable.from.module)->voices == 0 ||
        double_module(control, command->cable.to.module)->voices == 0) {
        return refusal(SY_ERR_UNKNOWN_MODULE, "there is no such module");
    }
    SyCableView *cable = find_cable(control, command->cable.from, command->cable.to);
    if (!cable && control->n_cables < DOUBLE_CABLES) {
        cable = &control->cables[control->n_cables++];
    }
    if (!cable) {
        return refusal(SY_ERR_LIMIT, "too many cables");
    }
    *cable = (SyCableView){command->cable.from, command->cable.to, command->cable.gain};
    double_tell(control, cause, (SyNotice){.kind = SY_NOTICE_CONNECTED, .cable = *cable});
    return refusal(SY_OK, "");
}

static SyAnswer disconnect(SyControl *control, SyTransaction *cause, const SyCommand *command)
{
    SyCableView *cable = find_cable(control, command->cable.from, command->cable.to);
    if (!cable) {
        return refusal(SY_ERR_NOT_CONNECTED, "there is no such cable");
    }
    const SyCableView gone = *cable;
    *cable = control->cables[--control->n_cables];
    double_tell(control, cause, (SyNotice){.kind = SY_NOTICE_DISCONNECTED, .cable = gone});
    return refusal(SY_OK, "");
}

static SyAnswer revive(SyControl *control, SyTransaction *cause, SyModuleRef ref)
{
    static char text[64];
    DoubleModule *module = double_module(control, ref);
    if (module->voices == 0) {
        return refusal(SY_ERR_UNKNOWN_MODULE, "there is no such module");
    }
    if (!module->quarantined) {
        snprintf(text, sizeof text, "%s/%u is not in quarantine", sy_registry_at(ref.type)->name,
                 ref.id);
        return refusal(SY_ERR_NOT_QUARANTINED, text);
    }
    module->quarantined = false;
    double_tell(control, cause, (SyNotice){.kind = SY_NOTICE_REVIVED, .module = ref});
    return refusal(SY_OK, "");
}

void double_fault(SyControl *control, SyModuleRef ref, const char *fault)
{
    DoubleModule *module = double_module(control, ref);
    module->quarantined = true;
    snprintf(module->fault, sizeof module->fault, "%s", fault);
    double_tell(control, NULL,
                (SyNotice){.kind = SY_NOTICE_QUARANTINED, .module = ref, .text = module->fault});
}

static void suffer(SyControl *control, SyModuleRef ref, float value)
{
    if (value == DEADLY) {
        double_fault(control, ref, "SIGSEGV in block 4711 on worker 1");
    } else if (value == WILD && double_module(control, ref)->n_wild++ == 0) {
        double_tell(control, NULL,
                    (SyNotice){.kind = SY_NOTICE_WILD, .module = ref, .text = "NaN in block 4711"});
    }
}

static SyAnswer set(SyControl *control, const SyCommand *command)
{
    DoubleModule *module = double_module(control, command->param.module);
    const SyParamInfo *info =
        &sy_registry_at(command->param.module.type)->params[command->param.value.param];
    SyAnswer answer = {.status = SY_OK, .text = ""};
    if (module->voices == 0) {
        return refusal(SY_ERR_UNKNOWN_MODULE, "there is no such module");
    }
    answer.written = sy_param_clamp(info, command->param.value.written);
    answer.clamped = answer.written != command->param.value.written;
    module->written[command->param.value.param] = answer.written;
    suffer(control, command->param.module, answer.written);
    return answer;
}

static SyAnswer get(SyControl *control, const SyCommand *command)
{
    const DoubleModule *module = double_module(control, command->param.module);
    SyAnswer answer = {.status = SY_OK, .text = ""};
    if (module->voices == 0) {
        return refusal(SY_ERR_UNKNOWN_MODULE, "there is no such module");
    }
    answer.written = module->written[command->param.value.param];
    return answer;
}

void double_clear(SyControl *control, SyTransaction *cause)
{
    for (uint32_t type = 0; type < sy_registry_count(); type++) {
        for (uint16_t id = 1; id <= SY_ID_MAX; id++) {
            const SyModuleRef ref = {(uint16_t)type, id};
            if (double_module(control, ref)->voices > 0) {
                destroy(control, cause, ref);
            }
        }
    }
}

/* What the double shows of itself; lives until the next call. */
static SyAnswer show(SyControl *control, SyCommandKind kind)
{
    static SyModuleView modules[20000];
    static SyGraphView graph;
    static const SyWorkerView workers[] = {
        {.index = 0, .pid = 4711, .state = SY_WORKER_PARKED, .incarnation = 1, .n_modules = 2},
        {.index = 1, .pid = 4712, .state = SY_WORKER_RUNNING, .incarnation = 3, .load = 0.25f},
    };
    static SyEngineView engine;
    SyAnswer answer = {.status = SY_OK, .text = ""};
    size_t n = 0;
    uint32_t n_quarantined = 0;
    for (uint32_t type = 0; type < sy_registry_count(); type++) {
        for (uint16_t id = 1; id <= SY_ID_MAX; id++) {
            const SyModuleRef ref = {(uint16_t)type, id};
            DoubleModule *module = double_module(control, ref);
            if (module->voices > 0 && n < sizeof modules / sizeof modules[0]) {
                modules[n] = (SyModuleView){.ref = ref,
                                            .voices = module->voices,
                                            .n_params = sy_registry_at(type)->n_params,
                                            .quarantined = module->quarantined,
                                            .n_wild = module->n_wild};
                n_quarantined += module->quarantined;
                if (module->quarantined) {
                    memcpy(modules[n].fault, module->fault, sizeof module->fault);
                }
                memcpy(modules[n++].written, module->written, sizeof module->written);
            }
        }
    }
    graph = (SyGraphView){modules, n, control->cables, control->n_cables};
    engine = (SyEngineView){.n_modules = (uint32_t)n,
                            .n_cables = (uint32_t)control->n_cables,
                            .n_workers = 2,
                            .n_quarantined = n_quarantined,
                            .rate = 48000,
                            .block = 64,
                            .blocks = INT64_C(5000000000),
                            .block_us_max = 667.0f,
                            .load = 0.25f,
                            .audio = "double",
                            .placement = "auto",
                            .placement_why = "2 workers: the double's reasons"};
    answer.graph = kind == SY_CMD_GRAPH ? &graph : NULL;
    answer.workers = kind == SY_CMD_WORKERS ? workers : NULL;
    answer.n_workers = kind == SY_CMD_WORKERS ? 2 : 0;
    answer.engine = kind == SY_CMD_STATUS ? &engine : NULL;
    return answer;
}

SyAnswer double_apply(SyControl *control, SyTransaction *transaction, const SyCommand *command)
{
    switch (command->kind) {
    case SY_CMD_CREATE:
        return create(control, transaction, command);
    case SY_CMD_DESTROY:
        return destroy(control, transaction, command->module);
    case SY_CMD_REVIVE:
        return revive(control, transaction, command->module);
    case SY_CMD_CONNECT:
        return connect_cable(control, transaction, command);
    case SY_CMD_DISCONNECT:
        return disconnect(control, transaction, command);
    case SY_CMD_SET:
        return set(control, command);
    case SY_CMD_GET:
        return get(control, command);
    case SY_CMD_NOTE:
        return refusal(double_module(control, command->note.module)->voices > 0
                           ? SY_OK
                           : SY_ERR_UNKNOWN_MODULE,
                       "there is no such module");
    case SY_CMD_CLEAR:
        double_clear(control, transaction);
        return refusal(SY_OK, "");
    case SY_CMD_QUIT:
        atomic_store(&control->quit, true);
        return refusal(SY_OK, "");
    default:
        return show(control, command->kind);
    }
}
