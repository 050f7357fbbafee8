/* Buffers of every size that takes another way: what is written is read, at both ends, and gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "device/device.h"
#include "device/large_pages.h"
#include "outcome.h"

static const size_t sizes[] = {4,
                               DS_LARGE_PAGE - 4,
                               DS_LARGE_PAGE,
                               DS_LARGE_PAGE + 4,
                               3 * DS_LARGE_PAGE - 16,
                               3 * DS_LARGE_PAGE - 12,
                               5 * DS_LARGE_PAGE + 12345 * 4};

static void both_ends_hold_what_is_written(void **state) {
    ds_device *device = NULL;
    long held = ds_memory_held();
    (void)state;
    DONE(ds_device_open(&device, "auto"));
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        ds_buffer *buffer = NULL, *other = NULL;
        uint32_t first = 0x01020304u + (uint32_t)i, last = ~first, got[2] = {0, 0};
        DONE(ds_buffer_create(&buffer, device, sizes[i]));
        DONE(ds_buffer_create(&other, device, sizes[i]));
        DONE(ds_buffer_zero(buffer));
        DONE(ds_buffer_write(buffer, sizes[i] - 4, 4, &last));
        DONE(ds_buffer_write(buffer, 0, 4, &first));
        DONE(ds_buffer_copy(buffer, 0, other, 0, sizes[i]));
        ds_buffer_destroy(buffer);
        DONE(ds_buffer_read(other, 0, 4, &got[0]));
        DONE(ds_buffer_read(other, sizes[i] - 4, 4, &got[1]));
        assert_int_equal(got[0], first);
        assert_int_equal(got[1], sizes[i] == 4 ? first : last);
        if (sizes[i] > 64) {
            DONE(ds_buffer_read(other, sizes[i] / 8 * 4, 4, &got[0]));
            assert_int_equal(got[0], 0);
        }
        ds_buffer_destroy(other);
    }
    ds_device_close(device);
    assert_int_equal(ds_memory_held(), held);
}

/* Of a plan without parameters. */
static void an_empty_buffer_holds_nothing(void **state) {
    static const char *const devices[] = {"auto", "plain"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        ds_device *device = NULL;
        ds_buffer *buffer = NULL, *other = NULL;
        uint32_t number = 7;
        DONE(ds_device_open(&device, devices[i]));
        DONE(ds_buffer_create(&buffer, device, 0));
        DONE(ds_buffer_create(&other, device, 0));
        DONE(ds_buffer_zero(buffer));
        DONE(ds_buffer_write(buffer, 0, 0, &number));
        DONE(ds_buffer_copy(buffer, 0, other, 0, 0));
        DONE(ds_buffer_read(other, 0, 0, &number));
        assert_int_equal(number, 7);
        ds_buffer_destroy(buffer);
        ds_buffer_destroy(other);
        ds_device_close(device);
    }
}

/* Pages begin where a large page begins, hold what was asked for beside their description, and are
 * zero. */
static void large_pages_are_whole(void **state) {
    (void)state;
    for (size_t i = 1; i < sizeof sizes / sizeof *sizes; i++) {
        ds_large_pages *pages = ds_large_pages_take(sizes[i]);
        if (!pages)
            continue; /* a system without them */
        const unsigned char *memory = pages->memory;
        assert_int_equal((uintptr_t)memory % DS_LARGE_PAGE, 0);
        assert_true(pages->bytes % DS_LARGE_PAGE == 0);
        assert_true(memory + sizes[i] <= (const unsigned char *)pages);
        assert_true((const unsigned char *)(pages + 1) == memory + pages->bytes);
        assert_true(pages->bytes < sizes[i] + 2 * DS_LARGE_PAGE);
        for (size_t k = 0; k < sizes[i]; k += 4096)
            assert_int_equal(memory[k], 0);
        ds_large_pages_give_back(pages);
    }
    assert_null(ds_large_pages_take(SIZE_MAX));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ends_hold_what_is_written),
        cmocka_unit_test(an_empty_buffer_holds_nothing),
        cmocka_unit_test(large_pages_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
