#include "inputs.h"

#include <string.h>

#include "report.h"

/* Appends to a text of `room` characters that stays whole; false: it does not fit. */
static bool append(char *text, size_t room, const char *added) {
    if (strlen(text) + strlen(added) >= room)
        return false;
    strcat(text, added);
    return true;
}

/* data.target=["length", "width"], the names in quotes as YAML has them. */
static ds_status set_targets(ds_recipe *recipe, const cli_options *options) {
    char list[1 << 14] = "data.target=[";
    bool fits = true;
    for (int i = 0; i < options->targets && fits; i++) {
        fits = append(list, sizeof list, i ? ", \"" : "\"");
        for (const char *c = options->target[i]; *c && fits; c++) {
            const char letter[] = {*c, '\0'};
            fits = (*c != '"' && *c != '\\') || append(list, sizeof list, "\\");
            fits = fits && append(list, sizeof list, letter);
        }
        fits = fits && append(list, sizeof list, "\"");
    }
    return ds_recipe_set(recipe, fits && append(list, sizeof list, "]") ? list : "data.target=");
}

static ds_status recipe_for_csv(ds_recipe **recipe, const cli_options *options) {
    ds_status status =
        ds_recipe_for_csv(recipe, options->data, options->target[0], options->layers);
    return status == DS_OK && options->targets > 1 ? set_targets(*recipe, options) : status;
}

ds_status inputs_recipe(ds_recipe **out, const cli_options *options) {
    ds_recipe *recipe = NULL;
    ds_status status = options->data ? recipe_for_csv(&recipe, options)
                                     : ds_recipe_read(&recipe, options->operand[0]);
    for (int i = 0; status == DS_OK && i < options->sets; i++)
        status = ds_recipe_set(recipe, options->set[i]);
    if (status == DS_OK)
        *out = recipe;
    else
        ds_recipe_destroy(recipe);
    return status;
}

ds_status inputs_model(ds_model **model, ds_device **device, const cli_options *options) {
    ds_model *loaded = NULL;
    ds_status status = ds_model_load(&loaded, options->operand[0]);
    if (status == DS_OK)
        status = ds_device_open(device, options->device);
    if (status == DS_OK)
        inputs_verify(*device, options);
    if (status == DS_OK)
        *model = loaded;
    else
        ds_model_destroy(loaded);
    return status;
}

ds_status inputs_run(ds_recipe **recipe, ds_device **device, const cli_options *options) {
    ds_recipe *read = NULL;
    ds_status status = inputs_recipe(&read, options);
    if (status == DS_OK)
        status = ds_device_open(device, options->device);
    if (status == DS_OK)
        *recipe = read;
    else
        ds_recipe_destroy(read);
    return status;
}

static void show_note(const char *note, void *context) {
    (void)context;
    report_line("note: %s", note);
}

void inputs_verify(ds_device *device, const cli_options *options) {
    ds_device_verify(device, !options->no_verify);
    ds_device_notes(device, options->quiet ? NULL : show_note, NULL);
    bool reference = options->device && strcmp(options->device, "reference") == 0;
    if (options->no_verify && !reference && !options->quiet)
        report_line("note: the device's kernels are used without being verified");
}
