// SPDX-License-Identifier: Apache-2.0
// Layers on the vector unit, element by element.
#include "sim/cosim/reference_vector.h"

#include <assert.h>

// Window of output (y, x) on a channel: its taps inside the input.
static int32_t pool_one(const struct mp_reference_run *r, const int32_t *input, uint64_t y, uint64_t x) {
    const struct mp_geometry *g = &r->layer->geo;
    const struct mp_layer_values *v = r->values;
    int64_t sum = 0, largest = INT64_MIN;
    for (uint64_t kh = 0; kh < g->kh; kh++)
        for (uint64_t kw = 0; kw < g->kw; kw++) {
            int64_t row = (int64_t)(y * g->sh + kh * g->dh) - (int64_t)g->pt;
            int64_t col = (int64_t)(x * g->sw + kw * g->dw) - (int64_t)g->pl;
            if (row < 0 || row >= (int64_t)g->ih || col < 0 || col >= (int64_t)g->iw)
                continue;
            int64_t at = input[row * (int64_t)g->iw + col];
            sum += at;
            largest = at > largest ? at : largest;
        }
    if (r->layer->pool == MP_POOL_AVG)
        return mp_requantise(sum, v->op[0].mul, v->op[0].shift, v->low, v->high);
    return mp_clamp(largest, v->low, v->high);
}

static bool pool(const struct mp_reference_run *r, int32_t *output) {
    const struct mp_geometry *g = &r->layer->geo;
    for (uint64_t plane = 0; plane < r->batch * g->groups; plane++)
        for (uint64_t y = 0; y < g->oh; y++)
            for (uint64_t x = 0; x < g->ow; x++) {
                if (r->stopped && r->stopped())
                    return false;
                *output++ = pool_one(r, &r->values->input[0][plane * g->ih * g->iw], y, x);
            }
    return true;
}

bool mp_reference_vector(const struct mp_reference_run *r, struct mp_reference *out) {
    const struct mp_geometry *g = &r->layer->geo;
    const struct mp_layer_values *v = r->values;
    if (r->layer->type == MP_POOL)
        return pool(r, out->output);
    assert(r->layer->type == MP_ADD || r->layer->type == MP_ACTIVATION);
    for (uint64_t i = 0; i < r->batch * g->groups * g->oh * g->ow; i++) {
        if (r->stopped && r->stopped())
            return false;
        int32_t a = v->input[0][i];
        if (r->layer->type == MP_ADD)
            out->output[i] = mp_add_scaled(a, v->input[1][i], v->op, v->low, v->high);
        else
            out->output[i] = mp_clamp(a, v->low, v->high);
    }
    return true;
}
