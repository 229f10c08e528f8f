// SPDX-License-Identifier: Apache-2.0
// Clusters of ternary weights (Mellempudi et al., "Mixed low-precision deep learning inference using dynamic fixed point",
// 2017, arXiv:1701.08978): how many multiplications they leave.
#ifndef SIM_SEARCH_TERNARY_H
#define SIM_SEARCH_TERNARY_H

#include "sim/spec/workload.h"

// Share, in [0, 1), of a network's multiplications that additions take the place of when `cluster` (at least 1) filters, each
// of kh kw weights for one input channel, that feed the same output map have ternary weights and one scale. Of cluster kh kw
// multiplications one is left: 1 - 1/(cluster kh kw) of a layer's MACs are replaced, less where the last cluster of an output
// map has fewer filters. The first convolution counts and keeps all of its own, as do products of two activations; linear
// layers are convolutions of 1x1. 0 without MACs.
double mp_ternary_share(const struct mp_workload *w, uint64_t cluster);

#endif
