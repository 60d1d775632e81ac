/* Verbs that show the patch: get, ls, workers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/ctl.h"

/* Values that came back, in order. */
typedef struct Values {
    struct json_object *list; /* address: value */
} Values;

static void take_value(void *user, const SyMessage *item)
{
    Values *values = user;
    if (strcmp(item->address, "/done") != 0 && item->n_args == 1) {
        json_object_object_add(values->list, sy_without_slash(item->address),
                               item->args[0].type == 's' ? json_object_new_string(item->args[0].s)
                                                         : sy_json_float(sy_item_number(item, 0)));
    }
}

static void print_values(const SyCtl *ctl, struct json_object *list, bool single)
{
    json_object_object_foreach(list, address, value)
    {
        char digits[32];
        const char *text = json_object_is_type(value, json_type_string)
                               ? json_object_get_string(value)
                               : sy_number_text(json_object_get_double(value), digits);
        if (single) {
            puts(text);
        } else {
            printf("%s%-24s%s %s\n", sy_bold(ctl), address, sy_plain(ctl), text);
        }
    }
}

SyStatus sy_verb_get(SyCtl *ctl, char **words, int n)
{
    SyStatus status = sy_ctl_count(ctl, words, n, 1, 1);
    if (status != SY_OK) {
        return status;
    }
    const SyArg arg = {.type = 's', .s = words[1]};
    const SyMessage message = {"/get", &arg, 1};
    Values values = {json_object_new_object()};
    status = sy_ctl_ask(ctl, &message, take_value, &values);
    /* One parameter named in full is a bare number, for scripts. */
    const bool single = strcspn(words[1], "?*[{") == strlen(words[1]) &&
                        json_object_object_length(values.list) == 1;
    if (status == SY_OK && !ctl->json) {
        print_values(ctl, values.list, single);
    }
    if (status == SY_OK && ctl->json) {
        sy_print_json(values.list);
    } else {
        json_object_put(values.list);
    }
    return status;
}

/* Its file, and what is wrong with a module, behind its row, so that a grep for its name finds it.
 */
static void print_trouble(const SyCtl *ctl, struct json_object *module)
{
    const char *fault = sy_field_text(module, "fault");
    const double n_wild = sy_field_number(module, "wild_blocks");
    const char *file = sy_field_text(module, "file");
    if (file[0] != '\0') {
        printf("  %s", file);
    }
    if (fault[0] != '\0') {
        printf("  %squarantined:%s %s; `synthctl revive %s` tries it again", sy_bold(ctl),
               sy_plain(ctl), fault, sy_field_text(module, "module"));
    }
    if (n_wild > 0.0) {
        printf("  NaN or Inf muted in %.0f block%s", n_wild, n_wild == 1.0 ? "" : "s");
    }
    putchar('\n');
}

static void print_modules(const SyCtl *ctl, struct json_object *modules)
{
    const size_t n = json_object_array_length(modules);
    if (n > 0) {
        printf("%s%-16s %6s %6s %9s%s\n", sy_dim(ctl), "module", "voices", "worker", "us/block",
               sy_plain(ctl));
    }
    for (size_t i = 0; i < n; i++) {
        struct json_object *module = json_object_array_get_idx(modules, i);
        printf("%s%-16s%s %6.0f %6.0f %9.2f", sy_bold(ctl), sy_field_text(module, "module"),
               sy_plain(ctl), sy_field_number(module, "voices"), sy_field_number(module, "worker"),
               sy_field_number(module, "cost_us"));
        print_trouble(ctl, module);
    }
}

static void print_cables(const SyCtl *ctl, struct json_object *cables)
{
    for (size_t i = 0; i < json_object_array_length(cables); i++) {
        struct json_object *cable = json_object_array_get_idx(cables, i);
        const double gain = sy_field_number(cable, "gain");
        char text[32];
        printf("%s %s->%s %s", sy_field_text(cable, "from"), sy_dim(ctl), sy_plain(ctl),
               sy_field_text(cable, "to"));
        if (gain != 1.0) {
            printf("  %sx%s %s", sy_dim(ctl), sy_plain(ctl), sy_number_text(gain, text));
        }
        putchar('\n');
    }
}

static void print_listing(const SyCtl *ctl, SyListing *listing)
{
    if (ctl->json) {
        struct json_object *both = json_object_new_object();
        json_object_object_add(both, "modules", json_object_get(listing->modules));
        json_object_object_add(both, "cables", json_object_get(listing->cables));
        sy_print_json(both);
        return;
    }
    print_modules(ctl, listing->modules);
    print_cables(ctl, listing->cables);
    if (listing->n_modules == 0 && listing->n_cables == 0) {
        fputs("nothing; synthctl create vco makes a module\n", stderr);
    }
}

SyStatus sy_ctl_list(SyCtl *ctl, const char *pattern, SyListing *listing)
{
    const SyArg arg = {.type = 's', .s = pattern};
    const SyMessage message = {"/list", &arg, pattern ? 1 : 0};
    const SyStatus status = sy_ctl_ask(ctl, &message, sy_decode_listed, listing);
    if (status == SY_OK && !sy_listing_is_whole(listing)) {
        return sy_problem(&ctl->error, SY_ERR_FAILED,
                          "part of the list was lost on the way; try again, or without --host");
    }
    return status;
}

SyStatus sy_verb_ls(SyCtl *ctl, char **words, int n)
{
    SyStatus status = sy_ctl_count(ctl, words, n, 0, 1);
    if (status != SY_OK) {
        return status;
    }
    SyListing listing;
    sy_listing_init(&listing);
    status = sy_ctl_list(ctl, n > 1 ? words[1] : NULL, &listing);
    if (status == SY_OK) {
        print_listing(ctl, &listing);
    }
    sy_listing_deinit(&listing);
    return status;
}

static void print_workers(const SyCtl *ctl, struct json_object *list)
{
    printf("%s%6s %8s %-9s %6s %8s %6s%s\n", sy_dim(ctl), "worker", "pid", "state", "lives",
           "modules", "load", sy_plain(ctl));
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        struct json_object *worker = json_object_array_get_idx(list, i);
        printf("%s%6.0f%s %8.0f %-9s %6.0f %8.0f %5.1f%%\n", sy_bold(ctl),
               sy_field_number(worker, "worker"), sy_plain(ctl), sy_field_number(worker, "pid"),
               sy_field_text(worker, "state"), sy_field_number(worker, "incarnation"),
               sy_field_number(worker, "modules"), 100.0 * sy_field_number(worker, "load"));
    }
}

SyStatus sy_verb_workers(SyCtl *ctl, char **words, int n)
{
    SyStatus status = sy_ctl_count(ctl, words, n, 0, 1);
    char *end = NULL;
    const long wanted = n > 1 ? strtol(words[1], &end, 10) : 0;
    if (status == SY_OK && n > 1 && (*end != '\0' || wanted < 1 || wanted > INT16_MAX)) {
        status =
            sy_problem(&ctl->error, SY_ERR_VALUE, "'%.40s' is not a number of workers", words[1]);
    }
    if (status != SY_OK) {
        return status;
    }
    const SyArg arg = {.type = 'i', .i = (int32_t)wanted};
    const SyMessage message = {"/workers", &arg, 1};
    struct json_object *list = json_object_new_array();
    status = sy_ctl_ask(ctl, &message, sy_decode_worker, list);
    if (status == SY_OK && ctl->json) {
        sy_print_json(json_object_get(list));
    } else if (status == SY_OK) {
        print_workers(ctl, list);
    }
    json_object_put(list);
    return status;
}
