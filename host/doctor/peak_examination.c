/* The kernels that a device's peak is measured by: of small whole numbers they make exact ones. */
#include <stdio.h>

#include "device/recording.h"
#include "doctor/examination.h"
#include "ops/operation.h"

enum { LANES = 4, CHAINS = 16, ITEMS = 6, ROUNDS = 3, VECTORS = 37, RUN = 5 };
enum { BEHIND = 2 * LANES, MOST = VECTORS * LANES + BEHIND };

static const float untouched = -77;

typedef struct bench {
    ds_examination *e;
    ds_program *program;
    ds_buffer *out;
    double expected[MOST]; /* what is to be in it */
    size_t group;
} bench;

static ds_status open_bench(bench *b) {
    static const char *const files[] = {"common.cl", "peak.cl"};
    char options[64];
    float all[MOST];
    b->group = ds_device_about(b->e->device)->group_size < 2 ? 1 : 2;
    for (int i = 0; i < MOST; i++)
        b->expected[i] = (double)(all[i] = untouched);
    snprintf(options, sizeof options, "-cl-std=CL1.2 -DPEAK_LANES=%d%s", LANES,
             ds_device_about(b->e->device)->has_fma ? " -DHAS_FMA" : "");
    DS_CHECK(ds_program_build(&b->program, b->e->device, "", files, 2, options));
    DS_CHECK(ds_buffer_create(&b->out, b->e->device, sizeof all));
    return ds_buffer_write(b->out, 0, sizeof all, all);
}

static void close_bench(bench *b) {
    ds_buffer_destroy(b->out);
    ds_program_destroy(b->program);
}

/* ---- the two ---- */

static ds_status run_multiply_add(bench *b) {
    const float factor = 0.5f, summand = 3;
    ds_kernel *kernel;
    for (int item = 0; item < ITEMS; item++) {
        float sum = 0;
        for (int i = 0; i < CHAINS; i++) {
            float x = (float)(item + i);
            for (int round = 0; round < ROUNDS; round++)
                x = factor * x + summand;
            sum += x;
        }
        for (int lane = 0; lane < LANES; lane++)
            b->expected[item * LANES + lane] = (double)sum;
    }
    DS_CHECK(ds_program_kernel(b->program, "peak_multiply_add", &kernel));
    ds_launch launch = ds_launch_begin(kernel);
    ds_launch_buffer(&launch, b->out);
    ds_launch_uint(&launch, ROUNDS);
    ds_launch_float(&launch, factor);
    ds_launch_float(&launch, summand);
    return ds_launch_enqueue(&launch, (size_t[2]){ITEMS / b->group, 1}, (size_t[2]){b->group, 1});
}

/* In place, so that nothing may be done twice; one group more than there is work for. */
static ds_status launch_triad(bench *b, ds_buffer *summand) {
    const float factor = 0.5f;
    float to[MOST], from[MOST];
    ds_kernel *kernel;
    for (int i = 0; i < MOST; i++) {
        to[i] = (float)(3 * i + 1);
        from[i] = (float)(i * i % 101 + 2);
        b->expected[i] = (double)(to[i] + (i < VECTORS * LANES ? factor * from[i] : 0));
    }
    DS_CHECK(ds_buffer_write(b->out, 0, sizeof to, to));
    DS_CHECK(ds_buffer_write(summand, 0, sizeof from, from));
    DS_CHECK(ds_program_kernel(b->program, "peak_triad", &kernel));
    ds_launch launch = ds_launch_begin(kernel);
    ds_launch_buffer(&launch, b->out);
    ds_launch_buffer(&launch, summand);
    ds_launch_buffer(&launch, b->out);
    ds_launch_float(&launch, factor);
    ds_launch_uint(&launch, VECTORS);
    ds_launch_uint(&launch, RUN);
    return ds_launch_enqueue(&launch, (size_t[2]){VECTORS / RUN + 2, 1}, (size_t[2]){b->group, 1});
}

static ds_status run_triad(bench *b) {
    ds_buffer *summand = NULL;
    DS_CHECK(ds_buffer_create(&summand, b->e->device, sizeof b->expected));
    ds_status status = launch_triad(b, summand);
    ds_buffer_destroy(summand);
    return status;
}

/* ---- cases ---- */

static ds_status compare(bench *b, const ds_op *op, ds_check_report *report) {
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

static ds_status judge(ds_examination *e, const char *variant, const char *name,
                       ds_status (*run)(bench *b)) {
    const ds_operation operation = {.name = name};
    const ds_op op = {.operation = &operation, .layer = -1};
    ds_check_report report = {0};
    bench b = {.e = e};
    bool wanted;
    DS_CHECK(ds_case_begin(e, &(ds_case_name){name, variant, "small", "whole"}, &wanted));
    if (!wanted)
        return DS_OK;
    ds_status status = open_bench(&b);
    if (status == DS_OK)
        status = run(&b);
    if (status == DS_OK)
        status = compare(&b, &op, &report);
    status = ds_case_end(e, status, &report, NULL);
    close_bench(&b);
    return status;
}

ds_status ds_examine_peak(ds_examination *e, const ds_variant *variant) {
    DS_CHECK(ds_examination_announce(e, "peak", variant->name));
    DS_CHECK(judge(e, variant->name, "peak_multiply_add", run_multiply_add));
    return judge(e, variant->name, "peak_triad", run_triad);
}
