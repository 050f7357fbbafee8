/* Runs the descent command as a person would, and keeps what it said. Include after
 * scratch_folder.h; works in the current folder. */
#ifndef DS_TEST_RUN_PROGRAM_H
#define DS_TEST_RUN_PROGRAM_H

#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/wait.h>

enum { MOST_WORDS = 24, MOST_OUTPUT = 1 << 16 };

typedef struct run_result {
    int exit_status;        /* 128 + number where a signal killed it */
    char out[MOST_OUTPUT];  /* standard output */
    char said[MOST_OUTPUT]; /* standard error */
} run_result;

extern char **environ;

/* Starts it with words separated by blanks ("train people.yaml --json"); a blank inside a word is
 * written '~'. Its output goes to these descriptors. */
static inline pid_t run_start(const char *words, int output, int errors) {
    char text[1024], *word[MOST_WORDS] = {DESCENT_PROGRAM}, *rest = text;
    int count = 1;
    snprintf(text, sizeof text, "%s", words);
    for (char *next = strtok_r(text, " ", &rest); next; next = strtok_r(NULL, " ", &rest)) {
        assert_true(count < MOST_WORDS - 1);
        word[count++] = next;
        for (char *c = next; *c; c++)
            *c = *c == '~' ? ' ' : *c;
    }
    posix_spawn_file_actions_t actions;
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
    pid_t child;
    assert_int_equal(posix_spawn(&child, DESCENT_PROGRAM, &actions, NULL, word, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    return child;
}

static inline int run_wait(pid_t child) {
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    return WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
}

/* All of an unnamed file, closed after. */
static inline void run_collect(FILE *file, char text[MOST_OUTPUT]) {
    rewind(file);
    size_t length = fread(text, 1, MOST_OUTPUT - 1, file);
    text[length] = '\0';
    assert_int_equal(fclose(file), 0);
}

static inline void run_descent(run_result *result, const char *words) {
    FILE *out = tmpfile(), *said = tmpfile();
    assert_true(out && said);
    result->exit_status = run_wait(run_start(words, fileno(out), fileno(said)));
    run_collect(out, result->out);
    run_collect(said, result->said);
}

static inline int run_count_lines(const char *text) {
    int lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* Fails with all that was said unless the run ended as it should. */
static inline void run_expect(const run_result *result, int exit_status) {
    if (result->exit_status != exit_status)
        fprintf(stderr, "%s%s", result->out, result->said); /* cmocka cuts long messages */
    assert_int_equal(result->exit_status, exit_status);
}

#endif
