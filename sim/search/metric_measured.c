// SPDX-License-Identifier: Apache-2.0
// The harm of a unit, measured in integers: the network with all units at 8 bits (fixed ones at their width) against the same
// with this unit at b. Units that are linked, at one width in all options of their decision, are measured together, and the
// first one has the harm of all.
#include "sim/search/metric_parts.h"

#define WIDE 8 // bits of all else

struct work {
    const struct mp_metric_job *job;
    const struct mp_space *space;
    struct mp_plan plan; // resolved; its widths change
    unsigned *bits;      // by unit
    uint64_t done, all;
    struct mp_arena arena;
};

static bool is_linked(const struct mp_decision *d) {
    for (size_t i = 0; i < d->option_count * d->unit_count; i++)
        if (d->bits[i] != d->bits[i / d->unit_count * d->unit_count])
            return false;
    return d->unit_count > 1;
}

static unsigned width_of(const struct mp_space *s, size_t unit) {
    const struct mp_decision *d = &s->decisions[s->units[unit].decision];
    for (size_t i = 0; d->option_count == 1 && i < d->unit_count; i++)
        if (d->units[i] == unit)
            return d->bits[i];
    return WIDE;
}

// The plan

// Neighbours of one width are one slice, as in plans that are read.
static void set_slices(const struct work *k, size_t layer, struct mp_layer_bits *out) {
    const size_t first = k->space->weight_unit[layer], count = mp_space_slices(k->space, layer);
    const struct mp_unit *u = &k->space->units[first];
    out->slice_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct mp_slice one = {.channels = u[i].channels, .w_bits = k->bits[first + i]};
        struct mp_slice *last = out->slice_count ? &out->slices[out->slice_count - 1] : NULL;
        if (last && last->w_bits == one.w_bits)
            last->channels += one.channels;
        else
            out->slices[out->slice_count++] = one;
    }
}

static void set_widths(struct work *k) {
    const struct mp_space *s = k->space;
    const struct mp_workload *w = s->workload;
    for (size_t t = 0; t < w->tensor_count; t++)
        if (s->tensor_unit[t] != MP_NO_DECISION)
            k->plan.tensor_bits[t] = k->bits[s->tensor_unit[t]];
    for (size_t i = 0; i < w->layer_count; i++) {
        struct mp_layer_bits *b = &k->plan.layers[i];
        b->a_bits = k->plan.tensor_bits[w->layers[i].inputs[0]];
        if (s->weight_unit[i] != MP_NO_DECISION)
            set_slices(k, i, b);
        else if (w->layers[i].type == MP_MATMUL)
            b->slices[0].w_bits = k->plan.tensor_bits[w->layers[i].inputs[1]];
    }
}

static bool make_plan(struct work *k, struct mp_err *err) {
    const struct mp_space *s = k->space;
    if (!mp_space_uniform(s, WIDE, WIDE, &k->arena, &k->plan, err))
        return false;
    for (size_t i = 0; i < s->workload->layer_count; i++)
        if (s->weight_unit[i] != MP_NO_DECISION)
            k->plan.layers[i].slices = mp_arena_alloc(&k->arena, mp_space_slices(s, i), sizeof *k->plan.layers[i].slices);
    k->bits = mp_arena_alloc(&k->arena, s->unit_count, sizeof *k->bits);
    for (size_t u = 0; u < s->unit_count; u++)
        k->bits[u] = width_of(s, u);
    return true;
}

// Measuring

static bool measure(struct work *k, struct mp_measured *m, struct mp_err *err) {
    if (k->job->stopped && k->job->stopped())
        return mp_fail(err, "interrupted");
    set_widths(k);
    if (!mp_measure_run(k->job->measure, &k->plan, m, err))
        return false;
    if (k->job->progress)
        k->job->progress(k->job->user, ++k->done, k->all);
    return true;
}

// What is measured with `unit`: itself, or all of its decision; nothing (0) for those that are linked behind another.
static size_t together(const struct mp_space *s, size_t unit, const size_t **units) {
    const struct mp_decision *d = &s->decisions[s->units[unit].decision];
    if (!is_linked(d)) {
        *units = NULL;
        return 1;
    }
    *units = d->units;
    return d->units[0] == unit ? d->unit_count : 0;
}

static uint32_t widths_of(const struct work *k, size_t unit) {
    const size_t *units, count = together(k->space, unit, &units);
    uint32_t set = count > 0 ? mp_unit_widths(k->job, k->space, unit) : 0;
    for (size_t i = 0; i < count; i++)
        set |= units ? mp_unit_widths(k->job, k->space, units[i]) : 0;
    return set;
}

static void set_bits(struct work *k, size_t unit, unsigned bits) { // 0: as they were
    const size_t *units, count = together(k->space, unit, &units);
    for (size_t i = 0; i < count; i++) {
        const size_t u = units ? units[i] : unit;
        k->bits[u] = bits ? bits : width_of(k->space, u);
    }
}

static double harm_of(const struct mp_measured *m, const struct mp_measured *base, bool loss) {
    return loss ? m->loss - base->loss : ((double)base->agree - (double)m->agree) / (double)base->images;
}

static bool one_unit(struct work *k, size_t unit, const struct mp_measured *base, bool loss, struct mp_harm *out,
                     struct mp_err *err) {
    const uint32_t set = widths_of(k, unit);
    struct mp_measured m;
    for (unsigned bits = 1; bits < MP_WIDTHS; bits++) {
        if (!(set >> bits & 1) || bits == width_of(k->space, unit))
            continue;
        set_bits(k, unit, bits);
        if (!measure(k, &m, err))
            return false;
        *mp_harm_at(out, unit, bits) = harm_of(&m, base, loss);
    }
    set_bits(k, unit, 0);
    return true;
}

static bool run(const struct mp_metric_job *job, const struct mp_space *s, bool loss, struct mp_harm *out, struct mp_err *err) {
    struct work k = {.job = job, .space = s, .all = 1};
    struct mp_measured base;
    bool ok = make_plan(&k, err);
    for (size_t u = 0; ok && u < s->unit_count; u++)
        for (unsigned bits = 1; bits < MP_WIDTHS; bits++)
            k.all += widths_of(&k, u) >> bits & 1 && bits != width_of(s, u);
    ok = ok && measure(&k, &base, err);
    if (ok)
        mp_measure_keep(job->measure);
    for (size_t u = 0; ok && u < s->unit_count; u++)
        ok = one_unit(&k, u, &base, loss, out, err);
    mp_harm_rising(out, job, s);
    mp_arena_finish(&k.arena);
    return ok;
}

static bool run_loss(const struct mp_metric_job *job, const struct mp_space *s, struct mp_arena *a, struct mp_harm *out,
                     struct mp_err *err) {
    mp_harm_make(out, s, "nats", NULL, a);
    return run(job, s, true, out, err);
}

static bool run_accuracy(const struct mp_metric_job *job, const struct mp_space *s, struct mp_arena *a, struct mp_harm *out,
                         struct mp_err *err) {
    mp_harm_make(out, s, "1", NULL, a);
    return run(job, s, false, out, err);
}

const struct mp_search_metric mp_metric_loss = {
    .name = "loss",
    .help = "rise of the loss in integers, all else at 8 bits",
    .source = "measured, one unit at a time",
    .measures = true,
    .run = run_loss,
};

const struct mp_search_metric mp_metric_accuracy = {
    .name = "accuracy",
    .help = "share of images whose class is no longer float's, in integers, all else at 8 bits",
    .source = "measured, one unit at a time",
    .measures = true,
    .run = run_accuracy,
};
