/* How often each class is taken for which. */
#include <stdio.h>

#include "data/matrix.h"
#include "plot/confusion_matrix.h"
#include "train/pictures_kinds.h"
#include "train/pictures_rows.h"

static int64_t predicted_class(const ds_model *model, const double *output) {
    int64_t best = 0, outputs = ds_model_outputs(model);
    if (ds_model_link(model) == &ds_op_sigmoid) /* P(second class) */
        return output[0] > 0.5;
    for (int64_t k = 1; k < outputs; k++)
        if (output[k] > output[best])
            best = k;
    return best;
}

ds_status ds_picture_confusion_check(const ds_picture_source *source, const ds_picture *picture) {
    const ds_encoding *encoding = source->model->encoding;
    DS_CHECK(ds_picture_without_options(picture));
    if (ds_encoding_classes(encoding) == 0)
        return ds_picture_unsuitable(picture, "needs classes to predict, the target is numbers");
    if (ds_encoding_targets(encoding) != 1)
        return ds_picture_unsuitable(picture, "needs one target, there are %lld",
                                     (long long)ds_encoding_targets(encoding));
    return DS_OK;
}

static ds_status count_pairs(const ds_picture_source *source, const ds_set *set, int64_t classes,
                             int64_t *count) {
    ds_status status = DS_OK;
    double *output = NULL;
    int64_t outputs = ds_model_outputs(source->model);
    DS_TRY(ds_new(&output, (size_t)(set->rows * outputs), sizeof *output));
    DS_TRY(ds_model_predict_set(source->model, source->device, set, output));
    for (int64_t i = 0; i < set->rows; i++) {
        int64_t truth = (int64_t)ds_matrix_cell(&set->targets, i, 0);
        count[truth * classes + predicted_class(source->model, output + i * outputs)]++;
    }

cleanup:
    ds_free(output);
    return status;
}

ds_status ds_picture_confusion_draw(const ds_picture_source *source, const ds_picture *picture,
                                    const char *folder, ds_text *drawn, ds_text *notes) {
    ds_status status = DS_OK;
    const ds_encoding *encoding = source->model->encoding;
    int64_t classes = ds_encoding_classes(encoding), *count = NULL, right = 0;
    const char *which, **name = NULL;
    const ds_set *set = ds_picture_rows(source->data, &which);
    char title[200];
    (void)picture;
    DS_TRY(ds_new(&count, (size_t)(classes * classes), sizeof *count));
    DS_TRY(ds_new(&name, (size_t)classes, sizeof *name));
    DS_TRY(count_pairs(source, set, classes, count));
    for (int64_t k = 0; k < classes; k++) {
        name[k] = ds_encoding_class(encoding, k);
        right += count[k * classes + k];
    }
    snprintf(title, sizeof title, "%.80s: %lld of %lld right (%s set)",
             ds_encoding_target(encoding, 0), (long long)right, (long long)set->rows, which);
    ds_confusion matrix = {title, classes, name, count};
    DS_TRY(ds_confusion_draw(&matrix, folder, "confusion", notes));
    DS_TRY(ds_text_add(drawn, "confusion\n"));

cleanup:
    ds_free(count);
    ds_free(name);
    return status;
}
