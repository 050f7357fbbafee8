/* Readers under bad luck: every allocation fails once; files are cut short and have bytes flipped.
 * Nothing may crash or leak, and every call ends with a status. */
#include "test_data_files.h"

static const char csv[] =
    "a,b,color,y\n1,2,red,p\n3,,\"bl\"\"ue\",q\n-5e-3,6.25,red,p\n7,8,red,q\n";
static const char idx[] = "\0\0\x08\x03\0\0\0\2\0\0\0\1\0\0\0\2\x00\xff\xff\x33";
static const char labels[] = "\0\0\x08\x01\0\0\0\2\5\6";
static const char npy[] = "\x93NUMPY\1\0\x76\0"
                          "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }"
                          "                                                          \n"
                          "\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40\0\0\x80\x40";

static const char *const recipes[] = {
    "{train: t.csv, target: y, normalize: standard, expand: {a: 2}, missing: mean}",
    "{train: t.csv, test: t.csv, target: a, lags: {of: [a], steps: 1}, features: [color]}",
    "{train: {images: images, labels: labels}, normalize: minmax, split: {test: 0.5}}",
    "{train: t.csv, target: y, missing: drop, features: a, values: {y: {p: 0.1, q: 1}}}",
    "{train: {features: x.npy, target: labels}, normalize_target: standard, missing: drop}",
};

static void write_files(void) {
    write_bytes("t.csv", csv, sizeof csv - 1);
    write_bytes("images", idx, sizeof idx - 1);
    write_bytes("labels", labels, sizeof labels - 1);
    write_bytes("x.npy", npy, sizeof npy - 1);
}

static void a_failed_allocation_leaks_nothing(void **state) {
    (void)state;
    write_files();
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        ds_node *node = NULL;
        assert_int_equal(ds_node_parse(&node, recipes[i], "recipe.yaml"), DS_OK);
        long held = ds_memory_held();
        for (long nth = 1;; nth++) {
            ds_data *data = NULL;
            ds_text notes = {0};
            ds_fail_allocation(nth);
            ds_status status =
                ds_dataset_read(&data, node, folder, DS_TARGET_AUTO, NULL, 1, &notes);
            ds_fail_allocation(0);
            if (status != DS_OK)
                assert_null(data);
            ds_data_destroy(data);
            ds_text_clear(&notes);
            assert_int_equal(ds_memory_held(), held);
            if (status == DS_OK)
                break;
            if (status != DS_OUT_OF_MEMORY)
                fail_msg("allocation %ld: %s", nth, ds_last_error()->message);
        }
        ds_node_destroy(node);
    }
}

static void predict_with_failed_allocations(const char *recipe) {
    ds_data *data = must_read(recipe, DS_TARGET_AUTO);
    cJSON *json = NULL;
    assert_int_equal(ds_encoding_to_json(data->encoding, &json), DS_OK);
    long held = ds_memory_held();
    ds_status status = DS_OUT_OF_MEMORY;
    for (long nth = 1; status != DS_OK; nth++) {
        ds_set set = {0};
        ds_encoding *encoding = NULL, *copy = NULL;
        int64_t rows;
        ds_fail_allocation(nth);
        status = ds_encoding_from_json(&encoding, json, "model");
        if (status == DS_OK)
            status = ds_encoding_copy(&copy, encoding);
        if (status == DS_OK)
            status = ds_dataset_apply(&set, copy, path_of("t.csv"), true, &rows, NULL);
        ds_fail_allocation(0);
        if (status != DS_OK && status != DS_OUT_OF_MEMORY)
            fail_msg("%s, allocation %ld: %s", recipe, nth, ds_last_error()->message);
        ds_set_clear(&set);
        ds_encoding_destroy(encoding);
        ds_encoding_destroy(copy);
        assert_int_equal(ds_memory_held(), held);
    }
    cJSON_Delete(json);
    ds_data_destroy(data);
}

static void a_failed_allocation_in_predict_leaks_nothing(void **state) {
    (void)state;
    write_files();
    predict_with_failed_allocations(recipes[0]);
    predict_with_failed_allocations(recipes[3]);
}

enum { SEED = 20240611, ROUNDS = 2500 };

static uint32_t next_random(uint32_t *x) { /* xorshift */
    *x ^= *x << 13;
    *x ^= *x >> 17;
    *x ^= *x << 5;
    return *x;
}

static void read_damaged(const char *recipe, const char *name, const char *bytes, size_t size) {
    uint32_t x = SEED;
    write_files();
    for (int round = 0; round < ROUNDS; round++) {
        char damaged[512];
        ds_data *data = NULL;
        long held = ds_memory_held();
        memcpy(damaged, bytes, size);
        size_t length = round % 3 == 0 ? next_random(&x) % size : size;
        for (uint32_t flips = next_random(&x) % 4; flips > 0; flips--) {
            static const char special[] = "\",;\n\r\t\0-e.9'([:\xff\x80 ";
            uint32_t at = next_random(&x) % (uint32_t)size, what = next_random(&x);
            damaged[at] =
                (what & 1) ? special[(what >> 1) % (sizeof special - 1)] : (char)(what >> 8);
        }
        write_bytes(name, damaged, length);
        ds_status status = read_data(&data, recipe, DS_TARGET_AUTO, NULL);
        ds_data_destroy(data);
        if ((status != DS_OK && status != DS_BAD_INPUT) || ds_memory_held() != held)
            fail_msg("seed %d, round %d of %s: status %d, %ld blocks more: %s", SEED, round, name,
                     (int)status, ds_memory_held() - held, ds_last_error()->message);
    }
}

static void damaged_files_end_with_a_status(void **state) {
    (void)state;
    read_damaged(recipes[0], "t.csv", csv, sizeof csv - 1);
    read_damaged(recipes[1], "t.csv", csv, sizeof csv - 1);
    read_damaged(recipes[3], "t.csv", csv, sizeof csv - 1);
    read_damaged(recipes[2], "images", idx, sizeof idx - 1);
    read_damaged(recipes[2], "labels", labels, sizeof labels - 1);
    read_damaged(recipes[4], "x.npy", npy, sizeof npy - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_allocation_leaks_nothing),
        cmocka_unit_test(a_failed_allocation_in_predict_leaks_nothing),
        cmocka_unit_test(damaged_files_end_with_a_status),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
