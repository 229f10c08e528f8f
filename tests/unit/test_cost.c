// SPDX-License-Identifier: Apache-2.0
// costmodel: prices and area in the shipped technologies, against the figures they were built from.
// Run it from the source folder, or name that in MPSIM_SOURCE.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "costmodel/est.h"
#include "tests/unit/cost_fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct mp_prices must_price(struct mp_tech *t, const struct mp_arch *arch, unsigned a_bits, unsigned w_bits,
                                   struct mp_arena *a, struct mp_sources *s) {
    struct mp_prices p;
    struct mp_err err = {"untouched"};
    if (!mp_cost_prices(t, arch, a_bits, w_bits, a, &p, s, &err))
        fail_msg("%s", err.text);
    assert_string_equal(err.text, "untouched");
    return p;
}

static struct mp_area must_area(struct mp_tech *t, const struct mp_arch *arch, struct mp_arena *a) {
    struct mp_area area;
    struct mp_err err;
    if (!mp_cost_area(t, arch, a, &area, NULL, &err))
        fail_msg("%s", err.text);
    return area;
}

static void check_prices(struct mp_tech *t, const struct mp_arch *arch, struct mp_arena *a) {
    struct mp_sources s = {0};
    for (unsigned bits = 0; bits <= 8; bits++) {
        struct mp_prices p = must_price(t, arch, bits, bits, a, &s);
        for (int e = 0; e < MP_EVENTS; e++)
            assert_true(isfinite(p.pj[e]) && p.pj[e] >= 0);
        assert_true((p.pj[MP_EV_PE_ACTIVE] > 0) == (bits > 0));
        assert_true(p.pj[MP_EV_DRAM_READ] > 0 && p.pj[MP_EV_INPUT_READ] > 0 && p.pj[MP_EV_OUTPUT_WRITE] > 0);
        assert_true(p.pj[MP_EV_PE_IDLE] <= p.pj[MP_EV_PE_ACTIVE]);
    }
    for (size_t i = 0; i < s.count; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(s.lines[i], s.lines[k]);
    struct mp_area area = must_area(t, arch, a);
    near(area.total_mm2,
         area.array_mm2 + area.vector_mm2 + area.buffer_mm2[0] + area.buffer_mm2[1] + area.buffer_mm2[2], 1e-12);
    assert_true(area.array_mm2 > 0 && area.buffer_mm2[MP_INPUT] > 0);
}

static void test_shipped_files(void **state) {
    (void)state;
    for (size_t i = 0; i < SHIPPED; i++) {
        struct mp_arena a = {0};
        struct mp_tech *t = must_load(&a, shipped[i]);
        assert_string_equal(mp_tech_name(t), shipped[i]);
        size_t priced = 0;
        for (size_t k = 0; mp_pe_kinds[k]; k++) {
            struct mp_arch arch = make_arch(mp_pe_kinds[k]->name, 16);
            if (!t->logic.pe[k].present)
                continue;
            check_prices(t, &arch, &a);
            priced++;
        }
        assert_int_equal(priced, strcmp(shipped[i], "bitfusion45") == 0 ? 1 : 5);
        mp_arena_finish(&a);
    }
}

static void test_accumulator_bits(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_tech *t = must_load(&a, "cmos45_hp");
    struct mp_arch arch = make_arch("fixed", 1);
    const struct {
        unsigned bits;
        double pj;
    } want[] = {{8, 0.03 + 0.012}, {16, 0.05 + 0.024}, {32, 0.1 + 0.048}, {24, 0.075 + 0.036}, {64, 0.2 + 0.096}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        struct mp_sources s = {0};
        arch.array.accumulator.bits = want[i].bits;
        near(must_price(t, &arch, 8, 8, &a, &s).pj[MP_EV_ACC_UPDATE], want[i].pj, 1e-5);
        assert_int_equal(has_line(&s, "accumulator add: extrapolated: 64 bit lies outside the table 8..32 bit"),
                         want[i].bits == 64);
    }
    mp_arena_finish(&a);
}

static void test_scaled_file(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_arch arch = make_arch("serial_w", 16);
    struct mp_sources s = {0};
    struct mp_tech *base = must_load(&a, "cmos45_hp"), *t = must_load(&a, "cmos32_hp");
    struct mp_prices p45 = must_price(base, &arch, 8, 8, &a, NULL), p32 = must_price(t, &arch, 8, 8, &a, &s);
    double factor = 0.457137 / 0.69885;
    near(p32.pj[MP_EV_PE_ACTIVE], factor * p45.pj[MP_EV_PE_ACTIVE], 1e-5);
    near(p32.pj[MP_EV_PE_IDLE], factor * p45.pj[MP_EV_PE_IDLE], 1e-5);
    near(p32.pj[MP_EV_ACC_UPDATE], factor * p45.pj[MP_EV_ACC_UPDATE], 1e-5);
    near(p32.pj[MP_EV_VEC_SPECIAL], factor * p45.pj[MP_EV_VEC_SPECIAL], 1e-5);
    assert_true(p32.pj[MP_EV_DRAM_READ] == p45.pj[MP_EV_DRAM_READ]);
    near(must_area(t, &arch, &a).array_mm2, 0.46 * must_area(base, &arch, &a).array_mm2, 1e-12);
    near(p32.pj[MP_EV_NET_BIT], p45.pj[MP_EV_NET_BIT] * sqrt(0.46), 1e-12); // same voltage, shorter side
    assert_true(has_line(&s, "logic: energy scaled from 45 nm 0.9 V to 32 nm 0.9 V by 0.6541, Stillmaker and Baas "
                             "2017, hp fits"));
    mp_arena_finish(&a);
}

// Bit Fusion's published simulator, three rows of its results: bits, compute cycles, and its energy.
static const struct fusion_row {
    uint64_t cycles, stall, bits[8]; // read: input, weight, output, DRAM; written: the same
    double energy_nj;
} fusion_rows[] = {
    {70681, 14233, {231211008, 231211008, 12845056, 7148032, 627200, 98304, 12845056, 6422528}, 236959.464},
    {3746423,
     406823,
     {13493145600, 13493145600, 297369600, 570628224, 421660800, 282624, 297369600, 148684800},
     12745180.069},
    {1575596,
     1051308,
     {4294967296, 4294967296, 33554432, 285736960, 524288, 268435456, 33554432, 16777216},
     5019566.674},
};

static void test_bitfusion_rows(void **state) {
    (void)state;
    static const enum mp_event events[] = {MP_EV_INPUT_READ,   MP_EV_WEIGHT_READ, MP_EV_OUTPUT_READ,
                                           MP_EV_DRAM_READ,    MP_EV_INPUT_WRITE, MP_EV_WEIGHT_WRITE,
                                           MP_EV_OUTPUT_WRITE, MP_EV_DRAM_WRITE};
    struct mp_arena a = {0};
    struct mp_arch arch = make_arch("fused", 16);
    struct mp_tech *t = must_load(&a, "bitfusion45");
    arch.array.rows = 1;
    arch.array.cols = 32;
    struct mp_prices p = must_price(t, &arch, 2, 2, &a, NULL);
    for (size_t i = 0; i < sizeof fusion_rows / sizeof *fusion_rows; i++) {
        const struct fusion_row *r = &fusion_rows[i];
        struct mp_counts c = {.events = {[MP_EV_PE_ACTIVE] = (r->cycles - r->stall) * 32, [MP_EV_CYCLE] = r->cycles}};
        for (int k = 0; k < 8; k++)
            c.events[events[k]] =
                events[k] == MP_EV_DRAM_READ || events[k] == MP_EV_DRAM_WRITE ? r->bits[k] : r->bits[k] / 32;
        near(mp_counts_energy_pj(&c, &p, NULL) / 1000, r->energy_nj, 0.001);
    }
    near(must_area(t, &arch, &a).array_mm2, 0.888, 1e-3);
    mp_arena_finish(&a);
}

// What the 45 nm file says of PEs, against the figures it was built from.
static void test_pe_anchors(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_tech *t = must_load(&a, "cmos45_hp");
    struct mp_arch one = make_arch("serial_w", 1), many = make_arch("serial_w", 16);
    struct mp_prices p = must_price(t, &one, 8, 8, &a, NULL);
    near(p.pj[MP_EV_PE_ACTIVE] + p.pj[MP_EV_ACC_UPDATE], 0.377, 0.02); // gate level, scaled from 1.1 V
    double pj = must_price(t, &many, 8, 8, &a, NULL).pj[MP_EV_PE_ACTIVE];
    assert_true(pj > 0.6 && pj < 0.8);
    assert_true(must_price(t, &many, 2, 8, &a, NULL).pj[MP_EV_PE_ACTIVE] < pj);
    many.array.pe.serial_bits = 4;
    double four = must_price(t, &many, 8, 8, &a, NULL).pj[MP_EV_PE_ACTIVE];
    assert_true(four > pj && four < 4 * pj);
    double last = 0;
    static const char *const kinds[] = {"fixed", "subword", "fused"};
    for (int i = 0; i < 3; i++) {
        struct mp_arch arch = make_arch(kinds[i], 1);
        pj = must_price(t, &arch, 8, 8, &a, NULL).pj[MP_EV_PE_ACTIVE];
        assert_true(pj > last);
        last = pj;
    }
    near(last, 0.464, 1e-12);
    mp_arena_finish(&a);
}

static void test_leakage_of_a_cycle(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_tech *t = must_load(&a, "cmos45_hp");
    struct mp_arch arch = make_arch("fixed", 1);
    for (int i = 0; i < MP_BUFFERS; i++)
        arch.buffers[i] = (struct mp_buffer){4096, 128, 1, true};
    struct mp_area area = must_area(t, &arch, &a);
    double mw = 3 * (4.752 + 0.163246) + 34.2 * (area.array_mm2 + area.vector_mm2);
    near(must_price(t, &arch, 8, 8, &a, NULL).pj[MP_EV_CYCLE], mw * 1e-3 / 500e6 * 1e12, 1e-6); // W / Hz in pJ
    arch.clock_mhz = 250;
    near(must_price(t, &arch, 8, 8, &a, NULL).pj[MP_EV_CYCLE], mw * 4, 1e-6);
    mp_arena_finish(&a);
}

static void test_area_monotone(void **state) {
    (void)state;
    struct mp_arena a = {0};
    for (size_t i = 0; i < SHIPPED; i++) {
        struct mp_tech *t = must_load(&a, shipped[i]);
        struct mp_arch arch = make_arch("fused", 4);
        double base = must_area(t, &arch, &a).total_mm2;
        struct mp_arch more[4] = {arch, arch, arch, arch};
        more[0].array.rows++;
        more[1].array.cols++;
        more[2].array.pe.lanes++;
        more[3].vector_unit.lanes++;
        for (int k = 0; k < 4; k++)
            assert_true(must_area(t, &more[k], &a).total_mm2 >= base);
        for (int k = 0; k < 3; k++)
            assert_true(must_area(t, &more[k], &a).total_mm2 > base);
        double last = 0;
        for (uint64_t bytes = 1024; bytes <= (uint64_t)64 << 20; bytes += bytes / 4) {
            arch.buffers[MP_INPUT].size_bytes = bytes;
            double now = must_area(t, &arch, &a).buffer_mm2[MP_INPUT];
            assert_true(now > last);
            last = now;
        }
    }
    mp_arena_finish(&a);
}

// Accumulators: one a PE with os, one a column with ws and is; a shadow set adds registers.
static void test_accumulator_area(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_tech *t = must_load(&a, "cmos45_hp");
    struct mp_arch arch = make_arch("fixed", 1);
    double pes = 256 * 426.7e-6, adder = 137e-6, registers = 32 * 4.522e-6;
    near(must_area(t, &arch, &a).array_mm2, pes + 256 * (adder + registers), 1e-12);
    arch.array.accumulator.shadow = true;
    near(must_area(t, &arch, &a).array_mm2, pes + 256 * (adder + 2 * registers), 1e-12);
    arch.array.dataflow = MP_WS;
    near(must_area(t, &arch, &a).array_mm2, pes + 16 * (adder + 2 * registers), 1e-12);
    mp_arena_finish(&a);
}

static void refuse_price(struct mp_tech *t, const struct mp_arch *arch, const char *want) {
    struct mp_arena a = {0};
    struct mp_prices p;
    struct mp_area area;
    struct mp_err err = {""};
    assert_false(mp_cost_prices(t, arch, 8, 8, &a, &p, NULL, &err));
    assert_string_equal(err.text, want);
    err.text[0] = '\0';
    assert_false(mp_cost_area(t, arch, &a, &area, NULL, &err));
    assert_string_equal(err.text, want);
    mp_arena_finish(&a);
}

static void test_absent_prices(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_arch arch = make_arch("serial_w", 16);
    refuse_price(must_load(&a, "bitfusion45"), &arch,
                 "bitfusion45.json: /pe/serial_w: no price for this PE kind (arch \"x\" asks for it; priced here: "
                 "fused)");
    arch.buffers[MP_WEIGHT] = (struct mp_buffer){512, 64, 16, true};
    refuse_price(must_load(&a, "cmos45_hp"), &arch,
                 "cmos45_hp.json: /sram: no price for a bank of 32 B x 4 bit (arch \"x\": /buffers/weight; priced: "
                 "64 B..64 MB x 8..4096 bit)");
    arch.buffers[MP_WEIGHT] = (struct mp_buffer){512, 32, 1, true};
    struct mp_sources s = {0};
    must_price(must_load(&a, "cmos45_hp"), &arch, 8, 8, &a, &s);
    assert_true(has_line(&s, "sram: extrapolated: 512 B x 32 bit lies outside the table 1 KB..4 MB x 64..512 bit"));
    arch.buffers[MP_WEIGHT] = (struct mp_buffer){1536, 512, 1, true};
    must_price(must_load(&a, "cmos45_hp"), &arch, 8, 8, &a, &s);
    assert_true(has_line(&s, "sram: extrapolated: 1.5 KB x 512 bit lies beside a point missing in the table "
                             "1 KB..4 MB x 64..512 bit"));
    size_t count = s.count;
    must_price(must_load(&a, "cmos45_hp"), &arch, 4, 4, &a, &s);
    assert_int_equal(s.count, count); // the same lines again
    mp_arena_finish(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped_files), cmocka_unit_test(test_accumulator_bits),
        cmocka_unit_test(test_scaled_file),   cmocka_unit_test(test_bitfusion_rows),
        cmocka_unit_test(test_pe_anchors),    cmocka_unit_test(test_leakage_of_a_cycle),
        cmocka_unit_test(test_area_monotone), cmocka_unit_test(test_accumulator_area),
        cmocka_unit_test(test_absent_prices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
