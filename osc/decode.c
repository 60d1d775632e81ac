#include "osc/decode.h"

#include <string.h>

#include "osc/ctl.h"
#include "osc/value.h"

const char *sy_without_slash(const char *address)
{
    return address + (address[0] == '/');
}

void sy_listing_init(SyListing *listing)
{
    *listing = (SyListing){json_object_new_array(), json_object_new_array(), 0, 0};
}

void sy_listing_deinit(SyListing *listing)
{
    json_object_put(listing->modules);
    json_object_put(listing->cables);
}

bool sy_listing_is_whole(const SyListing *listing)
{
    return (size_t)listing->n_modules == json_object_array_length(listing->modules) &&
           (size_t)listing->n_cables == json_object_array_length(listing->cables);
}

static struct json_object *json_arg(const SyArg *arg)
{
    if (arg->type == 's') {
        return json_object_new_string(arg->s);
    }
    if (arg->type == 'i' || arg->type == 'h') {
        return json_object_new_int64((int64_t)sy_arg_number(arg));
    }
    return sy_json_float(sy_arg_number(arg));
}

/* "/engine..." name value name value ... */
void sy_decode_engine(void *user, const SyMessage *item)
{
    static const char *const groups[][2] = {
        {"/engine.reply", NULL},
        {"/engine.blocks", "timing"},
        {"/engine.health", "health"},
        {"/engine.osc", "osc"},
    };
    struct json_object *all = user;
    for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
        if (strcmp(item->address, groups[g][0]) != 0) {
            continue;
        }
        struct json_object *into = groups[g][1] ? json_object_new_object() : all;
        for (size_t i = 0; i + 1 < item->n_args; i += 2) {
            json_object_object_add(into, sy_item_word(item, i), json_arg(&item->args[i + 1]));
        }
        if (groups[g][1]) {
            json_object_object_add(all, groups[g][1], into);
        }
    }
}

void sy_decode_worker(void *user, const SyMessage *item)
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

static void take_module(SyListing *listing, const SyMessage *item)
{
    struct json_object *module = json_object_new_object();
    json_object_object_add(module, "module",
                           json_object_new_string(sy_without_slash(sy_item_word(item, 0))));
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

static void take_cable(SyListing *listing, const SyMessage *item)
{
    struct json_object *cable = json_object_new_object();
    json_object_object_add(cable, "from",
                           json_object_new_string(sy_without_slash(sy_item_word(item, 0))));
    json_object_object_add(cable, "to",
                           json_object_new_string(sy_without_slash(sy_item_word(item, 1))));
    json_object_object_add(cable, "gain", sy_json_float(sy_item_number(item, 2)));
    json_object_array_add(listing->cables, cable);
}

void sy_decode_listed(void *user, const SyMessage *item)
{
    SyListing *listing = user;
    if (strcmp(item->address, "/list.module") == 0) {
        take_module(listing, item);
    } else if (strcmp(item->address, "/list.cable") == 0) {
        take_cable(listing, item);
    } else if (strcmp(item->address, "/done") == 0) {
        listing->n_modules = (int)sy_item_number(item, 1);
        listing->n_cables = (int)sy_item_number(item, 2);
    }
}

const char *sy_field_text(struct json_object *object, const char *key)
{
    struct json_object *field = json_object_object_get(object, key);
    return field ? json_object_get_string(field) : "";
}

double sy_field_number(struct json_object *object, const char *key)
{
    return json_object_get_double(json_object_object_get(object, key));
}
