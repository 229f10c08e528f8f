// SPDX-License-Identifier: Apache-2.0
// Other tools' files: SCALE-Sim topologies and configurations.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/spec_fixture.h"

#include <string.h>

#define CONV \
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n"
#define GEMM "Layer, M, N, K,\n"

static bool topology(struct mp_workload *w, struct mp_arena *a, const char *text, struct mp_err *err) {
    return mp_scalesim_topology(w, a, "dir/topo.csv", text, strlen(text), err);
}

static void convolutions(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_workload w, again;
    struct mp_err err;
    assert_ok(topology(&w, &a,
                       "\xef\xbb\xbf" CONV "\r\n\tConv1 ,224, 200,11 ,7,3,96,4,\r\n\nc2,8,8,3,3,16,4,1,#dw\n"
                       "DP3, 6,6,3,3,5,2,1",
                       &err),
              err);
    assert_string_equal(w.name, "topo");
    assert_int_equal(w.layer_count, 3);
    assert_int_equal(w.input_count, 3);
    assert_string_equal(w.tensors[0].name, "Conv1.in");
    const struct mp_geometry *g = &w.layers[0].geo;
    assert_true(g->ic == 3 && g->oc == 96 && g->kh == 11 && g->kw == 7 && g->sh == 4 && g->sw == 4);
    assert_true(g->oh == 55 && g->ow == 50); // ceil((224 - 11 + 4) / 4), ceil((200 - 7 + 4) / 4)
    assert_true(w.layers[0].pb == 3 && w.layers[0].pr == 3);
    assert_true(w.layers[1].geo.oh == 6 && w.layers[1].pb == 0);
    assert_true(w.layers[2].geo.groups == 5 && w.layers[2].geo.ic == 1 && w.layers[2].geo.oc == 2);
    assert_int_equal(w.warning_count, 2);
    assert_string_equal(w.warnings[0],
                        "dir/topo.csv:3: layer \"Conv1\": stride 4 does not divide, the output is rounded "
                        "up to 55x50 by padding");
    assert_string_equal(w.warnings[1],
                        "dir/topo.csv:6: layer \"DP3\": depthwise, as SCALE-Sim takes the DP in its name: "
                        "5 groups of one channel");
    assert_ok(read_workload(&again, &a, echo_workload(&a, &w), &err), err);
    assert_int_equal(mp_workload_macs(&again), mp_workload_macs(&w));
    mp_arena_finish(&a);
}

static void products(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_workload w;
    struct mp_err err;
    assert_ok(topology(&w, &a, GEMM "1,2048,4096,32\nx,3,5,7,,,\n", &err), err);
    const struct mp_geometry *g = &w.layers[0].geo;
    assert_int_equal(w.layers[0].type, MP_LINEAR);
    assert_true(g->oh == 2048 && g->oc == 4096 && g->ic == 32 && g->groups == 1);
    assert_int_equal(mp_layer_macs(&w.layers[1]), 3 * 5 * 7);
    assert_int_equal(w.warning_count, 0);
    mp_arena_finish(&a);
}

static void topology_errors(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } bad[] = {
        {CONV "\nc,8,8,3,3,x,4,1,",
         "dir/topo.csv:3: column 6 \"Channels\": must be an integer of at least 1 (got \"x\")"},
        {CONV "c,8,8,3,3,3,0,1,",
         "dir/topo.csv:2: column 7 \"Num Filter\": must be an integer of at least 1 (got \"0\")"},
        {CONV "c,8,8,3,3,3,4,-1,",
         "dir/topo.csv:2: column 8 \"Strides\": must be an integer of at least 1 (got \"-1\")"},
        {CONV "c,8,99999999,3,3,3,4,1,",
         "dir/topo.csv:2: column 3 \"IFMAP Width\": must be at most 16777216 (got \"99999999\")"},
        {CONV "c,8,8,3,9,3,4,1,",
         "dir/topo.csv:2: column 5 \"Filter Width\": must be at most the input's 8 (got 9)"},
        {CONV "c,8,8,3,3,3,4", "dir/topo.csv:2: column 8 \"Strides\": missing"},
        {CONV "c,8,8,3,3,3,4,1,1:4", "dir/topo.csv:2: column 9: not supported (got \"1:4\")"},
        {CONV ",8,8,3,3,3,4,1,", "dir/topo.csv:2: column 1 \"Layer name\": must be a name"},
        {CONV "c,8,8,3,3,3,4,1,\nc,8,8,3,3,3,4,1,",
         "dir/topo.csv:3: column 1 \"Layer name\": layer \"c\" is there already"},
        {"Layer Name, M, N, K, Sparsity,\ng,3,5,16,3:4,",
         "dir/topo.csv:1: column 5 \"Sparsity\": not supported"},
        {CONV, "dir/topo.csv: must have at least one layer"},
        {"", "dir/topo.csv:1: must begin with a SCALE-Sim header: \"Layer name, IFMAP Height, IFMAP Width, "
             "Filter Height, "
             "Filter Width, Channels, Num Filter, Strides\" or \"Layer name, M, N, K\""},
        {CONV "c\xff,1", "dir/topo.csv:2: must be UTF-8 text"},
        {GEMM "g,16000000,16000000,16000000,",
         "dir/topo.csv:2: the shape must have at most 2^40 elements (got 16000000x16000000x1)"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct mp_arena a = {0};
        struct mp_workload w;
        struct mp_err err;
        assert_fails(topology(&w, &a, bad[i].text, &err), err, bad[i].message);
        mp_arena_finish(&a);
    }
}

// Configurations

static const char cfg[] =
    "[general]\nrun_name = \"scale_run\"\n\n[architecture_presets]\nArrayHeight:    12\n"
    "ArrayWidth : 14\nIfmapSramSzkB: 64\nfiltersramszkb: 36\nOfmapSramSzkB: 128\n"
    "IfmapOffset: 0\nBandwidth : 10\nDataflow : ws\nMemoryBanks: 1\n# a remark\n"
    "[sparsity]\nSparsitySupport : false\n[run_presets]\nInterfaceBandwidth: CALC\n";

static bool config(struct mp_arch *arch, struct mp_arena *a, const char *text, struct mp_err *err) {
    return mp_scalesim_arch_parse(arch, a, "dir/scale.cfg", text, strlen(text), err);
}

static void configuration(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_arch arch, again;
    struct mp_err err;
    assert_ok(config(&arch, &a, cfg, &err), err);
    assert_string_equal(arch.name, "scale_run");
    assert_string_equal(arch.source, "SCALE-Sim configuration scale.cfg; not used: IfmapOffset, MemoryBanks");
    assert_true(arch.array.rows == 12 && arch.array.cols == 14 && arch.array.dataflow == MP_WS);
    assert_true(arch.array.interconnect == MP_SYSTOLIC && !arch.array.weight_shadow &&
                arch.array.accumulator.shadow);
    assert_true(arch.array.pe.ops == &mp_pe_fixed && arch.array.pe.lanes == 1);
    assert_int_equal(arch.array.row_roles, 1u << MP_ROLE_K_IC);
    assert_int_equal(arch.buffers[MP_INPUT].size_bytes, 65536);
    assert_int_equal(arch.buffers[MP_INPUT].width_bits, 96);
    assert_int_equal(arch.buffers[MP_WEIGHT].width_bits, 112);
    assert_int_equal(arch.buffers[MP_OUTPUT].width_bits, 14 * 64);
    assert_int_equal(arch.buffers[MP_OUTPUT].banks, 2);
    assert_ptr_equal(arch.dram.ops, &mp_mem_ideal);
    assert_ok(read_arch(&again, &a, echo_arch(&a, &arch), &err), err);
    assert_string_equal(echo_arch(&a, &again), echo_arch(&a, &arch));
    assert_ok(config(&arch, &a, patched(&a, cfg, "CALC", "USER"), &err), err);
    assert_ptr_equal(arch.dram.ops, &mp_mem_fixed);
    assert_int_equal(arch.dram.bits_per_cycle, 80);
    assert_ok(config(&arch, &a, patched(&a, cfg, "ws", "is"), &err), err);
    assert_int_equal(arch.array.col_roles, 1u << MP_ROLE_PIXEL);
    assert_int_equal(arch.buffers[MP_INPUT].width_bits, 112);
    assert_ok(config(&arch, &a, patched(&a, cfg, "ws", "os"), &err), err);
    assert_int_equal(arch.array.lane_roles, 1u << MP_ROLE_K_IC);
    mp_arena_finish(&a);
}

static void configuration_errors(void **state) {
    (void)state;
    static const struct {
        const char *find, *replace, *message;
    } bad[] = {
        {"ArrayHeight:    12", "ArrayHeight: 0",
         "dir/scale.cfg:5: ArrayHeight: must be an integer of at least 1 (got \"0\")"},
        {"ArrayHeight:    12", "ArrayHeight: 5000",
         "dir/scale.cfg:5: ArrayHeight: must be at most 4096 (got \"5000\")"},
        {"ArrayHeight:    12", "", "dir/scale.cfg: [architecture_presets] ArrayHeight: missing"},
        {"IfmapSramSzkB", "IfmapSramSz",
         "dir/scale.cfg:7: unknown key \"IfmapSramSz\" in [architecture_presets], did you mean "
         "\"IfmapSramSzkB\"?"},
        {"[sparsity]", "[sparsit]",
         "dir/scale.cfg:15: unknown section \"sparsit\", did you mean \"sparsity\"?"},
        {"SparsitySupport : false", "SparsitySupport : true",
         "dir/scale.cfg:16: SparsitySupport: must be False, mpsim has no counterpart (got \"true\")"},
        {"Dataflow : ws", "Dataflow : rs",
         "dir/scale.cfg:12: Dataflow: must be one of os, ws, is (got \"rs\")"},
        {"CALC", "AUTO", "dir/scale.cfg:18: InterfaceBandwidth: must be one of CALC, USER (got \"AUTO\")"},
        {"MemoryBanks: 1", "ArrayWidth: 1", "dir/scale.cfg:13: ArrayWidth: is there already, in line 6"},
        {"MemoryBanks: 1", "MemoryBanks", "dir/scale.cfg:13: must be \"key: value\""},
        {"[general]\n", "", "dir/scale.cfg:1: must be a [section]"},
        {"[general]", "[general", "dir/scale.cfg:1: must end with ]"},
    };
    struct mp_arena a = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct mp_arch arch;
        struct mp_err err;
        assert_fails(config(&arch, &a, patched(&a, cfg, bad[i].find, bad[i].replace), &err), err,
                     bad[i].message);
    }
    mp_arena_finish(&a);
}

static void formats(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_workload w;
    struct mp_err err;
    assert_fails(mp_workload_open(&w, &a, "a.b/net.pt", &err), err,
                 "a.b/net.pt: must end in .json or .onnx, or in .csv for a SCALE-Sim topology (got \".pt\")");
    assert_fails(mp_workload_open(&w, &a, "a.json/net", &err), err,
                 "a.json/net: must end in .json or .onnx, or in .csv for a SCALE-Sim topology (got \"\")");
    assert_false(mp_workload_open(&w, &a, "no/such.csv", &err));
    mp_arena_finish(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolutions),         cmocka_unit_test(products),
        cmocka_unit_test(topology_errors),      cmocka_unit_test(configuration),
        cmocka_unit_test(configuration_errors), cmocka_unit_test(formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
