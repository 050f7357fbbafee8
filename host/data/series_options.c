#include "data/series_options.h"

#include <stdio.h>
#include <string.h>

#include "base/calendar.h"

ds_status ds_option_choice(int *out, const ds_node *node, const char *what,
                           const char *const *choices) {
    const char *word;
    DS_CHECK(ds_node_word(node, what, &word));
    for (int i = 0; choices[i]; i++)
        if (strcmp(word, choices[i]) == 0) {
            *out = i;
            return DS_OK;
        }
    ds_text hint = {0};
    ds_status status = ds_text_add(&hint, "write one of:");
    for (int i = 0; choices[i] && status == DS_OK; i++)
        status = ds_text_add(&hint, "%s %s", i ? "," : "", choices[i]);
    if (status == DS_OK)
        status = ds_node_fail(node, hint.characters, "%s: \"%s\" is not known", what, word);
    ds_text_clear(&hint);
    return status;
}

ds_status ds_date_options_read(ds_data_options *out, const ds_node *node) {
    static const char *const keys[] = {"column", "format", "gaps", "duplicates", NULL};
    static const char *const gap_ways[] = {"keep", "drop", NULL};
    static const char *const duplicate_ways[] = {"error", "mean", NULL};
    ds_date_options *date = &out->date;
    int gap_way = 0, duplicate_way = 0;
    if (!node)
        return DS_OK;
    const ds_node *column = node->kind == DS_MAP ? ds_node_get(node, "column") : node;
    if (node->kind == DS_MAP)
        DS_CHECK(ds_node_only_keys(node, "date", keys));
    if (!column)
        return ds_node_fail(node, "for example {column: day, format: \"%d/%m/%Y\"}",
                            "date: \"column\" is missing");
    DS_CHECK(ds_node_word(column, "date", &date->column));
    date->node = column;
    date->guess = strcmp(date->column, "auto") == 0 && !column->quoted;
    const ds_node *format = ds_node_get(node, "format"), *gaps = ds_node_get(node, "gaps"),
                  *duplicates = ds_node_get(node, "duplicates");
    if (format) {
        DS_CHECK(ds_node_word(format, "format", &date->format));
        if (!ds_date_format_is_known(date->format))
            return ds_node_fail(
                format,
                "%Y is a year of four digits, %y of two, %m the month, %b its name, %d the day, "
                "%q a quarter, %G the year of week %V, %H the hour (%I with %p: AM or PM), %M the "
                "minute, %S the second, %z the offset from UTC: \"%d/%m/%Y\" for 31/01/2021; "
                "unix is seconds since 1970, unix_ms milliseconds",
                "format: \"%s\" does not say how a date with its year is written", date->format);
    }
    if (gaps)
        DS_CHECK(ds_option_choice(&gap_way, gaps, "gaps", gap_ways));
    if (duplicates)
        DS_CHECK(ds_option_choice(&duplicate_way, duplicates, "duplicates", duplicate_ways));
    date->drop_gaps = gap_way == 1;
    date->join = duplicate_way == 1;
    return DS_OK;
}

static ds_status read_naive(ds_naive *out, const ds_node *node) {
    static const char *const keys[] = {"seasonal", NULL};
    static const char *const words[] = {"last", NULL};
    int64_t steps = 1;
    int choice;
    if (node->kind == DS_SCALAR) {
        DS_CHECK(ds_option_choice(&choice, node, "baselines", words));
        *out = (ds_naive){1, "last"};
        return DS_OK;
    }
    DS_CHECK(ds_node_only_keys(node, "baselines", keys));
    const ds_node *season = ds_node_get(node, "seasonal");
    if (!season)
        return ds_node_fail(node, "for example {seasonal: 7}",
                            "baselines: \"seasonal\" is missing");
    DS_CHECK(ds_node_integer(season, "seasonal", &steps));
    if (steps < 1 || steps > DS_MOST_LAGS)
        return ds_node_fail(season, "", "seasonal: expected 1 to %d, got %lld", DS_MOST_LAGS,
                            (long long)steps);
    out->steps = (int)steps;
    snprintf(out->name, sizeof out->name, "seasonal %d", out->steps);
    return DS_OK;
}

ds_status ds_baseline_options_read(ds_data_options *out, const ds_node *node) {
    if (!node)
        return DS_OK;
    bool list = node->kind == DS_LIST;
    for (const ds_node *entry = list ? node->child : node; entry; entry = entry->next) {
        if (out->naives == DS_MOST_BASELINES)
            return ds_node_fail(entry, "", "baselines: at most %d", DS_MOST_BASELINES);
        DS_CHECK(read_naive(&out->naive[out->naives], entry));
        for (int i = 0; i < out->naives; i++)
            if (strcmp(out->naive[i].name, out->naive[out->naives].name) == 0)
                return ds_node_fail(entry, "name it once", "baselines: \"%s\" comes twice",
                                    out->naive[i].name);
        out->naives++;
        if (!list)
            break;
    }
    return DS_OK;
}

static ds_status read_share(double *out, const ds_node *node, const char *what) {
    if (!node)
        return DS_OK;
    DS_CHECK(ds_node_number(node, what, out));
    if (!(*out >= 0 && *out < 1))
        return ds_node_fail(node, "for example 0.2 for a fifth of the rows",
                            "%s: expected a share of at least 0 and less than 1, got %g", what,
                            *out);
    return DS_OK;
}

/* Rows go to the sets by their dates. */
static ds_status read_split_at(ds_data_options *out, const ds_node *node) {
    static const char *const shares[] = {"validation", "test", "by"};
    out->validation_at = ds_node_get(node, "validation_at");
    out->test_at = ds_node_get(node, "at");
    if (!out->validation_at && !out->test_at)
        return DS_OK;
    const char *word;
    if (out->validation_at)
        DS_CHECK(ds_node_word(out->validation_at, "validation_at", &word));
    if (out->test_at)
        DS_CHECK(ds_node_word(out->test_at, "at", &word));
    for (int i = 0; i < 3; i++)
        if (ds_node_get(node, shares[i]))
            return ds_node_fail(ds_node_get(node, shares[i]), "give shares, or dates",
                                "split: \"%s\" does not go with a split at a date", shares[i]);
    if (!out->date.column)
        return ds_node_fail(out->test_at ? out->test_at : out->validation_at,
                            "name the column of dates, or let it be found: --set data.date=auto",
                            "split: the rows have no dates");
    if (out->test_at && out->test_node)
        return ds_node_fail(out->test_at, "keep one of the two",
                            "split: there is a test file already");
    out->by_order = true;
    return DS_OK;
}

static ds_status read_history(ds_data_options *out, const ds_node *node) {
    static const char *const places[] = {"own", "before", NULL};
    int place = 0;
    int64_t rows = 0;
    if (!node)
        return DS_OK;
    if (node->kind == DS_SCALAR && strchr("-0123456789", node->text[0])) {
        DS_CHECK(ds_node_integer(node, "history", &rows));
        if (rows < 0 || rows > DS_MOST_LAGS)
            return ds_node_fail(node, "", "history: expected 0 to %d rows, got %lld", DS_MOST_LAGS,
                                (long long)rows);
        out->history = (int)rows;
    } else {
        DS_CHECK(ds_option_choice(&place, node, "history", places));
        out->history_before = place == 1;
    }
    if ((out->history_before || out->history) && !out->by_order)
        return ds_node_fail(node, "--set data.split.by=order",
                            "split: only rows in order have a history before them");
    return DS_OK;
}

ds_status ds_split_options_read(ds_data_options *out, const ds_node *node) {
    static const char *const keys[] = {"validation",    "test",    "by", "at",
                                       "validation_at", "history", NULL};
    static const char *const ways[] = {"random", "order", NULL};
    /* A time series is not shuffled. */
    out->by_order = out->lags || out->naives || out->date.column;
    if (!node)
        return DS_OK;
    if (node->kind == DS_SCALAR && strcmp(node->text, "none") == 0)
        return DS_OK;
    out->split = node;
    DS_CHECK(ds_node_only_keys(node, "split", keys));
    DS_CHECK(read_share(&out->validation_share, ds_node_get(node, "validation"), "validation"));
    DS_CHECK(read_share(&out->test_share, ds_node_get(node, "test"), "test"));
    if (out->validation_share + out->test_share >= 1)
        return ds_node_fail(node, "make the two shares smaller",
                            "split: no row is left for training");
    const ds_node *by = ds_node_get(node, "by");
    if (by) {
        int way = 0;
        DS_CHECK(ds_option_choice(&way, by, "by", ways));
        out->by_order = way == 1;
        if (out->lags && !out->by_order)
            return ds_node_fail(by, "--set data.split.by=order",
                                "split: rows with lags cannot be split at random: what a row "
                                "predicts would stand among another's features");
        if (out->naives && !out->by_order)
            return ds_node_fail(by, "--set data.split.by=order",
                                "split: baselines need the rows of a set in their order");
    }
    DS_CHECK(read_split_at(out, node));
    DS_CHECK(read_history(out, ds_node_get(node, "history")));
    if (out->test_share > 0 && out->test_node)
        return ds_node_fail(ds_node_get(node, "test"), "keep one of the two",
                            "split: there is a test file already");
    return DS_OK;
}
