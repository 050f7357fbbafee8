/* The inside of a trainer: what binds a model, its data and a device into a run. */
#ifndef DS_TRAINER_H
#define DS_TRAINER_H

#include "check/shadow.h"
#include "train/feed.h"
#include "train/history.h"
#include "train/result.h"
#include "train/trained_model.h"
#include "train/training_options.h"

typedef struct ds_path ds_path; /* train/pictures_path.h */

struct ds_trainer {
    ds_model *model;
    const ds_data *data;
    ds_device *device;
    ds_training options;
    ds_plan *plan;
    ds_executor *executor;
    ds_feed *feed;
    const ds_set *set[DS_SETS];
    ds_units units;                           /* losses and errors are shown in these */
    double spread[DS_SETS];                   /* of the target, for r2 */
    ds_result naive;                          /* the data's naive forecasts, judged: no more */
    char plan_hash[65], plan_hash_before[65]; /* see ds_result */

    int64_t batch, batches; /* samples in a batch; batches in an epoch */
    int64_t epochs, total_updates;
    int64_t record_room; /* records that the history on the device holds */

    /* ---- where the run is: all that a checkpoint keeps ---- */
    int64_t updates;
    ds_tally tally; /* of the epoch under way */
    ds_history history;
    double seconds;
    double best_loss; /* of validation, INFINITY before the first */
    int64_t best_epoch;
    int64_t since_best;     /* epochs without a better one */
    double *best;           /* parameters then; NULL unless they are kept */
    const char *stopped_by; /* NULL while there are updates left */

    double first_loss; /* of the run's first batch, before any update; 0 in a resumed run */
    int64_t samples;   /* seen in `seconds` */
    int64_t searched;  /* points of an exhaustive search, in place of updates */
    int64_t chunk;     /* updates that are issued at a time; 0: by the time they take */
    bool visiting;     /* the feed stands where the run is */
    int stage;         /* of an update by hand: 0 forward, 1 backward, 2 update */
    ds_pass pass;      /* of that update */

    /* Updates judged by the reference; see train/watch.h. */
    int64_t check_every; /* every so many; 0: none */
    ds_shadow *shadow;   /* NULL before the first */
    int64_t unevaluated; /* the last that was, without a judged evaluation behind it; 0: none */
    int64_t checked;     /* updates so far */
    double checked_worst;

    /* Told of every epoch, with `epoch_context`; NULL: nobody is. */
    ds_epoch_callback on_epoch;
    void *epoch_context;

    /* A checkpoint is written to this path now and then; NULL: none. */
    const char *checkpoint_path;
    const char *recipe_text, *recipe_folder; /* for the checkpoint: what made the run; or NULL */
    ds_path *path;                           /* of descent, to be drawn; NULL: none */
};

/* Like ds_trainer_create with options parsed from `root`, which is also where messages point to.
 * Notes are lines ended by '\n'. */
ds_status ds_trainer_open(ds_trainer **out, ds_model *model, const ds_data *data, ds_device *device,
                          const ds_training *options, const ds_node *place, ds_text *notes);

/* The plan that a trainer would run: `batch` samples at most in a pass, `training_batch` in one
 * that trains. */
ds_status ds_training_plan(ds_plan **out, const ds_model *model, const ds_training *options,
                           int64_t training_batch, int64_t batch, bool separate);

/* The plan of a whole run on this data. */
ds_status ds_run_plan(ds_plan **out, const ds_model *model, const ds_data *data,
                      const ds_training *options);

/* Learning rate of update i, from 0; samples in a batch of an epoch, from 0; and the pass of an
 * update with the batch that it takes. */
double ds_trainer_rate(const ds_trainer *trainer, int64_t i);
int64_t ds_trainer_samples(const ds_trainer *trainer, int64_t batch);
void ds_trainer_pass(const ds_trainer *trainer, int64_t i, int64_t batch, ds_pass *pass);

/* The pass of update i with its batch at hand. */
ds_status ds_trainer_take_batch(ds_trainer *trainer, int64_t i, ds_pass *pass);

/* Loss and metrics of a set with the parameters that the device holds. */
ds_status ds_trainer_evaluate(ds_trainer *trainer, int set, ds_scores *scores);

/* Issues the evaluation of a set, records from `slot` on; how many records that takes. */
ds_status ds_trainer_issue_evaluation(ds_trainer *trainer, int set, int64_t slot);
int64_t ds_trainer_evaluation_records(const ds_trainer *trainer, int set);

/* Samples in pass k of a set's evaluation. */
int64_t ds_trainer_evaluation_count(const ds_trainer *trainer, int set, int64_t k);

/* Judges the first pass of the training set's evaluation, where an update before it was judged. */
ds_status ds_trainer_judge_evaluation(ds_trainer *trainer);

/* The same pass by pass, for whoever issues them: the set is visited first, then k counts up. */
ds_status ds_trainer_visit(ds_trainer *trainer, int set);
ds_status ds_trainer_evaluation_pass(ds_trainer *trainer, int set, int64_t k, int64_t slot,
                                     ds_pass *pass);

/* Parameters or moments of the device or, where it was found wrong, as they were known to be
 * before. */
ds_status ds_trainer_read(ds_trainer *trainer, ds_storage storage, int64_t offset, int64_t count,
                          double *values);

/* Parameters from the model to the device, with moments and status cleared; and back. */
ds_status ds_trainer_load_parameters(ds_trainer *trainer, const double *values);
ds_status ds_trainer_read_parameters(ds_trainer *trainer, double *values);

/* From the device into the model: the parameters, and how they came about. */
ds_status ds_trainer_bring_back(ds_trainer *trainer);

/* Whether what a run reached before it ended so is kept. */
bool ds_run_is_kept(ds_status status);

/* Whether `stop.patience` has ended the run. */
bool ds_trainer_lacks_patience(const ds_trainer *trainer);

/* Runs what is left; see ds_trainer_run. */
ds_status ds_training_loop(ds_trainer *trainer, ds_progress_callback progress, void *context);

/* For a call that does not fit the stage of an update by hand. */
ds_status ds_trainer_out_of_turn(const char *call, int stage);

/* ---- checkpoint.safetensors ---- */

ds_status ds_checkpoint_write(ds_trainer *trainer, const char *path);
ds_status ds_checkpoint_read(ds_trainer *trainer, const char *path, ds_text *notes);

/* The plan_hash of the run that left it; "" where that cannot be read. */
void ds_checkpoint_plan(const char *path, char hash[65]);

#endif
