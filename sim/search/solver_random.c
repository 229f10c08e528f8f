// SPDX-License-Identifier: Apache-2.0
// The baseline: plans drawn at random, each with a narrowest option drawn first, so that wide and narrow ones are as likely.
// Of those that are cheaper than the best so far, as many are measured as the budget allows.
#include "sim/search/seek.h"
#include "sim/search/solvers.h"

#include "sim/base/random.h"

#include <math.h>

#define DRAWS 2000 // in a row that are no cheaper, or measured before: then it ends

static void draw(const struct mp_problem *p, struct mp_random *r, uint8_t *option) {
    int64_t most = 1;
    for (size_t v = 0; v < p->var_count; v++)
        most = (int64_t)p->vars[v].options > most ? (int64_t)p->vars[v].options : most;
    const int64_t narrowest = mp_random_range(r, 0, most - 1);
    for (size_t v = 0; v < p->var_count; v++) {
        int64_t last = (int64_t)p->vars[v].options - 1;
        option[v] = (uint8_t)mp_random_range(r, 0, last < narrowest ? last : narrowest);
    }
}

static bool cheaper(const struct mp_seek *s, const struct mp_point *p) {
    if (s->job->objective == MP_DROP_QUANTITY || !s->out->found)
        return true;
    return mp_seek_objective(s->job, p) < mp_seek_objective(s->job, &s->out->best);
}

static bool run(const struct mp_search_job *job, struct mp_arena *a, struct mp_search_result *out, struct mp_err *err) {
    struct mp_seek s = mp_seek_begin(job, a, out, err);
    struct mp_random r = {job->seed};
    uint8_t *option = mp_seek_widest(&s);
    for (size_t idle = 0; idle < DRAWS && !mp_seek_stopped(&s); idle++) {
        const size_t measured = out->measured_count;
        struct mp_point p;
        draw(job->problem, &r, option);
        if (!mp_seek_sum(&s, option, &p))
            return false;
        if (!mp_seek_within(&s, &p) || !cheaper(&s, &p))
            continue;
        mp_seek_own(&s, &p);
        mp_seek_offer(&s, &p);
        idle = out->measured_count > measured ? 0 : idle;
    }
    if (!out->found && !s.failed && !out->interrupted)
        out->why = "no plan that was drawn keeps everything";
    return !s.failed;
}

const struct mp_solver mp_solver_random = {
    .name = "random",
    .help = "plans drawn at random and measured, a baseline at equal budget",
    .source = "random search",
    .measures = true,
    .run = run,
};
