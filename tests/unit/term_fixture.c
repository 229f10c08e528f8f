// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/term_fixture.h"

#include "sim/base/random.h"
#include "tests/unit/spec_fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// in -> a -> sum <- b, and c on the sum; the operand of the sum that nobody else reads has a variable of its own.
const char term_sum_net[] =
    "{'name': 'n', 'inputs': [{'name': 'in', 'shape': [16, 8, 8]}], 'layers': ["
    "{'name': 'a', 'type': 'conv2d', 'inputs': ['in'], 'out_channels': 16, 'kernel': [1, 1]},"
    "{'name': 'b', 'type': 'conv2d', 'inputs': ['a'], 'out_channels': 16, 'kernel': [1, 1]},"
    "{'name': 'sum', 'type': 'add', 'inputs': ['a', 'b']},"
    "{'name': 'flat', 'type': 'view', 'inputs': ['sum'], 'shape': [1024, 1, 1]},"
    "{'name': 'c', 'type': 'linear', 'inputs': ['flat'], 'out_channels': 16},"
    "{'name': 'd', 'type': 'linear', 'inputs': ['c'], 'out_channels': 8}]}";

const char *term_config(struct mp_arena *a, const char *folder, const char *name) {
    const char *root = getenv("MPSIM_SOURCE");
    return mp_arena_printf(a, "%s/configs/%s%s%s%s", root ? root : ".", folder, *name ? "/" : "", name, *name ? ".json" : "");
}

void term_begin(struct term_bench *b, const char *arch, const char *workload) {
    *b = (struct term_bench){.o = {.w_set = 0x114, .a_set = 0x114, .slices = 1, .output_bits = 8, .batch = 1}};
    assert_ok(mp_arch_load(&b->arch, &b->a, term_config(&b->a, "arch", arch), &b->err), b->err);
    assert_ok(mp_tech_load(&b->tech, &b->a, term_config(&b->a, "tech", ""), b->arch.tech, &b->err), b->err);
    if (strchr(workload, '{'))
        assert_ok(read_workload(&b->w, &b->a, workload, &b->err), b->err);
    else
        assert_ok(mp_workload_open(&b->w, &b->a, term_config(&b->a, "workloads", workload), &b->err), b->err);
    b->job = (struct mp_cost_job){.arch = &b->arch, .tech = b->tech, .objective = MP_LATENCY, .threads = 1, .version = "1"};
}

bool term_make(struct term_bench *b) {
    assert_ok(mp_space_make(&b->s, &b->w, "net", "net.json", &b->o, &b->a, &b->err), b->err);
    return mp_costs_make(&b->job, &b->s, &b->a, &b->terms, &b->stats, &b->err);
}

size_t term_entries(const struct term_bench *b, const struct mp_term *t) {
    size_t n = 1;
    for (size_t v = 0; v < t->var_count; v++)
        n *= b->s.decisions[t->vars[v]].option_count;
    return n;
}

static size_t index_of(const struct term_bench *b, const struct mp_term *t, const uint8_t *option) {
    size_t at = 0;
    for (size_t v = 0; v < t->var_count; v++) {
        assert_true(v == 0 || t->vars[v - 1] < t->vars[v]);
        at = at * b->s.decisions[t->vars[v]].option_count + option[t->vars[v]];
    }
    return at;
}

// One choice: each layer's costs, and the sums, against the evaluation of its plan.
static void check_choice(struct term_bench *b, const uint8_t *option) {
    const struct mp_options how = {.objective = b->job.objective};
    struct mp_arena scratch = {0};
    struct mp_plan p;
    struct mp_result r;
    double sum[MP_COSTS] = {0};
    assert_ok(mp_space_plan(&b->s, option, "choice", &scratch, &p, &b->err), b->err);
    assert_ok(mp_evaluate(&b->arch, &b->w, &p, b->tech, &how, &scratch, &r, &b->err), b->err);
    for (size_t l = 0; l < b->w.layer_count; l++) {
        const struct mp_term *t = &b->terms[l];
        const struct mp_figures *f = &r.layers[l].figures;
        size_t at = index_of(b, t, option);
        assert_true(t->cost[MP_COST_LATENCY][at] == (double)mp_counts_cycles(&f->counts));
        assert_true(fabs(t->cost[MP_COST_ENERGY][at] - f->energy_pj) <= 1e-12 * f->energy_pj);
        assert_true(t->cost[MP_COST_TRAFFIC][at] ==
                    (double)(f->counts.events[MP_EV_DRAM_READ] + f->counts.events[MP_EV_DRAM_WRITE]));
        for (int c = 0; c < MP_COSTS; c++)
            sum[c] += t->cost[c][at];
    }
    const struct mp_figures *f = &r.totals;
    assert_true(sum[MP_COST_LATENCY] == (double)mp_counts_cycles(&f->counts) && sum[MP_COST_LATENCY] > 0);
    assert_true(sum[MP_COST_SIZE] == (double)f->weight_bits);
    assert_true(sum[MP_COST_BOPS] == (double)f->bops);
    assert_true(sum[MP_COST_TRAFFIC] == (double)(f->counts.events[MP_EV_DRAM_READ] + f->counts.events[MP_EV_DRAM_WRITE]));
    assert_true(fabs(sum[MP_COST_ENERGY] - f->energy_pj) <= 1e-12 * f->energy_pj);
    mp_arena_finish(&scratch);
}

void term_check(struct term_bench *b, int count) {
    struct mp_random random = {b->w.layer_count};
    uint8_t *option = mp_arena_alloc(&b->a, b->s.decision_count, 1);
    for (int i = 0; i < count; i++) {
        for (size_t d = 0; d < b->s.decision_count; d++)
            option[d] = (uint8_t)mp_random_range(&random, 0, (int64_t)b->s.decisions[d].option_count - 1);
        check_choice(b, option);
    }
}

void term_same(const struct term_bench *b, const struct mp_term *x, const struct mp_term *y) {
    for (size_t l = 0; l < b->w.layer_count; l++) {
        assert_int_equal(x[l].var_count, y[l].var_count);
        for (int c = 0; c < MP_COSTS; c++)
            assert_memory_equal(x[l].cost[c], y[l].cost[c], term_entries(b, &x[l]) * sizeof(double));
    }
}
