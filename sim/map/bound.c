// SPDX-License-Identifier: Apache-2.0
// Bounds in doubles: sums that factor over the dimensions. A margin of 1e-9 covers their rounding.
#include "sim/map/bound.h"

#include <math.h>

#define MARGIN (1 - 1e-9)

static double larger(double a, double b) {
    return a > b ? a : b;
}

static double lesser(double a, double b) {
    return a < b ? a : b;
}

static double up(double cycles) {
    double whole = (double)(int64_t)cycles;
    return whole < cycles ? whole + 1 : whole;
}

static void set_common(const struct mp_task *t, const struct mp_cut *b, const struct mp_cut *oh, const struct mp_cut *ow,
                       struct mp_pixel_sums *out) {
    out->tiles = b->tiles * oh->tiles * ow->tiles;
    out->extent = (double)t->size[MP_B] * oh->extent * ow->extent;
    out->first_extent = b->size * oh->first_extent * ow->first_extent;
    out->last_pixels = b->last * oh->last * ow->last;
    out->first_pixels = b->size * oh->size * ow->size, out->first_batch = b->size;
    out->most_inputs = b->size * (double)(oh->room * ow->room);
}

void mp_pixel_sums_low(const struct mp_task *t, const struct mp_spatial *s, const struct mp_cut *b, const struct mp_cut *oh,
                       const struct mp_cut *ow, struct mp_pixel_sums *out) {
    set_common(t, b, oh, ow, out);
    out->folds = (double)mp_ceil_div(t->size[MP_B] * t->size[MP_OH] * t->size[MP_OW], s->pixel_unit);
    out->folds = larger(out->folds, out->tiles), out->full = 0, out->rest = out->tiles;
}

void mp_pixel_sums(const struct mp_task *t, const struct mp_spatial *s, const struct mp_cut *b, const struct mp_cut *oh,
                   const struct mp_cut *ow, struct mp_pixel_sums *out) {
    uint64_t count[3][2], size[3][2], folds = 0, rest = 0;
    const struct mp_cut *cut[3] = {b, oh, ow};
    set_common(t, b, oh, ow, out);
    if (s->pixel_unit == 1) {
        out->folds = (double)(t->size[MP_B] * t->size[MP_OH] * t->size[MP_OW]);
        out->full = out->folds - out->tiles, out->rest = out->tiles;
        return;
    }
    for (int i = 0; i < 3; i++) {
        uint64_t last = (uint64_t)cut[i]->last, tiles = (uint64_t)cut[i]->tiles;
        bool edge = last != cut[i]->tile;
        size[i][0] = cut[i]->tile, size[i][1] = last;
        count[i][0] = tiles - edge, count[i][1] = edge;
    }
    for (unsigned k = 0; k < 8; k++) {
        unsigned x = k & 1, y = k >> 1 & 1, z = k >> 2;
        uint64_t n = count[0][x] * count[1][y] * count[2][z], pixels = size[0][x] * size[1][y] * size[2][z];
        if (n == 0)
            continue;
        uint64_t of_tile = mp_ceil_div(pixels, s->pixel_unit);
        folds += n * of_tile, rest += n * (pixels - (of_tile - 1) * s->pixel_unit);
    }
    out->folds = (double)folds, out->full = out->folds - out->tiles, out->rest = (double)rest;
}

static double word_price(const struct mp_map_request *q, enum mp_event e, enum mp_buffer_id b) {
    return q->prices->pj[e] / (double)q->task->word_bits[b];
}

static void init_sizes(struct mp_bounder *b, const struct mp_task *t) {
    double taps = (double)(t->win[0].k * t->win[1].k);
    b->groups = (double)t->size[MP_G], b->oc = (double)t->size[MP_OC];
    b->pixels = (double)(t->size[MP_B] * t->size[MP_OH] * t->size[MP_OW]), b->batch = (double)t->size[MP_B];
    b->reduction = (double)t->size[MP_IC] * taps, b->kernel = taps * t->w_stored;
    double outputs = b->groups * b->pixels * b->oc;
    b->load_bits = b->groups * (double)t->size[MP_IC] * t->a_load;
    b->out_bits = t->output_on_chip ? 0 : outputs * t->out_stored;
    b->partial_bits = outputs * t->acc_bits;
    b->vector = outputs * (double)t->work.passes / (double)t->vector_lanes;
    b->turned = (double)mp_ceil_div(t->turned, t->vector_lanes);
    bool loads = t->a_load && t->double_buffered[MP_INPUT] && (t->double_buffered[MP_WEIGHT] || !t->on_array);
    b->tile_latency = loads ? b->mem.latency : 0; // each tile but the first loads an input or a weight tile
    if (!t->on_array)
        return;
    b->w_bits = b->groups * b->oc * ((double)t->size[MP_IC] * b->kernel + t->param_bits);
    b->step = (double)t->step_cycles, b->skew = t->systolic ? (double)(t->rows + t->cols - 2) : 0;
    b->still = b->skew + (t->weight_shadow ? 0 : (double)t->rows);
    b->pes = (double)(t->rows * t->cols);
}

// Work of the vector unit, and the read of every output for it.
static double fixed_energy(const struct mp_map_request *q, double outputs) {
    const struct mp_task *t = q->task;
    const double *pj = q->prices->pj;
    const struct mp_vector_work *w = &t->work;
    double held = outputs * (t->on_array ? t->acc_bits : t->out_stored);
    double e = outputs * ((double)w->requant * pj[MP_EV_VEC_REQUANT] + (double)w->alu * pj[MP_EV_VEC_ALU] +
                          (double)w->mul * pj[MP_EV_VEC_MUL] + (double)w->special * pj[MP_EV_VEC_SPECIAL]);
    e += held * word_price(q, MP_EV_OUTPUT_READ, MP_OUTPUT) + (double)t->turned * pj[MP_EV_VEC_ALU];
    if (!t->on_array)
        e += outputs * (double)w->passes * t->a_read * word_price(q, MP_EV_INPUT_READ, MP_INPUT) +
             held * word_price(q, MP_EV_OUTPUT_WRITE, MP_OUTPUT);
    return e;
}

static void init_prices(struct mp_bounder *b, const struct mp_map_request *q) {
    const struct mp_task *t = q->task;
    const double *pj = q->prices->pj;
    double net = pj[MP_EV_NET_BIT], kernel_bits = b->groups * b->oc * (double)t->size[MP_IC] * b->kernel;
    b->in_pj = pj[MP_EV_DRAM_READ] + word_price(q, MP_EV_INPUT_WRITE, MP_INPUT);
    b->w_pj = b->w_bits * pj[MP_EV_DRAM_READ] + kernel_bits * word_price(q, MP_EV_WEIGHT_WRITE, MP_WEIGHT);
    double write = word_price(q, MP_EV_OUTPUT_WRITE, MP_OUTPUT), read = word_price(q, MP_EV_OUTPUT_READ, MP_OUTPUT);
    b->partial_pj = b->partial_bits * (pj[MP_EV_DRAM_READ] + pj[MP_EV_DRAM_WRITE] + write + read);
    b->fixed_pj = fixed_energy(q, b->groups * b->pixels * b->oc) + b->out_bits * pj[MP_EV_DRAM_WRITE];
    b->cycle_pj = pj[MP_EV_CYCLE] + (double)mp_dram_standby_channels(&t->dram) * pj[MP_EV_DRAM_STANDBY];
    if (!t->on_array)
        return;
    b->port_in_pj = b->groups * (net + word_price(q, MP_EV_INPUT_READ, MP_INPUT));
    b->port_w_pj = b->groups * (net + word_price(q, MP_EV_WEIGHT_READ, MP_WEIGHT));
    b->write_pj = b->groups * (net + write), b->read_pj = b->groups * (net + read);
    b->update_pj = b->groups * (t->odd ? 2 : 1) * pj[MP_EV_ACC_UPDATE];
    b->active_pj = pj[MP_EV_PE_ACTIVE], b->idle_pj = pj[MP_EV_PE_IDLE];
}

void mp_bounder_init(struct mp_bounder *b, const struct mp_map_request *q) {
    *b = (struct mp_bounder){.q = q, .most_cycles = 1e300, .mem = q->task->dram.ops->floor(&q->task->dram)};
    for (int i = 0; i < MP_BUFFERS; i++) {
        bool doubled = q->task->double_buffered[i];
        b->port[i] = 1 / (double)q->task->port_bits[i];
        b->beside[i] = doubled ? b->mem.cycles_per_bit : 0, b->single[i] = doubled ? 0 : b->mem.cycles_per_bit;
    }
    b->in_step = q->task->a_read * b->port[MP_INPUT], b->w_step = q->task->w_stored * b->port[MP_WEIGHT];
    init_sizes(b, q->task);
    init_prices(b, q);
}

// Bits through the buffers' ports, and accumulator updates, for one group.
struct port_sums {
    double in, w, written, read, updates;
};

static struct port_sums port_sums(const struct mp_bounder *b, const struct mp_pixel_sums *px, const struct mp_cut *oc,
                                  const struct mp_cut *ic) {
    const struct mp_task *t = b->q->task;
    double a = t->a_read, w = t->w_stored, outputs = b->pixels * b->oc;
    double rounds = t->dataflow == MP_OS ? ic->tiles : ic->steps; // times that partial sums are written
    struct port_sums r = {.written = outputs * t->acc_bits * rounds, .read = outputs * t->acc_bits * (rounds - 1),
                          .updates = outputs * ic->steps};
    if (t->dataflow == MP_OS)
        r.in = b->pixels * oc->folds * ic->fetched * a, r.w = px->folds * b->oc * ic->fetched * w;
    else if (t->dataflow == MP_WS)
        r.in = b->pixels * oc->folds * b->reduction * a, r.w = px->tiles * b->oc * b->reduction * w;
    else
        r.in = b->pixels * oc->tiles * b->reduction * a, r.w = px->folds * b->oc * b->reduction * w;
    return r;
}

// Step cycles of folds along one direction: of full folds of `unit`, and of `last` ones that hold `rest` in all. A position
// takes its port `each` cycles a step.
static double along(double n, double each, double full, double unit, double last, double rest) {
    return full * larger(n, up(unit * each * MARGIN)) + larger(last * n, rest * each);
}

// os: the steps of all folds, none shorter than a port takes; no less than the output port takes for all sums, which is
// added where drains are not hidden.
static double os_cycles(const struct mp_bounder *b, const struct mp_spatial *s, const struct mp_pixel_sums *px,
                        const struct mp_cut *oc, const struct mp_cut *ic, const struct port_sums *p) {
    const struct mp_task *t = b->q->task;
    double n = b->step, folds = oc->folds * px->folds, out = (p->written + p->read) * b->port[MP_OUTPUT];
    double in = oc->folds * along(n, ic->operands * b->in_step, px->full, (double)s->pixel_unit, px->tiles, px->rest);
    double w = px->folds * along(n, ic->operands * b->w_step, oc->full, (double)s->oc_unit, oc->tiles, oc->rest);
    double work = larger(larger(in, w) * ic->steps, larger(p->in * b->port[MP_INPUT], p->w * b->port[MP_WEIGHT]));
    work = larger(work, folds * ic->steps * n) + folds * b->skew * ic->tiles;
    if (t->systolic)
        out = larger(out, folds * ic->tiles * (double)t->rows);
    return t->acc_shadow ? larger(work, out) : work + out;
}

// Cycles of the array for one group: its steps and what is added to each fold, and no less than a port takes.
static double array_cycles(const struct mp_bounder *b, const struct mp_spatial *s, const struct mp_pixel_sums *px,
                           const struct mp_cut *oc, const struct mp_cut *ic, const struct port_sums *p) {
    const struct mp_task *t = b->q->task;
    if (t->dataflow == MP_OS)
        return os_cycles(b, s, px, oc, ic, p);
    double n = b->step, in = p->in * b->port[MP_INPUT], w = p->w * b->port[MP_WEIGHT];
    double out = (p->written + p->read) * b->port[MP_OUTPUT];
    if (t->dataflow == MP_WS) {
        double work = larger(oc->folds * ic->steps * b->pixels * n, larger(in, out));
        return larger(work + oc->folds * ic->steps * px->tiles * b->still, w);
    }
    double work = larger(px->folds * ic->steps * b->oc * n, larger(w, out));
    return larger(work + px->folds * ic->steps * oc->tiles * b->still, in);
}

// What the tiles add to their folds or elements: the fill of fold.h, with a cycle for each fetch, or the vector unit's
// pipeline. Of the last drains all counts when no first fold is shorter than any drain.
static double tile_fills(const struct mp_bounder *b, const struct mp_spatial *s, const struct mp_pixel_sums *px,
                         const struct mp_cut *g, const struct mp_cut *oc, const struct mp_cut *ic, double tiles) {
    const struct mp_task *t = b->q->task;
    if (!t->sequenced || !t->on_array)
        return t->sequenced ? tiles * MP_VECTOR_PIPE : 0;
    double sums = ic->tiles > 1 ? 2 : 1, port = b->port[MP_OUTPUT];
    double longest = up((double)(s->pixel_unit * s->oc_unit * t->acc_bits) * sums * port);
    double drains = t->acc_shadow ? tiles : 0;
    if (t->acc_shadow && ic->last_steps * b->step >= longest)
        drains = larger(drains, px->rest * oc->rest * g->tiles * t->acc_bits * (2 * ic->tiles - 1) * port);
    return tiles * (1 + MP_ARRAY_PIPE) + drains;
}

// DRAM cycles before the first tile computes and behind the last one, and of what does not pass again.
static void set_dram(const struct mp_bounder *b, const struct mp_pixel_sums *px, const struct mp_cut *g, const struct mp_cut *oc,
                     const struct mp_cut *ic, double tiles, struct mp_tile_bound *out) {
    const struct mp_task *t = b->q->task;
    double in = g->size * ic->size * px->first_extent * t->a_load, w = 0, bus = b->mem.cycles_per_bit;
    double outputs = px->last_pixels * oc->last * g->last, last = t->output_on_chip ? 0 : outputs * t->out_stored;
    if (t->on_array)
        w = oc->size * g->size * (ic->size * b->kernel + t->param_bits);
    double first = in * b->beside[MP_INPUT] + w * b->beside[MP_WEIGHT], rest = b->out_bits - last;
    out->first = first + (first > 0 ? b->mem.latency : 0);
    out->last = last > 0 ? last * bus + b->mem.latency : 0;
    out->single = rest * b->single[MP_OUTPUT];
    out->beside = rest * b->beside[MP_OUTPUT] - first + (tiles - 1) * b->tile_latency;
    if (t->on_array && t->double_buffered[MP_OUTPUT]) { // requantisation comes beside the tiles behind the first load
        out->vector = b->vector + (t->sequenced ? MP_VECTOR_PIPE * px->tiles * g->tiles * oc->tiles : 0);
        out->last = larger(out->last, outputs * (double)t->work.passes / (double)t->vector_lanes);
    }
}

void mp_tile_bound(const struct mp_bounder *b, const struct mp_spatial *s, const struct mp_pixel_sums *px,
                   const struct mp_cut *g, const struct mp_cut *oc, const struct mp_cut *ic, struct mp_tile_bound *out) {
    double tiles = px->tiles * g->tiles * oc->tiles * ic->tiles;
    *out = (struct mp_tile_bound){.in_bits = b->load_bits * px->extent, .energy = b->fixed_pj,
                                  .fills = tile_fills(b, s, px, g, oc, ic, tiles)};
    out->busy = out->fills;
    set_dram(b, px, g, oc, ic, tiles, out);
    if (!b->q->task->on_array) {
        out->busy += b->vector;
        return;
    }
    struct port_sums port = port_sums(b, px, oc, ic);
    out->busy += b->groups * array_cycles(b, s, px, oc, ic, &port);
    double pe_steps = b->groups * b->pixels * b->oc * b->step;
    out->active = pe_steps * ic->active, out->active_most = pe_steps * ic->active_most;
    out->energy += port.in * b->port_in_pj + port.w * b->port_w_pj + port.written * b->write_pj + port.read * b->read_pj +
                   port.updates * b->update_pj;
}

// The least of  many / u + large * u  for u from `low` to `high`.
static double balance(double many, double large, double low, double high) {
    double u = large > 0 ? sqrt(many / large) : high;
    u = u < low ? low : u > high ? high : u;
    return many / u + large * u;
}

void mp_tile_bound_joint(const struct mp_bounder *b, const struct mp_pixel_sums *px, const struct mp_cut *g,
                         const struct mp_cut *oc, const struct mp_cut *ic, const struct mp_largest *most,
                         struct mp_tile_bound *k) {
    const struct mp_task *t = b->q->task;
    if (!t->sequenced)
        return;
    double latency = k->first > 0 ? b->mem.latency : 0, ends;
    double in = g->size * px->first_extent * t->a_load * b->beside[MP_INPUT], w = g->size * b->kernel * b->beside[MP_WEIGHT];
    if (t->on_array) { // with u = oc * ic of a tile: N / u tiles or more, weights of u to load first, ic at least u / oc
        double fill = 1 + MP_ARRAY_PIPE + (t->acc_shadow ? 1 : 0);
        double many = fill * px->tiles * g->tiles * b->oc * (double)t->size[MP_IC];
        ends = balance(many, w + in / most->oc, oc->size * ic->size, most->oc * most->ic);
    } else {
        double many = MP_VECTOR_PIPE * px->tiles * b->groups;
        ends = balance(many, in * ic->size / g->size, g->size, most->g);
    }
    k->joint = k->busy - k->fills + latency + ends;
}

// Whether `block` is tiled and another tiled block runs inside it.
static bool tiled_inside(const unsigned char order[MP_BLOCKS], unsigned tiled, unsigned block) {
    bool inside = false, found = false;
    for (int i = 0; i < MP_BLOCKS; i++) {
        found |= inside && (tiled >> order[i] & 1);
        inside |= order[i] == block;
    }
    return found && (tiled >> block & 1);
}

struct mp_reuse mp_reuse_of(const unsigned char order[MP_BLOCKS], unsigned tiled) {
    return (struct mp_reuse){.in = tiled_inside(order, tiled, MP_BLOCK_OC), .w = tiled_inside(order, tiled, MP_BLOCK_PIXEL),
                             .spills = tiled_inside(order, tiled, MP_BLOCK_IC)};
}

// `busy` stands for the tile bound's.
static inline double cycles_of(const struct mp_bounder *b, const struct mp_tile_bound *k, double busy, const struct mp_reuse *r) {
    double in = k->in_bits * r->in, w = b->w_bits * r->w, out = 2 * b->partial_bits * r->spills;
    double beside = in * b->beside[MP_INPUT] + w * b->beside[MP_WEIGHT] + out * b->beside[MP_OUTPUT] + k->beside;
    double single = in * b->single[MP_INPUT] + w * b->single[MP_WEIGHT] + out * b->single[MP_OUTPUT] + k->single;
    double behind = larger(larger(larger(busy, beside) + k->first, k->joint) + k->last, k->first + k->vector);
    return up((b->turned + single + behind) * MARGIN);
}

// Of the PEs' energy the least that fits the active cycles: all of them lie within the array's.
static inline double energy_of(const struct mp_bounder *b, const struct mp_tile_bound *k, const struct mp_reuse *r, double cycles) {
    double all = b->pes * cycles, active = k->active;
    if (b->active_pj < b->idle_pj)
        active = larger(active, lesser(k->active_most, all));
    double pes = active * b->active_pj + b->idle_pj * larger(0, all - active);
    double energy = k->energy + k->in_bits * r->in * b->in_pj + b->w_pj * r->w + b->partial_pj * r->spills;
    return (energy + cycles * b->cycle_pj + pes) * MARGIN;
}

static inline struct mp_score score_of(const struct mp_bounder *b, const struct mp_tile_bound *k, double busy,
                                       const struct mp_reuse *r) {
    double cycles = cycles_of(b, k, busy, r);
    if (cycles > b->most_cycles)
        return (struct mp_score){cycles, 0};
    double energy = energy_of(b, k, r, cycles);
    switch (b->q->objective) {
    case MP_LATENCY: return (struct mp_score){cycles, energy};
    case MP_ENERGY: return (struct mp_score){energy, cycles};
    default: return (struct mp_score){energy * cycles, cycles};
    }
}

double mp_bound_cycles(const struct mp_bounder *b, const struct mp_tile_bound *k, struct mp_reuse r) {
    return cycles_of(b, k, k->busy, &r);
}

double mp_bound_energy(const struct mp_bounder *b, const struct mp_tile_bound *k, struct mp_reuse r, double cycles) {
    return energy_of(b, k, &r, cycles);
}

// Of two tiled blocks pixel and oc the outer one's operand passes again; ic either spills or makes both pass again.
unsigned mp_reuse_best(double pixel, double oc, double ic, struct mp_reuse out[3]) {
    unsigned n = 0;
    if (ic > 1)
        out[n++] = (struct mp_reuse){oc, pixel, 0};
    out[n++] = (struct mp_reuse){pixel > 1 ? oc : 1, 1, ic - 1};
    if (pixel > 1 && oc > 1)
        out[n++] = (struct mp_reuse){1, pixel, ic - 1};
    return n;
}

struct mp_score mp_bound_free(const struct mp_bounder *b, const struct mp_tile_bound *k, double pixel, double oc, double ic) {
    struct mp_reuse reuse[3];
    unsigned n = mp_reuse_best(pixel, oc, ic, reuse);
    struct mp_score least = score_of(b, k, k->busy, &reuse[0]);
    for (unsigned i = 1; i < n; i++) {
        struct mp_score x = score_of(b, k, k->busy, &reuse[i]);
        if (mp_score_less(x, least))
            least = x;
    }
    return least;
}

// Cycles of the steps of a tile, for all its groups; of a vector layer, of its elements.
static double work_of(const struct mp_bounder *b, const struct mp_spatial *s, double g, double pixels, double oc, double steps) {
    const struct mp_task *t = b->q->task;
    if (!t->on_array)
        return g * pixels * oc * (double)t->work.passes / (double)t->vector_lanes;
    double across = t->dataflow == MP_IS ? oc : up(oc / (double)s->oc_unit * MARGIN);
    double along = t->dataflow == MP_WS ? pixels : up(pixels / (double)s->pixel_unit * MARGIN);
    return g * along * across * steps * b->step;
}

// Beside the first tile no other drains, beside the last one none loads: where they compute for longer, DRAM waits.
static double waits(const struct mp_bounder *b, const struct mp_pixel_sums *px, const struct mp_cut *g, const struct mp_cut *oc,
                    const struct mp_cut *ic, double first_work, double last_work) {
    const struct mp_task *t = b->q->task;
    double stored = t->output_on_chip ? 0 : t->out_stored, drained = ic->tiles > 1 ? larger(stored, t->acc_bits) : stored;
    double drain = g->size * px->first_pixels * oc->size * drained * b->beside[MP_OUTPUT];
    double in = g->size * (ic->size * px->most_inputs * t->a_load + b->batch * t->shared_load) * b->beside[MP_INPUT];
    double w = t->on_array ? g->size * oc->size * (ic->size * b->kernel + t->param_bits) * b->beside[MP_WEIGHT] : 0;
    double sums = ic->tiles > 1 ? g->size * px->first_pixels * oc->size * t->acc_bits * b->beside[MP_OUTPUT] : 0;
    bool one = px->tiles * g->tiles * oc->tiles * ic->tiles <= 1;
    return larger(0, last_work - drain) + (one ? 0 : larger(0, first_work - in - w - sums - b->tile_latency));
}

// A phase of up to two requests, to the cycle; of DRAM with rows, whose phases follow from more than their bursts, its floor.
static double phase(const struct mp_task *t, double one, double other) {
    const struct mp_mem_ops *ops = t->dram.ops;
    struct mp_phase p = {.count = 0};
    if (ops->activates) {
        struct mp_mem_floor floor = ops->floor(&t->dram);
        return one + other > 0 ? (floor.latency + (one + other) * floor.cycles_per_bit) * MARGIN : 0;
    }
    mp_phase_add(&p, (struct mp_request){.bursts = mp_bursts((uint64_t)one)});
    mp_phase_add(&p, (struct mp_request){.bursts = mp_bursts((uint64_t)other)});
    return (double)ops->phase(&t->dram, &p, 0).cycles;
}

// The first load and the last drain to the cycle; the first tile's work, beside which nothing is requantised.
static void set_ends(const struct mp_bounder *b, const struct mp_pixel_sums *px, const struct mp_cut *g,
                     const struct mp_cut *oc, const struct mp_cut *ic, struct mp_point_bound *p) {
    const struct mp_task *t = b->q->task;
    const bool *db = t->double_buffered;
    double outputs = px->last_pixels * oc->last * g->last;
    double in = db[MP_INPUT] ? g->size * (ic->size * px->first_extent * t->a_load + px->first_batch * t->shared_load) : 0;
    double w = db[MP_WEIGHT] && t->on_array ? g->size * oc->size * (ic->size * b->kernel + t->param_bits) : 0;
    p->tile.first = phase(t, in, w);
    if (db[MP_OUTPUT]) {
        double vector = t->on_array ? up(outputs / (double)t->vector_lanes * MARGIN) * (double)t->work.passes : 0;
        p->tile.last = phase(t, t->output_on_chip ? 0 : outputs * t->out_stored, 0);
        p->tile.last = larger(p->tile.last, vector + (t->on_array && t->sequenced ? MP_VECTOR_PIPE : 0));
        p->tile.vector += t->on_array ? p->tile_work : 0;
    }
}

// Cycles by which the fetch of a tile's first operands exceeds the one that is among the fills.
static double fetch_more(const struct mp_bounder *b, const struct mp_spatial *s, const struct mp_pixel_sums *px,
                         const struct mp_cut *oc, const struct mp_cut *ic) {
    if (!b->q->task->on_array || !b->q->task->sequenced)
        return 0;
    double weights = up(lesser((double)s->oc_unit, oc->last) * ic->operands * b->w_step * MARGIN);
    double inputs = up(lesser((double)s->pixel_unit, px->last_pixels) * ic->operands * b->in_step * MARGIN);
    return larger(lesser(b->step, larger(weights, inputs)) - 1, 0);
}

void mp_point_bound(const struct mp_bounder *b, const struct mp_spatial *s, const struct mp_pixel_sums *px,
                    const struct mp_cut *g, const struct mp_cut *oc, const struct mp_cut *ic, struct mp_point_bound *out) {
    const struct mp_task *t = b->q->task;
    struct mp_tile_bound *k = &out->tile;
    out->tile_work = work_of(b, s, g->size, px->first_pixels, oc->size, ic->first_steps);
    double last_work = work_of(b, s, g->last, px->last_pixels, oc->last, ic->last_steps);
    out->in_tiles = g->tiles * px->tiles * ic->tiles, out->w_tiles = g->tiles * oc->tiles * ic->tiles;
    out->first_in = g->size * ic->size * px->first_extent * t->a_load * b->beside[MP_INPUT];
    out->first_w = t->on_array ? g->size * oc->size * (ic->size * b->kernel + t->param_bits) * b->beside[MP_WEIGHT] : 0;
    if (!t->on_array)
        out->work = b->vector;
    else if (t->dataflow == MP_OS)
        out->work = b->groups * px->folds * oc->folds * ic->steps * b->step;
    else
        out->work = b->groups * ic->steps * b->step * (t->dataflow == MP_WS ? oc->folds * b->pixels : px->folds * b->oc);
    double fetch = fetch_more(b, s, px, oc, ic), tiles = px->tiles * g->tiles * oc->tiles * ic->tiles;
    out->tile_work += fetch, out->work += fetch * tiles, k->busy += fetch * tiles;
    k->beside += waits(b, px, g, oc, ic, out->tile_work, last_work);
    set_ends(b, px, g, oc, ic, out);
}

// A load of weights, or of inputs, hides behind one tile: of all of them no more than so many of the largest tiles.
struct mp_score mp_point_bound_of(const struct mp_bounder *b, const struct mp_point_bound *p, struct mp_reuse r) {
    const struct mp_tile_bound *k = &p->tile;
    double hides = p->tile_work - b->mem.latency;
    double w = b->w_bits * r.w * b->beside[MP_WEIGHT] - p->first_w, in = k->in_bits * r.in * b->beside[MP_INPUT] - p->first_in;
    double more = 0;
    if (w > 0)
        more = larger(more, w - (p->w_tiles * r.w - 1) * hides);
    if (in > 0)
        more = larger(more, in - (p->in_tiles * r.in - 1) * hides);
    return score_of(b, k, larger(k->busy, p->work + more), &r);
}
