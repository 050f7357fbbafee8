#include "data/data_options.h"

#include <string.h>

#include "data/series_options.h"
#include "data/target_names.h"

static const char *const known_keys[] = {
    "train",  "test",      "target",  "features", "split",      "normalize", "normalize_target",
    "lags",   "expand",    "missing", "stream",   "categories", "header",    "target_kind",
    "date",   "baselines", "classes", "values",   "decimal",    "unseen",    "missing_words",
    "series", "exclude",   NULL};

void ds_data_options_clear(ds_data_options *options) {
    ds_files_clear(&options->train);
    ds_files_clear(&options->test);
    ds_free(options->target.node);
    ds_free(options->features.node);
    ds_free(options->exclude.node);
    ds_free(options->lagged.node);
    ds_free(options->categories.node);
    ds_free(options->series.node);
    ds_values_clear(&options->values);
    ds_words_clear(&options->missing_word);
    ds_node_destroy(options->found_target);
    *options = (ds_data_options){0};
}

const ds_node *ds_names_find(const ds_names *names, const char *name) {
    for (int i = 0; i < names->count; i++)
        if (strcmp(names->node[i]->text, name) == 0)
            return names->node[i];
    return NULL;
}

ds_status ds_names_add(ds_names *names, const ds_node *node) {
    DS_CHECK(ds_resize(&names->node, (size_t)names->count + 1, sizeof *names->node));
    names->node[names->count++] = node;
    return DS_OK;
}

/* An empty list is as none. */
static ds_status read_names(ds_names *out, const ds_node *node, const char *what) {
    if (!node || (node->kind == DS_LIST && !node->child && strcmp(what, "target") != 0))
        return DS_OK;
    bool list = node->kind == DS_LIST;
    int count = list ? ds_node_count(node) : 1;
    if (node->kind == DS_MAP || count == 0 || (!list && *node->text == '\0'))
        return ds_node_fail(node, "write one name, or a list such as [weight, height]",
                            "%s: expected the name of a column, or a list of names", what);
    DS_CHECK(ds_new(&out->node, (size_t)count, sizeof *out->node));
    if (!list) {
        out->node[out->count++] = node;
        return DS_OK;
    }
    DS_EACH_CHILD (entry, node) {
        const char *word;
        DS_CHECK(ds_node_word(entry, what, &word));
        if (ds_names_find(out, word))
            return ds_node_fail(entry, "name it once", "%s: \"%s\" comes twice", what, word);
        out->node[out->count++] = entry;
    }
    return DS_OK;
}

static ds_status read_lags(ds_data_options *out, const ds_node *node) {
    static const char *const keys[] = {"of", "steps", NULL};
    int64_t steps;
    if (!node)
        return DS_OK;
    DS_CHECK(ds_node_only_keys(node, "lags", keys));
    const ds_node *of = ds_node_get(node, "of"), *count = ds_node_get(node, "steps");
    if (!count)
        return ds_node_fail(node, "for example {of: views, steps: 7}",
                            "lags: \"steps\" is missing");
    DS_CHECK(read_names(&out->lagged, of, "of"));
    for (int i = 0; i < out->target.count && !of; i++)
        DS_CHECK(ds_names_add(&out->lagged, out->target.node[i]));
    DS_CHECK(ds_node_integer(count, "steps", &steps));
    if (steps < 1 || steps > DS_MOST_LAGS)
        return ds_node_fail(count, "", "steps: expected 1 to %d, got %lld", DS_MOST_LAGS,
                            (long long)steps);
    out->lags = (int)steps;
    return DS_OK;
}

static ds_status read_normalize(ds_data_options *out, const ds_node *node) {
    static const char *const ways[] = {"none", "standard", "minmax", NULL};
    static const char *const keys[] = {"subtract", "divide", NULL};
    int way = 0;
    if (!node)
        return DS_OK;
    if (node->kind != DS_MAP) {
        DS_CHECK(ds_option_choice(&way, node, "normalize", ways));
        out->normalize = (ds_normalize)way;
        return DS_OK;
    }
    out->normalize = DS_NORMALIZE_GIVEN;
    out->constants = node;
    DS_EACH_CHILD (column, node) {
        double number;
        DS_CHECK(ds_node_only_keys(column, column->key, keys));
        DS_EACH_CHILD (value, column) {
            DS_CHECK(ds_node_number(value, value->key, &number));
            if (number == 0 && strcmp(value->key, "divide") == 0)
                return ds_node_fail(value, "", "divide: expected a number other than 0");
        }
    }
    return DS_OK;
}

static ds_status read_expand(ds_data_options *out, const ds_node *node) {
    if (!node)
        return DS_OK;
    if (node->kind != DS_MAP)
        return ds_node_fail(node, "for example {x: 2}",
                            "expand: expected columns with their power");
    DS_EACH_CHILD (column, node) {
        int64_t power;
        DS_CHECK(ds_node_integer(column, column->key, &power));
        if (power < 1 || power > DS_HIGHEST_POWER)
            return ds_node_fail(column, "", "expand: expected a power of 1 to %d, got %lld",
                                DS_HIGHEST_POWER, (long long)power);
        if (ds_names_find(&out->lagged, column->key))
            return ds_node_fail(column, "", "expand: \"%s\" stands under lags", column->key);
    }
    out->expand = node;
    return DS_OK;
}

/* `missing_words: [none, "-"]`, or one word; an empty list leaves empty cells alone. */
static ds_status read_missing_words(ds_data_options *out, const ds_node *node) {
    int32_t index;
    out->missing_words = node;
    if (!node)
        return DS_OK;
    if (node->kind == DS_SCALAR)
        return ds_words_add(&out->missing_word, node->text, &index);
    if (node->kind != DS_LIST)
        return ds_node_fail(node, "for example [none, \"-\"]",
                            "missing_words: expected a list of words");
    DS_EACH_CHILD (entry, node) {
        if (entry->kind != DS_SCALAR)
            return ds_node_fail(entry, "for example [none, \"-\"]",
                                "missing_words: expected words");
        DS_CHECK(ds_words_add(&out->missing_word, entry->text, &index));
    }
    return DS_OK;
}

static ds_status read_missing(ds_data_options *out, const ds_node *node) {
    static const char *const ways[] = {"zeros", "error", NULL};
    const ds_node *unseen = ds_node_get(node, "unseen");
    int way = 0;
    DS_CHECK(ds_missing_options_read(&out->missing, ds_node_get(node, "missing")));
    DS_CHECK(read_missing_words(out, ds_node_get(node, "missing_words")));
    if (unseen)
        DS_CHECK(ds_option_choice(&way, unseen, "unseen", ways));
    out->unseen_error = way == 1;
    return DS_OK;
}

static ds_status read_words(ds_data_options *out, const ds_node *node, ds_target_kind kind) {
    static const char *const answers[] = {"auto", "true", "false", NULL};
    static const char *const kinds[] = {"auto", "numbers", "classes", "binary", NULL};
    static const char *const scales[] = {"none", "standard", "auto", NULL};
    static const char *const marks[] = {"auto", "point", "comma", NULL};
    const ds_node *stream = ds_node_get(node, "stream"), *header = ds_node_get(node, "header"),
                  *target = ds_node_get(node, "target_kind"),
                  *scale = ds_node_get(node, "normalize_target"),
                  *decimal = ds_node_get(node, "decimal");
    int choice = 0;
    if (stream)
        DS_CHECK(ds_option_choice(&choice, stream, "stream", answers));
    choice = 0;
    if (header)
        DS_CHECK(ds_option_choice(&choice, header, "header", answers));
    out->header = (ds_header)choice;
    choice = 0;
    if (decimal)
        DS_CHECK(ds_option_choice(&choice, decimal, "decimal", marks));
    out->decimal = (ds_decimal)choice;
    choice = 0;
    if (target)
        DS_CHECK(ds_option_choice(&choice, target, "target_kind", kinds));
    out->kind = kind == DS_TARGET_AUTO ? (ds_target_kind)choice : kind;
    if (choice != DS_TARGET_AUTO && out->kind != (ds_target_kind)choice)
        return ds_node_fail(target, "it follows from the loss: --set data.target_kind=none",
                            "target_kind: \"%s\" does not fit the loss", target->text);
    choice = 0;
    if (scale)
        DS_CHECK(ds_option_choice(&choice, scale, "normalize_target", scales));
    out->normalize_target = choice == 1 ? scale : NULL;
    out->normalize_numbers = choice != 0;
    return DS_OK;
}

/* That a column which is left out has no other part. */
static ds_status check_excluded(const ds_data_options *out, const ds_node *options) {
    if (out->exclude.count && out->features.count)
        return ds_node_fail(ds_node_get(options, "exclude"),
                            "take it out of data.features; or take every column but these: --set "
                            "data.features=none",
                            "exclude: data.features names the columns that are taken already");
    for (int i = 0; i < out->exclude.count; i++) {
        const ds_node *node = out->exclude.node[i];
        const char *as =
            ds_names_find(&out->target, node->text)   ? "the target"
            : ds_names_find(&out->lagged, node->text) ? "under lags"
            : ds_node_get(out->expand, node->text)    ? "under expand"
            : out->date.column && !out->date.guess && strcmp(out->date.column, node->text) == 0
                ? "the date"
                : NULL;
        if (as)
            return ds_node_fail(node, "take it out of one of the two", "exclude: \"%s\" is %s",
                                node->text, as);
    }
    return DS_OK;
}

/* Keys that contradict each other. */
static ds_status check_together(const ds_data_options *out, const ds_node *options) {
    for (int i = 0; i < out->features.count; i++)
        if (ds_names_find(&out->target, out->features.node[i]->text))
            return ds_node_fail(out->features.node[i], "take it out of one of the two",
                                "features: \"%s\" is the target", out->features.node[i]->text);
    DS_CHECK(check_excluded(out, options));
    const char *date = out->date.column;
    if (date && !out->date.guess &&
        (ds_names_find(&out->target, date) || ds_names_find(&out->features, date) ||
         ds_names_find(&out->lagged, date) || ds_node_get(out->expand, date)))
        return ds_node_fail(out->date.node, "take it out of target, features, lags and expand",
                            "date: \"%s\" cannot be the date and more", date);
    for (int i = 0; i < out->series.count; i++) {
        const ds_node *series = out->series.node[i];
        if (ds_names_find(&out->target, series->text) ||
            ds_names_find(&out->lagged, series->text) || (date && strcmp(date, series->text) == 0))
            return ds_node_fail(series, "name the column that tells the series apart",
                                "series: \"%s\" cannot be the target, the date or a lag too",
                                series->text);
    }
    DS_EACH_CHILD (column, out->values_node) {
        bool dated = date && !out->date.guess && strcmp(date, column->key) == 0;
        if (dated || ds_names_find(&out->categories, column->key))
            return ds_node_fail(column, "take it out of one of the two",
                                "values: \"%s\" stands under %s", column->key,
                                dated ? "date" : "categories");
    }
    if (out->train.pair && out->target.count)
        return ds_node_fail(ds_node_get(options, "target"), "leave it out",
                            "target: the targets are a file of their own here");
    if (!out->train.pair && !out->target.count && !out->guess_target)
        return ds_node_fail(options, "name the column to predict, for example `target: weight`",
                            "data: the key \"target\" is missing");
    if (out->train.pair && !out->train.targets)
        return ds_node_fail(out->train_node, "write images=FILE,labels=FILE",
                            "train: the file of the targets is missing");
    return DS_OK;
}

static ds_status read_options(ds_data_options *out, const ds_node *options, const char *folder,
                              ds_target_kind kind) {
    DS_CHECK(ds_node_only_keys(options, "data", known_keys));
    out->section = options;
    out->train_node = ds_node_get(options, "train");
    out->test_node = ds_node_get(options, "test");
    if (!out->train_node)
        return ds_node_fail(options, "for example `train: people.csv`",
                            "data: the key \"train\" is missing");
    DS_CHECK(ds_files_from_node(&out->train, out->train_node, folder));
    if (out->test_node)
        DS_CHECK(ds_files_from_node(&out->test, out->test_node, folder));
    DS_CHECK(read_names(&out->target, ds_node_get(options, "target"), "target"));
    DS_CHECK(read_names(&out->features, ds_node_get(options, "features"), "features"));
    DS_CHECK(read_names(&out->exclude, ds_node_get(options, "exclude"), "exclude"));
    DS_CHECK(read_names(&out->categories, ds_node_get(options, "categories"), "categories"));
    DS_CHECK(read_lags(out, ds_node_get(options, "lags")));
    DS_CHECK(ds_date_options_read(out, ds_node_get(options, "date")));
    DS_CHECK(ds_baseline_options_read(out, ds_node_get(options, "baselines")));
    DS_CHECK(ds_split_options_read(out, ds_node_get(options, "split")));
    DS_CHECK(read_normalize(out, ds_node_get(options, "normalize")));
    DS_CHECK(read_expand(out, ds_node_get(options, "expand")));
    DS_CHECK(read_missing(out, options));
    out->values_node = ds_node_get(options, "values");
    DS_CHECK(ds_values_read(&out->values, out->values_node,
                            out->missing_words ? &out->missing_word : NULL));
    DS_CHECK(read_names(&out->series, ds_node_get(options, "series"), "series"));
    DS_CHECK(read_words(out, options, kind));
    out->classes = ds_node_get(options, "classes");
    out->guess_target = out->date.column && !out->target.count && !out->train.pair;
    return check_together(out, options);
}

ds_status ds_data_options_read(ds_data_options *out, const ds_node *options, const char *folder,
                               ds_target_kind kind) {
    ds_data_options read = {0};
    ds_status status = read_options(&read, options, folder, kind);
    if (status == DS_OK)
        *out = read;
    else
        ds_data_options_clear(&read);
    return status;
}

static ds_column_kind wanted_kind(const void *context, const char *name, bool *named) {
    const ds_data_options *options = context;
    bool target = ds_target_may_be(&options->target, name),
         lag = ds_names_find(&options->lagged, name),
         feature = ds_names_find(&options->features, name),
         power = ds_node_get(options->expand, name),
         categories = ds_names_find(&options->categories, name),
         excluded = ds_names_find(&options->exclude, name);
    bool date = options->date.column && !options->date.guess &&
                strcmp(options->date.column, name) == 0,
         mapped = ds_values_find(&options->values, name);
    bool guess = options->date.guess || options->guess_target;
    bool series = ds_names_find(&options->series, name);
    bool all = !excluded && (guess || (!options->features.count && !options->lags));
    *named = target || lag || feature || power || categories || date || mapped || series ||
             excluded || ds_node_get(options->constants, name) != NULL;
    if (date || series)
        return DS_COLUMN_TEXT;
    if (mapped)
        return target || lag || feature || all ? DS_COLUMN_TEXT : DS_COLUMN_SKIPPED;
    if (lag || power)
        return DS_COLUMN_NUMBER;
    if (categories && (target || feature || all))
        return DS_COLUMN_TEXT;
    if (target && options->kind == DS_TARGET_CLASSES)
        return DS_COLUMN_TEXT;
    if (target && options->kind == DS_TARGET_NUMBERS)
        return DS_COLUMN_NUMBER;
    if (target || feature || all)
        return DS_COLUMN_AUTO;
    bool may_name_series =
        options->lags && (options->date.column || !options->series.count) && !excluded;
    return may_name_series ? DS_COLUMN_MAYBE : DS_COLUMN_SKIPPED;
}

ds_wish ds_data_options_wish(const ds_data_options *options) {
    return (ds_wish){.kind = wanted_kind,
                     .context = options,
                     .header = options->header,
                     .decimal = options->decimal,
                     .missing = options->missing_words ? &options->missing_word : NULL};
}

bool ds_data_options_need_table(const ds_data_options *options) {
    return !options->train.pair || options->features.count || options->exclude.count ||
           options->categories.count || options->lags || options->expand || options->values.count ||
           options->date.column || options->missing.node ||
           options->missing.all.what != DS_MISSING_ERROR;
}
