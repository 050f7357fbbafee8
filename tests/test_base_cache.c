/* The user's cache: what is kept is found whole or not at all, and nothing that stands in its way
 * is more than a cache that does not keep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

#include "base/cache.h"
#include "outcome.h"
#include "scratch_folder.h"

static const char kept[] = "what \0 was kept";

static void keep(const char *name) {
    ds_cache_write("subject", name, kept, sizeof kept);
}

static bool is_found(const char *name) {
    ds_bytes bytes = {0};
    if (!ds_cache_read(&bytes, "subject", name))
        return false;
    assert_int_equal(bytes.size, sizeof kept);
    assert_memory_equal(bytes.data, kept, sizeof kept);
    assert_int_equal(bytes.data[bytes.size], 0);
    ds_free(bytes.data);
    return true;
}

static int entries_in(const char *folder) {
    DIR *list = opendir(folder);
    int count = 0;
    assert_non_null(list);
    while (readdir(list))
        count++;
    closedir(list);
    return count - 2; /* "." and ".." */
}

static int setup(void **state) {
    scratch_setup(state);
    return setenv("DESCENT_CACHE_DIR", "cache", 1);
}

static void what_is_kept_is_found(void **state) {
    (void)state;
    assert_false(is_found("entry"));
    assert_true(ds_cache_takes("subject"));
    keep("entry");
    assert_true(is_found("entry"));
    assert_true(is_found("entry"));
    assert_false(is_found("other"));
    ds_cache_write("subject", "entry", "", 0);
    ds_bytes bytes = {0};
    assert_true(ds_cache_read(&bytes, "subject", "entry"));
    assert_int_equal(bytes.size, 0);
    ds_free(bytes.data);
    assert_int_equal(entries_in("cache/subject"), 1);
}

static void put(const unsigned char *bytes, size_t size) {
    FILE *file = fopen("cache/subject/entry", "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void any_damage_is_seen(void **state) {
    unsigned char bytes[200];
    (void)state;
    keep("entry");
    FILE *file = fopen("cache/subject/entry", "r");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes - 1, file);
    assert_int_equal(fclose(file), 0);
    assert_in_range(size, sizeof kept + 64, sizeof bytes - 2);
    for (size_t cut = 0; cut < size; cut++) {
        put(bytes, cut);
        if (is_found("entry"))
            fail_msg("found with %zu of %zu bytes", cut, size);
    }
    for (size_t at = 0; at < size; at++) {
        unsigned char whole = bytes[at];
        bytes[at] ^= 16;
        put(bytes, size);
        /* The line's end between checksum and content says nothing. */
        if (whole != '\n' && is_found("entry"))
            fail_msg("found with byte %zu of %zu changed", at, size);
        bytes[at] = whole;
    }
    bytes[size] = 'x';
    put(bytes, size + 1);
    assert_false(is_found("entry"));
    put(bytes, size);
    assert_true(is_found("entry"));
}

static void what_is_no_file_is_not_found(void **state) {
    (void)state;
    scratch_write("cache/subject/folder/inside", "x");
    assert_int_equal(mkfifo("cache/subject/pipe", 0666), 0);
    assert_int_equal(symlink("entry", "cache/subject/entry"), 0);
    assert_false(is_found("folder"));
    assert_false(is_found("pipe"));
    assert_false(is_found("entry"));
    keep("folder");
    keep("pipe");
    keep("entry");
    assert_false(is_found("folder"));
    assert_true(is_found("pipe"));
    assert_true(is_found("entry"));
    assert_int_equal(entries_in("cache/subject"), 3);
}

/* Neither is an error recorded: the one before stays the last one. */
static void assert_nothing_is_kept(const char *folder) {
    ds_fail(DS_BAD_INPUT, "", "the error before");
    assert_int_equal(setenv("DESCENT_CACHE_DIR", folder, 1), 0);
    assert_false(ds_cache_takes("subject"));
    keep("entry");
    assert_false(is_found("entry"));
    assert_string_equal(ds_last_error()->message, "the error before");
}

static void a_folder_that_takes_nothing_keeps_nothing(void **state) {
    char deep[DS_CACHE_PATH];
    (void)state;
    scratch_write("file", "x");
    scratch_write("cache/subject", "x");
    memset(deep, 'x', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    assert_nothing_is_kept("file");
    assert_nothing_is_kept("cache");
    assert_nothing_is_kept("/proc/descent"); /* not even for root */
    assert_nothing_is_kept(deep);
    assert_nothing_is_kept("");
    assert_int_equal(entries_in("."), 2);
}

static void a_full_disk_keeps_the_old_entry(void **state) {
    static char large[1 << 16];
    struct rlimit limit, small;
    (void)state;
    keep("entry");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    small = (struct rlimit){4096, limit.rlim_max};
    assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    ds_cache_write("subject", "entry", large, sizeof large);
    ds_cache_write("subject", "new", large, sizeof large);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_true(is_found("entry"));
    assert_int_equal(entries_in("cache/subject"), 1);
}

static void without_memory_nothing_is_kept(void **state) {
    (void)state;
    keep("entry");
    ds_fail_allocation(1);
    keep("new");
    bool found = is_found("entry");
    ds_fail_allocation(0);
    assert_false(found);
    assert_int_equal(entries_in("cache/subject"), 1);
    assert_int_equal(ds_memory_held(), 0);
}

/* ---- where it lies ---- */

static void set(const char *variable, const char *value) {
    assert_int_equal(value ? setenv(variable, value, 1) : unsetenv(variable), 0);
}

static void assert_lies(const char *own, const char *all, const char *home, const char *expected) {
    char path[DS_CACHE_PATH];
    set("DESCENT_CACHE_DIR", own);
    set("XDG_CACHE_HOME", all);
    set("HOME", home);
    bool found = ds_cache_path(path, "s", "n");
    assert_int_equal(found, expected != NULL);
    if (found)
        assert_string_equal(path, expected);
}

static void the_place_is_the_user_s(void **state) {
    (void)state;
    const char *home = getenv("HOME"), *all = getenv("XDG_CACHE_HOME");
    char old_home[DS_CACHE_PATH], old_all[DS_CACHE_PATH];
    snprintf(old_home, sizeof old_home, "%s", home ? home : "");
    snprintf(old_all, sizeof old_all, "%s", all ? all : "");
    assert_lies("own", "/all", "/home", "own/s/n");
    assert_lies("", "/all", "/home", NULL);
    assert_lies(NULL, "/all", "/home", "/all/descent/s/n");
    assert_lies(NULL, "all", "/home", "/home/.cache/descent/s/n");
    assert_lies(NULL, "", "/home", "/home/.cache/descent/s/n");
    assert_lies(NULL, NULL, "/home", "/home/.cache/descent/s/n");
    assert_lies(NULL, NULL, "", NULL);
    assert_lies(NULL, NULL, NULL, NULL);
    set("HOME", home ? old_home : NULL);
    set("XDG_CACHE_HOME", all ? old_all : NULL);
}

/* ---- how much of it ---- */

static void age(const char *name, int minutes) {
    char path[DS_CACHE_PATH];
    struct timespec times[2];
    assert_int_equal(clock_gettime(CLOCK_REALTIME, &times[0]), 0);
    times[0].tv_sec -= 60 * minutes;
    times[1] = times[0];
    assert_true(ds_cache_path(path, "subject", name));
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* The oldest go: those neither read nor written for longest. */
static void the_newest_are_kept(void **state) {
    enum { MORE = 5 };
    char name[16];
    (void)state;
    for (int i = 0; i < DS_CACHE_ENTRIES; i++) {
        snprintf(name, sizeof name, "%d", i);
        keep(name);
        age(name, 1000 - i);
    }
    assert_int_equal(entries_in("cache/subject"), DS_CACHE_ENTRIES);
    assert_true(is_found("0"));
    scratch_write("cache/other/entry", "x");
    for (int i = 0; i < MORE; i++) {
        snprintf(name, sizeof name, "new %d", i);
        keep(name);
        assert_true(is_found(name));
    }
    assert_int_equal(entries_in("cache/subject"), DS_CACHE_ENTRIES);
    assert_int_equal(entries_in("cache/other"), 1);
    assert_true(is_found("0"));
    for (int i = 1; i < 2 * MORE; i++) {
        snprintf(name, sizeof name, "%d", i);
        assert_int_equal(is_found(name), i > MORE);
    }
}

int main(void) {
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_kept_is_found),           TEST(any_damage_is_seen),
        TEST(what_is_no_file_is_not_found),    TEST(a_folder_that_takes_nothing_keeps_nothing),
        TEST(a_full_disk_keeps_the_old_entry), TEST(without_memory_nothing_is_kept),
        TEST(the_place_is_the_user_s),         TEST(the_newest_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
