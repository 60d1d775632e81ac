/* What the server shows: the patch, its quarantine, the module types and the engine itself. */
#include "modules/registry.h"
#include "tests/osc/server_rig.h"

static void lists_end_with_their_counts(void **state)
{
    (void)state;
    talk_say(talk, "/create", "sisi", "vco", 1, "voices", 4);
    talk_say(talk, "/create", "sisi", "vcf", 2, "voices", 4);
    talk_say(talk, "/connect", "ssf", "vco/1/saw", "vcf/2/in", 0.5);
    talk_expect(talk, "/done", "s*", "/create");
    talk_expect(talk, "/done", "s*", "/create");
    talk_expect(talk, "/done", "s*", "/connect");
    talk_say(talk, "/list", "i", 9);
    talk_expect(talk, "/list.module", "siifsis", "/vco/1", 4, 0, 0.0, "", 0, "");
    talk_expect(talk, "/list.module", "siifsis", "/vcf/2", 4, 0, 0.0, "", 0, "");
    talk_expect(talk, "/list.cable", "ssf", "/vco/1/saw", "/vcf/2/in", 0.5);
    talk_expect(talk, "/done", "siii", "/list", 2, 1, 9);
    talk_say(talk, "/list", "s", "lfo/*");
    talk_expect(talk, "/done", "sii", "/list", 0, 0);
    talk_say(talk, "/workers", "ii", 0, 3);
    talk_expect(talk, "/workers.reply", "iisiif", 0, 4711, "parked", 1, 2, 0.0);
    talk_expect(talk, "/workers.reply", "iisiif", 1, 4712, "running", 3, 0, 0.25);
    talk_expect(talk, "/done", "sii", "/workers", 2, 3);
}

static void a_quarantined_module_is_listed_counted_and_revived(void **state)
{
    const char *fault = "SIGSEGV in block 4711 on worker 2";
    const SyModuleRef second = {type_of("vco"), 2};
    (void)state;
    create_vcos(3);
    double_quarantine(control, second, fault);
    talk_say(talk, "/list", "");
    talk_expect(talk, "/list.module", "siifsis", "/vco/1", 1, 0, 0.0, "", 0, "");
    talk_expect(talk, "/list.module", "siifsis", "/vco/2", 1, 0, 0.0, fault, 0, "");
    talk_expect(talk, "/list.module", "siifsis", "/vco/3", 1, 0, 0.0, "", 0, "");
    talk_expect(talk, "/done", "sii", "/list", 3, 0);
    assert_int_equal(count_of("quarantined"), 1);
    talk_say(talk, "/revive", "si", "vco/2", 5);
    talk_expect(talk, "/done", "ssii", "/revive", "/vco/2", 1, 5);
    assert_int_equal(count_of("quarantined"), 0);
    double_quarantine(control, second, ""); /* without a word it is in quarantine all the same */
    talk_say(talk, "/list", "s", "vco/2");
    talk_expect(talk, "/list.module", "siifsis", "/vco/2", 1, 0, 0.0,
                "for a reason that is not known", 0, "");
    talk_expect(talk, "/done", "sii", "/list", 1, 0);
}

static void what_is_not_in_quarantine_is_not_revived(void **state)
{
    (void)state;
    create_vcos(3);
    talk_say(talk, "/revive", "si", "vco/1", 5);
    talk_expect_fail(talk, "/revive", "vco/1 is not in quarantine", SY_ERR_NOT_QUARANTINED);
    talk_say(talk, "/revive", "s", "vco/*");
    talk_expect_fail(talk, "/revive", "vco/1 is not in quarantine", SY_ERR_NOT_QUARANTINED);
    talk_say(talk, "/revive", "s", "vco/9");
    talk_expect_fail(talk, "/revive", "no such module", SY_ERR_UNKNOWN_MODULE);
    double_quarantine(control, (SyModuleRef){type_of("vco"), 2}, "SIGFPE");
    double_quarantine(control, (SyModuleRef){type_of("vco"), 3}, "SIGBUS");
    talk_say(talk, "/revive", "si", "vco/*", 6); /* of many, those that play are passed over */
    talk_expect(talk, "/done", "ssii", "/revive", "/vco/*", 2, 6);
}

static void the_module_types_are_told(void **state)
{
    (void)state;
    talk_say(talk, "/types", "");
    for (uint32_t i = 0; i < sy_registry_count(); i++) {
        talk_expect(talk, "/types.reply", "ss", sy_registry_at(i)->name, sy_registry_at(i)->help);
    }
    talk_expect(talk, "/done", "si", "/types", (int)sy_registry_count());
    const SyModule *vcf = sy_registry_at(type_of("vcf"));
    talk_say(talk, "/describe", "si", "vcf", 4);
    talk_expect(talk, "/describe.type", "ssiiis", "vcf", vcf->help, vcf->n_inputs, vcf->n_outputs,
                vcf->n_params, "");
    for (uint8_t i = 0; i < vcf->n_inputs; i++) {
        talk_expect(talk, "/describe.input", "sssfs", "vcf", vcf->inputs[i].name, NULL,
                    (double)vcf->inputs[i].normal, "");
    }
    for (uint8_t i = 0; i < vcf->n_outputs; i++) {
        talk_expect(talk, "/describe.output", "sss", "vcf", vcf->outputs[i].name, NULL);
    }
    for (uint8_t i = 0; i < vcf->n_params; i++) {
        const SyParamInfo *param = &vcf->params[i];
        talk_expect(talk, "/describe.param", "ssssfff*", "vcf", param->name, NULL, param->unit,
                    (double)param->min, (double)param->max, (double)param->def);
    }
    talk_expect(talk, "/done", "ssi", "/describe", "vcf", 4);
}

/* What sclang's Server class waits for when it boots and syncs. */
static void scsynth_s_clients_get_the_answers_they_know(void **state)
{
    (void)state;
    talk_say(talk, "/status", "");
    talk_expect(talk, "/status.reply", "iiiiiffdd", 1, 0, 0, 1, (int)sy_registry_count(), 25.0,
                50.025, 48000.0, 48000.0);
    talk_say(talk, "/notify", "ii", 1, 3);
    talk_expect(talk, "/done", "sii", "/notify", 3, 32);
    talk_say(talk, "/sync", "i", 1234);
    talk_expect(talk, "/synced", "i", 1234);
    talk_say(talk, "/version", "");
    talk_expect(talk, "/version.reply", "siisss", "synthd", 0, 1, ".0", "", "");
    talk_say(talk, "/dumpOSC", "i", 0);
    talk_expect(talk, "/done", "si", "/dumpOSC", 0);
    talk_say(talk, "/error", "i", 0);
    talk_expect(talk, "/done", "si", "/error", 0);
    talk_say(talk, "/g_new", "iii", 1, 0, 0);
    talk_expect_fail(talk, "/g_new", "no command /g_new", SY_ERR_ADDRESS);
}

static void the_engine_tells_of_itself_in_pairs(void **state)
{
    (void)state;
    talk_say(talk, "/engine", "i", 8);
    talk_expect(talk, "/engine.reply", "sssssi*", "version", SY_VERSION, "audio", "double", "rate",
                48000);
    talk_expect(talk, "/engine.blocks", "sh*", "blocks", 5000000000LL);
    talk_expect(talk, "/engine.health", "sh*", "worker_deaths", 0LL);
    talk_expect(talk, "/engine.osc", "shsh*", "packets", 1LL, "messages", 1LL);
    talk_expect(talk, "/done", "si", "/engine", 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(lists_end_with_their_counts),
        SERVER_TEST(a_quarantined_module_is_listed_counted_and_revived),
        SERVER_TEST(what_is_not_in_quarantine_is_not_revived),
        SERVER_TEST(the_module_types_are_told),
        SERVER_TEST(scsynth_s_clients_get_the_answers_they_know),
        SERVER_TEST(the_engine_tells_of_itself_in_pairs),
    };
    return cmocka_run_group_tests_name("osc server views", tests, make_folder, remove_folder);
}
