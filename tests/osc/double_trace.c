/* The double's trace: it has a level, and nothing happens in it. */
#include <stdatomic.h>
#include <string.h>

#include "engine/tracing.h"

static _Atomic SyTraceLevel level;

SyStatus sy_control_set_trace(SyControl *control, SyTraceLevel wanted)
{
    (void)control;
    atomic_store(&level, wanted);
    return SY_OK;
}

SyTraceLevel sy_control_trace(SyControl *control)
{
    (void)control;
    return atomic_load(&level);
}

void sy_control_begin_trace(SyControl *control, SyTrace *trace)
{
    (void)control;
    memset(trace, 0, sizeof(*trace));
}

SyStatus sy_control_end_trace(SyControl *control, SyTrace *trace)
{
    (void)control;
    (void)trace;
    return SY_OK;
}

void sy_trace_clear(SyTrace *trace)
{
    (void)trace;
}
