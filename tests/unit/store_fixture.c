// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/spec_fixture.h"
#include "tests/unit/store_fixture.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char arch[] =
    "{\"name\": \"small\", \"tech\": \"generic_28nm\", \"clock_mhz\": 500, \"array\": {\"rows\": 16, \"cols\": 16, "
    "\"dataflow\": \"os\", \"interconnect\": \"broadcast\", \"pe\": {\"kind\": \"fixed\"}}, "
    "\"buffers\": {\"input\": {\"size_bytes\": 65536, \"width_bits\": 128}, "
    "\"weight\": {\"size_bytes\": 65536, \"width_bits\": 128}, \"output\": {\"size_bytes\": 65536, \"width_bits\": 128}}, "
    "\"dram\": {\"kind\": \"fixed\", \"bits_per_cycle\": 128, \"latency_cycles\": 50}}";

static uint64_t mix(uint64_t x) { // the finaliser of SplitMix64
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

int64_t store_design(uint64_t i) {
    return (int64_t)mix(i);
}

int64_t store_network(size_t i) {
    return (int64_t)mix(1000000007 + i);
}

bool store_add_sweep(struct mp_store *s, uint64_t points, struct mp_err *err) {
    static const char *const objectives[] = {"latency_ms", "energy_pj", "area_mm2"};
    const int64_t networks[STORE_NETWORKS] = {store_network(0), store_network(1)};
    const struct mp_store_base base = {STORE_BASE, "small", arch, "generic_28nm"};
    const struct mp_store_network nets[STORE_NETWORKS] = {{networks[0], "net_a", "net_a", "{\"w_bits\": 8}"},
                                                          {networks[1], "net_b", "net_b", "{\"w_bits\": 4}"}};
    const struct mp_store_sweep sweep = {STORE_SWEEP, "small", "{\"axes\": []}", objectives, 3, networks, (double[]){1, 3},
                                         STORE_NETWORKS, points};
    return mp_store_add_base(s, &base, err) && mp_store_add_network(s, &nets[0], err) &&
           mp_store_add_network(s, &nets[1], err) && mp_store_add_sweep(s, &sweep, err);
}

void store_figures(uint64_t i, size_t network, union mp_store_value values[MP_STORE_COLUMNS]) {
    const uint64_t pes = (8 + i % 16) * (8 + i / 16 % 16), macs = 1000000 * (network + 1);
    const double ms = (double)macs / (double)pes / 500e3, pj = (double)macs * (1 + 1e-3 * (double)(mix(i) % 1000));
    for (size_t c = 0; c < MP_STORE_COLUMNS; c++)
        values[c] = mp_store_columns[c].integer ? (union mp_store_value){.u = macs / pes + c} : (union mp_store_value){.d = 0.25};
    values[0].u = macs;
    values[1].u = macs / pes;
    values[2].d = ms;
    values[3].d = pj;
    values[4].d = pj / ms * 1e-6; // mW
    values[8].d = pj * ms;
    values[MP_STORE_COLUMNS - 1].d = NAN;
}

static bool add_results(struct mp_store *s, uint64_t i, struct mp_err *err) {
    union mp_store_value values[MP_STORE_COLUMNS];
    for (size_t n = 0; n < STORE_NETWORKS; n++) {
        store_figures(i, n, values);
        if (!mp_store_add_result(s, &(struct mp_store_result){store_design(i), store_network(n), values, NULL}, err))
            return false;
    }
    return true;
}

static bool add_point(struct mp_store *s, uint64_t i, struct mp_err *err) {
    static const char *const reasons[] = {NULL, "no point of it is on the front", "area_mm2 <= 4 is not so",
                                          "arch: /array/rows: must be 1..4096"};
    const enum mp_point_status status = i % 10 > 0 && i % 10 < 4 ? (enum mp_point_status)(i % 10) : MP_POINT_EVALUATED;
    char values[128];
    snprintf(values, sizeof values, "{\"/array/rows\": %" PRIu64 ", \"/array/cols\": %" PRIu64 ", \"/dram/kind\": \"%s\"}", 8 + i % 16,
             8 + i / 16 % 16, i % 2 ? "ideal" : "fixed");
    const struct mp_store_design design = {store_design(i), STORE_BASE, values,
                                           status == MP_POINT_INVALID ? NAN : 0.5 + 0.01 * (double)((8 + i % 16) * (8 + i / 16 % 16))};
    return mp_store_add_design(s, &design, err) && (status != MP_POINT_EVALUATED || add_results(s, i, err)) &&
           mp_store_add_point(s, &(struct mp_store_point){STORE_SWEEP, i, design.design, status, reasons[status]}, err);
}

bool store_add_points(struct mp_store *s, uint64_t from, uint64_t to, struct mp_err *err) {
    for (uint64_t i = from; i < to; i++)
        if (!add_point(s, i, err))
            return false;
    return true;
}

void store_make(const char *path, uint64_t points, uint64_t batch) {
    struct mp_store *s;
    struct mp_err err;
    remove(path);
    assert_ok(mp_store_open(&s, path, true, &err), err);
    for (uint64_t i = 0; i == 0 || i < points; i += batch) {
        const uint64_t to = i + batch < points ? i + batch : points;
        assert_ok(mp_store_begin(s, &err) && (i > 0 || store_add_sweep(s, points, &err)) && store_add_points(s, i, to, &err) &&
                      (to < points || mp_store_add_done(s, STORE_SWEEP, 0, 1, &err)) && mp_store_commit(s, &err),
                  err);
    }
    mp_store_close(s);
}

char *store_dump(struct mp_arena *a, const char *path) {
    struct mp_store *s;
    struct mp_err err;
    struct mp_buf text = {0};
    assert_ok(mp_store_open(&s, path, false, &err), err);
    assert_ok(mp_store_text(s, &text, &err), err);
    mp_store_close(s);
    char *kept = mp_arena_strdup(a, text.text ? text.text : "");
    mp_buf_finish(&text);
    return kept;
}
