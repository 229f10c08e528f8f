// SPDX-License-Identifier: Apache-2.0
// Programs of the core against the integer reference, by way of an interpreter of descriptors (core_model.h), on random
// layers (600, or as many as the argument says); against the event engine's traffic; and small cases worked by hand.
#include "sim/cosim/program.h"
#include "sim/engine/engine.h"
#include "tests/unit/core_model.h"
#include "tests/unit/random_layer.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int cases = 600;

// Random layers

struct traffic {
    const struct core_request *at; // what the program's interpreter asked for
    size_t left;
    bool same;
};

// Requests of the event engine, in order; those of no bits move nothing.
static void compare_request(void *user, const struct mp_trace_event *e) {
    static const char *const names[] = {"load input", "load weight", "load partial", "drain partial", "drain output"};
    struct traffic *t = user;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(e->what, names[i]) != 0 || e->bits == 0)
            continue;
        t->same = t->same && t->left > 0 && t->at->what == "iwpPO"[i] && t->at->bits == e->bits;
        if (t->left > 0)
            t->at++, t->left--;
    }
}

static void check_traffic(const struct mp_reference_run *r, const struct core_log *log, int number) {
    struct traffic t = {log->requests, log->count, true};
    struct mp_sink sink = {.event = compare_request, .user = &t};
    struct mp_counts counts;
    uint64_t bits[2] = {0, 0};
    mp_event(r->task, r->mapping, &sink, NULL, &counts);
    if (!t.same || t.left > 0)
        fail_msg("case %d: loads and drains differ from the event engine's", number);
    for (size_t i = 0; i < log->count; i++)
        bits[log->requests[i].what == 'P' || log->requests[i].what == 'O'] += log->requests[i].bits;
    assert_int_equal(bits[0], counts.events[MP_EV_DRAM_READ]);
    assert_int_equal(bits[1], counts.events[MP_EV_DRAM_WRITE]);
    assert_int_equal(log->turned, r->task->turned);
}

static struct core core_of(const struct mp_arch *arch) {
    struct core c = {.rows = arch->array.rows, .cols = arch->array.cols, .lanes = arch->array.pe.lanes,
                     .acc_bits = (unsigned)arch->array.accumulator.bits,
                     .param_bits = (unsigned)arch->vector_unit.param_bits,
                     .wrap = arch->array.accumulator.on_overflow == MP_WRAP};
    for (int b = 0; b < MP_BUFFERS; b++)
        c.double_buffered[b] = arch->buffers[b].double_buffered;
    return c;
}

// A place for each output, that holds it, on a PE that there is.
static void check_places(const struct mp_reference_run *r, const struct mp_program *p, const int32_t *output, int number) {
    const struct mp_geometry *g = &r->layer->geo;
    uint64_t all = g->groups * g->oc, plane = g->oh * g->ow;
    unsigned bits = r->task->out_stored;
    for (uint64_t i = 0; i < r->batch * all * plane; i++) {
        uint64_t channel = i / plane % all, value = 0;
        if (channel < r->first_channel || channel >= r->first_channel + r->channels)
            continue;
        struct mp_place at = mp_program_place(r, p, i);
        for (unsigned b = 0; b < bits; b++)
            value |= (uint64_t)(p->image[(at.bit + b) / 8] >> (at.bit + b) % 8 & 1) << b;
        if (value != ((uint64_t)(int64_t)output[i] & ((UINT64_C(1) << bits) - 1)))
            fail_msg("case %d: output %" PRIu64 " is not at its place", number, i);
        assert_true(at.tile < p->tile_count && at.row < r->arch->array.rows && at.col < r->arch->array.cols);
    }
}

static void check_run(const struct mp_reference_run *r, struct mp_arena *a, int32_t *output, uint64_t *overflows,
                      int number) {
    struct mp_program p;
    struct mp_err err;
    struct core c = core_of(r->arch);
    if (!mp_program_build(r, 3, a, &p, &err))
        fail_msg("case %d: %s", number, err.text);
    struct core_log log = {.requests = mp_arena_alloc(a, 5 * p.tile_count, sizeof *log.requests)};
    core_run(&c, &p, p.image, &log);
    mp_program_outputs(r, &p, p.image, output);
    check_traffic(r, &log, number);
    check_places(r, &p, output, number);
    *overflows += log.overflows;
}

// How many of the random layers overflowed, by the accumulator's behaviour.
static int overflowed[2];

static void check_layer(struct rng *rng, int number) {
    struct mp_arena a = {0};
    struct random_layer l;
    random_layer(rng, &a, &l);
    int32_t *output = mp_arena_alloc(&a, l.outputs, sizeof *output);
    struct mp_reference want = {.output = mp_arena_alloc(&a, l.outputs, sizeof *want.output),
                                .sum = mp_arena_alloc(&a, l.outputs, sizeof *want.sum)};
    uint64_t overflows = 0;
    for (size_t i = 0; i < l.run_count; i++) {
        mp_reference_run(&l.runs[i], &want);
        check_run(&l.runs[i], &a, output, &overflows, number);
    }
    for (uint64_t i = 0; i < l.outputs; i++)
        if (output[i] != want.output[i])
            fail_msg("case %d: output %" PRIu64 " of \"%s\" is %d, not %d", number, i, mp_layer_type_names[l.layer.type],
                     output[i], want.output[i]);
    assert_int_equal(overflows, want.overflows);
    overflowed[l.arch.array.accumulator.on_overflow] += overflows > 0;
    mp_arena_finish(&a);
}

static void programs_compute_the_reference(void **state) {
    (void)state;
    struct rng r = {.state = (uint64_t)cases};
    for (int i = 0; i < cases; i++)
        check_layer(&r, i);
    assert_true(overflowed[MP_SATURATE] > cases / 50 && overflowed[MP_WRAP] > cases / 50);
}

// The shared numbers

struct number {
    const char *name;
    unsigned value;
};

static const struct number shared[] = {
    {"DescWords", MP_DESC_WORDS}, {"DescFlags", MP_DESC_FLAGS}, {"DescInAddr", MP_DESC_IN_ADDR},
    {"DescInBits", MP_DESC_IN_BITS}, {"DescWAddr", MP_DESC_WADDR}, {"DescWBits", MP_DESC_WBITS},
    {"DescParams", MP_DESC_PARAMS}, {"DescPAddr", MP_DESC_PADDR}, {"DescPBits", MP_DESC_PBITS},
    {"DescOutAddr", MP_DESC_OUT_ADDR}, {"DescOutBits", MP_DESC_OUT_BITS}, {"DescGroups", MP_DESC_GROUPS},
    {"DescBatch", MP_DESC_BATCH}, {"DescOh", MP_DESC_OH}, {"DescOw", MP_DESC_OW}, {"DescOc", MP_DESC_OC},
    {"DescIc", MP_DESC_IC}, {"DescIh", MP_DESC_IH}, {"DescIw", MP_DESC_IW}, {"DescKh", MP_DESC_KH},
    {"DescKw", MP_DESC_KW}, {"DescRowStep", MP_DESC_ROW_STEP}, {"DescRowTap", MP_DESC_ROW_TAP},
    {"DescRowFirst", MP_DESC_ROW_FIRST}, {"DescColStep", MP_DESC_COL_STEP}, {"DescColTap", MP_DESC_COL_TAP},
    {"DescColFirst", MP_DESC_COL_FIRST}, {"DescAStored", MP_DESC_ASTORED}, {"DescBStored", MP_DESC_BSTORED},
    {"DescWWidth", MP_DESC_WWIDTH}, {"DescWStored", MP_DESC_WSTORED}, {"DescOutStored", MP_DESC_OUT_STORED},
    {"DescOutLow", MP_DESC_OUT_LOW}, {"DescOutHigh", MP_DESC_OUT_HIGH}, {"DescMulA", MP_DESC_MUL_A},
    {"DescShiftA", MP_DESC_SHIFT_A}, {"DescMulB", MP_DESC_MUL_B}, {"DescShiftB", MP_DESC_SHIFT_B},
    {"DescCount", MP_DESC_COUNT}, {"DescChannel", MP_DESC_CHANNEL}, {"DescStride", MP_DESC_STRIDE},
    {"DescBOffset", MP_DESC_BOFFSET}, {"DescTile", MP_DESC_TILE}, {"DescLayer", MP_DESC_LAYER}, {"DescPad", MP_DESC_PAD},
    {"FlagTurn", MP_FLAG_TURN}, {"FlagEnd", MP_FLAG_END}, {"FlagLoadInput", MP_FLAG_LOAD_INPUT},
    {"FlagLoadWeight", MP_FLAG_LOAD_WEIGHT}, {"FlagLoadPartial", MP_FLAG_LOAD_PARTIAL}, {"FlagDrain", MP_FLAG_DRAIN},
    {"FlagFinal", MP_FLAG_FINAL}, {"FlagAdds", MP_FLAG_ADDS}, {"FlagInHalf", MP_FLAG_IN_HALF},
    {"FlagWHalf", MP_FLAG_WHALF}, {"FlagOutHalf", MP_FLAG_OUT_HALF}, {"FlagArray", MP_FLAG_ARRAY},
    {"FlagASigned", MP_FLAG_ASIGNED}, {"FlagBSigned", MP_FLAG_BSIGNED}, {"FlagOdd", MP_FLAG_ODD},
    {"FlagFlat", MP_FLAG_FLAT}, {"FlagRowPixel", MP_FLAG_ROW_PIXEL}, {"FlagColPixel", MP_FLAG_COL_PIXEL},
    {"FlagOp", MP_FLAG_OP}, {"VopMax", MP_VOP_MAX}, {"VopAvg", MP_VOP_AVG}, {"VopAdd", MP_VOP_ADD},
    {"VopClamp", MP_VOP_CLAMP}, {"CauseCompute", MP_COMPUTE}, {"CauseFillDrain", MP_FILL_DRAIN},
    {"CauseStallWeight", MP_STALL_WEIGHT}, {"CauseStallInput", MP_STALL_INPUT}, {"CauseStallOutput", MP_STALL_OUTPUT},
    {"CauseStallDram", MP_STALL_DRAM}, {"CauseVector", MP_VECTOR}, {"CauseNone", MP_CAUSES}, {"CntEvents", MP_CAUSES},
    {"EvPeActive", MP_EV_PE_ACTIVE}, {"EvPeIdle", MP_EV_PE_IDLE}, {"EvAccUpdate", MP_EV_ACC_UPDATE},
    {"EvInputRead", MP_EV_INPUT_READ}, {"EvInputWrite", MP_EV_INPUT_WRITE}, {"EvWeightRead", MP_EV_WEIGHT_READ},
    {"EvWeightWrite", MP_EV_WEIGHT_WRITE}, {"EvOutputRead", MP_EV_OUTPUT_READ}, {"EvOutputWrite", MP_EV_OUTPUT_WRITE},
    {"EvDramRead", MP_EV_DRAM_READ}, {"EvDramWrite", MP_EV_DRAM_WRITE}, {"EvNetBit", MP_EV_NET_BIT},
    {"EvVecRequant", MP_EV_VEC_REQUANT}, {"EvVecAlu", MP_EV_VEC_ALU}, {"EvVecMul", MP_EV_VEC_MUL},
    {"EvVecSpecial", MP_EV_VEC_SPECIAL}, {"EvCycle", MP_EV_CYCLE}, {"Events", MP_EV_DRAM_ACT}, {"RegId", MP_REG_ID},
    {"RegCtrl", MP_REG_CTRL}, {"RegStatus", MP_REG_STATUS}, {"RegOverflows", MP_REG_OVERFLOWS},
    {"RegShape", MP_REG_SHAPE}, {"RegPe", MP_REG_PE}, {"RegTile", MP_REG_TILE}, {"RegCounters", MP_REG_COUNTERS},
};

// NAME of a line `  [localparam int] NAME = [3'd]VALUE[,;]`, with its value.
static bool read_number(const char *line, char name[64], unsigned *value) {
    int size = 0;
    if (sscanf(line, " localparam int %63[A-Za-z0-9] = %u;", name, value) == 2)
        return true;
    return sscanf(line, " %63[A-Za-z0-9] = %d'd%u", name, &size, value) == 3;
}

static bool is_shared(const char *name) {
    static const char *const kinds[] = {"Desc", "Flag", "Vop", "Cause", "Ev", "Reg"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(name, kinds[i], strlen(kinds[i])) == 0)
            return true;
    return strcmp(name, "CntEvents") == 0;
}

static void header_agrees_with_rtl(void **state) {
    (void)state;
    const char *root = getenv("MPSIM_SOURCE");
    char path[4096], line[512], name[64];
    snprintf(path, sizeof path, "%s/rtl/mp_pkg.sv", root ? root : ".");
    FILE *f = fopen(path, "r");
    size_t found = 0, known = sizeof shared / sizeof *shared;
    unsigned value;
    if (!f)
        fail_msg("%s: missing", path);
    while (fgets(line, sizeof line, f)) {
        if (sscanf(line, " localparam logic [31:0] IdValue = 32'h%x", &value) == 1)
            assert_int_equal(value, MP_CORE_ID);
        if (!read_number(line, name, &value) || !is_shared(name))
            continue;
        size_t i = 0;
        while (i < known && strcmp(shared[i].name, name) != 0)
            i++;
        if (i == known || shared[i].value != value)
            fail_msg("%s: %s is %u there", path, name, value);
        found++;
    }
    fclose(f);
    assert_int_equal(found, known);
    assert_int_equal(MP_CORE_COUNTERS, MP_CAUSES + MP_EV_DRAM_ACT);
}

// Cases by hand

// A layer on an array of 2 x 2 PEs of one lane, in one tile; tests change what they are about.
struct small {
    struct random_layer l;
    struct mp_requant requant[8];
    int32_t output[64];
    int64_t sum[64];
    struct mp_reference out;
};

static void small_layer(struct small *s, enum mp_layer_type type, const struct mp_geometry *g) {
    static const struct mp_residency none;
    *s = (struct small){.l = {.inputs = {0, 1}, .outputs = g->groups * g->oc * g->oh * g->ow}};
    struct random_layer *l = &s->l;
    struct rng r = {1};
    l->arch = (struct mp_arch){.name = "core", .vector_unit = {4, 72}, .dram = {.ops = &mp_mem_ideal}};
    l->arch.array = (struct mp_pe_array){.rows = 2, .cols = 2, .dataflow = MP_OS, .interconnect = MP_BROADCAST,
                                      .accumulator = {.bits = 16}};
    for (int b = 0; b < MP_BUFFERS; b++)
        l->arch.buffers[b] = (struct mp_buffer){.size_bytes = 1 << 20, .width_bits = 64, .banks = 1};
    l->arch.array.pe = (struct mp_pe){.ops = &mp_pe_serial_w, .lanes = 1, .serial_bits = 1};
    l->layer = (struct mp_layer){.name = "layer", .type = type, .inputs = l->inputs, .input_count = 1, .output = 2,
                                 .geo = *g};
    l->workload = (struct mp_workload){.tensors = l->tensors, .layers = &l->layer, .tensor_count = 3, .layer_count = 1};
    l->plan = (struct mp_plan){.batch = 1, .layers = &l->bits, .tensor_bits = l->tensor_bits};
    l->bits = (struct mp_layer_bits){.a_bits = 4};
    l->tensor_bits[0] = 4, l->tensor_bits[2] = 16;
    for (size_t i = 0; i < 8; i++)
        s->requant[i] = (struct mp_requant){.mul = 1u << 30, .shift = 30};
    l->values = (struct mp_layer_values){.bits = {4}, .requant = s->requant, .low = -32768, .high = 32767};
    l->run_count = 1;
    mp_task_init(&l->tasks[0], &l->arch, &l->workload, &l->plan, 0, g->groups * g->oc, 5, &none);
    random_mapping(&r, &l->tasks[0], &l->maps[0]);
    for (unsigned d = 0; d < MP_DIMS; d++)
        l->maps[0].tile[d] = l->tasks[0].size[d], l->maps[0].order[d] = d;
    l->maps[0].rows = MP_ROLE_PIXEL, l->maps[0].cols = MP_ROLE_OC, l->maps[0].lanes = MP_ROLE_IC, l->maps[0].padded = false;
    l->runs[0] = (struct mp_reference_run){.arch = &l->arch, .layer = &l->layer, .task = &l->tasks[0],
                                           .mapping = &l->maps[0], .values = &l->values,
                                           .channels = g->groups * g->oc, .batch = 1, .w_bits = 5};
    s->out = (struct mp_reference){.output = s->output, .sum = s->sum};
}

static void run_small(struct small *s, uint64_t overflows) {
    s->out.overflows = 0;
    mp_reference_run(&s->l.runs[0], &s->out);
    assert_int_equal(s->out.overflows, overflows);
}

// 3x3 kernel on 2x2 pixels, one of padding around: each output sees all four pixels.
static void padded_convolution(void **state) {
    (void)state;
    static const int32_t input[] = {1, 2, 3, 4}, weight[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    static const int32_t twos[] = {5 + 12 + 24 + 36, 4 + 10 + 21 + 32, 2 + 6 + 15 + 24, 1 + 4 + 12 + 20};
    static const struct mp_geometry g = {1, 1, 1, 2, 2, 2, 2, 3, 3, 1, 1, 1, 1, 1, 1};
    struct small s;
    small_layer(&s, MP_CONV2D, &g);
    s.l.values.input[0] = input, s.l.values.weight = weight;
    s.requant[0].bias = 1;
    run_small(&s, 0);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(s.sum[i], twos[i]);
        assert_int_equal(s.output[i], twos[i] + 1);
    }
    s.l.tasks[0].odd = true; // 2 q + 1
    s.l.values.high = 104;
    run_small(&s, 0);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(s.sum[i], 2 * twos[i] + 10);
        assert_int_equal(s.output[i], 2 * twos[i] + 11 < 104 ? 2 * twos[i] + 11 : 104);
    }
}

// 7 (3 + 3 - 3 - 3) on 6 bits, -32..31.
static void narrow_accumulator(void **state) {
    (void)state;
    static const int32_t input[] = {7, 7, 7, 7}, weight[] = {3, 3, -3, -3};
    static const struct mp_geometry g = {1, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0};
    struct small s;
    small_layer(&s, MP_LINEAR, &g);
    s.l.values.input[0] = input, s.l.values.weight = weight;
    s.l.arch.array.accumulator.bits = 6;
    run_small(&s, 1); // 21, 42 -> 31, 10, -11
    assert_int_equal(s.sum[0], -11);
    s.l.maps[0].tile[MP_IC] = 2; // 21, 42 -> 31; -21, -42 -> -32
    run_small(&s, 2);
    assert_int_equal(s.sum[0], -1);
    s.l.tasks[0].lanes = 2, s.l.maps[0].tile[MP_IC] = 4; // 42 -> 31, -11
    run_small(&s, 1);
    assert_int_equal(s.sum[0], -11);
    s.l.tasks[0].lanes = 1, s.l.arch.array.accumulator.on_overflow = MP_WRAP; // 21, 42 -> -22, -43 -> 21, 0
    run_small(&s, 2);
    assert_int_equal(s.sum[0], 0);
    s.l.arch.array.accumulator.bits = 7; // the worst case does not fit, the numbers do
    run_small(&s, 0);
    assert_int_equal(s.sum[0], 0);
    assert_int_equal(s.out.first_overflow_channel, 0);
}

static void expect_place(struct small *s, const struct mp_program *p, uint64_t index, uint64_t pixel_fold,
                         uint64_t channel_fold, unsigned row, unsigned col) {
    struct mp_place at = mp_program_place(&s->l.runs[0], p, index);
    assert_int_equal(at.tile, 0);
    assert_int_equal(at.pixel_fold, pixel_fold);
    assert_int_equal(at.channel_fold, channel_fold);
    assert_int_equal(at.row, row);
    assert_int_equal(at.col, col);
}

// 4 pixels x 6 channels on 2 x 2 PEs: pixel 3 of channel 4, pixel 2 of channel 5.
static void places_by_hand(void **state) {
    (void)state;
    static const struct mp_geometry g = {1, 1, 6, 4, 1, 4, 1, 1, 1, 1, 1, 1, 1, 0, 0};
    struct mp_arena a = {0};
    int32_t input[4] = {0}, weight[6] = {0};
    struct mp_program p;
    struct mp_err err;
    struct small s;
    small_layer(&s, MP_LINEAR, &g);
    s.l.values.input[0] = input, s.l.values.weight = weight;
    assert_true(mp_program_build(&s.l.runs[0], 0, &a, &p, &err));
    expect_place(&s, &p, 4 * 4 + 3, 1, 2, 1, 0);
    expect_place(&s, &p, 5 * 4 + 2, 1, 2, 0, 1);
    s.l.maps[0].rows = MP_ROLE_OC, s.l.maps[0].cols = MP_ROLE_PIXEL;
    expect_place(&s, &p, 4 * 4 + 3, 1, 2, 0, 1);
    expect_place(&s, &p, 5 * 4 + 2, 1, 2, 1, 0);
    s.l.maps[0].rows = MP_ROLE_PIXEL;
    expect_place(&s, &p, 4 * 4 + 3, 0, 4, 1, 1);
    expect_place(&s, &p, 5 * 4 + 2, 0, 5, 1, 0);
    s.l.maps[0].rows = s.l.maps[0].cols = MP_ROLE_OC;
    expect_place(&s, &p, 4 * 4 + 3, 3, 1, 0, 0);
    expect_place(&s, &p, 5 * 4 + 2, 2, 1, 0, 1);
    mp_arena_finish(&a);
}

static void refuses(struct small *s, const char *message) {
    struct mp_arena a = {0};
    struct mp_program p;
    struct mp_err err;
    assert_false(mp_program_build(&s->l.runs[0], 0, &a, &p, &err));
    assert_string_equal(err.text, message);
    assert_false(mp_program_fits(&s->l.runs[0], &err));
    assert_string_equal(err.text, message);
    mp_arena_finish(&a);
}

static void names_what_the_core_lacks(void **state) {
    (void)state;
    static const struct mp_geometry g = {1, 1, 6, 4, 1, 4, 1, 1, 1, 1, 1, 1, 1, 0, 0};
    struct small s;
    small_layer(&s, MP_LINEAR, &g);
    s.l.layer.type = MP_SOFTMAX;
    refuses(&s, "layer \"layer\": the core has no operation \"softmax\"");
    s.l.layer.type = MP_LINEAR, s.l.layer.act = MP_ACT_GELU;
    refuses(&s, "layer \"layer\": the core has no activation function \"gelu\"");
    s.l.layer.act = MP_ACT_NONE, s.l.arch.keep_on_chip = true;
    refuses(&s, "arch \"core\": /keep_on_chip: must be false, the core writes every tensor to DRAM");
    s.l.arch.keep_on_chip = false, s.l.arch.vector_unit.param_bits = 64;
    refuses(&s, "arch \"core\": /vector_unit/param_bits: must be at least 72, which the core's parameters take (got 64)");
    s.l.arch.vector_unit.param_bits = 72, s.l.maps[0].padded = true;
    refuses(&s, "layer \"layer\": the core has no padded mappings");
    s.l.maps[0].padded = false, s.l.values.bits[0] = 9;
    refuses(&s, "layer \"layer\": inputs must have at most 8 stored bits (got 9)");
    s.l.values.bits[0] = 4, s.l.tasks[0].size[MP_OC] = 16385;
    refuses(&s, "layer \"layer\": a run must have at most 16384 output channels, groups and batch of a matmul included, for "
                "the core's parameter memory (got 16385)");
    s.l.tasks[0].size[MP_OC] = 6, s.l.tasks[0].output_on_chip = true;
    refuses(&s, "layer \"layer\": the core keeps no tensor on chip");
    s.l.tasks[0].output_on_chip = false;
    s.l.tasks[0].size[MP_B] = (1 << 22) + 1, s.l.maps[0].tile[MP_B] = 1;
    refuses(&s, "layer \"layer\": a run must have at most 4194304 tiles (got 4194305)");
    s.l.tasks[0].size[MP_B] = s.l.maps[0].tile[MP_B] = 1 << 25; // 6 channels of 4 pixels of 2 bytes each
    refuses(&s, "layer \"layer\": a run must take at most 1024 MiB of DRAM, and an operand of a tile 512 MiB");
}

static void requantises_exactly(void **state) {
    (void)state;
    static const uint32_t most = (1u << 31) - 1;
    assert_int_equal(mp_requantise(5, 1, 1, -128, 127), 3); // halves go up
    assert_int_equal(mp_requantise(-5, 1, 1, -128, 127), -2);
    assert_int_equal(mp_requantise(-1, 1, 1, -128, 127), 0);
    assert_int_equal(mp_requantise(300, 1u << 30, 30, -128, 127), 127);
    assert_int_equal(mp_requantise(-300, 1u << 30, 30, -128, 127), -128);
    assert_int_equal(mp_requantise(INT64_MAX, most, 62, INT32_MIN, INT32_MAX), INT32_MAX);
    assert_int_equal(mp_requantise(INT64_MIN, most, 1, INT32_MIN, INT32_MAX), INT32_MIN);
    assert_int_equal(mp_requantise(-(INT64_C(1) << 62), 1, 62, -128, 127), -1);
    assert_int_equal(mp_requantise(INT64_C(1) << 61, 1, 62, -128, 127), 1);
    assert_int_equal(mp_requantise((INT64_C(1) << 61) - 1, 1, 62, -128, 127), 0);
}

// Values

static void values_are_seeded(void **state) {
    (void)state;
    struct mp_random r = {7};
    struct mp_range range = mp_range_of(4, true);
    int32_t at[64 * 32];
    uint32_t hash = 2166136261u; // FNV-1a over the numbers
    size_t corners = 0, seen[16] = {0};
    mp_values_fill(&r, &range, 64, 32, at);
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        assert_in_range(at[i] + 8, 0, 15);
        seen[at[i] + 8]++;
        hash = (hash ^ (uint32_t)at[i]) * 16777619u;
    }
    for (size_t p = 0; p < 64; p++) {
        bool corner = true;
        for (size_t i = 2; i < 32; i++)
            corner = corner && at[p * 32 + i] == at[p * 32 + i - 2];
        corners += corner;
    }
    assert_in_range(corners, 8, 24);
    for (size_t i = 0; i < 16; i++)
        assert_true(seen[i] > 32);
    assert_int_equal(hash, 0xba2dd2db);
    assert_true(mp_range_of(1, true).low == -1 && mp_range_of(1, true).high == 0 && mp_range_of(1, false).high == 1);
    assert_true(mp_range_of(32, true).low == INT32_MIN && mp_range_of(32, false).high == INT32_MAX);
}

// Sums up to the spread fill the output's range, and some go beyond it.
static void requantisation_fills_the_range(void **state) {
    (void)state;
    static const int64_t spreads[] = {0, 1, 100, 123456789, INT64_C(1) << 40};
    struct mp_random r = {3};
    struct mp_range range = mp_range_of(8, true);
    for (size_t i = 0; i < sizeof spreads / sizeof *spreads; i++) {
        struct mp_requant q[200];
        int clamped = 0, inside = 0;
        mp_values_requant(&r, &range, (uint64_t)spreads[i], 200, q);
        for (size_t c = 0; c < 200; c++) {
            int32_t high = mp_requantise(spreads[i], q[c].mul, q[c].shift, INT32_MIN, INT32_MAX);
            assert_true(q[c].mul > 0 && q[c].mul < 1u << 31 && q[c].shift >= 1 && q[c].shift <= 62);
            clamped += high > 127, inside += high <= 127;
            assert_true(spreads[i] == 0 || high >= 80);
        }
        assert_true(spreads[i] == 0 || (clamped > 50 && inside > 10));
    }
    struct mp_requant third = mp_requant_of(1, 3);
    assert_int_equal(third.mul, 1431655765);
    assert_int_equal(third.shift, 32);
    assert_int_equal(mp_requant_of(1, 1).mul, 1 << 30);
}

int main(int argc, char **argv) {
    if (argc > 1)
        cases = atoi(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_compute_the_reference), cmocka_unit_test(header_agrees_with_rtl),
        cmocka_unit_test(padded_convolution),             cmocka_unit_test(narrow_accumulator),
        cmocka_unit_test(places_by_hand),                 cmocka_unit_test(names_what_the_core_lacks),
        cmocka_unit_test(requantises_exactly),            cmocka_unit_test(values_are_seeded),
        cmocka_unit_test(requantisation_fills_the_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
