// SPDX-License-Identifier: Apache-2.0
// Prices of an architecture in a technology: pJ an event, mm2. It reads arch and tech, never an engine.
#ifndef COSTMODEL_COST_H
#define COSTMODEL_COST_H

#include "costmodel/tech.h"
#include "sim/spec/arch.h"
#include "sim/spec/counts.h"

// Which sources were used: set by the price calls, in order of first use.
struct mp_sources {
    const char *lines[64]; // each "what: source"; owned by the tech's arena
    size_t count;
};

// Prices of every event at these widths. A missing price is an error that names the tech file, the path and the
// arch key that asked for it. a_bits and w_bits 0: an event of the vector unit only (PE prices are 0).
bool mp_cost_prices(const struct mp_tech *t, const struct mp_arch *arch, unsigned a_bits, unsigned w_bits,
                    struct mp_arena *a, struct mp_prices *out, struct mp_sources *sources, struct mp_err *err);

struct mp_area {
    double array_mm2, buffer_mm2[MP_BUFFERS], vector_mm2, total_mm2; // array: PEs and accumulators
};
bool mp_cost_area(const struct mp_tech *t, const struct mp_arch *arch, struct mp_arena *a, struct mp_area *out,
                  struct mp_sources *sources, struct mp_err *err);

#endif
