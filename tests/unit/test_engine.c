// SPDX-License-Identifier: Apache-2.0
// The two engines against each other on random layers (10,000, or as many as the argument says), and against small
// cases worked by hand.
#include "sim/engine/analytic.h"
#include "sim/engine/fold.h"
#include "sim/engine/stage.h"
#include "tests/unit/random_task.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same(const struct mp_counts *a, const struct mp_counts *b) {
    return memcmp(a, b, sizeof *a) == 0;
}

static void print_counts(const char *name, const struct mp_counts *c) {
    printf("%s: macs %" PRIu64, name, c->macs);
    for (int i = 0; i < MP_CAUSES; i++)
        printf(" %s %" PRIu64, mp_cause_names[i], c->cycles[i]);
    for (int i = 0; i < MP_EVENTS; i++)
        printf(" %s %" PRIu64, mp_event_names[i], c->events[i]);
    printf("\n");
}

static int cases = 10000;

static void analytic_equals_event(void **state) {
    (void)state;
    struct rng r = {.state = (uint64_t)cases};
    for (int i = 0; i < cases; i++) {
        struct mp_task t;
        struct mp_mapping m;
        struct mp_counts a, e;
        random_task(&r, i % 10 == 0 ? 20 : 7, &t);
        random_mapping(&r, &t, &m);
        mp_analytic(&t, &m, &a);
        mp_event(&t, &m, NULL, NULL, &e);
        if (!same(&a, &e)) {
            print_counts("analytic", &a), print_counts("event   ", &e);
            for (int d = 0; d < MP_DIMS; d++)
                printf("%s size %" PRIu64 " tile %" PRIu64 " order %s\n", mp_dim_names[d], t.size[d], m.tile[d],
                       mp_dim_names[m.order[d]]);
            fail_msg("case %d differs", i);
        }
    }
}

// Two tiles of two pixels on a 2x2 array of two lanes, worked by hand. A tile: 2 steps, then 1 + 3 + 1 of fill (fetch of
// the first step, the array's pipeline, drain); 64 bits of inputs and of weights, one burst each (8 cycles of bus); 4
// outputs, 4 + 2 cycles of requantisation, one burst.
static void small_layer(struct mp_task *t, struct mp_mapping *m) {
    *t = (struct mp_task){.on_array = true, .size = {1, 1, 4, 1, 2, 4}, .a_bits = 8, .w_bits = 8, .a_read = 8, .a_load = 8,
                          .w_stored = 8, .out_stored = 8, .acc_bits = 16, .rows = 2, .cols = 2, .lanes = 2, .step_cycles = 1,
                          .acc_shadow = true, .sequenced = true, .vector_lanes = 1, .work = {.passes = 1, .requant = 1},
                          .dram = {.ops = &mp_mem_fixed, .bits_per_cycle = 64, .latency_cycles = 10}};
    t->win[0] = (struct mp_window){.in = 4, .k = 1, .s = 1, .d = 1};
    t->win[1] = (struct mp_window){.in = 1, .k = 1, .s = 1, .d = 1};
    for (int b = 0; b < MP_BUFFERS; b++)
        t->port_bits[b] = t->word_bits[b] = 64, t->tile_bits[b] = 4096, t->double_buffered[b] = true;
    *m = (struct mp_mapping){.rows = MP_ROLE_PIXEL, .cols = MP_ROLE_OC, .lanes = MP_ROLE_IC, .tile = {1, 1, 2, 1, 2, 4},
                             .order = {MP_G, MP_OC, MP_B, MP_OH, MP_OW, MP_IC}};
}

static void expect_cycles(const struct mp_task *t, const struct mp_mapping *m, uint64_t compute, uint64_t fill,
                          uint64_t dram, uint64_t vector) {
    struct mp_counts c;
    mp_analytic(t, m, &c);
    assert_int_equal(c.cycles[MP_COMPUTE], compute);
    assert_int_equal(c.cycles[MP_FILL_DRAIN], fill);
    assert_int_equal(c.cycles[MP_STALL_DRAM], dram);
    assert_int_equal(c.cycles[MP_VECTOR], vector);
    assert_int_equal(mp_counts_cycles(&c), compute + fill + dram + vector);
}

static void pipeline_by_hand(void **state) {
    (void)state;
    struct mp_task t;
    struct mp_mapping m;
    small_layer(&t, &m);
    // load 10 + 16; then max(7, 10 + 8) three times: load of tile 1, drain of tile 0, drain of tile 1 alone.
    expect_cycles(&t, &m, 4, 10, 26 + 11 + 11 + 18, 0);
    t.double_buffered[MP_INPUT] = false; // 18 weights; 18 + 7; 18 + max(7, 18); 18
    expect_cycles(&t, &m, 4, 10, 18 + 18 + 18 + 11 + 18, 0);
    small_layer(&t, &m);
    t.dram.ops = &mp_mem_ideal; // a cycle to step; 7; max(7, 6) of requantisation; 6
    expect_cycles(&t, &m, 4, 1 + 10, 0, 6);
    t.acc_shadow = false; // each fold waits for its 64 bits over the 64-bit port: fill 1 + 3
    expect_cycles(&t, &m, 4, 1 + 2 + 8, 0, 6);
    t.sequenced = false; // 3; max(3, 4); 4
    expect_cycles(&t, &m, 4, 2, 0, 1 + 4);
    t.systolic = true, t.acc_shadow = true; // skew of 2 + 2 - 2 a fold hides the 2 shifts of the drain
    expect_cycles(&t, &m, 4, 4, 0, 0 + 4);
    struct mp_counts c;
    mp_analytic(&t, &m, &c);
    assert_int_equal(c.macs, 4 * 2 * 4);
    assert_int_equal(c.events[MP_EV_PE_ACTIVE], 2 * 2 * 4);
    assert_int_equal(c.events[MP_EV_DRAM_READ], 2 * 64 + 64);
    assert_int_equal(c.events[MP_EV_DRAM_WRITE], 8 * 8);
    assert_int_equal(c.events[MP_EV_VEC_REQUANT], 8);
    assert_int_equal(c.events[MP_EV_PE_IDLE], 4 * (4 + 4 + 4) - 16);
}

// A tile of 3 pixels x 2 outputs: a fold of 2 pixels, one of 1, of 2 steps each. Sums leave over 8 bits: 8 and 4 cycles.
static void fill_of(struct mp_task *t, uint64_t folds, uint64_t fill) {
    struct mp_tile_shape shape = {.pixels = 3, .oc = 2, .ic = 4};
    struct mp_counts closed = {0}, walked = {0};
    struct mp_spatial s;
    mp_spatial_init(&s, t, MP_ROLE_PIXEL, MP_ROLE_OC, MP_ROLE_IC);
    assert_int_equal(mp_tile_array(t, &s, &shape, &closed), fill);
    assert_int_equal(mp_tile_array_walk(t, &s, &shape, &walked), fill);
    assert_int_equal(mp_counts_cycles(&closed), folds);
    assert_true(same(&closed, &walked));
}

static void fill_by_hand(void **state) {
    (void)state;
    struct mp_task t;
    struct mp_mapping m;
    small_layer(&t, &m);
    t.port_bits[MP_OUTPUT] = 8;
    // Fetch 1, fold 2, drain 8 (over the second fold), drain 4, pipeline 3: 18. Between tiles taken to be alike the
    // folds alone take 2 + 8 + 2.
    fill_of(&t, 12, 1 + 3 + 2);
    t.acc_shadow = false; // fetch 1, fold 2, drain 8, fold 2, drain 4, pipeline 3
    fill_of(&t, 16, 1 + 3);
    t.step_cycles = 3; // folds of 6: fetching takes 1, less than a step
    fill_of(&t, 24, 1 + 3);
    t.acc_shadow = true; // all of the last drain is hidden by a fold like the first
    fill_of(&t, 6 + 8, 1 + 3 + 4);
    t.port_bits[MP_WEIGHT] = 16; // 32 bits: fetching takes 2
    fill_of(&t, 6 + 8, 2 + 3 + 4);
    t.port_bits[MP_WEIGHT] = 64, t.port_bits[MP_INPUT] = 7; // 5 cycles in the first fold (3 in the second): a step
    fill_of(&t, 10 + 8, 3 + 3 + 4);
    t.sequenced = false;
    fill_of(&t, 10 + 8, 0);
}

// Three groups in one tile: their folds one after another, one fill.
static void groups_share_a_fill(void **state) {
    (void)state;
    struct mp_task t;
    struct mp_mapping m;
    small_layer(&t, &m);
    t.port_bits[MP_OUTPUT] = 8, t.dram.ops = &mp_mem_ideal;
    t.size[MP_G] = m.tile[MP_G] = 3, t.size[MP_OH] = m.tile[MP_OH] = 3;
    // a cycle to step; 3 x 12 + 6; 18 outputs and 2
    expect_cycles(&t, &m, 3 * 4, 1 + 3 * 8 + 6, 0, 20);
}

// Lanes take whole elements, pass by pass.
static void vector_unit_by_hand(void **state) {
    (void)state;
    struct mp_task t;
    struct mp_mapping m;
    struct mp_tile k = {.size = {1, 1, 5, 1, 1, 1}, .last = true};
    small_layer(&t, &m);
    t.vector_lanes = 2, t.work.passes = 3;
    assert_int_equal(mp_tile_requant_cycles(&t, &k), 3 * 3 + 2);
    k.last = false;
    assert_int_equal(mp_tile_requant_cycles(&t, &k), 0);
    t.on_array = false;
    assert_int_equal(mp_tile_vector_cycles(&t, &k), 3 * 3 + 2);
    // 2 tiles of 4 elements, 6 cycles and 2 each; nothing to wait for at both ends but the sequencer
    t.dram.ops = &mp_mem_ideal;
    expect_cycles(&t, &m, 0, 1 + 1, 0, 8 + 8);
    t.sequenced = false;
    assert_int_equal(mp_tile_vector_cycles(&t, &k), 3 * 3);
    expect_cycles(&t, &m, 0, 0, 0, 6 + 6);
}

struct log {
    char rows[64];
    size_t count;
    uint64_t first_compute, end;
};

static void log_event(void *user, const struct mp_trace_event *e) {
    static const char *const names[] = {"load input", "load weight", "load partial", "compute", "drain partial",
                                        "drain output"};
    struct log *log = user;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(e->what, names[i]) == 0 && log->count < sizeof log->rows - 1)
            log->rows[log->count++] = "iwpcPO"[i];
    if (strchr(log->rows, 'c') == &log->rows[log->count - 1])
        log->first_compute = e->start;
    log->end = e->start + e->cycles;
}

// The reduction cut in two, outside the pixels: tile 2 adds to what tile 0 leaves in the stage before it computes.
static void drains_go_before_loads(void **state) {
    (void)state;
    struct mp_task t;
    struct mp_mapping m;
    struct mp_counts c;
    struct log log = {.count = 0};
    struct mp_sink sink = {.event = log_event, .user = &log};
    small_layer(&t, &m);
    m.tile[MP_IC] = 2;
    m.order[1] = MP_IC, m.order[5] = MP_OC;
    mp_event(&t, &m, &sink, NULL, &c);
    assert_string_equal(log.rows, "iw" "ic" "Piwpc" "Pipc" "Oc" "O");
    assert_int_equal(log.end, mp_counts_cycles(&c));
    log = (struct log){.count = 0};
    t.dram.ops = &mp_mem_ideal;
    mp_event(&t, &m, &sink, NULL, &c);
    assert_int_equal(log.first_compute, 1); // the first stage moves nothing that takes time
}

static void stage_by_hand(void **state) {
    (void)state;
    struct mp_task t = {.sequenced = true};
    struct mp_counts c = {0};
    struct mp_stage s = {.busy = 5, .dram = 9, .vector = 12};
    assert_int_equal(mp_stage_book(&t, &s, 1, &c), 12);
    assert_int_equal(c.cycles[MP_STALL_DRAM], 4);
    assert_int_equal(c.cycles[MP_VECTOR], 3);
    s = (struct mp_stage){.serial_dram = 3, .serial_vector = 5, .busy = 5, .dram = 2, .vector = 4};
    assert_int_equal(mp_stage_book(&t, &s, 10, &c), 10);
    assert_int_equal(c.cycles[MP_STALL_DRAM], 4 + 30);
    assert_int_equal(c.cycles[MP_VECTOR], 3 + 20);
    s = (struct mp_stage){.busy = 0};
    assert_int_equal(mp_stage_book(&t, &s, 10, &c), 1);
    assert_int_equal(c.cycles[MP_FILL_DRAIN], 10);
    t.sequenced = false;
    assert_int_equal(mp_stage_book(&t, &s, 10, &c), 0);
    assert_int_equal(c.cycles[MP_FILL_DRAIN], 10);
}

// One fold of one step: its port cycles beyond the step go to weight, then to what input adds, then to what output adds.
static void ties_by_hand(void **state) {
    (void)state;
    struct mp_task t;
    struct mp_mapping m;
    struct mp_spatial s;
    struct mp_counts c = {0};
    small_layer(&t, &m);
    struct mp_tile_shape shape = {.pixels = 2, .oc = 2, .ic = 2};
    mp_spatial_init(&s, &t, m.rows, m.cols, m.lanes);
    t.port_bits[MP_WEIGHT] = 11, t.port_bits[MP_INPUT] = 16; // 32 bits: 3 and 2 cycles
    mp_tile_array(&t, &s, &shape, &c);
    assert_int_equal(c.cycles[MP_COMPUTE], 1);
    assert_int_equal(c.cycles[MP_STALL_WEIGHT], 2);
    assert_int_equal(c.cycles[MP_STALL_INPUT], 0);
    c = (struct mp_counts){0};
    t.port_bits[MP_WEIGHT] = 16, t.port_bits[MP_INPUT] = 8; // 2 and 4 cycles
    mp_tile_array(&t, &s, &shape, &c);
    assert_int_equal(c.cycles[MP_STALL_WEIGHT], 1);
    assert_int_equal(c.cycles[MP_STALL_INPUT], 2);
    // ws: 2x2x2 weights stay (64 bits, 4 cycles of a 16-bit port, 2 of them behind the preload of 2 rows); the single
    // reduction fold of 4 operands; 2 positions, each 32 bits of input (4 cycles) and 32 bits of sums (1).
    c = (struct mp_counts){0};
    t.dataflow = MP_WS;
    shape.ic = 4;
    mp_spatial_init(&s, &t, MP_ROLE_IC, MP_ROLE_OC, MP_ROLE_IC);
    mp_tile_array(&t, &s, &shape, &c);
    assert_int_equal(c.cycles[MP_COMPUTE], 2);
    assert_int_equal(c.cycles[MP_FILL_DRAIN], 2);
    assert_int_equal(c.cycles[MP_STALL_WEIGHT], 2);
    assert_int_equal(c.cycles[MP_STALL_INPUT], 2 * 3);
    assert_int_equal(c.cycles[MP_STALL_OUTPUT], 0);
    t.port_bits[MP_INPUT] = 64, t.port_bits[MP_OUTPUT] = 16; // sums take 2 cycles, 4 when they are added to
    c = (struct mp_counts){0};
    shape.adds = true;
    mp_tile_array(&t, &s, &shape, &c);
    assert_int_equal(c.cycles[MP_STALL_OUTPUT], 2 * 3);
    assert_int_equal(c.events[MP_EV_OUTPUT_READ], 2);
}

// Input rows touched, against a count of the taps that fall inside.
static void windows_touch_what_their_taps_need(void **state) {
    (void)state;
    struct rng r = {.state = 2};
    for (int i = 0; i < 3000; i++) {
        struct mp_window w = {.k = rng_range(&r, 1, 5), .s = rng_range(&r, 1, 6), .d = rng_range(&r, 1, 3)};
        uint64_t reach = (w.k - 1) * w.d, first = rng_range(&r, 0, 5), count = rng_range(&r, 1, 5);
        bool touched[128] = {false};
        w.pad = rng_range(&r, 0, reach);
        w.in = rng_range(&r, 1, 40);
        for (uint64_t o = first; o < first + count; o++)
            for (uint64_t k = 0; k < w.k; k++) {
                int64_t at = (int64_t)(o * w.s + k * w.d) - (int64_t)w.pad;
                if (at >= 0 && at < (int64_t)w.in)
                    touched[at] = true;
            }
        uint64_t taps = 0, low = 128, high = 0;
        for (uint64_t x = 0; x < 128; x++)
            if (touched[x])
                taps++, low = x < low ? x : low, high = x;
        uint64_t extent = mp_window_extent(&w, first, count);
        if (w.s > reach)
            assert_int_equal(extent, taps);
        else if (taps) // overlapping windows fetch the span between the clipped ends
            assert_true(extent >= high - low + 1 && extent <= (count - 1) * w.s + reach + 1 && extent <= w.in);
    }
}

int main(int argc, char **argv) {
    if (argc > 1)
        cases = atoi(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(analytic_equals_event), cmocka_unit_test(pipeline_by_hand),
        cmocka_unit_test(fill_by_hand),          cmocka_unit_test(groups_share_a_fill),
        cmocka_unit_test(vector_unit_by_hand),   cmocka_unit_test(drains_go_before_loads),
        cmocka_unit_test(stage_by_hand),         cmocka_unit_test(ties_by_hand),
        cmocka_unit_test(windows_touch_what_their_taps_need),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
