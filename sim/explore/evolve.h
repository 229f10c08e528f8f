// SPDX-License-Identifier: Apache-2.0
// NSGA-II (Deb, Pratap, Agarwal and Meyarivan, IEEE Transactions on Evolutionary Computation 6(2), 2002) over the axes of a space.
// Internal to explore.
#ifndef SIM_EXPLORE_EVOLVE_H
#define SIM_EXPLORE_EVOLVE_H

#include "sim/explore/batch.h"

// Until the sampler's number of different designs is visited. Points of the sweep are numbered in the order of their visits.
bool mp_evolve(struct mp_batch *b, struct mp_err *err);

#endif
