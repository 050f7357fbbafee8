/* Passes that run together are as many that run one after the other, bit for bit. */
#include "base/whole.h"
#include "check/checker.h"

/* What passes leave. */
static const ds_storage left[] = {DS_PARAMETERS, DS_MOMENTS, DS_STATUS, DS_HISTORY};
enum { LEFT = sizeof left / sizeof *left, HISTORY = LEFT - 1 };

/* Of these storages a part: of the history what lies between the first and the last record. */
typedef struct part {
    int64_t offset, count;
    double *before, *together, *alone;
} part;

static ds_status find_parts(part parts[LEFT], const ds_plan *plan, const ds_pass *pass,
                            int64_t count) {
    int64_t first = pass->slot, last = pass->slot;
    for (int64_t p = 1; p < count; p++) {
        first = ds_least(first, pass[p].slot);
        last = ds_most(last, pass[p].slot);
    }
    for (int i = 0; i < LEFT; i++) {
        part *p = &parts[i];
        *p = (part){.count = plan->storage_count[left[i]]};
        if (i == HISTORY)
            *p = (part){.offset = first * DS_RECORD_SIZE,
                        .count = (last - first + 1) * DS_RECORD_SIZE};
        double **const all[] = {&p->before, &p->together, &p->alone};
        for (int k = 0; k < 3; k++)
            DS_CHECK(ds_new(all[k], (size_t)p->count, sizeof **all));
    }
    return DS_OK;
}

static ds_status read_parts(ds_executor *executor, const part parts[LEFT], int which) {
    for (int i = 0; i < LEFT; i++) {
        double *const into[] = {parts[i].before, parts[i].together, parts[i].alone};
        if (parts[i].count)
            DS_CHECK(
                executor->read(executor, left[i], parts[i].offset, parts[i].count, into[which]));
    }
    return DS_OK;
}

/* One after the other, then together: what a recording tells is the dispatch. */
static ds_status run(ds_executor *executor, const part parts[LEFT], const ds_pass *pass,
                     int64_t count) {
    DS_CHECK(read_parts(executor, parts, 0));
    for (int64_t p = 0; p < count; p++)
        DS_CHECK(executor->run_passes(executor, &pass[p], 1));
    DS_CHECK(read_parts(executor, parts, 2));
    for (int i = 0; i < LEFT; i++)
        if (parts[i].count)
            DS_CHECK(executor->write(executor, left[i], parts[i].offset, parts[i].count,
                                     parts[i].before));
    DS_CHECK(executor->run_passes(executor, pass, count));
    for (int i = 0; i < HISTORY && executor->expect; i++)
        if (parts[i].count)
            DS_CHECK(executor->expect(executor, left[i], parts[i].count, parts[i].alone, NULL));
    return read_parts(executor, parts, 1);
}

ds_status ds_check_passes(ds_executor *executor, const ds_pass *pass, int64_t count,
                          ds_check_report *report) {
    ds_status status = DS_OK;
    part parts[LEFT] = {{0}};
    DS_TRY(find_parts(parts, executor->plan, pass, count));
    DS_TRY(run(executor, parts, pass, count));
    for (int i = 0; i < LEFT; i++)
        for (int64_t k = 0; k < parts[i].count; k++) {
            double together = parts[i].together[k], alone = parts[i].alone[k];
            ds_check_report one = {
                .compared = 1, .tensor = DS_ABSENT, .got = together, .expected = alone};
            if (!ds_same_bits(together, alone))
                ds_report_fault(&one, DS_FAULT_TOGETHER, left[i], parts[i].offset + k);
            ds_check_add(report, &one);
        }

cleanup:
    for (int i = 0; i < LEFT; i++) {
        ds_free(parts[i].before);
        ds_free(parts[i].together);
        ds_free(parts[i].alone);
    }
    return status;
}
