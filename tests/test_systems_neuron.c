/* One neuron, and the first network: the shipped recipes of data/neuron and data/people, with the
 * figures that must come out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "system_recipes.h"

/* Figures of one sample lie below 1 and have some ten float32 roundings behind them. */
static const double ten_roundings = 10 * 0x1p-24;

/* ---- data/neuron ---- */

static void a_neuron_and_a_network_compute(void) {
    char *text = NULL;
    system_explain(&text, "neuron/neuron.yaml", 1, NULL);
    expect_told(text, "forward", "z[0]", 7, 0, 0);
    expect_told(text, "forward", "a[0]", 0.9990889488055994, 1e-16, ten_roundings);
    ds_free(text);
    system_explain(&text, "neuron/network.yaml", 1, NULL);
    expect_told(text, "layer 3", "a[0]", 0.7216325609518421, 1e-16, ten_roundings);
    ds_free(text);
}

static void a_model_that_says_0_has_a_loss_of_half(void) {
    system_run run;
    system_train(&run, "neuron/loss.yaml", NULL);
    expect("MSE", run.result.train.loss, 0.5, 0, 0);
    assert_int_equal(run.result.updates, 0);
    ds_model_destroy(run.model);
}

/* The sigmoid over z from -8 to 8, the logit as its inverse, and its derivative f (1 - f). */
static void the_sigmoid_has_an_inverse_and_a_slope(void) {
    system_run run;
    double f[65];
    system_train(&run, "neuron/sigmoid.yaml", NULL);
    assert_int_equal(predicted(run.model, SOURCE_DIR "/data/neuron/z.csv", f, 65), 65);
    for (int i = 0; i < 65; i++) {
        double z = (i - 32) / 4.0, slope = f[i] * (1 - f[i]);
        expect("the sigmoid", f[i], 1 / (1 + exp(-z)), 2e-16, 4 * half_ulp);
        /* an error of f counts 1 / slope of the logit: near 8, 3000 times */
        expect("logit(sigmoid(z))", log(f[i] / (1 - f[i])), z, 1e-15 / slope, 4 * half_ulp / slope);
    }
    for (int i = 0; i < 65; i += 16) {
        char *text = NULL;
        system_explain(&text, "neuron/sigmoid.yaml", i + 1, NULL);
        double slope = 1 / (1 + exp(-(i - 32) / 4.0));
        slope *= 1 - slope;
        expect_told(text, "backward", "da/dz[0]", slope, 1e-15, ten_roundings);
        ds_free(text);
    }
    ds_model_destroy(run.model);
}

/* Layers of two neurons, z1 ... z6, as one computes them by hand. */
typedef struct by_hand {
    double z[6], a[6]; /* by layers; of the last, a is the output */
    double dz[6];      /* dC/dz */
} by_hand;

static const double weight[3][2][2] = {{{1, -2}, {-1, 1}}, {{2, -1}, {-2, -1}}, {{3, -1}, {-1, 4}}};
static const double bias[3][2] = {{1, 0}, {0, 0}, {-2, 2}};

static double sigmoid(double z) {
    return 1 / (1 + exp(-z));
}

static void go_forwards(by_hand *n, const double x[2]) {
    for (int layer = 0; layer < 3; layer++)
        for (int i = 0; i < 2; i++) {
            const double *in = layer ? &n->a[2 * layer - 2] : x, *w = weight[layer][i];
            n->z[2 * layer + i] = w[0] * in[0] + w[1] * in[1] + bias[layer][i];
            n->a[2 * layer + i] = sigmoid(n->z[2 * layer + i]);
        }
}

/* A network run backwards, the sigmoid's slope a constant gain; dz of the last layer is there. */
static void go_backwards(by_hand *n) {
    for (int layer = 1; layer >= 0; layer--)
        for (int i = 0; i < 2; i++) {
            const double *next = &n->dz[2 * layer + 2];
            double a = n->a[2 * layer + i];
            double sum = weight[layer + 1][0][i] * next[0] + weight[layer + 1][1][i] * next[1];
            n->dz[2 * layer + i] = a * (1 - a) * sum;
        }
}

static void expect_slopes(const char *text, const by_hand *n, const char *const place[3],
                          const char *last) {
    for (int i = 0; i < 6; i++) {
        char line[16];
        snprintf(line, sizeof line, i < 4 ? "dL/dz[%d]" : last, i % 2);
        expect_told(text, place[i / 2], line, n->dz[i], 1e-16, ten_roundings);
    }
}

static void two_outputs_run_backwards(void) {
    static const double x[] = {2, 3}, y[] = {0.25, 0.75};
    by_hand n;
    char *text = NULL, *back = NULL;
    go_forwards(&n, x);
    double loss = 0, cross = log(exp(n.z[4]) + exp(n.z[5])) - n.z[5];
    for (int i = 0; i < 2; i++) {
        double a = n.a[4 + i];
        loss += (a - y[i]) * (a - y[i]) / 2;
        n.dz[4 + i] = (a - y[i]) * a * (1 - a);
    }
    go_backwards(&n);
    system_explain(&text, "neuron/two_outputs.yaml", 1, NULL);
    back = strstr(text, "backward");
    assert_non_null(back);
    expect_told(text, "loss", "L ", loss, 1e-16, ten_roundings);
    expect_slopes(back, &n, SETS("layer 1, sigmoid", "layer 3, sigmoid", "layer 5, sigmoid"),
                  "dL/dz[%d]");
    ds_free(text);

    double total = exp(n.z[4]) + exp(n.z[5]);
    n.dz[4] = exp(n.z[4]) / total;
    n.dz[5] = exp(n.z[5]) / total - 1; /* the class is the second */
    go_backwards(&n);
    system_explain(&text, "neuron/two_classes.yaml", 1, NULL);
    back = strstr(text, "backward");
    assert_non_null(back);
    expect_told(text, "loss", "L ", cross, 1e-15, 4 * ten_roundings);
    expect_slopes(back, &n, SETS("layer 1, sigmoid", "layer 3, sigmoid", "backward"), "dL/dy[%d]");
    ds_free(text);
    system_gradcheck("neuron/two_outputs.yaml");
    system_gradcheck("neuron/two_classes.yaml");
}

/* Floating-point operations of a phase of the plan. */
static double cost_of(const char *text, const char *phase) {
    double sum = 0;
    for (const char *line = text; line; line = strchr(line, '\n')) {
        double operations;
        line += *line == '\n';
        if (strncmp(line, phase, strlen(phase)) == 0 &&
            sscanf(line + strlen(phase), "%*s %lf", &operations) == 1)
            sum += operations;
    }
    return sum;
}

/* The same as the plan adds it up. */
static double subtotal_of(const char *text, const char *phase) {
    char row[32];
    double operations = NAN;
    snprintf(row, sizeof row, "\nsubtotal  %s", phase);
    const char *found = strstr(text, row);
    if (!found || sscanf(found + strlen(row), "%lf", &operations) != 1)
        FAIL("no subtotal of %s in\n%s", phase, text);
    return operations;
}

/* The way back costs about as much as the way there: two products for one, the first layer's input
 * gradient left out. */
static void back_costs_about_as_much_as_there(void) {
    static const char *const names[] = {"neuron/two_outputs.yaml", "speech/speech.yaml"};
    for (int i = 0; i < 2; i++) {
        char *text = NULL;
        system_explain(&text, names[i], 0, NULL);
        double there = cost_of(text, "forward"), back = cost_of(text, "backward");
        expect_less("operations forwards", 0, there);
        assert_true(subtotal_of(text, "forward") == there);
        assert_true(subtotal_of(text, "backward") == back);
        expect_less("half of the operations backwards", back / 2, there);
        expect_less("half of the operations forwards", there / 2, back);
        ds_free(text);
    }
}

/* ---- data/people ---- */

static void the_first_networks_nine_partials(void) {
    static const struct {
        const char *after, *line;
        double value;
    } figures[] = {
        {"forward", "a[0] = sigmoid", 0.0474258732},
        {"layer 3", "a[0] = sigmoid", 0.5236951741},
        {"loss", "L ", 0.2268662872},
        {"backward", "dL/dy[0]", -0.9526096518},               /* the factors: -0.9526, */
        {"backward", "da/dz[0]", 0.2494385387},                /* 0.2494, */
        {"parameters as", "theta[0]", 0.0214695353},           /* w1 */
        {"parameters as", "theta[1]", 0.0107347676},           /* w2 */
        {"parameters as", "theta[2]", 0.0214695353},           /* w3 */
        {"parameters as", "theta[3]", 0.0107347676},           /* w4 */
        {"parameters as", "theta[4]", -0.0107347676},          /* b1 */
        {"parameters as", "theta[5]", -0.0107347676},          /* b2 */
        {"parameters as", "theta[6]", -0.0112692202},          /* w5 */
        {"parameters as", "theta[7]", -0.0112692202},          /* w6 */
        {"parameters as", "theta[8] = 2.bias", -0.2376175595}, /* b3 */
    };
    char *text = NULL;
    system_explain(&text, "people/people.yaml", 1, NULL);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        expect_told(text, figures[i].after, figures[i].line, figures[i].value, 0.6e-10,
                    ten_roundings);
    /* and the last factor, dh/dw1 = x1 h (1 - h) = -2 * 0.0452 = -0.0904 */
    const char *back = strstr(strstr(text, "backward"), "layer 1");
    expect_told(back, "layer 1", "da/dz[0]", -0.0903533195 / -2, 0.6e-10, ten_roundings);
    ds_free(text);
    system_gradcheck("people/people.yaml");
}

/* Column gender, 1 for F, of asked.csv: 128 lb, 63 in; 155 lb, 68 in. */
static void ask_people(const ds_model *model, double answer[2]) {
    assert_int_equal(predicted(model, SOURCE_DIR "/data/people/asked.csv", answer, 2), 2);
}

static void the_first_network_tells_men_from_women(void) {
    system_run run;
    double answer[2];
    system_train(&run, "people/people.yaml", NULL);
    assert_int_equal(run.result.updates, 4000);
    ask_people(run.model, answer);
    /* 4000 updates of a few roundings each, most of them forgotten; the figures have five digits */
    expect("128 lb, 63 in", answer[0], 0.94679, 5e-6, 2e-5);
    expect("155 lb, 68 in", answer[1], 0.03976, 5e-6, 2e-5);
    expect("the loss", run.result.train.loss, 0.00239, 5e-6, 6e-6);
    expect_falling(&run, 1000);
    ds_model_destroy(run.model);

    system_train(&run, "people/people.yaml", SETS("shuffle=true")); /* samples picked at random */
    ask_people(run.model, answer);
    expect("128 lb, 63 in", answer[0], 0.947, 5e-3, 5e-3);
    expect("155 lb, 68 in", answer[1], 0.040, 5e-3, 5e-3);
    ds_model_destroy(run.model);
}

static void every_start_gets_there(void) {
    ds_sweep_table table;
    system_sweep(&table, "people/seeds.yaml",
                 exact ? NULL : SETS("sweep={seed: [1, 2]}")); /* on devices a sample of them */
    for (int i = 0; i < (int)table.runs; i++) {
        ds_model *model = model_of_run(i);
        double answer[2];
        ask_people(model, answer);
        expect("128 lb, 63 in", answer[0], 0.96, 0.03, 0.03);
        expect("155 lb, 68 in", answer[1], 0.04, 0.03, 0.03);
        ds_model_destroy(model);
    }
    ds_sweep_clear(&table);
}

/* 180 cm, 80 kg: the network that learned from kilograms and centimetres is that of pounds and
 * inches, and answers as that does. */
static void other_units_change_nothing(void) {
    system_run pounds, metric;
    char asked[64];
    double answer;
    system_train(&pounds, "people/people.yaml", NULL);
    system_train(&metric, "people/metric.yaml", NULL);
    for (int i = 0; i < 4; i++)
        expect("a weight", parameter(metric.model, "0.weight", i),
               parameter(pounds.model, "0.weight", i), 1e-13, 1e-5);
    snprintf(asked, sizeof asked, "weight,height\n%.17g,%.17g\n", 80 / 0.45359237, 180 / 2.54);
    assert_int_equal(
        predicted(metric.model, SOURCE_DIR "/data/people/asked_metric.csv", &answer, 1), 1);
    expect("80 kg, 180 cm", answer, predicted_for(pounds.model, asked), 1e-13, 1e-5);
    expect("80 kg, 180 cm", answer, 0.0396, 5e-4, 5e-4);
    ds_model_destroy(pounds.model);
    ds_model_destroy(metric.model);
}

/* ---- the tests ---- */

static void test_a_neuron(void **state) {
    (void)state;
    on_every_device(a_neuron_and_a_network_compute);
    on_every_device(a_model_that_says_0_has_a_loss_of_half);
    on_every_device(the_sigmoid_has_an_inverse_and_a_slope);
}

static void test_backpropagation(void **state) {
    (void)state;
    on_every_device(the_first_networks_nine_partials);
    on_every_device(two_outputs_run_backwards);
    on_every_device(back_costs_about_as_much_as_there);
}

static void test_the_first_network(void **state) {
    (void)state;
    on_every_device(the_first_network_tells_men_from_women);
    on_every_device(every_start_gets_there);
    on_every_device(other_units_change_nothing);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SYSTEM(test_a_neuron),
        SYSTEM(test_backpropagation),
        SYSTEM(test_the_first_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
