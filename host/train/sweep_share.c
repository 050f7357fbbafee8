#include "train/sweep_share.h"

#include <string.h>

/* What runs of the same data have in common. */
static ds_status print_data_key(const ds_recipe *recipe, char **out) {
    ds_status status = DS_OK;
    ds_training training;
    ds_text key = {0};
    char *section = NULL, *start = NULL;
    const ds_node *data = ds_node_get(recipe->root, "data");
    const ds_node *init = ds_node_get(recipe->root, "init"); /* a model's encoding may be kept */
    DS_CHECK(ds_training_parse(&training, recipe->root, true));
    if (data)
        DS_TRY(ds_node_print_flow(data, &section));
    if (ds_node_get(init, "file"))
        DS_TRY(ds_node_print_flow(init, &start));
    DS_TRY(ds_text_add(&key, "%d %llu %s %s", (int)ds_recipe_target_kind(&training),
                       (unsigned long long)training.seed, section ? section : "",
                       start ? start : ""));
    DS_TRY(ds_text_take(&key, out));

cleanup:
    ds_free(section);
    ds_free(start);
    ds_text_clear(&key);
    return status;
}

ds_status ds_sweep_share_data(ds_sweep_share *s, const ds_recipe *varied) {
    ds_status status = DS_OK;
    ds_training training;
    char *key = NULL;
    DS_CHECK(print_data_key(varied, &key));
    if (s->data && strcmp(key, s->data_key) == 0) {
        ds_recipe_keep(varied, ds_data_share(s->data));
    } else {
        ds_data_destroy(s->data); /* before more is read */
        s->data = NULL;
        DS_TRY(ds_recipe_load(varied, &training));
        s->data = ds_data_share(varied->kept->data);
    }
    ds_free(s->data_key);
    s->data_key = key;
    key = NULL;

cleanup:
    ds_free(key);
    return status;
}

/* A note that holds for several runs is told once. */
static void tell_once(const char *note, void *context) {
    ds_sweep_share *s = context;
    ds_text line = {0};
    bool told = ds_text_add(&line, "\n%s\n", note) == DS_OK && s->told.length &&
                strstr(s->told.characters, line.characters);
    if (!told)
        s->options->note(note, s->options->context);
    if (!told && line.length)
        (void)ds_text_append(&s->told, line.characters, line.length);
    ds_text_clear(&line);
}

/* A run tells its notes the sweep, and all else the sweep's own callbacks. */
static bool pass_progress(const ds_progress *progress, void *context) {
    const ds_sweep_share *s = context;
    return s->options->progress(progress, s->options->context);
}

static void pass_epoch(const ds_epoch *epoch, void *context) {
    const ds_sweep_share *s = context;
    s->options->epoch(epoch, s->options->context);
}

void ds_sweep_share_begin(ds_sweep_share *s, const ds_train_options *options) {
    s->options = options;
    s->how = *options;
    s->how.context = s;
    s->how.note = options->note ? tell_once : NULL;
    s->how.progress = options->progress ? pass_progress : NULL;
    s->how.epoch = options->epoch ? pass_epoch : NULL;
}

void ds_sweep_share_end(ds_sweep_share *s) {
    ds_data_destroy(s->data);
    ds_free(s->data_key);
    ds_text_clear(&s->told);
}
