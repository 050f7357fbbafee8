/* What the command says to a mistake: one line on standard error with the place and the way out,
 * the right exit status, nothing on standard output, and no file left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "run_program.h"

#include <sys/resource.h>

typedef struct mistake {
    const char *words; /* of the command line */
    int exit_status;
    const char *said[4]; /* each must be in the message */
} mistake;

static const char good_csv[] = "weight,height,gender\n133,65,F\n160,72,M\n152,70,M\n120,60,F\n";
static const char good_recipe[] = "data: {train: people.csv, target: gender}\n"
                                  "model: [{dense: 4}, relu, {dense: 2}]\n"
                                  "loss: cross_entropy\n"
                                  "optimizer: {sgd: {rate: 0.1}}\n"
                                  "epochs: 2\n";

/* Where the test has "people.yaml" the recipe is good and only its surroundings are not. */
static void write_inputs(void) {
    scratch_write("people.csv", good_csv);
    scratch_write("people.yaml", good_recipe);
    scratch_write("numbers.yaml", "data: {train: numbers.csv, target: y}\nmodel: [{dense: 1}]\n"
                                  "loss: mse\noptimizer: {sgd: {rate: 0.1}}\n");
    scratch_write("numbers.csv", "x,y\n1,2\n2,4\n");
    scratch_write("unknown_key.yaml", "data: {train: people.csv, target: gender}\n"
                                      "model: [{dense: 2}]\nloss: cross_entropy\n"
                                      "optimiser: {sgd: {rate: 0.1}}\n");
    scratch_write("broken.yaml", "data: {train: people.csv, target: gender\nmodel:\n");
    scratch_write("empty.csv", "");
    scratch_write("header.csv", "weight,height,gender\n");
    scratch_write("ragged.csv", "weight,height,gender\n133,65,F\n160,72\n152,70,M\n");
    scratch_write("text.csv", "x,y\n1,2\n2,abc\n");
    scratch_write("nan.csv", "x,y\n1,2\nnan,4\n");
    scratch_write("infinite.csv", "x,y\n1,2\ninf,4\n");
    scratch_write("three.csv", "x,y\n1,2\n2,0\n3,1\n");
    scratch_write("not_a_model.safetensors", "hello");
}

static const mistake mistakes[] = {
    /* usage */
    {"", 2, {"--help"}},
    {"tran people.yaml", 2, {"\"tran\"", "did you mean train"}},
    {"train", 2, {"RECIPE.yaml", "missing"}},
    {"train people.yaml --ecpohs=3", 2, {"--ecpohs", "--help"}},
    {"train people.yaml --devcie reference", 2, {"--devcie", "did you mean --device"}},
    {"train people.yaml --device", 2, {"--device", "needs a value"}},
    {"train people.yaml --json=yes", 2, {"--json", "no value"}},
    {"train people.yaml more.yaml", 2, {"more.yaml", "--help"}},
    {"train --data people.csv --target gender", 2, {"--layers", "missing"}},
    {"train people.yaml --data people.csv", 2, {"--data", "one of the two"}},
    {"predict run", 2, {"DATA", "usage"}},
    {"explain people.yaml -o x", 2, {"-o", "--help"}},
    /* recipes */
    {"train absent.yaml", 2, {"absent.yaml", "No such file"}},
    {"train .", 2, {".", "folder"}},
    {"train unknown_key.yaml", 2, {"unknown_key.yaml:4:1", "optimiser", "optimizer"}},
    {"train broken.yaml", 2, {"broken.yaml:"}},
    {"train people.yaml --set epohcs=3", 2, {"epohcs", "epochs"}},
    {"train people.yaml --set epochs=many", 2, {"epochs", "many"}},
    {"train people.yaml --set batch=0", 2, {"batch"}},
    {"train people.yaml --set optimizer.sgd.rate=fast", 2, {"rate", "fast"}},
    {"train people.yaml --set loss=msee", 2, {"msee", "mse"}},
    {"train people.yaml --set nonsense", 2, {"nonsense", "KEY=VALUE"}},
    {"train people.yaml --set model=[{dense:~4},~rellu,~{dense:~2}]", 2, {"rellu", "relu"}},
    {"train people.yaml --set data.target=sex", 2, {"\"sex\"", "people.csv"}},
    /* data */
    {"train people.yaml --set data.train=absent.csv", 2, {"absent.csv", "No such file"}},
    {"train people.yaml --set data.train=empty.csv", 2, {"empty.csv", "empty"}},
    {"train people.yaml --set data.train=header.csv", 2, {"header.csv", "no row"}},
    {"train people.yaml --set data.train=ragged.csv", 2, {"ragged.csv:3", "expected 3", "got 2"}},
    {"train numbers.yaml --set data.train=text.csv",
     2,
     {"text.csv:3:2", "number", "\"abc\"", "\"y\""}},
    {"train numbers.yaml --set data.train=nan.csv", 2, {"nan.csv:3:1", "nan", "\"x\""}},
    {"train numbers.yaml --set data.train=infinite.csv", 2, {"infinite.csv:3:1", "inf", "\"x\""}},
    /* shapes and classes */
    {"train numbers.yaml --set data={train:~three.csv,target:~y} --set loss=binary_cross_entropy",
     2,
     {"three.csv:2:2", "\"y\""}},
    {"train people.yaml --set model=[{dense:~3}]", 2, {"3", "2"}},
    {"train numbers.yaml --set model=[{dense:~2}]",
     2,
     {"2 values", "1 column;", "--set model.0.dense.units=1"}},
    {"train numbers.yaml --set model=[{dense:~0},{dense:~1}]", 2, {"leave the layer out"}},
    {"train --data people.csv --target gender --layers -3~relu", 2, {"-3", "from 1"}},
    {"train people.yaml --set init.values.0.weight=1", 2, {"'init.values.\"0.weight\"=1'"}},
    {"train people.yaml --set init.values.\"0.wieght\"=1", 2, {"did you mean \"0.weight\""}},
    /* devices */
    {"train people.yaml --device nonesuch", 1, {"nonesuch"}},
    {"train people.yaml --device 99:0", 1, {"99:0"}},
    /* output */
    {"train people.yaml --device reference --out people.csv/run", 1, {"people.csv"}},
    {"train people.yaml --device reference --out people.csv", 1, {"people.csv"}},
    {"train people.yaml --device reference --resume", 2, {"checkpoint"}},
    /* models */
    {"info absent", 2, {"absent"}},
    {"info not_a_model.safetensors", 2, {"not_a_model.safetensors"}},
    {"predict people.csv people.csv", 2, {"people.csv"}},
    /* pictures */
    {"train people.yaml --set plots=[loss,confusoin]", 2, {"\"confusoin\"", "\"confusion\""}},
    {"train people.yaml --set plots=[fit]", 2, {"\"fit\" needs a number"}},
    {"plot run", 2, {"KIND", "missing"}},
    {"plot absent loss", 2, {"absent/history.csv", "No such file"}},
    {"plot absent surface", 2, {"absent/checkpoint.safetensors", "No such file"}},
    {"plot absent lost", 2, {"\"lost\"", "\"loss\""}},
};

/* The names in the current folder, sorted, so that two states of it can be compared. */
static void list_folder(char text[MOST_OUTPUT]) {
    FILE *listing = popen("ls -AR", "r");
    assert_non_null(listing);
    text[fread(text, 1, MOST_OUTPUT - 1, listing)] = '\0';
    assert_int_equal(pclose(listing), 0);
}

static void check(const mistake *made) {
    static run_result result;
    static char before[MOST_OUTPUT], after[MOST_OUTPUT];
    list_folder(before);
    run_descent(&result, made->words);
    list_folder(after);
    print_message("descent %s\n  %s", made->words, result.said);
    run_expect(&result, made->exit_status);
    assert_int_equal(run_count_lines(result.said), 1);
    assert_int_equal(strncmp(result.said, "descent: ", 9), 0);
    for (int i = 0; i < 4 && made->said[i]; i++)
        if (!strstr(result.said, made->said[i]))
            fail_msg("the message lacks %s", made->said[i]);
    assert_string_equal(result.out, "");
    assert_string_equal(after, before);
}

static void test_every_mistake_is_named(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
        check(&mistakes[i]);
}

/* What a model trained on people.csv says to other data. */
static void test_data_that_does_not_fit_the_model(void **state) {
    static run_result result;
    static const mistake unfit[] = {
        {"predict run absent.csv", 2, {"absent.csv", "No such file"}},
        {"predict run numbers.csv", 2, {"numbers.csv", "\"weight\""}},
        {"predict run people.csv -o absent/p.csv", 1, {"absent/p.csv", "another file"}},
        {"predict run people.csv -o run", 1, {"run", "another file"}},
        {"eval run unlabelled.csv", 2, {"unlabelled.csv", "\"gender\""}},
        {"eval run other_class.csv", 2, {"other_class.csv:2:3", "\"X\""}},
        {"eval run words.csv", 2, {"words.csv:2:1", "\"heavy\""}},
    };
    (void)state;
    run_descent(&result, "train people.yaml --device reference --quiet");
    run_expect(&result, 0);
    scratch_write("unlabelled.csv", "weight,height\n133,65\n");
    scratch_write("other_class.csv", "weight,height,gender\n133,65,X\n");
    scratch_write("words.csv", "weight,height,gender\nheavy,65,F\n");
    for (size_t i = 0; i < sizeof unfit / sizeof *unfit; i++)
        check(&unfit[i]);
}

static void test_no_opencl_device(void **state) {
    static run_result result;
    static const mistake missing = {
        "train people.yaml", 1, {"no OpenCL", "--device plain or reference"}};
    (void)state;
    assert_int_equal(mkdir("no_vendors", 0777), 0);
    const char *set = getenv("OCL_ICD_VENDORS");
    char *before = set ? strdup(set) : NULL;
    assert_int_equal(setenv("OCL_ICD_VENDORS", "no_vendors", 1), 0);
    check(&missing);
    run_descent(&result, "devices --json");
    run_expect(&result, 0);
    assert_string_equal(result.out, "[]\n");
    run_descent(&result, "train people.yaml --device reference --quiet");
    run_expect(&result, 0);
    assert_int_equal(before ? setenv("OCL_ICD_VENDORS", before, 1) : unsetenv("OCL_ICD_VENDORS"),
                     0);
    free(before);
}

/* The whole build log is there for who asks for it. */
static void test_a_kernel_that_does_not_build(void **state) {
    static run_result result;
    (void)state;
    run_descent(&result, "devices --json");
    if (strcmp(result.out, "[]\n") == 0)
        fail_msg("no OpenCL device: install pocl-opencl-icd");
    scratch_write("kernels/activations.cl", "kernel void broken(\n");
    assert_int_equal(setenv("DESCENT_KERNEL_DIR", "kernels", 1), 0);
    run_descent(&result, "train people.yaml --out unbuilt");
    run_expect(&result, 1);
    const char *line = strstr(result.said, "descent: ");
    assert_non_null(line); /* the driver may have printed before it */
    assert_int_equal(run_count_lines(line), 1);
    assert_non_null(strstr(line, "--verbose"));
    run_descent(&result, "train people.yaml --out unbuilt --verbose");
    run_expect(&result, 1);
    assert_true(run_count_lines(strstr(result.said, "descent: ")) > 1);
    assert_int_equal(access("unbuilt", F_OK), -1);
    assert_int_equal(unsetenv("DESCENT_KERNEL_DIR"), 0);
}

static void test_a_full_or_closed_output_is_an_error(void **state) {
    static char said[MOST_OUTPUT];
    static const char *const words[] = {"--help", "--version", "train --help", "devices --json"};
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        int full = open("/dev/full", O_WRONLY);
        FILE *errors = tmpfile();
        assert_true(full >= 0 && errors);
        int exit_status = run_wait(run_start(words[i], full, fileno(errors)));
        run_collect(errors, said);
        close(full);
        assert_int_equal(exit_status, 1);
        assert_non_null(strstr(said, "standard output: No space left on device"));
    }
}

/* The reader takes `bytes` of what is written to it, and closes its end. */
static int run_into_closed_pipe(const char *words, int bytes, char said[MOST_OUTPUT]) {
    int end[2];
    char byte;
    FILE *errors = tmpfile();
    assert_non_null(errors);
    assert_int_equal(pipe(end), 0);
    assert_int_equal(fcntl(end[0], F_SETFD, FD_CLOEXEC), 0); /* the program has no end to read */
    if (bytes == 0)
        close(end[0]);
    pid_t child = run_start(words, end[1], fileno(errors));
    close(end[1]);
    for (int i = 0; i < bytes; i++)
        assert_int_equal(read(end[0], &byte, 1), 1);
    if (bytes)
        close(end[0]);
    int exit_status = run_wait(child);
    run_collect(errors, said);
    return exit_status;
}

/* As `descent ... | head -1`: nothing is said, and the files of a run are there. Beyond what a pipe
 * holds the output fails while it is written, not when the program ends. */
static void test_a_closed_pipe_ends_quietly(void **state) {
    static const struct {
        const char *words;
        int bytes;
    } cases[] = {{"--help", 0},
                 {"--version", 0},
                 {"train --help", 0},
                 {"devices", 0},
                 {"train people.yaml --quiet --json --out piped", 0},
                 {"info piped", 0},
                 {"predict piped rows.csv", 1},
                 {"predict piped rows.csv -o /dev/stdout", 1}};
    static char said[MOST_OUTPUT];
    (void)state;
    FILE *rows = fopen("rows.csv", "w");
    assert_non_null(rows);
    fprintf(rows, "height,weight\n");
    for (int i = 0; i < 20000; i++)
        fprintf(rows, "%d,60\n", 150 + i % 50);
    assert_int_equal(fclose(rows), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int exit_status = run_into_closed_pipe(cases[i].words, cases[i].bytes, said);
        if (exit_status != 128 + SIGPIPE || *said)
            fail_msg("%s: %d, %s", cases[i].words, exit_status, said);
    }
    assert_int_equal(access("piped/model.safetensors", F_OK), 0);
    assert_int_equal(access("piped/history.csv", F_OK), 0);
    assert_int_equal(run_into_closed_pipe("predict nowhere rows.csv", 0, said), 2);
    assert_non_null(strstr(said, "descent: nowhere: "));
}

static void copy_file(const char *path, char text[MOST_OUTPUT]) {
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    memset(text, 0, MOST_OUTPUT);
    run_collect(file, text);
}

/* A disk that is full shows as a limit on the size of files: what was there stays whole. */
static void test_a_full_disk_leaves_old_files_whole(void **state) {
    static run_result result;
    static char model[MOST_OUTPUT], after[MOST_OUTPUT];
    static const mistake full[] = {
        {"train people.yaml --device reference --quiet --set seed=2",
         1,
         {"run/", "File too large"}},
        {"predict run many.csv --device reference -o p.csv", 1, {"p.csv", "File too large"}},
    };
    struct rlimit before, small = {.rlim_cur = 512};
    (void)state;
    run_descent(&result, "train people.yaml --device reference --quiet");
    run_expect(&result, 0);
    FILE *many = fopen("many.csv", "w");
    assert_non_null(many);
    fputs("weight,height\n", many);
    for (int i = 0; i < 100; i++)
        fprintf(many, "%d,66\n", 100 + i);
    assert_int_equal(fclose(many), 0);
    scratch_write("p.csv", "old");
    copy_file("run/model.safetensors", model);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    for (size_t i = 0; i < sizeof full / sizeof *full; i++) {
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        check(&full[i]);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    }
    copy_file("run/model.safetensors", after);
    assert_memory_equal(after, model, MOST_OUTPUT);
    copy_file("p.csv", after);
    assert_string_equal(after, "old");
}

static int enter(void **state) {
    scratch_setup(state);
    write_inputs();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_mistake_is_named),
        cmocka_unit_test(test_data_that_does_not_fit_the_model),
        cmocka_unit_test(test_no_opencl_device),
        cmocka_unit_test(test_a_kernel_that_does_not_build),
        cmocka_unit_test(test_a_full_disk_leaves_old_files_whole),
        cmocka_unit_test(test_a_full_or_closed_output_is_an_error),
        cmocka_unit_test(test_a_closed_pipe_ends_quietly),
    };
    return cmocka_run_group_tests(tests, enter, scratch_teardown);
}
