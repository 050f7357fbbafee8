/* A model that goes on with other data keeps its encoding: columns and classes by name, constants
 * as they were; what does not match is refused. */
#include "test_data_files.h"

/* Reads `options` as a model with this encoding does. */
static ds_status read_on(ds_data **out, const ds_encoding *kept, const char *options,
                         ds_target_kind kind, ds_text *notes) {
    ds_node *node = NULL;
    ds_text dropped = {0};
    ds_status status = ds_node_parse(&node, options, "recipe.yaml");
    if (status == DS_OK)
        status = ds_dataset_read(out, node, folder, kind, kept, 1, notes ? notes : &dropped);
    ds_node_destroy(node);
    ds_text_clear(&dropped);
    return status;
}

static void constants_and_columns_are_kept(void **state) {
    ds_text notes = {0};
    ds_data *on = NULL;
    (void)state;
    write_text("first.csv", "u,v,y\n0,10,1\n4,20,3\n");
    write_text("second.csv", "y,w,v,u\n5,9,30,8\n7,9,15,2\n");
    ds_data *data = must_read("{train: first.csv, target: y, normalize: minmax, normalize_target: "
                              "standard}",
                              DS_TARGET_NUMBERS);
    assert_int_equal(read_on(&on, data->encoding,
                             "{train: second.csv, target: y, normalize: standard}",
                             DS_TARGET_NUMBERS, &notes),
                     DS_OK);
    assert_matrix(&on->train.features, 2, 2, VALUES(2, 2, 0.5, 0.5), 0);
    assert_matrix(&on->train.targets, 2, 1, VALUES(3, 5), 0);
    assert_non_null(strstr(notes.characters, "does not know \"w\": left out"));
    assert_non_null(strstr(notes.characters, "--set init.encoding=new"));
    ds_text_clear(&notes);
    ds_data_destroy(on);
    ds_data_destroy(data);
}

static void classes_are_matched_by_name(void **state) {
    ds_text notes = {0};
    ds_data *on = NULL;
    (void)state;
    write_text("first.csv", "x,color,y\n1,red,ape\n2,blue,cat\n");
    write_text("second.csv", "x,color,y\n3,blue,cat\n4,green,cat\n");
    write_text("third.csv", "x,color,y\n3,blue,cat\n4,red,dog\n");
    ds_data *data = must_read("{train: first.csv, target: y}", DS_TARGET_CLASSES);
    assert_int_equal(
        read_on(&on, data->encoding, "{train: second.csv, target: y}", DS_TARGET_CLASSES, &notes),
        DS_OK);
    assert_int_equal(ds_encoding_classes(on->encoding), 2);
    assert_matrix(&on->train.targets, 2, 1, VALUES(1, 1), 0);
    assert_matrix(&on->train.features, 2, 3, VALUES(3, 1, 0, 4, 0, 0), 0);
    assert_non_null(strstr(notes.characters, "no training row has the class \"ape\""));
    assert_non_null(strstr(notes.characters, "such as \"green\""));
    ds_text_clear(&notes);
    ds_data_destroy(on);
    on = NULL;
    assert_int_equal(
        read_on(&on, data->encoding, "{train: third.csv, target: y}", DS_TARGET_CLASSES, NULL),
        DS_BAD_INPUT);
    assert_message("third.csv:3:3: the model to go on from has no class \"dog\" (column \"y\")");
    assert_null(on);
    ds_data_destroy(data);
}

/* Cells that the model has no rule for cost their row, as in a prediction. */
static void missing_cells_cost_their_row(void **state) {
    ds_data *on = NULL;
    ds_text notes = {0};
    (void)state;
    write_text("first.csv", "x,y\n1,1\n2,2\n");
    write_text("second.csv", "x,y\n3,3\n,4\n5,5\n");
    ds_data *data = must_read("{train: first.csv, target: y}", DS_TARGET_NUMBERS);
    assert_int_equal(read_on(&on, data->encoding,
                             "{train: second.csv, target: y, missing: mean, expand: {x: 2}}",
                             DS_TARGET_NUMBERS, &notes),
                     DS_OK);
    assert_matrix(&on->train.features, 2, 1, VALUES(3, 5), 0);
    assert_non_null(strstr(notes.characters, "1 of 3 rows have a missing cell"));
    assert_non_null(
        strstr(notes.characters, "the model's own count, not the recipe's expand, missing"));
    ds_text_clear(&notes);
    ds_data_destroy(on);
    on = NULL;
    write_text("second.csv", "x;y\n1.003;3\n5;5\n"); /* how this file is written still counts */
    assert_int_equal(read_on(&on, data->encoding, "{train: second.csv, target: y, decimal: comma}",
                             DS_TARGET_NUMBERS, NULL),
                     DS_OK);
    assert_matrix(&on->train.features, 2, 1, VALUES(1003, 5), 0);
    ds_data_destroy(on);
    ds_data_destroy(data);
}

static void dates_must_be_there(void **state) {
    ds_data *on = NULL;
    (void)state;
    write_text("first.csv", "d,x,y\n2020-01-01,1,1\n2020-01-02,2,2\n2020-01-03,3,3\n");
    write_text("second.csv", "x,y\n1,1\n2,2\n");
    ds_data *data = must_read("{train: first.csv, target: y, date: d}", DS_TARGET_NUMBERS);
    assert_int_equal(read_on(&on, data->encoding,
                             "{train: second.csv, target: y, date: d, split: {at: 2020-01-02}}",
                             DS_TARGET_NUMBERS, NULL),
                     DS_BAD_INPUT);
    assert_message("second.csv: no column \"d\"");
    assert_int_equal(read_on(&on, data->encoding, "{train: first.csv, target: y, date: x}",
                             DS_TARGET_NUMBERS, NULL),
                     DS_BAD_INPUT);
    ds_data_destroy(data);
}

static void what_does_not_match_is_refused(void **state) {
    static const struct {
        const char *options, *message;
        ds_target_kind kind;
    } cases[] = {
        {"{train: t.csv, target: x}",
         "recipe.yaml:1:16: target: the model to go on from predicts \"y\"", DS_TARGET_NUMBERS},
        {"{train: t.csv, target: [y, z]}",
         "recipe.yaml:1:25: target: the model to go on from has another number of targets than "
         "\"y\"",
         DS_TARGET_NUMBERS},
        {"{train: t.csv, target: y, features: [x, z]}",
         "recipe.yaml:1:41: features: the model to go on from has no feature \"z\"",
         DS_TARGET_NUMBERS},
        {"{train: t.csv, target: y, features: [x]}",
         "recipe.yaml:1:38: features: the model to go on from takes \"v\", too", DS_TARGET_NUMBERS},
        {"{train: t.csv, target: y, lags: {of: y, steps: 2}}",
         "recipe.yaml:1:34: lags: the model to go on from has other lags of \"y\"",
         DS_TARGET_NUMBERS},
        {"{train: t.csv, target: y, date: z}",
         "recipe.yaml:1:27: date: the model to go on from has no dates, not even \"z\"",
         DS_TARGET_NUMBERS},
        {"{train: t.csv, target: y, series: z}",
         "recipe.yaml:1:27: series: the model to go on from has no series of \"z\"",
         DS_TARGET_NUMBERS},
        {"{train: t.csv, target: y}", "loss: the model to go on from predicts numbers",
         DS_TARGET_CLASSES},
        {"{train: less.csv, target: y}", "less.csv: no column \"v\"", DS_TARGET_NUMBERS},
    };
    (void)state;
    write_text("t.csv", "x,v,z,y\n1,2,3,4\n2,3,4,5\n");
    write_text("less.csv", "x,y\n1,2\n");
    ds_data *data = must_read("{train: t.csv, target: y, features: [x, v]}", DS_TARGET_NUMBERS);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ds_data *on = NULL;
        long held = ds_memory_held();
        if (read_on(&on, data->encoding, cases[i].options, cases[i].kind, NULL) == DS_OK)
            fail_msg("no error for %s", cases[i].options);
        assert_message(cases[i].message);
        assert_int_equal(ds_memory_held(), held);
    }
    ds_data_destroy(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constants_and_columns_are_kept),
        cmocka_unit_test(classes_are_matched_by_name),
        cmocka_unit_test(missing_cells_cost_their_row),
        cmocka_unit_test(dates_must_be_there),
        cmocka_unit_test(what_does_not_match_is_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
