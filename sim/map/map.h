// SPDX-License-Identifier: Apache-2.0
// The mapper: the best mapping of a task, proven over the space declared here by branch and bound.
//
// The space, for layers on the array:
// - roles: every combination that array.map allows (lanes ic and k_ic are one when the kernel is 1x1);
// - tile sizes of oc: u ceil(ceil(N/u)/n), n = 1, 2, ..., cut at N, where u is the number of output channels that a
//   fold covers; of ic: the same with u the channels that fill the lanes (and rows, under ws and is), for flattened
//   kernels unit / gcd(unit, taps); of group, batch, oh, ow: ceil(N/n);
//   when not even the smallest of these tiles fits the buffers, the larger unit is halved (oc at a tie) until one does;
// - loop order: the six orders of {pixel, oc, ic}, where pixel is batch, oh, ow from outside in; groups outermost, for
//   no operand is reused across them. Splitting the pixel loops around another loop never moves less data.
// Off the array: tile sizes of group, batch, oh, ow as above; vectors (softmax, layer norm) whole.
// All tiles must fit their buffers (half of one that is double-buffered).
//
// The optimum is of (cycles, then energy), (energy, then cycles), or (energy * cycles, then cycles). Among equals the
// first in the order of enumeration is taken, so that the result is the same on every machine: by roles; then the tiles of
// batch, oh, ow, group, oc, ic, the largest first; then loop orders, of which those that are the same but for loops of one
// tile are one. Where and how the search begins does not count.
#ifndef SIM_MAP_MAP_H
#define SIM_MAP_MAP_H

#include "sim/map/bests.h"
#include "sim/map/constraint.h"

enum mp_objective { MP_LATENCY, MP_ENERGY, MP_EDP, MP_OBJECTIVES };
extern const char *const mp_objective_names[];

// A cost to compare: `first`, then `second`.
struct mp_score {
    double first, second;
};
struct mp_score mp_score_of(enum mp_objective o, uint64_t cycles, double energy_pj);
bool mp_score_less(struct mp_score a, struct mp_score b);

struct mp_map_stats {
    uint64_t points, bounded, evaluated; // points of the space that fit; bounds computed; mappings evaluated
};

struct mp_map_request {
    const struct mp_task *task;
    const struct mp_pe_array *array;
    const struct mp_prices *prices; // not negative
    enum mp_objective objective;
    const struct mp_constraint *constraint; // may be NULL
    struct mp_arena *scratch;               // memory to work in, reset on return; may be NULL
    struct mp_bests *bests;                 // filled; may be NULL. But for latency it holds for these prices and buffers alone
};

// Fails when no tile fits (the error names the buffer and the least size that would do) or the constraints leave none.
bool mp_map(const struct mp_map_request *q, struct mp_mapping *best, struct mp_counts *counts, struct mp_map_stats *stats,
            struct mp_err *err);

// Whether any tile fits the buffers at all.
bool mp_map_possible(const struct mp_task *t);

// Completes a mapping written by hand: absent tile sizes (0) are whole, absent roles the array's first.
void mp_mapping_complete(struct mp_mapping *m, const struct mp_task *t, const struct mp_pe_array *array);

#endif
