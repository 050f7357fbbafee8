/* Programs and their cache: whatever lies in the cache, the right program runs. A program of one
 * small kernel, so that every driver gives its binary out soon. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <spawn.h>
#include <sys/wait.h>

#include "base/cache.h"
#include "device/program_cache.h"
#include "outcome.h"
#include "scratch_folder.h"

static const char source[] = "__kernel void multiply(__global float *x, ulong offset) {\n"
                             "    x[offset + get_global_id(0)] *= FACTOR;\n"
                             "}\n";

enum { EVERY_BUILD = 0 };
static const uint64_t no_build = UINT64_MAX;

static char self[4096]; /* this program */

static int setup(void **state) {
    scratch_setup(state);
    scratch_write("kernels/multiply.cl", source);
    ds_built_slow_from(EVERY_BUILD);
    return setenv("DESCENT_KERNEL_DIR", "kernels", 1) || setenv("DESCENT_CACHE_DIR", "cache", 1);
}

/* ---- a run: device, program, launch, result ---- */

typedef struct run {
    char key[65];
    bool from_source; /* and slowly */
} run;

static const char *options_for(int factor) {
    static char options[64];
    snprintf(options, sizeof options, "-cl-std=CL1.2 -DFACTOR=%d.0f", factor);
    return options;
}

static void build(ds_program **program, ds_device *device, int factor) {
    const char *files[] = {"multiply.cl"};
    DONE(ds_program_build(program, device, "", files, 1, options_for(factor)));
}

static void assert_multiplies(ds_program *program, ds_device *device, int factor) {
    float x[4] = {1, 2, 3, 4};
    ds_buffer *buffer = NULL;
    ds_kernel *kernel = NULL;
    DONE(ds_buffer_create(&buffer, device, sizeof x));
    DONE(ds_buffer_write(buffer, 0, sizeof x, x));
    DONE(ds_program_kernel(program, "multiply", &kernel));
    ds_launch launch = ds_launch_begin(kernel);
    ds_launch_tensor(&launch, buffer, 1);
    DONE(ds_launch_enqueue(&launch, (const size_t[2]){3, 1}, (const size_t[2]){1, 1}));
    DONE(ds_buffer_read(buffer, 0, sizeof x, x));
    for (int i = 0; i < 4; i++)
        assert_true(x[i] == (float)(i ? (i + 1) * factor : 1));
    ds_buffer_destroy(buffer);
}

/* As a process does it that trains once. */
static run run_once(int factor) {
    run r;
    ds_device *device = NULL;
    ds_program *program = NULL;
    DONE(ds_device_open(&device, "auto"));
    build(&program, device, factor);
    ds_built_key(r.key, ds_program_hash(program), ds_device_about(device));
    r.from_source = device->built[0].source != NULL;
    assert_multiplies(program, device, factor);
    ds_program_destroy(program);
    ds_device_close(device);
    assert_int_equal(ds_device_objects(), 0);
    return r;
}

enum { NOTE = 16 + 64 + 1 + 8 };

static long size_of_entry(const char *key) {
    char path[DS_CACHE_PATH];
    struct stat about;
    assert_true(ds_cache_path(path, "programs", key));
    return stat(path, &about) == 0 ? (long)about.st_size : -1;
}

/* ---- what is stored ---- */

static void a_program_that_is_slow_twice_is_stored(void **state) {
    (void)state;
    run r = run_once(3);
    assert_true(r.from_source);
    assert_true(size_of_entry(r.key) > NOTE);
    assert_false(run_once(3).from_source);
    assert_true(run_once(4).from_source);
    assert_false(run_once(3).from_source);
    assert_false(run_once(4).from_source);
}

static void a_program_that_is_quick_is_not(void **state) {
    (void)state;
    ds_built_slow_from(no_build);
    for (int i = 0; i < 3; i++)
        assert_int_equal(size_of_entry(run_once(3).key), -1);
}

/* Slow, then quick in the same process: what a driver with a cache does. */
static void nor_one_that_the_driver_keeps(void **state) {
    ds_device *device = NULL;
    ds_program *program = NULL;
    (void)state;
    DONE(ds_device_open(&device, "auto"));
    build(&program, device, 3);
    ds_program_destroy(program);
    ds_built_slow_from(no_build);
    ds_device_close(device);
    ds_built_slow_from(EVERY_BUILD);
    for (int i = 0; i < 3; i++) {
        run r = run_once(3);
        assert_true(r.from_source);
        assert_int_equal(size_of_entry(r.key), NOTE);
    }
}

static void a_device_builds_a_program_once(void **state) {
    ds_device *device = NULL;
    ds_program *program[3] = {NULL};
    (void)state;
    DONE(ds_device_open(&device, "auto"));
    build(&program[0], device, 3);
    build(&program[1], device, 3);
    build(&program[2], device, 4);
    assert_int_equal(device->builds, 2);
    ds_program_destroy(program[0]);
    assert_multiplies(program[1], device, 3);
    assert_multiplies(program[2], device, 4);
    ds_program_destroy(program[1]);
    ds_program_destroy(program[2]);
    ds_device_close(device);
    assert_int_equal(ds_device_objects(), 0);
}

static void a_device_keeps_so_many(void **state) {
    ds_device *device = NULL;
    ds_program *first = NULL;
    (void)state;
    ds_built_slow_from(no_build);
    DONE(ds_device_open(&device, "auto"));
    build(&first, device, 1);
    long objects = ds_device_objects();
    for (int factor = 2; factor <= DS_BUILT + 2; factor++) {
        ds_program *program = NULL;
        build(&program, device, factor);
        assert_multiplies(program, device, factor);
        ds_program_destroy(program);
    }
    assert_int_equal(ds_device_objects(), objects + DS_BUILT - 1);
    assert_multiplies(first, device, 1);
    ds_program_destroy(first);
    ds_device_close(device);
    assert_int_equal(ds_device_objects(), 0);
}

/* ---- what is not as it should be ---- */

static void flip(const char *path, long size) {
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, size / 2, SEEK_SET), 0);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, size / 2, SEEK_SET), 0);
    assert_int_equal(fputc(byte ^ 1, file), byte ^ 1);
    assert_int_equal(fclose(file), 0);
}

static void halve(const char *path, long size) {
    assert_int_equal(truncate(path, size / 2), 0);
}

static void empty(const char *path, long size) {
    (void)size;
    assert_int_equal(truncate(path, 0), 0);
}

static void make_folder(const char *path, long size) {
    (void)size;
    assert_int_equal(remove(path), 0);
    assert_int_equal(mkdir(path, 0777), 0);
}

static void a_damaged_entry_is_built_anew(void **state) {
    static void (*const damage[])(const char *path, long size) = {flip, halve, empty, make_folder};
    char path[DS_CACHE_PATH];
    (void)state;
    run r = run_once(3);
    assert_true(ds_cache_path(path, "programs", r.key));
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        damage[i](path, size_of_entry(r.key));
        if (!run_once(3).from_source)
            fail_msg("damage %zu was not seen", i);
        assert_int_equal(run_once(3).from_source, damage[i] == make_folder);
    }
}

/* An entry that is sound, but nothing that the driver takes: one that is no binary, and one with
 * another number of kernels than was stored. It is overwritten. */
static void a_refused_binary_is_built_anew(void **state) {
    ds_bytes bytes = {0};
    uint64_t kernels;
    (void)state;
    run r = run_once(3);
    assert_true(ds_cache_read(&bytes, "programs", r.key));
    memcpy(&kernels, bytes.data, sizeof kernels);
    assert_int_equal(kernels, 1);
    kernels = 2;
    memcpy(bytes.data, &kernels, sizeof kernels);
    ds_cache_write("programs", r.key, bytes.data, bytes.size);
    assert_true(run_once(3).from_source);
    assert_false(run_once(3).from_source);

    memset(bytes.data + sizeof kernels, 'x', 32);
    ds_cache_write("programs", r.key, bytes.data, sizeof kernels + 32);
    assert_true(run_once(3).from_source);
    assert_false(run_once(3).from_source);

    ds_cache_write("programs", r.key, "short", 5);
    assert_true(run_once(3).from_source);
    assert_false(run_once(3).from_source);
    ds_free(bytes.data);
}

static void without_a_cache_programs_are_built(void **state) {
    static const char *const folders[] = {"", "file", "/proc/descent"};
    (void)state;
    scratch_write("file", "x");
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        assert_int_equal(setenv("DESCENT_CACHE_DIR", folders[i], 1), 0);
        for (int again = 0; again < 3; again++)
            assert_true(run_once(3).from_source);
    }
}

/* ---- keys ---- */

static void what_a_binary_depends_on_is_in_its_key(void **state) {
    (void)state;
    const ds_device_info about = {.name = "name",
                                  .platform = "platform",
                                  .vendor = "vendor",
                                  .version = "version",
                                  .driver = "driver"};
    ds_device_info other[5] = {about, about, about, about, about};
    char key[65], another[65];
    other[0].name[0] = other[1].platform[0] = other[2].vendor[0] = 'x';
    other[3].version[0] = other[4].driver[0] = 'x';
    ds_built_key(key, "hash", &about);
    for (int i = 0; i < 5; i++) {
        ds_built_key(another, "hash", &other[i]);
        assert_string_not_equal(key, another);
    }
    ds_built_key(another, "another hash", &about);
    assert_string_not_equal(key, another);
    ds_built_key(another, "hash", &about);
    assert_string_equal(key, another);
}

static void source_and_options_are_in_the_key(void **state) {
    (void)state;
    run first = run_once(3), options = run_once(4);
    scratch_write("kernels/multiply.cl",
                  "__kernel void multiply(__global float *x, ulong offset) {\n"
                  "    x[offset + get_global_id(0)] *= (FACTOR);\n"
                  "}\n");
    run changed = run_once(3);
    assert_string_not_equal(first.key, options.key);
    assert_string_not_equal(first.key, changed.key);
    assert_true(changed.from_source);
}

/* ---- two at once ---- */

enum { CHILDREN = 2, CHILD_RUNS = 4 };

extern char **environ;

static void two_processes_share_a_cache(void **state) {
    pid_t child[CHILDREN];
    int how;
    (void)state;
    for (int i = 0; i < CHILDREN; i++)
        assert_int_equal(
            posix_spawn(&child[i], self, NULL, NULL, (char *[]){self, "child", NULL}, environ), 0);
    for (int i = 0; i < CHILDREN; i++) {
        assert_int_equal(waitpid(child[i], &how, 0), child[i]);
        assert_true(WIFEXITED(how));
        assert_int_equal(WEXITSTATUS(how), 0);
    }
    run r = run_once(3);
    assert_false(r.from_source);
    DIR *list = opendir("cache/programs");
    assert_non_null(list);
    for (struct dirent *at; (at = readdir(list)) != NULL;)
        if (at->d_name[0] != '.')
            assert_string_equal(at->d_name, r.key);
    closedir(list);
}

static void child_runs(void **state) {
    (void)state;
    ds_built_slow_from(EVERY_BUILD);
    for (int i = 0; i < CHILD_RUNS; i++)
        (void)run_once(3);
}

int main(int count, char **argument) {
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_program_that_is_slow_twice_is_stored),
        TEST(a_program_that_is_quick_is_not),
        TEST(nor_one_that_the_driver_keeps),
        TEST(a_device_builds_a_program_once),
        TEST(a_device_keeps_so_many),
        TEST(a_damaged_entry_is_built_anew),
        TEST(a_refused_binary_is_built_anew),
        TEST(without_a_cache_programs_are_built),
        TEST(what_a_binary_depends_on_is_in_its_key),
        TEST(source_and_options_are_in_the_key),
        TEST(two_processes_share_a_cache),
    };
    const struct CMUnitTest child[] = {cmocka_unit_test(child_runs)};
    if (!realpath(argument[0], self))
        return EXIT_FAILURE;
    return count > 1 ? cmocka_run_group_tests(child, NULL, NULL)
                     : cmocka_run_group_tests(tests, NULL, NULL);
}
