#include "doctor/examination.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "device/recording.h"

/* ---- the table ---- */

static ds_status find_row(ds_doctor_row **out, ds_doctor_table *table, const char *operation,
                          const char *variant) {
    for (size_t i = 0; i < table->rows; i++)
        if (strcmp(table->row[i].operation, operation) == 0 &&
            strcmp(table->row[i].variant, variant) == 0) {
            *out = &table->row[i];
            return DS_OK;
        }
    DS_CHECK(ds_resize(&table->row, table->rows + 1, sizeof *table->row));
    *out = &table->row[table->rows++];
    **out = (ds_doctor_row){0};
    snprintf((*out)->operation, sizeof(*out)->operation, "%s", operation);
    snprintf((*out)->variant, sizeof(*out)->variant, "%s", variant);
    return DS_OK;
}

/* The first two parts of a case's name. */
static ds_status row_of_case(ds_doctor_row **out, ds_doctor_table *table, const ds_doctor_case *c) {
    char operation[sizeof c->name], *variant;
    memcpy(operation, c->name, sizeof operation);
    operation[strcspn(operation, "/")] = '\0';
    variant = operation + strlen(operation) + 1;
    variant[strcspn(variant, "/")] = '\0';
    return find_row(out, table, operation, variant);
}

void ds_doctor_case_clear(const ds_doctor_case *c) {
    ds_free(c->words);
    ds_free(c->options);
    ds_free(c->work);
}

ds_status ds_doctor_table_add(ds_doctor_table *table, const ds_doctor_case *c) {
    ds_doctor_row *row;
    ds_status status = row_of_case(&row, table, c);
    if (status == DS_OK)
        status = ds_resize(&table->list, table->cases + 1, sizeof *table->list);
    if (status != DS_OK) {
        ds_doctor_case_clear(c);
        return status;
    }
    table->list[table->cases++] = *c;
    row->cases++;
    row->numbers += c->numbers;
    row->undecided += c->undecided;
    row->worst = fmax(row->worst, c->worst);
    row->wrong += c->verdict == DS_WRONG;
    row->failed += c->verdict == DS_FAILED;
    table->wrong += c->verdict == DS_WRONG;
    table->failed += c->verdict == DS_FAILED;
    return DS_OK;
}

ds_doctor_case *ds_doctor_table_find(const ds_doctor_table *table, const char *name,
                                     uint64_t seed) {
    for (size_t i = 0; i < table->cases; i++)
        if (table->list[i].seed == seed && strcmp(table->list[i].name, name) == 0)
            return &table->list[i];
    return NULL;
}

/* ---- cases ---- */

/* The whole name, or what it begins with, or a pattern of it. Of the number at its end, a part is
 * no beginning: 1 is not 12. */
static bool is_wanted(const char *only, const char *name) {
    size_t length = only ? strlen(only) : 0, number = (size_t)(strrchr(name, '/') + 1 - name);
    return !only || fnmatch(only, name, 0) == 0 ||
           (strncmp(only, name, length) == 0 && (!name[length] || length <= number));
}

ds_status ds_case_begin(ds_examination *e, const ds_case_name *name, bool *wanted) {
    ds_doctor_row *begun, *row;
    bool found = e->table.wrong + e->table.failed > 0;
    *wanted = false;
    DS_CHECK(find_row(&begun, &e->begun, name->operation, name->variant));
    DS_CHECK(find_row(&row, &e->table, name->operation, name->variant));
    snprintf(e->name, sizeof e->name, "%s/%s/%s/%s/%zu", name->operation, name->variant,
             name->shape, name->style, ++begun->cases);
    if (e->behind) {
        e->behind = strcmp(e->behind, e->name) == 0 ? NULL : e->behind;
        return DS_OK;
    }
    if (row->failed || (e->options.first && found))
        return DS_OK;
    const ds_doctor_case *known =
        e->among ? ds_doctor_table_find(e->among, e->name, e->options.seed) : NULL;
    *wanted = e->among ? known && known->verdict == DS_WRONG : is_wanted(e->options.only, e->name);
    if (!*wanted)
        return DS_OK;
    DS_CHECK(ds_recording_begin(e->device, e->options.dump != NULL));
    return e->listener ? e->listener(e->name, NULL) : DS_OK;
}

/* A device's own failure, which says something about the device; else the doctor cannot go on. */
static bool is_verdict(ds_status status) {
    return status == DS_OK || status == DS_DEVICE_FAILED || status == DS_OUT_OF_MEMORY;
}

static ds_status note_fault(ds_doctor_case *c, const ds_check_report *report, const ds_plan *plan) {
    ds_text words = {0};
    int64_t element;
    const ds_tensor *tensor = ds_report_tensor(report, plan, &element);
    c->verdict = DS_WRONG;
    c->got = report->got;
    c->expected = report->expected;
    c->bound = report->bound;
    c->wrong = report->wrong.count + report->elsewhere;
    snprintf(c->place, sizeof c->place, "%s[%lld]",
             tensor ? tensor->name : ds_storage_name(report->storage), (long long)element);
    ds_report_pattern(report, plan, c->pattern);
    ds_status status = ds_check_describe(report, plan, &words);
    if (status == DS_OK)
        status = ds_text_take(&words, &c->words);
    ds_text_clear(&words);
    return status;
}

ds_status ds_case_end(ds_examination *e, ds_status status, const ds_check_report *report,
                      const ds_plan *plan) {
    char place[64] = "";
    if (!is_verdict(status))
        return status;
    ds_doctor_case c = {.numbers = report->compared,
                        .undecided = report->undecided,
                        .worst = report->worst_share,
                        .seed = e->options.seed};
    memcpy(c.name, e->name, sizeof c.name);
    if (status != DS_OK) {
        c.verdict = DS_FAILED;
        status = ds_copy_text(&c.words, ds_last_error()->message);
    } else if (report->fault != DS_FAULT_NONE) {
        status = note_fault(&c, report, plan);
        snprintf(place, sizeof place, "%s[%lld]", ds_storage_name(report->storage),
                 (long long)report->wrong.first);
    }
    if (status == DS_OK)
        status = ds_recording_describe(e->device, c.program, &c.options, &c.work);
    if (status != DS_OK) {
        ds_doctor_case_clear(&c);
        return status;
    }
    ds_recording_close(e->device, report->wrong.count ? place : "");
    DS_CHECK(ds_doctor_table_add(&e->table, &c));
    return e->listener ? e->listener(e->name, &c) : DS_OK;
}

ds_status ds_doctor_announce(const ds_doctor_options *options, const char *what) {
    return !options->progress || options->progress(options->context, what)
               ? DS_OK
               : ds_fail(DS_INTERRUPTED, "", "the examination was interrupted");
}

ds_status ds_examination_announce(const ds_examination *e, const char *what, const char *variant) {
    char text[160];
    snprintf(text, sizeof text, "%s, %s", what, variant);
    return ds_doctor_announce(&e->options, text);
}

void ds_examination_clear(ds_examination *e) {
    ds_doctor_clear(&e->begun);
    ds_doctor_clear(&e->table);
}
