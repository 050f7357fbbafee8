/* A model: its layers, its parameters in double, the encoding of its data, how it was trained. */
#ifndef DS_TRAINED_MODEL_H
#define DS_TRAINED_MODEL_H

#include "data/dataset.h"
#include "model/parameters.h"
#include "ops/executor.h"

struct ds_model {
    ds_layer *layer;
    int layers;
    ds_shape sample;
    ds_parameter_entry *entry;
    int entries;
    int64_t values; /* parameters in all */
    double *parameters;
    ds_encoding *encoding;

    /* How it was trained; empty before. */
    const ds_operation *loss; /* or NULL */
    double loss_attribute[DS_MAX_ATTRIBUTES];
    bool portable; /* math: portable, for predictions, too */
    uint64_t seed;
    int64_t epochs, updates;
    int64_t best_epoch; /* whose parameters these are, where the best were kept; else 0 */
    char device[256];
    char plan_hash[65];
    char *recipe; /* YAML text; "" for a model that no recipe made */
};

/* Makes a model with start values: `layers` and `init` (may be NULL) as in a recipe. Notes may be
 * NULL. */
ds_status ds_model_make(ds_model **out, const ds_encoding *encoding, const ds_node *layers,
                        const ds_node *init, const char *folder, uint64_t seed, ds_text *notes);

/* From parsed layers (taken over) and an encoding (copied), parameters 0. */
ds_status ds_model_assemble(ds_model **out, ds_layer *layer, int layers,
                            const ds_encoding *encoding);

/* Checks that the outputs fit the targets under a loss; `place` names the recipe's model, or NULL.
 */
ds_status ds_model_check_outputs(const ds_model *model, const ds_operation *loss,
                                 const ds_node *place);

/* What stands behind the network's last layer when it predicts: softmax, sigmoid or NULL. */
const ds_operation *ds_model_link(const ds_model *model);

/* Layers that are trained: without a last softmax or sigmoid that the loss takes over. */
int ds_model_trained_layers(const ds_model *model);

/* Network outputs of every row of a set, rows x outputs, in the target's own units; probabilities
 * of classes. */
ds_status ds_model_predict_set(const ds_model *model, ds_device *device, const ds_set *set,
                               double *outputs);

/* SHA-256 of the parameters as little-endian float32, canonical order. */
void ds_weights_hash(const double *values, int64_t count, char hash[65]);

/* The text that goes into a file's __metadata__ under "recipe", and back. */
ds_status ds_model_metadata(const ds_model *model, char **json);
ds_status ds_model_from_metadata(ds_model **out, const char *json, const char *source);

/* An executor for a plan on a device: the reference's, or one that was judged by it (see
 * doctor/verified_executor.h). */
ds_status ds_executor_open(ds_executor **out, const ds_plan *plan, ds_device *device);

#endif
