// SPDX-License-Identifier: Apache-2.0
// What has one width together, and which widths are fixed, before there are units; internal to spaces.
#ifndef SIM_SEARCH_SPACE_GROUPS_H
#define SIM_SEARCH_SPACE_GROUPS_H

#include "sim/search/space.h"
#include "sim/spec/names.h"

enum mp_fixed_by { MP_FIXED_BY_NOBODY, MP_FIXED_BY_DEFAULT, MP_FIXED_BY_OUTPUT, MP_FIXED_BY_USER };

// A width, and the node that has it first.
struct mp_fixed {
    enum mp_fixed_by by;
    unsigned bits;
    size_t node;
};

// Nodes: the weights of layer l is node l; the tensors of a class whose representative is t are node layer_count + t.
struct mp_groups {
    const struct mp_workload *w;
    const struct mp_space_options *o;
    struct mp_names layers;  // of the workload
    size_t *class_of;        // by tensor: its representative
    bool *node;              // by node: whether there is one
    const char **name;       // by node
    const size_t *output;    // by node: a tensor of it that leaves the network, or MP_NO_DECISION
    size_t *parent;          // by node: towards the group's representative
    struct mp_fixed *fixed;  // by representative
    size_t count;            // of nodes
};

bool mp_groups_make(struct mp_groups *g, const struct mp_workload *w, const struct mp_space_options *o, struct mp_arena *a,
                    struct mp_err *err);

size_t mp_groups_of_weights(const struct mp_groups *g, size_t layer); // MP_NO_DECISION without weights
size_t mp_groups_of_tensor(const struct mp_groups *g, size_t tensor);
size_t mp_groups_find(const struct mp_groups *g, size_t node); // the representative

#endif
