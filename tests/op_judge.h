/* Runs the cases of one family on every OpenCL device there is, judged by the checker. */
#ifndef OP_JUDGE_H
#define OP_JUDGE_H

#include "launch/launch.h"
#include "op_stage.h"

typedef struct op_tally {
    int64_t compared, undecided;
    double worst;
} op_tally;

static void take_report(const op_stage *stage, const ds_check_report *report, const ds_pass *pass,
                        const char *what, bool accumulate, op_tally *tally) {
    tally->compared += report->compared;
    tally->undecided += report->undecided;
    tally->worst = fmax(tally->worst, report->worst_share);
    if (report->fault != DS_FAULT_NONE) {
        ds_text text = {0};
        char shape[64];
        assert_ok(ds_check_describe(report, stage->plan, &text));
        printf("%s\n  %lld samples of %s, %s, %s\n", text.characters, (long long)pass->count,
               ds_shape_print(&stage->plan->tensor[stage->plan->features].shape, shape), what,
               accumulate ? "accumulating" : "setting");
        ds_text_clear(&text);
        fail();
    }
}

/* One op from memory as it is; `what` says for a person how it was filled. */
static void judge_filled(const op_stage *stage, ds_executor *executor, const ds_op *op,
                         const ds_pass *pass, const char *what, op_tally *tally) {
    ds_check_report report = {0};
    assert_ok(ds_check_op(executor, op, pass, &stage->options, &report));
    take_report(stage, &report, pass, what, op->accumulate, tally);
}

/* One op from memory in one style; `ended` is 1 + the status word that is set already. */
static void judge_op(const op_stage *stage, ds_executor *executor, const ds_op *op,
                     const ds_pass *pass, op_style style, uint64_t seed, int ended,
                     op_tally *tally) {
    char what[64];
    int64_t undecided = tally->undecided;
    snprintf(what, sizeof what, "style %d, seed %llu", (int)style, (unsigned long long)seed);
    assert_ok(stage_fill(stage, executor, style, seed));
    if (ended)
        assert_ok(executor->write(executor, DS_STATUS, stage_lead(DS_STATUS) + ended - 1, 1,
                                  &(double){2}));
    judge_filled(stage, executor, op, pass, what, tally);
    if (style != STYLE_SPECIAL && tally->undecided > undecided)
        fail_msg("%s: the bounds of %lld numbers decide nothing; %s", stage->test->name,
                 (long long)(tally->undecided - undecided), what);
}

/* All ops of the case's operation in a plan: set and, where there is a gradient, accumulated. */
static void judge_plan(const op_stage *stage, ds_executor *executor, uint64_t seed,
                       op_tally *tally) {
    for (int i = 0; i < stage->plan->ops; i++) {
        ds_op op = stage->plan->op[i];
        if (op.operation != stage->operation)
            continue;
        op.layer = 3; /* where dropout's bits depend on it */
        ds_pass pass = stage->pass;
        pass.training = op.in_training;
        for (int style = 0; style < STYLES; style++)
            for (int accumulate = 0; accumulate <= (op.part == DS_BACKWARD); accumulate++) {
                op.accumulate = accumulate;
                judge_op(stage, executor, &op, &pass, (op_style)style,
                         seed + (uint64_t)(10 * style + accumulate), 0, tally);
            }
        bool ends = op.operation->family == DS_OPTIMIZER || op.operation == &ds_op_gradient_norm;
        for (int word = 1; ends && word <= DS_STATUS_WORDS; word++) {
            judge_op(stage, executor, &op, &pass, STYLE_SMALL, seed, word, tally);
            judge_op(stage, executor, &op, &pass, STYLE_SPECIAL, seed, word, tally);
        }
    }
}

/* Every `stride`th shape. */
static void judge_case(ds_device *device, const ds_shaping *shaping, const op_case *test,
                       int stride) {
    op_tally tally = {0};
    for (int k = 0; k < OP_SHAPES; k += stride) {
        op_stage stage;
        ds_executor *executor = NULL;
        assert_ok(stage_build(&stage, test, op_shapes[k]));
        assert_ok(ds_shaped_executor_create(&executor, stage.plan, device, shaping, NULL));
        assert_ok(stage_reserve(&stage, executor));
        judge_plan(&stage, executor, (uint64_t)(1000 * k), &tally);
        executor->destroy(executor);
        ds_plan_destroy(stage.plan);
    }
    printf("  %-22s %9lld numbers, %6lld undecided, worst error %.2f of its bound\n", test->name,
           (long long)tally.compared, (long long)tally.undecided, tally.worst);
    assert_true(tally.compared > 0 && tally.undecided <= tally.compared / 16);
}

/* How kernels are shaped for this kind of device, and for the other kind: a GPU's tiles are judged
 * where there is no GPU, too, on fewer shapes. Small shapes are to meet what large ones do: several
 * panels, dy by columns and transposed, short groups and long ones. */
enum { SHAPINGS = 2 };
static void shapings_for(const ds_device_info *about, ds_shaping shaping[SHAPINGS]) {
    ds_device_info other = *about;
    bool cpu = strcmp(about->type, "cpu") == 0;
    snprintf(other.type, sizeof other.type, "%s", cpu ? "gpu" : "cpu");
    shaping[0] = ds_shaping_for(about);
    shaping[1] = ds_shaping_for(&other);
    for (int i = 0; i < SHAPINGS; i++) {
        shaping[i].strip_depth = 128;
        shaping[i].strip_columns = 4096;
        shaping[i].long_group = shaping[i].group > 1 ? shaping[i].group / 2 : 1;
    }
}

/* For every device and both shapings: `own` is true of the one that the device would be given. */
typedef void (*op_judge)(ds_device *device, const ds_shaping *shaping, bool own, ds_family family);

static void judge_on_every_device(op_judge judge, ds_family family) {
    ds_device_info *list = NULL;
    size_t count = 0, judged = 0;
    assert_ok(ds_devices(&list, &count));
    for (size_t d = 0; d < count; d++) {
        ds_device *device = NULL;
        if (!list[d].available)
            continue;
        judged++;
        ds_shaping shaping[SHAPINGS];
        assert_ok(ds_device_open(&device, list[d].id));
        shapings_for(&list[d], shaping);
        for (int s = 0; s < SHAPINGS; s++) {
            printf("%s, groups of %u, dense by %s\n", list[d].name, shaping[s].group,
                   shaping[s].strip ? "strips" : "tiles");
            judge(device, &shaping[s], s == 0, family);
        }
        ds_device_close(device);
    }
    ds_free(list);
    if (judged == 0)
        fail_msg("no OpenCL device: nothing was judged");
}

static inline void judge_family(ds_device *device, const ds_shaping *shaping, bool own,
                                ds_family family) {
    for (int i = 0; i < OP_CASES; i++)
        if (op_cases[i].family == family)
            judge_case(device, shaping, &op_cases[i], own ? 1 : 3);
}

#endif
