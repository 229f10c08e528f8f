// SPDX-License-Identifier: Apache-2.0
// The plans of a search side by side: what they cost, and what they are worth.
#include "sim/report/search_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

// Columns that some row has something in.
struct shown {
    bool harm, drop, test, labels;
};

static struct shown shown_of(const struct mp_search_report *r) {
    struct shown s = {0};
    for (size_t i = 0; i < r->row_count; i++) {
        s.harm |= r->rows[i].has_harm;
        s.drop |= r->rows[i].point.measured;
        s.test |= r->rows[i].tested;
        s.labels |= r->rows[i].tested && r->rows[i].test.labelled;
    }
    return s;
}

static size_t columns_of(const struct mp_search_report *r, const struct shown *s, struct mp_column out[16]) {
    static const struct mp_column costs[] = {{"plan", MP_LEFT},  {"cycles", MP_RIGHT}, {"ms", MP_RIGHT}, {"x", MP_RIGHT},
                                             {"uJ", MP_RIGHT},   {"x", MP_RIGHT},      {"kB", MP_RIGHT}, {"GBOPs", MP_RIGHT}};
    static const char *const drop_heads[] = {
        [MP_DROP_AGREEMENT] = "drop %", [MP_DROP_ACCURACY] = "drop pt", [MP_DROP_LOSS] = "rise",
    };
    size_t n = 0;
    for (; n < sizeof costs / sizeof *costs; n++)
        out[n] = costs[n];
    if (s->harm)
        out[n++] = (struct mp_column){"harm", MP_RIGHT};
    if (s->drop)
        out[n++] = (struct mp_column){drop_heads[r->job->drop], MP_RIGHT};
    if (s->test)
        out[n++] = (struct mp_column){s->labels ? "test %" : "agree %", MP_RIGHT};
    if (s->labels)
        out[n++] = (struct mp_column){"to float pt", MP_RIGHT}, out[n++] = (struct mp_column){"95 %", MP_LEFT};
    return n;
}

static void add_costs(struct mp_table *t, const struct mp_search_report *r, const struct mp_search_row *row) {
    const struct mp_search_row *base = mp_search_row_of(r, MP_ROW_BASE);
    const double *sum = row->point.sum, *to = base ? base->point.sum : NULL;
    const size_t latency = MP_COST_AT(MP_COST_LATENCY), energy = MP_COST_AT(MP_COST_ENERGY);
    char text[MP_QTY_BYTES];
    mp_table_add(t, row->name);
    mp_table_add(t, mp_qty_fixed(sum[latency], 0, text));
    mp_table_add(t, mp_qty_digits(mp_cost_ms(r->arch, sum[latency]), 4, text));
    mp_table_add(t, to ? mp_qty_ratio(sum[latency], to[latency], text) : "-");
    mp_table_add(t, mp_qty_digits(sum[energy] * 1e-6, 4, text));
    mp_table_add(t, to ? mp_qty_ratio(sum[energy], to[energy], text) : "-");
    mp_table_add(t, mp_qty_digits(sum[MP_COST_AT(MP_COST_SIZE)] / 8e3, 4, text));
    mp_table_add(t, mp_qty_digits(sum[MP_COST_AT(MP_COST_BOPS)] * 1e-9, 4, text));
}

static void add_drop(struct mp_table *t, const struct mp_search_report *r, const struct mp_point *p) {
    if (!p->measured)
        mp_table_add(t, "");
    else if (r->job->drop == MP_DROP_LOSS)
        mp_table_addf(t, "%.4f", mp_search_drop(r, p));
    else
        mp_table_addf(t, "%.2f", 100 * mp_search_drop(r, p));
}

static void add_test(struct mp_table *t, const struct mp_search_row *row, bool labels) {
    const struct mp_accuracy *a = &row->test;
    const struct mp_share d = mp_paired_difference(a->only_other, a->only_float, a->images);
    char text[MP_QTY_BYTES];
    if (!row->tested) {
        for (int i = 0; i < (labels ? 3 : 1); i++)
            mp_table_add(t, "");
        return;
    }
    const uint64_t of = a->labelled ? a->other_right : a->agree;
    mp_table_add(t, a->images ? mp_qty_fixed(100 * (double)of / (double)a->images, 2, text) : "-");
    if (labels) {
        mp_table_addf(t, "%+.2f", 100 * d.share);
        mp_table_addf(t, "%+.2f to %+.2f", 100 * d.low, 100 * d.high);
    }
}

static void add_row(struct mp_table *t, const struct mp_search_report *r, const struct mp_search_row *row,
                    const struct shown *s) {
    char text[MP_QTY_BYTES];
    add_costs(t, r, row);
    if (s->harm)
        mp_table_add(t, row->has_harm ? mp_harm_text(row->point.sum[MP_HARM], text) : "");
    if (s->drop)
        add_drop(t, r, &row->point);
    if (s->test)
        add_test(t, row, s->labels);
}

// What the columns are of.
static void legend(const struct mp_search_report *r, const struct shown *s, struct mp_buf *out) {
    char count[MP_QTY_BYTES];
    mp_buf_add(out, "x: against " MP_ROW_BASE ".");
    if (s->drop)
        mp_buf_addf(out, " %s: of %s", r->job->drop == MP_DROP_LOSS ? "rise" : "drop", mp_drop_names[r->job->drop]);
    if (s->drop && r->trained_on)
        mp_buf_addf(out, ", on %s images of %s", mp_qty_count(r->train_images, count), r->trained_on);
    mp_buf_add(out, s->drop ? "." : "");
    for (size_t i = 0; i < r->row_count; i++) {
        const struct mp_accuracy *a = &r->rows[i].test;
        if (!r->rows[i].tested || !r->test_name)
            continue;
        mp_buf_addf(out, " Test: %s images of %s", mp_qty_count(a->images, count), r->test_name);
        if (a->labelled && a->images > 0)
            mp_buf_addf(out, ", float %.2f %%", 100 * (double)a->float_right / (double)a->images);
        mp_buf_add(out, ".");
        break;
    }
    mp_buf_add(out, "\n");
}

static void against_base(const struct mp_search_report *r, struct mp_buf *out) {
    const struct mp_search_row *row = mp_search_row_of(r, MP_ROW_FOUND), *base = mp_search_row_of(r, MP_ROW_BASE);
    if (!row || !base || !row->tested || !base->tested || !row->test.labelled)
        return;
    const struct mp_share d = mp_paired_difference(row->gained, row->lost, row->test.images);
    mp_buf_addf(out, "found against " MP_ROW_BASE ": %+.2f points (95 %%: %+.2f to %+.2f), %" PRIu64 " lost and %" PRIu64
                " gained; McNemar's exact p %.2g\n", 100 * d.share, 100 * d.low, 100 * d.high, row->lost, row->gained,
                mp_mcnemar_p(row->gained, row->lost));
}

// A uniform plan that keeps the bounds and costs less: it has other widths at the ends than the space, or the search is not exact.
static void cheaper_uniform(const struct mp_search_report *r, struct mp_buf *out) {
    const struct mp_search_job *job = r->job;
    const struct mp_search_row *found = mp_search_row_of(r, MP_ROW_FOUND);
    const size_t q = mp_search_front_cost(job);
    for (size_t i = 0; found && i < r->row_count; i++) {
        const struct mp_search_row *row = &r->rows[i];
        bool keeps = row != found && row->point.sum[q] < found->point.sum[q];
        for (size_t k = 1; k < MP_QUANTITIES; k++)
            keeps = keeps && row->point.sum[k] <= job->bound[k];
        keeps = keeps && (row->has_harm || !(job->bound[MP_HARM] < INFINITY)) && row->point.sum[MP_HARM] <= job->bound[MP_HARM];
        if (job->max_drop < INFINITY)
            keeps = keeps && row->point.measured && mp_drop_of(job->drop, &row->point.at, job->reference) <= job->max_drop;
        if (keeps)
            mp_buf_addf(out, "%s keeps the bounds too and costs less: its first and last layer are narrower than the search's "
                        "8 bits (--open-ends, --fix), or it was not met\n", row->name);
    }
}

void mp_search_text_plans(const struct mp_search_report *r, const struct mp_style *s, struct mp_buf *out) {
    struct mp_column columns[16];
    struct mp_arena arena = {0};
    const struct shown shown = shown_of(r);
    struct mp_table t = {.arena = &arena, .columns = columns, .column_count = columns_of(r, &shown, columns)};
    if (r->row_count == 0)
        return;
    for (size_t i = 0; i < r->row_count; i++)
        add_row(&t, r, &r->rows[i], &shown);
    mp_buf_add(out, "\n");
    mp_table_text(&t, s, 0, out);
    legend(r, &shown, out);
    against_base(r, out);
    if (r->job->objective != MP_HARM && r->job->objective < MP_QUANTITIES)
        cheaper_uniform(r, out);
    mp_arena_finish(&arena);
}
