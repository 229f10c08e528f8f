// SPDX-License-Identifier: Apache-2.0
// Where a run's operands lie in DRAM. Each operand has a region of its own: inputs, weights, outputs, partial sums, one behind
// the other from address 0. Region k begins 36 KiB * k behind a boundary of 128 KiB: in all presets that is another bank, by
// the default mapping of one channel, so that operands that are walked in step do not close each other's rows all the time.
// Over several channels it may be the same one. In a region the distinct tiles lie behind one another by their index in the
// operand's own loop dimensions (inputs g, b, oh, ow, ic; weights g, oc, ic; outputs and partial sums g, b, oh, ow, oc; the
// last one fastest), each in a slot of whole bursts that takes the largest tile: smaller ones at the edges leave the rest of
// theirs blank.
// Left out: that one layer's outputs are the next one's inputs. Runs do not know of each other: each begins at address 0.
#ifndef SIM_ENGINE_REGIONS_H
#define SIM_ENGINE_REGIONS_H

#include "sim/engine/task.h"

#define MP_REGION_ALIGN (128u << 10)
#define MP_REGION_STAGGER (36u << 10)

enum mp_region { MP_REGION_INPUT, MP_REGION_WEIGHT, MP_REGION_OUTPUT, MP_REGION_PARTIAL, MP_REGIONS };

struct mp_regions {
    uint64_t base[MP_REGIONS], slot[MP_REGIONS]; // bytes
    uint64_t count[MP_DIMS];                     // tiles along each dimension
};

void mp_regions_init(struct mp_regions *r, const struct mp_task *padded, const struct mp_mapping *m);
// Bursts of all tiles.
uint64_t mp_regions_bursts(const struct mp_regions *r, enum mp_region o);
// Address in bytes of the operand's tile of this index.
uint64_t mp_regions_address(const struct mp_regions *r, enum mp_region o, const uint64_t index[MP_DIMS]);

#endif
