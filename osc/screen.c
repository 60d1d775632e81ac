#include "osc/screen.h"

#include <limits.h>
#include <stdarg.h>

#define LINE_MAX_BYTES 1024 /* an audio device's name and a reason, with room to spare */

#define WIPE_LINE  "\033[K"
#define WIPE_BELOW "\033[J"

unsigned sy_screen_room(const SyScreen *screen)
{
    if (screen->size.rows == 0) {
        return UINT_MAX;
    }
    return screen->n_lines < screen->size.rows ? screen->size.rows - screen->n_lines : 0;
}

/* Whether a byte is the second or a later one of a character. */
static bool is_continued(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

/* 0 to 31 and 127, and in UTF-8 also U+0080 to U+009F: C2 and a byte below A0. */
static bool is_control(const char *text)
{
    const unsigned char byte = (unsigned char)text[0], next = (unsigned char)text[1];
    return byte < ' ' || byte == 127 || (byte == 0xC2 && next < 0xA0);
}

static void put_text(const SyScreen *screen, const char *text)
{
    unsigned column = 0;
    for (; *text != '\0'; text++) {
        if (is_continued((unsigned char)*text)) {
            putc(*text, screen->out);
        } else if (screen->size.columns > 0 && column == screen->size.columns) {
            return;
        } else if (is_control(text)) {
            putc('?', screen->out);
            text += is_continued((unsigned char)text[1]);
            column++;
        } else {
            putc(*text, screen->out);
            column++;
        }
    }
}

/* The wiping comes first: behind a line as wide as the terminal it would take its last character.
 */
void sy_screen_line(SyScreen *screen, SyStyle style, const char *format, ...)
{
    static const char *const begin[] = {"", "\033[2m", "\033[1m"};
    char text[LINE_MAX_BYTES];
    va_list values;
    if (sy_screen_room(screen) == 0) {
        return;
    }
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    fputs(screen->n_lines > 0 ? "\n" : "", screen->out);
    fputs(screen->in_place ? WIPE_LINE : "", screen->out);
    fputs(screen->colour ? begin[style] : "", screen->out);
    put_text(screen, text);
    fputs(screen->colour && style != SY_STYLE_PLAIN ? "\033[0m" : "", screen->out);
    screen->n_lines++;
}

/* Where the last line ends the cursor may still be on its last character, and wiping would take it.
 */
void sy_screen_end(SyScreen *screen)
{
    if (!screen->in_place) {
        fputs("\n", screen->out);
    } else if (sy_screen_room(screen) > 0) {
        fputs("\n" WIPE_BELOW, screen->out);
    }
}
