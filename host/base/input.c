#include "base/input.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { BUFFER = 1 << 17, PEEKED = 16 };

struct ds_input {
    char *path;
    gzFile file;
    bool regular;
    bool once;                  /* what it gives it gives once: standard input, a pipe */
    unsigned char head[PEEKED]; /* peeked bytes, of which `taken` were read */
    size_t peeked, taken;
};

static ds_status read_failed(const char *path, const char *reason) {
    return ds_fail(DS_BAD_INPUT, "check the path and that the file is readable", "%s: %s", path,
                   reason);
}

/* What gives nothing may have been read before. */
static ds_status read_nothing(const char *path) {
    return ds_fail(DS_BAD_INPUT,
                   "it can be read once: where that is not enough, write it to a file first",
                   "%s: nothing came from it", strcmp(path, "-") == 0 ? "standard input" : path);
}

void ds_input_close(ds_input *input) {
    if (!input)
        return;
    if (input->file)
        gzclose_r(input->file);
    ds_free(input->path);
    ds_free(input);
}

static ds_status open_file(ds_input *input, const char *path) {
    struct stat about = {0};
    bool standard_input = strcmp(path, "-") == 0;
    bool known = standard_input ? fstat(STDIN_FILENO, &about) == 0 : stat(path, &about) == 0;
    /* gzopen accepts a folder and fails only at the first read, without saying why. */
    if (known && S_ISDIR(about.st_mode))
        return read_failed(path, "is a folder");
    input->regular = known && S_ISREG(about.st_mode) && !standard_input;
    input->once = standard_input || (known && !S_ISREG(about.st_mode));
    errno = 0;
    input->file = standard_input ? gzdopen(dup(STDIN_FILENO), "rb") : gzopen(path, "rb");
    if (!input->file && errno == ENOENT && strncmp(path, "/dev/fd/", 8) == 0)
        return read_nothing(path); /* of a command that has ended */
    if (!input->file)
        return read_failed(path, errno ? strerror(errno) : "cannot be opened");
    gzbuffer(input->file, BUFFER);
    return ds_copy_text(&input->path, path);
}

ds_status ds_input_open(ds_input **out, const char *path) {
    ds_input *input = NULL;
    DS_CHECK(ds_new(&input, 1, sizeof *input));
    ds_status status = open_file(input, path);
    if (status == DS_OK)
        *out = input;
    else
        ds_input_close(input);
    return status;
}

static ds_status gzip_failed(ds_input *input) {
    int number;
    (void)gzerror(input->file, &number);
    return read_failed(input->path, number == Z_ERRNO       ? strerror(errno)
                                    : number == Z_BUF_ERROR ? "the compressed file is cut short"
                                                            : "the compressed file is damaged");
}

ds_status ds_input_read(ds_input *input, void *to, size_t size, size_t *got) {
    unsigned char *at = to;
    *got = 0;
    for (; *got < size && input->taken < input->peeked; ++*got)
        *at++ = input->head[input->taken++];
    while (*got < size) {
        size_t room = size - *got;
        int now = gzread(input->file, at, room > 1u << 30 ? 1u << 30 : (unsigned)room);
        int number = Z_OK;
        /* A gzip file cut short reads as its beginning; then only the error number tells. */
        if (now == 0)
            (void)gzerror(input->file, &number);
        if (now < 0 || (now == 0 && number != Z_OK && number != Z_STREAM_END))
            return gzip_failed(input);
        if (now == 0)
            break;
        at += now;
        *got += (size_t)now;
    }
    return DS_OK;
}

ds_status ds_input_peek(ds_input *input, unsigned char *to, size_t size, size_t *got) {
    if (input->peeked == 0)
        DS_CHECK(ds_input_read(input, input->head, PEEKED, &input->peeked));
    if (input->peeked == 0 && input->once)
        return read_nothing(input->path);
    input->taken = 0;
    *got = size < input->peeked ? size : input->peeked;
    memcpy(to, input->head, *got);
    return DS_OK;
}

ds_status ds_input_rest(ds_input *input, ds_bytes *out) {
    ds_status status = DS_OK;
    ds_bytes bytes = {0};
    size_t capacity = BUFFER, got;
    DS_TRY(ds_new(&bytes.data, capacity, 1));
    for (;;) {
        DS_TRY(ds_input_read(input, bytes.data + bytes.size, capacity - bytes.size - 1, &got));
        bytes.size += got;
        if (bytes.size + 1 < capacity)
            break;
        capacity *= 2;
        DS_TRY(ds_resize(&bytes.data, capacity, 1));
    }
    if (bytes.size == 0 && input->once) {
        status = read_nothing(input->path);
        goto cleanup;
    }
    bytes.data[bytes.size] = 0;
    *out = bytes;
    bytes.data = NULL;

cleanup:
    ds_free(bytes.data);
    return status;
}

bool ds_input_rewind(ds_input *input) {
    if (!input->regular || gzrewind(input->file) != 0)
        return false;
    input->peeked = input->taken = 0;
    return true;
}
