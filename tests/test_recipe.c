/* Recipes: every key of a recipe, what it is when left out, what a mistake says, setting single
 * values, printing, and recipes made from a CSV file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/memory.h"
#include "ops/operation.h"
#include "outcome.h"
#include "scratch_folder.h"
#include "train/recipe.h"

static void write_data(void) {
    scratch_write("people.csv", "weight,height,gender\n60,170,a\n80,180,b\n55,160,a\n90,190,b\n"
                                "58,165,a\n85,185,b\n61,171,a\n81,181,b\n56,161,a\n91,191,b\n");
    scratch_write("numbers.csv", "x,y,z\n1,2,3\n2,4,5\n3,6,8\n4,8,9\n5,10,1\n6,12,3\n7,14,2\n");
}

static int setup(void **state) {
    scratch_setup(state);
    write_data();
    return 0;
}

/* Reads a recipe file of this text, and all that it names. */
static ds_status open_recipe(ds_training *training, const char *text) {
    ds_recipe *recipe = NULL;
    ds_data *data = NULL;
    ds_model *model = NULL;
    ds_text notes = {0};
    scratch_write("r.yaml", text);
    ds_status status = ds_recipe_read(&recipe, "r.yaml");
    if (status == DS_OK)
        status = ds_recipe_open(recipe, training, &data, &model, &notes);
    ds_recipe_destroy(recipe);
    ds_data_destroy(data);
    ds_model_destroy(model);
    ds_text_clear(&notes);
    return status;
}

/* ---- keys ---- */

static void every_key_is_read(void **state) {
    ds_training t;
    (void)state;
    DONE(open_recipe(&t, "data:\n"
                         "  train: people.csv\n"
                         "  target: gender\n"
                         "  features: [weight, height]\n"
                         "  split: {validation: 0.2, test: 0.1, by: random}\n"
                         "  normalize: standard\n"
                         "  stream: false\n"
                         "model:\n"
                         "  - dense: 16\n"
                         "  - relu\n"
                         "  - dense: 2\n"
                         "loss: cross_entropy\n"
                         "optimizer: {sgd: {rate: 0.1, momentum: 0.9, nesterov: true}}\n"
                         "schedule: {cosine: {to: 0.01}, warmup: 100}\n"
                         "clip: 1.5\n"
                         "batch: 8\n"
                         "shuffle: false\n"
                         "epochs: 1e2\n"
                         "seed: 7\n"
                         "init: xavier\n"
                         "stop: {updates: 5000, gradient: 1e-8, patience: 10}\n"
                         "keep: best\n"
                         "plots: [loss]\n"));
    assert_ptr_equal(t.loss, &ds_op_cross_entropy);
    assert_ptr_equal(t.optimizer, &ds_op_sgd);
    assert_true(t.optimizer_attribute[1] == 0.9 && t.optimizer_attribute[2] == 1);
    assert_true(t.learning_rate == 0.1);
    assert_int_equal(t.schedule.kind, DS_COSINE);
    assert_true(t.schedule.to == 0.01);
    assert_int_equal(t.schedule.warmup, 100);
    assert_true(t.clip == 1.5);
    assert_int_equal(t.batch, 8);
    assert_false(t.shuffle);
    assert_int_equal(t.epochs, 100);
    assert_true(t.epochs_given);
    assert_int_equal(t.seed, 7);
    assert_int_equal(t.stop_updates, 5000);
    assert_true(t.stop_gradient == 1e-8);
    assert_int_equal(t.stop_patience, 10);
    assert_true(t.keep_best);
    assert_int_equal(t.stream, DS_STREAM_NEVER);
}

static const char shortest[] = "data: {train: numbers.csv, target: y}\n"
                               "model: [{dense: 1}]\n"
                               "loss: mse\n"
                               "optimizer: adam\n";

static void what_is_left_out_is_as_documented(void **state) {
    ds_training t;
    (void)state;
    DONE(open_recipe(&t, shortest));
    assert_int_equal(t.schedule.kind, DS_CONSTANT);
    assert_int_equal(t.schedule.warmup, 0);
    assert_true(t.clip == 0);
    assert_int_equal(t.batch, 32);
    assert_true(t.shuffle);
    assert_int_equal(t.epochs, 10);
    assert_false(t.epochs_given);
    assert_int_equal(t.seed, 1);
    assert_int_equal(t.stop_updates, 0);
    assert_true(t.stop_gradient < 0);
    assert_int_equal(t.stop_patience, 0);
    assert_false(t.keep_best);
    assert_int_equal(t.stream, DS_STREAM_AUTO);
    assert_true(t.learning_rate == 1e-3);
}

/* Each line is put behind the shortest recipe, as its line 5. */
static void every_other_value_is_read(void **state) {
    static const char *const lines[] = {
        "batch: all",
        "schedule: constant",
        "schedule: cosine",
        "schedule: {step: {every: 100, factor: 0.5}}",
        "schedule: {exponential: {factor: 0.999}}",
        "schedule: {one_cycle: {peak: 0.1}}",
        "schedule: {warmup: 10}",
        "init: default",
        "init: ones",
        "init: zeros",
        "init: normal",
        "init: he",
        "keep: last",
        "stop: {gradient: 0}",
        "stop:",
        "plots: []",
        "seed: 9223372036854775807",
        "epochs: 0",
    };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char text[512];
        ds_training t;
        snprintf(text, sizeof text, "%s%s\n", shortest, lines[i]);
        if (open_recipe(&t, text) != DS_OK)
            fail_msg("%s: %s", lines[i], ds_last_error()->message);
        assert_true(i != 0 || t.batch == 0);
    }
}

/* ---- mistakes ---- */

static void a_mistake_is_named_by_its_place(void **state) {
    static const struct {
        const char *line, *message, *hint;
    } cases[] = {
        {"epohcs: 3", "r.yaml:5:1: unknown key \"epohcs\" in the recipe",
         "did you mean \"epochs\"?"},
        {"epochs: many", "r.yaml:5:1: epochs: expected a whole number, got \"many\"", NULL},
        {"epochs: -1", "r.yaml:5:1: epochs: expected at least 0, got -1", NULL},
        {"epochs: 2.5", "r.yaml:5:1: epochs: expected a whole number, got \"2.5\"", NULL},
        {"epochs: 9223372036854775807",
         "r.yaml:5:1: epochs: expected at most 2147483647, got 9223372036854775807", NULL},
        {"epochs: [3]", "r.yaml:5:1: epochs: expected a whole number, got a list", NULL},
        {"batch: 0", "r.yaml:5:1: batch: got 0", "write a number from 1, or all"},
        {"batch: al", "r.yaml:5:1: batch: expected a whole number, got \"al\"", NULL},
        {"shuffle: maybe", "r.yaml:5:1: shuffle: expected true or false, got maybe",
         "write true or false"},
        {"seed: -1", "r.yaml:5:1: seed: expected at least 0, got -1", NULL},
        {"clip: 0", "r.yaml:5:1: clip: expected more than 0, got 0",
         "for no clipping --set clip=none"},
        {"clip: none", "r.yaml:5:1: clip: expected a number, got \"none\"", NULL},
        {"clip: .inf", "r.yaml:5:1: clip: expected a number, got \".inf\"", NULL},
        {"keep: bets", "r.yaml:5:1: keep: got \"bets\"", "write last or best"},
        {"keep: [best]", "r.yaml:5:1: keep: expected a word, got a list", NULL},
        {"stop: {update: 3}", "r.yaml:5:8: unknown key \"update\" in stop",
         "did you mean \"updates\"?"},
        {"stop: {updates: 0}", "r.yaml:5:8: stop.updates: expected at least 1, got 0", NULL},
        {"stop: {patience: 0}", "r.yaml:5:8: stop.patience: expected at least 1, got 0", NULL},
        {"stop: {gradient: -1}", "r.yaml:5:8: stop.gradient: expected 0 or more, got -1", NULL},
        {"stop: 5", "r.yaml:5:1: stop: expected a mapping, got a word", NULL},
        {"schedule: cosin", "r.yaml:5:1: unknown schedule \"cosin\"", "did you mean \"cosine\"?"},
        {"schedule: {step: {every: 3}}", "r.yaml:5:12: schedule.step: \"factor\" is missing", NULL},
        {"init: xaviar", "r.yaml:5:1: unknown init \"xaviar\"", "did you mean \"xavier\"?"},
        {"loss: mae", "r.yaml:5:1: the key \"loss\" comes twice", "keep one of the two"},
        {"  loss: mae",
         "r.yaml:5:7: not valid YAML: mapping values are not allowed in this context", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        ds_training t;
        snprintf(text, sizeof text, "%s%s\n", shortest, cases[i].line);
        assert_refused(open_recipe(&t, text), cases[i].message);
        if (cases[i].hint)
            assert_hint(cases[i].hint);
    }
}

static void mistakes_in_the_sections_are_named_too(void **state) {
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[1, 2]", "r.yaml:1:1: a recipe is a mapping with data, model, loss and optimizer"},
        {"word", "r.yaml:1:1: a recipe is a mapping with data, model, loss and optimizer"},
        {"", "r.yaml: \"loss\" is missing"},
        {"loss: mse", "r.yaml: \"optimizer\" is missing"},
        {"loss: mse\noptimizer: adam", "r.yaml: \"data\" is missing"},
        {"loss: mse\noptimizer: adam\ndata: {train: numbers.csv, target: y}",
         "r.yaml: \"model\" is missing"},
        {"loss: msee\n", "r.yaml:1:1: unknown loss \"msee\""},
        {"loss: [mse]\n", "r.yaml:1:1: expected one loss, got a list"},
        {"loss: mse\noptimizer: {sgd: {rate: fast}}",
         "r.yaml:2:19: sgd.rate: expected a number, got \"fast\""},
        {"loss: mse\noptimizer: {sgd: {rate: 1, nesterov: true}}",
         "r.yaml:2:1: sgd: nesterov needs a momentum"},
        {"loss: mse\noptimizer: {adam: {rat: 1}}", "r.yaml:2:20: unknown key \"rat\" in adam"},
        {"loss: mse\noptimizer: {adam: , sgd: }",
         "r.yaml:2:1: expected one optimizer, got several or none"},
        {"loss: mse\noptimizer: adam\nmodel: [dense]\ndata: {train: numbers.csv, target: y}",
         "r.yaml:3:9: \"dense\" needs its units"},
        {"loss: mse\noptimizer: adam\nmodel: [relu]\ndata: {train: numbers.csv, target: y}",
         "r.yaml:3:1: model: no layer has parameters to train"},
        {"loss: mse\noptimizer: adam\nmodel: []\ndata: {trian: numbers.csv, target: y}",
         "r.yaml:4:8: unknown key \"trian\" in data"},
        {"loss: mse\noptimizer: adam\nmodel: []\ndata: {train: numbers.csv, target: y, stream: 3}",
         "r.yaml:4:39: data.stream: expected true or false, got 3"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ds_training t;
        assert_refused(open_recipe(&t, cases[i].text), cases[i].message);
    }
    ds_recipe *recipe = NULL;
    assert_refused(ds_recipe_read(&recipe, "absent.yaml"),
                   "absent.yaml: No such file or directory");
    assert_refused(ds_recipe_read(&recipe, "."), ".: is a folder");
    assert_refused(ds_recipe_parse(&recipe, "[1]", NULL),
                   "recipe:1:1: a recipe is a mapping with data, model, loss and optimizer");
    FILE *file = fopen("binary", "wb");
    assert_non_null(file);
    assert_int_equal(fwrite("a: 1\n\0\n", 1, 7, file), 7);
    fclose(file);
    assert_refused(ds_recipe_read(&recipe, "binary"), "binary: not a text file");
    assert_null(recipe);
}

/* ---- setting ---- */

static void assert_set(const char *text, const char *assignment, const char *flow) {
    ds_recipe *recipe = NULL;
    char *printed = NULL;
    DONE(ds_recipe_parse(&recipe, text, NULL));
    DONE(ds_recipe_set(recipe, assignment));
    DONE(ds_node_print_flow(recipe->root, &printed));
    if (strcmp(printed, flow) != 0)
        fail_msg("%s; --set %s:\n%s instead of\n%s", text, assignment, printed, flow);
    ds_free(printed);
    ds_recipe_destroy(recipe);
}

static void a_value_set_keeps_what_it_does_not_name(void **state) {
    static const char *const cases[][3] = {
        {"epochs: 3", "epochs=5", "{epochs: 5}"},
        {"epochs: 3", "batch=all", "{epochs: 3, batch: all}"},
        /* another choice takes the place of the one there was */
        {"optimizer: {sgd: {rate: 1}}", "optimizer.adam.rate=0.01",
         "{optimizer: {adam: {rate: 0.01}}}"},
        {"optimizer: sgd", "optimizer.adam.rate=0.01", "{optimizer: {adam: {rate: 0.01}}}"},
        {"epochs: 3", "optimizer.adam.rate=0.01", "{epochs: 3, optimizer: {adam: {rate: 0.01}}}"},
        {"optimizer: {sgd: {rate: 1}}", "optimizer.adam=", "{optimizer: {adam: {}}}"},
        {"optimizer: {sgd: {rate: 1}}", "optimizer=adam", "{optimizer: adam}"},
        {"loss: mse", "loss.huber.delta=2", "{loss: {huber: {delta: 2}}}"},
        {"schedule: {cosine: {to: 1}, warmup: 9}", "schedule.exponential.factor=0.9",
         "{schedule: {warmup: 9, exponential: {factor: 0.9}}}"},
        /* the same choice keeps its other options, however it is written */
        {"optimizer: {adam: {beta1: 0.8}}", "optimizer.adam.rate=0.01",
         "{optimizer: {adam: {beta1: 0.8, rate: 0.01}}}"},
        {"optimizer: {adam: 0.5}", "optimizer.adam.beta1=0.8",
         "{optimizer: {adam: {rate: 0.5, beta1: 0.8}}}"},
        {"optimizer: adam", "optimizer.adam.beta1=0.8", "{optimizer: {adam: {beta1: 0.8}}}"},
        {"loss: {huber: 3}", "loss.huber.delta=2", "{loss: {huber: {delta: 2}}}"},
        {"schedule: cosine", "schedule.warmup=5", "{schedule: {cosine: \"\", warmup: 5}}"},
        {"schedule: {cosine: {to: 1}}", "schedule.warmup=5",
         "{schedule: {cosine: {to: 1}, warmup: 5}}"},
        {"schedule: {cosine: , warmup: 5}", "schedule.cosine.to=1",
         "{schedule: {cosine: {to: 1}, warmup: 5}}"},
        /* layers, counted from 0 */
        {"model: [{dense: 4}, relu]", "model=[{dense: 8}, tanh]", "{model: [{dense: 8}, tanh]}"},
        {"epochs: 3", "model=[{dense: 8}, tanh]", "{epochs: 3, model: [{dense: 8}, tanh]}"},
        {"model: [{dense: 4}, relu]", "model.1=tanh", "{model: [{dense: 4}, tanh]}"},
        {"model: [{dense: 4}, relu]", "model.0.dense=8", "{model: [{dense: 8}, relu]}"},
        {"model: [{dense: 4}, relu]", "model.0.dense.bias=false",
         "{model: [{dense: {units: 4, bias: false}}, relu]}"},
        {"model: [{dense: 4}, relu]", "model.1.elu.alpha=2",
         "{model: [{dense: 4}, {elu: {alpha: 2}}]}"},
        {"model: [{dense: 4}, relu]", "model.0.dropout=0.1", "{model: [{dropout: 0.1}, relu]}"},
        {"data: {split: none}", "data.split.test=0.1", "{data: {split: {test: 0.1}}}"},
        /* what no recipe may hold is left to the parser to refuse */
        {"optimizer: [sgd]", "optimizer.0=adam", "{optimizer: [adam]}"},
        {"model: [[relu]]", "model.0.0=tanh", "{model: [[tanh]]}"},
        {"model: dense", "model.dense.units=3", "{model: {dense: {units: 3}}}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_set(cases[i][0], cases[i][1], cases[i][2]);
}

static void what_cannot_be_set_is_refused(void **state) {
    static const char *const cases[][2] = {
        {"epochs", "\"epochs\": expected KEY=VALUE"},
        {"optimizer..rate=1",
         "\"optimizer..rate=1\": a key before \"=\" is empty, or its quotes are not closed"},
        {"optimizer.=1",
         "\"optimizer.=1\": a key before \"=\" is empty, or its quotes are not closed"},
        {"model.5=relu", "--set model.5=relu: no entry \"5\" in the list"},
        {"model.5.dense.units=3", "--set model.5.dense.units=3: no entry \"5\" in the list"},
        {"model.x.y=3", "--set model.x.y=3: no entry \"x\" in the list"},
        {"epochs=[1", "--set epochs=[1: not valid YAML: did not find expected ',' or ']'"},
    };
    ds_recipe *recipe = NULL;
    char *before = NULL, *after = NULL;
    (void)state;
    DONE(ds_recipe_parse(&recipe, "{optimizer: {sgd: {rate: 1}}, model: [{dense: 3}]}", NULL));
    DONE(ds_recipe_print(recipe, &before));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(ds_recipe_set(recipe, cases[i][0]), cases[i][1]);
    DONE(ds_recipe_print(recipe, &after));
    assert_string_equal(before, after);
    ds_free(before);
    ds_free(after);
    ds_recipe_destroy(recipe);
}

static void assert_set_refused(const char *argument, const char *message) {
    ds_recipe *recipe = NULL;
    ds_training t;
    ds_data *data = NULL;
    ds_model *model = NULL;
    ds_text notes = {0};
    DONE(ds_recipe_parse(&recipe, shortest, NULL));
    DONE(ds_recipe_set(recipe, argument));
    assert_refused(ds_recipe_open(recipe, &t, &data, &model, &notes), message);
    assert_null(data);
    assert_null(model);
    ds_text_clear(&notes);
    ds_recipe_destroy(recipe);
}

/* A wrong value that was set is named by the argument, not by a line that the file does not have.
 */
static void a_mistake_that_was_set_names_the_argument(void **state) {
    static const char *const cases[][2] = {
        {"model=[{dense: 1}, rleu]", "--set model=[{dense: 1}, rleu]: unknown layer \"rleu\""},
        {"epohcs=3", "--set epohcs=3: unknown key \"epohcs\" in the recipe"},
        {"optimizer.adam.rat=3", "--set optimizer.adam.rat=3: unknown key \"rat\" in adam"},
        {"optimizer.adma.rate=3", "--set optimizer.adma.rate=3: unknown optimizer \"adma\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_set_refused(cases[i][0], cases[i][1]);
}

static void without_memory_nothing_is_leaked(void **state) {
    long held = ds_memory_held(), nth = 1;
    ds_status status = DS_OUT_OF_MEMORY;
    (void)state;
    for (; status != DS_OK; nth++) {
        ds_recipe *recipe = NULL;
        ds_training t;
        ds_data *data = NULL;
        ds_model *model = NULL;
        ds_text notes = {0};
        ds_fail_allocation(nth);
        status = ds_recipe_parse(&recipe, shortest, NULL);
        if (status == DS_OK)
            status = ds_recipe_set(recipe, "optimizer.sgd.rate=0.1");
        if (status == DS_OK)
            status = ds_recipe_set(recipe, "model.0.dense.bias=false");
        if (status == DS_OK)
            status = ds_recipe_open(recipe, &t, &data, &model, &notes);
        ds_fail_allocation(0);
        if (status != DS_OK && status != DS_OUT_OF_MEMORY)
            fail_msg("allocation %ld: %s", nth, ds_last_error()->message);
        ds_recipe_destroy(recipe);
        ds_data_destroy(data);
        ds_model_destroy(model);
        ds_text_clear(&notes);
        assert_int_equal(ds_memory_held(), held);
    }
    assert_true(nth > 50);
}

/* ---- printing ---- */

static void a_printed_recipe_reads_back(void **state) {
    static const char *const texts[] = {
        shortest,
        "optimizer:\n  adam:\nschedule:\n  cosine:\n  warmup: 3\nmodel:\n  - relu:\n  - dense: 3\n",
        "data: {train: \"a: b #c.csv\", target: 'x\\n'}\nnormalize: {\"1\": {divide: 2}}\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ds_recipe *recipe = NULL, *again = NULL;
        char *printed = NULL, *twice = NULL;
        DONE(ds_recipe_parse(&recipe, texts[i], NULL));
        DONE(ds_recipe_print(recipe, &printed));
        DONE(ds_recipe_parse(&again, printed, NULL));
        DONE(ds_recipe_print(again, &twice));
        assert_string_equal(printed, twice);
        ds_free(printed);
        ds_free(twice);
        ds_recipe_destroy(recipe);
        ds_recipe_destroy(again);
    }
    ds_training t; /* `adam:` with nothing behind it is still a choice */
    ds_recipe *recipe = NULL;
    char *printed = NULL;
    DONE(ds_recipe_parse(&recipe, shortest, NULL));
    DONE(ds_recipe_set(recipe, "optimizer={adam: }"));
    DONE(ds_recipe_set(recipe, "model=[{dense: 1}, {identity: }]"));
    DONE(ds_recipe_print(recipe, &printed));
    DONE(open_recipe(&t, printed));
    assert_ptr_equal(t.optimizer, &ds_op_adam);
    ds_free(printed);
    ds_recipe_destroy(recipe);
}

/* ---- from a CSV file ---- */

static void a_recipe_is_made_from_a_csv_file(void **state) {
    static const struct {
        const char *csv, *target, *layers, *loss;
        int count;
        double units;
    } cases[] = {
        {"people.csv", "gender", "16 relu 8, relu", "cross_entropy", 5, 2},
        {"numbers.csv", "y", "", "mse", 1, 1},
        {"odd \"n\\ame\": #1.csv", "a \"b\\c", "4\ttanh", "mse", 3, 1},
    };
    (void)state;
    scratch_write("odd \"n\\ame\": #1.csv", "x,\"a \"\"b\\c\"\n1,2\n2,4\n3,5\n4,7\n5,9\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ds_recipe *recipe = NULL;
        ds_training t;
        ds_data *data = NULL;
        ds_model *model = NULL;
        ds_text notes = {0};
        DONE(ds_recipe_for_csv(&recipe, cases[i].csv, cases[i].target, cases[i].layers));
        DONE(ds_recipe_open(recipe, &t, &data, &model, &notes));
        assert_string_equal(t.loss->name, cases[i].loss);
        assert_int_equal(ds_model_outputs(model), (int64_t)cases[i].units);
        assert_int_equal(ds_node_count(ds_node_get(recipe->root, "model")), cases[i].count);
        assert_string_equal(ds_node_get(ds_node_get(recipe->root, "data"), "normalize")->text,
                            "standard");
        ds_recipe_destroy(recipe);
        ds_data_destroy(data);
        ds_model_destroy(model);
        ds_text_clear(&notes);
    }
    ds_recipe *recipe = NULL;
    char *text = NULL;
    DONE(ds_recipe_for_csv(&recipe, "numbers.csv", "w", "4"));
    assert_refused(ds_recipe_print(recipe, &text), "--data: numbers.csv: no column \"w\"");
    DONE(ds_recipe_set(recipe, "data.train=absent.csv"));
    assert_refused(ds_recipe_print(recipe, &text), "absent.csv: No such file or directory");
    assert_null(text);
    ds_recipe_destroy(recipe);
}

/* Writes lanes.csv: a target of whole numbers, which may be classes. */
static void write_lanes(void) {
    scratch_write("lanes.csv", "x,id,lane,code\n1,a,3,01\n2,b,4,02\n3,c,5,10\n4,d,3,01\n5,e,4,02\n"
                               "6,f,5,10\n7,g,3,01\n8,h,4,02\n9,i,5,10\n10,j,3,01\n11,k,4,02\n"
                               "12,l,5,10\n13,m,3,01\n14,n,4,02\n15,o,5,10\n");
}

/* Makes a recipe for lanes.csv, sets what is listed (it ends with NULL) and prints it. */
static char *print_for_lanes(const char *target, const char *layers, const char *const *set) {
    ds_recipe *recipe = NULL;
    char *text = NULL;
    DONE(ds_recipe_for_csv(&recipe, "lanes.csv", target, layers));
    for (; *set; set++)
        DONE(ds_recipe_set(recipe, *set));
    DONE(ds_recipe_print(recipe, &text));
    ds_recipe_destroy(recipe);
    return text;
}

/* What is set counts before the table is read; what is not said follows from it. */
static void what_is_set_counts_before_the_table_is_read(void **state) {
    static const struct {
        const char *target, *set[4];
        const char *says[5], *lacks;
    } cases[] = {
        {"lane",
         {NULL},
         {"loss: mse", "normalize_target: standard", "- {dense: 1}", "batch: all"},
         "auto"},
        {"lane",
         {"loss=cross_entropy"},
         {"loss: cross_entropy", "- {dense: 3}"},
         "normalize_target"},
        {"lane",
         {"data.categories=[lane]"},
         {"loss: cross_entropy", "- {dense: 3}"},
         "normalize_target"},
        {"lane",
         {"data.classes=[3,4,5]"},
         {"loss: cross_entropy", "- {dense: 3}"},
         "normalize_target"},
        {"lane", {"data.target_kind=classes"}, {"loss: cross_entropy", "- {dense: 3}"}, "auto"},
        {"lane", {"loss=cross_entropy", "loss=none"}, {"loss: mse", "- {dense: 1}"}, "auto"},
        {"lane",
         {"loss.huber.delta=2"},
         {"huber: {delta: 2}", "normalize_target: standard"},
         "auto"},
        {"lane", {"data.normalize_target=none"}, {"loss: mse"}, "normalize_target"},
        {"id",
         {"data.values={id: {a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, j: 10, "
          "k: 11, l: 12, m: 13, n: 14, o: 15}}"},
         {"loss: mse", "- {dense: 1}"},
         "auto"},
        {"lane,x", {"data.exclude=id"}, {"loss: mse", "- {dense: 2}"}, "auto"},
        {"lane",
         {"model=[{dense: 7}, relu, {dense: 1}]"},
         {"- {dense: 7}", "- {dense: 1}"},
         "dense: 4"},
        {"lane", {"model.2.dense.bias=false"}, {"- {dense: 4}", "{units: 1, bias: false}"}, "auto"},
        {"lane",
         {"model.0.dense=9", "batch=4"},
         {"- {dense: 9}", "- {dense: 1}", "batch: 4"},
         "auto"},
    };
    (void)state;
    write_lanes();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ds_training t;
        char *text = print_for_lanes(cases[i].target, "4 relu", cases[i].set);
        for (int k = 0; k < 5 && cases[i].says[k]; k++)
            if (!strstr(text, cases[i].says[k]))
                fail_msg("%d: no %s in\n%s", (int)i, cases[i].says[k], text);
        if (strstr(text, cases[i].lacks))
            fail_msg("%d: %s in\n%s", (int)i, cases[i].lacks, text);
        DONE(open_recipe(&t, text)); /* saved as a file it runs */
        ds_free(text);
    }
}

/* What followed from the data follows anew after a key is set. */
static void a_recipe_that_was_printed_can_be_set_further(void **state) {
    ds_recipe *recipe = NULL, *copy = NULL;
    char *text = NULL;
    (void)state;
    write_lanes();
    DONE(ds_recipe_for_csv(&recipe, "lanes.csv", "lane", "4 relu"));
    DONE(ds_recipe_print(recipe, &text));
    assert_non_null(strstr(text, "loss: mse"));
    ds_free(text);
    DONE(ds_recipe_copy(&copy, recipe));
    DONE(ds_recipe_set(recipe, "data.categories=lane"));
    DONE(ds_recipe_set(copy, "loss=cross_entropy"));
    DONE(ds_recipe_print(recipe, &text));
    assert_non_null(strstr(text, "loss: cross_entropy"));
    ds_free(text);
    DONE(ds_recipe_print(copy, &text));
    assert_non_null(strstr(text, "dense: 3"));
    ds_free(text);
    ds_recipe_destroy(recipe);
    ds_recipe_destroy(copy);
}

/* A table is read once: what was printed or chosen for is what is trained. */
static void a_table_that_was_read_is_kept_for_the_next_opening(void **state) {
    ds_recipe *recipe = NULL;
    ds_training t;
    ds_data *data = NULL;
    ds_model *model = NULL;
    ds_text notes = {0};
    char *text = NULL;
    (void)state;
    write_lanes();
    DONE(ds_recipe_for_csv(&recipe, "lanes.csv", "lane", "4 relu"));
    DONE(ds_recipe_print(recipe, &text));
    assert_int_equal(remove("lanes.csv"), 0);
    DONE(ds_recipe_open(recipe, &t, &data, &model, &notes));
    assert_int_equal(data->train.rows, 12);
    assert_non_null(strstr(notes.characters, "column \"id\" is text with 15 different values"));
    ds_data_destroy(data);
    ds_model_destroy(model);
    ds_text_clear(&notes);
    ds_free(text);
    ds_recipe_destroy(recipe);
}

/* ---- none, more of a list, paths ---- */

static void none_takes_a_key_back(void **state) {
    static const char *const cases[][2] = {
        {"stop.patience=none", "stop: {updates: 3}"},
        {"clip=none", "batch: 4"},
        {"schedule=none", "batch: 4"},
        {"data.date=none", "batch: 4"},
        {"data.date.format=none", "batch: 4"},
        {"data.split=none", "batch: 4"},
        {"data.features=none", "batch: 4"},
        {"data.features=[]", "batch: 4"},
        {"plots=none", "batch: 4"},
        {"init=none", "batch: 4"},
        {"optimizer.adam.rate=none", "optimizer: {adam: {}}"},
        {"stop=none", "batch: 4"},
    };
    ds_recipe *recipe = NULL;
    char *text = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ds_training t;
        DONE(ds_recipe_parse(&recipe,
                             "data: {train: numbers.csv, target: y, features: [x]}\n"
                             "model: [{dense: 1}]\nloss: mse\noptimizer: {adam: 0.5}\nclip: 2\n"
                             "stop: {patience: 5, updates: 3}\nschedule: cosine\nbatch: 4\n"
                             "plots: [loss]\ninit: ones\n",
                             NULL));
        DONE(ds_recipe_set(recipe, cases[i][0]));
        DONE(ds_recipe_print(recipe, &text));
        assert_null(strstr(text, "none"));
        if (!strstr(text, cases[i][1]))
            fail_msg("%s: no %s in\n%s", cases[i][0], cases[i][1], text);
        DONE(open_recipe(&t, text));
        ds_free(text);
        ds_recipe_destroy(recipe);
    }
    assert_set("stop: {patience: 5}", "stop=none", "{}");
    assert_set("optimizer: {sgd: {rate: 1}}", "optimizer.adam.rate=none",
               "{optimizer: {sgd: {rate: 1}}}");
    assert_set("epochs: 3", "stop.patience=none", "{epochs: 3}");
    assert_set("model: [{dense: 4}, relu]", "model.1=none", "{model: [{dense: 4}]}");
    assert_set("data: {target: y}", "data.target=\"none\"", "{data: {target: \"none\"}}");
}

static void a_key_that_is_taken_back_is_still_checked(void **state) {
    static const char *const cases[][2] = {
        {"nosuch=none", "--set nosuch=none: unknown key \"nosuch\" in the recipe"},
        {"data.exclud=none", "--set data.exclud=none: unknown key \"exclud\" in data"},
        {"optimizer.adam.rat=none", "--set optimizer.adam.rat=none: unknown key \"rat\" in adam"},
        {"loss=none", "recipe: \"loss\" is missing"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_set_refused(cases[i][0], cases[i][1]);
}

static void a_value_can_be_added_to_a_list(void **state) {
    (void)state;
    assert_set("data: {exclude: [a]}", "data.exclude+=b", "{data: {exclude: [a, b]}}");
    assert_set("data: {exclude: a}", "data.exclude+=b", "{data: {exclude: [a, b]}}");
    assert_set("data: {}", "data.exclude+=b", "{data: {exclude: [b]}}");
    assert_set("data: {}", "data.exclude+=[b, c]", "{data: {exclude: [b, c]}}");
    assert_set("plots: [loss]", "plots+={surface: {points: 3}}",
               "{plots: [loss, {surface: {points: 3}}]}");
}

/* Prints a recipe of the folder "sub" after an assignment; @ stands for the current folder. */
static void assert_path_set(const char *assignment, const char *expected) {
    ds_recipe *recipe = NULL;
    char *text = NULL, whole[1024] = "", here[512];
    assert_non_null(getcwd(here, sizeof here));
    for (const char *c = expected; *c; c++)
        snprintf(whole + strlen(whole), sizeof whole - strlen(whole), *c == '@' ? "%s" : "%.1s",
                 *c == '@' ? here : c);
    DONE(ds_recipe_parse(&recipe, "data: {train: t.csv, test: v.csv}", "sub"));
    DONE(ds_recipe_set(recipe, assignment));
    DONE(ds_node_print_flow(recipe->root, &text));
    assert_string_equal(text, whole);
    ds_free(text);
    ds_recipe_destroy(recipe);
}

static void a_path_that_is_set_is_relative_to_the_current_folder(void **state) {
    (void)state;
    assert_path_set("data.train=x.csv", "{data: {train: @/x.csv, test: v.csv}}");
    assert_path_set("data.train=/x.csv", "{data: {train: /x.csv, test: v.csv}}");
    assert_path_set("data.train=-", "{data: {train: '-', test: v.csv}}");
    assert_path_set("data.test=none", "{data: {train: t.csv}}");
    assert_path_set("data.test=../x.csv", "{data: {train: t.csv, test: @/../x.csv}}");
    assert_path_set("data.train.images=i.gz", "{data: {train: {images: @/i.gz}, test: v.csv}}");
    assert_path_set("data.train={images: i, labels: l}",
                    "{data: {train: {images: @/i, labels: @/l}, test: v.csv}}");
    assert_path_set("data.train=\"images=i,labels=l\"",
                    "{data: {train: \"images=@/i,labels=@/l\", test: v.csv}}");
    assert_path_set("data={train: x.csv, target: y.csv}",
                    "{data: {train: @/x.csv, target: y.csv}}");
    assert_path_set("init={file: m}", "{data: {train: t.csv, test: v.csv}, init: {file: @/m}}");
    assert_path_set("init.file=m", "{data: {train: t.csv, test: v.csv}, init: {file: @/m}}");
    assert_path_set("sweep={data.train: [a, /b]}", "{data: {train: t.csv, test: v.csv}, "
                                                   "sweep: {data.train: [@/a, /b]}}");
    assert_path_set("sweep={runs: [{name: a, set: {init: {file: m}}}]}",
                    "{data: {train: t.csv, test: v.csv}, "
                    "sweep: {runs: [{name: a, set: {init: {file: @/m}}}]}}");
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(every_key_is_read),
        IN_SCRATCH(what_is_left_out_is_as_documented),
        IN_SCRATCH(every_other_value_is_read),
        IN_SCRATCH(a_mistake_is_named_by_its_place),
        IN_SCRATCH(mistakes_in_the_sections_are_named_too),
        cmocka_unit_test(a_value_set_keeps_what_it_does_not_name),
        cmocka_unit_test(what_cannot_be_set_is_refused),
        IN_SCRATCH(a_mistake_that_was_set_names_the_argument),
        IN_SCRATCH(without_memory_nothing_is_leaked),
        IN_SCRATCH(a_printed_recipe_reads_back),
        IN_SCRATCH(a_recipe_is_made_from_a_csv_file),
        IN_SCRATCH(what_is_set_counts_before_the_table_is_read),
        IN_SCRATCH(a_recipe_that_was_printed_can_be_set_further),
        IN_SCRATCH(a_table_that_was_read_is_kept_for_the_next_opening),
        IN_SCRATCH(none_takes_a_key_back),
        IN_SCRATCH(a_key_that_is_taken_back_is_still_checked),
        cmocka_unit_test(a_value_can_be_added_to_a_list),
        IN_SCRATCH(a_path_that_is_set_is_relative_to_the_current_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
