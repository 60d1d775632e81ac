/* The transforms: what they compute, that they leave their input alone, and that plans serve other
 * arrays than they were made for. */
#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/dsp/bench.h"

#define POINTS_MAX 512

typedef struct Kind {
    SyFftKind kind;
    uint32_t n_points, n_transforms, stride, distance; /* in complex numbers */
} Kind;

static const Kind kinds[] = {
    {SY_FFT_64, 64, 1, 1, 64},
    {SY_FFT_512, 512, 1, 1, 512},
    {SY_FFT_COLUMNS, SY_FFT_COLUMN, SY_FFT_ACROSS, SY_FFT_ACROSS, 1},
};

static _Alignas(64) float in[2 * POINTS_MAX], out[2 * POINTS_MAX];

static complex double number(const float *z, const Kind *kind, uint32_t transform, uint32_t n)
{
    const size_t at = 2 * ((size_t)transform * kind->distance + (size_t)n * kind->stride);
    return z[at] + I * z[at + 1];
}

/* Bin `k` by the definition. */
static complex double bin(const Kind *kind, uint32_t transform, SyFftSign sign, uint32_t k)
{
    const double turn = (sign == SY_FFT_FORWARD ? -2.0 : 2.0) * M_PI / kind->n_points;
    complex double sum = 0.0;
    for (uint32_t n = 0; n < kind->n_points; n++)
        sum += number(in, kind, transform, n) * cexp(I * turn * (k * n % kind->n_points));
    return sum;
}

static void fill(void)
{
    for (uint32_t i = 0; i < 2 * POINTS_MAX; i++)
        in[i] = sy_analyse_noise(i);
}

static void check_kind(const SyFft *fft, const Kind *kind, SyFftSign sign)
{
    float before[2 * POINTS_MAX];
    fill();
    memcpy(before, in, sizeof(in));
    sy_fft_execute(fft, kind->kind, sign, in, out);
    assert_memory_equal(in, before, sizeof(in));
    for (uint32_t t = 0; t < kind->n_transforms; t++) {
        for (uint32_t k = 0; k < kind->n_points; k++)
            assert_near(cabs(number(out, kind, t, k) - bin(kind, t, sign, k)), 0.0, 1e-5);
    }
}

static void transforms_are_those_of_the_definition(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        check_kind(sy_rig_fft(), &kinds[i], SY_FFT_FORWARD);
        check_kind(sy_rig_fft(), &kinds[i], SY_FFT_BACKWARD);
    }
}

static void turns_are_those_of_the_circle(void **state)
{
    (void)state;
    const SyFft *fft = sy_rig_fft();
    for (int n = 0; n < 512; n++) {
        assert_near(fft->turn_512[0][n], cos(M_PI * n / 1024.0), 4e-8);
        assert_near(fft->turn_512[1][n], sin(M_PI * n / 1024.0), 4e-8);
        assert_near(fft->turn_64[0][n / 8], cos(M_PI * (n / 8) / 128.0), 4e-8);
        assert_near(fft->turn_64[1][n / 8], sin(M_PI * (n / 8) / 128.0), 4e-8);
    }
    for (int k = 0; k < SY_FFT_COLUMN; k++) {
        for (int n = 0; n < SY_FFT_ROW; n++) {
            const double angle = -2.0 * M_PI * n * (k - 0.25) / SY_FFT_LARGE;
            assert_near(fft->turn_8192[k][0][n], cos(angle), 4e-8);
            assert_near(fft->turn_8192[k][1][n], sin(angle), 4e-8);
        }
    }
}

static void exact_transform_comes_back(void **state)
{
    (void)state;
    double z[100][2];
    SyFftExact *there = sy_fft_exact_new(z, 100, SY_FFT_FORWARD);
    SyFftExact *back = sy_fft_exact_new(z, 100, SY_FFT_BACKWARD);
    for (uint32_t n = 0; n < 100; n++) {
        z[n][0] = cos(2.0 * M_PI * 7.0 * n / 100.0);
        z[n][1] = 0.0;
    }
    sy_fft_exact_run(there);
    assert_near(z[7][0], 50.0, 1e-12);
    assert_near(z[8][0], 0.0, 1e-12);
    sy_fft_exact_run(back);
    for (uint32_t n = 0; n < 100; n++)
        assert_near(z[n][0] / 100.0, cos(2.0 * M_PI * 7.0 * n / 100.0), 1e-14);
    sy_fft_exact_free(there);
    sy_fft_exact_free(back);
    sy_fft_exact_free(NULL);
}

static void process_forked_later_gets_the_same_bits(void **state)
{
    (void)state;
    float here[2 * POINTS_MAX];
    const SyFft *fft = sy_rig_fft();
    int status = 0;
    fill();
    sy_fft_execute(fft, SY_FFT_512, SY_FFT_FORWARD, in, out);
    memcpy(here, out, sizeof(out));
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        memset(out, 0, sizeof(out));
        sy_fft_execute(fft, SY_FFT_512, SY_FFT_FORWARD, in, out);
        _exit(memcmp(out, here, sizeof(out)) != 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* Leaves of a file of wisdom what says that it is one. */
static void forget_all(const char *path)
{
    char line[256];
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof(line), file));
    assert_int_equal(ftruncate(fileno(file), (off_t)strlen(line)), 0);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    assert_true(fputs(")\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* As another version's may. Learnt in another process, or this one would know it all. */
static void wisdom_that_lacks_a_plan_is_none(void **state)
{
    (void)state;
    char path[] = "wisdom-XXXXXX";
    int status = 0;
    const int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(!sy_fft_learn_wisdom(path) || !sy_fft_read_wisdom(path));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    forget_all(path);
    assert_false(sy_fft_read_wisdom(path));
    assert_int_equal(unlink(path), 0);
}

/* What was learnt is written, read, and makes plans that compute the same. */
static void wisdom_is_kept_in_a_file(void **state)
{
    (void)state;
    static SyFft fft;
    char path[] = "wisdom-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    assert_false(sy_fft_read_wisdom(path)); /* empty */
    assert_true(sy_fft_learn_wisdom(path));
    assert_true(sy_fft_read_wisdom(path));
    assert_true(sy_fft_init(&fft));
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        check_kind(&fft, &kinds[i], SY_FFT_FORWARD);
    sy_fft_deinit(&fft);
    sy_fft_deinit(&fft);
    assert_int_equal(unlink(path), 0);
    assert_false(sy_fft_read_wisdom(path));
    assert_false(sy_fft_learn_wisdom("/nowhere/at/all"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transforms_are_those_of_the_definition),
        cmocka_unit_test(turns_are_those_of_the_circle),
        cmocka_unit_test(exact_transform_comes_back),
        cmocka_unit_test(process_forked_later_gets_the_same_bits),
        cmocka_unit_test(wisdom_that_lacks_a_plan_is_none),
        cmocka_unit_test(wisdom_is_kept_in_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
