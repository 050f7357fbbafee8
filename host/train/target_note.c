/* Whether numbers to predict may be classes. */
#include <math.h>
#include <stdio.h>

#include "train/layer_notes.h"

/* Beyond so many different values numbers are hardly classes that somebody counted. */
enum { MOST_DIFFERENT = 20, MOST_LISTED = 6, SEVERAL = 3 };

typedef struct tally {
    double value[MOST_DIFFERENT];
    int64_t rows[MOST_DIFFERENT];
    int count;
} tally;

/* Counts a value, in order; false where it is not whole, or one too many. */
static bool add_value(tally *t, double value) {
    int at = 0;
    if (!(value == rint(value)))
        return false;
    while (at < t->count && t->value[at] < value)
        at++;
    if (at < t->count && t->value[at] == value) {
        t->rows[at]++;
        return true;
    }
    if (t->count == MOST_DIFFERENT)
        return false;
    for (int k = t->count++; k > at; k--) {
        t->value[k] = t->value[k - 1];
        t->rows[k] = t->rows[k - 1];
    }
    t->value[at] = value;
    t->rows[at] = 1;
    return true;
}

/* Are there at least two values, each on several rows? */
static bool is_like_classes(tally *t, const ds_set *set) {
    ds_matrix raw = set->targets;
    raw.subtract = raw.divide = NULL;
    for (int64_t i = 0; i < raw.rows; i++) {
        double value;
        ds_matrix_read(&raw, i, 1, NULL, &value);
        if (!add_value(t, value))
            return false;
    }
    for (int k = 0; k < t->count; k++)
        if (t->rows[k] < SEVERAL)
            return false;
    return t->count >= 2;
}

static bool is_said_to_be_a_number(const ds_noted *noted) {
    const ds_node *data = ds_node_get(noted->recipe, "data");
    const ds_node *values = ds_node_get(data, "values");
    return ds_node_get(data, "target_kind") || ds_node_get(data, "lags") ||
           ds_node_get(data, "date") ||
           ds_node_get(values, ds_encoding_target(noted->data->encoding, 0));
}

static ds_status list_values(const tally *t, ds_text *out) {
    for (int k = 0; k < t->count; k++) {
        bool all = t->count <= MOST_LISTED;
        if (all || k < MOST_LISTED / 2 || k == t->count - 1)
            DS_CHECK(ds_text_add(out, "%s%.0f", k ? ", " : "", t->value[k]));
        else if (k == MOST_LISTED / 2)
            DS_CHECK(ds_text_add(out, ", ..."));
    }
    return DS_OK;
}

ds_status ds_target_note(const ds_noted *noted, ds_text *notes) {
    const ds_encoding *encoding = noted->data->encoding;
    tally t = {0};
    if (ds_encoding_kind(encoding) != DS_TARGET_NUMBERS || ds_encoding_targets(encoding) != 1 ||
        is_said_to_be_a_number(noted) || !is_like_classes(&t, &noted->data->train))
        return DS_OK;
    DS_CHECK(ds_text_add(notes, "the target \"%s\" holds %d different whole numbers (",
                         ds_encoding_target(encoding, 0), t.count));
    DS_CHECK(list_values(&t, notes));
    if (noted->for_table)
        return ds_text_add(notes, "): if they are classes, say --set loss=cross_entropy\n");
    return ds_text_add(notes,
                       "): if they are classes, say loss: cross_entropy, and dense: %d in the "
                       "last layer\n",
                       t.count);
}
