/* A message's bytes become its arguments. */
#ifndef SY_OSC_PARSE_H
#define SY_OSC_PARSE_H

#include "osc/message.h"
#include "osc/text.h"

typedef struct SyParsed {
    SyMessage message; /* points into what follows, and into the bytes */
    SyArg args[SY_ARGS_MAX];
    void *kept; /* liblo's, holds the words */
} SyParsed;

/* Reads one message, which sy_packet_check() must have passed; `data` must outlive `parsed`.
 * Returns SY_OK; SY_ERR_USAGE: more than SY_ARGS_MAX arguments; SY_ERR_PACKET: liblo cannot read
 * it. Thread: any.  RT: no. */
SyStatus sy_parsed_init(SyParsed *parsed, const void *data, size_t size, SyError *error);

/* Frees what sy_parsed_init() took.  Thread: any.  RT: no. */
void sy_parsed_deinit(SyParsed *parsed);

#endif
