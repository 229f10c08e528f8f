// SPDX-License-Identifier: Apache-2.0
// Internal to measure*.c.
#ifndef SIM_NN_MEASURE_PARTS_H
#define SIM_NN_MEASURE_PARTS_H

#include "sim/nn/held.h"
#include "sim/nn/measure.h"
#include "sim/nn/quantise_cache.h"

// What a plan led to.
struct mp_outcome {
    bool there;
    struct mp_arena arena;
    struct mp_qnet q;      // biases are corrected where that is asked for
    struct mp_held **held; // by tensor; that of the output has numbers
};

struct mp_measure {
    struct mp_measure_job job;
    struct mp_quantise_options how;
    struct mp_arena arena;
    struct mp_quantise_cache *cache;
    size_t output, scores; // tensor, its elements
    float *score;          // float's, [image][channel][row][column]
    size_t *top;           // float's class by image
    struct mp_measured full;
    struct mp_outcome base, last;
    const struct mp_outcome *latest; // of these the one that ran last; NULL: none did
};

// Fills score, top and full (measure_score.c).
bool mp_measure_run_float(struct mp_measure *m, struct mp_err *err);
// Images, right, agree and loss by the output's numbers.
void mp_measure_score(const struct mp_measure *m, const struct mp_outcome *o, struct mp_measured *out);

#endif
