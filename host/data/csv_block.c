#include "data/csv_block.h"

#include <math.h>
#include <string.h>

#include "base/number_scan.h"

void ds_block_clear(ds_block *block) {
    for (int j = 0; j < block->columns; j++)
        ds_column_clear(&block->column[j].cells);
    ds_free(block->column);
    ds_free(block->line);
    *block = (ds_block){0};
}

/* ---- facts ---- */

void ds_column_facts_begin(ds_column_facts *facts) {
    *facts = (ds_column_facts){.odd = {-1},
                               .cleaned = {-1},
                               .percent = {-1},
                               .like = {-1},
                               .zero_first = {-1},
                               .currencies = {-1},
                               .missing_word = {-1}};
}

static void note_cell(ds_noted_cell *noted, int64_t row, const char *text) {
    if (noted->row >= 0)
        return;
    noted->row = row;
    ds_cell_excerpt(noted->text, text);
}

static void add_noted(ds_noted_cell *to, const ds_noted_cell *from, int64_t first) {
    if (to->row >= 0 || from->row < 0)
        return;
    *to = *from;
    to->row += first;
}

void ds_column_facts_add(ds_column_facts *to, const ds_column_facts *from, int64_t first) {
    bool currency = *to->currency && *from->currency && strcmp(to->currency, from->currency) != 0;
    if (to->cleaned.row < 0)
        to->cleaned_value = from->cleaned_value;
    add_noted(&to->odd, &from->odd, first);
    add_noted(&to->cleaned, &from->cleaned, first);
    add_noted(&to->percent, &from->percent, first);
    add_noted(&to->like, &from->like, first);
    add_noted(&to->zero_first, &from->zero_first, first);
    add_noted(&to->currencies, currency ? &from->cleaned : &from->currencies, first);
    if (!*to->currency)
        memcpy(to->currency, from->currency, sizeof to->currency);
    add_noted(&to->missing_word, &from->missing_word, first);
    to->missing_words += from->missing_words;
    to->numbers += from->numbers;
    to->words += from->words;
    to->missing += from->missing;
    to->percents += from->percents;
    to->like_numbers += from->like_numbers;
    to->marks |= from->marks;
}

static void take_currency(ds_column_facts *facts, const char *text, int64_t row) {
    char sign[8];
    ds_cell_currency(sign, text);
    if (!*facts->currency)
        memcpy(facts->currency, sign, sizeof sign);
    else if (strcmp(facts->currency, sign) != 0)
        note_cell(&facts->currencies, row, text);
}

static void take_word(ds_column_facts *facts, const char *text, int64_t row) {
    facts->words++;
    note_cell(&facts->odd, row, text);
    if (!ds_cell_looks_like_number(text))
        return;
    facts->like_numbers++;
    note_cell(&facts->like, row, text);
}

double ds_column_facts_take(ds_column_facts *facts, const ds_csv_cell *cell, int64_t row,
                            ds_decimal decimal, const ds_words *missing) {
    double value = NAN;
    unsigned marks = 0;
    if (ds_cell_is_missing(cell->text, cell->quoted, true, missing)) {
        facts->missing++;
        return NAN;
    }
    bool number = ds_cell_number(cell->text, decimal, &value, &marks);
    if (!number) { /* a number written the other way is none that can be read, but no word */
        marks = 0;
        if (!ds_cell_number(cell->text, DS_DECIMAL_AUTO, &value, &marks) || isinf(value)) {
            take_word(facts, cell->text, row);
            return NAN;
        }
        value = NAN;
    }
    facts->numbers++;
    facts->marks |= marks;
    if (!isfinite(value))
        note_cell(&facts->odd, row, cell->text);
    if (marks & DS_MARK_ZERO_FIRST)
        note_cell(&facts->zero_first, row, cell->text);
    if (marks & DS_MARK_PERCENT) {
        facts->percents++;
        note_cell(&facts->percent, row, cell->text);
    }
    if (marks & DS_MARK_CURRENCY)
        take_currency(facts, cell->text, row);
    if (marks & DS_MARKS_CLEANED && facts->cleaned.row < 0) {
        note_cell(&facts->cleaned, row, cell->text);
        facts->cleaned_value = value;
    }
    return value;
}

/* ---- rows ---- */

static ds_status grow(ds_block *block) {
    int64_t room = block->room ? 2 * block->room : 256;
    for (int j = 0; j < block->columns; j++)
        DS_CHECK(ds_column_reserve(&block->column[j].cells, room));
    DS_CHECK(ds_resize(&block->line, (size_t)room, sizeof *block->line));
    block->room = room;
    return DS_OK;
}

/* Where the separator or the line end after a plain number stands, which most cells are; NULL where
 * the cell is anything else. */
static inline char *scan_plain(const ds_csv_cursor *cursor, char *at, ds_decimal_number *number,
                               ds_decimal decimal) {
    const char *end = ds_scan_number(at, number, ds_take_digits_padded),
               *first = at + (*at == '-' || *at == '+');
    if (!end || (decimal == DS_DECIMAL_COMMA && number->point) || number->exponent ||
        number->whole > 300 || (number->whole > 1 && *first == '0'))
        return NULL;
    char *stop = ds_csv_skip_blanks(cursor, at + (end - at));
    return *stop == cursor->separator || *stop == '\n' || *stop == '\r' ? stop : NULL;
}

static inline ds_status take_plain(ds_block_column *column, const ds_decimal_number *number,
                                   const char *at, int64_t row) {
    column->facts.numbers++;
    /* Up to 15 digits after a point whose column has others say nothing new. */
    if (number->count > 15 || !number->point || !(column->facts.marks & DS_MARK_POINT))
        column->facts.marks |= ds_plain_marks(number, at);
    return ds_column_take_decimal(&column->cells, row, number, at);
}

static ds_status take_number(ds_block_column *column, const ds_csv_cell *cell, int64_t row,
                             ds_decimal decimal, const ds_words *missing) {
    double value = ds_column_facts_take(&column->facts, cell, row, decimal, missing);
    return ds_column_put(&column->cells, row, isfinite(value) ? value : (double)NAN);
}

static ds_status take_text(ds_block_column *column, const ds_csv_cell *cell, int64_t row,
                           const ds_words *missing) {
    if (!ds_cell_is_missing(cell->text, cell->quoted, false, missing))
        return ds_words_add(&column->cells.words, cell->text, &column->cells.codes[row]);
    column->cells.codes[row] = -1;
    if (*cell->text) {
        column->facts.missing_words++;
        note_cell(&column->facts.missing_word, row, cell->text);
    }
    return DS_OK;
}

/* The cells of a row that is there; `good` is false where it ends in a damaged cell. */
static ds_status read_row(ds_block *block, const ds_csv_layout *layout, ds_csv_cursor *cursor,
                          const ds_words *missing, bool *good) {
    ds_csv_cell cell = {0};
    ds_decimal_number number;
    int index = 0;
    bool last = false, empty = true;
    for (; !last; index++) {
        bool inside = index < block->columns;
        ds_column_kind kind = inside ? layout->column[index].kind : DS_COLUMN_SKIPPED;
        ds_block_column *column = &block->column[inside ? index : 0];
        if (kind == DS_COLUMN_NUMBER && !missing) {
            char *at = ds_csv_skip_blanks(cursor, cursor->at);
            char *stop = scan_plain(cursor, at, &number, layout->decimal);
            if (stop) {
                DS_CHECK(take_plain(column, &number, at, block->rows));
                last = ds_csv_end_cell(cursor, stop);
                continue;
            }
        }
        *good = ds_csv_next_cell(cursor, &cell);
        if (!*good)
            break;
        last = cell.last;
        empty = *cell.text == '\0';
        if (kind == DS_COLUMN_NUMBER)
            DS_CHECK(take_number(column, &cell, block->rows, layout->decimal, missing));
        else if (kind == DS_COLUMN_TEXT)
            DS_CHECK(take_text(column, &cell, block->rows, missing));
    }
    block->bad_cells = index;
    if (!*good) {
        block->end = DS_BLOCK_BAD_QUOTE;
    } else if (index == block->columns + 1 && empty) {
        block->extra++;
    } else if (index != block->columns) {
        block->end = DS_BLOCK_BAD_COUNT;
        *good = false;
    }
    return DS_OK;
}

static bool skip_row(ds_block *block, ds_csv_cursor *cursor) {
    ds_csv_cell cell = {0};
    for (block->bad_cells = 0; !cell.last; block->bad_cells++)
        if (!ds_csv_next_cell(cursor, &cell)) {
            block->end = DS_BLOCK_BAD_QUOTE;
            return false;
        }
    return true;
}

static ds_status begin(ds_block *block, const ds_csv_layout *layout) {
    if (!block->column) {
        DS_CHECK(ds_new(&block->column, (size_t)layout->columns, sizeof *block->column));
        block->columns = layout->columns;
    }
    block->rows = block->lines = block->extra = 0;
    block->end = DS_BLOCK_WHOLE;
    for (int j = 0; j < block->columns; j++) {
        ds_words_clear(&block->column[j].cells.words);
        block->column[j].cells.kind = layout->column[j].kind;
        ds_column_facts_begin(&block->column[j].facts);
    }
    return DS_OK;
}

/* Past the lines before the first row. */
static void skip_lines(ds_csv_cursor *cursor, int64_t lines) {
    for (; lines > 0; lines--)
        cursor->at = ds_csv_skip_line_end(cursor, cursor->at + strcspn(cursor->at, "\r\n"));
}

ds_status ds_block_read(ds_block *block, const ds_csv_layout *layout, const ds_csv_rows *text,
                        bool first, int64_t most, const ds_words *missing) {
    int64_t skip = first ? layout->skip_rows : 0;
    ds_csv_cursor cursor = {.at = text->text,
                            .end = text->text + text->size,
                            .separator = layout->separator,
                            .comments = layout->comments};
    DS_CHECK(begin(block, layout));
    bool good = true;
    if (memchr(text->text, '\0', text->size)) {
        block->end = DS_BLOCK_NO_TEXT;
        return DS_OK;
    }
    if (first)
        skip_lines(&cursor, layout->skip_lines);
    while (good && block->rows < most && ds_csv_next_row(&cursor)) {
        block->bad_line = cursor.line;
        if (skip > 0) {
            skip--;
            good = skip_row(block, &cursor);
            continue;
        }
        if (block->rows == block->room)
            DS_CHECK(grow(block));
        block->line[block->rows] = cursor.line;
        DS_CHECK(read_row(block, layout, &cursor, missing, &good));
        block->rows += good;
    }
    block->lines = cursor.line;
    return DS_OK;
}
