/* The tables that everything else is made from. */
#include <math.h>
#include <string.h>

#include "tests/dsp/bench.h"

/* Names are parts of OSC addresses. */
static void check_name(const char *name)
{
    assert_true(strlen(name) >= 1 && strlen(name) <= 16);
    assert_true(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name));
    assert_true(name[0] >= 'a' && name[0] <= 'z');
}

static void check_help(const char *help)
{
    assert_non_null(help);
    assert_true(strlen(help) >= 8 && strlen(help) <= 100);
    assert_null(strchr(help, '\n'));
    assert_true(help[strlen(help) - 1] != '.');
}

static void modules_are_found_by_number_and_by_name(void **state)
{
    (void)state;
    assert_true(sy_registry_count() >= 9);
    for (uint32_t type = 0; type < sy_registry_count(); type++) {
        const SyModule *module = sy_registry_at(type);
        assert_non_null(module);
        assert_int_equal(sy_registry_find(module->name), type); /* so names differ */
        check_name(module->name);
        check_help(module->help);
        assert_true(module->n_inputs <= SY_PORTS_MAX && module->n_outputs <= SY_PORTS_MAX);
        assert_true(module->n_outputs >= 1 && module->n_params <= SY_PARAMS_MAX);
        assert_true(module->state_size >= 1);
        assert_non_null(module->init);
        assert_non_null(module->process);
        assert_true(!module->event || module->per_instance);
        assert_true(!module->is_sink || module->n_outputs >= 2);
    }
    assert_null(sy_registry_at(sy_registry_count()));
    assert_int_equal(sy_registry_find("nothing"), -1);
    assert_int_equal(sy_registry_find(""), -1);
}

static void ports_are_named_and_explained(void **state)
{
    (void)state;
    for (uint32_t type = 0; type < sy_registry_count(); type++) {
        const SyModule *module = sy_registry_at(type);
        for (int p = 0; p < module->n_inputs; p++) {
            check_name(module->inputs[p].name);
            check_help(module->inputs[p].help);
            assert_int_equal(sy_module_find_input(module, module->inputs[p].name), p);
            assert_true(module->inputs[p].normalled_to <= p); /* no input stands in for itself */
        }
        for (int p = 0; p < module->n_outputs; p++) {
            check_name(module->outputs[p].name);
            check_help(module->outputs[p].help);
            assert_int_equal(sy_module_find_output(module, module->outputs[p].name), p);
        }
        assert_int_equal(sy_module_find_input(module, "nothing"), -1);
        assert_int_equal(sy_module_find_output(module, "nothing"), -1);
        assert_int_equal(sy_module_find_param(module, "nothing"), -1);
    }
}

static void check_choices(const SyParamInfo *param)
{
    assert_int_equal(param->curve, SY_CURVE_STEP);
    int n = 0;
    for (; param->choices[n]; n++)
        check_name(param->choices[n]);
    assert_int_equal(n, (int)(param->max - param->min) + 1);
}

static void parameters_have_a_range_that_holds_their_default(void **state)
{
    (void)state;
    static const char *const units[] = {"Hz", "s", "dB", "cents", "oct", ""};
    for (uint32_t type = 0; type < sy_registry_count(); type++) {
        const SyModule *module = sy_registry_at(type);
        for (int p = 0; p < module->n_params; p++) {
            const SyParamInfo *param = &module->params[p];
            bool known = false;
            check_name(param->name);
            check_help(param->help);
            assert_int_equal(sy_module_find_param(module, param->name), p);
            assert_true(param->min < param->max);
            assert_true(param->def >= param->min && param->def <= param->max);
            assert_true(param->curve != SY_CURVE_PITCH || param->min > 0.0f);
            for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++)
                known = known || strcmp(param->unit, units[u]) == 0;
            assert_true(known);
            if (param->choices)
                check_choices(param);
        }
    }
}

static void knobs_stop_at_their_ends(void **state)
{
    (void)state;
    static const char *const choices[] = {"a", "b", "c", NULL};
    const SyParamInfo knob = {.min = -1.0f, .max = 2.0f, .curve = SY_CURVE_LINEAR};
    const SyParamInfo step = {.min = 0.0f, .max = 2.0f, .curve = SY_CURVE_STEP, .choices = choices};
    assert_true(sy_param_clamp(&knob, 0.5f) == 0.5f);
    assert_true(sy_param_clamp(&knob, -7.0f) == -1.0f);
    assert_true(sy_param_clamp(&knob, INFINITY) == 2.0f);
    assert_true(sy_param_clamp(&knob, NAN) == -1.0f);
    assert_true(sy_param_clamp(&step, 1.4f) == 1.0f);
    assert_true(sy_param_clamp(&step, 1.6f) == 2.0f);
    assert_true(sy_param_clamp(&step, 9.0f) == 2.0f);
}

static void curves_turn_hz_into_octaves_and_db_into_amplitude(void **state)
{
    (void)state;
    const SyParamInfo pitch = {.min = 0.1f, .max = 20000.0f, .curve = SY_CURVE_PITCH};
    const SyParamInfo gain = {.min = -60.0f, .max = 12.0f, .curve = SY_CURVE_DB};
    const SyParamInfo plain = {.min = -1.0f, .max = 1.0f, .curve = SY_CURVE_LINEAR};
    assert_near(sy_param_internal(&pitch, 440.0f), 0.75, 1e-6);
    assert_near(sy_param_internal(&pitch, 261.6256f), 0.0, 1e-6);
    assert_near(sy_param_internal(&gain, -20.0f), 0.1, 1e-7);
    assert_true(sy_param_internal(&gain, 0.0f) == 1.0f);
    assert_true(sy_param_internal(&gain, -60.0f) == 0.0f);
    assert_true(sy_param_internal(&plain, 0.3f) == 0.3f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modules_are_found_by_number_and_by_name),
        cmocka_unit_test(ports_are_named_and_explained),
        cmocka_unit_test(parameters_have_a_range_that_holds_their_default),
        cmocka_unit_test(knobs_stop_at_their_ends),
        cmocka_unit_test(curves_turn_hz_into_octaves_and_db_into_amplitude),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
