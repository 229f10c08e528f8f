// SPDX-License-Identifier: Apache-2.0
// All images through a quantised network in integers, biases corrected on the way: all of them go through the layers before a
// bias's before it is found. Images go over threads; sums are whole numbers, so that their order does not matter. Layers that
// nobody needs are not run.
#ifndef SIM_NN_PASS_H
#define SIM_NN_PASS_H

#include "sim/nn/calibrate.h"
#include "sim/nn/held.h"

struct mp_pass {
    struct mp_qnet *q;
    const struct mp_calibration *calibration; // biases are corrected by its means; NULL: they stay
    const struct mp_dataset *data;
    uint64_t images;         // the first ones
    struct mp_accumulator accumulator;
    unsigned threads;
    bool (*stopped)(void);   // asked between images; may be NULL
    struct mp_held **held;   // by tensor: what is there already, else NULL; what is made is added. The caller drops them
    const bool *right;       // by layer: its biases are right already; NULL: none
    const bool *keep;        // by tensor: its numbers are asked for, where there is not anything yet; NULL: none
    bool *ran;               // by layer: set when it was run; may be NULL
};

// Sums stay with every tensor whose reader's biases were corrected. False when it was stopped (what was added to `held` is
// unfinished) or when a layer cannot be computed in integers.
bool mp_pass_run(const struct mp_pass *p, struct mp_err *err);

#endif
