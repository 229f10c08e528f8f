// SPDX-License-Identifier: Apache-2.0
// Bit Fusion's published simulator, 37 layers: its tiling given as a mapping yields its compute cycles; its traffic at
// our prices of configs/tech/bitfusion45.json yields its energy; and our own mapping is never worse than its.
#include "sim/eval.h"
#include "sim/import/import.h"
#include "tests/reference/rows.h"
#include "tests/unit/spec_fixture.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

struct setting {
    struct mp_arena arena;
    struct mp_arch arch;
    struct mp_tech *tech;
    struct rows rows;
};

static int set_up(void **state) {
    static struct setting s;
    struct mp_err err;
    *state = &s;
    rows_load(&s.rows, &s.arena, "tests/reference/bitfusion.csv");
    assert_int_equal(s.rows.count, 37);
    assert_ok(mp_arch_load(&s.arch, &s.arena, "configs/arch/bitfusion.json", &err), err);
    assert_ok(mp_tech_load(&s.tech, &s.arena, "configs/tech", s.arch.tech, &err), err);
    return 0;
}

static int tear_down(void **state) {
    mp_arena_finish(&((struct setting *)*state)->arena);
    return 0;
}

static void layer_of(struct setting *s, size_t i, struct mp_workload *w, struct mp_plan *p) {
    const struct rows *r = &s->rows;
    struct mp_err err;
    uint64_t side = (rows_uint(r, i, "out_hw") - 1) * rows_uint(r, i, "stride") + rows_uint(r, i, "kernel");
    char *net = mp_arena_printf(&s->arena,
                                "{'name': 'row', 'inputs': [{'name': 'in', 'shape': [%s, %" PRIu64 ", %" PRIu64 "]}], "
                                "'layers': [{'name': 'layer', 'type': 'conv2d', 'inputs': ['in'], 'out_channels': %s, "
                                "'kernel': [%s, %s], 'stride': [%s, %s]}]}",
                                rows_text(r, i, "in_ch"), side, side, rows_text(r, i, "out_ch"), rows_text(r, i, "kernel"),
                                rows_text(r, i, "kernel"), rows_text(r, i, "stride"), rows_text(r, i, "stride"));
    char *plan = mp_arena_printf(&s->arena,
                                 "{'name': 'p', 'workload': 'w.json', 'batch': %s, 'default': {'w_bits': %s, 'a_bits': %s}}",
                                 rows_text(r, i, "batch"), rows_text(r, i, "w_bits"), rows_text(r, i, "a_bits"));
    assert_ok(read_workload(w, &s->arena, net, &err), err);
    assert_ok(read_plan(p, &s->arena, w, plan, &err), err);
}

// The tool's tiling and order; its last tiles are computed at full size.
static char *tiling_of(struct setting *s, size_t i) {
    const struct rows *r = &s->rows;
    char order[64] = "";
    char *save, *loops = mp_arena_strdup(&s->arena, rows_text(r, i, "order"));
    for (char *d = strtok_r(loops, " ", &save); d; d = strtok_r(NULL, " ", &save)) {
        strcat(order, *order ? ", '" : "'");
        strcat(order, strcmp(d, "b") == 0 ? "batch" : d);
        strcat(order, "'");
    }
    const char *role = rows_uint(r, i, "im2col") ? "k_ic" : "ic";
    return mp_arena_printf(&s->arena,
                           "{'layers': {'layer': [{'rows': '%s', 'cols': 'oc', 'lanes': '%s', 'order': [%s], 'padded': true, "
                           "'tile': {'batch': %s, 'oh': %s, 'ow': %s, 'ic': %s, 'oc': %s}}]}}",
                           role, role, order, rows_text(r, i, "tile_b"), rows_text(r, i, "tile_oh"),
                           rows_text(r, i, "tile_ow"), rows_text(r, i, "tile_ic"), rows_text(r, i, "tile_oc"));
}

static void their_tiling_takes_their_cycles(void **state) {
    struct setting *s = *state;
    for (size_t i = 0; i < s->rows.count; i++) {
        struct mp_workload w;
        struct mp_plan p;
        struct mp_mapping_set m;
        struct mp_result out;
        struct mp_err err;
        layer_of(s, i, &w, &p);
        assert_ok(read_mappings(&m, &s->arena, tiling_of(s, i), &err), err);
        struct mp_options o = {.mappings = &m, .mappings_path = "tiling.json"};
        assert_ok(mp_evaluate(&s->arch, &w, &p, s->tech, &o, &s->arena, &out, &err), err);
        uint64_t theirs = rows_uint(&s->rows, i, "cycles") - rows_uint(&s->rows, i, "mem_stall");
        if (out.totals.counts.cycles[MP_COMPUTE] != theirs)
            fail_msg("row %zu: compute %" PRIu64 ", theirs %" PRIu64, i + 2, out.totals.counts.cycles[MP_COMPUTE], theirs);
    }
}

static uint64_t words(const struct setting *s, size_t i, const char *column, enum mp_buffer_id b) {
    return rows_uint(&s->rows, i, column) / mp_buffer_word_bits(&s->arch.buffers[b]);
}

static void their_traffic_costs_their_energy(void **state) {
    struct setting *s = *state;
    double worst = 0;
    for (size_t i = 0; i < s->rows.count; i++) {
        const struct rows *r = &s->rows;
        struct mp_prices prices;
        struct mp_sources sources = {.count = 0};
        struct mp_err err;
        assert_ok(mp_cost_prices(s->tech, &s->arch, (unsigned)rows_uint(r, i, "a_bits"), (unsigned)rows_uint(r, i, "w_bits"),
                                 &s->arena, &prices, &sources, &err), err);
        uint64_t busy = rows_uint(r, i, "cycles") - rows_uint(r, i, "mem_stall");
        struct mp_counts c = {.events = {
                                  [MP_EV_PE_ACTIVE] = busy * s->arch.array.rows * s->arch.array.cols,
                                  [MP_EV_INPUT_READ] = words(s, i, "act_read_bits", MP_INPUT),
                                  [MP_EV_INPUT_WRITE] = words(s, i, "act_write_bits", MP_INPUT),
                                  [MP_EV_WEIGHT_READ] = words(s, i, "wgt_read_bits", MP_WEIGHT),
                                  [MP_EV_WEIGHT_WRITE] = words(s, i, "wgt_write_bits", MP_WEIGHT),
                                  [MP_EV_OUTPUT_READ] = words(s, i, "out_read_bits", MP_OUTPUT),
                                  [MP_EV_OUTPUT_WRITE] = words(s, i, "out_write_bits", MP_OUTPUT),
                                  [MP_EV_DRAM_READ] = rows_uint(r, i, "dram_read_bits"),
                                  [MP_EV_DRAM_WRITE] = rows_uint(r, i, "dram_write_bits")}};
        double off = fabs(mp_counts_energy_pj(&c, &prices, NULL) / (rows_real(r, i, "energy_nj") * 1000) - 1);
        worst = off > worst ? off : worst;
        if (off > 0.01)
            fail_msg("row %zu: energy off by %.2f %%", i + 2, 100 * off);
    }
    print_message("# energy of 37 rows: largest difference %.4f %%\n", 100 * worst);
}

static void our_mapping_is_no_worse(void **state) {
    struct setting *s = *state;
    double cycles = 0, their_cycles = 0, bits = 0, their_bits = 0;
    for (size_t i = 0; i < s->rows.count; i++) {
        const struct rows *r = &s->rows;
        struct mp_workload w;
        struct mp_plan p;
        struct mp_result out;
        struct mp_err err;
        struct mp_options o = {.objective = MP_LATENCY};
        layer_of(s, i, &w, &p);
        assert_ok(mp_evaluate(&s->arch, &w, &p, s->tech, &o, &s->arena, &out, &err), err);
        const struct mp_counts *c = &out.totals.counts;
        uint64_t dram = c->events[MP_EV_DRAM_READ] + c->events[MP_EV_DRAM_WRITE], total = mp_counts_cycles(c);
        uint64_t their_dram = rows_uint(r, i, "dram_read_bits") + rows_uint(r, i, "dram_write_bits");
        uint64_t their_total = rows_uint(r, i, "cycles"), their_compute = their_total - rows_uint(r, i, "mem_stall");
        if (c->cycles[MP_COMPUTE] > their_compute || total > their_total || dram > their_dram)
            fail_msg("row %zu: compute %" PRIu64 " (theirs %" PRIu64 "), total %" PRIu64 " (%" PRIu64 "), DRAM bits %" PRIu64
                     " (%" PRIu64 ")", i + 2, c->cycles[MP_COMPUTE], their_compute, total, their_total, dram, their_dram);
        cycles += (double)total, their_cycles += (double)their_total;
        bits += (double)dram, their_bits += (double)their_dram;
    }
    print_message("# our mappings, 37 rows: cycles %.3f of theirs, DRAM traffic %.3f of theirs\n", cycles / their_cycles,
                  bits / their_bits);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(their_tiling_takes_their_cycles),
        cmocka_unit_test(their_traffic_costs_their_energy),
        cmocka_unit_test(our_mapping_is_no_worse),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
