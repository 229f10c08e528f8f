// SPDX-License-Identifier: Apache-2.0
// Gradients of whole networks against differences of the loss: weights and tensors of lowered networks, shifted tensors, the
// loss itself, what is refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/nn/infer.h"
#include "tests/unit/grad_fixture.h"
#include "tests/unit/graph_fixture.h"
#include "tests/unit/quantised_network.h"
#include "tests/unit/spec_fixture.h"

#include <math.h>
#include <string.h>

#define LEAST 4e-3f // change of the loss that rounding does not hide
#define SWISH(to, from) "Sigmoid " to "s " from "\nMul " to " " from " " to "s\n"

// Groups, depthwise, strides, dilations, padding, a residual, pools; smooth throughout.
#define IMAGE_NET \
    "in x 1 4 7 6\nconst w 6 2 3 2\nconst wb 6\nConv c x w wb group=2 strides=2,1 pads=1,0,1,2 dilations=1,2\n" \
    SWISH("r", "c") "const v 6 1 3 3\nConv d r v group=6 pads=1,1,1,1\nTanh e d\nconst u 6 6 1 1\nConv f e u\n" \
    "Add h f r\nTanh i h\nAveragePool p i kernel_shape=2,2 strides=2,2\nFlatten q p\n" \
    "const g 5 36\nconst gb 5\nGemm y q g gb transB=1\nout y\n"
#define SIGNAL_NET \
    "in x 1 3 12\nconst w 4 3 3\nConv c x w pads=2,1 strides=2,\nSigmoid r c\nconst v 5 2 2\nconst k 3 4\n" \
    "Transpose t r perm=0,2,1\nconst m 4 5\nMatMul a t m\nTanh z a\nReduceMean y z axes=1, keepdims=0\nout y\n"
// Attention, layer norm, a position embedding that is an input of the workload.
#define SEQUENCE_NET \
    "in x 1 5 8\nconst e 1 5 8\nAdd s x e\nconst ns 8\nconst nb 8\nLayerNormalization n s ns nb\n" \
    "const wq 8 8\nMatMul q n wq\nconst wk 8 8\nMatMul k n wk\nconst wv 8 8\nMatMul v n wv\n" \
    "ints heads = 1 5 2 4\nReshape qh q heads\nReshape kh k heads\nReshape vh v heads\n" \
    "Transpose qt qh perm=0,2,1,3\nTranspose kt kh perm=0,2,3,1\nTranspose vt vh perm=0,2,1,3\n" \
    "MatMul sc qt kt\nSoftmax pr sc axis=-1\nMatMul o pr vt\nTranspose ot o perm=0,2,1,3\nints flat = 1 5 8\n" \
    "Reshape of ot flat\nconst wo 8 8\nMatMul p of wo\nAdd r s p\nGelu f r\nReduceMean z f axes=1, keepdims=0\n" \
    "const h 6 8\nGemm y z h transB=1\nout y\n"

static void check_all(struct grad_probe *p) {
    const struct mp_workload *w = &p->net->workload;
    size_t weights = 0;
    assert_non_null(p->g);
    for (size_t i = 0; i < w->layer_count; i++) {
        if (!mp_layer_has_weights(&w->layers[i])) {
            assert_null(mp_grad_weight(p->g, i));
            continue;
        }
        const double error = grad_weight_error(p, i);
        weights++;
        if (!(error <= p->tolerance))
            fail_msg("weights of \"%s\": off by %g", w->layers[i].name, error);
    }
    assert_true(weights > 0);
    for (size_t t = 0; t < w->tensor_count; t++) {
        const double error = grad_tensor_error(p, t);
        if (!(error <= p->tolerance))
            fail_msg("tensor \"%s\": off by %g", w->tensors[t].name, error);
    }
}

static void networks(void **state) {
    (void)state;
    const char *const texts[] = {IMAGE_NET, SIGNAL_NET, SEQUENCE_NET};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct quantised_network z;
        struct grad_probe p;
        quantised_graph(&z, texts[i], 1, 0);
        grad_begin(&p, &z.net);
        check_all(&p);
        grad_finish(&p);
        quantised_finish(&z);
    }
}

// The shipped network with smooth functions in place of those with kinks.
static void smooth_glyphs(void **state) {
    (void)state;
    struct quantised_network z;
    struct grad_probe p;
    size_t changed = 0;
    quantised_glyphs(&z, 1);
    for (size_t i = 0; i < z.net.graph.node_count; i++) {
        struct mp_graph_node *n = &z.net.graph.nodes[i];
        const bool relu = strcmp(n->op->name, "Relu") == 0, pool = strcmp(n->op->name, "MaxPool") == 0;
        n->op = relu ? mp_op_find("Swish") : pool ? mp_op_find("AveragePool") : n->op;
        changed += relu || pool;
    }
    assert_true(changed >= 3);
    grad_begin(&p, &z.net);
    mp_dataset_image(&z.data, 0, p.image);
    check_all(&p);
    grad_finish(&p);
    quantised_finish(&z);
}

// Which side of each kink the values lie on.
static uint64_t pattern_of(const struct mp_graph *g, struct mp_infer *f) {
    uint64_t hash = 14695981039346656037u;
    mp_infer_run(f);
    for (size_t i = 0; i < g->node_count; i++) {
        const struct mp_array *y = mp_infer_value(f, g->nodes[i].outputs[0]), *x = mp_infer_value(f, g->nodes[i].inputs[0]);
        const bool relu = strcmp(g->nodes[i].op->name, "Relu") == 0, pool = strcmp(g->nodes[i].op->name, "MaxPool") == 0;
        const uint64_t wide = x->shape.dim[x->shape.rank - 1], out = y->shape.dim[y->shape.rank - 1];
        for (uint64_t k = 0; relu && k < mp_shape_count(&y->shape); k++)
            hash = (hash ^ (uint64_t)(y->f[k] > 0)) * 1099511628211u;
        for (uint64_t k = 0; pool && k < mp_shape_count(&y->shape); k++) // windows of two by two
            for (unsigned t = 0; t < 4; t++)
                hash = (hash ^ (uint64_t)(x->f[(2 * (k / out) + t / 2) * wide + 2 * (k % out) + t % 2] < y->f[k])) *
                       1099511628211u;
    }
    return hash;
}

struct kinks {
    struct grad_probe *p;
    struct mp_infer *f; // every value apart
    size_t tensor;
    float *delta;       // both for the gradient and, one element alone, in the value
    size_t element, place;
};

static bool same_side(struct kinks *k, float step, uint64_t side) {
    const size_t value = k->p->net->value[k->tensor];
    bool same = true;
    mp_infer_shift(k->f, value, k->delta);
    for (int n = -2; n <= 2; n++) {
        k->delta[k->place] = (float)n * step;
        memcpy(mp_infer_input(k->f, 0)->f, k->p->image, mp_shape_count(&mp_infer_input(k->f, 0)->shape) * sizeof(float));
        same = same && pattern_of(&k->p->net->graph, k->f) == side;
    }
    k->delta[k->place] = 0;
    mp_infer_shift(k->f, value, NULL);
    return same;
}

static double loss_by(struct kinks *k, float by) {
    k->delta[k->element] = by;
    mp_grad_shift(k->p->g, k->tensor, k->delta);
    const double loss = mp_grad_loss(k->p->g, k->p->image, k->p->target, NULL);
    mp_grad_shift(k->p->g, k->tensor, NULL);
    k->delta[k->element] = 0;
    return loss;
}

static size_t largest(const float *d, size_t count) {
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        best = fabsf(d[i]) > fabsf(d[best]) ? i : best;
    return best;
}

// One element of a tensor, when no kink lies within a step that tells something in spite of rounding.
static bool try_element(struct kinks *k, uint64_t side, float d) {
    float step = 0.32f;
    while (step * fabsf(d) > LEAST && !same_side(k, step, side))
        step /= 2;
    if (step * fabsf(d) <= LEAST)
        return false;
    const double one = loss_by(k, step) - loss_by(k, -step), two = loss_by(k, 2 * step) - loss_by(k, -2 * step);
    const double coarse = one / (2 * (double)step), fine = (8 * one - two) / (12 * (double)step);
    if (fabs(coarse - fine) > 0.002 * fabs(fine)) // too long a step
        return false;
    assert_true(fabs(fine - (double)d) <= 1e-4 * fabs((double)d));
    return true;
}

static struct mp_infer *all_apart(const struct mp_graph *g) {
    struct mp_infer *f = mp_infer_create(g);
    for (size_t v = 0; v < g->value_count; v++)
        if (!g->values[v].constant)
            mp_infer_keep_apart(f, v);
    return f;
}

// The shipped network as it is, where no kink is crossed. In front of its last layer there is none.
static void glyphs(void **state) {
    (void)state;
    struct quantised_network z;
    struct grad_probe p;
    size_t tried = 0, tensors = 0;
    quantised_glyphs(&z, 20);
    grad_begin(&p, &z.net);
    struct kinks k = {.p = &p, .f = all_apart(&z.net.graph)};
    for (k.tensor = 0; k.tensor < z.net.workload.tensor_count; k.tensor++) {
        const struct mp_tensor *t = &z.net.workload.tensors[k.tensor];
        const size_t before = tried;
        float *d = mp_arena_alloc(&p.arena, elements_of(t), sizeof *d);
        k.delta = mp_arena_alloc(&p.arena, elements_of(t), sizeof *k.delta);
        for (uint64_t i = 0; i < z.data.count; i++) {
            mp_dataset_image(&z.data, i, p.image);
            mp_grad_run(p.g, p.image, p.target);
            mp_grad_tensor(p.g, k.tensor, d);
            memcpy(mp_infer_input(k.f, 0)->f, p.image, elements_of(&z.net.workload.tensors[0]) * sizeof *p.image);
            const uint64_t side = pattern_of(&z.net.graph, k.f);
            k.element = largest(d, elements_of(t));
            const uint64_t row = k.element / t->w, c = row / t->h;
            k.place = mp_layout_at(&z.net.layout[k.tensor], c, row % t->h, k.element % t->w);
            tried += try_element(&k, side, d[k.element]);
        }
        tensors += tried > before;
    }
    assert_true(tried >= 40 && tensors >= 6);
    assert_true(grad_weight_error(&p, layer_named(&z.net, "fc")) <= p.tolerance);
    mp_infer_destroy(k.f);
    grad_finish(&p);
    quantised_finish(&z);
}

// Two products that read one constant: each its own part, as if they had two.
static void shared_weights(void **state) {
    (void)state;
    const char *const texts[] = {
        "in x 1 3 5\nconst w 3 3 3\nConv c x w pads=1,1\nTanh t c\nConv d t w pads=1,1\nFlatten f d\nconst g 4 15\n"
        "Gemm y f g transB=1\nout y\n",
        "in x 1 3 5\nconst w 3 3 3\nconst v 3 3 3\nConv c x w pads=1,1\nTanh t c\nConv d t v pads=1,1\nFlatten f d\n"
        "const g 4 15\nGemm y f g transB=1\nout y\n",
    };
    struct quantised_network z[2];
    struct grad_probe p[2];
    size_t first[2], second[2];
    for (unsigned i = 0; i < 2; i++) {
        quantised_graph(&z[i], texts[i], 1, 0);
        first[i] = layer_named(&z[i].net, "c"), second[i] = layer_named(&z[i].net, "d");
        if (i == 1) {
            const size_t layers[] = {first[1], second[1], layer_named(&z[1].net, "y")};
            const size_t owners[] = {first[0], second[0], layer_named(&z[0].net, "y")};
            for (unsigned k = 0; k < 3; k++) {
                const size_t bytes = (k == 2 ? 60 : 27) * sizeof(float);
                memcpy(z[1].net.params[layers[k]].weight, z[0].net.params[owners[k]].weight, bytes);
                mp_network_put_weights(&z[1].net, layers[k]);
            }
        }
        grad_begin(&p[i], &z[i].net);
        mp_grad_run(p[i].g, p[i].image, p[i].target);
    }
    assert_memory_equal(mp_grad_weight(p[0].g, first[0]), mp_grad_weight(p[1].g, first[1]), 27 * sizeof(float));
    assert_memory_equal(mp_grad_weight(p[0].g, second[0]), mp_grad_weight(p[1].g, second[1]), 27 * sizeof(float));
    assert_memory_not_equal(mp_grad_weight(p[0].g, first[0]), mp_grad_weight(p[0].g, second[0]), 27 * sizeof(float));
    for (unsigned i = 0; i < 2; i++) {
        grad_finish(&p[i]);
        quantised_finish(&z[i]);
    }
}

// Of the image by changing it; twice the same delta is no more than once, and none is none.
static void shifted_image(void **state) {
    (void)state;
    struct quantised_network z;
    struct grad_probe p;
    quantised_glyphs(&z, 1);
    grad_begin(&p, &z.net);
    mp_dataset_image(&z.data, 0, p.image);
    const size_t count = elements_of(&z.net.workload.tensors[0]);
    float *moved = mp_arena_alloc(&p.arena, count, sizeof *moved), *delta = mp_arena_alloc(&p.arena, count, sizeof *delta);
    for (size_t i = 0; i < count; i++) {
        delta[i] = 0.3f * random_real(&p.seed);
        moved[i] = p.image[i] + delta[i];
    }
    const double plain = mp_grad_loss(p.g, p.image, p.target, NULL), want = mp_grad_loss(p.g, moved, p.target, NULL);
    mp_grad_shift(p.g, 0, delta);
    mp_grad_shift(p.g, 0, delta);
    for (unsigned i = 0; i < 2; i++)
        assert_true(fabs(mp_grad_loss(p.g, p.image, p.target, NULL) - want) == 0);
    assert_true(fabs(want - plain) > 1e-3);
    memset(delta, 0, count * sizeof *delta);
    assert_true(fabs(mp_grad_run(p.g, p.image, p.target) - plain) == 0);
    mp_grad_shift(p.g, 0, NULL);
    delta[0] = 9;
    assert_true(fabs(mp_grad_loss(p.g, p.image, p.target, NULL) - plain) == 0);
    grad_finish(&p);
    quantised_finish(&z);
}

// A convolution with a residual and a ReLU, shifted behind the sum, is that network with the shift as a constant of its own.
static void shifted_inside(void **state) {
    (void)state;
    const char *const text = "in x 1 2 4 4\nconst w 2 2 3 3\nConv c x w pads=1,1,1,1\nAdd s c x\nRelu r s\n"
                             "Conv d r w pads=1,1,1,1\nAdd t d r\nFlatten f t\nout f\n";
    const char *const with = "in x 1 2 4 4\nconst w 2 2 3 3\nConv c x w pads=1,1,1,1\nAdd s c x\nRelu r s\nconst k 1 2 4 4\n"
                             "Add q r k\nConv d q w pads=1,1,1,1\nAdd t d q\nFlatten f t\nout f\n";
    struct mp_arena a = {0};
    struct mp_network n;
    float image[32], delta[32];
    double got[32], target[32] = {1}, want[32];
    uint64_t seed = 5;
    for (unsigned i = 0; i < 32; i++) {
        image[i] = random_real(&seed);
        delta[i] = random_real(&seed);
    }
    struct mp_err err;
    network_of_text(&n, &a, 13, with, false);
    for (size_t v = 0; v < n.graph.value_count; v++)
        if (strcmp(n.graph.values[v].name, "k") == 0)
            memcpy(n.graph.values[v].array.f, delta, sizeof delta);
    struct mp_grad *g = mp_grad_create(&n, &err);
    mp_grad_loss(g, image, target, want);
    mp_grad_destroy(g);
    network_of_text(&n, &a, 13, text, true);
    g = mp_grad_create(&n, &err);
    for (size_t t = 0; t < n.workload.tensor_count; t++)
        if (strcmp(n.workload.tensors[t].name, "r") == 0)
            mp_grad_shift(g, t, delta);
    mp_grad_loss(g, image, target, got);
    for (unsigned i = 0; i < 32; i++)
        assert_true(fabs(got[i] - want[i]) < 1e-5);
    mp_grad_destroy(g);
    mp_arena_finish(&a);
}

// The scores are the float executor's, the loss is theirs, and runs do not depend on those before.
static void losses(void **state) {
    (void)state;
    struct quantised_network z;
    struct grad_probe p;
    double scores[10], sum = 0, all = 0, loss = 0;
    quantised_glyphs(&z, 2);
    grad_begin(&p, &z.net);
    struct mp_infer *f = mp_infer_create(&z.net.graph);
    mp_dataset_image(&z.data, 1, mp_infer_input(f, 0)->f);
    mp_infer_run(f);
    const float *s = mp_infer_value(f, z.net.graph.outputs[0])->f;
    for (unsigned i = 0; i < 10; i++)
        sum += exp((double)s[i]);
    for (unsigned i = 0; i < 10; i++) {
        loss += p.target[i] * (log(sum) - (double)s[i]);
        all += p.target[i];
    }
    assert_true(fabs(all - 1) < 1e-12);
    mp_dataset_image(&z.data, 0, p.image);
    mp_grad_run(p.g, p.image, p.target);
    mp_dataset_image(&z.data, 1, p.image);
    const double found = mp_grad_loss(p.g, p.image, p.target, scores);
    assert_true(fabs(found - loss) < 1e-5 * (1 + loss));
    for (unsigned i = 0; i < 10; i++)
        assert_true(fabs(scores[i] - (double)s[i]) < 1e-4);
    const size_t fc = layer_named(&z.net, "fc"), count = z.net.workload.layers[fc].geo.oc * z.net.workload.layers[fc].geo.ic;
    float *first = mp_arena_alloc(&p.arena, count, sizeof *first);
    assert_true(fabs(mp_grad_run(p.g, p.image, p.target) - found) == 0);
    memcpy(first, mp_grad_weight(p.g, fc), count * sizeof *first);
    mp_grad_run(p.g, p.image, p.target);
    assert_memory_equal(first, mp_grad_weight(p.g, fc), count * sizeof *first);
    mp_infer_destroy(f);
    grad_finish(&p);
    quantised_finish(&z);
}

static void refuse(const char *text, const char *want) {
    struct quantised_network z;
    struct mp_err err = {0};
    quantised_graph(&z, text, 1, 0);
    assert_null(mp_grad_create(&z.net, &err));
    assert_string_equal(err.text, want);
    quantised_finish(&z);
}

static void refused(void **state) {
    (void)state;
    struct quantised_network z;
    struct mp_err err = {0};
    refuse("in x 1 2 4 4\nconst w 3 2 3 3\nConv c x w\nFloor f c\nSigmoid s f\nFlatten q s\nconst g 4 12\n"
           "Gemm y q g transB=1\nout y\n",
           "m.onnx: node \"f\" (Floor): has no derivative, which layer \"c\" needs for its weights");
    refuse("in x 1 2 4 4\nin z 1 2 4 4\nAdd y x z\nout y\n", "m.onnx: gradients need one input, of real numbers");
    // Around it there is a way; and what the loss does not see has the derivative 0.
    quantised_graph(&z, "in x 1 2 4 4\nconst w 3 2 3 3\nConv c x w\nFloor f c\nAdd s f c\nFlatten y s\nconst v 2 2 1 1\n"
                        "Conv o x v\nout y\nout o\n", 1, 0);
    struct mp_grad *g = mp_grad_create(&z.net, &err);
    const float *seen = mp_grad_weight(g, layer_named(&z.net, "c")), *unseen = mp_grad_weight(g, layer_named(&z.net, "o"));
    double target[12] = {1};
    float image[32] = {1, 2, 3};
    assert_non_null(g);
    mp_grad_run(g, image, target);
    assert_true(seen[0] < 0 || seen[0] > 0);
    for (unsigned i = 0; i < 4; i++)
        assert_true(fabsf(unseen[i]) == 0);
    mp_grad_destroy(g);
    quantised_finish(&z);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks),
        cmocka_unit_test(smooth_glyphs),
        cmocka_unit_test(glyphs),
        cmocka_unit_test(shared_weights),
        cmocka_unit_test(shifted_image),
        cmocka_unit_test(shifted_inside),
        cmocka_unit_test(losses),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
