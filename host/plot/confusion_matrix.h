/* A confusion matrix: a row for each true class, a column for each predicted one. */
#ifndef DS_CONFUSION_MATRIX_H
#define DS_CONFUSION_MATRIX_H

#include "base/text.h"

typedef struct ds_confusion {
    const char *title;
    int64_t classes;
    const char *const *name;
    const int64_t *count; /* classes x classes: [truth * classes + predicted] */
} ds_confusion;

/* FOLDER/NAME.svg, .png, .gp and .csv. */
ds_status ds_confusion_draw(const ds_confusion *matrix, const char *folder, const char *name,
                            ds_text *notes);

#endif
