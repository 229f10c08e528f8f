// SPDX-License-Identifier: Apache-2.0
// Softmax and layer norm of one vector, in integers. The core does not have them; their definition is here.
#ifndef SIM_NN_INTEGER_NORM_H
#define SIM_NN_INTEGER_NORM_H

#include "sim/nn/qnet.h"

#define MP_EXP_BITS 20  // of exp(0) in a softmax's table
#define MP_NORM_BITS 14 // fraction bits of a normalised element

// y = clamp((e levels + sum / 2) / sum), e = table[max - x] = 2^20 exp(-scale (max - x)) rounded, sum over the vector;
// `levels` (op[0].mul) are the output's steps in 1.
void mp_int_softmax(const struct mp_qlayer *q, const int16_t *x, size_t count, int16_t *y);

// d = count x - sum; t = d 2^14 / sqrt(sum of d^2 / count), rounded to zero; y = requantised weight[c] t by requant[c], weight
// 1, -1 or 0: the sign of its scale. A vector of one value throughout gives t = 0.
void mp_int_layer_norm(const struct mp_qlayer *q, const int16_t *x, size_t count, int16_t *y);

#endif
