// SPDX-License-Identifier: Apache-2.0
// Private to op_*.c: several arrays walked together, in rows: an output in order, and inputs with a step for each of its
// dimensions, 0 where they are broadcast. Transpositions, slices and reductions are walks with other steps.
#ifndef SIM_NN_WALK_H
#define SIM_NN_WALK_H

#include "sim/nn/array.h"

#define MP_MAX_WALK 3 // inputs

struct mp_walk {
    unsigned rank;
    uint64_t dim[MP_MAX_RANK];
    int64_t step[MP_MAX_WALK][MP_MAX_RANK]; // elements
    int64_t at[MP_MAX_WALK];                // where the row begins
    uint64_t out;                           // the output's row
    uint64_t row;                           // elements of a row
    int64_t row_step[MP_MAX_WALK];
    uint64_t index[MP_MAX_RANK];
    bool more;
};

// Numpy's rule; false when the shapes do not go together. `out` may be one of the two.
bool mp_shape_broadcast(const struct mp_shape *a, const struct mp_shape *b, struct mp_shape *out);

// Steps of a row-major array.
void mp_shape_steps(const struct mp_shape *s, int64_t step[MP_MAX_RANK]);

// Over `out`, with every step 0. The caller sets steps and `at`, then begins. Inputs that are not used stay at 0.
void mp_walk_over(struct mp_walk *w, const struct mp_shape *out);
// Input `k` has shape `s`, which is broadcast.
void mp_walk_input(struct mp_walk *w, unsigned k, const struct mp_shape *s);
// To the first row; dimensions are joined where all inputs allow it. `more` is false when there is none.
void mp_walk_begin(struct mp_walk *w);
void mp_walk_next(struct mp_walk *w);

// From the elements of `in` that input 0 of the walk (not yet begun) goes through to all of `out`, of the same kind.
void mp_walk_copy(struct mp_walk *w, const struct mp_array *in, struct mp_array *out);

#endif
