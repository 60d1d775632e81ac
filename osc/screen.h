/* Lines of a report for a terminal: none is wider than it, and there are no more than it is high.
 *
 * A line is cut where the terminal ends, counted in characters of UTF-8; what would steer the
 * terminal is shown as '?', for some of the words are names that others have given. */
#ifndef SY_OSC_SCREEN_H
#define SY_OSC_SCREEN_H

#include <stdbool.h>
#include <stdio.h>

typedef struct SySize {
    unsigned columns, rows; /* 0: as many as it takes */
} SySize;

typedef enum SyStyle {
    SY_STYLE_PLAIN,
    SY_STYLE_DIM,  /* heads of tables */
    SY_STYLE_BOLD, /* what is most important */
} SyStyle;

typedef struct SyScreen {
    FILE *out; /* the caller's */
    SySize size;
    bool colour;   /* styles are shown */
    bool in_place; /* each line wipes what stood there before it */
    unsigned n_lines;
} SyScreen;

/* Lines that there is still room for; UINT_MAX if there is no limit.  Thread: any.  RT: no. */
unsigned sy_screen_room(const SyScreen *screen);

/* Adds a line, which must have no newline in it; one that there is no room for is left out.
 * Thread: any.  RT: no. */
void sy_screen_line(SyScreen *screen, SyStyle style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Ends the last line; and if it is drawn in place, wipes what is below.  Thread: any.  RT: no. */
void sy_screen_end(SyScreen *screen);

#endif
