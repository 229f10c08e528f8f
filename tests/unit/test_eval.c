// SPDX-License-Identifier: Apache-2.0
// Whole evaluations: what stays on chip, slices and their runs, constraints, given mappings, batch, bit planes.
#include "sim/eval.h"
#include "sim/import/import.h"
#include "tests/unit/spec_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <inttypes.h>
#include <string.h>

struct bench {
    struct mp_arena a;
    struct mp_arch arch;
    struct mp_workload w;
    struct mp_plan p;
    struct mp_tech *tech;
    struct mp_options o;
    struct mp_result r;
    struct mp_err err;
};

static int set_up(void **state) {
    static struct bench b;
    b = (struct bench){.o = {.objective = MP_LATENCY}};
    assert_ok(mp_arch_load(&b.arch, &b.a, "configs/arch/bitserial_16x16.json", &b.err), b.err);
    assert_ok(mp_tech_load(&b.tech, &b.a, "configs/tech", b.arch.tech, &b.err), b.err);
    *state = &b;
    return 0;
}

static int tear_down(void **state) {
    mp_arena_finish(&((struct bench *)*state)->a);
    return 0;
}

static bool evaluate(struct bench *b) {
    return mp_evaluate(&b->arch, &b->w, &b->p, b->tech, &b->o, &b->a, &b->r, &b->err);
}

// One convolution of 32 to `oc` channels, 14x14, with the plan's entry for it.
static void conv(struct bench *b, unsigned oc, unsigned kernel, const char *entry) {
    char *net = mp_arena_printf(&b->a, "{'name': 'w', 'inputs': [{'name': 'in', 'shape': [32, 14, 14]}], 'layers': [{'name': 'c', "
                                "'type': 'conv2d', 'inputs': ['in'], 'out_channels': %u, 'kernel': [%u, %u], "
                                "'padding': [%u, %u, %u, %u]}]}", oc, kernel, kernel, kernel / 2, kernel / 2, kernel / 2,
                                kernel / 2);
    char *plan = mp_arena_printf(&b->a, "{'name': 'p', 'workload': 'w', 'layers': {'c': %s}}", entry);
    assert_ok(read_workload(&b->w, &b->a, net, &b->err), b->err);
    assert_ok(read_plan(&b->p, &b->a, &b->w, plan, &b->err), b->err);
}

static uint64_t dram_bits(const struct mp_figures *f) {
    return f->counts.events[MP_EV_DRAM_READ] + f->counts.events[MP_EV_DRAM_WRITE];
}

static void tensors_that_fit_stay_on_chip(void **state) {
    struct bench *b = *state;
    assert_ok(mp_plan_open(&b->p, &b->w, &b->a, "configs/plans/resnet8_w8a8.json", &b->err), b->err);
    b->arch.buffers[MP_INPUT].size_bytes = 1 << 20, b->arch.buffers[MP_WEIGHT].size_bytes = 1 << 20;
    b->arch.buffers[MP_OUTPUT].size_bytes = 1 << 20;
    assert_ok(evaluate(b), b->err);
    uint64_t before = dram_bits(&b->r.totals), cycles = mp_counts_cycles(&b->r.totals.counts);
    b->arch.keep_on_chip = true;
    assert_ok(evaluate(b), b->err);
    assert_true(dram_bits(&b->r.totals) < before / 2);
    assert_true(mp_counts_cycles(&b->r.totals.counts) < cycles);
    // What is left to write: the network's output, and the pool's, which a view hands on.
    assert_int_equal(b->r.totals.counts.events[MP_EV_DRAM_WRITE], (10 + 64) * 8);
    for (int e = 0; e < MP_EVENTS; e++)
        if (e == MP_EV_INPUT_READ || e == MP_EV_WEIGHT_READ)
            assert_true(b->r.totals.counts.events[e] > 0);
    struct mp_figures analytic = b->r.totals;
    b->o.engine = MP_EVENT;
    assert_ok(evaluate(b), b->err);
    assert_memory_equal(&analytic, &b->r.totals, sizeof analytic);
    b->arch.buffers[MP_INPUT].size_bytes = 24 << 10; // room for little: still right, less stays
    assert_ok(evaluate(b), b->err);
    assert_true(b->r.totals.counts.events[MP_EV_DRAM_WRITE] > (10 + 64) * 8);
}

static void slices_run_width_by_width(void **state) {
    struct bench *b = *state;
    b->arch.dram.ops = &mp_mem_ideal;
    conv(b, 64, 3, "{'w_bits': [{'channels': 32, 'bits': 2}, {'channels': 32, 'bits': 4}], 'a_bits': 8}");
    assert_ok(evaluate(b), b->err);
    const struct mp_layer_result *r = &b->r.layers[0];
    uint64_t channels = 0, macs = (uint64_t)14 * 14 * 9 * 32;
    for (size_t i = 0; i < r->mapping.run_count; i++)
        channels += r->mapping.runs[i].channels;
    assert_int_equal(channels, 64);
    assert_int_equal(r->figures.counts.macs, macs * 64);
    assert_int_equal(r->figures.bops, macs * 32 * 8 * 2 + macs * 32 * 8 * 4);
    assert_int_equal(r->figures.weight_bits, 9 * 32 * 32 * 2 + 9 * 32 * 32 * 4);
    uint64_t compute = r->figures.counts.cycles[MP_COMPUTE];
    conv(b, 64, 3, "{'w_bits': 4, 'a_bits': 8}");
    assert_ok(evaluate(b), b->err);
    uint64_t uniform = b->r.totals.counts.cycles[MP_COMPUTE]; // (2 + 4) / (4 + 4) of it, but for pixels that fill no fold
    assert_true(compute * 4 >= uniform * 3 && compute * 10 < uniform * 9);
}

// 17 channels of 2 bits on 16 columns: the one too many joins the 8-bit fold instead of taking one of its own.
static void a_remainder_joins_the_wider_slice(void **state) {
    struct bench *b = *state;
    b->arch.array.row_roles = 1u << MP_ROLE_PIXEL, b->arch.array.col_roles = 1u << MP_ROLE_OC;
    b->arch.dram.ops = &mp_mem_ideal;
    conv(b, 32, 3, "{'w_bits': [{'channels': 17, 'bits': 2}, {'channels': 15, 'bits': 8}], 'a_bits': 8}");
    assert_ok(evaluate(b), b->err);
    const struct mp_layer_mapping *m = &b->r.layers[0].mapping;
    assert_int_equal(m->run_count, 2);
    assert_int_equal(m->runs[0].channels, 16);
    assert_int_equal(m->runs[0].w_bits, 2);
    assert_int_equal(m->runs[1].channels, 16);
    assert_int_equal(m->runs[1].w_bits, 8);
}

static void a_mapping_given_back_gives_the_same(void **state) {
    struct bench *b = *state;
    struct mp_mapping_set set = {.count = 1};
    conv(b, 48, 3, "{'w_bits': [{'channels': 20, 'bits': 3}, {'channels': 28, 'bits': 5}], 'a_bits': 6}");
    assert_ok(evaluate(b), b->err);
    struct mp_figures found = b->r.totals;
    set.layers = &b->r.layers[0].mapping;
    b->o.mappings = &set, b->o.mappings_path = "m.json";
    assert_ok(evaluate(b), b->err);
    assert_memory_equal(&found, &b->r.totals, sizeof found);
    set.layers[0].runs[0].map.tile[MP_OC] = 1; // edited by hand: still legal, never better
    assert_ok(evaluate(b), b->err);
    assert_true(mp_counts_cycles(&b->r.totals.counts) >= mp_counts_cycles(&found.counts));
}

static void constrain(struct bench *b, struct mp_constraint_set *s, const char *text) {
    struct mp_json *doc;
    char *json = patched(&b->a, text, "", "");
    assert_ok(mp_json_parse(&doc, "c.json", json, strlen(json), &b->err), b->err);
    struct mp_node root = mp_json_root(doc);
    assert_ok(mp_constraint_set_read(s, &b->a, &root, &b->err), b->err);
    mp_json_destroy(doc);
    b->o.constraints = s;
}

static void constraints_hold(void **state) {
    struct bench *b = *state;
    struct mp_constraint_set s;
    conv(b, 64, 3, "{'w_bits': 4, 'a_bits': 4}");
    assert_ok(evaluate(b), b->err);
    uint64_t free_cycles = mp_counts_cycles(&b->r.totals.counts);
    constrain(b, &s, "{'layers': {'c': {'tile': {'oc': 16, 'oh': 5}, 'rows': 'oc', 'order': ['pixel', 'ic', 'oc']}}}");
    assert_ok(evaluate(b), b->err);
    const struct mp_mapping *m = &b->r.layers[0].mapping.runs[0].map;
    assert_int_equal(m->tile[MP_OC], 16);
    assert_int_equal(m->tile[MP_OH], 5);
    assert_int_equal(m->rows, MP_ROLE_OC);
    assert_int_equal(m->order[1], MP_B);
    assert_true(mp_counts_cycles(&b->r.totals.counts) >= free_cycles);
    constrain(b, &s, "{'layers': {'*': {'forbid_rows': ['pixel'], 'max_tile': {'oh': 4}, 'forbid_tile': {'ow': [14]}}}}");
    assert_ok(evaluate(b), b->err);
    m = &b->r.layers[0].mapping.runs[0].map;
    assert_int_equal(m->rows, MP_ROLE_OC);
    assert_true(m->tile[MP_OH] <= 4 && m->tile[MP_OW] < 14);
    constrain(b, &s, "{'layers': {'c': {'tile': {'oc': 65}}}}");
    assert_fails(evaluate(b), b->err, "c.json: /layers/c/tile/oc: must be an integer 1..64 (got 65)");
    constrain(b, &s, "{'layers': {'c': {'min_tile': {'ow': 6}, 'max_tile': {'ow': 6}}}}");
    assert_fails(evaluate(b), b->err, "arch \"bitserial_16x16\", layer \"c\": the constraints leave no mapping");
}

static void the_least_buffer_that_would_do(void **state) {
    struct bench *b = *state;
    struct mp_buffer *w = &b->arch.buffers[MP_WEIGHT];
    conv(b, 64, 7, "{'w_bits': 8, 'a_bits': 8}");
    w->banks = 1, w->width_bits = 8, w->size_bytes = 97;
    assert_fails(evaluate(b), b->err, "arch \"bitserial_16x16\", layer \"c\": buffers/weight: too small for any tile: needs at "
                 "least 98 bytes with double buffering");
    w->size_bytes = 98; // one channel by one channel, 49 taps, twice
    assert_ok(evaluate(b), b->err);
    assert_int_equal(b->r.layers[0].mapping.runs[0].map.tile[MP_OC], 1);
    assert_int_equal(b->r.layers[0].mapping.runs[0].map.tile[MP_IC], 1);
}

static void attention(struct bench *b, const char *extra) {
    char *plan = mp_arena_printf(&b->a, "{'name': 'p', 'workload': 'w'%s}", extra);
    assert_ok(read_workload(&b->w, &b->a, "{'name': 'w', 'inputs': [{'name': 'q', 'shape': [64, 16, 1], 'signed': true}, "
                            "{'name': 'k', 'shape': [64, 16, 1], 'signed': true}], 'layers': [{'name': 's', 'type': 'matmul', "
                            "'inputs': ['q', 'k'], 'groups': 4, 'transpose_b': true}]}", &b->err), b->err);
    assert_ok(read_plan(&b->p, &b->a, &b->w, plan, &b->err), b->err);
}

static void products_of_activations(void **state) {
    struct bench *b = *state;
    attention(b, "");
    assert_ok(evaluate(b), b->err);
    assert_int_equal(b->r.totals.counts.macs, 4 * 16 * 16 * 16);
    assert_int_equal(b->r.totals.weight_bits, 0);
    assert_int_equal(b->r.totals.counts.events[MP_EV_VEC_ALU], 4 * 16 * 16); // turned into bit planes
    attention(b, ", 'batch': 3"); // each image has its own second operand
    assert_ok(evaluate(b), b->err);
    assert_int_equal(b->r.totals.counts.macs, 3 * 4 * 16 * 16 * 16);
    assert_true(b->r.totals.counts.events[MP_EV_DRAM_READ] >= (uint64_t)3 * 2 * 64 * 16 * 8);
}

static void batch_fetches_weights_once(void **state) {
    struct bench *b = *state;
    char *net = "{'name': 'w', 'inputs': [{'name': 'in', 'shape': [256, 1, 1]}], 'layers': [{'name': 'f', 'type': 'linear', "
                "'inputs': ['in'], 'out_channels': 64}]}";
    assert_ok(read_workload(&b->w, &b->a, net, &b->err), b->err);
    b->arch.vector_unit.param_bits = 0;
    for (unsigned batch = 1; batch <= 16; batch *= 4) {
        char *plan = mp_arena_printf(&b->a, "{'name': 'p', 'workload': 'w', 'batch': %u}", batch);
        assert_ok(read_plan(&b->p, &b->a, &b->w, plan, &b->err), b->err);
        assert_ok(evaluate(b), b->err);
        assert_int_equal(b->r.totals.counts.macs, (uint64_t)batch * 256 * 64);
        assert_int_equal(b->r.totals.counts.events[MP_EV_DRAM_READ], 256 * 64 * 8 + (uint64_t)batch * 256 * 8);
    }
}

// Squeeze and excite: the factors are loaded once a channel and tile, not once a pixel.
static void factors_by_channel_are_loaded_once(void **state) {
    struct bench *b = *state;
    char *net = "{'name': 'w', 'inputs': [{'name': 'x', 'shape': [16, 10, 10]}, {'name': 's', 'shape': [16, 1, 1]}],"
                "'layers': [{'name': 'm', 'type': 'mul', 'inputs': ['x', 's']}]}";
    assert_ok(read_workload(&b->w, &b->a, net, &b->err), b->err);
    assert_ok(read_plan(&b->p, &b->a, &b->w, "{'name': 'p', 'workload': 'w', 'batch': 3}", &b->err), b->err);
    assert_ok(evaluate(b), b->err);
    const uint64_t *events = b->r.totals.counts.events;
    assert_int_equal(events[MP_EV_DRAM_READ], 3 * (16 * 100 + 16) * 8);
    assert_int_equal(events[MP_EV_VEC_MUL], 3 * 16 * 100);
}

static void a_narrow_accumulator(void **state) {
    struct bench *b = *state;
    conv(b, 64, 3, "{'w_bits': 8, 'a_bits': 8}");
    b->arch.array.accumulator.bits = 20; // 16 lanes: 255 * 128 * 16 = 522240 needs 20; the whole sum of 288 needs 25
    assert_ok(evaluate(b), b->err);
    assert_true(b->r.layers[0].may_overflow);
    assert_int_equal(b->r.layers[0].accumulator_bits_needed, 25);
    assert_int_equal(b->r.warning_count, 1);
    b->arch.array.accumulator.bits = 19;
    assert_fails(evaluate(b), b->err, "arch \"bitserial_16x16\": /array/accumulator/bits: too narrow for one step of layer \"c\" "
                 "at 8 x 8 bits: must be at least 20 (got 19)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tensors_that_fit_stay_on_chip, set_up, tear_down),
        cmocka_unit_test_setup_teardown(factors_by_channel_are_loaded_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(slices_run_width_by_width, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_remainder_joins_the_wider_slice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_mapping_given_back_gives_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(constraints_hold, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_least_buffer_that_would_do, set_up, tear_down),
        cmocka_unit_test_setup_teardown(products_of_activations, set_up, tear_down),
        cmocka_unit_test_setup_teardown(batch_fetches_weights_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_narrow_accumulator, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
