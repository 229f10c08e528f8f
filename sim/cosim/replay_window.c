// SPDX-License-Identifier: Apache-2.0
// Where a run went wrong, and which cycles show it.
#include "sim/cosim/replay.h"

#include "sim/engine/engine.h"

#define MARGIN 50u
#define LONGEST 5000u
#define BEFORE_END 200u // of a run that stops

// The event engine's stages beside the core's.
struct stages {
    const struct mp_watch_seen *seen;
    uint64_t end;    // of the run
    bool ideal;      // memory takes no time: every difference counts
    uint64_t worst;  // difference so far
    struct mp_replay *out;
    bool any;
};

static void see_stage(void *user, const struct mp_trace_stage *e) {
    struct stages *k = user;
    uint64_t n = e->number;
    if (n >= k->seen->stages || (k->any && k->ideal))
        return;
    uint64_t start = k->seen->stage[n], end = n + 1 < k->seen->stages ? k->seen->stage[n + 1] : k->end;
    uint64_t cycles = end - start, off = cycles > e->cycles ? cycles - e->cycles : e->cycles - cycles;
    if (off <= k->worst)
        return;
    k->any = true, k->worst = off;
    k->out->first_bad = start, k->out->last_good = start;
    k->out->tile = n > 0 ? n - 1 : 0, k->out->has_fold = false;
    k->out->last = end;
    k->out->stage_core = cycles, k->out->stage_sim = e->cycles;
}

static void ignore_event(void *user, const struct mp_trace_event *e) {
    (void)user, (void)e;
}

static bool find_stage(const struct mp_replay_job *job, const struct mp_drive_result *r, const struct mp_watch_seen *s,
                       struct mp_replay *out) {
    struct stages k = {.seen = s, .end = r->cycles, .ideal = job->run->arch->dram.ops == &mp_mem_ideal, .out = out};
    const struct mp_sink sink = {ignore_event, &k, see_stage};
    struct mp_counts counts;
    mp_event(job->run->task, job->run->mapping, &sink, NULL, &counts);
    return k.any;
}

static void set_window(struct mp_replay *out, uint64_t first, uint64_t last, uint64_t end) {
    out->first = first > MARGIN ? first - MARGIN : 0;
    out->last = last + MARGIN < end ? last + MARGIN : end;
    if (out->last - out->first >= LONGEST)
        out->first = out->last - LONGEST + 1;
}

// The stage in which the tile's outputs leave, behind that in which a vector operation computes them.
static void output_stage(const struct mp_replay_job *job, const struct mp_watch_seen *s, uint64_t turns, uint64_t end,
                         struct mp_replay *out) {
    uint64_t tile = job->wrong->tile - turns, first = tile + (job->run->task->on_array ? 2 : 1), last = tile + 3;
    out->what = MP_REPLAY_OUTPUT;
    out->has_fold = true, out->tile = tile;
    out->fold = 0;
    out->last_good = out->first_bad = first < s->stages ? s->stage[first] : end;
    set_window(out, out->first_bad, last < s->stages ? s->stage[last] : end, end);
}

static void from_seen(const struct mp_watch_seen *s, uint64_t end, struct mp_replay *out) {
    out->what = s->what == MP_WATCH_SUM ? MP_REPLAY_SUM : MP_REPLAY_FOLD;
    out->first_bad = s->cycle, out->last_good = s->last_good;
    out->has_fold = true, out->has_pe = s->what == MP_WATCH_SUM;
    out->tile = s->at.tile, out->fold = s->at.fold;
    out->row = s->row, out->col = s->col, out->wrong = s->wrong;
    out->expected = s->expected, out->actual = s->actual;
    set_window(out, s->last_good, s->cycle, end);
}

void mp_replay_judge(const struct mp_replay_job *job, const struct mp_drive_result *r, const struct mp_watch_seen *s,
                     uint64_t turns, struct mp_replay *out) {
    uint64_t end = r->cycles;
    if (r->end == MP_DRIVE_STOPPED || r->end == MP_DRIVE_REFUSED || r->end == MP_DRIVE_HANG) {
        bool hangs = r->end == MP_DRIVE_HANG;
        out->what = hangs ? MP_REPLAY_HANG : MP_REPLAY_STOP;
        out->first_bad = hangs ? s->progress : end;
        out->last_good = out->first_bad > BEFORE_END ? out->first_bad - BEFORE_END : 0;
        set_window(out, out->first_bad > BEFORE_END ? out->first_bad - BEFORE_END + MARGIN : 0, out->first_bad, end);
    } else if (s->what != MP_WATCH_NOTHING) {
        from_seen(s, end, out);
    } else if (job->wrong) {
        output_stage(job, s, turns, end, out);
    } else if (find_stage(job, r, s, out)) {
        out->what = MP_REPLAY_STAGE;
        set_window(out, out->first_bad, out->last, end);
    } else {
        out->what = MP_REPLAY_COUNTERS;
    }
}
