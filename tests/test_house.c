/* The rules of the house: who may include whom, who may allocate and write, who may call OpenCL,
 * and that no two files share a name. The last test plants a violation of each to see them found.
 */
#include <ctype.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scratch_folder.h"

/* A folder of host/ and those it may include. What it may include it may also see through: train
 * sees ops by way of model. Nobody is below base, and the command sees descent.h alone. */
static const struct {
    const char *folder, *sees;
} arrows[] = {
    {"train", "model data launch reference check doctor plot base"},
    {"measure", "train model check launch base"},
    {"doctor", "model check launch base"},
    {"check", "launch reference base"},
    {"plot", "base"},
    {"model", "ops base"},
    {"launch", "ops device base"},
    {"plain", "ops base"},
    {"reference", "ops base"},
    {"ops", "base"},
    {"data", "base"},
    {"device", "plain base"},
    {"base", ""},
    {"cli", ""},
};

/* Calls that belong to one place. "folder/" or a file of host/, those allowed. */
static const struct {
    const char *call, *homes;
} calls[] = {
    {"malloc", "base/"},
    {"calloc", "base/"},
    {"realloc", "base/"},
    {"strdup", "base/"},
    {"free", "base/"},
    {"fopen", "base/ cli/output_file.c"},
    {"open", "base/ cli/main.c"},
    {"fsync", "base/"},
    {"rename", "base/ cli/output_file.c"},
    {"exit", ""},
    {"abort", ""},
};

enum { COUNT_ARROWS = sizeof arrows / sizeof *arrows, COUNT_CALLS = sizeof calls / sizeof *calls };
enum { MOST_FILES = 2000 };

static int complaints;
static size_t root_length;
static char *names[MOST_FILES]; /* paths of the files seen so far */
static size_t count_names;

static void complain(const char *path, int line, const char *what, const char *detail) {
    print_message("%s:%d: %s%s\n", path, line, what, detail);
    complaints++;
}

/* Is `word` of `length` characters one of a list separated by blanks? */
static bool lists(const char *list, const char *word, size_t length) {
    for (const char *at = list; (at = strstr(at, word)) != NULL; at++)
        if ((at == list || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

static bool may_see(const char *folder, const char *other) {
    if (strcmp(folder, other) == 0)
        return true;
    for (int i = 0; i < COUNT_ARROWS; i++) {
        if (strcmp(arrows[i].folder, folder) != 0)
            continue;
        if (lists(arrows[i].sees, other, strlen(other)))
            return true;
        for (int j = 0; j < COUNT_ARROWS; j++)
            if (lists(arrows[i].sees, arrows[j].folder, strlen(arrows[j].folder)) &&
                may_see(arrows[j].folder, other))
                return true;
    }
    return false;
}

static void check_include(const char *path, int number, const char *line, const char *folder) {
    char other[64], name[128];
    if (strstr(line, "<CL/") && strcmp(folder, "device") != 0)
        complain(path, number, "only host/device may include OpenCL", "");
    if (sscanf(line, "#include \"%63[^/\"]/%127[^\"]\"", other, name) == 2 &&
        !may_see(folder, other))
        complain(path, number, "this folder may not include from ", other);
}

/* A call is the name followed by '(', not part of a longer name, not a member, not a string. */
static bool calls_function(const char *line, const char *name) {
    size_t length = strlen(name);
    for (const char *at = line; (at = strstr(at, name)) != NULL; at++) {
        char before = at == line ? ' ' : at[-1];
        if (at[length] == '(' && !isalnum((unsigned char)before) && !strchr("_.>\"", before))
            return true;
    }
    return false;
}

static bool is_home(const char *homes, const char *place, const char *folder) {
    char with_slash[80];
    int length = snprintf(with_slash, sizeof with_slash, "%s/", folder);
    return lists(homes, place, strlen(place)) || lists(homes, with_slash, (size_t)length);
}

/* clCreateBuffer( and the like. */
static bool calls_opencl(const char *line) {
    for (const char *at = line; (at = strstr(at, "cl")) != NULL; at++) {
        bool begins = at == line || (!isalnum((unsigned char)at[-1]) && at[-1] != '_');
        size_t length = 2;
        while (isalnum((unsigned char)at[length]))
            length++;
        if (begins && isupper((unsigned char)at[2]) && at[length] == '(')
            return true;
    }
    return false;
}

static void check_line(const char *path, int number, const char *line, const char *folder) {
    const char *place = path + root_length + strlen("/host/");
    const char *text = line + strspn(line, " \t");
    if (*text == '*' || strncmp(text, "/*", 2) == 0 || strncmp(text, "//", 2) == 0)
        return;
    if (*text == '#') {
        check_include(path, number, text, folder);
        return;
    }
    for (int i = 0; i < COUNT_CALLS; i++)
        if (calls_function(line, calls[i].call) && !is_home(calls[i].homes, place, folder))
            complain(path, number, "may not be called here: ", calls[i].call);
    if (calls_opencl(line) && strcmp(folder, "device") != 0)
        complain(path, number, "only host/device may call OpenCL", "");
}

static void check_source(const char *path) {
    char folder[64], line[1000];
    if (sscanf(path + root_length, "/host/%63[^/]/", folder) != 1)
        return;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    for (int number = 1; fgets(line, sizeof line, file); number++)
        check_line(path, number, line, folder);
    fclose(file);
}

static const char *name_of(const char *path) {
    return strrchr(path, '/') + 1;
}

static void check_name(const char *path) {
    for (size_t i = 0; i < count_names; i++)
        if (strcmp(name_of(names[i]), name_of(path)) == 0)
            complain(path, 0, "has the name of ", names[i]);
    assert_true(count_names < MOST_FILES);
    names[count_names] = strdup(path);
    assert_non_null(names[count_names++]);
}

static int visit(const char *path, const struct stat *about, int kind, struct FTW *where) {
    (void)about;
    (void)where;
    const char *end = strrchr(path, '.');
    if (kind != FTW_F || !end || !lists(".c .h .cl .sh", end, strlen(end)))
        return 0;
    check_name(path);
    check_source(path);
    return 0;
}

static int check_house(const char *root) {
    static const char *const parts[] = {"host", "include", "kernels", "tests"};
    complaints = 0;
    root_length = strlen(root);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", root, parts[i]);
        nftw(path, visit, 16, FTW_PHYS);
    }
    while (count_names > 0)
        free(names[--count_names]);
    return complaints;
}

static void test_the_rules_hold(void **state) {
    (void)state;
    assert_int_equal(check_house(SOURCE_DIR), 0);
}

static void test_every_violation_is_found(void **state) {
    static const struct {
        const char *path, *text;
        int complaints;
    } planted[] = {
        {"host/model/fine.c", "#include \"ops/plan.h\"\n#include \"base/text.h\"\n", 0},
        {"host/train/fine.c", "#include \"ops/plan.h\"\n/* free( in a comment */\n", 0},
        {"host/model/wrong.c", "#include \"data/dataset.h\"\n", 1},
        {"host/ops/wrong.c", "#include \"device/device.h\"\n", 1},
        {"host/cli/wrong.c", "#include \"base/text.h\"\n", 1},
        {"host/data/wrong.c", "    char *a = malloc(3);\n    free(a);\n", 2},
        {"host/cli/wrong.c", "    FILE *f = fopen(path, \"w\");\n", 1},
        {"host/cli/output_file.c", "    FILE *f = fopen(path, \"w\");\n", 0},
        {"host/base/fine.c", "    FILE *f = fopen(path, \"w\");\n    ds_free(x);\n", 0},
        {"host/launch/wrong.c", "#include <CL/cl.h>\n", 1},
        {"host/launch/wrong.c", "    clFinish(queue);\n", 1},
        {"host/device/fine.c", "#include <CL/cl.h>\nvoid f(void) { clFinish(q); }\n", 0},
        {"host/train/wrong.c", "    exit(1);\n", 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof planted / sizeof *planted; i++) {
        scratch_enter();
        scratch_write(planted[i].path, planted[i].text);
        print_message("planted in %s:\n", planted[i].path);
        assert_int_equal(check_house("."), planted[i].complaints);
        scratch_leave();
    }
    scratch_enter();
    scratch_write("host/ops/same.c", "");
    scratch_write("host/reference/same.c", "");
    scratch_write("kernels/same.cl", "");
    assert_int_equal(check_house("."), 1);
    scratch_leave();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_rules_hold),
        cmocka_unit_test(test_every_violation_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
