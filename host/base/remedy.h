/* What a hint tells people to type. */
#ifndef DS_REMEDY_H
#define DS_REMEDY_H

#include "base/text.h"

/* "--set data.exclude+=Name": `key` is "data.exclude+=", and the value any text, which is given the
 * quotes that YAML and a shell need. */
ds_status ds_text_remedy(ds_text *out, const char *key, const char *value);

/* The same for `count` values: a list where there are several. */
ds_status ds_text_remedy_list(ds_text *out, const char *key, char *const *value, int count);

#endif
