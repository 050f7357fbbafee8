#include "options.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "report.h"
#include "suggestion.h"

typedef enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_SETS, OPTION_TARGETS } option_kind;

typedef struct option_rule {
    const char *name;
    char letter;
    unsigned takes; /* the TAKES_... of a command that knows it */
    option_kind kind;
    size_t place; /* in cli_options */
    const char *value, *help;
} option_rule;

#define PLACE(field) offsetof(cli_options, field)

static const option_rule rules[] = {
    {"data", 0, TAKES_CSV, OPTION_TEXT, PLACE(data), "FILE.csv", "train on this table"},
    {"target", 0, TAKES_CSV, OPTION_TARGETS, 0, "COLUMN",
     "predict this column of it; several by commas, or given again"},
    {"layers", 0, TAKES_CSV, OPTION_TEXT, PLACE(layers), "\"16 relu\"", "with these layers"},
    {"set", 0, TAKES_SET, OPTION_SETS, 0, "KEY=VALUE", "change one value of the recipe"},
    {"device", 0, TAKES_DEVICE, OPTION_TEXT, PLACE(device), "NAME",
     "auto, an id such as 0:0, part of a name, plain or reference"},
    {"choose-again", 0, TAKES_CHOICE, OPTION_FLAG, PLACE(choose_again), "",
     "with auto: time the devices again"},
    {"out", 0, TAKES_OUT, OPTION_TEXT, PLACE(out), "DIR", "write the files there (default: run)"},
    {"output", 'o', TAKES_OUTPUT, OPTION_TEXT, PLACE(output), "FILE",
     "write there, whole or not at all"},
    {"sample", 0, TAKES_SAMPLE, OPTION_TEXT, PLACE(sample), "ROW",
     "tell this training row's way in numbers, from 1"},
    {"graph", 0, TAKES_SAMPLE, OPTION_TEXT, PLACE(graph), "FILE.dot",
     "write that way there instead, as a graph for Graphviz"},
    {"every", 0, TAKES_EVERY, OPTION_TEXT, PLACE(every), "N", "list the loss of every Nth epoch"},
    {"check-every", 0, TAKES_CHECK, OPTION_TEXT, PLACE(check_every), "N",
     "judge every Nth update by the reference"},
    {"resume", 0, TAKES_RESUME, OPTION_FLAG, PLACE(resume), "", "go on from DIR's checkpoint"},
    {"json", 0, TAKES_JSON, OPTION_FLAG, PLACE(json), "", "print the result as JSON"},
    {"plot", 0, TAKES_PLOT, OPTION_FLAG, PLACE(plot), "", "print the loss as a chart of text"},
    {"quiet", 0, TAKES_QUIET, OPTION_FLAG, PLACE(quiet), "", "no progress and no notes"},
    {"quick", 0, TAKES_QUICK, OPTION_FLAG, PLACE(quick), "", "little of everything: a first look"},
    {"no-verify", 0, TAKES_VERIFY, OPTION_FLAG, PLACE(no_verify), "",
     "use the device's kernels without judging them first"},
    {"case", 0, TAKES_CASE, OPTION_TEXT, PLACE(only), "NAME",
     "judge this case alone, or all whose names begin so, or match (*)"},
    {"first", 0, TAKES_CASE, OPTION_FLAG, PLACE(first), "", "stop at the first that is not right"},
    {"seed", 0, TAKES_CASE, OPTION_TEXT, PLACE(seed), "N",
     "put other numbers into memory (default: 0)"},
    {"repeat", 0, TAKES_CASE, OPTION_TEXT, PLACE(repeat), "N",
     "judge every case so often, each time by the next seed"},
    {"against", 0, TAKES_CASE, OPTION_TEXT, PLACE(against), "NAME",
     "run what is wrong on this device, too, and say whether it is right there"},
    {"no-optimizer", 0, TAKES_CASE, OPTION_FLAG, PLACE(no_optimizer), "",
     "build kernels with -cl-opt-disable"},
    {"dump", 0, TAKES_CASE, OPTION_TEXT, PLACE(dump), "CASE DIR",
     "write the case there, to be repeated without descent"},
    {"junit", 0, TAKES_CASE, OPTION_FLAG, PLACE(junit), "", "print the result as JUnit's XML"},
    {"seed", 0, TAKES_GENERATE, OPTION_TEXT, PLACE(seed), "N", "draw other numbers (default: 1)"},
    {"rows", 0, TAKES_GENERATE, OPTION_TEXT, PLACE(rows), "N", "make so many rows"},
    {"from", 0, TAKES_GENERATE, OPTION_TEXT, PLACE(from), "DATE", "the first day, 2017-01-01"},
    {"to", 0, TAKES_GENERATE, OPTION_TEXT, PLACE(to), "DATE", "the last day, 2021-12-31"},
    {"verbose", 0, TAKES_ALWAYS, OPTION_FLAG, PLACE(verbose), "", "with an error, the whole log"},
    {"help", 'h', TAKES_ALWAYS, OPTION_FLAG, PLACE(help), "", "print this"},
};

enum { RULES = sizeof rules / sizeof *rules };

static bool is_taken(const option_rule *rule, const cli_command *command) {
    return rule->takes & (command->options | TAKES_ALWAYS);
}

/* The rule of "--name", "--name=value" or "-n"; NULL: the command has no such option. */
static const option_rule *find_rule(const cli_command *command, const char *word) {
    size_t length = strcspn(word, "=");
    for (const option_rule *rule = rules; rule < rules + RULES; rule++) {
        if (!is_taken(rule, command))
            continue;
        bool named = word[1] == '-' && length - 2 == strlen(rule->name) &&
                     strncmp(word + 2, rule->name, length - 2) == 0;
        if (named || (word[1] != '-' && rule->letter && word[1] == rule->letter))
            return rule;
    }
    return NULL;
}

static bool unknown_option(const cli_command *command, const char *word) {
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    const option_rule *nearest = NULL;
    size_t least = 0;
    for (const option_rule *rule = rules; rule < rules + RULES; rule++) {
        size_t distance = suggestion_distance(name + strspn(name, "-"), rule->name);
        if (is_taken(rule, command) && suggestion_is_near(distance, rule->name) &&
            (!nearest || distance < least)) {
            nearest = rule;
            least = distance;
        }
    }
    if (nearest)
        report_usage("%s: no option %s; did you mean --%s?", command->name, name, nearest->name);
    else
        report_usage("%s: no option %s; see descent %s --help", command->name, name, command->name);
    return false;
}

/* What is being read. */
typedef struct reading {
    cli_options *options;
    const cli_command *command;
    const char *given[RULES]; /* the value of each option; NULL: it was not there yet */
} reading;

static bool store(reading *r, const option_rule *rule, char *value) {
    cli_options *options = r->options;
    char *place = (char *)options + rule->place;
    const char **given = &r->given[rule - rules];
    if (rule->kind == OPTION_TEXT && *given) {
        report_usage("%s: --%s is given twice, \"%s\" and \"%s\"; give it once", r->command->name,
                     rule->name, *given, value);
        return false;
    }
    if (rule->kind == OPTION_TARGETS && options->targets == MOST_TARGETS) {
        report_usage("%s: more than %d times --target; write --set 'data.target=[A, B, ...]'",
                     r->command->name, MOST_TARGETS);
        return false;
    }
    *given = value;
    if (rule->kind == OPTION_FLAG)
        *(bool *)(void *)place = true;
    else if (rule->kind == OPTION_TEXT)
        *(const char **)(void *)place = value;
    else if (rule->kind == OPTION_TARGETS)
        options->target[options->targets++] = value;
    else
        options->set[options->sets++] = value;
    return true;
}

/* Takes one option at word[*at] and, where it stands apart, its value. */
static bool take_option(reading *r, char **word, int words, int *at) {
    const cli_command *command = r->command;
    char *name = word[*at];
    const option_rule *rule = find_rule(command, name);
    if (!rule)
        return unknown_option(command, name);
    char *equals = name[1] == '-' ? strchr(name, '=') : NULL;
    char *value = equals ? equals + 1 : name[1] != '-' && name[2] ? name + 2 : NULL;
    if (rule->kind == OPTION_FLAG && value) {
        report_usage("%s: --%s takes no value, got \"%s\"", command->name, rule->name, value);
        return false;
    }
    if (rule->kind != OPTION_FLAG && !value) {
        if (*at + 1 == words) {
            report_usage("%s: --%s needs a value; write --%s %s", command->name, rule->name,
                         rule->name, rule->value);
            return false;
        }
        value = word[++*at];
    }
    return store(r, rule, value);
}

static bool take_operand(cli_options *options, const cli_command *command, const char *word) {
    int most = 0;
    while (most < MOST_OPERANDS && command->operand[most])
        most++;
    if (options->operands < most) {
        options->operand[options->operands++] = word;
        return true;
    }
    report_usage("%s: one argument too many, \"%s\"; see descent %s --help", command->name, word,
                 command->name);
    return false;
}

bool options_parse(cli_options *options, const cli_command *command, char **word, int words) {
    /* Every --set takes up at least one word, so the list of their values never overtakes the word
     * that is read. */
    *options = (cli_options){.set = word, .device = "auto", .out = "run"};
    reading r = {.options = options, .command = command};
    bool only_operands = false;
    for (int at = 0; at < words; at++) {
        bool option = !only_operands && word[at][0] == '-' && word[at][1];
        if (option && strcmp(word[at], "--") == 0)
            only_operands = true;
        else if (option ? !take_option(&r, word, words, &at)
                        : !take_operand(options, command, word[at]))
            return false;
    }
    if (!options->help && options->operands < command->least) {
        report_usage("%s: %s is missing; usage: descent %s %s", command->name,
                     command->operand[options->operands], command->name, command->usage);
        return false;
    }
    return true;
}

bool options_count(const char *command, const char *option, const char *text, int64_t otherwise,
                   int64_t *out) {
    char *end = NULL;
    *out = otherwise;
    if (!text)
        return true;
    errno = 0;
    *out = strtoll(text, &end, 10);
    if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0)
        return true;
    report_usage("%s: --%s: expected a whole number, got \"%s\"", command, option, text);
    return false;
}

void options_describe(const cli_command *command, FILE *to) {
    for (const option_rule *rule = rules; rule < rules + RULES; rule++) {
        if (!is_taken(rule, command))
            continue;
        char left[64];
        snprintf(left, sizeof left, "%s--%s %s", rule->letter == 'o' ? "-o, " : "", rule->name,
                 rule->value);
        fprintf(to, "  %-24s %s\n", left, rule->help);
    }
}
