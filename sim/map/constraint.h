// SPDX-License-Identifier: Apache-2.0
// What a user rules out of the mapper's space (constraints.json): per layer, or for all under "*" (a layer's own
// entry is taken instead of it).
//
//   { "layers": { "*":     { "order": ["oc", "pixel", "ic"], "forbid_rows": ["oc"] },
//                 "conv1": { "tile": { "oc": 64 }, "max_tile": { "oh": 28 }, "min_tile": { "ic": 16 },
//                            "forbid_tile": { "ow": [7, 14] }, "forbid_order": [["pixel", "oc", "ic"]],
//                            "rows": "pixel", "cols": "oc", "lanes": "k_ic" } } }
//
// A fixed tile size may be any size up to the dimension's; the others choose from the space of map.h.
#ifndef SIM_MAP_CONSTRAINT_H
#define SIM_MAP_CONSTRAINT_H

#include "sim/spec/mapping.h"

// Loops that the mapper orders: batch, oh and ow move together as `pixel`.
enum mp_loop { MP_BLOCK_PIXEL, MP_BLOCK_OC, MP_BLOCK_IC, MP_BLOCKS };
#define MP_ORDERS 6
extern const unsigned char mp_block_orders[MP_ORDERS][MP_BLOCKS]; // outermost first

struct mp_tile_list {
    uint64_t *sizes;
    size_t count;
};

struct mp_constraint {
    const char *layer;
    uint64_t fixed[MP_DIMS], min[MP_DIMS], max[MP_DIMS]; // 0: none
    struct mp_tile_list forbidden[MP_DIMS];
    unsigned orders;                                     // bit set over mp_block_orders
    unsigned row_roles, col_roles, lane_roles;           // bit sets
};

struct mp_constraint_set {
    const char *path;
    struct mp_constraint *items;
    size_t count;
};

bool mp_constraint_set_load(struct mp_constraint_set *s, struct mp_arena *a, const char *path, struct mp_err *err);
bool mp_constraint_set_read(struct mp_constraint_set *s, struct mp_arena *a, const struct mp_node *root,
                            struct mp_err *err);
// The entry for the layer, else that of "*", else NULL.
const struct mp_constraint *mp_constraint_find(const struct mp_constraint_set *s, const char *layer);

#endif
