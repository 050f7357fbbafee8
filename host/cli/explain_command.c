/* descent explain: the plan of a recipe. */
#include <stdio.h>
#include <stdlib.h>

#include "choose_device.h"
#include "command.h"
#include "inputs.h"
#include "output_file.h"
#include "report.h"

static ds_status explain(const cli_options *options, const ds_recipe *recipe, ds_device *device,
                         int64_t row, char **text) {
    if (options->graph)
        return ds_explain_graph(recipe, device, row, text);
    return options->sample ? ds_explain_sample(recipe, device, row, text)
                           : ds_explain(recipe, device, text);
}

static int run(const cli_options *options) {
    ds_recipe *recipe = NULL;
    ds_device *device = NULL;
    char *text = NULL, *end = NULL;
    int exit_status = EXIT_DONE;
    int64_t row = options->sample ? strtoll(options->sample, &end, 10) : 0;
    if (end && (*end || end == options->sample))
        return report_usage("explain: --sample takes the number of a training row, not \"%s\"",
                            options->sample);
    if (options->graph && !options->sample)
        return report_usage("explain: --graph draws one training row; add --sample ROW");
    ds_status status = inputs_recipe(&recipe, options);
    if (status == DS_OK)
        status = choose_device_remembered(&device, recipe, options);
    if (status == DS_OK && ds_recipe_sweeps(recipe))
        report_line("note: explains the recipe without its sweep; --set makes it one of the runs");
    if (status == DS_OK)
        status = explain(options, recipe, device, row, &text);
    if (status != DS_OK)
        exit_status = report_error(status);
    else if (options->graph)
        exit_status = output_file_write(options->graph, text);
    else
        fputs(text, stdout);
    ds_free(text);
    ds_device_close(device);
    ds_recipe_destroy(recipe);
    return exit_status;
}

const cli_command explain_command = {
    .name = "explain",
    .usage = "RECIPE.yaml [--sample ROW [--graph FILE.dot]] [--set KEY=VALUE]... [--device NAME]",
    .summary = "the plan: ops, shapes, floating-point operations, bytes, kernels",
    .about =
        "Shows what a recipe becomes on a device, without training it. With --sample, for a small\n"
        "network: every weighted sum, activation and the loss of one training row, then every\n"
        "local derivative and gradient on the way back, beside the reference's; with --graph\n"
        "the same as a picture: dot -Tpng FILE.dot -o FILE.png draws it.\n",
    .options = TAKES_SET | TAKES_DEVICE | TAKES_SAMPLE,
    .operand = {"RECIPE.yaml"},
    .least = 1,
    .run = run,
};
