/* The plan of a recipe, for a person. */
#include "train/recipe.h"
#include "train/trainer.h"

static ds_status describe_tensor(const ds_plan *plan, int index, ds_text *out) {
    char shape[64];
    if (index == DS_ABSENT)
        return DS_OK;
    const ds_tensor *tensor = &plan->tensor[index];
    return ds_text_add(out, " %s[%s%s]", tensor->name, tensor->per_sample ? "N x " : "",
                       ds_shape_print(&tensor->shape, shape));
}

static ds_status describe_op(ds_executor *executor, const ds_op *op, int64_t batch, ds_text *out) {
    const ds_plan *plan = executor->plan;
    char name[64];
    ds_cost cost = ds_op_cost(plan, op, batch);
    ds_op_name(op, name);
    DS_CHECK(ds_text_add(out, "%-9s %-22s %12.0f %12.0f  ", ds_phase_name(op->phase), name,
                         cost.operations, cost.bytes));
    DS_CHECK(executor->describe(executor, op, out));
    DS_CHECK(ds_text_add(out, "\n%-9s   ", ""));
    for (int i = 0; i < op->inputs; i++)
        DS_CHECK(describe_tensor(plan, op->input[i], out));
    DS_CHECK(ds_text_add(out, " ->"));
    for (int i = 0; i < op->outputs; i++)
        DS_CHECK(describe_tensor(plan, op->output[i], out));
    return ds_text_add(out, "\n");
}

static ds_status describe_sum(const char *first, const char *of, ds_cost sum, ds_text *out) {
    return ds_text_add(out, "%-9s %-22s %12.0f %12.0f\n", first, of, sum.operations, sum.bytes);
}

/* What each phase costs, and all of them together. */
static ds_status describe_sums(const ds_trainer *t, ds_text *out) {
    const ds_plan *plan = t->plan;
    ds_cost all = {0};
    for (ds_phase phase = DS_PHASE_FORWARD; phase <= DS_PHASE_UPDATE; phase++) {
        ds_cost sum = {0};
        int ops = 0;
        for (int i = 0; i < plan->ops; i++) {
            if (!plan->op[i].in_training || plan->op[i].phase != phase)
                continue;
            ds_cost cost = ds_op_cost(plan, &plan->op[i], t->batch);
            sum.operations += cost.operations;
            sum.bytes += cost.bytes;
            ops++;
        }
        if (ops)
            DS_CHECK(describe_sum("subtotal", ds_phase_name(phase), sum, out));
        all.operations += sum.operations;
        all.bytes += sum.bytes;
    }
    return describe_sum("total", "one update", all, out);
}

static ds_status describe_plan(const ds_trainer *t, ds_text *out) {
    const ds_plan *plan = t->plan;
    DS_CHECK(ds_text_add(out,
                         "device     %s\nplan_hash  %s\nbatch      N = %lld, %lld update%s an "
                         "epoch, %lld in all\n",
                         ds_device_name(t->device), t->plan_hash, (long long)t->batch,
                         (long long)t->batches, t->batches == 1 ? "" : "s",
                         (long long)t->total_updates));
    DS_CHECK(ds_text_add(out, "data       %s\nkernels    ",
                         ds_feed_streams(t->feed) ? "streamed in two halves" : "on the device"));
    DS_CHECK(t->executor->summarize(t->executor, out));
    DS_CHECK(ds_text_add(out, "\n\n"));
    DS_CHECK(ds_text_add(out, "%-9s %-22s %12s %12s  %s\n", "phase", "op", "operations", "bytes",
                         "kernel"));
    for (int i = 0; i < plan->ops; i++) {
        const ds_op *op = &plan->op[i];
        if (!op->in_training)
            continue;
        DS_CHECK(describe_op(t->executor, op, t->batch, out));
    }
    DS_CHECK(ds_text_add(out, "\n"));
    DS_CHECK(describe_sums(t, out));
    DS_CHECK(ds_text_add(out, "\nmemory"));
    for (int i = 0; i < DS_STORAGES; i++)
        if (plan->storage_count[i])
            DS_CHECK(ds_text_add(out, "%s %s %lld bytes", i ? "," : "",
                                 ds_storage_name((ds_storage)i),
                                 4 * (long long)plan->storage_count[i]));
    return ds_text_add(out, "\n");
}

ds_status ds_explain(const ds_recipe *recipe, ds_device *device, char **text) {
    ds_status status = DS_OK;
    ds_training training;
    ds_data *data = NULL;
    ds_model *model = NULL;
    ds_trainer *trainer = NULL;
    ds_text notes = {0}, out = {0};
    DS_TRY(ds_recipe_open(recipe, &training, &data, &model, &notes));
    DS_TRY(ds_trainer_open(&trainer, model, data, device, &training, recipe->root, &notes));
    DS_TRY(describe_plan(trainer, &out));
    DS_TRY(ds_text_take(&out, text));

cleanup:
    ds_text_clear(&notes);
    ds_text_clear(&out);
    ds_trainer_destroy(trainer);
    ds_model_destroy(model);
    ds_data_destroy(data);
    return status;
}
