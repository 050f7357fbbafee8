/* Single ops, and those that are launched together, from memory filled in every style. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/whole.h"
#include "doctor/examination.h"
#include "doctor/op_stage.h"

typedef struct visit {
    ds_examination *e;
    const ds_variant *variant;
    ds_op_stage stage;
    ds_executor *executor; /* NULL until a case is wanted */
    char shape[64];
    bool large;
    bool at_ends; /* the first and the last update of a run are of interest */
    uint64_t seed;
} visit;

enum { SOMEWHERE, AT_FIRST, AT_LAST };

/* How memory is filled, and what is asked of the op. */
typedef struct setting {
    ds_op_style style;
    bool accumulate;
    int ended;            /* 1 + the status word that is set already */
    int when;             /* of a run's updates */
    const char *name;     /* of the case; NULL: it is made of these */
    const double *number; /* one among the others; NULL: none */
    int input;            /* the op's that it stands in */
    int64_t element;
    enum { AS_IT_IS, AT_NORM, BELOW_NORM } rule; /* of a gradient that is small enough */
} setting;

/* Whether some place in a matrix takes more than 16 bits, or a sample more than 12: it is that
 * which matters, not what stands there. */
static bool is_large(ds_op_shape shape) {
    enum { PLACES = 1 << 16, SAMPLES = 1 << 12 };
    int64_t most = ds_most(shape.samples * shape.inputs, shape.samples * shape.units);
    return shape.samples > SAMPLES || ds_most(most, shape.inputs * shape.units) > PLACES;
}

static void begin(visit *v, ds_examination *e, const ds_variant *variant, ds_op_shape shape) {
    *v = (visit){.e = e, .variant = variant, .large = is_large(shape)};
    snprintf(v->shape, sizeof v->shape, "%lldx%lldx%lld", (long long)shape.samples,
             (long long)shape.inputs, (long long)shape.units);
}

static void end(visit *v) {
    if (v->executor)
        v->executor->destroy(v->executor);
    ds_twin_close(&v->stage.options.twin);
    ds_op_stage_clear(&v->stage);
}

static ds_status open_stage(visit *v) {
    if (v->executor)
        return DS_OK;
    v->stage.options.tell = v->e->options.dump != NULL;
    DS_CHECK(ds_shaped_executor_create(&v->executor, v->stage.plan, v->e->device,
                                       &v->variant->shaping, NULL));
    if (v->variant->shaping.portable)
        DS_CHECK(ds_twin_open(&v->stage.options.twin, v->stage.plan, v->e->device,
                              v->stage.options.count));
    return ds_op_stage_reserve(&v->stage, v->executor);
}

static ds_status clear_moments(const visit *v) {
    int64_t lead = ds_op_stage_lead(DS_MOMENTS);
    int64_t count = v->stage.plan->storage_count[DS_MOMENTS] - lead;
    double *zeros = NULL;
    if (count <= 0)
        return DS_OK;
    DS_CHECK(ds_new(&zeros, (size_t)count, sizeof *zeros));
    ds_status status = v->executor->write(v->executor, DS_MOMENTS, lead, count, zeros);
    ds_free(zeros);
    return status;
}

static ds_status fill(visit *v, const ds_op *op, const setting *s, uint64_t seed) {
    DS_CHECK(open_stage(v));
    DS_CHECK(ds_op_stage_fill(&v->stage, v->executor, s->style, seed));
    if (s->when == AT_FIRST)
        DS_CHECK(clear_moments(v));
    if (s->number) {
        const ds_tensor *t = &v->stage.plan->tensor[op->input[s->input]];
        DS_CHECK(v->executor->write(v->executor, t->storage, t->offset + s->element, 1, s->number));
    }
    if (!s->ended)
        return DS_OK;
    return v->executor->write(v->executor, DS_STATUS, ds_op_stage_lead(DS_STATUS) + s->ended - 1, 1,
                              &(double){2});
}

static ds_status begin_case(const visit *v, const char *operation, const setting *s, bool *wanted) {
    char style[64];
    static const char *const when[] = {"", "-first", "-last"};
    snprintf(style, sizeof style, "%s%s%s%s", ds_style_name(s->style),
             s->accumulate ? "-added" : "", s->ended ? "-ended" : "", when[s->when]);
    const char *name = s->name ? s->name : style;
    return ds_case_begin(v->e, &(ds_case_name){operation, v->variant->name, v->shape, name},
                         wanted);
}

/* An op, or the group that begins with an op of the plan. */
typedef struct trial {
    visit *v;
    const setting *setting;
    const ds_op *op; /* NULL: the group */
    int first;
    ds_pass pass;
} trial;

static ds_status fill_again(void *context, uint64_t seed) {
    const trial *t = context;
    return fill(t->v, t->op, t->setting, seed);
}

/* The norm that the device finds is small enough for a rule of just that norm, and not for one just
 * below, which no bound of the reference can tell. */
static ds_status check_rule(const trial *t, ds_check_report *report) {
    ds_executor *x = t->v->executor;
    ds_op op = *t->op;
    const bool below = t->setting->rule == BELOW_NORM;
    const ds_tensor *tensor = t->v->stage.plan->tensor, *norm = &tensor[op.output[0]],
                    *status = &tensor[op.output[1]];
    double length;
    op.attribute[0] = -1;
    DS_CHECK(x->run(x, &op, &t->pass));
    DS_CHECK(x->read(x, norm->storage, norm->offset, 1, &length));
    op.attribute[0] = below ? (double)nextafterf((float)length, 0) : length;
    DS_CHECK(x->run(x, &op, &t->pass));
    *report = (ds_check_report){.compared = 1,
                                .op = t->op,
                                .storage = DS_STATUS,
                                .tensor = op.output[1],
                                .element = DS_STATUS_SMALL_ENOUGH,
                                .expected = below ? 0 : ds_status_word(t->pass.update)};
    DS_CHECK(x->read(x, DS_STATUS, status->offset + report->element, 1, &report->got));
    report->fault = report->got == report->expected ? DS_FAULT_NONE : DS_FAULT_WRONG;
    return DS_OK;
}

static ds_status check(void *context, ds_check_report *report) {
    const trial *t = context;
    const ds_check_options *options = &t->v->stage.options;
    if (t->setting->rule)
        return check_rule(t, report);
    return t->op ? ds_check_op(t->v->executor, t->op, &t->pass, options, report)
                 : ds_check_together(t->v->executor, t->first, &t->pass, options, report);
}

static ds_status judge_trial(trial *t, const char *name) {
    ds_check_report report = {0};
    visit *v = t->v;
    bool wanted;
    v->stage.options.alone = t->setting->style != DS_STYLE_ORDINARY;
    DS_CHECK(begin_case(v, name, t->setting, &wanted));
    if (!wanted)
        return DS_OK;
    uint64_t seed =
        v->seed + v->e->options.seed + (uint64_t)(10 * t->setting->style + t->setting->accumulate);
    ds_status status = ds_check_twice(&(ds_trial_run){fill_again, check, t}, seed, &report);
    return ds_case_end(v->e, status, &report, v->stage.plan);
}

/* ---- single ops ---- */

static ds_status judge(visit *v, const ds_op *op, const setting *s) {
    trial t = {.v = v, .setting = s, .op = op, .pass = v->stage.pass};
    char name[96];
    t.pass.training = op->in_training;
    if (s->when == AT_FIRST) {
        t.pass.update = 1;
        t.pass.position = 0;
    } else if (s->when == AT_LAST) {
        t.pass.rate = 0;
    }
    ds_kernel_name(op, name);
    return judge_trial(&t, name);
}

/* Whether a gradient is added to as well: of the largest and the smallest that says nothing new. */
static bool may_add(const ds_op *op, int style) {
    return op->part == DS_BACKWARD && style != DS_STYLE_LARGE && style != DS_STYLE_SMALL;
}

/* In every style: set and, where there is a gradient, accumulated; with a run that is over. */
static ds_status judge_op(visit *v, ds_op *op) {
    int step = v->large ? DS_STYLES : v->e->options.small ? DS_STYLE_SPECIAL : 1;
    for (int style = 0; style < DS_STYLES; style += step)
        for (int accumulate = 0; accumulate <= may_add(op, style); accumulate++) {
            op->accumulate = accumulate;
            DS_CHECK(
                judge(v, op, &(setting){.style = (ds_op_style)style, .accumulate = accumulate}));
        }
    if (v->large) /* it is the places that matter */
        return DS_OK;
    bool counts = op->operation->family == DS_OPTIMIZER || op->operation == &ds_op_dropout;
    for (int when = AT_FIRST; counts && v->at_ends && when <= AT_LAST; when++)
        DS_CHECK(judge(v, op, &(setting){.style = DS_STYLE_ORDINARY, .when = when}));
    bool ends = op->operation->family == DS_OPTIMIZER || op->operation == &ds_op_gradient_norm;
    for (int word = 1; ends && word <= DS_STATUS_WORDS; word++) {
        DS_CHECK(judge(v, op, &(setting){.style = DS_STYLE_SMALL, .ended = word}));
        DS_CHECK(judge(v, op, &(setting){.style = DS_STYLE_SPECIAL, .ended = word}));
    }
    return DS_OK;
}

/* All ops of the case's operation in a plan. */
static ds_status judge_plan(visit *v) {
    for (int i = 0; i < v->stage.plan->ops; i++) {
        ds_op op = v->stage.plan->op[i];
        op.layer = 0x12345; /* where dropout's bits depend on it; the update is another */
        if (op.operation == v->stage.operation && op.operation->program)
            DS_CHECK(judge_op(v, &op));
    }
    return DS_OK;
}

/* A plan of the case in a shape, of which this is the number. */
static ds_status examine_plan(ds_examination *e, const ds_variant *variant, const ds_op_case *test,
                              ds_op_shape shape, int k, ds_status judge_it(visit *v)) {
    visit v;
    begin(&v, e, variant, shape);
    v.seed = (uint64_t)(1000 * k);
    v.at_ends = e->options.small || k % 5 == 0;
    ds_status status = ds_op_stage_build(&v.stage, test, shape);
    if (status == DS_OK)
        status = judge_it(&v);
    end(&v);
    return status;
}

static ds_status examine_case(ds_examination *e, const ds_variant *variant,
                              const ds_op_case *test) {
    bool small = e->options.small;
    const ds_op_shape *shape = small ? ds_small_shapes : ds_op_shapes;
    int shapes = small ? DS_SMALL_SHAPES : DS_OP_SHAPES;
    DS_CHECK(ds_examination_announce(e, test->name, variant->name));
    /* Of an operation with several rows of options one is enough where it is places that matter. */
    bool again = test > ds_op_cases && strcmp(test[-1].name, test->name) == 0;
    for (int k = 0; k < shapes; k += small ? 1 : variant->stride)
        if (!again || !is_large(shape[k]))
            DS_CHECK(examine_plan(e, variant, test, shape[k], k, judge_plan));
    return DS_OK;
}

/* Whether a variant's kernels are other ones than those of the variants before: activations have no
 * shape, but other arithmetic where it is portable. */
static bool differs(const ds_variant *variant, const ds_op_case *test) {
    const ds_operation *operation = ds_case_operation(test);
    bool pointwise = operation->program && strcmp(operation->program, "activations.cl") == 0;
    if (variant->products)
        return operation == &ds_op_dense;
    return variant->stride == 1 || variant->shaping.portable || !pointwise;
}

ds_status ds_examine_ops(ds_examination *e, const ds_variant *variant, ds_family family) {
    for (const ds_op_case *test = ds_op_cases; test->name; test++)
        if (test->family == family && differs(variant, test))
            DS_CHECK(examine_case(e, variant, test));
    bool own = variant->stride == 1 && !ds_device_is_plain(e->device);
    if (family == DS_SERVICE && variant->stride == 1)
        DS_CHECK(ds_examine_transfers(e));
    return family == DS_SERVICE && own ? ds_examine_peak(e, variant) : DS_OK;
}

/* ---- the gradient's norm, with one number of interest ---- */

enum { LOSSES = 2100 };

static ds_status judge_number(visit *v, const ds_op *op, int input, int64_t element,
                              double number) {
    char name[64];
    snprintf(name, sizeof name, "%s[%lld]=%g", input ? "record" : "gradient", (long long)element,
             number);
    return judge(v, op,
                 &(setting){.name = name, .number = &number, .input = input, .element = element});
}

/* The NaN whose bits are all set but the sign: whoever looks at other bits than the exponent's
 * misses it. */
static double full_nan(void) {
    double nan;
    memset(&nan, 0xff, sizeof nan);
    return fabs(nan);
}

/* One gradient that is not finite, wherever it stands: in every lane of a vector, where work-items
 * have come round more than once, and in the rest that fills no vector. */
static ds_status judge_gradients(visit *v, ds_op *op) {
    const double values[] = {full_nan(), INFINITY, -INFINITY};
    int64_t count = ds_tensor_count(&v->stage.plan->tensor[op->input[0]], 1), rest = count % 8;
    for (int64_t i = 0; i < 8; i++) {
        DS_CHECK(judge_number(v, op, 0, i, values[i % 3]));
        DS_CHECK(judge_number(v, op, 0, count / 16 * 8 + i, values[i % 3]));
    }
    for (int64_t i = count - rest - 1; i < count; i++)
        DS_CHECK(judge_number(v, op, 0, i, values[i % 3]));
    return DS_OK;
}

/* One loss that is not finite, which counts before any norm that is small enough; the record's
 * other numbers may be anything, and so may those behind the last sample. */
static ds_status judge_losses(visit *v, ds_op *op) {
    op->attribute[0] = 1e30;
    for (int64_t k = 0; k <= LOSSES; k += 150) {
        const int64_t row = k < LOSSES ? k + k % 7 : LOSSES - 1;
        for (int64_t i = row * DS_RECORD_SIZE; i < (row + 1) * DS_RECORD_SIZE; i++)
            DS_CHECK(judge_number(v, op, 1, i, row % 2 ? full_nan() : INFINITY));
    }
    return judge_number(v, op, 1, LOSSES * DS_RECORD_SIZE, NAN);
}

/* The case's shape says of what. */
static ds_status judge_norm(visit *v) {
    ds_op op = v->stage.plan->op[0];
    for (int i = 1; op.operation != v->stage.operation; i++)
        op = v->stage.plan->op[i];
    if (v->stage.pass.count == LOSSES)
        return judge_losses(v, &op);
    if (v->large)
        return judge_gradients(v, &op);
    DS_CHECK(judge(v, &op, &(setting){.name = "rule-equal", .rule = AT_NORM}));
    return judge(v, &op, &(setting){.name = "rule-below", .rule = BELOW_NORM});
}

ds_status ds_examine_norm(ds_examination *e, const ds_variant *variant) {
    static const ds_op_case test = {DS_SERVICE, "gradient_norm", {0}, 0};
    static const ds_op_shape shape[] = {{2, 512, 133}, {LOSSES, 1, 1}, {3, 7, 5}};
    DS_CHECK(ds_examination_announce(e, test.name, variant->name));
    for (int i = e->options.small; i < 3; i++) /* the first has many gradients */
        DS_CHECK(examine_plan(e, variant, &test, shape[i], i, judge_norm));
    return DS_OK;
}

/* ---- ops launched together ---- */

static ds_status judge_group(visit *v, int first, const setting *s) {
    trial t = {.v = v, .setting = s, .first = first, .pass = v->stage.pass};
    char behind[96], name[128];
    t.pass.accumulate = s->accumulate;
    ds_kernel_name(&v->stage.plan->op[first + 1], behind);
    snprintf(name, sizeof name, "dense+%s", behind);
    return judge_trial(&t, name);
}

static ds_status judge_groups(visit *v) {
    ds_status status = DS_OK;
    const ds_plan *plan = v->stage.plan;
    int step = v->e->options.small ? DS_STYLE_SPECIAL : 1;
    ds_group *group = NULL;
    DS_TRY(ds_groups_find(&group, plan));
    for (int i = 0; i < plan->ops; i++)
        for (int style = 0; style < DS_STYLES && group[i].ops == 2; style += step)
            for (int add = 0; add <= may_add(&plan->op[i], style); add++)
                DS_TRY(
                    judge_group(v, i, &(setting){.style = (ds_op_style)style, .accumulate = add}));

cleanup:
    ds_free(group);
    return status;
}

/* All activations: the fewer programs, the less there is to compile. */
enum { LINKS = 12 };

static ds_status examine_chain(ds_examination *e, const ds_variant *variant, int k,
                               const ds_op_case *from, const ds_op_case **next) {
    visit v;
    begin(&v, e, variant, ds_chain_shapes[k]);
    v.seed = (uint64_t)(1000 * k);
    ds_status status = ds_op_stage_chain(&v.stage, from, LINKS, ds_chain_shapes[k], next);
    if (status == DS_OK)
        status = judge_groups(&v);
    end(&v);
    return status;
}

ds_status ds_examine_groups(ds_examination *e, const ds_variant *variant) {
    const ds_op_case *from = ds_op_cases, *next = NULL;
    int shapes = e->options.small ? 1 : DS_CHAIN_SHAPES;
    bool first = variant->products; /* the activations are those of the other variant */
    for (; from; from = first ? NULL : next) {
        DS_CHECK(ds_examination_announce(e, "dense layers with activations", variant->name));
        for (int k = 0; k<shapes; k += variant->stride> 1 ? 2 : 1)
            DS_CHECK(examine_chain(e, variant, k, from, &next));
    }
    return DS_OK;
}

/* ---- long sums ---- */

/* Whether an op sums, and has something to sum. */
static bool has_sums(const ds_plan *plan, const ds_op *op) {
    bool empty = ds_tensor_count(&plan->tensor[op->input[0]], 1) == 0;
    return op->operation->family != DS_OPTIMIZER && op->operation != &ds_op_gather &&
           op->operation->program && op->in_training && !empty;
}

static ds_status judge_long(visit *v) {
    for (int i = 0; i < v->stage.plan->ops; i++) {
        const ds_op *op = &v->stage.plan->op[i];
        if (has_sums(v->stage.plan, op))
            DS_CHECK(judge(v, op, &(setting){.style = DS_STYLE_POSITIVE}));
    }
    return DS_OK;
}

ds_status ds_examine_long_sums(ds_examination *e, const ds_variant *variant) {
    static const struct {
        ds_op_case test;
        ds_op_shape shape;
    } sums[] = {
        {{DS_LAYER, "dense", {1, 1}, 0}, {1, 1000003, 1}}, /* forward, norm of the gradient */
        {{DS_LAYER, "dense", {1, 1}, 0}, {140003, 1, 1}},  /* gradients, record */
        {{DS_LAYER, "softmax", {0}, 0}, {1, 1000003, 1}},  /* and a loss */
        {{DS_LAYER, "layer_norm", {1e-5}, 0}, {2, 100003, 1}},
    };
    if (variant->stride > 1 || e->options.small) /* how a kernel sums, its own variant shows */
        return DS_OK;
    DS_CHECK(ds_examination_announce(e, "long sums", variant->name));
    for (size_t k = 0; k < sizeof sums / sizeof *sums; k++)
        DS_CHECK(examine_plan(e, variant, &sums[k].test, sums[k].shape, 0, judge_long));
    return DS_OK;
}
