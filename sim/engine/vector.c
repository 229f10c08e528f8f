// SPDX-License-Identifier: Apache-2.0
// Table of the vector unit's work by layer type. Leaves out the one reciprocal or square root a vector of softmax
// and layer norm, and the table look-up's own memory.
#include "sim/engine/vector.h"

static struct mp_vector_work pool_work(const struct mp_layer *l) {
    uint64_t taps = l->geo.kh * l->geo.kw;
    return (struct mp_vector_work){.passes = taps, .alu = taps, .requant = l->pool == MP_POOL_AVG};
}

static struct mp_vector_work act_work(enum mp_act act) {
    static const struct mp_vector_work table[] = {
        [MP_ACT_NONE] = {1, 0, 1, 0, 0},    [MP_ACT_RELU] = {1, 0, 1, 0, 0}, [MP_ACT_RELU6] = {1, 0, 1, 0, 0},
        [MP_ACT_SIGMOID] = {1, 1, 0, 0, 1}, [MP_ACT_TANH] = {1, 1, 0, 0, 1}, [MP_ACT_GELU] = {1, 1, 0, 0, 1},
        [MP_ACT_HSWISH] = {1, 1, 1, 1, 0},  [MP_ACT_LEAKY_RELU] = {1, 1, 0, 1, 0}, [MP_ACT_CLIP] = {1, 0, 1, 0, 0},
        [MP_ACT_HSIGMOID] = {1, 1, 1, 0, 0}, [MP_ACT_SWISH] = {1, 1, 0, 0, 1}, [MP_ACT_EXP] = {1, 1, 0, 0, 1},
        [MP_ACT_SQRT] = {1, 1, 0, 0, 1},    [MP_ACT_POW] = {1, 1, 0, 0, 1},  [MP_ACT_ERF] = {1, 1, 0, 0, 1},
        [MP_ACT_AFFINE] = {1, 1, 0, 0, 0},  [MP_ACT_FUNCTION] = {1, 1, 0, 0, 1},
    };
    return table[act];
}

struct mp_vector_work mp_vector_work_of(const struct mp_layer *l) {
    static const struct mp_vector_work table[MP_LAYER_TYPES] = {
        // passes, requant, alu, mul, special
        [MP_CONV2D] = {1, 1, 0, 0, 0}, [MP_LINEAR] = {1, 1, 0, 0, 0}, [MP_MATMUL] = {1, 1, 0, 0, 0},
        [MP_ADD] = {1, 2, 1, 0, 0},    [MP_MUL] = {1, 1, 0, 1, 0},    [MP_SOFTMAX] = {3, 1, 2, 1, 1},
        [MP_LAYER_NORM] = {3, 1, 3, 2, 0},
    };
    if (l->type == MP_POOL)
        return pool_work(l);
    return l->type == MP_ACTIVATION ? act_work(l->act) : table[l->type];
}
