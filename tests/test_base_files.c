/* Files: read whole, written whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <zlib.h>

#include "base/digest.h"
#include "base/files.h"
#include "outcome.h"
#include "scratch_folder.h"

static int entries_in(const char *folder) {
    DIR *list = opendir(folder);
    int count = 0;
    assert_non_null(list);
    while (readdir(list))
        count++;
    closedir(list);
    return count - 2; /* "." and ".." */
}

static void assert_holds(const char *path, const void *bytes, size_t size) {
    ds_bytes got = {0};
    DONE(ds_file_read(&got, path));
    assert_int_equal(got.size, size);
    assert_memory_equal(got.data, bytes, size);
    assert_int_equal(got.data[size], 0);
    ds_free(got.data);
}

static void what_is_written_is_read(void **state) {
    enum { SIZE = 300001 }; /* more than the first room of a read */
    static char bytes[SIZE];
    (void)state;
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (char)(i * i >> 3);
    const size_t sizes[] = {0, 1, 65535, 65536, 131071, 131072, SIZE};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        DONE(ds_file_write("file", bytes, sizes[i]));
        assert_holds("file", bytes, sizes[i]);
        assert_int_equal(entries_in("."), 1);
    }
}

static void a_failed_write_keeps_the_old_file(void **state) {
    static char large[1 << 16];
    struct rlimit limit, small;
    (void)state;
    scratch_write("file", "old");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    small = (struct rlimit){4096, limit.rlim_max};
    assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    ds_status status = ds_file_write("file", large, sizeof large);
    ds_status absent = ds_file_write("new", large, sizeof large);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_failed(status, DS_IO_FAILED, "new: cannot be written: File too large");
    assert_int_equal(absent, DS_IO_FAILED);
    assert_holds("file", "old", 3);
    assert_int_equal(entries_in("."), 1);
}

/* A file that is not ended leaves the old one, and nothing of its own. */
static void a_file_appears_when_it_is_ended(void **state) {
    ds_file_draft *draft = NULL;
    (void)state;
    scratch_write("file", "old");
    DONE(ds_file_begin(&draft, "file"));
    DONE(ds_file_append(draft, "half a ", 7));
    assert_holds("file", "old", 3);
    ds_file_drop(draft);
    assert_holds("file", "old", 3);
    assert_int_equal(entries_in("."), 1);
    DONE(ds_file_begin(&draft, "file"));
    DONE(ds_file_append(draft, "a whole", 7));
    DONE(ds_file_append(draft, " file", 5));
    DONE(ds_file_end(draft));
    assert_holds("file", "a whole file", 12);
    assert_int_equal(entries_in("."), 1);
    ds_file_drop(NULL);
}

static void what_cannot_be_replaced_leaves_nothing_behind(void **state) {
    (void)state;
    scratch_write("folder/inside", "x");
    assert_failed(ds_file_write("folder", "new", 3), DS_IO_FAILED,
                  "folder: cannot be written: Is a directory");
    assert_failed(ds_file_write("absent/file", "new", 3), DS_IO_FAILED,
                  "absent/file: cannot be written: No such file or directory");
    assert_failed(ds_file_write("folder/inside/file", "new", 3), DS_IO_FAILED,
                  "folder/inside/file: cannot be written: Not a directory");
    assert_int_equal(entries_in("."), 1);
    assert_int_equal(entries_in("folder"), 1);
}

static void what_cannot_be_read_is_named(void **state) {
    ds_bytes bytes = {0};
    (void)state;
    scratch_write("folder/inside", "x");
    assert_refused(ds_file_read(&bytes, "absent"), "absent: No such file or directory");
    assert_refused(ds_file_read(&bytes, "folder"), "folder: is a folder");
    assert_refused(ds_file_read(&bytes, "folder/"), "folder/: is a folder");
    assert_null(bytes.data);
}

static size_t write_gzip(const char *path, const char *bytes, size_t size) {
    struct stat about;
    gzFile file = gzopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, bytes, (unsigned)size), size);
    assert_int_equal(gzclose(file), Z_OK);
    assert_int_equal(stat(path, &about), 0);
    return (size_t)about.st_size;
}

static void gzip_is_read_as_what_it_holds(void **state) {
    static char bytes[200000];
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * i >> 5);
    write_gzip("file.gz", bytes, sizeof bytes);
    assert_holds("file.gz", bytes, sizeof bytes);
    write_gzip("empty.gz", bytes, 0);
    assert_holds("empty.gz", "", 0);
}

/* Wherever it is cut: from two bytes on it is known to be gzip's. */
static void a_gzip_file_cut_short_is_refused(void **state) {
    static const char text[] = "a,b\n1,2\n1,2\n1,2\n3,4\n";
    ds_bytes got = {0};
    (void)state;
    write_gzip("t.gz", text, sizeof text - 1);
    FILE *file = fopen("t.gz", "rb");
    assert_non_null(file);
    char bytes[256];
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    for (size_t cut = 2; cut < size; cut++) {
        DONE(ds_file_write("cut.gz", bytes, cut));
        if (ds_file_read(&got, "cut.gz") == DS_OK)
            fail_msg("cut after %zu of %zu bytes, %zu are read", cut, size, got.size);
        assert_string_equal(ds_last_error()->message, "cut.gz: the compressed file is cut short");
    }
    for (size_t flipped = size - 8; flipped < size; flipped++) { /* checksum and length */
        bytes[flipped] ^= 1;
        DONE(ds_file_write("wrong.gz", bytes, size));
        bytes[flipped] ^= 1;
        assert_refused(ds_file_read(&got, "wrong.gz"), "wrong.gz: the compressed file is damaged");
    }
}

static void folders_are_made_with_those_above(void **state) {
    (void)state;
    DONE(ds_folder_make("a/b/c"));
    DONE(ds_folder_make("a/b/c"));
    DONE(ds_folder_make("a/b//d/"));
    DONE(ds_folder_make("."));
    assert_true(ds_folder_exists("a/b/c") && ds_folder_exists("a/b/d"));
    assert_false(ds_folder_exists("a/x"));
    assert_false(ds_file_exists("a/b"));
    scratch_write("file", "x");
    assert_true(ds_file_exists("file"));
    assert_false(ds_folder_exists("file"));
    assert_failed(ds_folder_make("file/x"), DS_IO_FAILED,
                  "file: the folder cannot be made: File exists");
    DONE(ds_folder_check("a/b"));
    assert_int_equal(entries_in("a/b"), 2);
    assert_int_equal(ds_folder_check("file"), DS_IO_FAILED);
    assert_int_equal(ds_folder_check("absent"), DS_IO_FAILED);
}

static void paths_are_joined_and_taken_apart(void **state) {
    static const char *const joined[][3] = {
        {"a", "b", "a/b"}, {"a/b", "c/d", "a/b/c/d"}, {"", "b", "b"},    {NULL, "b", "b"},
        {".", "b", "b"},   {"a", "/b", "/b"},         {"/", "b", "//b"},
    };
    static const char *const folders[][2] = {
        {"a/b", "a"}, {"a/b/c", "a/b"}, {"a", "."}, {"/a", "/"}, {"./a", "."}, {"a/", "a"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof joined / sizeof *joined; i++) {
        char *path = NULL;
        DONE(ds_path_join(&path, joined[i][0], joined[i][1]));
        assert_string_equal(path, joined[i][2]);
        ds_free(path);
    }
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char *path = NULL;
        DONE(ds_path_folder(&path, folders[i][0]));
        assert_string_equal(path, folders[i][1]);
        ds_free(path);
    }
}

/* FIPS 180-4's examples. */
static void sha256_is_sha256(void **state) {
    char digest[65];
    (void)state;
    ds_sha256(digest, "", 0);
    assert_string_equal(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    ds_sha256(digest, "abc", 3);
    assert_string_equal(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ds_digest pieces;
    ds_digest_begin(&pieces);
    ds_digest_add(&pieces, "a", 1);
    ds_digest_add(&pieces, "bc", 2);
    ds_digest_end(&pieces, digest);
    assert_string_equal(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void without_memory_nothing_is_leaked(void **state) {
    long held = ds_memory_held(), nth = 1;
    ds_status status = DS_OUT_OF_MEMORY;
    (void)state;
    scratch_write("file", "old");
    for (; status != DS_OK; nth++) {
        ds_bytes bytes = {0};
        ds_fail_allocation(nth);
        status = ds_file_write("file", "new", 3);
        if (status == DS_OK)
            status = ds_file_read(&bytes, "file");
        ds_fail_allocation(0);
        assert_true(status == DS_OK || status == DS_OUT_OF_MEMORY);
        ds_free(bytes.data);
        assert_int_equal(ds_memory_held(), held);
        assert_int_equal(entries_in("."), 1);
    }
    assert_true(nth > 2);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(what_is_written_is_read),
        IN_SCRATCH(a_failed_write_keeps_the_old_file),
        IN_SCRATCH(a_file_appears_when_it_is_ended),
        IN_SCRATCH(what_cannot_be_replaced_leaves_nothing_behind),
        IN_SCRATCH(what_cannot_be_read_is_named),
        IN_SCRATCH(gzip_is_read_as_what_it_holds),
        IN_SCRATCH(a_gzip_file_cut_short_is_refused),
        IN_SCRATCH(folders_are_made_with_those_above),
        IN_SCRATCH(paths_are_joined_and_taken_apart),
        cmocka_unit_test(sha256_is_sha256),
        IN_SCRATCH(without_memory_nothing_is_leaked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
