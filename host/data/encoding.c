#include "data/encoding.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void ds_encoding_destroy(ds_encoding *encoding) {
    if (!encoding)
        return;
    for (int i = 0; encoding->input && i < encoding->inputs; i++) {
        ds_free(encoding->input[i].name);
        ds_words_clear(&encoding->input[i].categories);
    }
    for (int i = 0; encoding->output && i < encoding->outputs; i++)
        ds_free(encoding->output[i].name);
    for (int64_t i = 0; encoding->feature && i < encoding->features; i++)
        ds_free(encoding->feature[i]);
    ds_free(encoding->input);
    ds_free(encoding->output);
    ds_free(encoding->feature);
    ds_words_clear(&encoding->classes);
    ds_words_clear(&encoding->missing_words);
    ds_words_clear(&encoding->series);
    ds_date_rule_clear(&encoding->date);
    ds_values_clear(&encoding->values);
    ds_free(encoding->subtract);
    ds_free(encoding->divide);
    ds_free(encoding);
}

int ds_input_width(const ds_input *input) {
    if (input->categories.count)
        return input->categories.count + input->missing_word;
    return (input->lags ? input->lags : input->powers) + input->missing.indicator;
}

/* "color=red", "x^2", "views[t-1]", "x=(missing)", or the column's name. */
static ds_status feature_name(char **out, const ds_input *input, int index) {
    ds_status status = DS_OK;
    ds_text name = {0};
    bool of_missing = input->categories.count
                          ? index == input->categories.count
                          : input->missing.indicator && index + 1 == ds_input_width(input);
    if (of_missing)
        status = ds_text_add(&name, "%s=(missing)", input->name);
    else if (input->categories.count)
        status = ds_text_add(&name, "%s=%s", input->name, input->categories.word[index]);
    else if (input->lags)
        status = ds_text_add(&name, "%s[t-%d]", input->name, index + 1);
    else if (index > 0)
        status = ds_text_add(&name, "%s^%d", input->name, index + 1);
    else
        status = ds_text_add(&name, "%s", input->name);
    if (status == DS_OK)
        *out = name.characters;
    else
        ds_text_clear(&name);
    return status;
}

ds_status ds_encoding_finish(ds_encoding *encoding) {
    int64_t features = 0;
    char generated[16];
    for (int64_t i = 0; encoding->feature && i < encoding->features; i++)
        ds_free(encoding->feature[i]);
    if (encoding->feature) /* made before: of a table, whose samples are flat */
        encoding->rank = 0;
    ds_free(encoding->feature);
    encoding->feature = NULL;
    encoding->raw = encoding->features = 0;
    encoding->steps = 0;
    encoding->plain = !encoding->drop_targets && encoding->values.count == 0;
    for (int i = 0; i < encoding->inputs; i++) {
        const ds_input *input = &encoding->input[i];
        features += ds_input_width(input);
        encoding->raw += input->lags ? input->lags : 1;
        encoding->steps = input->lags > encoding->steps ? input->lags : encoding->steps;
        snprintf(generated, sizeof generated, "c%d", i + 1);
        encoding->plain = encoding->plain && !input->categories.count && !input->lags &&
                          input->missing.what == DS_MISSING_ERROR && input->powers == 1 &&
                          strcmp(input->name, generated) == 0;
    }
    DS_CHECK(ds_new(&encoding->feature, (size_t)features, sizeof *encoding->feature));
    encoding->features = features;
    if (encoding->rank == 0) {
        encoding->rank = 1;
        encoding->shape[0] = features;
    }
    int64_t at = 0;
    for (int i = 0; i < encoding->inputs; i++)
        for (int k = 0; k < ds_input_width(&encoding->input[i]); k++)
            DS_CHECK(feature_name(&encoding->feature[at++], &encoding->input[i], k));
    return DS_OK;
}

static ds_column_kind wanted_kind(const void *context, const char *name, bool *named) {
    const ds_encoding_wish *wish = context;
    const ds_encoding *encoding = wish->encoding;
    bool mapped = ds_values_find(&encoding->values, name);
    *named = true;
    if ((encoding->date.column && strcmp(encoding->date.column, name) == 0) ||
        ds_words_find(&encoding->series, name) >= 0)
        return DS_COLUMN_TEXT;
    for (int i = 0; i < encoding->inputs; i++)
        if (strcmp(encoding->input[i].name, name) == 0)
            return encoding->input[i].categories.count || mapped ? DS_COLUMN_TEXT
                                                                 : DS_COLUMN_NUMBER;
    for (int i = 0; i < encoding->outputs; i++)
        if (strcmp(encoding->output[i].name, name) == 0)
            return !wish->with_targets                 ? DS_COLUMN_SKIPPED
                   : encoding->classes.count || mapped ? DS_COLUMN_TEXT
                                                       : DS_COLUMN_NUMBER;
    *named = false;
    return DS_COLUMN_SKIPPED;
}

ds_wish ds_encoding_table_wish(const ds_encoding_wish *wish) {
    const ds_encoding *encoding = wish->encoding;
    return (ds_wish){.kind = wanted_kind,
                     .context = wish,
                     .header = encoding->header,
                     .decimal = encoding->decimal,
                     .missing = encoding->own_missing ? &encoding->missing_words : NULL};
}

int64_t ds_encoding_features(const ds_encoding *encoding) {
    return encoding->features;
}

int64_t ds_encoding_columns(const ds_encoding *encoding) {
    return encoding->raw;
}

int64_t ds_encoding_targets(const ds_encoding *encoding) {
    return encoding->outputs;
}

int64_t ds_encoding_classes(const ds_encoding *encoding) {
    return encoding->classes.count;
}

ds_target_kind ds_encoding_kind(const ds_encoding *encoding) {
    return encoding->kind;
}

const char *ds_encoding_class(const ds_encoding *encoding, int64_t index) {
    return encoding->classes.word[index];
}

const char *ds_encoding_target(const ds_encoding *encoding, int64_t index) {
    return encoding->output[index].name;
}

const char *ds_encoding_feature(const ds_encoding *encoding, int64_t index) {
    return encoding->feature[index];
}

const char *ds_encoding_nearest(const ds_encoding *encoding, int64_t target, double value) {
    const ds_value_map *map = encoding->values.count
                                  ? ds_values_find(&encoding->values, encoding->output[target].name)
                                  : NULL;
    return map ? ds_value_map_nearest(map, value) : NULL;
}

int ds_encoding_sample_shape(const ds_encoding *encoding, int64_t shape[3]) {
    memcpy(shape, encoding->shape, (size_t)encoding->rank * sizeof *shape);
    return encoding->rank;
}

void ds_encoding_target_units(const ds_encoding *encoding, int64_t target, double *scale,
                              double *shift) {
    *scale = encoding->output[target].divide;
    *shift = encoding->output[target].subtract;
}

static ds_status copy_parts(ds_encoding *to, const ds_encoding *from) {
    DS_CHECK(ds_date_rule_copy(&to->date, &from->date));
    DS_CHECK(ds_values_copy(&to->values, &from->values));
    DS_CHECK(ds_words_copy(&to->missing_words, &from->missing_words));
    DS_CHECK(ds_words_copy(&to->series, &from->series));
    DS_CHECK(ds_new(&to->input, (size_t)from->inputs, sizeof *to->input));
    to->inputs = from->inputs;
    for (int i = 0; i < from->inputs; i++) {
        const ds_input *input = &from->input[i];
        to->input[i].powers = input->powers;
        to->input[i].lags = input->lags;
        to->input[i].fill = input->fill;
        to->input[i].missing = input->missing;
        to->input[i].missing_word = input->missing_word;
        memcpy(to->input[i].unit, input->unit, sizeof input->unit);
        DS_CHECK(ds_copy_text(&to->input[i].name, input->name));
        DS_CHECK(ds_words_copy(&to->input[i].categories, &input->categories));
    }
    DS_CHECK(ds_new(&to->output, (size_t)from->outputs, sizeof *to->output));
    to->outputs = from->outputs;
    for (int i = 0; i < from->outputs; i++) {
        to->output[i].subtract = from->output[i].subtract;
        to->output[i].divide = from->output[i].divide;
        memcpy(to->output[i].unit, from->output[i].unit, sizeof to->output[i].unit);
        DS_CHECK(ds_copy_text(&to->output[i].name, from->output[i].name));
    }
    DS_CHECK(ds_words_copy(&to->classes, &from->classes));
    DS_CHECK(ds_encoding_finish(to));
    size_t count = (size_t)from->features;
    DS_CHECK(ds_new(&to->subtract, count, sizeof *to->subtract));
    DS_CHECK(ds_new(&to->divide, count, sizeof *to->divide));
    memcpy(to->subtract, from->subtract, count * sizeof *to->subtract);
    memcpy(to->divide, from->divide, count * sizeof *to->divide);
    return DS_OK;
}

ds_status ds_encoding_copy(ds_encoding **out, const ds_encoding *encoding) {
    ds_encoding *copy = NULL;
    DS_CHECK(ds_new(&copy, 1, sizeof *copy));
    copy->kind = encoding->kind;
    copy->drop_targets = encoding->drop_targets;
    copy->unseen_error = encoding->unseen_error;
    copy->own_missing = encoding->own_missing;
    copy->header = encoding->header;
    copy->decimal = encoding->decimal;
    copy->rank = encoding->rank;
    memcpy(copy->shape, encoding->shape, sizeof copy->shape);
    ds_status status = copy_parts(copy, encoding);
    if (status == DS_OK)
        *out = copy;
    else
        ds_encoding_destroy(copy);
    return status;
}
