/* Portable math would give other bits in silence on a device that fuses a * b + c, flushes
 * denormals, divides carelessly, sums in an order of its own or, other than those of rounds.c, ends
 * loops early: it is asked once, by a kernel of the first program in portable math; the options
 * of arithmetic are the same for all. */
#include <math.h>
#include <string.h>

#include "launch/launch.h"
#include "launch/network.h"

enum { PROBES = 9, TERMS = 100, VALUES = 2 * PROBES + TERMS, ROUNDS = 100000 };

/* As kernels/portable.cl computes them. */
static const struct {
    float x, y;
    const char *fault;
} probe[PROBES] = {
    {0x1.001p0f, -0x1.002p0f, "it makes one operation of a * b + c"},
    {0x1p-100f, 0x1.8p-40f, "it flushes denormals"},
    {0x1.8p-140f, 0x1p100f, "it flushes denormals"},
    {0x1.8p-140f, 0x1p-148f, "it flushes denormals"},
    {0x1.1p-140f, 0x1.8p-100f, "it does not round division correctly"},
    {0x1.fffffep-1f, 0x1.fffffcp-1f, "it does not round division correctly"},
    {0x1.234568p-70f, 0x1.fedcbap70f, "it does not round division correctly"},
    {0x1.fffffep-1f, 0, "it does not round square roots correctly"},
    {0x1.8p-140f, 0, "it does not round square roots correctly"},
};

static float expected(int i) {
    volatile float product =
        probe[i].x * probe[i].x; /* rounded, whatever the host's compiler does */
    if (i == 0)
        return product + probe[i].y;
    return i < 3    ? probe[i].x * probe[i].y
           : i == 3 ? probe[i].x + probe[i].y
           : i < 7  ? probe[i].x / probe[i].y
                    : sqrtf(probe[i].x);
}

/* A number that no compiler knows without the rounds of a loop. */
static float made_of(uint64_t rounds) {
    uint32_t number = 1;
    for (uint64_t i = 0; i < rounds; i++)
        number = number * 1664525u + 1013904223u;
    return (float)(number >> 8);
}

static float sum_of(const float *term) {
    volatile float sum = 0;
    for (int i = 0; i < TERMS; i++)
        sum = sum + term[i];
    return sum;
}

static ds_status compare(const ds_launcher *launcher, const float *got, const float *term,
                         uint64_t rounds) {
    const char *name = ds_device_about(launcher->device)->name;
    for (int i = 0; i < PROBES; i++) {
        float wanted = expected(i);
        if (memcmp(&got[i], &wanted, sizeof wanted) != 0)
            return ds_fail(DS_DEVICE_FAILED, "choose another device, or math: native",
                           "device \"%s\" has no portable math: %s (%a instead of %a)", name,
                           probe[i].fault, (double)got[i], (double)wanted);
    }
    if (got[PROBES] != sum_of(term))
        return ds_fail(DS_DEVICE_FAILED, "choose another device, or math: native",
                       "device \"%s\" has no portable math: it sums in an order of its own", name);
    if (got[PROBES + 1] != made_of(rounds))
        return ds_fail(DS_DEVICE_FAILED, "choose another device",
                       "device \"%s\" has no portable math: it ends loops before their %llu rounds",
                       name, (unsigned long long)rounds);
    return DS_OK;
}

ds_status ds_portable_probe(ds_launcher *launcher, ds_program *program) {
    ds_status status = DS_OK;
    ds_kernel *kernel = NULL;
    ds_buffer *in = NULL, *out = NULL;
    float values[VALUES], got[PROBES + 2];
    uint64_t most = launcher->shaping.rounds, rounds = most && most < ROUNDS ? most / 2 : ROUNDS;
    if (ds_device_is_portable(launcher->device))
        return DS_OK;
    for (int i = 0; i < PROBES; i++) {
        values[i] = probe[i].x;
        values[PROBES + i] = probe[i].y;
    }
    for (int i = 2 * PROBES; i < VALUES; i++)
        values[i] = made_of((uint64_t)i) * 0x1p-24f;
    DS_TRY(ds_program_kernel(program, "portable_probe", &kernel));
    DS_TRY(ds_buffer_create(&in, launcher->device, sizeof values));
    DS_TRY(ds_buffer_create(&out, launcher->device, sizeof got));
    DS_TRY(ds_buffer_write(in, 0, sizeof values, values));
    ds_launch launch = ds_launch_begin(kernel);
    ds_launch_tensor(&launch, in, 0);
    ds_launch_tensor(&launch, out, 0);
    ds_launch_uint(&launch, PROBES);
    ds_launch_uint(&launch, TERMS);
    ds_launch_uint(&launch, rounds);
    DS_TRY(ds_launch_enqueue(&launch, (size_t[2]){1, 1}, (size_t[2]){1, 1}));
    DS_TRY(ds_buffer_read(out, 0, sizeof got, got));
    DS_TRY(compare(launcher, got, values + 2 * PROBES, rounds));
    ds_device_set_portable(launcher->device);

cleanup:
    ds_buffer_destroy(in);
    ds_buffer_destroy(out);
    return status;
}
