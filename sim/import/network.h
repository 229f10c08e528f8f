// SPDX-License-Identifier: Apache-2.0
// A trained network from a file.
#ifndef SIM_IMPORT_NETWORK_H
#define SIM_IMPORT_NETWORK_H

#include "sim/import/onnx.h"
#include "sim/nn/network.h"

// Reads the model, takes its quantisation as hints, simplifies it and lowers it. `dims` may be NULL. The workload is called
// like the file. All lives in `a`.
bool mp_network_load(struct mp_network *n, struct mp_arena *a, const char *path, const struct mp_onnx_dims *dims,
                     struct mp_err *err);

#endif
