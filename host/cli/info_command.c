/* descent info: what is in a model. */
#include <stdio.h>

#include "command.h"
#include "descent.h"
#include "report.h"

static int run(const cli_options *options) {
    ds_model *model = NULL;
    char *text = NULL;
    int exit_status = EXIT_DONE;
    ds_status status = ds_model_load(&model, options->operand[0]);
    if (status == DS_OK)
        status = ds_model_describe(model, &text);
    if (status == DS_OK)
        fputs(text, stdout);
    else
        exit_status = report_error(status);
    ds_free(text);
    ds_model_destroy(model);
    return exit_status;
}

const cli_command info_command = {
    .name = "info",
    .usage = "MODEL",
    .summary = "what is in a model: layers, shapes, columns, classes",
    .about = "MODEL is a model.safetensors or the folder that holds one.\n",
    .operand = {"MODEL"},
    .least = 1,
    .run = run,
};
