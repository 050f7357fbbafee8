#include "measure/peak.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "measure/stage.h"

/* CHAINS: as in peak.cl. */
enum { CHAINS = 16, ROUNDS = 4096, REPETITIONS = 15 };

typedef struct probe {
    ds_device *device;
    ds_program *program;
    unsigned lanes;
    size_t group, units;
    double seconds;
} probe;

static ds_status build(probe *p, ds_device *device) {
    const ds_device_info *about = ds_device_about(device);
    const char *files[] = {"common.cl", "peak.cl"};
    bool cpu = strcmp(about->type, "cpu") == 0;
    char options[128];
    p->device = device;
    p->lanes = !cpu                              ? 4
               : about->float_vector_width >= 16 ? 16
               : about->float_vector_width >= 8  ? 8
                                                 : 4;
    p->group = cpu ? 1 : about->group_size < 256 ? (size_t)about->group_size : 256;
    p->units = about->compute_units ? about->compute_units : 1;
    snprintf(options, sizeof options, "-cl-std=CL1.2 -DPEAK_LANES=%u%s", p->lanes,
             about->has_fma ? " -DHAS_FMA" : "");
    return ds_program_build(&p->program, device, "", files, 2, options);
}

/* The least time of several launches, which are ready to be enqueued again and again. */
static ds_status time_launch(const probe *p, ds_launch *launch, size_t groups, double *least) {
    const ds_launch_time *time;
    size_t count;
    *least = INFINITY;
    double spent = 0;
    for (int i = 0; i < REPETITIONS && (i < 3 || spent < p->seconds); i++) {
        DS_CHECK(ds_launch_enqueue(launch, (size_t[2]){groups, 1}, (size_t[2]){p->group, 1}));
        DS_CHECK(ds_device_launch_times(p->device, &time, &count));
        spent += time[0].seconds;
        if (i > 0 && time[0].seconds > 0) /* the first may wait for its compiler */
            *least = fmin(*least, time[0].seconds);
    }
    return DS_OK;
}

/* Multiply-adds to be launched in `groups`, `rounds` of them in a chain. */
typedef struct multiplication {
    ds_buffer *out;
    ds_kernel *kernel;
    size_t groups;
    double operations; /* of a round */
} multiplication;

static ds_status prepare(const probe *p, multiplication *m) {
    m->groups = p->units * 8; /* enough for every processor that shares its time */
    size_t items = m->groups * p->group;
    m->operations = 2.0 * p->lanes * CHAINS * (double)items;
    DS_CHECK(ds_buffer_create(&m->out, p->device, items * p->lanes * sizeof(float)));
    return ds_program_kernel(p->program, "peak_multiply_add", &m->kernel);
}

static ds_launch begin(const multiplication *m, unsigned rounds) {
    ds_launch launch = ds_launch_begin(m->kernel);
    ds_launch_buffer(&launch, m->out);
    ds_launch_uint(&launch, rounds);
    ds_launch_float(&launch, 0.75);
    ds_launch_float(&launch, 0.5);
    return launch;
}

/* By launches that are long against the time in which a device's units come to work. */
static ds_status measure_operations(const probe *p, ds_peak *peak) {
    static const double enough = 5e-3;
    ds_status status = DS_OK;
    multiplication m = {0};
    double least = 0;
    unsigned rounds = ROUNDS / 4;
    DS_TRY(prepare(p, &m));
    while (least < enough && rounds < 1u << 28) {
        rounds *= 4;
        ds_launch launch = begin(&m, rounds);
        DS_TRY(time_launch(p, &launch, m.groups, &least));
    }
    peak->operations = fmax(peak->operations, m.operations * rounds / least);

cleanup:
    ds_buffer_destroy(m.out);
    return status;
}

static ds_status measure_bytes(const probe *p, size_t bytes, double *best) {
    ds_status status = DS_OK;
    ds_buffer *buffer[3] = {NULL};
    ds_kernel *kernel = NULL;
    double least;
    size_t vectors = bytes / (3 * p->lanes * sizeof(float));
    size_t groups = p->group == 1 ? p->units * 4 : p->units * 16;
    size_t run = (vectors + groups - 1) / groups;
    DS_TRY(ds_program_kernel(p->program, "peak_triad", &kernel));
    ds_launch launch = ds_launch_begin(kernel);
    for (int i = 0; i < 3; i++) {
        DS_TRY(ds_buffer_create(&buffer[i], p->device, vectors * p->lanes * sizeof(float)));
        DS_TRY(ds_buffer_zero(buffer[i]));
        ds_launch_buffer(&launch, buffer[i]);
    }
    ds_launch_float(&launch, 0.5);
    ds_launch_uint(&launch, vectors);
    ds_launch_uint(&launch, run);
    DS_TRY(time_launch(p, &launch, groups, &least));
    *best = fmax(*best, 3.0 * (double)vectors * p->lanes * sizeof(float) / least);

cleanup:
    for (int i = 0; i < 3; i++)
        ds_buffer_destroy(buffer[i]);
    return status;
}

static size_t touched_by(int triad) {
    return (size_t)DS_TRIAD_LEAST << (2 * triad);
}

ds_status ds_peak_measure(ds_peak *peak, ds_device *device, double seconds) {
    ds_status status = DS_OK;
    probe p = {.seconds = seconds};
    const ds_device_info *about = ds_device_about(device);
    DS_TRY(build(&p, device));
    DS_TRY(measure_operations(&p, peak));
    for (int i = 0; i < DS_TRIADS; i++)
        if (touched_by(i) <= about->memory_bytes / 8 && touched_by(i) / 3 < about->allocation_bytes)
            DS_TRY(measure_bytes(&p, touched_by(i), &peak->bytes[i]));

cleanup:
    ds_program_destroy(p.program);
    return status;
}

/* Rounds until a launch takes long enough to be told from its overhead. The least time of a few:
 * the first may wait for its compiler, and any for other programs. */
static ds_status climb(const probe *p, const multiplication *m, double *operations) {
    enum { FEW = 4 };
    static const double enough = 2e-3;
    double least = 0;
    float first; /* read to be sure that the work is done: some drivers finish too early */
    for (unsigned rounds = 1; least < enough && rounds < 1u << 28; rounds *= 4) {
        ds_launch launch = begin(m, rounds);
        least = INFINITY;
        for (int i = 0; i < FEW; i++) {
            double began = ds_stage_clock();
            DS_CHECK(
                ds_launch_enqueue(&launch, (size_t[2]){m->groups, 1}, (size_t[2]){p->group, 1}));
            DS_CHECK(ds_buffer_read(m->out, 0, sizeof first, &first));
            least = fmin(least, ds_stage_clock() - began);
        }
        *operations = m->operations * rounds / least;
    }
    return DS_OK;
}

ds_status ds_peak_glance(double *operations, ds_device *device) {
    ds_status status = DS_OK;
    probe p = {0};
    multiplication m = {0};
    DS_TRY(build(&p, device));
    DS_TRY(prepare(&p, &m));
    DS_TRY(climb(&p, &m, operations));

cleanup:
    ds_buffer_destroy(m.out);
    ds_program_destroy(p.program);
    return status;
}

double ds_peak_bytes(const ds_peak *peak, double touched) {
    int triad = 0;
    while (triad + 1 < DS_TRIADS && peak->bytes[triad + 1] > 0 &&
           (double)touched_by(triad) * 2 < touched)
        triad++;
    return peak->bytes[triad];
}

double ds_peak_memory(const ds_peak *peak) {
    int triad = DS_TRIADS - 1;
    while (triad > 0 && peak->bytes[triad] == 0)
        triad--;
    return peak->bytes[triad];
}
