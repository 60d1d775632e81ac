/* A patch as text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modules/registry.h"
#include "osc/line_write.h"
#include "osc/patch.h"

static int by_name(SyModuleRef a, SyModuleRef b)
{
    return a.type != b.type ? (int)a.type - (int)b.type : (int)a.id - (int)b.id;
}

static int compare_modules(const void *a, const void *b)
{
    const SyModuleView *const *x = a, *const *y = b;
    return by_name((*x)->ref, (*y)->ref);
}

static int by_port(SyPortRef a, SyPortRef b)
{
    const int order = by_name(a.module, b.module);
    return order ? order : (int)a.port - (int)b.port;
}

static int compare_cables(const void *a, const void *b)
{
    const SyCableView *const *x = a, *const *y = b;
    const int order = by_port((*x)->to, (*y)->to);
    return order ? order : by_port((*x)->from, (*y)->from);
}

/* The path as it is written into a patch in `folder`, or in none. */
static const char *path_from(const char *folder, const char *path)
{
    const size_t length = folder ? strlen(folder) : 0;
    const bool below = length > 0 && strncmp(path, folder, length) == 0 && path[length] == '/';
    return below ? path + length + 1 : path;
}

static void write_module(FILE *file, const SyModuleView *module, const char *folder)
{
    const SyModule *info = sy_registry_at(module->ref.type);
    sy_line_write_create(file, module->ref, module->voices);
    for (uint8_t i = 0; i < info->n_params && i < module->n_params; i++) {
        if (module->written[i] != info->params[i].def) {
            sy_line_write_option(file, module->ref.type, (SyParamValue){i, module->written[i]});
        }
    }
    if (module->file && module->file[0]) {
        sy_line_write_file(file, path_from(folder, module->file));
    }
    fputc('\n', file);
}

static void write_cable(FILE *file, const SyCableView *cable)
{
    sy_line_write_connect(file, cable->from, cable->to, cable->gain);
}

/* Pointers to the modules and then to the cables, each in order; NULL when out of memory. */
static const void **sorted(const SyGraphView *graph)
{
    const size_t n = graph->n_modules + graph->n_cables;
    const void **order = malloc((n + 1) * sizeof *order);
    if (order) {
        for (size_t i = 0; i < graph->n_modules; i++) {
            order[i] = &graph->modules[i];
        }
        for (size_t i = 0; i < graph->n_cables; i++) {
            order[graph->n_modules + i] = &graph->cables[i];
        }
        qsort(order, graph->n_modules, sizeof *order, compare_modules);
        qsort(order + graph->n_modules, graph->n_cables, sizeof *order, compare_cables);
    }
    return order;
}

char *sy_patch_format(const SyGraphView *graph, size_t *size)
{
    return sy_patch_format_in(graph, NULL, size);
}

char *sy_patch_format_in(const SyGraphView *graph, const char *folder, size_t *size)
{
    char *text = NULL;
    const void **order = sorted(graph);
    FILE *file = order ? open_memstream(&text, size) : NULL;
    if (!file) {
        free(order);
        return NULL;
    }
    fputs("# synthd patch\n", file);
    for (size_t i = 0; i < graph->n_modules; i++) {
        write_module(file, order[i], folder);
    }
    for (size_t i = 0; i < graph->n_cables; i++) {
        write_cable(file, order[graph->n_modules + i]);
    }
    free(order);
    if (ferror(file) | fclose(file)) {
        free(text);
        return NULL;
    }
    return text;
}
