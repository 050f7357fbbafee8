/* The `model:` list, losses and optimizers of a recipe: PyTorch's defaults, every option, and what
 * a mistake says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "model/layers.h"
#include "ops/operation.h"
#include "outcome.h"

/* Parses one operation of a family from "x: TEXT". */
static ds_status parse(ds_family family, const char *text, const ds_operation **operation,
                       double attribute[DS_MAX_ATTRIBUTES]) {
    static const char *const what[] = {"layer", "loss", "optimizer", "service"};
    ds_node *root = NULL;
    DONE(ds_node_parse(&root, text, "r.yaml"));
    ds_status status = ds_operation_parse(root, family, what[family], operation, attribute);
    ds_node_destroy(root);
    return status;
}

/* ---- defaults and options ---- */

typedef struct expected {
    ds_family family;
    const char *text, *name;
    double attribute[5];
} expected;

/* Written down from PyTorch's documentation of torch.nn and torch.optim. The first of an
 * operation's attributes is its first option. */
static const expected defaults[] = {
    {DS_LAYER, "dense: 16", "dense", {16, 1}},
    {DS_LAYER, "dense: {units: 7, bias: false}", "dense", {7, 0}},
    {DS_LAYER, "identity", "identity", {0}},
    {DS_LAYER, "sigmoid", "sigmoid", {0}},
    {DS_LAYER, "hard_sigmoid", "hard_sigmoid", {0}},
    {DS_LAYER, "tanh", "tanh", {0}},
    {DS_LAYER, "relu", "relu", {0}},
    {DS_LAYER, "relu:", "relu", {0}},
    {DS_LAYER, "leaky_relu", "leaky_relu", {0.01}},
    {DS_LAYER, "leaky_relu: 0.2", "leaky_relu", {0.2}},
    {DS_LAYER, "leaky_relu: {slope: 0.2}", "leaky_relu", {0.2}},
    {DS_LAYER, "elu", "elu", {1}},
    {DS_LAYER, "elu: 0.5", "elu", {0.5}},
    {DS_LAYER, "gelu", "gelu", {0}},
    {DS_LAYER, "silu", "silu", {0}},
    {DS_LAYER, "softplus", "softplus", {0}},
    {DS_LAYER, "softmax", "softmax", {0}},
    {DS_LAYER, "dropout", "dropout", {0.5}},
    {DS_LAYER, "dropout: 0.1", "dropout", {0.1}},
    {DS_LAYER, "layer_norm", "layer_norm", {1e-5}},
    {DS_LAYER, "layer_norm: {epsilon: 1e-3}", "layer_norm", {1e-3}},
    {DS_LOSS, "mse", "mse", {0}},
    {DS_LOSS, "mae", "mae", {0}},
    {DS_LOSS, "huber", "huber", {1}},
    {DS_LOSS, "huber: {delta: 2.5}", "huber", {2.5}},
    {DS_LOSS, "binary_cross_entropy", "binary_cross_entropy", {0}},
    {DS_LOSS, "cross_entropy", "cross_entropy", {0}},
    {DS_OPTIMIZER, "sgd: {rate: 0.1}", "sgd", {0.1, 0, 0, 0}},
    {DS_OPTIMIZER, "sgd: 0.1", "sgd", {0.1, 0, 0, 0}},
    {DS_OPTIMIZER,
     "sgd: {weight_decay: 4, nesterov: true, momentum: 0.9, rate: 1}",
     "sgd",
     {1, 0.9, 1, 4}},
    {DS_OPTIMIZER, "adagrad", "adagrad", {1e-2, 1e-10, 0}},
    {DS_OPTIMIZER, "adagrad: {epsilon: 1, weight_decay: 2}", "adagrad", {1e-2, 1, 2}},
    {DS_OPTIMIZER, "rmsprop", "rmsprop", {1e-2, 0.99, 1e-8, 0, 0}},
    {DS_OPTIMIZER, "rmsprop: {alpha: 0.5, momentum: 1}", "rmsprop", {1e-2, 0.5, 1e-8, 1, 0}},
    {DS_OPTIMIZER, "adam", "adam", {1e-3, 0.9, 0.999, 1e-8, 0}},
    {DS_OPTIMIZER, "adam: {beta1: 0.1, beta2: 0.2}", "adam", {1e-3, 0.1, 0.2, 1e-8, 0}},
    {DS_OPTIMIZER, "adamw:", "adamw", {1e-3, 0.9, 0.999, 1e-8, 0.01}},
    {DS_OPTIMIZER, "adamw: {rate: 3e-4}", "adamw", {3e-4, 0.9, 0.999, 1e-8, 0.01}},
};

static void defaults_are_pytorchs(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        const expected *e = &defaults[i];
        const ds_operation *operation = NULL;
        double attribute[DS_MAX_ATTRIBUTES];
        DONE(parse(e->family, e->text, &operation, attribute));
        assert_string_equal(operation->name, e->name);
        for (int k = 0; k < 5; k++)
            if (attribute[k] != e->attribute[k])
                fail_msg("%s: attribute %d is %g", e->text, k, attribute[k]);
    }
}

/* What is printed is what a recipe may hold, with every bit. */
static void what_is_printed_is_parsed_back(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        const ds_operation *operation = NULL, *again = NULL;
        double attribute[DS_MAX_ATTRIBUTES], back[DS_MAX_ATTRIBUTES];
        ds_text text = {0};
        DONE(parse(defaults[i].family, defaults[i].text, &operation, attribute));
        if (operation->option[0].type == DS_OPTION_NUMBER && attribute[0] > 0)
            attribute[0] /= 3;
        DONE(ds_operation_print(operation, attribute, &text));
        DONE(parse(defaults[i].family, text.characters, &again, back));
        assert_ptr_equal(again, operation);
        assert_memory_equal(back, attribute, sizeof back);
        ds_text_clear(&text);
    }
}

static void every_operation_is_known_by_its_name(void **state) {
    static const char *const names[][16] = {
        {"dense", "identity", "sigmoid", "hard_sigmoid", "tanh", "relu", "leaky_relu", "elu",
         "gelu", "silu", "softplus", "softmax", "dropout", "layer_norm"},
        {"mse", "mae", "huber", "binary_cross_entropy", "cross_entropy"},
        {"sgd", "adam", "adamw", "rmsprop", "adagrad"},
    };
    (void)state;
    for (ds_family family = DS_LAYER; family <= DS_OPTIMIZER; family++)
        for (int i = 0; names[family][i]; i++)
            assert_non_null(ds_operation_find(family, names[family][i]));
    assert_null(ds_operation_find(DS_LAYER, "mse"));
    assert_null(ds_operation_find(DS_LOSS, "adam"));
}

/* ---- a list ---- */

static ds_status parse_list(const char *text, ds_layer **layer, int *count) {
    ds_node *root = NULL;
    DONE(ds_node_parse(&root, text, "r.yaml"));
    ds_status status = ds_layers_parse(layer, count, ds_node_get(root, "model"));
    ds_node_destroy(root);
    return status;
}

static void a_list_is_parsed_in_order(void **state) {
    ds_layer *layer = NULL;
    int count = 0;
    (void)state;
    DONE(parse_list("model:\n  - dense: 16\n  - relu\n  - dropout: 0.25\n  - dense: {units: 1}\n",
                    &layer, &count));
    assert_int_equal(count, 4);
    assert_string_equal(layer[0].operation->name, "dense");
    assert_string_equal(layer[1].operation->name, "relu");
    assert_true(layer[2].attribute[0] == 0.25);
    assert_true(layer[3].attribute[0] == 1);
    ds_shape sample = {3, {2, 5, 3}};
    DONE(ds_layers_shape(layer, count, &sample));
    static const int64_t outputs[] = {16, 16, 16, 1};
    for (int i = 0; i < count; i++)
        assert_int_equal(ds_shape_count(&layer[i].out), outputs[i]);
    assert_int_equal(layer[0].in.rank, 3);
    assert_int_equal(ds_shape_count(&layer[3].in), 16);
    ds_free(layer);
    DONE(parse_list("model: []", &layer, &count));
    assert_int_equal(count, 0);
    ds_free(layer);
}

static void too_many_layers_are_refused(void **state) {
    ds_text text = {0};
    ds_layer *layer = NULL;
    int count = 0;
    (void)state;
    DONE(ds_text_add(&text, "model:\n"));
    for (int i = 0; i < 1001; i++)
        DONE(ds_text_add(&text, "- relu\n"));
    assert_refused(parse_list(text.characters, &layer, &count),
                   "r.yaml:1:1: model: more than 1000 layers");
    ds_text_clear(&text);
}

static void a_mistake_is_named_by_its_place(void **state) {
    static const struct {
        const char *text, *message, *hint;
    } cases[] = {
        {"model: dense", "r.yaml:1:1: model: expected a list of layers", NULL},
        {"model: {dense: 3}", "r.yaml:1:1: model: expected a list of layers", NULL},
        {"model:\n  - dense: 4\n  - rellu", "r.yaml:3:5: unknown layer \"rellu\"",
         "did you mean \"relu\"?"},
        {"model:\n  - dens: 4", "r.yaml:2:5: unknown layer \"dens\"", "did you mean \"dense\"?"},
        {"model: [convolution]", "r.yaml:1:9: unknown layer \"convolution\"",
         "known: dense, identity, sigmoid, hard_sigmoid, tanh, relu, leaky_relu, elu, gelu, silu, "
         "softplus, softmax, dropout, layer_norm"},
        {"model: [mse]", "r.yaml:1:9: unknown layer \"mse\"", NULL},
        {"model: [dense]", "r.yaml:1:9: \"dense\" needs its units",
         "for example dense: {units: 16}"},
        {"model: [{dense: {bias: true}}]", "r.yaml:1:10: \"dense\" needs its units", NULL},
        {"model: [{dense: 0}]",
         "r.yaml:1:10: dense.units: expected a value from 1 to 16777216, got 0", NULL},
        {"model: [{dense: -3}]",
         "r.yaml:1:10: dense.units: expected a value from 1 to 16777216, got -3", NULL},
        {"model: [{dense: 2.5}]", "r.yaml:1:10: dense.units: expected a whole number, got \"2.5\"",
         NULL},
        {"model: [{dense: \"4\"}]", "r.yaml:1:10: dense.units: expected a whole number, got \"4\"",
         NULL},
        {"model: [{dense: {unit: 3}}]", "r.yaml:1:18: unknown key \"unit\" in dense",
         "did you mean \"units\"?"},
        {"model: [{dense: {units: 3, bias: maybe}}]",
         "r.yaml:1:28: dense.bias: expected true or false, got maybe", "write true or false"},
        {"model: [{dense: [3]}]", "r.yaml:1:10: dense: expected a mapping, got a list", NULL},
        {"model: [{relu: 3}]", "r.yaml:1:10: \"relu\" has no options", "write its name alone"},
        {"model: [{dropout: 1.5}]",
         "r.yaml:1:10: dropout.probability: expected a value from 0 to 1, got 1.5", NULL},
        {"model: [{leaky_relu: .nan}]",
         "r.yaml:1:10: leaky_relu.slope: expected a number, got \".nan\"", NULL},
        {"model: [{dense: 3, relu: }]", "r.yaml:1:9: expected one layer, got several or none",
         "write a word, or one `word: options`"},
        {"model: [{}]", "r.yaml:1:9: expected one layer, got several or none", NULL},
        {"model: [[relu]]", "r.yaml:1:9: expected one layer, got a list", NULL},
        {"model:\n  -\n", "r.yaml:2:4: unknown layer \"\"", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ds_layer *layer = NULL;
        int count = -1;
        long held = ds_memory_held();
        assert_refused(parse_list(cases[i].text, &layer, &count), cases[i].message);
        if (cases[i].hint)
            assert_hint(cases[i].hint);
        assert_null(layer);
        assert_int_equal(count, -1);
        assert_int_equal(ds_memory_held(), held);
    }
}

static void losses_and_optimizers_are_named_so(void **state) {
    const ds_operation *operation = NULL;
    double attribute[DS_MAX_ATTRIBUTES];
    (void)state;
    assert_refused(parse(DS_LOSS, "msee", &operation, attribute),
                   "r.yaml:1:1: unknown loss \"msee\"");
    assert_hint("did you mean \"mse\"?");
    assert_refused(parse(DS_OPTIMIZER, "adma: {rate: 1}", &operation, attribute),
                   "r.yaml:1:1: unknown optimizer \"adma\"");
    assert_hint("did you mean \"adam\"?");
    assert_refused(parse(DS_OPTIMIZER, "sgd", &operation, attribute),
                   "r.yaml:1:1: \"sgd\" needs its rate");
    assert_hint("for example sgd: {rate: 0.01}");
    assert_refused(parse(DS_OPTIMIZER, "sgd: {rate: -1}", &operation, attribute),
                   "r.yaml:1:7: sgd.rate: expected a value from 0 to 1e+30, got -1");
    assert_refused(parse(DS_LOSS, "huber: {delta: 0}", &operation, attribute),
                   "r.yaml:1:9: huber.delta: expected a value from 1e-30 to 1e+30, got 0");
    assert_null(operation);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_pytorchs),
        cmocka_unit_test(what_is_printed_is_parsed_back),
        cmocka_unit_test(every_operation_is_known_by_its_name),
        cmocka_unit_test(a_list_is_parsed_in_order),
        cmocka_unit_test(too_many_layers_are_refused),
        cmocka_unit_test(a_mistake_is_named_by_its_place),
        cmocka_unit_test(losses_and_optimizers_are_named_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
