// SPDX-License-Identifier: Apache-2.0
// Spaces: units and decisions by hand, plans of random choices, fixes and links, and what is refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/base/random.h"
#include "sim/search/space.h"
#include "tests/unit/spec_fixture.h"

#include <stdlib.h>
#include <string.h>

#define W(bits) (1u << (bits))

// in -> c1 -> { c2, c3 } -> cat -> c4 of four groups -> pool -> flat -> fc; add of c4's output and c5's, which only it reads.
static const char net[] =
    "{'name': 'n', 'inputs': [{'name': 'in', 'shape': [4, 8, 8]}], 'layers': ["
    "{'name': 'c1', 'type': 'conv2d', 'inputs': ['in'], 'out_channels': 8, 'kernel': [1, 1]},"
    "{'name': 'c2', 'type': 'conv2d', 'inputs': ['c1'], 'out_channels': 5, 'kernel': [1, 1]},"
    "{'name': 'c3', 'type': 'conv2d', 'inputs': ['c1'], 'out_channels': 3, 'kernel': [1, 1]},"
    "{'name': 'cat', 'type': 'concat', 'inputs': ['c2', 'c3']},"
    "{'name': 'c4', 'type': 'conv2d', 'inputs': ['cat'], 'out_channels': 8, 'kernel': [1, 1], 'groups': 4},"
    "{'name': 'c5', 'type': 'conv2d', 'inputs': ['c4'], 'out_channels': 8, 'kernel': [1, 1]},"
    "{'name': 'add', 'type': 'add', 'inputs': ['c4', 'c5']},"
    "{'name': 'pool', 'type': 'pool', 'op': 'avg', 'inputs': ['add'], 'kernel': [8, 8]},"
    "{'name': 'flat', 'type': 'view', 'inputs': ['pool'], 'shape': [8, 1, 1]},"
    "{'name': 'fc', 'type': 'linear', 'inputs': ['flat'], 'out_channels': 10}]}";

static const char attention[] =
    "{'name': 'n', 'inputs': [{'name': 'x', 'shape': [8, 3, 1]}], 'layers': ["
    "{'name': 'q', 'type': 'linear', 'inputs': ['x'], 'out_channels': 8},"
    "{'name': 'k', 'type': 'linear', 'inputs': ['x'], 'out_channels': 8, 'weights_of': 'q'},"
    "{'name': 's', 'type': 'matmul', 'inputs': ['q', 'k'], 'transpose_b': true},"
    "{'name': 'soft', 'type': 'softmax', 'inputs': ['s']},"
    "{'name': 'o', 'type': 'linear', 'inputs': ['soft'], 'out_channels': 4}]}";

struct bench {
    struct mp_arena a;
    struct mp_workload w;
    struct mp_space_options o;
    struct mp_space s;
    struct mp_err err;
};

static void begin(struct bench *b, const char *text) {
    *b = (struct bench){.o = {.w_set = W(2) | W(4), .a_set = W(3) | W(4) | W(8), .slices = 1, .output_bits = 8, .batch = 1}};
    assert_ok(read_workload(&b->w, &b->a, text, &b->err), b->err);
}

static bool make(struct bench *b) {
    return mp_space_make(&b->s, &b->w, "p", "n.json", &b->o, &b->a, &b->err);
}

static void end(struct bench *b) {
    mp_arena_finish(&b->a);
}

// All decisions in order, "name: options"; an option's widths without a space, the options by space.
static const char *said(struct bench *b) {
    const char *text = "";
    for (size_t d = 0; d < b->s.decision_count; d++) {
        const struct mp_decision *x = &b->s.decisions[d];
        text = mp_arena_printf(&b->a, "%s%s%s%s:", text, x->name, x->fixed_by_user ? "!" : "", x->fixed_by_default ? "*" : "");
        for (size_t o = 0; o < x->option_count; o++) {
            text = mp_arena_printf(&b->a, "%s ", text);
            for (size_t u = 0; u < x->unit_count; u++)
                text = mp_arena_printf(&b->a, "%s%u", text, x->bits[o * x->unit_count + u]);
        }
        text = mp_arena_printf(&b->a, "%s\n", text);
    }
    return text;
}

// What holds in every space.
static void check_links(const struct mp_space *s) {
    size_t members = 0;
    for (size_t d = 0; d < s->decision_count; d++) {
        const struct mp_decision *x = &s->decisions[d];
        assert_true(x->option_count >= 1 && x->option_count <= MP_MAX_OPTIONS && x->unit_count >= 1);
        members += x->unit_count;
        for (size_t u = 0; u < x->unit_count; u++)
            assert_int_equal(s->units[x->units[u]].decision, d);
    }
    assert_int_equal(members, s->unit_count);
    for (size_t l = 0; l < s->workload->layer_count; l++) {
        bool has = mp_layer_has_weights(&s->workload->layers[l]);
        assert_int_equal(s->weight_unit[l] != MP_NO_DECISION, has);
        if (has)
            assert_int_equal(s->units[s->weight_unit[l]].decision, s->weight_decision[l]);
    }
    for (size_t t = 0; t < s->workload->tensor_count; t++) {
        assert_int_equal(s->tensor_unit[t] == MP_NO_DECISION, s->tensor_bits[t] != 0);
        assert_int_equal(s->tensor_unit[t] == MP_NO_DECISION, s->tensor_decision[t] == MP_NO_DECISION);
    }
}

static void units_in_order(void **state) {
    (void)state;
    struct bench b;
    begin(&b, net);
    assert_ok(make(&b), b.err);
    check_links(&b.s);
    assert_string_equal(said(&b),
                        "c1:a*: 8\nc1:w*: 8\nc2:a: 8 4 3\nc2:w: 4 2\nc3:w: 4 2\nc4:a: 8 4 3\nc4:w: 4 2\nc5:a: 8 4 3\n"
                        "c5:w: 4 2\nc5: 8 4 3\nadd: 8 4 3\nfc:a*: 8\nfc:w*: 8\n");
    b.o.open_ends = true;
    assert_ok(make(&b), b.err);
    assert_int_equal(b.s.decisions[0].option_count, 3);
    assert_int_equal(b.s.decisions[1].option_count, 2);
    assert_int_equal(b.s.decisions[11].option_count, 3);
    assert_false(b.s.decisions[12].fixed_by_default);
    const struct mp_unit *c4 = &b.s.units[5], *c5 = &b.s.units[9];
    assert_true(c4->kind == MP_UNIT_ACTIVATION && c4->layer == MP_NO_LAYER && c5->kind == MP_UNIT_ACTIVATION);
    assert_string_equal(b.w.tensors[c4->tensor].name, "cat");
    assert_string_equal(b.w.tensors[c5->tensor].name, "c5");
    assert_true(b.s.units[4].kind == MP_UNIT_WEIGHT && b.s.units[4].layer == 2 && b.s.units[4].channels == 3);
    end(&b);
}

static void operands_and_shared_weights(void **state) {
    (void)state;
    struct bench b;
    begin(&b, attention);
    b.o.open_ends = true;
    assert_ok(make(&b), b.err);
    check_links(&b.s);
    assert_string_equal(said(&b),
                        "q:a: 8 4 3\nq:w: 4 2\ns:a: 8 4 3\ns:w: 8 4 3\ns: 8 4 3\no:a: 8 4 3\no:w: 4 2\n");
    assert_int_equal(b.s.weight_decision[1], 1);
    uint8_t option[] = {2, 1, 1, 2, 0, 0, 1};
    struct mp_plan p;
    assert_ok(mp_space_plan(&b.s, option, "chosen", &b.a, &p, &b.err), b.err);
    assert_string_equal(p.name, "chosen");
    assert_true(p.layers[1].a_bits == 3 && p.layers[1].slices[0].w_bits == 2);
    assert_true(p.layers[2].a_bits == 4 && p.layers[2].slices[0].w_bits == 3);
    // Ends of attention alone: both operands.
    b.o.open_ends = false;
    const char *alone =
                 "{'name': 'n', 'inputs': [{'name': 'x', 'shape': [8, 3, 1]}, {'name': 'y', 'shape': [8, 3, 1]}], 'layers': ["
                        "{'name': 's', 'type': 'matmul', 'inputs': ['x', 'y'], 'transpose_b': true}]}";
    assert_ok(read_workload(&b.w, &b.a, alone, &b.err), b.err);
    assert_ok(make(&b), b.err);
    assert_string_equal(said(&b), "s:a*: 8\ns:w*: 8\n");
    end(&b);
}

static void slices_of_whole_groups(void **state) {
    (void)state;
    struct bench b;
    begin(&b, net);
    b.o.slices = 3;
    b.o.a_set = W(8);
    b.o.encoding = MP_ODD;
    assert_ok(make(&b), b.err);
    check_links(&b.s);
    assert_string_equal(said(&b),
                        "c1:a*: 8\nc1:w*: 8\nc2:a: 8\nc2:w[0..0],c2:w[1..2],c2:w[3..4]: 444 442 424 422 244 242 224 222\n"
                        "c3:w[0..0],c3:w[1..1],c3:w[2..2]: 444 442 424 422 244 242 224 222\nc4:a: 8\n"
                        "c4:w[0..1],c4:w[2..3],c4:w[4..7]: 444 442 424 422 244 242 224 222\nc5:a: 8\n"
                        "c5:w[0..1],c5:w[2..4],c5:w[5..7]: 444 442 424 422 244 242 224 222\nc5: 8\nadd: 8\nfc:a*: 8\n"
                        "fc:w*: 8\n");
    uint8_t option[] = {0, 0, 0, 1, 0, 0, 7, 0, 5, 0, 0, 0, 0};
    struct mp_plan p;
    assert_ok(mp_space_plan(&b.s, option, "chosen", &b.a, &p, &b.err), b.err);
    const struct mp_layer_bits *c2 = &p.layers[1], *c4 = &p.layers[4], *c5 = &p.layers[5];
    assert_true(c2->slice_count == 2 && c2->slices[0].channels == 3 && c2->slices[0].w_bits == 4 && c2->slices[1].w_bits == 2);
    assert_true(c4->slice_count == 1 && c4->slices[0].channels == 8 && c4->slices[0].w_bits == 2);
    assert_true(c5->slice_count == 3 && c5->slices[0].w_bits == 2 && c5->slices[1].channels == 3 && c5->slices[2].w_bits == 2);
    assert_int_equal(c2->encoding, MP_ODD);
    assert_int_equal(mp_space_bits(&b.s, 5, option), 2); // c2's last slice
    b.o.slices = 1000; // no more slices than channels; the widest layer has 8
    assert_fails(make(&b), b.err,
                  "slices: must be at most 7 with 2 widths of weights, for at most 255 assignments to a layer's "
                  "slices (got 1000)");
    b.o.w_set = W(2) | W(3) | W(4) | W(5) | W(8);
    assert_fails(make(&b), b.err,
                  "slices: must be at most 3 with 5 widths of weights, for at most 255 assignments to a layer's "
                  "slices (got 1000)");
    b.o.slices = 0;
    assert_fails(make(&b), b.err, "slices: must be at least 1 (got 0)");
    b.o.slices = 8, b.o.w_set = W(4); // nothing to choose from: no slices
    assert_ok(make(&b), b.err);
    assert_int_equal(b.s.unit_count, 13);
    end(&b);
}

static void fixes(void **state) {
    (void)state;
    static const struct mp_space_fix fix[] = {{"c1", 4, 2}, {"c2:w", 1, 0}, {"add", 0, 5}, {"add:a", 0, 5}, {"fc:a", 0, 7}};
    struct bench b;
    begin(&b, net);
    b.o.fix = fix, b.o.fix_count = 5;
    b.o.slices = 2;
    assert_ok(make(&b), b.err);
    assert_string_equal(said(&b),
                        "c1:a!: 2\nc1:w!: 4\nc2:a: 8 4 3\nc2:w!: 1\nc3:w[0..0],c3:w[1..2]: 44 42 24 22\nc4:a: 8 4 3\n"
                        "c4:w[0..3],c4:w[4..7]: 44 42 24 22\nc5:a!: 5\nc5:w[0..3],c5:w[4..7]: 44 42 24 22\nc5: 8 4 3\n"
                        "add: 8 4 3\nfc:a!: 7\nfc:w*: 8\n");
    end(&b);
}

static void ties_and_links(void **state) {
    (void)state;
    static const char *const links[] = {"c4:a,c5:w", "c2:w,c3:w"}, *const ends[] = {"fc:w,c5"};
    struct bench b;
    begin(&b, net);
    b.o.links = links, b.o.link_count = 2;
    b.o.slices = 2;
    assert_ok(make(&b), b.err);
    check_links(&b.s);
    assert_string_equal(said(&b),
                        "c1:a*: 8\nc1:w*: 8\nc2:a: 8 4 3\nc2:w,c3:w: 44 22\nc4:a,c5:w: 44\n"
                        "c4:w[0..3],c4:w[4..7]: 44 42 24 22\nc5:a: 8 4 3\nc5: 8 4 3\nadd: 8 4 3\nfc:a*: 8\nfc:w*: 8\n");
    b.o.links = ends, b.o.link_count = 1; // with one that is fixed: fixed
    assert_ok(make(&b), b.err);
    assert_string_equal(said(&b),
                        "c1:a*: 8\nc1:w*: 8\nc2:a: 8 4 3\nc2:w[0..1],c2:w[2..4]: 44 42 24 22\n"
                        "c3:w[0..0],c3:w[1..2]: 44 42 24 22\nc4:a: 8 4 3\nc4:w[0..3],c4:w[4..7]: 44 42 24 22\n"
                        "c5:a,c5:w,fc:w*: 888\nc5: 8 4 3\nadd: 8 4 3\nfc:a*: 8\n");
    b.o.link_count = 0, b.o.tie = true;
    assert_ok(make(&b), b.err);
    assert_string_equal(said(&b),
                        "c1:a,c1:w*: 88\nc2:a,c2:w,c3:w: 444\nc4:a,c4:w: 44\nc5:a,c5:w: 44\nc5: 8 4 3\nadd: 8 4 3\n"
                        "fc:a,fc:w*: 88\n");
    end(&b);
}

// What leaves the network has the outputs' width, and gives it to what it is linked with.
static void outputs(void **state) {
    (void)state;
    static const char *const links[] = {"c2:w,c3:a"};
    const char *text = "{'name': 'n', 'inputs': [{'name': 'in', 'shape': [4, 8, 8]}], 'layers': ["
                       "{'name': 'c1', 'type': 'conv2d', 'inputs': ['in'], 'out_channels': 4, 'kernel': [1, 1]},"
                       "{'name': 'c2', 'type': 'conv2d', 'inputs': ['c1'], 'out_channels': 4, 'kernel': [1, 1]},"
                       "{'name': 'show', 'type': 'view', 'inputs': ['c2'], 'shape': [256, 1, 1]},"
                       "{'name': 'c3', 'type': 'conv2d', 'inputs': ['c2'], 'out_channels': 4, 'kernel': [1, 1]}]}";
    struct bench b;
    begin(&b, text);
    b.o.output_bits = 6;
    assert_ok(make(&b), b.err);
    check_links(&b.s);
    assert_string_equal(said(&b), "c1:a*: 8\nc1:w*: 8\nc2:a: 8 4 3\nc2:w: 4 2\nc3:w*: 8\n");
    b.o.links = links, b.o.link_count = 1;
    assert_ok(make(&b), b.err);
    assert_string_equal(said(&b), "c1:a*: 8\nc1:w*: 8\nc2:a: 8 4 3\nc2:w: 6\nc3:w*: 8\n");
    static const struct mp_space_fix same[] = {{"c3:a", 0, 6}}, other[] = {{"c2", 4, 0}};
    b.o.fix = same, b.o.fix_count = 1;
    assert_ok(make(&b), b.err);
    b.o.fix = other;
    assert_fails(make(&b), b.err,
                 "tensor \"show\" leaves the network at 6 bits and \"c2:w\" is fixed at 4 bits, but they have one width");
    b.o.fix_count = 0, b.o.output_bits = 16;
    assert_fails(make(&b), b.err,
                 "\"c2:w\" has 1 to 8 bits, it cannot have the 16 at which tensor \"show\" leaves the network");
    b.o.link_count = 0;
    assert_fails(make(&b), b.err,
                 "\"c3:a\" has 1 to 8 bits, it cannot have the 16 at which tensor \"show\" leaves the network");
    end(&b);
    begin(&b, net);
    b.o.output_bits = 16;
    assert_ok(make(&b), b.err);
    assert_int_equal(b.s.tensor_bits[b.w.tensor_count - 1], 16);
    end(&b);
}

static void refused(void **state) {
    (void)state;
    static const struct {
        struct mp_space_fix fix[2];
        const char *link, *message;
    } bad[] = {
        {{{"c11", 4, 4}}, NULL, "fix \"c11\": workload \"n\" has no layer \"c11\", did you mean \"c1\"?"},
        {{{"c11:w", 4, 0}}, NULL, "fix \"c11:w\": workload \"n\" has no layer \"c11\", did you mean \"c1\"?"},
        {{{"zebra:a", 0, 4}}, NULL, "fix \"zebra:a\": workload \"n\" has no layer \"zebra\""},
        {{{"c2:w[0..1]", 4, 0}}, NULL, "fix \"c2:w[0..1]\": workload \"n\" has no layer \"c2:w[0..1]\""},
        {{{"add", 4, 4}}, NULL, "fix \"add\": a layer of type \"add\" has no weights: its input is \"add:a\""},
        {{{"pool:w", 4, 0}}, NULL, "fix \"pool:w\": a layer of type \"pool\" has no weights: its input is \"pool:a\""},
        {{{"c2", 9, 0}}, NULL, "fix \"c2\": must be 1..8 bits (got 9)"},
        {{{"c2", 0, 10}}, NULL, "fix \"c2\": must be 1..8 bits (got 10)"},
        {{{"c2", 4, 0}, {"c2:w", 2, 0}}, NULL, "\"c2:w\" is fixed at 4 bits and at 2 bits"},
        {{{"c2:a", 0, 4}, {"c3", 0, 8}}, NULL, "\"c2:a\" is fixed at 4 bits and at 8 bits"},
        {{{"c2", 4, 0}, {"c4", 0, 8}}, "c4:a,c2:w",
         "\"c2:w\" is fixed at 4 bits and \"c4:a\" is fixed at 8 bits, but they have one width"},
        {{{0}}, "c2", "link \"c2\": must name at least two, separated by commas"},
        {{{0}}, "", "link \"\": workload \"n\" has no layer \"\""},
        {{{0}}, "c2,,c3", "link \"c2,,c3\": workload \"n\" has no layer \"\""},
        {{{0}}, "c2,add", "link \"c2,add\": a layer of type \"add\" has no weights: its input is \"add:a\""},
        {{{0}}, "c2,c33:w", "link \"c2,c33:w\": workload \"n\" has no layer \"c33\", did you mean \"c3\"?"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct bench b;
        begin(&b, net);
        b.o.fix = bad[i].fix, b.o.fix_count = (bad[i].fix[0].what != NULL) + (size_t)(bad[i].fix[1].what != NULL);
        b.o.links = &bad[i].link, b.o.link_count = bad[i].link != NULL;
        assert_fails(make(&b), b.err, bad[i].message);
        end(&b);
    }
}

static void sets_refused(void **state) {
    (void)state;
    static const char *const links[] = {"c2:w,c5:a"};
    struct bench b;
    begin(&b, net);
    b.o.w_set = 0;
    assert_fails(make(&b), b.err, "widths of weights: must not be empty");
    b.o.w_set = W(2), b.o.a_set = 0;
    assert_fails(make(&b), b.err, "widths of activations: must not be empty");
    b.o.a_set = W(4);
    b.o.links = links, b.o.link_count = 1;
    assert_fails(make(&b), b.err,
                 "\"c5:a\" and \"c2:w\" have one width, but no width is in both sets, of weights and of activations");
    b.o.link_count = 0, b.o.tie = true;
    assert_fails(make(&b), b.err,
                 "\"c2:a\" and \"c3:w\" have one width, but no width is in both sets, of weights and of activations");
    b.o.tie = false, b.o.batch = (uint64_t)1 << 52;
    assert_fails(make(&b), b.err, "p: /batch: more than 2^53 multiply-accumulates (got 4503599627370496)");
    end(&b);
}

static void uniform_plans(void **state) {
    (void)state;
    static const struct mp_space_fix fix[] = {{"c1", 4, 2}};
    struct bench b;
    struct mp_plan p, want;
    begin(&b, net);
    b.o.fix = fix, b.o.fix_count = 1;
    b.o.batch = 3, b.o.output_bits = 16;
    assert_ok(make(&b), b.err);
    assert_ok(mp_space_uniform(&b.s, 3, 5, &b.a, &p, &b.err), b.err);
    assert_string_equal(p.name, "n_w3a5");
    assert_true(p.batch == 3 && strcmp(p.workload, "n.json") == 0);
    assert_ok(read_plan(&want, &b.a, &b.w, "{'name': 'n_w3a5', 'workload': 'n.json', 'batch': 3, 'output_bits': 16, "
                                           "'default': {'w_bits': 3, 'a_bits': 5}}", &b.err), b.err);
    assert_string_equal(echo_plan(&b.a, &p, &b.w), echo_plan(&b.a, &want, &b.w));
    end(&b);
}

// Random choices: the plan, as it is written and read again, has the widths of all units.
static void check_plan(struct bench *b, const uint8_t *option) {
    struct mp_plan p, again;
    assert_ok(mp_space_plan(&b->s, option, "p", &b->a, &p, &b->err), b->err);
    assert_ok(read_plan(&again, &b->a, &b->w, echo_plan(&b->a, &p, &b->w), &b->err), b->err);
    for (size_t u = 0; u < b->s.unit_count; u++) {
        const struct mp_unit *x = &b->s.units[u];
        unsigned bits = mp_space_bits(&b->s, u, option);
        if (x->kind == MP_UNIT_ACTIVATION) {
            assert_int_equal(p.tensor_bits[x->tensor], bits);
            continue;
        }
        uint64_t end = 0;
        for (size_t i = 0; i < p.layers[x->layer].slice_count; i++) {
            const struct mp_slice *s = &p.layers[x->layer].slices[i];
            if (x->first < end + s->channels && x->first + x->channels > end)
                assert_int_equal(s->w_bits, bits);
            end += s->channels;
        }
    }
    for (size_t t = 0; t < b->w.tensor_count; t++) {
        assert_int_equal(p.tensor_bits[t], again.tensor_bits[t]);
        assert_int_equal(p.tensor_bits[t], b->s.tensor_bits[t] ? b->s.tensor_bits[t]
                                                               : mp_space_bits(&b->s, b->s.tensor_unit[t], option));
    }
}

static void one_workload(const char *path) {
    struct mp_random random = {7};
    for (int variant = 0; variant < 4; variant++) {
        struct bench b = {.o = {.w_set = W(2) | W(4) | W(8), .a_set = W(3) | W(4) | W(8), .slices = variant == 1 ? 3 : 1,
                                .tie = variant == 2, .open_ends = variant == 3, .output_bits = 8u << (variant & 1),
                                .batch = 2}};
        assert_ok(mp_workload_open(&b.w, &b.a, path, &b.err), b.err);
        assert_ok(make(&b), b.err);
        check_links(&b.s);
        uint8_t *option = mp_arena_alloc(&b.a, b.s.decision_count, 1);
        for (int i = 0; i < 3; i++) {
            for (size_t d = 0; d < b.s.decision_count; d++)
                option[d] = (uint8_t)mp_random_range(&random, 0, (int64_t)b.s.decisions[d].option_count - 1);
            check_plan(&b, option);
        }
        end(&b);
    }
}

static void all_workloads(void **state) {
    (void)state;
    each_config("workloads", 15, one_workload);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_in_order), cmocka_unit_test(operands_and_shared_weights),
        cmocka_unit_test(slices_of_whole_groups), cmocka_unit_test(fixes), cmocka_unit_test(ties_and_links),
        cmocka_unit_test(outputs), cmocka_unit_test(refused), cmocka_unit_test(sets_refused),
        cmocka_unit_test(uniform_plans), cmocka_unit_test(all_workloads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
