/* While nothing is patched there is nothing to look after, and whatever comes is rung for: whoever
 * looks from time to time whether something was missed looks seldom. What a wake-up costs is not
 * what is done then, but the wake-up.
 *
 *   D1  everybody listens to its bell before it asks how long to sleep (sy_look_ns), and the word
 *       precedes the rings: who has still seen it set is woken
 *   D2  that wakes them even if a ring was lost with its ringer before
 *
 * An engine that is killed leaves the word as it was, and the next one's control thread sets it as
 * it finds the patch. */
#include "engine/control_private.h"

static bool is_dormant(const SyControl *control)
{
    return !control->segment->offline && control->graph->n_modules == 0 &&
           atomic_load_explicit(&control->audio->adopted, memory_order_acquire) ==
               control->serial &&
           control->device_state != SY_DEVICE_LOST &&
           sy_pool_ready_count(&control->pool) == control->pool.n_wanted;
}

/* D2 */
static void rouse_all(SyControl *control)
{
    SySegment *segment = control->segment;

    for (uint32_t i = 0; i < control->pool.n_wanted; i++) {
        sy_bell_rouse(&segment->workers[i].doorbell);
    }
    sy_bell_rouse(&segment->watchdog_bell);
    sy_bell_rouse(&segment->zygote_bell);
    sy_bell_rouse(&control->audio->device.bell);
    sy_bell_rouse(&control->audio->driver_bell);
    sy_tracer_rouse(control->tracer);
}

bool sy_control_look_whether_dormant(SyControl *control, bool is_busy)
{
    _Atomic bool *dormant = &control->segment->dormant;
    const bool was = atomic_load(dormant), is = !is_busy && is_dormant(control);

    if (was != is) {
        atomic_store(dormant, is); /* D1 */
    }
    if (was && !is) {
        rouse_all(control);
    }
    return is;
}
