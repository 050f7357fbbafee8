/* For memrchr. */
#define _GNU_SOURCE
#include "data/csv_text.h"

#include <string.h>

static ds_status read_more(ds_csv_text *text, char *to, size_t size, size_t *got) {
    if (text->input)
        return ds_input_read(text->input, to, size, got);
    size_t left = text->size - text->done;
    *got = size < left ? size : left;
    memcpy(to, text->memory + text->done, *got);
    text->done += *got;
    return DS_OK;
}

/* Where a line that begins at `at` is a comment, its end; else `at`. */
static const char *skip_comments(const char *at, const char *end, bool comments) {
    while (comments && at < end && *at == '#')
        for (at++; at < end && at[-1] != '\n'; at++)
            ;
    return at;
}

/* The end of the last line that ends outside of quotes; 0: none does. Quotes in comments do not
 * count. */
static size_t last_line_end(const char *from, size_t size, bool comments) {
    const char *end = from + size, *at = skip_comments(from, end, comments), *last = NULL;
    for (bool quoted = false; at < end; quoted = !quoted) {
        const char *quote = memchr(at, '"', (size_t)(end - at));
        const char *stop = quote ? quote : end;
        for (const char *comment = at; comments && !quoted && comment < stop; comment++)
            if (*comment == '\n' && comment + 1 < end && comment[1] == '#') {
                comment = skip_comments(comment + 1, end, true) - 1;
                if (comment >= stop) { /* the quote stood in a comment */
                    quote = comment + 1 < end
                                ? memchr(comment + 1, '"', (size_t)(end - comment - 1))
                                : NULL;
                    stop = quote ? quote : end;
                }
            }
        if (!quoted) {
            const char *line = memrchr(at, '\n', (size_t)(stop - at));
            line = line ? line : memrchr(at, '\r', (size_t)(stop - at));
            last = line ? line : last;
        }
        at = stop + 1;
    }
    return last ? (size_t)(last - from) + 1 : 0;
}

static bool begins_with_mark(const ds_csv_rows *block) {
    return block->size >= 3 && memcmp(block->text, "\xef\xbb\xbf", 3) == 0;
}

/* What stands at both ends of a text and is none of it. */
static void trim(ds_csv_text *text, ds_csv_rows *block) {
    if (!text->begun && begins_with_mark(block)) {
        block->size -= 3;
        memmove(block->text, block->text + 3, block->size);
    }
    text->begun = true;
    while (text->ended && block->size && block->text[block->size - 1] == 0x1a)
        block->size--;
}

/* Keeps what stands after the last whole row for the next block. */
static ds_status keep_rest(ds_csv_text *text, ds_csv_rows *block, size_t end) {
    size_t size = block->size - end;
    if (size > text->rest_room) {
        DS_CHECK(ds_resize(&text->rest, size, 1));
        text->rest_room = size;
    }
    if (size)
        memcpy(text->rest, block->text + end, size);
    text->rest_size = size;
    block->size = end;
    return DS_OK;
}

ds_status ds_csv_text_next(ds_csv_text *text, ds_csv_rows *block) {
    size_t end = 0;
    block->size = 0;
    while (!text->ended && end == 0) {
        size_t wanted = block->size ? 2 * block->size : text->block;
        wanted = wanted > text->rest_size ? wanted : 2 * text->rest_size;
        size_t room = wanted + 2 + DS_NUMBER_PADDING;
        if (room > block->room) {
            DS_CHECK(ds_resize(&block->text, room, 1));
            block->room = room;
        }
        if (text->rest_size)
            memcpy(block->text, text->rest, text->rest_size);
        block->size += text->rest_size;
        text->rest_size = 0;
        size_t got;
        DS_CHECK(read_more(text, block->text + block->size, wanted - block->size, &got));
        text->ended = got < wanted - block->size;
        block->size += got;
        if (!text->begun)
            text->comments = block->size && block->text[begins_with_mark(block) ? 3 : 0] == '#';
        end = last_line_end(block->text, block->size, text->comments);
        /* A CR may have its LF in the next block. */
        if (end == block->size && !text->ended && end > 0 && block->text[end - 1] == '\r')
            end = 0;
    }
    if (block->size == 0)
        return DS_OK;
    if (text->ended)
        end = block->size;
    DS_CHECK(keep_rest(text, block, end));
    trim(text, block);
    if (block->size && block->text[block->size - 1] != '\n')
        block->text[block->size++] = '\n';
    if (block->size)
        memset(block->text + block->size, 0, 1 + DS_NUMBER_PADDING);
    return DS_OK;
}

ds_status ds_csv_text_rewind(ds_csv_text *text) {
    text->done = text->rest_size = 0;
    text->begun = text->ended = false;
    if (text->input && !ds_input_rewind(text->input))
        return ds_fail(DS_BAD_INPUT, "save it as a file", "the data cannot be read twice");
    return DS_OK;
}

void ds_csv_text_clear(ds_csv_text *text) {
    ds_free(text->rest);
    text->rest = NULL;
    text->rest_size = text->rest_room = 0;
}
