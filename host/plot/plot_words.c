#include "plot/plot_words.h"

#include <math.h>
#include <string.h>
#include <time.h>

/* Length of the UTF-8 character that begins here; 0 where none does. */
static size_t character_length(const char *text) {
    const unsigned char *c = (const unsigned char *)text;
    size_t length = c[0] < 0x80 ? 1 : c[0] < 0xc2 ? 0 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;
    if (c[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xf0 && c[1] < 0x90);
    bool surrogate = (c[0] == 0xed && c[1] > 0x9f) || (c[0] == 0xf4 && c[1] > 0x8f);
    return overlong || surrogate ? 0 : length;
}

static bool is_control(char c) {
    return (unsigned char)c < ' ' || c == 0x7f;
}

/* One character at a time: `escape` lists those that get a backslash, `twice` those that are
 * written twice. */
static ds_status add_escaped(ds_text *out, const char *text, const char *escape,
                             const char *twice) {
    while (*text) {
        size_t length = character_length(text);
        if (length == 0)
            DS_CHECK(ds_text_append(out, "?", 1));
        else if (is_control(*text))
            DS_CHECK(ds_text_append(out, " ", 1));
        else if (strchr(escape, *text))
            DS_CHECK(ds_text_add(out, "\\%c", *text));
        else if (strchr(twice, *text))
            DS_CHECK(ds_text_add(out, "%c%c", *text, *text));
        else
            DS_CHECK(ds_text_append(out, text, length));
        text += length ? length : 1;
    }
    return DS_OK;
}

static ds_status add_string(ds_text *script, const char *text, const char *twice) {
    DS_CHECK(ds_text_append(script, "'", 1));
    DS_CHECK(add_escaped(script, text, "\\^_{}@&~", twice));
    return ds_text_append(script, "'", 1);
}

ds_status ds_plot_string(ds_text *script, const char *text) {
    return add_string(script, text, "'");
}

ds_status ds_plot_tick_label(ds_text *script, const char *text) {
    return add_string(script, text, "'%");
}

ds_status ds_plot_cell(ds_text *csv, const char *text) {
    DS_CHECK(ds_text_append(csv, "\"", 1));
    for (; *text; text++)
        DS_CHECK(ds_text_add(csv, "%c", is_control(*text) ? ' ' : *text == '"' ? '\'' : *text));
    return ds_text_append(csv, "\"", 1);
}

ds_status ds_plot_number(ds_text *csv, double value) {
    return isfinite(value) ? ds_text_add(csv, "%.9g", value) : ds_text_add(csv, "nan");
}

ds_status ds_plot_date(ds_text *csv, double seconds, bool clock) {
    char text[64];
    struct tm date;
    time_t whole = (time_t)floor(seconds);
    if (!isfinite(seconds) || !gmtime_r(&whole, &date))
        return ds_text_add(csv, "nan");
    strftime(text, sizeof text, clock ? "%Y-%m-%dT%H:%M:%S" : "%Y-%m-%d", &date);
    return ds_text_add(csv, "%s", text);
}

void ds_plot_extent(const double *values, int64_t count, double *least, double *greatest) {
    for (int64_t i = 0; i < count; i++)
        if (isfinite(values[i])) {
            *least = fmin(*least, values[i]);
            *greatest = fmax(*greatest, values[i]);
        }
}
