#include "data/missing_rule.h"

#include <string.h>

#include "base/number.h"

const char *const ds_missing_words[] = {"error", "drop", "mean", "median", "word", "number", NULL};

static ds_status read_rule(ds_missing_rule *out, const ds_node *node, const char *what) {
    const char *word;
    if (node->kind == DS_SCALAR && !node->quoted && ds_number_parse(node->text, &out->number)) {
        out->what = DS_MISSING_NUMBER;
        return ds_node_number(node, what, &out->number);
    }
    DS_CHECK(ds_node_word(node, what, &word));
    for (int i = 0; i < DS_MISSING_NUMBER; i++)
        if (strcmp(word, ds_missing_words[i]) == 0) {
            out->what = (ds_missing)i;
            return DS_OK;
        }
    return ds_node_fail(node, "write drop, mean, median, word, error or a number",
                        "%s: \"%s\" is not known", what, word);
}

static ds_status read_column(ds_missing_rule *out, const ds_node *node) {
    static const char *const keys[] = {"fill", "indicator", NULL};
    if (node->kind != DS_MAP)
        return read_rule(out, node, node->key);
    DS_CHECK(ds_node_only_keys(node, node->key, keys));
    const ds_node *fill = ds_node_get(node, "fill"), *indicator = ds_node_get(node, "indicator");
    if (!fill)
        return ds_node_fail(node, "for example {fill: mean, indicator: true}",
                            "missing: \"fill\" is missing");
    DS_CHECK(read_rule(out, fill, "fill"));
    if (indicator)
        DS_CHECK(ds_node_boolean(indicator, "indicator", &out->indicator));
    if (out->indicator && (out->what == DS_MISSING_ERROR || out->what == DS_MISSING_DROP))
        return ds_node_fail(fill, "fill it with mean, median or a number",
                            "missing: an indicator needs rows that stay");
    return DS_OK;
}

ds_status ds_missing_options_read(ds_missing_options *out, const ds_node *node) {
    *out = (ds_missing_options){0};
    if (!node)
        return DS_OK;
    if (node->kind != DS_MAP)
        return read_rule(&out->all, node, "missing");
    out->node = node;
    DS_EACH_CHILD (column, node) {
        ds_missing_rule rule = {0};
        DS_CHECK(read_column(&rule, column));
    }
    return DS_OK;
}

ds_status ds_missing_rule_find(ds_missing_rule *out, const ds_missing_options *options,
                               const char *column, bool text) {
    const ds_node *own = ds_node_get(options->node, column);
    ds_missing_rule rule = options->all;
    if (own) {
        rule = (ds_missing_rule){0};
        DS_CHECK(read_column(&rule, own));
    }
    bool fills = rule.what == DS_MISSING_MEAN || rule.what == DS_MISSING_MEDIAN ||
                 rule.what == DS_MISSING_NUMBER;
    if (own && text && (fills || rule.indicator))
        return ds_node_fail(own, "write word, drop or error",
                            "missing: \"%s\" is text, which has no number", column);
    if (own && !text && rule.what == DS_MISSING_WORD)
        return ds_node_fail(own, "write mean, median, a number, drop or error",
                            "missing: \"%s\" is numbers, not words", column);
    if (text && fills)
        rule.what = DS_MISSING_WORD;
    if (!text && rule.what == DS_MISSING_WORD)
        rule.what = DS_MISSING_ERROR;
    *out = rule;
    return DS_OK;
}
