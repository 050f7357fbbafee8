#include "data/csv_pass.h"

#include <pthread.h>
#include <string.h>

enum { THREADS = 2, MOST_SERIES = 4096 };

void ds_csv_pass_clear(ds_csv_pass *pass) {
    ds_table_clear(&pass->table);
    ds_free(pass->facts);
    pass->facts = NULL;
}

ds_status ds_csv_pass_begin(ds_csv_pass *pass, const char *source) {
    const ds_csv_layout *layout = pass->layout;
    DS_CHECK(ds_table_new(&pass->table, source, layout->columns));
    DS_CHECK(ds_new(&pass->facts, (size_t)layout->columns, sizeof *pass->facts));
    pass->room = pass->lines = pass->extra = 0;
    for (int j = 0; j < layout->columns; j++) {
        ds_column *column = &pass->table.column[j];
        DS_CHECK(ds_copy_text(&column->name, layout->column[j].name));
        column->kind = layout->column[j].kind;
        ds_column_facts_begin(&pass->facts[j]);
    }
    return DS_OK;
}

/* ---- a block's rows put after those that are there ---- */

static ds_status grow(ds_csv_pass *pass, int64_t rows) {
    int64_t room = pass->room + pass->room / 4 > rows ? pass->room + pass->room / 4 : rows;
    if (rows <= pass->room)
        return DS_OK;
    if (rows > (int64_t)1 << 32)
        return ds_fail(DS_BAD_INPUT, "split the file", "%s: more than %lld rows",
                       pass->table.source, (long long)pass->room);
    for (int j = 0; j < pass->table.columns; j++)
        DS_CHECK(ds_column_reserve(&pass->table.column[j], room));
    DS_CHECK(ds_resize(&pass->table.line, (size_t)room, sizeof *pass->table.line));
    pass->room = room;
    return DS_OK;
}

/* A word that is new to the table must be UTF-8, if it is not that of a damaged row after the
 * others. */
static ds_status check_word(const ds_csv_pass *pass, const ds_column *column, const ds_column *from,
                            int32_t word, int64_t row, int64_t count) {
    int64_t at = 0;
    if (ds_is_utf8(from->words.word[word]))
        return DS_OK;
    while (at < count && from->codes[at] != word)
        at++;
    if (at == count)
        return DS_OK;
    return ds_cell_fail(&pass->table, column, row + at, "save the file as UTF-8",
                        "the text is not UTF-8");
}

static ds_status add_texts(ds_csv_pass *pass, ds_column *column, const ds_column *from,
                           int64_t count, bool check) {
    ds_status status = DS_OK;
    int64_t row = pass->table.rows;
    int32_t *code = NULL; /* of each of the block's words, in the table */
    DS_CHECK(ds_new(&code, (size_t)from->words.count, sizeof *code));
    for (int32_t i = 0; i < from->words.count; i++) {
        int32_t before = column->words.count;
        DS_TRY(ds_words_add(&column->words, from->words.word[i], &code[i]));
        if (column->words.count > before && check)
            DS_TRY(check_word(pass, column, from, i, row, count));
    }
    for (int64_t i = 0; i < count; i++)
        column->codes[row + i] = from->codes[i] < 0 ? -1 : code[from->codes[i]];

cleanup:
    ds_free(code);
    return status;
}

static ds_status damage(const ds_csv_pass *pass, const ds_block *block) {
    long long line = pass->lines + block->bad_line + 1;
    int columns = pass->table.columns;
    if (block->end == DS_BLOCK_NO_TEXT)
        return ds_fail(DS_BAD_INPUT, "save it as CSV in UTF-8; IDX and NPY are read, too",
                       "%s: the file is not text", pass->table.source);
    if (block->end == DS_BLOCK_BAD_QUOTE)
        return ds_fail(DS_BAD_INPUT,
                       "a cell with quotes in it is written in quotes, and these doubled: "
                       "\"5\"\" pipe\"",
                       "%s:%lld:%d: a quote that is not closed, or stands inside a cell",
                       pass->table.source, line, block->bad_cells + 1);
    return ds_fail(DS_BAD_INPUT,
                   block->bad_cells < columns
                       ? "every row needs as many cells as the first row has"
                       : "every row needs as many cells as the first row has; a cell with a "
                         "comma in it stands in quotes, and beside decimal commas `;` is "
                         "between cells",
                   "%s:%lld: expected %d cells, got %d", pass->table.source, line, columns,
                   block->bad_cells);
}

/* A column that nobody needs, and that has too many words to name series. */
static void give_up(ds_column *column) {
    ds_free(column->codes);
    ds_words_clear(&column->words);
    column->codes = NULL;
    column->kind = DS_COLUMN_SKIPPED;
}

static ds_status add_block(ds_csv_pass *pass, ds_block *block) {
    ds_table *table = &pass->table;
    int64_t row = table->rows, count = block->rows;
    DS_CHECK(grow(pass, row + count));
    for (int64_t i = 0; i < count; i++)
        table->line[row + i] = (uint32_t)(pass->lines + block->line[i] + 1);
    for (int j = 0; j < table->columns; j++) {
        ds_column *column = &table->column[j];
        ds_block_column *from = &block->column[j];
        bool maybe = pass->layout->column[j].wish == DS_COLUMN_MAYBE;
        if (maybe && column->words.count + from->cells.words.count > MOST_SERIES)
            give_up(column);
        if (column->kind == DS_COLUMN_TEXT)
            DS_CHECK(add_texts(pass, column, &from->cells, count, !maybe));
        if (column->kind == DS_COLUMN_NUMBER && count > 0)
            DS_CHECK(ds_column_append(column, row, &from->cells, count));
        ds_column_facts_add(&pass->facts[j], &from->facts, row);
    }
    if (block->end != DS_BLOCK_WHOLE)
        return damage(pass, block);
    table->rows += count;
    pass->lines += block->lines;
    pass->extra += block->extra;
    return DS_OK;
}

/* ---- threads ---- */

/* Threads take texts in turn, read each into a block by themselves, and add it when its turn comes.
 * What fails in one of them is given on by the one that waits for them all. */
typedef struct crew {
    ds_csv_pass *pass;
    pthread_mutex_t lock;
    pthread_cond_t added;
    int64_t texts, blocks; /* taken from the file; added to the table */
    bool over;             /* the text has ended, or something failed */
    ds_status status;
    ds_saved_error error;
} crew;

static void note_failure(crew *c, ds_status status) {
    if (status != DS_OK && c->status == DS_OK) {
        c->status = status;
        ds_error_take(&c->error);
    }
    c->over = c->over || status != DS_OK;
}

/* Takes the next text; its number, or -1 after the last. */
static int64_t take_text(crew *c, ds_csv_rows *rows) {
    int64_t number = -1;
    pthread_mutex_lock(&c->lock);
    if (!c->over) {
        note_failure(c, ds_csv_text_next(c->pass->text, rows));
        c->over = c->over || rows->size == 0;
    }
    if (!c->over)
        number = c->texts++;
    pthread_mutex_unlock(&c->lock);
    return number;
}

static void add_in_turn(crew *c, ds_block *block, int64_t number, ds_status status) {
    pthread_mutex_lock(&c->lock);
    while (c->blocks != number)
        pthread_cond_wait(&c->added, &c->lock);
    if (c->status == DS_OK)
        note_failure(c, status == DS_OK ? add_block(c->pass, block) : status);
    c->blocks++;
    pthread_cond_broadcast(&c->added);
    pthread_mutex_unlock(&c->lock);
}

static void *work(void *context) {
    crew *c = context;
    ds_block block = {0};
    ds_csv_rows rows = {0};
    for (int64_t number; (number = take_text(c, &rows)) >= 0;) {
        ds_status status =
            ds_block_read(&block, c->pass->layout, &rows, false, INT64_MAX, c->pass->missing);
        add_in_turn(c, &block, number, status);
    }
    ds_block_clear(&block);
    ds_free(rows.text);
    return NULL;
}

/* This thread works, too, and alone where no other can be made. */
static ds_status run_crew(ds_csv_pass *pass) {
    pthread_t thread[THREADS - 1];
    int threads = 0;
    crew c = {.pass = pass, .status = DS_OK};
    pthread_mutex_init(&c.lock, NULL);
    pthread_cond_init(&c.added, NULL);
    while (threads < THREADS - 1 && pthread_create(&thread[threads], NULL, work, &c) == 0)
        threads++;
    work(&c);
    for (int i = 0; i < threads; i++)
        pthread_join(thread[i], NULL);
    pthread_cond_destroy(&c.added);
    pthread_mutex_destroy(&c.lock);
    return c.status == DS_OK ? DS_OK : ds_error_give(&c.error);
}

/* Gives back the room that no row took. */
static ds_status shrink(ds_csv_pass *pass) {
    for (int j = 0; j < pass->table.columns; j++) {
        DS_CHECK(ds_column_reserve(&pass->table.column[j], pass->table.rows));
        if (pass->doubles)
            DS_CHECK(ds_column_widen(&pass->table.column[j], pass->table.rows));
    }
    return ds_resize(&pass->table.line, (size_t)pass->table.rows, sizeof *pass->table.line);
}

ds_status ds_csv_pass_run(ds_csv_pass *pass, ds_csv_rows *first) {
    ds_block block = {0};
    ds_status status = ds_block_read(&block, pass->layout, first, true, INT64_MAX, pass->missing);
    if (status == DS_OK)
        status = add_block(pass, &block);
    ds_block_clear(&block);
    if (status == DS_OK && !pass->text->ended)
        status = run_crew(pass);
    return status == DS_OK ? shrink(pass) : status;
}
