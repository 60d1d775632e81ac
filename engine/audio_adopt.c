/* The beginning of the block cycle: a plan that has come is adopted, and what it changes begins. In
 * real time. It can be done twice, should the driver be killed in the middle: see audio_process.c.
 */
#include "engine/audio_mix.h"

static int64_t start_of(const SyAudio *audio)
{
    return atomic_load_explicit(&audio->frame, memory_order_relaxed);
}

static float gain_at(const SySegment *segment, uint32_t cable, int64_t frame)
{
    return sy_ramp_value(&segment->cables[cable].gain, frame);
}

static SyRampShared course(float from, float to, int64_t start, uint32_t length)
{
    return (SyRampShared){.from = from,
                          .to = to,
                          .slope = (to - from) / (float)length,
                          .length = (int32_t)length,
                          .start = start};
}

static void perform(SySegment *segment, const SyPlanOp *op, int64_t frame)
{
    SyCableShared *cable = &segment->cables[op->index % SY_CABLES_MAX];

    switch ((SyPlanOpKind)op->kind) {
    case SY_OP_BORN:
        segment->nodes[op->index].born = frame;
        segment->nodes[op->index].event_epoch = 0;
        atomic_store_explicit(&segment->nodes[op->index].bypassed, 0, memory_order_relaxed);
        atomic_store_explicit(&segment->nodes[op->index].n_late, 0, memory_order_relaxed);
        break;
    case SY_OP_PLUG:
        cable->gain = (SyRampShared){.from = op->value, .to = op->value};
        cable->fade = course(0, 1, frame, segment->fade_frames);
        cable->covers = false;
        break;
    case SY_OP_PLUG_NEW:
        cable->gain = (SyRampShared){.from = op->value, .to = op->value};
        cable->fade = course(0, 1, frame, segment->fade_frames);
        cable->covers = true;
        break;
    case SY_OP_UNPLUG:
        cable->fade =
            course(sy_fade_value(segment, &cable->fade, frame), 0, frame, segment->fade_frames);
        break;
    case SY_OP_GAIN:
        cable->gain =
            course(gain_at(segment, op->index, frame), op->value, frame, segment->smooth_frames);
        break;
    }
}

/* Precedes the operations, so that whoever drives on after a kill in the middle knows of it. */
static void expect_movement(SyAudio *audio, int64_t frame)
{
    const SySegment *segment = audio->segment;
    const uint32_t longest = segment->fade_frames > segment->smooth_frames ? segment->fade_frames
                                                                           : segment->smooth_frames;
    audio->rest_at = frame + longest;
    audio->born_at = frame;
}

static bool is_due(const SyAudio *audio, const SyPlan *plan)
{
    return plan->adopt_at < start_of(audio) + audio->segment->block;
}

/* Takes the plan that control has put down, when its time has come. */
void sy_audio_adopt(SyAudio *audio)
{
    SySegment *segment = audio->segment;

    if (!audio->waiting_plan) {
        const uint32_t next = atomic_load_explicit(&audio->next_plan, memory_order_acquire);
        if (next == 0) {
            return;
        }
        audio->waiting_plan = sy_at(segment, segment->plan_at[(next - 1) % SY_PLANS]);
    }
    atomic_store_explicit(&audio->next_plan, 0, memory_order_relaxed);
    const SyPlan *plan = audio->waiting_plan;
    if (!is_due(audio, plan)) {
        return;
    }
    const int64_t frame = plan->adopt_at > start_of(audio) ? plan->adopt_at : start_of(audio);
    expect_movement(audio, frame);
    for (uint32_t i = 0; i < plan->n_ops; i++) {
        perform(segment, &sy_plan_ops(plan)[i], frame);
    }
    audio->plan = plan;
    audio->waiting_plan = NULL;
}
