#include "data/value_map.h"

#include <math.h>
#include <string.h>

#include "data/cell_text.h"

enum { SHOWN = 12 };

void ds_values_clear(ds_values *values) {
    for (int i = 0; i < values->count; i++) {
        ds_free(values->map[i].column);
        ds_words_clear(&values->map[i].texts);
        ds_free(values->map[i].number);
    }
    ds_free(values->map);
    *values = (ds_values){0};
}

static ds_status read_map(ds_value_map *map, const ds_node *column, const ds_words *missing) {
    int32_t index;
    if (column->kind != DS_MAP || !column->child)
        return ds_node_fail(column, "for example values: {gender: {M: 0, F: 1}}",
                            "values: expected the texts of \"%s\" with their numbers", column->key);
    DS_CHECK(ds_copy_text(&map->column, column->key));
    DS_CHECK(ds_new(&map->number, (size_t)ds_node_count(column), sizeof *map->number));
    DS_EACH_CHILD (entry, column) {
        if (ds_cell_is_missing(entry->key, false, false, missing))
            return ds_node_fail(entry, "data.missing says what such a cell does",
                                "values: \"%s\" is a missing cell", entry->key);
        DS_CHECK(ds_words_add(&map->texts, entry->key, &index));
        DS_CHECK(ds_node_number(entry, entry->key, &map->number[index]));
    }
    return DS_OK;
}

ds_status ds_values_read(ds_values *out, const ds_node *node, const ds_words *missing) {
    if (!node)
        return DS_OK;
    if (node->kind != DS_MAP)
        return ds_node_fail(node, "for example values: {gender: {M: 0, F: 1}}",
                            "values: expected columns with their texts");
    DS_CHECK(ds_new(&out->map, (size_t)ds_node_count(node), sizeof *out->map));
    DS_EACH_CHILD (column, node)
        DS_CHECK(read_map(&out->map[out->count++], column, missing));
    return DS_OK;
}

ds_status ds_values_copy(ds_values *out, const ds_values *from) {
    DS_CHECK(ds_new(&out->map, (size_t)from->count, sizeof *out->map));
    for (int i = 0; i < from->count; i++) {
        const ds_value_map *map = &from->map[i];
        ds_value_map *copy = &out->map[out->count++];
        size_t texts = (size_t)map->texts.count;
        DS_CHECK(ds_copy_text(&copy->column, map->column));
        DS_CHECK(ds_words_copy(&copy->texts, &map->texts));
        DS_CHECK(ds_new(&copy->number, texts, sizeof *copy->number));
        memcpy(copy->number, map->number, texts * sizeof *copy->number);
    }
    return DS_OK;
}

const ds_value_map *ds_values_find(const ds_values *values, const char *column) {
    for (int i = 0; i < values->count; i++)
        if (strcmp(values->map[i].column, column) == 0)
            return &values->map[i];
    return NULL;
}

ds_status ds_value_map_print(const ds_value_map *map, ds_text *out) {
    for (int32_t i = 0; i < map->texts.count && i < SHOWN; i++) {
        DS_CHECK(ds_text_add(out, "%s%s = ", i ? ", " : "", map->texts.word[i]));
        DS_CHECK(ds_text_number(out, map->number[i]));
    }
    return map->texts.count > SHOWN ? ds_text_add(out, ", ... (%d)", map->texts.count) : DS_OK;
}

static ds_status unknown_text(const ds_value_map *map, const ds_table *table,
                              const ds_column *column, int64_t row) {
    char excerpt[64];
    ds_text hint = {0};
    ds_cell_excerpt(excerpt, column->words.word[column->codes[row]]);
    ds_status status = ds_text_add(&hint, "correct it, or add it to data.values, which has ");
    if (status == DS_OK)
        status = ds_value_map_print(map, &hint);
    if (status == DS_OK)
        status = ds_cell_fail(table, column, row, hint.characters, "no number stands for \"%s\"",
                              excerpt);
    ds_text_clear(&hint);
    return status;
}

static ds_status apply_map(const ds_value_map *map, ds_table *table, ds_column *column) {
    ds_status status = DS_OK;
    int32_t *index = NULL; /* in the map, of each of the column's texts */
    DS_TRY(ds_new(&index, (size_t)column->words.count, sizeof *index));
    for (int32_t i = 0; i < column->words.count; i++)
        index[i] = ds_words_find(&map->texts, column->words.word[i]);
    DS_TRY(ds_new(&column->numbers, (size_t)table->rows, sizeof(double)));
    for (int64_t row = 0; row < table->rows; row++) {
        int32_t code = column->codes[row];
        if (code >= 0 && index[code] < 0) {
            status = unknown_text(map, table, column, row);
            goto cleanup;
        }
        column->numbers[row] = code < 0 ? NAN : map->number[index[code]];
    }
    ds_free(column->codes);
    column->codes = NULL;
    ds_words_clear(&column->words);
    column->kind = DS_COLUMN_NUMBER;

cleanup:
    ds_free(index);
    return status;
}

ds_status ds_values_apply(const ds_values *values, ds_table *table) {
    for (int j = 0; j < table->columns; j++) {
        ds_column *column = &table->column[j];
        const ds_value_map *map = ds_values_find(values, column->name);
        if (map && column->kind == DS_COLUMN_NUMBER)
            return ds_cell_fail(table, column, 0, "leave it out of data.values",
                                "the file holds numbers, no texts");
        if (map && column->kind == DS_COLUMN_TEXT)
            DS_CHECK(apply_map(map, table, column));
    }
    return DS_OK;
}

const char *ds_value_map_nearest(const ds_value_map *map, double number) {
    int32_t best = 0;
    for (int32_t i = 1; i < map->texts.count; i++)
        if (fabs(map->number[i] - number) < fabs(map->number[best] - number))
            best = i;
    return map->texts.word[best];
}
