/* An encoding for a person. */
#include <math.h>

#include "data/encoding.h"

enum { SHOWN = 12 };

static ds_status describe_constants(ds_text *out, double subtract, double divide) {
    if (isinf(divide))
        return ds_text_add(out, ", constant in training: left at 0");
    if (subtract == 0 && divide == 1)
        return DS_OK;
    DS_CHECK(ds_text_add(out, ", (x - "));
    DS_CHECK(ds_text_number(out, subtract));
    DS_CHECK(ds_text_add(out, ") / "));
    return ds_text_number(out, divide);
}

static ds_status describe_words(ds_text *out, const ds_words *words) {
    for (int32_t i = 0; i < words->count && i < SHOWN; i++)
        DS_CHECK(ds_text_add(out, "%s %s", i ? "," : "", words->word[i]));
    if (words->count > SHOWN)
        DS_CHECK(ds_text_add(out, ", ... (%d)", words->count));
    return DS_OK;
}

static ds_status describe_values(ds_text *out, const ds_encoding *encoding, const char *column) {
    const ds_value_map *map = ds_values_find(&encoding->values, column);
    if (!map)
        return DS_OK;
    DS_CHECK(ds_text_add(out, ", "));
    return ds_value_map_print(map, out);
}

/* What a missing cell does, where that is not to leave its row without an answer. */
static ds_status describe_missing(ds_text *out, const ds_input *input) {
    if (input->missing_word)
        DS_CHECK(ds_text_add(out, ", or missing"));
    if (!isnan(input->fill)) {
        DS_CHECK(ds_text_add(out, ", "));
        DS_CHECK(ds_text_number(out, input->fill));
        DS_CHECK(ds_text_add(out, " where missing"));
    }
    return DS_OK;
}

static ds_status describe_input(ds_text *out, const ds_encoding *encoding, const ds_input *input,
                                int64_t at) {
    if (input->categories.count) {
        DS_CHECK(ds_text_add(out, "feature  %s: one of", input->name));
        DS_CHECK(describe_words(out, &input->categories));
        DS_CHECK(describe_missing(out, input));
        return ds_text_add(out, "\n");
    }
    for (int k = 0; k < ds_input_width(input); k++) {
        DS_CHECK(ds_text_add(out, "feature  %s", encoding->feature[at + k]));
        DS_CHECK(describe_constants(out, encoding->subtract[at + k], encoding->divide[at + k]));
        DS_CHECK(describe_values(out, encoding, input->name));
        DS_CHECK(describe_missing(out, input));
        DS_CHECK(ds_text_add(out, "\n"));
    }
    return DS_OK;
}

static ds_status describe_array(ds_text *out, const ds_encoding *encoding) {
    bool same = true;
    for (int64_t j = 1; j < encoding->features; j++)
        same = same && encoding->divide[j] == encoding->divide[0] &&
               encoding->subtract[j] == encoding->subtract[0];
    DS_CHECK(ds_text_add(out, "features "));
    for (int i = 0; i < encoding->rank; i++)
        DS_CHECK(ds_text_add(out, "%s%lld", i ? " x " : "", (long long)encoding->shape[i]));
    DS_CHECK(ds_text_add(out, " numbers"));
    if (same)
        DS_CHECK(describe_constants(out, encoding->subtract[0], encoding->divide[0]));
    else
        DS_CHECK(ds_text_add(out, ", each normalized by its own constants"));
    return ds_text_add(out, "\n");
}

ds_status ds_encoding_describe(const ds_encoding *encoding, ds_text *out) {
    if (encoding->plain && encoding->features > SHOWN) {
        DS_CHECK(describe_array(out, encoding));
    } else {
        int64_t at = 0;
        for (int i = 0; i < encoding->inputs; i++) {
            DS_CHECK(describe_input(out, encoding, &encoding->input[i], at));
            at += ds_input_width(&encoding->input[i]);
        }
    }
    for (int32_t i = 0; i < encoding->series.count; i++)
        DS_CHECK(ds_text_add(out, "series   %s\n", encoding->series.word[i]));
    if (encoding->date.column)
        DS_CHECK(ds_text_add(out, "date     %s: %s%s%s\n", encoding->date.column,
                             encoding->date.format,
                             encoding->date.drop_gaps ? ", no window spans a gap" : "",
                             encoding->date.join ? ", the mean of a date's rows" : ""));
    for (int i = 0; i < encoding->outputs; i++) {
        const ds_output *output = &encoding->output[i];
        DS_CHECK(ds_text_add(out, "target   %s", output->name));
        DS_CHECK(describe_constants(out, output->subtract, output->divide));
        DS_CHECK(describe_values(out, encoding, output->name));
        if (encoding->classes.count)
            DS_CHECK(ds_text_add(out, ": one of"));
        DS_CHECK(describe_words(out, &encoding->classes));
        DS_CHECK(ds_text_add(out, "\n"));
    }
    return DS_OK;
}
