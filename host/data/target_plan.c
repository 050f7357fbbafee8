#include "data/target_plan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_CLASSES = 1 << 16 };

ds_status ds_target_add(ds_encoding *encoding, const char *name) {
    ds_output *output = &encoding->output[encoding->outputs++];
    output->divide = 1;
    return ds_copy_text(&output->name, name);
}

static ds_status add_targets(ds_encoding *encoding, const ds_data_options *options,
                             const ds_source *source) {
    int count = source->has_labels ? source->labels.columns : options->target.count;
    DS_CHECK(ds_new(&encoding->output, (size_t)count, sizeof *encoding->output));
    for (int i = 0; i < count; i++)
        DS_CHECK(ds_target_add(encoding, source->has_labels ? source->labels.column[i].name
                                                            : options->target.node[i]->text));
    return DS_OK;
}

/* Whether a column of numbers has exactly two different values. */
static bool has_two_values(const ds_column *column, int64_t rows) {
    double value[2] = {0};
    int count = 0;
    for (int64_t i = 0; i < rows; i++) {
        double x = ds_column_number(column, i);
        if (isnan(x) || (count > 0 && x == value[0]) || (count > 1 && x == value[1]))
            continue;
        if (count == 2)
            return false;
        value[count++] = x;
    }
    return count == 2;
}

/* `classes: 361`: 0 to 360; or a list of them. Some may not occur. */
static ds_status list_classes(ds_words *words, const ds_node *node) {
    int32_t index;
    if (node->kind == DS_LIST) {
        DS_EACH_CHILD (entry, node) {
            const char *word;
            DS_CHECK(ds_node_word(entry, "classes", &word));
            DS_CHECK(ds_words_add(words, word, &index));
        }
    } else {
        int64_t count;
        DS_CHECK(ds_node_integer(node, "classes", &count));
        for (int64_t i = 0; i < count && count <= MOST_CLASSES; i++) {
            char word[24];
            snprintf(word, sizeof word, "%lld", (long long)i);
            DS_CHECK(ds_words_add(words, word, &index));
        }
    }
    if (words->count < 2)
        return ds_node_fail(node, "write their number, or a list: [no, yes]",
                            "classes: expected 2 to %d of them", MOST_CLASSES);
    return DS_OK;
}

/* The first row whose class is not among those given. */
static ds_status check_classes(const ds_words *classes, const ds_table *table,
                               const ds_column *column) {
    for (int64_t row = 0; row < table->rows; row++) {
        int32_t code = column->codes[row];
        if (code >= 0 && ds_words_find_class(classes, column->words.word[code]) < 0)
            return ds_cell_fail(table, column, row, "name every class in data.classes",
                                "\"%.40s\" is none of the classes", column->words.word[code]);
    }
    return DS_OK;
}

static ds_status plan_given_classes(ds_encoding *encoding, const ds_node *node,
                                    const ds_table *table, const ds_column *column) {
    ds_status status = DS_OK;
    ds_words words = {0};
    DS_TRY(list_classes(&words, node));
    DS_TRY(ds_words_sort(&encoding->classes, &words));
    DS_TRY(check_classes(&encoding->classes, table, column));

cleanup:
    ds_words_clear(&words);
    return status;
}

static ds_status plan_classes(ds_encoding *encoding, const ds_data_options *options,
                              const ds_table *table, ds_column *column, ds_text *notes) {
    DS_CHECK(ds_column_to_text(column, table->rows));
    if (column->words.count == 0)
        return ds_cell_fail(table, column, 0, "", "the target holds nothing");
    if (column->words.count > MOST_CLASSES)
        return ds_cell_fail(table, column, 0, "for numbers, --set loss=mse",
                            "%d different values are too many for classes", column->words.count);
    if (options->classes)
        DS_CHECK(plan_given_classes(encoding, options->classes, table, column));
    else
        DS_CHECK(ds_words_sort(&encoding->classes, &column->words));
    if (encoding->classes.count == 1)
        DS_CHECK(ds_text_add(notes,
                             "every row's \"%s\" is \"%.40s\": there is nothing to tell apart\n",
                             column->name, encoding->classes.word[0]));
    if (encoding->kind == DS_TARGET_BINARY && encoding->classes.count != 2)
        return ds_cell_fail(table, column, 0, "--set loss=cross_entropy",
                            "binary_cross_entropy needs two classes, the target has %d",
                            encoding->classes.count);
    return DS_OK;
}

/* The first text of a target that has to be numbers. */
static ds_status refuse_text(const ds_table *table, const ds_column *column) {
    int64_t row = 0;
    while (row < table->rows - 1 && column->codes[row] < 0)
        row++;
    return ds_cell_fail(table, column, row,
                        "for classes, take one target column and --set loss=cross_entropy; or say "
                        "which number stands for each text: data.values, {gender: {M: 0, F: 1}}",
                        "expected a number, got \"%.40s\"",
                        column->codes[row] < 0 ? "" : column->words.word[column->codes[row]]);
}

static ds_target_kind follow(const ds_data_options *options, const ds_column *first, int count) {
    if (options->kind != DS_TARGET_AUTO)
        return options->kind;
    bool classes =
        count == 1 && (first->kind == DS_COLUMN_TEXT || options->train.images || options->classes);
    return classes ? DS_TARGET_CLASSES : DS_TARGET_NUMBERS;
}

/* A missing target costs its row under every rule but `error`: nothing can be put in its place. */
static ds_status plan_missing(ds_encoding *encoding, const ds_missing_options *options) {
    encoding->drop_targets = options->all.what != DS_MISSING_ERROR;
    for (int i = 0; i < encoding->outputs; i++) {
        ds_missing_rule rule;
        const ds_node *own = ds_node_get(options->node, encoding->output[i].name);
        if (!own)
            continue;
        DS_CHECK(ds_missing_rule_find(&rule, options, own->key, false));
        if (rule.what != DS_MISSING_DROP && rule.what != DS_MISSING_ERROR)
            return ds_node_fail(own, "write drop or error",
                                "missing: \"%s\" is the target, which cannot be filled in",
                                own->key);
        encoding->drop_targets = encoding->drop_targets || rule.what == DS_MISSING_DROP;
    }
    return DS_OK;
}

ds_status ds_target_plan(ds_encoding *encoding, const ds_data_options *options, ds_source *source,
                         ds_text *notes) {
    ds_table *table = NULL;
    ds_column *column = NULL;
    DS_CHECK(add_targets(encoding, options, source));
    DS_CHECK(plan_missing(encoding, &options->missing));
    DS_CHECK(ds_source_target(source, encoding->output[0].name, &table, &column));
    encoding->kind = follow(options, column, encoding->outputs);
    if (options->normalize_target && encoding->kind != DS_TARGET_NUMBERS)
        return ds_node_fail(options->normalize_target, "--set data.normalize_target=none",
                            "normalize_target: the target is classes, not a number");
    if (encoding->kind == DS_TARGET_CLASSES && encoding->outputs > 1)
        return ds_fail(DS_BAD_INPUT, "name one target column",
                       "%s: cross_entropy takes one target column, got %d", table->source,
                       encoding->outputs);
    bool text = column->kind == DS_COLUMN_TEXT,
         mapped = ds_values_find(&encoding->values, column->name);
    if (mapped && encoding->kind == DS_TARGET_CLASSES)
        return ds_node_fail(ds_node_get(options->values_node, column->name),
                            "leave it out: texts are classes there; or take another loss, such as "
                            "--set loss=binary_cross_entropy",
                            "values: cross_entropy needs no numbers for \"%s\"", column->name);
    if (encoding->kind == DS_TARGET_CLASSES ||
        (encoding->kind == DS_TARGET_BINARY && encoding->outputs == 1 && !mapped &&
         (text || has_two_values(column, table->rows))))
        return plan_classes(encoding, options, table, column, notes);
    if (options->classes)
        return ds_node_fail(options->classes, "for classes, --set loss=cross_entropy",
                            "classes: the target is numbers");
    for (int i = 0; i < encoding->outputs; i++) {
        DS_CHECK(ds_source_target(source, encoding->output[i].name, &table, &column));
        memcpy(encoding->output[i].unit, column->unit, sizeof column->unit);
        if (column->kind == DS_COLUMN_TEXT)
            return refuse_text(table, column);
    }
    return DS_OK;
}
