/* What ends a training run inside of a dispatch: a loss or a gradient that is not finite, or a
 * gradient small enough. The status word says which update, the parameters stay as they were before
 * it, and so does everything behind it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "doctor/network_examination.h"

/* Of the first pass; no float, as none that follows. */
enum { UPDATE = 0x12345679 };

enum { PASSES = 6, SAMPLES = 8, DAMAGED = 3, INPUTS = 2, NONE = -1 };

/* The first row of the damaged pass, and its last; features have INPUTS columns, targets one. */
enum { ROW = SAMPLES * DAMAGED, LAST = ROW + SAMPLES - 1 };

typedef struct scene {
    const char *name;
    int good;             /* passes that change parameters; the one behind them is looked at */
    int word;             /* of the status that is set then, or NONE */
    bool zero;            /* weights of 0, which stay */
    int64_t global_count; /* of the damaged pass; 0: as ever */
    struct {
        ds_storage storage;
        int64_t offset;
        double value;
    } write[6]; /* up to one of 0 */
} scene;

#define AT_TARGET(row, value)                                                                      \
    { DS_TARGETS, row, value }
#define AT_FEATURE(row, column, value)                                                             \
    { DS_FEATURES, (row)*INPUTS + (column), value }

/* [{dense: 3}, tanh, layer_norm, {dense: 1}]: weight and bias, gain and shift, weight. */
enum { LAST_WEIGHT = 3 * INPUTS + 3 + 3 + 3 };

static const scene broken[] = {
    {"sound", PASSES, NONE, false, 0, {{0}}},
    /* A target of the last sample: the loss is broken. */
    {"target-nan", DAMAGED, 0, false, 0, {AT_TARGET(LAST, NAN)}},
    {"target-inf", DAMAGED, 0, false, 0, {AT_TARGET(LAST, INFINITY)}},
    /* A feature: tanh hides infinity from the loss, the gradient has it. */
    {"feature-nan", DAMAGED, 0, false, 0, {AT_FEATURE(ROW, 1, NAN)}},
    {"feature-inf", DAMAGED, 0, false, 0, {AT_FEATURE(ROW, 1, INFINITY)}},
    {"first-nan", 0, 0, false, 0, {AT_TARGET(2, NAN)}},
    /* A run that is over already. */
    {"over-not-finite", 0, 0, false, 0, {{DS_STATUS, 0, UPDATE}}},
    {"over-small-enough", 0, 1, false, 0, {{DS_STATUS, 1, UPDATE}}},
    /* A gain's gradient: two samples that no block parts, whose shifts' gradients cancel out. */
    {"gain-overflows",
     DAMAGED,
     0,
     true,
     1,
     {{DS_PARAMETERS, 0, 1},
      {DS_PARAMETERS, LAST_WEIGHT, 1e34},
      AT_FEATURE(ROW, 0, 1),
      AT_TARGET(ROW, 1e4),
      AT_FEATURE(ROW + 1, 0, -1),
      AT_TARGET(ROW + 1, -1e4)}},
};

static const scene overflowing[] = {
    /* Two samples whose gradients are 2e38 each; where blocks share the batch each has one. */
    {"one-of-two", PASSES, NONE, true, 1, {AT_FEATURE(ROW, 0, 1e38), AT_TARGET(ROW, 1)}},
    /* No number of the gradient is positive, and one is infinite. */
    {"sum-overflows",
     DAMAGED,
     0,
     true,
     1,
     {AT_FEATURE(ROW, 0, 1e35), AT_FEATURE(ROW, 1, 1e3), AT_TARGET(ROW, 1e3),
      AT_FEATURE(LAST, 0, 1e35), AT_TARGET(LAST, 1e3)}},
    /* Three samples whose gradients are 1.2e38 each, of three blocks where there are as many. */
    {"thirds-overflow",
     DAMAGED,
     0,
     true,
     1,
     {AT_FEATURE(ROW, 0, 6e34), AT_TARGET(ROW, 1e3), AT_FEATURE(ROW + 3, 0, 6e34),
      AT_TARGET(ROW + 3, 1e3), AT_FEATURE(LAST, 0, 6e34), AT_TARGET(LAST, 1e3)}},
    /* Every number of the gradient is infinite. */
    {"all-overflow",
     DAMAGED,
     0,
     true,
     1,
     {AT_FEATURE(ROW, 0, 1e35), AT_FEATURE(ROW, 1, 1e35), AT_TARGET(ROW, 1e3),
      AT_FEATURE(LAST, 0, 1e35), AT_FEATURE(LAST, 1, 1e35), AT_TARGET(LAST, 1e3)}},
    /* A loss of 1e40 in one sample; in the gradient one element that is far beyond what is passed
     * unseen, but finite. */
    {"loss-overflows", DAMAGED, 0, true, 0, {AT_TARGET(ROW, 1e20), AT_FEATURE(ROW, 1, 1e17)}},
    {"last-loss-overflows",
     DAMAGED,
     0,
     true,
     0,
     {AT_TARGET(LAST, 1e20), AT_FEATURE(LAST, 1, 1e17)}},
};

static const scene ending[] = {
    {"small-enough", DAMAGED, 1, false, (int64_t)1 << 30, {{0}}},
};

/* A norm that is infinite, though every gradient is finite, and so is the rule. */
static const scene equal[] = {
    {"norm-equal", 0, 1, true, 0, {AT_FEATURE(0, 0, 1e38), AT_TARGET(0, 1)}},
};

static const struct {
    const char *model, *optimizer;
    double clip, stop;
    const scene *scenes;
    int count;
} networks[] = {
    {"[{dense: 3}, tanh, layer_norm, {dense: 1}]", "{sgd: {rate: 0.1, momentum: 0.9}}", 0, 0,
     broken, sizeof broken / sizeof *broken},
    {"[{dense: {units: 1, bias: false}}]", "{sgd: {rate: 0.1}}", 0, 0, overflowing,
     sizeof overflowing / sizeof *overflowing},
    {"[{dense: 1}]", "{adam: {}}", 0.5, 1e-4, ending, sizeof ending / sizeof *ending},
    {"[{dense: 1}]", "{adam: {}}", 0.5, INFINITY, equal, sizeof equal / sizeof *equal},
};

/* A network of which a single number of a gradient overflows, that of a weight or a bias of the
 * second layer: dy is 2e4 in two samples, and what it is multiplied by on its way there is 1e34 in
 * all. */
enum { FIRST = 35, SECOND = 23, FIRST_BIAS = INPUTS * FIRST };
enum { SECOND_BIAS = FIRST_BIAS + FIRST + FIRST * SECOND, THIRD_WEIGHT = SECOND_BIAS + SECOND };

static const ds_network_case wide[] = {
#define WIDE INPUTS, "[{dense: 35}, {dense: 23}, {dense: 1}]", "mse", "{sgd: {rate: 0.1}}", 0, 0
    {DS_OF_VECTORS(1, 1, 1, 4, 1, 8, GLOBAL), WIDE},
    {DS_OF_VECTORS(2, 4, 1, 6, 1, 4, GLOBAL), WIDE},
    {DS_PORTABLE_VECTORS(4, 1, 4, 1, 4, GLOBAL), WIDE},
#undef WIDE
};

static scene overflow_of_weight(int unit, int input) {
    const double target = unit % 3 ? 1e4 : -1e4;
    return (scene){"weight-overflows",
                   DAMAGED,
                   0,
                   true,
                   1,
                   {{DS_PARAMETERS, FIRST_BIAS + input, 1e17},
                    {DS_PARAMETERS, THIRD_WEIGHT + unit, 1e17},
                    AT_TARGET(ROW, target),
                    AT_TARGET(LAST, target)}};
}

static scene overflow_of_first_weight(int unit, int input) {
    return (scene){"first-weight-overflows",
                   DAMAGED,
                   0,
                   true,
                   1,
                   {{DS_PARAMETERS, FIRST_BIAS + FIRST + unit, 1},
                    {DS_PARAMETERS, THIRD_WEIGHT, 1},
                    AT_FEATURE(ROW, input, 1e34),
                    AT_TARGET(ROW, 1e4),
                    AT_FEATURE(LAST, input, 1e34),
                    AT_TARGET(LAST, 1e4)}};
}

static scene overflow_of_bias(int unit) {
    return (scene){
        "bias-overflows",
        DAMAGED,
        0,
        true,
        1,
        {{DS_PARAMETERS, THIRD_WEIGHT + unit, 1e34}, AT_TARGET(ROW, 1e4), AT_TARGET(LAST, 1e4)}};
}

enum { SHAPES = DS_STOPS - 1 };

static const ds_network_shape shapes[SHAPES] = {
    DS_OF_VECTORS(1, 4, 1, 4, 1, 1, PRIVATE),   DS_OF_VECTORS(1, 8, 1, 4, 1, 4, GLOBAL),
    DS_OF_VECTORS(3, 4, 1, 4, 1, 4, GLOBAL),    DS_OF_ITEMS(2, 2, LOCAL),
    DS_PORTABLE_VECTORS(4, 1, 4, 1, 4, GLOBAL),
};

enum { NETWORKS = sizeof networks / sizeof *networks };

static ds_status clear_parameters(const ds_network_stage *stage) {
    int64_t count = ds_network_stage_count(stage, DS_PARAMETERS);
    double *zeros = NULL;
    DS_CHECK(ds_new(&zeros, (size_t)count, sizeof *zeros));
    ds_status status = stage->executor->write(stage->executor, DS_PARAMETERS, 0, count, zeros);
    ds_free(zeros);
    return status;
}

/* Pass p takes rows SAMPLES p and on. */
static ds_status prepare(const ds_network_stage *stage, const scene *s, ds_pass pass[PASSES]) {
    DS_CHECK(ds_network_stage_fill(stage, 5, false));
    double index[SAMPLES * PASSES];
    for (int p = 0; p < PASSES; p++) {
        pass[p] = ds_network_stage_pass(true, SAMPLES, (uint64_t)(p + UPDATE));
        pass[p].first = SAMPLES * p;
        if (s->zero)
            pass[p].rate = 0;
    }
    if (s->global_count)
        pass[DAMAGED].global_count = s->global_count;
    for (int i = 0; i < SAMPLES * PASSES; i++)
        index[i] = i;
    DS_CHECK(stage->executor->write(stage->executor, DS_INDICES, 0, SAMPLES * PASSES, index));
    if (s->zero)
        DS_CHECK(clear_parameters(stage));
    for (int i = 0; i < 6 && s->write[i].value != 0; i++)
        DS_CHECK(ds_network_stage_write(stage, s->write[i].storage, s->write[i].offset,
                                        s->write[i].value));
    return DS_OK;
}

/* The pass in question by the reference, and all of them in one dispatch; in the end the status says
 * what it must. */
static ds_status play(const ds_network_stage *stage, const scene *s, ds_check_report *report) {
    ds_executor *executor = stage->executor;
    ds_pass pass[PASSES];
    const int looked_at = s->good < PASSES ? s->good : PASSES - 1;
    DS_CHECK(prepare(stage, s, pass));
    if (looked_at > 0)
        DS_CHECK(executor->run_passes(executor, pass, looked_at));
    DS_CHECK(ds_check_pass(executor, &pass[looked_at], &stage->options, report));
    if (report->fault != DS_FAULT_NONE)
        return DS_OK;
    DS_CHECK(prepare(stage, s, pass));
    DS_CHECK(ds_check_passes(executor, pass, PASSES, report));
    for (int w = 0; w < DS_STATUS_WORDS && report->fault == DS_FAULT_NONE; w++) {
        double wanted = w == s->word ? ds_status_word(pass[s->good].update) : 0, word;
        DS_CHECK(executor->read(executor, DS_STATUS, w, 1, &word));
        if (word != wanted && ds_report_fault(report, DS_FAULT_WRONG, DS_STATUS, w)) {
            report->tensor = DS_ABSENT;
            report->got = word;
            report->expected = wanted;
        }
    }
    return DS_OK;
}

static ds_status judge(ds_network_visit *visit, const scene *s) {
    ds_check_report report = {0};
    ds_status status;
    bool wanted;
    DS_CHECK(ds_network_case_begin(visit, s->name, &wanted, &status));
    if (!wanted)
        return DS_OK;
    if (status == DS_OK)
        status = play(&visit->stage, s, &report);
    return ds_network_case_end(visit, status, &report);
}

/* What dropout drops cannot break a run, whatever lanes beyond the last sample would draw: where it
 * is kept, the slope of gelu is NaN. */
static ds_status judge_dropped(ds_network_visit *visit, uint64_t update) {
    ds_pass pass = ds_network_stage_pass(true, 1, update);
    ds_check_report report = {0};
    ds_status status;
    double sample;
    bool wanted;
    DS_CHECK(ds_network_case_begin(visit, "infinity-dropped", &wanted, &status));
    if (!wanted)
        return DS_OK;
    ds_executor *executor = visit->stage.executor;
    if (status == DS_OK)
        status = ds_network_stage_fill(&visit->stage, 3, false);
    if (status == DS_OK)
        status = executor->read(executor, DS_INDICES, pass.first, 1, &sample);
    if (status == DS_OK)
        status =
            ds_network_stage_write(&visit->stage, DS_FEATURES, (int64_t)sample * INPUTS, INFINITY);
    if (status == DS_OK)
        status = ds_check_pass(executor, &pass, &visit->stage.options, &report);
    return ds_network_case_end(visit, status, &report);
}

static ds_status examine_dropped(ds_examination *e) {
    static const ds_network_case test = {DS_OF_VECTORS(1, 8, 2, 4, 1, 4, GLOBAL),
                                         INPUTS,
                                         "[{dropout: 0.8}, {dense: 3}, gelu, {dense: 1}]",
                                         "mse",
                                         "{sgd: {rate: 0.1}}",
                                         0,
                                         0};
    ds_network_visit visit;
    ds_status status = ds_network_visit_begin(&visit, e, &test);
    for (uint64_t update = 1; update <= 12 && status == DS_OK; update++)
        status = judge_dropped(&visit, update);
    ds_network_visit_end(&visit);
    return status;
}

static ds_status examine(ds_examination *e, const ds_network_shape *shape, int n) {
    const ds_network_case test = {
        *shape,           INPUTS,          networks[n].model, "mse", networks[n].optimizer,
        networks[n].clip, networks[n].stop};
    ds_network_visit visit;
    if (!ds_network_case_is_possible(&test, ds_device_about(e->device)))
        return DS_OK;
    ds_status status = ds_network_visit_begin(&visit, e, &test);
    for (int i = 0; i < networks[n].count && status == DS_OK; i++)
        status = judge(&visit, &networks[n].scenes[i]);
    ds_network_visit_end(&visit);
    return status;
}

/* Every row of a tile, and most of its columns. */
static ds_status examine_places(ds_examination *e, const ds_network_case *test) {
    ds_network_visit visit;
    if (!ds_network_case_is_possible(test, ds_device_about(e->device)))
        return DS_OK;
    ds_status status = ds_network_visit_begin(&visit, e, test);
    for (int unit = 0; unit < SECOND && status == DS_OK; unit++) {
        const scene weight = overflow_of_weight(unit, FIRST - 1 - unit * 11 % FIRST);
        const scene bias = overflow_of_bias(unit);
        const scene first = overflow_of_first_weight(unit, unit % INPUTS);
        status = judge(&visit, &weight);
        if (status == DS_OK)
            status = judge(&visit, &first);
        if (status == DS_OK)
            status = judge(&visit, &bias);
    }
    ds_network_visit_end(&visit);
    return status;
}

ds_status ds_examine_stop(ds_examination *e, int which) {
    if (which == SHAPES)
        return examine_dropped(e);
    if (which < (int)(sizeof wide / sizeof *wide))
        DS_CHECK(examine_places(e, &wide[which]));
    for (int n = 0; n < NETWORKS; n++)
        DS_CHECK(examine(e, &shapes[which], n));
    return DS_OK;
}
