// SPDX-License-Identifier: Apache-2.0
// Bytes to protobuf-c's messages, safely: protobuf-c itself bounds neither depth nor memory, and does not say what is wrong.
#ifndef SIM_IMPORT_ONNX_WIRE_H
#define SIM_IMPORT_ONNX_WIRE_H

#include "sim/base/arena.h"
#include "sim/base/err.h"

#include <onnx.pb-c.h>

// A message of type `type` that lives in `a`, or NULL with an error: "NAME: not an ONNX model: byte 12: ...". All texts in it
// are UTF-8 without NUL. `what` is what it was to be ("an ONNX model").
ProtobufCMessage *mp_onnx_unpack(const ProtobufCMessageDescriptor *type, struct mp_arena *a, const char *name, const char *what,
                                 const void *bytes, size_t len, struct mp_err *err);

#endif
