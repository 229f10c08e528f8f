// SPDX-License-Identifier: Apache-2.0
// The shipped network on the drawn set: its scores and its accuracy are those that PyTorch had when it was trained
// (scripts/train_glyphs.py wrote them down).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/base/json.h"
#include "sim/import/onnx.h"
#include "sim/nn/dataset.h"
#include "sim/nn/infer.h"

#include <math.h>
#include <string.h>

#define CLASSES 10

struct golden {
    uint64_t images, right;
    double scores[32][CLASSES];
    size_t count; // of scores
};

static void ok(bool good, const struct mp_err *err) {
    if (!good)
        fail_msg("%s", err->text);
}

static void read_golden(struct golden *g) {
    struct mp_json *doc;
    struct mp_err err;
    ok(mp_json_load(&doc, "tests/nn/glyphs.json", &err), &err);
    struct mp_node root = mp_json_root(doc), n, row, score;
    ok(mp_node_need(&root, "images", &n, &err) && mp_node_uint(&n, 1, 100000, &g->images, &err), &err);
    ok(mp_node_need(&root, "right", &n, &err) && mp_node_uint(&n, 1, g->images, &g->right, &err), &err);
    ok(mp_node_need(&root, "scores", &n, &err), &err);
    g->count = 0;
    for (bool more = mp_node_first(&n, &row); more; more = mp_node_next(&row)) {
        assert_true(g->count < 32 && mp_node_count(&row) == CLASSES);
        size_t c = 0;
        for (bool next = mp_node_first(&row, &score); next; next = mp_node_next(&score))
            ok(mp_node_real(&score, -1e6, 1e6, &g->scores[g->count][c++], &err), &err);
        g->count++;
    }
    mp_json_destroy(doc);
}

static unsigned largest(const float *score) {
    unsigned best = 0;
    for (unsigned c = 1; c < CLASSES; c++)
        best = score[c] > score[best] ? c : best;
    return best;
}

// Sums run in other orders here and there: single scores agree to a few units of float, and images in which two classes
// are that near may change sides.
static void scores_and_accuracy(void **state) {
    (void)state;
    static struct golden g;
    struct mp_arena a = {0};
    struct mp_graph graph;
    struct mp_dataset d;
    struct mp_err err;
    uint64_t right = 0;
    read_golden(&g);
    assert_true(g.count >= 10);
    ok(mp_onnx_load(&graph, &a, "configs/models/glyphs.onnx", NULL, &err), &err);
    ok(mp_dataset_open(&d, &a, "glyphs", MP_SPLIT_TEST, 0, NULL, &err), &err);
    assert_int_equal(d.count, g.images);
    struct mp_infer *f = mp_infer_create(&graph);
    for (uint64_t i = 0; i < d.count; i++) {
        mp_dataset_image(&d, i, mp_infer_input(f, 0)->f);
        mp_infer_run(f);
        const struct mp_array *out = mp_infer_value(f, graph.outputs[0]);
        assert_int_equal(mp_shape_count(&out->shape), CLASSES);
        for (unsigned c = 0; i < g.count && c < CLASSES; c++)
            assert_true(fabs((double)out->f[c] - g.scores[i][c]) < 1e-4);
        right += largest(out->f) == d.labels[i];
    }
    mp_infer_destroy(f);
    assert_in_range(right, g.right - 2, g.right + 2);
    mp_arena_finish(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_and_accuracy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
