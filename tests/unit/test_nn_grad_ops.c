// SPDX-License-Identifier: Apache-2.0
// The derivative of each operator against differences of the loss: at the input, and at every value between it and the scores.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/nn/grad_parts.h"
#include "tests/unit/grad_fixture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct attempt {
    const char *op;
    unsigned opset;
    const char *text; // the values that `op` makes, and its inputs, are tensors
};

// Two operands of one input: p and q of 1x2x3x4, and q as column c and as row r.
#define PARTS(rest) \
    "in x 1 2 6 4\nSplit p,q x axis=2\nints zero = 0\nints one = 1\nints three = 3\nints rows = 2\nints cols = 3\n" \
    "Slice c q zero one cols\nSlice r q zero one rows\n" rest "out y\n"
#define PAIR(op) PARTS(op " a p q\n" op " b a c\n" op " e r b\nconst k 2 1 1\n" op " f e k\nMul y f q\n")
// All positive.
#define POSITIVE "in x 1 3 4\nconst five : 5.0\nAdd p x five\n"

static const struct attempt attempts[] = {
    {"Abs", 13, "in x 1 3 4\nAbs y x\nout y\n"},
    {"Clip", 13, "in x 1 3 4\nconst low : -0.3\nconst high : 0.4\nClip y x low high\nout y\n"},
    {"Clip", 13, "in x 1 3 4\nconst high : 0.2\nClip y x - high\nout y\n"},
    {"Clip", 9, "in x 1 3 4\nClip y x min=-0.2 max=0.3\nout y\n"},
    {"Erf", 13, "in x 1 3 4\nErf y x\nout y\n"},
    {"Exp", 13, "in x 1 3 4\nExp y x\nout y\n"},
    {"Gelu", 20, "in x 1 3 4\nGelu y x\nout y\n"},
    {"Gelu", 20, "in x 1 3 4\nGelu y x approximate='tanh'\nout y\n"},
    {"HardSigmoid", 13, "in x 1 5 12\nHardSigmoid y x\nout y\n"},
    {"HardSigmoid", 13, "in x 1 3 4\nHardSigmoid y x alpha=1.25 beta=0.5\nout y\n"},
    {"HardSwish", 14, "in x 1 8 10\nHardSwish y x\nout y\n"},
    {"LeakyRelu", 13, "in x 1 3 4\nLeakyRelu y x\nout y\n"},
    {"LeakyRelu", 13, "in x 1 3 4\nLeakyRelu y x alpha=0.3\nout y\n"},
    {"Log", 13, POSITIVE "Log y p\nout y\n"},
    {"Neg", 13, "in x 1 3 4\nNeg y x\nout y\n"},
    {"Reciprocal", 13, POSITIVE "Reciprocal y p\nout y\n"},
    {"Relu", 13, "in x 1 3 4\nRelu y x\nout y\n"},
    {"Sigmoid", 13, "in x 1 3 4\nSigmoid y x\nout y\n"},
    {"Sqrt", 13, POSITIVE "Sqrt y p\nout y\n"},
    {"Swish", 24, "in x 1 3 4\nSwish y x\nout y\n"},
    {"Tanh", 13, "in x 1 3 4\nTanh y x\nout y\n"},

    {"Add", 13, PAIR("Add")},
    {"Add", 13, "in x 1 3 4\nAdd y x x\nout y\n"},
    {"Sub", 13, PAIR("Sub")},
    {"Mul", 13, PARTS("Mul a p q\nMul b a c\nMul y r b\n")},
    {"Mul", 13, "in x 1 3 4\nMul a x x\nMul y a x\nout y\n"},
    {"Div", 13, PARTS("const eight : 8.0\nAdd d q eight\nAdd e c eight\nDiv a p d\nDiv b a e\nDiv y b e\n")},
    {"Div", 13, "in x 1 3 4\nconst three : 3.0\nconst k 4\nAdd p x three\nDiv y k p\nout y\n"},
    {"Pow", 13, "in x 1 3 4\nconst two : 2.0\nPow y x two\nout y\n"},
    {"Pow", 13, "in x 1 3 4\nints three = 3\nPow y x three\nout y\n"},
    {"Pow", 13, POSITIVE "const k = -0.5 1.5 0.0 2.5\nPow y p k\nout y\n"},
    {"Pow", 13, PARTS("const five : 5.0\nAdd a p five\nTanh b q\nPow y a b\n")},
    {"Max", 13, PARTS("Max y p q\n")},
    {"Max", 13, PARTS("const k : 0.05\nconst j : 0.075\nAdd t c k\nAdd u r j\nMax y p t u q\n")},
    {"Min", 13, PARTS("Min y p q\n")},
    {"Min", 13, PARTS("const k : 0.2\nMin y p c k\n")},
    {"Where", 13, PARTS("const k : 0.2\nGreater w p k\nTanh t q\nWhere y w t c\n")},

    {"Conv", 13, "in x 1 4 7 6\nconst w 6 2 3 2\nConv y x w group=2 strides=2,1 pads=1,0,1,2 dilations=1,2\nout y\n"},
    {"Conv", 13, "in x 1 3 5 5\nconst w 3 1 3 3\nConv y x w group=3 pads=0,2,1,1\nout y\n"},
    {"Conv", 13, "in x 1 4 3 3\nconst w 5 4 1 1\nConv y x w\nout y\n"},
    {"Conv", 13, "in x 1 4 5 5\nconst w 2 4 1 1\nConv y x w strides=2,2\nout y\n"},
    {"Conv", 13, "in x 1 3 11\nconst w 4 3 4\nConv y x w strides=3, pads=2,1 dilations=2,\nout y\n"},
    {"Conv", 13, "in x 1 2 6 5\nconst w 2 2 3 3\nConv y x w strides=2,2 auto_pad='SAME_UPPER'\nout y\n"},
    {"Conv", 13, "in x 1 1 3 2\nconst w 2 1 2 2\nConv y x w pads=5,0,0,4 dilations=3,2\nout y\n"},
    // Weights and bias that are made of the input.
    {"Conv", 13, "in x 1 70\nints s = 48 16 2 4\nSplit a,b,c,d x s axis=1\nints as = 1 4 4 3\nReshape i a as\n"
                 "ints bs = 2 2 2 2\nReshape w b bs\nints cs = 2\nReshape k c cs\n"
                 "Conv y i w k group=2 pads=1,1,0,1 strides=1,2\nout y\n"},
    {"Gemm", 13, PARTS("ints m = 3 8\nReshape a p m\nReshape b q m\nGemm y a b transB=1 alpha=0.5\n")},
    {"Gemm", 13, PARTS("ints m = 3 8\nReshape a p m\nReshape b q m\nints v = 8\nSlice d b zero one\nReshape e d v\n"
                       "Gemm y a b e transA=1 beta=0.5\n")},
    {"Gemm", 13, PARTS("ints m = 3 8\nints n = 8 3\nReshape a p m\nReshape b q n\nGemm y a b\n")},
    {"Gemm", 13, PARTS("ints m = 3 8\nints n = 8 3\nReshape a p m\nReshape b q n\nGemm y a b transA=1 transB=1\n")},
    {"MatMul", 13, PARTS("Transpose t q perm=0,1,3,2\nMatMul y p t\n")},
    {"MatMul", 13, PARTS("ints m = 4 6\nReshape t q m\nMatMul y p t\n")},
    {"MatMul", 13, PARTS("ints m = 6 4\nReshape t p m\nTranspose u q perm=0,1,3,2\nMatMul y t u\n")},
    {"MatMul", 13, PARTS("const k 5 1 4 3\nMatMul y p k\n")},
    {"MatMul", 13, PARTS("ReduceMean k q axes=0,1,2 keepdims=0\nMatMul a p k\nReduceMean j q axes=0,1,3 keepdims=0\n"
                       "MatMul b j q\nconst h 3 4\nMatMul e a h\nAdd y b e\n")},

    {"AveragePool", 13, "in x 1 2 5 6\nAveragePool y x kernel_shape=3,2 strides=2,1 pads=1,0,0,1\nout y\n"},
    {"AveragePool", 13, "in x 1 2 5 6\nAveragePool y x kernel_shape=3,2 strides=2,3 pads=1,0,0,1 count_include_pad=1 "
                        "ceil_mode=1\nout y\n"},
    {"MaxPool", 13, "in x 1 2 5 6\nMaxPool y x kernel_shape=3,2 strides=2,1 pads=1,0,0,1\nout y\n"},
    {"MaxPool", 13, "in x 1 3 9\nMaxPool y x kernel_shape=3, strides=2, dilations=2, ceil_mode=1\nout y\n"},
    {"GlobalAveragePool", 13, "in x 1 3 4 2\nGlobalAveragePool y x\nout y\n"},
    {"GlobalMaxPool", 13, "in x 1 3 4 2\nGlobalMaxPool y x\nout y\n"},
    {"ReduceMean", 13, "in x 1 3 4 2\nReduceMean y x axes=1,3 keepdims=0\nout y\n"},
    {"ReduceMean", 18, "in x 1 3 4 2\nints a = -2\nReduceMean y x a\nout y\n"},
    {"ReduceSum", 13, "in x 1 3 4 2\nints a = 2\nReduceSum y x a\nout y\n"},
    {"ReduceSum", 11, "in x 1 3 4 2\nReduceSum a x\nconst k = 0.1 -0.2 0.3\nMul y a k\nout y\n"},
    {"ReduceMax", 13, "in x 1 3 4 2\nReduceMax y x axes=1,3 keepdims=0\nout y\n"},

    {"Softmax", 13, "in x 1 3 4\nSoftmax y x axis=1\nout y\n"},
    {"Softmax", 11, "in x 1 3 4\nSoftmax a x axis=1\nconst k 3 4\nMul y a k\nout y\n"},
    {"LogSoftmax", 13, "in x 1 3 4\nLogSoftmax a x axis=1\nconst k 3 4\nMul y a k\nout y\n"},
    {"LayerNormalization", 17, "in x 1 3 4\nconst s 4\nconst b 4\nLayerNormalization y x s b epsilon=0.1\nout y\n"},
    {"LayerNormalization", 17, "in x 1 3 4\nconst s 3 4\nLayerNormalization y x s axis=1\nout y\n"},
    {"LayerNormalization", 17, PARTS("LayerNormalization y p r c\n")},
    {"BatchNormalization", 13, "in x 1 3 4 2\nconst s 3\nconst b 3\nconst m 3\nconst v 3\nBatchNormalization y x s b m v\n"
                               "out y\n"},

    {"Cast", 13, "in x 1 3 4\nCast y x to=1\nout y\n"},
    {"Concat", 13, PARTS("Concat y p c q c axis=3\n")},
    {"Concat", 13, PARTS("const k 1 2 3 2\nConcat y k p q axis=3\n")},
    {"DepthToSpace", 13, "in x 1 8 2 3\nDepthToSpace y x blocksize=2\nout y\n"},
    {"DepthToSpace", 13, "in x 1 8 2 3\nDepthToSpace y x blocksize=2 mode='CRD'\nout y\n"},
    {"Dropout", 13, "in x 1 3 4\nDropout y x\nout y\n"},
    {"Expand", 13, "in x 1 3 1\nints s = 2 3 4\nExpand a x s\nconst k 2 3 4\nMul y a k\nout y\n"},
    {"Flatten", 13, "in x 1 3 4\nFlatten y x\nout y\n"},
    {"Gather", 13, "in x 1 3 4\nints i = 2 0 -1 2\nGather y x i axis=2\nout y\n"},
    {"Gather", 13, "in x 1 3 4\nconst k : 0.2\nGreater g x k\nints s = 4 3\nReshape i g s\nGather y x i axis=1\nout y\n"},
    {"Identity", 13, "in x 1 3 4\nIdentity y x\nout y\n"},
    {"Pad", 13, "in x 1 3 4\nints p = 0 1 -1 0 2 3\nPad y x p\nout y\n"},
    {"Pad", 13, "in x 1 3 4\nints p = 0 1 2 0 2 3\nPad y x p mode='reflect'\nout y\n"},
    {"Pad", 13, "in x 1 3 4\nints p = 0 1 2 0 2 3\nPad y x p mode='edge'\nout y\n"},
    {"Pad", 13, PARTS("ints v = 0\nReduceMean m q axes=1,2,3 keepdims=0\nints f = 0 1 2 0 0 0 0 1\nPad y p f m\n")},
    {"Reshape", 13, "in x 1 3 4\nints s = 2 6\nReshape y x s\nout y\n"},
    {"Slice", 13, "in x 1 3 8\nints s = 7 2\nints e = -9 0\nints a = 2 1\nints t = -3 -1\nSlice y x s e a t\nout y\n"},
    {"SpaceToDepth", 13, "in x 1 2 4 6\nSpaceToDepth y x blocksize=2\nout y\n"},
    {"Split", 13, "in x 1 3 8\nints s = 3 1 4\nSplit a,b,c x s axis=2\nMul d b c\nMul y d d\nout y\n"},
    {"Split", 13, "in x 1 3 8\nSplit a,b x axis=2\nTanh c b\nMul y a c\nout y\n"},
    {"Squeeze", 13, "in x 1 3 1 4\nints a = 2\nSqueeze y x a\nout y\n"},
    {"Tile", 13, "in x 1 3 4\nints r = 1 2 3\nTile a x r\nconst k 6 12\nMul y a k\nout y\n"},
    {"Transpose", 13, "in x 1 3 4\nTranspose y x perm=0,2,1\nout y\n"},
    {"Unsqueeze", 13, "in x 1 3 4\nints a = 0 -1\nUnsqueeze y x a\nout y\n"},
};

static bool has_node(const struct mp_graph *g, const char *op) {
    bool has = false;
    for (size_t i = 0; i < g->node_count; i++)
        has = has || strcmp(g->nodes[i].op->name, op) == 0;
    return has;
}

static void try_one(const struct attempt *t, bool all) {
    struct mp_arena a = {0};
    struct mp_network n;
    struct grad_probe p;
    network_of_text(&n, &a, t->opset, t->text, all);
    if (!has_node(&n.graph, t->op))
        fail_msg("%s is not in %s", t->op, t->text);
    grad_begin(&p, &n);
    assert_non_null(p.g);
    for (size_t k = 0; k < n.workload.tensor_count; k++) {
        const double error = grad_tensor_error(&p, k);
        if (!(error <= p.tolerance))
            fail_msg("%s at \"%s\": off by %g in\n%s", t->op, n.workload.tensors[k].name, error, t->text);
    }
    grad_finish(&p);
    mp_arena_finish(&a);
}

// With views and functions of one element in the memory of what they read, and with every value apart.
static void operators(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        try_one(&attempts[i], false);
        try_one(&attempts[i], true);
    }
}

static void every_row(void **state) {
    (void)state;
    assert_true(mp_grad_count() > 40);
    assert_null(mp_grad_find("Floor"));
    assert_null(mp_grad_at(mp_grad_count()));
    for (size_t i = 0; i < mp_grad_count(); i++) {
        const char *op = mp_grad_at(i)->op;
        size_t tried = 0;
        for (size_t k = 0; k < sizeof attempts / sizeof *attempts; k++)
            tried += strcmp(attempts[k].op, op) == 0;
        if (tried == 0)
            fail_msg("%s: its derivative is not tried", op);
        assert_non_null(mp_op_find(op));
        assert_ptr_equal(mp_grad_find(op), mp_grad_at(i));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators),
        cmocka_unit_test(every_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
