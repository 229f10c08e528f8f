// SPDX-License-Identifier: Apache-2.0
// The roofline of a run (Williams, Waterman, Patterson, CACM 52(4), 2009): what layers attain against their operations a byte
// of DRAM traffic, under the array's peak at their widths and the DRAM's bandwidth. A MAC is two operations. Layers without
// MACs have no place in it.
#ifndef SIM_REPORT_ROOFLINE_H
#define SIM_REPORT_ROOFLINE_H

#include "sim/spec/result.h"

struct mp_roofline_point {
    const struct mp_layer_result *layer;
    double intensity;        // operations a byte that DRAM reads or writes
    double attained;         // operations a second
    double peak, roof;       // likewise: the array's at the layer's widths, and the lower one of that and the DRAM's
    double share;            // of the run's cycles
};

// The array's peak at widths of layers: "8/8", "8/4, 8/2", activations' before weights'; "4/2+4" is that of a layer whose
// channels have both widths, as many as they are.
struct mp_roof {
    double peak; // operations a second
    const char *bits;
};

struct mp_roofline {
    const struct mp_result *result;
    struct mp_roofline_point *points; // in the order of the layers
    size_t count;
    struct mp_roof *roofs;            // highest first
    size_t roof_count;
    double bytes_per_s;               // the DRAM's; 0: without limit
};

// All that it points to lives in `a` and in the result.
void mp_roofline_make(struct mp_roofline *f, struct mp_arena *a, const struct mp_result *r);
void mp_roofline_csv(const struct mp_roofline *f, struct mp_buf *out); // a row a layer
void mp_roofline_svg(const struct mp_roofline *f, struct mp_buf *out);

#endif
