/* What a user should know of the sets that training will see. */
#ifndef DS_SET_NOTES_H
#define DS_SET_NOTES_H

#include "data/encoding.h"

/* Classes that no training row has though other rows do (`all`: whether others do or not), and a
 * validation or test set that holds one class alone. */
ds_status ds_class_notes(const ds_data *data, bool all, ds_text *notes);

/* Columns and targets of which float32, in which a device trains, loses values that differ. */
ds_status ds_precision_notes(const ds_data *data, ds_text *notes);

#endif
