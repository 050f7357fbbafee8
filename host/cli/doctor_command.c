/* descent doctor: are the kernels right on a device? */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "interrupt.h"
#include "report.h"
#include "scores_output.h"
#include "steps_line.h"

/* ---- as a table ---- */

static const char *verdict_of(const ds_doctor_row *row) {
    return row->wrong ? "wrong" : row->failed ? "failed" : "right";
}

/* Rows of one operation with the same verdict share a line. */
typedef struct table_line {
    const ds_doctor_row *first;
    char variants[256];
    size_t cases, wrong;
    int64_t numbers;
    double worst;
} table_line;

static bool share_line(const ds_doctor_row *a, const ds_doctor_row *b) {
    return strcmp(a->operation, b->operation) == 0 && strcmp(verdict_of(a), verdict_of(b)) == 0;
}

static bool is_first(const ds_doctor_table *table, size_t row) {
    for (size_t i = 0; i < row; i++)
        if (share_line(&table->row[i], &table->row[row]))
            return false;
    return true;
}

static table_line line_from(const ds_doctor_table *table, size_t first) {
    table_line l = {.first = &table->row[first]};
    size_t variants = 0, length = 0;
    for (size_t i = first; i < table->rows; i++) {
        const ds_doctor_row *row = &table->row[i];
        if (!share_line(row, l.first))
            continue;
        variants++;
        if (length + strlen(row->variant) + 3 < sizeof l.variants)
            length += (size_t)snprintf(l.variants + length, sizeof l.variants - length, "%s%s",
                                       length ? ", " : "", row->variant);
        l.cases += row->cases;
        l.wrong += row->wrong;
        l.numbers += row->numbers;
        l.worst = row->worst > l.worst ? row->worst : l.worst;
    }
    if (variants > 4)
        snprintf(l.variants, sizeof l.variants, "%zu shapes of the kernel", variants);
    return l;
}

static void print_line(const table_line *l, int operation, int variants) {
    char verdict[64];
    snprintf(verdict, sizeof verdict, "%s", verdict_of(l->first));
    if (l->wrong)
        snprintf(verdict, sizeof verdict, "wrong in %zu cases", l->wrong);
    printf("%-*s  %-*s  %6zu  %9lld  %6.2f  %s\n", operation, l->first->operation, variants,
           l->variants, l->cases, (long long)l->numbers, l->worst, verdict);
}

static void print_table(const ds_device *device, const ds_doctor_table *table) {
    int operation = 9, variants = 8;
    for (size_t i = 0; i < table->rows; i++) {
        table_line l = line_from(table, i);
        int name = (int)strlen(l.first->operation), list = (int)strlen(l.variants);
        operation = name > operation ? name : operation;
        variants = is_first(table, i) && list > variants ? list : variants;
    }
    printf("device  %s\n\n", ds_device_name(device));
    printf("%-*s  %-*s  %6s  %9s  %6s  %s\n", operation, "operation", variants, "variants", "cases",
           "numbers", "worst", "verdict");
    for (size_t i = 0; i < table->rows; i++)
        if (is_first(table, i)) {
            table_line l = line_from(table, i);
            print_line(&l, operation, variants);
        }
    printf("\n%zu cases, %zu wrong, %zu failed; worst: the largest error as a share of its bound\n",
           table->cases, table->wrong, table->failed);
}

/* ---- as JSON ---- */

static const char *verdict_word(ds_verdict verdict) {
    return verdict == DS_WRONG ? "wrong" : verdict == DS_FAILED ? "failed" : "right";
}

static cJSON *add_object(cJSON *list) {
    cJSON *object = cJSON_CreateObject();
    if (object && cJSON_AddItemToArray(list, object))
        return object;
    cJSON_Delete(object);
    return NULL;
}

static bool add_row(cJSON *list, const ds_doctor_row *row) {
    cJSON *object = add_object(list);
    return object && cJSON_AddStringToObject(object, "operation", row->operation) &&
           cJSON_AddStringToObject(object, "variant", row->variant) &&
           scores_add_integer(object, "cases", (int64_t)row->cases) &&
           scores_add_integer(object, "wrong", (int64_t)row->wrong) &&
           scores_add_integer(object, "failed", (int64_t)row->failed) &&
           scores_add_integer(object, "numbers", row->numbers) &&
           scores_add_integer(object, "undecided", row->undecided) &&
           scores_add_number(object, "worst", row->worst, 6) &&
           cJSON_AddStringToObject(object, "verdict", verdict_of(row));
}

static bool add_case(cJSON *list, const ds_doctor_case *c) {
    cJSON *object = add_object(list);
    bool made = object && cJSON_AddStringToObject(object, "name", c->name) &&
                cJSON_AddStringToObject(object, "verdict", verdict_word(c->verdict)) &&
                scores_add_integer(object, "numbers", c->numbers) &&
                scores_add_integer(object, "undecided", c->undecided) &&
                scores_add_number(object, "worst", c->worst, 6);
    if (made && c->words)
        made = cJSON_AddStringToObject(object, "words", c->words);
    if (made && c->verdict == DS_WRONG)
        made = cJSON_AddStringToObject(object, "element", c->place) &&
               scores_add_number(object, "got", c->got, 9) &&
               scores_add_number(object, "expected", c->expected, 17) &&
               scores_add_number(object, "bound", c->bound, 6);
    return made;
}

static bool print_json(const ds_device *device, const ds_doctor_table *table) {
    cJSON *object = cJSON_CreateObject(), *rows = NULL, *cases = NULL;
    bool made = object && cJSON_AddStringToObject(object, "device", ds_device_name(device)) &&
                scores_add_integer(object, "wrong", (int64_t)table->wrong) &&
                scores_add_integer(object, "failed", (int64_t)table->failed) &&
                (rows = cJSON_AddArrayToObject(object, "rows")) &&
                (cases = cJSON_AddArrayToObject(object, "cases"));
    for (size_t i = 0; made && i < table->rows; i++)
        made = add_row(rows, &table->row[i]);
    for (size_t i = 0; made && i < table->cases; i++)
        made = add_case(cases, &table->list[i]);
    if (made)
        return scores_print_json(object);
    cJSON_Delete(object);
    return false;
}

/* ---- the command ---- */

static bool show_progress(void *context, const char *what) {
    if (*what)
        steps_line_show(context, "judging %s", what);
    return interrupt_signal() == 0;
}

static int run(const cli_options *options) {
    ds_device *device = NULL;
    ds_doctor_table table = {0};
    steps_line line;
    int exit_status = EXIT_DONE;
    steps_line_begin(&line, options->quiet);
    ds_doctor_options how = {.only = options->only,
                             .small = options->quick,
                             .first = options->first,
                             .progress = show_progress,
                             .context = &line,
                             .helper = "/proc/self/exe"};
    interrupt_watch();
    ds_status status = ds_device_open(&device, options->device);
    if (status == DS_OK)
        status = ds_doctor(device, &how, &table);
    steps_line_end(&line);
    if (table.cases && !options->json)
        print_table(device, &table);
    else if (table.cases && !print_json(device, &table))
        exit_status = report_no_memory();
    if (status == DS_INTERRUPTED)
        exit_status = 128 + interrupt_signal();
    else if (status != DS_OK)
        exit_status = report_error(status);
    ds_doctor_clear(&table);
    ds_device_close(device);
    return exit_status;
}

const cli_command doctor_command = {
    .name = "doctor",
    .usage = "[--device NAME] [--json] [--case NAME] [--first] [--quick]",
    .summary = "judges every kernel on a device by the double-precision reference",
    .about =
        "Runs every kernel that the device could be given, over ragged shapes and extreme values,\n"
        "with outputs and the room around them filled before, and compares all memory with the\n"
        "reference and its error bounds. A kernel that is wrong ends it with status 1 and the "
        "words\n"
        "that repeat its first wrong case.\n",
    .options = TAKES_DEVICE | TAKES_JSON | TAKES_QUIET | TAKES_CASE | TAKES_QUICK,
    .run = run,
};
