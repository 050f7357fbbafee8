#include "data/source.h"

#include <string.h>

#include "data/csv_reader.h"

void ds_files_clear(ds_files *files) {
    ds_free(files->features);
    ds_free(files->targets);
    *files = (ds_files){0};
}

static ds_status locate(char **out, const char *folder, const char *path) {
    return ds_path_join(out, strcmp(path, "-") == 0 ? NULL : folder, path);
}

/* The two ways to write a pair. */
static const struct {
    const char *features, *targets; /* keys of the map */
    const char *first, *second;     /* in one line of text */
    const char *hint;
} pairs[] = {
    {"images", "labels", "images=", ",labels=", "write {images: FILE, labels: FILE}"},
    {"features", "target", "features=", ",target=", "write {features: X.npy, target: y.npy}"},
};

ds_status ds_files_from_text(ds_files *out, const char *text, const char *folder) {
    ds_status status = DS_OK;
    ds_files files = {0};
    char *copy = NULL;
    DS_TRY(ds_copy_text(&copy, text));
    char *features = copy, *targets = NULL;
    for (int i = 0; i < 2; i++) {
        if (strncmp(text, pairs[i].first, strlen(pairs[i].first)) != 0)
            continue;
        features = copy + strlen(pairs[i].first);
        targets = strstr(features, pairs[i].second);
        if (targets) {
            *targets = '\0';
            targets += strlen(pairs[i].second);
        }
        files.pair = true;
        files.images = i == 0;
        break;
    }
    if (*features == '\0' || (targets && *targets == '\0')) {
        status = ds_fail(DS_BAD_INPUT,
                         "write FILE.csv, images=FILE,labels=FILE or features=X.npy,target=y.npy",
                         "\"%s\": a file's name is missing", text);
        goto cleanup;
    }
    DS_TRY(locate(&files.features, folder, features));
    if (targets)
        DS_TRY(locate(&files.targets, folder, targets));
    *out = files;
    files = (ds_files){0};

cleanup:
    ds_files_clear(&files);
    ds_free(copy);
    return status;
}

ds_status ds_files_from_node(ds_files *out, const ds_node *node, const char *folder) {
    ds_status status = DS_OK;
    ds_files files = {0};
    const char *features, *targets;
    if (node->kind == DS_SCALAR) {
        if (*node->text == '\0')
            return ds_node_fail(node, "write the path of a CSV file", "%s: a path is missing",
                                node->key ? node->key : "data");
        return ds_files_from_text(out, node->text, folder);
    }
    files.images = ds_node_get(node, "images") || ds_node_get(node, "labels");
    int i = files.images ? 0 : 1;
    const char *const keys[] = {pairs[i].features, pairs[i].targets, NULL};
    DS_TRY(ds_node_only_keys(node, node->key ? node->key : "data", keys));
    const ds_node *first = ds_node_get(node, keys[0]), *second = ds_node_get(node, keys[1]);
    if (!first || !second) {
        status = ds_node_fail(node, pairs[i].hint, "\"%s\" is missing", first ? keys[1] : keys[0]);
        goto cleanup;
    }
    DS_TRY(ds_node_word(first, keys[0], &features));
    DS_TRY(ds_node_word(second, keys[1], &targets));
    files.pair = true;
    DS_TRY(locate(&files.features, folder, features));
    DS_TRY(locate(&files.targets, folder, targets));
    *out = files;
    files = (ds_files){0};

cleanup:
    ds_files_clear(&files);
    return status;
}

void ds_source_clear(ds_source *source) {
    ds_array_file_clear(&source->array);
    ds_table_clear(&source->table);
    ds_table_clear(&source->labels);
    ds_free(source->date);
    ds_free(source->file_row);
    ds_free(source->first);
    ds_free(source->hole);
    ds_free(source->period);
    *source = (ds_source){0};
}

void ds_source_destroy(ds_source *source) {
    if (source)
        ds_source_clear(source);
    ds_free(source);
}

int64_t ds_source_file_row(const ds_source *source, int64_t row) {
    return source->file_row ? source->file_row[row] : row;
}

static ds_status read_array(ds_array_file *out, ds_bytes *bytes, const char *path) {
    return ds_is_npy(bytes) ? ds_npy_read(out, bytes, path) : ds_idx_read(out, bytes, path);
}

static ds_status read_labels(ds_source *source, const ds_files *files) {
    ds_status status = DS_OK;
    ds_bytes bytes = {0};
    ds_array_file file = {0};
    DS_TRY(ds_file_read(&bytes, files->targets));
    DS_TRY(read_array(&file, &bytes, files->targets));
    if (file.cells.rows != source->rows) {
        status = ds_fail(DS_BAD_INPUT, "the two files must belong together",
                         "%s has %lld rows, but %s has %lld", source->array.source,
                         (long long)source->rows, file.source, (long long)file.cells.rows);
        goto cleanup;
    }
    DS_TRY(ds_table_from_matrix(&source->labels, &file.cells, file.source, "target",
                                files->images ? "label" : "target", NULL));
    source->has_labels = true;

cleanup:
    ds_free(bytes.data);
    ds_array_file_clear(&file);
    return status;
}

static ds_status array_to_table(ds_source *source, const ds_wish *wish) {
    DS_CHECK(ds_table_from_matrix(&source->table, &source->array.cells, source->array.source, "c",
                                  NULL, wish));
    ds_array_file_clear(&source->array);
    source->is_array = false;
    return DS_OK;
}

ds_status ds_source_to_table(ds_source *source) {
    return source->is_array ? array_to_table(source, NULL) : DS_OK;
}

ds_status ds_source_read(ds_source *out, const ds_files *files, const ds_wish *wish,
                         bool as_table) {
    ds_status status = DS_OK;
    ds_source source = {.scale = 1};
    ds_bytes bytes = {0}, head = {0};
    unsigned char first[8];
    ds_input *input = NULL;
    const char *name = ds_source_name(files->features);
    DS_TRY(ds_input_open(&input, files->features));
    DS_TRY(ds_input_peek(input, first, sizeof first, &head.size));
    head.data = first;
    if (head.size == 0) {
        status = ds_fail(DS_BAD_INPUT, "a header and at least one row of data are needed",
                         "%s: the file is empty", name);
        goto cleanup;
    }
    source.is_array = files->pair || ds_is_npy(&head) || ds_is_idx(&head);
    if (source.is_array) {
        DS_TRY(ds_input_rest(input, &bytes));
        DS_TRY(read_array(&source.array, &bytes, files->features));
        source.rows = source.array.cells.rows;
        source.scale = source.array.scale;
        if (files->targets)
            DS_TRY(read_labels(&source, files));
        if (as_table)
            DS_TRY(array_to_table(&source, wish));
    } else {
        DS_TRY(ds_csv_read_input(&source.table, input, files->features, wish));
        source.rows = source.table.rows;
    }
    if (source.rows > INT32_MAX - 1) {
        status =
            ds_fail(DS_BAD_INPUT, "split the file", "%s: more than %d rows", name, INT32_MAX - 1);
        goto cleanup;
    }
    *out = source;
    source = (ds_source){0};

cleanup:
    ds_input_close(input);
    ds_free(bytes.data);
    ds_source_clear(&source);
    return status;
}

ds_status ds_source_target(ds_source *source, const char *name, ds_table **table,
                           ds_column **column) {
    const ds_column *found = NULL;
    ds_table *from = source->has_labels ? &source->labels : &source->table;
    if (source->is_array && !source->has_labels)
        return ds_fail(DS_BAD_INPUT,
                       "give both files: images=FILE,labels=FILE or features=X.npy,target=y.npy",
                       "%s: the targets (\"%s\") are missing", source->array.source, name);
    DS_CHECK(ds_table_need(from, name, &found));
    *table = from;
    *column = &from->column[found - from->column];
    return DS_OK;
}
