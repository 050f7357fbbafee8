/* What `explain --sample` looks at: a recipe's network on one sample, run forwards and backwards.
 */
#include "train/sample_run.h"

#include "train/units.h"
#include "train/upload.h"

/* ---- the sample ---- */

ds_status ds_sample_open(ds_sample *sample, const ds_recipe *recipe, int64_t row, const char *what,
                         int64_t most) {
    ds_training *training = &sample->training;
    sample->row = row - 1;
    DS_CHECK(ds_recipe_open(recipe, training, &sample->data, &sample->model, &sample->notes));
    DS_CHECK(
        ds_model_check_outputs(sample->model, training->loss, ds_node_get(recipe->root, "model")));
    if (row < 1 || row > sample->data->train.rows)
        return ds_fail(DS_BAD_INPUT, "rows count from 1",
                       "--sample %lld: there are %lld training rows", (long long)row,
                       (long long)sample->data->train.rows);
    if (sample->model->values > most)
        return ds_fail(DS_BAD_INPUT, "take a smaller network to look at",
                       "%s networks of at most %lld parameters, this one has %lld", what,
                       (long long)most, (long long)sample->model->values);
    training->fuse = false;
    if (!training->optimizer) {
        training->optimizer = &ds_op_sgd; /* so that the plan has a way back; no update is made */
        training->optimizer_attribute[0] = 0;
    }
    return DS_OK;
}

void ds_sample_close(ds_sample *sample) {
    ds_text_clear(&sample->notes);
    ds_model_destroy(sample->model);
    ds_data_destroy(sample->data);
}

/* ---- running it ---- */

static ds_status read_memory(ds_sample_run *run) {
    static const ds_storage kept[] = {DS_PARAMETERS, DS_GRADIENTS, DS_ACTIVATIONS, DS_HISTORY};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        ds_storage s = kept[i];
        int64_t count = s == DS_HISTORY ? DS_RECORD_SIZE : run->trial.plan->storage_count[s];
        DS_CHECK(ds_new(&run->memory[s], (size_t)count, sizeof(double)));
        DS_CHECK(run->trial.executor->read(run->trial.executor, s, 0, count, run->memory[s]));
    }
    return DS_OK;
}

bool ds_sample_is_activation(const ds_op *op) {
    return op->operation->family == DS_LAYER && op->operation->space == DS_SPACE_ELEMENTS;
}

/* The slope of an activation is what its backward kernel makes of a gradient of 1. */
static ds_status read_slopes(ds_sample_run *run) {
    const ds_plan *plan = run->trial.plan;
    ds_executor *executor = run->trial.executor;
    DS_CHECK(ds_new(&run->slope, (size_t)plan->storage_count[DS_ACTIVATIONS], sizeof *run->slope));
    for (int i = 0; i < plan->ops; i++) {
        const ds_op *op = &plan->op[i];
        if (op->part != DS_BACKWARD || !ds_sample_is_activation(op) || op->output[0] == DS_ABSENT)
            continue;
        const ds_tensor *dy = &plan->tensor[op->input[0]], *dx = &plan->tensor[op->output[0]];
        const double one = 1;
        for (int64_t k = 0; k < ds_tensor_count(dy, 1); k++)
            DS_CHECK(ds_upload(executor, dy->storage, dy->offset + k, 1, &one));
        DS_CHECK(executor->run(executor, op, &run->trial.pass));
        DS_CHECK(executor->read(executor, dx->storage, dx->offset, ds_tensor_count(dx, 1),
                                run->slope + dx->offset));
    }
    return DS_OK;
}

/* Op by op: of those that are launched together, too, every tensor is shown. */
static ds_status run_ops(ds_sample_run *run) {
    const ds_plan *plan = run->trial.plan;
    for (int i = 0; i < plan->ops && plan->op[i].phase <= DS_PHASE_BACKWARD; i++)
        if (ds_op_runs(&plan->op[i], &run->trial.pass))
            DS_CHECK(run->trial.executor->run(run->trial.executor, &plan->op[i], &run->trial.pass));
    return DS_OK;
}

ds_status ds_sample_run_open(ds_sample_run *run, ds_device *device, const ds_sample *sample) {
    DS_CHECK(ds_trial_open(&run->trial, device, sample->model, sample->data, &sample->training,
                           sample->row, 1));
    const ds_units units = ds_units_of(sample->model->encoding, sample->training.loss,
                                       sample->training.loss_attribute);
    run->shift = units.shift / units.loss;
    DS_CHECK(run_ops(run));
    DS_CHECK(read_memory(run));
    return read_slopes(run);
}

void ds_sample_run_close(ds_sample_run *run) {
    ds_trial_close(&run->trial);
    for (int i = 0; i < DS_STORAGES; i++)
        ds_free(run->memory[i]);
    ds_free(run->slope);
}

double ds_sample_value(const ds_sample_run *run, int tensor, int64_t element) {
    const ds_tensor *from = &run->trial.plan->tensor[tensor];
    return run->memory[from->storage][from->offset + element];
}

double ds_sample_loss(const ds_sample_run *run, const ds_op *loss) {
    return ds_sample_value(run, loss->output[1], DS_RECORD_LOSS) + run->shift;
}

double ds_sample_slope(const ds_sample_run *run, int tensor, int64_t element) {
    return run->slope[run->trial.plan->tensor[tensor].offset + element];
}
