// SPDX-License-Identifier: Apache-2.0
#include "sim/import/network.h"

#include "sim/import/lines.h"
#include "sim/nn/simplify.h"

bool mp_network_load(struct mp_network *n, struct mp_arena *a, const char *path, const struct mp_onnx_dims *dims,
                     struct mp_err *err) {
    *n = (struct mp_network){0};
    if (!mp_onnx_load(&n->graph, a, path, dims, err) || !mp_graph_absorb_qdq(&n->graph, err) ||
        !mp_graph_simplify(&n->graph, err) || !mp_network_lower(n, a, err))
        return false;
    n->workload.name = mp_base_name(a, path);
    return true;
}
