/* What a plan promises: the canonical order of parameters, memory that no two live tensors share,
 * backward ops for what is needed and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/layers.h"
#include "model/plan_build.h"
#include "model/reduced_plan.h"
#include "ops/memory_plan.h"

static bool input_gradient; /* of the next plans */

static ds_plan *plan_for(const char *layers_text, bool separate, bool trained) {
    ds_node *node = NULL;
    ds_layer *layer = NULL;
    ds_plan *plan = NULL;
    int layers = 0;
    assert_int_equal(ds_node_parse(&node, layers_text, "layers"), DS_OK);
    assert_int_equal(ds_layers_parse(&layer, &layers, node), DS_OK);
    ds_plan_request request = {.layer = layer,
                               .layers = layers,
                               .sample = ds_shape_flat(5),
                               .batch = 7,
                               .targets = 2,
                               .loss = &ds_op_mse,
                               .optimizer = trained ? &ds_op_adam : NULL,
                               .optimizer_attribute = {1e-3, 0.9, 0.999, 1e-8, 0},
                               .stop_gradient = -1,
                               .separate = separate,
                               .input_gradient = input_gradient};
    assert_int_equal(ds_layers_shape(layer, layers, &request.sample), DS_OK);
    assert_int_equal(ds_plan_build(&plan, &request), DS_OK);
    ds_node_destroy(node);
    ds_free(layer);
    return plan;
}

static const char deep[] =
    "[{dense: 4}, tanh, {dropout: 0.5}, layer_norm, {dense: 3}, relu, softmax, "
    "{dense: 2}]";

static const ds_tensor *tensor_named(const ds_plan *plan, const char *name) {
    for (int i = 0; i < plan->tensors; i++)
        if (strcmp(plan->tensor[i].name, name) == 0)
            return &plan->tensor[i];
    fail_msg("no tensor %s", name);
    return NULL;
}

static void test_parameters_lie_unpadded_in_layer_order_and_gradients_mirror_them(void **state) {
    (void)state;
    static const char *const names[] = {"0.weight", "0.bias", "3.weight", "3.bias",
                                        "4.weight", "4.bias", "7.weight", "7.bias"};
    ds_plan *plan = plan_for(deep, false, true);
    int64_t offset = 0;
    for (int i = 0; i < 8; i++) {
        char gradient[80];
        const ds_tensor *parameter = tensor_named(plan, names[i]);
        snprintf(gradient, sizeof gradient, "%s.gradient", names[i]);
        assert_int_equal(parameter->offset, offset);
        assert_int_equal(tensor_named(plan, gradient)->offset, offset);
        offset += ds_tensor_count(parameter, 1);
    }
    assert_int_equal(plan->storage_count[DS_PARAMETERS], offset);
    assert_int_equal(plan->storage_count[DS_GRADIENTS], offset);
    assert_int_equal(plan->storage_count[DS_MOMENTS], 2 * offset);
    ds_plan_destroy(plan);
}

/* Pairs of live tensors that share an element of the activations. */
static int conflicts(const ds_plan *plan) {
    int found = 0;
    for (int i = 0; i < plan->tensors; i++)
        for (int k = 0; k < i; k++) {
            const ds_tensor *a = &plan->tensor[i], *b = &plan->tensor[k];
            if (a->storage != DS_ACTIVATIONS || b->storage != DS_ACTIVATIONS ||
                a->first_op == DS_ABSENT || b->first_op == DS_ABSENT)
                continue;
            bool in_time = a->first_op <= b->last_op && b->first_op <= a->last_op;
            bool in_room = a->offset < b->offset + ds_tensor_count(b, plan->batch) &&
                           b->offset < a->offset + ds_tensor_count(a, plan->batch);
            found += in_time && in_room;
        }
    return found;
}

static void test_no_two_live_tensors_share_memory(void **state) {
    (void)state;
    ds_plan *shared = plan_for(deep, false, true), *separate = plan_for(deep, true, true);
    assert_int_equal(conflicts(shared), 0);
    assert_int_equal(conflicts(separate), 0);
    /* Sharing saves something, or the planner does nothing. */
    assert_true(shared->storage_count[DS_ACTIVATIONS] < separate->storage_count[DS_ACTIVATIONS]);
    ds_plan_destroy(shared);
    ds_plan_destroy(separate);
}

/* What a dense layer reads is not where the op behind it writes: they may be launched together. */
static void test_what_a_dense_layer_reads_outlives_the_op_behind(void **state) {
    (void)state;
    ds_plan *plan = plan_for(deep, false, true);
    int seen = 0;
    for (int i = 0; i + 1 < plan->ops; i++) {
        const ds_op *op = &plan->op[i];
        for (int k = 0; k < op->inputs && op->operation == &ds_op_dense; k++) {
            if (op->input[k] == DS_ABSENT)
                continue;
            seen++;
            assert_true(plan->tensor[op->input[k]].storage != DS_ACTIVATIONS ||
                        plan->tensor[op->input[k]].last_op > i);
        }
    }
    assert_true(seen > 0);
    ds_plan_destroy(plan);
}

static void test_separate_tensors_have_guards_between_them(void **state) {
    (void)state;
    ds_plan *plan = plan_for(deep, true, true);
    for (int i = 0; i < plan->tensors; i++)
        for (int k = 0; k < plan->tensors; k++) {
            const ds_tensor *a = &plan->tensor[i], *b = &plan->tensor[k];
            if (i == k || a->storage != DS_ACTIVATIONS || b->storage != DS_ACTIVATIONS ||
                a->first_op == DS_ABSENT || b->first_op == DS_ABSENT || a->offset > b->offset)
                continue;
            assert_true(a->offset + ds_tensor_count(a, plan->batch) + DS_GUARD <= b->offset);
        }
    ds_plan_destroy(plan);
}

static int ops_of(const ds_plan *plan, ds_phase phase) {
    int count = 0;
    for (int i = 0; i < plan->ops; i++)
        count += plan->op[i].phase == phase;
    return count;
}

static void test_the_first_layer_gives_no_gradient_of_its_input(void **state) {
    (void)state;
    ds_plan *plan = plan_for("[{dense: 3}, relu, {dense: 2}]", false, true);
    const ds_op *last = NULL;
    for (int i = 0; i < plan->ops; i++)
        if (plan->op[i].part == DS_BACKWARD)
            last = &plan->op[i];
    assert_non_null(last);
    assert_int_equal(last->layer, 0);
    assert_int_equal(last->output[0], DS_ABSENT);
    assert_int_equal(ops_of(plan, DS_PHASE_BACKWARD), 3);
    ds_plan_destroy(plan);
}

static void test_layers_before_the_first_parameter_have_no_backward(void **state) {
    (void)state;
    ds_plan *plan = plan_for("[tanh, softmax, {dense: 2}, relu]", false, true);
    assert_int_equal(ops_of(plan, DS_PHASE_BACKWARD), 2);
    ds_plan_destroy(plan);
}

static void test_an_evaluation_plan_has_no_backward_and_no_dropout(void **state) {
    (void)state;
    ds_plan *plan = plan_for(deep, false, false);
    assert_int_equal(ops_of(plan, DS_PHASE_BACKWARD), 0);
    assert_int_equal(ops_of(plan, DS_PHASE_UPDATE), 0);
    assert_int_equal(plan->storage_count[DS_GRADIENTS], 0);
    for (int i = 0; i < plan->ops; i++)
        assert_ptr_not_equal(plan->op[i].operation, &ds_op_dropout);
    ds_plan_destroy(plan);
}

static void test_dropout_is_the_identity_in_evaluation(void **state) {
    (void)state;
    ds_plan *plan = plan_for(deep, false, true);
    ds_pass training = {.training = true}, evaluation = {.training = false};
    int dropped = 0, copied = 0;
    for (int i = 0; i < plan->ops; i++) {
        const ds_op *op = &plan->op[i];
        if (op->operation == &ds_op_dropout) {
            dropped += ds_op_runs(op, &training);
            assert_false(ds_op_runs(op, &evaluation));
        }
        if (op->operation == &ds_op_identity) {
            copied += ds_op_runs(op, &evaluation);
            assert_false(ds_op_runs(op, &training));
        }
    }
    assert_int_equal(dropped, 2); /* forward and backward */
    assert_int_equal(copied, 1);
    ds_plan_destroy(plan);
}

static void test_a_plan_that_fails_to_be_built_leaks_nothing(void **state) {
    (void)state;
    ds_layer layer = {.operation = &ds_op_dense, .attribute = {3, 1}};
    ds_plan_request request = {.layer = &layer,
                               .layers = 1,
                               .sample = ds_shape_flat(2),
                               .batch = 4,
                               .targets = 3,
                               .loss = &ds_op_mse,
                               .optimizer = &ds_op_sgd,
                               .optimizer_attribute = {0.1, 0.9},
                               .stop_gradient = -1};
    assert_int_equal(ds_layers_shape(&layer, 1, &request.sample), DS_OK);
    long held = ds_memory_held();
    for (long nth = 1;; nth++) {
        ds_plan *plan = NULL;
        ds_fail_allocation(nth);
        ds_status status = ds_plan_build(&plan, &request);
        ds_fail_allocation(0);
        if (status == DS_OK) {
            assert_true(nth > 3);
            ds_plan_destroy(plan);
            break;
        }
        assert_int_equal(status, DS_OUT_OF_MEMORY);
        assert_null(plan);
        assert_int_equal(ds_memory_held(), held);
    }
    assert_int_equal(ds_memory_held(), held);
}

static void expect_same_ops(const char *layers) {
    ds_plan *plan = plan_for(layers, false, true), *reduced = NULL;
    const ds_operation *loss = NULL;
    assert_int_equal(
        ds_plan_reduce(&reduced, &loss, plan, &(ds_reduction){.numbers = 1, .most = 4}), DS_OK);
    assert_ptr_equal(loss, &ds_op_mse);
    assert_int_equal(reduced->ops, plan->ops);
    for (int i = 0; i < plan->ops; i++) {
        assert_ptr_equal(reduced->op[i].operation, plan->op[i].operation);
        assert_int_equal(reduced->op[i].part, plan->op[i].part);
        assert_int_equal(reduced->op[i].layer, plan->op[i].layer);
        assert_int_equal(reduced->op[i].in_training, plan->op[i].in_training);
    }
    ds_plan_destroy(reduced);
    ds_plan_destroy(plan);
}

/* The kernel of a network is judged on it, and shall be the one that trains. */
static void test_a_plan_on_fewer_samples_has_the_same_ops(void **state) {
    (void)state;
    expect_same_ops(deep);
}

/* An activation alone has no parameters, and a picture shows its slopes: they are judged, too. */
static void test_a_plan_on_fewer_samples_gives_the_same_gradients(void **state) {
    (void)state;
    input_gradient = true;
    expect_same_ops("[sigmoid]");
    expect_same_ops("[{dense: 4}, tanh]");
    input_gradient = false;
    expect_same_ops("[sigmoid]");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parameters_lie_unpadded_in_layer_order_and_gradients_mirror_them),
        cmocka_unit_test(test_no_two_live_tensors_share_memory),
        cmocka_unit_test(test_what_a_dense_layer_reads_outlives_the_op_behind),
        cmocka_unit_test(test_separate_tensors_have_guards_between_them),
        cmocka_unit_test(test_the_first_layer_gives_no_gradient_of_its_input),
        cmocka_unit_test(test_layers_before_the_first_parameter_have_no_backward),
        cmocka_unit_test(test_an_evaluation_plan_has_no_backward_and_no_dropout),
        cmocka_unit_test(test_dropout_is_the_identity_in_evaluation),
        cmocka_unit_test(test_a_plan_on_fewer_samples_has_the_same_ops),
        cmocka_unit_test(test_a_plan_on_fewer_samples_gives_the_same_gradients),
        cmocka_unit_test(test_a_plan_that_fails_to_be_built_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
