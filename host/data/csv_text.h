/* The text of a CSV file in blocks of whole rows. */
#ifndef DS_CSV_TEXT_H
#define DS_CSV_TEXT_H

#include "base/input.h"
#include "base/number.h"

/* Text from memory, or from an input that can be read again. */
typedef struct ds_csv_text {
    const unsigned char *memory; /* or NULL */
    size_t size, done;           /* of the memory */
    ds_input *input;
    char *rest; /* the beginning of the next block, which came with the one before */
    size_t rest_size, rest_room;
    size_t block; /* bytes in a block, about */
    bool begun, ended, comments;
} ds_csv_text;

typedef struct ds_csv_rows {
    char *
        text; /* ends with a line end and a zero, after which DS_NUMBER_PADDING bytes may be read */
    size_t size, room;
} ds_csv_rows;

/* Fills a block, whose room is used again, with the next rows; its size is 0 after the last. A byte
 * order mark at the beginning and a Ctrl-Z at the end do not count. */
ds_status ds_csv_text_next(ds_csv_text *text, ds_csv_rows *out);

/* Back to the beginning. */
ds_status ds_csv_text_rewind(ds_csv_text *text);
void ds_csv_text_clear(ds_csv_text *text);

#endif
