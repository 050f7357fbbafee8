/* Large files: read in blocks by several threads, the values are those of one cell after the other.
 */
#include "test_data_files.h"

#include <zlib.h>

#include "data/column.h"
#include "data/csv_reader.h"

enum { ROWS = 120000, COLUMNS = 4 }; /* some 5 MB: several blocks */

static char *text;
static size_t size;
static double wanted[ROWS][COLUMNS];

/* A number as text, of every form that columns of numbers have. */
static int print_cell(char *out, unsigned x, int column) {
    switch (column) {
    case 0: /* fits whole numbers, with more decimals further down */
        return sprintf(out, "%d.%0*u", (int)(x % 2000) - 1000, 1 + (int)(x >> 28) % 4, x % 10);
    case 1: /* every bit of a double */
        return sprintf(out, "%.17g", ((double)x - 2e9) / 3e7);
    case 2: /* missing now and then, in quotes now and then */
        return x % 97 == 0   ? sprintf(out, "NA")
               : x % 89 == 0 ? sprintf(out, "\"%u\"", x)
                             : sprintf(out, "-0.%06u", x % 3);
    default:
        return sprintf(out, "%u", x % 100000);
    }
}

static int make_text(void **state) {
    if (make_folder(state) != 0 || !(text = malloc((size_t)ROWS * 80)))
        return -1;
    unsigned x = 1;
    char *at = text + sprintf(text, "a,b,c,note,d\n");
    for (int i = 0; i < ROWS; i++) {
        char cell[64];
        for (int j = 0; j < COLUMNS; j++) {
            x = x * 1664525u + 1013904223u;
            int length = print_cell(cell, x >> 4, j);
            if (j == 3) /* line ends, separators and quotes within a cell */
                at += sprintf(at, i % 50 == 0 ? "\"two\nlines, \"\"%d\"\"\"," : "word%d,", i % 7);
            memcpy(at, cell, (size_t)length);
            at += length;
            *at++ = j + 1 < COLUMNS ? ',' : '\n';
            const char *number = cell + (*cell == '"');
            wanted[i][j] = *number == 'N' ? NAN : strtod(number, NULL);
        }
        if (i % 1000 == 0)
            at += sprintf(at, "\n");
    }
    size = (size_t)(at - text);
    write_bytes("t.csv", text, size);
    return 0;
}

static int drop_text(void **state) {
    free(text);
    return remove_folder(state);
}

static ds_column_kind as_they_are(const void *context, const char *name, bool *named) {
    (void)context;
    (void)name;
    *named = false;
    return DS_COLUMN_AUTO;
}

static void check_table(const ds_table *table) {
    static const int place[COLUMNS] = {0, 1, 2, 4};
    assert_int_equal(table->rows, ROWS);
    int64_t line = 2;
    for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < COLUMNS; j++) {
            double value = ds_column_number(&table->column[place[j]], i), *right = &wanted[i][j];
            if (isnan(*right) ? !isnan(value) : memcmp(&value, right, sizeof value) != 0)
                fail_msg("row %d, column %d: got %.17g, expected %.17g", i, j, value, *right);
        }
        assert_int_equal(table->line[i], line);
        line += 1 + (i % 50 == 0) + (i % 1000 == 0);
    }
    const ds_column *note = &table->column[3];
    assert_int_equal(note->kind, DS_COLUMN_TEXT);
    assert_string_equal(note->words.word[note->codes[0]], "two\nlines, \"0\"");
    char last[16];
    snprintf(last, sizeof last, "word%d", (ROWS - 1) % 7);
    assert_string_equal(note->words.word[note->codes[ROWS - 1]], last);
}

static void blocks_give_the_values_of_single_cells(void **state) {
    ds_wish wish = {.kind = as_they_are, .header = DS_HEADER_YES};
    ds_table table = {0};
    ds_input *input = NULL;
    ds_bytes bytes = {(unsigned char *)text, size};
    (void)state;
    assert_int_equal(ds_csv_read(&table, &bytes, "t.csv", &wish), DS_OK);
    check_table(&table);
    assert_null(table.column[0].numbers); /* in half of the room */
    assert_non_null(table.column[1].numbers);
    ds_table_clear(&table);
    assert_int_equal(ds_input_open(&input, path_of("t.csv")), DS_OK);
    assert_int_equal(ds_csv_read_input(&table, input, "t.csv", &wish), DS_OK);
    check_table(&table);
    ds_input_close(input);
    ds_table_clear(&table);
}

static void a_compressed_file_gives_the_same(void **state) {
    ds_wish wish = {.kind = as_they_are, .header = DS_HEADER_YES, .doubles = true};
    ds_table table = {0};
    ds_input *input = NULL;
    (void)state;
    gzFile file = gzopen(path_of("t.csv.gz"), "wb1");
    assert_int_equal(gzwrite(file, text, (unsigned)size), (int)size);
    assert_int_equal(gzclose(file), Z_OK);
    assert_int_equal(ds_input_open(&input, path_of("t.csv.gz")), DS_OK);
    assert_int_equal(ds_csv_read_input(&table, input, "t.csv.gz", &wish), DS_OK);
    check_table(&table);
    assert_non_null(table.column[0].numbers);
    ds_input_close(input);
    ds_table_clear(&table);
}

/* A pipe cannot be read twice, and a column that turns out to be text asks for that. */
static void a_pipe_is_read_once(void **state) {
    char options[128], command[256];
    (void)state;
    snprintf(command, sizeof command, "mkfifo %s", path_of("pipe"));
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, "cat %s > %s/pipe &", path_of("t.csv"), folder);
    assert_int_equal(system(command), 0);
    snprintf(options, sizeof options,
             "{train: pipe, target: d, features: [a, note], missing: drop}");
    ds_data *data = must_read(options, DS_TARGET_NUMBERS);
    assert_int_equal(data->train.rows, ROWS);
    ds_data_destroy(data);
}

/* Damage far down is named by its line, whichever thread meets it. */
static void damage_is_named_by_its_line(void **state) {
    static const struct {
        const char *damage, *message;
    } cases[] = {
        {"1,2\n", "expected 5 cells, got 2"},
        {"1,2,3,4,5,6\n", "expected 5 cells, got 6"},
        {"1,2,3,a\"b,5\n", "a quote that is not closed, or stands inside a cell"},
        {"1,2,x,word,5\n", "expected a number, got \"x\" (column \"c\")"},
        {"1,2,3,\xff,5\n", "the text is not UTF-8 (column \"note\")"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ds_wish wish = {.kind = as_they_are, .header = DS_HEADER_YES};
        ds_table table = {0};
        size_t length = strlen(cases[i].damage);
        char *damaged = test_malloc(size + length);
        memcpy(damaged, text, size);
        memcpy(damaged + size, cases[i].damage, length);
        ds_bytes bytes = {(unsigned char *)damaged, size + length};
        long held = ds_memory_held();
        assert_int_equal(ds_csv_read(&table, &bytes, "t.csv", &wish), DS_BAD_INPUT);
        assert_int_equal(ds_memory_held(), held);
        char line[32];
        snprintf(line, sizeof line, "t.csv:%d", 2 + ROWS + ROWS / 50 + ROWS / 1000);
        if (!strstr(ds_last_error()->message, cases[i].message) ||
            strncmp(ds_last_error()->message, line, strlen(line)) != 0)
            fail_msg("%s, wanted %s: %s", ds_last_error()->message, line, cases[i].message);
        test_free(damaged);
    }
}

/* What the end of a large file holds counts as what its beginning does. */
static void the_last_block_is_read_as_the_first(void **state) {
    static const struct {
        const char *begin, *line, *end, *message;
    } cases[] = {
        {"sep=;\rx;y\r", "1;2\r", "3;4\r", NULL},
        {"x,y\n", "1,2\n",
         "12\0"
         "99,1\n",
         "t.csv: the file is not text"},
        {"# rows of 5\" pipes\nx,y\n", "1,2\n", "3,4\n", NULL},
        {"# a\nx,y\n", "1,\"2\"\n# an inch: \"\n", "3,4\n", NULL},
    };
    enum { LINES = 400000 };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ds_wish wish = {.kind = as_they_are, .header = DS_HEADER_YES};
        ds_table table = {0};
        size_t line = strlen(cases[i].line);
        char *all = test_malloc(LINES * line + 64), *at = all;
        at += sprintf(at, "%s", cases[i].begin);
        for (int k = 0; k < LINES; k++, at += line)
            memcpy(at, cases[i].line, line);
        size_t end = cases[i].message ? 8 : strlen(cases[i].end);
        memcpy(at, cases[i].end, end);
        ds_bytes bytes = {(unsigned char *)all, (size_t)(at - all) + end};
        ds_status status = ds_csv_read(&table, &bytes, "t.csv", &wish);
        if (cases[i].message) {
            assert_int_equal(status, DS_BAD_INPUT);
            assert_string_equal(ds_last_error()->message, cases[i].message);
        } else {
            assert_int_equal(status, DS_OK);
            assert_int_equal(table.rows, LINES + 1);
            assert_true(ds_column_number(&table.column[0], LINES) == 3);
        }
        ds_table_clear(&table);
        test_free(all);
    }
}

/* 2000 words are not 2000 numbers a row, and read as if they were. */
static void many_words_take_little_memory(void **state) {
    enum { WORDS = 2000, WIDE_ROWS = 6000 };
    static char table[WIDE_ROWS * 24];
    (void)state;
    char *at = table + sprintf(table, "w,x,y\n");
    for (int i = 0; i < WIDE_ROWS; i++)
        at += sprintf(at, "N%04d,%d.5,%d\n", i * 7 % WORDS, i, i);
    write_text("wide.csv", table);
    ds_data *data =
        must_read("{train: wide.csv, target: y, normalize: standard}", DS_TARGET_NUMBERS);
    const ds_matrix *features = &data->train.features;
    assert_int_equal(features->columns, WORDS + 1);
    assert_true(ds_matrix_bytes(features) < WIDE_ROWS * 40);
    double *row = test_malloc(2 * (WORDS + 1) * sizeof *row);
    float *narrow = test_malloc(2 * (WORDS + 1) * sizeof *narrow);
    const int32_t order[] = {5999, 17};
    ds_matrix_read(features, 0, 2, order, row);
    ds_matrix_read_floats(features, 0, 2, order, narrow);
    for (int k = 0; k < 2; k++)
        for (int j = 0; j <= WORDS; j++) {
            double value = row[k * (WORDS + 1) + j];
            assert_true(narrow[k * (WORDS + 1) + j] == (float)value);
            if (j < WORDS)
                assert_true(value == (j == order[k] * 7 % WORDS));
        }
    test_free(row);
    test_free(narrow);
    ds_data_destroy(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_give_the_values_of_single_cells),
        cmocka_unit_test(a_compressed_file_gives_the_same),
        cmocka_unit_test(a_pipe_is_read_once),
        cmocka_unit_test(damage_is_named_by_its_line),
        cmocka_unit_test(the_last_block_is_read_as_the_first),
        cmocka_unit_test(many_words_take_little_memory),
    };
    return cmocka_run_group_tests(tests, make_text, drop_text);
}
