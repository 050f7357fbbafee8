#include "data/csv_reader.h"

#include <math.h>
#include <string.h>

#include "data/csv_findings.h"
#include "data/csv_pass.h"

enum { BLOCK = 1 << 20, PROBED_ROWS = 1000 };

/* The first rows read as numbers, so that most files are read in one pass. */
static ds_status probe(ds_csv_layout *layout, const ds_csv_rows *first, const ds_wish *wish) {
    ds_status status = DS_OK;
    ds_csv_rows copy = {.size = first->size};
    ds_block block = {0};
    ds_column_facts *facts = NULL;
    DS_TRY(ds_new(&copy.text, first->size + 1 + DS_NUMBER_PADDING, 1));
    memcpy(copy.text, first->text, first->size);
    DS_TRY(ds_block_read(&block, layout, &copy, true, PROBED_ROWS, wish->missing));
    DS_TRY(ds_new(&facts, (size_t)layout->columns, sizeof *facts));
    for (int j = 0; j < layout->columns; j++)
        facts[j] = block.column[j].facts;
    for (int j = 0; j < layout->columns; j++)
        if (layout->column[j].wish == DS_COLUMN_MAYBE)
            layout->column[j].kind =
                facts[j].words > facts[j].numbers ? DS_COLUMN_TEXT : DS_COLUMN_SKIPPED;
    (void)ds_csv_decide(layout, facts, wish->decimal);

cleanup:
    ds_block_clear(&block);
    ds_free(facts);
    ds_free(copy.text);
    return status;
}

/* A file without a row. */
static ds_status no_row(const ds_csv_layout *layout, const char *path) {
    return ds_fail(DS_BAD_INPUT, "a header and at least one row of data are needed",
                   layout->columns ? "%s: no row of data, only a header" : "%s: the file is empty",
                   ds_source_name(path));
}

static ds_status refuse_json(const ds_csv_rows *rows, const char *path) {
    const char *first = rows->size ? rows->text + strspn(rows->text, " \t\r\n[") : "";
    if (*first == '{' && strchr("\" \r\n}", first[1]))
        return ds_fail(DS_BAD_INPUT, "save it as CSV: a header with the names, then a line a row",
                       "%s: the file looks like JSON, which is not read", ds_source_name(path));
    return DS_OK;
}

static ds_status find_layout(ds_csv_layout *layout, const ds_csv_rows *first, const char *path,
                             const ds_wish *wish) {
    ds_status status = DS_OK;
    char *copy = NULL;
    DS_CHECK(refuse_json(first, path));
    DS_TRY(ds_new(&copy, first->size + 1, 1));
    if (first->size)
        memcpy(copy, first->text, first->size);
    DS_TRY(ds_csv_layout_find(layout, copy, first->size, path, wish));
    if (layout->columns)
        DS_TRY(probe(layout, first, wish));

cleanup:
    ds_free(copy);
    return status;
}

/* One pass, and whether it was made as all rows together want it: if not, `layout` is changed. */
static ds_status read_pass(ds_csv_pass *pass, ds_csv_layout *layout, ds_csv_rows *first,
                           const char *path, const ds_wish *wish, bool *good) {
    pass->layout = layout;
    DS_CHECK(ds_csv_pass_begin(pass, ds_source_name(path)));
    DS_CHECK(ds_csv_pass_run(pass, first));
    if (pass->table.rows == 0)
        return no_row(layout, path);
    DS_CHECK(ds_csv_text_facts(pass->facts, layout, &pass->table, wish));
    *good = ds_csv_decide(layout, pass->facts, wish->decimal);
    return DS_OK;
}

static ds_status read_text(ds_table *out, ds_csv_text *text, const char *path,
                           const ds_wish *wish) {
    ds_status status = DS_OK;
    ds_csv_rows first = {0};
    ds_csv_layout layout = {0};
    ds_csv_pass pass = {.missing = wish->missing, .doubles = wish->doubles, .text = text};
    bool good = false;
    text->block = BLOCK;
    DS_TRY(ds_csv_text_next(text, &first));
    DS_TRY(find_layout(&layout, &first, path, wish));
    DS_TRY(read_pass(&pass, &layout, &first, path, wish, &good));
    if (!good) {
        ds_csv_pass_clear(&pass);
        DS_TRY(ds_csv_text_rewind(text));
        DS_TRY(ds_csv_text_next(text, &first));
        DS_TRY(read_pass(&pass, &layout, &first, path, wish, &good));
    }
    DS_TRY(ds_csv_judge(&pass, wish));
    *out = pass.table;
    pass.table = (ds_table){0};

cleanup:
    ds_csv_pass_clear(&pass);
    ds_csv_layout_clear(&layout);
    ds_free(first.text);
    return status;
}

ds_status ds_csv_read(ds_table *out, const ds_bytes *bytes, const char *path, const ds_wish *wish) {
    ds_csv_text text = {.memory = bytes->data, .size = bytes->size};
    ds_status status = read_text(out, &text, path, wish);
    ds_csv_text_clear(&text);
    return status;
}

ds_status ds_csv_read_input(ds_table *out, ds_input *input, const char *path, const ds_wish *wish) {
    ds_csv_text text = {.input = input};
    ds_bytes bytes = {0};
    ds_status status = DS_OK;
    if (!ds_input_rewind(input)) { /* a pipe: in case it must be read again */
        DS_TRY(ds_input_rest(input, &bytes));
        text = (ds_csv_text){.memory = bytes.data, .size = bytes.size};
    }
    status = read_text(out, &text, path, wish);

cleanup:
    ds_csv_text_clear(&text);
    ds_free(bytes.data);
    return status;
}
