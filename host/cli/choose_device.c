#include "choose_device.h"

#include <stdio.h>
#include <string.h>

#include "interrupt.h"
#include "report.h"
#include "scores_output.h"
#include "steps_line.h"
#include "time_text.h"

static bool show_progress(void *context, const char *what) {
    steps_line_show(context, "choosing a device: %s", what);
    return interrupt_signal() == 0;
}

/* ---- for a person ---- */

static double times_slower(const ds_choice *choice, const ds_choice_row *row) {
    return row->seconds / choice->row[choice->chosen].seconds;
}

static const char *const bases[] = {"", "at least ", "about "};

/* "1.31 times slower", "at least 38 times slower". */
static void print_slower(char text[64], const ds_choice *choice, const ds_choice_row *row) {
    double times = times_slower(choice, row);
    snprintf(text, 64, "%s%.*f times slower", bases[row->basis], times < 10 ? 2 : 0, times);
}

static void print_row(const ds_choice *choice, const ds_choice_row *row, int width) {
    char time[TIME_TEXT], slower[64];
    fprintf(stderr, "%-5s  %-*s  ", row->device.id, width, row->device.name);
    if (row->verdict == DS_VERDICT_FAILED) {
        fprintf(stderr, "%10s  %10s  failed: %s\n", "-", "-", row->problem);
        return;
    }
    print_slower(slower, choice, row);
    fprintf(stderr, "%10s  %10.3g  %s\n", time_text(time, row->seconds), row->samples_per_second,
            row->verdict == DS_VERDICT_CHOSEN ? "chosen" : slower);
}

/* Whoever has a GPU expects it to be faster. */
static void print_slow_gpu(const ds_choice *choice) {
    const ds_choice_row *gpu = NULL, *chosen = &choice->row[choice->chosen];
    char slower[64];
    for (const ds_choice_row *row = choice->row; row < choice->row + choice->rows; row++)
        if (strcmp(row->device.type, "gpu") == 0 && row->verdict == DS_VERDICT_SLOWER &&
            (!gpu || row->seconds < gpu->seconds))
            gpu = row;
    if (!gpu || strcmp(chosen->device.type, "cpu") != 0)
        return;
    print_slower(slower, choice, gpu);
    report_line("note: for this network the GPU \"%s\" is %s than the CPU; a larger network or "
                "batch may turn that round",
                gpu->device.name, slower);
}

static void print_table(const ds_choice *choice) {
    int width = 6;
    for (size_t i = 0; i < choice->rows; i++)
        if ((int)strlen(choice->row[i].device.name) > width)
            width = (int)strlen(choice->row[i].device.name);
    fprintf(stderr, "%-5s  %-*s  %10s  %10s  %s\n", "", width, "device", "an update", "samples/s",
            "for this network");
    for (size_t i = 0; i < choice->rows; i++)
        print_row(choice, &choice->row[i], width);
    print_slow_gpu(choice);
}

static void print_choice(const ds_choice *choice) {
    const ds_device_info *about = &choice->row[choice->chosen].device;
    if (choice->remembered)
        report_line("%s \"%s\" was the fastest of %zu devices for this network, as remembered; "
                    "--choose-again times them anew",
                    about->id, about->name, choice->rows);
    else
        print_table(choice);
}

ds_status choose_device(ds_device **device, const ds_recipe *recipe, const cli_options *options,
                        ds_choice *choice) {
    steps_line line;
    if (strcmp(options->device, "auto") != 0)
        return ds_device_open(device, options->device);
    interrupt_watch();
    steps_line_begin(&line, options->quiet);
    ds_choose_options how = {.again = options->choose_again,
                             .unverified = options->no_verify,
                             .progress = show_progress,
                             .context = &line};
    ds_status status = ds_device_choose(device, recipe, &how, choice);
    steps_line_end(&line);
    if (status == DS_OK && choice->rows && !options->quiet)
        print_choice(choice);
    return status;
}

ds_status choose_device_remembered(ds_device **device, const ds_recipe *recipe,
                                   const cli_options *options) {
    ds_choose_options how = {.only_remembered = true};
    ds_choice choice = {0};
    if (strcmp(options->device, "auto") != 0)
        return ds_device_open(device, options->device);
    ds_status status = ds_device_choose(device, recipe, &how, &choice);
    if (status == DS_OK && choice.remembered)
        report_line("note: on the device that training takes, the fastest of %zu for this network, "
                    "as remembered",
                    choice.rows);
    ds_choice_clear(&choice);
    return status;
}

/* ---- for a program ---- */

static bool add_row(cJSON *list, const ds_choice *choice, const ds_choice_row *row) {
    static const char *const verdicts[] = {"chosen", "slower", "failed"};
    static const char *const words[] = {"timed", "least", "peak"};
    cJSON *json = cJSON_CreateObject();
    if (!json || !cJSON_AddItemToArray(list, json)) {
        cJSON_Delete(json);
        return false;
    }
    bool good = cJSON_AddStringToObject(json, "id", row->device.id) &&
                cJSON_AddStringToObject(json, "name", row->device.name) &&
                cJSON_AddStringToObject(json, "type", row->device.type) &&
                cJSON_AddStringToObject(json, "verdict", verdicts[row->verdict]) &&
                cJSON_AddBoolToObject(json, "remembered", choice->remembered);
    if (row->verdict == DS_VERDICT_FAILED)
        return good && cJSON_AddStringToObject(json, "problem", row->problem);
    return good && scores_add_number(json, "seconds_per_update", row->seconds, 9) &&
           scores_add_number(json, "samples_per_second", row->samples_per_second, 9) &&
           scores_add_number(json, "times_slower", times_slower(choice, row), 9) &&
           cJSON_AddStringToObject(json, "basis", words[row->basis]);
}

bool choose_device_fill(cJSON *json, const ds_choice *choice) {
    if (choice->rows == 0)
        return true;
    cJSON *list = cJSON_AddArrayToObject(json, "devices");
    bool good = list != NULL;
    for (size_t i = 0; good && i < choice->rows; i++)
        good = add_row(list, choice, &choice->row[i]);
    return good;
}
