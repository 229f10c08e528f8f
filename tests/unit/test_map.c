// SPDX-License-Identifier: Apache-2.0
// The mapper against brute force: every point of the space that map.h declares, enumerated here by its definition and
// run by the event engine, on random small layers and arrays (600, or as many as the argument says) under all objectives.
// The same mapping is found, the first among equals.
#include "sim/map/map.h"

#include "sim/engine/engine.h"
#include "sim/engine/fold.h"
#include "tests/unit/random_task.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int cases = 600;

static uint64_t gcd(uint64_t a, uint64_t b) {
    return b ? gcd(b, a % b) : a;
}

static bool fits(const struct mp_task *t, const uint64_t *tile) {
    for (int b = 0; b < MP_BUFFERS; b++)
        if (mp_tile_buffer_bits(t, tile, (enum mp_buffer_id)b) > t->tile_bits[b])
            return false;
    return true;
}

// The sizes of one dimension: u ceil(ceil(N/u)/n) for every n, repeats and all.
static size_t sizes(uint64_t size, uint64_t unit, uint64_t *out) {
    size_t count = 0;
    uint64_t units = (size + unit - 1) / unit;
    for (uint64_t n = 1; n <= units; n++) {
        uint64_t t = unit * ((units + n - 1) / n);
        t = t < size ? t : size;
        if (count == 0 || out[count - 1] != t)
            out[count++] = t;
    }
    return count;
}

struct brute {
    const struct mp_map_request *q;
    struct mp_score best;
    struct mp_mapping first; // in the order of enumeration, of the best
    uint64_t points;
};

static void try_point(struct brute *b, struct mp_mapping *m) {
    static const unsigned loops[6][3] = {{1, 0, 2}, {0, 1, 2}, {1, 2, 0}, {2, 1, 0}, {0, 2, 1}, {2, 0, 1}};
    struct mp_counts c;
    if (!fits(b->q->task, m->tile))
        return;
    for (int o = 0; o < 6; o++) {
        unsigned n = 0;
        m->order[n++] = MP_G;
        for (int i = 0; i < 3; i++) {
            if (loops[o][i] == 0)
                m->order[n++] = MP_B, m->order[n++] = MP_OH, m->order[n++] = MP_OW;
            else
                m->order[n++] = loops[o][i] == 1 ? MP_OC : MP_IC;
        }
        if (b->q->task->dram.ops == &mp_mem_banked) // the engines differ: the mapper goes by the closed form
            mp_analytic(b->q->task, m, &c);
        else
            mp_event(b->q->task, m, NULL, NULL, &c);
        struct mp_score s = mp_score_of(b->q->objective, mp_counts_cycles(&c), mp_counts_energy_pj(&c, b->q->prices, NULL));
        if (mp_score_less(s, b->best))
            b->best = s, b->first = *m;
        b->points++;
    }
}

static void try_roles(struct brute *b, unsigned rows, unsigned cols, unsigned lanes) {
    static const unsigned slowest[MP_DIMS] = {MP_B, MP_OH, MP_OW, MP_G, MP_OC, MP_IC};
    const struct mp_task *t = b->q->task;
    struct mp_mapping m = {.rows = rows, .cols = cols, .lanes = lanes};
    uint64_t list[MP_DIMS][64], unit[MP_DIMS] = {1, 1, 1, 1, t->size[MP_OC], t->size[MP_IC]};
    size_t count[MP_DIMS], at[MP_DIMS] = {0};
    uint64_t taps = t->win[0].k * t->win[1].k;
    if (t->on_array) {
        bool flat = (t->dataflow == MP_OS ? lanes : rows) == MP_ROLE_K_IC;
        uint64_t fill = t->lanes * (t->dataflow == MP_OS ? 1 : t->rows);
        unit[MP_OC] = t->dataflow == MP_WS ? t->cols : 1;
        if (t->dataflow == MP_OS)
            unit[MP_OC] = (rows == MP_ROLE_OC ? t->rows : 1) * (cols == MP_ROLE_OC ? t->cols : 1);
        unit[MP_IC] = flat ? fill / gcd(fill, taps) : fill;
    }
    for (int d = MP_OC; d <= MP_IC; d++) // a unit beyond the size is the size
        unit[d] = unit[d] < t->size[d] ? unit[d] : t->size[d];
    for (;;) {
        uint64_t least[MP_DIMS];
        for (int d = 0; d < MP_DIMS; d++)
            count[d] = sizes(t->size[d], unit[d], list[d]), least[d] = list[d][count[d] - 1];
        if (fits(t, least))
            break;
        if (!t->on_array || (unit[MP_OC] == 1 && unit[MP_IC] == 1))
            return;
        unit[unit[MP_OC] >= unit[MP_IC] ? MP_OC : MP_IC] /= 2;
    }
    for (int d = 0; d >= 0;) {
        for (int i = 0; i < MP_DIMS; i++)
            m.tile[i] = list[i][at[i]];
        try_point(b, &m);
        for (d = MP_DIMS - 1; d >= 0 && ++at[slowest[d]] == count[slowest[d]]; d--)
            at[slowest[d]] = 0;
    }
}

static void brute_force(struct brute *b) {
    const struct mp_task *t = b->q->task;
    const struct mp_pe_array *a = b->q->array;
    for (unsigned r = 0; r < MP_ROLES; r++)
        for (unsigned c = 0; c < MP_ROLES; c++)
            for (unsigned l = 0; l < MP_ROLES; l++) {
                bool ok = (a->row_roles >> r & 1) && (a->col_roles >> c & 1) && (a->lane_roles >> l & 1);
                ok &= t->dataflow == MP_OS ? !(t->systolic && r == c) : l == r;
                if (!t->on_array)
                    ok = r == 0 && c == 0 && l == 0;
                if (ok)
                    try_roles(b, r, c, l);
            }
}

// Prices of the order of those that technology files give; some are zero.
static void random_prices(struct rng *r, struct mp_prices *p) {
    for (int i = 0; i < MP_EVENTS; i++)
        p->pj[i] = (double)rng_range(r, 0, 40) / 8;
    p->pj[MP_EV_CYCLE] *= 4;
}

static void mapper_equals_brute_force(void **state) {
    (void)state;
    struct mp_arena arena = {0};
    struct rng r = {.state = (uint64_t)cases};
    uint64_t points = 0, evaluated = 0, failed = 0;
    for (int i = 0; i < cases; i++) {
        struct mp_task t;
        struct mp_pe_array array;
        struct mp_prices prices;
        random_task(&r, 5, &t);
        if (rng_range(&r, 0, 3) == 0)
            random_banked(&r, &arena, &t.dram);
        random_roles(&r, &t, &array);
        random_prices(&r, &prices);
        for (int b = 0; b < MP_BUFFERS; b++)
            t.tile_bits[b] = rng_range(&r, 0, 3) == 0 ? 100000 : rng_range(&r, 8, 4000);
        for (int o = 0; o < MP_OBJECTIVES; o++) {
            struct mp_map_request q = {.task = &t, .array = &array, .prices = &prices, .objective = (enum mp_objective)o};
            struct brute b = {.q = &q, .best = {INFINITY, INFINITY}};
            struct mp_mapping m;
            struct mp_counts c;
            struct mp_map_stats stats;
            struct mp_err err;
            brute_force(&b);
            bool found = mp_map(&q, &m, &c, &stats, &err);
            assert_int_equal(found, b.points > 0);
            if (!found) {
                failed++;
                continue;
            }
            struct mp_score s = mp_score_of(q.objective, mp_counts_cycles(&c), mp_counts_energy_pj(&c, &prices, NULL));
            bool same = memcmp(m.tile, b.first.tile, sizeof m.tile) == 0 && memcmp(m.order, b.first.order, sizeof m.order) == 0;
            if (t.on_array)
                same &= m.rows == b.first.rows && m.cols == b.first.cols && m.lanes == b.first.lanes;
            if (!same || s.first != b.best.first || s.second != b.best.second)
                fail_msg("case %d, %s: mapper %.17g, %.17g; brute force %.17g, %.17g", i, mp_objective_names[o], s.first,
                         s.second, b.best.first, b.best.second);
            points += b.points, evaluated += stats.evaluated;
        }
    }
    mp_arena_finish(&arena);
    print_message("# %d layers x %d objectives: %" PRIu64 " mappings by brute force, %" PRIu64 " evaluated by the mapper; %" PRIu64
                  " without any tile that fits\n", cases, MP_OBJECTIVES, points, evaluated, failed);
    assert_true(failed < (uint64_t)cases * MP_OBJECTIVES / 2);
}

int main(int argc, char **argv) {
    if (argc > 1)
        cases = atoi(argv[1]);
    const struct CMUnitTest tests[] = {cmocka_unit_test(mapper_equals_brute_force)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
