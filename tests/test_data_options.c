/* What may stand under `data:`, and what a mistake there says. */
#include "test_data_files.h"

static void a_mistake_is_named_by_its_place(void **state) {
    static const struct {
        const char *options, *message;
    } cases[] = {
        {"{trian: t.csv, target: y}", "recipe.yaml:1:2: unknown key \"trian\" in data"},
        {"{target: y}", "recipe.yaml:1:1: data: the key \"train\" is missing"},
        {"{train: t.csv}", "recipe.yaml:1:1: data: the key \"target\" is missing"},
        {"{train: }", "recipe.yaml:1:2: train: a path is missing"},
        {"{train: [a, b], target: y}", "recipe.yaml:1:2: train: expected a mapping, got a list"},
        {"{train: {images: a, label: b}}", "recipe.yaml:1:21: unknown key \"label\" in train"},
        {"{train: {images: a}}", "recipe.yaml:1:2: \"labels\" is missing"},
        {"{train: {features: a}}", "recipe.yaml:1:2: \"target\" is missing"},
        {"{train: 'images=a'}", "recipe.yaml:1:2: train: the file of the targets is missing"},
        {"{train: {images: a, labels: b}, target: y}",
         "recipe.yaml:1:33: target: the targets are a file of their own here"},
        {"{train: t.csv, target: {a: b}}",
         "recipe.yaml:1:16: target: expected the name of a column, or a list of names"},
        {"{train: t.csv, target: []}",
         "recipe.yaml:1:16: target: expected the name of a column, or a list of names"},
        {"{train: t.csv, target: y, features: [x, x]}",
         "recipe.yaml:1:41: features: \"x\" comes twice"},
        {"{train: t.csv, target: y, features: [x, y]}",
         "recipe.yaml:1:41: features: \"y\" is the target"},
        {"{train: t.csv, target: y, features: [x, w]}", "recipe.yaml:1:41: t.csv: no column \"w\""},
        {"{train: t.csv, target: y, exclude: [w]}", "recipe.yaml:1:37: t.csv: no column \"w\""},
        {"{train: t.csv, target: y, exclude: x}", "t.csv: no column is left to be a feature"},
        {"{train: t.csv, target: y, features: x, exclude: z}",
         "recipe.yaml:1:40: exclude: data.features names the columns that are taken already"},
        {"{train: t.csv, target: y, exclude: y}", "recipe.yaml:1:27: exclude: \"y\" is the target"},
        {"{train: t.csv, target: 'x,w'}", "recipe.yaml:1:16: t.csv: no column \"w\""},
        {"{train: t.csv, target: 'v,w'}", "recipe.yaml:1:16: t.csv: no column \"v,w\""},
        {"{train: t.csv, target: 'x,x'}", "recipe.yaml:1:16: target: \"x\" comes twice"},
        {"{train: t.csv, target: 'x,y', features: x}",
         "recipe.yaml:1:31: features: \"x\" is the target"},
        {"{train: t.csv, target: y, split: 0.2}",
         "recipe.yaml:1:27: split: expected a mapping, got a word"},
        {"{train: t.csv, target: y, split: {validate: 0.2}}",
         "recipe.yaml:1:35: unknown key \"validate\" in split"},
        {"{train: t.csv, target: y, split: {validation: 1.2}}",
         "recipe.yaml:1:35: validation: expected a share of at least 0 and less than 1, got 1.2"},
        {"{train: t.csv, target: y, split: {validation: abc}}",
         "recipe.yaml:1:35: validation: expected a number, got \"abc\""},
        {"{train: t.csv, target: y, split: {validation: 0.5, test: 0.5}}",
         "recipe.yaml:1:27: split: no row is left for training"},
        {"{train: t.csv, target: y, split: {test: 0.2, by: time}}",
         "recipe.yaml:1:46: by: \"time\" is not known"},
        {"{train: t.csv, test: t.csv, target: y, split: {test: 0.2}}",
         "recipe.yaml:1:48: split: there is a test file already"},
        {"{train: t.csv, target: y, normalize: zscore}",
         "recipe.yaml:1:27: normalize: \"zscore\" is not known"},
        {"{train: t.csv, target: y, normalize: {x: {minus: 1}}}",
         "recipe.yaml:1:43: unknown key \"minus\" in x"},
        {"{train: t.csv, target: y, normalize: {x: {divide: 0}}}",
         "recipe.yaml:1:43: divide: expected a number other than 0"},
        {"{train: t.csv, target: y, normalize: {w: {divide: 2}}}",
         "recipe.yaml:1:39: normalize: \"w\" is not a feature"},
        {"{train: t.csv, target: y, normalize_target: minmax}",
         "recipe.yaml:1:27: normalize_target: \"minmax\" is not known"},
        {"{train: t.csv, target: y, target_kind: classes, normalize_target: standard}",
         "recipe.yaml:1:49: normalize_target: the target is classes, not a number"},
        {"{train: t.csv, target: y, lags: {of: x}}",
         "recipe.yaml:1:27: lags: \"steps\" is missing"},
        {"{train: t.csv, target: y, lags: {of: x, steps: 0}}",
         "recipe.yaml:1:41: steps: expected 1 to 100000, got 0"},
        {"{train: t.csv, target: y, missing: {x: {indicator: true}}}",
         "recipe.yaml:1:37: missing: \"fill\" is missing"},
        {"{train: t.csv, target: y, missing: {x: {fill: drop, indicator: true}}}",
         "recipe.yaml:1:41: missing: an indicator needs rows that stay"},
        {"{train: t.csv, target: y, unseen: nothing}",
         "recipe.yaml:1:27: unseen: \"nothing\" is not known"},
        {"{train: t.csv, target: y, series: y}",
         "recipe.yaml:1:27: series: \"y\" cannot be the target, the date or a lag too"},
        {"{train: t.csv, target: y, expand: 2}",
         "recipe.yaml:1:27: expand: expected columns with their power"},
        {"{train: t.csv, target: y, expand: {x: 0}}",
         "recipe.yaml:1:36: expand: expected a power of 1 to 32, got 0"},
        {"{train: t.csv, target: y, expand: {w: 2}}", "recipe.yaml:1:36: t.csv: no column \"w\""},
        {"{train: t.csv, target: y, expand: {y: 2}}",
         "recipe.yaml:1:36: expand: \"y\" is not a feature"},
        {"{train: t.csv, target: y, missing: ignore}",
         "recipe.yaml:1:27: missing: \"ignore\" is not known"},
        {"{train: t.csv, target: y, stream: 3}", "recipe.yaml:1:27: stream: \"3\" is not known"},
        {"{train: t.csv, target: [x, y]}", "t.csv: no column is left to be a feature"},
    };
    (void)state;
    write_text("t.csv", "x,y\n1,2\n2,4\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_bad(cases[i].options, DS_TARGET_AUTO, cases[i].message);
    assert_bad("{train: t.csv, target: y, target_kind: classes}", DS_TARGET_NUMBERS,
               "recipe.yaml:1:27: target_kind: \"classes\" does not fit the loss");
}

static void every_key_is_accepted(void **state) {
    (void)state;
    write_text("t.csv", "x,z,y\n1,2,3\n2,4,5\n3,5,6\n");
    ds_data_destroy(must_read("train: t.csv\ntest: t.csv\ntarget: [y]\nfeatures: [x, z]\n"
                              "split: {validation: 0.4, by: order}\nnormalize: minmax\n"
                              "normalize_target: standard\nexpand: {x: 2}\nmissing: mean\n"
                              "stream: auto\nheader: auto\ncategories: z\ntarget_kind: numbers\n",
                              DS_TARGET_AUTO));
    ds_data_destroy(
        must_read("{train: t.csv, target: y, normalize: none, split: none}", DS_TARGET_AUTO));
}

/* What a column's name is in the features that are left, "x z". */
static void assert_features(const char *options, const char *names) {
    ds_data *data = must_read(options, DS_TARGET_AUTO);
    char got[64] = "";
    for (int64_t i = 0; i < ds_encoding_features(data->encoding); i++)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", i ? " " : "",
                 ds_encoding_feature(data->encoding, i));
    assert_string_equal(got, names);
    ds_data_destroy(data);
}

static void columns_are_left_out_by_name(void **state) {
    (void)state;
    write_text("e.csv", "x,z,id,y\n1,2,a,3\n2,4,b,5\n3,5,c,6\n");
    assert_features("{train: e.csv, target: y, exclude: id}", "x z");
    assert_features("{train: e.csv, target: y, exclude: [id, x]}", "z");
    assert_features("{train: e.csv, target: y, exclude: [id], categories: [id]}", "x z");
    assert_features("{train: e.csv, target: y, exclude: [], features: []}", "x z id=a id=b id=c");
}

/* A word with commas is one column where there is such a one, else several. */
static void a_target_may_be_several_in_one_word(void **state) {
    static const struct {
        const char *target;
        int64_t targets;
    } cases[] = {{"'x,y'", 2}, {"' x , y '", 2}, {"'y,z'", 1}, {"['y,z', 'x,y']", 3}, {"y", 1}};
    (void)state;
    write_text("s.csv", "x,y,\"y,z\",w\n1,2,3,4\n2,4,5,5\n3,5,6,7\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char options[128];
        snprintf(options, sizeof options, "{train: s.csv, target: %s}", cases[i].target);
        ds_data *data = must_read(options, DS_TARGET_NUMBERS);
        assert_int_equal(ds_encoding_targets(data->encoding), cases[i].targets);
        assert_int_equal(ds_encoding_features(data->encoding), 4 - cases[i].targets);
        ds_data_destroy(data);
    }
    ds_data *data = must_read("{train: s.csv, target: 'x,y', lags: {steps: 1}}", DS_TARGET_NUMBERS);
    assert_string_equal(ds_encoding_target(data->encoding, 1), "y");
    assert_int_equal(ds_encoding_features(data->encoding), 2);
    ds_data_destroy(data);
}

/* normalize_target: auto concerns numbers alone. */
static void numbers_alone_are_normalized_by_auto(void **state) {
    (void)state;
    write_text("n.csv", "x,y,k\n1,2,a\n2,4,b\n3,6,a\n");
    ds_data *data = must_read("{train: n.csv, target: y, normalize_target: auto}", DS_TARGET_AUTO);
    assert_non_null(data->train.targets.divide);
    ds_data_destroy(data);
    data = must_read("{train: n.csv, target: k, normalize_target: auto}", DS_TARGET_AUTO);
    assert_int_equal(ds_encoding_kind(data->encoding), DS_TARGET_CLASSES);
    ds_data_destroy(data);
    data = must_read("{train: n.csv, target: y, classes: [2, 4, 6]}", DS_TARGET_AUTO);
    assert_int_equal(ds_encoding_classes(data->encoding), 3);
    ds_data_destroy(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mistake_is_named_by_its_place),
        cmocka_unit_test(every_key_is_accepted),
        cmocka_unit_test(columns_are_left_out_by_name),
        cmocka_unit_test(a_target_may_be_several_in_one_word),
        cmocka_unit_test(numbers_alone_are_normalized_by_auto),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
