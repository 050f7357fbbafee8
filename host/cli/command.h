/* What a command is. Each has a file of its own, NAME_command.c; main.c lists them. */
#ifndef DS_CLI_COMMAND_H
#define DS_CLI_COMMAND_H

#include "options.h"

typedef struct cli_command {
    const char *name;
    const char *usage;   /* what follows the name */
    const char *summary; /* one line of `descent --help` */
    const char *about;   /* what `descent NAME --help` says between usage and options */
    unsigned options;    /* TAKES_... */
    const char *operand[MOST_OPERANDS];     /* their names, for messages */
    int least;                              /* how many of them must be there */
    int (*run)(const cli_options *options); /* returns the exit status */
} cli_command;

extern const cli_command train_command, predict_command, eval_command, info_command, plot_command,
    devices_command, explain_command, gradcheck_command, generate_command, bench_command,
    tune_command, doctor_command;

#endif
