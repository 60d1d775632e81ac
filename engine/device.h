/* The device process: opens an audio device through PortAudio and drives the block cycle from its
 * callback.
 *
 * It is a process of its own because a stream whose server has died can neither be stopped nor
 * closed, and PortAudio in that process is of no use any more; see
 * docs/decisions/device-process.md. It is forked by the keeper, which has no threads, as often as
 * there is a device to try. */
#ifndef SY_ENGINE_DEVICE_H
#define SY_ENGINE_DEVICE_H

#include "engine/audio.h"

/* Opens the device that SyDeviceShared.spec asks for and plays until it is lost, or until the cycle
 * is wanted by another driver for good (SySegment.closing). Says how it goes in SyDeviceShared.
 * Returns the process's exit code. Thread: setup, in a process of its own.  RT: no. */
int sy_device_run(SyAudio *audio);

#endif
