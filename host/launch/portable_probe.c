/* Portable math would give other bits in silence on a device that fuses a * b + c, flushes
 * denormals, divides carelessly, sums in an order of its own or, other than those of rounds.c, ends
 * loops early: it is asked once, by a kernel of the first program in portable math; the options
 * of arithmetic are the same for all. */
#include <math.h>
#include <string.h>

#include "launch/launch.h"
#include "launch/network.h"

/* As kernels/portable.cl computes them: one of the first, a few of the others. */
typedef enum { FUSED, PRODUCT, SUM, QUOTIENT, ROOT } operation;

static const char *const fault[] = {"it makes one operation of a * b + c", "it flushes denormals",
                                    "it flushes denormals", "it does not round division correctly",
                                    "it does not round square roots correctly"};

/* The smallest denormal. */
#define LEAST 0x1p-149f

static const struct {
    operation of;
    float x, y;
} probe[] = {
    {FUSED, 0x1.001p0f, -0x1.002p0f},
    {PRODUCT, 0x1p-100f, 0x1.8p-40f},
    {PRODUCT, 0x1.8p-140f, 0x1p100f},
    {SUM, 0x1.8p-140f, 0x1p-148f},
    {QUOTIENT, 0x1.1p-140f, 0x1.8p-100f},
    {QUOTIENT, 0x1.fffffep-1f, 0x1.fffffcp-1f},
    {QUOTIENT, 0x1.234568p-70f, 0x1.fedcbap70f},
    /* Half way between two denormals, the even one below and above, and beside. */
    {QUOTIENT, LEAST, 2},
    {QUOTIENT, 3 * LEAST, 2},
    {QUOTIENT, 5 * LEAST, 2},
    {QUOTIENT, 3 * LEAST, 4},
    {QUOTIENT, LEAST, 3},
    {QUOTIENT, LEAST, 0x1p100f},
    /* The largest denormals, the smallest number that is none, the largest, and beyond. */
    {QUOTIENT, 0x1.8p-100f, 0x1.4p26f},
    {QUOTIENT, 0x1.fffffep-101f, 0x1p26f},
    {QUOTIENT, 0x1p-126f, 3},
    {QUOTIENT, 3, 0x1p-126f},
    {QUOTIENT, 0x1.8p127f, 0x1.4p0f},
    {QUOTIENT, 0x1.8p127f, 0.5f},
    {QUOTIENT, 0x1.8p127f, -LEAST},
    {QUOTIENT, -7, 1},
    {QUOTIENT, -7, -0x1.8p0f},
    {QUOTIENT, -0.0f, 7},
    {QUOTIENT, 0, INFINITY},
    {QUOTIENT, 7, -0.0f},
    {QUOTIENT, 7, -INFINITY},
    {QUOTIENT, INFINITY, 0},
    {QUOTIENT, -INFINITY, 7},
    {QUOTIENT, 0, 0},
    {QUOTIENT, INFINITY, INFINITY},
    {QUOTIENT, NAN, 7},
    {QUOTIENT, 7, NAN},
    {ROOT, 0x1.fffffep-1f, 0},
    {ROOT, 0x1.8p-140f, 0},
    {ROOT, LEAST, 0},
    {ROOT, 0x1p-126f, 0},
    {ROOT, 0x1.fffffep127f, 0},
    {ROOT, 2, 0},
    {ROOT, 3, 0},
    {ROOT, 49, 0},
    {ROOT, 0, 0},
    {ROOT, -0.0f, 0},
    {ROOT, INFINITY, 0},
    {ROOT, -INFINITY, 0},
    {ROOT, -LEAST, 0},
    {ROOT, NAN, 0},
};

enum { PROBES = sizeof probe / sizeof *probe, TERMS = 100, VALUES = 2 * PROBES + TERMS };
enum { ROUNDS = 100000 };

static int first_root(void) {
    int i = 0;
    while (probe[i].of != ROOT)
        i++;
    return i;
}

static float by_integers(int i) {
    return probe[i].of == ROOT ? sqrtf(probe[i].x) : probe[i].x / probe[i].y;
}

static float expected(int i) {
    float x = probe[i].x, y = probe[i].y;
    volatile float product = x * x; /* rounded, whatever the host's compiler does */
    switch (probe[i].of) {
    case FUSED:
        return product + y;
    case PRODUCT:
        return x * y;
    case SUM:
        return x + y;
    default:
        return by_integers(i);
    }
}

static bool are_same(float a, float b) {
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
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

static ds_status compare_one(const char *name, float got, float wanted, const char *words) {
    if (are_same(got, wanted))
        return DS_OK;
    return ds_fail(DS_DEVICE_FAILED, "choose another device, or math: native",
                   "device \"%s\" has no portable math: %s (%a instead of %a)", name, words,
                   (double)got, (double)wanted);
}

static ds_status compare(const ds_launcher *launcher, const float *got, const float *term,
                         uint64_t rounds) {
    const char *name = ds_device_about(launcher->device)->name;
    for (int i = 0; i < PROBES; i++) {
        DS_CHECK(compare_one(name, got[i], expected(i), fault[probe[i].of]));
        DS_CHECK(compare_one(name, got[PROBES + 2 + i], by_integers(i),
                             "by integers it does not come to the right quotient or root"));
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
    float values[VALUES], got[2 * PROBES + 2];
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
    ds_launch_uint(&launch, (uint64_t)first_root());
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
