/* Numbers, colours and JSON. */
#include <stdio.h>
#include <stdlib.h>

#include "osc/ctl.h"
#include "osc/value.h"

const char *sy_number_text(double value, char *text)
{
    for (int precision = 6; precision <= 9; precision++) {
        snprintf(text, 32, "%.*g", precision, value);
        if (strtof(text, NULL) == (float)value) {
            break;
        }
    }
    return text;
}

struct json_object *sy_json_float(double value)
{
    char text[32];
    return json_object_new_double_s(value, sy_number_text(value, text));
}

void sy_print_json(struct json_object *object)
{
    puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_PRETTY |
                                                    JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(object);
}

const char *sy_bold(const SyCtl *ctl)
{
    return ctl->colour ? "\033[1m" : "";
}

const char *sy_dim(const SyCtl *ctl)
{
    return ctl->colour ? "\033[2m" : "";
}

const char *sy_plain(const SyCtl *ctl)
{
    return ctl->colour ? "\033[0m" : "";
}

const char *sy_item_word(const SyMessage *item, size_t index)
{
    return index < item->n_args && item->args[index].type == 's' ? item->args[index].s : "";
}

double sy_item_number(const SyMessage *item, size_t index)
{
    return index < item->n_args ? sy_arg_number(&item->args[index]) : 0.0;
}
