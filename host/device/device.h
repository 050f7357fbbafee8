/* OpenCL devices, buffers, programs and launches for the rest of the house. Nothing outside
 * host/device/ calls OpenCL. */
#ifndef DS_DEVICE_H
#define DS_DEVICE_H

#include "base/text.h"

typedef struct ds_buffer ds_buffer;
typedef struct ds_program ds_program;
typedef struct ds_kernel ds_kernel;

/* SHA-256 of the device, its driver and the text of all kernels, as DESCENT_KERNEL_DIR has them
 * now: what was measured with one key holds for no other. False where a kernel file cannot be read.
 */
bool ds_device_key(char key[65], const ds_device *device);

/* The same of a device that is not open. */
bool ds_device_info_key(char key[65], const ds_device_info *about);

/* Closes a device that was only tried: what was built for it is not kept between runs. */
void ds_device_discard(ds_device *device);

bool ds_device_is_reference(const ds_device *device);
bool ds_device_is_plain(const ds_device *device);         /* kernels compiled as C: host/plain/ */
bool ds_device_is_verified(const ds_device *device);      /* see ds_device_verify */
void ds_device_tell(ds_device *device, const char *note); /* see ds_device_notes */

/* A note of other things than kernels, for whoever ds_device_notes named. A ds_note_callback. */
void ds_device_say(const char *note, void *device);

/* Whether it was found, since it was opened, that kernels in portable math give the right bits. */
bool ds_device_is_portable(const ds_device *device);
void ds_device_set_portable(ds_device *device);

/* Whether drivers may optimize the kernels that are built from now on, as is usual. */
void ds_device_optimize(ds_device *device, bool optimize);

/* The device plain is only to show what its kernels give: no matter that DESCENT_KERNEL_DIR names
 * others, which it cannot take. */
void ds_device_take_as_compiled(ds_device *device);

/* OpenCL objects alive in this process: 0 when all was given back. For leak tests. */
long ds_device_objects(void);

/* ---- buffers ---- */

ds_status ds_buffer_create(ds_buffer **out, ds_device *device, size_t bytes);
void ds_buffer_destroy(ds_buffer *buffer);

/* In the order of the main queue; the call returns when `data` was taken, or holds what was read.
 */
ds_status ds_buffer_write(ds_buffer *buffer, size_t offset, size_t bytes, const void *data);
ds_status ds_buffer_read(ds_buffer *buffer, size_t offset, size_t bytes, void *data);
ds_status ds_buffer_fill(ds_buffer *buffer, uint32_t word);

/* Zeroes all of it, and waits to see that it has: where not, DS_WRONG_RESULT. */
ds_status ds_buffer_zero(ds_buffer *buffer);

/* A read in the order of the main queue that waits for nothing: `data` holds it once *mark, which
 * is replaced, was waited for. */
typedef struct ds_mark ds_mark;
ds_status ds_buffer_read_later(ds_buffer *buffer, size_t offset, size_t bytes, void *data,
                               ds_mark **mark);

/* The same for a write: nothing may change `data` before *mark was waited for. */
ds_status ds_buffer_write_later(ds_buffer *buffer, size_t offset, size_t bytes, const void *data,
                                ds_mark **mark);

/* From here in the main queue on the buffer is the host's, which may write `*memory`, all of it,
 * once *mark was waited for; `ds_buffer_unmap` gives it back. Where a device computes in the host's
 * memory nothing is copied. */
ds_status ds_buffer_map(ds_buffer *buffer, void **memory, ds_mark **mark);
ds_status ds_buffer_unmap(ds_buffer *buffer, void *memory);

/* A copy within the device, in the order of the main queue. */
ds_status ds_buffer_copy(ds_buffer *from, size_t from_offset, ds_buffer *to, size_t to_offset,
                         size_t bytes);

/* Beside the main queue: without its order, and done when the call returns. Nothing in the main
 * queue that is not known to be done may use the buffer, whichever part of it: between two queues
 * OpenCL leaves undefined what one reads of a buffer that the other writes to. May be called from a
 * second thread. */
ds_status ds_buffer_write_aside(ds_buffer *buffer, size_t offset, size_t bytes, const void *data);

/* ---- what a device loses ---- */

/* A word of four bytes that a buffer does not hold as it was given. */
typedef struct ds_lost_word {
    bool lost;
    size_t word; /* from the offset on */
    uint32_t got;
} ds_lost_word;

/* Reads words, behind the main queue's work or beside it, and compares their bits with those that
 * were written (NULL: zeros). Where they differ they are read again: it may have been the way back.
 */
ds_status ds_buffer_compare(ds_buffer *buffer, bool aside, size_t offset, size_t words,
                            const uint32_t *written, ds_lost_word *lost);

/* The hint of an error about a device that computes or keeps what it should not. */
extern const char ds_untrustworthy[];

/* ---- the main queue ---- */

ds_status ds_device_flush(ds_device *device);
ds_status ds_device_finish(ds_device *device);

/* A point in the main queue. `ds_mark_wait` may be called from a second thread. */
ds_status ds_mark_set(ds_mark **mark, ds_device *device); /* replaces what *mark held */
ds_status ds_mark_wait(ds_mark *mark);                    /* NULL: returns at once */
void ds_mark_destroy(ds_mark *mark);

/* ---- time, by the device's own clock ---- */

/* From now on the main queue notes when each launch begins and ends; or no longer does. */
ds_status ds_device_profile(ds_device *device, bool on);

typedef struct ds_launch_time {
    const char *kernel; /* lives as long as its program */
    double seconds;
} ds_launch_time;

/* Waits for all work, and gives the launches since the last call, in order; good until the next
 * launch. */
ds_status ds_device_launch_times(ds_device *device, const ds_launch_time **time, size_t *count);

/* ---- programs ---- */

/* Builds one program of `head` (definitions, each in a line) and the named kernel files, in order.
 * A file of the folder that DESCENT_KERNEL_DIR names takes the place of the embedded one. A failure
 * keeps the build log as the error's detail. */
ds_status ds_program_build(ds_program **out, ds_device *device, const char *head,
                           const char *const *files, int count, const char *options);
void ds_program_destroy(ds_program *program);

/* SHA-256 of source and options. */
const char *ds_program_hash(const ds_program *program);

/* A kernel by name; it lives as long as the program. (On the plain device a program is nothing but
 * a hash.) */
ds_status ds_program_kernel(ds_program *program, const char *name, ds_kernel **out);

/* ---- launches: begin, arguments in order, then enqueue ---- */

typedef struct ds_launch {
    ds_kernel *kernel;
    unsigned next;    /* argument */
    ds_status status; /* of the first argument that failed */
} ds_launch;

ds_launch ds_launch_begin(ds_kernel *kernel);
void ds_launch_tensor(ds_launch *launch, const ds_buffer *buffer, int64_t offset);
void ds_launch_buffer(ds_launch *launch, const ds_buffer *buffer);
void ds_launch_uint(ds_launch *launch, uint64_t value);
void ds_launch_ulong(ds_launch *launch, uint64_t value);
void ds_launch_int(ds_launch *launch, int64_t value);
void ds_launch_float(ds_launch *launch, double value);

/* `groups` work-groups of `group` work-items in each of two dimensions. */
ds_status ds_launch_enqueue(ds_launch *launch, const size_t groups[2], const size_t group[2]);

#endif
