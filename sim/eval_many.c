// SPDX-License-Identifier: Apache-2.0
// The layers of a class are evaluated once a design; figures are added up in the order of the layers.
#include "sim/eval_many.h"

#include "sim/eval_bound.h"
#include "sim/eval_classes.h"

#include <stdlib.h>

struct mp_evaluator {
    const struct mp_workload *workload;
    const struct mp_plan *plan;
    struct mp_options options;
    struct mp_arena arena;           // for its life
    struct mp_arena design, scratch; // a design's; the mapper's
    struct mp_layer_classes classes;
    struct mp_figures *figures;      // by class
    struct mp_eval_memo *own;        // NULL: another's
    struct mp_eval_asker asker;
    uint64_t designs;
};

struct mp_evaluator *mp_evaluator_create(const struct mp_workload *w, const struct mp_plan *plan, const struct mp_options *o,
                                         struct mp_eval_memo *memo, struct mp_err *err) {
    struct mp_evaluator *e = calloc(1, sizeof *e);
    if (!e)
        mp_out_of_memory();
    e->workload = w, e->plan = plan, e->options = *o;
    const struct mp_eval check = {.workload = w, .plan = plan, .options = o, .arena = &e->design};
    if (!mp_eval_check_names(&check, err)) {
        mp_evaluator_destroy(e);
        return NULL;
    }
    mp_layer_classes_make(&e->classes, &e->arena, w, plan, o->constraints);
    e->figures = mp_arena_alloc(&e->arena, e->classes.count, sizeof *e->figures);
    e->own = memo ? NULL : mp_eval_memo_create(false);
    e->asker.memo = memo ? memo : e->own;
    return e;
}

void mp_evaluator_destroy(struct mp_evaluator *e) {
    if (!e)
        return;
    mp_eval_memo_destroy(e->own);
    mp_arena_finish(&e->arena);
    mp_arena_finish(&e->design);
    mp_arena_finish(&e->scratch);
    free(e);
}

// Tensors that stay on chip and given mappings make layers differ by more than their class.
static bool layers_stand_alone(const struct mp_evaluator *e, const struct mp_arch *arch) {
    return !arch->keep_on_chip && !e->options.mappings && !e->options.only_layer;
}

static bool whole(struct mp_evaluator *e, const struct mp_arch *arch, const struct mp_tech *tech, struct mp_figures *totals,
                  double *area_mm2, struct mp_err *err) {
    struct mp_result r;
    if (!mp_evaluate(arch, e->workload, e->plan, tech, &e->options, &e->design, &r, err))
        return false;
    *totals = r.totals, *area_mm2 = r.area_mm2;
    return true;
}

static bool by_class(struct mp_evaluator *e, struct mp_eval *eval, struct mp_figures *totals, struct mp_err *err) {
    static const struct mp_residency nothing;
    *totals = (struct mp_figures){.energy_pj = 0};
    for (size_t i = 0; i < e->classes.count; i++) {
        struct mp_layer_result r;
        if (!mp_eval_layer(eval, e->classes.first[i], &nothing, &r, err))
            return false;
        mp_figures_sum_parts(&r.figures);
        e->figures[i] = r.figures;
    }
    for (size_t l = 0; l < e->workload->layer_count; l++)
        mp_figures_add(totals, &e->figures[e->classes.of[l]]);
    mp_figures_sum_parts(totals);
    return true;
}

// A design to work on; what the one before left is taken back.
static struct mp_eval *start(struct mp_evaluator *e, const struct mp_arch *arch, const struct mp_tech *tech) {
    mp_arena_reset(&e->design);
    struct mp_eval *eval = mp_arena_alloc(&e->design, 1, sizeof *eval);
    eval->arch = arch, eval->workload = e->workload, eval->plan = e->plan, eval->tech = tech, eval->options = &e->options;
    eval->arena = &e->design, eval->scratch = &e->scratch, eval->asker = &e->asker;
    return eval;
}

bool mp_evaluator_totals(struct mp_evaluator *e, const struct mp_arch *arch, const struct mp_tech *tech,
                         struct mp_figures *totals, double *area_mm2, struct mp_err *err) {
    double by[MP_AREAS];
    struct mp_eval *eval = start(e, arch, tech);
    e->designs++;
    if (!layers_stand_alone(e, arch))
        return whole(e, arch, tech, totals, area_mm2, err);
    return by_class(e, eval, totals, err) && mp_eval_area(eval, by, area_mm2, err);
}

bool mp_evaluator_bound(struct mp_evaluator *e, const struct mp_arch *arch, const struct mp_tech *tech,
                        struct mp_design_bound *out, struct mp_err *err) {
    struct mp_eval *eval = start(e, arch, tech);
    struct mp_design_bound sum = {.cycles = 0};
    double by[MP_AREAS];
    for (size_t i = 0; i < e->classes.count; i++) {
        struct mp_map_floor f;
        if (!mp_eval_layer_bound(eval, e->classes.first[i], &f, err))
            return false;
        sum.cycles += (double)e->classes.size[i] * f.cycles, sum.energy_pj += (double)e->classes.size[i] * f.energy_pj;
    }
    if (!mp_eval_area(eval, by, &sum.area_mm2, err))
        return false;
    *out = sum;
    return true;
}

struct mp_evaluator_stats mp_evaluator_stats(const struct mp_evaluator *e) {
    return (struct mp_evaluator_stats){.designs = e->designs, .mappings = e->asker.asked, .known = e->asker.found};
}
