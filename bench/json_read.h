/* Reading JSON that may not be what was hoped for: what is missing, or of another kind, reads as
 * nothing. All return what belongs to `json`.  Thread: any.  RT: no. */
#ifndef SY_BENCH_JSON_READ_H
#define SY_BENCH_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json_types.h>

/* The text under `key`, or "". */
const char *sy_json_text(struct json_object *json, const char *key);

/* The number under `key`, or NAN. */
double sy_json_number(struct json_object *json, const char *key);

bool sy_json_bool(struct json_object *json, const char *key);

/* The object or array under `key`, or NULL. */
struct json_object *sy_json_object(struct json_object *json, const char *key);
struct json_object *sy_json_array(struct json_object *json, const char *key);

/* How much is in an array, 0 for NULL; and what, NULL for null. */
size_t sy_json_length(struct json_object *array);
struct json_object *sy_json_at(struct json_object *array, size_t i);

/* The number or text at a place in an array; NAN or "". */
double sy_json_number_at(struct json_object *array, size_t i);
const char *sy_json_text_at(struct json_object *array, size_t i);

/* The first object in an array whose `key` is `text`, or NULL. */
struct json_object *sy_json_find(struct json_object *array, const char *key, const char *text);

#endif
