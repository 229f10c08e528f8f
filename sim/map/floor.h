// SPDX-License-Identifier: Apache-2.0
// Bounds of all mappings of a task at once, without a look at tile sizes one by one: for weighing whole designs.
#ifndef SIM_MAP_FLOOR_H
#define SIM_MAP_FLOOR_H

#include "sim/map/map.h"

// No mapping takes fewer cycles; none takes less energy. The two need not be of one mapping.
struct mp_map_floor {
    double cycles, energy_pj;
};
// The request's objective and constraint do not count. Infinite when it is plain that no tile fits.
struct mp_map_floor mp_map_floor(const struct mp_map_request *q);

#endif
