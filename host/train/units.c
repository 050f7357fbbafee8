#include "train/units.h"

#include <math.h>
#include <string.h>

static bool is_normalized(const ds_encoding *encoding) {
    for (int64_t k = 0; k < ds_encoding_targets(encoding); k++) {
        double scale, shift;
        ds_encoding_target_units(encoding, k, &scale, &shift);
        if (scale != 1 || shift != 0)
            return true;
    }
    return false;
}

ds_units ds_units_of(const ds_encoding *encoding, const ds_operation *loss,
                     const double *attribute) {
    ds_units units = {.error = 1, .shift = attribute[ds_operation_options(loss) - 1]};
    double shift;
    units.classes = ds_encoding_kind(encoding) != DS_TARGET_NUMBERS;
    if (!units.classes)
        units.targets = ds_encoding_targets(encoding);
    if (units.targets == 1)
        ds_encoding_target_units(encoding, 0, &units.error, &shift);
    units.apart = units.targets > 1 && is_normalized(encoding);
    units.loss = loss == &ds_op_mae ? units.error : units.error * units.error;
    return units;
}

double ds_units_show(const ds_units *units, double loss) {
    return units->loss * loss + units->shift;
}

void ds_units_options(const ds_units *units, const ds_operation *loss, const double *attribute,
                      double trained[DS_MAX_ATTRIBUTES]) {
    memcpy(trained, attribute, DS_MAX_ATTRIBUTES * sizeof *trained);
    if (loss == &ds_op_huber)
        trained[0] = fmin(fmax(attribute[0] / units->error, 1e-30), 1e30);
}
