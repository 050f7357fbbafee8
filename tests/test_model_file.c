/* model.safetensors: what is saved is loaded, a damaged file is refused, and a model says what it
 * is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "base/digest.h"
#include "base/files.h"
#include "base/memory.h"
#include "model/safetensors.h"
#include "ops/operation.h"
#include "outcome.h"
#include "scratch_folder.h"
#include "train/recipe.h"
#include "train/trained_model.h"

static const char recipe_text[] =
    "data: {train: people.csv, target: gender, normalize: standard}\n"
    "model: [{dense: 6}, {leaky_relu: 0.3}, {dropout: 0.1}, layer_norm, {dense: 2}]\n"
    "loss: cross_entropy\n"
    "optimizer: {adam: {rate: 0.01}}\n"
    "epochs: 3\n"
    "seed: 18446744073709\n";

static void write_data(void) {
    scratch_write("people.csv", "weight,height,town,gender\n60,170,A,m\n80,180,B,\"f \"\"x\"\"\"\n"
                                "55,160,\xc3\xa4,m\n90,190,B,\"f \"\"x\"\"\"\n58,165,A,m\n");
}

static ds_device *reference(void) {
    ds_device *device = NULL;
    DONE(ds_device_open(&device, "reference"));
    return device;
}

/* Trains the recipe into the folder "run". */
static ds_model *train(const char *text, ds_device *device) {
    ds_recipe *recipe = NULL;
    ds_model *model = NULL;
    ds_train_options options = {.folder = "run"};
    write_data();
    DONE(ds_recipe_parse(&recipe, text, NULL));
    DONE(ds_train(recipe, device, &options, NULL, &model));
    ds_recipe_destroy(recipe);
    return model;
}

static char *predictions(const ds_model *model, ds_device *device) {
    char *csv = NULL;
    DONE(ds_predict_file(model, device, "people.csv", &csv));
    return csv;
}

static void assert_same_model(const ds_model *a, const ds_model *b) {
    char *first = NULL, *second = NULL;
    assert_int_equal(a->values, b->values);
    for (int64_t i = 0; i < a->values; i++)
        assert_true((float)a->parameters[i] == b->parameters[i]);
    DONE(ds_model_metadata(a, &first));
    DONE(ds_model_metadata(b, &second));
    assert_string_equal(first, second);
    ds_free(first);
    ds_free(second);
    DONE(ds_model_describe(a, &first));
    DONE(ds_model_describe(b, &second));
    assert_string_equal(first, second);
    ds_free(first);
    ds_free(second);
}

static void what_is_saved_is_loaded(void **state) {
    ds_device *device = reference();
    ds_model *model = train(recipe_text, device), *loaded = NULL, *again = NULL, *trained = NULL;
    (void)state;
    DONE(ds_model_save(model, "m.safetensors"));
    DONE(ds_model_load(&loaded, "m.safetensors"));
    assert_same_model(model, loaded);
    assert_int_equal(loaded->layers, 5);
    assert_true(loaded->layer[1].attribute[0] == 0.3);
    assert_ptr_equal(loaded->loss, &ds_op_cross_entropy);
    assert_int_equal(loaded->seed, 18446744073709);
    assert_int_equal(loaded->epochs, 3);
    assert_int_equal(loaded->updates, 3);
    assert_string_equal(loaded->device, "reference");
    assert_int_equal(strlen(loaded->plan_hash), 64);
    /* The recipe, as it was printed; it makes a recipe again. */
    ds_recipe *recipe = NULL, *kept = NULL;
    char *text = NULL;
    DONE(ds_recipe_parse(&recipe, recipe_text, NULL));
    DONE(ds_recipe_print(recipe, &text));
    assert_string_equal(loaded->recipe, text);
    DONE(ds_recipe_parse(&kept, loaded->recipe, NULL));
    ds_free(text);
    ds_recipe_destroy(recipe);
    ds_recipe_destroy(kept);
    /* The same predictions, bit for bit, from what went through float32 once. */
    DONE(ds_model_save(loaded, "again.safetensors"));
    DONE(ds_model_load(&again, "again.safetensors"));
    char *first = predictions(loaded, device), *second = predictions(again, device);
    assert_string_equal(first, second);
    assert_non_null(strstr(first, "\"gender=f \"\"x\"\"\""));
    ds_free(first);
    ds_free(second);
    ds_bytes one = {0}, two = {0};
    DONE(ds_file_read(&one, "m.safetensors"));
    DONE(ds_file_read(&two, "again.safetensors"));
    assert_int_equal(one.size, two.size);
    assert_memory_equal(one.data, two.data, one.size);
    ds_free(one.data);
    ds_free(two.data);
    /* A folder stands for the file in it. */
    DONE(ds_model_load(&trained, "run"));
    assert_same_model(loaded, trained);
    ds_model_destroy(trained);
    trained = NULL;
    DONE(ds_model_load(&trained, "run/"));
    ds_model_destroy(trained);
    ds_model_destroy(again);
    ds_model_destroy(loaded);
    ds_model_destroy(model);
    ds_device_close(device);
}

static void predictions_stay_the_same(void **state) {
    static const double rows[] = {1, 2, 3, -4, 0.5, 0};
    ds_device *device = reference();
    ds_data *data = NULL;
    ds_model *model = NULL, *loaded = NULL;
    float before[3], after[3];
    ds_array features = {rows, DS_ARRAY_FLOAT64, 3, 2};
    (void)state;
    DONE(ds_data_from_arrays(&data, features, (ds_array){rows, DS_ARRAY_FLOAT64, 3, 1}, 0));
    DONE(ds_model_create(&model, data, "[{dense: 5}, tanh, {dense: 1}]", "normal", 4));
    DONE(ds_model_save(model, "m.safetensors"));
    DONE(ds_model_load(&loaded, "m.safetensors"));
    assert_null(loaded->loss);
    assert_string_equal(loaded->recipe, "");
    assert_string_equal(loaded->device, "");
    DONE(ds_model_predict(model, device, features, before));
    DONE(ds_model_predict(loaded, device, features, after));
    assert_memory_equal(before, after, sizeof before); /* start values are float32 already */
    ds_model_destroy(loaded);
    ds_model_destroy(model);
    ds_data_destroy(data);
    ds_device_close(device);
}

static void tensors_are_named_as_pytorch_names_them(void **state) {
    static const char *const names[] = {"0.weight", "0.bias",   "3.weight",
                                        "3.bias",   "4.weight", "4.bias"};
    ds_device *device = reference();
    ds_model *model = train(recipe_text, device);
    ds_stored_file file = {0};
    (void)state;
    DONE(ds_safetensors_read(&file, "run/model.safetensors"));
    assert_int_equal(file.tensors, 6);
    for (int i = 0; i < 6; i++) {
        assert_string_equal(file.tensor[i].name, names[i]);
        assert_int_equal(file.tensor[i].type, DS_TYPE_F32);
    }
    /* Two numbers, and the town as one of A, B and another: out x in. */
    assert_int_equal(file.tensor[0].shape.extent[0], 6);
    assert_int_equal(file.tensor[0].shape.extent[1], 5);
    assert_string_equal(ds_stored_metadata(&file, "descent"), "1");
    assert_non_null(ds_stored_metadata(&file, "recipe"));
    ds_stored_file_clear(&file);
    ds_model_destroy(model);
    ds_device_close(device);
}

/* ---- files that are no models ---- */

static void write_model(const char *version, const char *recipe) {
    static const double value[] = {1};
    const ds_stored_tensor tensor = {"0.weight", DS_TYPE_F32, {1, {1}}, value};
    ds_stored_text texts[] = {{"descent", version}, {"recipe", recipe}};
    DONE(ds_safetensors_write("m", &tensor, 1, texts, recipe ? 2 : 1));
}

static void what_is_no_model_is_refused(void **state) {
    static const char unmade[] =
        "m: it does not say how the model is made (\"recipe\" in its metadata)";
    ds_model *model = NULL;
    ds_device *device = reference();
    char *metadata = NULL;
    (void)state;
    ds_model_destroy(train(recipe_text, device));
    DONE(ds_model_load(&model, "run"));
    DONE(ds_model_metadata(model, &metadata));
    assert_failed(ds_model_save(model, "absent/m"), DS_IO_FAILED,
                  "absent/m: cannot be written: No such file or directory");
    ds_model_destroy(model);
    model = NULL;
    write_model("1", NULL);
    assert_refused(ds_model_load(&model, "m"), unmade);
    write_model("1", "no JSON");
    assert_refused(ds_model_load(&model, "m"), unmade);
    write_model("1", "{}");
    assert_refused(ds_model_load(&model, "m"), unmade);
    write_model("2", "{}");
    assert_refused(ds_model_load(&model, "m"), "m: format version \"2\", this descent reads \"1\"");
    assert_hint("use a newer descent");
    write_model("1", metadata);
    assert_refused(ds_model_load(&model, "m"),
                   "m: tensor \"0.weight\" is missing, or of another shape or type");
    assert_refused(ds_model_load(&model, "."), "model.safetensors: No such file or directory");
    assert_refused(ds_model_load(&model, "absent"), "absent: No such file or directory");
    scratch_write("m", "epoch,updates\n1,2\n");
    assert_refused(ds_model_load(&model, "m"), "m: not a safetensors file");
    assert_null(model);
    ds_free(metadata);
    ds_device_close(device);
}

static uint32_t next_random(uint32_t *x) { /* xorshift */
    *x ^= *x << 13;
    *x ^= *x >> 17;
    *x ^= *x << 5;
    return *x;
}

/* Bytes changed in the part that says what the model is: a status, and nothing left behind. */
static void damaged_models_end_with_a_status(void **state) {
    enum { ROUNDS = 1500 };
    static const char special[] = "\"{}[]:,\\ \n-.x\0\xff";
    ds_device *device = reference();
    ds_model *model = train(recipe_text, device);
    ds_bytes good = {0};
    uint32_t x = 20240817;
    int loaded = 0;
    (void)state;
    ds_model_destroy(model);
    DONE(ds_file_read(&good, "run/model.safetensors"));
    size_t header = 8 + good.data[0] + 256u * good.data[1];
    for (int round = 0; round < ROUNDS; round++) {
        ds_bytes bad = {0};
        FILE *file = fopen("bad", "wb");
        DONE(ds_new(&bad.data, good.size, 1));
        memcpy(bad.data, good.data, good.size);
        for (int flips = 1 + round % 3; flips > 0; flips--)
            bad.data[8 + next_random(&x) % (header - 8)] =
                (unsigned char)special[next_random(&x) % (sizeof special - 1)];
        bad.size = round % 8 ? good.size : next_random(&x) % good.size;
        assert_non_null(file);
        assert_int_equal(fwrite(bad.data, 1, bad.size, file), bad.size);
        assert_int_equal(fclose(file), 0);
        ds_free(bad.data);
        long held = ds_memory_held();
        model = NULL;
        ds_status status = ds_model_load(&model, "bad");
        if (status != DS_OK && status != DS_BAD_INPUT)
            fail_msg("round %d: %s", round, ds_last_error()->message);
        loaded += status == DS_OK;
        ds_model_destroy(model);
        assert_int_equal(ds_memory_held(), held);
    }
    assert_true(loaded > 0 && loaded < ROUNDS);
    ds_free(good.data);
    ds_device_close(device);
}

static void without_memory_nothing_is_leaked(void **state) {
    ds_device *device = reference();
    ds_model *model = train(recipe_text, device);
    long held = ds_memory_held(), nth = 1;
    ds_status status = DS_OUT_OF_MEMORY;
    (void)state;
    for (; status != DS_OK; nth++) {
        ds_model *loaded = NULL;
        ds_fail_allocation(nth);
        status = ds_model_save(model, "m");
        if (status == DS_OK)
            status = ds_model_load(&loaded, "m");
        ds_fail_allocation(0);
        if (status != DS_OK && status != DS_OUT_OF_MEMORY)
            fail_msg("allocation %ld: %s", nth, ds_last_error()->message);
        ds_model_destroy(loaded);
        assert_int_equal(ds_memory_held(), held);
    }
    assert_true(nth > 30);
    ds_model_destroy(model);
    ds_device_close(device);
}

/* SHA-256 of the bytes of 1.0f, -2.0f and 0.1f. */
static void the_weights_hash_is_of_little_endian_float32(void **state) {
    static const double values[] = {1, -2, 0.1};
    static const unsigned char bytes[] = {0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0xcd, 0xcc, 0xcc, 0x3d};
    char expected[65], got[65];
    (void)state;
    ds_sha256(expected, bytes, sizeof bytes);
    ds_weights_hash(values, 3, got);
    assert_string_equal(got, expected);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(what_is_saved_is_loaded),
        IN_SCRATCH(predictions_stay_the_same),
        IN_SCRATCH(tensors_are_named_as_pytorch_names_them),
        IN_SCRATCH(what_is_no_model_is_refused),
        IN_SCRATCH(damaged_models_end_with_a_status),
        IN_SCRATCH(without_memory_nothing_is_leaked),
        cmocka_unit_test(the_weights_hash_is_of_little_endian_float32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
