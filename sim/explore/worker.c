// SPDX-License-Identifier: Apache-2.0
// Designs made and evaluated.
#include "sim/explore/worker.h"

#include "sim/base/jsonw.h"
#include "sim/eval.h"
#include "sim/explore/figures.h"
#include "sim/explore/plan_search.h"
#include "sim/report/metric.h"

#include <math.h>
#include <stdlib.h>

struct mp_worker {
    const struct mp_sweep *sweep;
    bool (*stopped)(void);
    struct mp_designer *designer;
};

bool mp_worker_create(struct mp_worker **out, const struct mp_sweep *s, bool (*stopped)(void), struct mp_err *err) {
    struct mp_worker *w = calloc(1, sizeof *w);
    if (!w)
        mp_out_of_memory();
    w->sweep = s, w->stopped = stopped;
    *out = w;
    return mp_designer_create(&w->designer, s, err);
}

void mp_worker_destroy(struct mp_worker *w) {
    if (!w)
        return;
    mp_designer_destroy(w->designer);
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

static bool evaluate_network(struct mp_worker *w, size_t n, struct mp_slot *slot) {
    const struct mp_sweep_network *x = &w->sweep->networks[n];
    const struct mp_options how = {.engine = MP_ANALYTIC, .objective = w->sweep->mapping};
    struct mp_arena scratch = {0};
    struct mp_plan searched;
    const struct mp_plan *plan = x->plan;
    struct mp_result r;
    struct mp_err err;
    double harm = NAN;
    bool found = true, ok = true;
    if (!plan) {
        ok = mp_plan_search(x->search, &slot->design.arch, slot->design.tech, w->sweep->mapping, w->stopped, &scratch, &searched,
                            &harm, &found, &err);
        plan = &searched;
        if (ok && !found)
            ok = mp_fail(&err, "network \"%s\": no plan keeps the bound on harm", x->name);
        if (ok)
            slot->plans[n] = plan_text(plan, x->workload, &slot->arena);
    }
    ok = ok && mp_evaluate(&slot->design.arch, x->workload, plan, slot->design.tech, &how, &scratch, &r, &err);
    if (ok)
        mp_figures_row(&r.totals, r.arch, mp_subject_of_totals(&r).weight_bytes, harm, slot->rows[n]);
    else
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

void mp_worker_bound(struct mp_worker *w, uint64_t design, double out[MP_OBJECTIVES_MAX]) {
    (void)w, (void)design;
    for (size_t i = 0; i < MP_OBJECTIVES_MAX; i++)
        out[i] = 1;
}
