/* Every way in which the host and a device give memory to each other, for who judges them. */
#ifndef DS_TRANSFER_H
#define DS_TRANSFER_H

#include "device/device.h"

/* Of one transfer: `count` of `bytes`, from the byte `from` on. All four are as long as a buffer
 * and belong to who asks: what buffers hold first, what is transferred, and, on return, what is to
 * be there and what is. */
typedef struct ds_transfer {
    size_t bytes, from, count;
    const unsigned char *before, *given;
    unsigned char *expected, *got;
} ds_transfer;

enum { DS_TRANSFERS = 8 };

/* "write-aside"; whether the way knows no parts of a buffer. */
const char *ds_transfer_name(int way, bool *whole);

ds_status ds_transfer_run(const ds_transfer *transfer, ds_device *device, int way);

#endif
