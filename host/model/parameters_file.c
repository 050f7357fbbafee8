/* `init: {file: F, names: {...}}`: start values from a safetensors file, whose tensors may have
 * other names. */
#include <math.h>
#include <string.h>

#include "base/files.h"
#include "base/number.h"
#include "model/parameters.h"
#include "model/safetensors.h"

enum { SHOWN = 12, LONGEST_LIST = 360 };

typedef struct start_file {
    const char *given; /* as the recipe names it */
    char *path;
    ds_stored_file stored;
    bool *used;           /* of each of its tensors */
    const ds_node *names; /* NULL: the model's own */
    const ds_parameter_entry *entry;
    int entries;
} start_file;

static const ds_stored_tensor *find(const start_file *f, const char *name) {
    for (int t = 0; t < f->stored.tensors; t++)
        if (strcmp(f->stored.tensor[t].name, name) == 0)
            return &f->stored.tensor[t];
    return NULL;
}

/* ---- messages ---- */

/* "fc1.weight 4x1, steps I64, ... (14 in all)": of all tensors, or of those that are not used. */
static ds_status list_tensors(const start_file *f, bool unused, ds_text *out) {
    size_t begin = out->length;
    int listed = 0, count = 0;
    for (int t = 0; t < f->stored.tensors; t++) {
        const ds_stored_tensor *tensor = &f->stored.tensor[t];
        char shape[64];
        if (unused && f->used[t])
            continue;
        count++;
        if (listed == SHOWN || out->length - begin > LONGEST_LIST)
            continue;
        const char *what = tensor->unread            ? tensor->unread
                           : tensor->shape.rank == 0 ? "(one number)"
                                                     : ds_shape_print(&tensor->shape, shape);
        DS_CHECK(ds_text_add(out, "%s%s %.32s", listed ? ", " : "", tensor->name, what));
        listed++;
    }
    return listed < count ? ds_text_add(out, ", ... (%d in all)", count) : DS_OK;
}

/* What stands before the names of all the model's tensors in the file: "net."; false where that
 * does not make them the file's. */
static bool find_prefix(const start_file *f, char prefix[DS_LONGEST_TENSOR_NAME + 1]) {
    for (int t = 0; t < f->stored.tensors; t++) {
        const char *name = f->stored.tensor[t].name;
        size_t length = strlen(name), own = strlen(f->entry[0].name);
        bool fits = length > own && strcmp(name + length - own, f->entry[0].name) == 0;
        for (int i = 1; fits && i < f->entries; i++) {
            char whole[DS_LONGEST_TENSOR_NAME + sizeof f->entry[i].name];
            ds_format(whole, sizeof whole, "%.*s%s", (int)(length - own), name, f->entry[i].name);
            fits = find(f, whole) != NULL;
        }
        if (!fits)
            continue;
        memcpy(prefix, name, length - own);
        prefix[length - own] = '\0';
        return true;
    }
    return false;
}

/* The length of what stands before the last dot; 0 where there is none. */
static int module_length(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot ? (int)(dot - name) : 0;
}

static const char *last_part(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot ? dot + 1 : name;
}

/* How many of the entries from `i` on are of one layer. */
static int layer_entries(const start_file *f, int i) {
    int length = module_length(f->entry[i].name), count = 1;
    while (i + count < f->entries && module_length(f->entry[i + count].name) == length &&
           strncmp(f->entry[i].name, f->entry[i + count].name, (size_t)length) == 0)
        count++;
    return count;
}

/* Whether tensor t and those beside it could be the layer's, by their last names and shapes. */
static bool is_like_layer(const start_file *f, int t, int i, int count) {
    const char *name = f->stored.tensor[t].name;
    int length = module_length(name);
    if (f->used[t] || strcmp(last_part(name), last_part(f->entry[i].name)) != 0)
        return false;
    for (int k = i; k < i + count; k++) {
        char whole[DS_LONGEST_TENSOR_NAME + sizeof f->entry[k].name];
        ds_format(whole, sizeof whole, "%.*s%s%s", length, name, length ? "." : "",
                  last_part(f->entry[k].name));
        const ds_stored_tensor *tensor = find(f, whole);
        if (!tensor || !tensor->values || !ds_same_shape(&tensor->shape, &f->entry[k].rule.shape))
            return false;
    }
    return true;
}

/* "0: fc1, 2: fc2": the first module of the file that is like each layer; nothing where a layer has
 * none. */
static ds_status guess_names(start_file *f, ds_text *out) {
    for (int i = 0, count; i < f->entries; i += count) {
        int own = module_length(f->entry[i].name), t = 0;
        count = layer_entries(f, i);
        while (t < f->stored.tensors && !is_like_layer(f, t, i, count))
            t++;
        if (t == f->stored.tensors || out->length > LONGEST_LIST) {
            ds_text_clear(out);
            return DS_OK;
        }
        f->used[t] = true;
        const char *name = f->stored.tensor[t].name;
        int length = module_length(name);
        DS_CHECK(ds_text_add(out, length ? "%s%.*s: %.*s" : "%s\"%.*s.\": \"\"", i ? ", " : "", own,
                             f->entry[i].name, length, name));
    }
    return DS_OK;
}

static ds_status no_own_tensor(start_file *f, const char *name) {
    ds_status status = DS_OK;
    ds_text list = {0}, hint = {0}, names = {0};
    char prefix[DS_LONGEST_TENSOR_NAME + 1];
    DS_TRY(list_tensors(f, false, &list));
    if (find_prefix(f, prefix))
        DS_TRY(ds_text_add(&names, "\"\": \"%s\"", prefix));
    else
        DS_TRY(guess_names(f, &names));
    if (names.length)
        DS_TRY(ds_text_add(&hint, "say what they are: init: {file: %s, names: {%s}}", f->given,
                           names.characters));
    else
        DS_TRY(ds_text_add(&hint,
                           "make the model fit the file, and say which tensor is which: init: "
                           "{file: %s, names: {%s: NAME IN THE FILE}}",
                           f->given, name));
    status = ds_fail(DS_BAD_INPUT, hint.characters, "%s: no tensor \"%s\"; its tensors: %s",
                     f->path, name, list.length ? list.characters : "none");

cleanup:
    ds_text_clear(&list);
    ds_text_clear(&hint);
    ds_text_clear(&names);
    return status;
}

static ds_status no_named_tensor(const start_file *f, const ds_node *node, const char *own,
                                 const char *name) {
    ds_status status = DS_OK;
    ds_text hint = {0};
    const char **names = NULL;
    DS_TRY(ds_new(&names, (size_t)f->stored.tensors + 1, sizeof *names));
    for (int t = 0; t < f->stored.tensors; t++)
        names[t] = f->stored.tensor[t].name;
    const char *nearest = ds_nearest_word(name, names);
    if (nearest) {
        DS_TRY(ds_text_add(&hint, "did you mean \"%s\"?", nearest));
    } else {
        DS_TRY(ds_text_add(&hint, "its tensors: "));
        DS_TRY(list_tensors(f, false, &hint));
    }
    status = ds_node_fail(node, hint.characters, "init.names: %s has no tensor \"%s\" for \"%s\"",
                          f->path, name, own);

cleanup:
    ds_free(names);
    ds_text_clear(&hint);
    return status;
}

static bool is_transposed(const ds_shape *a, const ds_shape *b) {
    return a->rank == 2 && b->rank == 2 && a->extent[0] == b->extent[1] &&
           a->extent[1] == b->extent[0];
}

static ds_status wrong_shape(const start_file *f, const ds_stored_tensor *tensor,
                             const ds_parameter_entry *entry) {
    char got[64], expected[64];
    return ds_fail(DS_BAD_INPUT,
                   is_transposed(&tensor->shape, &entry->rule.shape)
                       ? "store it transposed: a row for each output, as PyTorch's Linear has it"
                       : "make the model fit the file, or choose another",
                   "%s: tensor \"%s\" is %s, the model needs %s for \"%s\"", f->path, tensor->name,
                   tensor->shape.rank ? ds_shape_print(&tensor->shape, got) : "one number",
                   ds_shape_print(&entry->rule.shape, expected), entry->name);
}

/* Names the element by its place in the tensor: [1, 2]. */
static ds_status not_finite(const start_file *f, const ds_stored_tensor *tensor, int64_t k) {
    ds_status status = DS_OK;
    ds_text place = {0};
    int64_t below = ds_shape_count(&tensor->shape), rest = k;
    for (int i = 0; i < tensor->shape.rank; i++) {
        below /= tensor->shape.extent[i];
        DS_TRY(ds_text_add(&place, "%s%lld", i ? ", " : "", (long long)(rest / below)));
        rest %= below;
    }
    status = ds_fail(DS_BAD_INPUT, "choose a file with finite numbers",
                     "%s: tensor \"%s\" holds %g at [%s]", f->path, tensor->name, tensor->values[k],
                     place.length ? place.characters : "");

cleanup:
    ds_text_clear(&place);
    return status;
}

/* ---- names ---- */

/* A key is a name, or the beginning of names up to a dot; "" is that of all. */
static bool key_fits(const char *key, const char *name) {
    size_t length = strlen(key);
    return strncmp(key, name, length) == 0 &&
           (length == 0 || key[length - 1] == '.' || name[length] == '.' || name[length] == '\0');
}

static const ds_node *longest_key(const ds_node *names, const char *name) {
    const ds_node *longest = NULL;
    DS_EACH_CHILD (key, names)
        if (key_fits(key->key, name) && (!longest || strlen(key->key) > strlen(longest->key)))
            longest = key;
    return longest;
}

static ds_status check_names(const start_file *f) {
    const char *word;
    if (f->names && f->names->kind != DS_MAP)
        return ds_node_fail(f->names, "for example {0.weight: fc1.weight, 0.bias: fc1.bias}",
                            "init.names: expected the model's names with the file's");
    DS_EACH_CHILD (key, f->names) {
        int i = 0;
        DS_CHECK(ds_node_word(key, "init.names", &word));
        while (i < f->entries && !key_fits(key->key, f->entry[i].name))
            i++;
        if (i == f->entries)
            return ds_parameter_unknown(f->entry, f->entries, key, key->key);
    }
    return DS_OK;
}

static ds_status find_tensor(start_file *f, const char *own, const ds_stored_tensor **out) {
    ds_status status = DS_OK;
    ds_text name = {0};
    const ds_node *key = longest_key(f->names, own);
    DS_TRY(ds_text_add(&name, "%s%s", key ? key->text : "", own + (key ? strlen(key->key) : 0)));
    *out = find(f, name.characters);
    if (!*out)
        status = key ? no_named_tensor(f, key, own, name.characters) : no_own_tensor(f, own);

cleanup:
    ds_text_clear(&name);
    return status;
}

/* ---- values ---- */

static ds_status take_tensor(start_file *f, const ds_parameter_entry *entry, double *values) {
    const ds_stored_tensor *tensor = NULL;
    DS_CHECK(find_tensor(f, entry->name, &tensor));
    if (!tensor->values)
        return ds_fail(DS_BAD_INPUT, "store it as float32, float64, float16 or bfloat16",
                       "%s: tensor \"%s\" is %.32s", f->path, tensor->name, tensor->unread);
    if (!ds_same_shape(&tensor->shape, &entry->rule.shape))
        return wrong_shape(f, tensor, entry);
    for (int64_t k = 0; k < ds_shape_count(&tensor->shape); k++) {
        if (!isfinite(tensor->values[k]))
            return not_finite(f, tensor, k);
        values[k] = tensor->values[k];
    }
    f->used[tensor - f->stored.tensor] = true;
    return DS_OK;
}

static ds_status note_unused(const start_file *f, ds_text *notes) {
    int count = 0;
    for (int t = 0; t < f->stored.tensors; t++)
        count += !f->used[t];
    if (!count || !notes)
        return DS_OK;
    DS_CHECK(ds_text_add(notes, "init: %d tensor%s of %s %s not used: ", count,
                         count == 1 ? "" : "s", f->path, count == 1 ? "is" : "are"));
    DS_CHECK(list_tensors(f, true, notes));
    return ds_text_add(notes, "\n");
}

ds_status ds_parameters_from_file(double *values, const ds_parameter_entry *entry, int entries,
                                  const ds_node *init, const char *folder, ds_text *notes) {
    ds_status status = DS_OK;
    start_file f = {.names = ds_node_get(init, "names"), .entry = entry, .entries = entries};
    DS_TRY(ds_node_word(ds_node_get(init, "file"), "init.file", &f.given));
    DS_TRY(check_names(&f));
    DS_TRY(ds_path_join(&f.path, folder, f.given));
    DS_TRY(ds_safetensors_read(&f.stored, f.path));
    DS_TRY(ds_new(&f.used, (size_t)f.stored.tensors, sizeof *f.used));
    for (int i = 0; i < entries; i++)
        DS_TRY(take_tensor(&f, &entry[i], values + entry[i].offset));
    DS_TRY(note_unused(&f, notes));

cleanup:
    ds_stored_file_clear(&f.stored);
    ds_free(f.used);
    ds_free(f.path);
    return status;
}
