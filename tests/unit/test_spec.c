// SPDX-License-Identifier: Apache-2.0
// arch.json, mapping.json and counts.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/spec/counts.h"
#include "tests/unit/spec_fixture.h"

#include <stdlib.h>
#include <string.h>

// Architectures

static const char base[] =
    "{'name': 'x', 'tech': 't', 'clock_mhz': 500,"
    " 'array': {'rows': 2, 'cols': 3, 'dataflow': 'os', 'interconnect': 'broadcast',"
    "           'pe': {'kind': 'serial_w', 'lanes': 16}, 'map': {}},"
    " 'buffers': {'input': {'size_bytes': 1024, 'width_bits': 64},"
    "             'weight': {'size_bytes': 2048, 'width_bits': 128, 'banks': 4, 'double_buffered': false},"
    "             'output': {'size_bytes': 512, 'width_bits': 32}},"
    " 'dram': {'kind': 'ideal'}}";

static void arch_defaults(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_arch arch;
    struct mp_err err;
    assert_ok(read_arch(&arch, &a, base, &err), err);
    assert_null(arch.source);
    assert_int_equal(arch.storage, MP_PACKED);
    assert_false(arch.keep_on_chip);
    assert_false(arch.array.weight_shadow);
    assert_int_equal(arch.array.accumulator.bits, 32);
    assert_int_equal(arch.array.accumulator.on_overflow, MP_SATURATE);
    assert_true(arch.array.accumulator.shadow);
    assert_int_equal(arch.array.row_roles, 1u << MP_ROLE_PIXEL);
    assert_int_equal(arch.array.col_roles, 1u << MP_ROLE_OC);
    assert_int_equal(arch.array.lane_roles, 1u << MP_ROLE_IC | 1u << MP_ROLE_K_IC);
    assert_int_equal(arch.buffers[MP_INPUT].banks, 1);
    assert_true(arch.buffers[MP_INPUT].double_buffered);
    assert_int_equal(mp_buffer_tile_bits(&arch.buffers[MP_INPUT]), 4096);
    assert_int_equal(mp_buffer_tile_bits(&arch.buffers[MP_WEIGHT]), 16384);
    assert_int_equal(mp_buffer_word_bits(&arch.buffers[MP_WEIGHT]), 32);
    assert_int_equal(arch.vector_unit.lanes, 16);
    assert_int_equal(arch.vector_unit.param_bits, 72);
    mp_arena_finish(&a);
}

static void arch_roles(void **state) {
    (void)state;
    static const struct {
        const char *dataflow, *map;
        unsigned rows, cols, lanes;
    } cases[] = {
        {"ws", "{}", 1u << MP_ROLE_IC | 1u << MP_ROLE_K_IC, 1u << MP_ROLE_OC,
         1u << MP_ROLE_IC | 1u << MP_ROLE_K_IC},
        {"is", "{}", 1u << MP_ROLE_IC | 1u << MP_ROLE_K_IC, 1u << MP_ROLE_PIXEL,
         1u << MP_ROLE_IC | 1u << MP_ROLE_K_IC},
        {"ws", "{'rows': ['k_ic']}", 1u << MP_ROLE_K_IC, 1u << MP_ROLE_OC, 1u << MP_ROLE_K_IC},
        {"os", "{'rows': ['pixel', 'oc'], 'cols': ['pixel'], 'lanes': ['ic']}",
         1u << MP_ROLE_OC | 1u << MP_ROLE_PIXEL, 1u << MP_ROLE_PIXEL, 1u << MP_ROLE_IC},
    };
    struct mp_arena a = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mp_arch arch;
        struct mp_err err;
        const char *text = patched(&a, base, "'os'", mp_arena_printf(&a, "'%s'", cases[i].dataflow));
        text = patched(&a, text, "'map': {}", mp_arena_printf(&a, "'map': %s", cases[i].map));
        assert_ok(read_arch(&arch, &a, text, &err), err);
        assert_int_equal(arch.array.row_roles, cases[i].rows);
        assert_int_equal(arch.array.col_roles, cases[i].cols);
        assert_int_equal(arch.array.lane_roles, cases[i].lanes);
    }
    mp_arena_finish(&a);
}

static void arch_errors(void **state) {
    (void)state;
    static const struct {
        const char *find, *replace, *message;
    } cases[] = {
        {"'rows': 2", "'rowz': 2", "a.json: /array: unknown key \"rowz\", did you mean \"rows\"?"},
        {"'rows': 2", "'rows': 0", "a.json: /array/rows: must be an integer 1..4096 (got 0)"},
        {"'name': 'x'", "'name': ''", "a.json: /name: must not be empty"},
        {"'tech': 't',", "", "a.json: /tech: missing"},
        {"500", "0", "a.json: /clock_mhz: must be a number 0.001..100000 (got 0)"},
        {"'broadcast'", "'systolik'",
         "a.json: /array/interconnect: must be one of broadcast, systolic (got \"systolik\"), did you mean "
         "\"systolic\"?"},
        {"'map': {}", "'map': {'rows': []}", "a.json: /array/map/rows: must not be empty"},
        {"'map': {}", "'map': {'rows': ['oc', 'oc']}",
         "a.json: /array/map/rows/1: \"oc\" stands twice in the list"},
        {"'map': {}", "'map': {'rows': ['ic']}",
         "a.json: /array/map/rows/0: must be one of oc, pixel (got \"ic\"), did you mean \"oc\"?"},
        {"'map': {}", "'mab': {}", "a.json: /array: unknown key \"mab\", did you mean \"map\"?"},
        {"'interconnect': 'broadcast'", "'interconnect': 'broadcast', 'weight_shadow': true",
         "a.json: /array/weight_shadow: must be false with dataflow os, which preloads nothing (got true)"},
        {"'banks': 4", "'banks': 3", "a.json: /buffers/weight/banks: must divide width_bits 128 (got 3)"},
        {"'size_bytes': 2048", "'size_bytes': 2047",
         "a.json: /buffers/weight/banks: must divide size_bytes 2047 (got 4)"},
        {"'size_bytes': 512, 'width_bits': 32", "'size_bytes': 1, 'width_bits': 1",
         "a.json: /buffers/output/size_bytes: must be at least 2 when double-buffered (got 1)"},
        {"'size_bytes': 512", "'size_bytes': 7",
         "a.json: /buffers/output/size_bytes: half of it must hold width_bits 32 (got 7 bytes)"},
        {"'size_bytes': 2048", "'size_bytes': 12",
         "a.json: /buffers/weight/size_bytes: it must hold width_bits 128 (got 12 bytes)"},
        {"'output': {", "'outputs': {",
         "a.json: /buffers: unknown key \"outputs\", did you mean \"output\"?"},
        {"'lanes': 16", "'lanes': 16, 'serial_bits': 3",
         "a.json: /array/pe/serial_bits: must be 1, 2 or 4 (got 3)"},
        {"'dram': {'kind': 'ideal'}", "'dram': {'kind': 'ideal', 'bits_per_cycle': 64}",
         "a.json: /dram: unknown key \"bits_per_cycle\" (known: kind)"},
        {"'dram': {'kind': 'ideal'}", "'vector_unit': {}", "a.json: /dram: missing"},
    };
    struct mp_arena a = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mp_arch arch;
        struct mp_err err;
        assert_fails(read_arch(&arch, &a, patched(&a, base, cases[i].find, cases[i].replace), &err), err,
                     cases[i].message);
    }
    mp_arena_finish(&a);
}

static void arch_map_errors(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_arch arch;
    struct mp_err err;
    const char *ws = patched(&a, base, "'os'", "'ws'");
    assert_fails(read_arch(&arch, &a, patched(&a, ws, "'map': {}", "'map': {'lanes': ['ic']}"), &err), err,
                 "a.json: /array/map/lanes: must be absent with dataflow ws, whose lanes continue what the "
                 "rows carry");
    const char *systolic = patched(&a, base, "'broadcast'", "'systolic'");
    assert_fails(
        read_arch(&arch, &a, patched(&a, systolic, "'map': {}", "'map': {'cols': ['pixel']}"), &err), err,
        "a.json: /array/map: a systolic array needs rows and columns that differ (got \"pixel\" for both)");
    assert_ok(read_arch(&arch, &a, patched(&a, systolic, "'map': {}", "'map': {'cols': ['pixel', 'oc']}"),
                        &err),
              err);
    assert_ok(read_arch(&arch, &a, patched(&a, base, "'map': {}", "'map': {'cols': ['pixel']}"), &err), err);
    arch.array.col_roles = 1u << MP_ROLE_IC; // what a program may set
    assert_fails(mp_arch_check(&arch, "sweep", &err), err,
                 "sweep: /array/map/cols: dataflow os does not allow these roles");
    mp_arena_finish(&a);
}

static void same_arch(const struct mp_arch *x, const struct mp_arch *y) {
    const struct mp_pe_array *p = &x->array, *q = &y->array;
    assert_true(x->clock_mhz == y->clock_mhz && x->storage == y->storage &&
                x->keep_on_chip == y->keep_on_chip);
    assert_true(p->rows == q->rows && p->cols == q->cols && p->dataflow == q->dataflow &&
                p->interconnect == q->interconnect && p->weight_shadow == q->weight_shadow);
    assert_true(p->row_roles == q->row_roles && p->col_roles == q->col_roles &&
                p->lane_roles == q->lane_roles);
    assert_true(p->pe.ops == q->pe.ops && p->pe.lanes == q->pe.lanes &&
                p->pe.serial_bits == q->pe.serial_bits);
    assert_true(p->accumulator.bits == q->accumulator.bits &&
                p->accumulator.shadow == q->accumulator.shadow &&
                p->accumulator.on_overflow == q->accumulator.on_overflow);
    for (int i = 0; i < MP_BUFFERS; i++)
        assert_true(x->buffers[i].size_bytes == y->buffers[i].size_bytes &&
                    x->buffers[i].width_bits == y->buffers[i].width_bits &&
                    x->buffers[i].banks == y->buffers[i].banks &&
                    x->buffers[i].double_buffered == y->buffers[i].double_buffered);
    assert_true(x->dram.ops == y->dram.ops && x->dram.bits_per_cycle == y->dram.bits_per_cycle &&
                x->dram.latency_cycles == y->dram.latency_cycles);
    assert_true(x->vector_unit.lanes == y->vector_unit.lanes &&
                x->vector_unit.param_bits == y->vector_unit.param_bits);
}

static void arch_echo(const char *path) {
    struct mp_arena a = {0};
    struct mp_arch arch, again;
    struct mp_err err;
    assert_ok(mp_arch_load(&arch, &a, path, &err), err);
    const char *echo = echo_arch(&a, &arch);
    assert_ok(read_arch(&again, &a, echo, &err), err);
    same_arch(&arch, &again);
    assert_string_equal(echo_arch(&a, &again), echo);
    assert_non_null(arch.source);
    const char *file = strrchr(path, '/') + 1;
    assert_int_equal(strncmp(file, arch.name, strlen(arch.name)), 0);
    mp_arena_finish(&a);
}

static void arch_configs(void **state) {
    (void)state;
    each_config("arch", 8, arch_echo);
}

static void arch_load_missing(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_arch arch;
    struct mp_err err;
    assert_false(mp_arch_load(&arch, &a, "no/such.json", &err));
    assert_int_equal(strncmp(err.text, "no/such.json: ", 14), 0);
    mp_arena_finish(&a);
}

static void arch_describes_keys(void **state) {
    (void)state;
    static const char *const keys[] = {
        "name  ",
        "source  ",
        "clock_mhz  number 0.001..100000 MHz",
        "array.rows  integer 1..4096 PEs, required",
        "array.accumulator.bits  integer 4..64 bits, default 32",
        "array.pe.serial_bits  ",
        "array.map.rows",
        "buffers.weight.double_buffered  ",
        "dram.bits_per_cycle  ",
        "vector_unit.param_bits  ",
    };
    struct mp_buf out = {0};
    mp_arch_describe(&out);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!strstr(out.text, keys[i]))
            fail_msg("%s is not in:\n%s", keys[i], out.text);
    mp_buf_finish(&out);
}

static void stored_bits(void **state) {
    (void)state;
    static const unsigned bits[] = {1, 2, 3, 4, 5, 8, 9, 16, 17, 32, 33, 64};
    static const unsigned containers[] = {2, 2, 4, 4, 8, 8, 16, 16, 32, 32, 64, 64};
    struct mp_arch arch = {.storage = MP_PACKED};
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
        arch.storage = MP_PACKED;
        assert_int_equal(mp_arch_stored_bits(&arch, bits[i]), bits[i]);
        arch.storage = MP_CONTAINERS;
        assert_int_equal(mp_arch_stored_bits(&arch, bits[i]), containers[i]);
    }
}

// Mappings

static void mapping_reads(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_mapping_set s;
    struct mp_err err;
    assert_ok(read_mappings(
                  &s, &a,
                  "{'name': 'm', 'layers': {'c1': [{}], 'c2': [{'channels': 3, 'w_bits': 4, 'rows': 'pixel',"
                  "'cols': 'oc', 'lanes': 'k_ic', 'tile': {'oc': 2, 'oh': 7}, 'order': ['ic', 'oc'],"
                  "'padded': true}, {'channels': 5}]}}",
                  &err),
              err);
    const struct mp_layer_mapping *c1 = mp_mapping_set_find(&s, "c1"), *c2 = mp_mapping_set_find(&s, "c2");
    assert_null(mp_mapping_set_find(&s, "c3"));
    assert_int_equal(c1->run_count, 1);
    assert_int_equal(c1->runs[0].channels, 0);
    assert_int_equal(c1->runs[0].map.rows, MP_ROLES);
    for (unsigned d = 0; d < MP_DIMS; d++)
        assert_true(c1->runs[0].map.order[d] == d && c1->runs[0].map.tile[d] == 0);
    static const unsigned order[] = {MP_IC, MP_OC, MP_G, MP_B, MP_OH, MP_OW};
    assert_memory_equal(c2->runs[0].map.order, order, sizeof order);
    assert_int_equal(c2->runs[0].map.tile[MP_OH], 7);
    assert_int_equal(c2->runs[0].map.lanes, MP_ROLE_K_IC);
    assert_true(c2->runs[0].map.padded);
    assert_int_equal(c2->runs[1].channels, 5);
    const char *echo = echo_mappings(&a, &s);
    assert_ok(read_mappings(&s, &a, echo, &err), err);
    assert_string_equal(echo_mappings(&a, &s), echo);
    mp_arena_finish(&a);
}

static void mapping_errors(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{}", "m.json: /layers: missing"},
        {"{'layers': {'c': []}}", "m.json: /layers/c: must not be empty"},
        {"{'layers': {'c': [{}, {}]}}", "m.json: /layers/c/0/channels: missing"},
        {"{'layers': {'c': [{'order': ['oc', 'oc']}]}}",
         "m.json: /layers/c/0/order/1: \"oc\" stands twice in the list"},
        {"{'layers': {'c': [{'order': ['od']}]}}",
         "m.json: /layers/c/0/order/0: must be one of group, batch, oh, ow, oc, ic (got \"od\"), did you "
         "mean \"oh\"?"},
        {"{'layers': {'c': [{'tile': {'kh': 1}}]}}",
         "m.json: /layers/c/0/tile: unknown key \"kh\", did you mean \"oh\"?"},
        {"{'layers': {'c': [{'tile': {'oc': 0}}]}}",
         "m.json: /layers/c/0/tile/oc: must be an integer 1..1099511627776 (got 0)"},
        {"{'layers': {'c': [{'rows': 'k'}]}}",
         "m.json: /layers/c/0/rows: must be one of oc, pixel, ic, k_ic (got \"k\")"},
    };
    struct mp_arena a = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mp_mapping_set s;
        struct mp_err err;
        assert_fails(read_mappings(&s, &a, cases[i].text, &err), err, cases[i].message);
    }
    mp_arena_finish(&a);
}

// Counts

static void counts_add_up(void **state) {
    (void)state;
    struct mp_counts a = {.macs = 5,
                          .cycles = {[MP_COMPUTE] = 3, [MP_VECTOR] = 4},
                          .events = {[MP_EV_DRAM_READ] = 7}};
    struct mp_counts sum = a;
    assert_int_equal(mp_counts_cycles(&a), 7);
    assert_true(mp_counts_add(&sum, &a, 10));
    assert_int_equal(sum.macs, 55);
    assert_int_equal(sum.cycles[MP_VECTOR], 44);
    assert_int_equal(sum.events[MP_EV_DRAM_READ], 77);
    assert_false(mp_counts_add(&sum, &a, UINT64_MAX / 6));
    a = (struct mp_counts){.events = {[MP_EV_CYCLE] = UINT64_MAX}};
    sum = (struct mp_counts){.events = {[MP_EV_CYCLE] = 1}};
    assert_false(mp_counts_add(&sum, &a, 1));
}

static void energy_is_sum_of_parts(void **state) {
    (void)state;
    struct mp_counts c = {0};
    struct mp_prices p;
    double by[MP_PARTS], sum = 0;
    for (unsigned i = 0; i < MP_EVENTS; i++) {
        c.events[i] = 1000003u * (i + 1);
        p.pj[i] = 0.1 / (i + 3);
    }
    double total = mp_counts_energy_pj(&c, &p, by);
    for (int i = 0; i < MP_PARTS; i++) {
        assert_true(by[i] > 0);
        sum += by[i];
    }
    assert_true(sum == total && total == mp_counts_energy_pj(&c, &p, NULL));
    assert_int_equal(mp_event_part(MP_EV_NET_BIT), MP_PART_INTERCONNECT);
    assert_int_equal(mp_event_part(MP_EV_CYCLE), MP_PART_LEAKAGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arch_defaults),   cmocka_unit_test(arch_roles),
        cmocka_unit_test(arch_errors),     cmocka_unit_test(arch_map_errors),
        cmocka_unit_test(arch_configs),    cmocka_unit_test(arch_load_missing),
        cmocka_unit_test(arch_describes_keys), cmocka_unit_test(stored_bits),
        cmocka_unit_test(mapping_reads),   cmocka_unit_test(mapping_errors),
        cmocka_unit_test(counts_add_up),   cmocka_unit_test(energy_is_sum_of_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
