/* What a recipe is told of layers that train, but hardly as they were meant, and of numbers that
 * may be classes; and that usual networks are told nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "outcome.h"
#include "scratch_folder.h"
#include "train/recipe.h"

static int setup(void **state) {
    scratch_setup(state);
    scratch_write("t.csv", "x,y,unit,below,lane,kind\n1,2.5,0,-1,3,a\n2,3.5,0.5,0,4,b\n"
                           "3,1.5,1,1,5,c\n4,2.25,0.25,-2,3,a\n5,7.5,0.75,2,4,b\n6,1,0,-1,5,c\n"
                           "7,9.5,0.5,0,3,a\n8,0.5,1,1,4,b\n9,2,0.25,-2,5,c\n10,4.5,0.75,2,3,a\n"
                           "11,3,0.5,0,4,b\n12,6.5,1,1,5,c\n");
    return 0;
}

/* The notes on a recipe, which is destroyed. */
static void take_notes(ds_recipe *recipe, ds_text *notes) {
    ds_training training;
    ds_data *data = NULL;
    ds_model *model = NULL;
    DONE(ds_recipe_open(recipe, &training, &data, &model, notes));
    ds_data_destroy(data);
    ds_model_destroy(model);
    ds_recipe_destroy(recipe);
}

/* `said` is the only note; NULL: there is none. */
static void check(const char *what, ds_text *notes, const char *said) {
    const char *got = notes->length ? notes->characters : "";
    const char *end = strchr(got, '\n');
    if (said ? !strstr(got, said) || !end || end[1] : *got)
        fail_msg("%s: \"%s\", expected: %s", what, got, said ? said : "nothing");
    ds_text_clear(notes);
}

static void notes_on_recipes(void **state) {
    static const struct {
        const char *target, *loss, *model, *said;
    } cases[] = {
        {"y", "mse", "[{dense: 4}, relu, {dense: 1}]", NULL},
        {"y", "mse", "[{dense: 1}]", NULL},
        {"y", "mse", "[{dense: 4}, {layer_norm: }, {dense: 1}]", NULL},
        {"y", "mse", "[{dense: 4}, {dense: 1}]", "the network is linear"},
        {"y", "mse", "[{dense: 4}, identity, {dropout: 0.5}, {dense: 1}]", "the network is linear"},
        {"y", "mse", "[{dense: 4}, relu, {dense: 4}, {dense: 1}]",
         "no activation stands between the dense layers model.2 and model.3: the two are as one; "
         "write one between them, such as relu"},
        {"y", "mse", "[{dense: 4}, softmax, {dense: 1}]", "model.1: a softmax in the middle"},
        {"kind", "cross_entropy", "[{dense: 4}, relu, {dense: 3}, softmax]", NULL},
        {"kind", "cross_entropy", "[{dense: 3}, relu]",
         "the last layer, relu, gives 0 and up, but cross_entropy takes any number"},
        {"unit", "mse", "[{dense: 1}, softmax]", "model.1: the softmax of a single value is 1"},
        {"unit", "mse", "[{dense: 1}, sigmoid]", NULL},
        {"unit", "binary_cross_entropy", "[{dense: 1}, sigmoid]", NULL},
        {"unit", "binary_cross_entropy", "[{dense: 1}, tanh]",
         "the last layer, tanh, gives -1 to 1"},
        {"y", "mse", "[{dense: 1}, sigmoid, identity]",
         "the last layer, sigmoid, gives 0 to 1, but \"y\" goes from 0.5 to 9.5: the rest is out "
         "of its reach"},
        {"y", "mse", "[{dense: 1}, relu]", NULL},
        {"y", "mse", "[{dense: 1}, tanh]", "gives -1 to 1, but \"y\" goes from 0.5 to 9.5"},
        {"y, normalize_target: standard", "mse", "[{dense: 1}, relu]", "(normalized)"},
        {"below, target_kind: numbers", "mse", "[{dense: 1}, relu]",
         "gives 0 and up, but \"below\" goes from -2 to 2"},
        {"[unit, below]", "mse", "[{dense: 2}, hard_sigmoid]", "\"below\" goes from -2 to 2"},
        {"lane", "mse", "[{dense: 1}]",
         "the target \"lane\" holds 3 different whole numbers (3, 4, 5): if they are classes, say "
         "loss: cross_entropy, and dense: 3 in the last layer"},
        {"lane", "cross_entropy", "[{dense: 3}]", NULL},
        {"lane, target_kind: numbers", "mse", "[{dense: 1}]", NULL},
        {"lane, lags: {steps: 2}", "mse", "[{dense: 1}]", NULL},
        {"x", "mse", "[{dense: 1}]", NULL}, /* each on one row */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ds_recipe *recipe = NULL;
        ds_text text = {0}, notes = {0};
        DONE(ds_text_add(&text,
                         "data: {train: t.csv, target: %s}\nmodel: %s\nloss: %s\n"
                         "optimizer: adam\n",
                         cases[i].target, cases[i].model, cases[i].loss));
        DONE(ds_recipe_parse(&recipe, text.characters, NULL));
        take_notes(recipe, &notes);
        check(text.characters, &notes, cases[i].said);
        ds_text_clear(&text);
    }
}

/* They are in the words of --layers, and name what may be typed instead. */
static void notes_on_layers_that_were_typed(void **state) {
    static const struct {
        const char *target, *layers, *set, *said;
    } cases[] = {
        {"y", "8 relu 4 tanh", NULL, NULL},
        {"y", "", NULL, NULL},
        {"y", "1 sigmoid", NULL, NULL},
        {"kind", "8 sigmoid", NULL, NULL},
        {"y", "8 4", NULL, "is linear, as one dense layer is; write --layers \"8 relu 4 relu\""},
        {"y", "8", NULL, "write --layers \"8 relu\""},
        {"kind", "8 relu 3", NULL,
         "the last layer, dense: 3, is added by itself, and no activation stands before it: write "
         "--layers \"8 relu\" or --layers \"8 relu 3 relu\""},
        {"kind", "8 relu 3 softmax", NULL,
         "the last layer, dense: 3, is added by itself: the softmax before it then stands in the "
         "middle of the network; write --layers \"8 relu\""},
        {"kind", "8 relu 1 sigmoid", NULL, "the sigmoid before it"},
        {"kind", "8 relu 4 sigmoid", NULL, NULL},
        {"y", "8 4", "model=[{dense: 4}, {dense: 1}]", "write one between them, such as relu"},
        {"lane", "8 relu", NULL, "if they are classes, say --set loss=cross_entropy"},
        {"lane", "8 relu", "loss=cross_entropy", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ds_recipe *recipe = NULL;
        ds_text notes = {0};
        DONE(ds_recipe_for_csv(&recipe, "t.csv", cases[i].target, cases[i].layers));
        DONE(ds_recipe_set(recipe, "data.split=none"));
        if (cases[i].set)
            DONE(ds_recipe_set(recipe, cases[i].set));
        take_notes(recipe, &notes);
        check(cases[i].layers, &notes, cases[i].said);
    }
}

/* Beyond a few they are listed in short. */
static void many_whole_numbers_are_listed_in_short(void **state) {
    ds_recipe *recipe = NULL;
    ds_text text = {0}, notes = {0};
    (void)state;
    DONE(ds_text_add(&text, "x,digit\n"));
    for (int i = 0; i < 100; i++)
        DONE(ds_text_add(&text, "%d,%d\n", i, i % 10));
    scratch_write("digits.csv", text.characters);
    DONE(ds_recipe_for_csv(&recipe, "digits.csv", "digit", "4 relu"));
    take_notes(recipe, &notes);
    check("digits", &notes, "holds 10 different whole numbers (0, 1, 2, ..., 9)");
    ds_text_clear(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notes_on_recipes),
        cmocka_unit_test(notes_on_layers_that_were_typed),
        cmocka_unit_test(many_whole_numbers_are_listed_in_short),
    };
    return cmocka_run_group_tests(tests, setup, scratch_teardown);
}
