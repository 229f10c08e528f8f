// SPDX-License-Identifier: Apache-2.0
// Many designs on one core: variants of bitserial_16x16 on ResNet-50, at random and in their buffers alone, by mp_evaluate and
// by an evaluator, which must agree; bounds of whole designs, and how close they come.
#include "sim/base/random.h"
#include "sim/eval_many.h"
#include "sim/import/import.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SIZES 7
#define VARIANTS (SIZES * SIZES * SIZES)

static double cpu_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static _Noreturn void bail(const char *text) {
    printf("Bail out! %s\n", text);
    exit(1);
}

struct bed {
    struct mp_arena a;
    struct mp_arch base, arch[VARIANTS];
    struct mp_workload w;
    struct mp_plan plan;
    struct mp_tech *tech;
    struct mp_figures totals[VARIANTS]; // by mp_evaluate
    double seconds;
};

static uint64_t pick(struct mp_random *r, const uint64_t *of, size_t count) {
    return of[mp_random_range(r, 0, (int64_t)count - 1)];
}

static const uint64_t kilobytes[SIZES] = {512, 256, 128, 64, 32, 16, 8};

static void vary(struct mp_random *r, struct mp_arch *arch) {
    static const uint64_t sides[] = {4, 8, 12, 16, 24, 32}, lanes[] = {4, 8, 16, 32}, bits[] = {32, 64, 128, 256};
    arch->array.rows = pick(r, sides, 6), arch->array.cols = pick(r, sides, 6), arch->array.pe.lanes = pick(r, lanes, 4);
    for (int b = 0; b < MP_BUFFERS; b++)
        arch->buffers[b].size_bytes = pick(r, kilobytes, SIZES) * 1024;
    arch->dram.bits_per_cycle = pick(r, bits, 4);
}

// All sizes of the buffers, the largest first.
static void vary_buffers(struct mp_arch *arch, size_t n) {
    for (int b = 0; b < MP_BUFFERS; b++, n /= SIZES)
        arch->buffers[b].size_bytes = kilobytes[n % SIZES] * 1024;
}

static void load(struct bed *b, bool at_random) {
    struct mp_random r = {50};
    struct mp_err err;
    if (!mp_arch_load(&b->base, &b->a, "configs/arch/bitserial_16x16.json", &err) ||
        !mp_plan_open(&b->plan, &b->w, &b->a, "configs/plans/resnet50_w4a4.json", &err) ||
        !mp_tech_load(&b->tech, &b->a, "configs/tech", b->base.tech, &err))
        bail(err.text);
    for (int i = 0; i < VARIANTS; i++) {
        b->arch[i] = b->base;
        if (at_random)
            vary(&r, &b->arch[i]);
        else
            vary_buffers(&b->arch[i], (size_t)i);
    }
}

static void evaluate_all(struct bed *b, const struct mp_options *o) {
    double start = cpu_now();
    for (int i = 0; i < VARIANTS; i++) {
        struct mp_arena a = {0};
        struct mp_result r;
        struct mp_err err;
        if (!mp_evaluate(&b->arch[i], &b->w, &b->plan, b->tech, o, &a, &r, &err))
            bail(err.text);
        b->totals[i] = r.totals;
        mp_arena_finish(&a);
    }
    b->seconds = cpu_now() - start;
}

// Seconds for all variants.
static double total_all(struct bed *b, struct mp_evaluator *e) {
    double start = cpu_now();
    for (int i = 0; i < VARIANTS; i++) {
        struct mp_figures totals;
        struct mp_err err;
        double area;
        if (!mp_evaluator_totals(e, &b->arch[i], b->tech, &totals, &area, &err))
            bail(err.text);
        if (memcmp(&totals, &b->totals[i], sizeof totals) != 0)
            bail("the evaluator's totals differ from mp_evaluate's");
    }
    return cpu_now() - start;
}

static void bound_all(struct bed *b, struct mp_evaluator *e) {
    double cycles = 0, energy = 0, worst_cycles = 1, worst_energy = 1, start = cpu_now();
    struct mp_design_bound bound[VARIANTS];
    struct mp_err err;
    for (int i = 0; i < VARIANTS; i++)
        if (!mp_evaluator_bound(e, &b->arch[i], b->tech, &bound[i], &err))
            bail(err.text);
    double seconds = cpu_now() - start;
    for (int i = 0; i < VARIANTS; i++) {
        double c = bound[i].cycles / (double)mp_counts_cycles(&b->totals[i].counts);
        double p = bound[i].energy_pj / b->totals[i].energy_pj;
        cycles += c / VARIANTS, energy += p / VARIANTS;
        worst_cycles = fmin(worst_cycles, c), worst_energy = fmin(worst_energy, p);
    }
    printf("           bounds %8.0f /s (%.1f us); of the cycles %.3f, at worst %.3f; of the energy %.3f, at worst %.3f\n",
           VARIANTS / seconds, seconds / VARIANTS * 1e6, cycles, worst_cycles, energy, worst_energy);
}

static void measure(struct bed *b, enum mp_objective objective) {
    struct mp_options options = {.objective = objective};
    struct mp_err err;
    evaluate_all(b, &options);
    struct mp_evaluator *e = mp_evaluator_create(&b->w, &b->plan, &options, NULL, &err);
    if (!e)
        bail(err.text);
    double seconds = total_all(b, e);
    printf("%-10s mp_evaluate %6.0f designs/s; evaluator %6.0f designs/s, x %.2f\n", mp_objective_names[objective],
           VARIANTS / b->seconds, VARIANTS / seconds, b->seconds / seconds);
    bound_all(b, e);
    mp_evaluator_destroy(e);
}

int main(void) {
    static struct bed b;
    for (int at_random = 1; at_random >= 0; at_random--) {
        load(&b, at_random);
        printf("ResNet-50 on %d variants of bitserial_16x16%s, one core, CPU time\n", VARIANTS, at_random ? "" : "'s buffers");
        for (int o = 0; o < MP_OBJECTIVES; o++)
            measure(&b, (enum mp_objective)o);
        mp_arena_finish(&b.a);
        b.a = (struct mp_arena){0};
    }
    return 0;
}
