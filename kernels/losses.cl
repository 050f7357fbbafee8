/* Losses, one group a sample: prediction and gradient (rows, columns), target (rows, columns) or,
 * for cross_entropy, class numbers (rows, 1), units (columns), record (rows, 5). Formulas and their
 * sources: host/ops/losses.c. `share` is 1 / (samples in the global batch).
 *
 *     NAME           prediction, target, units -> gradient, record
 *                    (uint rows, uint columns, float share[, float delta], float shift)
 *     NAME_evaluate  the same without the gradient
 *
 * A record holds the sample's loss, mean |error|, mean error^2, share of right classes and largest
 * |error|. */

void put_record(global float *record, float loss, float absolute, float square, float correct,
                float largest) {
    if (get_local_id(0) == 0) {
        record[0] = loss;
        record[1] = absolute;
        record[2] = square;
        record[3] = correct;
        record[4] = largest;
    }
}

/* The two kernels of a loss from NAME_sample(scratch, prediction, target, units, gradient, record,
 * columns, share[, delta], shift), which works on one row; gradient is 0 where it is not wanted. */
#define LOSS_KERNELS(name, target_columns, parameter, argument)                                    \
    kernel void name(global const float *prediction, ulong prediction0,                            \
                     global const float *target, ulong target0, global const float *units,         \
                     ulong units0, global float *gradient, ulong gradient0, global float *record,  \
                     ulong record0, uint rows, uint columns, float share parameter, float shift) { \
        local float scratch[GROUP];                                                                \
        const ulong row = get_group_id(0);                                                         \
        name##_sample(scratch, prediction + prediction0 + row * columns,                           \
                      target + target0 + row * (target_columns), units + units0,                   \
                      gradient + gradient0 + row * columns, record + record0 + row * 5, columns,   \
                      share argument, shift);                                                      \
    }                                                                                              \
    kernel void name##_evaluate(                                                                   \
        global const float *prediction, ulong prediction0, global const float *target,             \
        ulong target0, global const float *units, ulong units0, global float *record,              \
        ulong record0, uint rows, uint columns, float share parameter, float shift) {              \
        local float scratch[GROUP];                                                                \
        const ulong row = get_group_id(0);                                                         \
        name##_sample(scratch, prediction + prediction0 + row * columns,                           \
                      target + target0 + row * (target_columns), units + units0, 0,                \
                      record + record0 + row * 5, columns, share argument, shift);                 \
    }

#define COMMA_DELTA_PARAMETER , float delta
#define COMMA_DELTA , delta

/* ---- numbers: d = prediction - target, e = units d ---- */

#define DISTANCE_SAMPLE(name, parameter, loss_expression, gradient_expression)                     \
    void name##_sample(local float *scratch, global const float *prediction,                       \
                       global const float *target, global const float *units,                      \
                       global float *gradient, global float *record, uint columns,                 \
                       float share parameter, float shift) {                                       \
        const float scale = share / (float)columns;                                                \
        float loss = 0.0f, absolute = 0.0f, square = 0.0f, largest = 0.0f;                         \
        for (uint k = get_local_id(0); k < columns; k += GROUP) {                                  \
            const float d = prediction[k] - target[k], e = d * units[k];                           \
            loss += loss_expression;                                                               \
            absolute += fabs(e);                                                                   \
            square += e * e;                                                                       \
            largest = larger(largest, fabs(e));                                                    \
            if (gradient)                                                                          \
                gradient[k] = (gradient_expression)*scale;                                         \
        }                                                                                          \
        loss = group_sum(scratch, loss) / (float)columns;                                          \
        absolute = group_sum(scratch, absolute) / (float)columns;                                  \
        square = group_sum(scratch, square) / (float)columns;                                      \
        largest = group_largest(scratch, largest);                                                 \
        put_record(record, loss + shift, absolute, square, 0.0f, largest);                         \
    }

/* -1, 0 or 1; 0 and NaN stay. */
float direction(float d) {
    return d > 0.0f ? 1.0f : d < 0.0f ? -1.0f : d;
}

/* e within -delta .. delta; NaN stays. With it both branches of huber are c (e - c / 2). */
float limited(float e, float delta) {
    return e > delta ? delta : e < -delta ? -delta : e;
}
float huber_loss(float e, float c) {
    return c * (e - 0.5f * c);
}

DISTANCE_SAMPLE(mse, , e *e, d + d)
LOSS_KERNELS(mse, columns, , )

DISTANCE_SAMPLE(mae, , fabs(e), direction(d))
LOSS_KERNELS(mae, columns, , )

DISTANCE_SAMPLE(huber, COMMA_DELTA_PARAMETER, huber_loss(e, limited(e, delta)),
                limited(e, delta) / units[k])
LOSS_KERNELS(huber, columns, COMMA_DELTA_PARAMETER, COMMA_DELTA)

/* ---- binary_cross_entropy: max(z, 0) - z t + log(1 + exp(-|z|)); (sigmoid(z) - t) ---- */

void binary_cross_entropy_sample(local float *scratch, global const float *prediction,
                                 global const float *target, global const float *units,
                                 global float *gradient, global float *record, uint columns,
                                 float share, float shift) {
    const float scale = share / (float)columns;
    float loss = 0.0f, correct = 0.0f;
    for (uint k = get_local_id(0); k < columns; k += GROUP) {
        const float z = prediction[k], t = target[k];
        const float small = exp(-fabs(z));
        loss += fmax(z, 0.0f) - z * t + log1p(small);
        correct += (z > 0.0f) == (t > 0.5f) ? 1.0f : 0.0f;
        if (gradient)
            gradient[k] = ((z >= 0.0f ? 1.0f : small) / (1.0f + small) - t) * scale;
    }
    loss = group_sum(scratch, loss) / (float)columns;
    correct = group_sum(scratch, correct) / (float)columns;
    put_record(record, loss + shift, 0.0f, 0.0f, correct, 0.0f);
}
LOSS_KERNELS(binary_cross_entropy, columns, , )

/* ---- cross_entropy: m + log sum_k exp(z_k - m) - z_t, m = max_k z_k; softmax(z)_k - [k = t].
 * A class that does not exist gives NaN. ---- */

void cross_entropy_sample(local float *scratch, global const float *prediction,
                          global const float *target, global const float *units,
                          global float *gradient, global float *record, uint columns, float share,
                          float shift) {
    const uint item = get_local_id(0);
    const float class_number = target[0];
    const bool known = class_number >= 0.0f && class_number < (float)columns;
    const uint t = known ? (uint)class_number : 0;
    const float chosen = prediction[t];

    float largest = -INFINITY, ahead = 0.0f;
    for (uint k = item; k < columns; k += GROUP) {
        const float z = prediction[k];
        largest = fmax(largest, z);
        if (k < t ? !(chosen > z) : k > t && !(chosen >= z))
            ahead += 1.0f;
    }
    largest = group_max(scratch, largest);
    ahead = group_sum(scratch, ahead);

    float sum = 0.0f;
    for (uint k = item; k < columns; k += GROUP)
        sum += exp(prediction[k] - largest);
    sum = group_sum(scratch, sum);

    if (gradient)
        for (uint k = item; k < columns; k += GROUP) {
            const float wanted = !known ? NAN : k == t ? 1.0f : 0.0f;
            gradient[k] = (exp(prediction[k] - largest) / sum - wanted) * share;
        }
    put_record(record, known ? log(sum) + (largest - chosen) + shift : NAN, 0.0f, 0.0f,
               known && ahead == 0.0f ? 1.0f : 0.0f, 0.0f);
}
LOSS_KERNELS(cross_entropy, 1, , )
