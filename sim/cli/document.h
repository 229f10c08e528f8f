// SPDX-License-Identifier: Apache-2.0
// Any file that mpsim reads: which kind it is, whether it is valid, and what it says with all defaults filled in.
#ifndef SIM_CLI_DOCUMENT_H
#define SIM_CLI_DOCUMENT_H

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/str.h"

// The kind is known by the path's ending (.csv, .cfg, .onnx) or by the document's keys. `*kind` is its name once known, else
// NULL. With `resolved` not NULL the document is written to it: as JSON with every default filled in (a topology or an ONNX
// model as workload.json, a .cfg as arch.json), or as it stands when it has no defaults.
bool mp_document_check(const char *path, struct mp_arena *a, const char **kind, struct mp_buf *resolved,
                       struct mp_err *err);

#endif
