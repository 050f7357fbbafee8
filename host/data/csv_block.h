/* A block of CSV rows read into columns, apart from all other blocks. */
#ifndef DS_CSV_BLOCK_H
#define DS_CSV_BLOCK_H

#include "data/csv_layout.h"
#include "data/csv_text.h"

enum { DS_EXCERPT = 64 };

/* A cell that a message may have to show; row -1: there is none. */
typedef struct ds_noted_cell {
    int64_t row;
    char text[DS_EXCERPT];
} ds_noted_cell;

/* What the cells of a column were. */
typedef struct ds_column_facts {
    int64_t numbers, words, missing, percents;
    int64_t like_numbers;  /* words that a number stands in: <1.0 */
    unsigned marks;        /* of its numbers */
    ds_noted_cell odd;     /* the first that is no number as numbers are read here */
    ds_noted_cell cleaned; /* the first number that something stands around, and its value */
    double cleaned_value;
    ds_noted_cell percent, like, zero_first;
    int64_t missing_words; /* of a column of text: cells with a word that means missing */
    ds_noted_cell missing_word;
    char currency[8];         /* the sign of the first that has one */
    ds_noted_cell currencies; /* the first that has another */
} ds_column_facts;

/* Facts of rows that come after `first` rows. */
void ds_column_facts_add(ds_column_facts *to, const ds_column_facts *from, int64_t first);
void ds_column_facts_begin(ds_column_facts *facts);

/* Takes note of one cell as a cell of numbers; what it is worth. */
double ds_column_facts_take(ds_column_facts *facts, const ds_csv_cell *cell, int64_t row,
                            ds_decimal decimal, const ds_words *missing);

typedef struct ds_block_column {
    ds_column cells;       /* without a name */
    ds_column_facts facts; /* of a column read as numbers */
} ds_block_column;

typedef struct ds_block {
    int64_t rows, room, lines; /* lines in all, with blank ones */
    int64_t *line;             /* of each row, counted from 0 */
    int columns;
    ds_block_column *column;
    int64_t extra; /* rows with one empty cell more than there are columns */
    enum { DS_BLOCK_WHOLE, DS_BLOCK_BAD_QUOTE, DS_BLOCK_BAD_COUNT, DS_BLOCK_NO_TEXT } end;
    int64_t bad_line; /* of the row that is damaged */
    int bad_cells;    /* its cells, up to the damage */
} ds_block;

/* Reads the rows of a text, at most `most` of them; of the file's `first` text those that are data.
 * The block's room is used again. */
ds_status ds_block_read(ds_block *block, const ds_csv_layout *layout, const ds_csv_rows *text,
                        bool first, int64_t most, const ds_words *missing);
void ds_block_clear(ds_block *block);

#endif
