#include "doctor_output.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "scores_output.h"

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

void doctor_output_table(const ds_device *device, const ds_doctor_table *table) {
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

/* A number as the 32 bits of a float: NaN has many, and decimals of infinity JSON has none. */
static bool add_bits(cJSON *object, const char *name, double value) {
    float narrow = (float)value;
    uint32_t bits;
    char text[16];
    memcpy(&bits, &narrow, sizeof bits);
    snprintf(text, sizeof text, "0x%08" PRIx32, bits);
    return cJSON_AddStringToObject(object, name, text) != NULL;
}

static bool add_fault(cJSON *object, const ds_doctor_case *c) {
    return cJSON_AddStringToObject(object, "element", c->place) &&
           scores_add_number(object, "got", c->got, 9) && add_bits(object, "got_bits", c->got) &&
           scores_add_number(object, "expected", c->expected, 17) &&
           add_bits(object, "expected_bits", c->expected) &&
           scores_add_number(object, "bound", c->bound, 6) &&
           (c->wrong == 0 || scores_add_integer(object, "wrong", c->wrong)) &&
           cJSON_AddStringToObject(object, "pattern", c->pattern);
}

static bool add_case(cJSON *list, const ds_doctor_case *c) {
    cJSON *object = add_object(list);
    bool made = object && cJSON_AddStringToObject(object, "name", c->name) &&
                cJSON_AddStringToObject(object, "verdict", verdict_word(c->verdict)) &&
                scores_add_integer(object, "numbers", c->numbers) &&
                scores_add_integer(object, "undecided", c->undecided) &&
                scores_add_number(object, "worst", c->worst, 6);
    if (made && c->seed)
        made = scores_add_integer(object, "seed", (int64_t)c->seed);
    if (made && *c->program)
        made = cJSON_AddStringToObject(object, "program", c->program) &&
               cJSON_AddStringToObject(object, "work", c->work);
    if (made && c->words)
        made = cJSON_AddStringToObject(object, "words", c->words);
    return made && (c->verdict != DS_WRONG || add_fault(object, c));
}

/* Build options by a program's hash. */
static bool add_programs(cJSON *json, const ds_doctor_table *table) {
    cJSON *programs = cJSON_AddObjectToObject(json, "programs");
    for (size_t i = 0; programs && i < table->cases; i++) {
        const ds_doctor_case *c = &table->list[i];
        if (*c->program && !cJSON_GetObjectItemCaseSensitive(programs, c->program) &&
            !cJSON_AddStringToObject(programs, c->program, c->options))
            return false;
    }
    return programs != NULL;
}

bool doctor_output_json(const ds_device *device, const ds_doctor_table *table) {
    cJSON *object = cJSON_CreateObject(), *rows = NULL, *cases = NULL;
    const ds_device_info *about = ds_device_about(device);
    bool made = object && cJSON_AddStringToObject(object, "device", about->name) &&
                cJSON_AddStringToObject(object, "id", about->id) &&
                cJSON_AddStringToObject(object, "platform", about->platform) &&
                cJSON_AddStringToObject(object, "version", about->version) &&
                cJSON_AddStringToObject(object, "driver", about->driver) &&
                scores_add_integer(object, "wrong", (int64_t)table->wrong) &&
                scores_add_integer(object, "failed", (int64_t)table->failed) &&
                add_programs(object, table) && (rows = cJSON_AddArrayToObject(object, "rows")) &&
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

/* ---- as JUnit's XML ---- */

static void print_escaped(const char *text) {
    for (; text && *text; text++)
        switch (*text) {
        case '&':
            fputs("&amp;", stdout);
            break;
        case '<':
            fputs("&lt;", stdout);
            break;
        case '>':
            fputs("&gt;", stdout);
            break;
        case '"':
            fputs("&quot;", stdout);
            break;
        case '\n':
            fputs("&#10;", stdout);
            break;
        default: /* of control characters XML has none */
            putchar((unsigned char)*text < ' ' ? ' ' : *text);
        }
}

static void print_property(const char *name, const char *value) {
    printf("      <property name=\"%s\" value=\"", name);
    print_escaped(value);
    puts("\"/>");
}

static void print_case(const ds_doctor_row *row, const ds_doctor_case *c) {
    const char *element = c->verdict == DS_WRONG ? "failure" : "error";
    fputs("    <testcase classname=\"", stdout);
    print_escaped(row->operation);
    putchar('.');
    print_escaped(row->variant);
    fputs("\" name=\"", stdout);
    print_escaped(c->name + strlen(row->operation) + strlen(row->variant) + 2);
    if (c->seed)
        printf(" seed %" PRIu64, c->seed);
    if (c->verdict == DS_RIGHT) {
        puts("\"/>");
        return;
    }
    printf("\">\n      <%s message=\"", element);
    print_escaped(c->words);
    fputs("\">", stdout);
    print_escaped(c->work);
    fputs("&#10;options ", stdout);
    print_escaped(c->options);
    printf("&#10;program %s</%s>\n    </testcase>\n", c->program, element);
}

static bool is_of(const ds_doctor_case *c, const ds_doctor_row *row) {
    size_t operation = strlen(row->operation), variant = strlen(row->variant);
    return strncmp(c->name, row->operation, operation) == 0 && c->name[operation] == '/' &&
           strncmp(c->name + operation + 1, row->variant, variant) == 0 &&
           c->name[operation + 1 + variant] == '/';
}

void doctor_output_junit(const ds_device *device, const ds_doctor_table *table) {
    const ds_device_info *about = ds_device_about(device);
    printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"descent doctor\" "
           "tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n",
           table->cases, table->wrong, table->failed);
    for (const ds_doctor_row *row = table->row; row < table->row + table->rows; row++) {
        fputs("  <testsuite name=\"", stdout);
        print_escaped(row->operation);
        putchar(' ');
        print_escaped(row->variant);
        printf("\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n    <properties>\n", row->cases,
               row->wrong, row->failed);
        print_property("device", about->name);
        print_property("platform", about->platform);
        print_property("driver", about->driver);
        puts("    </properties>");
        for (size_t i = 0; i < table->cases; i++)
            if (is_of(&table->list[i], row))
                print_case(row, &table->list[i]);
        puts("  </testsuite>");
    }
    puts("</testsuites>");
}
