/* ds_explain_sample: one sample forwards and backwards, in numbers, as one would do it by hand. */
#include <stdio.h>
#include <string.h>

#include "train/sample_run.h"

enum { MOST_VALUES = 1000, MOST_TERMS = 8 };

typedef struct story {
    ds_sample_run device, reference;
    bool two; /* the reference stands beside a device */
    const ds_model *model;
    ds_text *out;
} story;

/* What is computed, then the device's number, then the reference's. */
static ds_status tell(story *s, const char *what, double device, double reference) {
    DS_CHECK(ds_text_add(s->out, "  %-58s", what));
    if (s->two)
        DS_CHECK(ds_text_add(s->out, " %16.9g", device));
    return ds_text_add(s->out, " %24.17g\n", reference);
}

static ds_status tell_value(story *s, const char *what, int tensor, int64_t element) {
    return tell(s, what, ds_sample_value(&s->device, tensor, element),
                ds_sample_value(&s->reference, tensor, element));
}

/* "z[0] = 1*(-2) + 1*(-1) + 0", as many terms as fit a line. */
static ds_status tell_weighted_sum(story *s, const ds_op *op, int64_t unit, int64_t inputs) {
    const ds_sample_run *r = &s->reference;
    ds_text what = {0};
    ds_status status = DS_OK;
    DS_TRY(ds_text_add(&what, "z[%lld] =", (long long)unit));
    for (int64_t k = 0; k < inputs && k < MOST_TERMS; k++)
        DS_TRY(ds_text_add(&what, "%s %.4g*(%.4g)", k ? " +" : "",
                           ds_sample_value(r, op->input[1], unit * inputs + k),
                           ds_sample_value(r, op->input[0], k)));
    if (inputs > MOST_TERMS)
        DS_TRY(ds_text_add(&what, " + ... %lld more", (long long)(inputs - MOST_TERMS)));
    if (op->input[2] != DS_ABSENT)
        DS_TRY(ds_text_add(&what, " + %.4g", ds_sample_value(r, op->input[2], unit)));
    DS_TRY(tell_value(s, what.characters, op->output[0], unit));

cleanup:
    ds_text_clear(&what);
    return status;
}

static ds_status tell_forward(story *s, const ds_op *op) {
    const ds_plan *plan = s->reference.trial.plan;
    const ds_operation *operation = op->operation;
    int64_t inputs = ds_tensor_count(&plan->tensor[op->input[0]], 1);
    int64_t outputs = ds_tensor_count(&plan->tensor[op->output[0]], 1);
    DS_CHECK(ds_text_add(s->out, "layer %d, %s\n", op->layer, operation->name));
    for (int64_t i = 0; i < outputs; i++) {
        char what[96];
        if (operation == &ds_op_dense) {
            DS_CHECK(tell_weighted_sum(s, op, i, inputs));
            continue;
        }
        if (ds_sample_is_activation(op))
            snprintf(what, sizeof what, "a[%lld] = %s(%.9g)", (long long)i, operation->name,
                     ds_sample_value(&s->reference, op->input[0], i));
        else
            snprintf(what, sizeof what, "a[%lld] = %s(...)[%lld]", (long long)i, operation->name,
                     (long long)i);
        DS_CHECK(tell_value(s, what, op->output[0], i));
    }
    return DS_OK;
}

/* "dL/da[0] = 0.5*(-2) + 1*(-1)", a term for each unit, as many as fit a line. */
static ds_status tell_sum_over_units(story *s, const ds_op *op, int64_t units, int64_t inputs,
                                     int64_t input) {
    const ds_sample_run *r = &s->reference;
    ds_text what = {0};
    ds_status status = DS_OK;
    DS_TRY(ds_text_add(&what, "dL/da[%lld] = dL/dz * w[.][%lld] =", (long long)input,
                       (long long)input));
    for (int64_t j = 0; j < units && j < MOST_TERMS; j++)
        DS_TRY(ds_text_add(&what, "%s %.4g*(%.4g)", j ? " +" : "",
                           ds_sample_value(r, op->input[0], j),
                           ds_sample_value(r, op->input[4], j * inputs + input)));
    if (units > MOST_TERMS)
        DS_TRY(ds_text_add(&what, " + ... %lld more", (long long)(units - MOST_TERMS)));
    DS_TRY(tell_value(s, what.characters, op->output[0], input));

cleanup:
    ds_text_clear(&what);
    return status;
}

/* dL/dw = dL/dz * dz/dw, where dz/dw is the input; dL/db = dL/dz; dL/dx = sum of dL/dz * w. */
static ds_status tell_dense_backward(story *s, const ds_op *op) {
    const ds_plan *plan = s->reference.trial.plan;
    const ds_shape *weight = &plan->tensor[op->input[4]].shape;
    int64_t units = weight->extent[0], inputs = weight->extent[1];
    char what[128];
    for (int64_t j = 0; j < units; j++) {
        double dz = ds_sample_value(&s->reference, op->input[0], j);
        for (int64_t k = 0; k < inputs; k++) {
            snprintf(what, sizeof what, "dL/dw[%lld][%lld] = dL/dz[%lld] * dz/dw = %.6g * (%.6g)",
                     (long long)j, (long long)k, (long long)j, dz,
                     ds_sample_value(&s->reference, op->input[1], k));
            DS_CHECK(tell_value(s, what, op->output[1], j * inputs + k));
        }
        if (op->output[2] == DS_ABSENT)
            continue;
        snprintf(what, sizeof what, "dL/db[%lld] = dL/dz[%lld] * 1", (long long)j, (long long)j);
        DS_CHECK(tell_value(s, what, op->output[2], j));
    }
    for (int64_t k = 0; op->output[0] != DS_ABSENT && k < inputs; k++)
        DS_CHECK(tell_sum_over_units(s, op, units, inputs, k));
    return DS_OK;
}

static ds_status tell_backward(story *s, const ds_op *op) {
    const ds_plan *plan = s->reference.trial.plan;
    char what[128];
    DS_CHECK(ds_text_add(s->out, "layer %d, %s\n", op->layer, op->operation->name));
    if (op->operation == &ds_op_dense)
        return tell_dense_backward(s, op);
    if (op->output[0] == DS_ABSENT)
        return DS_OK;
    int64_t count = ds_tensor_count(&plan->tensor[op->output[0]], 1);
    for (int64_t i = 0; i < count; i++) {
        if (ds_sample_is_activation(op)) {
            snprintf(what, sizeof what, "da/dz[%lld] = %s'(z)", (long long)i, op->operation->name);
            DS_CHECK(tell(s, what, ds_sample_slope(&s->device, op->output[0], i),
                          ds_sample_slope(&s->reference, op->output[0], i)));
            snprintf(what, sizeof what, "dL/dz[%lld] = dL/da * da/dz = %.6g * %.6g", (long long)i,
                     ds_sample_value(&s->reference, op->input[0], i),
                     ds_sample_slope(&s->reference, op->output[0], i));
        } else {
            snprintf(what, sizeof what, "dL/dx[%lld]", (long long)i);
        }
        DS_CHECK(tell_value(s, what, op->output[0], i));
    }
    return DS_OK;
}

static ds_status tell_sample(story *s, int64_t row) {
    const ds_plan *plan = s->reference.trial.plan;
    const ds_encoding *encoding = s->model->encoding;
    const ds_op *gather = &plan->op[0];
    DS_CHECK(ds_text_add(s->out, "sample %lld\n", (long long)row));
    for (int64_t i = 0; i < ds_encoding_features(encoding); i++)
        DS_CHECK(tell_value(s, ds_encoding_feature(encoding, i), gather->output[0], i));
    for (int64_t i = 0; i < ds_encoding_targets(encoding); i++) {
        char what[128];
        snprintf(what, sizeof what, "-> %s", ds_encoding_target(encoding, i));
        DS_CHECK(tell_value(s, what, gather->output[1], i));
    }
    return DS_OK;
}

static ds_status tell_loss(story *s, const ds_op *op) {
    const ds_plan *plan = s->reference.trial.plan;
    int64_t count = ds_tensor_count(&plan->tensor[op->output[0]], 1);
    DS_CHECK(ds_text_add(s->out, "loss, %s\n", op->operation->name));
    DS_CHECK(tell(s, "L", ds_sample_loss(&s->device, op), ds_sample_loss(&s->reference, op)));
    DS_CHECK(ds_text_add(s->out, "\nbackward\n"));
    for (int64_t i = 0; i < count; i++) {
        char what[64];
        snprintf(what, sizeof what, "dL/dy[%lld]", (long long)i);
        DS_CHECK(tell_value(s, what, op->output[0], i));
    }
    return DS_OK;
}

/* All parameters as one vector, with its gradient. */
static ds_status tell_vector(story *s) {
    DS_CHECK(ds_text_add(s->out, "\nparameters as one vector, and their gradient\n"));
    for (int i = 0; i < s->model->entries; i++) {
        const ds_parameter_entry *entry = &s->model->entry[i];
        for (int64_t k = 0; k < ds_shape_count(&entry->rule.shape); k++) {
            int64_t at = entry->offset + k;
            char what[128];
            snprintf(what, sizeof what, "theta[%lld] = %s[%lld] = %.9g", (long long)at, entry->name,
                     (long long)k, s->reference.memory[DS_PARAMETERS][at]);
            DS_CHECK(tell(s, what, s->device.memory[DS_GRADIENTS][at],
                          s->reference.memory[DS_GRADIENTS][at]));
        }
    }
    return DS_OK;
}

static ds_status tell_all(story *s, int64_t row, const char *device_name) {
    const ds_plan *plan = s->reference.trial.plan;
    DS_CHECK(ds_text_add(s->out, "device %s\n%-60s", device_name, ""));
    if (s->two)
        DS_CHECK(ds_text_add(s->out, " %16s", "device"));
    DS_CHECK(ds_text_add(s->out, " %24s\n", "reference"));
    DS_CHECK(tell_sample(s, row));
    DS_CHECK(ds_text_add(s->out, "\nforward\n"));
    for (int i = 0; i < plan->ops; i++) {
        const ds_op *op = &plan->op[i];
        if (!op->in_training)
            continue;
        if (op->operation->family == DS_LAYER && op->part == DS_FORWARD)
            DS_CHECK(tell_forward(s, op));
        else if (op->operation->family == DS_LOSS)
            DS_CHECK(tell_loss(s, op));
        else if (op->part == DS_BACKWARD)
            DS_CHECK(tell_backward(s, op));
    }
    return tell_vector(s);
}

ds_status ds_explain_sample(const ds_recipe *recipe, ds_device *device, int64_t row, char **text) {
    ds_status status = DS_OK;
    ds_sample sample = {0};
    ds_device *reference = NULL;
    ds_text out = {0};
    story s = {.two = !ds_device_is_reference(device), .out = &out};
    DS_TRY(ds_sample_open(&sample, recipe, row, "--sample shows", MOST_VALUES));
    s.model = sample.model;
    DS_TRY(ds_device_open(&reference, "reference"));
    DS_TRY(ds_sample_run_open(&s.reference, reference, &sample));
    DS_TRY(ds_sample_run_open(&s.device, device, &sample));
    DS_TRY(tell_all(&s, row, ds_device_name(device)));
    DS_TRY(ds_text_take(&out, text));

cleanup:
    ds_sample_run_close(&s.reference);
    ds_sample_run_close(&s.device);
    ds_device_close(reference);
    ds_text_clear(&out);
    ds_sample_close(&sample);
    return status;
}
