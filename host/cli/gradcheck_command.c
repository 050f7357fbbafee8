/* descent gradcheck: the gradient of every parameter against finite differences. */
#include <stdio.h>

#include "command.h"
#include "inputs.h"
#include "report.h"

static int run(const cli_options *options) {
    ds_recipe *recipe = NULL;
    ds_device *device = NULL;
    char *table = NULL;
    int exit_status = EXIT_DONE;
    ds_status status = inputs_run(&recipe, &device, options);
    if (status == DS_OK)
        status = ds_gradcheck(recipe, device, &table);
    if (table) /* also where a gradient is wrong */
        fputs(table, stdout);
    if (status != DS_OK)
        exit_status = report_error(status);
    ds_free(table);
    ds_device_close(device);
    ds_recipe_destroy(recipe);
    return exit_status;
}

const cli_command gradcheck_command = {
    .name = "gradcheck",
    .usage = "RECIPE.yaml [--set KEY=VALUE]... [--device NAME]",
    .summary = "the gradient of every parameter against finite differences",
    .about =
        "Judges the CPU reference by finite differences in double precision, and the device by\n"
        "the reference, on the first batch of a recipe. Exit status 1 where one is wrong.\n",
    .options = TAKES_SET | TAKES_DEVICE,
    .operand = {"RECIPE.yaml"},
    .least = 1,
    .run = run,
};
