/* Follows a run on the reference: passes run once, by the kernels that run them anyhow, and what
 * they leave is judged by what the device itself had before. */
#ifndef DS_SHADOW_H
#define DS_SHADOW_H

#include "check/verdict.h"
#include "device/device.h"

typedef struct ds_shadow ds_shadow;

/* The executor, on that device, must outlive it; its history must have room for a record. What is
 * portable must have the bits of the device plain, too. */
ds_status ds_shadow_create(ds_shadow **out, ds_executor *executor, const ds_device *device);
void ds_shadow_destroy(ds_shadow *shadow);

/* Runs a pass. Op by op each is judged from the device's own inputs, right behind it, and nothing
 * but its outputs may have changed; the first fault ends the pass. Where an executor runs passes
 * whole, so does this, and judges each op in what the pass tells (ds_executor.run_shown). Features,
 * targets and indices of the pass must be as they were at its end, and parameters and moments at its
 * beginning as the pass before left them, if that was judged, too, and the update before this. What
 * is merely unlikely is a doubt: people's numbers need not be rounded as drawn ones are. Succeeds when it could judge; the verdict is report->fault. */
ds_status ds_shadow_pass(ds_shadow *shadow, const ds_pass *pass, ds_check_report *report);

/* The same for some phases of a pass that goes op by op, from the first on without gap. */
ds_status ds_shadow_phases(ds_shadow *shadow, ds_phase first, ds_phase last, const ds_pass *pass,
                           ds_check_report *report);

/* As ds_check_passes. */
ds_status ds_shadow_together(ds_shadow *shadow, const ds_pass *pass, int64_t count,
                             ds_check_report *report);

/* What was unlikely of a tensor for the first time, or again, and was not told yet; its fault is
 * DS_FAULT_NONE where nothing was. */
ds_check_report ds_shadow_doubt(ds_shadow *shadow, bool *again);

/* Gives parameters and moments back what they held before the last pass. */
ds_status ds_shadow_undo(ds_shadow *shadow);

/* What that gave back of parameters or moments, for whoever does not trust the device to tell; NULL
 * where the last pass was not undone. */
const double *ds_shadow_kept(const ds_shadow *shadow, ds_storage storage);

/* The first number of a tensor at the end of the last pass: as the device left it where that was
 * looked at, else as the reference has it. */
double ds_shadow_number(const ds_shadow *shadow, int tensor);

/* Parameters will be written, or passes run, from elsewhere. */
void ds_shadow_forget(ds_shadow *shadow);

/* The first number of the last pass that float32 cannot hold: the device's where it went op by op,
 * the reference's otherwise. */
typedef struct ds_not_finite {
    bool found;
    bool perhaps;    /* float32 holds it, but rounding decides whether the device's is finite */
    const ds_op *op; /* that gave it; NULL: it was there before */
    int tensor;
    int64_t element;
    double value;
} ds_not_finite;

const ds_not_finite *ds_shadow_not_finite(const ds_shadow *shadow);

#endif
