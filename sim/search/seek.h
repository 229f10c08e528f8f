// SPDX-License-Identifier: Apache-2.0
// What solvers share: points priced, measured and compared. Internal to sim/search.
#ifndef SIM_SEARCH_SEEK_H
#define SIM_SEARCH_SEEK_H

#include "sim/search/search.h"

struct mp_seek {
    const struct mp_search_job *job;
    struct mp_arena *arena;
    struct mp_search_result *out;
    struct mp_err *err;
    bool failed;     // the error says why
    double slack[MP_QUANTITIES]; // of bounds: what a sum in another order may be off by
};

struct mp_seek mp_seek_begin(const struct mp_search_job *job, struct mp_arena *a, struct mp_search_result *out,
                             struct mp_err *err);

// Interrupted, out of budget or failed: no more is measured.
bool mp_seek_over(const struct mp_seek *s);
// Asks whether to stop.
bool mp_seek_stopped(struct mp_seek *s);

// Sums of an option set, which stays the caller's: such a point lasts as long as the options do. False on an error.
bool mp_seek_sum(struct mp_seek *s, const uint8_t *option, struct mp_point *p);
// The point's options as a copy in the arena.
void mp_seek_own(struct mp_seek *s, struct mp_point *p);
// Both.
bool mp_seek_price(struct mp_seek *s, const uint8_t *option, struct mp_point *p);
// Measures a priced point, once. False when it is over.
bool mp_seek_measure(struct mp_seek *s, struct mp_point *p);
// Measures where there is an oracle, and takes the point when it keeps everything and is the best so far. Returns whether it
// keeps everything.
bool mp_seek_offer(struct mp_seek *s, struct mp_point *p);

// Whether costs and harm keep their bounds; the measured drop its own. But for rounding, as in the exact solver: a bound that a
// plan just reaches is kept.
bool mp_seek_within(const struct mp_seek *s, const struct mp_point *p);
bool mp_seek_keeps_drop(const struct mp_seek *s, const struct mp_point *p);
// A cost is minimised, and nothing says how much harm may come of it.
bool mp_seek_unconstrained(const struct mp_search_job *job);
// What is minimised; of the drop, the point must be measured.
double mp_seek_objective(const struct mp_search_job *job, const struct mp_point *p);
// The quantity that a front has beside the harm: the objective where it is a cost, else the first bounded cost, else latency.
size_t mp_seek_front_cost(const struct mp_search_job *job);
double mp_seek_front_value(const struct mp_search_job *job, const struct mp_point *p);

// Where a drop is bounded, the cheapest point of the front that keeps it, by halving and a look further down; else the best
// that keeps the bounds.
bool mp_seek_pick(struct mp_seek *s);
// Adds to out->front, in ascending order of its cost.
void mp_seek_add_front(struct mp_seek *s, const struct mp_point *p, size_t *room);

// The widest option of each decision.
uint8_t *mp_seek_widest(struct mp_seek *s);
// A unit's move to another width: the option of its decision that has it there and changes the fewest others; false when there
// is none or it is the present one.
struct mp_move {
    size_t decision, unit;
    uint8_t option;
    unsigned bits;
    double harm; // of the unit at these bits, less that at its widest; the caller's
};
bool mp_seek_move(const struct mp_space *s, const uint8_t *option, size_t unit, unsigned bits, struct mp_move *out);

bool mp_descend(struct mp_seek *s, const uint8_t *start); // solver_descent.c

#endif
