/* Built programs, kept: in a device while it is open, and between runs in the user's cache. */
#ifndef DS_PROGRAM_CACHE_H
#define DS_PROGRAM_CACHE_H

#include "device/opencl.h"

/* What a built program depends on, as SHA-256: source and options (their own SHA-256), and what
 * builds it. */
void ds_built_key(char key[65], const char *source_hash, const ds_device_info *about);

/* A built program, with a reference for the caller; NULL where there is none or the driver refuses
 * it. */
cl_program ds_built_find(ds_device *device, const char *key, const char *options);

/* Keeps a program that took so long to build. */
void ds_built_keep(ds_device *device, const char *key, cl_program program, const char *source,
                   const char *options, uint64_t nanoseconds);

/* Gives back all that the device keeps. Here, when every result was delivered, the user's cache is
 * written. */
void ds_built_release(ds_device *device);

/* None of what the device keeps will be written there. */
void ds_built_forget(ds_device *device);

/* Nanoseconds of the processor, of all threads. */
uint64_t ds_built_clock(void);

/* From how long a build is slow; 0.2 s at first. For tests. */
void ds_built_slow_from(uint64_t nanoseconds);

#endif
