/* The parameters of a list of layers, with what an `init` starts them with. Include after cmocka.
 */
#ifndef DS_TEST_STARTED_NET_H
#define DS_TEST_STARTED_NET_H

#include <stdio.h>

#include "model/parameters.h"
#include "outcome.h"

typedef struct net {
    ds_layer *layer;
    int layers;
    ds_parameter_entry *entry;
    int entries;
    int64_t values;
    double *value;
} net;

static inline net make_net(const char *model, int64_t features) {
    net n = {0};
    ds_node *list = NULL;
    ds_shape sample = ds_shape_flat(features);
    DONE(ds_node_parse(&list, model, "model"));
    DONE(ds_layers_parse(&n.layer, &n.layers, list));
    DONE(ds_layers_shape(n.layer, n.layers, &sample));
    DONE(ds_parameters_list(&n.entry, &n.entries, &n.values, n.layer, n.layers));
    DONE(ds_new(&n.value, (size_t)n.values, sizeof *n.value));
    ds_node_destroy(list);
    return n;
}

static inline void clear_net(net *n) {
    ds_free(n->layer);
    ds_free(n->entry);
    ds_free(n->value);
}

/* `init` as it stands in a recipe; NULL: left out. */
static inline ds_status start_noting(net *n, const char *init, uint64_t seed, ds_text *notes) {
    ds_node *root = NULL;
    char text[512];
    snprintf(text, sizeof text, "init: %s", init ? init : "");
    DONE(ds_node_parse(&root, text, "r.yaml"));
    ds_status status =
        ds_parameters_start(n->value, n->entry, n->entries, init ? ds_node_get(root, "init") : NULL,
                            "start", seed, notes);
    ds_node_destroy(root);
    return status;
}

static inline ds_status start(net *n, const char *init, uint64_t seed) {
    return start_noting(n, init, seed, NULL);
}

#endif
