#include "data/date_column.h"

#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "data/cell_text.h"

/* No text fits two of them but those that differ in the order of day and month. The last ones
 * could be numbers of anything, so they are dates only in a column that is named as one. */
static const char *const formats[] = {
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d",    "%Y-%m",    "%Y/%m",     "%d.%m.%Y",
    "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y",  "%d.%m.%y", "%d/%m/%y",  "%m/%d/%y",
    "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%b %d %Y", "%b %Y",     "%b-%Y",
    "%Y-%b",    "%Y %b",    "%Y-%b-%d", "%YQ%q",     "%Yq%q",    "%Y-Q%q",    "%Y Q%q",
    "Q%q %Y",   "Q%q-%Y",   "Q%q/%Y",   "%G-W%V",    "%GW%V",    "%G-W%V-%u", "%GW%V%u",
    "%Y",       "%Y%m",     "unix",     "unix_ms",   "unix_us",  "unix_ns"};

enum {
    FORMATS = sizeof formats / sizeof *formats,
    COUNTS = FORMATS - 4,     /* the first that counts since 1970 */
    SURE_FORMATS = COUNTS - 2 /* of which a column that is not named as dates may be */
};

/* Counts are of this century up to 2100, from 10 digits of seconds on: others are more likely
 * numbers of something else. */
static bool is_plausible(double seconds) {
    return seconds >= 1e9 && seconds < 4102444800.0;
}

static bool has_format(const char *text, int format) {
    double seconds;
    return ds_date_parse(text, formats[format], &seconds) &&
           (format < COUNTS || is_plausible(seconds));
}

ds_status ds_date_rule_copy(ds_date_rule *out, const ds_date_rule *rule) {
    ds_date_rule copy = {.step = rule->step, .drop_gaps = rule->drop_gaps, .join = rule->join};
    ds_status status = DS_OK;
    if (rule->column)
        DS_TRY(ds_copy_text(&copy.column, rule->column));
    if (rule->format)
        DS_TRY(ds_copy_text(&copy.format, rule->format));
    *out = copy;
    copy = (ds_date_rule){0};

cleanup:
    ds_date_rule_clear(&copy);
    return status;
}

void ds_date_rule_clear(ds_date_rule *rule) {
    ds_free(rule->column);
    ds_free(rule->format);
    *rule = (ds_date_rule){0};
}

static const char *cell(const ds_column *column, int64_t row) {
    return column->codes[row] < 0 ? NULL : column->words.word[column->codes[row]];
}

/* A column of numbers is read as these are printed. */
static bool all_fit(const ds_table *table, const ds_column *column, const char *format) {
    char number[32];
    double seconds;
    bool text = column->kind == DS_COLUMN_TEXT;
    for (int64_t i = 0; i < table->rows; i++) {
        if (!text)
            ds_number_print(number, ds_column_number(column, i));
        const char *date = text ? cell(column, i) : number;
        if (!date || !ds_date_parse(date, format, &seconds))
            return false;
    }
    return true;
}

/* The ways to write a date that cannot be told from others, or are rare: a blank stands for what
 * separates the parts. */
static const char *const orders[] = {"%d %m %Y", "%m %d %Y", "%d %m %y", "%m %d %y", "%y %m %d",
                                     "%Y %m %d", "%Y %b %d", "%d %b %Y", "%b %d %Y", "%d %b %y",
                                     "%m %Y",    "%Y %m",    "%b %Y",    "%b %y",    "%y %b"};

enum { ORDERS = sizeof orders / sizeof *orders, LEAST_COUNT = 100000000 /* in 1973 */ };

static void write_format(char out[32], const char *order, char separator) {
    snprintf(out, 32, "%s", order);
    for (char *at = out; *at; at++)
        if (*at == ' ')
            *at = separator;
}

bool ds_date_format_like(char out[32], const ds_table *table, const ds_column *column,
                         int64_t row) {
    const char *text = cell(column, row);
    char like[32] = "", format[32];
    double seconds;
    if (!text)
        return false;
    for (const char *separator = "-/. _,"; *separator; separator++)
        for (int i = 0; i < ORDERS; i++) {
            write_format(format, orders[i], *separator);
            if (!ds_date_parse(text, format, &seconds))
                continue;
            if (all_fit(table, column, format)) {
                memcpy(out, format, sizeof format);
                return true;
            }
            if (!*like)
                memcpy(like, format, sizeof like);
        }
    for (int k = COUNTS; k < FORMATS && !*like; k++)
        if (all_fit(table, column, formats[k]) && ds_date_parse(text, formats[k], &seconds) &&
            seconds >= LEAST_COUNT)
            snprintf(like, sizeof like, "%s", formats[k]);
    memcpy(out, like, sizeof like);
    return *like != '\0';
}

static ds_status other_format(const ds_table *table, const ds_column *column, int64_t row,
                              const char *format, const char *excerpt) {
    const char *hint = "write all dates in the same way; without dates --set data.date=none";
    if (strcmp(format, "unix") == 0)
        hint = "unix is seconds since 1970, unix_ms is milliseconds";
    else if (strncmp(format, "unix", 4) == 0)
        hint = "it counts from 1970 on: unix is seconds, unix_ms milliseconds, unix_us and unix_ns "
               "less";
    return ds_cell_fail(table, column, row, hint, "expected a date as %s, got \"%s\"", format,
                        excerpt);
}

static ds_status no_date(const ds_table *table, const ds_column *column, int64_t row,
                         const char *format) {
    char excerpt[64], like[32];
    const char *text = cell(column, row);
    ds_text hint = {0};
    if (!text)
        return ds_cell_fail(table, column, row,
                            "fill it in, or leave such rows out: --set data.missing=drop",
                            "the date is missing");
    ds_cell_excerpt(excerpt, text);
    if (format)
        return other_format(table, column, row, format, excerpt);
    bool found = ds_date_format_like(like, table, column, row);
    ds_status status =
        found ? ds_text_add(&hint, "--set 'data.date.format=\"%s\"'", like)
              : ds_text_add(&hint, "data.date.format names another way to write dates, "
                                   "\"%%d/%%m/%%Y\", of %%Y (2021) or %%y (21), %%m month (%%b Mar "
                                   "or March), %%d day, %%H hour, %%M minute, %%S second");
    if (status == DS_OK)
        status = ds_text_add(&hint, "; if the column holds no dates, --set data.date=none");
    if (status == DS_OK)
        status = ds_cell_fail(table, column, row, hint.characters,
                              "expected a date such as 2021-01-31, got \"%s\"", excerpt);
    ds_text_clear(&hint);
    return status;
}

static ds_status ambiguous(const ds_table *table, const ds_column *column, const char *first,
                           const char *second) {
    ds_text hint = {0};
    ds_status status =
        ds_text_add(&hint, "--set 'data.date.format=\"%s\"', or \"%s\"", first, second);
    if (status == DS_OK)
        status = ds_cell_fail(table, column, 0, hint.characters,
                              "\"%s\" and all dates below may have the day first or the month",
                              cell(column, 0));
    ds_text_clear(&hint);
    return status;
}

bool ds_date_column_fits(const ds_table *table, const ds_column *column, const char *format) {
    bool text = column->kind == DS_COLUMN_TEXT;
    if (column->kind != DS_COLUMN_NUMBER && !text)
        return false;
    if (format)
        return all_fit(table, column, format);
    if (!text)
        return all_fit(table, column, "%Y%m%d");
    for (int k = 0; k < SURE_FORMATS; k++)
        if (all_fit(table, column, formats[k]))
            return true;
    return false;
}

bool ds_date_column_counts(const ds_table *table, const ds_column *column) {
    char number[32];
    if (column->kind != DS_COLUMN_NUMBER || table->rows == 0)
        return false;
    for (int k = COUNTS; k < FORMATS; k++) {
        int64_t i = 0;
        for (; i < table->rows; i++) {
            ds_number_print(number, ds_column_number(column, i));
            if (!has_format(number, k))
                break;
        }
        if (i == table->rows)
            return true;
    }
    return false;
}

bool ds_date_column_begins(const ds_column *column) {
    const char *text = column->kind == DS_COLUMN_TEXT ? cell(column, 0) : NULL;
    for (int k = 0; k < SURE_FORMATS && text; k++)
        if (has_format(text, k))
            return true;
    return false;
}

ds_status ds_date_format_find(char **out, const ds_table *table, const ds_column *column) {
    bool fits[FORMATS];
    const char *last = NULL; /* a format that all rows above fit */
    memset(fits, true, sizeof fits);
    for (int64_t i = 0; i < table->rows; i++) {
        const char *text = cell(column, i), *left = NULL;
        for (int k = 0; k < FORMATS; k++) {
            fits[k] = fits[k] && text && has_format(text, k);
            left = fits[k] && !left ? formats[k] : left;
        }
        if (!left)
            return no_date(table, column, i, last);
        last = left;
    }
    for (int k = 0; k < FORMATS; k++)
        if (fits[k] && formats[k] != last)
            return ambiguous(table, column, last, formats[k]);
    return ds_copy_text(out, last);
}

ds_status ds_date_read(double *out, const ds_table *table, const ds_column *column,
                       const char *format, bool *zoned) {
    int offset;
    *zoned = false;
    for (int64_t i = 0; i < table->rows; i++) {
        const char *text = cell(column, i);
        if (!text || !ds_date_parse_zoned(text, format, &out[i], &offset))
            return no_date(table, column, i, format);
        *zoned = *zoned || offset != 0;
    }
    return DS_OK;
}
