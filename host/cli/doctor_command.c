/* descent doctor: are the kernels right on a device? */
#include <stdio.h>
#include <unistd.h>

#include "command.h"
#include "doctor_output.h"
#include "interrupt.h"
#include "report.h"
#include "steps_line.h"

static bool show_progress(void *context, const char *what) {
    if (*what)
        steps_line_show(context, "judging %s", what);
    return interrupt_signal() == 0;
}

/* --dump CASE DIR is --case CASE --dump DIR. False: bad usage, reported. */
static bool read_options(ds_doctor_options *how, const cli_options *options) {
    int64_t seed, repeat;
    bool both = options->operands == 1;
    if (!options_count("doctor", "seed", options->seed, 0, &seed) ||
        !options_count("doctor", "repeat", options->repeat, 1, &repeat))
        return false;
    *how = (ds_doctor_options){.only = both ? options->dump : options->only,
                               .small = options->quick,
                               .first = options->first,
                               .progress = show_progress,
                               .helper = "/proc/self/exe",
                               .seed = (uint64_t)seed,
                               .repeat = (uint64_t)repeat,
                               .no_optimizer = options->no_optimizer,
                               .dump = both ? options->operand[0] : options->dump};
    if (both && (!options->dump || options->only))
        report_usage("doctor: one argument too many, \"%s\"; see descent doctor --help",
                     options->operand[0]);
    else if (how->dump && !how->only)
        report_usage("doctor: --dump writes one case; write --dump CASE DIR");
    else if (how->dump && repeat > 1)
        report_usage(
            "doctor: --dump writes one case, once; leave out --repeat, and name its --seed");
    else if (options->json && options->junit)
        report_usage("doctor: --json and --junit both print the result; leave one of them out");
    else if (repeat < 1)
        report_usage("doctor: --repeat takes a number from 1 on, not \"%s\"", options->repeat);
    else
        return true;
    return false;
}

static bool print(const ds_device *device, const ds_doctor_table *table,
                  const cli_options *options) {
    if (options->json)
        return doctor_output_json(device, table);
    if (options->junit)
        doctor_output_junit(device, table);
    else
        doctor_output_table(device, table);
    return true;
}

static int run(const cli_options *options) {
    ds_device *device = NULL;
    ds_doctor_options how;
    ds_doctor_table table = {0};
    steps_line line;
    int exit_status = EXIT_DONE;
    if (!read_options(&how, options))
        return EXIT_BAD_INPUT;
    steps_line_begin(&line, options->quiet);
    how.context = &line;
    interrupt_watch();
    ds_status status = ds_device_open(&device, options->device);
    if (status == DS_OK && options->against)
        status = ds_device_open(&how.against, options->against);
    if (status == DS_OK)
        status = ds_doctor(device, &how, &table);
    steps_line_end(&line);
    if (table.cases && !print(device, &table, options))
        exit_status = report_no_memory();
    if (table.cases && how.dump && access(how.dump, F_OK) == 0 && !options->quiet)
        report_line("note: %s/run.c repeats it without descent: cd %s && cc run.c -lOpenCL && "
                    "./a.out; it says more at its top",
                    how.dump, how.dump);
    if (status == DS_INTERRUPTED)
        exit_status = 128 + interrupt_signal();
    else if (status != DS_OK)
        exit_status = report_error(status);
    ds_doctor_clear(&table);
    ds_device_close(how.against);
    ds_device_close(device);
    return exit_status;
}

const cli_command doctor_command = {
    .name = "doctor",
    .usage = "[--device NAME] [--case NAME] [--first] [--quick] [--seed N] [--repeat N]\n"
             "       [--against NAME] [--no-optimizer] [--json | --junit] [--dump CASE DIR]",
    .summary = "judges every kernel on a device by the double-precision reference",
    .about =
        "Runs every kernel that the device could be given, over ragged shapes and extreme values,\n"
        "with outputs and the room around them filled before, and compares all memory with the\n"
        "reference and its error bounds. A kernel that is wrong ends it with status 1 and the "
        "words\n"
        "that repeat its first wrong case.\n"
        "--dump writes a case as a C program and its data, which repeat it without descent.\n",
    .options = TAKES_DEVICE | TAKES_JSON | TAKES_QUIET | TAKES_CASE | TAKES_QUICK,
    .operand = {"DIR"},
    .run = run,
};
