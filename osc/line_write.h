/* Lines as sy_line_message() reads them, written: what saved patches (patch_format.c) and edits
 * (edits.c) share.  Thread: any.  RT: no. */
#ifndef SY_OSC_LINE_WRITE_H
#define SY_OSC_LINE_WRITE_H

#include <stdio.h>

#include "engine/command.h"

/* "create vco --id 1 --voices 8", to be followed by parameters and a newline. */
void sy_line_write_create(FILE *file, SyModuleRef module, uint32_t voices);

/* " --freq 110" */
void sy_line_write_option(FILE *file, uint16_t type, SyParamValue value);

/* " --file "/halls/large.wav"" */
void sy_line_write_file(FILE *file, const char *path);

/* "set convolver/1/file "/halls/large.wav"" and its newline. */
void sy_line_write_set_file(FILE *file, SyModuleRef module, const char *path);

/* "destroy vco/1" and its newline. */
void sy_line_write_destroy(FILE *file, SyModuleRef module);

/* "connect vco/1/saw out/1/left --gain 0.2" and its newline; without a gain when it is 1. */
void sy_line_write_connect(FILE *file, SyPortRef from, SyPortRef to, float gain);

/* "disconnect vco/1/saw out/1/left" and its newline. */
void sy_line_write_disconnect(FILE *file, SyPortRef from, SyPortRef to);

/* "set vco/1/freq 110" and its newline. */
void sy_line_write_set(FILE *file, SyModuleRef module, SyParamValue value);

#endif
