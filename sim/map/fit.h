// SPDX-License-Identifier: Apache-2.0
// Which tiles fit the buffers beside each other.
#ifndef SIM_MAP_FIT_H
#define SIM_MAP_FIT_H

#include "sim/map/frontier.h"
#include "sim/map/space.h"

static inline const struct mp_cut *mp_open_cut(const struct mp_space *sp, const struct mp_open *p, enum mp_dim d) {
    return &sp->dim[d].cut[p->at[d]];
}

static inline const struct mp_cut *mp_open_low(const struct mp_space *sp, const struct mp_open *p, enum mp_dim d) {
    return &sp->dim[d].low[p->at[d]];
}

static inline uint64_t mp_cuts_smallest(const struct mp_cuts *c) {
    return c->cut[c->count - 1].tile;
}

// Pixels of a tile, and the input pixels that it may touch in an image.
struct mp_fit_pixels {
    uint64_t outputs, inputs, batch;
};
struct mp_fit_pixels mp_fit_pixels(const struct mp_cut *b, const struct mp_cut *oh, const struct mp_cut *ow);

// The largest oc (or ic) tile that the weight buffer leaves beside a group tile and so many of the other channels.
uint64_t mp_fit_most_weights(const struct mp_task *t, uint64_t g, uint64_t channels);
// The same beside the smallest of the other.
struct mp_fit_weights {
    uint64_t oc, ic;
};
struct mp_fit_weights mp_fit_weights(const struct mp_task *t, const struct mp_space *sp, uint64_t g);

// Set a part's first oc and ic tiles that fit beside a group tile and pixels, and its first group tile that fits beside its
// pixels and the smallest channels. False when none does.
bool mp_fit_channels(const struct mp_task *t, const struct mp_space *sp, struct mp_open *p, uint64_t g,
                     const struct mp_fit_pixels *px, const struct mp_fit_weights *w);
bool mp_fit_groups(const struct mp_task *t, const struct mp_space *sp, struct mp_open *p);

// No tile fits: what the smallest one needs says what would do.
bool mp_fit_fail(const struct mp_task *t, struct mp_err *err);

#endif
