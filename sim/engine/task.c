// SPDX-License-Identifier: Apache-2.0
// From a layer of a resolved plan and an architecture to the integers that the engines work on.
#include "sim/engine/task.h"

#include "sim/engine/vector.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

static void init_sizes(struct mp_task *t, const struct mp_layer *l, uint64_t batch, uint64_t channels) {
    const struct mp_geometry *g = &l->geo;
    t->size[MP_G] = g->groups, t->size[MP_B] = batch;
    t->size[MP_OH] = g->oh, t->size[MP_OW] = g->ow;
    t->size[MP_OC] = g->oc, t->size[MP_IC] = g->ic;
    if (l->type == MP_MATMUL) { // each image has a second operand of its own
        t->size[MP_G] = g->groups * batch;
        t->size[MP_B] = 1;
    } else if (t->on_array && g->groups > 1) {
        t->size[MP_G] = channels / g->oc;
    } else if (t->on_array) {
        t->size[MP_OC] = channels;
    }
    t->win[0] = (struct mp_window){.in = g->ih, .k = g->kh, .s = g->sh, .d = g->dh, .pad = g->pt};
    t->win[1] = (struct mp_window){.in = g->iw, .k = g->kw, .s = g->sw, .d = g->dw, .pad = g->pl};
}

static void init_arch(struct mp_task *t, const struct mp_arch *arch, uint64_t reserved_bits) {
    const struct mp_pe_array *a = &arch->array;
    t->rows = a->rows, t->cols = a->cols;
    t->dataflow = a->dataflow;
    t->systolic = a->interconnect == MP_SYSTOLIC;
    t->sequenced = a->dataflow == MP_OS && a->interconnect == MP_BROADCAST;
    t->acc_shadow = a->accumulator.shadow;
    t->weight_shadow = a->weight_shadow;
    t->acc_bits = (unsigned)a->accumulator.bits;
    t->vector_lanes = arch->vector_unit.lanes;
    t->dram = arch->dram;
    for (int b = 0; b < MP_BUFFERS; b++) {
        const struct mp_buffer *buf = &arch->buffers[b];
        t->port_bits[b] = buf->width_bits;
        t->word_bits[b] = mp_buffer_word_bits(buf);
        t->double_buffered[b] = buf->double_buffered;
        uint64_t bits = buf->size_bytes * 8;
        if (b == MP_INPUT)
            bits = bits > reserved_bits ? bits - reserved_bits : 0;
        t->tile_bits[b] = bits / (buf->double_buffered ? 2 : 1);
    }
}

// Widths of the operands as stored, and how many of their bits come from DRAM.
static void init_widths(struct mp_task *t, const struct mp_arch *arch, const struct mp_layer *l,
                        const struct mp_plan *plan, const struct mp_residency *res) {
    size_t operands = t->on_array ? 1 : l->input_count;
    for (size_t i = 0; i < operands; i++) {
        unsigned bits = mp_arch_stored_bits(arch, plan->tensor_bits[l->inputs[i]]);
        bool shared = i == 1 && l->broadcast;
        *(shared ? &t->shared_read : &t->a_read) += bits;
        if (!(res->inputs_on_chip >> i & 1))
            *(shared ? &t->shared_load : &t->a_load) += bits;
    }
    t->w_stored = t->on_array ? mp_arch_stored_bits(arch, t->w_bits) : 0;
    t->out_stored = mp_arch_stored_bits(arch, plan->tensor_bits[l->output]);
    t->output_on_chip = res->output_on_chip;
}

void mp_task_init(struct mp_task *t, const struct mp_arch *arch, const struct mp_workload *w, const struct mp_plan *plan,
                  size_t layer, uint64_t channels, unsigned w_bits, const struct mp_residency *res) {
    const struct mp_layer *l = &w->layers[layer];
    const struct mp_pe *pe = &arch->array.pe;
    memset(t, 0, sizeof *t); // padding too: tasks are compared byte by byte
    t->on_array = mp_layer_on_array(l);
    t->a_bits = plan->layers[layer].a_bits;
    t->w_bits = t->on_array ? w_bits : 0;
    init_sizes(t, l, plan->batch, channels);
    init_arch(t, arch, res->reserved_bits);
    init_widths(t, arch, l, plan, res);
    t->work = mp_vector_work_of(l);
    if (!t->on_array)
        return;
    struct mp_pe_step step = pe->ops->step(pe, t->a_bits, t->w_bits);
    t->step_cycles = step.cycles;
    t->lanes = pe->lanes * step.products;
    t->odd = plan->layers[layer].encoding == MP_ODD;
    t->param_bits = (unsigned)arch->vector_unit.param_bits;
    if (l->type == MP_MATMUL && pe->ops->weight_planes)
        t->turned = t->size[MP_G] * t->size[MP_OC] * t->size[MP_IC];
}

// Windows that do not overlap touch only their taps.
static uint64_t extent_apart(const struct mp_window *w, int64_t first, uint64_t count) {
    uint64_t touched = 0;
    int64_t in = (int64_t)w->in, s = (int64_t)w->s, d = (int64_t)w->d, last = first + (int64_t)count - 1;
    while (first <= last && (first * s - (int64_t)w->pad < 0 || last * s - (int64_t)w->pad + (int64_t)(w->k - 1) * d >= in)) {
        bool low = first * s - (int64_t)w->pad < 0;
        int64_t at = (low ? first++ : last--) * s - (int64_t)w->pad;
        for (uint64_t tap = 0; tap < w->k; tap++, at += d)
            touched += at >= 0 && at < in;
    }
    return touched + (uint64_t)(last - first + 1) * w->k;
}

uint64_t mp_window_extent(const struct mp_window *w, uint64_t first, uint64_t count) {
    int64_t reach = (int64_t)((w->k - 1) * w->d);
    if ((int64_t)w->s > reach)
        return extent_apart(w, (int64_t)first, count);
    int64_t lo = (int64_t)(first * w->s) - (int64_t)w->pad;
    int64_t hi = lo + (int64_t)((count - 1) * w->s) + reach;
    if (lo < 0)
        lo = 0;
    if (hi > (int64_t)w->in - 1)
        hi = (int64_t)w->in - 1;
    return hi >= lo ? (uint64_t)(hi - lo + 1) : 0;
}

uint64_t mp_window_room(const struct mp_window *w, uint64_t count) {
    uint64_t reach = (w->k - 1) * w->d;
    uint64_t room = w->s > reach ? count * w->k : (count - 1) * w->s + reach + 1;
    return room < w->in ? room : w->in;
}

uint64_t mp_tile_buffer_bits(const struct mp_task *t, const uint64_t tile[MP_DIMS], enum mp_buffer_id b) {
    switch (b) {
    case MP_INPUT:
        return tile[MP_G] * tile[MP_B] * (tile[MP_IC] * mp_window_room(&t->win[0], tile[MP_OH]) *
               mp_window_room(&t->win[1], tile[MP_OW]) * t->a_load + t->shared_load);
    case MP_WEIGHT:
        return tile[MP_G] * tile[MP_OC] * tile[MP_IC] * t->win[0].k * t->win[1].k * t->w_stored;
    default:
        return tile[MP_G] * tile[MP_B] * tile[MP_OH] * tile[MP_OW] * tile[MP_OC] *
               (t->on_array ? t->acc_bits : t->out_stored);
    }
}

struct mp_task mp_task_padded(const struct mp_task *t, const struct mp_mapping *m) {
    struct mp_task p = *t;
    for (int d = 0; m->padded && d < MP_DIMS; d++)
        p.size[d] = mp_ceil_div(t->size[d], m->tile[d]) * m->tile[d];
    return p;
}

uint64_t mp_task_macs(const struct mp_task *t) {
    if (!t->on_array)
        return 0;
    uint64_t macs = t->win[0].k * t->win[1].k;
    for (int d = 0; d < MP_DIMS; d++)
        macs *= t->size[d];
    return macs;
}

static bool check_role(const char *where, const char *what, unsigned role, unsigned allowed, struct mp_err *err) {
    if (role < MP_ROLES && (allowed >> role & 1))
        return true;
    return mp_fail(err, "%s: %s cannot carry \"%s\" on this array (see array.map)", where, what,
                   role < MP_ROLES ? mp_role_names[role] : "nothing");
}

static bool check_roles(const struct mp_task *t, const struct mp_pe_array *a, const struct mp_mapping *m, const char *where,
                        struct mp_err *err) {
    if (!check_role(where, "rows", m->rows, a->row_roles, err) || !check_role(where, "cols", m->cols, a->col_roles, err) ||
        !check_role(where, "lanes", m->lanes, a->lane_roles, err))
        return false;
    if (t->dataflow == MP_OS && t->systolic && m->rows == m->cols)
        return mp_fail(err, "%s: rows and cols of a systolic array must carry different things (both \"%s\")", where,
                       mp_role_names[m->rows]);
    if (t->dataflow != MP_OS && m->lanes != m->rows)
        return mp_fail(err, "%s: lanes continue the reduction of the rows under %s (rows \"%s\", lanes \"%s\")", where,
                       mp_dataflow_names[t->dataflow], mp_role_names[m->rows], mp_role_names[m->lanes]);
    return true;
}

static bool check_tiles(const struct mp_task *t, const struct mp_mapping *m, const char *where, struct mp_err *err) {
    unsigned seen = 0;
    for (int d = 0; d < MP_DIMS; d++) {
        if (m->tile[d] < 1 || (m->tile[d] > t->size[d] && !m->padded))
            return mp_fail(err, "%s: tile %s must be 1..%" PRIu64 " (got %" PRIu64 ")", where, mp_dim_names[d], t->size[d],
                           m->tile[d]);
        if (m->order[d] >= MP_DIMS || (seen >> m->order[d] & 1))
            return mp_fail(err, "%s: order must name every dimension once", where);
        seen |= 1u << m->order[d];
    }
    if (!t->on_array && (m->tile[MP_OC] != t->size[MP_OC] || m->tile[MP_IC] != t->size[MP_IC]))
        return mp_fail(err, "%s: tile oc and ic must be whole off the array (%" PRIu64 " and %" PRIu64 ")", where,
                       t->size[MP_OC], t->size[MP_IC]);
    for (int b = 0; b < MP_BUFFERS; b++) {
        uint64_t need = mp_tile_buffer_bits(t, m->tile, (enum mp_buffer_id)b);
        if (need > t->tile_bits[b])
            return mp_fail(err, "%s: a tile needs %" PRIu64 " bits of the %s buffer, which leaves %" PRIu64 " to a tile",
                           where, need, mp_buffer_names[b], t->tile_bits[b]);
    }
    return true;
}

bool mp_mapping_check(const struct mp_task *t, const struct mp_arch *arch, const struct mp_mapping *m, const char *where,
                      struct mp_err *err) {
    return (!t->on_array || check_roles(t, &arch->array, m, where, err)) && check_tiles(t, m, where, err);
}
