/* Which rows go where. */
#include "test_data_files.h"

static void write_rows(int rows) {
    ds_text text = {0};
    assert_int_equal(ds_text_add(&text, "x,y\n"), DS_OK);
    for (int i = 1; i <= rows; i++)
        assert_int_equal(ds_text_add(&text, "%d,%d\n", i, 10 * i), DS_OK);
    write_text("t.csv", text.characters);
    ds_text_clear(&text);
}

static void order_takes_from_the_end(void **state) {
    (void)state;
    write_rows(11);
    ds_data *data =
        must_read("{train: t.csv, target: y, split: {validation: 0.2, test: 0.1, by: order}}",
                  DS_TARGET_NUMBERS);
    assert_int_equal(data->train.rows, 8);
    assert_matrix(&data->train.features, 8, 1, VALUES(1, 2, 3, 4, 5, 6, 7, 8), 0);
    assert_matrix(&data->validation.features, 2, 1, VALUES(9, 10), 0);
    assert_matrix(&data->test.targets, 1, 1, VALUES(110), 0);
    assert_int_equal(ds_set_file_row(&data->test, 0), 11);
    ds_data_destroy(data);
}

static void random_is_a_partition_in_file_order(void **state) {
    (void)state;
    write_rows(1000);
    const char *options = "{train: t.csv, target: y, split: {validation: 0.25, test: 0.1}}";
    ds_data *data = must_read(options, DS_TARGET_NUMBERS), *again = NULL;
    assert_int_equal(data->validation.rows, 250);
    assert_int_equal(data->test.rows, 100);
    int seen[1001] = {0};
    const ds_set *sets[] = {&data->train, &data->validation, &data->test};
    for (int k = 0; k < 3; k++)
        for (int64_t i = 0; i < sets[k]->rows; i++) {
            double x, y;
            ds_matrix_read(&sets[k]->features, i, 1, NULL, &x);
            ds_matrix_read(&sets[k]->targets, i, 1, NULL, &y);
            assert_true(y == 10 * x && ds_set_file_row(sets[k], i) == (int64_t)x);
            assert_true(i == 0 || ds_set_file_row(sets[k], i) > ds_set_file_row(sets[k], i - 1));
            seen[(int)x]++;
        }
    for (int i = 1; i <= 1000; i++)
        assert_int_equal(seen[i], 1);
    ds_node *node = NULL;
    ds_text notes = {0};
    assert_int_equal(ds_node_parse(&node, options, "recipe"), DS_OK);
    assert_int_equal(ds_dataset_read(&again, node, folder, DS_TARGET_NUMBERS, NULL, 1, &notes),
                     DS_OK);
    assert_memory_equal(again->test.row, data->test.row, 100 * sizeof(int32_t));
    ds_data_destroy(again);
    assert_int_equal(ds_dataset_read(&again, node, folder, DS_TARGET_NUMBERS, NULL, 2, &notes),
                     DS_OK);
    assert_memory_not_equal(again->test.row, data->test.row, 100 * sizeof(int32_t));
    ds_data_destroy(again);
    ds_data_destroy(data);
    ds_node_destroy(node);
    ds_text_clear(&notes);
}

static void a_test_file_has_the_training_files_encoding(void **state) {
    (void)state;
    write_text("train.csv", "x,color,y\n0,red,a\n2,blue,b\n");
    write_text("later.csv", "y,extra,color,x\nb,?,red,5\n");
    ds_data *data = must_read("{train: train.csv, test: later.csv, target: y, normalize: minmax}",
                              DS_TARGET_CLASSES);
    assert_matrix(&data->test.features, 1, 3, VALUES(2.5, 0, 1), 0);
    assert_matrix(&data->test.targets, 1, 1, VALUES(1), 0);
    ds_data_destroy(data);
    write_text("later.csv", "y,color,x\nb,green,5\n");
    data = must_read("{train: train.csv, test: later.csv, target: y}", DS_TARGET_CLASSES);
    assert_matrix(&data->test.features, 1, 3, VALUES(5, 0, 0), 0);
    ds_data_destroy(data);
    assert_bad("{train: train.csv, test: later.csv, target: y, unseen: error}", DS_TARGET_CLASSES,
               "later.csv:2:2: \"green\" does not occur in the training data (column \"color\")");
    write_text("later.csv", "y,color,x\nb,red,5\nc,red,6\n");
    assert_bad("{train: train.csv, test: later.csv, target: y}", DS_TARGET_CLASSES,
               "later.csv:3:1: the class \"c\" does not occur in the training data (column \"y\")");
    write_text("later.csv", "y,color\nb,red\n");
    assert_bad("{train: train.csv, test: later.csv, target: y}", DS_TARGET_CLASSES,
               "later.csv: no column \"x\"");
}

static void a_set_that_gets_no_row_is_noted(void **state) {
    ds_text notes = {0};
    ds_data *data = NULL;
    (void)state;
    write_rows(3);
    assert_int_equal(read_data(&data, "{train: t.csv, target: y, split: {validation: 0.2}}",
                               DS_TARGET_NUMBERS, &notes),
                     DS_OK);
    assert_int_equal(data->train.rows, 3);
    assert_int_equal(data->validation.rows, 0);
    assert_string_equal(notes.characters,
                        "split: a share of 0.2 of 3 rows is no row for validation: write at least "
                        "0.3334, or leave it out\n");
    ds_text_clear(&notes);
    ds_data_destroy(data);
    assert_int_equal(read_data(&data,
                               "{train: t.csv, target: y, split: {validation: 0.1, test: 0.3}}",
                               DS_TARGET_NUMBERS, &notes),
                     DS_OK);
    assert_int_equal(data->test.rows, 0);
    assert_non_null(strstr(notes.characters, "a share of 0.1 of 3 rows is no row for validation"));
    assert_non_null(strstr(notes.characters, "a share of 0.3 of 3 rows is no row for test"));
    ds_text_clear(&notes);
    ds_data_destroy(data);
    /* The share that is named gives a row. */
    data = must_read("{train: t.csv, target: y, split: {test: 0.3334}}", DS_TARGET_NUMBERS);
    assert_int_equal(data->test.rows, 1);
    ds_data_destroy(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_takes_from_the_end),
        cmocka_unit_test(random_is_a_partition_in_file_order),
        cmocka_unit_test(a_test_file_has_the_training_files_encoding),
        cmocka_unit_test(a_set_that_gets_no_row_is_noted),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
