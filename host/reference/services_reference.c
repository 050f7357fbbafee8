/* gather, record, reduce and gradient_norm, defined in host/ops/services.c. */
#include <float.h>
#include <math.h>

#include "reference/bounded.h"

static void gather_rows(const ds_reference_call *call, ds_field set, ds_field batch) {
    ds_field indices = ds_input(call, 2);
    int64_t rows = call->pass->count, columns = batch.value ? batch.count / rows : 0;
    for (int64_t n = 0; n < rows; n++) {
        int64_t row = (int64_t)ds_get(indices, call->pass->first + n).v;
        for (int64_t j = 0; j < columns; j++)
            ds_put(batch, n * columns + j, ds_get(set, row * columns + j));
    }
}

void ds_reference_gather(const ds_reference_call *call) {
    gather_rows(call, ds_input(call, 0), ds_output(call, 0));
    gather_rows(call, ds_input(call, 1), ds_output(call, 1));
}

void ds_reference_record(const ds_reference_call *call) {
    ds_field record = ds_input(call, 0), history = ds_output(call, 0);
    for (int64_t word = 0; word < DS_RECORD_SUMS; word++) {
        ds_sum sum = {0};
        for (int64_t n = 0; n < call->pass->count; n++)
            ds_sum_add(&sum, ds_get(record, n * DS_RECORD_SIZE + word));
        ds_put(history, word, ds_sum_total(&sum));
    }
    ds_bounded largest = ds_exact(0);
    for (int64_t n = 0; n < call->pass->count; n++)
        largest = ds_max(largest, ds_get(record, n * DS_RECORD_SIZE + DS_RECORD_LARGEST));
    ds_put(history, DS_RECORD_LARGEST, largest);
}

void ds_reference_reduce(const ds_reference_call *call) {
    (void)call; /* one device: the sum over devices is what is there */
}

/* Sets a status word unless one is set already. `doubt`: rounding may decide otherwise. */
static void set_word(ds_field status, int word, bool set, bool doubt, double update) {
    for (int i = 0; i < DS_STATUS_WORDS; i++)
        if (status.value[i] != 0 && status.value[i] != update)
            return;
    if (status.value[word] == 0)
        ds_put(status, word, (ds_bounded){set ? update : 0, doubt ? fabs(update) : 0});
}

/* Whether numbers are finite as float32, and where rounding may decide otherwise. */
typedef struct finiteness {
    bool broken, certain, doubt;
} finiteness;

static void look_at(finiteness *f, ds_bounded x) {
    bool broken = !(fabs(x.v) <= FLT_MAX);
    f->broken = f->broken || broken;
    f->certain = f->certain || (broken && !isinf(x.e));
    f->doubt = f->doubt || isinf(x.e);
}

void ds_reference_gradient_norm(const ds_reference_call *call) {
    ds_field gradients = ds_input(call, 0), record = ds_input(call, 1);
    ds_field norm = ds_output(call, 0), status = ds_output(call, 1);
    finiteness seen = {false, false, false};
    ds_sum squares = {0};
    for (int64_t i = 0; i < gradients.count; i++) {
        ds_bounded g = ds_get(gradients, i);
        look_at(&seen, g);
        ds_sum_add(&squares, ds_mul(g, g));
    }
    for (int64_t n = 0; n < call->pass->count; n++)
        look_at(&seen, ds_get(record, n * DS_RECORD_SIZE + DS_RECORD_LOSS));
    ds_bounded length = ds_sqrt(ds_sum_total(&squares));
    ds_put(norm, 0, length);

    double update = ds_status_word(call->pass->update), least = call->op->attribute[0];
    bool doubt = length.e > 0 && fabs(length.v - least) <= length.e;
    set_word(status, DS_STATUS_NOT_FINITE, seen.broken, seen.doubt && !seen.certain, update);
    set_word(status, DS_STATUS_SMALL_ENOUGH, !seen.broken && length.v <= least, doubt, update);
}
