/* A whole network in one kernel against the reference: one update of every layer, loss and
 * optimizer in every shape of the kernel, within the bound that composes from op to op; and
 * evaluation. */
#include "network_stage.h"

/* Every layer, loss, optimizer and way of using it; every number of lanes, vectors, blocks and
 * items, every space. Not all combinations: each value stands next to ever other neighbours. */
static const network_case cases[] = {
    {OF_VECTORS(1, 1, 1, 1, 1, 1, PRIVATE), 1, "[{dense: 1}]", "mse", "{sgd: {rate: 0.1}}", 0, 0},
    {OF_VECTORS(1, 2, 1, 5, 1, 1, PRIVATE), 3, "[{dense: 7}, tanh, {dense: 2}]", "mae",
     "{sgd: {rate: 0.1, momentum: 0.9}}", 0, 0},
    {OF_VECTORS(1, 8, 2, 5, 2, 1, PRIVATE), 2, "[{dense: 7}, {dropout: 0.3}, sigmoid, {dense: 1}]",
     "binary_cross_entropy", "{adam: {}}", 0.5, 0},
    {OF_VECTORS(1, 4, 4, 10, 2, 4, PRIVATE), 2,
     "[{dense: {units: 7, bias: false}}, softplus, layer_norm, {dense: 3}]", "cross_entropy",
     "{rmsprop: {rate: 0.01}}", 0, 0},
    {OF_VECTORS(1, 4, 1, 6, 1, 4, GLOBAL), 33,
     "[{dense: 31}, relu, {dense: 33}, leaky_relu, {dense: 7}, elu, {dense: 2}, identity]",
     "{huber: {delta: 0.6, shift: 0.25}}", "{adamw: {weight_decay: 0.05}}", 0, 0},
    {OF_VECTORS(1, 8, 4, 5, 2, 8, GLOBAL), 7,
     "[layer_norm, {dense: 33}, gelu, {dropout: 0.5}, {dense: 31}, silu, {dense: 10}]",
     "{cross_entropy: {shift: -1}}",
     "{sgd: {rate: 0.1, momentum: 0.9, nesterov: true, weight_decay: 0.01}}", 1e6, 1e-9},
    {OF_VECTORS(1, 16, 4, 10, 2, 16, GLOBAL), 100,
     "[{dense: 100}, relu, {dense: 31}, tanh, {dense: 7}]", "mse", "{adam: {weight_decay: 0.02}}",
     0, 0},
    {OF_VECTORS(1, 16, 1, 10, 1, 16, GLOBAL), 31,
     "[{dense: 100}, hard_sigmoid, softmax, {dense: 2}]", "{mae: {shift: -100}}",
     "{adagrad: {rate: 0.02}}", 0.1, 0},
    {OF_VECTORS(1, 8, 2, 3, 1, 8, GLOBAL), 31,
     "[relu, {dropout: 0.2}, layer_norm, {dense: 1}, layer_norm, {dense: 33}, softmax]",
     "binary_cross_entropy", "{rmsprop: {rate: 0.01, momentum: 0.8, weight_decay: 0.03}}", 0, 1e-9},
    {OF_VECTORS(2, 1, 4, 5, 4, 4, GLOBAL), 7, "[{dense: 31}, silu, {dense: 7}, gelu, {dense: 1}]",
     "huber", "{sgd: {rate: 0.1, weight_decay: 0.1}}", 0.5, 0},
    {OF_VECTORS(3, 16, 2, 10, 2, 16, GLOBAL), 33,
     "[{dense: 33}, {dropout: 0.4}, relu, layer_norm, {dense: 31}, sigmoid, {dense: 7}]",
     "cross_entropy", "{adamw: {}}", 0, 0},
    {OF_VECTORS(5, 2, 1, 4, 1, 1, GLOBAL), 2, "[{dense: 7}, elu, {dense: {units: 2, bias: false}}]",
     "mse", "{adagrad: {rate: 0.05, weight_decay: 0.02}}", 0, 0},
    {OF_VECTORS(5, 16, 4, 10, 2, 8, GLOBAL), 31, "[{dense: 33}, leaky_relu, {dense: 2}]",
     "{binary_cross_entropy: {shift: 2}}", "{rmsprop: {rate: 0.01, momentum: 0.5}}", 0.3, 1e-9},
    {OF_ITEMS(1, 1, 8, GLOBAL), 7, "[{dense: 31}, relu, {dense: 2}]", "mse", "{adam: {}}", 0, 0},
    {OF_ITEMS(1, 2, 16, LOCAL), 2, "[{dense: 7}, {dropout: 0.5}, {dense: 1}]", "mae",
     "{sgd: {rate: 0.1, momentum: 0.9}}", 0.5, 1e-9},
    {OF_ITEMS(1, 4, 1, LOCAL), 3, "[sigmoid, {dense: 7}, silu]", "huber", "{rmsprop: {rate: 0.01}}",
     0, 0},
    {OF_ITEMS(1, 64, 64, LOCAL), 7, "[relu, layer_norm, {dense: 7}]", "cross_entropy",
     "{adamw: {}}", 0.5, 1e-9},
    {OF_ITEMS(1, 256, 32, GLOBAL), 33, "[{dense: 33}, softmax]", "binary_cross_entropy",
     "{adagrad: {rate: 0.02}}", 0, 0},
    {OF_ITEMS(3, 8, 16, GLOBAL), 7, "[{dropout: 0.2}, {dense: 7}]", "mse", "{adam: {}}", 0.2, 0},
    {OF_ITEMS(2, 64, 4, GLOBAL), 31, "[layer_norm, {dense: 3}]", "cross_entropy",
     "{sgd: {rate: 0.1}}", 0, 1e-9},
};

enum { CASES = sizeof cases / sizeof *cases };

typedef struct tally {
    int64_t compared, undecided;
    double worst;
} tally;

static void judge(const network_stage *stage, const ds_pass *pass, int64_t count, uint64_t seed,
                  tally *sum) {
    ds_check_report report = {0};
    network_fill(stage, seed);
    assert_ok(ds_check_passes(stage->executor, pass, count, &stage->options, &report));
    sum->compared += report.compared;
    sum->undecided += report.undecided;
    sum->worst = fmax(sum->worst, report.worst_share);
    if (report.fault == DS_FAULT_NONE)
        return;
    ds_text text = {0};
    assert_ok(ds_check_describe(&report, stage->plan, &text));
    printf("%s\n  %lld samples, seed %llu\n", text.characters, (long long)pass->count,
           (unsigned long long)seed);
    network_print(stage->test);
    ds_text_clear(&text);
    fail();
}

/* An update of every size, and evaluation. */
static void judge_sizes(const network_stage *stage, uint64_t seed, tally *sum) {
    static const int64_t sizes[] = {1, 2, 3, 17, 33, 64, STAGE_BATCH};
    for (int i = 0; i < 7; i++)
        for (int training = i % 3 != 1; training >= 0; training -= 1 + (i % 3 == 0)) {
            ds_pass pass = network_pass(training, sizes[i], (uint64_t)(3 + i));
            judge(stage, &pass, 1, seed + (uint64_t)i, sum);
        }
}

/* Three passes together, the last smaller: bounds compose over the update between them. */
static void judge_sequence(const network_stage *stage, uint64_t seed, tally *sum) {
    const ds_pass pass[] = {network_pass(true, 33, 2), network_pass(false, STAGE_BATCH, 4),
                            network_pass(true, 5, 3)};
    judge(stage, pass, 3, seed, sum);
}

static void judge_case(ds_device *device, const network_case *test, uint64_t seed, tally *sum) {
    network_stage stage;
    network_open(&stage, device, test, true);
    judge_sizes(&stage, seed, sum);
    judge_sequence(&stage, seed, sum);
    network_close(&stage);
}

static void assert_decided(const tally *sum) {
    printf("  %lld numbers, %lld undecided, worst error %.2f of its bound\n",
           (long long)sum->compared, (long long)sum->undecided, sum->worst);
    assert_true(sum->compared > 0 && sum->undecided <= sum->compared / 100);
}

static void test_every_shape_of_every_network_is_right(void **state) {
    (void)state;
    ds_device *device = network_device();
    tally sum = {0};
    for (int i = 0; i < CASES; i++)
        judge_case(device, &cases[i], (uint64_t)(100 * i), &sum);
    ds_device_close(device);
    assert_decided(&sum);
}

/* ---- networks at random ---- */

static unsigned pick(uint64_t seed, uint32_t *drawn, unsigned of) {
    return (unsigned)(ds_random_uniform(seed, DS_STREAM_SPLIT, 0, (*drawn)++) * of);
}

#define PICK(list) list[pick(seed, &drawn, sizeof list / sizeof *list)]

static ds_network_shape random_shape(uint64_t seed) {
    static const unsigned power[] = {1, 2, 4, 8, 16}, vectors[] = {1, 2, 4},
                          tile[] = {1, 3, 4, 5, 10}, width[] = {1, 4, 8, 16},
                          blocks[] = {1, 2, 3, 5};
    uint32_t drawn = 100;
    ds_network_shape s = {.group = 1, .blocks = PICK(blocks), .lanes = PICK(power)};
    s.vectors = PICK(vectors);
    s.across = s.vectors >> pick(seed, &drawn, 2);
    s.across = s.across ? s.across : 1;
    s.rows = PICK(tile);
    s.width = PICK(width);
    return s;
}

/* One to six layers of any kind. */
static void random_model(uint64_t seed, char model[512]) {
    static const char *const layer[] = {
        "identity",  "sigmoid", "hard_sigmoid", "tanh",     "relu",    "leaky_relu",
        "elu",       "gelu",    "silu",         "softplus", "softmax", "{dropout: 0.25}",
        "layer_norm"};
    static const int width[] = {1, 2, 7, 31, 33, 100};
    uint32_t drawn = 0;
    int length = snprintf(model, 512, "[");
    for (unsigned depth = pick(seed, &drawn, 3); depth > 0; depth--)
        length += snprintf(model + length, 512 - (size_t)length, "{dense: %d}, %s, ", PICK(width),
                           PICK(layer));
    snprintf(model + length, 512 - (size_t)length, "%s, {dense: %d}]", PICK(layer), PICK(width));
}

static void test_random_networks_are_right(void **state) {
    (void)state;
    static const char *const loss[] = {"mse", "mae", "huber", "binary_cross_entropy",
                                       "cross_entropy"};
    static const char *const optimizer[] = {"{sgd: {rate: 0.1}}",
                                            "{sgd: {rate: 0.1, momentum: 0.9}}",
                                            "{adagrad: {rate: 0.1}}",
                                            "{rmsprop: {rate: 0.1}}",
                                            "{rmsprop: {rate: 0.1, momentum: 0.9}}",
                                            "{adam: {}}",
                                            "{adamw: {}}"};
    static const int64_t inputs[] = {1, 2, 7, 31, 33, 100};
    ds_device *device = network_device();
    tally sum = {0};
    for (uint64_t seed = 1; seed <= 6; seed++) {
        char model[512];
        uint32_t drawn = 200;
        random_model(seed, model);
        network_case test = {random_shape(seed),
                             PICK(inputs),
                             model,
                             PICK(loss),
                             PICK(optimizer),
                             0.5 * pick(seed, &drawn, 2),
                             0};
        judge_case(device, &test, seed, &sum);
    }
    ds_device_close(device);
    assert_decided(&sum);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_shape_of_every_network_is_right),
        cmocka_unit_test(test_random_networks_are_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
