#include "train/baseline_scores.h"

#include <string.h>

#include "reference/reference.h"

/* A plan of the loss alone: prediction (N, K), target (N, K), units (K), record (N). */
enum { PREDICTION, TARGET, UNITS, RECORD, TENSORS };

typedef struct loss_stage {
    ds_tensor tensor[TENSORS];
    ds_op op;
    ds_plan plan;
} loss_stage;

static void build(loss_stage *stage, const ds_training *training, int64_t rows, int64_t columns) {
    static const ds_storage storages[] = {DS_FEATURES, DS_TARGETS, DS_CONSTANTS, DS_ACTIVATIONS};
    *stage = (loss_stage){.op = {.operation = training->loss,
                                 .phase = DS_PHASE_LOSS,
                                 .in_evaluation = true,
                                 .inputs = 3,
                                 .outputs = 2,
                                 .input = {PREDICTION, TARGET, UNITS},
                                 .output = {DS_ABSENT, RECORD},
                                 .scratch = DS_ABSENT}};
    for (int i = 0; i < TENSORS; i++)
        stage->tensor[i] =
            (ds_tensor){.storage = storages[i],
                        .per_sample = i != UNITS,
                        .shape = ds_shape_flat(i == RECORD ? DS_RECORD_SIZE : columns)};
    memcpy(stage->op.attribute, training->loss_attribute, sizeof stage->op.attribute);
    stage->plan = (ds_plan){.tensor = stage->tensor,
                            .op = &stage->op,
                            .tensors = TENSORS,
                            .ops = 1,
                            .batch = rows,
                            .features = PREDICTION,
                            .targets = TARGET,
                            .prediction = PREDICTION};
}

/* Both in the target's own units, so that these are 1. */
static ds_status fill(ds_reference_memory *memory, const ds_data *data, const ds_set *set,
                      int index) {
    int64_t columns = ds_encoding_targets(data->encoding), count = set->rows * columns;
    double **value = memory->value;
    DS_CHECK(ds_new(&value[DS_FEATURES], (size_t)count, sizeof(double)));
    DS_CHECK(ds_new(&value[DS_TARGETS], (size_t)count, sizeof(double)));
    DS_CHECK(ds_new(&value[DS_CONSTANTS], (size_t)columns, sizeof(double)));
    DS_CHECK(ds_new(&value[DS_ACTIVATIONS], (size_t)(set->rows * DS_RECORD_SIZE), sizeof(double)));
    memcpy(value[DS_FEATURES], set->naive + index * count, (size_t)count * sizeof(double));
    ds_matrix_read(&set->targets, 0, set->rows, NULL, value[DS_TARGETS]);
    for (int64_t k = 0; k < columns; k++) {
        double scale, shift;
        ds_encoding_target_units(data->encoding, k, &scale, &shift);
        for (int64_t i = 0; i < set->rows; i++)
            value[DS_TARGETS][i * columns + k] = value[DS_TARGETS][i * columns + k] * scale + shift;
        value[DS_CONSTANTS][k] = 1;
    }
    return DS_OK;
}

ds_status ds_baseline_scores(ds_scores *out, const ds_data *data, const ds_set *set, int index,
                             const ds_training *training) {
    ds_status status = DS_OK;
    ds_reference_memory memory = {0};
    loss_stage stage;
    ds_tally tally = {0};
    ds_pass pass = {.count = set->rows, .global_count = set->rows};
    double spread;
    *out = (ds_scores){0};
    if (set->rows == 0)
        return DS_OK;
    build(&stage, training, set->rows, ds_encoding_targets(data->encoding));
    DS_TRY(fill(&memory, data, set, index));
    ds_reference_of (&stage.op)(&(ds_reference_call){&stage.plan, &stage.op, &pass, &memory});
    for (int64_t i = 0; i < set->rows; i++)
        ds_tally_add(&tally, memory.value[DS_ACTIVATIONS] + i * DS_RECORD_SIZE, 1);
    DS_TRY(ds_target_spread(set, data->encoding, &spread));
    *out = ds_tally_scores(&tally, false, spread);

cleanup:
    for (int i = 0; i < DS_STORAGES; i++)
        ds_free(memory.value[i]);
    return status;
}

ds_status ds_baseline_column(const char *set, const char *baseline, ds_text *out) {
    DS_CHECK(ds_text_add(out, ",%s_loss_", set));
    for (; *baseline; baseline++)
        DS_CHECK(ds_text_add(out, "%c", *baseline == ' ' ? '_' : *baseline));
    return DS_OK;
}
