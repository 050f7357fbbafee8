#include "train/run_settings.h"

#include <stdio.h>
#include <string.h>

static ds_status put(cJSON *to, const char *key, ds_text *value) {
    bool good = cJSON_AddStringToObject(to, key, value->characters) != NULL;
    ds_text_clear(value);
    return good ? DS_OK : ds_fail(DS_OUT_OF_MEMORY, "", "no memory for a checkpoint");
}

static ds_status put_word(cJSON *to, const char *key, const char *word, ds_text *text) {
    DS_CHECK(ds_text_add(text, "%s", word));
    return put(to, key, text);
}

/* A rule that may be off: "none". */
static ds_status put_rule(cJSON *to, const char *key, bool on, double value, ds_text *text) {
    if (!on)
        return put_word(to, key, "none", text);
    DS_CHECK(ds_text_number(text, value));
    return put(to, key, text);
}

static ds_status put_layers(cJSON *to, const ds_model *model, ds_text *text) {
    for (int i = 0; i < model->layers; i++) {
        DS_CHECK(ds_text_add(text, i ? ", " : "["));
        DS_CHECK(ds_operation_print(model->layer[i].operation, model->layer[i].attribute, text));
    }
    DS_CHECK(ds_text_add(text, "]"));
    return put(to, "model", text);
}

static ds_status put_optimizer(cJSON *to, const ds_training *o, ds_text *text) {
    char key[64];
    for (int i = 0; o->optimizer && i < ds_operation_options(o->optimizer); i++) {
        const ds_option *option = &o->optimizer->option[i];
        double value = o->optimizer_attribute[i];
        snprintf(key, sizeof key, "optimizer.%s.%s", o->optimizer->name, option->name);
        if (option->type == DS_OPTION_SWITCH)
            DS_CHECK(put_word(to, key, value != 0 ? "true" : "false", text));
        else
            DS_CHECK(put_rule(to, key, true, value, text));
    }
    return DS_OK;
}

static ds_status put_all(cJSON *to, const ds_trainer *t, ds_text *text) {
    const ds_training *o = &t->options;
    DS_CHECK(put_layers(to, t->model, text));
    DS_CHECK(put_optimizer(to, o, text));
    DS_CHECK(ds_schedule_print(&o->schedule, text));
    DS_CHECK(put(to, "schedule", text));
    DS_CHECK(put_rule(to, "clip", o->clip > 0, o->clip, text));
    DS_CHECK(put_word(to, "shuffle", o->shuffle ? "true" : "false", text));
    DS_CHECK(put_word(to, "keep", o->keep_best ? "best" : "last", text));
    DS_CHECK(put_rule(to, "stop.updates", o->stop_updates > 0, (double)o->stop_updates, text));
    DS_CHECK(put_rule(to, "stop.gradient", o->stop_gradient >= 0, o->stop_gradient, text));
    DS_CHECK(put_rule(to, "stop.patience", o->stop_patience > 0, (double)o->stop_patience, text));
    return put_rule(to, "stop.seconds", o->stop_seconds > 0, o->stop_seconds, text);
}

ds_status ds_run_settings(const ds_trainer *t, cJSON **out) {
    ds_text text = {0};
    cJSON *object = cJSON_CreateObject();
    ds_status status = put_all(object, t, &text);
    ds_text_clear(&text);
    if (status == DS_OK)
        *out = object;
    else
        cJSON_Delete(object);
    return status;
}

ds_status ds_run_settings_note(const ds_trainer *t, const cJSON *stored, ds_text *notes) {
    ds_status status = DS_OK;
    cJSON *settings = NULL;
    const cJSON *now;
    if (!stored)
        return DS_OK;
    DS_TRY(ds_run_settings(t, &settings));
    cJSON_ArrayForEach(now, settings) {
        const cJSON *was = cJSON_GetObjectItemCaseSensitive(stored, now->string);
        if (cJSON_IsString(was) && strcmp(was->valuestring, now->valuestring) != 0)
            DS_TRY(ds_text_add(notes, "%s is %s, it was %s\n", now->string, now->valuestring,
                               was->valuestring));
    }

cleanup:
    cJSON_Delete(settings);
    return status;
}

/* "20 epochs", or updates where they are no whole number of epochs. */
static ds_status add_length(const ds_trainer *t, int64_t updates, ds_text *out) {
    bool whole = updates % t->batches == 0;
    int64_t count = whole ? updates / t->batches : updates;
    return ds_text_add(out, "%lld %s%s", (long long)count, whole ? "epoch" : "update",
                       count == 1 ? "" : "s");
}

/* Such a schedule is, from here on, as in a run that had this length from its start. */
static ds_status note_rate(const ds_trainer *t, int64_t total_updates, double before,
                           ds_text *notes) {
    double after = ds_trainer_rate(t, t->updates);
    DS_CHECK(ds_text_add(notes, "schedule: %s goes over the whole run, now ",
                         t->options.schedule.kind == DS_COSINE ? "cosine" : "one_cycle"));
    DS_CHECK(add_length(t, t->total_updates, notes));
    DS_CHECK(ds_text_add(notes, ", it was "));
    DS_CHECK(add_length(t, total_updates, notes));
    return ds_text_add(notes, ": the rate %s from %.3g to %.3g\n",
                       after > before ? "rises again," : "goes", before, after);
}

ds_status ds_run_length_note(const ds_trainer *t, int64_t total_updates, double rate,
                             ds_text *notes) {
    const ds_schedule *schedule = &t->options.schedule;
    bool whole_run = schedule->kind == DS_COSINE || schedule->kind == DS_ONE_CYCLE;
    if (t->options.search)
        return DS_OK;
    bool impatient = ds_trainer_lacks_patience(t);
    if (impatient || t->updates >= t->total_updates) {
        DS_CHECK(ds_text_add(notes, "already "));
        DS_CHECK(add_length(t, t->updates, notes));
        return ds_text_add(notes, "%s, nothing to do\n",
                           impatient ? ", which stop.patience ended" : "");
    }
    if (whole_run && t->updates > 0 && total_updates > 0 && total_updates != t->total_updates)
        return note_rate(t, total_updates, rate, notes);
    return DS_OK;
}
