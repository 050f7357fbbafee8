#include "data/date_column.h"

#include <string.h>

#include "base/calendar.h"
#include "data/cell_text.h"

/* No text fits two of them but those that differ in the order of day and month. */
static const char *const formats[] = {"%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d",  "%Y%m%d",   "%Y-%m",
                                      "%Y/%m",    "%d.%m.%Y", "%d/%m/%Y",  "%m/%d/%Y", "%d-%m-%Y",
                                      "%m-%d-%Y", "%d.%m.%y", "%d/%m/%y",  "%m/%d/%y", "%d %b %Y",
                                      "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%b %d %Y", "%b %Y"};

enum { FORMATS = sizeof formats / sizeof *formats };

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

static ds_status no_date(const ds_table *table, const ds_column *column, int64_t row,
                         const char *format) {
    char excerpt[64];
    const char *text = cell(column, row);
    if (!text)
        return ds_cell_fail(table, column, row, "fill it in, or remove the row",
                            "the date is missing");
    ds_cell_excerpt(excerpt, text);
    if (format)
        return ds_cell_fail(table, column, row, "write all dates in the same way",
                            "expected a date as %s, got \"%s\"", format, excerpt);
    return ds_cell_fail(
        table, column, row,
        "another way to write dates is named under `data`: `date: {column: day, "
        "format: \"%d/%m/%Y\"}`, of %Y (2021) or %y (21), %m month (%b Mar or March), "
        "%d day, %H hour, %M minute, %S second",
        "expected a date such as 2021-01-31, got \"%s\"", excerpt);
}

static ds_status ambiguous(const ds_table *table, const ds_column *column, const char *first,
                           const char *second) {
    ds_text hint = {0};
    ds_status status = ds_text_add(&hint, "write `date: {column: %s, format: \"%s\"}` or \"%s\"",
                                   column->name, first, second);
    if (status == DS_OK)
        status = ds_cell_fail(table, column, 0, hint.characters,
                              "\"%s\" and all dates below may have the day first or the month",
                              cell(column, 0));
    ds_text_clear(&hint);
    return status;
}

static bool texts_fit(const ds_table *table, const ds_column *column, const char *format) {
    double seconds;
    for (int64_t i = 0; i < table->rows; i++) {
        const char *text = cell(column, i);
        if (!text || !ds_date_parse(text, format, &seconds))
            return false;
    }
    return true;
}

static bool numbers_fit(const ds_table *table, const ds_column *column, const char *format) {
    double seconds;
    char text[32];
    for (int64_t i = 0; i < table->rows; i++) {
        double value = ds_column_number(column, i);
        if (!(value >= 0 && value < 1e15))
            return false;
        ds_number_print(text, value);
        if (!ds_date_parse(text, format, &seconds))
            return false;
    }
    return true;
}

bool ds_date_column_fits(const ds_table *table, const ds_column *column, const char *format) {
    bool text = column->kind == DS_COLUMN_TEXT;
    if (column->kind != DS_COLUMN_NUMBER && !text)
        return false;
    if (format)
        return text ? texts_fit(table, column, format) : numbers_fit(table, column, format);
    if (!text)
        return numbers_fit(table, column, "%Y%m%d");
    for (int k = 0; k < FORMATS; k++)
        if (texts_fit(table, column, formats[k]))
            return true;
    return false;
}

bool ds_date_column_begins(const ds_column *column) {
    const char *text = column->kind == DS_COLUMN_TEXT ? cell(column, 0) : NULL;
    double seconds;
    for (int k = 0; k < FORMATS && text; k++)
        if (ds_date_parse(text, formats[k], &seconds))
            return true;
    return false;
}

ds_status ds_date_format_find(char **out, const ds_table *table, const ds_column *column) {
    bool fits[FORMATS];
    const char *last = NULL; /* a format that all rows above fit */
    double seconds;
    memset(fits, true, sizeof fits);
    for (int64_t i = 0; i < table->rows; i++) {
        const char *text = cell(column, i), *left = NULL;
        for (int k = 0; k < FORMATS; k++) {
            fits[k] = fits[k] && text && ds_date_parse(text, formats[k], &seconds);
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
                       const char *format) {
    for (int64_t i = 0; i < table->rows; i++) {
        const char *text = cell(column, i);
        if (!text || !ds_date_parse(text, format, &out[i]))
            return no_date(table, column, i, format);
    }
    return DS_OK;
}
