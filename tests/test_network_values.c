/* Whole networks in one kernel against the reference: the doctor's cases on every device, and
 * networks at random. */
#include "base/random.h"
#include "doctor/network_examination.h"
#include "examined.h"

static ds_status examine(ds_examination *e, const ds_variant *variant) {
    for (int part = 0; variant->stride == 1 && part < ds_network_parts(); part++)
        DS_CHECK(ds_examine_network_part(e, part));
    return DS_OK;
}

static void test_every_shape_of_every_network_is_right(void **state) {
    (void)state;
    examine_every_device(examine);
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
    ds_examination e = {0};
    DONE(ds_device_open(&e.device, "auto"));
    for (uint64_t seed = 1; seed <= 6; seed++) {
        char model[512];
        uint32_t drawn = 200;
        random_model(seed, model);
        ds_network_case test = {random_shape(seed),
                                PICK(inputs),
                                model,
                                PICK(loss),
                                PICK(optimizer),
                                0.5 * pick(seed, &drawn, 2),
                                0};
        DONE(ds_examine_network(&e, &test, seed));
    }
    assert_healthy(&e.table);
    ds_examination_clear(&e);
    ds_device_close(e.device);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_shape_of_every_network_is_right),
        cmocka_unit_test(test_random_networks_are_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
