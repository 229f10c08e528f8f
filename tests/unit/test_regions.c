// SPDX-License-Identifier: Apache-2.0
// Where the event engine's loads and drains lie: distinct tiles apart, the same tile at the same place.
#include "sim/engine/engine.h"
#include "sim/engine/regions.h"
#include "sim/engine/stage.h"
#include "tests/unit/random_task.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#define MOST 4000

struct place {
    enum mp_region region;
    uint64_t address, end; // bytes
    uint64_t tile[MP_DIMS];
};

struct log {
    struct place at[MOST];
    size_t count;
};

static bool is_of(enum mp_region *region, const char *what) {
    static const struct {
        const char *what;
        enum mp_region region;
    } names[] = {{"load input", MP_REGION_INPUT},       {"load weight", MP_REGION_WEIGHT},  {"drain output", MP_REGION_OUTPUT},
                 {"drain partial", MP_REGION_PARTIAL}, {"load partial", MP_REGION_PARTIAL}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].what, what) == 0)
            return *region = names[i].region, true;
    return false;
}

static void keep(void *user, const struct mp_trace_event *e) {
    struct log *log = user;
    struct place p = {.address = e->address, .end = e->address + mp_bursts(e->bits) * 64};
    if (!is_of(&p.region, e->what)) {
        assert_int_equal(e->address, 0);
        assert_false(e->write);
        return;
    }
    assert_int_equal(e->address % 64, 0);
    assert_int_equal(e->write, strncmp(e->what, "drain", 5) == 0);
    memcpy(p.tile, e->tile, sizeof p.tile);
    if (log->count < MOST)
        log->at[log->count++] = p;
}

static bool same_tile(const struct place *a, const struct place *b) {
    static const unsigned dims[MP_REGIONS] = {MP_INPUT_DIMS, MP_WEIGHT_DIMS, MP_OUTPUT_DIMS, MP_OUTPUT_DIMS};
    if (a->region != b->region)
        return false;
    for (int d = 0; d < MP_DIMS; d++)
        if ((dims[a->region] >> d & 1) && a->tile[d] != b->tile[d])
            return false;
    return true;
}

static void tiles_lie_apart(void **state) {
    static struct log log;
    (void)state;
    struct rng r = {.state = 11};
    size_t again = 0;
    for (int i = 0; i < 300; i++) {
        struct mp_task t;
        struct mp_mapping m;
        struct mp_counts c;
        struct mp_sink sink = {.event = keep, .user = &log};
        random_task(&r, 4, &t);
        random_mapping(&r, &t, &m);
        log.count = 0;
        mp_event(&t, &m, &sink, NULL, &c);
        for (size_t a = 0; a < log.count; a++)
            for (size_t b = a + 1; b < log.count; b++) {
                const struct place *x = &log.at[a], *y = &log.at[b];
                bool same = same_tile(x, y);
                again += same;
                if (same)
                    assert_int_equal(x->address, y->address);
                else
                    assert_true(x->end <= y->address || y->end <= x->address);
            }
    }
    assert_true(again > 1000);
}

// 3 tiles of 1 KiB of weights by 2 of 640 bytes of inputs; outputs of 6 x 64 bytes.
static void regions_by_hand(void **state) {
    (void)state;
    struct mp_task t = {.on_array = true, .size = {1, 1, 20, 1, 48, 64}, .a_load = 8, .w_stored = 8, .out_stored = 8,
                        .acc_bits = 32, .dram = {.ops = &mp_mem_ideal}};
    t.win[0] = (struct mp_window){.in = 20, .k = 1, .s = 1, .d = 1};
    t.win[1] = (struct mp_window){.in = 1, .k = 1, .s = 1, .d = 1};
    struct mp_mapping m = {.tile = {1, 1, 10, 1, 16, 64}};
    struct mp_regions g;
    mp_regions_init(&g, &t, &m);
    const uint64_t second[MP_DIMS] = {0, 0, 1, 0, 2, 0};
    assert_int_equal(mp_regions_address(&g, MP_REGION_INPUT, second), 640);
    assert_int_equal(mp_regions_address(&g, MP_REGION_WEIGHT, second), (128 + 36) * 1024 + 2 * 1024);
    assert_int_equal(mp_regions_address(&g, MP_REGION_OUTPUT, second), (256 + 72) * 1024 + 5 * 192);
    assert_int_equal(mp_regions_address(&g, MP_REGION_PARTIAL, second), (384 + 108) * 1024 + 5 * 640);
}

// By the default mapping of one channel.
static void regions_begin_in_other_banks(void **state) {
    (void)state;
    for (const struct mp_dram_preset *p = mp_dram_presets; p->name; p++) {
        struct mp_dram_map map;
        struct mp_err err;
        unsigned seen = 0;
        assert_true(mp_dram_map_make(&map, p, 1, p->mapping, &err));
        for (uint64_t k = 0; k < MP_REGIONS; k++) {
            const struct mp_dram_place at = mp_dram_map_place(&map, k * MP_REGION_STAGGER);
            seen |= 1u << (at.group * p->banks + at.bank);
        }
        unsigned banks = 0;
        for (; seen; seen &= seen - 1)
            banks++;
        assert_int_equal(banks, MP_REGIONS);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(tiles_lie_apart), cmocka_unit_test(regions_by_hand),
                                       cmocka_unit_test(regions_begin_in_other_banks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
