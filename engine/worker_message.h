/* What goes through a worker's command and reply rings. */
#ifndef SY_ENGINE_WORKER_MESSAGE_H
#define SY_ENGINE_WORKER_MESSAGE_H

#include <stdint.h>

#include "engine/ring.h"

typedef enum SyWorkerMessageKind {
    SY_MESSAGE_ASSIGN = 1, /* initialise a module's state */
    SY_MESSAGE_PING,       /* answer, nothing else: what the bench times */
} SyWorkerMessageKind;

typedef struct SyWorkerMessage {
    uint16_t kind; /* SyWorkerMessageKind */
    uint16_t type; /* module type */
    uint16_t voices;
    uint16_t id;
    uint32_t slot;     /* the node's */
    uint32_t ticket;   /* comes back in the reply */
    uint64_t state_at; /* first state slot */
} SyWorkerMessage;

#endif
