/* descent generate: invented data sets, the same for the same seed. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "output_file.h"
#include "report.h"

static int list_kinds(void) {
    for (const ds_generated_kind *kind = ds_generated_kinds(); kind->name; kind++)
        printf("%-8s %s\n", kind->name, kind->about);
    return EXIT_DONE;
}

static int run(const cli_options *options) {
    int64_t seed, rows;
    char *csv = NULL;
    if (options->operands == 0)
        return list_kinds();
    if (!options_count("generate", "seed", options->seed, 1, &seed) ||
        !options_count("generate", "rows", options->rows, 0, &rows))
        return EXIT_BAD_INPUT;
    ds_generate_options how = {
        .seed = (uint64_t)seed, .rows = rows, .from = options->from, .to = options->to};
    ds_status status = ds_generate(options->operand[0], &how, &csv);
    int exit_status = EXIT_DONE;
    if (status != DS_OK)
        exit_status = report_error(status);
    else if (options->output && strcmp(options->output, "-") != 0)
        exit_status = output_file_write(options->output, csv);
    else
        fputs(csv, stdout);
    ds_free(csv);
    return exit_status;
}

const cli_command generate_command = {
    .name = "generate",
    .usage = "[KIND] [--seed N] [--rows N | --from DATE --to DATE] [-o FILE]",
    .summary = "an invented data set as CSV",
    .about = "KIND is one that `descent generate` alone lists. The same seed gives the same data.\n"
             "--from and --to are for kinds with a row for each day.\n",
    .options = TAKES_GENERATE | TAKES_OUTPUT,
    .operand = {"KIND"},
    .run = run,
};
