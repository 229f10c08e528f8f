// SPDX-License-Identifier: Apache-2.0
// A search as JSON, schema mpsim.search/1: all that was measured and, of the front, its ends; the whole front is a file of its
// own.
#include "sim/report/metric.h"
#include "sim/report/search_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *quantity_name(size_t q) {
    if (q == MP_DROP_QUANTITY)
        return "drop";
    if (q == MP_EDP_QUANTITY)
        return "edp";
    return q == MP_HARM ? "harm" : mp_cost_names[q - MP_COST_AT(0)];
}

static void asked(struct mp_jsonw *w, const struct mp_search_report *r) {
    const struct mp_search_job *job = r->job;
    mp_jsonw_put_string(w, "objective", quantity_name(job->objective));
    mp_jsonw_key(w, "at_most");
    mp_jsonw_open(w, '{', true);
    for (size_t c = 0; c < MP_COSTS; c++)
        if (job->bound[MP_COST_AT(c)] < INFINITY)
            mp_jsonw_put_real(w, mp_costs_shown[c].key, job->bound[MP_COST_AT(c)] * mp_costs_shown[c].key_factor);
    if (job->bound[MP_HARM] < INFINITY)
        mp_jsonw_put_real(w, "harm", job->bound[MP_HARM]);
    if (job->max_drop < INFINITY)
        mp_jsonw_put_real(w, "drop", job->max_drop);
    mp_jsonw_close(w, '}');
    mp_jsonw_put_string(w, "drop_of", mp_drop_names[job->drop]);
}

static void widths(struct mp_jsonw *w, const char *key, uint32_t set) {
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '[', true);
    for (unsigned bits = 1; bits <= 8; bits++)
        if (set >> bits & 1)
            mp_jsonw_uint(w, bits);
    mp_jsonw_close(w, ']');
}

static void space(struct mp_jsonw *w, const struct mp_search_report *r) {
    const struct mp_space *s = r->job->space;
    const struct mp_space_sum sum = mp_space_sum(s);
    mp_jsonw_key(w, "space");
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_uint(w, "decisions", s->decision_count);
    mp_jsonw_put_uint(w, "fixed", sum.fixed);
    mp_jsonw_put_uint(w, "fixed_by_default", sum.by_default);
    mp_jsonw_put_uint(w, "fixed_by_user", sum.by_user);
    widths(w, "w_bits", sum.w_set);
    widths(w, "a_bits", sum.a_set);
    mp_jsonw_put_real(w, "log10_combinations", sum.log10_combinations);
    mp_put_unit_names(w, s);
    mp_jsonw_close(w, '}');
}

static void metric(struct mp_jsonw *w, const struct mp_search_report *r) {
    mp_jsonw_key(w, "metric");
    mp_jsonw_open(w, '{', true);
    mp_jsonw_put_string(w, "name", r->metric);
    mp_jsonw_put_string(w, "unit", r->harm->unit);
    mp_jsonw_put_uint(w, "images", r->metric_images);
    mp_jsonw_put_real(w, "seconds", r->metric_seconds);
    mp_jsonw_close(w, '}');
}

static void solver(struct mp_jsonw *w, const struct mp_search_report *r) {
    const struct mp_search_job *job = r->job;
    mp_jsonw_key(w, "solver");
    mp_jsonw_open(w, '{', true);
    mp_jsonw_put_string(w, "name", r->solver->name);
    mp_jsonw_put_bool(w, "refine", job->refine);
    mp_jsonw_put_uint(w, "seed", job->seed);
    mp_jsonw_put_uint(w, "population", job->population);
    mp_jsonw_put_uint(w, "generations", job->generations);
    mp_jsonw_put_real(w, "seconds", r->solver_seconds);
    mp_jsonw_close(w, '}');
}

static void costs(struct mp_jsonw *w, const struct mp_cost_stats *c) {
    mp_jsonw_key(w, "costs");
    mp_jsonw_open(w, '{', true);
    mp_jsonw_put_uint(w, "entries", c->entries);
    mp_jsonw_put_uint(w, "mapped", c->mapped);
    mp_jsonw_put_uint(w, "cached", c->cached);
    mp_jsonw_put_real(w, "seconds", c->seconds);
    mp_jsonw_put_real(w, "cpu_seconds", c->cpu_seconds);
    if (c->warning)
        mp_jsonw_put_string(w, "warning", c->warning);
    mp_jsonw_close(w, '}');
}

static void measuring(struct mp_jsonw *w, const struct mp_search_report *r) {
    const struct mp_oracle_stats *o = r->oracle;
    if (r->trained_on)
        mp_jsonw_put_string(w, "trained_on", r->trained_on);
    if (!o)
        return;
    mp_jsonw_key(w, "measuring");
    mp_jsonw_open(w, '{', true);
    mp_jsonw_put_uint(w, "images", r->train_images);
    mp_jsonw_put_uint(w, "evaluations", o->evaluations);
    mp_jsonw_put_uint(w, "remembered", o->remembered);
    mp_jsonw_put_uint(w, "layers", o->layers);
    mp_jsonw_put_uint(w, "layers_reused", o->reused);
    mp_jsonw_put_real(w, "seconds", o->seconds);
    mp_jsonw_close(w, '}');
    if (r->job->reference)
        mp_put_measured(w, "float", r->job->reference);
}

static void share(struct mp_jsonw *w, const char *key, struct mp_share s) {
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '{', true);
    mp_jsonw_put_real(w, "value", s.share);
    mp_jsonw_put_real(w, "low", s.low);
    mp_jsonw_put_real(w, "high", s.high);
    mp_jsonw_close(w, '}');
}

static void test(struct mp_jsonw *w, const struct mp_search_row *row, const struct mp_search_row *base) {
    const struct mp_accuracy *a = &row->test;
    mp_jsonw_key(w, "test");
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_uint(w, "images", a->images);
    mp_jsonw_put_bool(w, "interrupted", a->interrupted);
    mp_jsonw_put_uint(w, "agree", a->agree);
    if (a->labelled) {
        share(w, "float_accuracy", mp_share_of(a->float_right, a->images));
        share(w, "accuracy", mp_share_of(a->other_right, a->images));
        share(w, "difference", mp_paired_difference(a->only_other, a->only_float, a->images));
        mp_jsonw_put_uint(w, "lost", a->only_float);
        mp_jsonw_put_uint(w, "gained", a->only_other);
    }
    if (a->labelled && base && base != row && base->tested) {
        share(w, "difference_to_uniform_8", mp_paired_difference(row->gained, row->lost, a->images));
        mp_jsonw_put_uint(w, "lost_to_uniform_8", row->lost);
        mp_jsonw_put_uint(w, "gained_on_uniform_8", row->gained);
        mp_jsonw_put_real(w, "mcnemar_p", mp_mcnemar_p(row->gained, row->lost));
    }
    mp_jsonw_close(w, '}');
}

static void plan(struct mp_jsonw *w, const struct mp_search_report *r, const struct mp_search_row *row) {
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_string(w, "name", row->name);
    mp_put_costs(w, r->arch, row->point.sum);
    if (row->has_harm)
        mp_jsonw_put_real(w, "harm", row->point.sum[MP_HARM]);
    if (row->point.measured) {
        mp_put_measured(w, "measured", &row->point.at);
        mp_jsonw_put_real(w, "drop", mp_search_drop(r, &row->point));
    }
    if (row->tested)
        test(w, row, mp_search_row_of(r, MP_ROW_BASE));
    mp_jsonw_close(w, '}');
}

static void plans(struct mp_jsonw *w, const struct mp_search_report *r) {
    if (r->test_name)
        mp_jsonw_put_string(w, "test_data", r->test_name);
    mp_jsonw_key(w, "plans");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < r->row_count; i++)
        plan(w, r, &r->rows[i]);
    mp_jsonw_close(w, ']');
}

static void outcome(struct mp_jsonw *w, const struct mp_search_result *f) {
    mp_jsonw_put_bool(w, "found", f->found);
    mp_jsonw_put_bool(w, "proven", f->proven);
    mp_jsonw_put_bool(w, "interrupted", f->interrupted);
    mp_jsonw_put_bool(w, "out_of_budget", f->out_of_budget);
    mp_jsonw_put_bool(w, "unconstrained", f->unconstrained);
    if (!f->found && f->why)
        mp_jsonw_put_string(w, "why", f->why);
}

static void figures(struct mp_jsonw *w, const char *key, const struct mp_figures *f) {
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '{', true);
    mp_jsonw_put_uint(w, "cycles", mp_counts_cycles(&f->counts));
    mp_jsonw_put_real(w, "energy_pj", f->energy_pj);
    mp_jsonw_put_string(w, "bound", mp_bound_name(f));
    mp_jsonw_close(w, '}');
}

static void layers(struct mp_jsonw *w, const struct mp_search_report *r) {
    const struct mp_search_row *row = mp_search_row_of(r, MP_ROW_FOUND), *base = mp_search_row_of(r, MP_ROW_BASE);
    const struct mp_space *s = r->job->space;
    if (!row || !r->plan)
        return;
    mp_jsonw_key(w, "layers");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < row->result->layer_count; i++) {
        const size_t wd = mp_layer_w_decision(s, i), ad = mp_layer_a_decision(s, i);
        const struct mp_layer *l = &s->workload->layers[i];
        mp_jsonw_open(w, '{', false);
        mp_jsonw_put_string(w, "name", l->name);
        mp_jsonw_put_string(w, "type", mp_layer_type_names[l->type]);
        mp_jsonw_put_uint(w, "a_bits", r->plan->layers[i].a_bits);
        mp_layer_w_bits_put(&r->plan->layers[i], w);
        figures(w, "found", &row->result->layers[i].figures);
        if (base)
            figures(w, "uniform_8", &base->result->layers[i].figures);
        if (wd != MP_NO_DECISION)
            mp_jsonw_put_string(w, "w_decision", s->decisions[wd].name);
        if (ad != MP_NO_DECISION)
            mp_jsonw_put_string(w, "a_decision", s->decisions[ad].name);
        mp_jsonw_close(w, '}');
    }
    mp_jsonw_close(w, ']');
}

static void option_bits(struct mp_jsonw *w, const struct mp_decision *d, size_t option) {
    mp_jsonw_key(w, "bits");
    mp_jsonw_open(w, '[', true);
    for (size_t u = 0; u < d->unit_count; u++)
        mp_jsonw_uint(w, d->bits[option * d->unit_count + u]);
    mp_jsonw_close(w, ']');
}

// Changes of the front's cost, in the unit of its key, and of the harm.
static void step(struct mp_jsonw *w, const char *key, const struct mp_search_report *r, const struct mp_decision *d,
                 const struct mp_step *s) {
    const struct mp_cost_shown *c = &mp_costs_shown[mp_search_front_cost(r->job) - MP_COST_AT(0)];
    if (!s->there)
        return;
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '{', true);
    option_bits(w, d, s->option);
    mp_jsonw_put_real(w, c->key, s->cost * c->key_factor);
    mp_jsonw_put_real(w, "harm", s->harm);
    mp_jsonw_close(w, '}');
}

static void decisions(struct mp_jsonw *w, const struct mp_search_report *r) {
    const struct mp_space *s = r->job->space;
    if (!r->reasons || !r->result->found)
        return;
    mp_jsonw_key(w, "decisions");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < s->decision_count; i++) {
        const struct mp_decision *d = &s->decisions[i];
        mp_jsonw_open(w, '{', false);
        mp_jsonw_put_string(w, "name", d->name);
        option_bits(w, d, r->result->best.option[i]);
        if (r->reasons[i].fixed)
            mp_jsonw_put_string(w, "fixed", r->reasons[i].fixed);
        step(w, "down", r, d, &r->reasons[i].down);
        step(w, "up", r, d, &r->reasons[i].up);
        mp_jsonw_close(w, '}');
    }
    mp_jsonw_close(w, ']');
}

static void measured(struct mp_jsonw *w, const struct mp_search_report *r) {
    mp_jsonw_key(w, "measured");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < r->result->measured_count; i++)
        mp_put_point(w, r, &r->result->measured[i]);
    mp_jsonw_close(w, ']');
}

static void front(struct mp_jsonw *w, const struct mp_search_report *r) {
    const struct mp_search_result *f = r->result;
    mp_jsonw_key(w, "front");
    mp_jsonw_open(w, '{', false);
    mp_put_front_head(w, r);
    if (f->front_count > 0) {
        mp_jsonw_key(w, "least_cost");
        mp_put_point(w, r, &f->front[0]);
        mp_jsonw_key(w, "least_harm");
        mp_put_point(w, r, &f->front[f->front_count - 1]);
    }
    mp_jsonw_close(w, '}');
}

void mp_search_json(const struct mp_search_report *r, struct mp_buf *out) {
    struct mp_jsonw writer, *w = &writer;
    mp_jsonw_init(w, out);
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_string(w, "schema", MP_SEARCH_SCHEMA);
    mp_jsonw_put_string(w, "network", r->job->space->workload->name);
    mp_jsonw_put_string(w, "arch", r->arch->name);
    asked(w, r);
    space(w, r);
    metric(w, r);
    solver(w, r);
    costs(w, r->costs);
    measuring(w, r);
    outcome(w, r->result);
    if (r->result->found) {
        mp_jsonw_key(w, "best");
        mp_put_point(w, r, &r->result->best);
    }
    plans(w, r);
    layers(w, r);
    decisions(w, r);
    measured(w, r);
    front(w, r);
    mp_jsonw_close(w, '}');
}
