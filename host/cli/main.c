/* descent: the command. Finds the command that the first word names and runs it. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "report.h"
#include "suggestion.h"

static const cli_command *const commands[] = {
    &train_command,    &predict_command, &eval_command,    &info_command,
    &plot_command,     &devices_command, &explain_command, &gradcheck_command,
    &generate_command, &bench_command,   &tune_command,    &doctor_command,
};

enum { COMMANDS = sizeof commands / sizeof *commands };

static int print_help(void) {
    printf("descent %s: trains neural networks by gradient descent on any OpenCL device\n\n"
           "usage: descent COMMAND ...\n\n",
           ds_version());
    for (int i = 0; i < COMMANDS; i++)
        printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
    printf("\n  descent COMMAND --help says more; man descent says all of it.\n"
           "  Exit status: 0 done, 1 the run failed, 2 bad usage or bad input.\n");
    return EXIT_DONE;
}

static int print_command_help(const cli_command *command) {
    printf("usage: descent %s %s\n\n%s\n", command->name, command->usage, command->about);
    options_describe(command, stdout);
    return EXIT_DONE;
}

static int unknown_command(const char *word) {
    const char *nearest = NULL;
    size_t least = 0;
    for (int i = 0; i < COMMANDS; i++) {
        size_t distance = suggestion_distance(word, commands[i]->name);
        if (suggestion_is_near(distance, commands[i]->name) && (!nearest || distance < least)) {
            nearest = commands[i]->name;
            least = distance;
        }
    }
    if (nearest)
        return report_usage("no command \"%s\"; did you mean %s?", word, nearest);
    return report_usage("no command \"%s\"; see descent --help", word);
}

static int run_command(const cli_command *command, char **word, int words) {
    cli_options options;
    if (!options_parse(&options, command, word, words))
        return EXIT_BAD_INPUT;
    if (options.help)
        return print_command_help(command);
    report_verbosely(options.verbose);
    return command->run(&options);
}

static int dispatch(int words, char **word) {
    if (words < 2)
        return report_usage("which command? see descent --help");
    if (strcmp(word[1], "--help") == 0 || strcmp(word[1], "-h") == 0)
        return print_help();
    if (strcmp(word[1], "--version") == 0) {
        printf("descent %s\n", ds_version());
        return EXIT_DONE;
    }
    if (strcmp(word[1], DS_DOCTOR_HELPER) == 0) { /* by the doctor, not by people */
        ds_doctor_help();
        return EXIT_DONE;
    }
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(word[1], commands[i]->name) == 0)
            return run_command(commands[i], word + 2, words - 2);
    return unknown_command(word[1]);
}

/* A standard stream that was closed is opened in the wrong direction: using it then fails, instead
 * of ending up in the model file that got its number. */
static void guard_standard_streams(void) {
    if (fcntl(STDIN_FILENO, F_GETFD) < 0)
        (void)open("/dev/null", O_WRONLY);
    if (fcntl(STDOUT_FILENO, F_GETFD) < 0)
        (void)open("/dev/null", O_RDONLY);
    if (fcntl(STDERR_FILENO, F_GETFD) < 0)
        (void)open("/dev/null", O_WRONLY);
}

int main(int argc, char **argv) {
    guard_standard_streams();
    /* A closed pipe does not end a run before its files are written, and a file grown too large is
     * an error with a message. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return report_output(dispatch(argc, argv));
}
