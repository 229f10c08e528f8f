// SPDX-License-Identifier: Apache-2.0
// SCALE-Sim's cycles for 198 layers. Its files are read by the importers, each layer runs as one tile, and compute plus
// fill and drain must be its figure plus one (it prints the index of the last cycle).
#include "sim/eval.h"
#include "sim/import/import.h"
#include "tests/reference/rows.h"
#include "tests/unit/spec_fixture.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <inttypes.h>
#include <string.h>

static char *config_of(const struct rows *r, size_t i, struct mp_arena *a) {
    return mp_arena_printf(a,
                           "[general]\nrun_name = reference\n[architecture_presets]\nArrayHeight: %s\nArrayWidth: %s\n"
                           "IfmapSramSzkB: 4096\nFilterSramSzkB: 4096\nOfmapSramSzkB: 4096\nDataflow : %s\n"
                           "[run_presets]\nInterfaceBandwidth: CALC\n",
                           rows_text(r, i, "rows"), rows_text(r, i, "cols"), rows_text(r, i, "dataflow"));
}

static char *topology_of(const struct rows *r, size_t i, struct mp_arena *a) {
    if (strcmp(rows_text(r, i, "kind"), "gemm") == 0)
        return mp_arena_printf(a, "Layer name, M, N, K,\n%s, %s, %s, %s,\n", rows_text(r, i, "layer"),
                               rows_text(r, i, "m"), rows_text(r, i, "n"), rows_text(r, i, "k"));
    return mp_arena_printf(a,
                           "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
                           "Strides,\n%s, %s, %s, %s, %s, %s, %s, %s,\n",
                           rows_text(r, i, "layer"), rows_text(r, i, "ifmap_h"), rows_text(r, i, "ifmap_w"),
                           rows_text(r, i, "filter_h"), rows_text(r, i, "filter_w"), rows_text(r, i, "channels"),
                           rows_text(r, i, "filters"), rows_text(r, i, "stride"));
}

static uint64_t cycles_of(const struct rows *r, size_t i, const struct mp_tech *tech, struct mp_arena *a) {
    struct mp_arch arch;
    struct mp_workload w;
    struct mp_plan p;
    struct mp_mapping_set m;
    struct mp_result out;
    struct mp_err err;
    char *cfg = config_of(r, i, a), *csv = topology_of(r, i, a);
    assert_ok(mp_scalesim_arch_parse(&arch, a, "row.cfg", cfg, strlen(cfg), &err), err);
    assert_ok(mp_scalesim_topology(&w, a, "row.csv", csv, strlen(csv), &err), err);
    assert_ok(read_plan(&p, a, &w, "{'name': 'p', 'workload': 'row.csv'}", &err), err);
    char *whole = mp_arena_printf(a, "{'layers': {'%s': [{}]}}", w.layers[0].name);
    assert_ok(read_mappings(&m, a, whole, &err), err);
    struct mp_options o = {.mappings = &m, .mappings_path = "whole.json"};
    assert_ok(mp_evaluate(&arch, &w, &p, tech, &o, a, &out, &err), err);
    const uint64_t *c = out.totals.counts.cycles;
    assert_int_equal(c[MP_STALL_WEIGHT] + c[MP_STALL_INPUT] + c[MP_STALL_OUTPUT] + c[MP_STALL_DRAM], 0);
    return c[MP_COMPUTE] + c[MP_FILL_DRAIN];
}

static void equals_scalesim(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_tech *tech;
    struct mp_err err;
    struct rows r;
    rows_load(&r, &a, "tests/reference/scalesim.csv");
    assert_ok(mp_tech_load(&tech, &a, "configs/tech", "cmos45_hp", &err), err);
    assert_int_equal(r.count, 198);
    for (size_t i = 0; i < r.count; i++) {
        uint64_t ours = cycles_of(&r, i, tech, &a), theirs = rows_uint(&r, i, "compute_cycles");
        if (ours != theirs + 1)
            fail_msg("row %zu, %s %s %sx%s: %" PRIu64 " cycles, SCALE-Sim %" PRIu64 " + 1", i + 2, rows_text(&r, i, "layer"),
                     rows_text(&r, i, "dataflow"), rows_text(&r, i, "rows"), rows_text(&r, i, "cols"), ours, theirs);
    }
    print_message("# %zu rows equal SCALE-Sim's compute cycles plus one\n", r.count);
    mp_arena_finish(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(equals_scalesim)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
