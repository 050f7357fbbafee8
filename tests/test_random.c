/* Philox and what is drawn with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

/* kat_vectors of Random123 (Salmon et al. 2011), philox4x32 with 10 rounds. */
static void philox_gives_the_known_answers(void **state) {
    static const struct {
        uint32_t counter[4], key[2], answer[4];
    } known[] = {
        {{0}, {0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint32_t got[4];
        const uint32_t *c = known[i].counter;
        uint64_t seed = (uint64_t)known[i].key[1] << 32 | known[i].key[0];
        ds_philox(got, seed, c[3], c[0], c[1], c[2]);
        assert_memory_equal(got, known[i].answer, sizeof got);
    }
}

enum { DRAWS = 200000 };

/* Moments of DRAWS numbers; a mean of n numbers of deviation s lies within 5 s / sqrt(n), but for
 * one seed of two million. */
static void uniform_numbers_are_uniform(void **state) {
    double sum = 0, squares = 0, least = 1, most = 0, neighbours = 0, before = 0.5;
    int bins[10] = {0};
    (void)state;
    for (uint32_t i = 0; i < DRAWS; i++) {
        double u = ds_random_uniform(42, DS_STREAM_INIT, 3, i);
        assert_true(u >= 0 && u < 1);
        sum += u - 0.5;
        squares += (u - 0.5) * (u - 0.5);
        neighbours += (u - 0.5) * (before - 0.5);
        least = u < least ? u : least;
        most = u > most ? u : most;
        before = u;
        bins[(int)(10 * u)]++;
    }
    assert_true(fabs(sum / DRAWS) < 5 * sqrt(1.0 / 12 / DRAWS));
    assert_true(fabs(squares / DRAWS - 1.0 / 12) < 5 * sqrt(1.0 / 180 / DRAWS));
    assert_true(fabs(neighbours / DRAWS) < 5 * (1.0 / 12) / sqrt(DRAWS));
    assert_true(least < 1e-3 && most > 1 - 1e-3);
    for (int i = 0; i < 10; i++)
        assert_true(abs(bins[i] - DRAWS / 10) < 5 * sqrt(0.09 * DRAWS));
}

static void normal_numbers_are_normal(void **state) {
    double power[5] = {0};
    int beyond = 0;
    (void)state;
    for (uint32_t i = 0; i < DRAWS; i++) {
        double x = ds_random_normal(42, DS_STREAM_INIT, 3, i), product = 1;
        assert_true(isfinite(x));
        for (int k = 1; k < 5; k++)
            power[k] += product *= x;
        beyond += fabs(x) > 1.959963984540054;
    }
    assert_true(fabs(power[1] / DRAWS) < 5 * sqrt(1.0 / DRAWS));
    assert_true(fabs(power[2] / DRAWS - 1) < 5 * sqrt(2.0 / DRAWS));
    assert_true(fabs(power[3] / DRAWS) < 5 * sqrt(15.0 / DRAWS));
    assert_true(fabs(power[4] / DRAWS - 3) < 5 * sqrt(96.0 / DRAWS));
    assert_true(fabs(beyond - 0.05 * DRAWS) < 5 * sqrt(0.05 * 0.95 * DRAWS));
}

/* What makes two numbers different: each part of their place, one at a time. */
static void numbers_depend_on_all_of_their_place(void **state) {
    double first = ds_random_uniform(1, DS_STREAM_INIT, 2, 3);
    (void)state;
    assert_true(first == ds_random_uniform(1, DS_STREAM_INIT, 2, 3));
    assert_true(first != ds_random_uniform(2, DS_STREAM_INIT, 2, 3));
    assert_true(first != ds_random_uniform(1 + ((uint64_t)1 << 32), DS_STREAM_INIT, 2, 3));
    assert_true(first != ds_random_uniform(1, DS_STREAM_SPLIT, 2, 3));
    assert_true(first != ds_random_uniform(1, DS_STREAM_INIT, 3, 3));
    assert_true(first != ds_random_uniform(1, DS_STREAM_INIT, 2, 4));
}

static void an_order_is_a_permutation(void **state) {
    static const int32_t counts[] = {1, 2, 3, 4, 5, 6, 64, 1000, 10007};
    static int32_t order[10007], again[10007];
    static char seen[10007];
    (void)state;
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        ds_random_order(order, counts[c], 9, DS_STREAM_SHUFFLE, 1);
        memset(seen, 0, sizeof seen);
        for (int32_t i = 0; i < counts[c]; i++) {
            assert_in_range(order[i], 0, counts[c] - 1);
            assert_false(seen[order[i]]++);
        }
        ds_random_order(again, counts[c], 9, DS_STREAM_SHUFFLE, 1);
        assert_memory_equal(order, again, (size_t)counts[c] * sizeof *order);
    }
    ds_random_order(again, 10007, 9, DS_STREAM_SHUFFLE, 2);
    assert_memory_not_equal(order, again, sizeof order);
    ds_random_order(NULL, 0, 9, DS_STREAM_SHUFFLE, 1);
}

/* Each of the 24 orders of four things comes equally often. */
static void orders_are_unbiased(void **state) {
    enum { ROUNDS = 48000 };
    int found[256] = {0}, kinds = 0;
    (void)state;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        int32_t order[4];
        ds_random_order(order, 4, 5, DS_STREAM_SHUFFLE, i);
        found[order[0] << 6 | order[1] << 4 | order[2] << 2 | order[3]]++;
    }
    for (int i = 0; i < 256; i++) {
        if (!found[i])
            continue;
        kinds++;
        assert_true(abs(found[i] - ROUNDS / 24) < 5 * sqrt(ROUNDS / 24.0));
    }
    assert_int_equal(kinds, 24);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_known_answers),
        cmocka_unit_test(uniform_numbers_are_uniform),
        cmocka_unit_test(normal_numbers_are_normal),
        cmocka_unit_test(numbers_depend_on_all_of_their_place),
        cmocka_unit_test(an_order_is_a_permutation),
        cmocka_unit_test(orders_are_unbiased),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
