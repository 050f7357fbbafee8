#include "doctor/examination.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

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

ds_status ds_doctor_table_add(ds_doctor_table *table, const ds_doctor_case *c) {
    ds_doctor_row *row;
    DS_CHECK(row_of_case(&row, table, c));
    DS_CHECK(ds_resize(&table->list, table->cases + 1, sizeof *table->list));
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

/* ---- cases ---- */

/* The whole name, or what ends in front of a '/', or a pattern of it. */
static bool is_wanted(const char *only, const char *name) {
    size_t length = only ? strlen(only) : 0;
    return !only || fnmatch(only, name, 0) == 0 ||
           (strncmp(only, name, length) == 0 && (!name[length] || name[length] == '/'));
}

/* Its row, and how many cases of it were begun. */
static ds_status count_case(ds_examination *e, const ds_case_name *name) {
    ds_doctor_row *row;
    DS_CHECK(find_row(&row, &e->table, name->operation, name->variant));
    e->row = (size_t)(row - e->table.row);
    if (e->counted < e->table.rows)
        DS_CHECK(ds_resize(&e->begun, e->table.rows, sizeof *e->begun));
    while (e->counted < e->table.rows)
        e->begun[e->counted++] = 0;
    e->begun[e->row]++;
    return DS_OK;
}

ds_status ds_case_begin(ds_examination *e, const ds_case_name *name, bool *wanted) {
    *wanted = false;
    DS_CHECK(count_case(e, name));
    bool found = e->table.wrong + e->table.failed > 0;
    snprintf(e->name, sizeof e->name, "%s/%s/%s/%s/%zu", name->operation, name->variant,
             name->shape, name->style, e->begun[e->row]);
    if (e->behind) {
        e->behind = strcmp(e->behind, e->name) == 0 ? NULL : e->behind;
        return DS_OK;
    }
    if (e->table.row[e->row].failed || (e->options.first && found))
        return DS_OK;
    *wanted = is_wanted(e->options.only, e->name);
    return *wanted && e->listener ? e->listener->begun(e->listener->context, e->name) : DS_OK;
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
    if (!is_verdict(status))
        return status;
    ds_doctor_case c = {
        .numbers = report->compared, .undecided = report->undecided, .worst = report->worst_share};
    memcpy(c.name, e->name, sizeof c.name);
    if (status != DS_OK) {
        c.verdict = DS_FAILED;
        DS_CHECK(ds_copy_text(&c.words, ds_last_error()->message));
    } else if (report->fault != DS_FAULT_NONE) {
        DS_CHECK(note_fault(&c, report, plan));
    }
    status = ds_doctor_table_add(&e->table, &c);
    if (status != DS_OK)
        ds_free(c.words);
    return status == DS_OK && e->listener ? e->listener->ended(e->listener->context, &c) : status;
}

ds_status ds_examination_announce(const ds_examination *e, const char *what, const char *variant) {
    char text[160];
    snprintf(text, sizeof text, "%s, %s", what, variant);
    if (e->options.progress && !e->options.progress(e->options.context, text))
        return ds_fail(DS_INTERRUPTED, "", "the examination was interrupted");
    return DS_OK;
}

void ds_examination_clear(ds_examination *e) {
    ds_free(e->begun);
    ds_doctor_clear(&e->table);
}
