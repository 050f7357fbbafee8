/* ds_predict_file: predictions for a data file as CSV text. */
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "device/device.h"
#include "train/notes.h"
#include "train/trained_model.h"

/* A comma and a name of two parts. */
static ds_status column_name(const char *first, const char *between, const char *second,
                             ds_text *out) {
    ds_text name = {0};
    ds_status status = ds_text_add(&name, "%s%s%s", first, between, second);
    if (status == DS_OK)
        status = ds_text_add(out, ",");
    if (status == DS_OK)
        status = ds_text_csv(out, name.characters);
    ds_text_clear(&name);
    return status;
}

/* How many targets have texts by `values`. */
static int64_t targets_with_texts(const ds_encoding *encoding) {
    int64_t count = 0;
    for (int64_t i = 0; i < ds_encoding_targets(encoding); i++)
        count += ds_encoding_nearest(encoding, i, 0) != NULL;
    return count;
}

/* The targets' names first; then, for classes, a column of probability for each class, and for a
 * target with texts a column of the one that is nearest. */
static ds_status csv_header(const ds_encoding *encoding, ds_text *out) {
    int64_t targets = ds_encoding_targets(encoding);
    for (int64_t i = 0; i < targets; i++) {
        DS_CHECK(ds_text_add(out, i ? "," : ""));
        DS_CHECK(ds_text_csv(out, ds_encoding_target(encoding, i)));
    }
    for (int64_t i = 0; i < targets; i++)
        for (int64_t k = 0; k < ds_encoding_classes(encoding); k++)
            DS_CHECK(column_name(ds_encoding_target(encoding, i), "=",
                                 ds_encoding_class(encoding, k), out));
    for (int64_t i = 0; i < targets; i++)
        if (ds_encoding_nearest(encoding, i, 0))
            DS_CHECK(column_name("nearest", " ", ds_encoding_target(encoding, i), out));
    return ds_text_add(out, "\n");
}

static int64_t largest(const double *values, int64_t count) {
    int64_t best = 0;
    for (int64_t k = 1; k < count; k++)
        if (values[k] > values[best])
            best = k;
    return best;
}

/* A float32 that is a prediction in the target's own units has the digits that tell it from its
 * neighbours: 9, unless a large constant was added to it by normalize_target. */
static ds_status csv_number(const ds_encoding *encoding, int64_t target, double value, int digits,
                            ds_text *out) {
    char text[32];
    double scale, shift;
    ds_encoding_target_units(encoding, target, &scale, &shift);
    if (digits > 9 || !isfinite(value) || (scale == 1 && shift == 0)) {
        ds_number_round(text, digits, value);
    } else {
        float output = fabsf((float)((value - shift) / scale));
        double spacing = (double)nextafterf(output, INFINITY) - (double)output;
        ds_number_print_near(text, value, scale * spacing / 2);
    }
    return ds_text_append(out, text, strlen(text));
}

static ds_status csv_row(const ds_model *model, const double *output, int digits, ds_text *out) {
    const ds_encoding *encoding = model->encoding;
    int64_t targets = ds_encoding_targets(encoding), classes = ds_encoding_classes(encoding);
    int64_t outputs = ds_model_outputs(model);
    if (classes == 0) {
        for (int64_t i = 0; i < targets; i++) {
            DS_CHECK(ds_text_add(out, i ? "," : ""));
            DS_CHECK(csv_number(encoding, i, output[i], digits, out));
        }
        for (int64_t i = 0; i < targets; i++) {
            const char *nearest = ds_encoding_nearest(encoding, i, output[i]);
            if (!nearest)
                continue;
            DS_CHECK(ds_text_add(out, ","));
            DS_CHECK(ds_text_csv(out, nearest));
        }
        return ds_text_add(out, "\n");
    }
    bool one_each = ds_model_link(model) == &ds_op_sigmoid; /* an output is P(second class) */
    for (int64_t i = 0; i < targets; i++) {
        int64_t best = one_each ? output[i] > 0.5 : largest(output, outputs);
        DS_CHECK(ds_text_add(out, i ? "," : ""));
        DS_CHECK(ds_text_csv(out, ds_encoding_class(encoding, best)));
    }
    for (int64_t i = 0; i < targets; i++)
        for (int64_t k = 0; k < classes; k++)
            DS_CHECK(ds_text_add(out, ",%.*g", digits,
                                 !one_each ? output[k]
                                 : k       ? output[i]
                                           : 1 - output[i]));
    return ds_text_add(out, "\n");
}

/* A row without enough history: as many empty cells as there are columns. */
static ds_status csv_empty_row(const ds_encoding *encoding, ds_text *out) {
    int64_t cells = ds_encoding_targets(encoding) * (1 + ds_encoding_classes(encoding)) +
                    targets_with_texts(encoding);
    for (int64_t i = 1; i < cells; i++)
        DS_CHECK(ds_text_add(out, ","));
    return ds_text_add(out, cells == 1 ? "\"\"\n" : "\n");
}

ds_status ds_predict_file(const ds_model *model, ds_device *device, const char *data, char **csv) {
    ds_status status = DS_OK;
    ds_set set = {0};
    double *outputs = NULL;
    ds_text text = {0}, notes = {0};
    int64_t *held = NULL; /* row of the set, from 1, that a row of the file became; 0: none */
    int64_t rows = 0, columns = ds_model_outputs(model);
    int digits = ds_device_is_reference(device) ? 17 : 9;
    DS_TRY(ds_dataset_apply(&set, model->encoding, data, false, &rows, &notes));
    ds_notes_tell(&notes, ds_device_say, device);
    DS_TRY(ds_new(&outputs, (size_t)(set.rows * columns), sizeof *outputs));
    DS_TRY(ds_model_predict_set(model, device, &set, outputs));
    DS_TRY(csv_header(model->encoding, &text));
    DS_TRY(ds_new(&held, (size_t)rows + 1, sizeof *held));
    for (int64_t i = 0; i < set.rows; i++)
        held[ds_set_file_row(&set, i)] = i + 1;
    for (int64_t row = 1; row <= rows; row++) {
        if (held[row])
            DS_TRY(csv_row(model, outputs + (held[row] - 1) * columns, digits, &text));
        else
            DS_TRY(csv_empty_row(model->encoding, &text));
    }
    DS_TRY(ds_text_take(&text, csv));

cleanup:
    ds_set_clear(&set);
    ds_text_clear(&notes);
    ds_free(held);
    ds_free(outputs);
    ds_text_clear(&text);
    return status;
}
