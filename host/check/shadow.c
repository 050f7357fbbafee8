#include "check/shadow.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "check/checker.h"
#include "check/judged.h"
#include "check/pass_memory.h"
#include "check/twin.h"
#include "ops/memory_plan.h"

/* What the device holds, as far as a pass can see it: of features, targets and indices the rows of
 * the batch alone, of the history its one record. So the pass has other places in the image. */
struct ds_shadow {
    ds_executor *executor;
    ds_twin twin;    /* of portable plans */
    ds_plan *apart;  /* of passes that run whole; NULL where none do */
    bool *hidden[2]; /* see ds_judged; of passes op by op, and whole */
    bool whole;      /* the last pass was */
    ds_image image;
    ds_pass pass;                /* in the image */
    double *before[DS_STORAGES]; /* parameters and moments before the last pass */
    double *left[DS_STORAGES];   /* and behind the last update that was judged: */
    uint64_t left_by;            /* its number; 0: there is none */
    bool undone;                 /* the device holds `before` again */
    int64_t *unlikely;           /* per tensor: in so many passes a number was so */
    bool again;                  /* the doubt is the second of its tensor */
    ds_check_report doubt;       /* that nobody was told of */
    ds_not_finite not_finite;
};

static const ds_storage trained[] = {DS_PARAMETERS, DS_MOMENTS};

/* What is looked at; the last two are told by whole passes. */
static const ds_storage in_order[] = {DS_HISTORY, DS_STATUS,    DS_PARAMETERS,
                                      DS_MOMENTS, DS_GRADIENTS, DS_ACTIVATIONS};
enum { IN_ORDER = sizeof in_order / sizeof *in_order, OF_WHOLE_PASSES = IN_ORDER - 2 };

static int looked_at(const ds_shadow *shadow) {
    return shadow->whole ? OF_WHOLE_PASSES : IN_ORDER;
}

/* As the image is laid out. */
static const ds_plan *plan_of(const ds_shadow *shadow) {
    return shadow->whole ? shadow->apart : shadow->executor->plan;
}

/* ---- creation ---- */

ds_status ds_shadow_create(ds_shadow **out, ds_executor *executor, const ds_device *device) {
    ds_status status = DS_OK;
    ds_shadow *shadow = NULL;
    int64_t count[DS_STORAGES];
    DS_TRY(ds_new(&shadow, 1, sizeof *shadow));
    shadow->executor = executor;
    if (executor->run_shown)
        DS_TRY(ds_plan_apart(&shadow->apart, executor->plan));
    for (int whole = 0; whole < 2; whole++)
        DS_TRY(ds_judged_hide(&shadow->hidden[whole], executor, whole));
    /* Apart tensors take more room, if anything. */
    for (int s = 0; s < DS_STORAGES; s++)
        count[s] = ds_pass_room(shadow->apart ? shadow->apart : executor->plan, (ds_storage)s);
    if (executor->plan->portable)
        DS_TRY(ds_twin_open(&shadow->twin, executor->plan, device, count));
    DS_TRY(ds_image_create(&shadow->image, count, false));
    DS_TRY(ds_new(&shadow->unlikely, (size_t)executor->plan->tensors, sizeof *shadow->unlikely));
    for (int i = 0; i < 2; i++) {
        size_t values = (size_t)count[trained[i]];
        DS_TRY(ds_new(&shadow->before[trained[i]], values, sizeof(double)));
        DS_TRY(ds_new(&shadow->left[trained[i]], values, sizeof(double)));
    }
    *out = shadow;
    shadow = NULL;

cleanup:
    ds_shadow_destroy(shadow);
    return status;
}

void ds_shadow_destroy(ds_shadow *shadow) {
    if (!shadow)
        return;
    for (int s = 0; s < DS_STORAGES; s++) {
        ds_free(shadow->before[s]);
        ds_free(shadow->left[s]);
    }
    ds_image_clear(&shadow->image);
    ds_twin_close(&shadow->twin);
    ds_free(shadow->unlikely);
    ds_free(shadow->hidden[0]);
    ds_free(shadow->hidden[1]);
    ds_plan_destroy(shadow->apart);
    ds_free(shadow);
}

void ds_shadow_forget(ds_shadow *shadow) {
    shadow->left_by = 0;
    shadow->undone = false;
}

const double *ds_shadow_kept(const ds_shadow *shadow, ds_storage storage) {
    return shadow->undone ? shadow->before[storage] : NULL;
}

double ds_shadow_number(const ds_shadow *shadow, int tensor) {
    const ds_tensor *t = &plan_of(shadow)->tensor[tensor];
    return shadow->image.value[t->storage][t->offset];
}

ds_check_report ds_shadow_doubt(ds_shadow *shadow, bool *again) {
    ds_check_report doubt = shadow->doubt;
    *again = shadow->again;
    shadow->doubt = (ds_check_report){0};
    return doubt;
}

const ds_not_finite *ds_shadow_not_finite(const ds_shadow *shadow) {
    return &shadow->not_finite;
}

/* ---- memory that must have stayed as it was ---- */

static void report_lost(const ds_shadow *shadow, ds_storage s, int64_t element, double got,
                        double expected, ds_check_report *report) {
    const ds_judged memory = {.plan = plan_of(shadow), .pass = &shadow->pass, .whole = true};
    ds_check_report lost = {
        .fault = DS_FAULT_LOST, .storage = s, .element = element, .got = got, .expected = expected};
    ds_judged_locate(&memory, DS_NO_OUTPUT, &lost);
    ds_check_add(report, &lost);
}

/* Where two pictures of a storage differ first. */
static bool differ(const ds_shadow *shadow, ds_storage s, const double *now, const double *then,
                   int64_t count, ds_check_report *report) {
    for (int64_t i = 0; i < count; i++)
        if (!ds_same_bits(now[i], then[i])) {
            report_lost(shadow, s, i, now[i], then[i], report);
            return true;
        }
    return false;
}

/* Of two readings of an element the one that comes back again. */
static ds_status settle(ds_executor *executor, ds_storage s, int64_t element, double first,
                        double second, double *right) {
    enum { MOST_READINGS = 5 };
    for (int more = 0; more < MOST_READINGS; more++) {
        if (ds_same_bits(*right, first) || ds_same_bits(*right, second))
            return DS_OK;
        DS_CHECK(executor->read(executor, s, element, 1, right));
    }
    return DS_OK;
}

/* What an update begins with, where nobody knows what it should be, must come back twice the same;
 * else what most of a few readings say is kept. */
static ds_status read_again(ds_shadow *shadow, ds_storage s, ds_check_report *report) {
    ds_executor *executor = shadow->executor;
    double *first = shadow->image.value[s], *second = shadow->image.got[s],
           *third = shadow->left[s];
    int64_t count = shadow->image.count[s];
    DS_CHECK(executor->read(executor, s, 0, count, second));
    if (count == 0 || memcmp(first, second, (size_t)count * sizeof *first) == 0)
        return DS_OK;
    shadow->left_by = 0;
    DS_CHECK(executor->read(executor, s, 0, count, third));
    for (int64_t i = 0; i < count; i++) {
        double right = third[i], odd = first[i];
        if (ds_same_bits(first[i], second[i]))
            continue;
        DS_CHECK(settle(executor, s, i, first[i], second[i], &right));
        if (ds_same_bits(right, odd))
            odd = second[i];
        first[i] = right;
        if (report->fault == DS_FAULT_NONE)
            report_lost(shadow, s, i, odd, right, report);
    }
    return DS_OK;
}

/* ---- numbers that are not finite ---- */

/* Where rounding decides, the bound is infinite: the first such number counts, too, in a pass that
 * is not read op by op, unless one beyond float32 is found. */
static void look_for_not_finite(ds_shadow *shadow, const ds_op *op, int tensor) {
    ds_not_finite *found = &shadow->not_finite;
    if ((found->found && !found->perhaps) || tensor == DS_ABSENT)
        return;
    ds_span where = ds_span_of(plan_of(shadow), tensor, &shadow->pass);
    if (ds_storage_element(where.storage) == DS_INT32)
        return;
    for (int64_t i = 0; i < where.count; i++) {
        double value = shadow->image.value[where.storage][where.offset + i];
        bool finite = fabs(value) <= FLT_MAX;
        bool doubtful = finite && isinf(shadow->image.bound[where.storage][where.offset + i]);
        if (!finite || (doubtful && !found->found))
            *found = (ds_not_finite){true, doubtful, op, tensor, i, value};
        if (!finite)
            return;
    }
}

static void look_at_outputs(void *context, const ds_op *op) {
    ds_shadow *shadow = context;
    op = shadow->executor->plan->op + (op - plan_of(shadow)->op); /* it outlives the shadow */
    for (int i = 0; i < op->outputs; i++)
        look_for_not_finite(shadow, op, op->output[i]);
}

/* What the pass begins with. */
static void look_at_parameters(ds_shadow *shadow) {
    const ds_plan *plan = plan_of(shadow);
    for (int t = 0; t < plan->tensors; t++)
        if (plan->tensor[t].storage == DS_PARAMETERS)
            look_for_not_finite(shadow, NULL, t);
}

/* ---- a pass ---- */

static ds_status look(ds_shadow *shadow, const ds_pass *pass, double *const into[DS_STORAGES]) {
    return ds_pass_read(shadow->executor, in_order, looked_at(shadow), pass, into);
}

static ds_status read_indices(ds_shadow *shadow, const ds_pass *pass, double *index) {
    return shadow->executor->read(shadow->executor, DS_INDICES, pass->first, pass->count, index);
}

static ds_status begin(ds_shadow *shadow, const ds_pass *pass, bool whole,
                       ds_check_report *report) {
    ds_image *image = &shadow->image;
    shadow->whole = whole;
    image->count[DS_ACTIVATIONS] = ds_pass_room(plan_of(shadow), DS_ACTIVATIONS);
    shadow->undone = false;
    shadow->pass = *pass;
    shadow->pass.first = shadow->pass.slot = 0;
    shadow->not_finite = (ds_not_finite){0};
    DS_CHECK(look(shadow, pass, image->value));
    for (int s = 0; s < DS_STORAGES; s++)
        if (image->count[s])
            memset(image->bound[s], 0, (size_t)image->count[s] * sizeof(double));
    /* What is not read twice the same names no rows. */
    DS_CHECK(read_indices(shadow, pass, image->value[DS_INDICES]));
    DS_CHECK(read_indices(shadow, pass, image->got[DS_INDICES]));
    if (differ(shadow, DS_INDICES, image->value[DS_INDICES], image->got[DS_INDICES], pass->count,
               report))
        return DS_OK;
    DS_CHECK(ds_pass_read_rows(shadow->executor, pass, image->value[DS_INDICES], image->value));
    for (int i = 0; i < 2; i++) {
        ds_storage s = trained[i];
        size_t bytes = (size_t)image->count[s] * sizeof(double);
        bool known = pass->training && shadow->left_by && shadow->left_by + 1 == pass->update;
        if (!known)
            DS_CHECK(read_again(shadow, s, report));
        if (known && differ(shadow, s, image->value[s], shadow->left[s], image->count[s], report))
            memcpy(image->value[s], shadow->left[s], bytes);
        if (bytes)
            memcpy(shadow->before[s], image->value[s], bytes);
    }
    if (pass->training)
        shadow->left_by = 0;
    look_at_parameters(shadow);
    /* The reference finds the batch's rows one after the other. */
    for (int64_t n = 0; n < pass->count; n++)
        image->value[DS_INDICES][n] = (double)n;
    return DS_OK;
}

/* What is merely unlikely of a tensor is told twice. */
static void heed_doubt(ds_shadow *shadow, ds_check_report *report) {
    if (report->fault != DS_FAULT_UNLIKELY)
        return;
    if (shadow->unlikely[report->tensor]++ < 2) {
        shadow->doubt = *report;
        shadow->again = shadow->unlikely[report->tensor] == 2;
    }
    (void)ds_is_doubt(report);
}

/* The bits of all outputs that are seen beside the twin's, which runs the same from what the image
 * held before. */
static ds_status run_twin(ds_shadow *shadow, const ds_judged *j, ds_check_report *report) {
    const ds_image *image = &shadow->image;
    ds_executor *twin = shadow->twin.executor;
    DS_CHECK(ds_judged_run(j, twin));
    for (int k = 0; k < looked_at(shadow); k++) {
        ds_storage s = in_order[k];
        if (!image->count[s])
            continue;
        DS_CHECK(twin->read(twin, s, 0, image->count[s], image->held[s]));
        for (int64_t i = 0; i < image->count[s]; i++) {
            if (image->owner[s][i] < 0 || ds_same_bits(image->held[s][i], image->got[s][i]))
                continue;
            ds_check_report other = {.got = image->got[s][i], .expected = image->held[s][i]};
            ds_report_fault(&other, DS_FAULT_OTHER_BITS, s, i);
            ds_judged_locate(j, image->owner[s][i], &other);
            ds_check_add(report, &other);
        }
    }
    return DS_OK;
}

static ds_status write_twin(ds_shadow *shadow) {
    ds_executor *twin = shadow->twin.executor;
    for (int s = 0; s < DS_STORAGES && twin; s++)
        if (shadow->image.count[s] && !(shadow->whole && s == DS_ACTIVATIONS))
            DS_CHECK(twin->write(twin, (ds_storage)s, 0, shadow->image.count[s],
                                 shadow->image.value[s]));
    return DS_OK;
}

/* What stands in memory that is nobody's output may be read by none, but it must stay. */
static void adopt_all(ds_shadow *shadow) {
    for (int k = 0; k < IN_ORDER; k++) {
        size_t bytes = (size_t)shadow->image.count[in_order[k]] * sizeof(double);
        if (bytes == 0)
            continue;
        memcpy(shadow->image.value[in_order[k]], shadow->image.got[in_order[k]], bytes);
        memset(shadow->image.bound[in_order[k]], 0, bytes);
    }
}

/* Compares what was read behind the ops with what is expected; then it is what the next begin with.
 */
static ds_status judge(ds_shadow *shadow, const ds_judged *j, ds_check_report *report) {
    const ds_image *image = &shadow->image;
    const ds_judged_listener listener = {look_at_outputs, shadow};
    ds_check_report found = {0};
    ds_judged_own(j, image);
    DS_CHECK(write_twin(shadow));
    for (int k = 0; k < looked_at(shadow); k++)
        ds_judged_rest(j, image, in_order[k], image->value[in_order[k]], image->got[in_order[k]],
                       &found);
    for (int k = looked_at(shadow); k < IN_ORDER; k++)
        if (image->count[in_order[k]])
            memcpy(image->value[in_order[k]], image->got[in_order[k]],
                   (size_t)image->count[in_order[k]] * sizeof(double));
    ds_judged_outputs(j, image, &listener, &found);
    if (!shadow->whole)
        adopt_all(shadow);
    if (shadow->twin.executor && ds_is_doubt(&found))
        DS_CHECK(run_twin(shadow, j, &found));
    if (found.op && shadow->whole)
        found.op = shadow->executor->plan->op + (found.op - plan_of(shadow)->op);
    heed_doubt(shadow, &found);
    ds_check_add(report, &found);
    return DS_OK;
}

/* An op and those that run with it. */
static ds_status run_group(ds_shadow *shadow, int first, const ds_pass *pass,
                           ds_check_report *report) {
    ds_executor *executor = shadow->executor;
    ds_judged ops = {.plan = plan_of(shadow),
                     .op = &plan_of(shadow)->op[first],
                     .ops = ds_ops_together(executor, first),
                     .pass = &shadow->pass,
                     .hidden = shadow->hidden[shadow->whole],
                     .lenient = true};
    DS_CHECK(ds_run_together(executor, first, pass));
    DS_CHECK(look(shadow, pass, shadow->image.got));
    return judge(shadow, &ops, report);
}

static ds_status run_whole(ds_shadow *shadow, const ds_pass *pass, ds_check_report *report) {
    const ds_plan *plan = plan_of(shadow);
    double *const *got = shadow->image.got;
    ds_judged all = {.plan = plan,
                     .op = plan->op,
                     .ops = plan->ops,
                     .pass = &shadow->pass,
                     .hidden = shadow->hidden[shadow->whole],
                     .whole = true,
                     .lenient = true};
    DS_CHECK(shadow->executor->run_shown(shadow->executor, pass, plan, got[DS_ACTIVATIONS],
                                         got[DS_GRADIENTS]));
    DS_CHECK(look(shadow, pass, got));
    return judge(shadow, &all, report);
}

/* What no op may change. */
static ds_status finish(ds_shadow *shadow, const ds_pass *pass, ds_check_report *report) {
    const ds_image *image = &shadow->image;
    double *index = image->held[DS_INDICES];
    DS_CHECK(read_indices(shadow, pass, index));
    bool lost = differ(shadow, DS_INDICES, index, image->got[DS_INDICES], pass->count, report);
    if (!lost)
        DS_CHECK(ds_pass_read_rows(shadow->executor, pass, index, image->got));
    for (int i = 0; i < 2 && !lost; i++) {
        ds_storage s = ds_rows_of_batch[i];
        lost = differ(shadow, s, image->got[s], image->value[s],
                      pass->count * ds_pass_columns(plan_of(shadow), s), report);
    }
    for (int i = 0; i < 2 && pass->training; i++)
        if (image->count[trained[i]])
            memcpy(shadow->left[trained[i]], image->value[trained[i]],
                   (size_t)image->count[trained[i]] * sizeof(double));
    if (pass->training)
        shadow->left_by = pass->update;
    return DS_OK;
}

ds_status ds_shadow_phases(ds_shadow *shadow, ds_phase first, ds_phase last, const ds_pass *pass,
                           ds_check_report *report) {
    ds_executor *executor = shadow->executor;
    const ds_plan *plan = executor->plan;
    if (first == DS_PHASE_FORWARD)
        DS_CHECK(begin(shadow, pass, false, report));
    for (int i = 0; i < plan->ops && report->fault == DS_FAULT_NONE;
         i += ds_ops_together(executor, i)) {
        const ds_op *op = &plan->op[i];
        if (op->phase >= first && op->phase <= last && ds_op_runs(op, pass))
            DS_CHECK(run_group(shadow, i, pass, report));
    }
    bool is_last = last == (pass->training ? DS_PHASE_UPDATE : DS_PHASE_LOSS);
    return is_last && report->fault == DS_FAULT_NONE ? finish(shadow, pass, report) : DS_OK;
}

ds_status ds_shadow_pass(ds_shadow *shadow, const ds_pass *pass, ds_check_report *report) {
    ds_phase last = pass->training ? DS_PHASE_UPDATE : DS_PHASE_LOSS;
    if (!shadow->apart)
        return ds_shadow_phases(shadow, DS_PHASE_FORWARD, last, pass, report);
    DS_CHECK(begin(shadow, pass, true, report));
    if (report->fault == DS_FAULT_NONE)
        DS_CHECK(run_whole(shadow, pass, report));
    return report->fault == DS_FAULT_NONE ? finish(shadow, pass, report) : DS_OK;
}

/* ---- passes that run together ---- */

ds_status ds_shadow_together(ds_shadow *shadow, const ds_pass *pass, int64_t count,
                             ds_check_report *report) {
    ds_shadow_forget(shadow);
    for (int i = 0; i < 2; i++) /* what a fault is undone to */
        DS_CHECK(shadow->executor->read(shadow->executor, trained[i], 0,
                                        shadow->image.count[trained[i]],
                                        shadow->before[trained[i]]));
    return ds_check_passes(shadow->executor, pass, count, report);
}

ds_status ds_shadow_undo(ds_shadow *shadow) {
    const ds_plan *plan = shadow->executor->plan;
    shadow->left_by = 0;
    shadow->undone = true;
    for (int i = 0; i < 2; i++) {
        ds_storage s = trained[i];
        if (plan->storage_count[s])
            DS_CHECK(shadow->executor->write(shadow->executor, s, 0, plan->storage_count[s],
                                             shadow->before[s]));
    }
    return DS_OK;
}
