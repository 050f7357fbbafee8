#include "data/kept_encoding.h"

#include <stdio.h>
#include <string.h>

static const char *const anew = "or start with this data's own: --set init.encoding=new";

static ds_status differs(const ds_node *node, const char *wanted, const char *format,
                         const char *name) {
    char hint[160];
    snprintf(hint, sizeof hint, "%s, %s", wanted, anew);
    return node ? ds_node_fail(node, hint, format, name)
                : ds_fail(DS_BAD_INPUT, hint, format, name);
}

static const ds_input *find_input(const ds_encoding *kept, const char *name) {
    for (int i = 0; i < kept->inputs; i++)
        if (strcmp(kept->input[i].name, name) == 0)
            return &kept->input[i];
    return NULL;
}

static ds_status check_targets(const ds_encoding *kept, const ds_data_options *options) {
    if (options->target.count != kept->outputs && options->target.count)
        return differs(options->target.node[0], "name the model's targets",
                       "target: the model to go on from has another number of targets than \"%s\"",
                       options->target.node[0]->text);
    for (int i = 0; i < options->target.count; i++)
        if (strcmp(kept->output[i].name, options->target.node[i]->text) != 0)
            return differs(options->target.node[i], "name the column as the model does",
                           "target: the model to go on from predicts \"%s\"", kept->output[i].name);
    return DS_OK;
}

static ds_status check_features(const ds_encoding *kept, const ds_data_options *options) {
    for (int i = 0; i < options->features.count; i++)
        if (!find_input(kept, options->features.node[i]->text))
            return differs(options->features.node[i], "leave it out",
                           "features: the model to go on from has no feature \"%s\"",
                           options->features.node[i]->text);
    for (int i = 0; i < kept->inputs && options->features.count; i++)
        if (!kept->input[i].lags && !ds_names_find(&options->features, kept->input[i].name))
            return differs(options->features.node[0], "add it",
                           "features: the model to go on from takes \"%s\", too",
                           kept->input[i].name);
    for (int i = 0; i < options->lagged.count; i++) {
        const ds_input *input = find_input(kept, options->lagged.node[i]->text);
        if (!input || input->lags != options->lags)
            return differs(options->lagged.node[i], "take the model's lags",
                           "lags: the model to go on from has other lags of \"%s\"",
                           options->lagged.node[i]->text);
    }
    return DS_OK;
}

ds_status ds_kept_encoding_check(const ds_encoding *kept, const ds_data_options *options) {
    DS_CHECK(check_targets(kept, options));
    DS_CHECK(check_features(kept, options));
    if (kept->steps != (options->lagged.count || options->guess_target ? options->lags : 0))
        return differs(NULL, "give the recipe the model's lags", "lags: the model to go on from %s",
                       kept->steps ? "takes a history" : "takes no history");
    if (options->date.column && !kept->date.column)
        return differs(options->date.node, "leave it out",
                       "date: the model to go on from has no dates, not even \"%s\"",
                       options->date.column);
    if (options->date.column && !options->date.guess &&
        strcmp(options->date.column, kept->date.column) != 0)
        return differs(options->date.node, "name the column as the model does",
                       "date: the model to go on from has its dates in \"%s\"", kept->date.column);
    for (int i = 0; i < options->series.count; i++)
        if (ds_words_find(&kept->series, options->series.node[i]->text) < 0)
            return differs(options->series.node[i], "give the model's series, if it has one",
                           "series: the model to go on from has no series of \"%s\"",
                           options->series.node[i]->text);
    if (options->kind != DS_TARGET_AUTO && options->kind != kept->kind)
        return differs(NULL, "take the loss that the model was trained with",
                       "loss: the model to go on from predicts %s",
                       kept->kind == DS_TARGET_NUMBERS ? "numbers" : "classes");
    return DS_OK;
}

static ds_status check_classes(const ds_encoding *kept, ds_source *source) {
    ds_table *table;
    ds_column *column;
    if (kept->classes.count == 0)
        return DS_OK;
    DS_CHECK(ds_source_target(source, kept->output[0].name, &table, &column));
    DS_CHECK(ds_column_to_text(column, table->rows));
    for (int64_t row = 0; row < table->rows; row++) {
        char excerpt[64];
        int32_t code = column->codes[row];
        if (code < 0 || ds_words_find_class(&kept->classes, column->words.word[code]) >= 0)
            continue;
        ds_cell_excerpt(excerpt, column->words.word[code]);
        return ds_cell_fail(table, column, row,
                            "leave its rows out, or start with this data's own classes: --set "
                            "init.encoding=new",
                            "the model to go on from has no class \"%s\"", excerpt);
    }
    return DS_OK;
}

/* The keys of the recipe that say what the model has said already. */
static ds_status note_keys(const ds_node *section, ds_text *notes) {
    static const char *const keys[] = {"normalize", "normalize_target", "expand",  "categories",
                                       "values",    "missing",          "classes", "unseen"};
    ds_status status = DS_OK;
    ds_text list = {0};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (ds_node_get(section, keys[i]))
            DS_TRY(ds_text_add(&list, "%s %s", list.length ? "," : "", keys[i]));
    if (list.length)
        DS_TRY(ds_text_add(notes, "init: the model's own count, not the recipe's%s\n",
                           list.characters));

cleanup:
    ds_text_clear(&list);
    return status;
}

ds_status ds_kept_encoding_compare(const ds_encoding *kept, const ds_data_options *options,
                                   ds_source *source, ds_text *notes) {
    ds_status status = DS_OK;
    ds_text unused = {0};
    const ds_table *table = &source->table;
    DS_TRY(check_classes(kept, source));
    for (int j = 0; j < table->columns && !options->features.count; j++) {
        const char *name = table->column[j].name;
        if (table->column[j].kind == DS_COLUMN_SKIPPED)
            DS_TRY(ds_text_add(&unused, "%s \"%s\"", unused.length ? "," : "", name));
    }
    if (unused.length)
        DS_TRY(ds_text_add(notes, "%s: the model to go on from does not know%s: left out\n",
                           table->source, unused.characters));
    DS_TRY(ds_text_add(notes, "init: the columns, normalization and classes of the model are kept; "
                              "to start with this data's own, --set init.encoding=new\n"));
    DS_TRY(note_keys(options->section, notes));

cleanup:
    ds_text_clear(&unused);
    return status;
}
