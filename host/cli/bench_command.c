/* descent bench: the speed of every kernel, as a share of the device's peak. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "interrupt.h"
#include "report.h"
#include "scores_output.h"
#include "steps_line.h"
#include "time_text.h"

/* ---- as a table ---- */

static void print_row(const ds_bench_row *row, int name_width, int shape_width) {
    char median[TIME_TEXT], least[TIME_TEXT], bytes[32] = "";
    if (row->bytes > 0)
        snprintf(bytes, sizeof bytes, "%.1f", 1e-9 * row->bytes / row->seconds);
    printf("%-*s  %-*s  %10s  %10s  %8.1f  %8s  %5.1f %% %s\n", name_width, row->name, shape_width,
           row->shape, time_text(median, row->seconds), time_text(least, row->least),
           1e-9 * row->operations / row->seconds, bytes, 100 * row->share,
           row->of_bytes ? "of bytes" : "of operations");
}

static void print_rows(const char *title, const ds_bench_row *row, size_t count) {
    int name_width = (int)strlen(title), shape_width = 5;
    for (size_t i = 0; i < count; i++) {
        int name = (int)strlen(row[i].name), shape = (int)strlen(row[i].shape);
        name_width = name > name_width ? name : name_width;
        shape_width = shape > shape_width ? shape : shape_width;
    }
    printf("\n%-*s  %-*s  %10s  %10s  %8s  %8s  %s\n", name_width, title, shape_width, "shape",
           "median", "least", "GFLOP/s", "GB/s", "share of the peak");
    for (size_t i = 0; i < count; i++)
        print_row(&row[i], name_width, shape_width);
}

static void print_table(const ds_device *device, const ds_bench_table *table) {
    printf("device  %s\n", ds_device_name(device));
    printf("peak    %.1f GFLOP/s of multiply-adds, %.1f GB/s of memory\n",
           1e-9 * table->peak_operations, 1e-9 * table->peak_bytes);
    print_rows("kernel", table->kernel, table->kernels);
    print_rows("training step", table->step, table->steps);
}

/* ---- as JSON ---- */

static bool add_row(cJSON *list, const ds_bench_row *row) {
    cJSON *object = cJSON_CreateObject();
    if (!object || !cJSON_AddItemToArray(list, object)) {
        cJSON_Delete(object);
        return false;
    }
    return cJSON_AddStringToObject(object, "name", row->name) &&
           cJSON_AddStringToObject(object, "shape", row->shape) &&
           cJSON_AddStringToObject(object, "kernels", row->kernels) &&
           scores_add_integer(object, "repetitions", row->repetitions) &&
           scores_add_number(object, "seconds", row->seconds, 6) &&
           scores_add_number(object, "least", row->least, 6) &&
           scores_add_number(object, "operations", row->operations, 9) &&
           scores_add_number(object, "bytes", row->bytes, 9) &&
           scores_add_number(object, "gflops", 1e-9 * row->operations / row->seconds, 6) &&
           scores_add_number(object, "gbytes", 1e-9 * row->bytes / row->seconds, 6) &&
           scores_add_number(object, "share", row->share, 6) &&
           cJSON_AddStringToObject(object, "of", row->of_bytes ? "bytes" : "operations");
}

static bool add_rows(cJSON *object, const char *name, const ds_bench_row *row, size_t count) {
    cJSON *list = cJSON_AddArrayToObject(object, name);
    bool made = list != NULL;
    for (size_t i = 0; made && i < count; i++)
        made = add_row(list, &row[i]);
    return made;
}

static bool print_json(const ds_device *device, const ds_bench_table *table) {
    cJSON *object = cJSON_CreateObject(), *peak = NULL;
    bool made = object && cJSON_AddStringToObject(object, "device", ds_device_name(device)) &&
                (peak = cJSON_AddObjectToObject(object, "peak")) &&
                scores_add_number(peak, "gflops", 1e-9 * table->peak_operations, 6) &&
                scores_add_number(peak, "gbytes", 1e-9 * table->peak_bytes, 6) &&
                add_rows(object, "kernels", table->kernel, table->kernels) &&
                add_rows(object, "steps", table->step, table->steps);
    if (made)
        return scores_print_json(object);
    cJSON_Delete(object);
    return false;
}

/* ---- the command ---- */

static bool show_progress(void *context, const char *what) {
    steps_line_show(context, "measuring %s", what);
    return interrupt_signal() == 0;
}

static int run(const cli_options *options) {
    ds_device *device = NULL;
    ds_bench_table table = {0};
    steps_line line;
    int exit_status = EXIT_DONE;
    steps_line_begin(&line, options->quiet);
    ds_bench_options how = {
        .seconds = options->quick ? 0.002 : 0, .progress = show_progress, .context = &line};
    interrupt_watch();
    ds_status status = ds_device_open(&device, options->device);
    if (status == DS_OK)
        status = ds_bench(device, &how, &table);
    steps_line_end(&line);
    if (status == DS_INTERRUPTED)
        exit_status = 128 + interrupt_signal();
    else if (status != DS_OK)
        exit_status = report_error(status);
    else if (!options->json)
        print_table(device, &table);
    else if (!print_json(device, &table))
        exit_status = report_no_memory();
    ds_bench_clear(&table);
    ds_device_close(device);
    return exit_status;
}

const cli_command bench_command = {
    .name = "bench",
    .usage = "[--device NAME] [--json] [--quick]",
    .summary = "speed of every kernel, as a share of the device's peak",
    .about =
        "Times every kernel by the device's own clock and whole training steps by the host's, and\n"
        "compares them with what the device does at most: multiply-adds in registers, and memory\n"
        "read and written, both measured in the same run. Dense products have the shapes\n"
        "samples x inputs x units of the networks that are trained at the end.\n",
    .options = TAKES_DEVICE | TAKES_JSON | TAKES_QUIET | TAKES_QUICK,
    .run = run,
};
