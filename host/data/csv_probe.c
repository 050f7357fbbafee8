#include "data/csv_probe.h"

#include <string.h>
#include <strings.h>

#include "data/cell_text.h"

enum { PROBE_ROWS = 100, PROBE_CHUNK = 1 << 14 };

static void *resize(void *memory, size_t size) {
    return ds_resize(&memory, size, 1) == DS_OK ? memory : NULL;
}

ds_status ds_csv_parser_open(struct csv_parser *parser, char separator, const char *path) {
    /* REPALL_NL reports the ends of blank lines, too, without which lines could not be counted. */
    if (csv_init(parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL | CSV_APPEND_NULL) != 0)
        return ds_fail(DS_OUT_OF_MEMORY, "", "no memory to read %s", path);
    csv_set_delim(parser, (unsigned char)separator);
    csv_set_realloc_func(parser, resize);
    csv_set_free_func(parser, ds_free);
    return DS_OK;
}

static bool ends_with(const char *path, const char *end) {
    size_t length = strlen(path), tail = strlen(end);
    if (length > 3 && strcasecmp(path + length - 3, ".gz") == 0)
        length -= 3;
    return length >= tail && strncasecmp(path + length - tail, end, tail) == 0;
}

/* Not even where `at` lies before the first. */
static bool is_digit(const char *text, size_t size, size_t at) {
    return at < size && text[at] >= '0' && text[at] <= '9';
}

static char find_separator(const char *text, size_t size, const char *path) {
    static const char separators[] = {',', '\t', ';'};
    size_t count[3] = {0}, decimal = 0; /* commas between digits */
    bool quoted = false;
    int best = 0;
    if (ends_with(path, ".tsv") || ends_with(path, ".tab"))
        return '\t';
    size_t start = 0;
    while (start < size && (text[start] == '\n' || text[start] == '\r'))
        start++;
    for (size_t i = start; i < size && (quoted || (text[i] != '\n' && text[i] != '\r')); i++) {
        if (text[i] == '"')
            quoted = !quoted;
        for (int k = 0; k < 3 && !quoted; k++)
            count[k] += text[i] == separators[k];
        decimal +=
            !quoted && text[i] == ',' && is_digit(text, size, i - 1) && is_digit(text, size, i + 1);
    }
    if (decimal == count[0]) /* such commas separate cells only where nothing else does */
        count[0] = 0;
    for (int k = 1; k < 3; k++)
        if (count[k] > count[best])
            best = k;
    return separators[best];
}

typedef struct probing {
    ds_csv_probe *probe;
    ds_status status;
    int cell; /* in this row */
} probing;

static ds_status add_first(ds_csv_probe *probe, const char *text) {
    if (probe->columns == probe->limit) {
        int limit = probe->limit ? probe->limit * 2 : 16;
        DS_CHECK(ds_resize(&probe->first, (size_t)limit, sizeof *probe->first));
        probe->limit = limit;
    }
    DS_CHECK(ds_copy_text(&probe->first[probe->columns], text));
    probe->columns++;
    return DS_OK;
}

static void count_cell(ds_csv_probe *probe, int column, const char *text) {
    double value;
    if (ds_cell_is_missing(text))
        return;
    ds_comma comma = ds_cell_comma(text);
    bool number = ds_number_parse(text, &value);
    ++*(number || comma ? &probe->number[column] : &probe->word[column]);
    probe->comma = probe->comma || comma == DS_COMMA_DECIMAL;
    probe->point = probe->point || comma == DS_COMMA_THOUSANDS || (number && strchr(text, '.'));
}

static void on_cell(void *text, size_t length, void *context) {
    probing *self = context;
    ds_csv_probe *probe = self->probe;
    (void)length;
    if (self->status != DS_OK || probe->rows >= PROBE_ROWS)
        return;
    if (probe->rows == 0)
        self->status = add_first(probe, text);
    else if (self->cell < probe->columns)
        count_cell(probe, self->cell, text);
    self->cell++;
}

static void on_row(int end, void *context) {
    probing *self = context;
    ds_csv_probe *probe = self->probe;
    (void)end;
    if (self->cell == 0 || self->status != DS_OK)
        return; /* a blank line */
    if (probe->rows++ == 0) {
        self->status = ds_new(&probe->number, (size_t)probe->columns, sizeof *probe->number);
        if (self->status == DS_OK)
            self->status = ds_new(&probe->word, (size_t)probe->columns, sizeof *probe->word);
    }
    self->cell = 0;
}

/* A row with a column's name that was asked for is the header, and a row without any number; a row
 * of numbers, one of which was asked for, may be either. */
static ds_status find_header(ds_csv_probe *probe, const char *path, const ds_wish *wish) {
    const char *asked = NULL;
    int numbers = 0;
    double value;
    probe->header = wish->header == DS_HEADER_YES;
    if (wish->header != DS_HEADER_AUTO)
        return DS_OK;
    for (int j = 0; j < probe->columns; j++) {
        bool named = false;
        (void)wish->kind(wish->context, probe->first[j], &named);
        asked = named ? probe->first[j] : asked;
        numbers += ds_number_parse(probe->first[j], &value) ||
                   (probe->separator != ',' && ds_cell_comma(probe->first[j]));
    }
    if (asked && numbers == probe->columns)
        return ds_fail(DS_BAD_INPUT,
                       "without names the columns are c1, c2, c3, ...; if these numbers are the "
                       "names, say `header: true` under `data`",
                       "%s: the first row is all numbers, so \"%.40s\" is no column's name",
                       ds_source_name(path), asked);
    probe->header = asked || numbers == 0;
    return DS_OK;
}

/* Without a header the first row counts as the others do. */
static void count_first(ds_csv_probe *probe) {
    for (int j = 0; j < probe->columns && !probe->header; j++)
        count_cell(probe, j, probe->first[j]);
}

ds_status ds_csv_probe_read(ds_csv_probe *out, const char *text, size_t size, const char *path,
                            const ds_wish *wish) {
    ds_status status = DS_OK;
    ds_csv_probe probe = {.separator = find_separator(text, size, path)};
    probing self = {.probe = &probe};
    struct csv_parser parser;
    DS_CHECK(ds_csv_parser_open(&parser, probe.separator, path));
    size_t done = 0;
    while (done < size && probe.rows < PROBE_ROWS && self.status == DS_OK) {
        size_t chunk = size - done < PROBE_CHUNK ? size - done : PROBE_CHUNK;
        if (csv_parse(&parser, text + done, chunk, on_cell, on_row, &self) != chunk)
            break; /* the reader proper will meet it again and say where */
        done += chunk;
    }
    if (done == size)
        (void)csv_fini(&parser, on_cell, on_row, &self);
    DS_TRY(self.status);
    char separator = probe.separator;
    if (probe.rows == 0) { /* empty, or its first row is damaged: the reader says which */
        ds_csv_probe_clear(&probe);
    } else {
        DS_TRY(find_header(&probe, path, wish));
        count_first(&probe);
        bool comma = separator != ',' && probe.comma && !probe.point;
        probe.decimal = wish->decimal ? wish->decimal : comma ? DS_DECIMAL_COMMA : DS_DECIMAL_AUTO;
    }
    probe.separator = separator;
    *out = probe;
    probe = (ds_csv_probe){0};

cleanup:
    csv_free(&parser);
    ds_csv_probe_clear(&probe);
    return status;
}

void ds_csv_probe_clear(ds_csv_probe *probe) {
    for (int j = 0; j < probe->columns; j++)
        ds_free(probe->first[j]);
    ds_free(probe->first);
    ds_free(probe->number);
    ds_free(probe->word);
    *probe = (ds_csv_probe){0};
}

ds_column_kind ds_csv_probe_kind(const ds_csv_probe *probe, int column) {
    return probe->word[column] > probe->number[column] ? DS_COLUMN_TEXT : DS_COLUMN_NUMBER;
}
