// SPDX-License-Identifier: Apache-2.0
// A layer: which channels run at which width, the mapping of each run, its counts and energy.
#include "sim/eval_layer.h"

#include "sim/base/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

unsigned mp_accumulator_bits(uint64_t products, unsigned a_bits, bool a_signed, unsigned w_bits, enum mp_encoding encoding) {
    typedef __int128 wide;
    wide a_max = a_signed ? ((wide)1 << (a_bits - 1)) - 1 : ((wide)1 << a_bits) - 1;
    wide a_min = a_signed ? -((wide)1 << (a_bits - 1)) : 0;
    wide w_max = encoding == MP_ODD ? ((wide)1 << w_bits) - 1 : ((wide)1 << (w_bits - 1)) - 1;
    wide w_min = encoding == MP_ODD ? -w_max : -((wide)1 << (w_bits - 1));
    wide high = a_max * w_max > a_min * w_min ? a_max * w_max : a_min * w_min;
    wide low = a_max * w_min < a_min * w_max ? a_max * w_min : a_min * w_max;
    unsigned bits = 1;
    while (high * products > ((wide)1 << (bits - 1)) - 1 || low * products < -((wide)1 << (bits - 1)))
        bits++;
    return bits;
}

bool mp_eval_prices(struct mp_eval *e, unsigned a_bits, unsigned w_bits, const struct mp_prices **out, struct mp_err *err) {
    bool *known = &e->priced[a_bits][w_bits];
    struct mp_prices *p = &e->prices[a_bits][w_bits];
    if (!*known && !mp_cost_prices(e->tech, e->arch, a_bits, w_bits, e->arena, p, e->sources, err))
        return false;
    *known = true;
    *out = p;
    return true;
}

static const struct mp_constraint *constraint_of(const struct mp_eval *e, size_t l) {
    const struct mp_constraint_set *s = e->options->constraints;
    return s ? mp_constraint_find(s, e->workload->layers[l].name) : NULL;
}

// The slot of a task: its own, or the empty one where it belongs.
static uint32_t *slot_of(struct mp_eval *e, const struct mp_task *t, const struct mp_constraint *c) {
    size_t at = (size_t)mp_hash_words(t, sizeof *t) & (e->slot_count - 1);
    for (; e->slots[at]; at = (at + 1) & (e->slot_count - 1)) {
        const struct mp_found *f = &e->found[e->slots[at] - 1];
        if (f->constraint == c && memcmp(&f->task, t, sizeof *t) == 0)
            break;
    }
    return &e->slots[at];
}

static void grow_found(struct mp_eval *e) {
    size_t cap = e->found_cap ? e->found_cap * 2 : 32;
    e->found = mp_arena_grow(e->arena, e->found, e->found_count, cap, sizeof *e->found);
    e->found_cap = cap, e->slot_count = 2 * cap;
    e->slots = mp_arena_alloc(e->arena, e->slot_count, sizeof *e->slots);
    for (size_t i = 0; i < e->found_count; i++)
        *slot_of(e, &e->found[i].task, e->found[i].constraint) = (uint32_t)i + 1;
}

static bool search_mapping(struct mp_eval *e, size_t l, const struct mp_map_request *q, struct mp_found *f, struct mp_err *err) {
    char where[600];
    if (e->asker ? mp_eval_memo_map(e->asker, q, &f->mapping, &f->counts, err) : mp_map(q, &f->mapping, &f->counts, NULL, err))
        return true;
    snprintf(where, sizeof where, "arch \"%s\", layer \"%s\"", e->arch->name, e->workload->layers[l].name);
    return mp_fail_in(err, where);
}

// `out` is good until the next task.
static bool map_task(struct mp_eval *e, size_t l, const struct mp_task *t, const struct mp_found **out, struct mp_err *err) {
    struct mp_map_request q = {.task = t, .array = &e->arch->array, .objective = e->options->objective,
                               .constraint = constraint_of(e, l), .scratch = e->scratch};
    if (e->found_count == e->found_cap)
        grow_found(e);
    uint32_t *slot = slot_of(e, t, q.constraint);
    if (*slot == 0) {
        struct mp_found *f = &e->found[e->found_count];
        f->constraint = q.constraint;
        memcpy(&f->task, t, sizeof *t);
        if (!mp_eval_prices(e, t->on_array ? t->a_bits : 0, t->w_bits, &q.prices, err) || !search_mapping(e, l, &q, f, err))
            return false;
        *slot = (uint32_t)++e->found_count;
    }
    *out = &e->found[*slot - 1];
    return true;
}

static double energy_of(struct mp_eval *e, const struct mp_task *t, const struct mp_counts *c, double by[MP_PARTS]) {
    return mp_counts_energy_pj(c, &e->prices[t->on_array ? t->a_bits : 0][t->w_bits], by);
}

// A run of some of a layer's channels, for mp_split_best.
struct run_cost {
    struct mp_eval *e;
    size_t layer;
    const struct mp_residency *res;
};

static bool cost_run(void *user, uint64_t channels, unsigned w_bits, uint64_t *cycles, double *energy_pj, struct mp_err *err) {
    const struct run_cost *r = user;
    struct mp_task t;
    const struct mp_found *f;
    mp_task_init(&t, r->e->arch, r->e->workload, r->e->plan, r->layer, channels, w_bits, r->res);
    if (!map_task(r->e, r->layer, &t, &f, err))
        return false;
    *cycles = mp_counts_cycles(&f->counts);
    *energy_pj = energy_of(r->e, &t, &f->counts, NULL);
    return true;
}

// Runs that are given: their channels must sum up, and be at least as wide as the plan's.
static bool check_runs(struct mp_eval *e, size_t l, const struct mp_layer_mapping *m, struct mp_err *err) {
    const struct mp_layer_bits *b = &e->plan->layers[l];
    const char *file = e->options->mappings_path;
    // The widest first: that is where a run falls short of the plan.
    static const unsigned order[MP_SPLIT_WIDTHS] = {1, 8, 7, 6, 5, 4, 3, 2};
    for (size_t k = 0; k < MP_SPLIT_WIDTHS; k++) {
        unsigned bits = order[k];
        uint64_t wanted = 0, given = 0;
        for (size_t i = 0; i < b->slice_count; i++)
            wanted += b->slices[i].w_bits >= bits ? b->slices[i].channels : 0;
        for (size_t i = 0; i < m->run_count; i++)
            given += m->runs[i].w_bits >= bits ? m->runs[i].channels : 0;
        if (bits == 1 && given != wanted)
            return mp_fail(err, "%s: /layers/%s: channels of the runs must add up to %" PRIu64 " (got %" PRIu64 ")", file,
                           m->layer, wanted, given);
        if (given < wanted)
            return mp_fail(err, "%s: /layers/%s: the plan has %" PRIu64 " channels of %u bits or more, but runs of such "
                           "w_bits cover %" PRIu64, file, m->layer, wanted, bits, given);
        if (b->slice_count == 0)
            break;
    }
    return true;
}

static void fill_run(const struct mp_eval *e, size_t l, const struct mp_run *given, struct mp_run *run) {
    const struct mp_layer_bits *b = &e->plan->layers[l];
    *run = *given;
    if (run->w_bits == 0)
        run->w_bits = b->slice_count ? mp_layer_bits_widest(b) : 0;
    if (run->channels == 0)
        run->channels = e->workload->layers[l].geo.oc * e->workload->layers[l].geo.groups;
}

static bool take_mapping(struct mp_eval *e, size_t l, const struct mp_residency *res, const struct mp_layer_mapping *given,
                         struct mp_layer_mapping *out, struct mp_err *err) {
    out->runs = mp_arena_alloc(e->arena, given->run_count, sizeof *out->runs);
    out->run_count = given->run_count;
    for (size_t i = 0; i < given->run_count; i++)
        fill_run(e, l, &given->runs[i], &out->runs[i]);
    if (e->plan->layers[l].slice_count && !check_runs(e, l, out, err))
        return false;
    for (size_t i = 0; i < out->run_count; i++) {
        struct mp_run *run = &out->runs[i];
        struct mp_task t;
        char where[700];
        if (mp_layer_on_array(&e->workload->layers[l]) && run->channels % e->workload->layers[l].geo.oc &&
            e->workload->layers[l].geo.groups > 1)
            return mp_fail(err, "%s: /layers/%s: channels of a run must be a multiple of a group's (got %" PRIu64 ")",
                           e->options->mappings_path, out->layer, run->channels);
        mp_task_init(&t, e->arch, e->workload, e->plan, l, run->channels, run->w_bits, res);
        mp_mapping_complete(&run->map, &t, &e->arch->array);
        snprintf(where, sizeof where, "%s: /layers/%s", e->options->mappings_path, out->layer);
        if (!mp_mapping_check(&t, e->arch, &run->map, where, err))
            return false;
    }
    return true;
}

static bool find_mapping(struct mp_eval *e, size_t l, const struct mp_residency *res, struct mp_layer_mapping *out,
                         struct mp_err *err) {
    const struct mp_layer *layer = &e->workload->layers[l];
    struct mp_split w = {.bits = {0}, .channels = {layer->geo.oc * layer->geo.groups}, .count = 1};
    struct run_cost run = {e, l, res};
    const struct mp_split_coster coster = {cost_run, &run};
    if (mp_layer_on_array(layer) &&
        !mp_split_best(e->arch, layer, &e->plan->layers[l], e->options->objective, &coster, &w, err))
        return false;
    out->runs = mp_arena_alloc(e->arena, w.count, sizeof *out->runs);
    for (size_t i = 0; i < w.count; i++) {
        struct mp_task t;
        const struct mp_found *f;
        if (w.channels[i] == 0)
            continue;
        mp_task_init(&t, e->arch, e->workload, e->plan, l, w.channels[i], w.bits[i], res);
        if (!map_task(e, l, &t, &f, err))
            return false;
        e->counts[out->run_count] = f->counts;
        out->runs[out->run_count++] = (struct mp_run){.channels = w.channels[i], .w_bits = w.bits[i], .map = f->mapping};
    }
    return true;
}

static struct mp_run_shape shape_of(const struct mp_task *t, const struct mp_mapping *m) {
    struct mp_run_shape s = {.kernel = {t->win[0].k, t->win[1].k}};
    memcpy(s.size, t->size, sizeof s.size);
    memcpy(s.room_bits, t->tile_bits, sizeof s.room_bits);
    for (int b = 0; b < MP_BUFFERS; b++)
        s.tile_bits[b] = mp_tile_buffer_bits(t, m->tile, (enum mp_buffer_id)b);
    return s;
}

// Counts of a run; those of the analytic engine are known when the mapper found the mapping.
static void count_run(struct mp_eval *e, const struct mp_layer_result *out, size_t i, const struct mp_task *t, bool mapped,
                      struct mp_counts *c) {
    const struct mp_options *o = e->options;
    const struct mp_mapping *m = &out->mapping.runs[i].map;
    if (o->begin_run)
        o->begin_run(o->sink.user, out->layer, i, e->cycle);
    if (o->engine == MP_EVENT)
        mp_event(t, m, o->sink.event ? &o->sink : NULL, NULL, c);
    else if (mapped)
        *c = e->counts[i];
    else
        mp_analytic(t, m, c);
    e->cycle += mp_counts_cycles(c);
}

static bool run_layer(struct mp_eval *e, size_t l, const struct mp_residency *res, bool mapped, struct mp_layer_result *out,
                      struct mp_err *err) {
    out->shapes = mp_arena_alloc(e->arena, out->mapping.run_count, sizeof *out->shapes);
    for (size_t i = 0; i < out->mapping.run_count; i++) {
        const struct mp_run *run = &out->mapping.runs[i];
        const struct mp_prices *prices;
        struct mp_task t;
        struct mp_counts c;
        mp_task_init(&t, e->arch, e->workload, e->plan, l, run->channels, run->w_bits, res);
        if (!mp_eval_prices(e, t.on_array ? t.a_bits : 0, t.w_bits, &prices, err))
            return false;
        out->shapes[i] = shape_of(&t, &run->map);
        count_run(e, out, i, &t, mapped, &c);
        mp_counts_add(&out->figures.counts, &c, 1);
        double by[MP_PARTS];
        energy_of(e, &t, &c, by);
        for (int p = 0; p < MP_PARTS; p++)
            out->figures.energy_pj_by[p] += by[p];
    }
    return true;
}

uint64_t mp_layer_weight_bits(const struct mp_arch *arch, const struct mp_layer *l, const struct mp_layer_bits *b) {
    uint64_t bits = 0;
    for (size_t i = 0; i < b->slice_count && mp_layer_has_weights(l) && l->weights_of == MP_NO_LAYER; i++)
        bits += b->slices[i].channels * l->geo.ic * l->geo.kh * l->geo.kw * mp_arch_stored_bits(arch, b->slices[i].w_bits);
    return bits;
}

// Figures that follow from the widths alone.
static void set_bits(const struct mp_eval *e, struct mp_layer_result *out) {
    const struct mp_layer *layer = out->layer;
    const struct mp_pe_array *a = &e->arch->array;
    uint64_t channels = layer->geo.oc * layer->geo.groups;
    uint64_t macs = mp_layer_macs(layer) / channels * e->plan->batch; // an output channel
    for (size_t i = 0; i < out->bits->slice_count; i++) {
        const struct mp_slice *s = &out->bits->slices[i];
        struct mp_pe_step step = a->pe.ops->step(&a->pe, out->bits->a_bits, s->w_bits);
        double peak = (double)(a->rows * a->cols * a->pe.lanes * step.products) / (double)step.cycles;
        out->figures.ideal_cycles += (double)(macs * s->channels) / peak;
        out->figures.bops += macs * s->channels * out->bits->a_bits * s->w_bits;
    }
    out->figures.weight_bits = mp_layer_weight_bits(e->arch, layer, out->bits);
}

bool mp_layer_accumulator_bits(const struct mp_arch *arch, const struct mp_workload *w, const struct mp_layer *l,
                               const struct mp_layer_bits *b, unsigned *needed, struct mp_err *err) {
    const struct mp_pe_array *a = &arch->array;
    const struct mp_geometry *g = &l->geo;
    bool a_signed = w->tensors[l->inputs[0]].is_signed;
    unsigned w_bits = mp_layer_bits_widest(b);
    struct mp_pe_step step = a->pe.ops->step(&a->pe, b->a_bits, w_bits);
    uint64_t sum = g->ic * g->kh * g->kw, at_once = a->pe.lanes * step.products;
    unsigned least = mp_accumulator_bits(at_once < sum ? at_once : sum, b->a_bits, a_signed, w_bits, b->encoding);
    if (least > a->accumulator.bits)
        return mp_fail(err, "arch \"%s\": /array/accumulator/bits: too narrow for one step of layer \"%s\" at %u x %u bits: "
                       "must be at least %u (got %" PRIu64 ")", arch->name, l->name, b->a_bits, w_bits, least,
                       a->accumulator.bits);
    *needed = mp_accumulator_bits(sum, b->a_bits, a_signed, w_bits, b->encoding);
    return true;
}

bool mp_eval_layer(struct mp_eval *e, size_t l, const struct mp_residency *res, struct mp_layer_result *out,
                   struct mp_err *err) {
    const struct mp_layer *layer = &e->workload->layers[l];
    const struct mp_layer_mapping *given = NULL;
    *out = (struct mp_layer_result){.layer = layer, .bits = &e->plan->layers[l], .mapping = {.layer = layer->name}};
    if (mp_layer_moves_nothing(layer))
        return true;
    out->input_on_chip = res->inputs_on_chip != 0, out->output_on_chip = res->output_on_chip;
    if (mp_layer_on_array(layer)) {
        if (!mp_layer_accumulator_bits(e->arch, e->workload, layer, out->bits, &out->accumulator_bits_needed, err))
            return false;
        out->may_overflow = out->accumulator_bits_needed > e->arch->array.accumulator.bits;
        set_bits(e, out);
    }
    if (e->options->mappings)
        given = mp_mapping_set_find(e->options->mappings, layer->name);
    if (given ? !take_mapping(e, l, res, given, &out->mapping, err) : !find_mapping(e, l, res, &out->mapping, err))
        return false;
    return run_layer(e, l, res, !given, out, err);
}
