// SPDX-License-Identifier: Apache-2.0
// Questions about a workload: what kind of layer, how many multiply-accumulates and parameters.
#include "sim/spec/workload.h"

const char *const mp_layer_type_names[] = {
    "conv2d",     "linear",  "matmul",     "pool",   "add",  "mul",
    "activation", "softmax", "layer_norm", "concat", "view", NULL,
};
_Static_assert(sizeof mp_layer_type_names / sizeof *mp_layer_type_names == MP_LAYER_TYPES + 1,
               "a name a type");

const char *const mp_act_names[] = {
    "none", "relu", "relu6", "sigmoid", "tanh", "gelu", "hswish", "leaky_relu", "clip",
    "hsigmoid", "swish", "exp", "sqrt", "pow", "erf", "affine", "function", NULL,
};
_Static_assert(sizeof mp_act_names / sizeof *mp_act_names == MP_ACTS + 1, "a name a function");

bool mp_layer_on_array(const struct mp_layer *l) {
    return l->type == MP_CONV2D || l->type == MP_LINEAR || l->type == MP_MATMUL;
}

bool mp_layer_has_weights(const struct mp_layer *l) {
    return l->type == MP_CONV2D || l->type == MP_LINEAR;
}

bool mp_layer_moves_nothing(const struct mp_layer *l) {
    return l->type == MP_CONCAT || l->type == MP_VIEW;
}

uint64_t mp_layer_macs(const struct mp_layer *l) {
    const struct mp_geometry *g = &l->geo;
    return mp_layer_on_array(l) ? g->groups * g->oc * g->ic * g->kh * g->kw * g->oh * g->ow : 0;
}

uint64_t mp_layer_weights(const struct mp_layer *l) {
    const struct mp_geometry *g = &l->geo;
    if (!mp_layer_has_weights(l) || l->weights_of != MP_NO_LAYER)
        return 0;
    return g->groups * g->oc * g->ic * g->kh * g->kw;
}

uint64_t mp_workload_macs(const struct mp_workload *w) {
    uint64_t sum = 0;
    for (size_t i = 0; i < w->layer_count; i++)
        sum += mp_layer_macs(&w->layers[i]);
    return sum;
}

// Bias, batch norm and layer norm; a layer that uses another's weights uses these too.
static uint64_t layer_extras(const struct mp_layer *l) {
    if (l->type == MP_LAYER_NORM)
        return 2 * l->geo.ic;
    if (!mp_layer_has_weights(l) || l->weights_of != MP_NO_LAYER)
        return 0;
    return l->geo.groups * l->geo.oc * ((l->bias ? 1u : 0u) + (l->norm ? 2u : 0u));
}

uint64_t mp_layer_parameters(const struct mp_layer *l) {
    return mp_layer_weights(l) + layer_extras(l);
}

uint64_t mp_workload_params(const struct mp_workload *w) {
    uint64_t sum = 0;
    for (size_t i = 0; i < w->layer_count; i++)
        sum += mp_layer_parameters(&w->layers[i]);
    return sum;
}
