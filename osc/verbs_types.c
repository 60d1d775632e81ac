/* Verbs that show the module types. They work without an engine: the table is linked in. */
#include <stdio.h>
#include <string.h>

#include "modules/registry.h"
#include "osc/address.h"
#include "osc/ctl.h"

SyStatus sy_verb_types(SyCtl *ctl, char **words, int n)
{
    const SyStatus status = sy_ctl_count(ctl, words, n, 0, 0);
    struct json_object *list = ctl->json ? json_object_new_object() : NULL;
    for (uint32_t i = 0; status == SY_OK && i < sy_registry_count(); i++) {
        const SyModule *info = sy_registry_at(i);
        if (list) {
            json_object_object_add(list, info->name, json_object_new_string(info->help));
        } else {
            printf("%s%-8s%s %s\n", sy_bold(ctl), info->name, sy_plain(ctl), info->help);
        }
    }
    if (list) {
        sy_print_json(list);
    }
    return status;
}

static const char *curve_name(SyCurve curve)
{
    static const char *const names[] = {
        [SY_CURVE_LINEAR] = "linear",
        [SY_CURVE_PITCH] = "pitch",
        [SY_CURVE_DB] = "dB",
        [SY_CURVE_STEP] = "step",
    };
    return names[curve];
}

static struct json_object *json_ports(const SyPortInfo *ports, uint8_t n, bool inputs)
{
    struct json_object *list = json_object_new_object();
    for (uint8_t i = 0; i < n; i++) {
        struct json_object *port = json_object_new_object();
        json_object_object_add(port, "help", json_object_new_string(ports[i].help));
        if (inputs) {
            json_object_object_add(port, "normal", sy_json_float((double)ports[i].normal));
        }
        if (inputs && ports[i].normalled_to) {
            json_object_object_add(port, "normalled_to",
                                   json_object_new_string(ports[ports[i].normalled_to - 1].name));
        }
        json_object_object_add(list, ports[i].name, port);
    }
    return list;
}

static int n_choices(const SyParamInfo *param)
{
    return param->choices ? (int)(param->max - param->min) + 1 : 0;
}

static struct json_object *json_param(const SyParamInfo *info)
{
    struct json_object *param = json_object_new_object();
    json_object_object_add(param, "help", json_object_new_string(info->help));
    json_object_object_add(param, "unit", json_object_new_string(info->unit));
    json_object_object_add(param, "min", sy_json_float((double)info->min));
    json_object_object_add(param, "max", sy_json_float((double)info->max));
    json_object_object_add(param, "default", sy_json_float((double)info->def));
    json_object_object_add(param, "curve", json_object_new_string(curve_name(info->curve)));
    if (info->choices) {
        struct json_object *choices = json_object_new_array();
        for (int i = 0; i < n_choices(info); i++) {
            json_object_array_add(choices, json_object_new_string(info->choices[i]));
        }
        json_object_object_add(param, "choices", choices);
    }
    return param;
}

static void print_as_json(const SyModule *info)
{
    struct json_object *type = json_object_new_object();
    struct json_object *params = json_object_new_object();
    for (uint8_t i = 0; i < info->n_params; i++) {
        json_object_object_add(params, info->params[i].name, json_param(&info->params[i]));
    }
    json_object_object_add(type, "type", json_object_new_string(info->name));
    json_object_object_add(type, "help", json_object_new_string(info->help));
    json_object_object_add(type, "notes", json_object_new_boolean(info->event != NULL));
    json_object_object_add(type, "file",
                           json_object_new_string(info->file ? info->file->help : ""));
    json_object_object_add(type, "inputs", json_ports(info->inputs, info->n_inputs, true));
    json_object_object_add(type, "outputs", json_ports(info->outputs, info->n_outputs, false));
    json_object_object_add(type, "parameters", params);
    sy_print_json(type);
}

static void print_ports(const SyCtl *ctl, const char *title, const SyPortInfo *ports, uint8_t n)
{
    if (n > 0) {
        printf("\n%s%s%s\n", sy_dim(ctl), title, sy_plain(ctl));
    }
    for (uint8_t i = 0; i < n; i++) {
        printf("  %s%-11s%s %s", sy_bold(ctl), ports[i].name, sy_plain(ctl), ports[i].help);
        if (ports[i].normalled_to) {
            printf(" %s(unpatched: as %s)%s", sy_dim(ctl), ports[ports[i].normalled_to - 1].name,
                   sy_plain(ctl));
        }
        putchar('\n');
    }
}

static void print_range(const SyCtl *ctl, const SyParamInfo *param)
{
    char min[32], max[32], def[32];
    printf("%s(", sy_dim(ctl));
    if (param->choices) {
        for (int i = 0; i < n_choices(param); i++) {
            const bool is_default = param->min + (float)i == param->def;
            printf("%s%s%s", i > 0 ? ", " : "", param->choices[i], is_default ? " (default)" : "");
        }
    } else {
        printf("%s to %s%s%s, default %s", sy_number_text((double)param->min, min),
               sy_number_text((double)param->max, max), param->unit[0] ? " " : "", param->unit,
               sy_number_text((double)param->def, def));
    }
    printf(")%s\n", sy_plain(ctl));
}

static void print_as_text(const SyCtl *ctl, const SyModule *info)
{
    printf("%s%s%s: %s\n", sy_bold(ctl), info->name, sy_plain(ctl), info->help);
    print_ports(ctl, "inputs", info->inputs, info->n_inputs);
    print_ports(ctl, "outputs", info->outputs, info->n_outputs);
    printf("\n%sparameters%s\n", sy_dim(ctl), sy_plain(ctl));
    printf("  %s%-11s%s voices of the module %s(1 to %d, default 1)%s\n", sy_bold(ctl), "voices",
           sy_plain(ctl), sy_dim(ctl), SY_VOICES_MAX, sy_plain(ctl));
    for (uint8_t i = 0; i < info->n_params; i++) {
        printf("  %s%-11s%s %s ", sy_bold(ctl), info->params[i].name, sy_plain(ctl),
               info->params[i].help);
        print_range(ctl, &info->params[i]);
    }
    if (info->file) {
        printf("  %s%-11s%s %s %s(the path of a sound file)%s\n", sy_bold(ctl), "file",
               sy_plain(ctl), info->file->help, sy_dim(ctl), sy_plain(ctl));
    }
    if (info->event) {
        printf("\nTakes notes: synthctl note %s/1 60 100\n", info->name);
    }
}

SyStatus sy_verb_describe(SyCtl *ctl, char **words, int n)
{
    uint16_t type = 0;
    SyStatus status = sy_ctl_count(ctl, words, n, 1, 1);
    if (status == SY_OK) {
        status = sy_address_type((SyPart){words[1], strlen(words[1])}, &type, &ctl->error);
    }
    if (status == SY_OK && ctl->json) {
        print_as_json(sy_registry_at(type));
    } else if (status == SY_OK) {
        print_as_text(ctl, sy_registry_at(type));
    }
    return status;
}
