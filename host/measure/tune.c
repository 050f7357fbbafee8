#include "measure/tune.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What a candidate must gain to be taken: less lies in the noise. */
static const double least_gain = 0.03, default_seconds = 0.03;

void ds_tune_begin(ds_tune_run *run, ds_device *device, const ds_bench_options *options) {
    *run = (ds_tune_run){.device = device, .options = *options, .time = ds_tune_work_time};
    if (run->options.seconds <= 0)
        run->options.seconds = default_seconds;
    run->tuned = ds_tuned_read(device);
}

void ds_tune_end(ds_tune_run *run) {
    ds_free(run->judged);
    *run = (ds_tune_run){0};
}

/* ---- candidates ---- */

/* In every parameter that the subject has. */
static bool are_alike(const ds_shaping *a, const ds_shaping *b, ds_subject subject) {
    for (int i = 0; i < DS_TUNABLES; i++) {
        const ds_tunable *t = &ds_tunables[i];
        if (ds_tunable_applies(t, subject, a) && ds_tunable_get(t, a) != ds_tunable_get(t, b))
            return false;
    }
    return true;
}

/* Whether they are one thing to a bucket: what differs may not matter to its network. */
static ds_status are_same(const ds_tune_run *run, ds_subject subject, int bucket,
                          const ds_shaping *a, const ds_shaping *b, bool *same) {
    *same = are_alike(a, b, subject);
    return *same || subject != DS_NETWORK ? DS_OK : ds_tune_network_same(run, bucket, a, b, same);
}

/* Right, wrong or failed: judged once for all buckets. */
static ds_status judge(ds_tune_run *run, ds_subject subject, const ds_shaping *shaping,
                       const ds_judged **out) {
    for (size_t i = 0; i < run->judgements; i++)
        if (run->judged[i].subject == subject &&
            are_alike(&run->judged[i].shaping, shaping, subject)) {
            *out = &run->judged[i];
            return DS_OK;
        }
    ds_status status = ds_tune_work_judge(run->device, subject, shaping);
    DS_CHECK(ds_resize(&run->judged, run->judgements + 1, sizeof *run->judged));
    ds_judged *judged = &run->judged[run->judgements++];
    *judged = (ds_judged){subject, *shaping,
                          status == DS_OK             ? DS_RIGHT
                          : status == DS_WRONG_RESULT ? DS_WRONG
                                                      : DS_FAILED};
    *out = judged;
    return DS_OK;
}

/* Seconds of a candidate, infinite for one that is no good, which the row counts. */
static ds_status try_shaping(ds_tune_run *run, ds_subject subject, int bucket,
                             const ds_shaping *shaping, ds_tune_row *row, double *seconds) {
    const ds_judged *judged;
    char what[160];
    ds_text text = {0};
    *seconds = INFINITY;
    ds_status status = ds_shaping_print(shaping, subject, &text);
    snprintf(what, sizeof what, "%s %s%.90s", row->kernel, row->bucket,
             status == DS_OK ? text.characters : "");
    ds_text_clear(&text);
    DS_CHECK(status);
    if (run->options.progress && !run->options.progress(run->options.context, what))
        return ds_fail(DS_INTERRUPTED, "", "tuning was interrupted");
    row->tried++;
    DS_CHECK(judge(run, subject, shaping, &judged));
    row->wrong += judged->verdict == DS_WRONG;
    row->failed += judged->verdict == DS_FAILED;
    if (judged->verdict == DS_RIGHT && run->time(run, subject, bucket, shaping, seconds) != DS_OK) {
        row->failed++; /* the larger work was too much for it */
        *seconds = INFINITY;
    }
    return DS_OK;
}

/* ---- search ---- */

/* Every value of one parameter, the others as they are. */
static ds_status search(ds_tune_run *run, ds_subject subject, int bucket, const ds_tunable *tunable,
                        ds_shaping *best, ds_tune_row *row) {
    const ds_shaping from = *best;
    for (int i = 0; i < DS_CANDIDATES && tunable->candidate[i]; i++) {
        ds_shaping shaping = from;
        double seconds;
        bool same;
        ds_tunable_set(tunable, &shaping, tunable->candidate[i]);
        DS_CHECK(are_same(run, subject, bucket, &shaping, &from, &same));
        if (same || !ds_shaping_is_possible(&shaping, ds_device_about(run->device)))
            continue;
        DS_CHECK(try_shaping(run, subject, bucket, &shaping, row, &seconds));
        if (seconds < (1 - least_gain) * row->best_seconds) {
            row->best_seconds = seconds;
            *best = shaping;
        }
    }
    return DS_OK;
}

/* Once more, one right behind the other: a machine may have been slower for a while. Only a right
 * shaping that is still faster is the best. */
static ds_status confirm(ds_tune_run *run, ds_subject subject, int bucket, const ds_shaping *usual,
                         ds_shaping *best, ds_tune_row *row) {
    double first = row->usual_seconds, second = row->best_seconds;
    bool same;
    DS_CHECK(are_same(run, subject, bucket, usual, best, &same));
    if (same) {
        *best = *usual;
        return DS_OK;
    }
    if (isfinite(first))
        DS_CHECK(run->time(run, subject, bucket, usual, &first));
    if (run->time(run, subject, bucket, best, &second) != DS_OK) {
        row->failed++;
        second = INFINITY;
    }
    row->usual_seconds = first;
    row->best_seconds = second;
    if (second < (1 - least_gain) * first)
        return DS_OK;
    row->best_seconds = first;
    *best = *usual;
    return DS_OK;
}

/* Where it differs from another: "strip_rows=8", "network_rows=usual", "network=op by op". */
static ds_status describe(const ds_shaping *shaping, const ds_shaping *other, ds_subject subject,
                          char text[256]) {
    static const char *const ways[] = {"usual", "op by op", "whole"};
    ds_text all = {0};
    ds_status status = DS_OK;
    for (int i = 0; i < DS_TUNABLES && status == DS_OK; i++) {
        const ds_tunable *t = &ds_tunables[i];
        unsigned value = ds_tunable_get(t, shaping);
        if (!ds_tunable_applies(t, subject, shaping) || value == ds_tunable_get(t, other))
            continue;
        status = ds_text_add(&all, "%s%s=", all.length ? " " : "", t->name);
        if (status == DS_OK && (value == 0 || strcmp(t->name, "network") == 0))
            status = ds_text_add(&all, "%s", ways[value]);
        else if (status == DS_OK)
            status = ds_text_add(&all, "%u", value);
    }
    if (status == DS_OK)
        snprintf(text, 256, "%.255s", all.length ? all.characters : "");
    ds_text_clear(&all);
    return status;
}

ds_status ds_tune_bucket(ds_tune_run *run, ds_subject subject, int bucket, ds_tune_row *row) {
    const ds_shaping usual = ds_shaping_for(ds_device_about(run->device));
    ds_shaping best = usual;
    *row = (ds_tune_row){0};
    snprintf(row->kernel, sizeof row->kernel, "%s", ds_subject_name(subject));
    snprintf(row->bucket, sizeof row->bucket, "%s", ds_bucket_name(subject, bucket));
    ds_tune_work_shape(subject, bucket, row->shape);
    DS_CHECK(try_shaping(run, subject, bucket, &usual, row, &row->usual_seconds));
    row->best_seconds = row->usual_seconds;
    if (subject == DS_NETWORK) { /* the best of whole ones is to be compared with op by op */
        bool same;
        best.network = DS_WHOLE;
        DS_CHECK(are_same(run, subject, bucket, &usual, &best, &same));
        if (!same)
            DS_CHECK(try_shaping(run, subject, bucket, &best, row, &row->best_seconds));
    }
    for (int i = 0; i < DS_TUNABLES; i++)
        if (ds_tunable_applies(&ds_tunables[i], subject, &usual))
            DS_CHECK(search(run, subject, bucket, &ds_tunables[i], &best, row));
    DS_CHECK(confirm(run, subject, bucket, &usual, &best, row));
    DS_CHECK(describe(&usual, &best, subject, row->usual));
    DS_CHECK(describe(&best, &usual, subject, row->best));
    run->tuned.known[subject][bucket] = !are_alike(&usual, &best, subject);
    run->tuned.shaping[subject][bucket] = best;
    return DS_OK;
}

/* ---- all buckets ---- */

/* What is found is kept bucket by bucket. */
static ds_status tune_all(ds_tune_run *run, ds_tune_table *table) {
    DS_CHECK(ds_new(&table->row, (size_t)DS_SUBJECTS * DS_BUCKETS, sizeof *table->row));
    if (!ds_tuned_path(table->file, run->device))
        table->file[0] = '\0';
    DS_CHECK(ds_tuned_write(&run->tuned, run->device)); /* can it be kept? */
    for (int s = 0; s < DS_SUBJECTS; s++)
        for (int b = 0; b < DS_BUCKETS && ds_bucket_name((ds_subject)s, b); b++) {
            ds_tune_row row;
            DS_CHECK(ds_tune_bucket(run, (ds_subject)s, b, &row));
            table->row[table->rows++] = row;
            DS_CHECK(ds_tuned_write(&run->tuned, run->device));
        }
    return DS_OK;
}

ds_status ds_tune(ds_device *device, const ds_bench_options *options, ds_tune_table *table) {
    ds_tune_run run;
    ds_tune_table found = {0};
    ds_saved_error saved;
    if (ds_device_is_reference(device))
        return ds_fail(DS_BAD_INPUT, "name an OpenCL device; descent devices lists them",
                       "the reference has no kernels to tune");
    if (ds_device_is_plain(device))
        return ds_fail(DS_BAD_INPUT, "name an OpenCL device; descent devices lists them",
                       "the kernels of \"plain\" were compiled with descent and cannot be tuned");
    DS_CHECK(ds_device_profile(device, true));
    ds_tune_begin(&run, device, options);
    ds_status status = tune_all(&run, &found);
    if (status != DS_OK)
        ds_error_take(&saved);
    ds_tune_end(&run);
    ds_status after = ds_device_profile(device, false);
    if (status == DS_OK)
        status = after;
    else
        status = ds_error_give(&saved);
    if (status == DS_OK || status == DS_INTERRUPTED)
        *table = found;
    else
        ds_tune_clear(&found);
    return status;
}

void ds_tune_clear(ds_tune_table *table) {
    ds_free(table->row);
    *table = (ds_tune_table){0};
}
