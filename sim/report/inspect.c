// SPDX-License-Identifier: Apache-2.0
#include "sim/report/inspect.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

const char *mp_inspect_number(double v, char out[MP_QTY_BYTES]) {
    double size = fabs(v);
    if (size > 0 && (size < 1e-4 || size >= 1e7))
        snprintf(out, MP_QTY_BYTES, "%.3e", v);
    else
        mp_qty_digits(v, 4, out);
    return out;
}

bool mp_inspect_shows(const struct mp_inspect_report *r, size_t layer) {
    return r->only == MP_NO_LAYER || r->only == layer;
}

void mp_inspect_shape(const struct mp_value *v, struct mp_buf *out) {
    mp_buf_add(out, "[");
    for (unsigned d = 0; d < v->array.shape.rank; d++) {
        const char *name = v->dims ? v->dims[d] : NULL;
        mp_buf_addf(out, "%s%s%s%" PRIu64, d ? ", " : "", name ? *name ? name : "?" : "", name ? "=" : "",
                    v->array.shape.dim[d]);
    }
    mp_buf_add(out, "]");
}

struct mp_quant_hint mp_inspect_weight_hint(const struct mp_inspect_report *r, size_t layer) {
    size_t value = r->net->params[layer].weight ? r->net->params[layer].weight_value : MP_NO_VALUE;
    return value == MP_NO_VALUE ? (struct mp_quant_hint){0} : r->net->graph.values[value].hint;
}

struct mp_quant_hint mp_inspect_output_hint(const struct mp_inspect_report *r, size_t layer) {
    return r->net->graph.values[r->net->value[r->net->workload.layers[layer].output]].hint;
}

const char *mp_inspect_hint_type(const struct mp_quant_hint *h, char out[16]) {
    snprintf(out, 16, "%sint%u", h->is_signed ? "" : "u", h->bits);
    return out;
}

bool mp_inspect_own(const struct mp_inspect_report *r, size_t tensor) {
    size_t producer = r->net->workload.tensors[tensor].producer;
    return producer == MP_NO_LAYER || !mp_layer_moves_nothing(&r->net->workload.layers[producer]);
}

const char *mp_inspect_tensor(const struct mp_inspect_report *r, size_t tensor) {
    const struct mp_tensor *t = &r->net->workload.tensors[tensor];
    return t->producer == MP_NO_LAYER ? t->name : r->net->workload.layers[t->producer].name;
}
