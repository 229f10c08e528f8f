// SPDX-License-Identifier: Apache-2.0
// Designs made and evaluated.
#include "sim/explore/worker.h"

#include "sim/base/jsonw.h"
#include "sim/eval_many.h"
#include "sim/explore/figures.h"
#include "sim/explore/plan_search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Bounds are summed in another order than figures.
#define BOUND_MARGIN (1 - 1e-12)

struct mp_worker {
    const struct mp_sweep *sweep;
    bool (*stopped)(void);
    struct mp_designer *designer;
    struct mp_evaluator *evaluators[MP_SWEEP_NETWORKS]; // of networks with a plan
};

bool mp_worker_create(struct mp_worker **out, const struct mp_sweep *s, struct mp_eval_memo *memo, bool (*stopped)(void),
                      struct mp_err *err) {
    struct mp_worker *w = calloc(1, sizeof *w);
    if (!w)
        mp_out_of_memory();
    w->sweep = s, w->stopped = stopped;
    *out = w;
    const struct mp_options how = {.engine = s->engine, .objective = s->mapping};
    for (size_t n = 0; n < s->network_count; n++)
        if (s->networks[n].plan &&
            !(w->evaluators[n] = mp_evaluator_create(s->networks[n].workload, s->networks[n].plan, &how, memo, err)))
            return false;
    return mp_designer_create(&w->designer, s, err);
}

void mp_worker_destroy(struct mp_worker *w) {
    if (!w)
        return;
    mp_designer_destroy(w->designer);
    for (size_t n = 0; n < w->sweep->network_count; n++)
        mp_evaluator_destroy(w->evaluators[n]);
    free(w);
}

void mp_worker_make(struct mp_worker *w, uint64_t design, struct mp_slot *slot) {
    const struct mp_sweep *s = w->sweep;
    struct mp_choice choice;
    mp_arena_finish(&slot->arena);
    *slot = (struct mp_slot){0};
    mp_sweep_choice(s, design, &choice);
    mp_designer_make(w->designer, &choice, &slot->arena, &slot->design);
    slot->base = s->bases[choice.base].key;
    slot->rows = mp_arena_alloc(&slot->arena, s->network_count, sizeof *slot->rows);
    slot->known = mp_arena_alloc(&slot->arena, s->network_count, sizeof *slot->known);
    slot->plans = mp_arena_alloc(&slot->arena, s->network_count, sizeof *slot->plans);
    slot->status = slot->design.status, slot->reason = slot->design.reason;
}

static bool fail_slot(struct mp_slot *slot, const char *reason) {
    slot->status = MP_POINT_INVALID;
    slot->reason = mp_arena_strdup(&slot->arena, reason);
    return false;
}

static const char *plan_text(const struct mp_plan *plan, const struct mp_workload *w, struct mp_arena *a) {
    struct mp_buf text = {0};
    struct mp_jsonw out;
    mp_jsonw_init(&out, &text);
    mp_plan_write(plan, w, &out);
    const char *kept = mp_arena_strdup(a, text.text);
    mp_buf_finish(&text);
    return kept;
}

// As mp_subject_of_totals: each layer's from a new byte on.
static uint64_t weight_bytes(const struct mp_arch *arch, const struct mp_workload *w, const struct mp_plan *plan) {
    uint64_t bytes = 0;
    for (size_t l = 0; l < w->layer_count; l++)
        bytes += (mp_layer_weight_bits(arch, &w->layers[l], &plan->layers[l]) + 7) / 8;
    return bytes;
}

// The plan is found for the design, and evaluated once.
static bool evaluate_searched(struct mp_worker *w, size_t n, struct mp_slot *slot, struct mp_arena *scratch, struct mp_err *err) {
    const struct mp_sweep_network *x = &w->sweep->networks[n];
    const struct mp_options how = {.engine = w->sweep->engine, .objective = w->sweep->mapping};
    const struct mp_arch *arch = &slot->design.arch;
    struct mp_plan plan;
    struct mp_result r;
    double harm;
    bool found;
    if (!mp_plan_search(x->search, arch, slot->design.tech, w->sweep->mapping, w->stopped, scratch, &plan, &harm, &found, err))
        return false;
    if (!found)
        return mp_fail(err, "network \"%s\": no plan keeps the bound on harm, %.6g: the least is %.6g", x->name,
                       x->search->max_harm, harm);
    if (!mp_evaluate(arch, x->workload, &plan, slot->design.tech, &how, scratch, &r, err))
        return false;
    slot->plans[n] = plan_text(&plan, x->workload, &slot->arena);
    mp_figures_row(&r.totals, arch, weight_bytes(arch, x->workload, &plan), harm, slot->rows[n]);
    return true;
}

static bool evaluate_planned(struct mp_worker *w, size_t n, struct mp_slot *slot, struct mp_err *err) {
    const struct mp_sweep_network *x = &w->sweep->networks[n];
    const struct mp_arch *arch = &slot->design.arch;
    struct mp_figures totals;
    double area_mm2;
    if (!mp_evaluator_totals(w->evaluators[n], arch, slot->design.tech, &totals, &area_mm2, err))
        return false;
    mp_figures_row(&totals, arch, weight_bytes(arch, x->workload, x->plan), NAN, slot->rows[n]);
    return true;
}

static bool evaluate_network(struct mp_worker *w, size_t n, struct mp_slot *slot) {
    struct mp_arena scratch = {0};
    struct mp_err err;
    bool ok = w->sweep->networks[n].plan ? evaluate_planned(w, n, slot, &err) : evaluate_searched(w, n, slot, &scratch, &err);
    if (!ok)
        fail_slot(slot, err.text);
    mp_arena_finish(&scratch);
    return ok;
}

void mp_slot_sum(const struct mp_sweep *s, const struct mp_slot *slot, double sum[MP_STORE_COLUMNS]) {
    const union mp_store_value *rows[MP_SWEEP_NETWORKS];
    double weights[MP_SWEEP_NETWORKS];
    for (size_t n = 0; n < s->network_count; n++)
        rows[n] = slot->rows[n], weights[n] = s->networks[n].weight;
    mp_figures_sum(rows, weights, s->network_count, sum);
}

void mp_worker_evaluate(struct mp_worker *w, uint64_t design, struct mp_slot *slot) {
    double sum[MP_STORE_COLUMNS];
    for (size_t n = 0; n < w->sweep->network_count; n++)
        if (!slot->known[n] && !evaluate_network(w, n, slot))
            return;
    if (!mp_designer_needs_figures(w->designer))
        return;
    struct mp_choice choice;
    struct mp_design again; // so that the designer has this design's keys
    mp_sweep_choice(w->sweep, design, &choice);
    mp_designer_make(w->designer, &choice, &slot->arena, &again);
    mp_slot_sum(w->sweep, slot, sum);
    slot->reason = mp_designer_excludes(w->designer, choice.base, again.area_mm2, sum);
    slot->status = slot->reason ? MP_POINT_EXCLUDED : MP_POINT_EVALUATED;
}

// Of each objective whose bound follows from those of cycles, energy and area.
static double bound_of(const char *objective, double cycles, double ms, double pj, double mm2) {
    return strcmp(objective, "cycles") == 0       ? cycles
           : strcmp(objective, "latency_ms") == 0 ? ms
           : strcmp(objective, "energy_pj") == 0  ? pj
           : strcmp(objective, "area_mm2") == 0   ? mm2
                                                  : pj * ms;
}

// One network's product is its energy times its latency; over several both are sums.
void mp_worker_bound(struct mp_worker *w, uint64_t design, double out[MP_OBJECTIVES_MAX]) {
    const struct mp_sweep *s = w->sweep;
    struct mp_slot slot = {0};
    struct mp_err err;
    double cycles = 0, pj = 0;
    mp_worker_make(w, design, &slot);
    bool ok = slot.status == MP_POINT_EVALUATED;
    for (size_t n = 0; ok && n < s->network_count; n++) {
        struct mp_design_bound b;
        ok = mp_evaluator_bound(w->evaluators[n], &slot.design.arch, slot.design.tech, &b, &err);
        if (ok)
            cycles += s->networks[n].weight * b.cycles, pj += s->networks[n].weight * b.energy_pj;
    }
    cycles *= BOUND_MARGIN, pj *= BOUND_MARGIN;
    for (size_t i = 0; i < s->objective_count; i++)
        out[i] = ok ? bound_of(s->objectives[i], cycles, cycles / (slot.design.arch.clock_mhz * 1e3), pj, slot.design.area_mm2)
                    : INFINITY;
    mp_arena_finish(&slot.arena);
}
