/* The words after a command's name: operands and options. */
#ifndef DS_CLI_OPTIONS_H
#define DS_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Which options a command takes, beside --verbose and --help, which all of them do. */
enum {
    TAKES_SET = 1u << 0,
    TAKES_DEVICE = 1u << 1,
    TAKES_OUT = 1u << 2,
    TAKES_OUTPUT = 1u << 3,
    TAKES_CSV = 1u << 4, /* --data, --target, --layers */
    TAKES_RESUME = 1u << 5,
    TAKES_JSON = 1u << 6,
    TAKES_QUIET = 1u << 7,
    TAKES_SAMPLE = 1u << 8, /* --sample, --graph */
    TAKES_PLOT = 1u << 9,
    TAKES_GENERATE = 1u << 10, /* --seed, --rows, --from, --to */
    TAKES_EVERY = 1u << 11,
    TAKES_QUICK = 1u << 12,
    TAKES_CHOICE = 1u << 13, /* --choose-again */
    TAKES_CHECK = 1u << 14,  /* --check-every */
    TAKES_CASE = 1u << 15,   /* --case, --first and all else of doctor */
    TAKES_VERIFY = 1u << 16, /* --no-verify */
    TAKES_ALWAYS = 1u << 31
};

enum { MOST_OPERANDS = 2, MOST_TARGETS = 64 };

typedef struct cli_options {
    const char *operand[MOST_OPERANDS];
    int operands;
    char **set; /* every --set, in order */
    int sets;
    const char *device; /* "auto" unless given */
    const char *out;    /* "run" unless given */
    const char *output; /* NULL: standard output */
    const char *data, *layers;
    const char *target[MOST_TARGETS]; /* every --target, in order */
    int targets;
    const char *sample, *graph;          /* NULL: none */
    const char *every;                   /* NULL: no epochs are listed */
    const char *check_every;             /* NULL: no updates are checked */
    const char *only;                    /* --case; NULL: all cases */
    const char *seed, *rows, *from, *to; /* NULL unless given */
    const char *repeat, *against, *dump; /* NULL unless given */
    bool resume, json, junit, quiet, quick, first, plot, choose_again, no_verify, no_optimizer;
    bool verbose, help;
} cli_options;

struct cli_command;

/* Reads the words that follow the command's name. What --set gave is kept in `word` itself. False:
 * bad usage, already reported. */
bool options_parse(cli_options *options, const struct cli_command *command, char **word, int words);

/* A whole number that was given for an option, or `otherwise`. False: it is none, reported. */
bool options_count(const char *command, const char *option, const char *text, int64_t otherwise,
                   int64_t *out);

/* One line for each option that the command takes. */
void options_describe(const struct cli_command *command, FILE *to);

#endif
