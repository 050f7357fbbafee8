/* descent: trains neural networks by gradient descent on any OpenCL device.
 *
 * The only header a program needs. A training run has four steps:
 *
 *     1. data                 ds_data_from_arrays, ds_data_read
 *     2. model                ds_model_create, ds_model_load
 *     3. loss and optimizer   ds_trainer_create
 *     4. training cycle       ds_trainer_forward, _backward, _update; or ds_trainer_run
 *
 * or one call for all of them from a recipe: ds_recipe_read, ds_train.
 *
 * Conventions
 *   Status     Every call that can fail returns a ds_status; ds_last_error() says what happened, in
 *              the calling thread. The library never prints and never exits.
 *   Outputs    are written on success only; on failure an `out` pointer is left as it was.
 *   Ownership  What a *_create, *_read, *_load or *_open gives is the caller's, and is freed with the
 *              matching *_destroy or *_close, all of which accept NULL. Text given through a
 *              `char **` is freed with ds_free.
 *   Layout     Matrices are row-major, one row a sample. Dense weights are (outputs, inputs).
 *   Threads    Objects may move between threads but not be used by two at once.
 */
#ifndef DESCENT_H
#define DESCENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define DS_API __attribute__((visibility("default")))
#else
#define DS_API
#endif

/* ---- status and errors ---- */

typedef enum ds_status {
    DS_OK = 0,
    DS_BAD_INPUT,     /* the caller's mistake: a recipe, an argument, a data or model file */
    DS_NO_DEVICE,     /* no OpenCL device, or none of that name */
    DS_DEVICE_FAILED, /* the OpenCL driver returned an error, or a kernel did not build */
    DS_IO_FAILED,     /* a file could not be written */
    DS_OUT_OF_MEMORY, /* host or device memory */
    DS_DIVERGED,      /* the loss or a gradient is no longer a finite number */
    DS_WRONG_RESULT,  /* a kernel's result lies outside the reference's error bound */
    DS_INTERRUPTED    /* the progress callback asked to stop; what is asked to be kept was kept */
} ds_status;

typedef struct ds_error {
    ds_status status;
    const char *message; /* one line: place, what was got, what was expected */
    const char *hint;    /* one line: the way out; "" where there is none */
    const char *detail;  /* a kernel's build log, whole; "" otherwise */
} ds_error;

/* The error of the last failed call in this thread; valid until the next call that fails. */
DS_API const ds_error *ds_last_error(void);

/* "0.1.0" */
DS_API const char *ds_version(void);

/* Gives back text or a list that the library allocated. */
DS_API void ds_free(void *memory);

/* ---- devices ---- */

typedef struct ds_device ds_device;

typedef struct ds_device_info {
    char id[16]; /* "0:1": platform 0, device 1 */
    char name[256];
    char platform[128];
    char vendor[128];
    char version[128]; /* of OpenCL, as the device reports it */
    char driver[128];
    char type[16]; /* "cpu", "gpu", "accelerator" or "other" */
    unsigned compute_units;
    unsigned clock_mhz;
    unsigned float_vector_width; /* native */
    uint64_t memory_bytes;
    uint64_t allocation_bytes; /* the largest single buffer */
    uint64_t local_bytes;
    uint64_t group_size;  /* most work-items in a work-group */
    uint64_t most_rounds; /* of a work-item's loops, all together; 0: any number */
    bool has_double;
    bool has_half;
    bool keeps_denormals;
    bool has_fma;            /* fused multiply-add */
    bool has_exact_division; /* division and square root are rounded correctly */
    bool unified_memory;
    bool available; /* online, with a compiler: descent can train on it */
} ds_device_info;

/* Every device of every OpenCL platform, in the order of their ids; an empty list where there is
 * none. The list is given back by ds_free. The first call that looks for devices sets
 * POCL_CACHE_DIR in the environment, unless it is set or there is no cache: what PoCL keeps is
 * watched for damage. */
DS_API ds_status ds_devices(ds_device_info **list, size_t *count);

/* Opens a device: "auto" (a GPU, else an accelerator, else a CPU), an id such as "0:0", a part of a
 * name that fits one device alone (compared without case), or one of the two that need no OpenCL:
 * "reference", the double-precision CPU path, and "plain", the kernels of `math: portable` compiled
 * as C, in one thread. Fails with DS_NO_DEVICE. ds_device_choose finds the one that is fastest for
 * a recipe. */
DS_API ds_status ds_device_open(ds_device **out, const char *name);
DS_API void ds_device_close(ds_device *device);

/* The device's name: "reference", "plain" or what OpenCL calls it. Lives as long as the device. */
DS_API const char *ds_device_name(const ds_device *device);

/* What is known of it; of those two their names alone. Lives as long as the device. */
DS_API const ds_device_info *ds_device_about(const ds_device *device);

/* Whether kernels are judged by the reference before a network first uses them on the device, as is
 * usual. What was judged is remembered per device, driver and kernels, in the user's cache; kernels
 * that are wrong there are kept out of use where right ones exist, and else fail with
 * DS_WRONG_RESULT. */
DS_API void ds_device_verify(ds_device *device, bool verify);

/* One line that a person should know: a constant column, a batch cut to the rows there are. */
typedef void (*ds_note_callback)(const char *note, void *context);

/* From now on `note` (NULL: nobody) is told which kernels are kept out of use there, why, and what
 * is used instead, whenever a network is opened on the device; and, by ds_predict_file and
 * ds_evaluate_file, which rows of a file cannot be answered. */
DS_API void ds_device_notes(ds_device *device, ds_note_callback note, void *context);

/* The last such note; "" where there was none. */
DS_API const char *ds_device_kept_out(const ds_device *device);

/* ---- data ---- */

typedef struct ds_data ds_data;

typedef struct ds_array {
    const void *values; /* rows x columns, row-major; copied */
    enum { DS_ARRAY_FLOAT32, DS_ARRAY_FLOAT64 } type;
    int64_t rows, columns;
} ds_array;

/* Training data from memory: row i of `features` belongs to row i of `targets`. With `classes` > 0
 * the targets are class numbers 0 .. classes-1 in one column. Every value must be finite. */
DS_API ds_status ds_data_from_arrays(ds_data **out, ds_array features, ds_array targets,
                                     int64_t classes);

/* Training data from files: `options` is what stands under `data:` in a recipe, as YAML text, for
 * example "{train: people.csv, target: weight, normalize: standard}". */
DS_API ds_status ds_data_read(ds_data **out, const char *options);
DS_API void ds_data_destroy(ds_data *data);

DS_API int64_t ds_data_rows(const ds_data *data); /* training rows */

/* ---- generated data ---- */

typedef struct ds_generated_kind {
    const char *name;  /* "views" */
    const char *about; /* what its columns are, in one line */
} ds_generated_kind;

/* The data sets that ds_generate makes; ends with a name that is NULL. */
DS_API const ds_generated_kind *ds_generated_kinds(void);

typedef struct ds_generate_options {
    uint64_t seed;
    int64_t rows;          /* 0: as many as this kind has by itself */
    const char *from, *to; /* of a kind with a row for each day: the first and the last, such as
                              "2017-01-01"; NULL: its own. They take the place of `rows`. */
} ds_generate_options;

/* An invented data set as CSV text: the same options give the same text. `options` may be NULL:
 * seed 1 and the kind's own length. */
DS_API ds_status ds_generate(const char *kind, const ds_generate_options *options, char **csv);

/* ---- model ---- */

typedef struct ds_model ds_model;

/* A network for this data: `layers` is what stands under `model:` in a recipe, as YAML text, for
 * example "[{dense: 16}, relu, {dense: 1}]". `init` is a recipe's `init`, NULL for PyTorch's
 * default; `seed` decides every random number. The model keeps what it needs of the data (columns,
 * normalization, class names), not the data. */
DS_API ds_status ds_model_create(ds_model **out, const ds_data *data, const char *layers,
                                 const char *init, uint64_t seed);

/* Reads a model.safetensors, or the one in a folder. */
DS_API ds_status ds_model_load(ds_model **out, const char *path);

/* Writes a model.safetensors, whole or not at all. */
DS_API ds_status ds_model_save(const ds_model *model, const char *path);
DS_API void ds_model_destroy(ds_model *model);

/* A parameter tensor in the order of the layers, weight before bias. */
typedef struct ds_parameter {
    char name[64]; /* "0.weight", as PyTorch's nn.Sequential names it */
    int rank;
    int64_t shape[5];
    int64_t count;
    const double *values; /* row-major; lives as long as the model's parameters are not changed */
} ds_parameter;

DS_API size_t ds_model_parameters(const ds_model *model); /* number of tensors */
DS_API ds_parameter ds_model_parameter(const ds_model *model, size_t index);

/* Network outputs for feature rows from memory, unnormalized as the training data's features were:
 * `outputs` receives rows x output columns; probabilities under cross_entropy and
 * binary_cross_entropy, in the target's own units otherwise. Forward pass on `device`. */
DS_API ds_status ds_model_predict(const ds_model *model, ds_device *device, ds_array features,
                                  float *outputs);
DS_API int64_t ds_model_outputs(const ds_model *model); /* output columns */
DS_API uint64_t ds_model_seed(const ds_model *model);   /* that it was made or trained with */

/* What is in a model, for a person: layers, shapes, columns, classes, how it was trained. */
DS_API ds_status ds_model_describe(const ds_model *model, char **text);

/* ---- results ---- */

/* Scores on one set, in the target's own units. NAN where a metric does not fit the target.
 *
 * Of several targets that are numbers r2 is the mean of the targets' own (scikit-learn's
 * "uniform_average"; a constant target has none). If they are normalized, each has units of its
 * own: then loss is that of the normalized targets, which is what is trained, and mae, rmse and
 * max_error are NAN; see ds_target_scores. */
typedef struct ds_scores {
    int64_t rows; /* 0: the recipe has no such set */
    double loss;
    double accuracy; /* share of right classes */
    double mae, rmse, r2;
    double max_error; /* largest |prediction - target| */
} ds_scores;

enum { DS_MOST_BASELINES = 8 };

/* A naive forecast beside the model, on the same rows: the target's own value some rows or days
 * before. */
typedef struct ds_baseline {
    char name[32]; /* "last", "seasonal 7" */
    ds_scores train, validation, test;
} ds_baseline;

/* A target's own scores, in its own units, where several numbers are predicted. Their loss is NAN.
 */
typedef struct ds_target_scores {
    const char *name;
    ds_scores train, validation, test;
    ds_baseline baseline[DS_MOST_BASELINES]; /* as many as in the result, likewise */
} ds_target_scores;

typedef struct ds_result {
    char device[256];
    uint64_t seed;
    int64_t epochs, updates;
    int64_t best_epoch; /* that whose parameters were kept, under `keep: best`; else 0 */
    int64_t searched;   /* points of an exhaustive search, in place of updates */
    double seconds;     /* of training, without reading data and building the program; some drivers
                           compile a kernel at its first launch, which counts */
    double samples_per_second;
    ds_scores train, validation, test; /* with the parameters as they are in the model */
    int baselines;                     /* those that the recipe names */
    ds_baseline baseline[DS_MOST_BASELINES];
    int64_t targets; /* of which each has its own scores: several that are numbers; else 0 */
    ds_target_scores *target; /* NULL, or the result's own: ds_result_clear frees it */
    char weights_hash[65]; /* SHA-256 of the parameters as little-endian float32, canonical order */
    char plan_hash[65];    /* SHA-256 of the plan and of the kernels chosen for it */
    char plan_hash_before[65]; /* of a resumed run's first part, where that ran by another plan,
                                  whose bits are others; else "" */
    bool verified;       /* no kernel ran that was not judged on the device: see ds_device_verify */
    char stopped_by[32]; /* "epochs", "updates", "gradient", "patience", "seconds", "search",
                           "divergence", "wrong result" or "interrupt" */
    char stop_reason[160]; /* the same for a person, in a sentence; "" for "epochs" and "search",
                              and where an error says it */
    int64_t checked;       /* updates that the reference judged */
    double checked_worst;  /* of them, the largest error as a part of its bound */
    char model_path[4096]; /* "" where nothing was written */
    char plots_path[4096]; /* folder of the pictures; "" where none was drawn */
    char pictures[1024];   /* in it: "loss.svg\n...", "loss.gp\n" where there is no gnuplot */
} ds_result;

/* Frees what a result owns. A result that was never filled must be zeroed. */
DS_API void ds_result_clear(ds_result *result);

/* One call of it about every tenth of a second, in the calling thread. */
typedef struct ds_progress {
    int64_t epoch, epochs; /* finished, in all */
    int64_t updates, total_updates;
    int64_t samples; /* seen since the start of this call */
    double seconds;
    double rate;       /* learning rate of the last update */
    double train_loss; /* of the last whole epoch; of the epoch so far where there is none */
    double train_accuracy;
    double validation_loss; /* NAN without a validation set */
    double validation_accuracy;
    bool epoch_finished; /* at least one epoch ended since the last call */
} ds_progress;

/* Return false to stop: the run ends at once with DS_INTERRUPTED, its checkpoint written. */
typedef bool (*ds_progress_callback)(const ds_progress *progress, void *context);

/* A finished epoch, as a row of history.csv (which a run of more than 2^20 epochs has for every
 * second, fourth, ... alone). One call for each, in their order, though those of a
 * chunk of work come together. */
typedef struct ds_epoch {
    int64_t epoch, updates; /* both finished so far */
    double seconds, rate;   /* of training so far; of the last update */
    ds_scores train;        /* each batch before its own update */
    ds_scores validation;   /* at the end of the epoch; rows 0 without such a set */
} ds_epoch;
typedef void (*ds_epoch_callback)(const ds_epoch *epoch, void *context);

/* ---- loss, optimizer and training cycle ---- */

typedef struct ds_trainer ds_trainer;

/* Binds a model, its data and a device. `options` holds a recipe's training keys as YAML text:
 * "{loss: mse, optimizer: {sgd: {rate: 0.01}}, batch: 32, epochs: 100}". Model, data and device
 * must outlive the trainer. */
DS_API ds_status ds_trainer_create(ds_trainer **out, ds_model *model, const ds_data *data,
                                   ds_device *device, const char *options);
DS_API void ds_trainer_destroy(ds_trainer *trainer);

/* From now on every so many updates (0: none) one is judged: each of its ops is done again by the
 * double-precision reference from the device's own inputs, and a result outside of its error bound
 * ends the call with DS_WRONG_RESULT, the parameters as they were before that update. It changes
 * neither the kernels nor the bits of a run; on the reference itself it does nothing. */
DS_API void ds_trainer_check_every(ds_trainer *trainer, int64_t updates);

/* One update by hand: the next batch forward through the model and the loss; the gradient of every
 * parameter; the optimizer's step along it. In this order, else DS_BAD_INPUT. `loss` may be NULL;
 * where it is not, the call waits for the device. An update by hand runs op by op; ds_trainer_run
 * may run several by one kernel, whose sums have another order: with `fuse: false` it gives the
 * same bits as updates by hand. */
DS_API ds_status ds_trainer_forward(ds_trainer *trainer, double *loss);
DS_API ds_status ds_trainer_backward(ds_trainer *trainer);
DS_API ds_status ds_trainer_update(ds_trainer *trainer);

/* All remaining updates of the options as one call, without waiting for the device in between.
 * `progress` and `result` may be NULL. Ends with DS_DIVERGED at a loss or gradient that is not
 * finite, naming the op and the sample that it came from, with the parameters as they were before
 * that update; with DS_WRONG_RESULT, where the reference gets finite numbers there. */
DS_API ds_status ds_trainer_run(ds_trainer *trainer, ds_progress_callback progress, void *context,
                                ds_result *result);

/* Brings the parameters back from the device into the model. ds_trainer_run does so by itself. */
DS_API ds_status ds_trainer_finish(ds_trainer *trainer);

/* ---- recipes ---- */

typedef struct ds_recipe ds_recipe;

DS_API ds_status ds_recipe_read(ds_recipe **out, const char *path);

/* A recipe from its text; file names in it are relative to `folder` (NULL: the current one). */
DS_API ds_status ds_recipe_parse(ds_recipe **out, const char *text, const char *folder);

/* A recipe for a CSV file: `target` is a column, or several separated by commas; `layers` such as
 * "16 relu 8 relu". What ds_recipe_set does not say follows from the target when the recipe is
 * printed or used, which reads the file: the last layer and the loss (a number: one output, mse;
 * classes: one output each, cross_entropy). */
DS_API ds_status ds_recipe_for_csv(ds_recipe **out, const char *csv, const char *target,
                                   const char *layers);

/* Sets one value: "optimizer.adam.rate=0.01", "model=[{dense: 4}, relu, {dense: 1}]". "stop=none"
 * takes a key back; "data.exclude+=id" adds to a list. A path is relative to the current folder. */
DS_API ds_status ds_recipe_set(ds_recipe *recipe, const char *assignment);

/* The recipe as YAML text that ds_recipe_parse reads. */
DS_API ds_status ds_recipe_print(const ds_recipe *recipe, char **text);
DS_API void ds_recipe_destroy(ds_recipe *recipe);

typedef struct ds_train_options {
    const char *folder;            /* where the files go; NULL writes none */
    bool resume;                   /* go on from the folder's checkpoint */
    int64_t check_every;           /* see ds_trainer_check_every */
    ds_progress_callback progress; /* or NULL */
    ds_epoch_callback epoch;       /* or NULL */
    ds_note_callback note;         /* or NULL */
    void *context;                 /* given to all */
} ds_train_options;

/* What a device needs for one update of a network. */
typedef struct ds_choice_row {
    ds_device_info device;
    enum { DS_VERDICT_CHOSEN, DS_VERDICT_SLOWER, DS_VERDICT_FAILED } verdict;
    double seconds; /* of one update; NAN where the device failed */
    enum {
        DS_BASIS_TIMED, /* whole updates were timed */
        DS_BASIS_LEAST, /* it takes at least that: too little of one took too long */
        DS_BASIS_PEAK   /* about that, by its peak beside that of a device which was timed */
    } basis;
    double samples_per_second;
    char problem[512]; /* why it failed; "" where it did not */
} ds_choice_row;

typedef struct ds_choice {
    size_t rows; /* devices in the order of their ids; 0: there was nothing to choose from */
    ds_choice_row *row;
    size_t chosen;   /* the chosen one's row */
    bool remembered; /* timed by an earlier call */
} ds_choice;

typedef struct ds_choose_options {
    bool again;           /* times the devices, whatever is remembered */
    bool only_remembered; /* does not time: without memory the device is that of "auto" */
    bool unverified;      /* does not ask whether a device's kernels are right */
    /* Told what is done next; false ends it with DS_INTERRUPTED. May be NULL. */
    bool (*progress)(void *context, const char *what);
    void *context;
} ds_choose_options;

/* Opens the device that trains a recipe fastest. Each device's updates of the recipe's own plan are
 * timed, on made-up numbers, from little work upwards; a device is left as soon as it cannot win,
 * and one whose kernels do not build or run, or are wrong, is left with the reason. The choice is
 * remembered in the user's cache, for this plan, these devices with their drivers, and these
 * kernels. With one device that can be used nothing is timed or read. Of a sweep the first run
 * counts.
 *
 * `options` may be NULL. `choice`, where not NULL, receives the table, which ds_choice_clear gives
 * back. A device trains with the same bits whether it was chosen or named. */
DS_API ds_status ds_device_choose(ds_device **out, const ds_recipe *recipe,
                                  const ds_choose_options *options, ds_choice *choice);
DS_API void ds_choice_clear(ds_choice *choice);

/* Trains a recipe: reads its data, makes the model, runs the cycle, evaluates every set and writes
 * model.safetensors, history.csv and checkpoint.safetensors, and the pictures that the recipe's
 * `plots` ask for. What an earlier run left in the folder goes when this one begins, unless it
 * resumes it. `result` may be NULL; `model`, where not NULL, receives the trained model. On
 * DS_INTERRUPTED, DS_DIVERGED and DS_WRONG_RESULT what was reached is written, and `result` and
 * `model` filled; not where DS_WRONG_RESULT is of kernels that were judged before the first update.
 */
DS_API ds_status ds_train(const ds_recipe *recipe, ds_device *device,
                          const ds_train_options *options, ds_result *result, ds_model **model);

/* Draws a picture of a finished run, whose recipe and data are found through its checkpoint, or, of
 * the folder of a sweep, one of all its runs.
 * `picture` is what an entry of a recipe's `plots` is, as YAML text: "loss",
 * "{surface: {points: 61}}"; a word alone takes the options that the run's own recipe has for it.
 * `device` is a name for ds_device_open, which is called only where the picture needs one.
 *
 * Written are NAME.svg and NAME.png in the folder "plots" of the run, drawn by gnuplot, and the
 * NAME.gp and NAME.csv that it drew them from. Without gnuplot those two are kept, and the
 * call fails with DS_IO_FAILED. `files`, where not NULL, receives the paths of the SVG files, a
 * line each. */
DS_API ds_status ds_plot(const char *folder, const char *picture, const char *device,
                         ds_note_callback note, void *context, char **files);

/* The loss over the epochs of a run as a chart of plain text; of a sweep that of its runs, of a
 * search that over its parameter. No line is longer than `width` characters (from 40 to 200). Empty
 * text for a run without an update. */
DS_API ds_status ds_plot_text(const char *folder, int width, char **text);

/* ---- sweeps: one run per value of a key ---- */

enum { DS_SWEEP_KEYS = 8 };

typedef struct ds_sweep_run {
    char value[DS_SWEEP_KEYS][64]; /* of each key, as YAML; of a named run: its name */
    char parameters[256];          /* of a model with at most 4 numbers: "0.weight = 2, ..." */
    ds_status status;              /* DS_OK, or DS_DIVERGED: the sweep goes on */
    ds_result result;
} ds_sweep_run;

typedef struct ds_sweep_table {
    int keys;
    char key[DS_SWEEP_KEYS][64]; /* "optimizer.sgd.rate"; "run" for a list of named runs */
    size_t runs;
    ds_sweep_run *run;
    char pictures[1024]; /* of all runs together, in the folder "plots": see ds_result */
} ds_sweep_table;

/* Whether the recipe has the key `sweep`, which `sweep: none` takes back. */
DS_API bool ds_recipe_sweeps(const ds_recipe *recipe);

/* Trains every run that the recipe's `sweep` asks for, one after the other, each into a numbered
 * folder of `options->folder`, and writes sweep.csv there:
 *
 *     sweep: {batch: [1, 32, all], optimizer.sgd.rate: [0.1, 0.01]}     all combinations
 *     sweep: {runs: [{name: "7 days", set: {data.lags.steps: 7}}, ...]} these
 *
 * What an earlier run left in the folder goes when the first run begins, unless they are resumed.
 * `table` receives what was reached also on DS_INTERRUPTED; ds_sweep_clear gives it back. */
DS_API ds_status ds_sweep(const ds_recipe *recipe, ds_device *device,
                          const ds_train_options *options, ds_sweep_table *table);
DS_API void ds_sweep_clear(ds_sweep_table *table);

/* Predictions for a data file ("-": CSV on standard input; "images=FILE,labels=FILE"): CSV text
 * with a header and one row per row of data. */
DS_API ds_status ds_predict_file(const ds_model *model, ds_device *device, const char *data,
                                 char **csv);

/* Loss and metrics on a labelled data file. */
DS_API ds_status ds_evaluate_file(const ds_model *model, ds_device *device, const char *data,
                                  ds_scores *scores);

/* The same target by target: the file's scores are `test`, of the result and of its targets. Device
 * and seed are filled, nothing else. */
DS_API ds_status ds_evaluate(const ds_model *model, ds_device *device, const char *data,
                             ds_result *result);

/* The plan of a recipe on a device, for a person: ops, shapes, floating-point operations, bytes,
 * the kernels chosen. */
DS_API ds_status ds_explain(const ds_recipe *recipe, ds_device *device, char **text);

/* One sample's way through a small network and back, in numbers: every weighted sum, activation and
 * the loss; then every local derivative and the gradient of every parameter; from the device,
 * beside the reference's. `row` counts the training rows from 1; the parameters are the recipe's
 * start. */
DS_API ds_status ds_explain_sample(const ds_recipe *recipe, ds_device *device, int64_t row,
                                   char **text);

/* The same of the device as a graph in the language of Graphviz: inputs, weights, biases, products,
 * sums, activations and the loss; on each edge its value, the local derivative of what it leads to
 * and the derivative of the loss that comes back on it. For networks of at most 100 parameters. */
DS_API ds_status ds_explain_graph(const ds_recipe *recipe, ds_device *device, int64_t row,
                                  char **dot);

/* Judges the gradient of every parameter of a recipe's model on a batch of its first rows: the
 * reference's
 * against finite differences in double, and the device's against the reference's. `text` receives a
 * table; DS_WRONG_RESULT (with the table) where one is wrong. */
DS_API ds_status ds_gradcheck(const ds_recipe *recipe, ds_device *device, char **text);

/* ---- the doctor: are the kernels right on a device? ---- */

typedef enum ds_verdict { DS_RIGHT, DS_WRONG, DS_FAILED } ds_verdict;

/* One kernel on one piece of work, run twice and compared with the reference, and all memory that
 * it must leave alone with what was there. */
typedef struct ds_doctor_case {
    char name[160]; /* "dense_forward/tiles/127x31x1/large/17": operation, variant, shape, what the
                       memory held, number within the operation and variant */
    ds_verdict verdict;
    int64_t numbers;   /* compared */
    int64_t undecided; /* of them, with an infinite bound, where rounding decides anything */
    double worst;      /* largest error, as a share of its bound */
    char *words;       /* what is wrong, or what the driver said; NULL where all is right */
    char place[96];    /* of a wrong one: "0.weight.gradient[3]"; "" otherwise */
    double got, expected, bound;
    int64_t wrong;    /* elements that are; 0: nobody counted */
    char pattern[96]; /* "every 64th from 63 on", "rows 3 to 5"; "" of one alone */
    uint64_t seed;
    char program[65]; /* SHA-256 of the kernels' text and options; "" where there is none */
    char *options;    /* that it was built with, and what was launched: "relu_forward global 64x1 */
    char *work;       /* local 16x1, ..."; NULL where nobody says */
} ds_doctor_case;

/* All cases of an operation in one variant of its kernels. */
typedef struct ds_doctor_row {
    char operation[64];          /* "dense_forward", "network_updates" */
    char variant[64];            /* "strips", "tiles", ... */
    size_t cases, wrong, failed; /* after a failure the others of the row are left out */
    int64_t numbers, undecided;
    double worst;
} ds_doctor_row;

typedef struct ds_doctor_table {
    size_t rows, cases, wrong, failed;
    ds_doctor_row *row;
    ds_doctor_case *list; /* every case, in the order in which they were run */
} ds_doctor_table;

typedef struct ds_doctor_options {
    const char *only; /* a case, or all whose names begin so, or match (*); NULL: all cases */
    bool small;       /* little work of every kind, for simulators and other slow devices */
    bool first;       /* nothing is run behind the first case that is not right */
    /* Told what is judged next; false ends it with DS_INTERRUPTED. May be NULL. */
    bool (*progress)(void *context, const char *what);
    void *context;
    /* A program that, started with the word DS_DOCTOR_HELPER, calls ds_doctor_help: such processes
     * share the work, and where a driver crashes in one, that is a verdict. NULL: none. */
    const char *helper;
    uint64_t seed;      /* other numbers in memory; 0: the usual ones */
    uint64_t repeat;    /* every case so often, each time by the next seed; 0: once */
    bool no_optimizer;  /* kernels are built with -cl-opt-disable; no verdict is remembered */
    ds_device *against; /* every wrong case is run on it, too, by the same kernels, and its words
                           say whether it is right there; NULL: on none */
    const char *dump;   /* a folder, not there or empty, that receives what repeats the only case
                           without descent: run.c says how; NULL: none. Here no helpers are used */
} ds_doctor_options;

#define DS_DOCTOR_HELPER "doctor-helper"

/* Judges every kernel that an OpenCL device could be given by the reference, over ragged shapes and
 * extreme values. The order is always the same, and the verdict is remembered: see
 * ds_device_verify. DS_WRONG_RESULT, or, where nothing is wrong, DS_DEVICE_FAILED, tells the first
 * case that is not right; the table is complete all the same. ds_doctor_clear gives it back. */
DS_API ds_status ds_doctor(ds_device *device, const ds_doctor_options *options,
                           ds_doctor_table *table);
DS_API void ds_doctor_clear(ds_doctor_table *table);

/* Judges what the process that started this one asks for, until that is done. */
DS_API void ds_doctor_help(void);

/* ---- speed ---- */

typedef struct ds_bench_options {
    double seconds; /* of each measurement, about; 0: the default */
    /* Told what is measured next; false ends it with DS_INTERRUPTED. May be NULL. */
    bool (*progress)(void *context, const char *what);
    void *context;
} ds_bench_options;

/* Times of one thing that was done again and again. */
typedef struct ds_bench_row {
    char name[64];  /* an op such as "relu_forward", or a network such as "W3" */
    char shape[64]; /* samples x inputs x units of a dense product, samples x columns; parameters of
                       an update; a network's layers */
    char kernels[256]; /* that were launched, with blanks between; how a network is run */
    int repetitions;
    double seconds, least; /* the median of the repetitions, and the least */
    double operations;     /* floating-point operations */
    double bytes;          /* read and written at least once; 0 of a network */
    double share;          /* of the peak that is nearer: that of operations, or of bytes */
    bool of_bytes;
} ds_bench_row;

typedef struct ds_bench_table {
    double peak_operations; /* a second, of multiply-adds in registers */
    double peak_bytes;      /* a second, of a triad in memory; rows are compared with a triad of as
                               many bytes as theirs, which may stay in a cache */
    size_t kernels, steps;
    ds_bench_row *kernel;
    ds_bench_row *step; /* whole training steps of networks, from the host's clock */
} ds_bench_table;

/* The speed of every kernel and of whole training steps on an OpenCL device, and of the device
 * itself. ds_bench_clear gives the table back. */
DS_API ds_status ds_bench(ds_device *device, const ds_bench_options *options,
                          ds_bench_table *table);
DS_API void ds_bench_clear(ds_bench_table *table);

/* What tuning found for a kind of work. */
typedef struct ds_tune_row {
    char kernel[32], bucket[32]; /* "product" "large" */
    char shape[64];              /* what stood for it */
    char usual[256], best[256];  /* parameters that differ: "strip_rows=12"; "" where none does */
    double usual_seconds, best_seconds;
    int tried, wrong, failed; /* shapes of kernels; those with wrong results; those that did not
                                 build or run */
} ds_tune_row;

typedef struct ds_tune_table {
    size_t rows;
    ds_tune_row *row;
    char file[4096]; /* where it is kept */
} ds_tune_table;

/* Searches the parameters of an OpenCL device's kernels for those that are fastest there. Each
 * candidate is judged by the reference before it is timed. What is found is kept in the user's
 * cache and used from then on, by this device with this driver and these kernels. On
 * DS_INTERRUPTED, too, `table` has what was found, and it is kept. ds_tune_clear gives the table
 * back. */
DS_API ds_status ds_tune(ds_device *device, const ds_bench_options *options, ds_tune_table *table);
DS_API void ds_tune_clear(ds_tune_table *table);

#ifdef __cplusplus
}
#endif

#endif
