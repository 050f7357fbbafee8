/* Losses, a row for each sample: prediction and gradient (rows, columns), target (rows, columns) or,
 * for cross_entropy, class numbers (rows, 1), record (rows, 5). Formulas and their sources:
 * host/ops/losses.c. `share` is 1 / (samples in the global batch).
 *
 *     NAME           prediction, target -> gradient, record
 *                    (uint rows, uint columns, float share[, float delta])
 *     NAME_evaluate  the same without the gradient
 *
 * A record holds the sample's loss, mean |error|, mean error^2, share of right classes and largest
 * |error|. */

void put_record(SPACE REAL *record, REAL loss, REAL absolute, REAL square, REAL correct,
                REAL largest) {
    if (ROW_IS_MINE(0)) {
        record[AT(0)] = loss;
        record[AT(1)] = absolute;
        record[AT(2)] = square;
        record[AT(3)] = correct;
        record[AT(4)] = largest;
    }
}

/* The two kernels of a loss from NAME_sample(scratch, prediction, target, gradient, record, columns,
 * share[, delta]), which works on one row; gradient is 0 where it is not wanted. */
#ifdef NETWORK
#define LOSS_KERNELS(name, target_columns, parameter, argument)
#else
#define LOSS_KERNELS(name, target_columns, parameter, argument)                                    \
    kernel void name(global const float *prediction, ulong prediction0,                            \
                     global const float *target, ulong target0, global float *gradient,            \
                     ulong gradient0, global float *record, ulong record0, uint rows,              \
                     uint columns, float share parameter) {                                        \
        ROW_BEGIN(row, rows)                                                                       \
        name##_sample(ROW_SCRATCH_ARGUMENT prediction + prediction0 + row * columns,               \
                      target + target0 + row * (target_columns),                                   \
                      gradient + gradient0 + row * columns, record + record0 + row * 5, columns,   \
                      share argument);                                                             \
    }                                                                                              \
    kernel void name##_evaluate(global const float *prediction, ulong prediction0,                 \
                                global const float *target, ulong target0, global float *record,   \
                                ulong record0, uint rows, uint columns, float share parameter) {   \
        ROW_BEGIN(row, rows)                                                                       \
        name##_sample(ROW_SCRATCH_ARGUMENT prediction + prediction0 + row * columns,               \
                      target + target0 + row * (target_columns), 0, record + record0 + row * 5,    \
                      columns, share argument);                                                    \
    }
#endif

#define COMMA_DELTA_PARAMETER , float delta
#define COMMA_DELTA , delta

/* ---- numbers: d = prediction - target ---- */

#define DISTANCE_SAMPLE(name, parameter, loss_expression, gradient_expression)                     \
    void name##_sample(ROW_SCRATCH SPACE const REAL *prediction, SPACE const REAL *target,         \
                       SPACE REAL *gradient, SPACE REAL *record, uint columns,                     \
                       float share parameter) {                                                    \
        const float scale = QUOTIENT(share, (float)columns);                                       \
        REAL loss = 0.0f, absolute = 0.0f, square = 0.0f, largest = 0.0f;                          \
        EACH_COLUMN(k, columns, {                                                                  \
            const REAL d = prediction[AT(k)] - target[AT(k)];                                      \
            loss += loss_expression;                                                               \
            absolute += fabs(d);                                                                   \
            square += d * d;                                                                       \
            largest = larger(largest, fabs(d));                                                    \
            if (gradient)                                                                          \
                gradient[AT(k)] = (gradient_expression)*scale;                                     \
        })                                                                                         \
        loss = QUOTIENT(ROW_SUM(loss), (float)columns);                                            \
        absolute = QUOTIENT(ROW_SUM(absolute), (float)columns);                                    \
        square = QUOTIENT(ROW_SUM(square), (float)columns);                                        \
        largest = ROW_LARGEST(largest);                                                            \
        put_record(record, loss, absolute, square, 0.0f, largest);                                 \
    }

/* -1, 0 or 1; 0 and NaN stay. */
REAL direction(REAL d) { return d > 0.0f ? 1.0f : d < 0.0f ? -1.0f : d; }

/* d within -delta .. delta; NaN stays. With it both branches of huber are c (d - c / 2). */
REAL limited(REAL d, float delta) { return d > delta ? delta : d < -delta ? -delta : d; }
REAL huber_loss(REAL d, REAL c) { return c * (d - 0.5f * c); }

DISTANCE_SAMPLE(mse, , d *d, d + d)
LOSS_KERNELS(mse, columns, , )

DISTANCE_SAMPLE(mae, , fabs(d), direction(d))
LOSS_KERNELS(mae, columns, , )

DISTANCE_SAMPLE(huber, COMMA_DELTA_PARAMETER, huber_loss(d, limited(d, delta)), limited(d, delta))
LOSS_KERNELS(huber, columns, COMMA_DELTA_PARAMETER, COMMA_DELTA)

/* ---- binary_cross_entropy: max(z, 0) - z t + log(1 + exp(-|z|)); (sigmoid(z) - t) ---- */

void binary_cross_entropy_sample(ROW_SCRATCH SPACE const REAL *prediction,
                                 SPACE const REAL *target, SPACE REAL *gradient,
                                 SPACE REAL *record, uint columns, float share) {
    const float scale = QUOTIENT(share, (float)columns);
    REAL loss = 0.0f, correct = 0.0f;
    EACH_COLUMN(k, columns, {
        const REAL z = prediction[AT(k)];
        const REAL t = target[AT(k)];
        const REAL small = exp_of_negative(-fabs(z));
        loss += fmax(z, 0.0f) - z * t + log1p_below_1(small);
        correct += (z > 0.0f ? t > 0.5f : !(t > 0.5f)) ? (REAL)(1.0f) : (REAL)(0.0f);
        if (gradient)
            gradient[AT(k)] = (QUOTIENT(z >= 0.0f ? 1.0f : small, 1.0f + small) - t) * scale;
    })
    loss = QUOTIENT(ROW_SUM(loss), (float)columns);
    correct = QUOTIENT(ROW_SUM(correct), (float)columns);
    put_record(record, loss, 0.0f, 0.0f, correct, 0.0f);
}
LOSS_KERNELS(binary_cross_entropy, columns, , )

/* ---- cross_entropy: m + log sum_k exp(z_k - m) - z_t, m = max_k z_k; softmax(z)_k - [k = t].
 * A class that does not exist gives NaN. `ahead` counts the classes that are preferred to t: larger,
 * or as large and of a smaller number. ---- */

void cross_entropy_sample(ROW_SCRATCH SPACE const REAL *prediction, SPACE const REAL *target,
                          SPACE REAL *gradient, SPACE REAL *record, uint columns, float share) {
    const REAL class_number = target[0], t = trunc(class_number);
    const REAL wrong = class_number >= 0.0f && class_number < (float)columns ? 0.0f : NAN;

    REAL largest = -INFINITY, chosen = 0.0f;
    EACH_COLUMN(k, columns, {
        const REAL z = prediction[AT(k)];
        largest = fmax(largest, z);
        chosen = t == (float)k ? z : chosen;
    })
    largest = ROW_MAX(largest);
    chosen = ROW_SUM(chosen);

    REAL sum = 0.0f, ahead = 0.0f;
    EACH_COLUMN(k, columns, {
        const REAL z = prediction[AT(k)];
        const REAL power = exp_of_negative(z - largest);
        sum += power;
        if (gradient)
            gradient[AT(k)] = power;
        ahead += t > (float)k    ? (chosen > z ? 0.0f : (REAL)(1.0f))
                 : t == (float)k ? (REAL)(0.0f)
                                 : (chosen >= z ? 0.0f : (REAL)(1.0f));
    })
    sum = ROW_SUM(sum);
    ahead = ROW_SUM(ahead);

    if (gradient)
        EACH_COLUMN(k, columns, {
            const REAL wanted = t == (float)k ? 1.0f : (REAL)(0.0f);
            gradient[AT(k)] = (QUOTIENT(gradient[AT(k)], sum) - (wanted + wrong)) * share;
        })
    const REAL correct = ahead == 0.0f && wrong == 0.0f ? 1.0f : (REAL)(0.0f);
    put_record(record, log_above_1(sum) + (largest - chosen) + wrong, 0.0f, 0.0f, correct, 0.0f);
}
LOSS_KERNELS(cross_entropy, 1, , )
