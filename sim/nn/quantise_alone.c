// SPDX-License-Identifier: Apache-2.0
// Grids at one width, tensors and layers on their own: what a search looks at before there is a plan.
#include "sim/nn/quantise_parts.h"

#include <string.h>

void mp_quantise_tensors_at(const struct mp_network *n, unsigned bits, const struct mp_calibration *c,
                            const struct mp_quantise_options *o, struct mp_qtensor *tensors, struct mp_range *ranges) {
    const size_t count = n->workload.tensor_count;
    struct mp_arena scratch = {0};
    struct mp_plan plan = {.tensor_bits = mp_arena_alloc(&scratch, count, sizeof *plan.tensor_bits)};
    struct mp_qnet q = {.net = n, .plan = &plan, .tensors = tensors};
    struct mp_quantiser z = {.n = n, .w = &n->workload, .plan = &plan, .c = c, .o = o, .arena = &scratch, .q = &q};
    for (size_t t = 0; t < count; t++)
        plan.tensor_bits[t] = bits;
    mp_quantise_tensors(&z);
    memcpy(ranges, z.ranges, count * sizeof *ranges);
    mp_arena_finish(&scratch);
}

void mp_quantise_weights_at(const struct mp_network *n, size_t layer, unsigned bits, enum mp_encoding encoding,
                            const struct mp_quantise_options *o, double *scale, int32_t *q) {
    const struct mp_layer *l = &n->workload.layers[layer];
    struct mp_slice all = {.channels = l->geo.groups * l->geo.oc, .w_bits = bits};
    const struct mp_layer_bits one = {.encoding = encoding, .slices = &all, .slice_count = 1};
    const struct mp_calibration no_products = {0};
    mp_quantise_layer_weights(n, &no_products, o, layer, &one, scale, q, NULL);
}
