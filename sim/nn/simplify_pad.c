// SPDX-License-Identifier: Apache-2.0
// Zeros around an image: into the padding of the window behind them. A maximum pads with nothing, so there the image must hold
// no negative numbers.
#include "sim/nn/simplify_pass.h"

#include <string.h>

// Zeros before and behind rows and columns, none elsewhere. False when it is another Pad.
static bool zeros(const struct mp_pass *p, const struct mp_graph_node *n, unsigned rank, int64_t pads[2 * MP_MAX_RANK]) {
    const struct mp_value *given = mp_node_input(p->g, n, 1);
    const struct mp_attr *attr = mp_attr_find(n, "pads");
    double value = (double)mp_attr_real(n, "value", 0);
    if (strcmp(mp_attr_text(n, "mode", "constant"), "constant") != 0 || mp_node_input(p->g, n, 3) || rank < 3 || rank > 4 ||
        (given ? !given->constant : !attr) || (mp_node_input(p->g, n, 2) && !mp_pass_scalar(p, n->inputs[2], &value)))
        return false;
    const int64_t *from = given ? given->array.i : attr->ints;
    if ((given ? mp_shape_count(&given->array.shape) : attr->count) != 2 * rank || value < 0 || value > 0)
        return false;
    for (unsigned i = 0; i < 2 * rank; i++) {
        pads[i] = from[i];
        if (pads[i] < 0 || (i % rank < 2 && pads[i] != 0))
            return false;
    }
    return true;
}

static bool is_positive(const struct mp_pass *p, size_t value) {
    return mp_pass_producer(p, value, "Relu") || mp_pass_producer(p, value, "Sigmoid");
}

static bool takes_zeros(const struct mp_pass *p, const struct mp_graph_node *n, const struct mp_graph_node *pad) {
    const struct mp_attr *own = mp_attr_find(n, "pads");
    bool padded = false;
    for (size_t i = 0; own && i < own->count; i++)
        padded = padded || own->ints[i] != 0;
    if (n->inputs[0] != pad->outputs[0] || strcmp(mp_attr_text(n, "auto_pad", "NOTSET"), "NOTSET") != 0)
        return false;
    if (mp_pass_is(n, "Conv"))
        return true;
    if (mp_attr_int(n, "ceil_mode", 0) != 0 || padded)
        return false;
    return mp_pass_is(n, "AveragePool") || (mp_pass_is(n, "MaxPool") && is_positive(p, pad->inputs[0]));
}

// A pool's padding must be smaller than its window.
static bool fits(const struct mp_graph_node *n, const int64_t *pads, unsigned rank) {
    const struct mp_attr *kernel = mp_attr_find(n, "kernel_shape");
    for (unsigned i = 2; !mp_pass_is(n, "Conv") && i < rank; i++)
        if (!kernel || pads[i] >= kernel->ints[i - 2] || pads[i + rank] >= kernel->ints[i - 2])
            return false;
    return true;
}

void mp_pass_pads(struct mp_pass *p) {
    for (size_t i = 0; i < p->g->node_count; i++) {
        struct mp_graph_node *pad = &p->g->nodes[i];
        int64_t pads[2 * MP_MAX_RANK];
        if (!mp_pass_is(pad, "Pad"))
            continue;
        unsigned rank = p->g->values[pad->inputs[0]].array.shape.rank, dims = rank - 2;
        struct mp_graph_node *n = mp_pass_reader(p, pad->outputs[0]);
        if (!n || !zeros(p, pad, rank, pads) || !takes_zeros(p, n, pad) || !fits(n, pads, rank))
            continue;
        const struct mp_attr *own = mp_attr_find(n, "pads");
        int64_t *sum = mp_arena_alloc(p->g->arena, 2 * (size_t)dims, sizeof *sum);
        for (unsigned d = 0; d < dims; d++) {
            sum[d] = pads[2 + d] + (own ? own->ints[d] : 0);
            sum[d + dims] = pads[2 + d + rank] + (own ? own->ints[d + dims] : 0);
        }
        mp_pass_set_attr(p, n, &(struct mp_attr){.name = "pads", .type = MP_ATTR_INTS, .ints = sum, .count = 2 * (size_t)dims});
        if (mp_pass_is(n, "AveragePool"))
            mp_pass_set_attr(p, n, &(struct mp_attr){.name = "count_include_pad", .type = MP_ATTR_INT, .i = 1});
        n->inputs[0] = pad->inputs[0];
        mp_pass_remove(pad);
    }
}
