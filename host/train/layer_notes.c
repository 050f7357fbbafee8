#include "train/layer_notes.h"

#include <math.h>
#include <string.h>

static bool is_named(const ds_layer *layer, const char *name) {
    return strcmp(layer->operation->name, name) == 0;
}

static bool is_dense(const ds_layer *layer) {
    return is_named(layer, "dense");
}

/* Does it leave a linear network linear? */
static bool is_linear(const ds_layer *layer) {
    return is_dense(layer) || is_named(layer, "identity") || is_named(layer, "dropout");
}

/* The dense layer whose output reaches the dense layer `i` through nothing but linear ones; -1
 * where there is none. */
static int feeds_linearly(const ds_model *model, int i) {
    for (int k = i - 1; k >= 0 && is_linear(&model->layer[k]); k--)
        if (is_dense(&model->layer[k]))
            return k;
    return -1;
}

/* The first `count` layers as --layers takes them, with an activation after every dense one. */
static ds_status suggest(const ds_model *model, int count, ds_text *out) {
    const ds_layer *layer = model->layer;
    DS_CHECK(ds_text_add(out, "--layers \""));
    for (int i = 0; i < count; i++) {
        const char *blank = i ? " " : "";
        if (!is_dense(&layer[i])) {
            DS_CHECK(ds_text_add(out, "%s%s", blank, layer[i].operation->name));
            continue;
        }
        DS_CHECK(ds_text_add(out, "%s%lld", blank, (long long)ds_shape_count(&layer[i].out)));
        if (i + 1 >= count || is_linear(&layer[i + 1]))
            DS_CHECK(ds_text_add(out, " relu"));
    }
    return ds_text_add(out, "\"");
}

/* ---- no activation ---- */

static ds_status note_linear(const ds_noted *noted, ds_text *notes) {
    const ds_model *model = noted->model;
    int dense = 0, pairs = 0, first = -1, second = -1;
    for (int i = 0; i < model->layers; i++) {
        int before = is_dense(&model->layer[i]) ? feeds_linearly(model, i) : -1;
        dense += is_dense(&model->layer[i]);
        pairs += before >= 0;
        if (before >= 0 && first < 0) {
            first = before;
            second = i;
        }
    }
    if (pairs == 0)
        return DS_OK;
    if (noted->adds_last && pairs < dense - 1 && second == model->layers - 1) {
        DS_CHECK(ds_text_add(notes,
                             "the last layer, dense: %lld, is added by itself, and no "
                             "activation stands before it: write ",
                             (long long)ds_model_outputs(model)));
        DS_CHECK(suggest(model, first, notes));
        DS_CHECK(ds_text_add(notes, " or "));
        DS_CHECK(suggest(model, model->layers - 1, notes));
        return ds_text_add(notes, "\n");
    }
    if (pairs == dense - 1)
        DS_CHECK(ds_text_add(notes, "no activation stands between the dense layers: the network "
                                    "is linear, as one dense layer is; write "));
    else
        DS_CHECK(ds_text_add(notes,
                             "no activation stands between the dense layers model.%d and "
                             "model.%d: the two are as one; write ",
                             first, second));
    if (noted->adds_last)
        DS_CHECK(suggest(model, model->layers - 1, notes));
    return ds_text_add(notes, noted->adds_last ? "\n" : "one between them, such as relu\n");
}

/* ---- softmax, or a last layer by hand, where it is not the last ---- */

static bool dense_follows(const ds_model *model, int i) {
    for (i++; i < model->layers; i++)
        if (is_dense(&model->layer[i]))
            return true;
    return false;
}

/* "64 relu 3 softmax", "64 relu 1 sigmoid": whoever writes so means the last layer, which is added
 * all the same. */
static bool ends_by_hand(const ds_noted *noted, int i) {
    const ds_model *model = noted->model;
    if (!noted->adds_last || i != model->layers - 2 || i < 2 || !is_dense(&model->layer[i - 1]) ||
        !is_dense(&model->layer[i + 1]))
        return false;
    return is_named(&model->layer[i], "softmax") ||
           (is_named(&model->layer[i], "sigmoid") &&
            ds_shape_count(&model->layer[i].out) <= ds_model_outputs(model));
}

static ds_status note_middle(const ds_noted *noted, int i, ds_text *notes) {
    const ds_model *model = noted->model;
    const ds_layer *layer = &model->layer[i];
    if (ends_by_hand(noted, i)) {
        DS_CHECK(ds_text_add(notes,
                             "the last layer, dense: %lld, is added by itself: the %s before it "
                             "then stands in the middle of the network; write ",
                             (long long)ds_model_outputs(model), layer->operation->name));
        DS_CHECK(suggest(model, i - 1, notes));
        return ds_text_add(notes, "\n");
    }
    if (!is_named(layer, "softmax"))
        return DS_OK;
    if (ds_shape_count(&layer->out) == 1)
        return ds_text_add(notes,
                           "model.%d: the softmax of a single value is 1, whatever the value: "
                           "nothing is learned through it; take sigmoid, or leave it out\n",
                           i);
    if (dense_follows(model, i))
        return ds_text_add(notes,
                           "model.%d: a softmax in the middle of a network makes the values of "
                           "each row sum to 1, and so holds back much of what came in; relu is "
                           "usual there\n",
                           i);
    return DS_OK;
}

/* ---- what the last layer can give ---- */

static const struct {
    const char *name;
    double least, most;
    const char *words;
} ranges[] = {
    {"sigmoid", 0, 1, "0 to 1"},       {"hard_sigmoid", 0, 1, "0 to 1"},
    {"softmax", 0, 1, "0 to 1"},       {"tanh", -1, 1, "-1 to 1"},
    {"relu", 0, INFINITY, "0 and up"}, {"softplus", 0, INFINITY, "0 and up"},
};

enum { RANGES = sizeof ranges / sizeof *ranges };

/* The place in `ranges` of the last layer that is not the identity; -1: it gives any number. */
static int range_of_last(const ds_model *model) {
    int last = model->layers - 1;
    while (last >= 0 && is_linear(&model->layer[last]) && !is_dense(&model->layer[last]))
        last--;
    for (int k = 0; k < RANGES && last >= 0; k++)
        if (is_named(&model->layer[last], ranges[k].name))
            return k;
    return -1;
}

/* The first target that leaves a range on training rows, as the network sees it; -1: none. */
static ds_status find_beyond(const ds_matrix *targets, int range, int64_t *column, double *least,
                             double *most) {
    double *row = NULL;
    *column = -1;
    DS_CHECK(ds_new(&row, (size_t)targets->columns, sizeof *row));
    for (int64_t j = 0; j < targets->columns && *column < 0; j++) {
        *least = INFINITY;
        *most = -INFINITY;
        for (int64_t i = 0; i < targets->rows; i++) {
            ds_matrix_read(targets, i, 1, NULL, row);
            *least = fmin(*least, row[j]);
            *most = fmax(*most, row[j]);
        }
        if (*least < ranges[range].least || *most > ranges[range].most)
            *column = j;
    }
    ds_free(row);
    return DS_OK;
}

static ds_status note_range(const ds_noted *noted, ds_text *notes) {
    const ds_model *model = noted->model;
    const ds_encoding *encoding = model->encoding;
    const ds_operation *link = ds_model_link(model);
    int range = range_of_last(model);
    int64_t column;
    double least, most;
    if (range < 0 || (link && strcmp(link->name, ranges[range].name) == 0))
        return DS_OK;
    if (ds_encoding_kind(encoding) != DS_TARGET_NUMBERS)
        return ds_text_add(notes,
                           "the last layer, %s, gives %s, but %s takes any number and makes "
                           "probabilities of it: leave that layer out\n",
                           ranges[range].name, ranges[range].words, noted->training->loss->name);
    DS_CHECK(find_beyond(&noted->data->train.targets, range, &column, &least, &most));
    if (column < 0)
        return DS_OK;
    return ds_text_add(notes,
                       "the last layer, %s, gives %s, but \"%s\" goes from %.3g to %.3g%s: the "
                       "rest is out of its reach; leave that layer out\n",
                       ranges[range].name, ranges[range].words,
                       ds_encoding_target(encoding, column), least, most,
                       noted->data->train.targets.divide ? " (normalized)" : "");
}

ds_status ds_layer_notes(const ds_noted *noted, ds_text *notes) {
    DS_CHECK(note_linear(noted, notes));
    for (int i = 0; i < noted->model->layers; i++)
        DS_CHECK(note_middle(noted, i, notes));
    return note_range(noted, notes);
}
