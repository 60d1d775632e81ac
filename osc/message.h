/* An OSC message with its arguments, free of any library: what a packet, a line of a patch file and
 * a command line all become before they are routed. */
#ifndef SY_OSC_MESSAGE_H
#define SY_OSC_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#define SY_ARGS_MAX                                                                                \
    64 /* arguments that a message can have: /create with every parameter needs 37 */

/* `type` is an OSC type tag: i h f d s, or T and F, which have no value. Symbols (S) become s.
 * Other tags keep their letter and have no value here, so that an error can name them. */
typedef struct SyArg {
    char type;
    union {
        int32_t i;
        int64_t h;
        float f;
        double d;
        const char *s; /* the message's owner keeps it */
    };
} SyArg;

typedef struct SyMessage {
    const char *address; /* with its leading slash */
    const SyArg *args;   /* [n_args] */
    size_t n_args;
} SyMessage;

#endif
