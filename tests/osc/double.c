#include "tests/osc/double.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modules/registry.h"

#define QUEUE  64
#define CABLES 256
#define RATE   48000.0
#define DEADLY 667.0f /* a parameter set to this brings the module down */
#define WILD   668.0f /* and to this makes it send what is not a number */

typedef struct Module {
    _Atomic uint8_t voices; /* 0: not there */
    float written[SY_PARAMS_MAX];
    bool quarantined;
    char fault[SY_FAULT_TEXT];
    uint32_t n_wild;
} Module;

struct SyControl {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    SyTransaction *queue[QUEUE];
    int n_queued, room;
    bool held, stop, working;
    Module *modules; /* [types][SY_ID_MAX + 1] */
    SyCableView cables[CABLES];
    size_t n_cables;
    SyNoticeFunc *notice;
    void *notice_user;
    double unix_at_zero;
    _Atomic int64_t now;
    atomic_bool quit;
    DoubleSeen log[DOUBLE_LOG];
    int n_log;
};

static Module *module_at(SyControl *control, SyModuleRef ref)
{
    return &control->modules[ref.type * (SY_ID_MAX + 1u) + ref.id];
}

static void notify(SyControl *control, SyTransaction *cause, SyNotice notice)
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
    Module *module = module_at(control, command->create.module);
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
    notify(control, cause, (SyNotice){.kind = SY_NOTICE_CREATED, .module = command->create.module});
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
    Module *module = module_at(control, ref);
    if (module->voices == 0) {
        return refusal(SY_ERR_UNKNOWN_MODULE, "there is no such module");
    }
    module->voices = 0;
    remove_cables_of(control, ref);
    notify(control, cause, (SyNotice){.kind = SY_NOTICE_DESTROYED, .module = ref});
    return refusal(SY_OK, "");
}

static SyAnswer connect_cable(SyControl *control, SyTransaction *cause, const SyCommand *command)
{
    if (module_at(control, command->cable.from.module)->voices == 0 ||
        module_at(control, command->cable.to.module)->voices == 0) {
        return refusal(SY_ERR_UNKNOWN_MODULE, "there is no such module");
    }
    SyCableView *cable = find_cable(control, command->cable.from, command->cable.to);
    if (!cable && control->n_cables < CABLES) {
        cable = &control->cables[control->n_cables++];
    }
    if (!cable) {
        return refusal(SY_ERR_LIMIT, "too many cables");
    }
    *cable = (SyCableView){command->cable.from, command->cable.to, command->cable.gain};
    notify(control, cause, (SyNotice){.kind = SY_NOTICE_CONNECTED, .cable = *cable});
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
    notify(control, cause, (SyNotice){.kind = SY_NOTICE_DISCONNECTED, .cable = gone});
    return refusal(SY_OK, "");
}

static SyAnswer revive(SyControl *control, SyTransaction *cause, SyModuleRef ref)
{
    static char text[64];
    Module *module = module_at(control, ref);
    if (module->voices == 0) {
        return refusal(SY_ERR_UNKNOWN_MODULE, "there is no such module");
    }
    if (!module->quarantined) {
        snprintf(text, sizeof text, "%s/%u is not in quarantine", sy_registry_at(ref.type)->name,
                 ref.id);
        return refusal(SY_ERR_NOT_QUARANTINED, text);
    }
    module->quarantined = false;
    notify(control, cause, (SyNotice){.kind = SY_NOTICE_REVIVED, .module = ref});
    return refusal(SY_OK, "");
}

static void put_in_quarantine(SyControl *control, SyModuleRef ref, const char *fault)
{
    Module *module = module_at(control, ref);
    module->quarantined = true;
    snprintf(module->fault, sizeof module->fault, "%s", fault);
    notify(control, NULL,
           (SyNotice){.kind = SY_NOTICE_QUARANTINED, .module = ref, .text = module->fault});
}

static void suffer(SyControl *control, SyModuleRef ref, float value)
{
    if (value == DEADLY) {
        put_in_quarantine(control, ref, "SIGSEGV in block 4711 on worker 1");
    } else if (value == WILD && module_at(control, ref)->n_wild++ == 0) {
        notify(control, NULL,
               (SyNotice){.kind = SY_NOTICE_WILD, .module = ref, .text = "NaN in block 4711"});
    }
}

static SyAnswer set(SyControl *control, const SyCommand *command)
{
    Module *module = module_at(control, command->param.module);
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
    const Module *module = module_at(control, command->param.module);
    SyAnswer answer = {.status = SY_OK, .text = ""};
    if (module->voices == 0) {
        return refusal(SY_ERR_UNKNOWN_MODULE, "there is no such module");
    }
    answer.written = module->written[command->param.value.param];
    return answer;
}

static void clear(SyControl *control, SyTransaction *cause)
{
    for (uint32_t type = 0; type < sy_registry_count(); type++) {
        for (uint16_t id = 1; id <= SY_ID_MAX; id++) {
            const SyModuleRef ref = {(uint16_t)type, id};
            if (module_at(control, ref)->voices > 0) {
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
            Module *module = module_at(control, ref);
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

static SyAnswer apply(SyControl *control, SyTransaction *transaction, const SyCommand *command)
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
        return refusal(module_at(control, command->note.module)->voices > 0 ? SY_OK
                                                                            : SY_ERR_UNKNOWN_MODULE,
                       "there is no such module");
    case SY_CMD_CLEAR:
        clear(control, transaction);
        return refusal(SY_OK, "");
    case SY_CMD_QUIT:
        atomic_store(&control->quit, true);
        return refusal(SY_OK, "");
    default:
        return show(control, command->kind);
    }
}

/* The double's one reason to refuse a whole patch: a set to 666. */
static ptrdiff_t find_culprit(const SyTransaction *transaction)
{
    for (size_t i = 0; i < transaction->n_commands; i++) {
        const SyCommand *command = &transaction->commands[i];
        if (command->kind == SY_CMD_SET && command->param.value.written == 666.0f) {
            return (ptrdiff_t)i;
        }
    }
    return -1;
}

static void refuse_all(SyTransaction *transaction, ptrdiff_t culprit)
{
    for (size_t i = 0; i < transaction->n_commands; i++) {
        const SyAnswer answer =
            refusal(SY_ERR_VALUE, (ptrdiff_t)i == culprit ? "not that number"
                                                          : "not done: another line was refused");
        transaction->answer(transaction, i, &answer);
    }
}

static void carry_out(SyControl *control, SyTransaction *transaction)
{
    const ptrdiff_t culprit = transaction->all_or_nothing ? find_culprit(transaction) : -1;
    if (culprit >= 0) {
        refuse_all(transaction, culprit);
        transaction->release(transaction);
        return;
    }
    if (transaction->replace) {
        clear(control, transaction);
    }
    for (size_t i = 0; i < transaction->n_commands; i++) {
        const SyCommand *command = &transaction->commands[i];
        const SyAnswer answer = apply(control, transaction, command);
        transaction->answer(transaction, i, &answer);
        if (command->kind == SY_CMD_SET && answer.status == SY_OK) {
            SyNotice notice = {.kind = SY_NOTICE_SET, .module = command->param.module};
            notice.param = (SyParamValue){command->param.value.param, answer.written};
            notify(control, transaction, notice);
        }
    }
    transaction->release(transaction);
}

static void *run(void *user)
{
    SyControl *control = user;
    pthread_mutex_lock(&control->lock);
    while (!control->stop) {
        if (control->held || control->n_queued == 0) {
            pthread_cond_wait(&control->changed, &control->lock);
            continue;
        }
        SyTransaction *transaction = control->queue[0];
        control->working = true;
        pthread_mutex_unlock(&control->lock);
        carry_out(control, transaction);
        pthread_mutex_lock(&control->lock);
        control->n_queued--; /* only now: sets must not overtake it */
        memmove(control->queue, control->queue + 1,
                (size_t)control->n_queued * sizeof control->queue[0]);
        control->working = false;
        pthread_cond_broadcast(&control->changed);
    }
    pthread_mutex_unlock(&control->lock);
    return NULL;
}

static bool only_values(const SyTransaction *transaction)
{
    for (size_t i = 0; i < transaction->n_commands; i++) {
        const SyCommandKind kind = transaction->commands[i].kind;
        if (kind != SY_CMD_SET && kind != SY_CMD_GET && kind != SY_CMD_NOTE) {
            return false;
        }
    }
    return !transaction->all_or_nothing;
}

static void note_down(SyControl *control, const SyTransaction *transaction, bool direct)
{
    if (control->n_log < DOUBLE_LOG) {
        control->log[control->n_log] =
            (DoubleSeen){transaction->when, transaction->n_commands, transaction->all_or_nothing,
                         transaction->replace, direct};
    }
    control->n_log++;
}

SyStatus sy_control_submit(SyControl *control, SyTransaction *transaction)
{
    pthread_mutex_lock(&control->lock);
    const bool direct = only_values(transaction) && control->n_queued == 0;
    const bool room = control->n_queued < control->room;
    if (direct || room) {
        note_down(control, transaction, direct);
    }
    if (!direct && room) {
        control->queue[control->n_queued++] = transaction;
        pthread_cond_broadcast(&control->changed);
    }
    pthread_mutex_unlock(&control->lock);
    if (direct) {
        carry_out(control, transaction);
    }
    return direct || room ? SY_OK : SY_ERR_BUSY;
}

void sy_control_subscribe(SyControl *control, SyNoticeFunc *notice, void *user)
{
    control->notice = notice;
    control->notice_user = user;
}

uint8_t sy_control_voices(SyControl *control, SyModuleRef module)
{
    return module_at(control, module)->voices;
}

int64_t sy_control_frame_at(SyControl *control, double unix_seconds)
{
    return llround((unix_seconds - control->unix_at_zero) * RATE);
}

void sy_control_enter_osc(SyControl *control)
{
    (void)control;
}

int64_t sy_control_frame_now(SyControl *control)
{
    return atomic_load(&control->now);
}

SyControl *double_new(void)
{
    SyControl *control = calloc(1, sizeof *control);
    if (!control) {
        abort();
    }
    control->modules = calloc(sy_registry_count() * (SY_ID_MAX + 1u), sizeof *control->modules);
    control->room = QUEUE;
    pthread_mutex_init(&control->lock, NULL);
    pthread_cond_init(&control->changed, NULL);
    if (!control->modules || pthread_create(&control->thread, NULL, run, control) != 0) {
        abort();
    }
    return control;
}

void double_free(SyControl *control)
{
    pthread_mutex_lock(&control->lock);
    control->stop = true;
    pthread_cond_broadcast(&control->changed);
    pthread_mutex_unlock(&control->lock);
    pthread_join(control->thread, NULL);
    for (int i = 0; i < control->n_queued; i++) {
        control->queue[i]->release(control->queue[i]);
    }
    pthread_mutex_destroy(&control->lock);
    pthread_cond_destroy(&control->changed);
    free(control->modules);
    free(control);
}

void double_hold(SyControl *control, bool held)
{
    pthread_mutex_lock(&control->lock);
    control->held = held;
    pthread_cond_broadcast(&control->changed);
    while (held && control->working) {
        pthread_cond_wait(&control->changed, &control->lock);
    }
    pthread_mutex_unlock(&control->lock);
}

void double_set_room(SyControl *control, int room)
{
    pthread_mutex_lock(&control->lock);
    control->room = room;
    pthread_mutex_unlock(&control->lock);
}

void double_set_clock(SyControl *control, double unix_at_zero, int64_t now)
{
    control->unix_at_zero = unix_at_zero;
    atomic_store(&control->now, now);
}

int double_count(SyControl *control)
{
    pthread_mutex_lock(&control->lock);
    const int n = control->n_log;
    pthread_mutex_unlock(&control->lock);
    return n;
}

DoubleSeen double_seen(SyControl *control, int index)
{
    pthread_mutex_lock(&control->lock);
    const DoubleSeen seen = control->log[index < DOUBLE_LOG ? index : DOUBLE_LOG - 1];
    pthread_mutex_unlock(&control->lock);
    return seen;
}

bool double_has_quit(SyControl *control)
{
    return atomic_load(&control->quit);
}

void double_notify(SyControl *control, const SyNotice *notice)
{
    notify(control, NULL, *notice);
}

void double_quarantine(SyControl *control, SyModuleRef module, const char *fault)
{
    pthread_mutex_lock(&control->lock);
    put_in_quarantine(control, module, fault);
    pthread_mutex_unlock(&control->lock);
}
