/* descent eval: loss and metrics on labelled data. */
#include <inttypes.h>
#include <stdio.h>

#include "command.h"
#include "inputs.h"
#include "report.h"
#include "scores_output.h"

/* The file's scores are the result's `test`. */
static const scores_place scored = {2, MODEL};

static bool print_json(const ds_result *result, int digits) {
    cJSON *json = cJSON_CreateObject();
    if (cJSON_AddStringToObject(json, "device", result->device) &&
        scores_add_integer(json, "seed", (int64_t)result->seed) &&
        scores_add(json, result, scored, digits))
        return scores_print_json(json);
    cJSON_Delete(json);
    return false;
}

static void print(const ds_result *result, int digits) {
    printf("device      %s, trained with seed %" PRIu64 "\n%-11s ", result->device, result->seed,
           "data");
    scores_print(stdout, result, scored, digits);
}

static int run(const cli_options *options) {
    ds_model *model = NULL;
    ds_device *device = NULL;
    ds_result result = {0};
    int exit_status = EXIT_DONE;
    ds_status status = inputs_model(&model, &device, options);
    if (status == DS_OK)
        status = ds_evaluate(model, device, options->operand[1], &result);
    if (status != DS_OK)
        exit_status = report_error(status);
    else if (!options->json)
        print(&result, scores_digits(device));
    else if (!print_json(&result, scores_digits(device)))
        exit_status = report_no_memory();
    ds_result_clear(&result);
    ds_device_close(device);
    ds_model_destroy(model);
    return exit_status;
}

const cli_command eval_command = {
    .name = "eval",
    .usage = "MODEL DATA [--json] [--device NAME] [--no-verify]",
    .summary = "loss and metrics on labelled data",
    .about = "MODEL is a model.safetensors or the folder that holds one. DATA is a CSV or NPY file "
             "with\n"
             "the target, \"-\" for CSV on standard input, or images=FILE,labels=FILE.\n",
    .options = TAKES_JSON | TAKES_DEVICE | TAKES_VERIFY,
    .operand = {"MODEL", "DATA"},
    .least = 2,
    .run = run,
};
