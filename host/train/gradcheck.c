/* ds_gradcheck: the gradient of every parameter on the first rows of a recipe's data. */
#include <string.h>

#include "check/checker.h"
#include "check/gradients.h"
#include "train/recipe.h"
#include "train/trial.h"

/* Floating-point operations spent on differences before fewer rows are taken, down to FEW_ROWS, and
 * then only some elements of a tensor. */
static const double budget = 5e10;

enum { FEW_ROWS = 4, EVALUATIONS = 4 /* of the loss, per parameter */ };

static double forward_cost(const ds_plan *plan) {
    double operations = 0;
    for (int i = 0; i < plan->ops; i++)
        if (plan->op[i].phase <= DS_PHASE_LOSS)
            operations += ds_op_cost(plan, &plan->op[i], 1).operations;
    return operations;
}

/* Of the differences of all parameters, on one row. */
static double difference_cost(const ds_model *model, const ds_plan *plan) {
    return EVALUATIONS * (double)model->values * forward_cost(plan);
}

/* The reference's gradients against finite differences, tensor by tensor. */
static ds_status judge_reference(ds_trial *trial, const ds_model *model, ds_text *out,
                                 int64_t *wrong) {
    ds_status status = DS_OK;
    double *gradients = NULL;
    int64_t values = model->values;
    int64_t stride =
        1 + (int64_t)(difference_cost(model, trial->plan) * (double)trial->pass.count / budget);
    DS_TRY(ds_new(&gradients, (size_t)values, sizeof *gradients));
    DS_TRY(ds_run_phases(trial->executor, DS_PHASE_FORWARD, DS_PHASE_BACKWARD, &trial->pass));
    DS_TRY(trial->executor->read(trial->executor, DS_GRADIENTS, 0, values, gradients));
    DS_TRY(ds_text_add(out, "%-24s %12s %12s %8s %22s\n", "parameter", "elements", "checked",
                       "wrong", "worst relative error"));
    for (int i = 0; i < trial->plan->tensors; i++) {
        const ds_tensor *tensor = &trial->plan->tensor[i];
        ds_gradient_verdict v;
        /* The last tensor of the parameters is the flat buffer as a whole. */
        if (tensor->storage != DS_PARAMETERS || strcmp(tensor->name, "parameters") == 0)
            continue;
        DS_TRY(ds_gradients_judge(trial->executor, &trial->pass, i, gradients, stride, &v));
        DS_TRY(ds_text_add(out, "%-24s %12lld %12lld %8lld %22.3g\n", tensor->name,
                           (long long)ds_tensor_count(tensor, 1), (long long)v.checked,
                           (long long)v.wrong, v.worst));
        if (v.wrong)
            DS_TRY(ds_text_add(out, "  %s[%lld]: gradient %.17g, finite difference %.17g\n",
                               tensor->name, (long long)v.first, v.got, v.expected));
        *wrong += v.wrong;
    }
    if (stride > 1)
        DS_TRY(ds_text_add(out, "one element in %lld was checked: all would take too long\n",
                           (long long)stride));

cleanup:
    ds_free(gradients);
    return status;
}

/* The device's ops, forward and backward, against the reference's from the same inputs. */
static ds_status judge_ops(ds_trial *trial, ds_text *out, int64_t *wrong) {
    const ds_plan *plan = trial->plan;
    int64_t rows = trial->pass.count;
    ds_check_options options = {.count = {[DS_FEATURES] = rows * trial->rows.features.columns,
                                          [DS_TARGETS] = rows * trial->rows.targets.columns,
                                          [DS_INDICES] = rows,
                                          [DS_HISTORY] = DS_RECORD_SIZE}};
    ds_check_report report = {0};
    DS_CHECK(ds_check_pass(trial->executor, &trial->pass, &options, &report));
    DS_CHECK(ds_text_add(
        out,
        "device: %lld elements of one update within the reference's bounds, "
        "worst error %.3g of its bound\n",
        (long long)(report.compared - report.undecided - report.wrong.count - report.elsewhere),
        report.worst_share));
    if (report.undecided)
        DS_CHECK(ds_text_add(out,
                             "device: %lld elements may overflow float32: any number was taken\n",
                             (long long)report.undecided));
    if (report.fault == DS_FAULT_NONE)
        return DS_OK;
    *wrong += report.fault != DS_FAULT_UNLIKELY;
    DS_CHECK(ds_check_describe(&report, plan, out));
    return ds_text_add(out, "\n");
}

/* Of kernels as they are, right or wrong. */
static ds_status judge_device(ds_device *device, const ds_model *model, const ds_data *data,
                              const ds_training *training, int64_t count, ds_text *out,
                              int64_t *wrong) {
    bool verified = ds_device_is_verified(device);
    ds_trial trial = {0};
    ds_device_verify(device, false);
    ds_status status = ds_trial_open(&trial, device, model, data, training, 0, count);
    ds_device_verify(device, verified);
    if (status == DS_OK)
        status = judge_ops(&trial, out, wrong);
    ds_trial_close(&trial);
    return status;
}

ds_status ds_gradcheck(const ds_recipe *recipe, ds_device *device, char **text) {
    ds_status status = DS_OK;
    ds_training training;
    ds_data *data = NULL;
    ds_model *model = NULL;
    ds_device *reference = NULL;
    ds_text notes = {0}, out = {0};
    ds_trial exact = {0};
    int64_t wrong = 0;
    DS_TRY(ds_recipe_open(recipe, &training, &data, &model, &notes));
    DS_TRY(ds_model_check_outputs(model, training.loss, ds_node_get(recipe->root, "model")));
    if (data->train.rows == 0) {
        status = ds_fail(DS_BAD_INPUT, "give it at least one row", "there is nothing to train on");
        goto cleanup;
    }
    int64_t count =
        training.batch && training.batch < data->train.rows ? training.batch : data->train.rows;
    DS_TRY(ds_device_open(&reference, "reference"));
    int64_t few = count;
    DS_TRY(ds_trial_open(&exact, reference, model, data, &training, 0, few));
    while (few > FEW_ROWS && difference_cost(model, exact.plan) * (double)few > budget)
        few = (few + 1) / 2;
    ds_trial_close(&exact);
    DS_TRY(ds_trial_open(&exact, reference, model, data, &training, 0, few));
    DS_TRY(judge_reference(&exact, model, &out, &wrong));
    if (!ds_device_is_reference(device))
        DS_TRY(judge_device(device, model, data, &training, count, &out, &wrong));
    DS_TRY(ds_text_add(&out, wrong ? "wrong\n" : "right\n"));
    DS_TRY(ds_text_take(&out, text));
    if (wrong)
        status = ds_fail(DS_WRONG_RESULT, "see the table", "gradcheck: a gradient is wrong");

cleanup:
    ds_trial_close(&exact);
    ds_device_close(reference);
    ds_text_clear(&notes);
    ds_text_clear(&out);
    ds_model_destroy(model);
    ds_data_destroy(data);
    return status;
}
