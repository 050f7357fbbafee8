/* descent plot: a picture of a finished run. */
#include <stdio.h>

#include "command.h"
#include "report.h"

static void show_note(const char *note, void *context) {
    (void)context;
    report_line("note: %s", note);
}

static int run(const cli_options *options) {
    char *files = NULL;
    ds_status status =
        ds_plot(options->operand[0], options->operand[1], options->device, show_note, NULL, &files);
    if (status != DS_OK)
        return report_error(status);
    fputs(files, stdout);
    ds_free(files);
    return EXIT_DONE;
}

const cli_command plot_command = {
    .name = "plot",
    .usage = "DIR KIND [--device NAME]",
    .summary = "a picture of a finished run",
    .about =
        "Draws DIR/plots/KIND.svg and .png with gnuplot, beside the script and the data that\n"
        "they are drawn from. KIND is what a recipe's `plots` takes: loss, confusion, fit,\n"
        "probability, forecast, surface, activation, search, sweep, or one with options, as in\n"
        "'surface: {points: 61}' or 'activation: gelu'. Where DIR is of a sweep, loss, fit,\n"
        "probability and surface show all its runs in one picture; DIR/1 is its first run.\n",
    .options = TAKES_DEVICE,
    .operand = {"DIR", "KIND"},
    .least = 2,
    .run = run,
};
