// SPDX-License-Identifier: Apache-2.0
// Streams that DRAMsim3 and Ramulator 2 have timed: DRAMsim3's cycles, commands, row hits and read latencies, exactly, and its
// energies within 0.2 %. And single accesses to the cycle.
#include "sim/mem/stream.h"
#include "tests/reference/rows.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 400

struct figures {
    uint64_t cycles;
    struct mp_dram_counts n;
    double energy_nj;
};

struct errors {
    double percent[ROWS]; // absolute
    size_t count, same_activates;
};

static const struct mp_dram_preset *preset_of(const char *name) {
    return mp_dram_preset_find(strcmp(name, "DDR4_2400") == 0 ? "ddr4_2400" : "lpddr4_3200");
}

static void make_stream(struct mp_stream *s, const char *name, const char *params, unsigned access_bytes) {
    const struct mp_stream_kind *kind = mp_stream_kinds;
    struct mp_err err;
    char text[128], *save;
    while (strcmp(kind->name, name) != 0)
        assert_non_null((++kind)->name);
    mp_stream_init(s, kind, access_bytes);
    assert_true(strlen(params) < sizeof text);
    strcpy(text, params);
    for (char *at = strtok_r(text, " ", &save); at; at = strtok_r(NULL, " ", &save))
        if (!mp_stream_set(s, at, &err))
            fail_msg("%s", err.text);
}

static struct mp_controllers *make_memory(const struct mp_dram_preset *p, const char *mapping, bool refresh) {
    struct mp_controller_spec s = {.preset = p, .channels = 1, .refresh = refresh};
    struct mp_err err;
    if (!mp_dram_map_make(&s.map, p, 1, mapping, &err))
        fail_msg("%s", err.text);
    return mp_controllers_create(&s);
}

static struct figures run_row(const struct rows *r, size_t i, const char *mapping) {
    const struct mp_dram_preset *p = preset_of(rows_text(r, i, "preset"));
    struct mp_controllers *m = make_memory(p, mapping, strcmp(rows_text(r, i, "refresh"), "on") == 0);
    struct mp_stream s;
    struct figures f;
    double part[MP_DRAM_PARTS];
    make_stream(&s, rows_text(r, i, "stream"), rows_text(r, i, "params"), (unsigned)rows_uint(r, i, "access_bytes"));
    const struct mp_transfer_source source = mp_stream_source(&s);
    f.cycles = mp_controllers_pull(m, 0, &source, strcmp(rows_text(r, i, "mode"), "lat") == 0);
    f.n = mp_controllers_counts(m);
    f.energy_nj = mp_dram_energy_pj(p, &f.n, f.cycles, part) / 1000;
    mp_controllers_destroy(m);
    return f;
}

static double percent(double ours, double theirs) {
    return (ours - theirs) / theirs * 100;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_errors(const char *what, struct errors *e) {
    assert_true(e->count > 0);
    qsort(e->percent, e->count, sizeof *e->percent, compare);
    print_message("# %-28s %4zu rows, error max %6.3f %%, median %6.3f %%, activations equal in %zu\n", what, e->count,
                  e->percent[e->count - 1], e->percent[e->count / 2], e->same_activates);
}

// DRAMsim3 prints the latency with three decimals.
static void check_row(const struct rows *r, size_t i, struct errors *e, double *energy) {
    struct figures f = run_row(r, i, rows_text(r, i, "mapping"));
    double latency = f.n.reads ? (double)f.n.read_latency / (double)f.n.reads : 0;
    const char *theirs = rows_text(r, i, "avg_read_latency_cyc");
    e->percent[e->count++] = fabs(percent((double)f.cycles, rows_real(r, i, "cycles")));
    e->same_activates += f.n.activates == rows_uint(r, i, "cmd_ACT");
    *energy = fmax(*energy, fabs(percent(f.energy_nj, rows_real(r, i, "energy_nJ"))));
    if (f.cycles != rows_uint(r, i, "cycles") || f.n.activates != rows_uint(r, i, "cmd_ACT") ||
        f.n.row_hits != rows_uint(r, i, "row_hits") || (*theirs && fabs(latency - strtod(theirs, NULL)) > 0.00051))
        fail_msg("row %zu: %" PRIu64 " cycles, DRAMsim3 %s; %" PRIu64 " activations, %s; %" PRIu64
                 " hits, %s; latency %.4f, %s",
                 i + 2, f.cycles, rows_text(r, i, "cycles"), f.n.activates, rows_text(r, i, "cmd_ACT"), f.n.row_hits,
                 rows_text(r, i, "row_hits"), latency, theirs);
    assert_int_equal(f.n.reads, rows_uint(r, i, "cmd_RD"));
    assert_int_equal(f.n.writes, rows_uint(r, i, "cmd_WR"));
    assert_int_equal(f.n.row_hits + f.n.row_misses + f.n.row_conflicts, f.n.reads + f.n.writes);
}

static void equals_dramsim3(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct rows r;
    struct errors thr = {0}, lat = {0};
    double energy = 0;
    rows_load(&r, &a, "tests/reference/dram.csv");
    for (size_t i = 0; i < r.count; i++)
        if (strcmp(rows_text(&r, i, "simulator"), "DRAMsim3") == 0)
            check_row(&r, i, strcmp(rows_text(&r, i, "mode"), "lat") == 0 ? &lat : &thr, &energy);
    assert_int_equal(lat.count, 40);
    assert_int_equal(thr.count, 192);
    print_errors("DRAMsim3, one outstanding", &lat);
    print_errors("DRAMsim3, full queues", &thr);
    print_message("# DRAMsim3's energies within %.3f %%\n", energy);
    assert_true(energy < 0.2);
    mp_arena_finish(&a);
}

// Ramulator 2 drains writes otherwise: its figures are printed, and bound ours as DRAMsim3's are bounded by them.
static void near_ramulator(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct rows r;
    struct errors e[2] = {0};
    rows_load(&r, &a, "tests/reference/dram.csv");
    for (size_t i = 0; i < r.count; i++) {
        if (strcmp(rows_text(&r, i, "simulator"), "Ramulator2") != 0)
            continue;
        bool second = strcmp(rows_text(&r, i, "mapping"), "RoBaBgRaCo") != 0;
        struct figures f = run_row(&r, i, second ? "rorachcobabg" : "rochrababgco");
        double off = percent((double)f.cycles, rows_real(&r, i, "cycles"));
        if (fabs(off) > 25)
            fail_msg("row %zu: %" PRIu64 " cycles, Ramulator 2 %s", i + 2, f.cycles, rows_text(&r, i, "cycles"));
        e[second].same_activates += f.n.activates == rows_uint(&r, i, "cmd_ACT");
        e[second].percent[e[second].count++] = fabs(off);
    }
    print_errors("Ramulator 2, rochrababgco", &e[0]);
    print_errors("Ramulator 2, rorachcobabg", &e[1]);
    mp_arena_finish(&a);
}

// Definitions in the head of dram.csv's page: cycles of a closed bank's read, of the period of row hits and of conflicts.
static const struct single {
    const char *preset;
    uint64_t closed, hit, conflict;
} singles[] = {{"ddr4_2400", 39, 23, 57}, {"lpddr4_3200", 66, 38, 97}, {"hbm2_2000", 31, 18, 48}};

static void single_reads(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof singles / sizeof *singles; i++) {
        const struct single *s = &singles[i];
        const struct mp_dram_preset *p = mp_dram_preset_find(s->preset);
        const uint64_t size = p->access_bytes, row = (uint64_t)p->groups * p->banks * p->row_bytes;
        struct mp_transfer one[] = {{.address = 0, .bytes = size}};
        struct mp_transfer hits[] = {
            {.address = 0, .bytes = size}, {.address = size, .bytes = size}, {.address = 2 * size, .bytes = size}};
        struct mp_transfer rows[] = {
            {.address = 0, .bytes = size}, {.address = row, .bytes = size}, {.address = 0, .bytes = size}};
        struct mp_controllers *m = make_memory(p, "rochrababgco", false);
        assert_int_equal(mp_controllers_run(m, 0, one, 1), s->closed);
        mp_controllers_destroy(m);
        m = make_memory(p, "rochrababgco", false);
        mp_controllers_run_single(m, 0, hits, 3);
        assert_int_equal(hits[2].done - hits[1].done, s->hit);
        mp_controllers_destroy(m);
        m = make_memory(p, "rochrababgco", false);
        mp_controllers_run_single(m, 0, rows, 3);
        assert_int_equal(rows[2].done - rows[1].done, s->conflict);
        mp_controllers_destroy(m);
    }
}

static void sequential_is_at_the_bus(void **state) {
    (void)state;
    struct mp_controllers *m = make_memory(mp_dram_preset_find("ddr4_2400"), "rorachcobabg", false);
    struct mp_transfer t = {.bytes = 1 << 20};
    assert_int_equal(mp_controllers_run(m, 0, &t, 1), 65571);
    assert_int_equal(t.done, 65571);
    assert_int_equal(mp_controllers_bytes(m), 1 << 20);
    mp_controllers_destroy(m);
}

static void random_begins_as_defined(void **state) {
    (void)state;
    struct mp_stream s;
    struct mp_transfer t;
    make_stream(&s, "random_read", "n=1 seed=12345 region=0x20000000", 64);
    assert_true(mp_stream_next(&s, &t));
    assert_int_equal(t.address, 21907200);
    assert_false(mp_stream_next(&s, &t));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(equals_dramsim3), cmocka_unit_test(near_ramulator),
                                       cmocka_unit_test(single_reads), cmocka_unit_test(sequential_is_at_the_bus),
                                       cmocka_unit_test(random_begins_as_defined)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
