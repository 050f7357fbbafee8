#include "train/scores.h"

#include <float.h>
#include <math.h>

#include "data/matrix.h"

static ds_scores no_scores(int64_t rows) {
    return (ds_scores){rows, NAN, NAN, NAN, NAN, NAN, NAN};
}

/* NaN stays. */
static double larger(double a, double b) {
    return isnan(a) || a > b ? a : b;
}

/* A NaN has no sign, which would be printed. */
static double unsigned_nan(double value) {
    return isnan(value) ? NAN : value;
}

/* ---- from records ---- */

void ds_tally_add(ds_tally *tally, const double record[DS_RECORD_SIZE], int64_t samples) {
    for (int i = 0; i < DS_RECORD_SUMS; i++)
        tally->record[i] += record[i];
    double *largest = &tally->record[DS_RECORD_LARGEST];
    *largest = larger(*largest, record[DS_RECORD_LARGEST]);
    tally->samples += samples;
}

ds_scores ds_tally_scores(const ds_tally *tally, const ds_units *units, double spread) {
    ds_scores scores = no_scores(tally->samples);
    const double *record = tally->record, samples = (double)tally->samples;
    if (tally->samples == 0)
        return scores;
    scores.loss = unsigned_nan(ds_units_show(units, record[DS_RECORD_LOSS] / samples));
    if (units->classes)
        scores.accuracy = record[DS_RECORD_CORRECT] / samples;
    if (units->classes || units->apart)
        return scores;
    scores.mae = units->error * record[DS_RECORD_ABSOLUTE] / samples;
    scores.rmse = units->error * sqrt(record[DS_RECORD_SQUARE] / samples);
    scores.max_error = units->error * record[DS_RECORD_LARGEST];
    if (spread > 0)
        scores.r2 = 1 - record[DS_RECORD_SQUARE] / spread;
    return scores;
}

/* ---- sums ---- */

/* Neumaier: `rest` is what the sums so far have lost. */
static void add(ds_total *total, double x) {
    double sum = total->sum + x;
    total->rest += fabs(total->sum) >= fabs(x) ? total->sum - sum + x : x - sum + total->sum;
    total->sum = sum;
}

static double value_of(const ds_total *total) {
    return isfinite(total->sum) ? total->sum + total->rest : total->sum;
}

/* Sum of squares about the mean, in units of `scale`; 0 where all values are the same, but for some
 * roundings of the arithmetic that they came from. */
static double spread_of(const ds_set *set, int64_t column, double scale) {
    const ds_matrix *targets = &set->targets;
    double first = ds_matrix_cell(targets, 0, column);
    ds_total sum = {0}, square = {0};
    double farthest = 0;
    for (int64_t i = 0; i < set->rows; i++) {
        double d = ds_matrix_cell(targets, i, column) - first;
        farthest = fmax(farthest, fabs(d));
        add(&sum, d / scale);
    }
    if (farthest <= 64 * DBL_EPSILON * fabs(first)) /* the same but for rounding */
        return 0;
    double mean = value_of(&sum) / (double)set->rows;
    for (int64_t i = 0; i < set->rows; i++) {
        double d = (ds_matrix_cell(targets, i, column) - first) / scale - mean;
        add(&square, d * d);
    }
    return value_of(&square);
}

double ds_target_spread(const ds_set *set, const ds_encoding *encoding) {
    double scale, shift;
    if (ds_encoding_kind(encoding) != DS_TARGET_NUMBERS || ds_encoding_targets(encoding) != 1 ||
        set->rows == 0)
        return NAN;
    ds_encoding_target_units(encoding, 0, &scale, &shift);
    return spread_of(set, 0, scale);
}

/* ---- from predictions ---- */

ds_status ds_errors_open(ds_errors *errors, const ds_set *set, const ds_encoding *encoding,
                         const ds_operation *loss, const double *attribute) {
    *errors =
        (ds_errors){.set = set, .loss = loss, .units = ds_units_of(encoding, loss, attribute)};
    ds_units_options(&errors->units, loss, attribute, errors->option);
    DS_CHECK(ds_new(&errors->column, (size_t)errors->units.targets, sizeof *errors->column));
    for (int64_t k = 0; k < errors->units.targets; k++) {
        ds_column_errors *column = &errors->column[k];
        double shift;
        ds_encoding_target_units(encoding, k, &column->scale, &shift);
        column->spread = spread_of(set, k, column->scale);
    }
    return DS_OK;
}

void ds_errors_close(ds_errors *errors) {
    ds_free(errors->column);
    *errors = (ds_errors){0};
}

/* Of an error in trained units; see host/ops/losses.c. */
static double loss_of(const ds_errors *errors, double d) {
    double size = fabs(d), delta = errors->option[0];
    if (errors->loss == &ds_op_mae)
        return size;
    if (errors->loss == &ds_op_huber)
        return size > delta ? delta * (size - delta / 2) : d * d / 2;
    return d * d;
}

void ds_errors_add(ds_errors *errors, int64_t first, int64_t count, const double *prediction) {
    const int64_t targets = errors->units.targets;
    for (int64_t i = first; i < first + count; i++)
        for (int64_t k = 0; k < targets; k++) {
            ds_column_errors *column = &errors->column[k];
            double e = *prediction++ - ds_matrix_cell(&errors->set->targets, i, k);
            double d = e / column->scale;
            add(&errors->losses, loss_of(errors, d));
            add(&column->absolute, fabs(e));
            add(&column->square, d * d);
            column->largest = larger(column->largest, fabs(e));
        }
    errors->rows += count;
}

ds_scores ds_errors_of_target(const ds_errors *errors, int64_t k) {
    const ds_column_errors *column = &errors->column[k];
    ds_scores scores = no_scores(errors->rows);
    double rows = (double)errors->rows, square = value_of(&column->square);
    scores.mae = unsigned_nan(value_of(&column->absolute) / rows);
    scores.rmse = unsigned_nan(column->scale * sqrt(square / rows));
    scores.max_error = unsigned_nan(column->largest);
    if (column->spread > 0)
        scores.r2 = unsigned_nan(1 - square / column->spread);
    return scores;
}

/* Over all numbers of targets that share a unit. */
static void add_errors(const ds_errors *errors, ds_scores *all) {
    const double targets = (double)errors->units.targets;
    double square = 0;
    all->mae = all->max_error = 0;
    for (int64_t k = 0; k < errors->units.targets; k++) {
        ds_scores one = ds_errors_of_target(errors, k);
        all->mae += one.mae / targets;
        all->max_error = larger(all->max_error, one.max_error);
        square += value_of(&errors->column[k].square) / targets;
    }
    all->rmse = unsigned_nan(errors->units.error * sqrt(square / (double)errors->rows));
}

ds_scores ds_errors_scores(const ds_errors *errors) {
    const int64_t targets = errors->units.targets;
    ds_scores all = no_scores(errors->rows);
    double r2 = 0, with_r2 = 0;
    if (errors->rows == 0)
        return all;
    all.loss = unsigned_nan(ds_units_show(&errors->units, value_of(&errors->losses) /
                                                              (double)(errors->rows * targets)));
    for (int64_t k = 0; k < targets; k++)
        if (errors->column[k].spread > 0) {
            r2 += ds_errors_of_target(errors, k).r2;
            with_r2++;
        }
    if (with_r2 > 0)
        all.r2 = unsigned_nan(r2 / with_r2);
    if (!errors->units.apart)
        add_errors(errors, &all);
    return all;
}
