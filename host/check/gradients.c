#include "check/gradients.h"

#include <float.h>
#include <math.h>

/* Mean loss of the pass's batch with one parameter changed. */
static ds_status loss_with(ds_executor *executor, const ds_pass *pass, int64_t offset, double value,
                           double *loss) {
    double record[DS_RECORD_SIZE];
    DS_CHECK(executor->write(executor, DS_PARAMETERS, offset, 1, &value));
    DS_CHECK(ds_run_phases(executor, DS_PHASE_FORWARD, DS_PHASE_LOSS, pass));
    DS_CHECK(executor->read(executor, DS_HISTORY, 0, DS_RECORD_SIZE, record));
    *loss = record[DS_RECORD_LOSS] / (double)pass->count;
    return DS_OK;
}

ds_status ds_gradients_judge(ds_executor *executor, const ds_pass *pass, int parameter,
                             const double *gradients, int64_t stride,
                             ds_gradient_verdict *verdict) {
    const ds_tensor *tensor = &executor->plan->tensor[parameter];
    int64_t count = ds_tensor_count(tensor, 1);
    *verdict = (ds_gradient_verdict){.first = -1};
    for (int64_t i = 0; i < count; i += stride) {
        int64_t offset = tensor->offset + i;
        double w, middle, above, below, g = gradients[offset];
        DS_CHECK(executor->read(executor, DS_PARAMETERS, offset, 1, &w));
        /* The cube root of the unit roundoff balances truncation and noise of a central difference.
         */
        double h = cbrt(DBL_EPSILON) * fmax(1, fabs(w));
        double up = w + h, down = w - h;
        DS_CHECK(loss_with(executor, pass, offset, up, &above));
        DS_CHECK(loss_with(executor, pass, offset, down, &below));
        DS_CHECK(loss_with(executor, pass, offset, w, &middle));
        /* The loss is a sum of some hundred roundings of its own size, at the least of 1. */
        double noise = 256 * DBL_EPSILON * fmax(1, fabs(middle)) / h;
        double right = (above - middle) / (up - w), left = (middle - below) / (w - down);
        double central = (above - below) / (up - down);
        bool good = g >= fmin(left, right) - noise && g <= fmax(left, right) + noise;
        double size = fmax(fabs(g), fabs(central));
        if (size > noise)
            verdict->worst = fmax(verdict->worst, fabs(g - central) / size);
        verdict->checked++;
        if (!good && verdict->wrong++ == 0) {
            verdict->first = i;
            verdict->got = g;
            verdict->expected = central;
        }
    }
    return DS_OK;
}
