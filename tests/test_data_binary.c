/* Reading IDX and NPY. */
#include "test_data_files.h"

/* An IDX file: type, rank, extents, cells. */
static void write_idx(const char *name, int type, int rank, const unsigned *extents,
                      const void *cells, size_t size) {
    unsigned char bytes[256] = {0, 0, (unsigned char)type, (unsigned char)rank};
    for (int i = 0; i < rank; i++)
        for (int k = 0; k < 4; k++)
            bytes[4 + 4 * i + k] = (unsigned char)(extents[i] >> (24 - 8 * k));
    memcpy(bytes + 4 + 4 * rank, cells, size);
    write_bytes(name, bytes, 4 + 4 * (size_t)rank + size);
}

static void write_npy(const char *name, int version, const char *header, const void *cells,
                      size_t size) {
    unsigned char bytes[512];
    size_t length = strlen(header), from = version == 1 ? 10 : 12;
    memcpy(bytes, "\x93NUMPY", 6);
    bytes[6] = (unsigned char)version;
    bytes[7] = 0;
    for (size_t i = 8; i < from; i++)
        bytes[i] = (unsigned char)(i < 10 ? length >> 8 * (i - 8) : 0);
    memcpy(bytes + from, header, length);
    memcpy(bytes + from + length, cells, size);
    write_bytes(name, bytes, from + length + size);
}

static const unsigned char pixels[12] = {0, 51, 102, 255, 0, 51, 204, 255, 0, 51, 102, 153};

static void write_images(void) {
    write_idx("images", 8, 3, (const unsigned[]){3, 2, 2}, pixels, 12);
    write_idx("labels", 8, 1, (const unsigned[]){3}, "\x07\x03\x07", 3);
}

static void images_become_shares_of_white(void **state) {
    (void)state;
    write_images();
    ds_data *data = must_read("{train: {images: images, labels: labels}}", DS_TARGET_CLASSES);
    assert_int_equal(data->train.features.cell, DS_CELL_UINT8);
    assert_matrix(&data->train.features, 3, 4,
                  VALUES(0, 51 / 255., 102 / 255., 1, 0, 51 / 255., 204 / 255., 1, 0, 51 / 255.,
                         102 / 255., 153 / 255.),
                  0);
    assert_matrix(&data->train.targets, 3, 1, VALUES(1, 0, 1), 0);
    int64_t shape[3];
    assert_int_equal(ds_encoding_sample_shape(data->encoding, shape), 2);
    assert_true(shape[0] == 2 && shape[1] == 2);
    assert_int_equal(ds_encoding_classes(data->encoding), 2);
    assert_string_equal(ds_encoding_class(data->encoding, 0), "3");
    assert_string_equal(ds_encoding_class(data->encoding, 1), "7");
    ds_data_destroy(data);
}

static void images_are_normalized_on_top(void **state) {
    ds_text notes = {0};
    ds_data *data = NULL;
    (void)state;
    write_images();
    assert_int_equal(read_data(&data, "{train: 'images=images,labels=labels', normalize: minmax}",
                               DS_TARGET_AUTO, &notes),
                     DS_OK);
    assert_matrix(&data->train.features, 3, 4, VALUES(0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0), 0);
    assert_string_equal(
        notes.characters,
        "2 columns are constant in the training rows and left at 0: \"c1\", \"c2\"\n");
    assert_int_equal(ds_encoding_kind(data->encoding), DS_TARGET_CLASSES);
    ds_data_destroy(data);
    ds_text_clear(&notes);
    data = must_read("{train: {images: images, labels: labels}, normalize: {c4: {subtract: 0.5, "
                     "divide: 2}}}",
                     DS_TARGET_CLASSES);
    double row[4];
    ds_matrix_read(&data->train.features, 0, 1, NULL, row);
    assert_true(fabs(row[3] - 0.25) < 1e-15 && row[1] == 51 / 255.);
    ds_data_destroy(data);
}

static void an_image_may_be_used_column_by_column(void **state) {
    (void)state;
    write_images();
    ds_data *data = must_read("{train: {images: images, labels: labels}, features: [c4, c2], "
                              "expand: {c4: 2}}",
                              DS_TARGET_CLASSES);
    double white = 153 / 255.;
    assert_matrix(&data->train.features, 3, 3,
                  VALUES(1, 1, 0.2, 1, 1, 0.2, white, white * white, 0.2), 1e-15);
    ds_data_destroy(data);
}

static void images_are_split(void **state) {
    (void)state;
    write_images();
    ds_data *data =
        must_read("{train: {images: images, labels: labels}, split: {validation: 0.34, by: order}}",
                  DS_TARGET_CLASSES);
    assert_int_equal(data->train.rows, 2);
    assert_matrix(&data->validation.features, 1, 4, VALUES(0, 51 / 255., 102 / 255., 153 / 255.),
                  0);
    assert_matrix(&data->validation.targets, 1, 1, VALUES(1), 0);
    assert_int_equal(ds_set_file_row(&data->validation, 0), 3);
    ds_data_destroy(data);
}

static void every_idx_type_is_read(void **state) {
    (void)state;
    write_idx("y", 8, 1, (const unsigned[]){2}, "\1\2", 2);
    write_idx("x", 9, 2, (const unsigned[]){2, 1}, "\xff\x7f", 2);
    ds_data *data = must_read("{train: {features: x, target: y}}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 1, VALUES(-1, 127), 0);
    assert_matrix(&data->train.targets, 2, 1, VALUES(1, 2), 0);
    ds_data_destroy(data);
    write_idx("x", 0x0b, 2, (const unsigned[]){2, 1}, "\xff\xfe\x01\x00", 4);
    data = must_read("{train: {features: x, target: y}}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 1, VALUES(-2, 256), 0);
    ds_data_destroy(data);
    write_idx("x", 0x0c, 2, (const unsigned[]){2, 1}, "\x80\0\0\0\x00\0\0\x05", 8);
    data = must_read("{train: {features: x, target: y}}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 1, VALUES(-2147483648.0, 5), 0);
    ds_data_destroy(data);
    write_idx("x", 0x0d, 2, (const unsigned[]){2, 1}, "\x3f\x80\0\0\xc0\0\0\0", 8);
    data = must_read("{train: {features: x, target: y}}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 1, VALUES(1, -2), 0);
    ds_data_destroy(data);
}

static void a_damaged_idx_is_refused(void **state) {
    (void)state;
    const char *options = "{train: {images: bad, labels: labels}}";
    write_images();
    write_idx("bad", 8, 3, (const unsigned[]){3, 2, 2}, pixels, 11);
    assert_bad(
        options, DS_TARGET_CLASSES,
        "bad: its header says 3 x 4 numbers of 1 bytes, but 11 bytes follow: it is cut short");
    write_idx("bad", 8, 3, (const unsigned[]){2, 2, 2}, pixels, 12);
    assert_bad(options, DS_TARGET_CLASSES,
               "bad: its header says 2 x 4 numbers of 1 bytes, but 12 bytes follow");
    write_idx("bad", 8, 3, (const unsigned[]){0xffffffff, 0xffffffff, 0xffffffff}, pixels, 12);
    assert_int_equal(DS_BAD_INPUT, read_data(&(ds_data *){NULL}, options, DS_TARGET_CLASSES, NULL));
    write_idx("bad", 7, 3, (const unsigned[]){3, 2, 2}, pixels, 12);
    assert_bad(options, DS_TARGET_CLASSES,
               "bad: not an IDX file: it begins with the bytes 00 00 07 03");
    write_idx("bad", 8, 5, (const unsigned[]){3, 2, 2, 1, 1}, pixels, 12);
    assert_bad(options, DS_TARGET_CLASSES,
               "bad: an IDX file of 1 to 4 dimensions is read, this has 5");
    write_bytes("bad", "\0\0\x08\x03\0\0", 6);
    assert_bad(options, DS_TARGET_CLASSES, "bad: the file is cut short inside its header");
    write_idx("bad", 8, 3, (const unsigned[]){0, 2, 2}, pixels, 0);
    assert_bad(options, DS_TARGET_CLASSES, "bad: the file holds no numbers");
    write_text("bad", "a,b\n");
    assert_bad(options, DS_TARGET_CLASSES,
               "bad: not an IDX file: it begins with the bytes 61 2c 62 0a");
    write_idx("labels", 8, 1, (const unsigned[]){2}, "\1\2", 2);
    ds_data *data = NULL;
    assert_int_equal(DS_BAD_INPUT, read_data(&data, "{train: {images: images, labels: labels}}",
                                             DS_TARGET_CLASSES, NULL));
    assert_message("images has 3 rows, but labels has 2");
}

static void check_npy(int version, const char *type, const void *cells, size_t size) {
    char header[128];
    snprintf(header, sizeof header,
             "{'descr': '%s', 'fortran_order': False, 'shape': (2, 2), }          \n", type);
    write_npy("x.npy", version, header, cells, size);
    write_npy("y.npy", 1, "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }\n", "\1\2", 2);
    ds_data *data = must_read("{train: {features: x.npy, target: y.npy}}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 2, VALUES(1, 0, 1, 1), 0);
    assert_matrix(&data->train.targets, 2, 1, VALUES(1, 2), 0);
    assert_string_equal(ds_encoding_target(data->encoding, 0), "target");
    ds_data_destroy(data);
}

static void every_npy_type_is_read(void **state) {
    (void)state;
    check_npy(1, "<f4", (const float[]){1, 0, 1, 1}, 16);
    check_npy(2, "<f8", (const double[]){1, 0, 1, 1}, 32);
    check_npy(3, ">f4", "\x3f\x80\0\0\0\0\0\0\x3f\x80\0\0\x3f\x80\0\0", 16);
    check_npy(1, "|b1", "\1\0\1\1", 4);
    check_npy(1, "|i1", "\1\0\1\1", 4);
    check_npy(1, "<i2", (const int16_t[]){1, 0, 1, 1}, 8);
    check_npy(1, ">u2", "\0\1\0\0\0\1\0\1", 8);
    check_npy(1, "<u4", (const uint32_t[]){1, 0, 1, 1}, 16);
    check_npy(1, "<i8", (const int64_t[]){1, 0, 1, 1}, 32);
}

static void npy_keeps_shapes_and_several_targets(void **state) {
    (void)state;
    float cells[16];
    for (int i = 0; i < 16; i++)
        cells[i] = (float)i;
    write_npy("x.npy", 1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, 1, 4), }\n",
              cells, 64);
    write_npy("y.npy", 1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }\n", cells,
              16);
    ds_data *data = must_read(
        "{train: {features: x.npy, target: y.npy}, normalize_target: standard}", DS_TARGET_NUMBERS);
    int64_t shape[3];
    assert_int_equal(ds_encoding_sample_shape(data->encoding, shape), 3);
    assert_true(shape[0] == 2 && shape[1] == 1 && shape[2] == 4);
    assert_matrix(&data->train.targets, 2, 2, VALUES(-1, -1, 1, 1), 0);
    assert_string_equal(ds_encoding_target(data->encoding, 1), "target2");
    double scale, shift;
    ds_encoding_target_units(data->encoding, 1, &scale, &shift);
    assert_true(scale == 1 && shift == 2);
    ds_data_destroy(data);
    /* One file with columns c1 .. c8, used like a table. */
    write_npy("z.npy", 1, "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 4), }\n", cells,
              64);
    data = must_read("{train: z.npy, target: c4, lags: {of: [c4, c1], steps: 2}, features: [c2]}",
                     DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 5, VALUES(7, 3, 4, 0, 9, 11, 7, 8, 4, 13), 0);
    ds_data_destroy(data);
}

static void a_bad_npy_is_refused(void **state) {
    static const struct {
        const char *header, *message;
    } cases[] = {
        {"{'descr': '|O', 'fortran_order': False, 'shape': (2,), }",
         "x.npy: expected float32, float64, integers or bool, got the type \"|O\""},
        {"{'descr': '<c8', 'fortran_order': False, 'shape': (2,), }",
         "x.npy: expected float32, float64, integers or bool, got the type \"<c8\""},
        {"{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }",
         "x.npy: expected float32, float64, integers or bool, got the type \"<f2\""},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }",
         "x.npy: expected float32, float64, integers or bool, got the type \"structured\""},
        {"{'descr': '<f",
         "x.npy: expected float32, float64, integers or bool, got the type \"<f\""},
        {"{'descr': '<f4', 'fortran_order': True, 'shape': (2, 1), }",
         "x.npy: the array is in Fortran order; C order is read"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
         "x.npy: its header says 3 x 1 numbers of 4 bytes, but 8 bytes follow: it is cut short"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }",
         "x.npy: its header says 1 x 1 numbers of 4 bytes, but 8 bytes follow"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (), }",
         "x.npy: an array of 1 to 4 dimensions is read, this is a single number"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,2), }",
         "x.npy: an array of 1 to 4 dimensions is read, this has more"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
         "x.npy: its header has no proper shape"},
        {"{'descr': '<f4', 'shape': (2,), }",
         "x.npy: its header does not say the order of the cells"},
        {"{'descr': '<f4', 'fortran_order': False, ", "x.npy: its header has no shape"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
         "x.npy: its shape is too large"},
    };
    (void)state;
    const float cells[] = {1, NAN};
    write_npy("y.npy", 1, "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }\n", "\1\2", 2);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_npy("x.npy", 1, cases[i].header, cells, 8);
        assert_bad("{train: {features: x.npy, target: y.npy}}", DS_TARGET_NUMBERS,
                   cases[i].message);
    }
    write_npy("x.npy", 4, cases[0].header, cells, 8);
    assert_bad("{train: {features: x.npy, target: y.npy}}", DS_TARGET_NUMBERS,
               "x.npy: NPY versions 1 to 3 are read, this is another");
    write_npy("x.npy", 1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", cells, 8);
    assert_bad("{train: {features: x.npy, target: y.npy}}", DS_TARGET_NUMBERS,
               "x.npy: row 2, column 1: expected a finite number, got nan");
    ds_data *data =
        must_read("{train: {features: x.npy, target: y.npy}, missing: drop}", DS_TARGET_NUMBERS);
    assert_int_equal(data->train.rows, 1);
    ds_data_destroy(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_become_shares_of_white),
        cmocka_unit_test(images_are_normalized_on_top),
        cmocka_unit_test(an_image_may_be_used_column_by_column),
        cmocka_unit_test(images_are_split),
        cmocka_unit_test(every_idx_type_is_read),
        cmocka_unit_test(a_damaged_idx_is_refused),
        cmocka_unit_test(every_npy_type_is_read),
        cmocka_unit_test(npy_keeps_shapes_and_several_targets),
        cmocka_unit_test(a_bad_npy_is_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
