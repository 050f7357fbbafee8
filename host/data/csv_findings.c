#include "data/csv_findings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/remedy.h"

/* ---- what the columns are ---- */

/* The facts of a text column's words, each of them as often as it occurs. */
static ds_status facts_of_words(ds_column_facts *facts, const ds_column *column, int64_t rows,
                                const ds_csv_layout *layout, const ds_words *missing) {
    ds_status status = DS_OK;
    int64_t *first = NULL, *count = NULL; /* of each word */
    size_t words = (size_t)column->words.count;
    DS_TRY(ds_new(&first, words, sizeof *first));
    DS_TRY(ds_new(&count, words, sizeof *count));
    for (int64_t row = 0; row < rows; row++) {
        int32_t code = column->codes[row];
        if (code >= 0 && count[code]++ == 0)
            first[code] = row;
    }
    for (size_t i = 0; i < words; i++) { /* in the order in which they came */
        ds_csv_cell cell = {.text = column->words.word[i]};
        ds_column_facts one;
        ds_column_facts_begin(&one);
        (void)ds_column_facts_take(&one, &cell, first[i], layout->decimal, missing);
        one.numbers *= count[i];
        one.words *= count[i];
        one.missing *= count[i];
        one.percents *= count[i];
        one.like_numbers *= count[i];
        ds_column_facts_add(facts, &one, 0);
    }

cleanup:
    ds_free(first);
    ds_free(count);
    return status;
}

ds_status ds_csv_text_facts(ds_column_facts *facts, const ds_csv_layout *layout,
                            const ds_table *table, const ds_wish *wish) {
    for (int j = 0; j < layout->columns; j++)
        if (layout->column[j].wish == DS_COLUMN_AUTO && layout->column[j].kind == DS_COLUMN_TEXT)
            DS_CHECK(
                facts_of_words(&facts[j], &table->column[j], table->rows, layout, wish->missing));
    return DS_OK;
}

/* What commas are for, by all numbers of the file. */
static ds_decimal decide_decimal(const ds_csv_layout *layout, const ds_column_facts *facts) {
    unsigned marks = 0;
    for (int j = 0; j < layout->columns; j++)
        if (layout->column[j].kind == DS_COLUMN_NUMBER)
            marks |= facts[j].marks;
    bool comma = marks & DS_MARK_COMMA, point = marks & DS_MARK_POINT;
    if (!(marks & (DS_MARK_COMMA | DS_MARK_HAS_COMMA)) || comma == point)
        return DS_DECIMAL_AUTO;
    if (comma)
        return layout->separator == ',' ? DS_DECIMAL_AUTO : DS_DECIMAL_COMMA;
    return DS_DECIMAL_POINT;
}

bool ds_csv_decide(ds_csv_layout *layout, const ds_column_facts *facts, ds_decimal wished) {
    bool same = true;
    for (int j = 0; j < layout->columns; j++) {
        ds_csv_column *column = &layout->column[j];
        if (column->wish != DS_COLUMN_AUTO)
            continue;
        ds_column_kind kind = facts[j].words > facts[j].numbers ? DS_COLUMN_TEXT : DS_COLUMN_NUMBER;
        same = same && kind == column->kind;
        column->kind = kind;
    }
    ds_decimal decimal = wished ? wished : decide_decimal(layout, facts);
    same = same && decimal == layout->decimal;
    layout->decimal = decimal;
    return same;
}

/* ---- errors ---- */

/* The first of the cells that are not what their columns are. */
static ds_status refuse_odd(const ds_csv_pass *pass) {
    int worst = -1;
    for (int j = 0; j < pass->table.columns; j++)
        if (pass->table.column[j].kind == DS_COLUMN_NUMBER && pass->facts[j].odd.row >= 0 &&
            (worst < 0 || pass->facts[j].odd.row < pass->facts[worst].odd.row))
            worst = j;
    if (worst < 0)
        return DS_OK;
    const ds_noted_cell *odd = &pass->facts[worst].odd;
    return ds_cell_no_number(&pass->table, &pass->table.column[worst], odd->row, odd->text);
}

/* Numbers of one column in two units. */
static ds_status refuse_mixed(const ds_csv_pass *pass) {
    for (int j = 0; j < pass->table.columns; j++) {
        const ds_column_facts *facts = &pass->facts[j];
        const ds_column *column = &pass->table.column[j];
        if (column->kind != DS_COLUMN_NUMBER)
            continue;
        if (facts->percents && facts->percents < facts->numbers)
            return ds_cell_fail(&pass->table, column, facts->percent.row,
                                "write all numbers of the column in one unit",
                                "\"%s\" has a %%, other numbers of its column have none",
                                facts->percent.text);
        if (facts->currencies.row >= 0)
            return ds_cell_fail(&pass->table, column, facts->currencies.row,
                                "write all numbers of the column in one unit",
                                "\"%s\" is in another currency than the numbers above it (%s)",
                                facts->currencies.text, facts->currency);
    }
    return DS_OK;
}

/* ---- notes ---- */

/* How a column becomes words, and the note's end. */
static ds_status add_categories(const char *name, ds_text *notes) {
    DS_CHECK(ds_text_remedy(notes, "data.categories+=", name));
    return ds_text_add(notes, "\n");
}

static ds_status note_numbers(const ds_csv_pass *pass, int j, ds_text *notes) {
    const ds_column_facts *facts = &pass->facts[j];
    const char *source = pass->table.source, *name = pass->table.column[j].name;
    if (facts->cleaned.row >= 0) {
        DS_CHECK(ds_text_add(notes, "%s: column \"%s\" is read as numbers: \"%s\" is ", source,
                             name, facts->cleaned.text));
        DS_CHECK(ds_text_number(notes, facts->cleaned_value));
        DS_CHECK(ds_text_add(notes, "\n"));
    }
    if (facts->marks & DS_MARK_ZERO_FIRST && facts->zero_first.row >= 0) {
        DS_CHECK(ds_text_add(notes,
                             "%s: column \"%s\" is read as numbers, \"%s\" as one without its "
                             "leading 0: if these are codes, ",
                             source, name, facts->zero_first.text));
        DS_CHECK(add_categories(name, notes));
    }
    if (facts->marks & DS_MARK_ROUNDED) {
        DS_CHECK(ds_text_add(notes,
                             "%s: column \"%s\" has whole numbers beyond 2^53, which are rounded: "
                             "if these are ids, ",
                             source, name));
        DS_CHECK(add_categories(name, notes));
    }
    return DS_OK;
}

/* Texts that a number stands in, in a column of text that nobody asked for. */
static ds_status note_like_numbers(const ds_csv_pass *pass, int j, ds_text *notes) {
    const ds_column_facts *facts = &pass->facts[j];
    int64_t like = facts->like_numbers + facts->numbers;
    const ds_noted_cell *shown = facts->like.row >= 0 ? &facts->like : &facts->cleaned;
    if (like == 0 || (facts->like_numbers == 0 && facts->cleaned.row < 0))
        return DS_OK;
    DS_CHECK(ds_text_add(notes,
                         "%s: column \"%s\" is text, though %lld of its %lld cells look like "
                         "numbers, such as \"%s\": write them as numbers alone, or ",
                         pass->table.source, pass->table.column[j].name, (long long)like,
                         (long long)(facts->words + facts->numbers), shown->text));
    return add_categories(pass->table.column[j].name, notes);
}

/* NA may be a word: North America. */
static ds_status note_missing_words(const ds_csv_pass *pass, int j, const ds_wish *wish) {
    const ds_column_facts *facts = &pass->facts[j];
    if (facts->missing_words == 0 || wish->missing)
        return DS_OK;
    return ds_text_add(wish->notes,
                       "%s: column \"%s\" has %lld cell%s with \"%s\", which means a missing one: "
                       "if it is a word there, --set 'data.missing_words=[]'\n",
                       pass->table.source, pass->table.column[j].name,
                       (long long)facts->missing_words, facts->missing_words == 1 ? "" : "s",
                       facts->missing_word.text);
}

/* 2.155 was two thousand because of another number's comma. */
static ds_status note_decimal(const ds_csv_pass *pass, const ds_wish *wish) {
    const ds_csv_layout *layout = pass->layout;
    if (wish->decimal || layout->decimal != DS_DECIMAL_COMMA)
        return DS_OK;
    for (int j = 0; j < pass->table.columns; j++)
        if (pass->table.column[j].kind == DS_COLUMN_NUMBER &&
            pass->facts[j].marks & DS_MARK_POINT_EITHER)
            return ds_text_add(wish->notes,
                               "%s: decimals stand behind a comma, so the points in column \"%s\" "
                               "stand between thousands; else --set data.decimal=point\n",
                               pass->table.source, pass->table.column[j].name);
    return DS_OK;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Whether a column holds whole numbers, all different, as an index of the rows does. */
static ds_status counts_rows(const ds_column *column, int64_t rows, bool *out) {
    double *value = NULL;
    *out = false;
    DS_CHECK(ds_new(&value, (size_t)rows, sizeof *value));
    ds_column_read(column, 0, rows, value);
    qsort(value, (size_t)rows, sizeof *value, by_value);
    bool good = value[0] == floor(value[0]);
    for (int64_t i = 1; i < rows && good; i++)
        good = value[i] > value[i - 1] && value[i] == floor(value[i]);
    *out = good;
    ds_free(value);
    return DS_OK;
}

/* An unnamed column that nobody asked for, and that says nothing of its row. */
static ds_status leave_out(ds_csv_pass *pass, int j, const ds_wish *wish) {
    const ds_csv_column *as = &pass->layout->column[j];
    ds_column *column = &pass->table.column[j];
    const ds_column_facts *facts = &pass->facts[j];
    bool index = false, nothing = facts->numbers + facts->words == 0;
    if (!as->unnamed || as->named || column->kind != DS_COLUMN_NUMBER)
        return DS_OK;
    if (j == 0 && facts->missing == 0)
        DS_CHECK(counts_rows(column, pass->table.rows, &index));
    if (!index && !nothing)
        return DS_OK;
    column->kind = DS_COLUMN_SKIPPED;
    return wish->notes
               ? ds_text_add(wish->notes, "%s: column %d has no name and %s: left out\n",
                             pass->table.source, j + 1, index ? "counts the rows" : "holds nothing")
               : DS_OK;
}

/* How this file's numbers are written: what later files are read by. */
static ds_decimal found_decimal(const ds_csv_pass *pass, const ds_wish *wish) {
    unsigned marks = 0;
    if (wish->decimal || pass->layout->decimal)
        return wish->decimal ? wish->decimal : pass->layout->decimal;
    for (int j = 0; j < pass->table.columns; j++)
        if (pass->table.column[j].kind == DS_COLUMN_NUMBER)
            marks |= pass->facts[j].marks;
    return marks & DS_MARK_POINT ? DS_DECIMAL_POINT : DS_DECIMAL_AUTO;
}

ds_status ds_csv_judge(ds_csv_pass *pass, const ds_wish *wish) {
    pass->table.decimal = found_decimal(pass, wish);
    DS_CHECK(refuse_odd(pass));
    DS_CHECK(refuse_mixed(pass));
    for (int j = 0; j < pass->table.columns; j++) {
        const ds_csv_column *as = &pass->layout->column[j];
        pass->table.column[j].marks = pass->facts[j].marks;
        pass->table.column[j].complete =
            pass->table.column[j].kind == DS_COLUMN_NUMBER && pass->facts[j].missing == 0;
        snprintf(pass->table.column[j].unit, sizeof pass->table.column[j].unit, "%s",
                 pass->facts[j].percents ? "%" : pass->facts[j].currency);
        DS_CHECK(leave_out(pass, j, wish));
        if (!wish->notes)
            continue;
        if (pass->table.column[j].kind == DS_COLUMN_NUMBER)
            DS_CHECK(note_numbers(pass, j, wish->notes));
        if (pass->table.column[j].kind == DS_COLUMN_TEXT && as->wish == DS_COLUMN_AUTO)
            DS_CHECK(note_like_numbers(pass, j, wish->notes));
        if (pass->table.column[j].kind == DS_COLUMN_TEXT && as->wish != DS_COLUMN_MAYBE)
            DS_CHECK(note_missing_words(pass, j, wish));
    }
    if (wish->notes && pass->extra)
        DS_CHECK(
            ds_text_add(wish->notes, "%s: an empty cell at the end of %lld row%s is left out\n",
                        pass->table.source, (long long)pass->extra, pass->extra == 1 ? "" : "s"));
    return wish->notes ? note_decimal(pass, wish) : DS_OK;
}
