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
    double middle, w;
    *verdict = (ds_gradient_verdict){.first = -1};
    DS_CHECK(executor->read(executor, DS_PARAMETERS, tensor->offset, 1, &w));
    DS_CHECK(loss_with(executor, pass, tensor->offset, w, &middle));
    for (int64_t i = 0; i < count; i += stride) {
        int64_t offset = tensor->offset + i;
        double g = gradients[offset], slope[2][2], loss; /* right, left; over h, h / 2 */
        DS_CHECK(executor->read(executor, DS_PARAMETERS, offset, 1, &w));
        /* The cube root of the unit roundoff balances truncation and noise of a central difference.
         */
        double h = cbrt(DBL_EPSILON) * fmax(1, fabs(w));
        for (int side = 0; side < 2; side++)
            for (int half = 0; half < 2; half++) {
                double to = w + (side ? -h : h) / (1 + half);
                DS_CHECK(loss_with(executor, pass, offset, to, &loss));
                slope[side][half] = (loss - middle) / (to - w);
            }
        DS_CHECK(executor->write(executor, DS_PARAMETERS, offset, 1, &w));
        /* The loss is a sum of some hundred roundings of its own size, at the least of 1. */
        double noise = 512 * DBL_EPSILON * fmax(1, fabs(middle)) / h;
        double curve = fmin(fabs(slope[0][0] - slope[0][1]), fabs(slope[1][0] - slope[1][1]));
        double slack = 2 * curve + noise;
        double central = (slope[0][0] + slope[1][0]) / 2;
        bool good = g >= fmin(slope[0][0], slope[1][0]) - slack &&
                    g <= fmax(slope[0][0], slope[1][0]) + slack;
        double error = fmin(fabs(g - central), fmin(fabs(g - slope[0][0]), fabs(g - slope[1][0])));
        double size = fmax(fabs(g), fabs(central));
        if (size > noise)
            verdict->worst = fmax(verdict->worst, error / size);
        verdict->checked++;
        if (!good && verdict->wrong++ == 0) {
            verdict->first = i;
            verdict->got = g;
            verdict->expected = central;
        }
    }
    return DS_OK;
}
