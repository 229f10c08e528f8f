// SPDX-License-Identifier: Apache-2.0
// Where the elements of a tensor [channels, height, width] lie in a value of the graph, as digits: the tensor's flat index
// is written in mixed radix, and each digit has a stride in the value's flat index. Reshape leaves it as it is, Transpose
// gives the digits other strides; so chains of both are followed without moving anything.
#ifndef SIM_NN_PLACE_H
#define SIM_NN_PLACE_H

#include "sim/nn/network.h"

#define MP_PLACE_DIGITS 16

// From the most significant digit down; none of size 1; neighbours that make one digit are one.
struct mp_place {
    unsigned count;
    struct {
        uint64_t size, stride;
    } digit[MP_PLACE_DIGITS];
};

// Shape of a tensor, and where its elements lie.
struct mp_form {
    uint64_t c, h, w;
    struct mp_layout at;
};

struct mp_place mp_place_of(const struct mp_form *f);
bool mp_place_equal(const struct mp_place *a, const struct mp_place *b);
// The layout of a tensor of f->c, f->h, f->w at this place into f->at; false when no layout says it.
bool mp_place_form(const struct mp_place *p, struct mp_form *f);
// The same elements after a Transpose of the value: dimension i of the result is perm[i] of `from`. False when the digits
// do not fall on dimensions.
bool mp_place_turn(struct mp_place *p, const struct mp_shape *from, const unsigned *perm);

#endif
