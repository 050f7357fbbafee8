/* Statuses, memory and text that grows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/number.h"
#include "base/random.h"
#include "base/text.h"
#include "outcome.h"

/* ---- status ---- */

static void an_error_is_kept_until_the_next(void **state) {
    (void)state;
    assert_int_equal(ds_fail(DS_NO_DEVICE, "hint %d", "%s:%d", "place", 3), DS_NO_DEVICE);
    ds_fail_detail("a\nlog");
    assert_failed(DS_NO_DEVICE, DS_NO_DEVICE, "place:3");
    assert_hint("hint %d");
    assert_string_equal(ds_last_error()->detail, "a\nlog");
    (void)ds_fail(DS_IO_FAILED, "", "other");
    assert_string_equal(ds_last_error()->detail, "");
    assert_failed(DS_IO_FAILED, DS_IO_FAILED, "other");
}

static void a_message_is_one_line_of_limited_length(void **state) {
    char words[3000];
    (void)state;
    memset(words, 'x', sizeof words);
    words[sizeof words - 1] = '\0';
    (void)ds_fail(DS_BAD_INPUT, words, "%s", words);
    assert_int_equal(strlen(ds_last_error()->message), 1023);
    assert_int_equal(strlen(ds_last_error()->hint), 511);
    assert_refused(ds_fail(DS_BAD_INPUT, "a\rb", "a\n\tb\x1b[31mc\x7f \xc3\xa4"),
                   "a  b [31mc  \xc3\xa4");
    assert_hint("a b");
}

static void *fail_elsewhere(void *saved) {
    (void)ds_fail(DS_DEVICE_FAILED, "there", "in a thread");
    ds_error_take(saved);
    return NULL;
}

static void each_thread_has_its_own_error(void **state) {
    pthread_t thread;
    ds_saved_error saved;
    (void)state;
    (void)ds_fail(DS_BAD_INPUT, "here", "mine");
    assert_int_equal(pthread_create(&thread, NULL, fail_elsewhere, &saved), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_refused(DS_BAD_INPUT, "mine");
    assert_failed(ds_error_give(&saved), DS_DEVICE_FAILED, "in a thread");
    assert_hint("there");
}

/* ---- memory ---- */

static void memory_is_zeroed_and_counted(void **state) {
    long held = ds_memory_held();
    unsigned char *bytes = NULL, *none = NULL;
    (void)state;
    DONE(ds_new(&bytes, 1000, 3));
    for (int i = 0; i < 3000; i++)
        assert_int_equal(bytes[i], 0);
    DONE(ds_new(&none, 0, 8));
    assert_non_null(none);
    assert_int_equal(ds_memory_held(), held + 2);
    memset(bytes, 7, 3000);
    DONE(ds_resize(&bytes, 9000, 1));
    for (int i = 0; i < 3000; i++)
        assert_int_equal(bytes[i], 7);
    DONE(ds_resize(&bytes, 0, 1));
    assert_non_null(bytes);
    assert_int_equal(ds_memory_held(), held + 2);
    ds_free(bytes);
    ds_free(none);
    ds_free(NULL);
    assert_int_equal(ds_memory_held(), held);
}

static void too_much_memory_is_refused(void **state) {
    char *bytes = NULL, *kept = NULL;
    (void)state;
    assert_failed(ds_new(&bytes, SIZE_MAX / 4, 8), DS_OUT_OF_MEMORY,
                  "no memory for 4611686018427387903 elements of 8 bytes");
    assert_int_equal(ds_new(&bytes, SIZE_MAX / 8 + 2, 8), DS_OUT_OF_MEMORY); /* 8, if it wraps */
    assert_null(bytes);
    DONE(ds_copy_text(&bytes, "text"));
    kept = bytes;
    assert_int_equal(ds_resize(&bytes, SIZE_MAX / 4, 8), DS_OUT_OF_MEMORY);
    assert_int_equal(ds_resize(&bytes, SIZE_MAX / 8 + 2, 8), DS_OUT_OF_MEMORY);
    assert_ptr_equal(bytes, kept);
    assert_string_equal(bytes, "text");
    ds_free(bytes);
}

static void the_nth_allocation_fails_and_those_after(void **state) {
    char *a = NULL, *b = NULL, *c = NULL;
    (void)state;
    ds_fail_allocation(2);
    assert_int_equal(ds_new(&a, 1, 1), DS_OK);
    assert_int_equal(ds_new(&b, 1, 1), DS_OUT_OF_MEMORY);
    assert_int_equal(ds_resize(&a, 2, 1), DS_OUT_OF_MEMORY);
    assert_int_equal(ds_copy_text(&c, ""), DS_OUT_OF_MEMORY);
    ds_fail_allocation(0);
    assert_null(b);
    assert_null(c);
    DONE(ds_new(&b, 1, 1));
    ds_free(a);
    ds_free(b);
}

/* ---- text ---- */

static void text_grows(void **state) {
    ds_text text = {0};
    char *taken = NULL;
    (void)state;
    for (int i = 0; i < 1000; i++)
        DONE(ds_text_add(&text, "%03d", i));
    assert_int_equal(text.length, 3000);
    assert_int_equal(strlen(text.characters), 3000);
    assert_memory_equal(text.characters + 2997, "999", 4);
    DONE(ds_text_append(&text, "a\0b", 3));
    assert_memory_equal(text.characters + 3000, "a\0b", 4);
    DONE(ds_text_take(&text, &taken));
    assert_null(text.characters);
    assert_memory_equal(taken, "000001", 6);
    ds_free(taken);
    DONE(ds_text_take(&text, &taken));
    assert_string_equal(taken, "");
    ds_free(taken);
    ds_text_clear(&text);
}

static void text_stays_whole_without_memory(void **state) {
    ds_text text = {0};
    (void)state;
    DONE(ds_text_add(&text, "start"));
    ds_fail_allocation(1);
    assert_int_equal(ds_text_add(&text, "%1000d", 1), DS_OUT_OF_MEMORY);
    ds_fail_allocation(0);
    assert_string_equal(text.characters, "start");
    assert_int_equal(text.length, 5);
    ds_text_clear(&text);
}

static void the_nearest_word_is_found(void **state) {
    static const char *const words[] = {"epochs",  "epsilon",  "seed", "shuffle",
                                        "softmax", "softplus", "to",   NULL};
    static const char *const pairs[][2] = {
        {"epohcs", "epochs"},
        {"epoch", "epochs"},
        {"Epochs", "epochs"},
        {"epsilom", "epsilon"},
        {"eed", "seed"},
        {"softmx", "softmax"},
        {"soft-plus", "softplus"},
        {"suffle", "shuffle"},
        {"softplux", "softplus"},
        {"tu", "to"},
        {"rate", NULL},
        {"x", NULL},
        {"", NULL},
        {"completely else", NULL},
    };
    char far[201];
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const char *got = ds_nearest_word(pairs[i][0], words);
        if (!got != !pairs[i][1] || (got && strcmp(got, pairs[i][1]) != 0))
            fail_msg("\"%s\": %s instead of %s", pairs[i][0], got ? got : "none",
                     pairs[i][1] ? pairs[i][1] : "none");
    }
    memset(far, 'e', 200);
    far[200] = '\0';
    assert_null(ds_nearest_word(far, words));
    assert_null(ds_nearest_word("epochs", words + 7));
}

static void assert_rounded(int digits, double value) {
    char ours[32], printf_s[32];
    ds_number_round(ours, digits, value);
    ds_format(printf_s, sizeof printf_s, "%.*g", digits, value);
    if (strcmp(ours, printf_s) != 0)
        fail_msg("%.*g of %a: \"%s\", not \"%s\"", digits, value, value, ours, printf_s);
}

static void rounded_numbers_are_printfs(void **state) {
    static const double edges[] = {0.0,
                                   -0.0,
                                   1,
                                   -1,
                                   0.1,
                                   0.5,
                                   9.5,
                                   99.5,
                                   0.25,
                                   1e-4,
                                   0.0001234,
                                   9.9999999e-5,
                                   999999999.5,
                                   999999999.4999999,
                                   99999.9996,
                                   123456789,
                                   1e9,
                                   1e15,
                                   1e22,
                                   1e23,
                                   1e300,
                                   5e-324,
                                   INFINITY,
                                   -INFINITY,
                                   0.3333333335,
                                   1.00000000049999,
                                   0.99999999949999};
    (void)state;
    for (int digits = 1; digits <= 17; digits++) {
        for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
            assert_rounded(digits, edges[i]);
        for (uint32_t i = 0; i < 3000; i++) {
            double share = ds_random_uniform(11, DS_STREAM_INIT, (uint32_t)digits, i);
            assert_rounded(digits, ldexp(share - 0.5, (int)(i % 120) - 60));
            assert_rounded(digits, (double)(i * 125) / 1e3); /* many halves */
            assert_rounded(digits, (double)(float)share);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_is_kept_until_the_next),
        cmocka_unit_test(a_message_is_one_line_of_limited_length),
        cmocka_unit_test(each_thread_has_its_own_error),
        cmocka_unit_test(memory_is_zeroed_and_counted),
        cmocka_unit_test(too_much_memory_is_refused),
        cmocka_unit_test(the_nth_allocation_fails_and_those_after),
        cmocka_unit_test(text_grows),
        cmocka_unit_test(text_stays_whole_without_memory),
        cmocka_unit_test(the_nearest_word_is_found),
        cmocka_unit_test(rounded_numbers_are_printfs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
