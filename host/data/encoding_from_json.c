/* Reads an encoding from JSON. */
#include <math.h>
#include <string.h>

#include "base/calendar.h"
#include "data/cell_text.h"
#include "data/encoding_json.h"

typedef struct json_reading {
    ds_encoding *encoding;
    const char *source;
    int missing; /* of columns that do not say it themselves */
} json_reading;

static ds_status damaged(const json_reading *self, const char *what) {
    return ds_fail(DS_BAD_INPUT, "the model file is damaged: train it again, or fetch it again",
                   "%s: the description of the columns is wrong at \"%s\"", self->source, what);
}

static const cJSON *get(const cJSON *object, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static ds_status get_choice(const json_reading *self, const cJSON *json, const char *name,
                            const char *const *choices, int *out) {
    const cJSON *item = get(json, name);
    for (int i = 0; cJSON_IsString(item) && choices[i]; i++)
        if (strcmp(item->valuestring, choices[i]) == 0) {
            *out = i;
            return DS_OK;
        }
    return damaged(self, name);
}

static ds_status get_text(const json_reading *self, const cJSON *json, const char *name,
                          char **out) {
    const cJSON *item = get(json, name);
    return cJSON_IsString(item) ? ds_copy_text(out, item->valuestring) : damaged(self, name);
}

/* A whole number from `least` to `most`; `otherwise` where it is absent and that is in range. */
static ds_status get_count(const json_reading *self, const cJSON *item, const char *name,
                           double least, double most, int otherwise, int *out) {
    if (!item && otherwise >= least) {
        *out = otherwise;
        return DS_OK;
    }
    if (!cJSON_IsNumber(item))
        return damaged(self, name);
    double value = item->valuedouble;
    if (!(value >= least && value <= most) || value != floor(value))
        return damaged(self, name);
    *out = (int)value;
    return DS_OK;
}

static ds_status get_number(const json_reading *self, const cJSON *item, const char *name,
                            double *out) {
    double value = NAN;
    if (cJSON_IsNumber(item))
        value = item->valuedouble;
    else if (cJSON_IsRaw(item)) /* as exact_number made it */
        (void)ds_number_parse(item->valuestring, &value);
    if (!isfinite(value))
        return damaged(self, name);
    *out = value;
    return DS_OK;
}

/* One number for all, or a list of them. */
static ds_status get_numbers(const json_reading *self, const cJSON *json, const char *name,
                             double *out, int64_t count) {
    const cJSON *item = get(json, name);
    if (!cJSON_IsArray(item)) {
        DS_CHECK(get_number(self, item, name, out));
        for (int64_t i = 1; i < count; i++)
            out[i] = out[0];
        return DS_OK;
    }
    const cJSON *entry = item->child;
    for (int64_t i = 0; i < count; i++, entry = entry->next) {
        if (!entry)
            return damaged(self, name);
        DS_CHECK(get_number(self, entry, name, &out[i]));
    }
    return entry ? damaged(self, name) : DS_OK;
}

static ds_status get_words(const json_reading *self, const cJSON *list, const char *name,
                           ds_words *out) {
    const cJSON *entry;
    double value;
    int32_t index;
    if (!cJSON_IsArray(list))
        return damaged(self, name);
    out->numbers = list->child != NULL;
    cJSON_ArrayForEach(entry, list) {
        if (!cJSON_IsString(entry))
            return damaged(self, name);
        int32_t before = out->count;
        DS_CHECK(ds_words_add(out, entry->valuestring, &index));
        if (index != before) /* it came before */
            return damaged(self, name);
        out->numbers = out->numbers && ds_number_parse(entry->valuestring, &value);
    }
    return DS_OK;
}

/* "%" or a currency's sign, if there is one. */
static ds_status get_unit(const json_reading *self, const cJSON *json, char unit[8]) {
    const cJSON *item = get(json, "unit");
    if (!item)
        return DS_OK;
    if (!cJSON_IsString(item) || strlen(item->valuestring) >= 8)
        return damaged(self, "unit");
    strcpy(unit, item->valuestring);
    return DS_OK;
}

static ds_status get_input(const json_reading *self, const cJSON *json, ds_input *input) {
    const cJSON *categories = get(json, "categories"), *mean = get(json, "mean");
    int missing = mean ? DS_MISSING_MEAN : self->missing;
    input->fill = NAN;
    DS_CHECK(get_text(self, json, "name", &input->name));
    DS_CHECK(
        get_count(self, get(json, "powers"), "powers", 1, DS_HIGHEST_POWER, 1, &input->powers));
    DS_CHECK(get_count(self, get(json, "lags"), "lags", 0, 1e6, 0, &input->lags));
    if (mean)
        DS_CHECK(get_number(self, mean, "mean", &input->fill));
    if (categories)
        DS_CHECK(get_words(self, categories, "categories", &input->categories));
    if (get(json, "missing")) /* which older models say once for all columns */
        DS_CHECK(get_choice(self, json, "missing", ds_missing_words, &missing));
    input->missing.what = (ds_missing)missing;
    input->missing.indicator = cJSON_IsTrue(get(json, "indicator"));
    input->missing_word = cJSON_IsTrue(get(json, "missing_word"));
    DS_CHECK(get_unit(self, json, input->unit));
    if ((categories && (input->categories.count == 0 || input->powers > 1 || input->lags)) ||
        (input->lags && (input->powers > 1 || input->missing.indicator)) ||
        (categories ? input->missing.indicator : input->missing_word))
        return damaged(self, "columns");
    return DS_OK;
}

static ds_status get_columns(const json_reading *self, const cJSON *json) {
    ds_encoding *encoding = self->encoding;
    const cJSON *columns = get(json, "columns"), *entry;
    bool numbered = cJSON_IsNumber(columns);
    int count = cJSON_IsArray(columns) ? cJSON_GetArraySize(columns) : 0;
    if (numbered)
        DS_CHECK(get_count(self, columns, "columns", 1, 1 << 24, 0, &count));
    if (count < 1)
        return damaged(self, "columns");
    DS_CHECK(ds_new(&encoding->input, (size_t)count, sizeof *encoding->input));
    encoding->inputs = count;
    for (int i = 0; i < count && numbered; i++) {
        ds_text name = {0};
        DS_CHECK(ds_text_add(&name, "c%d", i + 1));
        encoding->input[i] = (ds_input){.name = name.characters, .powers = 1, .fill = NAN};
    }
    int at = 0;
    for (entry = numbered ? NULL : columns->child; entry; entry = entry->next)
        DS_CHECK(get_input(self, entry, &encoding->input[at++]));
    return DS_OK;
}

static ds_status get_targets(const json_reading *self, const cJSON *json) {
    ds_encoding *encoding = self->encoding;
    const cJSON *targets = get(json, "targets"), *entry;
    int count = cJSON_IsArray(targets) ? cJSON_GetArraySize(targets) : 0;
    if (count < 1)
        return damaged(self, "targets");
    DS_CHECK(ds_new(&encoding->output, (size_t)count, sizeof *encoding->output));
    encoding->outputs = count;
    int at = 0;
    cJSON_ArrayForEach(entry, targets) {
        ds_output *output = &encoding->output[at++];
        DS_CHECK(get_text(self, entry, "name", &output->name));
        DS_CHECK(get_number(self, get(entry, "subtract"), "subtract", &output->subtract));
        DS_CHECK(get_number(self, get(entry, "divide"), "divide", &output->divide));
        DS_CHECK(get_unit(self, entry, output->unit));
        bool units = output->subtract != 0 || output->divide != 1;
        if (output->divide == 0 || (units && encoding->kind != DS_TARGET_NUMBERS))
            return damaged(self, "divide");
    }
    DS_CHECK(get_words(self, get(json, "classes"), "classes", &encoding->classes));
    int32_t classes = encoding->classes.count;
    bool fits = encoding->kind == DS_TARGET_CLASSES  ? classes >= 1 && count == 1
                : encoding->kind == DS_TARGET_BINARY ? classes == 0 || (classes == 2 && count == 1)
                                                     : classes == 0;
    return fits ? DS_OK : damaged(self, "classes");
}

/* The sample's shape, whose extents give the number of features. */
static ds_status get_shape(const json_reading *self, const cJSON *json) {
    ds_encoding *encoding = self->encoding;
    const cJSON *list = get(json, "shape"), *entry;
    int rank = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
    double product = 1;
    if (rank < 1 || rank > 3)
        return damaged(self, "shape");
    encoding->rank = 0;
    cJSON_ArrayForEach(entry, list) {
        int extent = 0;
        DS_CHECK(get_count(self, entry, "shape", 1, INT32_MAX, 0, &extent));
        encoding->shape[encoding->rank++] = extent;
        product *= extent;
    }
    return product == (double)encoding->features ? DS_OK : damaged(self, "shape");
}

static ds_status get_date(const json_reading *self, const cJSON *json) {
    ds_date_rule *date = &self->encoding->date;
    int way = 0;
    if (!json)
        return DS_OK;
    DS_CHECK(get_text(self, json, "column", &date->column));
    DS_CHECK(get_text(self, json, "format", &date->format));
    DS_CHECK(get_number(self, get(json, "step"), "step", &date->step));
    DS_CHECK(get_choice(self, json, "gaps", gap_ways, &way));
    date->drop_gaps = way == 1;
    DS_CHECK(get_choice(self, json, "duplicates", duplicate_ways, &way));
    date->join = way == 1;
    return ds_date_format_is_known(date->format) && date->step >= 0 ? DS_OK : damaged(self, "date");
}

static ds_status get_values(const json_reading *self, const cJSON *json) {
    ds_values *values = &self->encoding->values;
    const cJSON *column, *entry;
    int32_t index;
    if (!json)
        return DS_OK;
    if (!cJSON_IsObject(json))
        return damaged(self, "values");
    DS_CHECK(ds_new(&values->map, (size_t)cJSON_GetArraySize(json), sizeof *values->map));
    cJSON_ArrayForEach(column, json) {
        ds_value_map *map = &values->map[values->count++];
        if (!column->string || !cJSON_IsObject(column) || !column->child)
            return damaged(self, "values");
        DS_CHECK(ds_copy_text(&map->column, column->string));
        DS_CHECK(ds_new(&map->number, (size_t)cJSON_GetArraySize(column), sizeof *map->number));
        cJSON_ArrayForEach(entry, column) {
            DS_CHECK(ds_words_add(&map->texts, entry->string, &index));
            DS_CHECK(get_number(self, entry, "values", &map->number[index]));
        }
    }
    return DS_OK;
}

/* Whether a column is a feature, which may have to be text. */
static bool is_input(const ds_encoding *encoding, const char *name, bool text) {
    for (int i = 0; i < encoding->inputs; i++)
        if (strcmp(encoding->input[i].name, name) == 0 &&
            (!text || encoding->input[i].categories.count))
            return true;
    return false;
}

static bool is_used(const ds_encoding *encoding, const char *name) {
    for (int i = 0; i < encoding->outputs; i++)
        if (strcmp(encoding->output[i].name, name) == 0)
            return true;
    return is_input(encoding, name, false);
}

/* No column is text in one place and numbers in another. */
static ds_status check_names(const json_reading *self) {
    const ds_encoding *encoding = self->encoding;
    for (int i = 0; i < encoding->inputs && !encoding->plain; i++) {
        const ds_input *input = &encoding->input[i];
        if (!input->categories.count)
            continue;
        if (ds_values_find(&encoding->values, input->name))
            return damaged(self, "values");
        for (int k = 0; k < encoding->inputs; k++)
            if (!encoding->input[k].categories.count &&
                strcmp(encoding->input[k].name, input->name) == 0)
                return damaged(self, "columns");
    }
    for (int i = 0; i < encoding->outputs && !encoding->plain; i++)
        if (is_input(encoding, encoding->output[i].name, true))
            return damaged(self, "targets");
    if (encoding->date.column && is_used(encoding, encoding->date.column))
        return damaged(self, "date");
    for (int32_t i = 0; i < encoding->series.count; i++)
        if (is_used(encoding, encoding->series.word[i]))
            return damaged(self, "series");
    return DS_OK;
}

static ds_status get_encoding(json_reading *self, const cJSON *json) {
    ds_encoding *encoding = self->encoding;
    int kind = 0, missing = 0, header = 0, decimal = 0;
    DS_CHECK(get_choice(self, json, "kind", kinds, &kind));
    DS_CHECK(get_choice(self, json, "missing", ds_missing_words, &missing));
    DS_CHECK(get_choice(self, json, "header", headers, &header));
    if (get(json, "decimal")) /* which older models lack */
        DS_CHECK(get_choice(self, json, "decimal", decimals, &decimal));
    if (kind == DS_TARGET_AUTO)
        return damaged(self, "kind");
    encoding->kind = (ds_target_kind)kind;
    self->missing = missing == DS_MISSING_MEAN ? DS_MISSING_ERROR : missing;
    encoding->drop_targets = missing == DS_MISSING_DROP;
    encoding->unseen_error = get(json, "unseen") != NULL;
    encoding->own_missing = get(json, "missing_words") != NULL;
    if (encoding->own_missing)
        DS_CHECK(
            get_words(self, get(json, "missing_words"), "missing_words", &encoding->missing_words));
    if (get(json, "series"))
        DS_CHECK(get_words(self, get(json, "series"), "series", &encoding->series));
    encoding->header = (ds_header)header;
    encoding->decimal = (ds_decimal)decimal;
    DS_CHECK(get_date(self, get(json, "date")));
    DS_CHECK(get_values(self, get(json, "values")));
    DS_CHECK(get_columns(self, json));
    DS_CHECK(get_targets(self, json));
    DS_CHECK(ds_encoding_finish(encoding));
    DS_CHECK(check_names(self));
    DS_CHECK(get_shape(self, json));
    size_t count = (size_t)encoding->features;
    DS_CHECK(ds_new(&encoding->subtract, count, sizeof(double)));
    DS_CHECK(ds_new(&encoding->divide, count, sizeof(double)));
    DS_CHECK(get_numbers(self, json, "subtract", encoding->subtract, encoding->features));
    DS_CHECK(get_numbers(self, json, "divide", encoding->divide, encoding->features));
    for (size_t j = 0; j < count; j++)
        if (encoding->divide[j] == 0)
            encoding->divide[j] = INFINITY;
    return DS_OK;
}

ds_status ds_encoding_from_json(ds_encoding **out, const cJSON *json, const char *source) {
    json_reading self = {.source = source};
    DS_CHECK(ds_new(&self.encoding, 1, sizeof *self.encoding));
    ds_status status = cJSON_IsObject(json) ? get_encoding(&self, json) : damaged(&self, "{");
    if (status == DS_OK)
        *out = self.encoding;
    else
        ds_encoding_destroy(self.encoding);
    return status;
}
