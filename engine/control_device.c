/* Which driver has the block cycle: the device while there is one, the clock while there is none.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "engine/control_private.h"

#define RETRY_NS 2000000000 /* between tries of a device that was lost */

static void want_driver(SyControl *control, SyDriverKind driver)
{
    atomic_store(&control->audio->driver_wanted, driver);
    sy_bell_ring(&control->audio->driver_bell);
}

static void tell(SyControl *control, const char *text)
{
    const SyNotice notice = {.kind = SY_NOTICE_AUDIO, .text = text};
    fprintf(stderr, "synthd: audio: %s\n", text);
    sy_control_notify(control, &notice);
}

void sy_control_request_device(SyControl *control)
{
    SyDeviceShared *device = &control->audio->device;

    snprintf(device->spec, sizeof(device->spec), "%s", control->options.device);
    atomic_store(&device->state, SY_DEVICE_OPENING);
    atomic_fetch_add(&device->requests, 1);
    kill(getppid(), SIGUSR1);
}

SyStatus sy_control_open_device(SyControl *control, char *error, size_t error_size)
{
    SyDeviceShared *device = &control->audio->device;
    const int64_t until = sy_now_ns() + 15000000000;

    sy_control_request_device(control);
    while (atomic_load(&device->state) == SY_DEVICE_OPENING) {
        const uint32_t seen = sy_bell_listen(&control->segment->control_bell);
        if (sy_now_ns() > until) {
            snprintf(error, error_size, "the audio device does not open");
            return SY_ERR_AUDIO;
        }
        if (atomic_load(&device->state) == SY_DEVICE_OPENING) {
            sy_bell_sleep(&control->segment->control_bell, seen, 10000000);
        }
    }
    if (atomic_load(&device->state) != SY_DEVICE_RUNNING) {
        snprintf(error, error_size, "%s", device->text);
        return SY_ERR_AUDIO;
    }
    control->device_state = SY_DEVICE_RUNNING;
    want_driver(control, SY_DRIVER_DEVICE);
    return SY_OK;
}

void sy_control_use_clock(SyControl *control)
{
    want_driver(control, SY_DRIVER_ENGINE);
}

static void lose(SyControl *control)
{
    char text[320];

    /* A device process that was killed can have had the cycle; it is not there any more. */
    sy_audio_recover(control->audio, SY_DRIVER_DEVICE);
    sy_audio_hand_over(control->audio, SY_DRIVER_DEVICE);
    want_driver(control, SY_DRIVER_ENGINE);
    snprintf(text, sizeof(text), "%s; going on by the clock, and trying again",
             control->audio->device.text);
    tell(control, text);
    control->device_retry_ns = sy_now_ns() + RETRY_NS;
}

static void regain(SyControl *control)
{
    char text[320];

    want_driver(control, SY_DRIVER_DEVICE);
    snprintf(text, sizeof(text), "playing on %s again", control->audio->device.text);
    tell(control, text);
    control->device_retry_ns = 0;
}

void sy_control_look_at_device(SyControl *control)
{
    const uint32_t state = atomic_load(&control->audio->device.state);

    if (control->device_state == SY_DEVICE_RUNNING && state != SY_DEVICE_RUNNING) {
        control->device_state = SY_DEVICE_LOST;
        lose(control);
    } else if (control->device_state == SY_DEVICE_LOST && state == SY_DEVICE_RUNNING) {
        control->device_state = SY_DEVICE_RUNNING;
        regain(control);
    } else if (control->device_state == SY_DEVICE_LOST && state != SY_DEVICE_OPENING &&
               sy_now_ns() > control->device_retry_ns) {
        control->device_retry_ns = sy_now_ns() + RETRY_NS;
        sy_control_request_device(control);
    }
}
