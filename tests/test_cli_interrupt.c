/* Ctrl-C, SIGTERM and what a terminal shows meanwhile. A run is interrupted at its first live line
 * on a pseudo-terminal, and resumed; it must end as one that was never interrupted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "run_program.h"

#include "json_result.h"

#include <signal.h>
#include <sys/ioctl.h>

enum { COLUMNS = 40, MOST_EPOCHS = 1 << 22 };

static int epochs; /* enough for a run to show a live line before its end */
static const char *device = "reference";

/* Opens a pseudo-terminal of few columns: what the program gets, what we read. */
static int open_terminal(int *program_side) {
    struct winsize size = {.ws_row = 24, .ws_col = COLUMNS};
    int ours = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(ours >= 0 && grantpt(ours) == 0 && unlockpt(ours) == 0);
    *program_side = open(ptsname(ours), O_RDWR | O_NOCTTY);
    assert_true(*program_side >= 0);
    assert_int_equal(ioctl(*program_side, TIOCSWINSZ, &size), 0);
    return ours;
}

/* Reads what the program shows until it ends, sending it a signal (if not 0) at the first live
 * line. A run that was over before is not interrupted, which its exit status tells. */
static int watch(pid_t child, int terminal, int number, char shown[MOST_OUTPUT]) {
    size_t length = 0;
    ssize_t got; /* reading fails once the program has closed its side */
    while (length < MOST_OUTPUT - 1 &&
           (got = read(terminal, shown + length, MOST_OUTPUT - 1 - length)) > 0) {
        length += (size_t)got;
        shown[length] = '\0';
        if (number && strstr(shown, "\033[Kepoch")) {
            kill(child, number);
            number = 0;
        }
    }
    shown[length] = '\0';
    close(terminal);
    return run_wait(child);
}

static int run_on_terminal(const char *words, int number, char out[MOST_OUTPUT],
                           char shown[MOST_OUTPUT]) {
    int program_side, ours = open_terminal(&program_side);
    FILE *output = tmpfile();
    assert_non_null(output);
    pid_t child = run_start(words, fileno(output), program_side);
    close(program_side);
    int exit_status = watch(child, ours, number, shown);
    run_collect(output, out);
    return exit_status;
}

/* A line is drawn over the one before it, never longer than the terminal is wide, and cleared in
 * the end. */
static void check_live_line(const char *shown) {
    static const char clear[] = "\r\033[K";
    int drawn = 0;
    const char *at = strstr(shown, clear), *next;
    assert_non_null(at);
    for (; (next = strstr(at + 1, clear)) != NULL; at = next, drawn++)
        assert_in_range(next - at - (long)strlen(clear), 1, COLUMNS - 1);
    assert_true(drawn >= 1);
    at += strlen(clear);
    assert_true(*at == '\0' || strncmp(at, "descent: stopped", 16) == 0);
}

static void make_words(char words[256], const char *folder, const char *more) {
    snprintf(words, 256, "train line.yaml --device %s --set epochs=%d --out %s --json %s", device,
             epochs, folder, more);
}

/* Interrupts a run, doubling its length until it lives long enough to be caught. */
static int interrupt(const char *folder, int number, char out[MOST_OUTPUT],
                     char shown[MOST_OUTPUT]) {
    char words[256];
    for (;; epochs *= 2) {
        make_words(words, folder, "");
        int exit_status = run_on_terminal(words, number, out, shown);
        if (exit_status != 0 || epochs > MOST_EPOCHS)
            return exit_status;
    }
}

static void check_interruption(int number, int exit_status) {
    static char out[MOST_OUTPUT], shown[MOST_OUTPUT];
    static run_result whole, resumed;
    char words[256], hash[65];
    assert_int_equal(interrupt("broken", number, out, shown), exit_status);
    check_live_line(shown);
    assert_non_null(strstr(shown, "--resume"));
    assert_int_equal(access("broken/checkpoint.safetensors", R_OK), 0);
    cJSON *json = json_parse(out);
    assert_string_equal(json_text(json, "stopped_by"), "interrupt");
    assert_true(json_number(json, "epochs") < epochs);
    assert_non_null(strstr(json_text(json, "error"), "stopped by"));
    cJSON_Delete(json);

    make_words(words, "broken", "--resume");
    run_descent(&resumed, words);
    run_expect(&resumed, 0);
    make_words(words, "whole", "");
    run_descent(&whole, words);
    run_expect(&whole, 0);
    json = json_parse(resumed.out);
    snprintf(hash, sizeof hash, "%s", json_text(json, "weights_hash"));
    assert_int_equal(json_number(json, "epochs"), epochs);
    cJSON_Delete(json);
    json = json_parse(whole.out);
    assert_string_equal(json_text(json, "weights_hash"), hash);
    cJSON_Delete(json);
}

static void test_sigint(void **state) {
    (void)state;
    check_interruption(SIGINT, 130);
}

static void test_sigterm(void **state) {
    (void)state;
    check_interruption(SIGTERM, 143);
}

static bool has_device(void) {
    static run_result result;
    run_descent(&result, "devices --json");
    run_expect(&result, 0);
    cJSON *json = json_parse(result.out);
    int count = cJSON_GetArraySize(json);
    cJSON_Delete(json);
    return count > 0;
}

static void test_sigint_on_a_device(void **state) {
    (void)state;
    if (!has_device())
        fail_msg("no OpenCL device: install pocl-opencl-icd");
    device = "auto";
    check_interruption(SIGINT, 130);
    device = "reference";
}

static void test_the_live_line(void **state) {
    static char out[MOST_OUTPUT], shown[MOST_OUTPUT];
    char words[256];
    (void)state;
    make_words(words, "shown", "");
    assert_int_equal(run_on_terminal(words, 0, out, shown), 0);
    check_live_line(shown);
    cJSON_Delete(json_parse(out));
    make_words(words, "shown", "--quiet");
    assert_int_equal(run_on_terminal(words, 0, out, shown), 0);
    assert_string_equal(shown, "");
}

/* Where nobody watches, there is a line now and then and no escape sequence. */
static void test_plain_lines(void **state) {
    static run_result result;
    char words[256];
    (void)state;
    make_words(words, "plain", "");
    run_descent(&result, words);
    run_expect(&result, 0);
    assert_null(strchr(result.said, '\033'));
    cJSON *json = json_parse(result.out);
    assert_true(run_count_lines(result.said) <= 2 + (int)json_number(json, "seconds"));
    cJSON_Delete(json);
}

static int enter(void **state) {
    scratch_setup(state);
    epochs = 1000;
    scratch_write("line.csv", "x,y\n1,2\n2,4\n3,6\n");
    /* Momentum and shuffling, so that a resumed run has something to forget. */
    scratch_write("line.yaml", "data: {train: line.csv, target: y}\n"
                               "model: [{dense: 3}, tanh, {dense: 1}]\n"
                               "loss: mse\n"
                               "optimizer: {sgd: {rate: 1e-4, momentum: 0.9}}\n"
                               "batch: 1\n");
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sigint),
        cmocka_unit_test(test_sigterm),
        cmocka_unit_test(test_sigint_on_a_device),
        cmocka_unit_test(test_the_live_line),
        cmocka_unit_test(test_plain_lines),
    };
    return cmocka_run_group_tests(tests, enter, scratch_teardown);
}
