/* Start values from a safetensors file: by its names or by others, with what does not fit named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "base/files.h"
#include "model/safetensors.h"
#include "scratch_folder.h"
#include "started_net.h"

static void write_start(ds_tensor_type type, const ds_shape *weight_shape, const double *weight,
                        const char *bias_name) {
    static const double bias[] = {-0.0, 1e300};
    static const double narrow[] = {-0.0, 1e-45};
    ds_stored_tensor tensors[] = {
        {"unused", DS_TYPE_F32, {0}, bias},
        {bias_name, type, ds_shape_flat(2), type == DS_TYPE_F64 ? bias : narrow},
        {"0.weight", type, *weight_shape, weight},
    };
    DONE(ds_folder_make("start"));
    DONE(ds_safetensors_write("start/s.safetensors", tensors, 3, NULL, 0));
}

static void a_file_is_taken_as_it_is(void **state) {
    static const double wide[] = {0.1, -1.0 / 3, 4.9406564584124654e-324, 1e-310, 2, 3};
    ds_shape shape = {2, {2, 3}};
    net n = make_net("[{dense: 2}]", 3);
    (void)state;
    write_start(DS_TYPE_F64, &shape, wide, "0.bias");
    DONE(start(&n, "{file: s.safetensors}", 1));
    assert_memory_equal(n.value, wide, sizeof wide);
    assert_true(n.value[6] == 0 && signbit(n.value[6]) && n.value[7] == 1e300);
    write_start(DS_TYPE_F32, &shape, wide, "0.bias");
    DONE(start(&n, "{file: s.safetensors}", 1));
    for (int i = 0; i < 6; i++)
        assert_true(n.value[i] == (float)wide[i]);
    assert_true(signbit(n.value[6]) && n.value[7] == 0x1p-149);
    clear_net(&n);
}

static void a_file_that_does_not_fit_is_refused(void **state) {
    static const double values[] = {1, 2, 3, 4, 5, 6}, broken[] = {1, 2, NAN, 4, 5, 6};
    ds_shape fits = {2, {2, 3}}, transposed = {2, {3, 2}}, flat = {1, {6}};
    net n = make_net("[{dense: 2}]", 3);
    const char *init = "{file: s.safetensors}";
    (void)state;
    assert_refused(start(&n, init, 1), "start/s.safetensors: No such file or directory");
    write_start(DS_TYPE_F32, &transposed, values, "0.bias");
    assert_refused(start(&n, init, 1), "start/s.safetensors: tensor \"0.weight\" is 3x2, the model "
                                       "needs 2x3 for \"0.weight\"");
    assert_hint("store it transposed: a row for each output, as PyTorch's Linear has it");
    write_start(DS_TYPE_F32, &flat, values, "0.bias");
    assert_refused(start(&n, init, 1), "start/s.safetensors: tensor \"0.weight\" is 6, the model "
                                       "needs 2x3 for \"0.weight\"");
    assert_hint("make the model fit the file, or choose another");
    write_start(DS_TYPE_F32, &fits, values, "0.bais");
    assert_refused(start(&n, init, 1), "start/s.safetensors: no tensor \"0.bias\"; its tensors: "
                                       "unused (one number), 0.bais 2, 0.weight 2x3");
    write_start(DS_TYPE_F32, &fits, broken, "0.bias");
    assert_refused(start(&n, init, 1), "start/s.safetensors: tensor \"0.weight\" holds nan at "
                                       "[0, 2]");
    clear_net(&n);
}

/* Two layers, 4x1 and 1x4, whose values are 1 .. 4, 5 .. 8, 9 .. 12 and 13, by these names. */
static void write_net(const char *const name[4]) {
    static const double value[13] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};
    const ds_stored_tensor tensors[] = {
        {name[0], DS_TYPE_F32, {2, {4, 1}}, value},
        {name[1], DS_TYPE_F32, {1, {4}}, value + 4},
        {name[2], DS_TYPE_F32, {2, {1, 4}}, value + 8},
        {name[3], DS_TYPE_F32, {1, {1}}, value + 12},
    };
    DONE(ds_folder_make("start"));
    DONE(ds_safetensors_write("start/s.safetensors", tensors, 4, NULL, 0));
}

static const char *const foreign[] = {"fc1.weight", "fc1.bias", "out.weight", "out.bias"};

static void assert_counted(const net *n) {
    for (int i = 0; i < 13; i++)
        assert_true(n->value[i] == 1 + i);
}

static void names_say_which_tensor_is_which(void **state) {
    static const char *const led[] = {"net.0.weight", "net.0.bias", "net.2.weight", "net.2.bias"};
    static const char *const bare[] = {"weight", "bias", "2.weight", "2.bias"};
    static const struct {
        const char *const *name;
        const char *names;
    } cases[] = {
        {foreign, "{0.weight: fc1.weight, 0.bias: fc1.bias, 2.weight: out.weight, 2.bias: "
                  "out.bias}"},
        {foreign, "{0: fc1, 2: out}"},
        {foreign, "{0.: fc1., 2.bias: out.bias, 2: out}"},
        {led, "{\"\": \"net.\"}"},
        {led, "{0: net.0, \"\": net., 2: net.2}"},
        {bare, "{\"0.\": \"\"}"},
    };
    net n = make_net("[{dense: 4}, relu, {dense: 1}]", 1);
    char init[256];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_net(cases[i].name);
        memset(n.value, 0, (size_t)n.values * sizeof *n.value);
        snprintf(init, sizeof init, "{file: s.safetensors, names: %s}", cases[i].names);
        DONE(start(&n, init, 1));
        assert_counted(&n);
    }
    clear_net(&n);
}

/* What the hint proposes is taken, and is right. */
static void the_way_out_of_foreign_names_works(void **state) {
    static const struct {
        const char *name[4], *list, *names;
    } cases[] = {
        {{"m.0.weight", "m.0.bias", "m.2.weight", "m.2.bias"},
         "m.0.weight 4x1, m.0.bias 4, m.2.weight 1x4, m.2.bias 1",
         "{\"\": \"m.\"}"},
        {{"fc1.weight", "fc1.bias", "out.weight", "out.bias"},
         "fc1.weight 4x1, fc1.bias 4, out.weight 1x4, out.bias 1",
         "{0: fc1, 2: out}"},
        {{"weight", "bias", "b.weight", "b.bias"},
         "weight 4x1, bias 4, b.weight 1x4, b.bias 1",
         "{\"0.\": \"\", 2: b}"},
    };
    net n = make_net("[{dense: 4}, relu, {dense: 1}]", 1);
    char text[512];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_net(cases[i].name);
        snprintf(text, sizeof text, "start/s.safetensors: no tensor \"0.weight\"; its tensors: %s",
                 cases[i].list);
        assert_refused(start(&n, "{file: s.safetensors}", 1), text);
        snprintf(text, sizeof text, "say what they are: init: {file: s.safetensors, names: %s}",
                 cases[i].names);
        assert_hint(text);
        DONE(start(&n, text + strlen("say what they are: init: "), 1));
        assert_counted(&n);
    }
    clear_net(&n);
}

/* Two layers of one shape are two tensors of the file; where a layer has none, nothing is guessed.
 */
static void layers_of_one_shape_are_told_apart(void **state) {
    static const double value[] = {1, 2};
    static const ds_stored_tensor tensors[] = {
        {"a.weight", DS_TYPE_F32, {2, {1, 1}}, value},
        {"a.bias", DS_TYPE_F32, {1, {1}}, value},
        {"b.weight", DS_TYPE_F32, {2, {1, 1}}, value + 1},
        {"b.bias", DS_TYPE_F32, {1, {1}}, value + 1},
    };
    net two = make_net("[{dense: 1}, {dense: 1}]", 1);
    net three = make_net("[{dense: 1}, {dense: 1}, {dense: 1}]", 1);
    (void)state;
    DONE(ds_folder_make("start"));
    DONE(ds_safetensors_write("start/s.safetensors", tensors, 4, NULL, 0));
    assert_int_equal(start(&two, "{file: s.safetensors}", 1), DS_BAD_INPUT);
    assert_hint("say what they are: init: {file: s.safetensors, names: {0: a, 1: b}}");
    assert_int_equal(start(&three, "{file: s.safetensors}", 1), DS_BAD_INPUT);
    assert_hint("make the model fit the file, and say which tensor is which: init: {file: "
                "s.safetensors, names: {0.weight: NAME IN THE FILE}}");
    clear_net(&two);
    clear_net(&three);
}

static void names_that_are_wrong_are_refused(void **state) {
    static const char *const cases[][3] = {
        {"{0: fc2, 2: out}",
         "r.yaml:1:37: init.names: start/s.safetensors has no tensor \"fc2.weight\" for "
         "\"0.weight\"",
         "did you mean \"fc1.weight\"?"},
        {"{0: somewhere.else, 2: out}",
         "r.yaml:1:37: init.names: start/s.safetensors has no tensor \"somewhere.else.weight\" for "
         "\"0.weight\"",
         "its tensors: fc1.weight 4x1, fc1.bias 4, out.weight 1x4, out.bias 1"},
        {"{1: fc1}", "r.yaml:1:37: the model has no parameter \"1\"",
         "its parameters: 0.weight, 0.bias, 2.weight, 2.bias"},
        {"{0.wight: fc1}", "r.yaml:1:37: the model has no parameter \"0.wight\"",
         "did you mean \"0.weight\"?"},
        {"{0.w: fc1}", "r.yaml:1:37: the model has no parameter \"0.w\"", NULL},
        {"{0: [fc1]}", "r.yaml:1:37: init.names: expected a word, got a list", NULL},
        {"fc1", "r.yaml:1:29: init.names: expected the model's names with the file's", NULL},
    };
    net n = make_net("[{dense: 4}, relu, {dense: 1}]", 1);
    char init[256];
    (void)state;
    write_net(foreign);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(init, sizeof init, "{file: s.safetensors, names: %s}", cases[i][0]);
        assert_refused(start(&n, init, 1), cases[i][1]);
        if (cases[i][2])
            assert_hint(cases[i][2]);
    }
    assert_refused(start(&n, "{names: {0: fc1}}", 1),
                   "r.yaml:1:1: init: expected a file, or values");
    assert_refused(start(&n, "{values: {0.bias: 1}, names: {0: fc1}}", 1),
                   "r.yaml:1:1: init: expected a file, or values");
    clear_net(&n);
}

/* A header written by hand: one value of 16 bits for the weight, an I64 beside it. */
static void write_integers(const char *weight_type, size_t weight_size) {
    char header[512];
    unsigned char bytes[600] = {0};
    int length =
        snprintf(header, sizeof header,
                 "{\"0.weight\":{\"dtype\":\"%s\",\"shape\":[1,1],\"data_offsets\":[0,%zu]},"
                 "\"steps\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[%zu,%zu]}}",
                 weight_type, weight_size, weight_size, weight_size + 8);
    bytes[0] = (unsigned char)length;
    memcpy(bytes + 8, header, (size_t)length);
    bytes[8 + length + 1] = 0x3e; /* F16: 1.5 */
    DONE(ds_folder_make("start"));
    DONE(ds_file_write("start/s.safetensors", bytes, 8 + (size_t)length + weight_size + 8));
}

static void what_is_not_used_is_noted(void **state) {
    net n = make_net("[{dense: {units: 1, bias: false}}]", 1), narrow = make_net("[{dense: 4}]", 1);
    ds_text notes = {0};
    (void)state;
    write_integers("F16", 2);
    DONE(start_noting(&n, "{file: s.safetensors}", 1, &notes));
    assert_true(n.value[0] == 1.5);
    assert_string_equal(notes.characters,
                        "init: 1 tensor of start/s.safetensors is not used: steps I64\n");
    ds_text_clear(&notes);
    write_integers("I16", 2);
    assert_refused(start(&n, "{file: s.safetensors}", 1),
                   "start/s.safetensors: tensor \"0.weight\" is I16");
    write_net(foreign);
    DONE(start_noting(&narrow, "{file: s.safetensors, names: {0: fc1}}", 1, &notes));
    assert_string_equal(notes.characters, "init: 2 tensors of start/s.safetensors are not used: "
                                          "out.weight 1x4, out.bias 1\n");
    ds_text_clear(&notes);
    write_net((const char *const[]){"0.weight", "0.bias", "1.weight", "1.bias"});
    net whole = make_net("[{dense: 4}, {dense: 1}]", 1);
    DONE(start_noting(&whole, "{file: s.safetensors}", 1, &notes));
    assert_int_equal(notes.length, 0);
    clear_net(&n);
    clear_net(&narrow);
    clear_net(&whole);
}

/* Of a large file the first dozen. */
static void many_tensors_are_counted(void **state) {
    enum { MANY = 30 };
    static const double value[] = {0};
    char name[MANY][8];
    ds_stored_tensor tensors[MANY];
    net n = make_net("[{dense: 1}]", 1);
    (void)state;
    for (int i = 0; i < MANY; i++) {
        snprintf(name[i], sizeof name[i], "t%02d", i);
        tensors[i] = (ds_stored_tensor){name[i], DS_TYPE_F32, {1, {1}}, value};
    }
    DONE(ds_folder_make("start"));
    DONE(ds_safetensors_write("start/s.safetensors", tensors, MANY, NULL, 0));
    assert_refused(start(&n, "{file: s.safetensors}", 1),
                   "start/s.safetensors: no tensor \"0.weight\"; its tensors: t00 1, t01 1, t02 1, "
                   "t03 1, t04 1, t05 1, t06 1, t07 1, t08 1, t09 1, t10 1, t11 1, ... (30 in "
                   "all)");
    clear_net(&n);
}

static void a_file_without_memory_leaks_nothing(void **state) {
    net n = make_net("[{dense: 4}, relu, {dense: 1}]", 1);
    static const char *const inits[] = {"{file: s.safetensors}",
                                        "{file: s.safetensors, names: {0: fc1, 2: nowhere.at.all}}",
                                        "{file: s.safetensors, names: {0: fc1, 2: out}}"};
    (void)state;
    write_net(foreign);
    for (int k = 0; k < 3; k++) {
        ds_text notes = {0};
        ds_node *root = NULL;
        char text[256];
        ds_status status = DS_OUT_OF_MEMORY;
        snprintf(text, sizeof text, "init: %s", inits[k]);
        DONE(ds_node_parse(&root, text, "r.yaml"));
        long held = ds_memory_held();
        for (long nth = 1; status == DS_OUT_OF_MEMORY; nth++) {
            ds_fail_allocation(nth);
            status = ds_parameters_start(n.value, n.entry, n.entries, ds_node_get(root, "init"),
                                         "start", 1, &notes);
            ds_fail_allocation(0);
            ds_text_clear(&notes);
            assert_int_equal(ds_memory_held(), held);
        }
        assert_int_equal(status, k == 2 ? DS_OK : DS_BAD_INPUT);
        ds_node_destroy(root);
    }
    clear_net(&n);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(a_file_is_taken_as_it_is),
        IN_SCRATCH(a_file_that_does_not_fit_is_refused),
        IN_SCRATCH(names_say_which_tensor_is_which),
        IN_SCRATCH(the_way_out_of_foreign_names_works),
        IN_SCRATCH(layers_of_one_shape_are_told_apart),
        IN_SCRATCH(names_that_are_wrong_are_refused),
        IN_SCRATCH(what_is_not_used_is_noted),
        IN_SCRATCH(many_tensors_are_counted),
        IN_SCRATCH(a_file_without_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
