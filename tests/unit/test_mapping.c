// SPDX-License-Identifier: Apache-2.0
// Which output channels each run of a mapping computes: slices and runs in any order.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/spec/mapping.h"
#include "tests/unit/graph_fixture.h"

#define MOST 40 // channels

struct layer {
    struct mp_slice slices[MOST];
    struct mp_run runs[MOST];
    struct mp_layer_bits bits;
    struct mp_layer_mapping map;
    uint64_t channels, order[MOST];
    unsigned width[MOST], at[MOST]; // of a channel its own, of a place in the order its run's
};

static void set(struct layer *l) {
    uint64_t c = 0, p = 0;
    l->bits.slices = l->slices;
    l->map.runs = l->runs;
    for (size_t i = 0; i < l->bits.slice_count; i++)
        for (uint64_t k = 0; k < l->slices[i].channels; k++)
            l->width[c++] = l->slices[i].w_bits;
    for (size_t i = 0; i < l->map.run_count; i++)
        for (uint64_t k = 0; k < l->runs[i].channels; k++)
            l->at[p++] = l->runs[i].w_bits;
    assert_int_equal(c, p);
    l->channels = c;
    mp_mapping_channels(&l->map, &l->bits, l->order);
}

static void check_order(struct layer *l, const uint64_t *want) {
    set(l);
    for (uint64_t i = 0; i < l->channels; i++)
        assert_int_equal(l->order[i], want[i]);
}

static void slices_in_any_order(void **state) {
    (void)state;
    struct layer wide_first = {.slices = {{2, 8}, {3, 2}, {1, 4}}, .bits = {.slice_count = 3},
                               .runs = {{.channels = 3, .w_bits = 2}, {.channels = 1, .w_bits = 4}, {.channels = 2, .w_bits = 8}},
                               .map = {.run_count = 3}};
    check_order(&wide_first, (const uint64_t[]){2, 3, 4, 5, 0, 1});
    struct layer apart = {.slices = {{1, 4}, {2, 8}, {1, 4}}, .bits = {.slice_count = 3},
                          .runs = {{.channels = 2, .w_bits = 4}, {.channels = 2, .w_bits = 8}}, .map = {.run_count = 2}};
    check_order(&apart, (const uint64_t[]){0, 3, 1, 2});
}

// Narrow channels that run with wide ones are the last of the narrow, in front of the wide.
static void promoted_remainders(void **state) {
    (void)state;
    struct layer l = {.slices = {{2, 8}, {5, 2}}, .bits = {.slice_count = 2},
                      .runs = {{.channels = 4, .w_bits = 2}, {.channels = 3, .w_bits = 8}}, .map = {.run_count = 2}};
    check_order(&l, (const uint64_t[]){2, 3, 4, 5, 6, 0, 1});
}

static void runs_in_any_order(void **state) {
    (void)state;
    struct layer l = {.slices = {{2, 2}, {2, 8}}, .bits = {.slice_count = 2},
                      .runs = {{.channels = 2, .w_bits = 8}, {.channels = 1, .w_bits = 2}, {.channels = 1, .w_bits = 2}},
                      .map = {.run_count = 3}};
    check_order(&l, (const uint64_t[]){2, 3, 0, 1});
}

// A product of two activations has no slices.
static void without_weights(void **state) {
    (void)state;
    struct mp_run run = {.channels = 3, .w_bits = 8};
    const struct mp_layer_mapping map = {.runs = &run, .run_count = 1};
    uint64_t order[3] = {9, 9, 9};
    mp_mapping_channels(&map, &(struct mp_layer_bits){0}, order);
    for (uint64_t i = 0; i < 3; i++)
        assert_int_equal(order[i], i);
}

// Runs of the slices' widths, some slices cut in two, some channels promoted to 8 bits; then shuffled.
static void random_layer_of(struct layer *l, uint64_t *seed) {
    uint64_t promoted = 0;
    *l = (struct layer){0};
    for (size_t n = 1 + random_below(seed, 6), i = 0; i < n; i++) {
        struct mp_slice s = {1 + random_below(seed, 6), 1 + (unsigned)random_below(seed, 8)};
        uint64_t up = s.channels > 1 ? random_below(seed, s.channels) : 0;
        l->slices[l->bits.slice_count++] = s;
        promoted += up;
        l->runs[l->map.run_count++] = (struct mp_run){.channels = s.channels - up, .w_bits = s.w_bits};
    }
    if (promoted > 0)
        l->runs[l->map.run_count++] = (struct mp_run){.channels = promoted, .w_bits = 8};
    for (size_t i = l->map.run_count; i > 1; i--) {
        size_t k = random_below(seed, i);
        struct mp_run r = l->runs[k];
        l->runs[k] = l->runs[i - 1];
        l->runs[i - 1] = r;
    }
}

static void every_channel_once_and_wide_enough(void **state) {
    (void)state;
    uint64_t seed = 3;
    for (int round = 0; round < 2000; round++) {
        struct layer l;
        unsigned seen[MOST] = {0};
        random_layer_of(&l, &seed);
        set(&l);
        for (uint64_t i = 0; i < l.channels; i++) {
            assert_true(l.order[i] < l.channels && seen[l.order[i]]++ == 0);
            assert_true(l.width[l.order[i]] <= l.at[i]);
            for (uint64_t k = 0; k < i; k++) // narrower runs have narrower channels, equal ones the layer's order
                assert_true(l.at[k] <= l.at[i] ? l.width[l.order[k]] <= l.width[l.order[i]]
                                               : l.width[l.order[k]] >= l.width[l.order[i]]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_in_any_order), cmocka_unit_test(promoted_remainders), cmocka_unit_test(runs_in_any_order),
        cmocka_unit_test(without_weights), cmocka_unit_test(every_channel_once_and_wide_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
