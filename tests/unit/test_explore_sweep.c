// SPDX-License-Identifier: Apache-2.0
// Spaces: numbering of designs, what designs are made of, samples, keys, and what is refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/explore/designer.h"
#include "sim/explore/figures.h"
#include "sim/explore/sample.h"
#include "tests/unit/spec_fixture.h"
#include "tests/unit/sweep_fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS "{'path': '/array/rows', 'values': [4, 8, 16]}"
#define COLS "{'path': '/array/cols', 'from': 2, 'to': 8, 'step': 2}"
#define SERIAL "{'path': '/array/pe/serial_bits', 'powers_of_two': [1, 4], 'archs': ['bitserial_4x4']}"
#define DRAM "{'paths': ['/dram/bits_per_cycle', '/dram/latency_cycles'], 'values': [[32, 10], [64, 20]]}"
#define PORT "{'path': '/buffers/input/width_bits', 'equals': 'array_rows * array_pe_lanes * 8'}"
#define ALL ROWS ", " COLS ", " SERIAL ", " DRAM ", " PORT

struct bench {
    struct mp_arena a;
    struct mp_sweep s;
    struct mp_err err;
};

static void begin(struct bench *b, const char *text) {
    *b = (struct bench){0};
    assert_ok(read_sweep(&b->s, &b->a, text, &b->err), b->err);
}

static void numbers(void **state) {
    (void)state;
    struct bench b;
    begin(&b, SPACE(ALL, ""));
    assert_int_equal(b.s.base_points[0], 3 * 4 * 3 * 2);
    assert_int_equal(b.s.base_points[1], 3 * 4 * 2);
    assert_int_equal(b.s.points, 96);
    for (uint64_t i = 0; i < b.s.points; i++) {
        struct mp_choice c;
        mp_sweep_choice(&b.s, i, &c);
        assert_int_equal(mp_sweep_index(&b.s, &c), i);
        assert_int_equal(c.base, i >= 72);
        assert_true(c.base == 0 || c.value[2] == 0);
    }
    mp_arena_finish(&b.a);
}

static void designs(void **state) {
    (void)state;
    struct bench b;
    struct mp_designer *d;
    static int64_t keys[96];
    begin(&b, SPACE(ALL, ""));
    assert_ok(mp_designer_create(&d, &b.s, &b.err), b.err);
    for (uint64_t i = 0; i < b.s.points; i++) {
        struct mp_choice c;
        struct mp_design x;
        mp_sweep_choice(&b.s, (i * 41) % b.s.points, &c); // in any order: no design sees another's values
        mp_designer_make(d, &c, &b.a, &x);
        if (x.status != MP_POINT_EVALUATED)
            fail_msg("%s", x.reason);
        assert_int_equal(x.arch.array.rows, 4u << c.value[0]);
        assert_int_equal(x.arch.array.cols, 2 + 2 * c.value[1]);
        assert_int_equal(x.arch.dram.bits_per_cycle, 32u << c.value[3]);
        assert_int_equal(x.arch.dram.latency_cycles, 10 + 10 * c.value[3]);
        assert_int_equal(x.arch.buffers[MP_INPUT].width_bits, x.arch.array.rows * x.arch.array.pe.lanes * 8);
        assert_true(x.area_mm2 > 0 && strstr(x.values, "\"/array/rows\": "));
        keys[(i * 41) % b.s.points] = x.key;
    }
    for (size_t i = 0; i < 96; i++)
        for (size_t k = 0; k < i; k++)
            assert_true(keys[i] != keys[k]);
    mp_designer_destroy(d);
    mp_designer_destroy(NULL);
    mp_arena_finish(&b.a);
}

static enum mp_point_status status_of(const char *text, uint64_t design, const char **reason) {
    static struct bench b;
    struct mp_designer *d;
    struct mp_choice c;
    struct mp_design x;
    mp_arena_finish(&b.a);
    begin(&b, text);
    assert_ok(mp_designer_create(&d, &b.s, &b.err), b.err);
    mp_sweep_choice(&b.s, design, &c);
    mp_designer_make(d, &c, &b.a, &x);
    mp_designer_destroy(d);
    *reason = x.reason;
    return x.status;
}

static void whole_objects(void **state) {
    (void)state;
    const char *reason;
    const char *text = SPACE("{'path': '/array/pe', 'values': [{'kind': 'fixed', 'lanes': 4}, {'kind': 'serial_w', 'lanes': 2}]}", "");
    for (uint64_t i = 0; i < 2; i++)
        if (status_of(text, i, &reason) != MP_POINT_EVALUATED)
            fail_msg("%s", reason);
}

// Axes below an object come behind it; booleans and names are values as numbers are.
static void kinds_of_values(void **state) {
    (void)state;
    struct bench b;
    struct mp_designer *d;
    begin(&b, SPACE("{'path': '/array/pe', 'values': [{'kind': 'fixed', 'lanes': 1}, {'kind': 'serial_w', 'lanes': 1}]}, "
                    "{'path': '/array/pe/lanes', 'values': [2, 8]}, {'path': '/keep_on_chip', 'values': [false, true]}, "
                    "{'path': '/tech', 'values': ['cmos45_hp', 'cmos32_hp']}, "
                    "{'path': '/array/cols', 'equals': 'array_pe_lanes * 2'}, {'path': '/array/rows', 'equals': 'array_cols + 1'}", ""));
    assert_ok(mp_designer_create(&d, &b.s, &b.err), b.err);
    for (uint64_t i = 0; i < b.s.points; i++) {
        struct mp_choice c;
        struct mp_design x;
        mp_sweep_choice(&b.s, (i * 7) % b.s.points, &c);
        mp_designer_make(d, &c, &b.a, &x);
        if (x.status != MP_POINT_EVALUATED)
            fail_msg("%s", x.reason);
        assert_string_equal(x.arch.array.pe.ops->name, c.value[0] ? "serial_w" : "fixed");
        assert_int_equal(x.arch.array.pe.lanes, c.value[1] ? 8 : 2);
        assert_int_equal(x.arch.keep_on_chip, c.value[2]);
        assert_string_equal(mp_tech_name(x.tech), c.value[3] ? "cmos32_hp" : "cmos45_hp");
        assert_int_equal(x.arch.array.cols, x.arch.array.pe.lanes * 2);
        assert_int_equal(x.arch.array.rows, x.arch.array.cols + 1);
    }
    mp_designer_destroy(d);
    mp_arena_finish(&b.a);
}

// A map that is the dataflow's default is not the base's: it goes with the dataflow.
static void dataflows(void **state) {
    (void)state;
    struct bench b;
    struct mp_designer *d;
    struct mp_design x;
    begin(&b, "{'name': 's', 'archs': ['tpu_like'], 'axes': [{'path': '/array/weight_shadow', 'values': [false]}, "
              "{'path': '/array/dataflow', 'values': ['ws', 'os', 'is']}], 'networks': [{'workload': 'net'}], "
              "'objectives': ['cycles']}");
    assert_ok(mp_designer_create(&d, &b.s, &b.err), b.err);
    for (uint32_t i = 0; i < 3; i++) {
        const struct mp_choice c = {.value = {0, i}};
        mp_designer_make(d, &c, &b.a, &x);
        if (x.status != MP_POINT_EVALUATED)
            fail_msg("%s", x.reason);
        assert_int_equal(x.arch.array.row_roles, mp_map_default(x.arch.array.dataflow).rows);
    }
    mp_designer_destroy(d);
    mp_arena_finish(&b.a);
}

static void no_axes(void **state) {
    (void)state;
    struct bench b;
    struct mp_designer *d;
    struct mp_choice c;
    struct mp_design x;
    begin(&b, SPACE("", ""));
    assert_int_equal(b.s.points, 2);
    assert_ok(mp_designer_create(&d, &b.s, &b.err), b.err);
    mp_sweep_choice(&b.s, 1, &c);
    mp_designer_make(d, &c, &b.a, &x);
    assert_true(c.base == 1 && x.status == MP_POINT_EVALUATED);
    assert_string_equal(x.values, "{}");
    mp_designer_destroy(d);
    mp_arena_finish(&b.a);
}

// What cannot be made is told apart all the same.
static void not_designs_have_values(void **state) {
    (void)state;
    struct bench b;
    struct mp_designer *d;
    struct mp_choice c = {.base = 0};
    struct mp_design x[2];
    begin(&b, SPACE("{'path': '/aray/rows', 'values': [4]}, {'path': '/arra/cols', 'values': [4, 8]}", ""));
    assert_ok(mp_designer_create(&d, &b.s, &b.err), b.err);
    for (uint32_t i = 0; i < 2; i++) {
        c.value[1] = i;
        mp_designer_make(d, &c, &b.a, &x[i]);
        assert_int_equal(x[i].status, MP_POINT_INVALID);
        assert_string_equal(x[i].reason, "bitserial_4x4: /aray/rows: there is no object that has it");
    }
    assert_string_equal(x[1].values, "{\"/aray/rows\": 4, \"/arra/cols\": 8}");
    assert_true(x[0].key != x[1].key);
    mp_designer_destroy(d);
    mp_arena_finish(&b.a);
}

static void not_designs(void **state) {
    (void)state;
    const char *reason;
    assert_int_equal(status_of(SPACE("{'path': '/array/rows', 'values': [0]}", ""), 0, &reason), MP_POINT_INVALID);
    assert_string_equal(reason, "bitserial_4x4: /array/rows: must be an integer 1..4096 (got 0)");
    assert_int_equal(status_of(SPACE("{'path': '/array/row', 'values': [4]}", ""), 0, &reason), MP_POINT_INVALID);
    assert_non_null(strstr(reason, "unknown key \"row\", did you mean \"rows\"?"));
    assert_int_equal(status_of(SPACE("{'path': '/aray/rows', 'values': [4]}", ""), 0, &reason), MP_POINT_INVALID);
    assert_non_null(strstr(reason, "/aray/rows: there is no object that has it"));
    assert_int_equal(status_of(SPACE(PORT ", " ROWS, ", 'constraints': ['array_rows > 4', 'area_mm2 < 1e-9']"), 0, &reason),
                     MP_POINT_EXCLUDED);
    assert_string_equal(reason, "array_rows > 4");
    assert_int_equal(status_of(SPACE(ROWS, ", 'constraints': ['array_rows > 4', 'area_mm2 < 1e-9']"), 1, &reason),
                     MP_POINT_EXCLUDED);
    assert_string_equal(reason, "area_mm2 < 1e-9");
    // Figures are not there yet, and a key that the accelerator does not have says nothing.
    assert_int_equal(status_of(SPACE(SERIAL, ", 'constraints': ['cycles < 0', 'array_pe_serial_bits < 9']"), 0, &reason),
                     MP_POINT_EVALUATED);
    assert_int_equal(status_of(SPACE("{'path': '/array/rows', 'equals': '1 / 0'}", ""), 0, &reason), MP_POINT_INVALID);
    assert_string_equal(reason, "/array/rows: 1 / 0 has no value");
}

static void samples(void **state) {
    (void)state;
    struct bench b;
    static bool seen[5000];
    for (uint64_t count = 1; count < 5000; count = count * 3 + 1) {
        memset(seen, 0, sizeof seen);
        for (uint64_t i = 0; i < count; i++) {
            uint64_t at = mp_sample_permuted(i, count, 7);
            assert_true(at < count && !seen[at]);
            seen[at] = true;
        }
    }
    begin(&b, SPACE(ALL, ""));
    for (uint64_t count = 1; count <= b.s.points; count += 19) {
        const uint64_t *at = mp_sample_halton(&b.s, count, 3, &b.a);
        memset(seen, 0, sizeof seen);
        for (uint64_t i = 0; i < count; i++) {
            assert_true(at[i] < b.s.points && !seen[at[i]]);
            seen[at[i]] = true;
        }
    }
    // Each value of an axis about as often as the others.
    const uint64_t *at = mp_sample_halton(&b.s, 48, 3, &b.a);
    unsigned rows[3] = {0};
    for (uint64_t i = 0; i < 48; i++) {
        struct mp_choice c;
        mp_sweep_choice(&b.s, at[i], &c);
        rows[c.value[0]]++;
    }
    for (int i = 0; i < 3; i++)
        assert_in_range(rows[i], 12, 20);
    mp_arena_finish(&b.a);
}

// Sizes of buffers, alone or together, count fastest and down, whatever the order of the axes and of their values.
static void grid(void **state) {
    (void)state;
    struct bench b;
    struct mp_grid g;
    bool seen[600] = {false};
    begin(&b, SPACE("{'path': '/buffers/input/size_bytes', 'values': [4096, 16384, 8192]}, " ALL ", "
                    "{'paths': ['/buffers/weight/size_bytes', '/buffers/output/size_bytes'], 'values': [[1024, 2048], [2048, 512]]}",
                    ""));
    mp_grid_init(&g, &b.s, &b.a);
    assert_int_equal(b.s.points, 96 * 6);
    static const uint32_t inputs[] = {1, 2, 0};
    for (uint64_t n = 0; n < b.s.points; n++) {
        struct mp_choice c;
        uint64_t i = mp_grid_at(&g, n);
        assert_true(i < b.s.points && !seen[i]);
        seen[i] = true;
        mp_sweep_choice(&b.s, i, &c);
        assert_int_equal(c.value[6], 1 - n % 2);
        assert_int_equal(c.value[0], inputs[n / 2 % 3]);
    }
    mp_arena_finish(&b.a);
}

// Keys change with what figures depend on, and with nothing else.
static void keys(void **state) {
    (void)state;
    struct bench b, c;
    begin(&b, SPACE(ROWS, ""));
    begin(&c, SPACE(ROWS, ""));
    assert_true(b.s.key == c.s.key && b.s.networks[0].key == c.s.networks[0].key && b.s.bases[0].key == c.s.bases[0].key);
    mp_arena_finish(&c.a);
    begin(&c, SPACE(ROWS, ", 'mapping': 'energy'"));
    assert_true(b.s.key != c.s.key && b.s.networks[0].key != c.s.networks[0].key && b.s.bases[0].key == c.s.bases[0].key);
    mp_arena_finish(&c.a);
    begin(&c, SPACE(ROWS, ", 'engine': 'event'"));
    assert_true(b.s.key != c.s.key && b.s.networks[0].key != c.s.networks[0].key && b.s.bases[0].key == c.s.bases[0].key);
    mp_arena_finish(&c.a);
    begin(&c, SPACE(ROWS, ", 'constraints': ['array_rows > 4']"));
    assert_true(b.s.key != c.s.key && b.s.networks[0].key == c.s.networks[0].key);
    c.s.prune = true;
    assert_true(b.s.bases[0].key == c.s.bases[0].key);
    int64_t was = c.s.key;
    assert_ok(mp_sweep_resolve(&c.s, &c.a, &c.err), c.err);
    assert_true(c.s.key != was);
    mp_arena_finish(&c.a);
    mp_arena_finish(&b.a);
}

static int64_t network_key(const char *network) {
    struct bench b;
    begin(&b, network);
    const int64_t key = b.s.networks[0].key;
    mp_arena_finish(&b.a);
    return key;
}

#define NETWORK(text) "{'name': 's', 'archs': ['bitfusion'], 'axes': [], 'objectives': ['cycles'], 'networks': [" text "]}"

static void network_keys(void **state) {
    (void)state;
    const int64_t was = network_key(NETWORK("{'workload': 'net', 'w_bits': 4}"));
    assert_true(was == network_key(NETWORK("{'workload': 'net', 'w_bits': 4, 'weight': 2, 'batch': 1}")));
    assert_true(was != network_key(NETWORK("{'workload': 'net', 'w_bits': 4, 'batch': 2}")));
    assert_true(was != network_key(NETWORK("{'workload': 'net', 'w_bits': 5}")));
    assert_true(was != network_key(NETWORK("{'workload': 'net', 'w_bits': 4, 'name': 'x'}")));
}

static void sums(void **state) {
    (void)state;
    union mp_store_value rows[2][MP_STORE_COLUMNS] = {{{0}}};
    const union mp_store_value *both[2] = {rows[0], rows[1]};
    const double weights[2] = {1, 3}, one[1] = {1};
    double sum[MP_STORE_COLUMNS], at[3];
    static const char *const objectives[] = {"energy_pj", "area_mm2", "-utilization"};
    const size_t cycles = mp_store_column_find("cycles"), ms = mp_store_column_find("latency_ms"),
                 pj = mp_store_column_find("energy_pj"), mw = mp_store_column_find("power_mw"),
                 used = mp_store_column_find("utilization"), harm = mp_store_column_find("harm"),
                 dram = mp_store_column_find("energy_pj_dram");
    assert_true(dram < MP_STORE_COLUMNS && mp_store_column_find("energy") == MP_STORE_COLUMNS);
    rows[0][cycles].u = 100, rows[0][ms].d = 0.1, rows[0][pj].d = 5e6, rows[0][used].d = 0.5, rows[0][harm].d = NAN;
    rows[1][cycles].u = 300, rows[1][ms].d = 0.3, rows[1][pj].d = 1e6, rows[1][used].d = 0.9, rows[1][harm].d = 2;
    mp_figures_sum(both, one, 1, sum);
    assert_true(sum[cycles] == 100 && sum[used] == 0.5 && isnan(sum[harm]));
    mp_figures_sum(both, weights, 2, sum);
    assert_true(sum[cycles] == 1000 && sum[pj] == 8e6 && sum[harm] == 6);
    assert_true(fabs(sum[mw] - 8) < 1e-12 && fabs(sum[used] - (50 + 3 * 270) / 1000.0) < 1e-12);
    mp_figures_objectives(sum, 2.5, objectives, 3, at);
    assert_true(at[0] == 8e6 && at[1] == 2.5 && at[2] == -sum[used]);
}

static void refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {SPACE("{'path': '/array/rows'}", ""),
         "s.json: /axes/0: needs one of \"values\", \"from\" with \"to\", \"powers_of_two\", \"equals\" (got 0)"},
        {SPACE("{'path': '/array/rows', 'values': [4], 'equals': '4'}", ""),
         "s.json: /axes/0: needs one of \"values\", \"from\" with \"to\", \"powers_of_two\", \"equals\" (got 2)"},
        {SPACE("{'values': [4]}", ""), "s.json: /axes/0: needs \"path\" (or \"paths\")"},
        {SPACE("{'path': 'rows', 'values': [4]}", ""),
         "s.json: /axes/0/path: must be the path of a key of arch.json, as \"/array/rows\" (got \"rows\")"},
        {SPACE("{'path': '/name', 'values': ['x']}", ""),
         "s.json: /axes/0/path: must be a key that costs depend on (got \"/name\")"},
        {SPACE("{'path': '/array/rows', 'values': []}", ""), "s.json: /axes/0/values: must have 1..100000 values (got 0)"},
        {SPACE("{'path': '/array/rows', 'values': [4, 8, 4]}", ""), "s.json: /axes/0/values: has 4 twice"},
        {SPACE("{'path': '/array/rows', 'from': 8, 'to': 4}", ""),
         "s.json: /axes/0/to: must be a number 8..1000000000000000 (got 4)"},
        {SPACE("{'path': '/array/rows', 'from': 8, 'to': 9, 'step': 0}", ""), "s.json: /axes/0/step: must be above 0"},
        {SPACE("{'path': '/array/rows', 'from': 0, 'to': 1e9}", ""), "s.json: /axes/0: has more than 100000 values"},
        {SPACE("{'path': '/array/rows', 'powers_of_two': [4, 12]}", ""), "s.json: /axes/0/powers_of_two/1: must be a power of two"},
        {SPACE("{'path': '/array/rows', 'powers_of_two': [4]}", ""), "s.json: /axes/0/powers_of_two: must be [first, last] (got 1 values)"},
        {SPACE("{'paths': ['/array/rows', '/array/cols'], 'values': [[1, 2], [3]]}", ""),
         "s.json: /axes/0/values/1: must have 2 values, one a path (got 1)"},
        {SPACE(ROWS ", " ROWS, ""), "s.json: /axes/1: /array/rows has an axis already"},
        {SPACE("{'path': '/array/rows', 'values': [4], 'archs': ['bitfuson']}", ""),
         "s.json: /axes/0/archs/0: must be one of bitserial_4x4, bitfusion (got \"bitfuson\"), did you mean \"bitfusion\"?"},
        {SPACE("{'path': '/tech', 'values': [4]}", ""), "s.json: /axes/0/values: must be names of technologies (got 4)"},
        {SPACE(ROWS, ", 'sampler': {'kind': 'grid', 'points': 5}"),
         "s.json: /sampler/points: a grid has every design: goes with random, halton or nsga2"},
        {SPACE(ROWS, ", 'sampler': {'kind': 'nsga2'}, 'prune': true"),
         "s.json: /prune, --prune: nsga2 chooses by figures, which pruned designs do not have"},
        {SPACE("{'paths': ['/array/rows', '/array/rows'], 'values': [[1, 2]]}", ""),
         "s.json: /axes/0: /array/rows has an axis already"},
        {SPACE("{'path': '/array/pe/lanes', 'values': [1]}, {'path': '/array/pe', 'values': [{'kind': 'fixed'}]}", ""),
         "s.json: /axes/1: /array/pe must come before /array/pe/lanes, which is a part of it"},
        {"{'name': 's', 'archs': ['bitfusion'], 'axes': [], 'networks': [{'workload': 'net'}], 'objectives': ['-harm']}",
         "s.json: /objectives/0: harm is that of searched plans: no network has \"search\""},
        {SPACE(ROWS, ", 'what': 1"), "s.json: /: unknown key \"what\" (known: name, mapping, engine, prune, archs, axes, constraints, "
                                     "networks, objectives, sampler)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mp_arena a = {0};
        struct mp_sweep *s = malloc(sizeof *s);
        struct mp_err err;
        assert_fails(read_sweep(s, &a, cases[i].text, &err), err, cases[i].message);
        free(s);
        mp_arena_finish(&a);
    }
}

static void wrong_expressions(void **state) {
    (void)state;
    struct bench b;
    struct mp_designer *d;
    begin(&b, SPACE(ROWS, ", 'constraints': ['area_mm2 < 4', 'array_row > 4']"));
    assert_false(mp_designer_create(&d, &b.s, &b.err));
    assert_non_null(strstr(b.err.text, "s.json: /constraints/1: "));
    assert_non_null(strstr(b.err.text, "did you mean \"array_rows\"?"));
    mp_arena_finish(&b.a);
    begin(&b, SPACE("{'path': '/array/rows', 'equals': 'latency_ms * 2'}", ""));
    assert_false(mp_designer_create(&d, &b.s, &b.err));
    assert_non_null(strstr(b.err.text, "s.json: /axes/0/equals: "));
    mp_arena_finish(&b.a);
    begin(&b, SPACE("{'path': '/array/rows', 'equals': 'array_rows * 2'}", ""));
    assert_fails(mp_designer_create(&d, &b.s, &b.err), b.err,
                 "s.json: /axes/0/equals: \"array_rows * 2\": uses array_rows, the key that it gives");
    mp_arena_finish(&b.a);
    begin(&b, SPACE("{'path': '/array/rows', 'equals': 'array_cols'}, {'path': '/array/cols', 'equals': '4'}", ""));
    assert_fails(mp_designer_create(&d, &b.s, &b.err), b.err,
                 "s.json: /axes/0/equals: \"array_cols\": uses array_cols, which follows only from axis 1: that one must come first");
    mp_arena_finish(&b.a);
    // Another accelerator's.
    begin(&b, SPACE("{'path': '/array/rows', 'equals': 'array_cols', 'archs': ['bitserial_4x4']}, "
                    "{'path': '/array/cols', 'equals': '4', 'archs': ['bitfusion']}", ""));
    assert_ok(mp_designer_create(&d, &b.s, &b.err), b.err);
    mp_designer_destroy(d);
    mp_arena_finish(&b.a);
}

static struct mp_sweep loaded;

static void load_config(const char *path) {
    struct mp_arena a = {0};
    struct mp_err err;
    assert_ok(mp_sweep_load(&loaded, &a, path, &sweep_loader, &err), err);
    struct mp_designer *d;
    assert_ok(mp_designer_create(&d, &loaded, &err), err);
    mp_designer_destroy(d);
    mp_arena_finish(&a);
}

static void configs(void **state) {
    (void)state;
    each_config("spaces", 2, load_config);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers), cmocka_unit_test(designs), cmocka_unit_test(whole_objects), cmocka_unit_test(not_designs),
        cmocka_unit_test(kinds_of_values), cmocka_unit_test(no_axes), cmocka_unit_test(not_designs_have_values),
        cmocka_unit_test(network_keys), cmocka_unit_test(dataflows),
        cmocka_unit_test(samples), cmocka_unit_test(grid), cmocka_unit_test(keys),    cmocka_unit_test(sums),          cmocka_unit_test(refused),
        cmocka_unit_test(wrong_expressions),                  cmocka_unit_test(configs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
