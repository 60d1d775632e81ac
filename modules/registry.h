/* Every module type there is, by number and by name. */
#ifndef SY_MODULES_REGISTRY_H
#define SY_MODULES_REGISTRY_H

#include "modules/module.h"

/* Number of module types.  Thread: any.  RT: yes. */
uint32_t sy_registry_count(void);

/* Type number `type`, or NULL from sy_registry_count() on.  Thread: any.  RT: yes. */
const SyModule *sy_registry_at(uint32_t type);

/* The number of the type called `name`, or -1 if there is none.  Thread: any.  RT: yes. */
int sy_registry_find(const char *name);

/* The number of an input, output or parameter of `module` by its name, or -1.
 * Thread: any.  RT: yes. */
int sy_module_find_input(const SyModule *module, const char *name);
int sy_module_find_output(const SyModule *module, const char *name);
int sy_module_find_param(const SyModule *module, const char *name);

/* `written` limited to where the knob stops (rounded to a whole number for a switch).
 * Thread: any.  RT: yes. */
float sy_param_clamp(const SyParamInfo *param, float written);

/* What process() sees for a value as written, which must have been clamped.
 * Thread: any but audio (uses libm).  RT: yes. */
float sy_param_internal(const SyParamInfo *param, float written);

#endif
