#include "data/guess_columns.h"

#include <string.h>

#include "base/remedy.h"
#include "data/cell_text.h"
#include "data/date_column.h"

/* Whether the recipe says what a column is already. */
static bool is_named(const ds_data_options *options, const char *name) {
    if (ds_names_find(&options->exclude, name))
        return true;
    const char *date = options->date.guess ? NULL : options->date.column;
    return ds_names_find(&options->target, name) || ds_names_find(&options->features, name) ||
           ds_names_find(&options->lagged, name) || ds_names_find(&options->categories, name) ||
           ds_node_get(options->expand, name) || (date && strcmp(date, name) == 0);
}

static bool may_be_date(const ds_data_options *options, const ds_table *table,
                        const ds_column *column) {
    return !is_named(options, column->name) &&
           ds_date_column_fits(table, column, options->date.format);
}

/* Only where no column is made of dates. */
static bool may_count(const ds_data_options *options, const ds_table *table,
                      const ds_column *column) {
    return !is_named(options, column->name) && !options->date.format &&
           ds_date_column_counts(table, column);
}

static bool may_be_target(const ds_data_options *options, const ds_table *table,
                          const ds_column *column) {
    (void)table;
    return !is_named(options, column->name) && column->kind == DS_COLUMN_NUMBER;
}

typedef bool candidate(const ds_data_options *options, const ds_table *table,
                       const ds_column *column);

/* How many columns would do, and the first of them. */
static int count_candidates(const ds_data_options *options, const ds_table *table, candidate *is,
                            const ds_column **first) {
    int count = 0;
    for (int j = 0; j < table->columns; j++)
        if (is(options, table, &table->column[j]) && count++ == 0)
            *first = &table->column[j];
    return count;
}

/* "date: t.csv has 2 columns of dates: opened, closed" */
static ds_status ambiguous(const ds_data_options *options, const ds_table *table, candidate *is,
                           const char *key, const char *what) {
    ds_status status = DS_OK;
    ds_text list = {0}, hint = {0};
    const ds_column *first = NULL;
    int count = count_candidates(options, table, is, &first);
    for (int j = 0; j < table->columns; j++)
        if (is(options, table, &table->column[j]))
            DS_TRY(ds_text_add(&list, "%s %s", list.length ? "," : "", table->column[j].name));
    DS_TRY(ds_text_add(&hint, "name one of them: "));
    DS_TRY(ds_text_remedy(&hint, *key == 'd' ? "data.date.column=" : "data.target=", first->name));
    status = ds_node_fail(options->date.node, hint.characters, "%s: %s has %d columns of %s:%s",
                          key, table->source, count, what, list.characters);

cleanup:
    ds_text_clear(&list);
    ds_text_clear(&hint);
    return status;
}

/* Proposes a column of years, or one whose dates are written in a way that could be another. */
static ds_status no_date_column(const ds_data_options *options, const ds_table *table) {
    ds_text hint = {0};
    ds_status status = DS_OK;
    char like[32];
    for (int j = 0; j < table->columns && !hint.length && status == DS_OK; j++) {
        const ds_column *column = &table->column[j];
        if (is_named(options, column->name))
            continue;
        bool years = column->kind == DS_COLUMN_NUMBER && ds_date_column_fits(table, column, "%Y");
        bool written = column->kind == DS_COLUMN_TEXT && table->rows &&
                       ds_date_format_like(like, table, column, 0);
        if (years)
            status = ds_text_add(&hint, "years alone are dates in a column that is named: ");
        if (status == DS_OK && (years || written))
            status = ds_text_remedy(&hint, "data.date.column=", column->name);
        if (status == DS_OK && written)
            status = ds_text_add(&hint, " --set 'data.date.format=\"%s\"'", like);
    }
    if (status == DS_OK && !hint.length)
        status = ds_text_add(&hint, "name it, and how its dates are written, as in "
                                    "data.date={column: day, format: \"%%d-%%m-%%y\"}; without "
                                    "dates --set data.date=none");
    if (status == DS_OK)
        status = ds_node_fail(options->date.node, hint.characters,
                              "date: no column of %s holds dates alone", table->source);
    ds_text_clear(&hint);
    return status;
}

/* Where one column begins with a date, its first cell that is none is what stands in the way. */
static ds_status no_date(const ds_data_options *options, const ds_table *table) {
    char *format = NULL;
    for (int j = 0; j < table->columns; j++) {
        const ds_column *column = &table->column[j];
        if (!is_named(options, column->name) && ds_date_column_begins(column)) {
            ds_status status = ds_date_format_find(&format, table, column);
            ds_free(format);
            if (status != DS_OK)
                return status;
        }
    }
    return no_date_column(options, table);
}

static ds_status guess_date(ds_data_options *options, const ds_table *table, ds_text *notes) {
    const ds_column *column = NULL;
    candidate *is = may_be_date;
    int count = count_candidates(options, table, is, &column);
    if (count == 0)
        count = count_candidates(options, table, is = may_count, &column);
    if (count == 0)
        return no_date(options, table);
    if (count > 1)
        return ambiguous(options, table, is, "date", "dates");
    options->date.column = column->name;
    options->date.guess = false;
    return ds_text_add(notes, "%s: column \"%s\" holds the dates%s\n", table->source, column->name,
                       is == may_count ? ", counted since 1970" : "");
}

/* The first word of what might have been the column to predict. */
static ds_status no_target(const ds_data_options *options, const ds_table *table) {
    for (int j = 0; j < table->columns; j++) {
        const ds_column *column = &table->column[j];
        if (!is_named(options, column->name) && column->kind == DS_COLUMN_TEXT)
            for (int64_t row = 0; row < table->rows; row++)
                if (column->codes[row] >= 0)
                    return ds_cell_no_number(table, column, row,
                                             column->words.word[column->codes[row]]);
    }
    return ds_node_fail(options->date.node, "a column to predict is needed beside the dates",
                        "target: %s has no column of numbers beside the dates", table->source);
}

static ds_status guess_target(ds_data_options *options, const ds_table *table, ds_text *notes) {
    const ds_column *column = NULL;
    int count = count_candidates(options, table, may_be_target, &column);
    if (count == 0)
        return no_target(options, table);
    if (count > 1)
        return ambiguous(options, table, may_be_target, "target", "numbers");
    DS_CHECK(ds_node_new(&options->found_target, DS_SCALAR, options->date.node->source));
    DS_CHECK(ds_copy_text(&options->found_target->text, column->name));
    DS_CHECK(ds_names_add(&options->target, options->found_target));
    if (options->lags && !options->lagged.count)
        DS_CHECK(ds_names_add(&options->lagged, options->found_target));
    options->guess_target = false;
    return ds_text_add(notes, "%s: column \"%s\" is to be predicted\n", table->source,
                       column->name);
}

ds_status ds_guess_columns(ds_data_options *options, const ds_source *source, ds_text *notes) {
    if (options->date.guess)
        DS_CHECK(guess_date(options, &source->table, notes));
    return options->guess_target ? guess_target(options, &source->table, notes) : DS_OK;
}
