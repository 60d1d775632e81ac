/* Arguments as numbers. OSC clients differ in what they send: Pd knows floats only, others send
 * whole numbers as integers and switches as T and F; all of them are meant. */
#ifndef SY_OSC_VALUE_H
#define SY_OSC_VALUE_H

#include <stdbool.h>

#include "modules/module.h"
#include "osc/message.h"
#include "osc/text.h"

/* Whether the argument is a number of some kind (i f d h T F).  Thread: any.  RT: yes. */
bool sy_arg_is_number(const SyArg *arg);

/* The number it is, 0 for anything else.  Thread: any.  RT: yes. */
double sy_arg_number(const SyArg *arg);

/* A finite number, limited to what a float can hold; `name` says in errors what it is for.
 * Returns SY_OK or SY_ERR_VALUE.  Thread: any.  RT: no. */
SyStatus sy_arg_float(const SyArg *arg, const char *name, float *value, SyError *error);

/* A whole number from min to max.  Returns SY_OK or SY_ERR_VALUE.  Thread: any.  RT: no. */
SyStatus sy_arg_whole(const SyArg *arg, const char *name, int32_t min, int32_t max, int32_t *value,
                      SyError *error);

/* A parameter's value as written: a number, or the name of one of its choices. It is not clamped
 * here. Returns SY_OK or SY_ERR_VALUE.  Thread: any.  RT: no. */
SyStatus sy_arg_param(const SyArg *arg, const SyParamInfo *param, float *value, SyError *error);

#endif
