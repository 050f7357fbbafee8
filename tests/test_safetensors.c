/* The safetensors format: a small file byte by byte, every bit there and back, and damaged files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "base/files.h"
#include "model/safetensors.h"
#include "outcome.h"
#include "scratch_folder.h"

/* Header length, header padded with blanks to 8 bytes, the tensors one after the other. */
static const char golden[] =
    "\x98\0\0\0\0\0\0\0"
    "{\"__metadata__\":{\"k\":\"v\\\"\\n\"},"
    "\"0.weight\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
    "\"0.bias\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[8,16]}}"
    "  "
    "\0\0\x80\x3f\0\0\0\xc0"
    "\0\0\0\0\0\0\xd0\x3f";

static void write_golden(const char *path) {
    static const double weight[] = {1, -2}, bias[] = {0.25};
    const ds_stored_tensor tensors[] = {
        {"0.weight", DS_TYPE_F32, {2, {2, 1}}, weight},
        {"0.bias", DS_TYPE_F64, {0}, bias},
    };
    const ds_stored_text texts[] = {{"k", "v\"\n"}};
    DONE(ds_safetensors_write(path, tensors, 2, texts, 1));
}

static void a_small_file_is_right_byte_by_byte(void **state) {
    ds_bytes bytes = {0};
    (void)state;
    write_golden("t.safetensors");
    DONE(ds_file_read(&bytes, "t.safetensors"));
    assert_int_equal(bytes.size, sizeof golden - 1);
    assert_memory_equal(bytes.data, golden, sizeof golden - 1);
    ds_free(bytes.data);
    ds_stored_file file = {0};
    DONE(ds_safetensors_read(&file, "t.safetensors"));
    assert_int_equal(file.tensors, 2);
    const ds_stored_tensor *weight = ds_stored_find(&file, "0.weight"),
                           *bias = ds_stored_find(&file, "0.bias");
    assert_int_equal(weight->type, DS_TYPE_F32);
    assert_int_equal(weight->shape.rank, 2);
    assert_int_equal(weight->shape.extent[0], 2);
    assert_true(weight->values[0] == 1 && weight->values[1] == -2);
    assert_int_equal(bias->type, DS_TYPE_F64);
    assert_int_equal(bias->shape.rank, 0);
    assert_true(bias->values[0] == 0.25);
    assert_null(ds_stored_find(&file, "0"));
    assert_string_equal(ds_stored_metadata(&file, "k"), "v\"\n");
    assert_null(ds_stored_metadata(&file, "0.weight"));
    ds_stored_file_clear(&file);
    assert_null(file.tensor);
}

static uint32_t next_random(uint32_t *x) { /* xorshift */
    *x ^= *x << 13;
    *x ^= *x >> 17;
    *x ^= *x << 5;
    return *x;
}

/* Every bit but the payload of a NaN. */
static void every_bit_comes_back(void **state) {
    enum { RANDOM = 5000 };
    static const double special[] = {0.0,
                                     -0.0,
                                     0x1p-1074,
                                     -0x1p-1074,
                                     0x1p-149,
                                     0x1.fffffcp-127,
                                     0x1p-1022,
                                     0x1.fffffffffffffp1023,
                                     0x1.fffffep127,
                                     INFINITY,
                                     -INFINITY,
                                     NAN};
    enum { SPECIAL = sizeof special / sizeof *special, COUNT = SPECIAL + RANDOM };
    static double wide[COUNT], narrow[COUNT];
    uint32_t x = 99;
    (void)state;
    memcpy(wide, special, sizeof special);
    for (int i = SPECIAL; i < COUNT; i++) {
        uint64_t bits = (uint64_t)next_random(&x) << 32 | next_random(&x);
        uint32_t half = next_random(&x) & (i % 4 ? 0xffffffff : 0x807fffff); /* denormals */
        float value;
        memcpy(&wide[i], &bits, sizeof bits);
        memcpy(&value, &half, sizeof half);
        narrow[i] = value;
    }
    for (int i = 0; i < SPECIAL; i++)
        narrow[i] = (float)wide[i];
    const ds_stored_tensor tensors[] = {
        {"wide", DS_TYPE_F64, {1, {COUNT}}, wide},
        {"none", DS_TYPE_F32, {3, {4, 0, 2}}, wide},
        {"narrow", DS_TYPE_F32, {5, {1, 1, COUNT, 1, 1}}, narrow},
    };
    ds_stored_file file = {0};
    DONE(ds_safetensors_write("t.safetensors", tensors, 3, NULL, 0));
    DONE(ds_safetensors_read(&file, "t.safetensors"));
    for (int t = 0; t < 3; t++) {
        const ds_stored_tensor *tensor = ds_stored_find(&file, tensors[t].name);
        assert_non_null(tensor);
        assert_true(ds_same_shape(&tensor->shape, &tensors[t].shape));
        for (int64_t i = 0; i < ds_shape_count(&tensor->shape); i++) {
            double got = tensor->values[i], expected = tensors[t].values[i];
            assert_true(isnan(expected) ? isnan(got) : memcmp(&got, &expected, sizeof got) == 0);
        }
    }
    assert_null(ds_stored_metadata(&file, "k"));
    ds_stored_file_clear(&file);
}

static void shapes_are_compared_by_rank_and_extents(void **state) {
    ds_shape a = {2, {2, 3, 9}}, b = {2, {2, 3, 7}}, c = {2, {3, 2}}, d = {3, {2, 3, 9}};
    (void)state;
    assert_true(ds_same_shape(&a, &b));
    assert_false(ds_same_shape(&a, &c));
    assert_false(ds_same_shape(&a, &d));
}

/* A file of this header and so many zero bytes behind it. */
static ds_status read_header(const char *header, size_t data) {
    unsigned char bytes[1024] = {0};
    ds_stored_file file = {0};
    size_t length = strlen(header);
    bytes[0] = (unsigned char)length;
    bytes[1] = (unsigned char)(length >> 8);
    memcpy(bytes + 8, header, length);
    DONE(ds_file_write("t", bytes, 8 + length + data));
    long held = ds_memory_held();
    ds_status status = ds_safetensors_read(&file, "t");
    ds_stored_file_clear(&file);
    assert_int_equal(ds_memory_held(), held);
    return status;
}

static void what_is_wrong_is_named(void **state) {
    static const struct {
        const char *header;
        size_t data;
        const char *message;
    } cases[] = {
        {"[]", 0, "t: not a safetensors file"},
        {"{ ", 0, "t: not a safetensors file"},
        {"{\"a\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]}}", 2,
         "t: tensor \"a\" is F16"},
        {"{\"a\":3}", 2, "t: a tensor's description is not readable"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4,
         "t: a tensor's description is not readable"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}}", 4,
         "t: a tensor's description is not readable"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 3,
         "t: a tensor's description is not readable"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4,
         "t: a tensor's description is not readable"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}", 4,
         "t: a tensor's description is not readable"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,3.5]}}", 4,
         "t: a tensor's description is not readable"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4,
         "t: a tensor's size does not fit its shape"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4,
         "t: a tensor's shape is not readable"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[\"1\"],\"data_offsets\":[0,4]}}", 4,
         "t: a tensor's shape is not readable"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1e9,1e9,1e9,0],\"data_offsets\":[0,0]}}", 4,
         "t: a tensor's size does not fit its shape"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1],\"data_offsets\":[0,4]}}", 4,
         "t: a tensor has more than five dimensions"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
         "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
         4, "t: its tensors overlap"},
        {"{\"0123456789012345678901234567890123456789012345678901234567890123\":{}}", 4,
         "t: a tensor's name is too long"},
    };
    ds_stored_file file = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(read_header(cases[i].header, cases[i].data), cases[i].message);
    DONE(read_header("{\"__metadata__\":[1,2]}", 0));
    DONE(read_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[0,5],\"data_offsets\":[0,0]}}", 0));
    assert_refused(ds_safetensors_read(&file, "absent"), "absent: No such file or directory");
    DONE(ds_file_write("t", "\x10\0\0\0\0\0\0\0{}", 10));
    assert_refused(ds_safetensors_read(&file, "t"), "t: not a safetensors file");
    DONE(ds_file_write("t", "\xff\xff\xff\xff\xff\xff\xff\xff{}", 10));
    assert_refused(ds_safetensors_read(&file, "t"), "t: not a safetensors file");
    DONE(ds_file_write("t", "\2\0\0\0\0\0\0\0{", 9));
    assert_refused(ds_safetensors_read(&file, "t"), "t: too short to be a model");
}

static void write_plainly(const char *bytes, size_t size) { /* without waiting for the disk */
    FILE *file = fopen("t", "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Cut anywhere, with any byte changed, or with several: a status, and nothing left behind. */
static void damaged_files_end_with_a_status(void **state) {
    enum { SIZE = sizeof golden - 1, ROUNDS = 2000 };
    static const char special[] = "\"{}[]:,0123456789-eE.\\F\0\xff \x80";
    uint32_t x = 20240817;
    int read = 0;
    (void)state;
    for (int round = 0; round < SIZE + ROUNDS; round++) {
        char bytes[SIZE];
        size_t size = SIZE;
        ds_stored_file file = {0};
        memcpy(bytes, golden, SIZE);
        if (round < (int)SIZE)
            size = (size_t)round;
        for (int flips = round < (int)SIZE ? 0 : 1 + round % 3; flips > 0; flips--)
            bytes[next_random(&x) % SIZE] =
                round % 2 ? special[next_random(&x) % (sizeof special - 1)] : (char)next_random(&x);
        write_plainly(bytes, size);
        long held = ds_memory_held();
        ds_status status = ds_safetensors_read(&file, "t");
        if (round < (int)SIZE || status != DS_OK)
            assert_int_equal(status, DS_BAD_INPUT);
        read += status == DS_OK;
        ds_stored_file_clear(&file);
        assert_int_equal(ds_memory_held(), held);
    }
    assert_true(read > 0 && read < ROUNDS);
}

static void without_memory_nothing_is_leaked(void **state) {
    long held = ds_memory_held(), nth = 1;
    ds_status status = DS_OUT_OF_MEMORY;
    (void)state;
    for (; status != DS_OK; nth++) {
        static const double value[] = {1};
        const ds_stored_tensor tensor = {"a", DS_TYPE_F32, {1, {1}}, value};
        const ds_stored_text text = {"k", "v"};
        ds_stored_file file = {0};
        ds_fail_allocation(nth);
        status = ds_safetensors_write("t", &tensor, 1, &text, 1);
        if (status == DS_OK)
            status = ds_safetensors_read(&file, "t");
        ds_fail_allocation(0);
        assert_true(status == DS_OK || status == DS_OUT_OF_MEMORY);
        ds_stored_file_clear(&file);
        assert_int_equal(ds_memory_held(), held);
    }
    assert_true(nth > 5);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(a_small_file_is_right_byte_by_byte),
        IN_SCRATCH(every_bit_comes_back),
        cmocka_unit_test(shapes_are_compared_by_rank_and_extents),
        IN_SCRATCH(what_is_wrong_is_named),
        IN_SCRATCH(damaged_files_end_with_a_status),
        IN_SCRATCH(without_memory_nothing_is_leaked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
