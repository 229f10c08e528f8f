// SPDX-License-Identifier: Apache-2.0
// Trained models from files against the shipped workloads of the same networks, layer by layer. The models do not come with
// the project: $MPSIM_SHARED_DATA or ../shared/data, else the tests say that they are skipped.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/import/network.h"
#include "tests/unit/spec_fixture.h"

#include <stdlib.h>
#include <unistd.h>

static const char *model(struct mp_arena *a, const char *name) {
    const char *folder = getenv("MPSIM_SHARED_DATA");
    const char *path = mp_arena_printf(a, "%s/models/%s", folder ? folder : "../shared/data", name);
    if (access(path, R_OK) == 0)
        return path;
    print_message("# skipped: no %s\n", path);
    return NULL;
}

// The next layer that is no view, from `*at` on; NULL behind the last.
static const struct mp_layer *next(const struct mp_workload *w, size_t *at) {
    while (*at < w->layer_count && w->layers[*at].type == MP_VIEW)
        ++*at;
    return *at < w->layer_count ? &w->layers[(*at)++] : NULL;
}

static void same_layers(const struct mp_workload *x, const struct mp_workload *y) {
    size_t i = 0, k = 0;
    for (const struct mp_layer *p = next(x, &i), *q = next(y, &k); p || q; p = next(x, &i), q = next(y, &k)) {
        assert_true(p && q);
        assert_int_equal(p->type, q->type);
        assert_int_equal(p->act, q->act);
        assert_memory_equal(&p->geo, &q->geo, sizeof p->geo);
        assert_true(p->pb == q->pb && p->pr == q->pr && p->first_channel == q->first_channel);
        const struct mp_tensor *s = &x->tensors[p->output], *t = &y->tensors[q->output];
        assert_true(s->c == t->c && s->h == t->h && s->w == t->w && s->is_signed == t->is_signed);
        assert_int_equal(mp_layer_weights(p), mp_layer_weights(q));
    }
    assert_int_equal(mp_workload_macs(x), mp_workload_macs(y));
}

static void compare(const char *file, const char *shipped) {
    struct mp_arena a = {0};
    struct mp_err err;
    struct mp_network n;
    struct mp_workload w;
    const char *path = model(&a, file), *root = getenv("MPSIM_SOURCE");
    if (path) {
        assert_ok(mp_network_load(&n, &a, path, NULL, &err), err);
        assert_ok(mp_workload_open(&w, &a, mp_arena_printf(&a, "%s/configs/workloads/%s.json", root ? root : ".", shipped), &err),
                  err);
        same_layers(&n.workload, &w);
        for (size_t i = 0; i < n.workload.layer_count; i++) {
            bool has = mp_layer_has_weights(&n.workload.layers[i]);
            assert_true(!has || (n.params[i].weight && n.params[i].bias && n.params[i].weight_value != MP_NO_VALUE &&
                                 n.params[i].bias_value != MP_NO_VALUE));
            assert_null(n.params[i].float_only);
        }
    }
    mp_arena_finish(&a);
}

static void resnet8(void **state) {
    (void)state;
    compare("resnet8_bnfolded.onnx", "resnet8");
}

static void resnet20(void **state) {
    (void)state;
    compare("resnet20.onnx", "resnet20");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(resnet8), cmocka_unit_test(resnet20)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
