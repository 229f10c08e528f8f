// SPDX-License-Identifier: Apache-2.0
// Which output channels of a layer run at which width of weights; internal to eval and to tables of costs.
#ifndef SIM_EVAL_SPLIT_H
#define SIM_EVAL_SPLIT_H

#include "sim/map/map.h"

#define MP_SPLIT_WIDTHS 8 // weight widths are 1 to 8 bits

// Channels of the layer by the width they run at, ascending.
struct mp_split {
    unsigned bits[MP_SPLIT_WIDTHS];
    uint64_t channels[MP_SPLIT_WIDTHS]; // 0: no run
    size_t count;
};

// What a run of so many channels costs.
struct mp_split_coster {
    bool (*cost)(void *user, uint64_t channels, unsigned w_bits, uint64_t *cycles, double *energy_pj, struct mp_err *err);
    void *user;
};

// The best split of a layer on the array (the rule is in eval.h). Where the layer has one width nothing is asked for.
bool mp_split_best(const struct mp_arch *arch, const struct mp_layer *l, const struct mp_layer_bits *b, enum mp_objective o,
                   const struct mp_split_coster *coster, struct mp_split *best, struct mp_err *err);

#endif
