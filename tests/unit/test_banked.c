// SPDX-License-Identifier: Apache-2.0
// Banked DRAM as the engines see it: two clocks, channels, refresh, the closed form beside the controller, its price.
#include "costmodel/price.h"
#include "sim/base/file.h"
#include "sim/engine/engine.h"
#include "tests/unit/random_task.h"
#include "tests/unit/spec_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#define FAR (UINT64_C(1) << 40)

static struct mp_dram make(struct mp_arena *a, const char *preset, uint64_t channels, bool refresh, double clock_mhz) {
    struct mp_dram d = {.ops = &mp_mem_banked, .channels = channels, .refresh = refresh, .clock_mhz = clock_mhz};
    struct mp_err err;
    d.preset = (unsigned)(mp_dram_preset_find(preset) - mp_dram_presets);
    assert_ok(d.ops->resolve(&d, a, "test", &err), err);
    return d;
}

// The end of `bursts` at `cycle`, of a memory that was idle before.
static uint64_t end_of(const struct mp_dram *d, uint64_t cycle, uint64_t bursts, bool write) {
    struct mp_memory *m = d->ops->create(d);
    struct mp_transfer t = {.bytes = bursts * MP_BURST_BYTES, .write = write};
    uint64_t end = d->ops->run(d, m, cycle, &t, 1);
    assert_int_equal(t.done, end);
    d->ops->destroy(m);
    return end;
}

// A read of closed banks takes 39 cycles of DDR4, 66 of LPDDR4, 31 of HBM2 (tests/reference/test_dram.c).
static void clocks_by_hand(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_dram same = make(&a, "hbm2_2000", 1, false, 1000), half = make(&a, "hbm2_2000", 1, false, 500);
    struct mp_dram third = make(&a, "hbm2_2000", 1, false, 3000), odd = make(&a, "ddr4_2400", 1, false, 500);
    struct mp_dram lpddr = make(&a, "lpddr4_3200", 1, false, 1000);
    assert_int_equal(end_of(&same, 0, 1, false), 31);
    assert_int_equal(end_of(&same, FAR + 7, 1, false), FAR + 7 + 31); // beyond a double's 2^53 parts of a cycle
    assert_int_equal(end_of(&half, 10, 1, false), 10 + 16);           // 15.5
    assert_int_equal(end_of(&third, 9, 1, false), 9 + 93);
    assert_int_equal(end_of(&third, 10, 1, false), 105);              // from DRAM cycle 4, 12 core cycles, on
    assert_int_equal(end_of(&odd, 0, 1, false), 17);                  // 39 x 0.83 ns = 32.37 ns = 16.2 cycles
    assert_int_equal(end_of(&odd, 1, 1, false), 18);                  // from DRAM cycle 3 on: 42 x 0.83 / 2 = 17.4
    assert_int_equal(end_of(&odd, 83, 1, false), 100);                // DRAM cycle 200 begins at core cycle 83
    assert_int_equal(end_of(&lpddr, 0, 1, false), 42);                // 66 x 0.625 = 41.25
    mp_arena_finish(&a);
}

// Phases follow each other without losing a cycle to rounding: a run never begins before the end of the one before.
static void phases_follow_each_other(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct rng r = {.state = 5};
    for (int i = 0; i < 200; i++) {
        double mhz = (double)rng_range(&r, 1, 4000000) / 1000;
        struct mp_dram d = make(&a, mp_dram_preset_names[i % MP_DRAM_PRESETS], 1u << i % 3, i & 1, mhz);
        struct mp_memory *m = d.ops->create(&d);
        struct mp_mem_floor floor = d.ops->floor(&d);
        uint64_t now = rng_range(&r, 0, 1000), opened = 0;
        for (int k = 0; k < 30; k++) {
            struct mp_transfer t[3];
            uint64_t bursts = 0, last = now;
            for (int j = 0; j < 3; j++) {
                t[j] = (struct mp_transfer){.address = rng_range(&r, 0, 1 << 20) * 64, .bytes = rng_range(&r, 1, 40) * 64,
                                            .write = j == 0};
                bursts += t[j].bytes / 64;
            }
            uint64_t end = d.ops->run(&d, m, now, t, 3);
            for (int j = 0; j < 3; j++)
                last = t[j].done > last ? t[j].done : last;
            assert_int_equal(last, end);
            assert_true((double)(end - now) >= floor.latency + (double)bursts * MP_BURST_BITS * floor.cycles_per_bit - 1e-6);
            assert_true(d.ops->activates(m) > opened || k > 0);
            opened = d.ops->activates(m);
            now = end + (k % 4 ? 0 : rng_range(&r, 0, 5000));
        }
        assert_int_equal(d.ops->run(&d, m, now, NULL, 0), now);
        d.ops->destroy(m);
    }
    mp_arena_finish(&a);
}

static void assert_near(double x, double y, double part) {
    if (fabs(x - y) > part * y)
        fail_msg("%g is not %g", x, y);
}

static void channels_share_the_bursts(void **state) {
    (void)state;
    struct mp_arena a = {0};
    for (size_t p = 0; p < MP_DRAM_PRESETS; p++) {
        const char *name = mp_dram_preset_names[p];
        struct mp_dram one = make(&a, name, 1, false, 1000);
        double alone = (double)end_of(&one, 0, 8192, false);
        for (uint64_t channels = 2; channels <= 8; channels *= 2) {
            struct mp_dram many = make(&a, name, channels, false, 1000);
            assert_near((double)end_of(&many, 0, 8192, false), alone / (double)channels, 0.1);
        }
    }
    mp_arena_finish(&a);
}

static void refresh_takes_its_share(void **state) {
    (void)state;
    struct mp_arena a = {0};
    for (size_t p = 0; p < MP_DRAM_PRESETS; p++) {
        const struct mp_dram_timing *t = &mp_dram_presets[p].timing;
        struct mp_dram on = make(&a, mp_dram_preset_names[p], 1, true, 1000), off = on;
        off.refresh = false;
        double more = (double)end_of(&on, 0, 1 << 17, false) / (double)end_of(&off, 0, 1 << 17, false);
        double shut = 2 * (double)(t->rp + t->rcd_rd + t->cl); // at most: rows are closed and opened again, one by one
        assert_true(more > (double)t->refi / (double)(t->refi - t->rfc));
        assert_true(more < (double)t->refi / ((double)(t->refi - t->rfc) - shut));
    }
    mp_arena_finish(&a);
}

static uint64_t closed_form(const struct mp_dram *d, const struct mp_phase *p, uint64_t busy) {
    struct mp_phase_cost c = d->ops->phase(d, p, busy);
    uint64_t cycles = c.cycles > busy ? c.cycles : busy;
    return cycles + d->ops->refresh(d, cycles, c.refresh);
}

// Long streams, which leave little to chance.
static void closed_form_of_long_streams(void **state) {
    (void)state;
    struct mp_arena a = {0};
    for (size_t p = 0; p < MP_DRAM_PRESETS; p++)
        for (int k = 0; k < 8; k++) {
            struct mp_dram d = make(&a, mp_dram_preset_names[p], 1u << (k >> 1 & 1), k >> 2, 700);
            struct mp_phase x = {.request = {{.bursts = 20000, .write = k & 1}}, .count = 1};
            assert_near((double)closed_form(&d, &x, 0), (double)end_of(&d, 0, 20000, k & 1), 0.025);
        }
    mp_arena_finish(&a);
}

// By a mapping that opens a row for each access a stream of some bursts is longer than the distance of two refreshes.
static void closed_form_of_slow_streams(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_err err;
    for (unsigned p = 0; p < MP_DRAM_PRESETS; p++) {
        struct mp_dram d = {.ops = &mp_mem_banked, .preset = p, .channels = 1, .refresh = true, .clock_mhz = 700,
                            .mapping = "cobabgrachro"};
        struct mp_phase x = {.request = {{.bursts = 20000}}, .count = 1};
        assert_ok(d.ops->resolve(&d, &a, "test", &err), err);
        assert_near((double)closed_form(&d, &x, 0), (double)end_of(&d, 0, 20000, false), 0.025);
    }
    mp_arena_finish(&a);
}

// No shorter than the floor, longer with more bursts, the same whatever is beside it but for refresh.
static void closed_form_keeps_its_bounds(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct rng r = {.state = 8};
    for (int i = 0; i < 400; i++) {
        double mhz = (double)rng_range(&r, 20, 3000);
        struct mp_dram d = make(&a, mp_dram_preset_names[i % MP_DRAM_PRESETS], 1u << i % 5, i & 8, mhz);
        struct mp_mem_floor floor = d.ops->floor(&d);
        for (int k = 0; k < 20; k++) {
            struct mp_phase x = {.count = 0};
            for (uint64_t n = rng_range(&r, 1, 4); n > 0; n--)
                mp_phase_add(&x, (struct mp_request){.bursts = rng_range(&r, 1, 1u << rng_range(&r, 0, 10)),
                                                     .write = rng_range(&r, 0, 1), .first = rng_range(&r, 0, 1),
                                                     .region = rng_range(&r, 0, 4096)});
            struct mp_phase_cost c = d.ops->phase(&d, &x, 0), beside = d.ops->phase(&d, &x, 100000000);
            double bits = (double)mp_phase_bursts(&x) * MP_BURST_BITS;
            assert_true((double)c.cycles >= floor.latency + bits * floor.cycles_per_bit - 1e-6);
            assert_true(c.refresh == 0 || d.refresh);
            assert_int_equal(beside.refresh, 0); // there is room for any number of them
            x.request[0].bursts *= 2;
            assert_true(d.ops->phase(&d, &x, 0).cycles >= c.cycles);
        }
        struct mp_phase none = {.count = 0};
        struct mp_phase_cost c = d.ops->phase(&d, &none, 10);
        assert_true(c.cycles == 0 && c.refresh == 0 && c.activates == 0);
    }
    mp_arena_finish(&a);
}

// A run that ends before the first refresh has none; a long one has its share.
static void short_runs_have_whole_refreshes(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_dram d = make(&a, "hbm2_2000", 1, true, 1000); // every 3900 cycles, the first at 1950
    assert_int_equal(d.ops->refresh(&d, 0, 0), 0);
    assert_int_equal(d.ops->refresh(&d, 1800, 100 * MP_MEAN_UNIT), 0);
    assert_int_equal(d.ops->refresh(&d, 3800, 100 * MP_MEAN_UNIT), 100);
    assert_int_equal(d.ops->refresh(&d, 39000000, 1000 * MP_MEAN_UNIT), 1000);
    mp_arena_finish(&a);
}

// Of DRAM that has no channels there is no standby.
static void flat_kinds_have_no_standby(void **state) {
    (void)state;
    struct rng r = {.state = 4};
    for (int i = 0; i < 50; i++) {
        struct mp_task t;
        struct mp_mapping m;
        struct mp_counts x;
        random_task(&r, 6, &t);
        random_mapping(&r, &t, &m);
        mp_analytic(&t, &m, &x);
        assert_int_equal(x.events[MP_EV_DRAM_STANDBY], 0);
    }
}

// Row activations are an event with a price, and standby by channel and cycle; what else the engines count is the same in both.
static void events_are_counted(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct rng r = {.state = 3};
    for (int i = 0; i < 200; i++) {
        struct mp_task t;
        struct mp_mapping m;
        struct mp_counts x, y;
        random_task(&r, 6, &t);
        random_mapping(&r, &t, &m);
        t.dram = make(&a, mp_dram_preset_names[i % MP_DRAM_PRESETS], 1u << i % 5, i & 1, 500);
        mp_analytic(&t, &m, &x);
        mp_event(&t, &m, NULL, NULL, &y);
        bool moves = y.events[MP_EV_DRAM_READ] + y.events[MP_EV_DRAM_WRITE] > 0;
        assert_true((y.events[MP_EV_DRAM_ACT] > 0) == moves);
        assert_int_equal(x.macs, y.macs);
        assert_int_equal(x.cycles[MP_COMPUTE], y.cycles[MP_COMPUTE]);
        for (int e = 0; e < MP_EVENTS; e++)
            if (e != MP_EV_DRAM_ACT && e != MP_EV_DRAM_STANDBY && e != MP_EV_CYCLE && e != MP_EV_PE_IDLE)
                assert_int_equal(x.events[e], y.events[e]);
        assert_int_equal(x.events[MP_EV_DRAM_STANDBY], t.dram.channels * mp_counts_cycles(&x));
        assert_int_equal(y.events[MP_EV_DRAM_STANDBY], t.dram.channels * mp_counts_cycles(&y));
    }
    mp_arena_finish(&a);
}

// What a channel takes beside its commands, in a cycle of the core: nothing where the part's source is silent, and said so.
static void check_standby(struct mp_tech *tech, struct mp_arch *arch, const struct mp_dram_preset *part, struct mp_arena *a) {
    double refresh_mw = part->energy.refresh_pj / ((double)part->timing.refi * part->tck_ns);
    for (int refresh = 0; refresh < 2; refresh++)
        for (double mhz = 250; mhz <= 1000; mhz *= 2) {
            struct mp_sources s = {.count = 0};
            struct mp_prices p;
            struct mp_err err;
            size_t silent = 0;
            arch->dram = make(a, part->name, 4, refresh, mhz), arch->clock_mhz = mhz;
            assert_ok(mp_cost_prices(tech, arch, 8, 8, a, &p, &s, &err), err);
            assert_near(p.pj[MP_EV_DRAM_STANDBY], (part->energy.active_mw + refresh * refresh_mw) * 1000 / mhz, 1e-3);
            for (size_t i = 0; i < s.count; i++)
                silent += strstr(s.lines[i], "no price, counted as 0") != NULL;
            assert_int_equal(silent, part->energy.active_mw == 0);
        }
}

// A part with rows as the price of DRAM without: what is left out is said.
static void check_bits_alone(struct mp_tech *tech, const struct mp_arch *arch, struct mp_arena *a) {
    const size_t picked = tech->dram.picked;
    for (size_t i = 0; i < tech->dram.count; i++) {
        struct mp_sources s = {.count = 0};
        struct mp_prices p;
        struct mp_err err;
        size_t told = 0;
        tech->dram.picked = i;
        assert_ok(mp_cost_prices(tech, arch, 8, 8, a, &p, &s, &err), err);
        assert_true(p.pj[MP_EV_DRAM_ACT] == 0 && p.pj[MP_EV_DRAM_STANDBY] == 0);
        for (size_t k = 0; k < s.count; k++)
            told += strstr(s.lines[k], "its bits alone") != NULL;
        assert_int_equal(told, tech->dram.all[i].activate_pj >= 0);
    }
    tech->dram.picked = picked;
}

// Prices of the parts are those of their commands, in all shipped technologies.
static void one_tech(const char *path) {
    struct mp_arena a = {0};
    struct mp_arch arch;
    struct mp_tech *tech;
    struct mp_prices p;
    struct mp_err err;
    assert_ok(mp_tech_load_file(&tech, &a, path, &err), err);
    assert_ok(mp_arch_load(&arch, &a, "configs/arch/bitfusion.json", &err), err);
    assert_ok(mp_cost_prices(tech, &arch, 8, 8, &a, &p, NULL, &err), err);
    assert_true(p.pj[MP_EV_DRAM_ACT] == 0 && p.pj[MP_EV_DRAM_STANDBY] == 0);
    check_bits_alone(tech, &arch, &a);
    for (size_t k = 0; k < MP_DRAM_PRESETS; k++) {
        const struct mp_dram_preset *part = &mp_dram_presets[k];
        arch.dram = make(&a, part->name, 1, true, 500);
        assert_ok(mp_cost_prices(tech, &arch, 8, 8, &a, &p, NULL, &err), err);
        assert_near(p.pj[MP_EV_DRAM_READ] * 8 * part->access_bytes, part->energy.read_pj, 1e-3);
        assert_near(p.pj[MP_EV_DRAM_WRITE] * 8 * part->access_bytes, part->energy.write_pj, 1e-3);
        assert_near(p.pj[MP_EV_DRAM_ACT], part->energy.activate_pj, 1e-3);
        check_standby(tech, &arch, part, &a);
    }
    mp_arena_finish(&a);
}

static void parts_are_priced(void **state) {
    (void)state;
    each_config("tech", 7, one_tech);
}

// A technology that lacks the part, or the price of its rows.
static void no_price(void **state) {
    (void)state;
    static const struct {
        const char *from, *to, *want;
    } cases[] = {
        {"\"ddr4_2400\":", "\"ddr4_2133\":",
         "t.json: /dram/kinds/ddr4_2400: no price for this DRAM (arch \"bitfusion\" asks for it: /dram; priced here: "
         "ddr4_2133, lpddr4_3200, hbm2_2000, hbm2_pc)"},
        {"\"activate_pj\": 3450, \"standby_mw\": 412.8, \"refresh_mw\": 89.18, ", "",
         "t.json: /dram/kinds/ddr4_2400/activate_pj: no price for row activations (arch \"bitfusion\" asks for it: /dram; "
         "priced here: lpddr4_3200, hbm2_2000, hbm2_pc)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mp_arena a = {0};
        struct mp_arch arch;
        struct mp_tech *tech;
        struct mp_prices p;
        struct mp_err err;
        size_t len;
        char *text;
        assert_ok(mp_file_read(&a, "configs/tech/bitfusion45.json", &text, &len, &err), err);
        const char *at = strstr(text, cases[i].from);
        assert_non_null(at);
        const char *changed = mp_arena_printf(&a, "%.*s%s%s", (int)(at - text), text, cases[i].to, at + strlen(cases[i].from));
        assert_ok(mp_tech_parse(&tech, &a, "t.json", changed, strlen(changed), &err), err);
        assert_ok(mp_arch_load(&arch, &a, "configs/arch/bitfusion.json", &err), err);
        arch.dram = make(&a, "ddr4_2400", 1, true, 500);
        assert_fails(mp_cost_prices(tech, &arch, 8, 8, &a, &p, NULL, &err), err, cases[i].want);
        mp_arena_finish(&a);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_by_hand),
        cmocka_unit_test(phases_follow_each_other),
        cmocka_unit_test(channels_share_the_bursts),
        cmocka_unit_test(refresh_takes_its_share),
        cmocka_unit_test(closed_form_of_long_streams),
        cmocka_unit_test(closed_form_of_slow_streams),
        cmocka_unit_test(closed_form_keeps_its_bounds),
        cmocka_unit_test(short_runs_have_whole_refreshes),
        cmocka_unit_test(flat_kinds_have_no_standby),
        cmocka_unit_test(events_are_counted),
        cmocka_unit_test(parts_are_priced),
        cmocka_unit_test(no_price),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
