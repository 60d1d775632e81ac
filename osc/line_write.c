#include "osc/line_write.h"

#include <stdlib.h>

#include "modules/registry.h"
#include "osc/address.h"

/* The shortest digits that read back as the same float. */
static void write_number(FILE *file, float value)
{
    char digits[32];
    for (int precision = 6; precision <= 9; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, (double)value);
        if (strtof(digits, NULL) == value) {
            break;
        }
    }
    fputs(digits, file);
}

/* A choice by its name, and everything else by number: also what is no choice, which the engine
 * will limit as it did the first time. */
static void write_value(FILE *file, uint16_t type, SyParamValue value)
{
    const SyParamInfo *param = &sy_registry_at(type)->params[value.param];
    const bool within = value.written >= param->min && value.written <= param->max;
    const int step = within ? (int)(value.written - param->min) : 0;
    if (param->choices && within && value.written == param->min + (float)step) {
        fputs(param->choices[step], file);
    } else {
        write_number(file, value.written);
    }
}

/* Without the leading slash, as people write it. */
static void write_ends(FILE *file, const char *verb, SyPortRef from, SyPortRef to)
{
    char output[SY_ADDRESS_MAX], input[SY_ADDRESS_MAX];
    sy_address_of_output(output, from);
    sy_address_of_input(input, to);
    fprintf(file, "%s %s %s", verb, output + 1, input + 1);
}

void sy_line_write_create(FILE *file, SyModuleRef module, uint32_t voices)
{
    fprintf(file, "create %s --id %u", sy_registry_at(module.type)->name, module.id);
    if (voices != 1) {
        fprintf(file, " --voices %u", voices);
    }
}

void sy_line_write_option(FILE *file, uint16_t type, SyParamValue value)
{
    fprintf(file, " --%s ", sy_registry_at(type)->params[value.param].name);
    write_value(file, type, value);
}

void sy_line_write_file(FILE *file, const char *path)
{
    fprintf(file, " --file \"%s\"", path);
}

void sy_line_write_set_file(FILE *file, SyModuleRef module, const char *path)
{
    fprintf(file, "set %s/%u/file \"%s\"\n", sy_registry_at(module.type)->name, module.id, path);
}

void sy_line_write_destroy(FILE *file, SyModuleRef module)
{
    fprintf(file, "destroy %s/%u\n", sy_registry_at(module.type)->name, module.id);
}

void sy_line_write_connect(FILE *file, SyPortRef from, SyPortRef to, float gain)
{
    write_ends(file, "connect", from, to);
    if (gain != 1.0f) {
        fputs(" --gain ", file);
        write_number(file, gain);
    }
    fputc('\n', file);
}

void sy_line_write_disconnect(FILE *file, SyPortRef from, SyPortRef to)
{
    write_ends(file, "disconnect", from, to);
    fputc('\n', file);
}

void sy_line_write_set(FILE *file, SyModuleRef module, SyParamValue value)
{
    char param[SY_ADDRESS_MAX];
    sy_address_of_param(param, module, value.param);
    fprintf(file, "set %s ", param + 1);
    write_value(file, module.type, value);
    fputc('\n', file);
}
