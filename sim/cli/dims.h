// SPDX-License-Identifier: Apache-2.0
// --dim NAME=N: sizes of dimensions that an ONNX model only names.
#ifndef SIM_CLI_DIMS_H
#define SIM_CLI_DIMS_H

#include "sim/cli/command.h"
#include "sim/import/onnx.h"

// MP_EXIT_OK, or the error was told.
int mp_dims_read(const struct mp_command *c, const struct mp_texts *texts, struct mp_arena *a, struct mp_onnx_dims *dims);

#endif
