// SPDX-License-Identifier: Apache-2.0
// A mapping in short, for the last column of the table of layers.
#include "sim/report/report.h"

#include <inttypes.h>

// Sizes of what the run computes, by dimension.
static void sizes_of(const struct mp_result *r, const struct mp_layer *l, const struct mp_run *run,
                     uint64_t size[MP_DIMS]) {
    const struct mp_geometry *g = &l->geo;
    bool array = mp_layer_on_array(l);
    size[MP_G] = g->groups;
    size[MP_B] = r->plan->batch;
    size[MP_OH] = g->oh;
    size[MP_OW] = g->ow;
    size[MP_OC] = array && run->channels ? run->channels / g->groups : g->oc;
    size[MP_IC] = g->ic;
    if (array && run->channels && run->channels < g->oc * g->groups && g->groups > 1) {
        size[MP_G] = run->channels / g->oc; // a run takes whole groups
        size[MP_OC] = g->oc;
    }
}

static bool add_loops(const struct mp_mapping *m, const uint64_t size[MP_DIMS], struct mp_buf *out) {
    static const char *const names[MP_DIMS] = {"g", "b", "oh", "ow", "oc", "ic"};
    bool any = false;
    for (int level = 0; level < MP_DIMS; level++) {
        unsigned d = m->order[level];
        if (m->tile[d] == 0 || m->tile[d] >= size[d])
            continue;
        mp_buf_addf(out, "%s%s%" PRIu64, any ? " " : "", names[d], m->tile[d]);
        any = true;
    }
    return any;
}

void mp_text_tiles(const struct mp_result *r, const struct mp_layer_result *l, const struct mp_run *run,
                   struct mp_buf *out) {
    uint64_t size[MP_DIMS];
    sizes_of(r, l->layer, run, size);
    if (l->mapping.run_count > 1)
        mp_buf_addf(out, "%" PRIu64 "ch@%ub: ", run->channels, run->w_bits);
    if (!add_loops(&run->map, size, out))
        mp_buf_add(out, "whole");
    if (run->map.padded)
        mp_buf_add(out, " padded");
}

void mp_text_roles(const struct mp_run *run, struct mp_buf *out) {
    static const char *const names[MP_ROLES] = {"oc", "px", "ic", "kic"};
    const unsigned role[] = {run->map.rows, run->map.cols, run->map.lanes};
    for (int i = 0; i < 3; i++)
        mp_buf_addf(out, "%s%s", i > 0 ? " " : "", role[i] < MP_ROLES ? names[role[i]] : "-");
}
