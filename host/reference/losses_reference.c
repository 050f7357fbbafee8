/* Losses, defined in host/ops/losses.c. Each gives, for one output, the loss and the gradient of
 * the prediction before it is averaged. */
#include <math.h>

#include "reference/bounded.h"

typedef struct output {
    ds_bounded loss, gradient;
} output;

/* `d` is prediction - target, `delta` the option. */
typedef output (*distance_loss)(ds_bounded d, ds_bounded delta);

static ds_bounded share_of_batch(const ds_reference_call *call) {
    return ds_rounded(1.0 / (double)call->pass->global_count);
}

static ds_bounded mean(const ds_sum *sum, int64_t count) {
    return ds_div(ds_sum_total(sum), ds_exact((double)count));
}

static void put_record(ds_field record, int64_t n, ds_bounded loss, ds_bounded absolute,
                       ds_bounded square, ds_bounded correct, ds_bounded largest) {
    ds_put(record, n * DS_RECORD_SIZE + DS_RECORD_LOSS, loss);
    ds_put(record, n * DS_RECORD_SIZE + DS_RECORD_ABSOLUTE, absolute);
    ds_put(record, n * DS_RECORD_SIZE + DS_RECORD_SQUARE, square);
    ds_put(record, n * DS_RECORD_SIZE + DS_RECORD_CORRECT, correct);
    ds_put(record, n * DS_RECORD_SIZE + DS_RECORD_LARGEST, largest);
}

/* ---- numbers ---- */

/* `delta` is an option of huber alone. */
static void of_distance(const ds_reference_call *call, distance_loss function) {
    ds_field prediction = ds_input(call, 0), target = ds_input(call, 1);
    ds_field gradient = ds_output(call, 0), record = ds_output(call, 1);
    int64_t rows = call->pass->count, columns = prediction.count / rows;
    ds_bounded share = ds_div(share_of_batch(call), ds_exact((double)columns));
    ds_bounded delta = ds_rounded(call->op->attribute[0]);
    for (int64_t n = 0; n < rows; n++) {
        ds_sum loss = {0}, absolute = {0}, square = {0};
        ds_bounded largest = ds_exact(0);
        for (int64_t k = 0; k < columns; k++) {
            ds_bounded d =
                ds_sub(ds_get(prediction, n * columns + k), ds_get(target, n * columns + k));
            output o = function(d, delta);
            ds_sum_add(&loss, o.loss);
            ds_sum_add(&absolute, ds_abs(d));
            ds_sum_add(&square, ds_mul(d, d));
            largest = ds_max(largest, ds_abs(d));
            ds_put(gradient, n * columns + k, ds_mul(o.gradient, share));
        }
        put_record(record, n, mean(&loss, columns), mean(&absolute, columns),
                   mean(&square, columns), ds_exact(0), largest);
    }
}

static output squared(ds_bounded d, ds_bounded delta) {
    (void)delta;
    return (output){ds_mul(d, d), ds_add(d, d)};
}

static ds_bounded sign(ds_bounded d) {
    double s = d.v > 0 ? 1 : d.v < 0 ? -1 : isnan(d.v) ? NAN : 0;
    return (ds_bounded){s, d.e > 0 && fabs(d.v) <= d.e ? 2 : 0};
}

static output absolute_distance(ds_bounded d, ds_bounded delta) {
    (void)delta;
    return (output){ds_abs(d), sign(d)};
}

/* With c = clamp(d, -delta, delta), both branches of the loss are c (d - c/2). */
static output huber(ds_bounded d, ds_bounded delta) {
    ds_bounded c = ds_max(ds_min(d, delta), ds_neg(delta));
    return (output){ds_mul(c, ds_sub(d, ds_mul(ds_exact(0.5), c))), c};
}

void ds_reference_mse(const ds_reference_call *call) {
    of_distance(call, squared);
}

void ds_reference_mae(const ds_reference_call *call) {
    of_distance(call, absolute_distance);
}

void ds_reference_huber(const ds_reference_call *call) {
    of_distance(call, huber);
}

/* ---- classes ---- */

void ds_reference_binary_cross_entropy(const ds_reference_call *call) {
    ds_field prediction = ds_input(call, 0), target = ds_input(call, 1);
    ds_field gradient = ds_output(call, 0), record = ds_output(call, 1);
    int64_t rows = call->pass->count, columns = prediction.count / rows;
    ds_bounded share = ds_div(share_of_batch(call), ds_exact((double)columns));
    for (int64_t n = 0; n < rows; n++) {
        ds_sum loss = {0}, correct = {0};
        for (int64_t k = 0; k < columns; k++) {
            ds_bounded z = ds_get(prediction, n * columns + k), t = ds_get(target, n * columns + k);
            ds_bounded small = ds_exp(ds_neg(ds_abs(z)));
            ds_bounded sigmoid = ds_div(z.v >= 0 ? ds_exact(1) : small, ds_add(ds_exact(1), small));
            ds_bounded linear = ds_sub(ds_max(z, ds_exact(0)), ds_mul(z, t));
            ds_sum_add(&loss, ds_add(linear, ds_log1p(small)));
            ds_bounded is = ds_above(z, 0), should = ds_above(t, 0.5);
            ds_sum_add(&correct, (ds_bounded){is.v == should.v, fmax(is.e, should.e)});
            ds_put(gradient, n * columns + k, ds_mul(ds_sub(sigmoid, t), share));
        }
        put_record(record, n, mean(&loss, columns), ds_exact(0), ds_exact(0),
                   mean(&correct, columns), ds_exact(0));
    }
}

/* Whether class t is the first of the largest: surely not where one is surely ahead of it. */
static ds_bounded first_of_largest(ds_field z, int64_t row, int64_t columns, int64_t t) {
    ds_bounded answer = ds_exact(1), chosen = ds_get(z, row + t);
    for (int64_t k = 0; k < columns; k++) {
        ds_bounded other = ds_get(z, row + k);
        double doubt = chosen.e + other.e;
        bool beaten = k < t ? !(chosen.v > other.v) : k > t && !(chosen.v >= other.v);
        if (k != t && doubt > 0 && fabs(chosen.v - other.v) <= doubt)
            answer.e = 1;
        else if (beaten)
            return ds_exact(0);
        if (beaten)
            answer.v = 0;
    }
    return answer;
}

void ds_reference_cross_entropy(const ds_reference_call *call) {
    ds_field z = ds_input(call, 0), target = ds_input(call, 1);
    ds_field gradient = ds_output(call, 0), record = ds_output(call, 1);
    int64_t rows = call->pass->count, columns = z.count / rows;
    ds_bounded share = share_of_batch(call);
    for (int64_t n = 0; n < rows; n++) {
        int64_t row = n * columns;
        double class = ds_get(target, n).v;
        bool known = class >= 0 && class < (double)columns; /* else nothing is defined: NaN */
        int64_t t = known ? (int64_t) class : 0;
        ds_bounded largest = ds_exact(-INFINITY);
        for (int64_t k = row; k < row + columns; k++)
            if (!isnan(ds_get(z, k).v))
                largest = ds_max(largest, ds_get(z, k));
        ds_sum sum = {0};
        for (int64_t k = row; k < row + columns; k++)
            ds_sum_add(&sum, ds_exp(ds_sub(ds_get(z, k), largest)));
        ds_bounded total = ds_sum_total(&sum);
        for (int64_t k = row; k < row + columns && gradient.value; k++) {
            ds_bounded share_of_k = ds_div(ds_exp(ds_sub(ds_get(z, k), largest)), total);
            ds_bounded wanted = ds_exact(!known ? NAN : k == row + t ? 1 : 0);
            ds_put(gradient, k, ds_mul(ds_sub(share_of_k, wanted), share));
        }
        ds_bounded loss = ds_add(ds_log(total), ds_sub(largest, ds_get(z, row + t)));
        put_record(record, n, known ? loss : ds_exact(NAN), ds_exact(0), ds_exact(0),
                   known ? first_of_largest(z, row, columns, t) : ds_exact(0), ds_exact(0));
    }
}
