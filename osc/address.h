/* Addresses and what they name: "/vco/1" a module, "/vco/1/freq" a parameter, "/vco/1/saw" an
 * output. The leading slash is optional in what is read and always there in what is written. */
#ifndef SY_OSC_ADDRESS_H
#define SY_OSC_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/command.h"
#include "osc/text.h"

#define SY_ADDRESS_MAX 128 /* bytes of an address with its terminator, as written here */

/* One part of an address; not terminated. */
typedef struct SyPart {
    const char *text;
    size_t length;
} SyPart;

/* An address cut at its slashes; parts that are not there have length 0. */
typedef struct SyParts {
    SyPart type, id, leaf;
    int n; /* how many there are; 4 if more than three */
} SyParts;

/* Cuts an address. The parts point into `address`.  Thread: any.  RT: yes. */
SyParts sy_address_split(const char *address);

/* Each of these returns SY_OK, or the SyStatus of the part that is wrong, with a text that names
 * what there is instead: SY_ERR_ADDRESS        not of the form type/id/name SY_ERR_UNKNOWN_TYPE no
 * such module type SY_ERR_ID_RANGE       an id that is not in 1..SY_ID_MAX SY_ERR_UNKNOWN_PORT,
 * SY_ERR_UNKNOWN_PARAM   the type has none of that name SY_ERR_DIRECTION      an input where an
 * output belongs, or the other way Thread: any.  RT: no. */
SyStatus sy_address_type(SyPart part, uint16_t *type, SyError *error);
SyStatus sy_address_id(SyPart part, uint16_t *id, SyError *error);
SyStatus sy_address_module(const char *address, SyModuleRef *module, SyError *error);
SyStatus sy_address_output(const char *address, SyPortRef *port, SyError *error);
SyStatus sy_address_input(const char *address, SyPortRef *port, SyError *error);

/* The number of a parameter of a module type by its name.  As above. */
SyStatus sy_address_param(uint16_t type, SyPart part, uint8_t *param, SyError *error);

/* Write an address into `text` (SY_ADDRESS_MAX bytes).  The names must come from the registry.
 * Thread: any.  RT: no. */
void sy_address_of_module(char *text, SyModuleRef module);
void sy_address_of_param(char *text, SyModuleRef module, uint8_t param);
void sy_address_of_file(char *text, SyModuleRef module);
void sy_address_of_output(char *text, SyPortRef port);
void sy_address_of_input(char *text, SyPortRef port);

#endif
