/* What a call of the library came to. Include after cmocka. */
#ifndef DS_TEST_OUTCOME_H
#define DS_TEST_OUTCOME_H

#include <string.h>

#include "descent.h"

#define DONE(call) assert_done((call), #call)

static inline void assert_done(ds_status status, const char *call) {
    if (status != DS_OK)
        fail_msg("%s: %s; %s", call, ds_last_error()->message, ds_last_error()->hint);
}

/* The call failed with this status and exactly this message. */
static inline void assert_failed(ds_status status, ds_status expected, const char *message) {
    if (status == DS_OK)
        fail_msg("no failure, but expected: %s", message);
    assert_string_equal(ds_last_error()->message, message);
    assert_int_equal(status, expected);
    assert_int_equal(ds_last_error()->status, expected);
}

static inline void assert_refused(ds_status status, const char *message) {
    assert_failed(status, DS_BAD_INPUT, message);
}

static inline void assert_hint(const char *hint) {
    assert_string_equal(ds_last_error()->hint, hint);
}

#endif
