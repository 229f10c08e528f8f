// SPDX-License-Identifier: Apache-2.0
// A search as text: what was asked for and what it took, a row a plan, then the layers of the plan that was found and why.
#include "sim/report/search_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// What was asked for

static void drop_name(const struct mp_search_job *job, struct mp_buf *out) {
    mp_buf_addf(out, "%s of %s", job->drop == MP_DROP_LOSS ? "rise" : "drop", mp_drop_names[job->drop]);
}

static void objective(const struct mp_search_report *r, struct mp_buf *out) {
    const size_t q = r->job->objective;
    mp_buf_add(out, "least ");
    if (q == MP_HARM)
        mp_buf_add(out, "harm");
    else if (q == MP_DROP_QUANTITY)
        drop_name(r->job, out);
    else if (q == MP_EDP_QUANTITY)
        mp_buf_add(out, "product of latency and energy");
    else
        mp_buf_add(out, mp_costs_shown[q - MP_COST_AT(0)].words);
}

static void bounds(const struct mp_search_report *r, struct mp_buf *out) {
    const struct mp_search_job *job = r->job;
    char text[MP_QTY_BYTES];
    for (size_t c = 0; c < MP_COSTS; c++)
        if (job->bound[MP_COST_AT(c)] < INFINITY)
            mp_buf_addf(out, ", %s at most %s", mp_costs_shown[c].words,
                        mp_qty_si(mp_cost_in_unit(r->arch, c, job->bound[MP_COST_AT(c)]), mp_costs_shown[c].unit, text));
    if (job->bound[MP_HARM] < INFINITY)
        mp_buf_addf(out, ", harm at most %s", mp_harm_text(job->bound[MP_HARM], text));
    if (!(job->max_drop < INFINITY))
        return;
    mp_buf_add(out, ", ");
    drop_name(job, out);
    if (job->drop == MP_DROP_LOSS)
        mp_buf_addf(out, " at most %.4g", job->max_drop);
    else
        mp_buf_addf(out, " at most %.*f %s", fabs(job->max_drop) < 5e-5 && job->max_drop != 0 ? 4 : 2, 100 * job->max_drop,
                    job->drop == MP_DROP_ACCURACY ? "points" : "%");
}

static void head(const struct mp_search_report *r, const struct mp_style *s, struct mp_buf *out) {
    struct mp_buf line = {0};
    mp_buf_addf(&line, "%s on %s", r->job->space->workload->name, r->arch->name);
    mp_style_bold(s, line.text, out);
    mp_buf_finish(&line);
    mp_buf_add(out, ": ");
    objective(r, out);
    bounds(r, out);
    mp_buf_add(out, "\n");
}

// What it took

static void widths(const char *what, uint32_t set, struct mp_buf *out) {
    if (set == 0)
        return;
    mp_buf_addf(out, ", %s at", what);
    for (unsigned bits = 1; bits <= 8; bits++)
        if (set >> bits & 1)
            mp_buf_addf(out, " %u", bits);
}

static void space(const struct mp_search_report *r, struct mp_buf *out) {
    const struct mp_space *s = r->job->space;
    const struct mp_space_sum sum = mp_space_sum(s);
    const size_t others = sum.fixed - sum.by_user - sum.by_default;
    mp_buf_addf(out, "  space      %zu units in %zu decisions", s->unit_count, s->decision_count);
    if (sum.fixed > 0)
        mp_buf_addf(out, ", %zu fixed", sum.fixed);
    const char *sign = " (";
    if (sum.by_default > 0)
        mp_buf_addf(out, "%s%zu at 8 bits by default: first and last layer", sign, sum.by_default), sign = ", ";
    if (sum.by_user > 0)
        mp_buf_addf(out, "%s%zu by --fix", sign, sum.by_user), sign = ", ";
    if (others > 0)
        mp_buf_addf(out, "%s%zu of one width", sign, others);
    mp_buf_add(out, sum.fixed > 0 ? ")" : "");
    widths("weights", sum.w_set, out);
    widths("activations", sum.a_set, out);
    if (sum.log10_combinations < 6)
        mp_buf_addf(out, "; %.0f combination%s\n", pow(10, sum.log10_combinations), sum.fixed == s->decision_count ? "" : "s");
    else
        mp_buf_addf(out, "; 10^%.1f combinations\n", sum.log10_combinations);
}

static void method(const struct mp_search_report *r, struct mp_buf *out) {
    char count[MP_QTY_BYTES];
    mp_buf_addf(out, "  metric     %s", r->metric);
    if (*mp_harm_unit(r->harm))
        mp_buf_addf(out, ", in %s", mp_harm_unit(r->harm));
    if (r->metric_images > 0 && r->trained_on)
        mp_buf_addf(out, ", on %s images of %s", mp_qty_count(r->metric_images, count), r->trained_on);
    mp_buf_addf(out, "; %.1f s\n", r->metric_seconds);
    mp_buf_addf(out, "  solver     %s%s; %.1f s%s\n", r->solver->name, r->job->refine ? ", then descent" : "",
                r->solver_seconds, r->result->proven ? "; proven: no plan is better by metric and costs" : "");
    mp_buf_addf(out, "  costs      %s entries", mp_qty_count(r->costs->entries, count));
    mp_buf_addf(out, ", %s mappings searched", mp_qty_count(r->costs->mapped, count));
    mp_buf_addf(out, ", %s from the cache; %.1f s\n", mp_qty_count(r->costs->cached, count), r->costs->seconds);
    if (r->cost_file)
        mp_buf_addf(out, "             from %s where it has them; the table of layers below is the simulator's\n", r->cost_file);
}

static void measuring(const struct mp_search_report *r, struct mp_buf *out) {
    const struct mp_oracle_stats *o = r->oracle;
    char count[MP_QTY_BYTES];
    if (!o)
        return;
    mp_buf_addf(out, "  measured   %s plan%s", mp_qty_count(o->evaluations, count), o->evaluations == 1 ? "" : "s");
    if (o->remembered > 0)
        mp_buf_addf(out, ", %s of the log", mp_qty_count(o->remembered, count));
    if (r->trained_on)
        mp_buf_addf(out, ", on %s images of %s", mp_qty_count(r->train_images, count), r->trained_on);
    if (o->layers > 0)
        mp_buf_addf(out, ", %s of the layers used again", mp_qty_percent((double)o->reused, (double)o->layers, count));
    mp_buf_addf(out, "; %.1f s\n", o->seconds);
}

static void front(const struct mp_search_report *r, struct mp_buf *out) {
    const size_t q = mp_search_front_cost(r->job), n = r->result->front_count;
    const struct mp_cost_shown *c = &mp_costs_shown[q - MP_COST_AT(0)];
    char count[MP_QTY_BYTES], low[MP_QTY_BYTES], high[MP_QTY_BYTES];
    if (n == 0)
        return;
    const struct mp_point *first = &r->result->front[0], *last = &r->result->front[n - 1];
    mp_buf_addf(out, "  front      %s point%s%s", mp_qty_count(n, count), n == 1 ? "" : "s",
                r->result->front_exact ? ", exact" : "");
    mp_buf_addf(out, ": %s %s to %s", c->words,
                mp_qty_si(mp_cost_in_unit(r->arch, q - MP_COST_AT(0), first->sum[q]), c->unit, low),
                mp_qty_si(mp_cost_in_unit(r->arch, q - MP_COST_AT(0), last->sum[q]), c->unit, high));
    mp_buf_addf(out, ", harm %s to %s\n", mp_harm_text(first->sum[MP_HARM], low), mp_harm_text(last->sum[MP_HARM], high));
}

static void warn(const struct mp_style *s, const char *what, const char *why, struct mp_buf *out) {
    struct mp_buf line = {0};
    mp_buf_addf(&line, "%s%s\n", what, why);
    mp_style_warn(s, line.text, out);
    mp_buf_finish(&line);
}

static void ending(const struct mp_search_report *r, const struct mp_style *s, struct mp_buf *out) {
    const struct mp_search_result *f = r->result;
    const char *best = f->found ? "what is shown is the best so far" : "nothing was found so far";
    if (r->costs->warning)
        warn(s, "warning: ", r->costs->warning, out);
    if (f->interrupted)
        warn(s, "interrupted: ", best, out);
    else if (f->out_of_budget)
        warn(s, "no evaluation is left (--max-evals): ", best, out);
    else if (f->unconstrained)
        mp_buf_add(out, "no constraint was given (--max-drop, --max-harm, ...): the front, and no plan chosen from it\n");
    else if (!f->found)
        warn(s, "nothing was found: ", f->why ? f->why : "no plan keeps the bounds", out);
}

void mp_search_text(const struct mp_search_report *r, const struct mp_style *s, struct mp_buf *out) {
    head(r, s, out);
    space(r, out);
    method(r, out);
    measuring(r, out);
    front(r, out);
    ending(r, s, out);
    mp_search_text_plans(r, s, out);
    mp_search_text_layers(r, s, out);
}
