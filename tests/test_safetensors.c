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
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
         "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
         4, "t: its tensors overlap"},
        {"{\"a\":{\"dtype\":\"I64\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8,
         "t: a tensor's size does not fit its shape"},
        {"{\"a\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,1]}}", 1,
         "t: a tensor's size does not fit its shape"},
        {"{\"__metadata__\":[1,2]}", 0, "t: its __metadata__ is not made of texts"},
        {"{\"__metadata__\":{\"a\":1}}", 0, "t: its __metadata__ is not made of texts"},
        {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "t: two tensors have one name"},
        {"{}x", 0, "t: not a safetensors file"},
    };
    ds_stored_file file = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(read_header(cases[i].header, cases[i].data), cases[i].message);
    DONE(read_header("{\"__metadata__\":null}\n ", 0));
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

#define F32(name, count, begin, end)                                                               \
    "\"" name "\":{\"dtype\":\"F32\",\"shape\":[" count "],\"data_offsets\":[" begin "," end "]}"

/* What the safetensors library opens and refuses (0.8.0 was asked each of these). */
static void tensors_lie_one_after_the_other(void **state) {
    static const struct {
        const char *header;
        size_t data;
        const char *message; /* NULL: it is read */
    } cases[] = {
        {"{" F32("a", "1", "4", "8") "," F32("b", "1", "0", "4") "}", 8, NULL},
        {"{" F32("a", "1", "0", "4") "," F32("b", "1", "2", "6") "}", 6, "t: its tensors overlap"},
        {"{" F32("a", "1", "0", "4") "," F32("b", "1", "0", "4") "}", 4, "t: its tensors overlap"},
        {"{" F32("a", "2", "0", "8") "," F32("b", "1", "4", "8") "}", 8, "t: its tensors overlap"},
        {"{" F32("a", "1", "4", "8") "}", 8,
         "t: there are bytes between its tensors that belong to none"},
        {"{" F32("a", "1", "0", "4") "," F32("b", "1", "8", "12") "}", 12,
         "t: there are bytes between its tensors that belong to none"},
        {"{" F32("a", "1", "0", "4") "}", 5, "t: there are bytes after its last tensor"},
        {"{}", 1, "t: there are bytes after its last tensor"},
        {"{}", 0, NULL},
        {"{" F32("a", "1", "0", "4") "," F32("a", "1", "4", "8") "}", 8,
         "t: two tensors have one name"},
        {"{" F32("z", "0,5", "0", "0") "," F32("a", "1", "0", "4") "}", 4, NULL},
        {"{" F32("a", "1", "0", "4") "," F32("z", "0", "4", "4") "," F32("b", "1", "4", "8") "}", 8,
         NULL},
        {"{" F32("a", "1", "0", "4") "," F32("z", "0", "0", "0") "," F32("y", "3,0", "4", "4") "}",
         4, NULL},
        {"{" F32("a", "1", "0", "4") "," F32("z", "0", "2", "2") "," F32("b", "1", "4", "8") "}", 8,
         "t: its tensors overlap"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (cases[i].message)
            assert_refused(read_header(cases[i].header, cases[i].data), cases[i].message);
        else
            DONE(read_header(cases[i].header, cases[i].data));
}

/* A file of this header and data; `data` may hold zero bytes. */
static void write_file(const char *header, const void *data, size_t size) {
    unsigned char bytes[1024] = {0};
    size_t length = strlen(header);
    bytes[0] = (unsigned char)length;
    bytes[1] = (unsigned char)(length >> 8);
    memcpy(bytes + 8, header, length);
    memcpy(bytes + 8 + length, data, size);
    DONE(ds_file_write("t", bytes, 8 + length + size));
}

/* IEEE 754 binary16, and the upper halves of binary32, least byte first. */
static void numbers_of_16_bits_are_read_exactly(void **state) {
    static const unsigned char bytes[] = {
        0x00, 0x3c, 0x00, 0xc0, 0xff, 0x7b, 0x00, 0x04, 0xff, 0x03, 0x01, 0x00,
        0x01, 0x80, 0x00, 0x80, 0x55, 0x35, 0x00, 0x7c, 0x00, 0xfc, 0x01, 0x7e, /* F16 */
        0x80, 0x3f, 0x00, 0xc0, 0x7f, 0x7f, 0x80, 0x00, 0x7f, 0x00, 0x01, 0x00,
        0x01, 0x80, 0x00, 0x80, 0x49, 0x40, 0x80, 0x7f, 0x80, 0xff, 0xc0, 0x7f}; /* BF16 */
    static const double expected[2][12] = {{1, -2, 65504, 0x1p-14, 0x1p-14 - 0x1p-24, 0x1p-24,
                                            -0x1p-24, -0.0, 0x1.554p-2, INFINITY, -INFINITY, NAN},
                                           {1, -2, 0x1.fep127, 0x1p-126, 0x1.fcp-127, 0x1p-133,
                                            -0x1p-133, -0.0, 3.140625, INFINITY, -INFINITY, NAN}};
    static const char *const names[] = {"half", "brain"};
    ds_stored_file file = {0};
    (void)state;
    write_file("{\"brain\":{\"dtype\":\"BF16\",\"shape\":[3,4],\"data_offsets\":[24,48]},"
               "\"half\":{\"dtype\":\"F16\",\"shape\":[12],\"data_offsets\":[0,24]}}",
               bytes, sizeof bytes);
    DONE(ds_safetensors_read(&file, "t"));
    for (int t = 0; t < 2; t++) {
        const ds_stored_tensor *tensor = ds_stored_find(&file, names[t]);
        assert_non_null(tensor);
        for (int i = 0; i < 11; i++)
            assert_memory_equal(&tensor->values[i], &expected[t][i], sizeof(double));
        assert_true(isnan(tensor->values[11]));
    }
    ds_stored_file_clear(&file);
}

/* They are there, in the order of their bytes, and are no tensors with values. */
static void other_tensors_do_not_stop_a_file(void **state) {
    static const unsigned char bytes[23] = {[16] = 0x00, [17] = 0x3c};
    static const char *const unread[] = {"I64", "of more than five dimensions", NULL, "BOOL",
                                         "X99"};
    ds_stored_file file = {0};
    (void)state;
    write_file("{\"n\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
               "\"new\":{\"dtype\":\"X99\",\"shape\":[5],\"data_offsets\":[21,23]},"
               "\"w\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[16,18]},"
               "\"flag\":{\"dtype\":\"BOOL\",\"shape\":[3],\"data_offsets\":[18,21]},"
               "\"deep\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,2],\"data_offsets\":[8,16]}}",
               bytes, sizeof bytes);
    DONE(ds_safetensors_read(&file, "t"));
    assert_int_equal(file.tensors, 5);
    for (int t = 0; t < 5; t++) {
        const ds_stored_tensor *tensor = &file.tensor[t];
        assert_int_equal(tensor->values != NULL, t == 2);
        if (unread[t])
            assert_string_equal(tensor->unread, unread[t]);
        assert_ptr_equal(ds_stored_find(&file, tensor->name), t == 2 ? tensor : NULL);
    }
    assert_true(ds_stored_find(&file, "w")->values[0] == 1);
    ds_stored_file_clear(&file);
}

static void names_may_be_long(void **state) {
    char name[DS_LONGEST_TENSOR_NAME + 2];
    static const double value[] = {3};
    ds_stored_tensor tensor = {name, DS_TYPE_F32, {1, {1}}, value};
    ds_stored_file file = {0};
    (void)state;
    memset(name, 'n', sizeof name);
    name[DS_LONGEST_TENSOR_NAME] = '\0';
    DONE(ds_safetensors_write("t", &tensor, 1, NULL, 0));
    DONE(ds_safetensors_read(&file, "t"));
    assert_true(ds_stored_find(&file, name)->values[0] == 3);
    ds_stored_file_clear(&file);
    name[DS_LONGEST_TENSOR_NAME] = 'n';
    name[DS_LONGEST_TENSOR_NAME + 1] = '\0';
    DONE(ds_safetensors_write("t", &tensor, 1, NULL, 0));
    assert_refused(ds_safetensors_read(&file, "t"),
                   "t: a tensor's name is longer than 255 characters");
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
        IN_SCRATCH(tensors_lie_one_after_the_other),
        IN_SCRATCH(numbers_of_16_bits_are_read_exactly),
        IN_SCRATCH(other_tensors_do_not_stop_a_file),
        IN_SCRATCH(names_may_be_long),
        IN_SCRATCH(damaged_files_end_with_a_status),
        IN_SCRATCH(without_memory_nothing_is_leaked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
