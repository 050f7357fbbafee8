/* Memory that the host writes, fills, copies, maps and reads, at odd places and in odd sizes: every
 * byte must be what it was given, and those around what they were. */
#include <stdio.h>

#include "device/transfer.h"
#include "doctor/examination.h"

static ds_status run(ds_examination *e, ds_transfer *t, int way, ds_check_report *report) {
    unsigned char *memory;
    DS_CHECK(ds_new(&memory, t->bytes, 4));
    for (size_t i = 0; i < t->bytes; i++) {
        memory[i] = (unsigned char)(31 * i + 7 * (i >> 8) + e->options.seed);
        memory[t->bytes + i] = (unsigned char)~memory[i];
    }
    t->before = memory;
    t->given = memory + t->bytes;
    t->expected = memory + 2 * t->bytes;
    t->got = memory + 3 * t->bytes;
    ds_status status = ds_transfer_run(t, e->device, way);
    report->all = report->compared = status == DS_OK ? (int64_t)t->bytes : 0;
    for (int64_t i = 0; i < report->compared; i++)
        if (t->got[i] != t->expected[i] &&
            ds_report_fault(report, DS_FAULT_LOST, DS_ACTIVATIONS, i)) {
            report->got = t->got[i];
            report->expected = t->expected[i];
        }
    ds_free(memory);
    return status;
}

static ds_status judge(ds_examination *e, ds_transfer t, int way) {
    ds_tensor bytes = {.name = "bytes", .per_sample = true, .shape = ds_shape_flat(1)};
    const ds_plan plan = {.tensor = &bytes, .tensors = 1};
    ds_check_report report = {0};
    char shape[32], style[64];
    bool wanted, whole;
    const char *name = ds_transfer_name(way, &whole);
    snprintf(shape, sizeof shape, "%zu", t.bytes);
    snprintf(style, sizeof style, "%zu-from-%zu", t.count, t.from);
    if (whole && t.count < t.bytes)
        return DS_OK;
    DS_CHECK(ds_case_begin(e, &(ds_case_name){"transfer", name, shape, style}, &wanted));
    return wanted ? ds_case_end(e, run(e, &t, way, &report), &report, &plan) : DS_OK;
}

ds_status ds_examine_transfers(ds_examination *e) {
    static const size_t sizes[] = {12, 5004, (2 << 20) + 4}; /* the last in large pages */
    DS_CHECK(ds_examination_announce(e, "transfers", "memory"));
    for (int i = 0; i < 3 * DS_TRANSFERS; i++) {
        const size_t all = sizes[i % 3],
                     part[][2] = {
                         {0, all}, {1, 1}, {3, 7}, {all / 3 * 2 - 1, all / 4}, {all - 5, 5}};
        for (int p = 0; p < 5; p++)
            DS_CHECK(judge(e, (ds_transfer){.bytes = all, .from = part[p][0], .count = part[p][1]},
                           i / 3));
    }
    return DS_OK;
}
