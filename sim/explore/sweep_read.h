// SPDX-License-Identifier: Apache-2.0
// The parts of reading a space; internal to sweep_*.c.
#ifndef SIM_EXPLORE_SWEEP_READ_H
#define SIM_EXPLORE_SWEEP_READ_H

#include "sim/explore/sweep.h"

// Behind the bases, whose names axes may give.
bool mp_sweep_axes(struct mp_sweep *s, const struct mp_node *list, struct mp_arena *a, struct mp_err *err);
bool mp_sweep_networks(struct mp_sweep *s, const struct mp_node *list, struct mp_arena *a, const struct mp_sweep_loader *l,
                       struct mp_err *err);
// The prices that the values of an axis at /tech give, which become their names.
bool mp_sweep_techs(struct mp_sweep *s, struct mp_arena *a, const struct mp_sweep_loader *l, struct mp_err *err);

#endif
