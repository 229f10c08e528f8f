// SPDX-License-Identifier: Apache-2.0
// Laws that hold whatever the figures: on random layers for engine and mapper, on shipped architectures for slices.
#include "sim/eval.h"
#include "sim/engine/engine.h"
#include "tests/unit/random_task.h"
#include "tests/unit/spec_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <inttypes.h>

static void whole(const struct mp_task *t, struct mp_mapping *m) {
    *m = (struct mp_mapping){.rows = MP_ROLE_PIXEL, .cols = MP_ROLE_OC, .lanes = MP_ROLE_IC};
    if (t->dataflow != MP_OS)
        m->rows = MP_ROLE_IC, m->cols = t->dataflow == MP_WS ? MP_ROLE_OC : MP_ROLE_PIXEL;
    for (unsigned d = 0; d < MP_DIMS; d++)
        m->tile[d] = t->size[d], m->order[d] = d;
}

static void wide_ports(struct mp_task *t) {
    for (int b = 0; b < MP_BUFFERS; b++)
        t->port_bits[b] = t->word_bits[b] = 1 << 24;
    t->dram = (struct mp_dram){.ops = &mp_mem_ideal};
}

static void more_lanes_are_never_slower(void **state) {
    (void)state;
    struct rng r = {.state = 3};
    for (int i = 0; i < 5000; i++) {
        struct mp_task t;
        struct mp_mapping m;
        struct mp_counts before = {0}, c;
        random_task(&r, 12, &t);
        t.on_array = true;
        wide_ports(&t);
        whole(&t, &m);
        for (t.lanes = 1; t.lanes <= 32; t.lanes++, before = c) {
            mp_analytic(&t, &m, &c);
            if (t.lanes > 1)
                assert_true(mp_counts_cycles(&c) <= mp_counts_cycles(&before));
        }
    }
}

static void fewer_bits_are_never_slower_on_serial_pes(void **state) {
    (void)state;
    struct rng r = {.state = 5};
    struct mp_pe_array array = {.row_roles = 1u << MP_ROLE_PIXEL | 1u << MP_ROLE_OC, .lane_roles = 1u << MP_ROLE_IC,
                             .col_roles = 1u << MP_ROLE_PIXEL | 1u << MP_ROLE_OC};
    struct mp_prices prices = {.pj = {[MP_EV_DRAM_READ] = 8, [MP_EV_DRAM_WRITE] = 8, [MP_EV_CYCLE] = 3}};
    for (int i = 0; i < 150; i++) {
        struct mp_task t;
        uint64_t before = UINT64_MAX;
        random_task(&r, 12, &t);
        t.on_array = true, t.dataflow = MP_OS, t.systolic = false, t.sequenced = true;
        for (unsigned bits = 8; bits >= 1; bits--) {
            struct mp_map_request q = {.task = &t, .array = &array, .prices = &prices};
            struct mp_mapping m;
            struct mp_counts c;
            struct mp_err err;
            t.w_bits = t.w_stored = bits, t.step_cycles = bits;
            assert_ok(mp_map(&q, &m, &c, NULL, &err), err);
            assert_true(mp_counts_cycles(&c) <= before);
            before = mp_counts_cycles(&c);
        }
    }
}

static void macs_are_conserved_and_parts_sum_up(void **state) {
    (void)state;
    struct rng r = {.state = 11};
    struct mp_prices prices;
    for (int i = 0; i < MP_EVENTS; i++)
        prices.pj[i] = (double)rng_range(&r, 0, 1000) / 7;
    for (int i = 0; i < 5000; i++) {
        struct mp_task t;
        struct mp_mapping m;
        struct mp_counts c;
        double by[MP_PARTS], sum = 0;
        random_task(&r, 9, &t);
        random_mapping(&r, &t, &m);
        mp_analytic(&t, &m, &c);
        uint64_t macs = t.on_array ? t.win[0].k * t.win[1].k : 0;
        for (int d = 0; d < MP_DIMS; d++)
            macs *= t.size[d];
        assert_int_equal(c.macs, macs);
        double energy = mp_counts_energy_pj(&c, &prices, by);
        for (int p = 0; p < MP_PARTS; p++) {
            assert_true(by[p] >= 0);
            sum += by[p];
        }
        assert_true(energy >= sum * (1 - 1e-12) && energy <= sum * (1 + 1e-12));
        if (t.on_array) // every product takes a lane of a PE: the array is never faster than its peak
            assert_true(c.events[MP_EV_PE_ACTIVE] * t.lanes >= macs * t.step_cycles);
    }
}

static uint64_t cycles_of(struct mp_arena *a, const char *path, const char *w_bits) {
    struct mp_arch arch;
    struct mp_workload w;
    struct mp_plan p;
    struct mp_tech *tech;
    struct mp_result out;
    struct mp_err err;
    struct mp_options o = {.objective = MP_LATENCY};
    assert_ok(mp_arch_load(&arch, a, path, &err), err);
    assert_ok(mp_tech_load(&tech, a, "configs/tech", arch.tech, &err), err);
    assert_ok(read_workload(&w, a, "{'name': 'w', 'inputs': [{'name': 'in', 'shape': [64, 14, 14]}], 'layers': [{'name': 'c', "
                            "'type': 'conv2d', 'inputs': ['in'], 'out_channels': 96, 'kernel': [3, 3], 'padding': [1, 1, 1, 1]}]}",
                            &err), err);
    char *plan = mp_arena_printf(a, "{'name': 'p', 'workload': 'w', 'layers': {'c': {'w_bits': %s, 'a_bits': 8}}}", w_bits);
    assert_ok(read_plan(&p, a, &w, plan, &err), err);
    assert_ok(mp_evaluate(&arch, &w, &p, tech, &o, a, &out, &err), err);
    return mp_counts_cycles(&out.totals.counts);
}

static void one_arch_slices(const char *path) {
    struct mp_arena a = {0};
    for (unsigned channels = 1; channels < 96; channels += 19) {
        uint64_t widest = cycles_of(&a, path, "8");
        for (unsigned bits = 1; bits < 8; bits++) {
            char *two = mp_arena_printf(&a, "[{'channels': %u, 'bits': %u}, {'channels': %u, 'bits': 8}]", channels, bits, 96 - channels);
            assert_true(cycles_of(&a, path, two) <= widest);
        }
        char *three = mp_arena_printf(&a, "[{'channels': 32, 'bits': 8}, {'channels': %u, 'bits': 2}, {'channels': %u, 'bits': 4}]",
                                      channels < 63 ? channels : 63, 64 - (channels < 63 ? channels : 63));
        assert_true(cycles_of(&a, path, three) <= widest);
    }
    mp_arena_finish(&a);
}

static void slices_cost_no_more_than_the_widest(void **state) {
    (void)state;
    each_config("arch", 8, one_arch_slices);
}

static void accumulator_bounds(void **state) {
    (void)state;
    // By hand: 255 * 127 * 9 = 291465 and -255 * 128 * 9 = -293760: 20 bits. Two signed 8-bit: 16384 needs 16 bits.
    assert_int_equal(mp_accumulator_bits(9, 8, false, 8, MP_TWOS), 20);
    assert_int_equal(mp_accumulator_bits(1, 8, true, 8, MP_TWOS), 16);
    assert_int_equal(mp_accumulator_bits(1, 1, false, 1, MP_TWOS), 1); // {0, 1} times {-1, 0}
    assert_int_equal(mp_accumulator_bits(1, 1, false, 1, MP_ODD), 2);  // {0, 1} times {-1, 1}
    for (unsigned a = 1; a <= 4; a++)
        for (unsigned w = 1; w <= 4; w++)
            for (int kind = 0; kind < 4; kind++) {
                bool is_signed = kind & 1;
                enum mp_encoding e = kind & 2 ? MP_ODD : MP_TWOS;
                int alo = is_signed ? -(1 << (a - 1)) : 0, ahi = is_signed ? (1 << (a - 1)) - 1 : (1 << a) - 1, low = 0, high = 0;
                for (int x = alo; x <= ahi; x++)
                    for (int q = -(1 << (w - 1)); q < 1 << (w - 1); q++) {
                        int v = x * (e == MP_ODD ? 2 * q + 1 : q) * 5;
                        low = v < low ? v : low, high = v > high ? v : high;
                    }
                unsigned bits = 1;
                while (high > (1 << (bits - 1)) - 1 || low < -(1 << (bits - 1)))
                    bits++;
                assert_int_equal(mp_accumulator_bits(5, a, is_signed, w, e), bits);
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_lanes_are_never_slower),
        cmocka_unit_test(fewer_bits_are_never_slower_on_serial_pes),
        cmocka_unit_test(macs_are_conserved_and_parts_sum_up),
        cmocka_unit_test(slices_cost_no_more_than_the_widest),
        cmocka_unit_test(accumulator_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
