#include "bench/page_html.h"

#include <stdarg.h>
#include <string.h>

/* How many bytes a character of UTF-8 has that begins here; 0 if none does. */
static size_t length_of(const unsigned char *at)
{
    static const struct {
        unsigned char mask, is;
    } first[] = {{0x80, 0x00}, {0xe0, 0xc0}, {0xf0, 0xe0}, {0xf8, 0xf0}};

    for (size_t n = 0; n < sizeof(first) / sizeof(*first); n++) {
        if ((at[0] & first[n].mask) != first[n].is) {
            continue;
        }
        for (size_t i = 1; i <= n; i++) {
            if ((at[i] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return n + 1;
    }
    return 0;
}

static void write_ascii(FILE *page, char c)
{
    switch (c) {
    case '&':
        fputs("&amp;", page);
        break;
    case '<':
        fputs("&lt;", page);
        break;
    case '>':
        fputs("&gt;", page);
        break;
    case '"':
        fputs("&quot;", page);
        break;
    case '\'':
        fputs("&#39;", page);
        break;
    default:
        fputc((c >= ' ' && c != 0x7f) || c == '\n' || c == '\t' ? c : '?', page);
    }
}

void sy_html_text(FILE *page, const char *text)
{
    while (*text) {
        const size_t length = length_of((const unsigned char *)text);
        if (length > 1) {
            fwrite(text, 1, length, page);
        } else {
            write_ascii(page, length == 1 ? *text : '?');
        }
        text += length > 0 ? length : 1;
    }
}

void sy_html_textf(FILE *page, const char *format, ...)
{
    char text[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    sy_html_text(page, text);
}

static void write_cell(FILE *page, const char *begin, const char *text)
{
    fputs(begin, page);
    sy_html_text(page, text);
    fputs("</td>", page);
}

void sy_html_cell(FILE *page, const char *text)
{
    write_cell(page, "<td>", text);
}

void sy_html_name_cell(FILE *page, const char *text)
{
    write_cell(page, "<td class=\"name\">", text);
}

void sy_html_figure_cell(FILE *page, const char *text)
{
    write_cell(page, "<td class=\"figure\">", text);
}

void sy_html_date(FILE *page, const char *date)
{
    const size_t length = strlen(date);

    if (length == strlen("2026-11-22T01:45:32Z") && date[10] == 'T' && date[length - 1] == 'Z') {
        sy_html_textf(page, "%.10s %.5s UTC", date, date + 11);
    } else {
        sy_html_text(page, date);
    }
}

void sy_html_bench_link(FILE *page, const char *bench)
{
    fputs("<a href=\"#bench-", page);
    sy_html_text(page, bench);
    fputs("\">", page);
    sy_html_text(page, bench);
    fputs("</a>", page);
}

void sy_html_base64(FILE *page, const unsigned char *bytes, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < n; i += 3) {
        const size_t left = n - i;
        const unsigned word = (unsigned)bytes[i] << 16 | (left > 1 ? bytes[i + 1] : 0u) << 8 |
                              (left > 2 ? bytes[i + 2] : 0u);
        fputc(digits[word >> 18], page);
        fputc(digits[word >> 12 & 63], page);
        fputc(left > 1 ? digits[word >> 6 & 63] : '=', page);
        fputc(left > 2 ? digits[word & 63] : '=', page);
    }
}
