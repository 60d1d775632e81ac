#include "bench/bench_osc.h"

#include <arpa/inet.h>
#include <lo/lo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench/osc_client.h"
#include "modules/registry.h"
#include "osc/patch.h"
#include "osc/server_state.h"

#define WORKERS     4
#define NOTE        60
#define REST        16 /* frames: ramps change with every frame, edges at once */
#define PATIENCE_NS UINT64_C(1000000000)

static const char patch[] = "create keys --id 1\ncreate vca --id 1\ncreate out --id 1\n"
                            "connect keys/1/gate vca/1/in\nconnect vca/1/out out/1/left\n";

static bool make_patch(SyOscRig *rig)
{
    SyCommandList list;
    SyError error;

    if (sy_patch_parse(patch, sizeof(patch) - 1, &list, &error) != SY_OK) {
        fprintf(stderr, "synthbench: %s\n", error.text);
        return false;
    }
    const bool ok = sy_stage_edit(&rig->stage, list.items, list.n);
    sy_commands_clear(&list);
    return ok;
}

/* The place where the engine keeps the knob's value. */
static bool find_knob(SyOscRig *rig)
{
    const int type = sy_registry_find("vca");
    const int param = sy_module_find_param(sy_registry_at((uint32_t)type), "gain");
    const uint32_t slot =
        sy_control_slot(rig->stage.control, (SyModuleRef){.type = (uint16_t)type, .id = 1});

    if (param < 0 || slot >= SY_MODULES_MAX) {
        fprintf(stderr, "synthbench: the amplifier is not there\n");
        return false;
    }
    rig->value = &rig->stage.audio->live[slot].written[param];
    return true;
}

static bool open_server(SyOscRig *rig)
{
    const SyServerOptions options = {.port = 0};
    char error[256];

    if (sy_server_start(&rig->server, rig->stage.control, &options, error, sizeof(error)) !=
        SY_OK) {
        fprintf(stderr, "synthbench: %s\n", error);
        return false;
    }
    rig->socket = sy_osc_socket(sy_server_port(rig->server));
    return rig->socket >= 0 || sy_bench_fail("socket");
}

static bool start_clock(SyOscRig *rig)
{
    sy_control_use_clock(rig->stage.control);
    if (sy_clock_start(&rig->clock, rig->stage.audio, 0) != SY_OK) {
        return sy_bench_fail("clock");
    }
    atomic_store(&rig->stage.audio->recording, true);
    return true;
}

bool sy_osc_rig_open(SyOscRig *rig)
{
    *rig = (SyOscRig){.socket = -1, .seed = 1, .n_fed = SY_BLOCK_MAX};
    sy_moves_init(&rig->moves, REST);
    if (!sy_stage_open(&rig->stage, WORKERS)) {
        return false;
    }
    if (make_patch(rig) && find_knob(rig) && sy_osc_packet_init(&rig->knob, "/vca/1/gain", 1) &&
        open_server(rig) && start_clock(rig)) {
        return true;
    }
    sy_osc_rig_close(rig);
    return false;
}

/* What the control thread still has to answer it answers to the server, which is therefore freed
 * after it. */
void sy_osc_rig_close(SyOscRig *rig)
{
    sy_server_stop(rig->server);
    atomic_store(&rig->stage.audio->recording, false);
    atomic_store(&rig->stage.audio->driver_wanted, SY_DRIVER_NONE);
    sy_clock_stop(rig->clock);
    sy_stage_close(&rig->stage);
    sy_server_free(rig->server);
    if (rig->socket >= 0) {
        close(rig->socket);
    }
}

bool sy_osc_packet_init(SyOscPacket *packet, const char *path, unsigned n_floats)
{
    lo_message message = lo_message_new();

    packet->size = sizeof(packet->bytes);
    for (unsigned i = 0; i < n_floats; i++) {
        lo_message_add_float(message, 0);
    }
    const bool ok = lo_message_length(message, path) <= packet->size &&
                    lo_message_serialise(message, path, packet->bytes, &packet->size);
    lo_message_free(message);
    return ok;
}

void sy_osc_packet_value(SyOscPacket *packet, float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof(bits));
    bits = htonl(bits);
    memcpy(packet->bytes + packet->size - sizeof(bits), &bits, sizeof(bits));
}

bool sy_osc_rig_send(const SyOscRig *rig, const void *bytes, size_t size)
{
    return send(rig->socket, bytes, size, 0) == (ssize_t)size || sy_bench_fail("send");
}

uint64_t sy_osc_rig_packets(const SyOscRig *rig)
{
    return atomic_load_explicit(&rig->server->counts.packets, memory_order_acquire);
}

/* Whether there is a frame that has not been fed. */
static bool has_frame(SyOscRig *rig)
{
    const uint32_t block = rig->stage.segment->block;
    SyRing *tape = &rig->stage.audio->tape_out;

    if (rig->n_fed < block) {
        return true;
    }
    if (sy_ring_readable(tape) < block) {
        return false;
    }
    sy_ring_read_many(tape, rig->frames, block);
    rig->n_fed = 0;
    return true;
}

bool sy_osc_rig_hear(SyOscRig *rig)
{
    while (has_frame(rig)) {
        if (sy_moves_feed(&rig->moves, rig->frames[rig->n_fed++].left)) {
            return true;
        }
    }
    return false;
}

void sy_osc_rig_hear_all(SyOscRig *rig)
{
    while (sy_osc_rig_hear(rig)) {
    }
}

static bool send_gate(const SyOscRig *rig, bool open)
{
    lo_message message = lo_message_new();
    char bytes[64];
    size_t size = sizeof(bytes);

    lo_message_add(message, "sif", "keys/1", NOTE, open ? 100.0 : 0.0);
    lo_message_serialise(message, "/note", bytes, &size);
    lo_message_free(message);
    return sy_osc_rig_send(rig, bytes, size);
}

/* It is where the signal rests that counts: a late block can hide how it came there. */
bool sy_osc_rig_gate(SyOscRig *rig, bool open)
{
    const uint64_t until = sy_bench_now() + PATIENCE_NS;

    if (!send_gate(rig, open)) {
        return false;
    }
    do {
        sy_osc_rig_pause(rig, 0);
        sy_osc_rig_hear_all(rig);
        if (!rig->moves.moving && (rig->moves.move.to > 0) == open) {
            return true;
        }
    } while (sy_bench_now() < until);
    fprintf(stderr, "synthbench: the gate is not heard\n");
    return false;
}

uint64_t sy_osc_rig_disturbances(const SyOscRig *rig)
{
    const SyAudio *audio = rig->stage.audio;
    return atomic_load(&audio->late) + sy_timebase_moves(&audio->timebase) +
           atomic_load(&audio->schedule.late) + atomic_load(&rig->server->counts.late);
}

void sy_osc_rig_pause(SyOscRig *rig, long ns)
{
    const long all = ns + rand_r(&rig->seed) % SY_OSC_RIG_PERIOD_NS;
    nanosleep(&(struct timespec){.tv_sec = all / 1000000000, .tv_nsec = all % 1000000000}, NULL);
}
