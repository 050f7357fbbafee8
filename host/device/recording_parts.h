/* What recording.c notes and reproducer.c writes, and the calls by which the files of this folder
 * tell of it. */
#ifndef DS_RECORDING_PARTS_H
#define DS_RECORDING_PARTS_H

#include "device/opencl.h"
#include "device/recording.h"
#include "plain/plain.h"

typedef enum ds_argument_kind {
    DS_ARGUMENT_BUFFER,
    DS_ARGUMENT_UINT,
    DS_ARGUMENT_INT,
    DS_ARGUMENT_ULONG,
    DS_ARGUMENT_FLOAT
} ds_argument_kind;

typedef struct ds_argument {
    ds_argument_kind kind;
    ds_plain_value value;
    const ds_buffer *buffer;
} ds_argument;

typedef struct ds_step {
    enum { DS_STEP_LAUNCH, DS_STEP_WRITE, DS_STEP_COPY } kind;
    char kernel[64];
    size_t global[2], local[2];
    ds_argument argument[DS_PLAIN_ARGUMENTS];
    unsigned arguments;
    char *simulation; /* for Oclgrind; NULL: none */
    int buffer, from; /* that is written or copied to; copied from */
    size_t offset, from_offset, bytes;
    unsigned char *data;
} ds_step;

typedef struct ds_held {
    const ds_buffer *buffer;
    char name[32];
    bool is_int;
    size_t bytes;
    unsigned char *before;
    double *right; /* of each element what is to be there, and the bound; NULL: nobody says */
} ds_held;

struct ds_recording {
    bool memory, over, closed; /* over: the host has read, the next launch begins another run */
    bool mixed;                /* kernels of several programs */
    char program[65], place[64];
    char *source, *options;
    ds_step *step;
    size_t steps, launches, room;
    ds_held *held;
    size_t holds;
};

/* A program that was built, or is to be; NULL for the text of the device plain. */
ds_status ds_recording_program(ds_device *device, const char *hash, const char *source,
                               const char *options);

/* Before the launch is issued. */
ds_status ds_recording_launch(ds_device *device, const char *kernel, const ds_argument *argument,
                              unsigned arguments, const size_t global[2], const size_t local[2]);

/* Before the host writes to a buffer (NULL: zeros), or it is copied from another. */
ds_status ds_recording_written(const ds_buffer *buffer, size_t offset, size_t bytes,
                               const void *data);
ds_status ds_recording_copied(const ds_buffer *from, size_t from_offset, const ds_buffer *to,
                              size_t to_offset, size_t bytes);

/* The host reads. */
void ds_recording_read(const ds_device *device);

/* A buffer among those of the run; -1: it is in none of its launches. */
int ds_recording_find(const ds_recording *recording, const ds_buffer *buffer);

#endif
