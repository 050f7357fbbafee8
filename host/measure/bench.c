#include "measure/bench.h"

#include <math.h>

static const double default_seconds = 0.1;

ds_status ds_bench_announce(const ds_bench_run *run, const char *what) {
    if (run->options.progress && !run->options.progress(run->options.context, what))
        return ds_fail(DS_INTERRUPTED, "", "the measurement was interrupted");
    return DS_OK;
}

static void judge(ds_bench_row *row, const ds_peak *peak) {
    double operations = row->operations / row->seconds / peak->operations;
    double bytes = row->bytes / row->seconds / ds_peak_bytes(peak, row->bytes);
    row->of_bytes = bytes > operations;
    row->share = fmax(bytes, operations);
}

/* What a kernel did the device can do, if other programs slowed down each measurement of its peak.
 */
static void include(ds_peak *peak, const ds_bench_row *row) {
    peak->operations = fmax(peak->operations, row->operations / row->seconds);
}

/* The peak before and behind the kernels: other programs may have slowed down one. */
static ds_status measure(ds_bench_run *run) {
    DS_CHECK(ds_device_profile(run->device, true));
    DS_CHECK(ds_bench_announce(run, "the device"));
    DS_CHECK(ds_peak_measure(&run->peak, run->device, run->options.seconds));
    DS_CHECK(ds_bench_kernels(run));
    DS_CHECK(ds_bench_announce(run, "the device"));
    DS_CHECK(ds_peak_measure(&run->peak, run->device, run->options.seconds));
    DS_CHECK(ds_device_profile(run->device, false));
    DS_CHECK(ds_bench_steps(run));
    for (size_t i = 0; i < run->table.kernels; i++)
        include(&run->peak, &run->table.kernel[i]);
    for (size_t i = 0; i < run->table.steps; i++)
        include(&run->peak, &run->table.step[i]);
    for (size_t i = 0; i < run->table.kernels; i++)
        judge(&run->table.kernel[i], &run->peak);
    for (size_t i = 0; i < run->table.steps; i++)
        judge(&run->table.step[i], &run->peak);
    return DS_OK;
}

ds_status ds_bench(ds_device *device, const ds_bench_options *options, ds_bench_table *table) {
    ds_bench_run run = {.device = device, .options = *options};
    if (ds_device_is_reference(device))
        return ds_fail(DS_BAD_INPUT, "name an OpenCL device; descent devices lists them",
                       "the reference has no kernels to measure");
    if (run.options.seconds <= 0)
        run.options.seconds = default_seconds;
    ds_status status = measure(&run);
    if (status == DS_OK) {
        run.table.peak_operations = run.peak.operations;
        run.table.peak_bytes = ds_peak_memory(&run.peak);
        *table = run.table;
        return DS_OK;
    }
    ds_saved_error saved;
    ds_error_take(&saved);
    ds_bench_clear(&run.table);
    (void)ds_device_profile(device, false);
    return ds_error_give(&saved);
}

void ds_bench_clear(ds_bench_table *table) {
    ds_free(table->kernel);
    ds_free(table->step);
    *table = (ds_bench_table){0};
}
