// SPDX-License-Identifier: Apache-2.0
// Terms of costs, in two passes over all combinations of all layers: the first finds the tasks that they run, which are then
// mapped, each once; the second chooses how slices run, as eval does, and adds up.
#include "sim/search/costs.h"

#include "sim/base/clock.h"
#include "sim/eval_split.h"
#include "sim/search/costs_table.h"

#include <assert.h>
#include <string.h>

const char *const mp_cost_names[] = {"latency", "energy", "size", "bops", "traffic", NULL};

struct work {
    const struct mp_cost_job *job;
    const struct mp_space *s;
    const struct mp_workload *w;
    struct mp_arena *out, scratch;
    struct mp_term *terms;
    double **cost;        // by layer and kind: the terms' tables
    struct mp_plan plan;  // widths of one layer at a time
    struct mp_slice *slices;
    size_t *place;        // by unit: which of its decision's
    bool priced[9][9];
    struct mp_prices prices[9][9];
    struct mp_sources sources;
    struct mp_cost_table table;
    struct mp_measured_costs measured;
};

// One combination of a layer's term.
struct point {
    size_t layer, index;
    size_t option[MP_TERM_VARS];
};

// Variables

static void add_var(struct mp_term *t, size_t decision) {
    size_t at = 0;
    while (at < t->var_count && t->vars[at] < decision)
        at++;
    if (decision == MP_NO_DECISION || (at < t->var_count && t->vars[at] == decision))
        return;
    assert(t->var_count < MP_TERM_VARS);
    memmove(t->vars + at + 1, t->vars + at, (t->var_count - at) * sizeof *t->vars);
    t->vars[at] = decision;
    t->var_count++;
}

static size_t entries_of(const struct work *k, const struct mp_term *t) {
    size_t count = 1;
    for (size_t v = 0; v < t->var_count; v++)
        count *= k->s->decisions[t->vars[v]].option_count;
    return count;
}

static void init_term(struct work *k, size_t layer) {
    const struct mp_layer *l = &k->w->layers[layer];
    struct mp_term *t = &k->terms[layer];
    if (!mp_layer_moves_nothing(l)) {
        for (size_t i = 0; i < l->input_count; i++)
            add_var(t, k->s->tensor_decision[l->inputs[i]]);
        add_var(t, k->s->weight_decision[layer]);
        add_var(t, k->s->tensor_decision[l->output]);
    }
    for (int c = 0; c < MP_COSTS; c++)
        t->cost[c] = k->cost[layer * MP_COSTS + (size_t)c] = mp_arena_alloc(k->out, entries_of(k, t), sizeof(double));
}

// Widths of a point

static unsigned bits_of_unit(const struct work *k, const struct point *p, size_t unit) {
    const struct mp_term *t = &k->terms[p->layer];
    size_t decision = k->s->units[unit].decision, v = 0;
    const struct mp_decision *d = &k->s->decisions[decision];
    while (t->vars[v] != decision)
        v++;
    return d->bits[p->option[v] * d->unit_count + k->place[unit]];
}

static void set_tensor(struct work *k, const struct point *p, size_t tensor) {
    size_t unit = k->s->tensor_unit[tensor];
    k->plan.tensor_bits[tensor] = unit == MP_NO_DECISION ? k->s->tensor_bits[tensor] : bits_of_unit(k, p, unit);
}

static void set_widths(struct work *k, const struct point *p) {
    const struct mp_layer *l = &k->w->layers[p->layer];
    struct mp_layer_bits *b = &k->plan.layers[p->layer];
    size_t unit = k->s->weight_unit[p->layer];
    for (size_t i = 0; i < l->input_count; i++)
        set_tensor(k, p, l->inputs[i]);
    set_tensor(k, p, l->output);
    b->a_bits = k->plan.tensor_bits[l->inputs[0]];
    b->encoding = mp_layer_has_weights(l) ? k->s->base.default_encoding : MP_TWOS;
    if (!mp_layer_on_array(l))
        return;
    b->slices = k->slices;
    b->slice_count = 0;
    if (l->type == MP_MATMUL)
        b->slices[b->slice_count++] = (struct mp_slice){l->geo.groups * l->geo.oc, k->plan.tensor_bits[l->inputs[1]]};
    else
        for (size_t end = unit + mp_space_slices(k->s, p->layer); unit < end; unit++)
            b->slices[b->slice_count++] = (struct mp_slice){k->s->units[unit].channels, bits_of_unit(k, p, unit)};
}

// Costs of a point

struct run {
    struct work *k;
    size_t layer;
    struct mp_run_cost sum; // of the runs asked for
};

static bool prices_of(struct work *k, const struct mp_task *t, const struct mp_prices **out, struct mp_err *err) {
    unsigned a = t->on_array ? t->a_bits : 0, w = t->w_bits;
    if (!k->priced[a][w] &&
        !mp_cost_prices(k->job->tech, k->job->arch, a, w, &k->scratch, &k->prices[a][w], &k->sources, err))
        return false;
    k->priced[a][w] = true;
    *out = &k->prices[a][w];
    return true;
}

static bool cost_run(void *user, uint64_t channels, unsigned w_bits, uint64_t *cycles, double *energy_pj, struct mp_err *err) {
    static const struct mp_residency nothing;
    struct run *r = user;
    struct mp_task task;
    mp_task_init(&task, r->k->job->arch, r->k->w, &r->k->plan, r->layer, channels, w_bits, &nothing);
    struct mp_cost_row *row = mp_cost_table_row(&r->k->table, &task);
    if (!row->prices) {
        row->layer = r->layer;
        if (!prices_of(r->k, &task, &row->prices, err))
            return false;
    }
    *cycles = row->cost.cycles;
    *energy_pj = row->cost.energy_pj;
    r->sum.cycles += row->cost.cycles;
    r->sum.traffic_bits += row->cost.traffic_bits;
    r->sum.energy_pj += row->cost.energy_pj;
    return true;
}

// Runs of the layer at the widths that are set. Before tasks are known, this asks for all that may be needed.
static bool cost_layer(struct work *k, size_t layer, struct mp_run_cost *out, struct mp_err *err) {
    const struct mp_layer *l = &k->w->layers[layer];
    struct mp_split split = {.channels = {l->geo.groups * l->geo.oc}, .count = 1};
    struct run r = {.k = k, .layer = layer};
    const struct mp_split_coster coster = {cost_run, &r};
    unsigned needed;
    uint64_t cycles;
    double energy_pj;
    if (mp_layer_on_array(l) &&
        (!mp_layer_accumulator_bits(k->job->arch, k->w, l, &k->plan.layers[layer], &needed, err) ||
         !mp_split_best(k->job->arch, l, &k->plan.layers[layer], k->job->objective, &coster, &split, err)))
        return false;
    r.sum = (struct mp_run_cost){0};
    for (size_t i = 0; i < split.count; i++)
        if (split.channels[i] > 0 && !cost_run(&r, split.channels[i], split.bits[i], &cycles, &energy_pj, err))
            return false;
    *out = r.sum;
    return true;
}

// What follows from the widths alone, as in struct mp_figures.
static void set_bits(const struct work *k, const struct point *p) {
    const struct mp_layer *l = &k->w->layers[p->layer];
    const struct mp_layer_bits *b = &k->plan.layers[p->layer];
    const struct mp_geometry *g = &l->geo;
    double **cost = &k->cost[p->layer * MP_COSTS];
    uint64_t size = 0, bops = 0;
    if (!mp_layer_on_array(l))
        return;
    uint64_t macs = mp_layer_macs(l) / (g->oc * g->groups) * k->plan.batch; // an output channel
    for (size_t i = 0; i < b->slice_count; i++) {
        bops += macs * b->slices[i].channels * b->a_bits * b->slices[i].w_bits;
        if (mp_layer_has_weights(l) && l->weights_of == MP_NO_LAYER)
            size += b->slices[i].channels * g->ic * g->kh * g->kw * mp_arch_stored_bits(k->job->arch, b->slices[i].w_bits);
    }
    cost[MP_COST_SIZE][p->index] = (double)size;
    cost[MP_COST_BOPS][p->index] = (double)bops;
}

static bool set_measured(const struct work *k, const struct point *p, struct mp_err *err) {
    const struct mp_layer *l = &k->w->layers[p->layer];
    const struct mp_measured_cost *m = k->measured.path ? k->measured.of[p->layer] : NULL;
    const struct mp_layer_bits *b = &k->plan.layers[p->layer];
    double **cost = &k->cost[p->layer * MP_COSTS];
    bool array = mp_layer_on_array(l);
    unsigned a_bits = b->a_bits, w_bits = array ? b->slices[0].w_bits : 0;
    if (!k->measured.path || (!m && !array))
        return true;
    if (!m || a_bits > 8 || m->line[a_bits][w_bits] == 0)
        return array ? mp_fail(err, "%s: no row for layer \"%s\" at a_bits %u, w_bits %u", k->measured.path, l->name, a_bits,
                               w_bits)
                     : mp_fail(err, "%s: no row for layer \"%s\" at a_bits %u", k->measured.path, l->name, a_bits);
    if (k->measured.has_cycles)
        cost[MP_COST_LATENCY][p->index] = m->cycles[a_bits][w_bits];
    if (k->measured.has_energy)
        cost[MP_COST_ENERGY][p->index] = m->energy_pj[a_bits][w_bits];
    return true;
}

static bool ask(struct work *k, const struct point *p, struct mp_err *err) {
    struct mp_run_cost unknown;
    return cost_layer(k, p->layer, &unknown, err);
}

static bool fill(struct work *k, const struct point *p, struct mp_err *err) {
    double **cost = &k->cost[p->layer * MP_COSTS];
    struct mp_run_cost c;
    if (!cost_layer(k, p->layer, &c, err))
        return false;
    cost[MP_COST_LATENCY][p->index] = (double)c.cycles;
    cost[MP_COST_ENERGY][p->index] = c.energy_pj;
    cost[MP_COST_TRAFFIC][p->index] = (double)c.traffic_bits;
    set_bits(k, p);
    return set_measured(k, p, err);
}

// All points

// Slices with the same channels at each width cost the same: by option the first one like it.
static void find_alike(const struct work *k, const struct mp_decision *d, uint8_t first[MP_MAX_OPTIONS]) {
    uint64_t channels[MP_MAX_OPTIONS][MP_WIDTHS] = {0};
    for (size_t o = 0; o < d->option_count; o++) {
        for (size_t u = 0; u < d->unit_count; u++)
            channels[o][d->bits[o * d->unit_count + u]] += k->s->units[d->units[u]].channels;
        size_t like = 0;
        while (memcmp(channels[like], channels[o], sizeof *channels) != 0)
            like++;
        first[o] = (uint8_t)like;
    }
}

static bool is_sliced(const struct mp_space *s, const struct mp_decision *d) {
    size_t last = d->units[d->unit_count - 1];
    return d->unit_count > 1 && s->units[last].kind == MP_UNIT_WEIGHT && s->units[last].layer == s->units[d->units[0]].layer;
}

// Where the point's costs stand already, when it is like an earlier one; else its own place.
static size_t alike(const struct point *p, const struct mp_term *t, const struct mp_space *s, size_t sliced,
                    const uint8_t *first) {
    size_t index = 0;
    for (size_t v = 0; v < t->var_count; v++)
        index = index * s->decisions[t->vars[v]].option_count + (v == sliced ? first[p->option[v]] : p->option[v]);
    return index;
}

static bool walk(struct work *k, size_t layer, bool (*visit)(struct work *, const struct point *, struct mp_err *),
                 struct mp_err *err) {
    const struct mp_term *t = &k->terms[layer];
    size_t count = entries_of(k, t), sliced = MP_TERM_VARS;
    uint8_t first[MP_MAX_OPTIONS];
    for (size_t v = 0; v < t->var_count; v++)
        if (t->vars[v] == k->s->weight_decision[layer] && is_sliced(k->s, &k->s->decisions[t->vars[v]])) {
            sliced = v;
            find_alike(k, &k->s->decisions[t->vars[v]], first);
        }
    for (struct point p = {.layer = layer}; p.index < count; p.index++) {
        for (size_t v = t->var_count, code = p.index; v-- > 0; code /= k->s->decisions[t->vars[v]].option_count)
            p.option[v] = code % k->s->decisions[t->vars[v]].option_count;
        size_t same = alike(&p, t, k->s, sliced, first);
        for (size_t c = 0; same != p.index && c < MP_COSTS; c++)
            k->cost[layer * MP_COSTS + c][p.index] = k->cost[layer * MP_COSTS + c][same];
        if (same != p.index)
            continue;
        set_widths(k, &p);
        if (!visit(k, &p, err))
            return false;
    }
    return true;
}

static bool walk_all(struct work *k, bool (*visit)(struct work *, const struct point *, struct mp_err *), struct mp_err *err) {
    for (size_t l = 0; l < k->w->layer_count; l++)
        if (!mp_layer_moves_nothing(&k->w->layers[l]) && !walk(k, l, visit, err))
            return false;
    return true;
}

// The whole

static bool read_measured(struct work *k, struct mp_err *err) {
    if (!k->job->file)
        return true;
    for (size_t d = 0; d < k->s->decision_count; d++)
        if (is_sliced(k->s, &k->s->decisions[d]))
            return mp_fail(err, "%s: measured costs are of layers with weights of one width, \"%s\" has slices", k->job->file,
                           k->w->layers[k->s->units[k->s->decisions[d].units[0]].layer].name);
    return mp_measured_costs_read(&k->measured, k->job->file, k->w, k->job->arch->clock_mhz, &k->scratch, err);
}

static void init(struct work *k, struct mp_cost_stats *stats) {
    k->terms = mp_arena_alloc(k->out, k->w->layer_count, sizeof *k->terms);
    k->cost = mp_arena_alloc(&k->scratch, k->w->layer_count, MP_COSTS * sizeof *k->cost);
    k->place = mp_arena_alloc(&k->scratch, k->s->unit_count, sizeof *k->place);
    k->plan.layers = mp_arena_alloc(&k->scratch, k->w->layer_count, sizeof *k->plan.layers);
    k->plan.tensor_bits = mp_arena_alloc(&k->scratch, k->w->tensor_count, sizeof *k->plan.tensor_bits);
    k->slices = mp_arena_alloc(&k->scratch, k->s->unit_count + 1, sizeof *k->slices);
    k->table.arena = &k->scratch;
    for (size_t d = 0; d < k->s->decision_count; d++)
        for (size_t u = 0; u < k->s->decisions[d].unit_count; u++)
            k->place[k->s->decisions[d].units[u]] = u;
    for (size_t l = 0; l < k->w->layer_count; l++) {
        init_term(k, l);
        stats->entries += entries_of(k, &k->terms[l]);
    }
}

static bool make(struct work *k, struct mp_cost_stats *stats, struct mp_err *err) {
    struct mp_cost_cache cache;
    init(k, stats);
    if (!read_measured(k, err) || !walk_all(k, ask, err))
        return false;
    mp_cost_cache_begin(&cache, k->job, &k->table, &k->scratch);
    if (!mp_cost_table_map(&k->table, k->job, k->w, stats, err))
        return false;
    stats->warning = mp_cost_cache_end(&cache, &k->table, k->out);
    return walk_all(k, fill, err);
}

bool mp_costs_make(const struct mp_cost_job *job, const struct mp_space *s, struct mp_arena *a, struct mp_term **terms,
                   struct mp_cost_stats *stats, struct mp_err *err) {
    struct work k = {.job = job, .s = s, .w = s->workload, .out = a, .plan = s->base};
    double begin = mp_seconds(), cpu = mp_cpu_seconds();
    *stats = (struct mp_cost_stats){0};
    bool ok = make(&k, stats, err);
    *terms = k.terms;
    stats->seconds = mp_seconds() - begin;
    stats->cpu_seconds = mp_cpu_seconds() - cpu;
    mp_arena_finish(&k.scratch);
    return ok;
}
