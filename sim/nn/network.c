// SPDX-License-Identifier: Apache-2.0
#include "sim/nn/network.h"

#include <assert.h>
#include <string.h>

size_t mp_network_image(const struct mp_network *n) {
    size_t image = MP_NO_VALUE;
    for (size_t t = 0; t < n->workload.input_count; t++) {
        if (n->graph.values[n->value[t]].constant)
            continue;
        if (image != MP_NO_VALUE)
            return MP_NO_VALUE;
        image = t;
    }
    return image;
}

size_t mp_network_output(const struct mp_network *n) {
    size_t t = 0;
    while (n->value[t] != n->graph.outputs[0])
        t++;
    assert(t < n->workload.tensor_count);
    return t;
}

void mp_network_gather(const struct mp_network *n, size_t tensor, const float *from, float *out) {
    const struct mp_tensor *t = &n->workload.tensors[tensor];
    const struct mp_layout *l = &n->layout[tensor];
    for (uint64_t c = 0; c < t->c; c++)
        for (uint64_t h = 0; h < t->h; h++)
            for (uint64_t w = 0; w < t->w; w++)
                *out++ = from[mp_layout_at(l, c, h, w)];
}

static void *copy_floats(struct mp_arena *a, const float *from, uint64_t count) {
    return from ? memcpy(mp_arena_alloc(a, (size_t)count, sizeof *from), from, (size_t)count * sizeof *from) : NULL;
}

static void own_constant(struct mp_graph *g, size_t value, struct mp_arena *a) {
    if (value != MP_NO_VALUE)
        g->values[value].array.f = copy_floats(a, g->values[value].array.f, mp_shape_count(&g->values[value].array.shape));
}

void mp_network_copy(struct mp_network *copy, const struct mp_network *n, struct mp_arena *a) {
    const struct mp_workload *w = &n->workload;
    *copy = *n;
    copy->graph.values = mp_arena_grow(a, n->graph.values, n->graph.value_count, n->graph.value_count, sizeof *n->graph.values);
    copy->graph.value_room = n->graph.value_count;
    copy->params = mp_arena_grow(a, n->params, w->layer_count, w->layer_count, sizeof *n->params);
    for (size_t i = 0; i < w->layer_count; i++) {
        const struct mp_geometry *g = &w->layers[i].geo;
        struct mp_layer_params *p = &copy->params[i];
        if (!mp_layer_has_weights(&w->layers[i]))
            continue;
        p->weight = copy_floats(a, p->weight, g->groups * g->oc * g->ic * g->kh * g->kw);
        p->bias = copy_floats(a, p->bias, g->groups * g->oc);
        own_constant(&copy->graph, p->weight_value, a);
        own_constant(&copy->graph, p->bias_value, a);
    }
}
