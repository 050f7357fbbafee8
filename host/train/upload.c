#include "train/upload.h"

#include "device/device.h"

static ds_status find(ds_executor *executor, bool ahead, ds_storage storage, int64_t offset,
                      int64_t count, const void *bits, ds_check_report *report) {
    int64_t lost;
    double got;
    if (!executor->compare)
        return DS_OK;
    DS_CHECK(executor->compare(executor, ahead, storage, offset, count, bits, &lost, &got));
    if (lost < 0)
        return DS_OK;
    const int32_t *whole = bits;
    const float *number = bits;
    *report = (ds_check_report){.fault = DS_FAULT_LOST,
                                .storage = storage,
                                .tensor = DS_ABSENT,
                                .element = offset + lost,
                                .got = got,
                                .expected = ds_storage_element(storage) == DS_INT32
                                                ? (double)whole[lost]
                                                : (double)number[lost]};
    return DS_OK;
}

ds_status ds_find_lost(ds_executor *executor, ds_storage storage, int64_t offset, int64_t count,
                       const void *bits, ds_check_report *report) {
    return find(executor, false, storage, offset, count, bits, report);
}

/* Parameters and moments have names. */
static void name_tensor(const ds_plan *plan, ds_check_report *report) {
    for (int i = 0; i < plan->tensors && report->tensor == DS_ABSENT; i++) {
        const ds_tensor *t = &plan->tensor[i];
        int64_t element = report->element - t->offset;
        if (t->storage != report->storage || t->per_sample || element < 0 ||
            element >= ds_tensor_count(t, 1))
            continue;
        report->tensor = i;
        report->element = element;
    }
}

ds_status ds_tell_lost(const ds_plan *plan, const ds_check_report *report, const char *place) {
    ds_text text = {0};
    ds_check_report named = *report;
    name_tensor(plan, &named);
    ds_status status = ds_check_describe(&named, plan, &text);
    if (status == DS_OK)
        status = ds_fail(DS_WRONG_RESULT, ds_untrustworthy, "%s%s", place, text.characters);
    ds_text_clear(&text);
    return status;
}

static ds_status compare(ds_executor *executor, bool ahead, ds_storage storage, int64_t offset,
                         int64_t count, const void *bits) {
    ds_check_report report = {0};
    DS_CHECK(find(executor, ahead, storage, offset, count, bits, &report));
    return report.fault == DS_FAULT_NONE ? DS_OK : ds_tell_lost(executor->plan, &report, "");
}

ds_status ds_upload(ds_executor *executor, ds_storage storage, int64_t offset, int64_t count,
                    const double *values) {
    enum { BLOCK = 1 << 16 };
    ds_status status = DS_OK;
    float *numbers = NULL;
    int64_t block = count < BLOCK ? count : BLOCK;
    DS_TRY(executor->write(executor, storage, offset, count, values));
    DS_TRY(ds_new(&numbers, (size_t)block, sizeof *numbers));
    int32_t *whole = (int32_t *)numbers;
    for (int64_t done = 0; done < count && executor->compare; done += block) {
        int64_t now = count - done < block ? count - done : block;
        for (int64_t i = 0; i < now; i++)
            if (ds_storage_element(storage) == DS_INT32)
                whole[i] = (int32_t)values[done + i];
            else
                numbers[i] = (float)values[done + i];
        DS_TRY(compare(executor, false, storage, offset + done, now, numbers));
    }

cleanup:
    ds_free(numbers);
    return status;
}

ds_status ds_upload_floats(ds_executor *executor, ds_storage storage, int64_t offset, int64_t count,
                           const float *values) {
    DS_CHECK(executor->write_floats(executor, storage, offset, count, values));
    return compare(executor, false, storage, offset, count, values);
}

ds_status ds_upload_indices(ds_executor *executor, int64_t offset, int64_t count,
                            const int32_t *values) {
    DS_CHECK(executor->write_indices(executor, offset, count, values));
    return compare(executor, false, DS_INDICES, offset, count, values);
}

ds_status ds_upload_ahead(ds_executor *executor, ds_storage storage, int64_t count,
                          const float *values) {
    DS_CHECK(executor->write_ahead(executor, storage, count, values));
    return compare(executor, true, storage, 0, count, values);
}
