#include "device/recording_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SIMULATIONS = 16, WORDS_OF = 8 }; /* launches that have a file; that are told in words */

/* ---- one run ---- */

static void forget_run(ds_recording *r) {
    for (size_t i = 0; i < r->steps; i++) {
        ds_free(r->step[i].simulation);
        ds_free(r->step[i].data);
    }
    for (size_t i = 0; i < r->holds; i++) {
        ds_free(r->held[i].before);
        ds_free(r->held[i].right);
    }
    r->steps = r->launches = r->holds = 0;
    r->over = r->mixed = false;
}

static void forget_program(ds_recording *r) {
    ds_free(r->source);
    ds_free(r->options);
    r->source = r->options = NULL;
    r->program[0] = '\0';
}

ds_status ds_recording_begin(ds_device *device, bool memory) {
    if (!device->recording)
        DS_CHECK(ds_new(&device->recording, 1, sizeof *device->recording));
    ds_recording *r = device->recording;
    forget_run(r);
    forget_program(r);
    r->memory = memory;
    r->closed = false;
    return DS_OK;
}

void ds_recording_close(ds_device *device, const char *place) {
    ds_recording *r = device->recording;
    if (!r)
        return;
    r->closed = true;
    snprintf(r->place, sizeof r->place, "%s", place);
}

void ds_recording_end(ds_device *device) {
    if (!device->recording)
        return;
    forget_run(device->recording);
    forget_program(device->recording);
    ds_free(device->recording->step);
    ds_free(device->recording->held);
    ds_free(device->recording);
    device->recording = NULL;
}

void ds_recording_read(const ds_device *device) {
    if (device->recording)
        device->recording->over = true;
}

ds_status ds_recording_program(ds_device *device, const char *hash, const char *source,
                               const char *options) {
    ds_recording *r = device->recording;
    if (!r || r->closed || strcmp(r->program, hash) == 0)
        return DS_OK;
    r->mixed |= r->launches > 0 && !r->over;
    forget_program(r);
    if (source && r->memory)
        DS_CHECK(ds_copy_text(&r->source, source));
    DS_CHECK(ds_copy_text(&r->options, options));
    snprintf(r->program, sizeof r->program, "%s", hash);
    return DS_OK;
}

static ds_status new_step(ds_step **out, ds_recording *r) {
    if (r->steps == r->room) {
        DS_CHECK(ds_resize(&r->step, 2 * r->room + 8, sizeof *r->step));
        r->room = 2 * r->room + 8;
    }
    *out = &r->step[r->steps++];
    **out = (ds_step){0};
    return DS_OK;
}

/* ---- memory ---- */

int ds_recording_find(const ds_recording *r, const ds_buffer *buffer) {
    for (size_t i = 0; i < r->holds; i++)
        if (r->held[i].buffer == buffer)
            return (int)i;
    return -1;
}

static ds_status read_now(const ds_device *device, const ds_buffer *buffer, size_t bytes,
                          unsigned char **out) {
    DS_CHECK(ds_new(out, bytes, 1));
    return ds_opencl_check(clEnqueueReadBuffer(device->queue, ds_buffer_handle(buffer), CL_TRUE, 0,
                                               bytes, *out, 0, NULL, NULL),
                           "clEnqueueReadBuffer", device);
}

/* What it holds before anything of the run changes it. */
static ds_status hold(ds_recording *r, const ds_device *device, const ds_buffer *buffer) {
    if (ds_recording_find(r, buffer) >= 0)
        return DS_OK;
    DS_CHECK(ds_resize(&r->held, r->holds + 1, sizeof *r->held));
    ds_held *held = &r->held[r->holds];
    *held = (ds_held){.buffer = buffer, .bytes = ds_buffer_bytes(buffer)};
    snprintf(held->name, sizeof held->name, "buffer_%zu", r->holds++);
    return read_now(device, buffer, held->bytes, &held->before);
}

/* Whether a write is part of the run. */
static ds_recording *open_run(const ds_device *device) {
    ds_recording *r = device->recording;
    return r && r->memory && !r->closed && !r->over && r->launches ? r : NULL;
}

ds_status ds_recording_written(const ds_buffer *buffer, size_t offset, size_t bytes,
                               const void *data) {
    ds_recording *r = open_run(ds_buffer_device(buffer));
    ds_step *step;
    if (!r || ds_recording_find(r, buffer) < 0)
        return DS_OK;
    DS_CHECK(new_step(&step, r));
    step->kind = DS_STEP_WRITE;
    step->buffer = ds_recording_find(r, buffer);
    step->offset = offset;
    step->bytes = bytes;
    DS_CHECK(ds_new(&step->data, bytes, 1));
    if (data)
        memcpy(step->data, data, bytes);
    return DS_OK;
}

ds_status ds_recording_copied(const ds_buffer *from, size_t from_offset, const ds_buffer *to,
                              size_t to_offset, size_t bytes) {
    const ds_device *device = ds_buffer_device(from);
    ds_recording *r = open_run(device);
    ds_step *step;
    if (!r || (ds_recording_find(r, from) < 0 && ds_recording_find(r, to) < 0))
        return DS_OK;
    DS_CHECK(hold(r, device, from));
    DS_CHECK(hold(r, device, to));
    DS_CHECK(new_step(&step, r));
    step->kind = DS_STEP_COPY;
    step->buffer = ds_recording_find(r, to);
    step->from = ds_recording_find(r, from);
    step->offset = to_offset;
    step->from_offset = from_offset;
    step->bytes = bytes;
    return DS_OK;
}

/* ---- launches ---- */

static ds_status simulate_buffer(ds_text *text, const ds_device *device, const ds_buffer *buffer) {
    static const char digits[] = "0123456789abcdef";
    const size_t bytes = ds_buffer_bytes(buffer);
    unsigned char *data = NULL;
    ds_status status = read_now(device, buffer, bytes, &data);
    if (status == DS_OK)
        status = ds_text_add(text, "<size=%zu uint hex>", bytes);
    for (size_t i = 0; i + 4 <= bytes && status == DS_OK; i += 4) {
        uint32_t word;
        char line[9];
        memcpy(&word, data + i, sizeof word);
        line[0] = i % 32 == 0 ? '\n' : ' ';
        for (int d = 0; d < 8; d++)
            line[1 + d] = digits[word >> (28 - 4 * d) & 15];
        status = ds_text_append(text, line, sizeof line);
    }
    ds_free(data);
    return status == DS_OK ? ds_text_append(text, "\n", 1) : status;
}

/* A file for oclgrind-kernel, with memory as the launch finds it. */
static ds_status simulate(ds_step *step, const ds_device *device) {
    ds_status status = DS_OK;
    ds_text text = {0};
    DS_TRY(ds_text_add(&text, "kernel.cl\n%s\n%zu %zu 1\n%zu %zu 1\n\n", step->kernel,
                       step->global[0], step->global[1], step->local[0], step->local[1]));
    for (unsigned i = 0; i < step->arguments; i++) {
        const ds_argument *a = &step->argument[i];
        if (a->kind == DS_ARGUMENT_BUFFER)
            DS_TRY(simulate_buffer(&text, device, a->buffer));
        else if (a->kind == DS_ARGUMENT_ULONG)
            DS_TRY(ds_text_add(&text, "<size=8 ulong hex>\n%llx\n",
                               (unsigned long long)a->value.wide));
        else
            DS_TRY(ds_text_add(&text, "<size=4 uint hex>\n%x\n", a->value.narrow));
    }
    DS_TRY(ds_text_take(&text, &step->simulation));

cleanup:
    ds_text_clear(&text);
    return status;
}

ds_status ds_recording_launch(ds_device *device, const char *kernel, const ds_argument *argument,
                              unsigned arguments, const size_t global[2], const size_t local[2]) {
    ds_recording *r = device->recording;
    ds_step *step;
    if (!r || r->closed)
        return DS_OK;
    if (r->over)
        forget_run(r);
    r->launches++;
    for (unsigned i = 0; i < arguments && r->memory && !device->plain; i++)
        if (argument[i].kind == DS_ARGUMENT_BUFFER)
            DS_CHECK(hold(r, device, argument[i].buffer));
    DS_CHECK(new_step(&step, r));
    snprintf(step->kernel, sizeof step->kernel, "%s", kernel);
    memcpy(step->global, global, sizeof step->global);
    memcpy(step->local, local, sizeof step->local);
    memcpy(step->argument, argument, arguments * sizeof *argument);
    step->arguments = arguments;
    return r->memory && !device->plain && r->launches <= SIMULATIONS ? simulate(step, device)
                                                                     : DS_OK;
}

/* ---- what is told of it ---- */

ds_status ds_recording_expect(const ds_buffer *buffer, const char *name, bool is_int, int64_t count,
                              const double *value, const double *bound) {
    ds_recording *r = ds_buffer_device(buffer)->recording;
    int found = r && r->memory && !r->closed ? ds_recording_find(r, buffer) : -1;
    if (found < 0)
        return DS_OK;
    ds_held *held = &r->held[found];
    const int64_t elements = (int64_t)(held->bytes / 4);
    snprintf(held->name, sizeof held->name, "%s", name);
    held->is_int = is_int;
    ds_free(held->right);
    held->right = NULL;
    DS_CHECK(ds_new(&held->right, 2 * (size_t)elements, sizeof *held->right));
    for (int64_t i = 0; i < elements; i++) {
        held->right[2 * i] = i < count ? value[i] : (double)NAN;
        held->right[2 * i + 1] = i >= count ? (double)INFINITY : bound ? bound[i] : DS_SAME_BITS;
    }
    return DS_OK;
}

ds_status ds_recording_describe(const ds_device *device, char program[65], char **options,
                                char **work) {
    const ds_recording *r = device->recording;
    ds_text text = {0};
    ds_status status = DS_OK;
    size_t told = 0;
    *options = *work = NULL;
    snprintf(program, 65, "%s", r ? r->program : "");
    for (size_t i = 0; r && i < r->steps && status == DS_OK; i++) {
        const ds_step *s = &r->step[i];
        if (s->kind == DS_STEP_LAUNCH && told++ < WORDS_OF)
            status = ds_text_add(&text, "%s%s global %zux%zu local %zux%zu", i ? ", " : "",
                                 s->kernel, s->global[0], s->global[1], s->local[0], s->local[1]);
    }
    if (status == DS_OK && told > WORDS_OF)
        status = ds_text_add(&text, ", and %zu more", told - WORDS_OF);
    if (status == DS_OK)
        status = ds_copy_text(options, r && r->options ? r->options : "");
    if (status == DS_OK)
        status = ds_text_take(&text, work);
    ds_text_clear(&text);
    return status;
}
