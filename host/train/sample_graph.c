/* ds_explain_graph: one sample forwards and backwards as a graph, as one would draw it by hand. */
#include <math.h>
#include <stdio.h>

#include "train/sample_run.h"

enum { MOST_VALUES = 100, NO_LAYER = -1 };

#define FORWARD_COLOR "#0072B2"
#define LOCAL_COLOR "#666666"
#define BACKWARD_COLOR "#D55E00"

typedef struct graph {
    ds_sample_run run;
    const ds_model *model;
    ds_text *out;
} graph;

/* The numbers on an edge. What is NAN is not known, and left out. */
typedef struct flow {
    double value, local, gradient;
} flow;

typedef char node_name[64];

/* ---- Graphviz text ---- */

static ds_status add_escaped(ds_text *out, const char *word) {
    for (; *word; word++) {
        const char *entity = *word == '&'   ? "&amp;"
                             : *word == '<' ? "&lt;"
                             : *word == '>' ? "&gt;"
                             : *word == '"' ? "&quot;"
                                            : NULL;
        if (entity)
            DS_CHECK(ds_text_add(out, "%s", entity));
        else
            DS_CHECK(ds_text_append(out, word, 1));
    }
    return DS_OK;
}

/* What backward passes sum up at a node stands below its word. */
static ds_status add_node(graph *g, const char *name, const char *look, const char *word,
                          double gradient) {
    DS_CHECK(ds_text_add(g->out, "  %s [%s, label=<", name, look));
    DS_CHECK(add_escaped(g->out, word));
    if (!isnan(gradient))
        DS_CHECK(
            ds_text_add(g->out, "<br/><font color=\"" BACKWARD_COLOR "\">%.4g</font>", gradient));
    return ds_text_add(g->out, ">];\n");
}

static ds_status add_edge(graph *g, const char *from, const char *to, flow f) {
    DS_CHECK(ds_text_add(g->out, "  %s -> %s [label=<<font color=\"" FORWARD_COLOR "\">%.4g</font>",
                         from, to, f.value));
    if (!isnan(f.local))
        DS_CHECK(
            ds_text_add(g->out, "<br/><font color=\"" LOCAL_COLOR "\">∂ %.4g</font>", f.local));
    if (!isnan(f.gradient))
        DS_CHECK(
            ds_text_add(g->out, "<br/><font color=\"" BACKWARD_COLOR "\">%.4g</font>", f.gradient));
    return ds_text_add(g->out, ">];\n");
}

#define INPUT_LOOK "shape=box, style=filled, fillcolor=\"#E8F1F8\""
#define WEIGHT_LOOK "shape=box, style=\"filled,rounded\", fillcolor=\"#FFF3D6\""
#define SUM_LOOK "shape=circle, margin=0.02"
#define ACTIVATION_LOOK "shape=ellipse, style=filled, fillcolor=\"#E3F4EC\""
#define LOSS_LOOK "shape=doublecircle, style=filled, fillcolor=\"#F8E4E0\""

/* ---- the network ---- */

/* Where element i of a layer's output comes from; NO_LAYER: of the sample. */
static void name_output(node_name name, int layer, int64_t i) {
    if (layer == NO_LAYER)
        snprintf(name, sizeof(node_name), "x_%lld", (long long)i);
    else
        snprintf(name, sizeof(node_name), "layer%d_%lld", layer, (long long)i);
}

static const ds_op *find_op(const graph *g, ds_family family, ds_part part, int layer) {
    const ds_plan *plan = g->run.trial.plan;
    for (int i = 0; i < plan->ops; i++) {
        const ds_op *op = &plan->op[i];
        if (op->in_training && op->operation->family == family && op->part == part &&
            (family == DS_LOSS || op->layer == layer))
            return op;
    }
    return NULL;
}

/* A number of the backward pass; NAN where nothing needs it. */
static double gradient_at(const graph *g, int tensor, int64_t i) {
    return tensor == DS_ABSENT ? NAN : ds_sample_value(&g->run, tensor, i);
}

/* The gradient of a layer's output, and of its input: tensors, or DS_ABSENT. */
static int output_gradient(const ds_op *back) {
    return back ? back->input[0] : DS_ABSENT;
}

static int input_gradient(const ds_op *back) {
    return back ? back->output[0] : DS_ABSENT;
}

static ds_status draw_sample(graph *g) {
    const ds_encoding *encoding = g->model->encoding;
    for (int64_t i = 0; i < ds_encoding_features(encoding); i++) {
        node_name name;
        name_output(name, NO_LAYER, i);
        DS_CHECK(add_node(g, name, INPUT_LOOK, ds_encoding_feature(encoding, i), NAN));
    }
    return DS_OK;
}

/* One product: its weight, and the edges to it and from it. */
static ds_status draw_product(graph *g, const ds_op *op, int before, int64_t unit, int64_t k,
                              double dz) {
    int64_t inputs = ds_tensor_count(&g->run.trial.plan->tensor[op->input[0]], 1);
    double x = ds_sample_value(&g->run, op->input[0], k);
    double w = ds_sample_value(&g->run, op->input[1], unit * inputs + k);
    node_name source, weight, product, sum;
    char word[64];
    snprintf(weight, sizeof weight, "w%d_%lld_%lld", op->layer, (long long)unit, (long long)k);
    snprintf(product, sizeof product, "product%d_%lld_%lld", op->layer, (long long)unit,
             (long long)k);
    snprintf(word, sizeof word, "w[%lld][%lld]", (long long)unit, (long long)k);
    name_output(source, before, k);
    name_output(sum, op->layer, unit);
    DS_CHECK(add_node(g, weight, WEIGHT_LOOK, word, NAN));
    DS_CHECK(add_node(g, product, SUM_LOOK, "×", NAN));
    DS_CHECK(add_edge(g, source, product, (flow){x, w, dz * w}));
    DS_CHECK(add_edge(g, weight, product, (flow){w, x, dz * x}));
    return add_edge(g, product, sum, (flow){w * x, 1, dz});
}

static ds_status draw_dense(graph *g, const ds_op *op, const ds_op *back, int before) {
    const ds_plan *plan = g->run.trial.plan;
    int64_t inputs = ds_tensor_count(&plan->tensor[op->input[0]], 1);
    int64_t units = ds_tensor_count(&plan->tensor[op->output[0]], 1);
    for (int64_t j = 0; j < units; j++) {
        double dz = gradient_at(g, output_gradient(back), j);
        node_name sum, bias;
        char word[32];
        name_output(sum, op->layer, j);
        DS_CHECK(add_node(g, sum, SUM_LOOK, "+", NAN));
        for (int64_t k = 0; k < inputs; k++)
            DS_CHECK(draw_product(g, op, before, j, k, dz));
        if (op->input[2] == DS_ABSENT)
            continue;
        snprintf(bias, sizeof bias, "b%d_%lld", op->layer, (long long)j);
        snprintf(word, sizeof word, "b[%lld]", (long long)j);
        DS_CHECK(add_node(g, bias, WEIGHT_LOOK, word, NAN));
        DS_CHECK(add_edge(g, bias, sum, (flow){ds_sample_value(&g->run, op->input[2], j), 1, dz}));
    }
    return DS_OK;
}

/* Where several edges leave an activation, it shows the sum of what comes back on them. */
static ds_status draw_activation(graph *g, const ds_op *op, const ds_op *back, int before) {
    int64_t count = ds_tensor_count(&g->run.trial.plan->tensor[op->output[0]], 1);
    for (int64_t i = 0; i < count; i++) {
        node_name name, source;
        double dx = gradient_at(g, input_gradient(back), i);
        double slope = isnan(dx) ? NAN : ds_sample_slope(&g->run, back->output[0], i);
        name_output(name, op->layer, i);
        name_output(source, before, i);
        DS_CHECK(add_node(g, name, ACTIVATION_LOOK, op->operation->name,
                          gradient_at(g, output_gradient(back), i)));
        DS_CHECK(add_edge(g, source, name,
                          (flow){ds_sample_value(&g->run, op->input[0], i), slope, dx}));
    }
    return DS_OK;
}

/* A layer such as softmax, whose every output depends on every input: one node, then its outputs.
 */
static ds_status draw_whole(graph *g, const ds_op *op, const ds_op *back, int before) {
    int64_t count = ds_tensor_count(&g->run.trial.plan->tensor[op->output[0]], 1);
    node_name whole;
    snprintf(whole, sizeof whole, "layer%d", op->layer);
    DS_CHECK(add_node(g, whole, ACTIVATION_LOOK, op->operation->name, NAN));
    for (int64_t i = 0; i < count; i++) {
        node_name name, source;
        char word[32];
        name_output(name, op->layer, i);
        name_output(source, before, i);
        snprintf(word, sizeof word, "a[%lld]", (long long)i);
        DS_CHECK(add_edge(g, source, whole,
                          (flow){ds_sample_value(&g->run, op->input[0], i), NAN,
                                 gradient_at(g, input_gradient(back), i)}));
        DS_CHECK(add_node(g, name, SUM_LOOK, word, NAN));
        DS_CHECK(add_edge(g, whole, name,
                          (flow){ds_sample_value(&g->run, op->output[0], i), NAN,
                                 gradient_at(g, output_gradient(back), i)}));
    }
    return DS_OK;
}

static ds_status draw_layers(graph *g, int *last) {
    const ds_plan *plan = g->run.trial.plan;
    *last = NO_LAYER;
    for (int i = 0; i < plan->ops; i++) {
        const ds_op *op = &plan->op[i];
        if (!op->in_training || op->operation->family != DS_LAYER || op->part != DS_FORWARD)
            continue;
        const ds_op *back = find_op(g, DS_LAYER, DS_BACKWARD, op->layer);
        if (op->operation == &ds_op_dense)
            DS_CHECK(draw_dense(g, op, back, *last));
        else if (ds_sample_is_activation(op))
            DS_CHECK(draw_activation(g, op, back, *last));
        else
            DS_CHECK(draw_whole(g, op, back, *last));
        *last = op->layer;
    }
    return DS_OK;
}

static ds_status draw_loss(graph *g, int last) {
    const ds_plan *plan = g->run.trial.plan;
    const ds_encoding *encoding = g->model->encoding;
    const ds_op *gather = &plan->op[0], *loss = find_op(g, DS_LOSS, DS_FORWARD, 0);
    int64_t outputs = ds_tensor_count(&plan->tensor[loss->output[0]], 1);
    DS_CHECK(add_node(g, "loss", LOSS_LOOK, loss->operation->name, NAN));
    for (int64_t i = 0; i < outputs; i++) {
        node_name source;
        double dy = ds_sample_value(&g->run, loss->output[0], i);
        name_output(source, last, i);
        DS_CHECK(add_edge(g, source, "loss",
                          (flow){ds_sample_value(&g->run, loss->input[0], i), dy, dy}));
    }
    for (int64_t i = 0; i < ds_encoding_targets(encoding); i++) {
        node_name target;
        snprintf(target, sizeof target, "target_%lld", (long long)i);
        DS_CHECK(add_node(g, target, INPUT_LOOK, ds_encoding_target(encoding, i), NAN));
        DS_CHECK(add_edge(g, target, "loss",
                          (flow){ds_sample_value(&g->run, gather->output[1], i), NAN, NAN}));
    }
    DS_CHECK(ds_text_add(g->out, "  L [shape=plaintext];\n"));
    return add_edge(g, "loss", "L", (flow){ds_sample_loss(&g->run, loss), NAN, 1});
}

static ds_status draw(graph *g, int64_t row) {
    int last;
    DS_CHECK(ds_text_add(g->out,
                         "digraph sample {\n"
                         "  rankdir=LR;\n  ranksep=0.8;\n  labelloc=t;\n"
                         "  fontname=\"sans-serif\";\n"
                         "  node [fontname=\"sans-serif\", fontsize=12];\n"
                         "  edge [fontname=\"sans-serif\", fontsize=10];\n"
                         "  label=<sample %lld: <font color=\"" FORWARD_COLOR
                         "\">value</font>, <font color=\"" LOCAL_COLOR
                         "\">∂ local derivative</font>, <font color=\"" BACKWARD_COLOR
                         "\">∂L/∂value</font>>;\n",
                         (long long)row));
    DS_CHECK(draw_sample(g));
    DS_CHECK(draw_layers(g, &last));
    DS_CHECK(draw_loss(g, last));
    return ds_text_add(g->out, "}\n");
}

ds_status ds_explain_graph(const ds_recipe *recipe, ds_device *device, int64_t row, char **dot) {
    ds_status status = DS_OK;
    ds_sample sample = {0};
    ds_text out = {0};
    graph g = {.out = &out};
    DS_TRY(ds_sample_open(&sample, recipe, row, "--graph draws", MOST_VALUES));
    g.model = sample.model;
    DS_TRY(ds_sample_run_open(&g.run, device, &sample));
    DS_TRY(draw(&g, row));
    DS_TRY(ds_text_take(&out, dot));

cleanup:
    ds_sample_run_close(&g.run);
    ds_text_clear(&out);
    ds_sample_close(&sample);
    return status;
}
