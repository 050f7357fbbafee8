/* The pictures that the shipped recipes ask for, of every kind there is: each has its script and
 * its data, which hold what they should, and, where there is gnuplot, its SVG and PNG. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "system_recipes.h"

#include "picture_files.h"

enum { MOST_PICTURES = 6 };

/* What a picture's script says. */
typedef struct picture {
    const char *name; /* below the folder of the run */
    const char *says;
} picture;

typedef struct pictured {
    const char *recipe, *set; /* an assignment, where training takes its time; or NULL */
    picture picture[MOST_PICTURES];
} pictured;

static const pictured recipes[] = {
    {"line/line.yaml", NULL, {{"plots/loss", "set title 'Training loss'"}}},
    {"line/search.yaml", NULL, {{"plots/search", "'least at 2' at 2, 0 "}}},
    {"line/grid.yaml", NULL, {{"plots/search", "set label 'least' at 2,0 "}}},
    {"line/bias.yaml", NULL, {{"plots/surface", "set label 'start' at 1,1 "}, {"plots/loss", ""}}},
    {"minima/search.yaml", NULL, {{"plots/search", "'least at 1.1' at "}}},
    {"minima/minima.yaml",
     NULL,
     {{"plots/surface", "title 'from -1'"},
      {"1/plots/surface", "'start' at 0.5, "},
      {"2/plots/surface", "'start' at -1, "}}},
    {"batches/updates.yaml", NULL, {{"plots/sweep_updates", "'N = 1000, batch 100' 1"}}},
    {"batches/noise.yaml",
     "stop.seconds=0.001",
     {{"plots/loss", "set xlabel 'seconds'"},
      {"plots/sweep", "'all' 2"},
      {"plots/sweep_samples_per_second", "set ylabel 'samples per second'"},
      {"plots/sweep_updates", "set ylabel 'updates'"}}},
    {"batches/saddle.yaml", "epochs=20", {{"plots/loss", "title 'all'"}}},
    {"spam/spam.yaml", "epochs=2", {{"plots/confusion", "right (test set)"}, {"plots/loss", ""}}},
    {"spam/one_word.yaml", "epochs=20", {{"plots/probability", "set ylabel 'P(spam = "}}},
    {"neuron/sigmoid.yaml",
     NULL,
     {{"plots/activation_sigmoid", "title 'slope'"}, {"plots/logit", "the inverse of sigmoid"}}},
    {"people/people.yaml", "epochs=20", {{"plots/loss", "set xlabel 'epoch'"}}},
    {"people/seeds.yaml", "epochs=20", {{"plots/loss", "title '10'"}, {"plots/sweep", "'seed'"}}},
    {"curve/shapes.yaml",
     NULL,
     {{"plots/fit", "title 'w = 2: steeper'"},
      {"2/plots/fit", "title 'network'"},
      {"3/plots/fit", "title 'network'"},
      {"4/plots/fit", "title 'network'"}}},
    {"curve/hard_sigmoids.yaml", NULL, {{"plots/fit", "title 'each hidden unit'"}}},
    {"curve/sigmoids.yaml",
     "epochs=20",
     {{"plots/fit", "y from x by model.0.dense"},
      {"5/plots/fit", "using 3:19 with lines lw 1"},
      {"plots/sweep", "set xlabel 'model.0.dense'"},
      {"plots/loss", "title '16'"}}},
    {"curve/bias.yaml", "epochs=20", {{"plots/fit", "title 'line'"}, {"plots/loss", ""}}},
    {"curve/choices.yaml", "epochs=5", {{"plots/loss", "title '0.1, 4, sigmoid'"}}},
    {"hard_sigmoid/hard_sigmoid.yaml", NULL, {{"plots/fit", "title 'two ReLUs'"}}},
    {"sine/sine.yaml",
     NULL,
     {{"plots/fit", "title '32 pieces'"},
      {"plots/sweep_max_error", "'4 pieces' 4, '8 pieces' 8, '16 pieces' 16, '32 pieces' 32"}}},
    {"kink/kink.yaml", "epochs=5", {{"plots/fit", "y from x (training set)"}, {"plots/loss", ""}}},
    {"kink/relus.yaml", "epochs=5", {{"plots/fit", "title '8 ReLUs'"}, {"plots/sweep", "test"}}},
    {"kink/overfit.yaml", "epochs=5", {{"plots/loss", "title 'validation'"}}},
    {"kink/depth.yaml",
     "epochs=5",
     {{"plots/sweep", "'1 layer' 1, '2 layers' 2, '4 layers' 4"}, {"plots/fit", "4 layers"}}},
    {"losses/outlier.yaml", "epochs=5", {{"plots/fit", "y from x by loss"}}},
    {"digits/digits.yaml", "epochs=1", {{"plots/confusion", "'9' 9"}, {"plots/loss", ""}}},
    {"digits/fat_or_deep.yaml", "epochs=1", {{"plots/loss", "'deep'"}, {"plots/sweep", "'fat'"}}},
    {"go/go.yaml", "epochs=1", {{"plots/confusion", "with image notitle"}, {"plots/loss", ""}}},
    {"pm25/pm25.yaml", "epochs=1", {{"plots/forecast", "prediction"}, {"plots/loss", ""}}},
    {"views/views.yaml", "epochs=1", {{"plots/forecast", "Lunar New Year''s Eve'"}}},
    {"views/table.yaml",
     "epochs=1",
     {{"plots/sweep", "'the day before' 0"},
      {"1/plots/forecast", "set xtics ('Jan 2021' '2021-01-01'"},
      {"1/plots/forecast_weeks", "set xtics ('14 Jun 2021' '2021-06-14', '21 Jun'"},
      {"10/plots/forecast", "Lunar New Year''s Eve'"}}},
    {"survey/survey.yaml", "epochs=1", {{"plots/forecast", "prediction"}, {"plots/loss", ""}}},
};
enum { RECIPES = sizeof recipes / sizeof *recipes };

static void run_recipe(const pictured *p) {
    char path[256];
    ds_recipe *recipe = NULL;
    ds_sweep_table table = {0};
    ds_train_options options = {.folder = "run"};
    recipe_now = p->recipe;
    snprintf(path, sizeof path, "%s/data/%s", SOURCE_DIR, p->recipe);
    succeed(ds_recipe_read(&recipe, path));
    if (p->set)
        succeed(ds_recipe_set(recipe, p->set));
    succeed(ds_recipe_sweeps(recipe) ? ds_sweep(recipe, device, &options, &table)
                                     : ds_train(recipe, device, &options, NULL, NULL));
    ds_sweep_clear(&table);
    ds_recipe_destroy(recipe);
}

/* A header and at least one row, and a script that reads them. */
static void look_at(const picture *p) {
    char path[256], name[128], reads[256];
    snprintf(name, sizeof name, "run/%.100s", p->name);
    snprintf(path, sizeof path, "%s.csv", name);
    const char *row = strchr(picture_text(path), '\n');
    if (!row || !row[1])
        FAIL("%s has no row", path);
    snprintf(path, sizeof path, "%s.gp", name);
    snprintf(reads, sizeof reads, "'%s.csv' skip 1", strrchr(name, '/') + 1);
    picture_says(path, reads);
    picture_says(path, p->says);
    picture_drawn(name);
}

static void test_every_picture_of_every_recipe(void **state) {
    (void)state;
    device_now = "auto"; /* where users draw */
    succeed(ds_device_open(&device, device_now));
    for (int i = 0; i < RECIPES; i++) {
        print_message("%s\n", recipes[i].recipe);
        run_recipe(&recipes[i]);
        for (int k = 0; k < MOST_PICTURES && recipes[i].picture[k].name; k++)
            look_at(&recipes[i].picture[k]);
        assert_int_equal(nftw("run", scratch_remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
    }
    ds_device_close(device);
}

/* MNIST itself is not shipped: four files of its form stand in for it. */
static void write_mnist(const char *name, int rows, int columns, int side) {
    char path[64];
    unsigned char header[16] = {0, 0, 8, side ? 3 : 1, 0, 0, 0, (unsigned char)rows};
    snprintf(path, sizeof path, "mnist/%s", name);
    header[11] = header[15] = (unsigned char)side;
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(header, side ? 16 : 8, 1, file), 1);
    for (int i = 0; i < rows * columns; i++)
        fputc(side ? i * 7 % 256 : i % 10, file);
    assert_int_equal(fclose(file), 0);
}

static void test_mnist(void **state) {
    ds_recipe *recipe = NULL;
    ds_result result;
    ds_train_options options = {.folder = "run"};
    const char *text = picture_text(SOURCE_DIR "/data/mnist/mnist.yaml");
    (void)state;
    scratch_write("mnist/mnist.yaml", text);
    write_mnist("train-images-idx3-ubyte.gz", 20, 28 * 28, 28);
    write_mnist("train-labels-idx1-ubyte.gz", 20, 1, 0);
    write_mnist("t10k-images-idx3-ubyte.gz", 10, 28 * 28, 28);
    write_mnist("t10k-labels-idx1-ubyte.gz", 10, 1, 0);
    recipe_now = "mnist/mnist.yaml";
    device_now = "auto"; /* where users draw */
    succeed(ds_device_open(&device, device_now));
    succeed(ds_recipe_read(&recipe, "mnist/mnist.yaml"));
    succeed(ds_train(recipe, device, &options, &result, NULL));
    assert_int_equal(result.test.rows, 10);
    look_at(&(picture){"plots/confusion", "of 10 right (test set)"});
    look_at(&(picture){"plots/loss", ""});
    ds_recipe_destroy(recipe);
    ds_device_close(device);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SYSTEM(test_every_picture_of_every_recipe),
        SYSTEM(test_mnist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
