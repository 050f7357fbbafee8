#include "model/parameters.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"

ds_status ds_parameters_list(ds_parameter_entry **out, int *count, int64_t *values,
                             const ds_layer *layer, int layers) {
    ds_parameter_entry *entry = NULL;
    int entries = 0;
    int64_t offset = 0;
    DS_CHECK(ds_new(&entry, (size_t)layers * 2, sizeof *entry));
    for (int i = 0; i < layers; i++) {
        ds_parameter_rule rule[2];
        int rules = layer[i].operation->parameters
                        ? layer[i].operation->parameters(layer[i].attribute, &layer[i].in, rule)
                        : 0;
        for (int k = 0; k < rules; k++, entries++) {
            snprintf(entry[entries].name, sizeof entry->name, "%d.%s", i, rule[k].name);
            entry[entries].rule = rule[k];
            entry[entries].inputs = ds_shape_count(&layer[i].in);
            entry[entries].outputs = ds_shape_count(&layer[i].out);
            entry[entries].offset = offset;
            offset += ds_shape_count(&rule[k].shape);
        }
    }
    *out = entry;
    *count = entries;
    *values = offset;
    return DS_OK;
}

typedef enum rule { DEFAULT, ONES, ZEROS, NORMAL, XAVIER, HE } rule;

static const char *const rule_names[] = {"default", "ones", "zeros", "normal",
                                         "xavier",  "he",   NULL};

static double start_value(const ds_parameter_entry *entry, rule how, uint64_t seed,
                          uint32_t sequence, uint32_t index) {
    bool weight = entry->rule.init == DS_INIT_WEIGHT;
    double inputs = (double)entry->inputs, outputs = (double)entry->outputs;
    double uniform = 2 * ds_random_uniform(seed, DS_STREAM_INIT, sequence, index) - 1;
    if (entry->rule.init == DS_INIT_GAIN)
        return 1;
    if (entry->rule.init == DS_INIT_SHIFT)
        return 0;
    switch (how) {
    case DEFAULT:
        return uniform / sqrt(inputs);
    case NORMAL:
        return ds_random_normal(seed, DS_STREAM_INIT, sequence, index);
    case ONES:
        return weight ? 1 : 0;
    case XAVIER:
        return weight ? uniform * sqrt(6 / (inputs + outputs)) : 0;
    case HE:
        return weight ? ds_random_normal(seed, DS_STREAM_INIT, sequence, index) * sqrt(2 / inputs)
                      : 0;
    case ZEROS:
        break;
    }
    return 0;
}

static ds_status unknown_rule(const ds_node *init) {
    const char *nearest = ds_nearest_word(init->text, rule_names);
    ds_text hint = {0};
    if (nearest)
        DS_CHECK(ds_text_add(&hint, "did you mean \"%s\"?", nearest));
    else
        DS_CHECK(ds_text_add(&hint, "default, ones, zeros, normal, xavier, he or {file: F}"));
    ds_status status = ds_node_fail(init, hint.characters, "unknown init \"%s\"", init->text);
    ds_text_clear(&hint);
    return status;
}

static ds_status parse_rule(const ds_node *node, rule *how) {
    int index = 0;
    const char *word;
    DS_CHECK(ds_node_word(node, "init", &word));
    while (rule_names[index] && strcmp(rule_names[index], word) != 0)
        index++;
    if (!rule_names[index])
        return unknown_rule(node);
    *how = (rule)index;
    return DS_OK;
}

static void start_by_rule(double *values, const ds_parameter_entry *entry, int entries, rule how,
                          uint64_t seed) {
    for (int i = 0; i < entries; i++)
        for (int64_t k = 0; k < ds_shape_count(&entry[i].rule.shape); k++)
            values[entry[i].offset + k] =
                (float)start_value(&entry[i], how, seed, (uint32_t)i, (uint32_t)k);
}

ds_status ds_parameter_unknown(const ds_parameter_entry *entry, int entries, const ds_node *node,
                               const char *name) {
    enum { SHOWN = 12 };
    ds_status status = DS_OK;
    ds_text hint = {0};
    const char **names = NULL;
    DS_TRY(ds_new(&names, (size_t)entries + 1, sizeof *names));
    for (int i = 0; i < entries; i++)
        names[i] = entry[i].name;
    const char *nearest = strpbrk(name, ".") ? ds_nearest_word(name, names) : NULL;
    if (nearest)
        DS_TRY(ds_text_add(&hint, "did you mean \"%s\"?", nearest));
    else
        DS_TRY(ds_text_add(&hint, entries ? "its parameters:" : "none of its layers has any"));
    for (int i = 0; !nearest && i < entries && i < SHOWN; i++)
        DS_TRY(ds_text_add(&hint, "%s %s", i ? "," : "", names[i]));
    if (!nearest && entries > SHOWN)
        DS_TRY(ds_text_add(&hint, ", ... (%d in all)", entries));
    status = ds_node_fail(node, hint.characters, "the model has no parameter \"%s\"", name);

cleanup:
    ds_free(names);
    ds_text_clear(&hint);
    return status;
}

/* The numbers of a list of lists, in order. */
static ds_status flatten(const ds_node *node, double *values, int64_t room, int64_t *count) {
    if (node->kind == DS_SCALAR) {
        double number;
        DS_CHECK(ds_node_number(node, "init.values", &number));
        if (*count < room)
            values[*count] = number;
        ++*count;
        return DS_OK;
    }
    DS_EACH_CHILD (child, node)
        DS_CHECK(flatten(child, values, room, count));
    return DS_OK;
}

static ds_status start_with_values(double *values, const ds_parameter_entry *entry, int entries,
                                   const ds_node *given) {
    if (given->kind != DS_MAP)
        return ds_node_fail(given, "for example {values: {0.weight: 1}}",
                            "init.values: expected tensors with their values");
    DS_EACH_CHILD (tensor, given) {
        char shape[64];
        int i = 0;
        while (i < entries && strcmp(entry[i].name, tensor->key) != 0)
            i++;
        if (i == entries && tensor->kind == DS_MAP)
            return ds_node_fail(
                tensor, "put a name with dots in quotes: --set 'init.values.\"0.weight\"=1'",
                "init.values: expected numbers for \"%s\"", tensor->key);
        if (i == entries)
            return ds_parameter_unknown(entry, entries, tensor, tensor->key);
        double *to = values + entry[i].offset;
        int64_t count = 0, room = ds_shape_count(&entry[i].rule.shape);
        DS_CHECK(flatten(tensor, to, room, &count));
        if (tensor->kind == DS_SCALAR) /* one number for all */
            for (; count < room; count++)
                to[count] = to[0];
        if (count != room)
            return ds_node_fail(tensor, "give each of its numbers, or one for all",
                                "init.values: \"%s\" is %s, got %lld numbers", tensor->key,
                                ds_shape_print(&entry[i].rule.shape, shape), (long long)count);
    }
    return DS_OK;
}

ds_status ds_parameters_start(double *values, const ds_parameter_entry *entry, int entries,
                              const ds_node *init, const char *folder, uint64_t seed,
                              ds_text *notes) {
    static const char *const keys[] = {"file", "encoding", "names", "values", "else", NULL};
    rule how = DEFAULT;
    if (init && init->kind == DS_SCALAR)
        DS_CHECK(parse_rule(init, &how));
    const ds_node *map = init && init->kind != DS_SCALAR ? init : NULL;
    if (map)
        DS_CHECK(ds_node_only_keys(map, "init", keys));
    const ds_node *file = ds_node_get(map, "file"), *given = ds_node_get(map, "values");
    const ds_node *otherwise = ds_node_get(map, "else");
    if (map && (!file == !given || (file ? otherwise : ds_node_get(map, "names")) != NULL))
        return ds_node_fail(map,
                            "write init: {file: start.safetensors}, or {values: {0.weight: 1}}",
                            "init: expected a file, or values");
    if (file)
        return ds_parameters_from_file(values, entry, entries, map, folder, notes);
    if (otherwise)
        DS_CHECK(parse_rule(otherwise, &how));
    start_by_rule(values, entry, entries, how, seed);
    return given ? start_with_values(values, entry, entries, given) : DS_OK;
}
