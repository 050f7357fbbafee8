#include "model/layers.h"

#include <string.h>

enum { MOST_LAYERS = 1000 };

/* What a mistyped name could have been. */
static ds_status unknown_name(const ds_node *node, ds_family family, const char *what,
                              const char *name) {
    const char *names[64] = {0};
    const ds_operation *const *list = ds_operations(family);
    ds_text hint = {0};
    for (int i = 0; list[i] && i < 63; i++)
        names[i] = list[i]->name;
    const char *nearest = ds_nearest_word(name, names);
    ds_status status = nearest ? ds_text_add(&hint, "did you mean \"%s\"?", nearest)
                               : ds_text_add(&hint, "known:");
    for (int i = 0; !nearest && names[i] && status == DS_OK; i++)
        status = ds_text_add(&hint, "%s %s", i ? "," : "", names[i]);
    if (status == DS_OK)
        status = ds_node_fail(node, hint.characters, "unknown %s \"%s\"", what, name);
    ds_text_clear(&hint);
    return status;
}

static ds_status parse_option(const ds_node *node, const ds_operation *operation,
                              const ds_option *option, double *value) {
    char what[128] = "";
    strncat(what, operation->name, 60);
    strncat(what, ".", 2);
    strncat(what, option->name, 60);
    int64_t whole;
    bool flag;
    if (option->type == DS_OPTION_SWITCH) {
        DS_CHECK(ds_node_boolean(node, what, &flag));
        *value = flag;
        return DS_OK;
    }
    if (option->type == DS_OPTION_WHOLE) {
        DS_CHECK(ds_node_integer(node, what, &whole));
        *value = (double)whole;
    } else {
        DS_CHECK(ds_node_number(node, what, value));
    }
    if (!(*value >= option->least && *value <= option->most)) {
        bool nothing = operation->family == DS_LAYER && option->type == DS_OPTION_WHOLE;
        return ds_node_fail(node, nothing && *value == 0 ? "leave the layer out" : "",
                            "%s: expected a value from %.9g to %.9g, got %.9g", what, option->least,
                            option->most, *value);
    }
    return DS_OK;
}

static ds_status parse_options(const ds_node *value, const ds_node *place,
                               const ds_operation *operation, double attribute[DS_MAX_ATTRIBUTES]) {
    const char *names[DS_MAX_ATTRIBUTES + 1] = {0};
    int options = ds_operation_options(operation);
    bool given[DS_MAX_ATTRIBUTES] = {false};
    bool empty = !value || (value->kind == DS_SCALAR && !value->quoted && !value->text[0]);
    for (int i = 0; i < options; i++) {
        names[i] = operation->option[i].name;
        attribute[i] = operation->option[i].value;
    }
    if (!empty && value->kind == DS_SCALAR && options > 0) {
        DS_CHECK(parse_option(value, operation, &operation->option[0], &attribute[0]));
        given[0] = true;
    } else if (!empty) {
        if (options == 0)
            return ds_node_fail(value, "write its name alone", "\"%s\" has no options",
                                operation->name);
        DS_CHECK(ds_node_only_keys(value, operation->name, names));
        for (int i = 0; i < options; i++) {
            const ds_node *entry = ds_node_get(value, names[i]);
            if (!entry)
                continue;
            DS_CHECK(parse_option(entry, operation, &operation->option[i], &attribute[i]));
            given[i] = true;
        }
    }
    for (int i = 0; i < options; i++)
        if (operation->option[i].required && !given[i]) {
            ds_text hint = {0};
            DS_CHECK(ds_text_add(&hint, "for example %s: {%s: %s}", operation->name, names[i],
                                 operation->option[i].type == DS_OPTION_WHOLE ? "16" : "0.01"));
            ds_status status = ds_node_fail(place, hint.characters, "\"%s\" needs its %s",
                                            operation->name, names[i]);
            ds_text_clear(&hint);
            return status;
        }
    return DS_OK;
}

ds_status ds_operation_parse(const ds_node *node, ds_family family, const char *what,
                             const ds_operation **operation, double attribute[DS_MAX_ATTRIBUTES]) {
    const char *name = node->text;
    const ds_node *value = NULL, *place = node;
    if (node->kind != DS_SCALAR) {
        if (node->kind == DS_LIST || ds_node_count(node) != 1)
            return ds_node_fail(node, "write a word, or one `word: options`",
                                "expected one %s, got %s", what,
                                node->kind == DS_LIST ? "a list" : "several or none");
        place = value = node->child;
        name = value->key;
    }
    const ds_operation *found = ds_operation_find(family, name);
    if (!found)
        return unknown_name(place, family, what, name);
    memset(attribute, 0, DS_MAX_ATTRIBUTES * sizeof *attribute);
    DS_CHECK(parse_options(value, place, found, attribute));
    *operation = found;
    return DS_OK;
}

ds_status ds_layers_parse(ds_layer **out, int *count, const ds_node *list) {
    ds_layer *layer = NULL;
    int layers = 0;
    if (list->kind != DS_LIST)
        return ds_node_fail(list, "write one layer a line, each with a dash: - dense: 16",
                            "model: expected a list of layers");
    if (ds_node_count(list) > MOST_LAYERS)
        return ds_node_fail(list, "", "model: more than %d layers", MOST_LAYERS);
    DS_CHECK(ds_new(&layer, (size_t)ds_node_count(list), sizeof *layer));
    DS_EACH_CHILD (entry, list) {
        ds_status status = ds_operation_parse(entry, DS_LAYER, "layer", &layer[layers].operation,
                                              layer[layers].attribute);
        if (status != DS_OK) {
            ds_free(layer);
            return status;
        }
        layers++;
    }
    *out = layer;
    *count = layers;
    return DS_OK;
}

ds_status ds_operation_print(const ds_operation *operation, const double *attribute, ds_text *out) {
    int options = ds_operation_options(operation);
    if (options == 0)
        return ds_text_add(out, "%s", operation->name);
    DS_CHECK(ds_text_add(out, "%s: {", operation->name));
    for (int i = 0; i < options; i++) {
        const ds_option *option = &operation->option[i];
        DS_CHECK(ds_text_add(out, "%s%s: ", i ? ", " : "", option->name));
        if (option->type == DS_OPTION_SWITCH)
            DS_CHECK(ds_text_add(out, "%s", attribute[i] != 0 ? "true" : "false"));
        else
            DS_CHECK(ds_text_number(out, attribute[i]));
    }
    return ds_text_add(out, "}");
}
