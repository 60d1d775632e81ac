#include "dsp/dsp.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

extern const SyDsp sy_dsp_generic;

static bool any_cpu(void)
{
    return true;
}

#ifdef SY_WITH_X86_64
extern const SyDsp sy_dsp_x86_64;
#endif

#ifdef SY_WITH_X86_64_V3
extern const SyDsp sy_dsp_x86_64_v3;

/* The names of the levels themselves are not known to __builtin_cpu_supports() in every compiler;
 * these tell the levels apart on every CPU made, and include the kernel's saving of the registers.
 */
static bool cpu_has_v3(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}
#endif

#ifdef SY_WITH_X86_64_V4
extern const SyDsp sy_dsp_x86_64_v4;

static bool cpu_has_v4(void)
{
    return cpu_has_v3() && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

/* Best first. */
static const struct {
    const SyDsp *dsp;
    bool (*supported)(void);
} builds[] = {
#ifdef SY_WITH_X86_64_V4
    {&sy_dsp_x86_64_v4, cpu_has_v4},
#endif
#ifdef SY_WITH_X86_64_V3
    {&sy_dsp_x86_64_v3, cpu_has_v3},
#endif
#ifdef SY_WITH_X86_64
    {&sy_dsp_x86_64, any_cpu},
#endif
    {&sy_dsp_generic, any_cpu},
};

const SyDsp *sy_dsp_select(const char *isa)
{
    for (size_t i = 0; i < sizeof(builds) / sizeof(builds[0]); i++) {
        const bool named = !isa || strcmp(isa, builds[i].dsp->isa) == 0;
        if (named && builds[i].supported())
            return builds[i].dsp;
    }
    return NULL;
}

void sy_dsp_thread_init(void)
{
#if defined(__x86_64__)
    const unsigned int flush_to_zero = 0x8000, denormals_are_zero = 0x0040;
    _mm_setcsr(_mm_getcsr() | flush_to_zero | denormals_are_zero);
#elif defined(__aarch64__)
    uint64_t fpcr;
    __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
    __asm__ volatile("msr fpcr, %0" : : "r"(fpcr | (1u << 24)));
#endif
}
