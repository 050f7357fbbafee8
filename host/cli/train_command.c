/* descent train: trains a recipe, or a CSV file without one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "choose_device.h"
#include "command.h"
#include "inputs.h"
#include "interrupt.h"
#include "progress.h"
#include "report.h"
#include "sweep_summary.h"
#include "terminal.h"
#include "train_summary.h"

static bool show_progress(const ds_progress *progress, void *view) {
    progress_show(view, progress);
    return interrupt_signal() == 0;
}

static void show_note(const char *note, void *view) {
    progress_note(view, note);
}

static void show_epoch(const ds_epoch *epoch, void *view) {
    progress_epoch(view, epoch);
}

static bool is_number_above_0(const char *text) {
    return strpbrk(text, "123456789") && strspn(text, "0123456789") == strlen(text);
}

static int check_usage(const cli_options *options) {
    if (options->operands && (options->data || options->targets || options->layers))
        return report_usage(
            "train: a recipe and --data, --target or --layers; give one of the two");
    if (options->every && !is_number_above_0(options->every))
        return report_usage("train: --every takes a number of epochs from 1 on, not \"%s\"",
                            options->every);
    if (options->check_every && !is_number_above_0(options->check_every))
        return report_usage("train: --check-every takes a number of updates from 1 on, not \"%s\"",
                            options->check_every);
    if (options->operands)
        return EXIT_DONE;
    if (!options->data && !options->targets && !options->layers)
        return report_usage("train: RECIPE.yaml is missing; or --data, --target and --layers");
    if (!options->data || !options->targets || !options->layers)
        return report_usage("train: --%s is missing; a run without a recipe takes --data FILE.csv "
                            "--target COLUMN --layers \"16 relu\"",
                            !options->data      ? "data"
                            : !options->targets ? "target"
                                                : "layers");
    return EXIT_DONE;
}

/* A number that was given, or 0. */
static int64_t number(const char *text) {
    return text ? strtoll(text, NULL, 10) : 0;
}

/* One line that says why a run ended early. */
static void say_why(char *why, size_t size, ds_status status, const ds_result *result,
                    const cli_options *options) {
    if (status == DS_INTERRUPTED)
        snprintf(
            why, size,
            "stopped by %s after %lld epoch%s; --resume goes on from %s/checkpoint.safetensors",
            interrupt_name(), (long long)result->epochs, result->epochs == 1 ? "" : "s",
            options->out);
    else
        snprintf(why, size, "%s", ds_last_error()->message);
}

static int report_end(ds_status status, const train_summary *summary) {
    if (status != DS_INTERRUPTED)
        return report_error(status);
    report_line("%s", summary->error);
    return 128 + interrupt_signal();
}

/* The loss of the run, or of a sweep's runs, as a chart of text: behind the summary, or out of the
 * way of JSON. */
static int print_chart(const cli_options *options) {
    FILE *to = options->json ? stderr : stdout;
    char *text = NULL;
    ds_status status = ds_plot_text(options->out, terminal_width(to), &text);
    if (status != DS_OK)
        return report_error(status);
    fprintf(to, "%s%s", options->json ? "" : "\n", text);
    ds_free(text);
    return EXIT_DONE;
}

static int train(const cli_options *options, const ds_recipe *recipe, ds_device *device,
                 const ds_choice *choice) {
    progress_view view;
    ds_result result = {0};
    ds_model *model = NULL;
    char *made_recipe = NULL; /* as text, where there was none */
    char why[1024];
    int exit_status = EXIT_DONE;
    ds_train_options how = {.folder = options->out,
                            .resume = options->resume,
                            .check_every = number(options->check_every),
                            .progress = show_progress,
                            .epoch = show_epoch,
                            .note = show_note,
                            .context = &view};
    interrupt_watch();
    progress_begin(&view, options->quiet, number(options->every));
    ds_status status = ds_train(recipe, device, &how, &result, &model);
    progress_end(&view);
    bool early = model && (status == DS_INTERRUPTED || status == DS_DIVERGED ||
                           status == DS_WRONG_RESULT); /* else it had not begun */
    if (options->data && (status == DS_OK || early)) {
        ds_status printed = ds_recipe_print(recipe, &made_recipe);
        status = status == DS_OK ? printed : status;
    }
    train_summary summary = {&result, device, choice, model, made_recipe, options->out, NULL};
    if (early) {
        say_why(why, sizeof why, status, &result, options);
        summary.error = why;
    }
    if (status != DS_OK)
        exit_status = report_end(status, &summary);
    if (status != DS_OK && !early)
        return exit_status;
    if (!options->json)
        train_summary_print(&summary);
    else if (!train_summary_print_json(&summary))
        exit_status = report_no_memory();
    if (options->plot && (status == DS_OK || status == DS_DIVERGED)) {
        int charted = print_chart(options);
        exit_status = exit_status == EXIT_DONE ? charted : exit_status;
    }
    ds_free(made_recipe);
    ds_result_clear(&result);
    ds_model_destroy(model);
    return exit_status;
}

/* A recipe's `sweep`: a table of all runs. */
static int sweep(const cli_options *options, const ds_recipe *recipe, ds_device *device,
                 const ds_choice *choice) {
    progress_view view;
    ds_sweep_table table = {0};
    ds_train_options how = {.folder = options->out,
                            .resume = options->resume,
                            .check_every = number(options->check_every),
                            .progress = show_progress,
                            .epoch = show_epoch,
                            .note = show_note,
                            .context = &view};
    int exit_status = EXIT_DONE;
    interrupt_watch();
    progress_begin(&view, options->quiet, number(options->every));
    ds_status status = ds_sweep(recipe, device, &how, &table);
    progress_end(&view);
    if (status == DS_INTERRUPTED) {
        report_line("stopped by %s after %zu run%s; --resume goes on", interrupt_name(), table.runs,
                    table.runs == 1 ? "" : "s");
        exit_status = 128 + interrupt_signal();
    } else if (status != DS_OK) {
        return report_error(status);
    }
    if (!options->json)
        sweep_summary_print(&table, device, options->out);
    else if (!sweep_summary_print_json(&table, device, choice))
        exit_status = report_no_memory();
    if (options->plot && status == DS_OK) {
        int charted = print_chart(options);
        exit_status = exit_status == EXIT_DONE ? charted : exit_status;
    }
    ds_sweep_clear(&table);
    return exit_status;
}

static int run(const cli_options *options) {
    ds_recipe *recipe = NULL;
    ds_device *device = NULL;
    ds_choice choice = {0};
    int exit_status = check_usage(options);
    if (exit_status != EXIT_DONE)
        return exit_status;
    ds_status status = inputs_recipe(&recipe, options);
    if (status == DS_OK)
        status = choose_device(&device, recipe, options, &choice);
    if (status == DS_OK)
        inputs_verify(device, options);
    if (status != DS_OK)
        exit_status = report_error(status);
    else if (ds_recipe_sweeps(recipe))
        exit_status = sweep(options, recipe, device, &choice);
    else
        exit_status = train(options, recipe, device, &choice);
    fflush(stdout);
    interrupt_obey(); /* a device that is closed may take a while to store what it built */
    ds_device_close(device);
    ds_choice_clear(&choice);
    ds_recipe_destroy(recipe);
    return exit_status;
}

const cli_command train_command = {
    .name = "train",
    .usage = "RECIPE.yaml | --data FILE.csv --target COLUMN --layers \"16 relu 8 relu\"\n"
             "       [--set KEY=VALUE]... [--device NAME] [--choose-again] [--out DIR] [--resume] "
             "[--plot] [--json] [--quiet] [--every N] [--check-every N] "
             "[--no-verify]",
    .summary = "trains a recipe, or a CSV file without one",
    .about =
        "Writes DIR/model.safetensors, DIR/history.csv, DIR/checkpoint.safetensors, and DIR/plots\n"
        "where the recipe asks for pictures.\n"
        "Without a recipe the last layer and the loss follow from the target: a number gets one\n"
        "output and mse, classes get an output each and cross_entropy; the recipe is printed.\n"
        "Every --set counts before the table is read: --set loss=cross_entropy makes classes of\n"
        "whole numbers. - in place of a file is standard input, which is read once.\n"
        "--set takes a dotted path and a YAML value: --set optimizer.adam.rate=0.01; a key with\n"
        "dots in it stands in quotes: --set 'init.values.\"0.weight\"=1'; --set stop=none takes a\n"
        "key back, --set data.exclude+=id adds to a list. A path is relative to the current "
        "folder.\n"
        "Of several devices the fastest is taken: their updates of this network are timed, once,\n"
        "and the choice is remembered.\n"
        "The device's kernels are judged before a network first uses them there; wrong ones are "
        "kept\n"
        "out of use. --no-verify skips that.\n"
        "--check-every does all of an update's arithmetic again in double and stops at the first\n"
        "result of the device that is wrong; it changes no bit of a run.\n",
    .options = TAKES_CSV | TAKES_SET | TAKES_DEVICE | TAKES_OUT | TAKES_RESUME | TAKES_PLOT |
               TAKES_JSON | TAKES_QUIET | TAKES_EVERY | TAKES_CHOICE | TAKES_CHECK | TAKES_VERIFY,
    .operand = {"RECIPE.yaml"},
    .run = run,
};
