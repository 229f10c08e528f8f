// SPDX-License-Identifier: Apache-2.0
// Every shipped network on every shipped architecture: both engines agree to the last count, MACs are the network's,
// totals are the sums over layers. With an argument: all plans of each network.
#include "sim/eval.h"
#include "sim/import/import.h"
#include "tests/unit/spec_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <inttypes.h>
#include <string.h>

static void check_totals(const struct mp_result *r) {
    struct mp_counts sum = {0};
    double energy = 0;
    for (size_t l = 0; l < r->layer_count; l++) {
        assert_true(mp_counts_add(&sum, &r->layers[l].figures.counts, 1));
        assert_true(r->layers[l].figures.energy_pj >= 0);
    }
    assert_memory_equal(&sum, &r->totals.counts, sizeof sum);
    for (int p = 0; p < MP_PARTS; p++)
        energy += r->totals.energy_pj_by[p];
    assert_true(energy == r->totals.energy_pj);
    assert_int_equal(r->totals.counts.macs, mp_workload_macs(r->workload) * r->plan->batch);
    assert_int_equal(r->totals.counts.events[MP_EV_CYCLE], mp_counts_cycles(&r->totals.counts));
    assert_true(mp_utilization(&r->totals) <= 1);
}

static void run_both(const char *arch_path, const char *plan_path) {
    struct mp_arena a = {0};
    struct mp_arch arch;
    struct mp_workload w;
    struct mp_plan p;
    struct mp_tech *tech;
    struct mp_result r[2];
    struct mp_err err;
    assert_ok(mp_arch_load(&arch, &a, arch_path, &err), err);
    if (arch.dram.ops == &mp_mem_banked) { // test_banked
        mp_arena_finish(&a);
        return;
    }
    assert_ok(mp_plan_open(&p, &w, &a, plan_path, &err), err);
    assert_ok(mp_tech_load(&tech, &a, "configs/tech", arch.tech, &err), err);
    for (int e = 0; e < 2; e++) {
        struct mp_options o = {.engine = (enum mp_engine)e};
        assert_ok(mp_evaluate(&arch, &w, &p, tech, &o, &a, &r[e], &err), err);
        check_totals(&r[e]);
    }
    for (size_t l = 0; l < r[0].layer_count; l++)
        if (memcmp(&r[0].layers[l].figures, &r[1].layers[l].figures, sizeof r[0].layers[l].figures) != 0)
            fail_msg("%s, %s, layer %s: the engines differ", arch_path, plan_path, r[0].layers[l].layer->name);
    mp_arena_finish(&a);
}

// Of each network: uniform 4 bits, 2 bits with first and last at 8, and the mixed one where there is one.
static bool every_plan;

static bool is_chosen(const char *plan) {
    static const char *const kinds[] = {"_w4a4.json", "_fl8_w2a2.json", "_mixed.json"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strstr(plan, kinds[i]) && !(i == 0 && strstr(plan, "_fl8_")))
            return true;
    return every_plan;
}

static const char *arch;
static size_t runs;

static void one_plan(const char *plan) {
    if (is_chosen(plan))
        run_both(arch, plan), runs++;
}

static void one_arch(const char *path) {
    arch = path;
    each_config("plans", 80, one_plan);
}

static void analytic_equals_event(void **state) {
    (void)state;
    each_config("arch", 8, one_arch);
    print_message("# %zu pairs of architecture and plan\n", runs);
    assert_true(runs >= 8 * (15 + 15 + 5));
}

int main(int argc, char **argv) {
    (void)argv;
    every_plan = argc > 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(analytic_equals_event)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
