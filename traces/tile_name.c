// SPDX-License-Identifier: Apache-2.0
#include "traces/tile_name.h"

#include <inttypes.h>

void mp_tile_name(const uint64_t index[MP_DIMS], struct mp_buf *out) {
    const char *gap = "";
    for (int d = 0; d < MP_DIMS; d++) {
        if (index[d] == 0)
            continue;
        mp_buf_addf(out, "%s%s%" PRIu64, gap, mp_dim_names[d], index[d]);
        gap = " ";
    }
    if (!*gap)
        mp_buf_add(out, "first");
}
