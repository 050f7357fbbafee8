/* descent predict: a row of predictions for every row of data. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "inputs.h"
#include "output_file.h"
#include "report.h"

static int run(const cli_options *options) {
    ds_model *model = NULL;
    ds_device *device = NULL;
    char *csv = NULL;
    int exit_status = EXIT_DONE;
    ds_status status = inputs_model(&model, &device, options);
    if (status == DS_OK)
        status = ds_predict_file(model, device, options->operand[1], &csv);
    if (status != DS_OK)
        exit_status = report_error(status);
    else if (options->output && strcmp(options->output, "-") != 0)
        exit_status = output_file_write(options->output, csv);
    else
        fputs(csv, stdout);
    ds_free(csv);
    ds_device_close(device);
    ds_model_destroy(model);
    return exit_status;
}

const cli_command predict_command = {
    .name = "predict",
    .usage = "MODEL DATA [-o FILE] [--device NAME] [--no-verify]",
    .summary = "a row of predictions for every row of data, as CSV",
    .about =
        "MODEL is a model.safetensors or the folder that holds one. DATA is a CSV or NPY file,\n"
        "\"-\" for CSV on standard input, or images=FILE,labels=FILE. Columns are found by name,\n"
        "in any order; those of the target may be absent.\n",
    .options = TAKES_OUTPUT | TAKES_DEVICE | TAKES_VERIFY,
    .operand = {"MODEL", "DATA"},
    .least = 2,
    .run = run,
};
