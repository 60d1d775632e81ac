#include "osc/writer.h"

#include <lo/lo.h>
#include <stdlib.h>
#include <string.h>

#define HEADER 16 /* "#bundle", its zero, and the timetag 1: at once */

static void put_u32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
}

static bool reserve(SyWriter *writer, size_t size)
{
    if (size <= writer->capacity) {
        return true;
    }
    const size_t capacity = size < 512 ? 512 : size < SY_DATAGRAM_MAX ? SY_DATAGRAM_MAX : size;
    uint8_t *data = realloc(writer->data, capacity);
    if (!data) {
        return false;
    }
    writer->data = data;
    writer->capacity = capacity;
    return true;
}

/* Hands over what there is. */
static void hand_over(SyWriter *writer)
{
    if (writer->n_messages == 1) {
        writer->func(writer->user, writer->data + HEADER + 4, writer->size - HEADER - 4,
                     writer->n_sent++);
    } else if (writer->n_messages > 1) {
        memcpy(writer->data, "#bundle\0\0\0\0\0\0\0\0\1", HEADER);
        writer->func(writer->user, writer->data, writer->size, writer->n_sent++);
    }
    writer->n_messages = 0;
    writer->size = 0;
}

/* Room for a message of `size` bytes, its size written in front; NULL when out of memory. */
static uint8_t *room(SyWriter *writer, size_t size)
{
    if (writer->n_messages > 0 && writer->size + 4 + size > SY_DATAGRAM_MAX) {
        hand_over(writer);
    }
    if (writer->n_messages == 0) {
        writer->size = HEADER;
    }
    if (!reserve(writer, writer->size + 4 + size)) {
        return NULL;
    }
    uint8_t *at = writer->data + writer->size;
    put_u32(at, (uint32_t)size);
    writer->size += 4 + size;
    writer->n_messages++;
    return at + 4;
}

void sy_writer_add_raw(SyWriter *writer, const void *message, size_t size)
{
    uint8_t *at = room(writer, size);
    if (at) {
        memcpy(at, message, size);
    }
}

static void add_argument(lo_message message, char type, va_list *args)
{
    switch (type) {
    case 'i':
        lo_message_add_int32(message, va_arg(*args, int32_t));
        break;
    case 'h':
        lo_message_add_int64(message, va_arg(*args, int64_t));
        break;
    case 'f':
        lo_message_add_float(message, (float)va_arg(*args, double));
        break;
    case 'd':
        lo_message_add_double(message, va_arg(*args, double));
        break;
    case 's':
        lo_message_add_string(message, va_arg(*args, const char *));
        break;
    case 'T':
        lo_message_add_true(message);
        break;
    case 'F':
        lo_message_add_false(message);
        break;
    default:
        break;
    }
}

/* Ends a message: writes and frees it. */
static void finish(SyWriter *writer, const char *address, lo_message message, const int32_t *last)
{
    if (last) {
        lo_message_add_int32(message, *last);
    }
    uint8_t *at = room(writer, lo_message_length(message, address));
    if (at) {
        lo_message_serialise(message, address, at, NULL);
    }
    lo_message_free(message);
}

void sy_writer_add_list(SyWriter *writer, const char *address, const char *first, const char *types,
                        va_list *args, const int32_t *last)
{
    lo_message message = lo_message_new();
    if (!message) {
        return;
    }
    if (first) {
        lo_message_add_string(message, first);
    }
    for (const char *type = types; *type != '\0'; type++) {
        add_argument(message, *type, args);
    }
    finish(writer, address, message, last);
}

static void add_arg(lo_message message, const SyArg *arg)
{
    switch (arg->type) {
    case 'i':
        lo_message_add_int32(message, arg->i);
        break;
    case 'h':
        lo_message_add_int64(message, arg->h);
        break;
    case 'f':
        lo_message_add_float(message, arg->f);
        break;
    case 'd':
        lo_message_add_double(message, arg->d);
        break;
    case 's':
        lo_message_add_string(message, arg->s);
        break;
    case 'T':
        lo_message_add_true(message);
        break;
    case 'F':
        lo_message_add_false(message);
        break;
    default:
        break;
    }
}

void sy_writer_add_message(SyWriter *writer, const SyMessage *message, const int32_t *last)
{
    lo_message made = lo_message_new();
    if (made) {
        for (size_t i = 0; i < message->n_args; i++) {
            add_arg(made, &message->args[i]);
        }
        finish(writer, message->address, made, last);
    }
}

void sy_writer_add(SyWriter *writer, const char *address, const char *types, ...)
{
    va_list args;
    va_start(args, types);
    sy_writer_add_list(writer, address, NULL, types, &args, NULL);
    va_end(args);
}

void sy_writer_flush(SyWriter *writer)
{
    hand_over(writer);
    writer->n_sent = 0;
}

void sy_writer_deinit(SyWriter *writer)
{
    free(writer->data);
    writer->data = NULL;
    writer->size = writer->capacity = 0;
    writer->n_messages = writer->n_sent = 0;
}
