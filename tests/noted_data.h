/* Data that is read with notes. */
#ifndef DS_TEST_NOTED_DATA_H
#define DS_TEST_NOTED_DATA_H

#include "test_data_files.h"

/* The notes must be these, without the folder in front of a file's name. */
static inline ds_data *read_noting(const char *options, const char *wanted) {
    ds_text notes = {0};
    ds_data *data = NULL;
    char without[1024] = "";
    if (read_data(&data, options, DS_TARGET_NUMBERS, &notes) != DS_OK)
        fail_msg("%s", ds_last_error()->message);
    for (const char *line = notes.characters; line && *line; line++) {
        size_t prefix = strncmp(line, folder, strlen(folder)) == 0 ? strlen(folder) + 1 : 0;
        line += prefix;
        strncat(without, line, 1);
    }
    assert_string_equal(without, wanted);
    ds_text_clear(&notes);
    return data;
}

#endif
