// SPDX-License-Identifier: Apache-2.0
// An evaluator of many designs answers as mp_evaluate does, to the last bit, whatever it was asked before; its bounds are
// never above: on all shipped architectures and random variants of them.
#include "sim/eval_many.h"
#include "sim/import/import.h"
#include "tests/unit/random_task.h"
#include "tests/unit/spec_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ARCHS 16

struct bed {
    struct mp_arena a;
    struct mp_arch arch[ARCHS];
    struct mp_tech *tech[ARCHS];
    size_t count;
    struct mp_workload w;
    struct mp_plan p;
    struct mp_options o;
    struct mp_evaluator *e;
    double cycles, energy, worst; // bounds over true figures: summed; the least
    size_t designs, failed;
};

static struct bed bed;

static void load_arch(const char *path) {
    struct mp_err err;
    assert_true(bed.count < ARCHS);
    assert_ok(mp_arch_load(&bed.arch[bed.count], &bed.a, path, &err), err);
    assert_ok(mp_tech_load(&bed.tech[bed.count], &bed.a, "configs/tech", bed.arch[bed.count].tech, &err), err);
    bed.count++;
}

static int set_up(void **state) {
    (void)state;
    each_config("arch", 9, load_arch);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    mp_arena_finish(&bed.a);
    return 0;
}

static void open_network(const char *plan, enum mp_objective objective) {
    struct mp_err err;
    bed.o = (struct mp_options){.objective = objective};
    assert_ok(mp_plan_open(&bed.p, &bed.w, &bed.a, plan, &err), err);
    assert_ok((bed.e = mp_evaluator_create(&bed.w, &bed.p, &bed.o, NULL, &err)) != NULL, err);
    bed.cycles = bed.energy = 0, bed.worst = 1, bed.designs = bed.failed = 0;
}

static void close_network(const char *what) {
    print_message("# %s: %zu designs, %zu of them without a mapping; bounds %.3f of the cycles and %.3f of the energy, %.3f at "
                  "worst\n", what, bed.designs, bed.failed, bed.cycles / (double)(bed.designs - bed.failed),
                  bed.energy / (double)(bed.designs - bed.failed), bed.worst);
    mp_evaluator_destroy(bed.e);
}

static void check_bound(const struct mp_arch *arch, const struct mp_tech *tech, const struct mp_result *r) {
    struct mp_design_bound b;
    struct mp_err err;
    assert_ok(mp_evaluator_bound(bed.e, arch, tech, &b, &err), err);
    double cycles = (double)mp_counts_cycles(&r->totals.counts), energy = r->totals.energy_pj;
    if (b.cycles > cycles || b.energy_pj > energy)
        fail_msg("%s, %s: bound %.17g cycles, %.17g pJ; true %.17g, %.17g", arch->name, bed.w.name, b.cycles, b.energy_pj, cycles,
                 energy);
    assert_true(b.area_mm2 == r->area_mm2);
    bed.cycles += b.cycles / cycles, bed.energy += b.energy_pj / energy;
    bed.worst = b.cycles / cycles < bed.worst ? b.cycles / cycles : bed.worst;
    bed.worst = b.energy_pj / energy < bed.worst ? b.energy_pj / energy : bed.worst;
}

// The evaluator against mp_evaluate on one design, with the error when there is one.
static void check(const struct mp_arch *arch, const struct mp_tech *tech) {
    struct mp_arena a = {0};
    struct mp_result r;
    struct mp_figures totals;
    struct mp_err err, other;
    double area;
    bool ok = mp_evaluate(arch, &bed.w, &bed.p, tech, &bed.o, &a, &r, &err);
    assert_int_equal(mp_evaluator_totals(bed.e, arch, tech, &totals, &area, &other), ok);
    bed.designs++;
    if (ok) {
        assert_memory_equal(&totals, &r.totals, sizeof totals);
        assert_true(area == r.area_mm2);
        if (bed.o.engine == MP_ANALYTIC)
            check_bound(arch, tech, &r);
    } else {
        assert_string_equal(err.text, other.text);
        bed.failed++;
    }
    mp_arena_finish(&a);
}

static void shipped_architectures(void **state) {
    (void)state;
    static const char *const plans[] = {"configs/plans/resnet8_mixed.json", "configs/plans/ds_cnn_w4a4.json",
                                        "configs/plans/resnet20_w2a2.json", "configs/plans/lstm_ptb_w4a4.json"};
    for (size_t p = 0; p < sizeof plans / sizeof *plans; p++)
        for (int o = 0; o < MP_OBJECTIVES; o++) {
            open_network(plans[p], (enum mp_objective)o);
            for (size_t i = 0; i < bed.count; i++)
                for (int keep = 0; keep < 2; keep++) {
                    struct mp_arch arch = bed.arch[i];
                    arch.keep_on_chip = keep;
                    check(&arch, bed.tech[i]);
                }
            assert_int_equal(bed.failed, 0);
            close_network(plans[p]);
        }
}

// Its figures of a layer do not depend on the layers before, with banked DRAM neither.
static void event_engine(void **state) {
    (void)state;
    open_network("configs/plans/resnet20_w2a2.json", MP_LATENCY);
    mp_evaluator_destroy(bed.e);
    struct mp_err err;
    bed.o.engine = MP_EVENT;
    assert_ok((bed.e = mp_evaluator_create(&bed.w, &bed.p, &bed.o, NULL, &err)) != NULL, err);
    for (size_t i = 0; i < bed.count; i++)
        check(&bed.arch[i], bed.tech[i]);
    assert_int_equal(bed.failed, 0);
    mp_evaluator_destroy(bed.e);
}

// A design's accelerator is its own copy: what is known from before does not hang on where it lies.
static void designs_are_known_again(void **state) {
    (void)state;
    open_network("configs/plans/resnet8_w4a4.json", MP_LATENCY);
    for (size_t i = 0; i < bed.count; i++) {
        struct mp_evaluator_stats was = mp_evaluator_stats(bed.e), is;
        for (uint64_t k = 0; k < 4; k++) {
            struct mp_arch arch;
            struct mp_err err;
            char path[300];
            snprintf(path, sizeof path, "configs/arch/%s.json", bed.arch[i].name);
            assert_ok(mp_arch_load(&arch, &bed.a, path, &err), err); // all stay
            arch.clock_mhz = arch.dram.clock_mhz = arch.dram.model ? 500 : 400 + (double)k; // prices alone
            check(&arch, bed.tech[i]);
        }
        is = mp_evaluator_stats(bed.e);
        assert_true((is.known - was.known) * 10 > (is.mappings - was.mappings) * 4); // the third and the fourth time
    }
    close_network("designs anew");
}

static uint64_t pick(struct rng *r, uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
    const uint64_t of[] = {a, b, c, d};
    return of[rng_range(r, 0, 3)];
}

static void vary(struct rng *r, struct mp_arch *arch) {
    struct mp_err err;
    arch->array.rows = pick(r, 3, 8, 16, 32), arch->array.cols = pick(r, 4, 7, 16, 24);
    arch->array.pe.lanes = arch->array.pe.lanes > 1 ? pick(r, 4, 8, 16, 24) : 1;
    arch->array.accumulator.shadow = rng_range(r, 0, 1);
    for (int b = 0; b < MP_BUFFERS; b++)
        if (rng_range(r, 0, 1))
            arch->buffers[b].size_bytes = pick(r, 2048, 16384, 65536, 262144);
    arch->dram.bits_per_cycle = pick(r, 16, 64, 100, 512), arch->dram.latency_cycles = pick(r, 0, 20, 60, 100);
    arch->clock_mhz = (double)pick(r, 100, 400, 500, 1000);
    if (arch->dram.ops == &mp_mem_banked || rng_range(r, 0, 3) == 0) {
        random_banked(r, &bed.a, &arch->dram);
        arch->dram.clock_mhz = arch->clock_mhz;
        assert_ok(mp_mem_banked.resolve(&arch->dram, &bed.a, "test", &err), err);
    }
    arch->vector_unit.lanes = pick(r, 1, 8, 16, 64);
    arch->keep_on_chip = rng_range(r, 0, 3) == 0;
}

static void random_variants(void **state) {
    (void)state;
    struct rng r = {.state = 3};
    for (int o = 0; o < MP_OBJECTIVES; o++) {
        open_network(o == 1 ? "configs/plans/resnet8_w4a4.json" : "configs/plans/resnet8_mixed.json", (enum mp_objective)o);
        for (int k = 0; k < 40; k++) {
            size_t i = rng_range(&r, 0, bed.count - 1);
            struct mp_arch arch = bed.arch[i];
            vary(&r, &arch);
            check(&arch, bed.tech[i]);
            for (int again = 0; again < 2 && k % 4 == 0; again++)
                check(&arch, bed.tech[i]); // known from before, with latency from the third time on
        }
        struct mp_evaluator_stats s = mp_evaluator_stats(bed.e);
        assert_int_equal(s.designs, 60);
        assert_true(s.known > 0 && s.known < s.mappings / 2 && bed.failed < 25);
        close_network("random variants");
    }
}

static void options_are_checked_and_fall_back(void **state) {
    (void)state;
    struct mp_err err, other;
    struct mp_arena a = {0};
    struct mp_constraint_set set;
    struct mp_json *doc;
    static const char text[] = "{\"layers\": {\"*\": {\"order\": [\"oc\", \"pixel\", \"ic\"]}, \"no such\": {}}}";
    assert_ok(mp_json_parse(&doc, "c.json", text, sizeof text - 1, &err), err);
    struct mp_node root = mp_json_root(doc);
    assert_ok(mp_constraint_set_read(&set, &a, &root, &err), err);
    mp_json_destroy(doc);
    set.path = "c.json";
    assert_ok(mp_plan_open(&bed.p, &bed.w, &bed.a, "configs/plans/resnet8_w4a4.json", &err), err);
    struct mp_options o = {.objective = MP_LATENCY, .constraints = &set};
    assert_null(mp_evaluator_create(&bed.w, &bed.p, &o, NULL, &err));
    struct mp_result r;
    assert_false(mp_evaluate(&bed.arch[1], &bed.w, &bed.p, bed.tech[1], &o, &a, &r, &other));
    assert_string_equal(err.text, other.text);
    set.count = 1; // the order alone
    bed.o = o;
    assert_ok((bed.e = mp_evaluator_create(&bed.w, &bed.p, &o, NULL, &err)) != NULL, err);
    check(&bed.arch[1], bed.tech[1]);
    mp_evaluator_destroy(bed.e);
    bed.o = (struct mp_options){.objective = MP_LATENCY, .only_layer = bed.w.layers[2].name};
    assert_ok((bed.e = mp_evaluator_create(&bed.w, &bed.p, &bed.o, NULL, &err)) != NULL, err);
    struct mp_figures totals;
    double area;
    assert_ok(mp_evaluate(&bed.arch[1], &bed.w, &bed.p, bed.tech[1], &bed.o, &a, &r, &err), err);
    assert_ok(mp_evaluator_totals(bed.e, &bed.arch[1], bed.tech[1], &totals, &area, &err), err);
    assert_memory_equal(&totals, &r.totals, sizeof totals);
    mp_evaluator_destroy(bed.e);
    mp_evaluator_destroy(NULL);
    mp_arena_finish(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(shipped_architectures), cmocka_unit_test(random_variants),
                                       cmocka_unit_test(event_engine), cmocka_unit_test(designs_are_known_again),
                                       cmocka_unit_test(options_are_checked_and_fall_back)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
