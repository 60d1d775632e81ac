/* Verbs that show the patch: get, ls, workers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/ctl.h"

static const char *without_slash(const char *address)
{
    return address + (address[0] == '/');
}

/* Values that came back, in order. */
typedef struct Values {
    struct json_object *list; /* address: value */
} Values;

static void take_value(void *user, const SyMessage *item)
{
    Values *values = user;
    if (strcmp(item->address, "/done") != 0 && item->n_args == 1) {
        json_object_object_add(values->list, without_slash(item->address),
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

/* The patch as it came back. */
typedef struct Listing {
    struct json_object *modules, *cables;
    int n_modules, n_cables; /* as the end of the answer counts them */
} Listing;

static void take_module(Listing *listing, const SyMessage *item)
{
    struct json_object *module = json_object_new_object();
    json_object_object_add(module, "module",
                           json_object_new_string(without_slash(sy_item_word(item, 0))));
    json_object_object_add(module, "voices", json_object_new_int((int)sy_item_number(item, 1)));
    json_object_object_add(module, "worker", json_object_new_int((int)sy_item_number(item, 2)));
    json_object_object_add(module, "cost_us", sy_json_float(sy_item_number(item, 3)));
    const char *fault = sy_item_word(item, 4);
    json_object_object_add(module, "quarantined", json_object_new_boolean(fault[0] != '\0'));
    json_object_object_add(module, "fault", json_object_new_string(fault));
    json_object_object_add(module, "wild_blocks",
                           json_object_new_int((int)sy_item_number(item, 5)));
    json_object_object_add(module, "file", json_object_new_string(sy_item_word(item, 6)));
    json_object_array_add(listing->modules, module);
}

static void take_cable(Listing *listing, const SyMessage *item)
{
    struct json_object *cable = json_object_new_object();
    json_object_object_add(cable, "from",
                           json_object_new_string(without_slash(sy_item_word(item, 0))));
    json_object_object_add(cable, "to",
                           json_object_new_string(without_slash(sy_item_word(item, 1))));
    json_object_object_add(cable, "gain", sy_json_float(sy_item_number(item, 2)));
    json_object_array_add(listing->cables, cable);
}

static void take_listed(void *user, const SyMessage *item)
{
    Listing *listing = user;
    if (strcmp(item->address, "/list.module") == 0) {
        take_module(listing, item);
    } else if (strcmp(item->address, "/list.cable") == 0) {
        take_cable(listing, item);
    } else if (strcmp(item->address, "/done") == 0) {
        listing->n_modules = (int)sy_item_number(item, 1);
        listing->n_cables = (int)sy_item_number(item, 2);
    }
}

static const char *text_of(struct json_object *object, const char *key)
{
    return json_object_get_string(json_object_object_get(object, key));
}

static double number_of(struct json_object *object, const char *key)
{
    return json_object_get_double(json_object_object_get(object, key));
}

/* Its file, and what is wrong with a module, behind its row, so that a grep for its name finds it.
 */
static void print_trouble(const SyCtl *ctl, struct json_object *module)
{
    const char *fault = text_of(module, "fault");
    const double n_wild = number_of(module, "wild_blocks");
    const char *file = text_of(module, "file");
    if (file[0] != '\0') {
        printf("  %s", file);
    }
    if (fault[0] != '\0') {
        printf("  %squarantined:%s %s; `synthctl revive %s` tries it again", sy_bold(ctl),
               sy_plain(ctl), fault, text_of(module, "module"));
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
        printf("%s%-16s%s %6.0f %6.0f %9.2f", sy_bold(ctl), text_of(module, "module"),
               sy_plain(ctl), number_of(module, "voices"), number_of(module, "worker"),
               number_of(module, "cost_us"));
        print_trouble(ctl, module);
    }
}

static void print_cables(const SyCtl *ctl, struct json_object *cables)
{
    for (size_t i = 0; i < json_object_array_length(cables); i++) {
        struct json_object *cable = json_object_array_get_idx(cables, i);
        const double gain = number_of(cable, "gain");
        char text[32];
        printf("%s %s->%s %s", text_of(cable, "from"), sy_dim(ctl), sy_plain(ctl),
               text_of(cable, "to"));
        if (gain != 1.0) {
            printf("  %sx%s %s", sy_dim(ctl), sy_plain(ctl), sy_number_text(gain, text));
        }
        putchar('\n');
    }
}

static void print_listing(const SyCtl *ctl, Listing *listing)
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

SyStatus sy_verb_ls(SyCtl *ctl, char **words, int n)
{
    SyStatus status = sy_ctl_count(ctl, words, n, 0, 1);
    if (status != SY_OK) {
        return status;
    }
    const SyArg arg = {.type = 's', .s = n > 1 ? words[1] : ""};
    const SyMessage message = {"/list", &arg, n > 1};
    Listing listing = {json_object_new_array(), json_object_new_array(), 0, 0};
    status = sy_ctl_ask(ctl, &message, take_listed, &listing);
    if (status == SY_OK &&
        ((size_t)listing.n_modules != json_object_array_length(listing.modules) ||
         (size_t)listing.n_cables != json_object_array_length(listing.cables))) {
        status = sy_problem(&ctl->error, SY_ERR_FAILED,
                            "part of the list was lost on the way; try again, or without --host");
    }
    if (status == SY_OK) {
        print_listing(ctl, &listing);
    }
    json_object_put(listing.modules);
    json_object_put(listing.cables);
    return status;
}

static void take_worker(void *user, const SyMessage *item)
{
    struct json_object *list = user;
    if (strcmp(item->address, "/workers.reply") != 0) {
        return;
    }
    struct json_object *worker = json_object_new_object();
    json_object_object_add(worker, "worker", json_object_new_int((int)sy_item_number(item, 0)));
    json_object_object_add(worker, "pid", json_object_new_int((int)sy_item_number(item, 1)));
    json_object_object_add(worker, "state", json_object_new_string(sy_item_word(item, 2)));
    json_object_object_add(worker, "incarnation",
                           json_object_new_int((int)sy_item_number(item, 3)));
    json_object_object_add(worker, "modules", json_object_new_int((int)sy_item_number(item, 4)));
    json_object_object_add(worker, "load", sy_json_float(sy_item_number(item, 5)));
    json_object_array_add(list, worker);
}

static void print_workers(const SyCtl *ctl, struct json_object *list)
{
    printf("%s%6s %8s %-9s %6s %8s %6s%s\n", sy_dim(ctl), "worker", "pid", "state", "lives",
           "modules", "load", sy_plain(ctl));
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        struct json_object *worker = json_object_array_get_idx(list, i);
        printf("%s%6.0f%s %8.0f %-9s %6.0f %8.0f %5.1f%%\n", sy_bold(ctl),
               number_of(worker, "worker"), sy_plain(ctl), number_of(worker, "pid"),
               text_of(worker, "state"), number_of(worker, "incarnation"),
               number_of(worker, "modules"), 100.0 * number_of(worker, "load"));
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
    status = sy_ctl_ask(ctl, &message, take_worker, list);
    if (status == SY_OK && ctl->json) {
        sy_print_json(json_object_get(list));
    } else if (status == SY_OK) {
        print_workers(ctl, list);
    }
    json_object_put(list);
    return status;
}
