// SPDX-License-Identifier: Apache-2.0
// Private to op.c and op_*.c: every operator, in the file of its family.
#ifndef SIM_NN_OP_LIST_H
#define SIM_NN_OP_LIST_H

#include "sim/nn/op.h"

extern const struct mp_op mp_op_abs, mp_op_add, mp_op_and, mp_op_average_pool, mp_op_batch_normalization, mp_op_cast,
    mp_op_ceil, mp_op_clip, mp_op_concat, mp_op_constant, mp_op_constant_of_shape, mp_op_conv, mp_op_depth_to_space,
    mp_op_dequantize_linear, mp_op_div, mp_op_dropout, mp_op_equal, mp_op_erf, mp_op_exp, mp_op_expand, mp_op_flatten,
    mp_op_floor, mp_op_gather, mp_op_gelu, mp_op_gemm, mp_op_global_average_pool, mp_op_global_max_pool, mp_op_greater,
    mp_op_hard_sigmoid, mp_op_hard_swish, mp_op_identity, mp_op_layer_normalization, mp_op_leaky_relu, mp_op_less,
    mp_op_log, mp_op_log_softmax, mp_op_matmul, mp_op_max, mp_op_max_pool, mp_op_min, mp_op_mul, mp_op_neg, mp_op_not,
    mp_op_or, mp_op_pad, mp_op_pow, mp_op_quantize_linear, mp_op_range, mp_op_reciprocal, mp_op_reduce_max,
    mp_op_reduce_mean, mp_op_reduce_sum, mp_op_relu, mp_op_reshape, mp_op_shape, mp_op_sigmoid, mp_op_slice,
    mp_op_softmax, mp_op_space_to_depth, mp_op_split, mp_op_sqrt, mp_op_squeeze, mp_op_sub, mp_op_swish, mp_op_tanh,
    mp_op_tile, mp_op_transpose, mp_op_unsqueeze, mp_op_where;

#endif
