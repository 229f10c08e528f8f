// SPDX-License-Identifier: Apache-2.0
// Laws that every entry of the tables of parts obeys, so that a new PE kind or DRAM kind is covered before its own test.
#include "costmodel/cost.h"
#include "tests/unit/random_task.h"
#include "tests/unit/spec_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

static void pe_kinds(void **state) {
    (void)state;
    for (size_t k = 0; mp_pe_kinds[k]; k++) {
        const struct mp_pe_ops *ops = mp_pe_kinds[k];
        assert_ptr_equal(mp_pe_find(ops->name), ops);
        assert_true(strlen(ops->help) > 10 && ops->fields && ops->step);
        struct mp_pe pe = {.ops = ops, .lanes = 4};
        mp_fields_default(ops->fields, &pe);
        pe.lanes = 4;
        for (unsigned a = 1; a <= 8; a++)
            for (unsigned w = 1; w <= 8; w++) {
                struct mp_pe_step s = ops->step(&pe, a, w), wider = ops->step(&pe, a, w < 8 ? w + 1 : w);
                assert_true(s.cycles >= 1 && s.cycles <= 64 && s.products >= 1 && s.products <= 16);
                // A wider weight never makes a product cheaper.
                assert_true(s.cycles * wider.products <= wider.cycles * s.products);
            }
    }
}

static void pe_kinds_are_priced_and_read(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_arch arch;
    struct mp_tech *tech;
    struct mp_err err;
    assert_ok(mp_arch_load(&arch, &a, "configs/arch/bitserial_4x4.json", &err), err);
    assert_ok(mp_tech_load(&tech, &a, "configs/tech", "cmos45_hp", &err), err);
    for (size_t k = 0; mp_pe_kinds[k]; k++) {
        struct mp_prices prices;
        struct mp_area area;
        struct mp_arch again;
        arch.array.pe = (struct mp_pe){.ops = mp_pe_kinds[k]};
        mp_fields_default(mp_pe_kinds[k]->fields, &arch.array.pe);
        arch.array.pe.lanes = 3;
        assert_ok(mp_cost_prices(tech, &arch, 4, 4, &a, &prices, NULL, &err), err);
        assert_ok(mp_cost_area(tech, &arch, &a, &area, NULL, &err), err);
        for (int e = 0; e < MP_EVENTS; e++)
            assert_true(prices.pj[e] > 0 || e >= MP_EV_DRAM_ACT); // of DRAM without rows: none
        assert_true(prices.pj[MP_EV_PE_ACTIVE] > prices.pj[MP_EV_PE_IDLE]);
        assert_ok(read_arch(&again, &a, echo_arch(&a, &arch), &err), err);
        assert_memory_equal(&again.array.pe, &arch.array.pe, sizeof again.array.pe);
    }
    mp_arena_finish(&a);
}

static void random_phase(struct rng *r, struct mp_phase *p, struct mp_transfer *t) {
    for (uint64_t i = rng_range(r, 0, MP_PHASE_REQUESTS); i > 0; i--) {
        mp_phase_add(p, (struct mp_request){.bursts = rng_range(r, 0, 12), .write = i & 1, .first = i > 2});
        if (p->count > 0)
            t[p->count - 1] = (struct mp_transfer){.bytes = p->request[p->count - 1].bursts * MP_BURST_BYTES};
    }
}

// The closed form equals the walk, is monotone, and is never below the floor.
static void dram_kinds(void **state) {
    (void)state;
    struct rng r = {.state = 9};
    for (size_t k = 0; mp_mem_kinds[k]; k++) {
        const struct mp_mem_ops *ops = mp_mem_kinds[k];
        assert_ptr_equal(mp_mem_find(ops->name), ops);
        if (ops->activates) // test_banked
            continue;
        for (int i = 0; i < 2000; i++) {
            struct mp_dram d = {.ops = ops, .bits_per_cycle = rng_range(&r, 1, 700), .latency_cycles = rng_range(&r, 0, 90)};
            struct mp_memory *m = ops->create(&d);
            uint64_t now = 0;
            for (int phase = 0; phase < 4; phase++) {
                struct mp_phase p = {.count = 0};
                struct mp_transfer t[MP_PHASE_REQUESTS];
                random_phase(&r, &p, t);
                uint64_t length = ops->phase(&d, &p, 0).cycles, bursts = mp_phase_bursts(&p);
                struct mp_mem_floor floor = ops->floor(&d);
                assert_int_equal(ops->run(&d, m, now, t, p.count), now + length);
                for (unsigned j = 0; j < p.count; j++)
                    assert_in_range(t[j].done, j ? t[j - 1].done : now, now + length);
                if (bursts)
                    assert_true((double)length >= floor.latency + (double)bursts * MP_BURST_BITS * floor.cycles_per_bit - 1e-6);
                if (p.count > 0)
                    p.request[0].bursts++;
                assert_true(ops->phase(&d, &p, 0).cycles >= length);
                now += length + rng_range(&r, 0, 3);
            }
            ops->destroy(m);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(pe_kinds), cmocka_unit_test(pe_kinds_are_priced_and_read),
                                       cmocka_unit_test(dram_kinds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
