// SPDX-License-Identifier: Apache-2.0
// A tile as people read it: its index along the dimensions in which it is not the first, "oh2 oc1"; "first".
#ifndef TRACES_TILE_NAME_H
#define TRACES_TILE_NAME_H

#include "sim/base/str.h"
#include "sim/spec/mapping.h"

void mp_tile_name(const uint64_t index[MP_DIMS], struct mp_buf *out);

#endif
