// SPDX-License-Identifier: Apache-2.0
// workload.json: shapes, signs, counts, messages, echo.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/spec/build.h"
#include "tests/unit/spec_fixture.h"

#include <string.h>

// One layer "l" after inputs x [4, 6, 8], y [4, 6, 8], s [12, 5, 1] and t [12, 7, 1].
static const char base[] =
    "{'name': 'n', 'inputs': [{'name': 'x', 'shape': [4, 6, 8]},"
    "{'name': 'y', 'shape': [4, 6, 8], 'signed': true}, {'name': 's', 'shape': [12, 5, 1]},"
    "{'name': 't', 'shape': [12, 7, 1]}],"
    "'layers': [{'name': 'l', LAYER}, {'name': 'k', 'type': 'concat', 'inputs': ['x', 'y']},"
    "{'name': 'm', 'type': 'matmul', 'inputs': ['s', 't'], 'transpose_b': true}]}";

struct expected {
    const char *layer;
    uint64_t shape[3];
    bool is_signed;
    struct mp_geometry geo;
    uint64_t macs, weights;
};

#define PLAIN .kh = 1, .kw = 1, .sh = 1, .sw = 1, .dh = 1, .dw = 1

static const struct expected cases[] = {
    {"'type': 'conv2d', 'inputs': ['x'], 'out_channels': 10, 'kernel': [3, 2]", {10, 4, 7}, true,
     {1, 4, 10, 6, 8, 4, 7, 3, 2, 1, 1, 1, 1, 0, 0}, 10 * 4 * 4 * 7 * 6, 240},
    {"'type': 'conv2d', 'inputs': ['x'], 'out_channels': 8, 'kernel': [3, 3], 'stride': [2, 1],"
     "'padding': [1, 2, 0, 3], 'dilation': [1, 2], 'groups': 4, 'activation': 'relu'", {8, 3, 9}, false,
     {4, 1, 2, 6, 8, 3, 9, 3, 3, 2, 1, 1, 2, 1, 2}, 8 * 27 * 9, 72},
    {"'type': 'linear', 'inputs': ['x'], 'out_channels': 5", {5, 6, 8}, true,
     {1, 4, 5, 48, 1, 48, 1, PLAIN}, 20 * 48, 20},
    {"'type': 'matmul', 'inputs': ['s', 't'], 'groups': 3, 'transpose_b': true", {21, 5, 1}, true,
     {3, 4, 7, 5, 1, 5, 1, PLAIN}, 3 * 4 * 7 * 5, 0},
    {"'type': 'pool', 'op': 'max', 'inputs': ['x'], 'kernel': [2, 2], 'stride': [2, 3]", {4, 3, 3}, false,
     {4, 1, 1, 6, 8, 3, 3, 2, 2, 2, 3, 1, 1, 0, 0}, 0, 0},
    {"'type': 'pool', 'op': 'avg', 'inputs': ['y'], 'kernel': [3, 3], 'stride': [2, 2], 'ceil': true,"
     "'out_channels': 6, 'first_channel': 2", {6, 3, 4}, true, {4, 1, 1, 6, 8, 3, 4, 3, 3, 2, 2, 1, 1, 0, 0}, 0, 0},
    {"'type': 'add', 'inputs': ['x', 'y']", {4, 6, 8}, true, {4, 1, 1, 6, 8, 6, 8, PLAIN}, 0, 0},
    {"'type': 'add', 'inputs': ['x', 'y'], 'activation': 'relu6'", {4, 6, 8}, false,
     {4, 1, 1, 6, 8, 6, 8, PLAIN}, 0, 0},
    {"'type': 'mul', 'inputs': ['x', 'x']", {4, 6, 8}, false, {4, 1, 1, 6, 8, 6, 8, PLAIN}, 0, 0},
    {"'type': 'activation', 'op': 'tanh', 'inputs': ['x']", {4, 6, 8}, true,
     {4, 1, 1, 6, 8, 6, 8, PLAIN}, 0, 0},
    {"'type': 'activation', 'op': 'sigmoid', 'inputs': ['y']", {4, 6, 8}, false,
     {4, 1, 1, 6, 8, 6, 8, PLAIN}, 0, 0},
    {"'type': 'softmax', 'groups': 2, 'inputs': ['y']", {4, 6, 8}, false,
     {2, 2, 2, 48, 1, 48, 1, PLAIN}, 0, 0},
    {"'type': 'layer_norm', 'inputs': ['x']", {4, 6, 8}, true, {1, 4, 4, 48, 1, 48, 1, PLAIN}, 0, 0},
    {"'type': 'concat', 'inputs': ['x', 'y', 'x']", {12, 6, 8}, true, {0}, 0, 0},
    {"'type': 'view', 'inputs': ['x'], 'shape': [192, 1, 1]", {192, 1, 1}, false, {0}, 0, 0},
};

static void shapes(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mp_arena a = {0};
        struct mp_workload w, again;
        struct mp_err err;
        const struct expected *e = &cases[i];
        assert_ok(read_workload(&w, &a, patched(&a, base, "LAYER", e->layer), &err), err);
        const struct mp_layer *l = &w.layers[0];
        const struct mp_tensor *out = &w.tensors[l->output];
        if (out->c != e->shape[0] || out->h != e->shape[1] || out->w != e->shape[2] ||
            out->is_signed != e->is_signed)
            fail_msg("%s: %jux%jux%ju, signed %d", e->layer, (uintmax_t)out->c, (uintmax_t)out->h,
                     (uintmax_t)out->w, out->is_signed);
        assert_memory_equal(&l->geo, &e->geo, sizeof e->geo);
        assert_int_equal(mp_layer_macs(l), e->macs);
        assert_int_equal(mp_layer_weights(l), e->weights);
        const char *echo = echo_workload(&a, &w);
        assert_ok(read_workload(&again, &a, echo, &err), err);
        assert_string_equal(echo_workload(&a, &again), echo);
        mp_arena_finish(&a);
    }
}

// The sizes that PyTorch computes (pooling_output_shape): a last window that would begin behind the input is
// dropped.
static void ceil_mode(void **state) {
    (void)state;
    static const struct {
        const char *layer;
        uint64_t h, w;
    } sizes[] = {
        {"'kernel': [1, 1], 'stride': [3, 4]", 2, 2}, // a third would start at 6 of 6, and at 8 of 8
        {"'kernel': [2, 3], 'stride': [4, 4], 'padding': [1, 1, 1, 1]", 2, 3},
        {"'kernel': [3, 3], 'stride': [2, 2], 'padding': [1, 1, 1, 1]", 4, 5},
        {"'kernel': [2, 2], 'stride': [5, 5], 'padding': [1, 1, 1, 1]", 2, 2},
        {"'kernel': [3, 3], 'stride': [2, 2]", 3, 4},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct mp_arena a = {0};
        struct mp_workload w;
        struct mp_err err;
        const char *layer =
            mp_arena_printf(&a, "'type': 'pool', 'op': 'max', 'inputs': ['x'], 'ceil': true, %s",
                            sizes[i].layer);
        assert_ok(read_workload(&w, &a, patched(&a, base, "LAYER", layer), &err), err);
        if (w.layers[0].geo.oh != sizes[i].h || w.layers[0].geo.ow != sizes[i].w)
            fail_msg("%s: %jux%ju", layer, (uintmax_t)w.layers[0].geo.oh, (uintmax_t)w.layers[0].geo.ow);
        mp_arena_finish(&a);
    }
}

static const struct {
    const char *layer, *message;
} bad_layers[] = {
    {"'type': 'conv2d', 'inputs': ['x'], 'kernel': [3, 3]", "w.json: /layers/0/out_channels: missing"},
    {"'type': 'conv2d', 'inputs': ['x'], 'out_channels': 1", "w.json: /layers/0/kernel: missing"},
    {"'type': 'conv2d', 'inputs': ['x'], 'out_channels': 1, 'kernel': [3]",
     "w.json: /layers/0/kernel: must be a list of 2 integers: height, width (got 1)"},
    {"'type': 'conv2d', 'inputs': ['x'], 'out_channels': 1, 'kernel': [3, 0]",
     "w.json: /layers/0/kernel/1: must be an integer 1..16777216 (got 0)"},
    {"'type': 'conv2d', 'inputs': ['x'], 'out_channels': 1, 'kernel': [3, 5], 'dilation': [1, 2]",
     "w.json: /layers/0: the kernel must fit into the padded input of 6x8 pixels (got 3x9)"},
    {"'type': 'conv2d', 'inputs': ['x'], 'out_channels': 6, 'kernel': [1, 1], 'groups': 4",
     "w.json: /layers/0: groups must divide 4 input and 6 output channels (got 4)"},
    {"'type': 'conv2d', 'inputs': ['x', 'y'], 'out_channels': 6, 'kernel': [1, 1]",
     "w.json: /layers/0: type conv2d takes 1 input (got 2)"},
    {"'type': 'linear', 'inputs': ['x'], 'out_channels': 6, 'kernel': [1, 1]",
     "w.json: /layers/0: type \"linear\" has no key \"kernel\" (known: name, type, inputs, output, "
     "out_channels, "
     "bias, norm, activation, weights_of)"},
    {"'type': 'linear', 'inputs': ['x'], 'out_channel': 6",
     "w.json: /layers/0: type \"linear\" has no key \"out_channel\", did you mean \"out_channels\"?"},
    {"'type': 'conv', 'inputs': ['x']",
     "w.json: /layers/0/type: must be one of conv2d, linear, matmul, pool, add, mul, activation, "
     "softmax, "
     "layer_norm, concat, view (got \"conv\"), did you mean \"conv2d\"?"},
    {"'type': 'layer_norm', 'inputs': ['conv1']", "w.json: /layers/0/inputs/0: unknown tensor \"conv1\""},
    {"'type': 'layer_norm', 'inputs': ['xx']",
     "w.json: /layers/0/inputs/0: unknown tensor \"xx\", did you mean \"x\"?"},
    {"'type': 'layer_norm', 'inputs': ['m']",
     "w.json: /layers/0/inputs/0: tensor \"m\" is read before it is made"},
    {"'type': 'layer_norm', 'inputs': ['l']",
     "w.json: /layers/0/inputs/0: tensor \"l\" is read before it is made"},
    {"'type': 'layer_norm', 'inputs': ['x'], 'output': 'y'",
     "w.json: /layers/0: tensor \"y\" is there already"},
    {"'type': 'layer_norm', 'inputs': ['x'], 'output': 'k'",
     "w.json: /layers/1: tensor \"k\" is there already"},
    {"'type': 'add', 'inputs': ['x', 's']",
     "w.json: /layers/0: inputs must have the same shape (got 4x6x8 and 12x5x1)"},
    {"'type': 'matmul', 'inputs': ['s', 't']", "w.json: /layers/0: the second operand must have the "
                                               "first's 12 terms a sum (got 7; transpose_b would make "
                                               "them agree)"},
    {"'type': 'matmul', 'inputs': ['x', 't']",
     "w.json: /layers/0: the operands' width must be 1 (got 8 and 1)"},
    {"'type': 'concat', 'inputs': ['x']",
     "w.json: /layers/0: type concat takes 2 or more inputs (got 1)"},
    {"'type': 'concat', 'inputs': ['x', 's']",
     "w.json: /layers/0: inputs must have the same height and width (got 6x8 and 5x1)"},
    {"'type': 'view', 'inputs': ['x'], 'shape': [193, 1, 1]",
     "w.json: /layers/0: shape must have at most the input's 192 elements (got 193x1x1)"},
    {"'type': 'softmax', 'inputs': ['x'], 'groups': 3",
     "w.json: /layers/0: groups must divide the input's 4 channels (got 3)"},
    {"'type': 'pool', 'op': 'max', 'inputs': ['x'], 'kernel': [1, 1], 'out_channels': 3",
     "w.json: /layers/0: out_channels must be at least the input's 4 (got 3)"},
    {"'type': 'pool', 'op': 'max', 'inputs': ['x'], 'kernel': [1, 1], 'out_channels': 6, 'first_channel': 3",
     "w.json: /layers/0: first_channel must be at most 2, out_channels less the input's (got 3)"},
    {"'type': 'activation', 'op': 'none', 'inputs': ['x']",
     "w.json: /layers/0/op: must be one of relu, relu6, sigmoid, tanh, gelu, hswish, leaky_relu, "
     "clip, hsigmoid, swish, exp, sqrt, pow, erf, affine, function (got \"none\")"},
    {"'type': 'linear', 'inputs': ['x'], 'out_channels': 3, 'weights_of': 'q'",
     "w.json: /layers/0: weights_of names no earlier layer: \"q\""},
};

static void layer_errors(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad_layers / sizeof *bad_layers; i++) {
        struct mp_arena a = {0};
        struct mp_workload w;
        struct mp_err err;
        assert_fails(read_workload(&w, &a, patched(&a, base, "LAYER", bad_layers[i].layer), &err), err,
                     bad_layers[i].message);
        mp_arena_finish(&a);
    }
}

static void document_errors(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"{'name': 'n', 'inputs': [], 'layers': []}", "w.json: /layers: must have at least one layer"},
        {"{'name': 'n', 'inputs': [{'name': 'x', 'shape': [1, 1, 1]}, {'name': 'x', 'shape': [1, 1, 1]}],"
         "'layers': []}",
         "w.json: /inputs/1: tensor \"x\" is there already"},
        {"{'name': 'n', 'inputs': [{'name': 'x', 'shape': [1, 0, 1]}], 'layers': []}",
         "w.json: /inputs/0/shape/1: must be an integer 1..16777216 (got 0)"},
        {"{'name': 'n', 'inputs': [{'name': 'x', 'shape': [16777216, 16777216, 1]}], 'layers': []}",
         "w.json: /inputs/0: the shape must have at most 2^40 elements (got 16777216x16777216x1)"},
        {"{'name': 'n', 'inputs': [{'name': 'x', 'shape': [1, 1, 1]}, {'name': 'u', 'shape': [1, 1, 1]}],"
         "'layers': [{'name': 'l', 'type': 'layer_norm', 'inputs': ['x']}]}",
         "w.json: /layers: input \"u\" is read by no layer"},
        {"{'name': 'n', 'inputs': [{'name': 'x', 'shape': [1, 1, 1]}], 'layers': [{'name': 'l',"
         "'type': 'layer_norm',"
         "'inputs': ['x']}, {'name': 'l', 'type': 'layer_norm', 'inputs': ['x'], 'output': 'z'}]}",
         "w.json: /layers/1: layer \"l\" is there already"},
        {"{'name': 'n', 'inputs': [{'name': 'x', 'shape': [1000000, 1000, 1000]}], 'layers': [{'name': 'l',"
         "'type':"
         "'linear', 'inputs': ['x'], 'out_channels': 2000000}]}",
         "w.json: /layers/0: the output must have at most 2^40 elements (got 2000000x1000x1000)"},
        {"{'name': 'n', 'inputs': [{'name': 'x', 'shape': [1000000, 1000, 1000]}], 'layers': [{'name': 'l',"
         "'type':"
         "'linear', 'inputs': ['x'], 'out_channels': 100000}]}",
         "w.json: /layers/0: more than 2^53 operations"},
        {"{'name': 'n', 'inputs': [{'name': 'x', 'shape': [10000000, 1000, 100]}], 'layers': [{'name': 'l',"
         "'type':"
         "'linear', 'inputs': ['x'], 'out_channels': 9000}, {'name': 'm', 'type': 'linear', 'inputs': ['x'],"
         "'out_channels': 9000}]}", "w.json: /layers: more than 2^53 multiply-accumulates"},
        {"{'name': 'n', 'sauce': 'x', 'inputs': [], 'layers': []}",
         "w.json: /: unknown key \"sauce\", did you mean \"source\"?"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct mp_arena a = {0};
        struct mp_workload w;
        struct mp_err err;
        assert_fails(read_workload(&w, &a, bad[i].text, &err), err, bad[i].message);
        mp_arena_finish(&a);
    }
}

static void shared_weights(void **state) {
    (void)state;
    static const char text[] =
        "{'name': 'n', 'inputs': [{'name': 'x', 'shape': [4, 1, 1]}], 'layers': ["
        "{'name': 'a', 'type': 'linear', 'inputs': ['x'], 'out_channels': 4, 'bias': true, 'norm': true},"
        "{'name': 'b', 'type': 'linear', 'inputs': ['a'], 'out_channels': 4, 'bias': true, 'norm': true,"
        " 'weights_of': 'a'},"
        "{'name': 'c', 'type': 'linear', 'inputs': ['b'], 'out_channels': 4, 'bias': true, 'norm': true,"
        " 'weights_of': 'b'}, {'name': 'd', 'type': 'layer_norm', 'inputs': ['c']}]}";
    struct mp_arena a = {0};
    struct mp_workload w;
    struct mp_err err;
    assert_ok(read_workload(&w, &a, text, &err), err);
    assert_int_equal(w.layers[1].weights_of, 0);
    assert_int_equal(w.layers[2].weights_of, 0); // the owner itself
    assert_int_equal(mp_workload_macs(&w), 3 * 16);
    assert_int_equal(mp_workload_params(&w), 16 + 4 + 8 + 8);
    assert_fails(
        read_workload(&w, &a, patched(&a, text, "'norm': true, 'weights_of': 'a'", "'weights_of': 'a'"),
                      &err),
        err,
        "w.json: /layers/1: weights_of must name a layer with the same weights, bias and norm (got \"a\")");
    assert_fails(read_workload(&w, &a, patched(&a, text, "'weights_of': 'b'", "'weights_of': 'bb'"), &err),
                 err, "w.json: /layers/2: weights_of names no earlier layer: \"bb\", did you mean \"b\"?");
    mp_arena_finish(&a);
}

static void one_element_a_channel(void **state) {
    (void)state;
    static const char text[] =
        "{'name': 'n', 'inputs': [{'name': 'x', 'shape': [4, 6, 8]}, {'name': 's', 'shape': [4, 1, 1]}], 'layers': ["
        "{'name': 'a', 'type': 'mul', 'inputs': ['x', 's']}, {'name': 'b', 'type': 'add', 'inputs': ['a', 's']},"
        "{'name': 'c', 'type': 'mul', 'inputs': ['b', 'x']}]}";
    struct mp_arena a = {0};
    struct mp_workload w;
    struct mp_err err;
    assert_ok(read_workload(&w, &a, text, &err), err);
    assert_true(w.layers[0].broadcast && w.layers[1].broadcast && !w.layers[2].broadcast);
    assert_int_equal(w.tensors[w.layers[1].output].h * w.tensors[w.layers[1].output].w, 48);
    assert_fails(read_workload(&w, &a, patched(&a, text, "'x', 's'", "'s', 'x'"), &err), err,
                 "w.json: /layers/0: inputs must have the same shape (got 4x1x1 and 4x6x8)");
    assert_fails(read_workload(&w, &a, patched(&a, text, "[4, 1, 1]", "[2, 1, 1]"), &err), err,
                 "w.json: /layers/0: inputs must have the same shape (got 4x6x8 and 2x1x1)");
    mp_arena_finish(&a);
}

static void consumers(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_workload w;
    struct mp_err err;
    assert_ok(read_workload(&w, &a,
                            patched(&a, base, "LAYER",
                                    "'type': 'layer_norm', 'inputs': ['x'], 'output': 'o'"),
                            &err),
              err);
    assert_int_equal(w.input_count, 4);
    assert_int_equal(w.tensor_count, 7);
    assert_int_equal(w.tensors[0].last_consumer, 1); // x: l, then k
    assert_int_equal(w.tensors[2].last_consumer, 2); // s
    assert_int_equal(w.tensors[0].producer, MP_NO_LAYER);
    assert_string_equal(w.tensors[4].name, "o");
    assert_int_equal(w.tensors[4].producer, 0);
    assert_int_equal(w.tensors[4].last_consumer, MP_NO_LAYER);
    mp_arena_finish(&a);
}

static void same_workload(const struct mp_workload *x, const struct mp_workload *y) {
    assert_int_equal(x->layer_count, y->layer_count);
    assert_int_equal(x->tensor_count, y->tensor_count);
    for (size_t i = 0; i < x->tensor_count; i++) {
        const struct mp_tensor *p = &x->tensors[i], *q = &y->tensors[i];
        assert_true(p->c == q->c && p->h == q->h && p->w == q->w && p->is_signed == q->is_signed &&
                    p->producer == q->producer && p->last_consumer == q->last_consumer);
    }
    for (size_t i = 0; i < x->layer_count; i++) {
        const struct mp_layer *p = &x->layers[i], *q = &y->layers[i];
        assert_memory_equal(&p->geo, &q->geo, sizeof p->geo);
        assert_true(p->act == q->act && p->pool == q->pool && p->weights_of == q->weights_of &&
                    p->first_channel == q->first_channel && p->bias == q->bias && p->norm == q->norm && p->pb == q->pb && p->pr == q->pr);
    }
}

// MACs and parameters of the networks' definitions; the sources stand in the files and in
// scripts/make_workloads.py.
static const struct {
    const char *name;
    uint64_t macs, params;
} networks[] = {
    {"alexnet", 714188480, 61100840},         {"vgg16", 15470264320, 138357544},
    {"resnet18", 1814073344, 11689512},       {"resnet50", 4089184256, 25557032},
    {"resnet101", 7801405440, 44549160},      {"mobilenet_v1", 568740352, 4231976},
    {"mobilenet_v2", 300774272, 3504872},     {"efficientnet_lite0", 385187552, 4652008},
    {"squeezenet1_1", 349151936, 1235496},    {"bert_base_128", 11173625856, 85054464},
    {"bert_base_384", 35332816896, 85054464}, {"lstm_ptb", 464100000, 13280400},
    {"resnet8", 12501632, 78186},             {"resnet20", 40551040, 269722},
    {"ds_cnn", 2656768, 23756},
};

static void network(const char *path) {
    struct mp_arena a = {0};
    struct mp_workload w, again;
    struct mp_err err;
    assert_ok(mp_workload_open(&w, &a, path, &err), err);
    const char *echo = echo_workload(&a, &w);
    assert_ok(read_workload(&again, &a, echo, &err), err);
    same_workload(&w, &again);
    assert_string_equal(echo_workload(&a, &again), echo);
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++)
        if (strcmp(networks[i].name, w.name) == 0) {
            assert_int_equal(mp_workload_macs(&w), networks[i].macs);
            assert_int_equal(mp_workload_params(&w), networks[i].params);
        }
    mp_arena_finish(&a);
}

static void all_networks(void **state) {
    (void)state;
    each_config("workloads", sizeof networks / sizeof *networks, network);
}

static void describes_keys(void **state) {
    (void)state;
    static const char *const keys[] = {"layers.type = conv2d: ",
                                       "layers.kernel  2 integers, required: height, width",
                                       "layers.padding  4 integers, default 0 each",
                                       "inputs.shape  3 integers, required"};
    struct mp_buf out = {0};
    mp_workload_describe(&out);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_non_null(strstr(out.text, keys[i]));
    mp_buf_finish(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes),          cmocka_unit_test(ceil_mode),      cmocka_unit_test(layer_errors),
        cmocka_unit_test(document_errors), cmocka_unit_test(shared_weights), cmocka_unit_test(one_element_a_channel), cmocka_unit_test(consumers),
        cmocka_unit_test(all_networks),    cmocka_unit_test(describes_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
