#include "osc/dump.h"

#include <stdio.h>

#include "osc/log.h"
#include "osc/value.h"

static int show_arg(char *text, size_t size, const SyArg *arg)
{
    if (arg->type == 's') {
        return snprintf(text, size, ", \"%s\"", arg->s);
    }
    if (arg->type == 'T' || arg->type == 'F') {
        return snprintf(text, size, ", %s", arg->type == 'T' ? "true" : "false");
    }
    if (sy_arg_is_number(arg)) {
        return snprintf(text, size, ", %.9g", sy_arg_number(arg));
    }
    return snprintf(text, size, ", (%c)", arg->type);
}

static void show_text(const SyPeer *peer, const SyMessage *message)
{
    char text[900];
    char who[SY_PEER_TEXT];
    size_t used = (size_t)snprintf(text, sizeof text, "\"%.200s\"", message->address);
    for (size_t i = 0; i < message->n_args && used < sizeof text; i++) {
        used += (size_t)show_arg(text + used, sizeof text - used, &message->args[i]);
    }
    sy_peer_format(peer, who);
    sy_log("osc: [ %s ] from %s", text, who);
}

static void show_bytes(const uint8_t *data, size_t size)
{
    for (size_t row = 0; row < size && row < 512; row += 16) {
        char text[64] = "";
        for (size_t i = row; i < row + 16 && i < size; i++) {
            snprintf(text + (i - row) * 3, 4, "%02x ", data[i]);
        }
        sy_log("osc: %04zx  %s", row, text);
    }
}

void sy_dump_message(const SyServer *server, const SyPeer *peer, const SyMessage *message,
                     const void *data, size_t size)
{
    const int mode = atomic_load_explicit(&server->dump, memory_order_relaxed);
    if (mode & 1) {
        show_text(peer, message);
    }
    if (mode & 2) {
        show_bytes(data, size);
    }
}
