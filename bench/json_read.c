#include "bench/json_read.h"

#include <json-c/json.h>
#include <math.h>
#include <string.h>

static struct json_object *member(struct json_object *json, const char *key, enum json_type type)
{
    struct json_object *value = NULL;

    if (!json_object_is_type(json, json_type_object) ||
        !json_object_object_get_ex(json, key, &value) || !json_object_is_type(value, type)) {
        return NULL;
    }
    return value;
}

static double number(struct json_object *json)
{
    const bool is_number =
        json_object_is_type(json, json_type_double) || json_object_is_type(json, json_type_int);
    return is_number ? json_object_get_double(json) : NAN;
}

const char *sy_json_text(struct json_object *json, const char *key)
{
    struct json_object *text = member(json, key, json_type_string);
    return text ? json_object_get_string(text) : "";
}

double sy_json_number(struct json_object *json, const char *key)
{
    struct json_object *value = NULL;

    if (json_object_is_type(json, json_type_object)) {
        json_object_object_get_ex(json, key, &value);
    }
    return number(value);
}

bool sy_json_bool(struct json_object *json, const char *key)
{
    struct json_object *value = member(json, key, json_type_boolean);
    return value && json_object_get_boolean(value);
}

struct json_object *sy_json_object(struct json_object *json, const char *key)
{
    return member(json, key, json_type_object);
}

struct json_object *sy_json_array(struct json_object *json, const char *key)
{
    return member(json, key, json_type_array);
}

size_t sy_json_length(struct json_object *array)
{
    return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

struct json_object *sy_json_at(struct json_object *array, size_t i)
{
    return i < sy_json_length(array) ? json_object_array_get_idx(array, i) : NULL;
}

double sy_json_number_at(struct json_object *array, size_t i)
{
    return number(sy_json_at(array, i));
}

const char *sy_json_text_at(struct json_object *array, size_t i)
{
    struct json_object *text = sy_json_at(array, i);
    return json_object_is_type(text, json_type_string) ? json_object_get_string(text) : "";
}

struct json_object *sy_json_find(struct json_object *array, const char *key, const char *text)
{
    for (size_t i = 0; i < sy_json_length(array); i++) {
        struct json_object *object = sy_json_at(array, i);
        if (strcmp(sy_json_text(object, key), text) == 0) {
            return object;
        }
    }
    return NULL;
}
