/* The parts of synthbench osc, and the engine that those have in common which look inside it. */
#ifndef SY_BENCH_BENCH_OSC_H
#define SY_BENCH_BENCH_OSC_H

#include "bench/bench.h"
#include "bench/bench_osc_moves.h"
#include "bench/stage.h"
#include "engine/clock.h"
#include "osc/server.h"

#define SY_OSC_RIG_RATE      48000
#define SY_OSC_RIG_PERIOD_NS 1333333 /* of 64 frames */

/* What is sent over and over, with another float at its end. */
typedef struct SyOscPacket {
    char bytes[64];
    size_t size;
} SyOscPacket;

/* What synthd's engine process is made of, inside synthbench: zygote, workers, control thread, osc
 * thread with its sockets, and the clock that drives the blocks. A gate goes through an amplifier
 * to the output: keys/1/gate, vca/1, out/1. The amplifier's gain is the knob. */
typedef struct SyOscRig {
    SyStage stage;
    SyServer *server;
    SyClock *clock;
    int socket;                 /* UDP, connected to the server */
    const _Atomic float *value; /* the knob's, as the engine has it: what a get would answer */
    SyOscPacket knob;
    SyMoves moves;                /* of what is handed out */
    SyFrame frames[SY_BLOCK_MAX]; /* the last block taken from the tape */
    uint32_t n_fed;               /* frames of it that `moves` has been fed */
    unsigned seed;
} SyOscRig;

/* Opens it, silent, with the gate closed and the knob at 0 dB. False when it could not, having said
 * why on stderr; then there is nothing to close. The calling process must have one thread.
 * Thread: any, as all below but for what is said.  RT: no. */
bool sy_osc_rig_open(SyOscRig *rig);
void sy_osc_rig_close(SyOscRig *rig);

/* Makes a message to `path` with floats that are 0; puts another in the last one's place. False
 * when the message is too long. */
bool sy_osc_packet_init(SyOscPacket *packet, const char *path, unsigned n_floats);
void sy_osc_packet_value(SyOscPacket *packet, float value);

/* Sends it through the rig's socket. False and a word on stderr if that fails. */
bool sy_osc_rig_send(const SyOscRig *rig, const void *bytes, size_t size);

/* Opens or closes the gate, and waits until it is heard. */
bool sy_osc_rig_gate(SyOscRig *rig, bool open);

/* Packets that the osc thread has received, ever. */
uint64_t sy_osc_rig_packets(const SyOscRig *rig);

/* Feeds rig->moves with what has been handed out since. Stops where a move ends, and says whether
 * one did: if not, there is no more at the moment. */
bool sy_osc_rig_hear(SyOscRig *rig);

/* The same to the end, whatever moves. */
void sy_osc_rig_hear_all(SyOscRig *rig);

/* What may keep an edge from its frame: late blocks, moves of the engine's clock, and bundles that
 * came after their time. */
uint64_t sy_osc_rig_disturbances(const SyOscRig *rig);

/* Sleeps for `ns` and up to a period more, by chance, so that packets come at any phase of a
 * block. */
void sy_osc_rig_pause(SyOscRig *rig, long ns);

/* (a) From send() to a value that the engine has. (b) From send() to a block with the first changed
 * sample. (c) Bundles with timetags: how far their sound is from where it should be. Each adds its
 * rows, values and goals to the report and its wake-ups to `noise`. False when something could not
 * be measured, having said so on stderr. */
bool sy_osc_measure_value(SyOscRig *rig, uint64_t n, SyReport *report, SyHistogram *noise);
bool sy_osc_measure_block(SyOscRig *rig, uint64_t n, SyReport *report, SyHistogram *noise);
bool sy_osc_measure_timetags(SyOscRig *rig, uint64_t n, SyReport *report);

/* (e) From send() to the device: a synthd on a JACK server of the bench's own. Adds a note instead
 * if there is no such server. */
bool sy_osc_measure_jack(const SyBenchOptions *options, uint64_t n, SyReport *report,
                         SyHistogram *noise);

#endif
