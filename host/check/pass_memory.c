#include "check/pass_memory.h"

#include <math.h>
#include <string.h>

const ds_storage ds_rows_of_batch[2] = {DS_FEATURES, DS_TARGETS};

int64_t ds_pass_columns(const ds_plan *plan, ds_storage storage) {
    int tensor = storage == DS_FEATURES ? plan->features : plan->targets;
    return tensor == DS_ABSENT ? 0 : ds_shape_count(&plan->tensor[tensor].shape);
}

int64_t ds_pass_room(const ds_plan *plan, ds_storage storage) {
    if (storage == DS_FEATURES || storage == DS_TARGETS)
        return plan->batch * ds_pass_columns(plan, storage);
    if (storage == DS_INDICES)
        return plan->batch;
    if (storage == DS_HISTORY)
        return DS_RECORD_SIZE;
    return plan->storage_count[storage] ? plan->storage_count[storage] + DS_PADDING : 0;
}

ds_status ds_pass_read(ds_executor *executor, const ds_storage *storage, int storages,
                       const ds_pass *pass, double *const out[DS_STORAGES]) {
    for (int i = 0; i < storages; i++) {
        int64_t offset = storage[i] == DS_HISTORY ? pass->slot * DS_RECORD_SIZE : 0;
        int64_t count = ds_pass_room(executor->plan, storage[i]);
        if (count)
            DS_CHECK(executor->read_later(executor, DS_TICKETS_OF_CHECKER + i, storage[i], offset,
                                          count));
    }
    DS_CHECK(executor->flush(executor));
    for (int i = 0; i < storages; i++)
        if (ds_pass_room(executor->plan, storage[i]))
            DS_CHECK(executor->arrive(executor, DS_TICKETS_OF_CHECKER + i, out[storage[i]]));
    return DS_OK;
}

/* All rows between the first and the last in one go where that is less to wait for than one after
 * the other. */
static ds_status read_rows(ds_executor *executor, ds_storage storage, const double *index,
                           int64_t count, double *out) {
    enum { ELEMENTS_OF_A_WAIT = 1 << 14, MOST_ELEMENTS = 1 << 22 };
    ds_status status = DS_OK;
    int64_t columns = ds_pass_columns(executor->plan, storage);
    double least = index[0], most = index[0], *range = NULL;
    for (int64_t n = 1; n < count; n++) {
        least = fmin(least, index[n]);
        most = fmax(most, index[n]);
    }
    int64_t first = (int64_t)least, rows = (int64_t)most - first + 1;
    bool together = rows * columns <= count * ELEMENTS_OF_A_WAIT && rows * columns <= MOST_ELEMENTS;
    if (!together && rows > 2 * count) {
        for (int64_t n = 0; n < count; n++)
            DS_CHECK(executor->read(executor, storage, (int64_t)index[n] * columns, columns,
                                    out + n * columns));
        return DS_OK;
    }
    DS_CHECK(ds_new(&range, (size_t)(rows * columns), sizeof *range));
    DS_TRY(executor->read_later(executor, DS_TICKETS_OF_CHECKER, storage, first * columns,
                                rows * columns));
    DS_TRY(executor->arrive(executor, DS_TICKETS_OF_CHECKER, range));
    for (int64_t n = 0; n < count; n++)
        memcpy(out + n * columns, range + ((int64_t)index[n] - first) * columns,
               (size_t)columns * sizeof *out);

cleanup:
    ds_free(range);
    return status;
}

ds_status ds_pass_read_rows(ds_executor *executor, const ds_pass *pass, const double *index,
                            double *const out[DS_STORAGES]) {
    for (int i = 0; i < 2; i++)
        if (ds_pass_columns(executor->plan, ds_rows_of_batch[i]))
            DS_CHECK(read_rows(executor, ds_rows_of_batch[i], index, pass->count,
                               out[ds_rows_of_batch[i]]));
    return DS_OK;
}
