/* Writes an encoding as JSON. */
#include <math.h>

#include "data/cell_text.h"
#include "data/encoding_json.h"

static ds_status no_memory(void) {
    return ds_fail(DS_OUT_OF_MEMORY, "", "no memory to write JSON");
}

/* Puts `item` (taken over; NULL: no memory) into an object under `name`, or at an array's end. */
static ds_status put(cJSON *parent, const char *name, cJSON *item) {
    if (item &&
        (name ? cJSON_AddItemToObject(parent, name, item) : cJSON_AddItemToArray(parent, item)))
        return DS_OK;
    cJSON_Delete(item);
    return no_memory();
}

/* cJSON prints 15 digits where these come close enough by its own measure, so numbers
 * go in as text. NULL: no memory. */
static cJSON *exact_number(double value) {
    char text[32];
    ds_number_print(text, isinf(value) ? 0 : value);
    return cJSON_CreateRaw(text);
}

static ds_status put_numbers(cJSON *parent, const char *name, const double *values, int64_t count) {
    bool same = true;
    for (int64_t i = 1; i < count; i++)
        same = same && values[i] == values[0];
    if (same)
        return put(parent, name, exact_number(values[0]));
    cJSON *list = cJSON_CreateArray();
    DS_CHECK(put(parent, name, list));
    for (int64_t i = 0; i < count; i++)
        DS_CHECK(put(list, NULL, exact_number(values[i])));
    return DS_OK;
}

static ds_status put_words(cJSON *parent, const char *name, const ds_words *words) {
    cJSON *list = cJSON_CreateArray();
    DS_CHECK(put(parent, name, list));
    for (int32_t i = 0; i < words->count; i++)
        DS_CHECK(put(list, NULL, cJSON_CreateString(words->word[i])));
    return DS_OK;
}

static ds_status put_input(cJSON *list, const ds_input *input) {
    cJSON *item = cJSON_CreateObject();
    DS_CHECK(put(list, NULL, item));
    DS_CHECK(put(item, "name", cJSON_CreateString(input->name)));
    if (input->categories.count)
        DS_CHECK(put_words(item, "categories", &input->categories));
    if (input->powers > 1)
        DS_CHECK(put(item, "powers", cJSON_CreateNumber(input->powers)));
    if (input->lags)
        DS_CHECK(put(item, "lags", cJSON_CreateNumber(input->lags)));
    if (!isnan(input->fill))
        DS_CHECK(put(item, "mean", exact_number(input->fill)));
    if (*input->unit)
        DS_CHECK(put(item, "unit", cJSON_CreateString(input->unit)));
    if (input->missing_word)
        DS_CHECK(put(item, "missing_word", cJSON_CreateTrue()));
    if (input->missing.indicator)
        DS_CHECK(put(item, "indicator", cJSON_CreateTrue()));
    return put(item, "missing", cJSON_CreateString(ds_missing_words[input->missing.what]));
}

static ds_status put_columns(cJSON *json, const ds_encoding *encoding) {
    if (encoding->plain)
        return put(json, "columns", cJSON_CreateNumber(encoding->inputs));
    cJSON *list = cJSON_CreateArray();
    DS_CHECK(put(json, "columns", list));
    for (int i = 0; i < encoding->inputs; i++)
        DS_CHECK(put_input(list, &encoding->input[i]));
    return DS_OK;
}

static ds_status put_date(cJSON *json, const ds_date_rule *date) {
    if (!date->column)
        return DS_OK;
    cJSON *item = cJSON_CreateObject();
    DS_CHECK(put(json, "date", item));
    DS_CHECK(put(item, "column", cJSON_CreateString(date->column)));
    DS_CHECK(put(item, "format", cJSON_CreateString(date->format)));
    DS_CHECK(put(item, "step", exact_number(date->step)));
    DS_CHECK(put(item, "gaps", cJSON_CreateString(gap_ways[date->drop_gaps])));
    return put(item, "duplicates", cJSON_CreateString(duplicate_ways[date->join]));
}

static ds_status put_values(cJSON *json, const ds_values *values) {
    if (values->count == 0)
        return DS_OK;
    cJSON *item = cJSON_CreateObject();
    DS_CHECK(put(json, "values", item));
    for (int i = 0; i < values->count; i++) {
        const ds_value_map *map = &values->map[i];
        cJSON *column = cJSON_CreateObject();
        DS_CHECK(put(item, map->column, column));
        for (int32_t k = 0; k < map->texts.count; k++)
            DS_CHECK(put(column, map->texts.word[k], exact_number(map->number[k])));
    }
    return DS_OK;
}

static ds_status put_encoding(cJSON *json, const ds_encoding *encoding) {
    DS_CHECK(put(json, "kind", cJSON_CreateString(kinds[encoding->kind])));
    DS_CHECK(
        put(json, "missing",
            cJSON_CreateString(
                ds_missing_words[encoding->drop_targets ? DS_MISSING_DROP : DS_MISSING_ERROR])));
    if (encoding->unseen_error)
        DS_CHECK(put(json, "unseen", cJSON_CreateString("error")));
    if (encoding->own_missing)
        DS_CHECK(put_words(json, "missing_words", &encoding->missing_words));
    if (encoding->series.count)
        DS_CHECK(put_words(json, "series", &encoding->series));
    DS_CHECK(put(json, "header", cJSON_CreateString(headers[encoding->header])));
    DS_CHECK(put(json, "decimal", cJSON_CreateString(decimals[encoding->decimal])));
    DS_CHECK(put_date(json, &encoding->date));
    DS_CHECK(put_values(json, &encoding->values));
    DS_CHECK(put_columns(json, encoding));
    cJSON *shape = cJSON_CreateArray();
    DS_CHECK(put(json, "shape", shape));
    for (int i = 0; i < encoding->rank; i++)
        DS_CHECK(put(shape, NULL, cJSON_CreateNumber((double)encoding->shape[i])));
    DS_CHECK(put_numbers(json, "subtract", encoding->subtract, encoding->features));
    DS_CHECK(put_numbers(json, "divide", encoding->divide, encoding->features));
    cJSON *targets = cJSON_CreateArray();
    DS_CHECK(put(json, "targets", targets));
    for (int i = 0; i < encoding->outputs; i++) {
        cJSON *item = cJSON_CreateObject();
        DS_CHECK(put(targets, NULL, item));
        DS_CHECK(put(item, "name", cJSON_CreateString(encoding->output[i].name)));
        DS_CHECK(put(item, "subtract", exact_number(encoding->output[i].subtract)));
        DS_CHECK(put(item, "divide", exact_number(encoding->output[i].divide)));
        if (*encoding->output[i].unit)
            DS_CHECK(put(item, "unit", cJSON_CreateString(encoding->output[i].unit)));
    }
    return put_words(json, "classes", &encoding->classes);
}

ds_status ds_encoding_to_json(const ds_encoding *encoding, cJSON **out) {
    cJSON *json = cJSON_CreateObject();
    if (!json)
        return no_memory();
    ds_status status = put_encoding(json, encoding);
    if (status == DS_OK)
        *out = json;
    else
        cJSON_Delete(json);
    return status;
}
