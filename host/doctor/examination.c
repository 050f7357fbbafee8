#include "doctor/examination.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- cases ---- */

static ds_status find_row(ds_examination *e, const ds_case_name *name) {
    ds_doctor_table *table = &e->table;
    for (e->row = 0; e->row < table->rows; e->row++)
        if (strcmp(table->row[e->row].operation, name->operation) == 0 &&
            strcmp(table->row[e->row].variant, name->variant) == 0)
            return DS_OK;
    DS_CHECK(ds_resize(&table->row, table->rows + 1, sizeof *table->row));
    DS_CHECK(ds_resize(&e->begun, table->rows + 1, sizeof *e->begun));
    ds_doctor_row *row = &table->row[table->rows];
    *row = (ds_doctor_row){0};
    snprintf(row->operation, sizeof row->operation, "%s", name->operation);
    snprintf(row->variant, sizeof row->variant, "%s", name->variant);
    e->begun[table->rows++] = 0;
    return DS_OK;
}

/* The whole name, or what ends in front of a '/', or a pattern of it. */
static bool is_wanted(const char *only, const char *name) {
    size_t length = only ? strlen(only) : 0;
    return !only || fnmatch(only, name, 0) == 0 ||
           (strncmp(only, name, length) == 0 && (!name[length] || name[length] == '/'));
}

ds_status ds_case_begin(ds_examination *e, const ds_case_name *name, bool *wanted) {
    *wanted = false;
    DS_CHECK(find_row(e, name));
    bool found = e->table.wrong + e->table.failed > 0;
    if (e->table.row[e->row].failed || (e->options.first && found))
        return DS_OK;
    e->begun[e->row]++;
    snprintf(e->name, sizeof e->name, "%s/%s/%s/%s/%zu", name->operation, name->variant,
             name->shape, name->style, e->begun[e->row]);
    *wanted = is_wanted(e->options.only, e->name);
    return DS_OK;
}

/* A device's own failure, which says something about the device; else the doctor cannot go on. */
static bool is_verdict(ds_status status) {
    return status == DS_OK || status == DS_DEVICE_FAILED || status == DS_OUT_OF_MEMORY;
}

static ds_status note_fault(ds_doctor_case *c, const ds_check_report *report, const ds_plan *plan) {
    ds_text words = {0};
    const char *tensor = report->tensor == DS_ABSENT ? ds_storage_name(report->storage)
                                                     : plan->tensor[report->tensor].name;
    c->verdict = DS_WRONG;
    c->got = report->got;
    c->expected = report->expected;
    c->bound = report->bound;
    snprintf(c->place, sizeof c->place, "%s[%lld]", tensor, (long long)report->element);
    ds_status status = ds_check_describe(report, plan, &words);
    if (status == DS_OK)
        status = ds_text_take(&words, &c->words);
    ds_text_clear(&words);
    return status;
}

ds_status ds_case_end(ds_examination *e, ds_status status, const ds_check_report *report,
                      const ds_plan *plan) {
    ds_doctor_table *table = &e->table;
    ds_doctor_row *row = &table->row[e->row];
    if (!is_verdict(status))
        return status;
    DS_CHECK(ds_resize(&table->list, table->cases + 1, sizeof *table->list));
    ds_doctor_case *c = &table->list[table->cases++];
    *c = (ds_doctor_case){
        .numbers = report->compared, .undecided = report->undecided, .worst = report->worst_share};
    memcpy(c->name, e->name, sizeof c->name);
    if (status != DS_OK) {
        c->verdict = DS_FAILED;
        DS_CHECK(ds_copy_text(&c->words, ds_last_error()->message));
    } else if (report->fault != DS_FAULT_NONE) {
        DS_CHECK(note_fault(c, report, plan));
    }
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

ds_status ds_examination_announce(const ds_examination *e, const char *what, const char *variant) {
    char text[160];
    snprintf(text, sizeof text, "%s, %s", what, variant);
    if (e->options.progress && !e->options.progress(e->options.context, text))
        return ds_fail(DS_INTERRUPTED, "", "the examination was interrupted");
    return DS_OK;
}
