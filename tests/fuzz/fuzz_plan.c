// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: any text either gets a message or a plan that, resolved against a small network, has an
// echo which resolves to the same.
#include "sim/spec/build.h"
#include "sim/spec/plan.h"
#include "tests/fuzz/fuzz.h"

// in -> a -> { b, c of two groups } -> add -> view -> d (matmul with itself).
static void network(struct mp_arena *a, struct mp_workload *w) {
    static const uint64_t shape[3] = {4, 3, 1};
    struct mp_builder b;
    struct mp_err err;
    mp_build_begin(&b, w, a, "net", NULL, 1, 6);
    check(mp_build_input(&b, "in", shape, true, &err));
    static const struct {
        const char *name;
        enum mp_layer_type type;
        size_t inputs[2], count;
    } layers[] = {{"a", MP_CONV2D, {0}, 1}, {"b", MP_LINEAR, {1}, 1},   {"c", MP_CONV2D, {1}, 1},
                  {"s", MP_ADD, {2, 3}, 2}, {"v", MP_VIEW, {4}, 1}, {"d", MP_MATMUL, {5, 4}, 2}};
    for (size_t i = 0; i < 6; i++) {
        struct mp_layer_spec s = mp_layer_spec_default(layers[i].type);
        s.name = layers[i].name;
        s.inputs = layers[i].inputs;
        s.input_count = layers[i].count;
        s.out_channels = 4;
        s.groups = i == 2 ? 2 : 1;
        s.transpose_b = true;
        memcpy(s.shape, shape, sizeof shape);
        check(mp_build_layer(&b, &s, &err));
    }
    check(mp_build_end(&b, &err));
}

static bool read_one(const struct mp_node *root, struct mp_arena *a, struct mp_jsonw *w, struct mp_err *err) {
    struct mp_plan plan;
    struct mp_workload net;
    network(a, &net);
    if (!mp_plan_read(&plan, a, root, err) || !mp_plan_resolve(&plan, a, &net, err))
        return false;
    mp_plan_write(&plan, &net, w);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return fuzz_document(read_one, true, data, size);
}
