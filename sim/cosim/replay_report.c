// SPDX-License-Identifier: Apache-2.0
// What a replay found, as text and as JSON.
#include "sim/cosim/cosim.h"

#include "sim/report/quantity.h"

#include <inttypes.h>

static void add_sum(const struct mp_replay *r, struct mp_buf *out) {
    char cycle[MP_QTY_BYTES];
    mp_buf_addf(out, "the sum of PE row %u, column %u is wrong in cycle %s: tile %" PRIu64 ", fold %" PRIu64 ": expected %" PRId64
                ", RTL %" PRId64, r->row, r->col, mp_qty_count(r->first_bad, cycle), r->tile, r->fold, r->expected, r->actual);
    if (r->wrong > 1)
        mp_buf_addf(out, "; %" PRIu64 " PEs are wrong in it", r->wrong);
    mp_buf_addf(out, "\n    no sign of it up to cycle %s", mp_qty_count(r->last_good, cycle));
}

static void add_what(const struct mp_replay *r, struct mp_buf *out) {
    char cycle[MP_QTY_BYTES], core[MP_QTY_BYTES], sim[MP_QTY_BYTES];
    mp_qty_count(r->first_bad, cycle);
    switch (r->what) {
    case MP_REPLAY_SUM:
        add_sum(r, out);
        break;
    case MP_REPLAY_FOLD:
        mp_buf_addf(out, "tile %" PRIu64 " has a fold too many or too few: fold %" PRIu64 " in cycle %s", r->tile, r->fold, cycle);
        break;
    case MP_REPLAY_OUTPUT:
        mp_buf_addf(out, "all sums that leave the PEs are right: look at the drain, the output buffer, the vector unit or the DMA; "
                    "outputs of tile %" PRIu64 " leave from cycle %s on", r->tile, cycle);
        break;
    case MP_REPLAY_STAGE:
        mp_buf_addf(out, "the stage from cycle %s on, which computes tile %" PRIu64 ", takes %s cycles, simulated %s", cycle, r->tile,
                    mp_qty_count(r->stage_core, core), mp_qty_count(r->stage_sim, sim));
        break;
    case MP_REPLAY_COUNTERS:
        mp_buf_add(out, "all sums and the lengths of all stages are right: only counters differ");
        break;
    case MP_REPLAY_STOP:
        mp_buf_addf(out, "it stops in cycle %s", cycle);
        break;
    case MP_REPLAY_HANG:
        mp_buf_addf(out, "nothing goes on behind cycle %s", cycle);
        break;
    case MP_REPLAY_NOTHING:
        break;
    }
}

void mp_cosim_text_replay(const struct mp_replay *r, struct mp_buf *out) {
    char first[MP_QTY_BYTES], last[MP_QTY_BYTES];
    if (!r)
        return;
    mp_buf_add(out, "  run again: ");
    add_what(r, out);
    if (r->why)
        mp_buf_addf(out, "%s%s", r->what == MP_REPLAY_NOTHING ? "" : "; ", r->why);
    mp_buf_add(out, "\n");
    if (r->fst)
        mp_buf_addf(out, "    cycles %s to %s: gtkwave %s %s\n", mp_qty_count(r->first, first), mp_qty_count(r->last, last), r->fst,
                    r->gtkw);
}

void mp_cosim_json_replay(const struct mp_replay *r, struct mp_jsonw *w) {
    if (!r)
        return;
    mp_jsonw_key(w, "replay");
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_string(w, "what", mp_replay_what_names[r->what]);
    if (r->why)
        mp_jsonw_put_string(w, "why", r->why);
    if (r->what != MP_REPLAY_NOTHING && r->what != MP_REPLAY_COUNTERS) {
        mp_jsonw_put_uint(w, "first_bad_cycle", r->first_bad);
        mp_jsonw_put_uint(w, "last_good_cycle", r->last_good);
        mp_jsonw_put_uint(w, "first_cycle", r->first);
        mp_jsonw_put_uint(w, "last_cycle", r->last);
    }
    if (r->what == MP_REPLAY_STAGE || r->has_fold)
        mp_jsonw_put_uint(w, "tile", r->tile);
    if (r->has_fold && r->what != MP_REPLAY_OUTPUT)
        mp_jsonw_put_uint(w, "fold", r->fold);
    if (r->has_pe) {
        mp_jsonw_put_uint(w, "pe_row", r->row);
        mp_jsonw_put_uint(w, "pe_col", r->col);
        mp_jsonw_put_uint(w, "wrong_pes", r->wrong);
        mp_jsonw_put_int(w, "expected_sum", r->expected);
        mp_jsonw_put_int(w, "actual_sum", r->actual);
    }
    if (r->fst) {
        mp_jsonw_put_string(w, "fst", r->fst);
        mp_jsonw_put_string(w, "gtkw", r->gtkw);
    }
    mp_jsonw_close(w, '}');
}
