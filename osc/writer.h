/* Outgoing messages, packed into datagrams. One message goes as it is; more go as a bundle, and
 * more than fit go as several. */
#ifndef SY_OSC_WRITER_H
#define SY_OSC_WRITER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "osc/message.h"

#define SY_DATAGRAM_MAX 8192 /* bytes of a datagram, unless one message is larger */

/* Takes a finished datagram; `nth` counts from 0 since the last flush. */
typedef void SyDatagramFunc(void *user, const void *data, size_t size, unsigned nth);

/* Zeroed but for func and user it is ready. */
typedef struct SyWriter {
    SyDatagramFunc *func;
    void *user;
    uint8_t *data; /* a bundle's header, then each message behind its size */
    size_t size, capacity;
    unsigned n_messages; /* in `data` */
    unsigned n_sent;     /* datagrams since the last flush */
} SyWriter;

/* Adds a message. `types` are OSC type tags, the arguments are as they say: i int32_t, h int64_t,
 * f and d double, s const char *; T and F take none. A message for which there is no memory is
 * lost. Thread: the writer's owner.  RT: no. */
void sy_writer_add(SyWriter *writer, const char *address, const char *types, ...);

/* The same with the arguments as a list, the string `first` before them and *last behind them, each
 * left out if it is NULL. */
void sy_writer_add_list(SyWriter *writer, const char *address, const char *first, const char *types,
                        va_list *args, const int32_t *last);

/* Adds a message, and behind its arguments *last, if `last` is not NULL. */
void sy_writer_add_message(SyWriter *writer, const SyMessage *message, const int32_t *last);

/* Adds a message that was made elsewhere (`size` a multiple of 4).  As above. */
void sy_writer_add_raw(SyWriter *writer, const void *message, size_t size);

/* Hands over what is left.  Thread: the writer's owner. */
void sy_writer_flush(SyWriter *writer);

/* Frees the memory; what was not flushed is lost. */
void sy_writer_deinit(SyWriter *writer);

#endif
