/* descent generate: invented data sets, the same for the same seed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "output_file.h"
#include "report.h"

/* A whole number of an option, `otherwise` where it was not given. */
static bool read_count(const char *text, const char *option, int64_t otherwise, int64_t *out) {
    char *end = NULL;
    *out = otherwise;
    if (!text)
        return true;
    errno = 0;
    *out = strtoll(text, &end, 10);
    if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0)
        return true;
    report_usage("generate: --%s: expected a whole number, got \"%s\"", option, text);
    return false;
}

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
    if (!read_count(options->seed, "seed", 1, &seed) ||
        !read_count(options->rows, "rows", 0, &rows))
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
