// SPDX-License-Identifier: Apache-2.0
// What is read from a store: names, rows, sums over networks, fronts, accelerators, against the numbers that went in.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/explore/design_arch.h"
#include "sim/explore/design_front.h"
#include "sim/explore/figures.h"
#include "sim/explore/query_distance.h"
#include "sim/explore/store_file.h"
#include "tests/unit/spec_fixture.h"
#include "tests/unit/store_fixture.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define POINTS 200

struct bed {
    char path[64];
    struct mp_arena a;
    struct mp_store *s;
    const struct mp_store_sweep *w;
    struct mp_query_networks networks;
    struct mp_query_names names;
    struct mp_query_rows rows;
};

static void open_bed(struct bed *b, const char *network, bool summed) {
    struct mp_err err;
    *b = (struct bed){0};
    snprintf(b->path, sizeof b->path, "/tmp/mpsim_test_explore_query.%d.db", (int)getpid());
    store_make(b->path, POINTS, POINTS);
    assert_ok(mp_store_open(&b->s, b->path, false, &err), err);
    assert_ok(mp_query_sweep(b->s, NULL, &b->a, &b->w, &err), err);
    assert_ok(mp_query_networks(b->s, b->w, &network, network != NULL, summed, &b->a, &b->networks, &err), err);
    assert_ok(mp_query_names(b->s, b->w, &b->networks, &b->a, &b->names, &err), err);
}

static void close_bed(struct bed *b) {
    mp_store_close(b->s);
    mp_arena_finish(&b->a);
    remove(b->path);
}

// Columns by name, NULL-terminated.
static bool ask(struct bed *b, const char *where, const char *by, bool descending, uint64_t top, const char *const *columns,
                struct mp_err *err) {
    size_t at[8], n = 0;
    for (; columns[n]; n++)
        assert_ok(mp_query_find(&b->names, b->path, columns[n], &at[n], err), *err);
    const struct mp_query q = {b->w, &b->networks, &b->names, where, by, at, n, descending, top};
    return mp_query_run(b->s, &q, &b->a, &b->rows, err);
}

static double number(const struct bed *b, size_t row, size_t column) {
    return mp_cell_value(&b->rows.cells[row * b->rows.column_count + column]);
}

static const char *text(const struct bed *b, size_t row, size_t column) {
    const struct mp_cell *c = &b->rows.cells[row * b->rows.column_count + column];
    return c->kind == MP_CELL_TEXT ? c->text : "";
}

static bool is_evaluated(uint64_t i) {
    return i % 10 == 0 || i % 10 > 3;
}

static void rows(void **state) {
    (void)state;
    static const char *const columns[] = {"point", "network", "latency_ms", "array_rows", "dram_kind", "status", "clock_mhz", NULL};
    struct bed b;
    struct mp_err err;
    size_t row = 0;
    open_bed(&b, NULL, false);
    assert_ok(ask(&b, NULL, NULL, false, 0, columns, &err), err);
    for (uint64_t i = 0; i < POINTS; i++)
        for (size_t n = 0; n < (is_evaluated(i) ? STORE_NETWORKS : 1u); n++, row++) {
            union mp_store_value v[MP_STORE_COLUMNS];
            store_figures(i, n, v);
            assert_true(number(&b, row, 0) == (double)i);
            assert_string_equal(text(&b, row, 1), !is_evaluated(i) ? "" : n == 0 ? "net_a" : "net_b");
            assert_true(is_evaluated(i) ? number(&b, row, 2) == v[2].d : isnan(number(&b, row, 2)));
            assert_true(number(&b, row, 3) == (double)(8 + i % 16) && number(&b, row, 6) == 500);
            assert_string_equal(text(&b, row, 4), i % 2 ? "ideal" : "fixed");
            assert_int_equal(strcmp(text(&b, row, 5), "evaluated") == 0, is_evaluated(i));
        }
    assert_int_equal(b.rows.count, row);
    close_bed(&b);
}

static void conditions(void **state) {
    (void)state;
    static const char *const columns[] = {"point", "energy_pj", NULL};
    struct bed b;
    struct mp_err err;
    size_t expected = 0;
    open_bed(&b, "net_b", false);
    for (uint64_t i = 0; i < POINTS; i++)
        expected += is_evaluated(i) && 8 + i % 16 > 12 && i % 2 == 0 && 8 + i % 16 >= 14;
    assert_ok(ask(&b, "array_rows > 12 AND dram_kind = 'fixed' AND array_rows / 2 >= 7 AND energy_pj > 0", "energy_pj * latency_ms",
                  true, 0, columns, &err),
              err);
    assert_true(b.rows.count == expected && expected > 5);
    assert_ok(ask(&b, "array_rows > 12 AND dram_kind = 'fixed' AND array_rows / 2 >= 7 AND energy_pj > 0", "energy_pj", true, 3,
                  columns, &err),
              err);
    assert_true(b.rows.count == 3 && b.rows.matched == expected);
    assert_true(number(&b, 0, 1) >= number(&b, 1, 1) && number(&b, 1, 1) >= number(&b, 2, 1));
    assert_ok(ask(&b, "status = 'invalid' AND reason LIKE '%rows%'", NULL, false, 0, columns, &err), err);
    assert_int_equal(b.rows.count, POINTS / 10);
    assert_fails(ask(&b, "array_row > 12", NULL, false, 0, columns, &err), err,
                 "expression \"array_row > 12\": unknown name \"array_row\", did you mean \"array_rows\"?");
    assert_false(ask(&b, NULL, "1) LIMIT (0", false, 0, columns, &err));
    assert_false(ask(&b, "1) OR (SELECT count(*) FROM base", NULL, false, 0, columns, &err));
    close_bed(&b);
}

static void sums(void **state) {
    (void)state;
    static const char *const columns[] = {"cycles", "power_mw", "utilization", "effective_tops", "tops_per_w", "edp_pj_ms", "bops",
                                          NULL};
    struct bed b;
    struct mp_err err;
    open_bed(&b, NULL, true);
    assert_ok(ask(&b, "status = 'evaluated'", NULL, false, 0, columns, &err), err);
    for (uint64_t i = 0, row = 0; i < POINTS; i++) {
        union mp_store_value v[STORE_NETWORKS][MP_STORE_COLUMNS];
        double sum[MP_STORE_COLUMNS];
        if (!is_evaluated(i))
            continue;
        for (size_t n = 0; n < STORE_NETWORKS; n++)
            store_figures(i, n, v[n]);
        mp_figures_sum((const union mp_store_value *const[]){v[0], v[1]}, b.w->weights, STORE_NETWORKS, sum);
        for (size_t c = 0; columns[c]; c++)
            assert_true(number(&b, row, c) == sum[mp_store_column_find(columns[c])]);
        row++;
    }
    close_bed(&b);
}

// Against all pairs.
static void front_of(struct bed *b, const char *const *objectives, size_t n, const char *where, uint64_t below) {
    const struct mp_design_front_job job = {b->w, &b->networks, &b->names, objectives, n, where};
    struct mp_design_front f;
    struct mp_err err;
    double at[POINTS][MP_OBJECTIVES_MAX];
    size_t count = 0, on = 0;
    assert_ok(mp_design_front_make(b->s, &job, &b->a, &f, &err), err);
    for (uint64_t i = 0; i < below; i++) {
        union mp_store_value v[STORE_NETWORKS][MP_STORE_COLUMNS];
        double sum[MP_STORE_COLUMNS];
        for (size_t k = 0; k < STORE_NETWORKS; k++)
            store_figures(i, k, v[k]);
        mp_figures_sum((const union mp_store_value *const[]){v[0], v[1]}, b->w->weights, STORE_NETWORKS, sum);
        mp_figures_objectives(sum, 0.5 + 0.01 * (double)((8 + i % 16) * (8 + i / 16 % 16)), objectives, n, at[count]);
        count += is_evaluated(i);
    }
    for (size_t i = 0; i < count; i++) {
        bool beaten = false, found = false;
        for (size_t k = 0; k < count; k++)
            beaten = beaten || mp_dominates(at[k], at[i], n);
        for (size_t k = 0; k < f.rows.count; k++)
            found = found || memcmp(f.at[k], at[i], n * sizeof(double)) == 0;
        assert_int_equal(found, !beaten);
        on += !beaten;
    }
    assert_true(f.rows.count == on && f.all_count == count && on > 1);
    for (size_t k = 1; k < f.rows.count; k++)
        assert_true(f.at[k - 1][0] <= f.at[k][0]);
    assert_true(f.hypervolume > 0 && f.hypervolume < 1 && f.by_status[MP_POINT_PRUNED] == POINTS / 10);
}

static void fronts(void **state) {
    (void)state;
    struct bed b;
    open_bed(&b, NULL, true);
    front_of(&b, b.w->objectives, 3, NULL, POINTS);
    front_of(&b, (const char *const[]){"energy_pj", "latency_ms"}, 2, "point < 50", 50);
    front_of(&b, (const char *const[]){"energy_pj", "-effective_tops", "area_mm2", "power_mw"}, 4, NULL, POINTS);
    close_bed(&b);
}

static bool is_dominated(const double *x, const double (*all)[MP_OBJECTIVES_MAX], size_t count, size_t n) {
    bool dominated = false;
    for (size_t i = 0; i < count; i++)
        dominated = dominated || mp_dominates(all[i], x, n);
    return dominated;
}

static void better_by(double factor, const double *x, size_t n, double *out) {
    for (size_t k = 0; k < n; k++)
        out[k] = x[k] < 0 ? x[k] * factor : x[k] / factor;
}

// A little less than the distance is too little, a little more is enough.
static void distances(void **state) {
    (void)state;
    static const double front[2][MP_OBJECTIVES_MAX] = {{1, 2}, {2, 1}}, most[1][MP_OBJECTIVES_MAX] = {{-10, 2}};
    static const char *const objectives[] = {"energy_pj", "-effective_tops"}, *const columns[] = {"point", "distance", NULL};
    struct bed b;
    struct mp_err err;
    struct mp_design_front f;
    size_t far = 0;
    assert_true(mp_front_distance((double[]){2, 3}, front, 2, 2) == 0.5 && mp_front_distance((double[]){1, 2}, front, 2, 2) == 0);
    assert_true(mp_front_distance((double[]){-5, 8}, most, 1, 2) == 1 && mp_front_distance((double[]){0, 8}, most, 1, 2) == 3);
    open_bed(&b, NULL, true);
    struct mp_store_sweep w = *b.w;
    w.objectives = objectives;
    w.objective_count = 2;
    b.w = &w;
    const struct mp_design_front_job job = {b.w, &b.networks, &b.names, objectives, 2, NULL};
    assert_ok(mp_design_front_make(b.s, &job, &b.a, &f, &err), err);
    for (size_t i = 0; i < f.all_count; i++) {
        const double d = mp_front_distance(f.all[i], f.at, f.rows.count, 2);
        double x[MP_OBJECTIVES_MAX];
        better_by((1 + d) * (1 + 1e-9), f.all[i], 2, x);
        assert_false(is_dominated(x, f.all, f.all_count, 2));
        better_by((1 + d) * (1 - 1e-9), f.all[i], 2, x);
        assert_true(d == 0 || is_dominated(x, f.all, f.all_count, 2));
        far += d > 0;
    }
    assert_true(far > 20);
    mp_query_add_distance(&b.names, b.w, &b.a);
    const struct mp_query q = {.sweep = b.w, .networks = &b.networks, .names = &b.names, .where = "distance >= 0"};
    assert_ok(mp_query_distances(b.s, &q, &b.a, &err), err);
    assert_ok(ask(&b, "distance >= 0", NULL, false, 0, columns, &err), err);
    assert_int_equal(b.rows.count, f.all_count);
    for (size_t i = 0; i < b.rows.count; i++)
        assert_true(number(&b, i, 0) == (double)f.all_points[i] &&
                    number(&b, i, 1) == mp_front_distance(f.all[i], f.at, f.rows.count, 2));
    close_bed(&b);
}

static void names(void **state) {
    (void)state;
    struct bed b;
    struct mp_err err;
    struct mp_query_networks n;
    const struct mp_store_sweep *w;
    const char *wrong = "net_c";
    char message[256];
    size_t at;
    open_bed(&b, NULL, false);
    assert_true(mp_query_sweep(b.s, "small", &b.a, &w, &err) && mp_query_sweep(b.s, "5eed5eed5eed5eed", &b.a, &w, &err));
    assert_true(mp_query_sweep(b.s, "5eed", &b.a, &w, &err) && w->sweep == STORE_SWEEP);
    assert_false(mp_query_sweep(b.s, "5ee", &b.a, &w, &err));
    assert_false(mp_query_sweep(b.s, "5eed5eed5eed5eed5", &b.a, &w, &err));
    snprintf(message, sizeof message, "%s: has no sweep \"large\", but: small (5eed5eed5eed5eed: unknown on net_a, net_b)", b.path);
    assert_fails(mp_query_sweep(b.s, "large", &b.a, &w, &err), err, message);
    snprintf(message, sizeof message, "%s: the sweep has no network \"net_c\" (known: net_a, net_b)", b.path);
    assert_fails(mp_query_networks(b.s, b.w, &wrong, 1, true, &b.a, &n, &err), err, message);
    snprintf(message, sizeof message, "%s: unknown column \"latency\", did you mean \"latency_ms\"?", b.path);
    assert_fails(mp_query_find(&b.names, b.path, "latency", &at, &err), err, message);
    assert_true(mp_query_find(&b.names, b.path, "buffers_input_size_bytes", &at, &err) && !b.names.list[at].axis);
    assert_true(mp_query_find(&b.names, b.path, "array_cols", &at, &err) && b.names.list[at].axis);
    close_bed(&b);
}

static void accelerators(void **state) {
    (void)state;
    struct bed b;
    struct mp_err err;
    struct mp_buf out = {0};
    struct mp_arch arch;
    char key[17], message[256];
    open_bed(&b, NULL, true);
    snprintf(key, sizeof key, "%016" PRIx64, (uint64_t)store_design(20));
    assert_ok(mp_design_arch(b.s, key, &out, &err), err);
    assert_ok(read_arch(&arch, &b.a, out.text, &err), err);
    assert_true(arch.array.rows == 8 + 20 % 16 && arch.array.cols == 9 && arch.clock_mhz == 500);
    assert_true(strncmp(arch.name, "small_", 6) == 0 && strcmp(arch.name + 6, key) == 0);
    snprintf(message, sizeof message, "%s: has no design 0000000000000000", b.path);
    assert_fails(mp_design_arch(b.s, "0000000000000000", &out, &err), err, message);
    assert_fails(mp_design_arch(b.s, "12", &out, &err), err, "design \"12\": must be a key of 16 hexadecimal digits");
    mp_buf_finish(&out);
    close_bed(&b);
}

// The view for people who use SQL.
static void view(void **state) {
    (void)state;
    struct bed b;
    sqlite3_stmt *q;
    size_t rows_seen = 0;
    open_bed(&b, NULL, true);
    assert_int_equal(sqlite3_prepare_v2(b.s->db, "SELECT key, network, energy_pj FROM points WHERE status = 'evaluated' ORDER BY energy_pj",
                                        -1, &q, NULL),
                     SQLITE_OK);
    for (double last = 0; sqlite3_step(q) == SQLITE_ROW; last = sqlite3_column_double(q, 2), rows_seen++)
        assert_true(sqlite3_column_double(q, 2) >= last);
    assert_int_equal(rows_seen, STORE_NETWORKS * POINTS * 7 / 10);
    sqlite3_finalize(q);
    close_bed(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows),  cmocka_unit_test(conditions),   cmocka_unit_test(sums), cmocka_unit_test(fronts),
        cmocka_unit_test(names), cmocka_unit_test(accelerators), cmocka_unit_test(view),
        cmocka_unit_test(distances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
