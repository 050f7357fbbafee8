/* The reference against numbers from elsewhere: the formulas of PyTorch's documentation and of its
 * optimizers' loops, evaluated apart from this code with 50 digits. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "doctor/op_stage.h"
#include "outcome.h"
#include "reference/reference.h"

enum { POINTS = 10 };

static const double points[POINTS] = {-30.0, -4.5, -2.75,  -1.0, -0.125,
                                      0.375, 1.5,  2.9375, 7.0,  25.0};

static const struct {
    const char *name;
    double value[POINTS], slope[POINTS];
} activations[] = {
    {"identity",
     {-30.0, -4.5, -2.75, -1.0, -0.125, 0.375, 1.5, 2.9375, 7.0, 25.0},
     {1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0}},
    {"sigmoid",
     {9.3576229688392989538e-14, 0.010986942630593180039, 0.06008665017400762202,
      0.26894142136999512075, 0.46879062662624374275, 0.59266659995406975877,
      0.81757447619364365961, 0.94966936740252312027, 0.99908894880559935464,
      0.99999999998611205614},
     {9.3576229688384233028e-14, 0.010866229722225234252, 0.056476244644874051826,
      0.19661193324148185254, 0.24902597501361747397, 0.24141290125295239858, 0.1491464520703328565,
      0.047797460019814677449, 0.00091022118012182651536, 1.3887943864578270625e-11}},
    {"hard_sigmoid",
     {0.0, 0.0, 0.041666666666666666667, 0.33333333333333333333, 0.47916666666666666667, 0.5625,
      0.75, 0.98958333333333333333, 1.0, 1.0},
     {0.0, 0.0, 0.16666666666666666667, 0.16666666666666666667, 0.16666666666666666667,
      0.16666666666666666667, 0.16666666666666666667, 0.16666666666666666667, 0.0, 0.0}},
    {"tanh",
     {-1.0, -0.99975321084802753654, -0.99185972456820774535, -0.76159415595576488812,
      -0.12435300177159620805, 0.35835739835078594632, 0.90514825364486643824,
      0.99439814606575805344, 0.99999833694394467174, 1.0},
     {3.5026043050786081354e-26, 0.00049351739905939563132, 0.016214286779479068723,
      0.41997434161402606939, 0.98453633095039339034, 0.87157997504725611792, 0.1807066389236485306,
      0.011172327100983311151, 3.3261093449010854032e-6, 7.7149993918556711321e-22}},
    {"relu",
     {0.0, 0.0, 0.0, 0.0, 0.0, 0.375, 1.5, 2.9375, 7.0, 25.0},
     {0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0}},
    {"leaky_relu",
     {-0.30000000000000000625, -0.045000000000000000937, -0.027500000000000000572,
      -0.010000000000000000208, -0.001250000000000000026, 0.375, 1.5, 2.9375, 7.0, 25.0},
     {0.010000000000000000208, 0.010000000000000000208, 0.010000000000000000208,
      0.010000000000000000208, 0.010000000000000000208, 1.0, 1.0, 1.0, 1.0, 1.0}},
    {"elu",
     {-0.69999999999993445223, -0.69222370242323034154, -0.65525049715530465754,
      -0.44248439117999034681, -0.082252168190783212776, 0.375, 1.5, 2.9375, 7.0, 25.0},
     {6.5503360781881218079e-14, 0.007776297576769614054, 0.044749502844695298053,
      0.25751560882000960878, 0.61774783180921674281, 1.0, 1.0, 1.0, 1.0, 1.0}},
    {"gelu",
     {0.0, -0.000015289529061285271808, -0.0081943488964000310743, -0.15865525393145705141,
      -0.056282721896235888378, 0.24231366250227142289, 1.399789198096712901, 2.9326403443500791973,
      6.9999999999910413122, 25.0},
     {-4.4209384046356425571e-195, -0.000068529161856344574553, -0.022027533644320838363,
      -0.083315470587686298383, 0.4007820643017934215, 0.7856154268738871361, 1.1274691922299795254,
      1.0140183829144872919, 1.0000000000626632303, 1.0}},
    {"silu",
     {-2.8072868906517896862e-12, -0.049441241837669310174, -0.16523828797852096055,
      -0.26894142136999512075, -0.058598828328280467844, 0.22224997498277615954,
      1.2263617142904654894, 2.7896537667449116658, 6.9936226416391954825, 24.999999999652801403},
     {-2.7137106609631340013e-12, -0.037911091119420374094, -0.095223022599396020502,
      0.072329488128513268211, 0.43766237974954155851, 0.68319643792392690823,
      1.0412941542991429444, 1.0900744062107287353, 1.0054604970664521402, 1.0000000003333106527}},
    {"softplus",
     {9.3576229688397367794e-14, 0.011047744848593816322, 0.061967589003198624576,
      0.31326168751822283405, 0.63259903531716906624, 0.89812326413984004362, 1.7014132779827524095,
      2.9891413892786815391, 7.0009114664537742447, 25.0},
     {9.3576229688392989538e-14, 0.010986942630593180039, 0.06008665017400762202,
      0.26894142136999512075, 0.46879062662624374275, 0.59266659995406975877,
      0.81757447619364365961, 0.94966936740252312027, 0.99908894880559935464, 1.0}},
};

/* A parameter of 0.7 after three updates at rate 0.05 with these gradients, one for each optimizer
 * row of op_cases.h in its order. */
static const double gradients[] = {0.3, -1.2, 0.05};
static const double updated[] = {
    0.74249999999999995615, 0.69707701677085056356, 0.69999997500056244533, 0.76888583616249995702,
    0.78687788494636245691, 0.6964876440408697316,  0.6866423273991471042,  0.65791565865916457921,
    0.53581731368353024239, 0.69829164815578960493, 0.67361099846015753481, 0.69727817297943229625,
    0.62792343650447479675};

/* Predictions and targets, one sample in a global batch of 8. */
static const struct {
    const char *name;
    double target[3], loss, gradient[3];
} losses[] = {
    {"mse",
     {0.5, -2, -1},
     4.2916666666666666667,
     {0.020833333333333333333, 0.0625, 0.29166666666666666667}},
    {"mae",
     {0.5, -2, -1},
     1.5,
     {0.041666666666666666667, 0.041666666666666666667, 0.041666666666666666667}},
    {"huber", {0.5, -2, -1}, 0.74041666666666666667, {0.010416666666666666667, 0.025, 0.025}},
    {"binary_cross_entropy",
     {1, 0, 0.25},
     0.86422994058427415199,
     {-0.013367554201025292785, 0.0092791724510545355417, 0.028089242499114852034}},
    {"cross_entropy",
     {1},
     3.9300620805209256295,
     {0.018142398485943074134, -0.1225446933623134008, 0.10440229487637032666}},
};
static const double predictions[] = {0.75, -1.25, 2.5};

typedef struct bench {
    ds_op_stage stage;
    ds_executor *executor;
} bench;

static void begin(bench *b, const ds_op_case *test, ds_op_shape shape) {
    DONE(ds_op_stage_build(&b->stage, test, shape));
    DONE(ds_reference_executor_create(&b->executor, b->stage.plan));
    DONE(ds_op_stage_reserve(&b->stage, b->executor));
}

static void end(bench *b) {
    b->executor->destroy(b->executor);
    ds_plan_destroy(b->stage.plan);
}

static void put_all(bench *b, int tensor, const double *values, int64_t count) {
    const ds_tensor *t = &b->stage.plan->tensor[tensor];
    DONE(b->executor->write(b->executor, t->storage, t->offset, count, values));
}

static void expect(bench *b, int tensor, const double *values, int64_t count) {
    const ds_tensor *t = &b->stage.plan->tensor[tensor];
    for (int64_t i = 0; i < count; i++) {
        double got;
        DONE(b->executor->read(b->executor, t->storage, t->offset + i, 1, &got));
        if (!(fabs(got - values[i]) <= 1e-14 * fabs(values[i]) + 1e-16))
            fail_msg("%s: %s[%lld] is %.17g, not %.17g", b->stage.test->name, t->name, (long long)i,
                     got, values[i]);
    }
}

static const ds_op_case *find_case(const char *name) {
    int i = 0;
    while (strcmp(ds_op_cases[i].name, name) != 0)
        i++;
    return &ds_op_cases[i];
}

static const ds_op *find_op(const bench *b, ds_part part) {
    const ds_op *op = b->stage.plan->op;
    while (op->operation != b->stage.operation || op->part != part)
        op++;
    return op;
}

static void test_activations(void **state) {
    (void)state;
    static const double ones[POINTS] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    for (size_t k = 0; k < sizeof activations / sizeof *activations; k++) {
        bench b;
        begin(&b, find_case(activations[k].name), (ds_op_shape){1, POINTS, 1});
        const ds_op *forward = find_op(&b, DS_FORWARD), *backward = find_op(&b, DS_BACKWARD);
        put_all(&b, forward->input[0], points, POINTS);
        put_all(&b, backward->input[0], ones, POINTS);
        DONE(b.executor->run(b.executor, forward, &b.stage.pass));
        DONE(b.executor->run(b.executor, backward, &b.stage.pass));
        expect(&b, forward->output[0], activations[k].value, POINTS);
        expect(&b, backward->output[0], activations[k].slope, POINTS);
        end(&b);
    }
}

static void test_losses(void **state) {
    (void)state;
    for (size_t k = 0; k < sizeof losses / sizeof *losses; k++) {
        bench b;
        begin(&b, find_case(losses[k].name), (ds_op_shape){1, 3, 1});
        const ds_op *op = find_op(&b, DS_FORWARD);
        put_all(&b, op->input[0], predictions, 3);
        put_all(&b, op->input[1], losses[k].target,
                b.stage.operation == &ds_op_cross_entropy ? 1 : 3);
        b.stage.pass.global_count = 8;
        DONE(b.executor->run(b.executor, op, &b.stage.pass));
        expect(&b, op->output[0], losses[k].gradient, 3);
        expect(&b, op->output[1], &losses[k].loss, 1);
        end(&b);
    }
}

static void test_optimizers(void **state) {
    (void)state;
    int row = 0;
    for (int i = 0; ds_op_cases[i].name; i++) {
        bench b;
        if (ds_op_cases[i].family != DS_OPTIMIZER)
            continue;
        begin(&b, &ds_op_cases[i], (ds_op_shape){1, 1, 1});
        const ds_op *op = find_op(&b, DS_FORWARD);
        put_all(&b, op->output[0], (double[]){0.7, 0.7}, 2);
        for (int t = 0; t < 3; t++) {
            double norm = fabs(gradients[t]);
            put_all(&b, op->input[0], (double[]){gradients[t], gradients[t]}, 2);
            put_all(&b, op->input[1], &norm, 1);
            b.stage.pass.update = (uint64_t)t + 1;
            DONE(b.executor->run(b.executor, op, &b.stage.pass));
        }
        expect(&b, op->output[0], (double[]){updated[row], updated[row]}, 2);
        double stop = 2; /* and nothing more once a status word is set */
        put_all(&b, op->input[2], &stop, 1);
        DONE(b.executor->run(b.executor, op, &b.stage.pass));
        expect(&b, op->output[0], &updated[row++], 1);
        end(&b);
    }
    assert_int_equal(row, sizeof updated / sizeof *updated);
}

/* softmax and layer_norm of one sample with simple numbers. */
static void test_normalizers(void **state) {
    (void)state;
    bench b;
    begin(&b, find_case("softmax"), (ds_op_shape){1, 3, 1});
    const ds_op *op = find_op(&b, DS_FORWARD);
    put_all(&b, op->input[0], (double[]){10000, 10000, -10000}, 3);
    DONE(b.executor->run(b.executor, op, &b.stage.pass));
    expect(&b, op->output[0], (double[]){0.5, 0.5, 0}, 3);
    end(&b);
    begin(&b, find_case("layer_norm"), (ds_op_shape){1, 2, 1});
    op = find_op(&b, DS_FORWARD);
    put_all(&b, op->input[0], (double[]){1, 5}, 2);
    put_all(&b, op->input[1], (double[]){3, 0.5}, 2);
    put_all(&b, op->input[2], (double[]){0.25, -1}, 2);
    DONE(b.executor->run(b.executor, op, &b.stage.pass));
    double r = 1 / sqrt(4 + 1e-5);
    expect(&b, op->output[0], (double[]){0.25 - 6 * r, r - 1}, 2);
    expect(&b, op->output[1], (double[]){3, r}, 2);
    end(&b);
}

/* The known answers of Random123's kat_vectors for philox4x32-10, and which units dropout drops. */
static void test_dropout_draws_philox(void **state) {
    (void)state;
    bench b;
    uint32_t bits[4];
    ds_philox(bits, 0, 0, 0, 0, 0);
    assert_int_equal(bits[0], 0x6627e8d5);
    assert_int_equal(bits[1], 0xe169c58d);
    assert_int_equal(bits[2], 0xbc57ac4c);
    assert_int_equal(bits[3], 0x9b00dbd8);

    begin(&b, find_case("dropout"), (ds_op_shape){3, 7, 1});
    const ds_op *op = find_op(&b, DS_FORWARD);
    const ds_pass *pass = &b.stage.pass;
    double x[21], y[21], p = op->attribute[0];
    for (int i = 0; i < 21; i++)
        x[i] = 1 + i;
    put_all(&b, op->input[0], x, 21);
    DONE(b.executor->run(b.executor, op, pass));
    for (int i = 0; i < 21; i++) {
        ds_philox(bits, pass->seed, (uint32_t)(256 * op->layer), (uint32_t)(i % 7 / 4),
                  (uint32_t)(pass->position + i / 7), (uint32_t)pass->update);
        y[i] = bits[i % 7 % 4] < floor(p * 0x1p32) ? 0 : x[i] / (1 - p);
    }
    expect(&b, op->output[0], y, 21);
    end(&b);
}

/* gather maps rows through the indices; record sums; gradient_norm sets its words once. */
static void test_services(void **state) {
    (void)state;
    bench b;
    begin(&b, find_case("gradient_norm"), (ds_op_shape){2, 3, 1});
    b.stage.pass.update = 3;
    const ds_op *gather = b.stage.plan->op, *norm = find_op(&b, DS_FORWARD);
    double features[15], words[2];
    for (int i = 0; i < 15; i++)
        features[i] = i;
    put_all(&b, gather->input[0], features, 15);
    put_all(&b, gather->input[2], (double[]){0, 0, 4, 1, 0, 0}, 6);
    DONE(b.executor->run(b.executor, gather, &b.stage.pass)); /* from index 2 on */
    expect(&b, gather->output[0], (double[]){12, 13, 14, 3, 4, 5}, 6);

    put_all(&b, norm->input[0], (double[]){1, 1, 1, 1}, 4);
    DONE(b.executor->run(b.executor, norm, &b.stage.pass)); /* norm 2, the norm to stop at */
    expect(&b, norm->output[0], &(double){2}, 1);
    expect(&b, norm->output[1], (double[]){0, 3}, 2);
    put_all(&b, norm->input[0], (double[]){1, NAN, 1, 1}, 4);
    b.stage.pass.update = 4;
    DONE(b.executor->run(b.executor, norm, &b.stage.pass)); /* after the end */
    expect(&b, norm->output[1], (double[]){0, 3}, 2);
    words[0] = words[1] = 0;
    put_all(&b, norm->output[1], words, 2);
    DONE(b.executor->run(b.executor, norm, &b.stage.pass));
    expect(&b, norm->output[1], (double[]){4, 0}, 2);
    put_all(&b, norm->output[1], words, 2);
    put_all(&b, norm->input[0], (double[]){3, 3, 3, 3}, 4);
    double records[2 * DS_RECORD_SIZE] = {1, [DS_RECORD_SIZE] = INFINITY};
    put_all(&b, norm->input[1], records, 2 * DS_RECORD_SIZE);
    DONE(b.executor->run(b.executor, norm, &b.stage.pass)); /* the second sample's loss */
    expect(&b, norm->output[1], (double[]){4, 0}, 2);
    /* what float32 cannot hold is not finite there: a gradient, a loss */
    double largest = FLT_MAX, beyond = 3.5e38, fine[2 * DS_RECORD_SIZE] = {1, [DS_RECORD_SIZE] = 1};
    put_all(&b, norm->output[1], words, 2);
    put_all(&b, norm->input[0], (double[]){3, -largest, 3, 3}, 4);
    fine[DS_RECORD_SIZE] = largest;
    put_all(&b, norm->input[1], fine, 2 * DS_RECORD_SIZE);
    DONE(b.executor->run(b.executor, norm, &b.stage.pass));
    expect(&b, norm->output[1], (double[]){0, 0}, 2);
    put_all(&b, norm->input[0], (double[]){3, -beyond, 3, 3}, 4);
    DONE(b.executor->run(b.executor, norm, &b.stage.pass));
    expect(&b, norm->output[1], (double[]){4, 0}, 2);
    put_all(&b, norm->output[1], words, 2);
    put_all(&b, norm->input[0], (double[]){3, 3, 3, 3}, 4);
    fine[DS_RECORD_SIZE] = beyond;
    put_all(&b, norm->input[1], fine, 2 * DS_RECORD_SIZE);
    DONE(b.executor->run(b.executor, norm, &b.stage.pass));
    expect(&b, norm->output[1], (double[]){4, 0}, 2);
    end(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_activations), cmocka_unit_test(test_losses),
        cmocka_unit_test(test_optimizers),  cmocka_unit_test(test_normalizers),
        cmocka_unit_test(test_services),    cmocka_unit_test(test_dropout_draws_philox),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
