// SPDX-License-Identifier: Apache-2.0
// Simplification and lowering of small graphs: which nodes and layers are left, that the results stay, that every layer by its
// own definition gives the graph's values, and what is refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/nn/simplify.h"
#include "tests/unit/float_network.h"
#include "tests/unit/graph_text.h"
#include "tests/unit/spec_fixture.h"

#include <string.h>

// "conv2d[8x4x4]relu add[8x4x4]".
static const char *layers_of(struct mp_arena *a, const struct mp_network *n) {
    const struct mp_workload *w = &n->workload;
    const char *text = "";
    for (size_t i = 0; i < w->layer_count; i++) {
        const struct mp_layer *l = &w->layers[i];
        const struct mp_tensor *t = &w->tensors[l->output];
        text = mp_arena_printf(a, "%s%s%s[%jux%jux%ju]%s%s", text, i ? " " : "", mp_layer_type_names[l->type],
                               (uintmax_t)t->c, (uintmax_t)t->h, (uintmax_t)t->w, l->act ? mp_act_names[l->act] : "",
                               n->params[i].float_only ? "!" : "");
    }
    return text;
}

struct example {
    unsigned opset;
    const char *text, *ops, *layers; // what is left after simplification and lowering
};

#define IMAGE "in x 1 3 8 8\nconst w 4 3 3 3\nconst b 4\n"
#define CONV IMAGE "Conv y x w b pads=1,1,1,1\n"
#define SEQUENCE "in x 1 5 12\nconst m 12 12\nconst b 12\n"

static const struct example examples[] = {
    // What changes nothing
    {13, CONV "Identity i y\nDropout d i\nRelu r d\nints s = 1 4 8 8\nReshape z r s\nout z", "Conv Relu", "conv2d[4x8x8]relu"},
    {13, CONV "ints p = 0 0 0 0 0 0 0 0\nPad q y p\nTranspose t q perm=0,1,2,3\nconst one : 1\nMul z t one\nout z", "Conv",
     "conv2d[4x8x8]"},
    {13, CONV "Relu u y\nSigmoid z y\nout z", "Conv Sigmoid", "conv2d[4x8x8] activation[4x8x8]sigmoid"},
    {13, CONV "Concat c y axis=1\nints a = 0\nints e = 99\nSlice s c a e\nout s", "Conv", "conv2d[4x8x8]"},
    // Batch norm, scales and shifts
    {13, IMAGE "const s 4\nconst t 4\nconst u 4\nconst v 4\nConv y x w - pads=1,1,1,1\n"
     "BatchNormalization n y s t u v epsilon=0.001\nRelu z n\nout z", "Conv Relu", "conv2d[4x8x8]relu"},
    {13, "in x 1 3 8 8\nconst s 3\nconst t 3\nconst u 3\nconst v 3\nBatchNormalization n x s t u v\nout n", "Conv",
     "conv2d[3x8x8]"},
    {13, CONV "const s 4 1 1\nconst t 1 4 1 1\nconst h : 2\nMul p y s\nAdd q p t\nDiv r q h\nSub z r h\nout z", "Conv",
     "conv2d[4x8x8]"},
    {13, "in x 1 3 8 8\nconst t 3 1 1\nconst s 1 3 1 1\nSub p x t\nDiv z p s\nout z", "Conv", "conv2d[3x8x8]"},
    {13, "in x 1 3 8 8\nconst h : 255\nDiv d x h\nconst w 4 3 3 3\nConv y d w\nout y", "Conv", "conv2d[4x6x6]"},
    {13, SEQUENCE "const s 12\nMatMul y x m\nMul p y s\nAdd q p b\nAdd r q s\nMul z r s\nout z", "MatMul Add", "linear[12x5x1]"},
    {13, "in x 1 12\nconst m 12 7\nconst c 1 7\nGemm y x m c alpha=0.5 beta=2.0\nconst s 7\nconst t 7\nconst u 7\nconst v 7\n"
     "BatchNormalization z y s t u v\nout z", "Gemm", "linear[7x1x1]"},
    {13, "in x 1 4 8 8\nconst h : 0.5\nMul a x h\nRelu b a\nAdd c b h\nout c", "Mul Relu Add",
     "activation[4x8x8]affine activation[4x8x8]relu activation[4x8x8]affine"},
    {13, SEQUENCE "const s 12\nMul y x s\nAdd z y b\nout z", "Mul Add", "conv2d[12x5x1]"},
    {13, CONV "const c 4\nAdd z x x\nConv v x w c pads=1,1,1,1\nAdd q y v\nout q", "Conv Conv Add",
     "conv2d[4x8x8] conv2d[4x8x8] add[4x8x8]"}, // one set of weights, two biases
    // Padding
    {13, IMAGE "ints p = 0 0 1 2 0 0 0 1\nPad q x p\nConv z q w b pads=1,0,0,0\nout z", "Conv", "conv2d[4x8x9]"},
    {13, "in x 1 4 8 8\nints p = 0 0 1 1 0 0 1 1\nPad q x p\nAveragePool z q kernel_shape=3,3 strides=2,2\nout z", "AveragePool",
     "pool[4x4x4]"},
    {13, "in x 1 4 8 8\nRelu r x\nints p = 0 0 1 1 0 0 0 0\nPad q r p\nMaxPool z q kernel_shape=3,3 strides=2,2\nout z",
     "Relu MaxPool", "activation[4x8x8]relu pool[4x4x4]"},
    {13, "in x 1 4 8 8\nints p = 0 0 1 1 0 0 0 0\nPad q x p\nMaxPool z q kernel_shape=3,3 strides=2,2\nout z", "Pad MaxPool",
     "conv2d[4x9x9] pool[4x4x4]"},
    {13, "in x 1 4 8 8\nAveragePool z x kernel_shape=3,3 pads=1,1,1,1\nout z", "AveragePool", "pool[4x8x8]!"},
    {13, "in x 1 4 7 7\nMaxPool z x kernel_shape=2,2 strides=2,2 ceil_mode=1\nout z", "MaxPool", "pool[4x4x4]"},
    {13, "in x 1 3 7 8\nconst w 4 3 3 2\nConv z x w auto_pad='SAME_UPPER' strides=2,2\nout z", "Conv", "conv2d[4x4x4]"},
    {13, "in x 1 3 7 8\nconst w 4 3 3 2\nConv z x w auto_pad='SAME_LOWER' strides=2,1\nout z", "Conv", "conv2d[4x4x8]"},
    // Functions written down
    {13, "in x 1 9\nconst r : 1.4142135\nconst o : 1\nconst h : 0.5\nDiv a x r\nErf b a\nAdd c b o\nMul d x c\nMul z d h\nout z",
     "Gelu", "activation[9x1x1]gelu"},
    {13, "in x 1 9\nconst h : 0.5\nconst r : 0.70710678\nconst o : 1\nMul u x h\nMul a x r\nErf b a\nAdd c o b\nMul z c u\nout z",
     "Gelu", "activation[9x1x1]gelu"},
    {13, "in x 1 9\nconst t : 3\nconst f : 0.044715\nconst k : 0.7978846\nconst o : 1\nconst h : 0.5\nPow a x t\nMul b a f\n"
     "Add c x b\nMul d c k\nTanh e d\nAdd q e o\nMul s x q\nMul z s h\nout z", "Gelu", "activation[9x1x1]gelu"},
    {13, "in x 1 9\nconst t : 3\nconst o : 0\nconst s : 6\nAdd a x t\nClip b a o s\nMul c x b\nDiv z c s\nout z", "HardSwish",
     "activation[9x1x1]hswish"},
    {13, "in x 1 9\nHardSigmoid s x alpha=0.16666667 beta=0.5\nMul z s x\nout z", "HardSwish", "activation[9x1x1]hswish"},
    {13, "in x 1 9\nconst t : 3\nconst o : 0\nconst s : 6\nAdd a x t\nClip b a o s\nDiv z b s\nout z", "HardSigmoid",
     "activation[9x1x1]hsigmoid"},
    {13, CONV "Sigmoid s y\nMul z y s\nout z", "Conv Swish", "conv2d[4x8x8] activation[4x8x8]swish"},
    {13, "in x 1 9\nSigmoid s x\nSigmoid t s\nMul z x t\nout z", "Sigmoid Sigmoid Mul",
     "activation[9x1x1]sigmoid activation[9x1x1]sigmoid mul[9x1x1]"}, // like a swish, but is none
    {13, "in x 1 4 8 8\nLeakyRelu z x alpha=0.1\nout z", "LeakyRelu", "activation[4x8x8]leaky_relu"},
    {13, "in x 1 4 8 8\nconst l : -1\nconst h : 2\nClip z x l h\nout z", "Clip", "activation[4x8x8]clip"},
    {9, CONV "Clip z y min=0.0 max=6.0\nout z", "Conv Clip", "conv2d[4x8x8]relu6"},
    // Layer norm
    {13, SEQUENCE "const e : 0.00001\nconst t : 2\nconst s 12\nReduceMean u x axes=-1,\nSub d x u\nPow p d t\n"
     "ReduceMean v p axes=-1,\nAdd a v e\nSqrt q a\nDiv n d q\nMul g n s\nAdd z g b\nout z", "LayerNormalization",
     "layer_norm[12x5x1]"},
    {13, "in x 1 4 3 5\nconst e : 0.1\nconst s 4 1 1\nReduceMean u x axes=1,\nSub d x u\nMul p d d\nReduceMean v p axes=1,\n"
     "Add a v e\nSqrt q a\nDiv n d q\nMul z s n\nout z", "Transpose LayerNormalization Transpose", "layer_norm[4x3x5] view[4x3x5]"},
    {13, SEQUENCE "const e : 0.1\nconst t : 3\nReduceMean u x axes=-1,\nSub d x u\nPow p d t\nReduceMean v p axes=-1,\n"
     "Add a v e\nSqrt q a\nDiv n d q\nout n", "ReduceMean Sub Pow ReduceMean Add Sqrt Div",
     "view[5x12x1] pool[5x1x1] add[5x12x1]! activation[5x12x1]pow pool[5x1x1] activation[5x1x1]affine "
     "activation[5x1x1]sqrt mul[5x12x1]!"},
    // Products, heads
    {13, SEQUENCE "MatMul y x m\nAdd z y b\nRelu r z\nout r", "MatMul Add Relu", "linear[12x5x1]relu"},
    {13, SEQUENCE "Transpose t x perm=0,2,1\nconst k 7 12\nMatMul y k t\nout y", "Transpose MatMul", "linear[7x5x1]"},
    {13, SEQUENCE "MatMul q x m\nMatMul k x m\nMatMul v x m\nints s = 1 5 3 4\nReshape qr q s\nReshape kr k s\nReshape vr v s\n"
     "Transpose qt qr perm=0,2,1,3\nTranspose kt kr perm=0,2,3,1\nTranspose vt vr perm=0,2,1,3\nconst h : 2\n"
     "Div qs qt h\nMatMul a qs kt\nMul as a h\nSoftmax p as axis=-1\nMatMul o p vt\nTranspose ot o perm=0,2,1,3\n"
     "ints w = 1 5 12\nReshape z ot w\nout z",
     "MatMul Add MatMul Add MatMul Add Reshape Reshape Reshape Transpose Transpose Transpose MatMul Mul Mul Softmax MatMul "
     "Transpose Reshape",
     "linear[12x5x1] linear[12x5x1] linear[12x5x1] matmul[15x5x1] softmax[15x5x1] matmul[12x5x1] view[12x5x1]"},
    {13, "in x 1 5 12\nconst m 12 36\nMatMul y x m\nints s = 1 5 3 3 4\nReshape r y s\nTranspose t r perm=2,0,3,1,4\n"
     "ints i : 0\nints j : 1\nints l : 2\nGather q t i\nGather k t j\nGather v t l\nTranspose kt k perm=0,1,3,2\n"
     "MatMul a q kt\nSoftmax p a axis=3\nMatMul o p v\nReduceMean z o axes=2, keepdims=0\nout z",
     "MatMul Add Reshape Transpose Gather Gather Gather Transpose MatMul Softmax MatMul ReduceMean",
     "linear[36x5x1] view[12x5x1] view[12x5x1] matmul[15x5x1] softmax[15x5x1] view[12x5x1] matmul[12x5x1] view[3x5x4] pool[3x1x4]"},
    {13, "in x 1 6 5\nin y 1 5 7\nMatMul z x y\nout z", "MatMul", "matmul[7x6x1]"},
    {11, "in x 1 4 6\nSoftmax z x\nout z", "Softmax", "view[24x1x1] softmax[24x1x1]"},
    // Element by element
    {13, CONV "GlobalAveragePool g y\nSigmoid s g\nMul z s y\nAdd q z y\nout q", "Conv GlobalAveragePool Sigmoid Mul Add",
     "conv2d[4x8x8] pool[4x1x1] activation[4x1x1]sigmoid mul[4x8x8] add[4x8x8]"},
    {13, SEQUENCE "ReduceMean g x axes=1,\nAdd z x g\nout z", "ReduceMean Add", "pool[12x1x1] add[12x5x1]"},
    {13, "in x 1 4 8 8\nReduceMean g x axes=1,\nMul z x g\nout z", "ReduceMean Mul",
     "view[64x4x1] pool[64x1x1] mul[64x4x1]"},
    {13, SEQUENCE "const p 1 5 12\nAdd z x p\nout z", "Add", "add[12x5x1]"},
    {13, SEQUENCE "const p 5 1\nMul y x p\nRelu z y\nout z", "Mul Relu", "mul[12x5x1] activation[12x5x1]relu"},
    {13, "in x 1 4 3 3\nin y 1 4 3 3\nSub a x y\nDiv z a y\nout z", "Sub Div", "add[4x3x3]! mul[4x3x3]!"},
    {13, "in x 1 9\nconst o : 20\nconst t : 3\nSub a o x\nDiv z t a\nout z", "Sub Div",
     "activation[9x1x1]affine activation[9x1x1]function"},
    {13, "in x 1 4 3 3\nMul z x x\nout z", "Mul", "mul[4x3x3]"},
    // Moves
    {13, CONV "Conv v x w - pads=1,1,1,1\nConcat c y v axis=1\nGlobalAveragePool g c\nFlatten f g\nout f",
     "Conv Conv Concat GlobalAveragePool Flatten", "conv2d[4x8x8] conv2d[4x8x8] concat[8x8x8] pool[8x1x1] view[8x1x1]"},
    {13, "in x 1 3 5\nconst c 1 1 5\nConcat z c x axis=1\nconst m 5 2\nMatMul y z m\nout y", "Concat MatMul Add",
     "view[3x5x1] concat[4x5x1] view[5x4x1] linear[2x4x1]"},
    {13, CONV "ints n = 1 3\nSplit a,b2 y n axis=1\nRelu p a\nConcat z b2 p axis=1\nout z", "Conv Split Relu Concat",
     "conv2d[4x8x8] view[1x8x8] activation[1x8x8]relu view[3x8x8] concat[4x8x8]"},
    {13, CONV "ints s = 1 2 2 8 8\nReshape a y s\nTranspose t a perm=0,2,1,3,4\nints u = 1 4 8 8\nReshape r t u\n"
     "Relu q r\nconst k 2 4 1 1\nConv z q k\nout z", "Conv Reshape Transpose Reshape Relu Conv",
     "conv2d[4x8x8] activation[4x8x8]relu view[4x8x8] conv2d[2x8x8]"},
    {13, "in x 1 4 8 8\nints a = 0 0\nints e = 99 99\nints ax = 2 3\nints st = 2 2\nSlice s x a e ax st\n"
     "ints p = 0 2 0 0 0 3 0 0\nPad z s p\nout z", "Slice Pad", "pool[9x4x4]"},
    {13, "in x 1 4 8 8\nints a = 1\nints e = 99\nints ax = 2\nSlice s x a e ax\nints p = 0 2 0 0 0 3 0 0\nPad z s p\nout z",
     "Slice Pad", "view[4x7x8] pool[9x7x8]"},
    {13, "in x 1 4 8 8\nints p = 0 0 1 0 0 0 0 2\nPad z x p\nRelu r z\nout r", "Pad Relu", "conv2d[4x9x10] activation[4x9x10]relu"},
    {13, "in x 1 8 3 2\nDepthToSpace d x blocksize=2 mode='CRD'\nRelu r d\nSpaceToDepth z r blocksize=2\nout z",
     "DepthToSpace Relu SpaceToDepth", "view[2x6x4] activation[2x6x4]relu view[8x3x2]"},
    // One dimension
    {13, "in x 1 3 20\nconst w 4 3 5\nConv y x w pads=2,1 strides=2,\nMaxPool p y kernel_shape=2, strides=2,\n"
     "GlobalAveragePool g p\nout g", "Conv MaxPool GlobalAveragePool", "conv2d[4x10x1] pool[4x5x1] pool[4x1x1]"},
    {13, "in x 1 3 20\nconst w 4 3 1\nConv y x w\nTranspose t y perm=0,2,1\nconst m 4 6\nMatMul z t m\nout z",
     "Conv Transpose MatMul Add", "conv2d[4x20x1] linear[6x20x1]"},
};

static void check(const struct example *e) {
    struct mp_arena a = {0};
    struct mp_graph before;
    struct mp_network n;
    struct mp_err err;
    read_graph(&before, &a, e->opset, e->text);
    read_graph(&n.graph, &a, e->opset, e->text);
    assert_ok(mp_graph_simplify(&n.graph, &err), err);
    const char *ops = graph_ops(&a, &n.graph);
    if (strcmp(ops, e->ops) != 0)
        fail_msg("%s instead of %s:\n%s", ops, e->ops, e->text);
    double d = float_difference(&before, float_graph(&a, &before, 3), &n.graph, float_graph(&a, &n.graph, 3));
    if (!(d < 1e-5))
        fail_msg("simplified, it gives results that differ by %g:\n%s", d, e->text);
    assert_ok(mp_graph_infer(&n.graph, &err), err); // it is a graph like any other
    assert_ok(mp_network_lower(&n, &a, &err), err);
    const char *layers = layers_of(&a, &n);
    if (strcmp(layers, e->layers) != 0)
        fail_msg("%s instead of %s:\n%s", layers, e->layers, e->text);
    const char *wrong = float_layers(&a, &n, float_graph(&a, &n.graph, 5), 1e-4);
    if (wrong)
        fail_msg("%s:\n%s", wrong, e->text);
    mp_arena_finish(&a);
}

static void all_examples(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        check(&examples[i]);
}

static struct mp_network lowered(struct mp_arena *a, const char *text) {
    struct mp_network n = {0};
    struct mp_err err;
    read_graph(&n.graph, a, 13, text);
    assert_ok(mp_graph_simplify(&n.graph, &err), err);
    assert_ok(mp_network_lower(&n, a, &err), err);
    return n;
}

// The check of layers by their definitions does find what is wrong.
static void wrong_layers_are_noticed(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_network n = lowered(&a, CONV "ints s = 1 4 64\nReshape r y s\nTranspose t r perm=0,2,1\nSoftmax p t axis=-1\n"
                                      "const m 4 4\nMatMul q p m\nTranspose z q perm=0,2,1\nSoftmax u z\nout u\n");
    const struct mp_array *values = float_graph(&a, &n.graph, 1);
    assert_null(float_layers(&a, &n, values, 1e-4));
    size_t view = 0, linear = 0;
    for (size_t i = 0; i < n.workload.layer_count; i++) {
        view = n.workload.layers[i].type == MP_VIEW ? i : view;
        linear = n.workload.layers[i].type == MP_LINEAR ? i : linear;
    }
    n.params[0].weight[5] += 0.1f;
    assert_string_equal(strtok(mp_arena_strdup(&a, float_layers(&a, &n, values, 1e-4)), ":"), "layer \"y\" (conv2d)");
    n.params[0].weight[5] -= 0.1f;
    n.params[linear].bias[3] += 0.1f;
    assert_string_equal(strtok(mp_arena_strdup(&a, float_layers(&a, &n, values, 1e-4)), ":"), "layer \"q\" (linear)");
    n.params[linear].bias[3] -= 0.1f;
    struct mp_layout *at = &n.layout[n.workload.layers[linear].output];
    assert_true(view > 0 && at->step != at->row);
    at->row = at->step;
    assert_non_null(float_layers(&a, &n, values, 1e-4));
    mp_arena_finish(&a);
}

// What the quantiser writes into the weights of a layer, the graph computes with.
static void weights_go_back(void **state) {
    (void)state;
    static const char *const texts[] = {CONV "out y", SEQUENCE "MatMul y x m\nout y",
                                        "in x 1 12\nconst m 7 12\nGemm y x m transB=1\nout y", SEQUENCE "const s 12\n"
                                        "LayerNormalization y x s\nout y"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct mp_arena a = {0};
        struct mp_network n = lowered(&a, texts[i]);
        uint64_t count = n.workload.layers[0].type == MP_CONV2D ? 108 : n.workload.layers[0].type == MP_LINEAR ? 84 : 12;
        for (uint64_t k = 0; k < count; k++)
            n.params[0].weight[k] = (float)(k % 7) - 2.5f;
        if (n.params[0].bias_value != MP_NO_VALUE)
            n.params[0].bias[1] = 5;
        assert_non_null(float_layers(&a, &n, float_graph(&a, &n.graph, 1), 1e-4));
        mp_network_put_weights(&n, 0);
        assert_null(float_layers(&a, &n, float_graph(&a, &n.graph, 1), 1e-4));
        mp_arena_finish(&a);
    }
}

static void names_are_distinct_and_legal(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_network n = {0};
    struct mp_err err;
    read_graph(&n.graph, &a, 13, CONV "const k 4 4 1 1\nRelu r y\nConv z r k\nGlobalAveragePool g z\nFlatten f g\nout f\n");
    n.graph.nodes[2].name = n.graph.nodes[0].name = "same\x1b";
    assert_ok(mp_graph_simplify(&n.graph, &err), err);
    assert_ok(mp_network_lower(&n, &a, &err), err);
    assert_string_equal(n.workload.layers[0].name, "same_");
    assert_string_equal(n.workload.layers[1].name, "same__2");
    assert_string_equal(n.workload.layers[2].name, "g");
    assert_string_equal(n.workload.layers[3].name, "f");
    assert_string_equal(n.workload.tensors[1].name, "r"); // the fused function's output
    assert_int_equal(n.workload.layers[3].type, MP_VIEW);
    mp_arena_finish(&a);
}

static void hints_give_signs(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_network n = {0};
    struct mp_err err;
    read_graph(&n.graph, &a, 13, "in x 1 4 8 8\nin s 1 4 8 8\nAdd y x x\nAdd z y s\nout z\n");
    n.graph.values[n.graph.inputs[0]].hint = (struct mp_quant_hint){.bits = 8};
    assert_ok(mp_network_lower(&n, &a, &err), err);
    assert_false(n.workload.tensors[0].is_signed);
    assert_true(n.workload.tensors[1].is_signed);
    assert_false(n.workload.tensors[2].is_signed);
    assert_true(n.workload.tensors[3].is_signed);
    mp_arena_finish(&a);
}

static void embeddings_are_inputs(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_network n = lowered(&a, "int ids 1 5\nin x 1 5 12\nconst e 30 12\nGather g e ids\nAdd y g x\nout y\n");
    assert_int_equal(n.workload.input_count, 2);
    assert_string_equal(n.workload.tensors[0].name, "g");
    assert_int_equal(n.workload.tensors[0].c, 12);
    assert_int_equal(n.workload.warning_count, 1);
    assert_string_equal(n.workload.warnings[0], "m.onnx: \"g\" is the network's input, Gather \"g\" in front of it is left out");
    assert_null(float_layers(&a, &n, float_graph(&a, &n.graph, 1), 1e-4));
    mp_arena_finish(&a);
}

static void refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"int ids 1 5\nAdd y ids ids\nout y", "m.onnx: node \"y\" (Add): integer input \"ids\" is used otherwise than as an "
         "index into an embedding: cut the model behind its embeddings"},
        {"in x 1 3 8 8\nin w 4 3 3 3\nConv y x w\nout y", "m.onnx: node \"y\" (Conv): weights and bias must be constants"},
        {"in x 1 4 8 8\nMaxPool y x kernel_shape=2,2 dilations=2,2\nout y",
         "m.onnx: node \"y\" (MaxPool): a pool has no dilation in a workload"},
        {"in x 1 4 8 8\nints p = 0 0 1 1 0 0 1 1\nPad y x p mode='reflect'\nout y",
         "m.onnx: node \"y\" (Pad): only zeros around the channels, rows and columns of an image are supported"},
        {"in x 2 3 4\nconst s 3 1\nLayerNormalization y x s axis=1\nout y", "m.onnx: node \"y\" (LayerNormalization): scale "
         "and bias must be constants with a number for each of 12 elements"},
        {"in x 1 4 8 8\nReduceSum y x\nout y", "m.onnx: node \"y\" (ReduceSum): no layer of a workload stands for this operator"},
        {"in x 1 4 8 8\nReduceMean y x axes=1,3\nout y", "m.onnx: node \"y\" (ReduceMean): the axes must follow each other"},
        {"in x 1 4 8 8\nin z 1 4 1 8\nMul y x z\nout y",
         "m.onnx: node \"y\" (Mul): no layer stands for operands of 1x4x8x8 and 1x4x1x8 elements"},
        {"in x 2 3 4\nin z 1 4 5\nMatMul y x z\nout y",
         "m.onnx: node \"y\" (MatMul): operands with different batches are not supported (2 and 1)"},
        {"in x 1 4\nconst c 4\nIdentity y c\nRelu z x\nout z\nout y", "m.onnx: output \"y\" does not depend on an input"},
        {"in x 1 2 2\nRelu a x\nout a\nin z 1 4\nMax y a a\nout y", "m.onnx: node \"y\" (Max): input 2 must be a constant of one element"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct mp_arena a = {0};
        struct mp_network n = {0};
        struct mp_err err;
        read_graph(&n.graph, &a, 13, bad[i].text);
        assert_ok(mp_graph_simplify(&n.graph, &err), err);
        assert_fails(mp_network_lower(&n, &a, &err), err, bad[i].message);
        mp_arena_finish(&a);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_examples),
        cmocka_unit_test(wrong_layers_are_noticed),
        cmocka_unit_test(weights_go_back),
        cmocka_unit_test(names_are_distinct_and_legal),
        cmocka_unit_test(hints_give_signs),
        cmocka_unit_test(embeddings_are_inputs),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
