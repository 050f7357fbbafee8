/* descent explain: the plan of a recipe. */
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "inputs.h"
#include "report.h"

static int run(const cli_options *options) {
    ds_recipe *recipe = NULL;
    ds_device *device = NULL;
    char *text = NULL, *end = NULL;
    int exit_status = EXIT_DONE;
    int64_t row = options->sample ? strtoll(options->sample, &end, 10) : 0;
    if (end && (*end || end == options->sample))
        return report_usage("explain: --sample takes the number of a training row, not \"%s\"",
                            options->sample);
    ds_status status = inputs_run(&recipe, &device, options);
    if (status == DS_OK)
        status = options->sample ? ds_explain_sample(recipe, device, row, &text)
                                 : ds_explain(recipe, device, &text);
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
    .usage = "RECIPE.yaml [--sample ROW] [--set KEY=VALUE]... [--device NAME]",
    .summary = "the plan: ops, shapes, floating-point operations, bytes, kernels",
    .about =
        "Shows what a recipe becomes on a device, without training it. With --sample, for a small\n"
        "network: every weighted sum, activation and the loss of one training row, then every\n"
        "local derivative and gradient on the way back, beside the reference's.\n",
    .options = TAKES_SET | TAKES_DEVICE | TAKES_SAMPLE,
    .operand = {"RECIPE.yaml"},
    .least = 1,
    .run = run,
};
