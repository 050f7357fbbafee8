/* Training that goes on with other data keeps the encoding that its model has. */
#ifndef DS_KEPT_ENCODING_H
#define DS_KEPT_ENCODING_H

#include "data/encoding.h"

/* Whether the keys of a recipe ask for what the model has; an error that says what does not match,
 * and how to start anew. Before the file is read. */
ds_status ds_kept_encoding_check(const ds_encoding *kept, const ds_data_options *options);

/* That every class of the file is one of the model's; columns of the file that the model does not
 * know are noted. After the file is read. */
ds_status ds_kept_encoding_compare(const ds_encoding *kept, const ds_data_options *options,
                                   ds_source *source, ds_text *notes);

#endif
