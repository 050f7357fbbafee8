#include "data/split.h"

#include <math.h>
#include <string.h>

#include "base/random.h"

void ds_rows_clear(ds_rows *rows) {
    ds_free(rows->row);
    *rows = (ds_rows){0};
}

/* Keeps the rows where this column has a value. */
static void keep_present(ds_rows *rows, const ds_column *column) {
    int64_t kept = 0;
    for (int64_t i = 0; i < rows->count; i++)
        if (!ds_column_is_missing(column, rows->row[i]))
            rows->row[kept++] = rows->row[i];
    rows->count = kept;
}

static ds_status drop_missing(ds_rows *rows, const ds_encoding *encoding, ds_source *source,
                              bool with_targets) {
    const ds_column *input = NULL;
    for (int i = 0; i < encoding->inputs && !source->is_array; i++) {
        DS_CHECK(ds_table_need(&source->table, encoding->input[i].name, &input));
        keep_present(rows, input);
    }
    for (int i = 0; i < encoding->outputs && with_targets; i++) {
        ds_table *table = NULL;
        ds_column *output = NULL;
        DS_CHECK(ds_source_target(source, encoding->output[i].name, &table, &output));
        keep_present(rows, output);
    }
    if (rows->count == 0)
        return ds_fail(DS_BAD_INPUT, "leave columns with many gaps out of `features`",
                       "%s: every row has a missing cell", source->table.source);
    return DS_OK;
}

ds_status ds_rows_usable(ds_rows *out, const ds_encoding *encoding, ds_source *source,
                         bool with_targets) {
    ds_rows rows = {.count = source->rows};
    ds_status status = DS_OK;
    DS_CHECK(ds_new(&rows.row, (size_t)rows.count, sizeof *rows.row));
    for (int64_t i = 0; i < rows.count; i++)
        rows.row[i] = i;
    if (encoding->missing == DS_MISSING_DROP)
        DS_TRY(drop_missing(&rows, encoding, source, with_targets));
    *out = rows;
    rows = (ds_rows){0};

cleanup:
    ds_rows_clear(&rows);
    return status;
}

/* The set (0, 1 or 2) of every row. */
static ds_status assign(unsigned char *set, int64_t count, const int64_t sizes[3],
                        const ds_data_options *options, uint64_t seed) {
    int32_t *order = NULL;
    if (!options->by_order) {
        DS_CHECK(ds_new(&order, (size_t)count, sizeof *order));
        ds_random_order(order, (int32_t)count, seed, DS_STREAM_SPLIT, 0);
    }
    for (int64_t i = 0; i < count; i++)
        set[order ? order[i] : i] = i < sizes[0] ? 0 : i < sizes[0] + sizes[1] ? 1 : 2;
    ds_free(order);
    return DS_OK;
}

ds_status ds_rows_split(ds_rows out[3], const ds_rows *rows, const ds_data_options *options,
                        uint64_t seed, ds_text *notes) {
    ds_status status = DS_OK;
    unsigned char *set = NULL;
    ds_rows part[3] = {{0}};
    double count = (double)rows->count;
    int64_t sizes[3] = {0, (int64_t)floor(count * options->validation_share),
                        (int64_t)floor(count * options->test_share)};
    sizes[0] = rows->count - sizes[1] - sizes[2];
    if ((options->validation_share > 0 && sizes[1] == 0) ||
        (options->test_share > 0 && sizes[2] == 0))
        DS_TRY(ds_text_add(notes, "the split leaves the %s set empty: there are only %lld rows\n",
                           options->validation_share > 0 && sizes[1] == 0 ? "validation" : "test",
                           (long long)rows->count));
    DS_TRY(ds_new(&set, (size_t)rows->count, 1));
    DS_TRY(assign(set, rows->count, sizes, options, seed));
    for (int k = 0; k < 3; k++)
        DS_TRY(ds_new(&part[k].row, (size_t)sizes[k], sizeof(int64_t)));
    for (int64_t i = 0; i < rows->count; i++) {
        ds_rows *to = &part[set[i]];
        to->row[to->count++] = rows->row[i];
    }
    memcpy(out, part, sizeof part);
    memset(part, 0, sizeof part);

cleanup:
    ds_free(set);
    for (int k = 0; k < 3; k++)
        ds_rows_clear(&part[k]);
    return status;
}

ds_status ds_rows_drop_history(ds_rows *rows, int steps, const char *source, const char *set) {
    if (rows->count == 0 || steps == 0)
        return DS_OK;
    if (rows->count <= steps)
        return ds_fail(DS_BAD_INPUT, "take fewer lags, more rows or a larger share",
                       "%s: %d lags need at least %d rows, the %s has %lld", source, steps,
                       steps + 1, set, (long long)rows->count);
    rows->count -= steps;
    memmove(rows->row, rows->row + steps, (size_t)rows->count * sizeof *rows->row);
    return DS_OK;
}
