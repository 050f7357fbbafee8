#include "launch/tuned.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cache.h"
#include "base/text.h"
#include "launch/network.h"

static const char folder[] = "tuning", title[] = "descent tuning 1\n";

/* ---- buckets ---- */

static const char *const bucket_names[DS_SUBJECTS][DS_BUCKETS] = {
    {"narrow", "wide"},
    {"small", "flat", "medium", "large"},
    {"tiny", "small", "medium", "large"},
};

const char *ds_subject_name(ds_subject subject) {
    static const char *const name[DS_SUBJECTS] = {"rows", "product", "network"};
    return name[subject];
}

const char *ds_bucket_name(ds_subject subject, int bucket) {
    return bucket_names[subject][bucket];
}

int ds_product_bucket(int64_t samples, int64_t inputs, int64_t units) {
    double work = (double)samples * (double)inputs * (double)units;
    return work <= 0x1p21 ? 0 : samples <= 32 ? 1 : work <= 0x1p26 ? 2 : 3;
}

int ds_rows_bucket(int64_t columns) {
    return columns > 64;
}

int ds_network_bucket(double operations) {
    return operations <= 1e4 ? 0 : operations <= 1e6 ? 1 : operations <= 3e7 ? 2 : 3;
}

/* The bucket of a plan's work; -1: it has none of this. */
static int bucket_of(const ds_plan *plan, ds_subject subject) {
    int bucket = -1;
    double most = 0;
    if (subject == DS_NETWORK) {
        double operations = ds_network_operations(plan);
        return operations > 0 ? ds_network_bucket(operations) : -1;
    }
    for (int i = 0; i < plan->ops; i++) {
        const ds_op *op = &plan->op[i];
        if (op->part != DS_FORWARD || op->phase != DS_PHASE_FORWARD || op->output[0] == DS_ABSENT)
            continue;
        int64_t columns = ds_shape_count(&plan->tensor[op->output[0]].shape);
        double work = (double)columns;
        int now = ds_rows_bucket(columns);
        if (subject == DS_PRODUCT) {
            if (op->operation != &ds_op_dense)
                continue;
            const ds_shape *weight = &plan->tensor[op->input[1]].shape;
            work = (double)ds_shape_count(weight);
            now = ds_product_bucket(plan->training_batch, weight->extent[1], weight->extent[0]);
        }
        if (work > most) {
            most = work;
            bucket = now;
        }
    }
    return bucket;
}

/* ---- as text ---- */

ds_status ds_tuned_print(const ds_tuned *tuned, ds_text *out) {
    DS_CHECK(ds_text_add(out, "%s", title));
    for (int s = 0; s < DS_SUBJECTS; s++)
        for (int b = 0; b < DS_BUCKETS; b++) {
            const char *bucket = ds_bucket_name((ds_subject)s, b);
            if (!bucket || !tuned->known[s][b])
                continue;
            DS_CHECK(ds_text_add(out, "%s %s", ds_subject_name((ds_subject)s), bucket));
            DS_CHECK(ds_shaping_print(&tuned->shaping[s][b], (ds_subject)s, out));
            DS_CHECK(ds_text_add(out, "\n"));
        }
    return DS_OK;
}

/* " strip_rows=14 ..." to the line's end: every parameter of the subject, in order. */
static bool parse_values(const char **at, ds_subject subject, ds_shaping *shaping) {
    for (int i = 0; i < DS_TUNABLES; i++) {
        const ds_tunable *t = &ds_tunables[i];
        char *end;
        if (!ds_tunable_applies(t, subject, shaping))
            continue;
        if (!ds_text_take_word(at, " ") || !ds_text_take_word(at, t->name) ||
            !ds_text_take_word(at, "=") || **at < '0' || **at > '9')
            return false;
        unsigned long value = strtoul(*at, &end, 10);
        if (value > 1u << 20)
            return false;
        unsigned narrow = (unsigned)value;
        memcpy((char *)shaping + t->place, &narrow, sizeof narrow);
        *at = end;
    }
    return ds_text_take_word(at, "\n");
}

static bool parse_line(const char **at, ds_tuned *out, const ds_device_info *about) {
    for (int s = 0; s < DS_SUBJECTS; s++)
        for (int b = 0; b < DS_BUCKETS; b++) {
            char head[64];
            const char *bucket = ds_bucket_name((ds_subject)s, b);
            snprintf(head, sizeof head, "%s %s ", ds_subject_name((ds_subject)s),
                     bucket ? bucket : "");
            if (!bucket || strncmp(*at, head, strlen(head)) != 0)
                continue;
            *at += strlen(head) - 1;
            ds_shaping shaping = ds_shaping_for(about);
            if (!parse_values(at, (ds_subject)s, &shaping) ||
                !ds_shaping_is_possible(&shaping, about))
                return false;
            out->known[s][b] = true;
            out->shaping[s][b] = shaping;
            return true;
        }
    return false;
}

bool ds_tuned_parse(ds_tuned *out, const char *text, const ds_device_info *about) {
    ds_tuned tuned = {0};
    const char *at = text;
    if (!ds_text_take_word(&at, title))
        return false;
    while (*at)
        if (!parse_line(&at, &tuned, about))
            return false;
    *out = tuned;
    return true;
}

/* ---- in the cache ---- */

ds_tuned ds_tuned_read_for(const ds_device_info *about) {
    ds_tuned tuned = {0};
    ds_bytes bytes;
    char key[65];
    if (!ds_device_info_key(key, about) || !ds_cache_read(&bytes, folder, key))
        return tuned;
    (void)ds_tuned_parse(&tuned, (const char *)bytes.data, about);
    ds_free(bytes.data);
    return tuned;
}

ds_tuned ds_tuned_read(const ds_device *device) {
    return ds_tuned_read_for(ds_device_about(device));
}

ds_status ds_tuned_write(const ds_tuned *tuned, const ds_device *device) {
    ds_status status = DS_OK;
    ds_text text = {0};
    char key[65];
    DS_TRY(ds_tuned_print(tuned, &text));
    if (!ds_device_key(key, device) || !ds_cache_takes(folder)) {
        status = ds_fail(DS_IO_FAILED, "name a folder that can be written by DESCENT_CACHE_DIR",
                         "there is no cache to keep what was found in");
        goto cleanup;
    }
    ds_cache_write(folder, key, text.characters, text.length);

cleanup:
    ds_text_clear(&text);
    return status;
}

bool ds_tuned_path(char path[4096], const ds_device *device) {
    char key[65];
    return ds_device_key(key, device) && ds_cache_path(path, folder, key);
}

void ds_tuned_apply(ds_shaping *shaping, const ds_plan *plan, const ds_device *device) {
    ds_tuned tuned = ds_tuned_read(device);
    for (int s = 0; s < DS_SUBJECTS; s++) {
        int bucket = bucket_of(plan, (ds_subject)s);
        if (bucket < 0 || !tuned.known[s][bucket])
            continue;
        for (int i = 0; i < DS_TUNABLES; i++) {
            const ds_tunable *t = &ds_tunables[i];
            unsigned value = ds_tunable_get(t, &tuned.shaping[s][bucket]);
            if (ds_tunable_applies(t, (ds_subject)s, shaping))
                memcpy((char *)shaping + t->place, &value, sizeof value);
        }
    }
}
