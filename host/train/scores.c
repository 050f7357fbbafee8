#include "train/scores.h"

#include <math.h>

void ds_tally_add(ds_tally *tally, const double record[DS_RECORD_SIZE], int64_t samples) {
    for (int i = 0; i < DS_RECORD_SUMS; i++)
        tally->record[i] += record[i];
    double *largest = &tally->record[DS_RECORD_LARGEST];
    *largest = isnan(*largest) || *largest > record[DS_RECORD_LARGEST] ? *largest
                                                                       : record[DS_RECORD_LARGEST];
    tally->samples += samples;
}

ds_status ds_target_spread(const ds_set *set, const ds_encoding *encoding, double *spread) {
    int64_t columns = set->targets.columns;
    double *row = NULL, *mean = NULL, total = 0;
    ds_status status = DS_OK;
    *spread = NAN;
    if (ds_encoding_kind(encoding) != DS_TARGET_NUMBERS || set->rows == 0)
        return DS_OK;
    DS_TRY(ds_new(&row, (size_t)columns, sizeof *row));
    DS_TRY(ds_new(&mean, (size_t)columns, sizeof *mean));
    for (int64_t i = 0; i < set->rows; i++) {
        ds_matrix_read(&set->targets, i, 1, NULL, row);
        for (int64_t k = 0; k < columns; k++)
            mean[k] += row[k] / (double)set->rows;
    }
    for (int64_t i = 0; i < set->rows; i++) {
        ds_matrix_read(&set->targets, i, 1, NULL, row);
        for (int64_t k = 0; k < columns; k++) {
            double scale, shift;
            ds_encoding_target_units(encoding, k, &scale, &shift);
            total += scale * scale * (row[k] - mean[k]) * (row[k] - mean[k]) / (double)columns;
        }
    }
    *spread = total;

cleanup:
    ds_free(row);
    ds_free(mean);
    return status;
}

ds_scores ds_tally_scores(const ds_tally *tally, bool classes, double spread) {
    ds_scores scores = {tally->samples, NAN, NAN, NAN, NAN, NAN, NAN};
    double samples = (double)tally->samples;
    if (tally->samples == 0)
        return scores;
    scores.loss = tally->record[DS_RECORD_LOSS] / samples;
    if (isnan(scores.loss))
        scores.loss = NAN; /* without a sign, which would be printed */
    if (classes) {
        scores.accuracy = tally->record[DS_RECORD_CORRECT] / samples;
        return scores;
    }
    scores.mae = tally->record[DS_RECORD_ABSOLUTE] / samples;
    scores.rmse = sqrt(tally->record[DS_RECORD_SQUARE] / samples);
    scores.max_error = tally->record[DS_RECORD_LARGEST];
    if (spread > 0)
        scores.r2 = 1 - tally->record[DS_RECORD_SQUARE] / spread;
    return scores;
}
