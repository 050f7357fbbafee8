#include "measure/choice_memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cache.h"
#include "base/digest.h"
#include "base/number.h"
#include "base/text.h"
#include "launch/tuned.h"

static const char subject[] = "choices", title[] = "descent choice 1\n";

/* ---- the key ---- */

/* What is computed and how large it is; not with which rate or slope. */
static ds_status describe_plan(const ds_plan *plan, ds_text *out) {
    DS_CHECK(ds_text_add(out, "%lld %lld %d\n", (long long)plan->batch,
                         (long long)plan->training_batch, plan->fuse));
    for (int i = 0; i < plan->ops; i++) {
        const ds_op *op = &plan->op[i];
        DS_CHECK(ds_text_add(out, "%s %d %d", op->operation->name, op->part, op->phase));
        for (int k = 0; k < op->inputs + op->outputs; k++) {
            int index = k < op->inputs ? op->input[k] : op->output[k - op->inputs];
            char shape[64];
            if (index != DS_ABSENT)
                DS_CHECK(
                    ds_text_add(out, " %s", ds_shape_print(&plan->tensor[index].shape, shape)));
        }
        DS_CHECK(ds_text_add(out, "\n"));
    }
    return DS_OK;
}

static ds_status describe_device(const ds_device_info *about, ds_text *out) {
    ds_tuned tuned = ds_tuned_read_for(about);
    char key[65];
    if (!ds_device_info_key(key, about))
        return ds_fail(DS_BAD_INPUT, "", "a kernel file cannot be read");
    DS_CHECK(ds_text_add(out, "%s\n", key));
    return ds_tuned_print(&tuned, out);
}

bool ds_choice_key(char key[65], const ds_plan *plan, const ds_choice *choice) {
    ds_text text = {0};
    ds_status status = describe_plan(plan, &text);
    for (size_t i = 0; i < choice->rows && status == DS_OK; i++)
        status = describe_device(&choice->row[i].device, &text);
    if (status == DS_OK)
        ds_sha256(key, text.characters, text.length);
    ds_text_clear(&text);
    return status == DS_OK;
}

/* ---- as text ---- */

/* In the order of the verdicts. */
static const char *const verdicts[] = {"chosen ", "slower ", "failed "};
/* Of the basis. */
static const char *const bases[] = {"", "at least ", "about "};

ds_status ds_choice_print(const ds_choice *choice, ds_text *out) {
    DS_CHECK(ds_text_add(out, "%s", title));
    for (size_t i = 0; i < choice->rows; i++) {
        const ds_choice_row *row = &choice->row[i];
        char problem[sizeof row->problem];
        snprintf(problem, sizeof problem, "%s", row->problem);
        for (char *c = problem; *c; c++)
            *c = *c == '\n' ? ' ' : *c;
        if (row->verdict == DS_VERDICT_FAILED)
            DS_CHECK(ds_text_add(out, "%s%s\n", verdicts[row->verdict], problem));
        else
            DS_CHECK(ds_text_add(out, "%s%s%.9g\n", verdicts[row->verdict], bases[row->basis],
                                 row->seconds));
    }
    return DS_OK;
}

static bool parse_row(const char **at, ds_choice_row *row) {
    unsigned verdict = 0;
    while (verdict < 3 && !ds_text_take_word(at, verdicts[verdict]))
        verdict++;
    if (verdict == 3)
        return false;
    row->verdict = verdict;
    row->basis = DS_BASIS_TIMED;
    if (verdict == DS_VERDICT_SLOWER && ds_text_take_word(at, bases[DS_BASIS_LEAST]))
        row->basis = DS_BASIS_LEAST;
    else if (verdict == DS_VERDICT_SLOWER && ds_text_take_word(at, bases[DS_BASIS_PEAK]))
        row->basis = DS_BASIS_PEAK;
    row->seconds = NAN;
    row->problem[0] = '\0';
    size_t length = strcspn(*at, "\n");
    if (length >= sizeof row->problem || (*at)[length] != '\n')
        return false;
    char rest[sizeof row->problem];
    snprintf(rest, sizeof rest, "%.*s", (int)length, *at);
    *at += length + 1;
    if (verdict == DS_VERDICT_FAILED) {
        memcpy(row->problem, rest, sizeof rest);
        return true;
    }
    return ds_number_parse(rest, &row->seconds) && isfinite(row->seconds) && row->seconds > 0;
}

static bool fill(ds_choice *choice, const char *text) {
    size_t chosen = 0;
    if (!ds_text_take_word(&text, title))
        return false;
    for (size_t i = 0; i < choice->rows; i++) {
        if (!parse_row(&text, &choice->row[i]))
            return false;
        if (choice->row[i].verdict == DS_VERDICT_CHOSEN) {
            choice->chosen = i;
            chosen++;
        }
    }
    return chosen == 1 && !*text;
}

bool ds_choice_parse(ds_choice *choice, const char *text) {
    ds_choice filled = *choice;
    filled.row = NULL;
    if (!ds_new_quietly(&filled.row, choice->rows * sizeof *filled.row))
        return false;
    memcpy(filled.row, choice->row, choice->rows * sizeof *filled.row);
    bool good = fill(&filled, text);
    if (good) {
        memcpy(choice->row, filled.row, choice->rows * sizeof *filled.row);
        choice->chosen = filled.chosen;
    }
    ds_free(filled.row);
    return good;
}

/* ---- in the cache ---- */

bool ds_choice_recall(ds_choice *choice, const char *key) {
    ds_bytes bytes;
    if (!ds_cache_read(&bytes, subject, key))
        return false;
    bool good = ds_choice_parse(choice, (const char *)bytes.data);
    ds_free(bytes.data);
    return good;
}

void ds_choice_remember(const ds_choice *choice, const char *key) {
    ds_text text = {0};
    if (ds_choice_print(choice, &text) == DS_OK)
        ds_cache_write(subject, key, text.characters, text.length);
    ds_text_clear(&text);
}
