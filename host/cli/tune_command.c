/* descent tune: the kernel parameters that are fastest on a device. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "interrupt.h"
#include "report.h"
#include "steps_line.h"
#include "time_text.h"

static const char *or_as_it_is(const char *parameters) {
    return *parameters ? parameters : "as it is";
}

static void print_row(const ds_tune_row *row, int width) {
    char usual[TIME_TEXT], best[TIME_TEXT], gain[32] = "-";
    if (isfinite(row->usual_seconds) && isfinite(row->best_seconds))
        snprintf(gain, sizeof gain, "%.2fx", row->usual_seconds / row->best_seconds);
    printf("%-8s %-7s %-13s %10s %10s %7s %6d %6d %7d  %-*s  %s\n", row->kernel, row->bucket,
           row->shape, time_text(usual, row->usual_seconds), time_text(best, row->best_seconds),
           gain, row->tried, row->wrong, row->failed, width, or_as_it_is(row->usual),
           or_as_it_is(row->best));
}

static void print_table(const ds_tune_table *table) {
    int width = 8;
    for (size_t i = 0; i < table->rows; i++)
        width = (int)strlen(table->row[i].usual) > width ? (int)strlen(table->row[i].usual) : width;
    printf("%-8s %-7s %-13s %10s %10s %7s %6s %6s %7s  %-*s  %s\n", "kernel", "bucket", "shape",
           "default", "best", "gain", "tried", "wrong", "failed", width, "default", "best");
    for (size_t i = 0; i < table->rows; i++)
        print_row(&table->row[i], width);
    printf("kept in %s\n", table->file);
}

static bool show_progress(void *context, const char *what) {
    steps_line_show(context, "trying %s", what);
    return interrupt_signal() == 0;
}

static int run(const cli_options *options) {
    ds_device *device = NULL;
    ds_tune_table table = {0};
    steps_line line;
    int exit_status = EXIT_DONE;
    steps_line_begin(&line, options->quiet);
    ds_bench_options how = {.progress = show_progress, .context = &line};
    interrupt_watch();
    ds_status status = ds_device_open(&device, options->device);
    if (status == DS_OK)
        status = ds_tune(device, &how, &table);
    steps_line_end(&line);
    if (status == DS_OK || status == DS_INTERRUPTED)
        print_table(&table);
    if (status == DS_INTERRUPTED) {
        report_line("ended by %s; what was found until then is kept", interrupt_name());
        exit_status = 128 + interrupt_signal();
    } else if (status != DS_OK) {
        exit_status = report_error(status);
    }
    ds_tune_clear(&table);
    ds_device_close(device);
    return exit_status;
}

const cli_command tune_command = {
    .name = "tune",
    .usage = "[--device NAME]",
    .summary = "finds, verifies and stores kernel parameters for a device",
    .about =
        "Tries other shapes of the kernels, each judged by the reference before it is timed, and\n"
        "keeps the fastest for every kind of work. Training then uses them. Takes a few minutes;\n"
        "Ctrl-C ends it and keeps what was found.\n",
    .options = TAKES_DEVICE | TAKES_QUIET,
    .run = run,
};
