#include "osc/parse.h"

#include <lo/lo.h>
#include <string.h>

/* liblo's view of an argument as ours. It lies at a multiple of 4, which is not enough for a
 * lo_arg. */
static SyArg convert(char type, const void *value)
{
    SyArg arg = {.type = type == 'S' ? 's' : type};
    switch (arg.type) {
    case 'i':
        memcpy(&arg.i, value, sizeof arg.i);
        break;
    case 'h':
        memcpy(&arg.h, value, sizeof arg.h);
        break;
    case 'f':
        memcpy(&arg.f, value, sizeof arg.f);
        break;
    case 'd':
        memcpy(&arg.d, value, sizeof arg.d);
        break;
    case 's':
        arg.s = value;
        break;
    default:
        break;
    }
    return arg;
}

SyStatus sy_parsed_init(SyParsed *parsed, const void *data, size_t size, SyError *error)
{
    int result = 0;
    /* The parameter is not const, but liblo copies what it reads. */
    lo_message kept = lo_message_deserialise((void *)(uintptr_t)data, size, &result);
    if (!kept) {
        return sy_problem(error, SY_ERR_PACKET, "liblo cannot read this message (%d)", result);
    }
    const int n = lo_message_get_argc(kept);
    if (n > SY_ARGS_MAX) {
        lo_message_free(kept);
        return sy_problem(error, SY_ERR_USAGE, "more than %d arguments", SY_ARGS_MAX);
    }
    const char *types = lo_message_get_types(kept);
    lo_arg **values = lo_message_get_argv(kept);
    for (int i = 0; i < n; i++) {
        parsed->args[i] = convert(types[i], values[i]);
    }
    parsed->message = (SyMessage){data, parsed->args, (size_t)n};
    parsed->kept = kept;
    return SY_OK;
}

void sy_parsed_deinit(SyParsed *parsed)
{
    lo_message_free(parsed->kept);
}
