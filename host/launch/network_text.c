/* A plan as the lists of steps that network.cl expands. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "launch/network.h"
#include "ops/memory_plan.h"

typedef struct writer {
    const ds_plan *plan; /* as if its batch were a block */
    const ds_network_shape *shape;
    ds_network_text *out;
    /* Places of inputs sample by sample: of the features, and of a layer at a time. */
    int64_t flipped_features, flipped;
} writer;

static int64_t columns_of(const writer *w, int tensor) {
    return ds_shape_count(&w->plan->tensor[tensor].shape);
}

/* The place of a tensor: in REALs of `work`, or in elements of its flat buffer. */
static long long at(const writer *w, int tensor) {
    const ds_tensor *t = &w->plan->tensor[tensor];
    return (long long)(t->storage == DS_ACTIVATIONS ? t->offset / w->shape->lanes : t->offset);
}

static ds_status need_file(ds_network_text *out, const char *file) {
    for (int i = 0; i < out->files; i++)
        if (strcmp(out->file[i], file) == 0)
            return DS_OK;
    if (out->files == DS_NETWORK_FILES)
        return ds_fail(DS_DEVICE_FAILED, "", "too many kernel files for one network");
    out->file[out->files++] = file;
    return DS_OK;
}

/* ", 0x1p-3f" for each number. */
static void literals(const double *value, int count, char text[64 * DS_MAX_SCALARS]) {
    int length = 0;
    text[0] = '\0';
    for (int i = 0; i < count; i++)
        length += snprintf(text + length, 64, ", %af", (double)(float)value[i]);
}

/* ---- layers ---- */

static ds_status write_dense(writer *w, const ds_op *op) {
    if (op->part == DS_FORWARD) {
        const ds_shape *weight = &w->plan->tensor[op->input[1]].shape;
        long long units = weight->extent[0], inputs = weight->extent[1];
        if (op->input[2] == DS_ABSENT)
            return ds_text_add(&w->out->text, " STEP_DENSE(%lld, %lld, %lld, %lld, %lld)",
                               at(w, op->input[0]), at(w, op->input[1]), at(w, op->output[0]),
                               units, inputs);
        return ds_text_add(&w->out->text, " STEP_DENSE_BIAS(%lld, %lld, %lld, %lld, %lld, %lld)",
                           at(w, op->input[0]), at(w, op->input[1]), at(w, op->input[2]),
                           at(w, op->output[0]), units, inputs);
    }
    const ds_shape *weight = &w->plan->tensor[op->input[4]].shape;
    long long units = weight->extent[0], inputs = weight->extent[1];
    bool features = op->input[1] == w->plan->op[0].output[0];
    long long flipped =
        (long long)((features ? w->flipped_features : w->flipped) / w->shape->lanes);
    if (!features)
        DS_CHECK(ds_text_add(&w->out->text, " STEP_FLIP(%lld, %lld, %lld)", at(w, op->input[1]),
                             flipped, inputs));
    DS_CHECK(ds_text_add(&w->out->text, " STEP_DENSE_WEIGHT_GRADIENT(%lld, %lld, %lld, %lld, %lld)",
                         at(w, op->input[0]), flipped, at(w, op->output[1]), units, inputs));
    if (op->output[2] != DS_ABSENT)
        DS_CHECK(ds_text_add(&w->out->text, " STEP_SAMPLE_SUM(%lld, %lld, %lld)",
                             at(w, op->input[0]), at(w, op->output[2]), units));
    if (op->output[0] == DS_ABSENT)
        return DS_OK;
    return ds_text_add(&w->out->text, " STEP_DENSE_INPUT_GRADIENT(%lld, %lld, %lld, %lld, %lld)",
                       at(w, op->input[0]), at(w, op->input[4]), at(w, op->output[0]), units,
                       inputs);
}

static ds_status write_softmax(writer *w, const ds_op *op) {
    if (op->part == DS_FORWARD)
        return ds_text_add(
            &w->out->text,
            " STEP_ROWS(softmax_forward_row(work + %lld + v, work + %lld + v, %lld))",
            at(w, op->input[0]), at(w, op->output[0]), (long long)columns_of(w, op->input[0]));
    return ds_text_add(&w->out->text,
                       " STEP_ROWS(softmax_backward_row(work + %lld + v, work + %lld + v, work + "
                       "%lld + v, %lld, 0))",
                       at(w, op->input[0]), at(w, op->input[2]), at(w, op->output[0]),
                       (long long)columns_of(w, op->input[0]));
}

static ds_status write_layer_norm(writer *w, const ds_op *op) {
    long long columns = (long long)columns_of(w, op->input[0]);
    if (op->part == DS_FORWARD) {
        char epsilon[64 * DS_MAX_SCALARS];
        literals(op->attribute, 1, epsilon);
        return ds_text_add(&w->out->text,
                           " STEP_ROWS(layer_norm_forward_row(work + %lld + v, parameters + %lld, "
                           "parameters + %lld, work + %lld + v, work + %lld + v, %lld%s))",
                           at(w, op->input[0]), at(w, op->input[1]), at(w, op->input[2]),
                           at(w, op->output[0]), at(w, op->output[1]), columns, epsilon);
    }
    DS_CHECK(ds_text_add(&w->out->text,
                         " STEP_LAYER_NORM_GAIN(%lld, %lld, %lld, %lld, %lld)"
                         " STEP_SAMPLE_SUM(%lld, %lld, %lld)",
                         at(w, op->input[0]), at(w, op->input[1]), at(w, op->input[3]),
                         at(w, op->output[1]), columns, at(w, op->input[0]), at(w, op->output[2]),
                         columns));
    if (op->output[0] == DS_ABSENT)
        return DS_OK;
    return ds_text_add(&w->out->text,
                       " STEP_ROWS(layer_norm_backward_row(work + %lld + v, work + %lld + v, work "
                       "+ %lld + v, parameters + %lld, work + %lld + v, %lld, 0))",
                       at(w, op->input[0]), at(w, op->input[1]), at(w, op->input[3]),
                       at(w, op->input[4]), at(w, op->output[0]), columns);
}

static ds_status write_dropout(writer *w, const ds_op *op) {
    ds_dropout d = ds_dropout_of(op);
    char scale[64 * DS_MAX_SCALARS];
    literals(&d.scale, 1, scale);
    return ds_text_add(&w->out->text, " STEP_DROPOUT(%lld, %lld, %lld, %uu%s, %du)",
                       at(w, op->input[0]), at(w, op->output[0]),
                       (long long)columns_of(w, op->input[0]), d.threshold, scale, op->layer);
}

static ds_status write_activation(writer *w, const ds_op *op) {
    const char *name = op->operation->name;
    double scalar[DS_MAX_SCALARS];
    char option[64 * DS_MAX_SCALARS];
    literals(scalar, ds_op_scalars(op, NULL, scalar), option);
    long long columns = (long long)columns_of(w, op->output[0]);
    if (op->part == DS_FORWARD)
        return ds_text_add(&w->out->text, " STEP_VALUE(%lld, %lld, %lld, %s_value(X%s))",
                           at(w, op->input[0]), at(w, op->output[0]), columns, name, option);
    int z = op->input[1] != DS_ABSENT ? op->input[1] : op->input[2];
    return ds_text_add(&w->out->text, " STEP_SLOPE(%lld, %lld, %lld, %lld, %s_slope(Z%s))",
                       at(w, op->input[0]), at(w, z), at(w, op->output[0]), columns, name, option);
}

static ds_status write_layer(writer *w, const ds_op *op) {
    const ds_operation *operation = op->operation;
    if (operation->program && operation != &ds_op_dense)
        DS_CHECK(need_file(w->out, operation->program));
    if (operation == &ds_op_dense)
        return write_dense(w, op);
    if (operation == &ds_op_softmax)
        return write_softmax(w, op);
    if (operation == &ds_op_layer_norm)
        return write_layer_norm(w, op);
    if (operation == &ds_op_dropout)
        return write_dropout(w, op);
    return write_activation(w, op);
}

/* ---- loss and optimizer ---- */

static ds_status write_loss(writer *w, const ds_op *op) {
    double scalar[DS_MAX_SCALARS];
    char gradient[64] = "(SPACE REAL *)0", text[64 * DS_MAX_SCALARS];
    int scalars = ds_op_scalars(op, &(ds_pass){.global_count = 1}, scalar);
    literals(scalar + 1, scalars - 1, text); /* the first one is `share` */
    if (op->output[0] != DS_ABSENT)
        snprintf(gradient, sizeof gradient, "work + %lld + v", at(w, op->output[0]));
    DS_CHECK(need_file(w->out, op->operation->program));
    return ds_text_add(&w->out->text,
                       " EACH_ROW(%s_sample(work + %lld + v, work + %lld + v, %s, work + %lld + "
                       "v, %lld, share%s))",
                       op->operation->name, at(w, op->input[0]), at(w, op->input[1]), gradient,
                       at(w, op->output[1]), (long long)columns_of(w, op->input[0]), text);
}

static ds_status write_update(writer *w, const ds_op *op) {
    char name[96];
    double scalar[DS_MAX_SCALARS];
    ds_pass first = {.update = 1, .rate = 1};
    int scalars = ds_op_scalars(op, &first, scalar);
    bool decays = scalar[2] != 0; /* where not, the compiler shall know */
    ds_kernel_name(op, name);
    DS_CHECK(need_file(w->out, op->operation->program));
    DS_CHECK(ds_text_add(&w->out->text, "#define NETWORK_UPDATE %s_element(g, &p%s, RATE, %s", name,
                         w->out->moments == 2   ? ", &u, &w"
                         : w->out->moments == 1 ? ", &u"
                                                : "",
                         decays ? "DECAY" : "0.0f"));
    for (int i = 3; i < scalars; i++)
        DS_CHECK(ds_text_add(&w->out->text, ", SCALAR(%d)", i - 3));
    return ds_text_add(&w->out->text, ")\n");
}

/* ---- the whole ---- */

static ds_status write_layers(writer *w, ds_phase phase, const char *name) {
    DS_CHECK(ds_text_add(&w->out->text, "#define %s", name));
    for (int i = 0; i < w->plan->ops; i++) {
        const ds_op *op = &w->plan->op[i];
        if (op->phase != phase || op->operation->family != DS_LAYER)
            continue;
        bool always = phase != DS_PHASE_FORWARD || (op->in_training && op->in_evaluation);
        if (!always)
            DS_CHECK(ds_text_add(&w->out->text, " if (%spass[PASS_TRAINS]) {",
                                 op->in_training ? "" : "!"));
        DS_CHECK(write_layer(w, op));
        if (!always)
            DS_CHECK(ds_text_add(&w->out->text, " }"));
    }
    return ds_text_add(&w->out->text, "\n");
}

static ds_status write_loss_and_update(writer *w) {
    const ds_plan *plan = w->plan;
    bool needs_norm = false;
    for (int i = 0; i < plan->ops; i++) {
        const ds_op *op = &plan->op[i];
        if (op->operation->family == DS_LOSS) {
            DS_CHECK(ds_text_add(&w->out->text, "#define %s",
                                 op->in_training ? "NETWORK_LOSS" : "NETWORK_EVALUATE"));
            DS_CHECK(write_loss(w, op));
            DS_CHECK(ds_text_add(&w->out->text, "\n"));
            if (op->in_training)
                DS_CHECK(ds_text_add(&w->out->text,
                                     "#define RECORD_AT %lld\n#define GRADIENT_AT %lld\n"
                                     "#define PREDICTIONS %lld\n",
                                     at(w, op->output[1]), at(w, op->output[0]),
                                     (long long)columns_of(w, op->input[0])));
        }
        if (op->operation == &ds_op_gradient_norm)
            needs_norm |= op->attribute[0] >= 0;
        if (op->operation->family == DS_OPTIMIZER) {
            needs_norm |= op->attribute[DS_MAX_ATTRIBUTES - 1] > 0; /* clip */
            DS_CHECK(write_update(w, op));
        }
    }
    return ds_text_add(&w->out->text, "#define NEEDS_NORM %d\n", needs_norm);
}

static ds_status write_data(writer *w) {
    const ds_op *gather = &w->plan->op[0];
    return ds_text_add(&w->out->text,
                       "#define COLUMNS %lld\n#define TARGETS %lld\n#define FEATURES_AT %lld\n"
                       "#define TARGETS_AT %lld\n",
                       (long long)columns_of(w, gather->output[0]),
                       (long long)columns_of(w, gather->output[1]), at(w, gather->output[0]),
                       at(w, gather->output[1]));
}

/* Room for the features, and for the widest of the other inputs, sample by sample; 0 where no
 * weight's gradient reads them. */
static void flipped_sizes(const ds_plan *plan, const ds_network_shape *s, int64_t size[2]) {
    int64_t step = 2 * (int64_t)s->width;
    size[0] = size[1] = 0;
    for (int i = 0; i < plan->ops; i++) {
        const ds_op *op = &plan->op[i];
        if (op->operation != &ds_op_dense || op->part != DS_BACKWARD)
            continue;
        int which = op->input[1] == plan->op[0].output[0] ? 0 : 1;
        int64_t inputs = plan->tensor[op->input[4]].shape.extent[1];
        int64_t count = (inputs + step - 1) / step * step * plan->batch;
        count = (count + 15) / 16 * 16;
        size[which] = count > size[which] ? count : size[which];
    }
}

ds_status ds_network_write(ds_network_text *out, const ds_plan *plan,
                           const ds_network_shape *shape) {
    ds_status status = DS_OK;
    ds_plan block = *plan;
    writer w = {.plan = &block, .shape = shape, .out = out};
    int64_t flipped[2];
    *out = (ds_network_text){.moments = plan->moments};
    block.tensor = NULL;
    block.batch = (int64_t)shape->lanes * shape->vectors;
    DS_TRY(ds_new(&block.tensor, (size_t)plan->tensors, sizeof *block.tensor));
    memcpy(block.tensor, plan->tensor, (size_t)plan->tensors * sizeof *block.tensor);
    ds_plan_memory_turned(&block);
    DS_TRY(ds_new(&out->place, (size_t)plan->tensors, sizeof *out->place));
    for (int t = 0; t < plan->tensors; t++)
        out->place[t] = block.tensor[t].offset;
    flipped_sizes(&block, shape, flipped);
    w.flipped_features = (block.storage_count[DS_ACTIVATIONS] + 15) / 16 * 16;
    w.flipped = w.flipped_features + flipped[0];
    out->work = (w.flipped + flipped[1]) / shape->lanes;
    out->values = plan->storage_count[DS_PARAMETERS];
    DS_TRY(need_file(out, "common.cl"));
    if (shape->portable)
        DS_TRY(need_file(out, "portable.cl"));
    DS_TRY(need_file(out, "functions.cl"));
    DS_TRY(write_data(&w));
    if (flipped[0] > 0)
        DS_TRY(ds_text_add(&out->text, "#define FLIPPED_FEATURES ((SPACE float *)(work + %lld))\n",
                           (long long)(w.flipped_features / shape->lanes)));
    else
        DS_TRY(ds_text_add(&out->text, "#define FLIPPED_FEATURES ((SPACE float *)0)\n"));
    DS_TRY(write_layers(&w, DS_PHASE_FORWARD, "NETWORK_FORWARD"));
    DS_TRY(write_layers(&w, DS_PHASE_BACKWARD, "NETWORK_BACKWARD"));
    DS_TRY(write_loss_and_update(&w));
    DS_TRY(ds_text_add(&out->text, "#define VALUES %lld\n#define MOMENTS %d\n#define WORK %lld\n",
                       (long long)out->values, out->moments, (long long)out->work));
    for (int i = 0; i < out->files; i++)
        if (strcmp(out->file[i], ds_op_dropout.program) == 0)
            DS_TRY(ds_text_add(&out->text, "#define NETWORK_DROPS\n"));
    DS_TRY(need_file(out, "network_products.cl"));
    DS_TRY(need_file(out, "network_single.cl"));
    DS_TRY(need_file(out, "network.cl"));

cleanup:
    ds_free(block.tensor);
    return status;
}

void ds_network_text_clear(ds_network_text *text) {
    ds_text_clear(&text->text);
    ds_free(text->place);
    *text = (ds_network_text){0};
}
