#include "osc/address.h"

#include <stdio.h>
#include <string.h>

#include "modules/registry.h"

/* The registry's functions want terminated names. */
#define NAME_MAX_BYTES 64

static const char *terminated(SyPart part, char *name)
{
    const size_t n = part.length < NAME_MAX_BYTES ? part.length : 0;
    if (n > 0) {
        memcpy(name, part.text, n);
    }
    name[n] = '\0';
    return name;
}

static int shown(SyPart part)
{
    return part.length < 40 ? (int)part.length : 40;
}

SyParts sy_address_split(const char *address)
{
    SyParts parts = {{NULL, 0}, {NULL, 0}, {NULL, 0}, 0};
    SyPart *const slots[] = {&parts.type, &parts.id, &parts.leaf};
    const char *at = address + (address[0] == '/');
    for (;;) {
        const size_t length = strcspn(at, "/");
        if (parts.n == 3) {
            parts.n = 4;
            return parts;
        }
        *slots[parts.n++] = (SyPart){at, length};
        if (at[length] == '\0') {
            return parts;
        }
        at += length + 1;
    }
}

static void list_types(SyNames *names)
{
    names->n = 0;
    for (uint32_t i = 0; i < sy_registry_count(); i++) {
        sy_names_add(names, sy_registry_at(i)->name);
    }
}

static void list_ports(SyNames *names, const SyPortInfo *ports, uint8_t n)
{
    names->n = 0;
    for (uint8_t i = 0; i < n; i++) {
        sy_names_add(names, ports[i].name);
    }
}

SyStatus sy_address_type(SyPart part, uint16_t *type, SyError *error)
{
    char name[NAME_MAX_BYTES];
    const int found = sy_registry_find(terminated(part, name));
    if (found >= 0) {
        *type = (uint16_t)found;
        return SY_OK;
    }
    SyNames names;
    char hint[360];
    list_types(&names);
    sy_names_hint(&names, part.text, part.length, hint, sizeof hint);
    return sy_problem(error, SY_ERR_UNKNOWN_TYPE, "no module type '%.*s'; %s", shown(part),
                      part.text, hint);
}

SyStatus sy_address_id(SyPart part, uint16_t *id, SyError *error)
{
    uint32_t value = 0;
    bool digits = part.length > 0;
    for (size_t i = 0; i < part.length; i++) {
        digits = digits && part.text[i] >= '0' && part.text[i] <= '9';
        value = value > SY_ID_MAX ? value : value * 10 + (uint32_t)(part.text[i] - '0');
    }
    if (!digits) {
        return sy_problem(error, SY_ERR_ADDRESS, "'%.*s' is not a module's number (1 to %d)",
                          shown(part), part.text, SY_ID_MAX);
    }
    if (value < 1 || value > SY_ID_MAX || part.text[0] == '0') {
        return sy_problem(error, SY_ERR_ID_RANGE, "id %.*s is not in 1 to %d", shown(part),
                          part.text, SY_ID_MAX);
    }
    *id = (uint16_t)value;
    return SY_OK;
}

static SyStatus module_of(const SyParts *parts, SyModuleRef *module, SyError *error)
{
    const SyStatus status = sy_address_type(parts->type, &module->type, error);
    return status == SY_OK ? sy_address_id(parts->id, &module->id, error) : status;
}

SyStatus sy_address_module(const char *address, SyModuleRef *module, SyError *error)
{
    const SyParts parts = sy_address_split(address);
    if (parts.n != 2) {
        return sy_problem(error, SY_ERR_ADDRESS, "'%.60s' does not name a module, as vco/1 does",
                          address);
    }
    return module_of(&parts, module, error);
}

static SyStatus split_port(const char *address, SyParts *parts, SyPortRef *port, SyError *error)
{
    *parts = sy_address_split(address);
    if (parts->n != 3) {
        return sy_problem(error, SY_ERR_ADDRESS, "'%.60s' does not name a port, as vco/1/saw does",
                          address);
    }
    return module_of(parts, &port->module, error);
}

static SyStatus unknown_port(const char *kind, const SyModule *info, const SyPortInfo *ports,
                             uint8_t n, SyPart leaf, SyError *error)
{
    SyNames names;
    char hint[360];
    list_ports(&names, ports, n);
    sy_names_hint(&names, leaf.text, leaf.length, hint, sizeof hint);
    return sy_problem(error, SY_ERR_UNKNOWN_PORT, "%s has no %s '%.*s'; %s", info->name, kind,
                      shown(leaf), leaf.text, hint);
}

SyStatus sy_address_output(const char *address, SyPortRef *port, SyError *error)
{
    SyParts parts;
    char name[NAME_MAX_BYTES];
    const SyStatus status = split_port(address, &parts, port, error);
    if (status != SY_OK) {
        return status;
    }
    const SyModule *info = sy_registry_at(port->module.type);
    const int found = sy_module_find_output(info, terminated(parts.leaf, name));
    if (found >= 0) {
        port->port = (uint8_t)found;
        return SY_OK;
    }
    if (sy_module_find_input(info, name) >= 0) {
        return sy_problem(error, SY_ERR_DIRECTION,
                          "%.60s is an input; a cable goes from an output to an input", address);
    }
    return unknown_port("output", info, info->outputs, info->n_outputs, parts.leaf, error);
}

SyStatus sy_address_input(const char *address, SyPortRef *port, SyError *error)
{
    SyParts parts;
    char name[NAME_MAX_BYTES];
    const SyStatus status = split_port(address, &parts, port, error);
    if (status != SY_OK) {
        return status;
    }
    const SyModule *info = sy_registry_at(port->module.type);
    const int found = sy_module_find_input(info, terminated(parts.leaf, name));
    if (found >= 0) {
        port->port = (uint8_t)found;
        return SY_OK;
    }
    if (sy_module_find_output(info, name) >= 0) {
        return sy_problem(error, SY_ERR_DIRECTION,
                          "%.60s is an output; a cable goes from an output to an input", address);
    }
    return unknown_port("input", info, info->inputs, info->n_inputs, parts.leaf, error);
}

SyStatus sy_address_param(uint16_t type, SyPart part, uint8_t *param, SyError *error)
{
    char name[NAME_MAX_BYTES];
    char hint[360];
    const SyModule *info = sy_registry_at(type);
    const int found = sy_module_find_param(info, terminated(part, name));
    if (found >= 0) {
        *param = (uint8_t)found;
        return SY_OK;
    }
    SyNames names = {.n = 0};
    for (uint8_t i = 0; i < info->n_params; i++) {
        sy_names_add(&names, info->params[i].name);
    }
    sy_names_hint(&names, part.text, part.length, hint, sizeof hint);
    const char *port = sy_module_find_output(info, name) >= 0  ? " (that is an output)"
                       : sy_module_find_input(info, name) >= 0 ? " (that is an input)"
                                                               : "";
    return sy_problem(error, SY_ERR_UNKNOWN_PARAM, "%s has no parameter '%.*s'%s; %s", info->name,
                      shown(part), part.text, port, hint);
}

void sy_address_of_module(char *text, SyModuleRef module)
{
    snprintf(text, SY_ADDRESS_MAX, "/%.40s/%u", sy_registry_at(module.type)->name, module.id);
}

static void write_leaf(char *text, SyModuleRef module, const char *leaf)
{
    snprintf(text, SY_ADDRESS_MAX, "/%.40s/%u/%.60s", sy_registry_at(module.type)->name, module.id,
             leaf);
}

void sy_address_of_param(char *text, SyModuleRef module, uint8_t param)
{
    write_leaf(text, module, sy_registry_at(module.type)->params[param].name);
}

void sy_address_of_file(char *text, SyModuleRef module)
{
    snprintf(text, SY_ADDRESS_MAX, "/%s/%u/file", sy_registry_at(module.type)->name, module.id);
}

void sy_address_of_output(char *text, SyPortRef port)
{
    write_leaf(text, port.module, sy_registry_at(port.module.type)->outputs[port.port].name);
}

void sy_address_of_input(char *text, SyPortRef port)
{
    write_leaf(text, port.module, sy_registry_at(port.module.type)->inputs[port.port].name);
}
