// SPDX-License-Identifier: Apache-2.0
// Bounds in doubles: sums that factor over the dimensions. A margin of 1e-9 covers their rounding.
#include "sim/map/bound.h"

#include <math.h>

static double larger(double a, double b) {
    return a > b ? a : b;
}

void mp_pixel_sums(const struct mp_task *t, const struct mp_spatial *s, const struct mp_cut *b, const struct mp_cut *oh,
                   const struct mp_cut *ow, struct mp_pixel_sums *out) {
    const struct mp_cut *cut[3] = {b, oh, ow};
    uint64_t full[3], edge[3], folds = 0, rest = 0;
    for (int i = 0; i < 3; i++)
        full[i] = t->size[MP_B + i] / cut[i]->tile, edge[i] = t->size[MP_B + i] % cut[i]->tile;
    for (unsigned k = 0; k < 8; k++) {
        uint64_t n = 1, pixels = 1;
        for (int i = 0; i < 3; i++) {
            bool e = k >> i & 1;
            n *= e ? edge[i] != 0 : full[i];
            pixels *= e ? edge[i] : cut[i]->tile;
        }
        if (n)
            folds += n * mp_ceil_div(pixels, s->pixel_unit), rest += n * ((pixels - 1) % s->pixel_unit + 1);
    }
    *out = (struct mp_pixel_sums){
        .pixels = (double)(t->size[MP_B] * t->size[MP_OH] * t->size[MP_OW]), .folds = (double)folds, .rest = (double)rest,
        .tiles = (double)(b->axis.tiles * oh->axis.tiles * ow->axis.tiles),
        .extent = (double)t->size[MP_B] * (double)oh->axis.extent * (double)ow->axis.extent,
        .first_extent = (double)(b->tile * oh->axis.runs[0].extent * ow->axis.runs[0].extent),
        .last_pixels = (double)(b->last * oh->last * ow->last)};
}

static struct mp_port_sums port_sums(const struct mp_task *t, const struct mp_spatial *s, const struct mp_pixel_sums *px,
                                    const struct mp_cut *oc, const struct mp_cut *ic) {
    double occ = (double)t->size[MP_OC], ics = (double)(t->size[MP_IC] * s->taps), steps = (double)ic->steps;
    double a = t->a_read, w = t->w_stored, outputs = px->pixels * occ, fetched = (double)ic->fetched;
    double rounds = t->dataflow == MP_OS ? (double)ic->axis.tiles : steps; // times that partial sums are written
    struct mp_port_sums r = {.out_written = outputs * t->acc_bits * rounds, .out_read = outputs * t->acc_bits * (rounds - 1),
                           .updates = outputs * steps};
    if (t->dataflow == MP_OS)
        r.in_bits = px->pixels * (double)oc->folds * fetched * a, r.w_bits = px->folds * occ * fetched * w;
    else if (t->dataflow == MP_WS)
        r.in_bits = px->pixels * (double)oc->folds * ics * a, r.w_bits = px->tiles * occ * ics * w;
    else
        r.in_bits = px->pixels * (double)oc->axis.tiles * ics * a, r.w_bits = px->folds * occ * ics * w;
    return r;
}

// Cycles of the array for one group: its steps and what is added to each fold, and no less than a port takes.
static double array_cycles(const struct mp_task *t, const struct mp_pixel_sums *px, const struct mp_cut *oc,
                           const struct mp_cut *ic, const struct mp_port_sums *a) {
    double n = (double)t->step_cycles, skew = t->systolic ? (double)(t->rows + t->cols - 2) : 0;
    double folds = (double)oc->folds * px->folds, steps = (double)ic->steps, work, in, w, out;
    in = a->in_bits / (double)t->port_bits[MP_INPUT], w = a->w_bits / (double)t->port_bits[MP_WEIGHT];
    out = (a->out_written + a->out_read) / (double)t->port_bits[MP_OUTPUT];
    if (t->dataflow == MP_OS) // a fold's drain may be hidden
        return folds * skew * (double)ic->axis.tiles + larger(folds * steps * n, larger(in, w));
    double still = skew + (t->weight_shadow ? 0 : (double)t->rows);
    if (t->dataflow == MP_WS) {
        work = larger((double)oc->folds * steps * px->pixels * n, larger(in, out));
        return larger(work + (double)oc->folds * steps * px->tiles * still, w);
    }
    work = larger(px->folds * steps * (double)t->size[MP_OC] * n, larger(w, out));
    return larger(work + px->folds * steps * (double)oc->axis.tiles * still, in);
}

// Output channels of the last folds of all oc tiles. At least one each in the loosest cut, whose fields do not belong
// to one tile size.
static double oc_rest(const struct mp_task *t, const struct mp_spatial *s, const struct mp_cut *oc) {
    uint64_t tiles = oc->axis.tiles, unit = s->oc_unit;
    if (mp_ceil_div(t->size[MP_OC], oc->tile) != tiles)
        return (double)tiles;
    return (double)((tiles - 1) * ((oc->tile - 1) % unit + 1) + (oc->last - 1) % unit + 1);
}

// What the tiles add to their folds or elements: the fill of fold.h, with a cycle for each fetch, or the vector unit's
// pipeline. Of the last drains all counts when no first fold is shorter than any drain.
static double tile_fills(const struct mp_task *t, const struct mp_spatial *s, const struct mp_pixel_sums *px,
                         const struct mp_cut *const cut[MP_DIMS], double tiles) {
    if (!t->sequenced || !t->on_array)
        return t->sequenced ? tiles * MP_VECTOR_PIPE : 0;
    uint64_t port = t->port_bits[MP_OUTPUT], sums = cut[MP_IC]->axis.tiles > 1 ? 2 : 1;
    uint64_t longest = mp_ceil_div(s->pixel_unit * s->oc_unit * t->acc_bits * sums, port);
    double drains = t->acc_shadow ? tiles : 0;
    if (t->acc_shadow && mp_reduce_count(s, cut[MP_IC]->last) * t->step_cycles >= longest) {
        double outputs = px->rest * oc_rest(t, s, cut[MP_OC]) * (double)cut[MP_G]->axis.tiles;
        drains = larger(drains, outputs * t->acc_bits * (double)(2 * cut[MP_IC]->axis.tiles - 1) / (double)port);
    }
    return tiles * (1 + MP_ARRAY_PIPE) + drains;
}

static double word_price(const struct mp_map_request *q, enum mp_event e, enum mp_buffer_id b) {
    return q->prices->pj[e] / (double)q->task->word_bits[b];
}

// pJ of the array, its ports and the vector unit.
static double work_energy(const struct mp_map_request *q, const struct mp_port_sums *a, double groups, double active,
                          double outputs) {
    const struct mp_task *t = q->task;
    const double *pj = q->prices->pj;
    const struct mp_vector_work *w = &t->work;
    double held = outputs * (t->on_array ? t->acc_bits : t->out_stored);
    double e = outputs * ((double)w->requant * pj[MP_EV_VEC_REQUANT] + (double)w->alu * pj[MP_EV_VEC_ALU] +
                          (double)w->mul * pj[MP_EV_VEC_MUL] + (double)w->special * pj[MP_EV_VEC_SPECIAL]);
    e += held * word_price(q, MP_EV_OUTPUT_READ, MP_OUTPUT) + (double)t->turned * pj[MP_EV_VEC_ALU];
    if (!t->on_array)
        return e + outputs * (double)w->passes * t->a_read * word_price(q, MP_EV_INPUT_READ, MP_INPUT) +
               held * word_price(q, MP_EV_OUTPUT_WRITE, MP_OUTPUT);
    double net = a->in_bits + a->w_bits + a->out_written + a->out_read;
    e += groups * (net * pj[MP_EV_NET_BIT] + a->in_bits * word_price(q, MP_EV_INPUT_READ, MP_INPUT) +
                   a->w_bits * word_price(q, MP_EV_WEIGHT_READ, MP_WEIGHT) +
                   a->out_written * word_price(q, MP_EV_OUTPUT_WRITE, MP_OUTPUT) +
                   a->out_read * word_price(q, MP_EV_OUTPUT_READ, MP_OUTPUT));
    return e + groups * a->updates * (t->odd ? 2 : 1) * pj[MP_EV_ACC_UPDATE] + active * pj[MP_EV_PE_ACTIVE];
}

void mp_tile_bound(const struct mp_map_request *q, const struct mp_spatial *s, const struct mp_pixel_sums *px,
                   const struct mp_cut *const cut[MP_DIMS], struct mp_tile_bound *out) {
    const struct mp_task *t = q->task;
    const struct mp_cut *g = cut[MP_G], *oc = cut[MP_OC], *ic = cut[MP_IC];
    double groups = (double)t->size[MP_G], occ = (double)t->size[MP_OC], outputs = groups * px->pixels * occ;
    double first_oc = (double)(oc->tile * g->tile), kernel = (double)(t->win[0].k * t->win[1].k);
    *out = (struct mp_tile_bound){
        .tiles = px->tiles * (double)(g->axis.tiles * oc->axis.tiles * ic->axis.tiles),
        .in_bits = groups * (double)t->size[MP_IC] * px->extent * t->a_load,
        .out_bits = t->output_on_chip ? 0 : outputs * t->out_stored, .partial_bits = outputs * t->acc_bits,
        .first_in = (double)(g->tile * ic->tile) * px->first_extent * t->a_load};
    out->last_out = t->output_on_chip ? 0 : px->last_pixels * (double)(oc->last * g->last) * t->out_stored;
    if (t->on_array) {
        out->port = port_sums(t, s, px, oc, ic);
        out->busy = groups * array_cycles(t, px, oc, ic, &out->port);
        out->vector = outputs * (double)t->work.passes / (double)t->vector_lanes;
        out->kernel_bits = groups * occ * (double)t->size[MP_IC] * kernel * t->w_stored;
        out->w_bits = out->kernel_bits + groups * occ * t->param_bits;
        out->first_w = first_oc * ((double)ic->tile * kernel * t->w_stored + t->param_bits);
        out->active = groups * px->pixels * occ * (double)(t->dataflow == MP_OS ? ic->steps : ic->active) * (double)t->step_cycles;
    } else {
        out->busy = outputs * (double)t->work.passes / (double)t->vector_lanes;
    }
    out->busy += tile_fills(t, s, px, cut, out->tiles);
}

void mp_tile_bound_energy(const struct mp_map_request *q, const struct mp_pixel_sums *px, struct mp_tile_bound *b) {
    const struct mp_task *t = q->task;
    double groups = (double)t->size[MP_G], outputs = groups * px->pixels * (double)t->size[MP_OC];
    b->energy = work_energy(q, &b->port, groups, b->active, outputs);
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

static double cycles_of(const struct mp_task *t, const struct mp_tile_bound *b, double in, double w, double out) {
    const bool *db = t->double_buffered;
    struct mp_mem_floor floor = t->dram.ops->floor(&t->dram);
    double bus = floor.cycles_per_bit, latency = floor.latency;
    double first = (db[MP_INPUT] ? b->first_in : 0) + (db[MP_WEIGHT] ? b->first_w : 0);
    double single = (db[MP_INPUT] ? 0 : in) + (db[MP_WEIGHT] ? 0 : w) + (db[MP_OUTPUT] ? 0 : out - b->last_out);
    double beside = in + w + out - b->last_out - first - single;
    // Each tile but the first loads an input or a weight tile, and waits for its first beat.
    bool loads = t->a_load && db[MP_INPUT] && (db[MP_WEIGHT] || !t->on_array);
    double dram = larger(beside, 0) * bus + (loads ? (b->tiles - 1) * latency : 0);
    double ends = (first > 0 ? first * bus + latency : 0) + (b->last_out > 0 ? b->last_out * bus + latency : 0);
    double turned = (double)mp_ceil_div(t->turned, t->vector_lanes);
    return ends + turned + single * bus + larger(b->busy, dram);
}

double mp_bound_cycles(const struct mp_map_request *q, const struct mp_tile_bound *b, struct mp_reuse r) {
    double out = b->out_bits + 2 * b->partial_bits * r.spills;
    return ceil(cycles_of(q->task, b, b->in_bits * r.in, b->w_bits * r.w, out) * (1 - 1e-9));
}

struct mp_score mp_bound(const struct mp_map_request *q, const struct mp_tile_bound *b, struct mp_reuse r) {
    const struct mp_task *t = q->task;
    const double *pj = q->prices->pj;
    double in = b->in_bits * r.in, w = b->w_bits * r.w, partial = b->partial_bits * r.spills;
    double cycles = mp_bound_cycles(q, b, r);
    double energy = b->energy + (in + w + partial) * pj[MP_EV_DRAM_READ] + (b->out_bits + partial) * pj[MP_EV_DRAM_WRITE];
    energy += in * word_price(q, MP_EV_INPUT_WRITE, MP_INPUT) + b->kernel_bits * r.w * word_price(q, MP_EV_WEIGHT_WRITE, MP_WEIGHT);
    energy += partial * (word_price(q, MP_EV_OUTPUT_WRITE, MP_OUTPUT) + word_price(q, MP_EV_OUTPUT_READ, MP_OUTPUT));
    energy += cycles * pj[MP_EV_CYCLE];
    if (t->on_array)
        energy += pj[MP_EV_PE_IDLE] * larger(0, (double)(t->rows * t->cols) * cycles - b->active);
    return mp_score_of(q->objective, (uint64_t)cycles, energy * (1 - 1e-9));
}
