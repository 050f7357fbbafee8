/* One training sample forwards and backwards, with every number on the way kept: what runs. Who
 * tells of it: explain_sample.c in lines, sample_graph.c as a graph. */
#ifndef DS_SAMPLE_RUN_H
#define DS_SAMPLE_RUN_H

#include "train/recipe.h"
#include "train/trial.h"

/* A recipe's network and one row of its training data. */
typedef struct ds_sample {
    ds_training training;
    ds_data *data;
    ds_model *model;
    int64_t row; /* from 0 */
    ds_text notes;
} ds_sample;

/* Row `row`, from 1. A network of more than `most` parameters is refused: "`what` networks of at
 * most ...". On failure, too, ds_sample_close. */
ds_status ds_sample_open(ds_sample *sample, const ds_recipe *recipe, int64_t row, const char *what,
                         int64_t most);
void ds_sample_close(ds_sample *sample);

/* What one device made of the sample: copies of its memory after the pass. */
typedef struct ds_sample_run {
    ds_trial trial;
    double *memory[DS_STORAGES];
    double shift;  /* of the loss, in the units that are trained */
    double *slope; /* laid out as the activations: of each activation, where its dx stands */
} ds_sample_run;

/* On failure, too, ds_sample_run_close. */
ds_status ds_sample_run_open(ds_sample_run *run, ds_device *device, const ds_sample *sample);
void ds_sample_run_close(ds_sample_run *run);

/* A function of one number, applied to each: it has a slope. */
bool ds_sample_is_activation(const ds_op *op);

double ds_sample_value(const ds_sample_run *run, int tensor, int64_t element);

/* The loss in the units that are trained. */
double ds_sample_loss(const ds_sample_run *run, const ds_op *loss);

/* The slope of an activation, where `tensor` is what its backward part writes. */
double ds_sample_slope(const ds_sample_run *run, int tensor, int64_t element);

#endif
