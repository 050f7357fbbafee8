/* Parts of the doctor's examination on every OpenCL device there is, and what they must find. */
#ifndef EXAMINED_H
#define EXAMINED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "doctor/examination.h"
#include "outcome.h"

typedef ds_status (*examine_part)(ds_examination *e, const ds_variant *variant);

/* An op by itself, as opposed to several whose bounds compose. */
static inline bool is_single(const char *name) {
    return !strchr(name, '+') && strncmp(name, "network", 7) != 0;
}

static inline void print_row(const ds_doctor_row *row) {
    printf("  %-24s %-10s %6zu cases, %9lld numbers, %6lld undecided, worst error %.2f of its "
           "bound\n",
           row->operation, row->variant, row->cases, (long long)row->numbers,
           (long long)row->undecided, row->worst);
}

/* Every case right, by bounds that decide: of single ops all but those of what is not finite. */
static inline void assert_healthy(const ds_doctor_table *table) {
    int64_t numbers = 0, undecided = 0;
    for (size_t i = 0; i < table->cases; i++) {
        const ds_doctor_case *c = &table->list[i];
        if (c->verdict != DS_RIGHT)
            fail_msg("%s: %s", c->name, c->words);
        if (c->undecided && is_single(c->name) && !strstr(c->name, "/special"))
            fail_msg("%s: the bounds of %lld numbers decide nothing", c->name,
                     (long long)c->undecided);
        numbers += c->numbers;
        undecided += c->undecided;
    }
    for (size_t i = 0; i < table->rows; i++) {
        const ds_doctor_row *row = &table->row[i];
        print_row(row);
        assert_true(row->numbers > 0);
        assert_true(!is_single(row->operation) || row->undecided <= row->numbers / 16);
    }
    assert_true(numbers > 0 && undecided <= numbers / 16);
}

static inline void examine_device(const ds_device_info *about, examine_part part) {
    ds_examination e = {0};
    ds_variant variant[DS_VARIANTS];
    DONE(ds_device_open(&e.device, about->id));
    printf("%s\n", about->name);
    int variants = ds_variants_of(variant, e.device);
    for (int i = 0; i < variants; i++)
        DONE(part(&e, &variant[i]));
    assert_healthy(&e.table);
    ds_examination_clear(&e);
    ds_device_close(e.device);
}

static inline void examine_every_device(examine_part part) {
    ds_device_info *list = NULL;
    size_t count = 0, examined = 0;
    DONE(ds_devices(&list, &count));
    for (size_t d = 0; d < count; d++)
        if (list[d].available) {
            examine_device(&list[d], part);
            examined++;
        }
    ds_free(list);
    if (examined == 0)
        fail_msg("no OpenCL device: nothing was judged");
}

#endif
