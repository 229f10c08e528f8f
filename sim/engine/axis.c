// SPDX-License-Identifier: Apache-2.0
// Runs of equal tiles along one dimension: the clipped tiles at both ends one by one, the inner ones at once.
#include "sim/engine/axis.h"

static bool add_run(struct mp_axis *a, struct mp_axis_run r) {
    struct mp_axis_run *last = a->run_count ? &a->runs[a->run_count - 1] : NULL;
    a->extent += r.count * r.extent;
    if (last && last->size == r.size && last->extent == r.extent && last->first == r.first && last->last == r.last) {
        last->count += r.count;
        return true;
    }
    if (a->run_count == MP_AXIS_RUNS)
        return false;
    a->runs[a->run_count++] = r;
    return true;
}

static bool add_plain(struct mp_axis *a, const struct mp_task *t, enum mp_dim d, uint64_t tile) {
    uint64_t full = t->size[d] / tile, edge = t->size[d] % tile;
    bool fits = true;
    if (d != MP_IC || a->tiles == 1) {
        struct mp_axis_run r = {.size = tile, .extent = tile, .count = full, .first = true, .last = true};
        if (full)
            fits = add_run(a, r);
        r.size = r.extent = edge, r.count = 1, r.edge = true;
        return (!edge || add_run(a, r)) && fits;
    }
    uint64_t inner = a->tiles - 2, last = edge ? edge : tile;
    add_run(a, (struct mp_axis_run){.size = tile, .extent = tile, .count = 1, .first = true});
    if (inner)
        add_run(a, (struct mp_axis_run){.size = tile, .extent = tile, .count = inner});
    return add_run(a, (struct mp_axis_run){.size = last, .extent = last, .count = 1, .last = true, .edge = edge != 0});
}

static bool add_window(struct mp_axis *a, const struct mp_window *w, uint64_t size, uint64_t tile) {
    uint64_t reach = (w->k - 1) * w->d, i = 0;
    // Tiles [low, high) lie inside the input: their extents are equal.
    uint64_t low = mp_ceil_div(w->pad, w->s * tile), high = 0, full = size / tile;
    if (w->in + w->pad > reach) {
        uint64_t outputs = (w->in + w->pad - reach - 1) / w->s + 1; // windows that end inside
        high = outputs / tile < full ? outputs / tile : full;
    }
    while (i < a->tiles) {
        uint64_t left = size - i * tile, count = tile < left ? tile : left;
        struct mp_axis_run r = {.count = 1, .size = count, .extent = mp_window_extent(w, i * tile, count), .first = true,
                                .last = true, .edge = count < tile};
        if (i >= low && i < high)
            r.count = high - i;
        if (!add_run(a, r))
            return false;
        i += r.count;
    }
    return true;
}

bool mp_axis_init(struct mp_axis *a, const struct mp_task *t, enum mp_dim d, uint64_t tile) {
    a->tiles = mp_ceil_div(t->size[d], tile), a->extent = 0, a->run_count = 0; // the runs' room is left as it is
    if (d == MP_OH || d == MP_OW)
        return add_window(a, &t->win[d - MP_OH], t->size[d], tile);
    return add_plain(a, t, d, tile);
}
