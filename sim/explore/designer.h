// SPDX-License-Identifier: Apache-2.0
// From a choice of values to an accelerator: the base's document with the axes' values in it, read and checked as arch.json is.
// One for each thread; what it makes depends on the choice alone.
#ifndef SIM_EXPLORE_DESIGNER_H
#define SIM_EXPLORE_DESIGNER_H

#include "costmodel/cost.h"
#include "sim/explore/sweep.h"

struct mp_designer; // opaque

struct mp_design {
    int64_t key;
    struct mp_arch arch;
    const struct mp_tech *tech;
    const char *values;          // {"/array/rows": 16, ...}
    double area_mm2;             // NaN: not known
    enum mp_point_status status; // MP_POINT_EVALUATED: it may be evaluated
    const char *reason;          // of invalid, excluded
};

// Fails on expressions that are wrong.
bool mp_designer_create(struct mp_designer **d, const struct mp_sweep *s, struct mp_err *err);
void mp_designer_destroy(struct mp_designer *d); // takes NULL
// What `out` points to lives in `a`.
void mp_designer_make(struct mp_designer *d, const struct mp_choice *c, struct mp_arena *a, struct mp_design *out);
// Whether constraints need figures, and the first of these that says no to the design that was made last, or NULL: `sum` has
// MP_STORE_COLUMNS figures over the networks.
bool mp_designer_needs_figures(const struct mp_designer *d);
const char *mp_designer_excludes(struct mp_designer *d, size_t base, double area_mm2, const double *sum);

#endif
