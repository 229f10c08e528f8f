// SPDX-License-Identifier: Apache-2.0
// Speed of exact searches, on one core: ResNet-50 at 2, 4 and 8 bits, its table of costs from nothing and its whole front of
// harm against latency; and the optimum for 60 layers of 9 choices under one and two constraints. Harms are drawn.
#include "sim/import/import.h"
#include "sim/search/costs.h"
#include "sim/search/front.h"
#include "sim/search/solve.h"
#include "tests/unit/random_problem.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WORKLOAD "configs/workloads/resnet50.json"
#define LAYERS 60
#define CHOICES 9
#define CASES 50

static double cpu_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void need(bool ok, const struct mp_err *err) {
    if (!ok) {
        printf("Bail out! %s\n", err->text);
        exit(1);
    }
}

// Of each unit as much as its squared error, 4^-bits, times a number that spans two decades.
static struct mp_var *draw_harms(const struct mp_space *s, struct mp_arena *a, struct mp_random *r) {
    struct mp_var *v = mp_arena_alloc(a, s->decision_count, sizeof *v);
    for (size_t d = 0; d < s->decision_count; d++) {
        const struct mp_decision *at = &s->decisions[d];
        double *harm = mp_arena_alloc(a, at->option_count, sizeof *harm);
        for (size_t u = 0; u < at->unit_count; u++) {
            const double scale = pow(10, 2 * random_unit(r));
            for (size_t o = 0; o < at->option_count; o++)
                harm[o] += scale * pow(4, -(double)at->bits[o * at->unit_count + u]);
        }
        v[d] = (struct mp_var){at->option_count, harm};
    }
    return v;
}

static void front_of_resnet50(const char *path) {
    const struct mp_space_options options = {.w_set = 1 << 2 | 1 << 4 | 1 << 8, .a_set = 1 << 2 | 1 << 4 | 1 << 8, .slices = 1,
                                             .output_bits = 8, .batch = 1};
    struct mp_arena a = {0};
    struct mp_random r = {1};
    struct mp_arch arch;
    struct mp_tech *tech;
    struct mp_workload w;
    struct mp_space s;
    struct mp_term *terms;
    struct mp_cost_stats stats;
    struct mp_front f;
    struct mp_err err;
    need(mp_arch_load(&arch, &a, path, &err), &err);
    need(mp_tech_load(&tech, &a, "configs/tech", arch.tech, &err), &err);
    need(mp_workload_open(&w, &a, WORKLOAD, &err), &err);
    const struct mp_cost_job job = {.arch = &arch, .tech = tech, .objective = MP_LATENCY, .threads = 1};
    const double start = cpu_now();
    need(mp_space_make(&s, &w, "bench", WORKLOAD, &options, &a, &err), &err);
    need(mp_costs_make(&job, &s, &a, &terms, &stats, &err), &err);
    const double made = cpu_now();
    const struct mp_problem p = {draw_harms(&s, &a, &r), s.decision_count, terms, w.layer_count, MP_COSTS};
    need(mp_front_make(&f, &p, MP_COST_LATENCY, NULL, &err), &err);
    const double end = cpu_now();
    printf("%-36s %9zu %8" PRIu64 " %8.3f s %8zu %9" PRIu64 " %8.3f s %8.3f s\n", path, s.decision_count, stats.mapped,
           made - start, f.count, f.labels, end - made, end - start);
    mp_front_finish(&f);
    mp_arena_finish(&a);
}

// Bounds at 15 to 35 % of the highest that costs can be.
static void optima(size_t constraints) {
    double sum = 0, worst = 0;
    uint64_t labels = 0;
    size_t solved = 0;
    for (uint64_t seed = 0; seed < CASES; seed++) {
        struct mp_arena a = {0};
        struct mp_random r = {seed};
        struct mp_problem p;
        struct mp_solve_request q = mp_solve_for(MP_HARM);
        struct mp_err err;
        uint8_t option[LAYERS];
        struct mp_solution s = {.option = option};
        random_knapsack(&p, &a, &r, REALS, LAYERS, CHOICES, 2);
        for (size_t k = 0; k < constraints; k++)
            q.bound[MP_COST_AT(k)] = (0.15 + 0.2 * random_unit(&r)) * mp_problem_highest(&p, MP_COST_AT(k));
        const double start = cpu_now();
        const enum mp_solve_end end = mp_solve(&p, &q, NULL, &s, &err);
        const double seconds = cpu_now() - start;
        need(end != MP_SOLVE_FAILED, &err);
        solved += end == MP_SOLVED;
        sum += seconds;
        worst = fmax(worst, seconds);
        labels = s.labels > labels ? s.labels : labels;
        mp_arena_finish(&a);
    }
    printf("%11zu %8d %10zu %12.2f ms %12.2f ms %14" PRIu64 "\n", constraints, CASES, solved, 1e3 * sum / CASES,
           1e3 * worst, labels);
}

int main(void) {
    static const char *const archs[] = {"configs/arch/bitserial_16x16.json", "configs/arch/bitfusion.json",
                                        "configs/arch/stripes_like.json"};
    printf("ResNet-50, widths 2, 4 and 8, one core, CPU time; goal: table and front under 2 s\n");
    printf("%-36s %9s %8s %10s %8s %9s %10s %10s\n", "architecture", "decisions", "mappings", "table", "points", "labels",
           "front", "both");
    for (size_t i = 0; i < sizeof archs / sizeof *archs; i++)
        front_of_resnet50(archs[i]);
    printf("Optimum for %d layers with %d choices\n", LAYERS, CHOICES);
    printf("%11s %8s %10s %15s %15s %14s\n", "constraints", "problems", "possible", "mean", "most", "labels, most");
    optima(1);
    optima(2);
    return 0;
}
