// SPDX-License-Identifier: Apache-2.0
// How a layer runs: tile sizes, loop order, spatial roles (mapping.json). A layer whose weights have several
// widths runs in several *runs*, one after another, each a range of its output channels at one width.
// A file need not say all: 0 and MP_ROLES below stand for what it leaves out, a whole dimension or the array's first role.
#ifndef SIM_SPEC_MAPPING_H
#define SIM_SPEC_MAPPING_H

#include "sim/spec/arch.h"
#include "sim/spec/plan.h"

enum mp_dim { MP_G, MP_B, MP_OH, MP_OW, MP_OC, MP_IC, MP_DIMS };

struct mp_mapping {
    unsigned rows, cols, lanes;   // enum mp_role; MP_ROLES: the array's first
    uint64_t tile[MP_DIMS];       // of a buffer tile; oc and ic per group; 0: whole
    unsigned order[MP_DIMS];      // enum mp_dim, outermost first; a file's missing ones are innermost
    bool padded;                  // edge tiles are computed at the full tile's size
};

struct mp_run {
    uint64_t channels; // output channels of the layer; 0: all
    unsigned w_bits;   // width they run at: at least their own; 0: the layer's widest
    struct mp_mapping map;
};

struct mp_layer_mapping {
    const char *layer;
    struct mp_run *runs; // sum to the layer's output channels; one on the vector unit
    size_t run_count;
};

struct mp_mapping_set {
    const char *name; // may be NULL
    struct mp_layer_mapping *layers;
    size_t count;
};

extern const char *const mp_dim_names[];

bool mp_mapping_set_load(struct mp_mapping_set *s, struct mp_arena *a, const char *path, struct mp_err *err);
bool mp_mapping_set_read(struct mp_mapping_set *s, struct mp_arena *a, const struct mp_node *root,
                         struct mp_err *err);
void mp_mapping_set_write(const struct mp_mapping_set *s, struct mp_jsonw *w);
// The list of runs at `n`, of the layer that its key names; not an empty one.
bool mp_layer_mapping_read(struct mp_layer_mapping *m, struct mp_arena *a, const struct mp_node *n, struct mp_err *err);
// The list of runs, a run a line; `on_array` false leaves out roles and widths.
void mp_layer_mapping_write(const struct mp_layer_mapping *m, bool on_array, struct mp_jsonw *w);
// Which output channels of the layer the runs compute, one run's behind the other's: order[i] for i below the layer's
// channels. The narrowest runs take the narrowest channels, each in the layer's order.
void mp_mapping_channels(const struct mp_layer_mapping *m, const struct mp_layer_bits *b, uint64_t *order);
void mp_mapping_describe(struct mp_buf *out);
// NULL when the set has no such layer.
const struct mp_layer_mapping *mp_mapping_set_find(const struct mp_mapping_set *s, const char *layer);

#endif
