// SPDX-License-Identifier: Apache-2.0
// plan.json: widths of layers and tensors, messages, echo.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/spec_fixture.h"

#include <string.h>

// in -> c1 -> { c2, c3 } -> add -> pool -> flat (view) -> fc, and c4 of four groups on add.
static const char net[] =
    "{'name': 'n', 'inputs': [{'name': 'in', 'shape': [4, 8, 8]}], 'layers': ["
    "{'name': 'c1', 'type': 'conv2d', 'inputs': ['in'], 'out_channels': 8, 'kernel': [1, 1]},"
    "{'name': 'c2', 'type': 'conv2d', 'inputs': ['c1'], 'out_channels': 8, 'kernel': [1, 1]},"
    "{'name': 'c3', 'type': 'conv2d', 'inputs': ['c1'], 'out_channels': 8, 'kernel': [1, 1]},"
    "{'name': 'add', 'type': 'add', 'inputs': ['c2', 'c3']},"
    "{'name': 'c4', 'type': 'conv2d', 'inputs': ['add'], 'out_channels': 8, 'kernel': [1, 1], 'groups': 4},"
    "{'name': 'pool', 'type': 'pool', 'op': 'avg', 'inputs': ['add'], 'kernel': [8, 8]},"
    "{'name': 'flat', 'type': 'view', 'inputs': ['pool'], 'shape': [8, 1, 1]},"
    "{'name': 'fc', 'type': 'linear', 'inputs': ['flat'], 'out_channels': 10}]}";

static const char base[] =
    "{'name': 'p', 'workload': 'n.json', 'default': {'w_bits': 4, 'a_bits': 4}, 'layers': {}}";

static size_t tensor(const struct mp_workload *w, const char *name) {
    for (size_t i = 0; i < w->tensor_count; i++)
        if (strcmp(w->tensors[i].name, name) == 0)
            return i;
    fail_msg("no tensor %s", name);
    return 0;
}

static unsigned bits_of(const struct mp_plan *p, const struct mp_workload *w, const char *name) {
    return p->tensor_bits[tensor(w, name)];
}

static const char *layers(struct mp_arena *a, const char *text) {
    return patched(a, base, "'layers': {}", mp_arena_printf(a, "'layers': {%s}", text));
}

static void plan_defaults(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_workload w;
    struct mp_plan p;
    struct mp_err err;
    assert_ok(read_workload(&w, &a, net, &err), err);
    assert_ok(read_plan(&p, &a, &w, "{'name': 'p', 'workload': 'n.json'}", &err), err);
    assert_int_equal(p.batch, 1);
    assert_int_equal(p.output_bits, 8);
    assert_string_equal(p.path, "p.json");
    for (size_t i = 0; i < w.tensor_count; i++)
        assert_int_equal(p.tensor_bits[i], 8);
    assert_int_equal(p.layers[0].slice_count, 1);
    assert_int_equal(p.layers[0].slices[0].channels, 8);
    assert_int_equal(p.layers[0].slices[0].w_bits, 8);
    assert_int_equal(p.layers[0].encoding, MP_TWOS);
    assert_int_equal(p.layers[3].slice_count, 0);
    mp_arena_finish(&a);
}

static void plan_widths(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_workload w;
    struct mp_plan p;
    struct mp_err err;
    assert_ok(read_workload(&w, &a, net, &err), err);
    const char *text =
        layers(&a, "'c1': {'w_bits': 8, 'a_bits': 8}, 'c2': {'w_bits': [{'channels': 3, 'bits': 2},"
                   "{'channels': 2, 'bits': 2}, {'channels': 3, 'bits': 5}], 'encoding': 'odd'},"
                   "'fc': {'a_bits': 6}, 'add': {'a_bits': 7}, 'c4': {'a_bits': 3}");
    assert_ok(read_plan(&p, &a, &w, text, &err), err);
    assert_int_equal(bits_of(&p, &w, "in"), 8);
    assert_int_equal(bits_of(&p, &w, "c1"), 4);
    assert_int_equal(bits_of(&p, &w, "c2"), 7);
    assert_int_equal(bits_of(&p, &w, "c3"), 7);
    assert_int_equal(bits_of(&p, &w, "add"), 3);
    assert_int_equal(bits_of(&p, &w, "pool"), 6); // through the view
    assert_int_equal(bits_of(&p, &w, "flat"), 6);
    assert_int_equal(bits_of(&p, &w, "fc"), 8);
    assert_int_equal(p.layers[5].a_bits, 3); // the pool takes what c4 asks for
    const struct mp_layer_bits *c2 = &p.layers[1];
    assert_int_equal(c2->slice_count, 2); // equal neighbours merge
    assert_true(c2->slices[0].channels == 5 && c2->slices[0].w_bits == 2 && c2->slices[1].channels == 3);
    assert_int_equal(c2->encoding, MP_ODD);
    assert_int_equal(mp_layer_bits_widest(c2), 5);
    assert_int_equal(mp_layer_bits_total(c2, 8), 8 * (5 * 2 + 3 * 5));
    mp_arena_finish(&a);
}

static void plan_errors(void **state) {
    (void)state;
    static const struct {
        const char *layers, *message;
    } bad[] = {
        {"'c11': {}", "p.json: /layers: workload \"n\" has no layer \"c11\", did you mean \"c1\"?"},
        {"'c1': {'w_bit': 4}", "p.json: /layers/c1: unknown key \"w_bit\", did you mean \"w_bits\"?"},
        {"'c1': {'w_bits': 9}", "p.json: /layers/c1/w_bits: must be an integer 1..8 (got 9)"},
        {"'c1': {'w_bits': 'x'}",
         "p.json: /layers/c1/w_bits: must be an integer 1..8 or a list of {\"channels\", \"bits\"}"},
        {"'c1': {'w_bits': []}", "p.json: /layers/c1/w_bits: must not be empty"},
        {"'c1': {'w_bits': [{'channels': 8}]}", "p.json: /layers/c1/w_bits/0/bits: missing"},
        {"'c1': {'w_bits': [{'channels': 7, 'bits': 2}]}",
         "p.json: /layers/c1/w_bits: channels must add up to 8 (got 7)"},
        {"'c1': {'w_bits': [{'channels': 7, 'bits': 2}, {'channels': 7, 'bits': 3}]}",
         "p.json: /layers/c1/w_bits: channels must add up to 8 (got more)"},
        {"'c4': {'w_bits': [{'channels': 3, 'bits': 2}, {'channels': 5, 'bits': 3}]}",
         "p.json: /layers/c4/w_bits/0/channels: must be a multiple of a group's 2 channels (got 3)"},
        {"'add': {'w_bits': 4}",
         "p.json: /layers/add/w_bits: must be absent, a layer of type \"add\" has no weights"},
        {"'pool': {'encoding': 'odd'}",
         "p.json: /layers/pool/encoding: must be absent, a layer of type \"pool\" has no weights"},
        {"'c1': {'encoding': 'even'}",
         "p.json: /layers/c1/encoding: must be one of twos, odd (got \"even\")"},
        {"'c3': {'a_bits': 8}",
         "p.json: tensor \"c1\" is read by \"c2\" at 4 bits and by \"c3\" at 8 bits: one tensor has "
         "one width"},
        {"'pool': {'a_bits': 8}", "p.json: tensor \"add\" is read by \"c4\" at 4 bits and by \"pool\" at 8 "
                                  "bits: one tensor has one width"},
        {"'flat': {'a_bits': 8}",
         "p.json: tensor \"pool\" is read by \"flat\" at 8 bits and tensor \"flat\" is read by "
         "\"fc\" at 4 bits: views and concatenations between them keep one width"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct mp_arena a = {0};
        struct mp_workload w;
        struct mp_plan p;
        struct mp_err err;
        assert_ok(read_workload(&w, &a, net, &err), err);
        assert_fails(read_plan(&p, &a, &w, layers(&a, bad[i].layers), &err), err, bad[i].message);
        mp_arena_finish(&a);
    }
}

static void same_plan(const struct mp_plan *x, const struct mp_plan *y, const struct mp_workload *w) {
    assert_true(x->batch == y->batch && x->output_bits == y->output_bits &&
                x->default_w_bits == y->default_w_bits && x->default_a_bits == y->default_a_bits &&
                x->default_encoding == y->default_encoding);
    assert_memory_equal(x->tensor_bits, y->tensor_bits, w->tensor_count * sizeof *x->tensor_bits);
    for (size_t i = 0; i < w->layer_count; i++) {
        const struct mp_layer_bits *p = &x->layers[i], *q = &y->layers[i];
        assert_true(p->a_bits == q->a_bits && p->encoding == q->encoding && p->slice_count == q->slice_count);
        for (size_t k = 0; k < p->slice_count; k++)
            assert_true(p->slices[k].channels == q->slices[k].channels &&
                        p->slices[k].w_bits == q->slices[k].w_bits);
    }
}

static const char *tensors(struct mp_arena *a, const char *text) {
    return patched(a, base, "'layers': {}", mp_arena_printf(a, "'layers': {'pool': {'a_bits': 4}}, 'tensors': {%s}", text));
}

// Sums have widths of their own where no layer on the array reads their operands; the echo says so again.
static void widths_of_tensors(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_workload w;
    struct mp_plan p, again;
    struct mp_err err;
    assert_ok(read_workload(&w, &a, net, &err), err);
    assert_ok(read_plan(&p, &a, &w, tensors(&a, "'c3': 2, 'c2': 7, 'fc': 8, 'in': 4"), &err), err);
    assert_int_equal(p.named_count, 4);
    assert_int_equal(bits_of(&p, &w, "c2"), 7);
    assert_int_equal(bits_of(&p, &w, "c3"), 2);
    assert_int_equal(bits_of(&p, &w, "in"), 4);
    assert_int_equal(p.layers[3].a_bits, 7);
    assert_ok(read_plan(&again, &a, &w, echo_plan(&a, &p, &w), &err), err);
    same_plan(&p, &again, &w);
    assert_string_equal(echo_plan(&a, &again, &w), echo_plan(&a, &p, &w));
    assert_fails(read_plan(&p, &a, &w, tensors(&a, "'c22': 7"), &err), err,
                 "p.json: /tensors: workload \"n\" has no tensor \"c22\", did you mean \"c2\"?");
    assert_fails(read_plan(&p, &a, &w, tensors(&a, "'c2': 0"), &err), err,
                 "p.json: /tensors/c2: must be an integer 1..8 (got 0)");
    assert_fails(read_plan(&p, &a, &w, tensors(&a, "'add': 8"), &err), err,
                 "p.json: tensor \"add\" is given 8 bits by the plan and is read by \"c4\" at 4 bits: one tensor has one width");
    assert_fails(read_plan(&p, &a, &w, tensors(&a, "'pool': 8"), &err), err,
                 "p.json: tensor \"pool\" is given 8 bits by the plan and tensor \"flat\" is read by \"fc\" at 4 bits: views "
                 "and concatenations between them keep one width");
    assert_fails(read_plan(&p, &a, &w, tensors(&a, "'fc': 4"), &err), err,
                 "p.json: tensor \"fc\" is given 4 bits by the plan and leaves the network at 8 bits: one tensor has one width");
    mp_arena_finish(&a);
}

static void classes_of_tensors(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_workload w;
    struct mp_err err;
    assert_ok(read_workload(&w, &a, net, &err), err);
    size_t *root = mp_arena_alloc(&a, w.tensor_count, sizeof *root);
    mp_tensor_classes(&w, root);
    for (size_t t = 0; t < w.tensor_count; t++)
        assert_int_equal(root[t], t == tensor(&w, "pool") ? tensor(&w, "flat") : t);
    mp_arena_finish(&a);
}

static void plan_head_errors(void **state) {
    (void)state;
    static const struct {
        const char *find, *replace, *message;
    } bad[] = {
        {"'name': 'p'", "'name': 'p', 'batch': 65537",
         "p.json: /batch: must be an integer 1..65536 (got 65537)"},
        {"'name': 'p'", "'name': 'p', 'output_bits': 33",
         "p.json: /output_bits: must be an integer 1..32 (got 33)"},
        {"'a_bits'", "'abits'", "p.json: /default: unknown key \"abits\", did you mean \"a_bits\"?"},
        {"'workload': 'n.json',", "", "p.json: /workload: missing"},
    };
    struct mp_arena a = {0};
    struct mp_workload w;
    struct mp_plan p;
    struct mp_err err;
    assert_ok(read_workload(&w, &a, net, &err), err);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fails(read_plan(&p, &a, &w, patched(&a, base, bad[i].find, bad[i].replace), &err), err,
                     bad[i].message);
    mp_arena_finish(&a);
}

// A network output through a view has the outputs' width, and so has what the view shows.
static void outputs_through_views(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_workload w;
    struct mp_plan p;
    struct mp_err err;
    const char *text =
        patched(&a, net, ",{'name': 'fc', 'type': 'linear', 'inputs': ['flat'], 'out_channels': 10}", "");
    assert_ok(read_workload(&w, &a, text, &err), err);
    const char *wide = patched(&a, base, "'name': 'p'", "'name': 'p', 'output_bits': 16");
    assert_ok(read_plan(&p, &a, &w, wide, &err), err);
    assert_int_equal(bits_of(&p, &w, "flat"), 16);
    assert_int_equal(bits_of(&p, &w, "pool"), 16);
    assert_int_equal(bits_of(&p, &w, "c4"), 16);
    assert_int_equal(bits_of(&p, &w, "add"), 4);
    assert_fails(read_plan(&p, &a, &w, patched(&a, wide, "'layers': {}", "'layers': {'flat': {'a_bits': 8}}"),
                           &err),
                 err,
                 "p.json: tensor \"pool\" is read by \"flat\" at 8 bits and tensor \"flat\" leaves the "
                 "network at 16 bits: "
                 "views and concatenations between them keep one width");
    mp_arena_finish(&a);
}

static const char attention[] =
    "{'name': 'n', 'inputs': [{'name': 'x', 'shape': [8, 3, 1]}], 'layers': ["
    "{'name': 'q', 'type': 'linear', 'inputs': ['x'], 'out_channels': 8},"
    "{'name': 'k', 'type': 'linear', 'inputs': ['x'], 'out_channels': 8, 'weights_of': 'q'},"
    "{'name': 's', 'type': 'matmul', 'inputs': ['q', 'k'], 'transpose_b': true},"
    "{'name': 'o', 'type': 'matmul', 'inputs': ['s', 's'], 'groups': 1}]}";

static void two_activations(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_workload w;
    struct mp_plan p;
    struct mp_err err;
    assert_ok(read_workload(&w, &a, attention, &err), err);
    assert_ok(read_plan(&p, &a, &w, layers(&a, "'s': {'a_bits': 5, 'w_bits': 3}, 'q': {'w_bits': 2}"), &err),
              err);
    assert_int_equal(bits_of(&p, &w, "q"), 5);
    assert_int_equal(bits_of(&p, &w, "k"), 3);
    assert_int_equal(p.layers[2].slices[0].w_bits, 3);
    assert_int_equal(p.layers[1].slices[0].w_bits, 2); // with q's weights come their bits
    assert_fails(
        read_plan(&p, &a, &w, layers(&a, "'o': {'w_bits': 3}"), &err), err,
        "p.json: tensor \"s\" is read by \"o\" at 4 bits and by \"o\" at 3 bits: one tensor has one width");
    assert_fails(read_plan(&p, &a, &w, layers(&a, "'s': {'w_bits': [{'channels': 3, 'bits': 4}]}"), &err),
                 err,
                 "p.json: /layers/s/w_bits: must be one number, the second operand of a matmul is a tensor");
    assert_fails(read_plan(&p, &a, &w, layers(&a, "'s': {'encoding': 'odd'}"), &err), err,
                 "p.json: /layers/s/encoding: must be absent, a layer of type \"matmul\" has no weights");
    assert_fails(read_plan(&p, &a, &w, layers(&a, "'k': {'w_bits': 8}"), &err), err,
                 "p.json: /layers/k/w_bits: must be as in \"q\", whose weights the layer uses");
    assert_ok(read_plan(&p, &a, &w, layers(&a, "'k': {'w_bits': 4, 'encoding': 'twos'}"), &err), err);
    assert_fails(read_plan(&p, &a, &w, layers(&a, "'q': {'encoding': 'odd'}, 'k': {'encoding': 'twos'}"),
                           &err),
                 err, "p.json: /layers/k/encoding: must be as in \"q\", whose weights the layer uses");
    mp_arena_finish(&a);
}

static void batch_is_bounded(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_workload w;
    struct mp_plan p;
    struct mp_err err;
    assert_ok(
        read_workload(&w, &a,
                      "{'name': 'n', 'inputs': [{'name': 'x', 'shape': [1048576, 1024, 1]}], 'layers': ["
                      "{'name': 'l', 'type': 'linear', 'inputs': ['x'], 'out_channels': 1048576}]}",
                      &err),
        err);
    assert_ok(read_plan(&p, &a, &w, patched(&a, base, "'name': 'p'", "'name': 'p', 'batch': 8"), &err), err);
    assert_fails(read_plan(&p, &a, &w, patched(&a, base, "'name': 'p'", "'name': 'p', 'batch': 9"), &err),
                 err, "p.json: /batch: more than 2^53 multiply-accumulates (got 9)");
    mp_arena_finish(&a);
}

static void echo(const char *path) {
    struct mp_arena a = {0};
    struct mp_workload w;
    struct mp_plan p, again;
    struct mp_err err;
    assert_ok(mp_plan_open(&p, &w, &a, path, &err), err);
    const char *text = echo_plan(&a, &p, &w);
    assert_ok(read_plan(&again, &a, &w, text, &err), err);
    same_plan(&p, &again, &w);
    assert_string_equal(echo_plan(&a, &again, &w), text);
    mp_arena_finish(&a);
}

static void all_plans(void **state) {
    (void)state;
    each_config("plans", 15, echo);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plan_defaults),         cmocka_unit_test(plan_widths),
        cmocka_unit_test(plan_errors),           cmocka_unit_test(plan_head_errors),
        cmocka_unit_test(two_activations),       cmocka_unit_test(batch_is_bounded),
        cmocka_unit_test(outputs_through_views), cmocka_unit_test(all_plans),
        cmocka_unit_test(widths_of_tensors),     cmocka_unit_test(classes_of_tensors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
