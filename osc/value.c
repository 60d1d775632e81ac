#include "osc/value.h"

#include <float.h>
#include <math.h>
#include <string.h>

bool sy_arg_is_number(const SyArg *arg)
{
    return arg->type != '\0' && strchr("ifdhTF", arg->type) != NULL;
}

double sy_arg_number(const SyArg *arg)
{
    switch (arg->type) {
    case 'i':
        return arg->i;
    case 'f':
        return (double)arg->f;
    case 'd':
        return arg->d;
    case 'h':
        return (double)arg->h;
    case 'T':
        return 1.0;
    default:
        return 0.0;
    }
}

static const char *kind_of(const SyArg *arg)
{
    switch (arg->type) {
    case 's':
        return "a word";
    case 'b':
        return "a blob";
    case 't':
        return "a timetag";
    default:
        return "something else";
    }
}

static SyStatus finite_number(const SyArg *arg, const char *name, double *value, SyError *error)
{
    if (!sy_arg_is_number(arg)) {
        if (arg->type == 's') {
            return sy_problem(error, SY_ERR_VALUE, "%s must be a number, not '%.40s'", name,
                              arg->s);
        }
        return sy_problem(error, SY_ERR_VALUE, "%s must be a number, not %s", name, kind_of(arg));
    }
    *value = sy_arg_number(arg);
    if (!isfinite(*value)) {
        return sy_problem(error, SY_ERR_VALUE, "%s is not finite", name);
    }
    return SY_OK;
}

SyStatus sy_arg_float(const SyArg *arg, const char *name, float *value, SyError *error)
{
    double number = 0.0;
    const SyStatus status = finite_number(arg, name, &number, error);
    if (status == SY_OK) {
        *value = (float)fmin(fmax(number, -(double)FLT_MAX), (double)FLT_MAX);
    }
    return status;
}

SyStatus sy_arg_whole(const SyArg *arg, const char *name, int32_t min, int32_t max, int32_t *value,
                      SyError *error)
{
    double number = 0.0;
    const SyStatus status = finite_number(arg, name, &number, error);
    if (status != SY_OK) {
        return status;
    }
    if (number != floor(number) || number < min || number > max) {
        return sy_problem(error, SY_ERR_VALUE, "%s must be a whole number from %d to %d, not %g",
                          name, min, max, number);
    }
    *value = (int32_t)number;
    return SY_OK;
}

static SyStatus choice(const char *word, const SyParamInfo *param, float *value, SyError *error)
{
    const int n = (int)(param->max - param->min) + 1;
    SyNames names = {.n = 0};
    char hint[360];
    for (int i = 0; i < n; i++) {
        if (strcmp(word, param->choices[i]) == 0) {
            *value = param->min + (float)i;
            return SY_OK;
        }
        sy_names_add(&names, param->choices[i]);
    }
    sy_names_hint(&names, word, strlen(word), hint, sizeof hint);
    return sy_problem(error, SY_ERR_VALUE, "%s cannot be '%.40s'; %s", param->name, word, hint);
}

SyStatus sy_arg_param(const SyArg *arg, const SyParamInfo *param, float *value, SyError *error)
{
    if (arg->type == 's' && param->choices) {
        return choice(arg->s, param, value, error);
    }
    return sy_arg_float(arg, param->name, value, error);
}
