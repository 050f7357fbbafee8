#include "check/judged.h"

#include <math.h>
#include <string.h>

#include "reference/bounded.h"

ds_span ds_span_of(const ds_plan *plan, int tensor, const ds_pass *pass) {
    const ds_tensor *t = &plan->tensor[tensor];
    int64_t offset = t->offset + (t->storage == DS_HISTORY ? pass->slot * DS_RECORD_SIZE : 0);
    return (ds_span){t->storage, offset, ds_tensor_count(t, pass->count)};
}

/* ---- memory ---- */

ds_status ds_image_create(ds_image *image, const int64_t count[DS_STORAGES], bool expected) {
    ds_status status = DS_OK;
    *image = (ds_image){0};
    for (int s = 0; s < DS_STORAGES; s++) {
        double **const all[] = {&image->value[s], &image->bound[s],    &image->got[s],
                                &image->held[s],  &image->expected[s], &image->margin[s]};
        image->count[s] = count[s];
        for (int i = 0; i < (expected ? 6 : 4); i++)
            DS_TRY(ds_new(all[i], (size_t)count[s], sizeof(double)));
        DS_TRY(ds_new(&image->owner[s], (size_t)count[s], sizeof(int)));
    }

cleanup:
    if (status != DS_OK)
        ds_image_clear(image);
    return status;
}

void ds_image_clear(ds_image *image) {
    for (int s = 0; s < DS_STORAGES; s++) {
        ds_free(image->value[s]);
        ds_free(image->bound[s]);
        ds_free(image->got[s]);
        ds_free(image->held[s]);
        ds_free(image->expected[s]);
        ds_free(image->margin[s]);
        ds_free(image->owner[s]);
    }
    *image = (ds_image){0};
}

/* ---- owners ---- */

const ds_op *ds_judged_writer(const ds_judged *judged, int tensor, int *output) {
    for (int k = 0; k < judged->ops; k++)
        for (int i = 0; i < judged->op[k].outputs; i++)
            if (judged->op[k].output[i] == tensor) {
                *output = i;
                return &judged->op[k];
            }
    return NULL;
}

static bool runs(const ds_judged *j, const ds_op *op) {
    return !j->whole || ds_op_runs(op, j->pass);
}

ds_status ds_judged_hide(bool **hidden, ds_executor *executor, bool whole) {
    const ds_plan *plan = executor->plan;
    DS_CHECK(ds_new(hidden, (size_t)plan->tensors, sizeof **hidden));
    for (int t = 0; t < plan->tensors && whole; t++)
        (*hidden)[t] = plan->tensor[t].storage == DS_ACTIVATIONS && !plan->tensor[t].per_sample;
    for (int i = 0, ops; i < plan->ops && !whole; i += ops) {
        ops = ds_ops_together(executor, i);
        for (int k = i; k + 1 < i + ops; k++)
            if (!ds_tensor_is_read_outside(plan, plan->op[k + 1].input[0], &plan->op[i], ops))
                (*hidden)[plan->op[k + 1].input[0]] = true;
    }
    return DS_OK;
}

static bool is_seen(const ds_judged *j, int tensor) {
    return tensor != DS_ABSENT && !(j->hidden && j->hidden[tensor]);
}

static void own(const ds_judged *j, const ds_image *image, int tensor, int owner) {
    ds_span s = ds_span_of(j->plan, tensor, j->pass);
    for (int64_t i = 0; i < s.count; i++)
        image->owner[s.storage][s.offset + i] = owner;
}

void ds_judged_own(const ds_judged *j, const ds_image *image) {
    for (int s = 0; s < DS_STORAGES; s++)
        for (int64_t i = 0; i < image->count[s]; i++)
            image->owner[s][i] = DS_NO_OUTPUT;
    for (int k = 0; k < j->ops; k++) {
        const ds_op *op = &j->op[k];
        if (runs(j, op) && op->scratch != DS_ABSENT)
            own(j, image, op->scratch, DS_SCRATCH);
        for (int i = 0; i < op->outputs && runs(j, op); i++)
            if (op->output[i] != DS_ABSENT)
                own(j, image, op->output[i],
                    is_seen(j, op->output[i]) ? op->output[i] : DS_SCRATCH);
    }
}

/* ---- comparison ---- */

/* One output that is seen. */
static void compare_output(const ds_judged *j, const ds_image *image, const ds_op *op, int tensor,
                           ds_fault fault, ds_check_report *report) {
    ds_span where = ds_span_of(j->plan, tensor, j->pass);
    for (int64_t i = where.offset; i < where.offset + where.count; i++) {
        double got = image->got[where.storage][i], bound = image->bound[where.storage][i], share;
        bool doubtful = isinf(bound) != 0;
        bool right = ds_is_within(got, image->value[where.storage][i], bound, &share);
        report->compared++;
        report->undecided += doubtful;
        report->worst_share = fmax(report->worst_share, share);
        if (right || (j->lenient && doubtful))
            continue;
        ds_check_report found = {
            .got = got, .expected = image->value[where.storage][i], .bound = bound};
        ds_report_fault(&found, fault, where.storage, i);
        ds_judged_locate(j, tensor, &found);
        found.op = op;
        ds_check_add(report, &found);
    }
}

/* What an op's outputs, seen or not, are in the image: kept, or given back. */
static void hold(const ds_judged *j, const ds_image *image, const ds_op *op, bool back) {
    for (int o = 0; o < op->outputs; o++) {
        if (op->output[o] == DS_ABSENT)
            continue;
        ds_span s = ds_span_of(j->plan, op->output[o], j->pass);
        double *value = image->value[s.storage] + s.offset;
        double *kept = image->held[s.storage] + s.offset;
        memcpy(back ? value : kept, back ? kept : value, (size_t)s.count * sizeof *value);
        if (back)
            memset(image->bound[s.storage] + s.offset, 0, (size_t)s.count * sizeof *value);
    }
}

/* The op's outputs by its inputs, compared as far as they are seen. */
static void compare_op(const ds_judged *j, const ds_image *image, const ds_op *op, ds_bounds bounds,
                       ds_check_report *report) {
    ds_reference_memory memory = {.most = j->most};
    for (int s = 0; s < DS_STORAGES; s++) {
        memory.value[s] = image->value[s];
        memory.bound[s] = image->bound[s];
    }
    ds_reference_call call = {j->plan, op, j->pass, &memory};
    ds_bounds_choose(bounds);
    ds_reference_of(op)(&call);
    ds_bounds_choose(DS_ALWAYS);
    for (int o = 0; o < op->outputs; o++)
        if (is_seen(j, op->output[o]))
            compare_output(j, image, op, op->output[o],
                           bounds == DS_LIKELY ? DS_FAULT_UNLIKELY : DS_FAULT_WRONG, report);
}

/* What is seen is what the next op begins with. */
static void adopt(const ds_judged *j, const ds_image *image, const ds_op *op) {
    for (int o = 0; o < op->outputs; o++) {
        if (!is_seen(j, op->output[o]))
            continue;
        ds_span s = ds_span_of(j->plan, op->output[o], j->pass);
        const size_t bytes = (size_t)s.count * sizeof(double);
        double *value = image->value[s.storage] + s.offset,
               *bound = image->bound[s.storage] + s.offset;
        if (image->expected[s.storage]) {
            memcpy(image->expected[s.storage] + s.offset, value, bytes);
            memcpy(image->margin[s.storage] + s.offset, bound, bytes);
        }
        memcpy(value, image->got[s.storage] + s.offset, bytes);
        memset(bound, 0, bytes);
    }
}

/* The bounds that always hold of what the op before has left unseen. */
static void bound_hidden(const ds_judged *j, const ds_image *image, int k) {
    const ds_op *before = &j->op[k - 1];
    bool hides = false;
    for (int o = 0; k > 0 && o < before->outputs; o++)
        hides |= before->output[o] != DS_ABSENT && !is_seen(j, before->output[o]);
    if (!hides || !runs(j, before))
        return;
    compare_op(j, image, before, DS_ALWAYS, &(ds_check_report){0});
    adopt(j, image, before);
}

void ds_judged_outputs(const ds_judged *j, const ds_image *image,
                       const ds_judged_listener *listener, ds_check_report *report) {
    for (int k = 0; k < j->ops; k++) {
        const ds_op *op = &j->op[k];
        ds_check_report likely = {0}, always = {0};
        if (!runs(j, op))
            continue;
        hold(j, image, op, false);
        compare_op(j, image, op, DS_LIKELY, &likely);
        if (likely.fault != DS_FAULT_NONE) { /* beyond what is likely: and beyond all bounds? */
            bound_hidden(j, image, k);
            hold(j, image, op, true);
            compare_op(j, image, op, DS_ALWAYS, &always);
            likely.worst_share = always.worst_share;
        }
        ds_check_add(report, always.fault != DS_FAULT_NONE ? &always : &likely);
        adopt(j, image, op);
        if (listener)
            listener->behind(listener->context, op);
    }
}

void ds_judged_rest(const ds_judged *j, const ds_image *image, ds_storage s, const double *before,
                    const double *behind, ds_check_report *report) {
    size_t bytes = (size_t)image->count[s] * sizeof(double);
    if (bytes == 0 || memcmp(before, behind, bytes) == 0)
        return;
    for (int64_t i = 0; i < image->count[s]; i++) {
        if (image->owner[s][i] != DS_NO_OUTPUT || ds_same_bits(before[i], behind[i]))
            continue;
        ds_check_report found = {.got = behind[i], .expected = before[i]};
        ds_report_fault(&found, DS_FAULT_CHANGED, s, i);
        ds_judged_locate(j, DS_NO_OUTPUT, &found);
        ds_check_add(report, &found);
    }
}

/* ---- runs ---- */

ds_status ds_judged_run(const ds_judged *judged, ds_executor *executor) {
    if (judged->whole)
        return executor->run_passes(executor, judged->pass, 1);
    return judged->ops == 1
               ? executor->run(executor, judged->op, judged->pass)
               : ds_run_together(executor, (int)(judged->op - judged->plan->op), judged->pass);
}

/* ---- places ---- */

static bool holds(const ds_judged *j, int tensor, const ds_check_report *report) {
    const ds_tensor *t = &j->plan->tensor[tensor];
    ds_span where = ds_span_of(j->plan, tensor, j->pass);
    if (t->per_sample && where.storage == DS_ACTIVATIONS)
        where.count = ds_tensor_count(t, j->plan->batch);
    return where.storage == report->storage && report->element >= where.offset &&
           report->element < where.offset + where.count;
}

/* Whether memory that others use before or after is a tensor's now. */
static bool is_alive(const ds_judged *j, int tensor) {
    const ds_tensor *t = &j->plan->tensor[tensor];
    ptrdiff_t op = j->op ? j->op - j->plan->op : 0;
    return t->storage != DS_ACTIVATIONS || j->whole ||
           (t->first_op < op + j->ops && op <= t->last_op);
}

void ds_judged_locate(const ds_judged *judged, int owner, ds_check_report *report) {
    const ds_plan *plan = judged->plan;
    int output;
    report->tensor = owner >= 0 ? owner : DS_ABSENT;
    report->op = owner >= 0      ? ds_judged_writer(judged, owner, &output)
                 : judged->whole ? NULL
                                 : judged->op;
    for (int i = 0; i < plan->tensors && report->tensor == DS_ABSENT; i++)
        if (holds(judged, i, report) && is_alive(judged, i))
            report->tensor = i;
    if (report->tensor == DS_ABSENT)
        return;
    ds_span where = ds_span_of(plan, report->tensor, judged->pass);
    report->element -= where.offset;
    report->all = where.count;
}
