// SPDX-License-Identifier: Apache-2.0
// What computes nothing: other shapes and orders of the same elements are followed, parts of them become views when a layer
// asks for them, parts side by side a concatenation, channels of zeros a pool of one pixel.
#include "sim/nn/lower.h"
#include "sim/nn/op.h"

#include <string.h>

static void go_on(struct mp_lower *l, size_t node, size_t output, bool moved) {
    const struct mp_graph_node *n = &l->g->nodes[node];
    size_t from = n->inputs[0], to = n->outputs[output];
    struct mp_chain *chain = mp_arena_alloc(l->arena, 1, sizeof *chain);
    unsigned channel = l->spots[to].channel;
    *chain = (struct mp_chain){node, l->spots[from].chain};
    l->spots[to] = l->spots[from];
    l->spots[to].chain = chain;
    l->spots[to].made = NULL;
    l->spots[to].channel = channel;
    l->spots[to].moved = l->spots[from].moved || moved;
}

static bool same_elements(struct mp_lower *l, size_t node, struct mp_err *err) {
    const struct mp_graph_node *n = &l->g->nodes[node];
    if (l->g->values[n->outputs[0]].array.whole)
        return mp_graph_fail(l->g, n, err, "integers are not computed by layers");
    go_on(l, node, 0, false);
    return true;
}

static bool lower_transpose(struct mp_lower *l, size_t node, struct mp_err *err) {
    const struct mp_graph_node *n = &l->g->nodes[node];
    const struct mp_shape *from = mp_lower_shape(l, n->inputs[0]);
    int64_t given[MP_MAX_RANK];
    unsigned perm[MP_MAX_RANK];
    size_t count = 0;
    bool has = mp_lower_ints(l->g, n, (size_t)-1, "perm", given, MP_MAX_RANK, &count);
    (void)err;
    for (unsigned i = 0; i < from->rank; i++)
        perm[i] = has ? (unsigned)given[i] : from->rank - 1 - i;
    go_on(l, node, 0, false);
    struct mp_spot *to = &l->spots[n->outputs[0]];
    unsigned channel = l->spots[n->inputs[0]].channel;
    for (unsigned i = 0; i < from->rank; i++)
        if (perm[i] == channel)
            to->channel = i;
    to->moved = to->moved || !mp_place_turn(&to->place, from, perm);
    return true;
}

// The dimension along which the channels of the value's tensor lie.
static unsigned channel_dim(const struct mp_lower *l, size_t value) {
    const struct mp_spot *s = &l->spots[value];
    const struct mp_shape *shape = mp_lower_shape(l, value);
    struct mp_form f = mp_lower_form(l, value);
    if (s->moved || f.at.inner < 2)
        return s->channel;
    uint64_t stride = 1;
    for (unsigned d = shape->rank; d-- > 0; stride *= shape->dim[d])
        if (stride == f.at.step && shape->dim[d] > 1)
            return d;
    return s->channel;
}

static bool lower_part(struct mp_lower *l, size_t node, struct mp_err *err) {
    const struct mp_graph_node *n = &l->g->nodes[node];
    if (mp_lower_is_constant(l, n->inputs[0]) || l->g->values[n->inputs[0]].array.whole)
        return mp_graph_fail(l->g, n, err, "the first input must be an activation, the indices constants");
    for (size_t i = 1; i < n->input_count; i++)
        if (n->inputs[i] != MP_NO_VALUE && !mp_lower_is_constant(l, n->inputs[i]))
            return mp_graph_fail(l->g, n, err, "which elements are taken must be constant");
    unsigned channel = channel_dim(l, n->inputs[0]), rank = mp_lower_shape(l, n->inputs[0])->rank;
    for (size_t i = 0; i < n->output_count; i++) {
        if (n->outputs[i] == MP_NO_VALUE)
            continue;
        go_on(l, node, i, true);
        if (mp_lower_shape(l, n->outputs[i])->rank == rank)
            l->spots[n->outputs[i]].channel = channel;
    }
    return true;
}

// Concatenation

static bool lower_concat(struct mp_lower *l, size_t node, struct mp_err *err) {
    const struct mp_graph_node *n = &l->g->nodes[node];
    const struct mp_shape *to = mp_lower_shape(l, n->outputs[0]);
    int64_t axis = mp_attr_int(n, "axis", 0);
    axis += axis < 0 ? (int64_t)to->rank : 0;
    unsigned dim = (unsigned)axis;
    if (n->input_count == 1)
        return same_elements(l, node, err);
    size_t live = 0, *inputs = mp_arena_alloc(l->arena, n->input_count, sizeof *inputs);
    while (mp_lower_is_constant(l, n->inputs[live]))
        live++;
    struct mp_form first = mp_lower_form_of(l, n->inputs[live], dim);
    const struct mp_shape *base = mp_lower_shape(l, n->inputs[live]);
    struct mp_form f = mp_form_resized(&first, base, dim, to->dim[dim]);
    for (size_t i = 0; i < n->input_count; i++) {
        struct mp_form part = mp_form_resized(&first, base, dim, mp_lower_shape(l, n->inputs[i])->dim[dim]);
        inputs[i] = mp_lower_want(l, n->inputs[i], &part);
    }
    struct mp_layer_spec s = mp_layer_spec_default(MP_CONCAT);
    s.inputs = inputs;
    s.input_count = n->input_count;
    size_t out = n->outputs[0];
    mp_lower_add(l, &s, node, out, &f);
    l->spots[out].channel = dim;
    // Rows that were joined go on as rows.
    unsigned channel = channel_dim(l, n->inputs[live]);
    struct mp_form usual = mp_form_around(mp_lower_shape(l, out), channel, channel + 1);
    size_t view = channel == dim ? MP_NO_TENSOR : mp_lower_want(l, out, &usual);
    if (view != MP_NO_TENSOR)
        l->spots[out] = (struct mp_spot){.tensor = view, .place = mp_place_of(&usual), .channel = channel};
    return true;
}

// Padding

// Begins and ends by dimension, all at least 0, of zeros.
static bool zero_pads(struct mp_lower *l, const struct mp_graph_node *n, int64_t pads[2 * MP_MAX_RANK], unsigned rank) {
    size_t count = 0;
    double value = mp_attr_real(n, "value", 0);
    if (strcmp(mp_attr_text(n, "mode", "constant"), "constant") != 0 || mp_node_input(l->g, n, 3) ||
        !mp_lower_ints(l->g, n, 1, "pads", pads, (size_t)2 * rank, &count) || count != (size_t)2 * rank)
        return false;
    if (mp_node_input(l->g, n, 2) && !mp_lower_scalar(l->g, n->inputs[2], &value))
        return false;
    for (unsigned i = 0; i < 2 * rank; i++)
        if (pads[i] < 0 || pads[i] > (int64_t)MP_MAX_SIZE)
            return false;
    return !(value < 0 || value > 0);
}

// Steps of a Slice of rows and columns that begins with the first ones of an image.
static bool slice_steps(struct mp_lower *l, size_t node, uint64_t stride[2]) {
    const struct mp_graph_node *n = &l->g->nodes[node];
    const struct mp_shape *from = mp_lower_shape(l, n->inputs[0]), *to = mp_lower_shape(l, n->outputs[0]);
    int64_t starts[MP_MAX_RANK], steps[MP_MAX_RANK], axes[MP_MAX_RANK];
    size_t count = 0, step_count = 0, axis_count = 0;
    if (strcmp(n->op->name, "Slice") != 0 || from->rank != 4 ||
        !mp_lower_ints(l->g, n, 1, NULL, starts, MP_MAX_RANK, &count) ||
        !mp_lower_ints(l->g, n, 3, NULL, axes, MP_MAX_RANK, &axis_count) ||
        !mp_lower_ints(l->g, n, 4, NULL, steps, MP_MAX_RANK, &step_count) || axis_count != count || step_count != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        int64_t axis = axes[i] + (axes[i] < 0 ? 4 : 0);
        if (axis < 2 || axis > 3 || starts[i] != 0 || steps[i] < 1 || steps[i] > (int64_t)MP_MAX_SIZE)
            return false;
        uint64_t step = (uint64_t)steps[i];
        if (to->dim[axis] != (from->dim[axis] - 1) / step + 1)
            return false;
        stride[axis - 2] *= step;
    }
    return true;
}

// The value in front of a way of such Slices, and their steps; the value itself when it is none.
static size_t before_slices(struct mp_lower *l, size_t value, uint64_t stride[2]) {
    const struct mp_chain *c = l->spots[value].chain;
    size_t from = value;
    stride[0] = stride[1] = 1;
    for (; l->spots[from].moved; c = c->up) {
        uint64_t step[2] = {1, 1};
        if (!c || !slice_steps(l, c->node, step))
            break;
        stride[0] *= step[0];
        stride[1] *= step[1];
        from = l->g->nodes[c->node].inputs[0];
    }
    struct mp_form image = mp_form_image(mp_lower_shape(l, from));
    if (from != value && mp_lower_has(l, from, &image))
        return from;
    stride[0] = stride[1] = 1;
    return value;
}

// Channels of zeros: a pool of one pixel, which may also skip rows and columns.
static bool pad_channels(struct mp_lower *l, size_t node, uint64_t before) {
    const struct mp_graph_node *n = &l->g->nodes[node];
    struct mp_layer_spec s = mp_layer_spec_default(MP_POOL);
    size_t out = n->outputs[0], from = before_slices(l, n->inputs[0], s.stride);
    struct mp_form in = mp_form_image(mp_lower_shape(l, from)), f = mp_form_image(mp_lower_shape(l, out));
    size_t nodes[MP_MAX_RANK], count = 0, tensor = mp_lower_want(l, from, &in);
    for (const struct mp_chain *c = l->spots[n->inputs[0]].chain; from != n->inputs[0] && c && count + 1 < MP_MAX_RANK; c = c->up) {
        nodes[count++] = c->node;
        if (l->g->nodes[c->node].inputs[0] == from)
            break;
    }
    for (size_t i = 0; i < count / 2; i++) {
        size_t other = nodes[i];
        nodes[i] = nodes[count - 1 - i];
        nodes[count - 1 - i] = other;
    }
    nodes[count++] = node;
    s.inputs = &tensor;
    s.input_count = 1;
    s.op = MP_POOL_MAX;
    s.out_channels = f.c;
    s.first_channel = before;
    mp_lower_nodes(l, mp_lower_add(l, &s, node, out, &f), nodes, count);
    return true;
}

// Rows and columns of zeros: a depthwise convolution of one pixel with weight 1.
static bool pad_pixels(struct mp_lower *l, size_t node, const int64_t *pads) {
    const struct mp_graph_node *n = &l->g->nodes[node];
    size_t input = n->inputs[0], out = n->outputs[0];
    const struct mp_shape *x = mp_lower_shape(l, input);
    struct mp_form in = mp_form_image(x), f = mp_form_image(mp_lower_shape(l, out));
    struct mp_layer_spec s = mp_layer_spec_default(MP_CONV2D);
    size_t tensor = mp_lower_want(l, input, &in);
    s.inputs = &tensor;
    s.input_count = 1;
    s.groups = s.out_channels = in.c;
    for (unsigned d = 2; d < x->rank; d++) {
        s.padding[d - 2] = (uint64_t)pads[d];
        s.padding[d] = (uint64_t)pads[d + x->rank];
    }
    mp_lower_add(l, &s, node, out, &f);
    return true;
}

static bool lower_pad(struct mp_lower *l, size_t node, struct mp_err *err) {
    const struct mp_graph_node *n = &l->g->nodes[node];
    unsigned rank = mp_lower_shape(l, n->inputs[0])->rank;
    int64_t pads[2 * MP_MAX_RANK];
    bool channels = false, pixels = false;
    if (rank < 3 || rank > 4 || !zero_pads(l, n, pads, rank))
        return mp_graph_fail(l->g, n, err, "only zeros around the channels, rows and columns of an image are supported");
    for (unsigned d = 2; d < rank; d++)
        pixels = pixels || pads[d] > 0 || pads[d + rank] > 0;
    channels = pads[1] > 0 || pads[1 + rank] > 0;
    if ((channels && pixels) || pads[0] > 0 || pads[rank] > 0)
        return mp_graph_fail(l->g, n, err, "channels and pixels must be padded by two nodes");
    return channels ? pad_channels(l, node, (uint64_t)pads[1]) : pad_pixels(l, node, pads);
}

const struct mp_lower_row mp_lower_moves[] = {
    {"Reshape", same_elements}, {"Flatten", same_elements}, {"Squeeze", same_elements}, {"Unsqueeze", same_elements},
    {"Identity", same_elements}, {"Dropout", same_elements}, {"Cast", same_elements},   {"Transpose", lower_transpose},
    {"Slice", lower_part},      {"Split", lower_part},      {"Gather", lower_part},     {"Concat", lower_concat},
    {"DepthToSpace", lower_part}, {"SpaceToDepth", lower_part},
    {"Pad", lower_pad},         {NULL, NULL},
};
