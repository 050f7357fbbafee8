/* The reference rounded to float32 after every op, as a device would have it, for tests that plant
 * faults in what it computes. */
#ifndef ROUNDED_EXECUTOR_H
#define ROUNDED_EXECUTOR_H

#include "outcome.h"
#include "reference/reference.h"

typedef struct rounded_executor {
    ds_executor base;
    ds_executor *honest;
} rounded_executor;

static inline ds_executor *rounded_inner(ds_executor *e) {
    return ((rounded_executor *)e)->honest;
}

static inline ds_status rounded_reserve(ds_executor *e, ds_storage storage, int64_t count) {
    return rounded_inner(e)->reserve(rounded_inner(e), storage, count);
}

static inline ds_status rounded_read(ds_executor *e, ds_storage storage, int64_t offset,
                                     int64_t count, double *values) {
    return rounded_inner(e)->read(rounded_inner(e), storage, offset, count, values);
}

static inline ds_status rounded_write(ds_executor *e, ds_storage storage, int64_t offset,
                                      int64_t count, const double *values) {
    for (int64_t i = 0; i < count; i++) {
        double rounded = (double)(float)values[i];
        DS_CHECK(rounded_inner(e)->write(rounded_inner(e), storage, offset + i, 1, &rounded));
    }
    return DS_OK;
}

static inline ds_status rounded_read_later(ds_executor *e, int ticket, ds_storage storage,
                                           int64_t offset, int64_t count) {
    return rounded_inner(e)->read_later(rounded_inner(e), ticket, storage, offset, count);
}

static inline ds_status rounded_arrive(ds_executor *e, int ticket, double *values) {
    return rounded_inner(e)->arrive(rounded_inner(e), ticket, values);
}

static inline ds_status rounded_flush(ds_executor *e) {
    return rounded_inner(e)->flush(rounded_inner(e));
}

static inline ds_status rounded_run(ds_executor *e, const ds_op *op, const ds_pass *pass) {
    DS_CHECK(rounded_inner(e)->run(rounded_inner(e), op, pass));
    for (int o = 0; o < op->outputs; o++) {
        if (op->output[o] == DS_ABSENT)
            continue;
        const ds_tensor *t = &e->plan->tensor[op->output[o]];
        int64_t slot = t->storage == DS_HISTORY ? pass->slot * DS_RECORD_SIZE : 0;
        for (int64_t i = 0; i < ds_tensor_count(t, pass->count); i++) {
            double value;
            DS_CHECK(rounded_read(e, t->storage, t->offset + slot + i, 1, &value));
            DS_CHECK(rounded_write(e, t->storage, t->offset + slot + i, 1, &value));
        }
    }
    return DS_OK;
}

/* `run` goes through rounded_run and plants what it likes. */
static inline void rounded_open(rounded_executor *e, const ds_plan *plan,
                                ds_status (*run)(ds_executor *, const ds_op *, const ds_pass *)) {
    e->base = (ds_executor){.plan = plan,
                            .reserve = rounded_reserve,
                            .write = rounded_write,
                            .read = rounded_read,
                            .read_later = rounded_read_later,
                            .arrive = rounded_arrive,
                            .flush = rounded_flush,
                            .run = run,
                            .run_passes = ds_run_ops_of_passes};
    DONE(ds_reference_executor_create(&e->honest, plan));
}

static inline void rounded_close(rounded_executor *e) {
    e->honest->destroy(e->honest);
}

#endif
