#include "osc/chart.h"

#include <stdlib.h>
#include <string.h>

#include "modules/registry.h"
#include "osc/address.h"
#include "osc/ctl.h"

/* The number of a name's type: "vco" of "vco/1". */
static uint32_t type_of(const char *name)
{
    char type[SY_ADDRESS_MAX];
    snprintf(type, sizeof type, "%.*s", (int)strcspn(name, "/"), name);
    return (uint32_t)sy_registry_find(type); /* -1 becomes UINT32_MAX */
}

static void read_modules(SyChart *chart, struct json_object *list)
{
    for (uint32_t i = 0; i < chart->n_modules; i++) {
        struct json_object *module = json_object_array_get_idx(list, i);
        const char *name = sy_field_text(module, "module");
        chart->modules[i] = (SyChartModule){.name = name,
                                            .fault = sy_field_text(module, "fault"),
                                            .type = type_of(name),
                                            .worker = (int)sy_field_number(module, "worker"),
                                            .voices = (int)sy_field_number(module, "voices"),
                                            .cost_us = sy_field_number(module, "cost_us"),
                                            .age = i};
    }
}

/* A name, of a module that begins a port's address, or a module's own. */
typedef struct Name {
    const char *text;
    size_t length;
    uint32_t module;
} Name;

static int by_name(const void *a, const void *b)
{
    const Name *x = a, *y = b;
    const size_t shorter = x->length < y->length ? x->length : y->length;
    const int order = memcmp(x->text, y->text, shorter);
    return order ? order : (x->length > y->length) - (x->length < y->length);
}

/* The place of the module of a port, "vco/1/saw"; *port becomes the rest. UINT32_MAX if there is
 * none. */
static uint32_t find_module(const Name *names, size_t n, const char *address, const char **port)
{
    const char *slash = strrchr(address, '/');
    const Name wanted = {address, slash ? (size_t)(slash - address) : strlen(address), 0};
    const Name *found = bsearch(&wanted, names, n, sizeof *names, by_name);
    *port = slash ? slash + 1 : "";
    return found ? found->module : UINT32_MAX;
}

static void read_cables(SyChart *chart, const Name *names, struct json_object *list)
{
    const size_t n = json_object_array_length(list);
    for (size_t i = 0; i < n; i++) {
        struct json_object *cable = json_object_array_get_idx(list, i);
        SyChartCable *into = &chart->cables[chart->n_cables];
        *into = (SyChartCable){.gain = sy_field_number(cable, "gain"), .age = chart->n_cables};
        into->from =
            find_module(names, chart->n_modules, sy_field_text(cable, "from"), &into->output);
        into->to = find_module(names, chart->n_modules, sy_field_text(cable, "to"), &into->input);
        chart->n_cables += into->from != UINT32_MAX && into->to != UINT32_MAX;
    }
}

static bool read_listing(SyChart *chart, const SyListing *listing)
{
    Name *names = calloc(chart->n_modules + 1u, sizeof *names);
    if (!names || !chart->modules || !chart->cables) {
        free(names);
        return false;
    }
    read_modules(chart, listing->modules);
    for (uint32_t i = 0; i < chart->n_modules; i++) {
        const char *name = chart->modules[i].name;
        names[i] = (Name){name, strlen(name), i};
    }
    qsort(names, chart->n_modules, sizeof *names, by_name);
    read_cables(chart, names, listing->cables);
    free(names);
    return true;
}

static int compare(uint32_t x, uint32_t y)
{
    return (x > y) - (x < y);
}

/* As the engine sorts them: loops behind the modules of their level, modules of a type together. */
static int by_order(const void *a, const void *b)
{
    const SyChartModule *x = a, *y = b;
    int order = compare(x->level, y->level);
    order = order ? order : compare(x->loop, y->loop);
    if (order == 0 && x->loop > 0) {
        return compare(x->position, y->position);
    }
    order = order ? order : compare(x->type, y->type);
    return order ? order : compare(x->age, y->age);
}

static int by_source(const void *a, const void *b)
{
    const SyChartCable *x = a, *y = b;
    const int order = compare(x->from, y->from);
    return order ? order : compare(x->age, y->age);
}

/* Puts modules and cables in order; `places` is where each module was found by its age. */
static void sort(SyChart *chart, uint32_t *places)
{
    qsort(chart->modules, chart->n_modules, sizeof *chart->modules, by_order);
    for (uint32_t i = 0; i < chart->n_modules; i++) {
        places[chart->modules[i].age] = i;
    }
    for (uint32_t c = 0; c < chart->n_cables; c++) {
        SyChartCable *cable = &chart->cables[c];
        cable->from = places[cable->from];
        cable->to = places[cable->to];
    }
    qsort(chart->cables, chart->n_cables, sizeof *chart->cables, by_source);
    for (uint32_t c = chart->n_cables; c-- > 0;) {
        SyChartModule *from = &chart->modules[chart->cables[c].from];
        from->first_cable = c;
        from->n_cables++;
    }
}

SyChart *sy_chart_new(const SyListing *listing)
{
    const size_t n = json_object_array_length(listing->modules);
    const size_t n_cables = json_object_array_length(listing->cables);
    SyChart *chart = calloc(1, sizeof *chart);
    uint32_t *places = calloc(n + 1, sizeof *places);
    if (chart) {
        chart->n_modules = (uint32_t)n;
        chart->modules = calloc(n + 1, sizeof *chart->modules);
        chart->cables = calloc(n_cables + 1, sizeof *chart->cables);
    }
    if (!chart || !places || !read_listing(chart, listing) || !sy_chart_order(chart)) {
        sy_chart_free(chart);
        free(places);
        return NULL;
    }
    sort(chart, places);
    free(places);
    return chart;
}

void sy_chart_free(SyChart *chart)
{
    if (chart) {
        free(chart->modules);
        free(chart->cables);
        free(chart);
    }
}

int sy_chart_worker_top(const SyChart *chart)
{
    int top = 0;
    for (uint32_t i = 0; i < chart->n_modules; i++) {
        if (chart->modules[i].worker >= top) {
            top = chart->modules[i].worker + 1;
        }
    }
    return top;
}

uint32_t sy_chart_share(const SyChart *chart, int worker, double *cost_us)
{
    uint32_t n = 0;
    *cost_us = 0.0;
    for (uint32_t i = 0; i < chart->n_modules; i++) {
        if (chart->modules[i].worker == worker) {
            *cost_us += chart->modules[i].cost_us;
            n++;
        }
    }
    return n;
}

void sy_chart_gain_text(const SyChartCable *cable, char text[40])
{
    text[0] = '\0';
    if (cable->gain != 1.0) {
        snprintf(text, 40, " x %.4g", cable->gain);
    }
}

static struct json_object *module_json(const SyChartModule *module)
{
    struct json_object *object = json_object_new_object();
    json_object_object_add(object, "module", json_object_new_string(module->name));
    json_object_object_add(object, "level", json_object_new_int((int)module->level));
    json_object_object_add(object, "loop", json_object_new_int((int)module->loop));
    json_object_object_add(object, "worker", json_object_new_int(module->worker));
    json_object_object_add(object, "voices", json_object_new_int(module->voices));
    json_object_object_add(object, "cost_us", sy_json_float(module->cost_us));
    json_object_object_add(object, "quarantined",
                           json_object_new_boolean(module->fault[0] != '\0'));
    json_object_object_add(object, "fault", json_object_new_string(module->fault));
    return object;
}

static struct json_object *port_json(const SyChart *chart, uint32_t module, const char *port)
{
    char address[2 * SY_ADDRESS_MAX];
    snprintf(address, sizeof address, "%s/%s", chart->modules[module].name, port);
    return json_object_new_string(address);
}

struct json_object *sy_chart_json(const SyChart *chart)
{
    struct json_object *both = json_object_new_object(), *modules = json_object_new_array(),
                       *cables = json_object_new_array();
    for (uint32_t i = 0; i < chart->n_modules; i++) {
        json_object_array_add(modules, module_json(&chart->modules[i]));
    }
    for (uint32_t c = 0; c < chart->n_cables; c++) {
        const SyChartCable *cable = &chart->cables[c];
        struct json_object *object = json_object_new_object();
        json_object_object_add(object, "from", port_json(chart, cable->from, cable->output));
        json_object_object_add(object, "to", port_json(chart, cable->to, cable->input));
        json_object_object_add(object, "gain", sy_json_float(cable->gain));
        json_object_object_add(object, "feedback", json_object_new_boolean(cable->feedback));
        json_object_array_add(cables, object);
    }
    json_object_object_add(both, "modules", modules);
    json_object_object_add(both, "cables", cables);
    return both;
}
