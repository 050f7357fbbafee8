/* Kernels with a fault that a test plants, in a folder of its own, with a cache of its own. Include
 * after scratch_folder.h and run_program.h. */
#ifndef PLANTED_FAULT_H
#define PLANTED_FAULT_H

#include "base/text.h"
#include "device/kernel_source.h"
#include "faulty_device.h"
#include "outcome.h"

static inline const char *source_of(const char *file) {
    const ds_kernel_source *source = ds_kernel_sources;
    while (strcmp(source->name, file) != 0)
        source++;
    return source->text;
}

/* A kernel file with one place changed, in a folder that goes before the embedded ones. */
static inline void plant(const char *file, const char *was, const char *becomes) {
    const char *text = source_of(file), *at = strstr(text, was);
    ds_text changed = {0};
    char path[64];
    if (!at)
        fail_msg("%s has no \"%s\"", file, was);
    DONE(ds_text_add(&changed, "%.*s%s%s", (int)(at - text), text, becomes, at + strlen(was)));
    snprintf(path, sizeof path, "kernels/%s", file);
    scratch_write(path, changed.characters);
    ds_text_clear(&changed);
    assert_int_equal(setenv("DESCENT_KERNEL_DIR", "kernels", 1), 0);
}

static inline void unplant(void) {
    assert_int_equal(unsetenv("DESCENT_KERNEL_DIR"), 0);
}

static inline int planted_setup(void **state) {
    return scratch_setup(state) || setenv("DESCENT_CACHE_DIR", "cache", 1) ||
           unsetenv("DESCENT_KERNEL_DIR");
}

static inline int planted_teardown(void **state) {
    faulty_set("");
    return unsetenv("DESCENT_KERNEL_DIR") || scratch_teardown(state);
}

#endif
