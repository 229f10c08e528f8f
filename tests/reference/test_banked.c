// SPDX-License-Identifier: Apache-2.0
// The closed form of banked DRAM against its controller: shipped networks on shipped architectures, each with a DRAM of each
// preset. Cycles of a network differ by at most 5 %, in the mean by 2 %. With an argument: all networks and plans.
#include "sim/eval.h"
#include "sim/import/import.h"
#include "tests/unit/spec_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MOST 0.05
#define MEAN 0.02

static bool all;

struct tally {
    double sum, most, activates; // of cycles: sum of differences, the largest; of row activations: sum
    size_t count;
    char worst[200];
};

static struct tally total;
static const char *arch_path;
static size_t preset;
static struct tally part;

static void add(struct tally *t, double difference, double activates, const char *what) {
    t->sum += fabs(difference), t->count++, t->activates += fabs(activates);
    if (fabs(difference) >= fabs(t->most)) {
        t->most = difference;
        snprintf(t->worst, sizeof t->worst, "%s", what);
    }
}

static void say(const struct tally *t) {
    double n = (double)t->count;
    print_message("# %zu runs: cycles differ by at most %+.2f %% (%s), in the mean by %.2f %%; row activations by %.0f %%\n",
                  t->count, 100 * t->most, t->worst, 100 * t->sum / n, 100 * t->activates / n);
}

// The same bandwidth as the architecture's own, or as near as channels come to it.
static void set_dram(struct mp_arch *arch, struct mp_arena *a) {
    const struct mp_dram_preset *p = &mp_dram_presets[preset];
    double own = (double)arch->dram.bits_per_cycle * arch->clock_mhz * 1e6, one = 2 * p->bus_bits / (p->tck_ns * 1e-9);
    uint64_t channels = 1;
    struct mp_err err;
    while (channels < MP_DRAM_CHANNELS && (double)channels * one * 1.5 < own)
        channels *= 2;
    arch->dram = (struct mp_dram){.ops = &mp_mem_banked, .preset = (unsigned)preset, .channels = channels, .refresh = true,
                                  .clock_mhz = arch->clock_mhz};
    assert_ok(mp_mem_banked.resolve(&arch->dram, a, "test", &err), err);
}

// Small and large networks, in a quarter of a minute.
static bool is_chosen(const char *plan) {
    static const char *const chosen[] = {"alexnet_w4a4.json", "ds_cnn_w4a4.json", "glyphs_mixed.json", "mobilenet_v1_w4a4.json",
                                         "resnet8_w2a2.json", "resnet18_mixed.json", "resnet20_w8a8.json"};
    for (size_t i = 0; i < sizeof chosen / sizeof *chosen; i++)
        if (strcmp(plan, chosen[i]) == 0)
            return true;
    return all;
}

static void one_plan(const char *path) {
    struct mp_arena a = {0};
    struct mp_arch arch;
    struct mp_workload w;
    struct mp_plan p;
    struct mp_tech *tech;
    struct mp_result fast, slow;
    struct mp_err err;
    char what[200];
    if (!is_chosen(strrchr(path, '/') + 1))
        return;
    assert_ok(mp_arch_load(&arch, &a, arch_path, &err), err);
    assert_ok(mp_plan_open(&p, &w, &a, path, &err), err);
    assert_ok(mp_tech_load(&tech, &a, "configs/tech", arch.tech, &err), err);
    set_dram(&arch, &a);
    struct mp_options o = {.engine = MP_ANALYTIC};
    assert_ok(mp_evaluate(&arch, &w, &p, tech, &o, &a, &fast, &err), err);
    struct mp_mapping_set set = {.layers = mp_arena_alloc(&a, fast.layer_count, sizeof *set.layers)};
    for (size_t l = 0; l < fast.layer_count; l++)
        if (fast.layers[l].mapping.run_count > 0)
            set.layers[set.count++] = fast.layers[l].mapping;
    o = (struct mp_options){.engine = MP_EVENT, .mappings = &set, .mappings_path = "mappings"};
    assert_ok(mp_evaluate(&arch, &w, &p, tech, &o, &a, &slow, &err), err);
    double x = (double)mp_counts_cycles(&fast.totals.counts), y = (double)mp_counts_cycles(&slow.totals.counts);
    double m = (double)fast.totals.counts.events[MP_EV_DRAM_ACT], n = (double)slow.totals.counts.events[MP_EV_DRAM_ACT];
    snprintf(what, sizeof what, "%s %s %s", strrchr(arch_path, '/') + 1, mp_dram_presets[preset].name, strrchr(path, '/') + 1);
    add(&part, x / y - 1, m / n - 1, what);
    add(&total, x / y - 1, m / n - 1, what);
    mp_arena_finish(&a);
}

static void one_arch(const char *path) {
    arch_path = path;
    if (strstr(path, "_ddr4") || (!all && strstr(path, "_aw_"))) // one of the others; tiles without number
        return;
    for (preset = 0; mp_dram_presets[preset].name; preset++) {
        part = (struct tally){.count = 0};
        each_config("plans", 80, one_plan);
        say(&part);
    }
}

static void closed_form_follows_the_controller(void **state) {
    (void)state;
    each_config("arch", 8, one_arch);
    say(&total);
    assert_true(total.count >= 200);
    assert_true(fabs(total.most) <= MOST);
    assert_true(total.sum <= MEAN * (double)total.count);
}

int main(int argc, char **argv) {
    (void)argv;
    all = argc > 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(closed_form_follows_the_controller)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
