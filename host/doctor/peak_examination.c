/* The kernels that a device's peak is measured by: of small whole numbers they make exact ones. */
#include <stdio.h>

#include "device/recording.h"
#include "doctor/examination.h"
#include "ops/operation.h"

/* CHAINS: as in peak.cl. */
enum { LANES = 4, CHAINS = 16, ITEMS = 6, ROUNDS = 3, VECTORS = 37, RUN = 5 };
enum { MOST = (VECTORS + 2) * LANES };

typedef struct bench {
    ds_program *program;
    ds_buffer *out, *in;
    double expected[MOST]; /* what is to be in `out` */
} bench;

/* The triad is computed in place, so that nothing may be done twice. */
static ds_status open_bench(bench *b, ds_device *device, bool triad) {
    static const char *const files[] = {"common.cl", "peak.cl"};
    char options[64];
    float out[MOST], in[MOST];
    for (int i = 0; i < MOST; i++) {
        const int item = i / LANES;
        out[i] = (float)(3 * i + 1);
        in[i] = (float)(i * i % 101 + 2);
        b->expected[i] = (double)out[i];
        if (triad && item < VECTORS)
            b->expected[i] += 0.5 * (double)in[i];
        /* Three rounds make x / 8 + 21 / 4 of x, which is item, item + 1, ... of the chains. */
        if (!triad && item < ITEMS)
            b->expected[i] = (CHAINS * item + CHAINS * (CHAINS - 1) / 2) / 8.0 + CHAINS * 21 / 4.0;
    }
    snprintf(options, sizeof options, "-cl-std=CL1.2 -DPEAK_LANES=%d%s", LANES,
             ds_device_about(device)->has_fma ? " -DHAS_FMA" : "");
    DS_CHECK(ds_program_build(&b->program, device, "", files, 2, options));
    DS_CHECK(ds_buffer_create(&b->out, device, sizeof out));
    DS_CHECK(ds_buffer_create(&b->in, device, sizeof in));
    DS_CHECK(ds_buffer_write(b->out, 0, sizeof out, out));
    return ds_buffer_write(b->in, 0, sizeof in, in);
}

/* One group more of the triad than there is work for. */
static ds_status run(const bench *b, const char *name, bool triad, size_t group) {
    ds_kernel *kernel;
    DS_CHECK(ds_program_kernel(b->program, name, &kernel));
    ds_launch launch = ds_launch_begin(kernel);
    ds_launch_buffer(&launch, b->out);
    if (triad) {
        ds_launch_buffer(&launch, b->in);
        ds_launch_buffer(&launch, b->out);
        ds_launch_float(&launch, 0.5);
        ds_launch_uint(&launch, VECTORS);
        ds_launch_uint(&launch, RUN);
    } else {
        ds_launch_uint(&launch, ROUNDS);
        ds_launch_float(&launch, 0.5);
        ds_launch_float(&launch, 3);
    }
    const size_t groups = triad ? VECTORS / RUN + 2 : ITEMS / group;
    return ds_launch_enqueue(&launch, (size_t[2]){groups, 1}, (size_t[2]){group, 1});
}

static ds_status compare(const bench *b, const ds_op *op, ds_check_report *report) {
    float got[MOST];
    DS_CHECK(ds_buffer_read(b->out, 0, sizeof got, got));
    for (int i = 0; i < MOST; i++, report->compared++)
        if ((double)got[i] != b->expected[i] &&
            ds_report_fault(report, DS_FAULT_WRONG, DS_ACTIVATIONS, i)) {
            report->op = op;
            report->tensor = DS_ABSENT;
            report->got = (double)got[i];
            report->expected = b->expected[i];
        }
    return ds_recording_expect(b->out, ds_storage_name(DS_ACTIVATIONS), false, MOST, b->expected,
                               NULL);
}

ds_status ds_examine_peak(ds_examination *e, const ds_variant *variant) {
    static const char *const name[] = {"peak_multiply_add", "peak_triad"};
    const size_t group = ds_device_about(e->device)->group_size < 2 ? 1 : 2;
    DS_CHECK(ds_examination_announce(e, "peak", variant->name));
    for (int triad = 0; triad < 2; triad++) {
        const ds_operation operation = {.name = name[triad]};
        const ds_op op = {.operation = &operation, .layer = -1};
        const ds_case_name about = {name[triad], variant->name, "small", "whole"};
        ds_check_report report = {0};
        bench b = {NULL, NULL, NULL, {0}};
        bool wanted;
        DS_CHECK(ds_case_begin(e, &about, &wanted));
        if (!wanted)
            continue;
        ds_status status = open_bench(&b, e->device, triad);
        if (status == DS_OK)
            status = run(&b, name[triad], triad, group);
        if (status == DS_OK)
            status = compare(&b, &op, &report);
        status = ds_case_end(e, status, &report, NULL);
        ds_buffer_destroy(b.out);
        ds_buffer_destroy(b.in);
        ds_program_destroy(b.program);
        DS_CHECK(status);
    }
    return DS_OK;
}
