// SPDX-License-Identifier: Apache-2.0
#include "sim/nn/network.h"

#include <assert.h>

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
