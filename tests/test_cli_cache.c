/* Whatever has become of the cache's files, those of the driver too, a run ends with the same bits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "run_program.h"
#include "scratch_folder.h"

static run_result result;

static int setup(void **state) {
    int failed = scratch_setup(state) || setenv("DESCENT_CACHE_DIR", "cache", 1) ||
                 unsetenv("POCL_CACHE_DIR");
    scratch_write("line.csv", "x,y\n1,2\n2,4\n3,6\n4,8.5\n");
    scratch_write("line.yaml",
                  "data: {train: line.csv, target: y}\nmodel: [{dense: 1}]\nloss: mse\n"
                  "optimizer: {sgd: {rate: 0.01}}\nbatch: 2\nepochs: 5\n");
    return failed;
}

static void train(char hash[65]) {
    run_descent(&result, "train line.yaml --json --device 0:0 --out run");
    run_expect(&result, 0);
    const char *at = strstr(result.out, "\"weights_hash\":");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "\"weights_hash\": \"%64[0-9a-f]", hash), 1);
}

/* ---- damage ---- */

static const char *damaged; /* the folder of files that are */
static enum { EMPTY, CUT, OVERWRITTEN, OTHER, KINDS } damage;
static int files;

static int spoil(const char *path, const struct stat *about, int kind, struct FTW *where) {
    (void)where;
    if (kind != FTW_F || strncmp(path, damaged, strlen(damaged)) != 0 || about->st_size == 0)
        return 0;
    files++;
    if (damage == EMPTY || damage == CUT)
        return truncate(path, damage == CUT ? about->st_size / 2 : 0);
    FILE *file = fopen(path, damage == OTHER ? "wb" : "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, damage == OTHER ? 0 : about->st_size / 3, SEEK_SET), 0);
    for (int i = 0; i < 3000; i++)
        fputc(i * 37 % 251, file);
    return fclose(file);
}

static void expect_same_bits(const char *folder) {
    char sound[65], hash[65];
    train(sound);
    for (damage = EMPTY; damage < KINDS; damage++) {
        damaged = folder;
        files = 0;
        assert_int_equal(nftw("cache", spoil, 8, FTW_PHYS), 0);
        assert_true(files > 0);
        train(hash);
        assert_string_equal(hash, sound);
    }
}

static void test_a_damaged_cache_is_built_anew(void **state) {
    (void)state;
    expect_same_bits("cache/");
    /* PoCL's files alone, which all else says are sound. */
    if (access("cache/drivers/pocl", F_OK) == 0)
        expect_same_bits("cache/pocl/");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_damaged_cache_is_built_anew, setup,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
