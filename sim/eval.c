// SPDX-License-Identifier: Apache-2.0
// Layer by layer: build the task, find (or take) the mapping, run the engine, price the counts, add up.
#include "sim/eval.h"

#include "sim/eval_layer.h"

#include <inttypes.h>
#include <string.h>

// Bits of a tensor for the whole batch, as stored.
static uint64_t tensor_bits(const struct mp_eval *e, size_t tensor) {
    const struct mp_tensor *t = &e->workload->tensors[tensor];
    return t->c * t->h * t->w * e->plan->batch * mp_arch_stored_bits(e->arch, e->plan->tensor_bits[tensor]);
}

// A tensor that a layer can hand over in the input buffer: made and read by layers that move data themselves, not
// as the second operand of a product.
static bool may_stay(const struct mp_eval *e, size_t tensor) {
    const struct mp_tensor *t = &e->workload->tensors[tensor];
    if (t->producer == MP_NO_LAYER || t->last_consumer == MP_NO_LAYER ||
        mp_layer_moves_nothing(&e->workload->layers[t->producer]))
        return false;
    for (size_t l = t->producer + 1; l <= t->last_consumer; l++) {
        const struct mp_layer *layer = &e->workload->layers[l];
        for (size_t i = 0; i < layer->input_count; i++)
            if (layer->inputs[i] == tensor && (mp_layer_moves_nothing(layer) || (layer->type == MP_MATMUL && i == 1)))
                return false;
    }
    return true;
}

static struct mp_residency residency(const struct mp_eval *e, size_t l) {
    const struct mp_layer *layer = &e->workload->layers[l];
    struct mp_residency r = {.reserved_bits = e->reserved[l], .output_on_chip = e->kept[layer->output]};
    for (size_t i = 0; i < layer->input_count && !mp_layer_moves_nothing(layer); i++) // two at most
        r.inputs_on_chip |= (unsigned)e->kept[layer->inputs[i]] << i;
    return r;
}

static bool span_fits(const struct mp_eval *e, size_t first, size_t last) {
    for (size_t l = first; l <= last; l++) {
        struct mp_residency r = residency(e, l);
        struct mp_task t;
        if (mp_layer_moves_nothing(&e->workload->layers[l]))
            continue;
        if (r.reserved_bits > e->arch->buffers[MP_INPUT].size_bytes * 8)
            return false;
        mp_task_init(&t, e->arch, e->workload, e->plan, l, e->workload->layers[l].geo.oc * e->workload->layers[l].geo.groups,
                     mp_layer_bits_widest(&e->plan->layers[l]), &r);
        if (!mp_map_possible(&t))
            return false;
    }
    return true;
}

static void reserve(struct mp_eval *e, size_t tensor, bool on) {
    const struct mp_tensor *t = &e->workload->tensors[tensor];
    uint64_t bits = tensor_bits(e, tensor);
    e->kept[tensor] = on;
    for (size_t l = t->producer; l <= t->last_consumer; l++)
        e->reserved[l] += on ? bits : 0 - bits;
}

// The rule is in eval.h.
static void keep_tensors(struct mp_eval *e) {
    for (size_t l = 0; e->arch->keep_on_chip && l < e->workload->layer_count; l++) {
        size_t tensor = e->workload->layers[l].output;
        if (!may_stay(e, tensor) || tensor_bits(e, tensor) > e->arch->buffers[MP_INPUT].size_bytes * 8)
            continue;
        reserve(e, tensor, true);
        if (!span_fits(e, l, e->workload->tensors[tensor].last_consumer))
            reserve(e, tensor, false);
    }
}

void mp_figures_add(struct mp_figures *a, const struct mp_figures *b) {
    mp_counts_add(&a->counts, &b->counts, 1);
    for (int i = 0; i < MP_PARTS; i++)
        a->energy_pj_by[i] += b->energy_pj_by[i];
    a->energy_pj += b->energy_pj;
    a->ideal_cycles += b->ideal_cycles;
    a->weight_bits += b->weight_bits;
    a->bops += b->bops;
}

// The parts are the figures that are shown: the total is their sum, to the last digit.
void mp_figures_sum_parts(struct mp_figures *f) {
    f->energy_pj = 0;
    for (int i = 0; i < MP_PARTS; i++)
        f->energy_pj += f->energy_pj_by[i];
}

static void warn_overflow(struct mp_eval *e, struct mp_result *out) {
    const struct mp_layer_result *worst = NULL;
    size_t count = 0;
    for (size_t i = 0; i < out->layer_count; i++) {
        const struct mp_layer_result *r = &out->layers[i];
        count += r->may_overflow;
        if (r->may_overflow && (!worst || r->accumulator_bits_needed > worst->accumulator_bits_needed))
            worst = r;
    }
    if (!worst)
        return;
    const struct mp_accumulator *acc = &e->arch->array.accumulator;
    const char **warnings = mp_arena_alloc(e->arena, 1, sizeof *warnings);
    warnings[0] = mp_arena_printf(e->arena,
                                  "%zu layer%s may overflow the %" PRIu64 "-bit accumulator, which %s: the worst case "
                                  "of \"%s\" needs %u bits",
                                  count, count == 1 ? "" : "s", acc->bits,
                                  acc->on_overflow == MP_WRAP ? "wraps" : "saturates", worst->layer->name,
                                  worst->accumulator_bits_needed);
    out->warnings = warnings, out->warning_count = 1;
}

static bool find_layer(const struct mp_eval *e, const char *name, size_t *index, struct mp_err *err) {
    const char **names = mp_arena_alloc(e->arena, e->workload->layer_count, sizeof *names);
    for (size_t l = 0; l < e->workload->layer_count; l++) {
        names[l] = e->workload->layers[l].name;
        if (strcmp(names[l], name) == 0)
            return *index = l, true;
    }
    const char *near = mp_nearest(name, names, e->workload->layer_count);
    return mp_fail(err, "workload \"%s\": no layer \"%s\"%s%s%s", e->workload->name, name, near ? ", did you mean \"" : "",
                   near ? near : "", near ? "\"?" : "");
}

// A tile size that is fixed for a layer by name must be one of it; under "*" a size beyond a layer's is the whole of it.
static bool check_fixed(const struct mp_eval *e, const struct mp_constraint *c, size_t l, struct mp_err *err) {
    const struct mp_geometry *g = &e->workload->layers[l].geo;
    bool product = e->workload->layers[l].type == MP_MATMUL;
    uint64_t batch = e->plan->batch;
    const uint64_t size[MP_DIMS] = {g->groups * (product ? batch : 1), product ? 1 : batch, g->oh, g->ow, g->oc, g->ic};
    for (int d = 0; d < MP_DIMS; d++)
        if (c->fixed[d] > size[d])
            return mp_fail(err, "%s: /layers/%s/tile/%s: must be an integer 1..%" PRIu64 " (got %" PRIu64 ")",
                           e->options->constraints->path, c->layer, mp_dim_names[d], size[d], c->fixed[d]);
    return true;
}

// Names in mappings and constraints are layers of the workload.
bool mp_eval_check_names(const struct mp_eval *e, struct mp_err *err) {
    const struct mp_options *o = e->options;
    size_t at;
    for (size_t i = 0; o->mappings && i < o->mappings->count; i++)
        if (!find_layer(e, o->mappings->layers[i].layer, &at, err))
            return mp_fail_in(err, o->mappings_path);
    for (size_t i = 0; o->constraints && i < o->constraints->count; i++) {
        const struct mp_constraint *c = &o->constraints->items[i];
        if (strcmp(c->layer, "*") == 0)
            continue;
        if (!find_layer(e, c->layer, &at, err))
            return mp_fail_in(err, o->constraints->path);
        if (!check_fixed(e, c, at, err))
            return false;
        if (o->mappings && mp_mapping_set_find(o->mappings, c->layer))
            return mp_fail(err, "%s: /layers/%s: cannot constrain a layer whose mapping is given by %s", o->constraints->path,
                           c->layer, o->mappings_path);
    }
    return true;
}

bool mp_eval_area(struct mp_eval *e, double by[MP_AREAS], double *total, struct mp_err *err) {
    struct mp_area area;
    if (!mp_cost_area(e->tech, e->arch, e->arena, &area, e->sources, err))
        return false;
    by[MP_AREA_ARRAY] = area.array_mm2;
    for (int b = 0; b < MP_BUFFERS; b++)
        by[MP_AREA_INPUT + b] = area.buffer_mm2[b];
    by[MP_AREA_VECTOR] = area.vector_mm2;
    *total = 0;
    for (int i = 0; i < MP_AREAS; i++)
        *total += by[i];
    return true;
}

static void set_prices(struct mp_eval *e, struct mp_result *out) {
    out->prices = mp_arena_alloc(e->arena, 81, sizeof *out->prices);
    for (unsigned a = 0; a <= 8; a++)
        for (unsigned w = 0; w <= 8; w++)
            if (e->priced[a][w])
                out->prices[out->price_count++] =
                    (struct mp_price_row){.a_bits = a, .w_bits = w, .prices = e->prices[a][w]};
}

static void set_sources(struct mp_eval *e, struct mp_result *out) {
    const char **lines = mp_arena_alloc(e->arena, e->sources->count, sizeof *lines);
    memcpy(lines, e->sources->lines, e->sources->count * sizeof *lines);
    out->sources = lines, out->source_count = e->sources->count;
}

static bool run_layers(struct mp_eval *e, size_t first, struct mp_result *out, struct mp_err *err) {
    for (size_t i = 0; i < out->layer_count; i++) {
        struct mp_layer_result *r = &out->layers[i];
        struct mp_residency res = residency(e, first + i);
        if (!mp_eval_layer(e, first + i, &res, r, err))
            return false;
        mp_figures_sum_parts(&r->figures);
        mp_figures_add(&out->totals, &r->figures);
    }
    mp_figures_sum_parts(&out->totals);
    return true;
}

bool mp_evaluate(const struct mp_arch *arch, const struct mp_workload *w, const struct mp_plan *plan,
                 const struct mp_tech *tech, const struct mp_options *o, struct mp_arena *a, struct mp_result *out,
                 struct mp_err *err) {
    struct mp_sources sources = {.count = 0};
    struct mp_arena scratch = {0};
    struct mp_eval e = {.arch = arch, .workload = w, .plan = plan, .tech = tech, .options = o, .arena = a,
                        .sources = &sources, .scratch = &scratch};
    e.reserved = mp_arena_alloc(a, w->layer_count, sizeof *e.reserved);
    e.kept = mp_arena_alloc(a, w->tensor_count, sizeof *e.kept);
    size_t first = 0, end = w->layer_count;
    if (!mp_eval_check_names(&e, err) || (o->only_layer && !find_layer(&e, o->only_layer, &first, err)))
        return false;
    if (o->only_layer)
        end = first + 1;
    keep_tensors(&e);
    *out = (struct mp_result){.arch = arch, .plan = plan, .workload = w, .engine = o->engine,
                              .objective = mp_objective_names[o->objective], .layer_count = end - first};
    out->layers = mp_arena_alloc(a, out->layer_count, sizeof *out->layers);
    bool ok = run_layers(&e, first, out, err) && mp_eval_area(&e, out->area_mm2_by, &out->area_mm2, err);
    mp_arena_finish(&scratch);
    if (!ok)
        return false;
    warn_overflow(&e, out);
    set_prices(&e, out);
    set_sources(&e, out);
    return true;
}
