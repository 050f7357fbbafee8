/* descent explain: the plan of a recipe. */
#include <stdio.h>

#include "command.h"
#include "inputs.h"
#include "report.h"

static int run(const cli_options *options) {
    ds_recipe *recipe = NULL;
    ds_device *device = NULL;
    char *text = NULL;
    int exit_status = EXIT_DONE;
    ds_status status = inputs_run(&recipe, &device, options);
    if (status == DS_OK)
        status = ds_explain(recipe, device, &text);
    if (status == DS_OK)
        fputs(text, stdout);
    else
        exit_status = report_error(status);
    ds_free(text);
    ds_device_close(device);
    ds_recipe_destroy(recipe);
    return exit_status;
}

const cli_command explain_command = {
    .name = "explain",
    .usage = "RECIPE.yaml [--set KEY=VALUE]... [--device NAME]",
    .summary = "the plan: ops, shapes, floating-point operations, bytes, kernels",
    .about = "Shows what a recipe becomes on a device, without training it.\n",
    .options = TAKES_SET | TAKES_DEVICE,
    .operand = {"RECIPE.yaml"},
    .least = 1,
    .run = run,
};
