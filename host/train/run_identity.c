#include "train/run_identity.h"

#include <stdio.h>
#include <string.h>

/* What `name` is, in a message. */
static const struct {
    const char *name, *in_words;
} parts[] = {{"rows", "the number of training rows"},
             {"data", "the training data (its checksum)"},
             {"batch", "the batch"},
             {"seed", "the seed"},
             {"loss", "the loss"},
             {"optimizer", "the optimizer"}};

enum { PARTS = sizeof parts / sizeof *parts };

static ds_status part_text(const ds_trainer *t, const char *name, ds_text *out) {
    const ds_set *train = t->set[0];
    if (strcmp(name, "rows") == 0)
        return ds_text_add(out, "%lld", (long long)train->rows);
    if (strcmp(name, "batch") == 0)
        return ds_text_add(out, "%lld", (long long)t->batch);
    if (strcmp(name, "seed") == 0)
        return ds_text_add(out, "%llu", (unsigned long long)t->options.seed);
    if (strcmp(name, "loss") == 0)
        return ds_operation_print(t->options.loss, t->options.loss_attribute, out);
    if (strcmp(name, "optimizer") == 0)
        return ds_text_add(out, "%s", t->options.optimizer ? t->options.optimizer->name : "none");
    unsigned long sum = ds_matrix_checksum(&train->features, 0);
    return ds_text_add(out, "%08lx", ds_matrix_checksum(&train->targets, sum));
}

ds_status ds_run_identity(const ds_trainer *t, cJSON **out) {
    ds_status status = DS_OK;
    cJSON *object = cJSON_CreateObject();
    ds_text text = {0};
    for (int i = 0; i < PARTS; i++) {
        ds_text_clear(&text);
        DS_TRY(part_text(t, parts[i].name, &text));
        if (!cJSON_AddStringToObject(object, parts[i].name, text.characters)) {
            status = ds_fail(DS_OUT_OF_MEMORY, "", "no memory for a checkpoint");
            goto cleanup;
        }
    }
    *out = object;
    object = NULL;

cleanup:
    ds_text_clear(&text);
    cJSON_Delete(object);
    return status;
}

ds_status ds_run_identity_compare(const ds_trainer *t, const cJSON *stored, char **what) {
    ds_status status = DS_OK;
    ds_text text = {0}, difference = {0};
    for (int i = 0; i < PARTS && !difference.length; i++) {
        const cJSON *was = cJSON_GetObjectItemCaseSensitive(stored, parts[i].name);
        const char *before = cJSON_IsString(was) ? was->valuestring : "not said";
        ds_text_clear(&text);
        DS_TRY(part_text(t, parts[i].name, &text));
        if (strcmp(text.characters, before) != 0)
            DS_TRY(ds_text_add(&difference, "%s is %s, it was %s", parts[i].in_words,
                               text.characters, before));
    }
    if (difference.length)
        DS_TRY(ds_text_take(&difference, what));

cleanup:
    ds_text_clear(&text);
    ds_text_clear(&difference);
    return status;
}
