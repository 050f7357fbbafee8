#include "train/number_columns.h"

#include <string.h>

#include "base/files.h"
#include "data/csv_reader.h"

static ds_column_kind number(const void *context, const char *name, bool *named) {
    (void)context;
    (void)name;
    *named = true;
    return DS_COLUMN_NUMBER;
}

ds_status ds_number_columns_read(ds_table *out, const char *path) {
    ds_bytes bytes = {0};
    ds_wish wish = {.kind = number, .header = DS_HEADER_YES, .doubles = true};
    DS_CHECK(ds_file_read(&bytes, path));
    const char *end = strchr((const char *)bytes.data, '\n');
    if (end && end[1] == '\0') { /* a header alone */
        ds_free(bytes.data);
        return ds_table_new(out, path, 0);
    }
    ds_status status = ds_csv_read(out, &bytes, path, &wish);
    ds_free(bytes.data);
    return status;
}
