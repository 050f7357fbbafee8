#include "train/training_options.h"

#include <string.h>

/* What is to follow from the data. */
static bool is_auto(const ds_node *node) {
    return node->kind == DS_SCALAR && !node->quoted && strcmp(node->text, "auto") == 0;
}

static ds_status parse_batch(ds_training *out, const ds_node *node) {
    if (!node)
        return DS_OK;
    if (node->kind == DS_SCALAR && strcmp(node->text, "all") == 0) {
        out->batch = 0;
        return DS_OK;
    }
    DS_CHECK(ds_node_integer(node, "batch", &out->batch));
    if (out->batch < 1)
        return ds_node_fail(node, "write a number from 1, or all", "batch: got %lld",
                            (long long)out->batch);
    return DS_OK;
}

/* So that the updates of a run, epochs times batches, can be counted. */
static const int64_t most_epochs = INT32_MAX;

static ds_status parse_count(const ds_node *node, const char *what, int64_t least, int64_t most,
                             int64_t *out) {
    if (!node)
        return DS_OK;
    DS_CHECK(ds_node_integer(node, what, out));
    if (*out < least)
        return ds_node_fail(node, "", "%s: expected at least %lld, got %lld", what,
                            (long long)least, (long long)*out);
    if (*out > most)
        return ds_node_fail(node, "", "%s: expected at most %lld, got %lld", what, (long long)most,
                            (long long)*out);
    return DS_OK;
}

static ds_status parse_stop(ds_training *out, const ds_node *node) {
    static const char *const keys[] = {"updates", "gradient", "patience", "seconds", NULL};
    if (!node)
        return DS_OK;
    DS_CHECK(ds_node_only_keys(node, "stop", keys));
    DS_CHECK(parse_count(ds_node_get(node, "updates"), "stop.updates", 1, INT64_MAX / 2,
                         &out->stop_updates));
    DS_CHECK(parse_count(ds_node_get(node, "patience"), "stop.patience", 1, INT64_MAX,
                         &out->stop_patience));
    const ds_node *gradient = ds_node_get(node, "gradient");
    if (gradient) {
        DS_CHECK(ds_node_number(gradient, "stop.gradient", &out->stop_gradient));
        if (out->stop_gradient < 0)
            return ds_node_fail(gradient, "", "stop.gradient: expected 0 or more, got %g",
                                out->stop_gradient);
    }
    const ds_node *seconds = ds_node_get(node, "seconds");
    if (seconds) {
        DS_CHECK(ds_node_number(seconds, "stop.seconds", &out->stop_seconds));
        if (out->stop_seconds <= 0)
            return ds_node_fail(seconds, "", "stop.seconds: expected more than 0, got %g",
                                out->stop_seconds);
    }
    return DS_OK;
}

static ds_status parse_keep(ds_training *out, const ds_node *node) {
    const char *word;
    if (!node)
        return DS_OK;
    DS_CHECK(ds_node_word(node, "keep", &word));
    if (strcmp(word, "last") != 0 && strcmp(word, "best") != 0)
        return ds_node_fail(node, "write last or best", "keep: got \"%s\"", word);
    out->keep_best = strcmp(word, "best") == 0;
    return DS_OK;
}

static ds_status parse_math(ds_training *out, const ds_node *node) {
    const char *word;
    if (!node)
        return DS_OK;
    DS_CHECK(ds_node_word(node, "math", &word));
    if (strcmp(word, "native") != 0 && strcmp(word, "portable") != 0)
        return ds_node_fail(node, "write native or portable", "math: got \"%s\"", word);
    out->portable = strcmp(word, "portable") == 0;
    return DS_OK;
}

static ds_status parse_stream(ds_training *out, const ds_node *node) {
    bool flag;
    if (!node || (node->kind == DS_SCALAR && strcmp(node->text, "auto") == 0))
        return DS_OK;
    DS_CHECK(ds_node_boolean(node, "data.stream", &flag));
    out->stream = flag ? DS_STREAM_ALWAYS : DS_STREAM_NEVER;
    return DS_OK;
}

static ds_status parse_loss_and_optimizer(ds_training *out, const ds_node *root, bool whole) {
    const ds_node *loss = ds_node_get(root, "loss"), *optimizer = ds_node_get(root, "optimizer");
    if (!loss)
        return ds_fail(DS_BAD_INPUT, "for example loss: mse", "%s: \"loss\" is missing",
                       root->source);
    if (!whole || !is_auto(loss))
        DS_CHECK(ds_operation_parse(loss, DS_LOSS, "loss", &out->loss, out->loss_attribute));
    out->search = ds_node_get(root, "search") != NULL;
    if (!optimizer && out->search)
        return DS_OK;
    if (!optimizer)
        return ds_fail(DS_BAD_INPUT, "for example optimizer: {adam: {rate: 0.001}}",
                       "%s: \"optimizer\" is missing", root->source);
    DS_CHECK(ds_operation_parse(optimizer, DS_OPTIMIZER, "optimizer", &out->optimizer,
                                out->optimizer_attribute));
    if (out->optimizer == &ds_op_sgd && out->optimizer_attribute[2] != 0 &&
        out->optimizer_attribute[1] == 0)
        return ds_node_fail(optimizer, "give it a momentum: --set optimizer.sgd.momentum=0.9",
                            "sgd: nesterov needs a momentum");
    out->learning_rate = out->optimizer_attribute[0];
    return DS_OK;
}

ds_status ds_training_parse(ds_training *out, const ds_node *root, bool whole) {
    static const char *const of_recipe[] = {"loss",    "optimizer", "schedule", "clip",  "batch",
                                            "shuffle", "epochs",    "seed",     "stop",  "keep",
                                            "data",    "model",     "init",     "plots", "search",
                                            "sweep",   "fuse",      "math",     NULL};
    static const char *const of_trainer[] = {"loss",    "optimizer", "schedule", "clip", "batch",
                                             "shuffle", "epochs",    "seed",     "stop", "keep",
                                             "stream",  "fuse",      "math",     NULL};
    ds_training t = {
        .batch = 32, .fuse = true, .shuffle = true, .epochs = 10, .seed = 1, .stop_gradient = -1};
    int64_t seed = 1;
    DS_CHECK(ds_node_only_keys(root, whole ? "the recipe" : "the options",
                               whole ? of_recipe : of_trainer));
    DS_CHECK(parse_loss_and_optimizer(&t, root, whole));
    DS_CHECK(ds_schedule_parse(&t.schedule, ds_node_get(root, "schedule")));
    const ds_node *fuse = ds_node_get(root, "fuse");
    const ds_node *clip = ds_node_get(root, "clip"), *shuffle = ds_node_get(root, "shuffle");
    if (clip) {
        DS_CHECK(ds_node_number(clip, "clip", &t.clip));
        if (t.clip <= 0)
            return ds_node_fail(clip, "for no clipping --set clip=none",
                                "clip: expected more than 0, got %g", t.clip);
    }
    if (fuse)
        DS_CHECK(ds_node_boolean(fuse, "fuse", &t.fuse));
    if (shuffle)
        DS_CHECK(ds_node_boolean(shuffle, "shuffle", &t.shuffle));
    const ds_node *batch = ds_node_get(root, "batch");
    if (!whole || !batch || !is_auto(batch))
        DS_CHECK(parse_batch(&t, batch));
    t.epochs_given = ds_node_get(root, "epochs") != NULL;
    DS_CHECK(parse_count(ds_node_get(root, "epochs"), "epochs", 0, most_epochs, &t.epochs));
    DS_CHECK(parse_count(ds_node_get(root, "seed"), "seed", 0, INT64_MAX, &seed));
    t.seed = (uint64_t)seed;
    DS_CHECK(parse_stop(&t, ds_node_get(root, "stop")));
    DS_CHECK(parse_keep(&t, ds_node_get(root, "keep")));
    DS_CHECK(parse_math(&t, ds_node_get(root, "math")));
    DS_CHECK(parse_stream(&t, ds_node_get(whole ? ds_node_get(root, "data") : root, "stream")));
    *out = t;
    return DS_OK;
}
