/* Runs a plan in double precision on the CPU, op by op, at once. */
#include <string.h>

#include "reference/reference.h"

typedef struct reference_executor {
    ds_executor base;
    ds_reference_memory memory;
    double *later[DS_TICKETS]; /* what was read, until it is asked for */
    int64_t later_count[DS_TICKETS];
} reference_executor;

static reference_executor *self(ds_executor *executor) {
    return (reference_executor *)executor;
}

static ds_status reserve(ds_executor *executor, ds_storage storage, int64_t count) {
    double **value = &self(executor)->memory.value[storage];
    double *room = NULL;
    DS_CHECK(ds_new(&room, (size_t)(count + DS_PADDING), sizeof *room));
    ds_free(*value);
    *value = room;
    return DS_OK;
}

static ds_status write(ds_executor *executor, ds_storage storage, int64_t offset, int64_t count,
                       const double *values) {
    memcpy(self(executor)->memory.value[storage] + offset, values, (size_t)count * sizeof *values);
    return DS_OK;
}

static ds_status write_floats(ds_executor *executor, ds_storage storage, int64_t offset,
                              int64_t count, const float *values) {
    double *to = self(executor)->memory.value[storage] + offset;
    for (int64_t i = 0; i < count; i++)
        to[i] = (double)values[i];
    return DS_OK;
}

static ds_status write_indices(ds_executor *executor, int64_t offset, int64_t count,
                               const int32_t *values) {
    double *to = self(executor)->memory.value[DS_INDICES] + offset;
    for (int64_t i = 0; i < count; i++)
        to[i] = (double)values[i];
    return DS_OK;
}

static ds_status read(ds_executor *executor, ds_storage storage, int64_t offset, int64_t count,
                      double *values) {
    memcpy(values, self(executor)->memory.value[storage] + offset, (size_t)count * sizeof *values);
    return DS_OK;
}

static ds_status read_later(ds_executor *executor, int ticket, ds_storage storage, int64_t offset,
                            int64_t count) {
    reference_executor *this = self(executor);
    ds_free(this->later[ticket]);
    this->later[ticket] = NULL;
    this->later_count[ticket] = count;
    DS_CHECK(ds_new(&this->later[ticket], (size_t)count, sizeof(double)));
    return read(executor, storage, offset, count, this->later[ticket]);
}

static ds_status arrive(ds_executor *executor, int ticket, double *values) {
    const reference_executor *this = self(executor);
    memcpy(values, this->later[ticket], (size_t)this->later_count[ticket] * sizeof *values);
    return DS_OK;
}

static ds_status run(ds_executor *executor, const ds_op *op, const ds_pass *pass) {
    ds_reference_call call = {executor->plan, op, pass, &self(executor)->memory};
    ds_reference_of(op)(&call);
    return DS_OK;
}

static ds_status nothing(ds_executor *executor) {
    (void)executor;
    return DS_OK;
}

static ds_status describe(ds_executor *executor, const ds_op *op, ds_text *out) {
    (void)executor, (void)op;
    return ds_text_add(out, "reference");
}

static ds_status summarize(ds_executor *executor, ds_text *out) {
    (void)executor;
    return ds_text_add(out, "op by op, in double precision");
}

static void destroy(ds_executor *executor) {
    if (!executor)
        return;
    for (int s = 0; s < DS_STORAGES; s++)
        ds_free(self(executor)->memory.value[s]);
    for (int i = 0; i < DS_TICKETS; i++)
        ds_free(self(executor)->later[i]);
    ds_free(executor);
}

ds_status ds_reference_executor_create(ds_executor **out, const ds_plan *plan) {
    ds_status status;
    reference_executor *made = NULL;
    DS_CHECK(ds_new(&made, 1, sizeof *made));
    made->base = (ds_executor){.plan = plan,
                               .reserve = reserve,
                               .write = write,
                               .write_floats = write_floats,
                               .write_indices = write_indices,
                               .read = read,
                               .read_later = read_later,
                               .arrive = arrive,
                               .run = run,
                               .run_passes = ds_run_ops_of_passes,
                               .flush = nothing,
                               .finish = nothing,
                               .describe = describe,
                               .summarize = summarize,
                               .destroy = destroy};
    for (int s = 0; s < DS_STORAGES; s++)
        DS_TRY(reserve(&made->base, (ds_storage)s, plan->storage_count[s]));
    *out = &made->base;
    return DS_OK;
cleanup:
    destroy(&made->base);
    return status;
}
