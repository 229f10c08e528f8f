// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/spec_fixture.h"
#include "tests/unit/sweep_fixture.h"

#include <stdlib.h>
#include <string.h>

static const char net[] =
    "{'name': 'net', 'inputs': [{'name': 'in', 'shape': [4, 8, 8]}], 'layers': ["
    "{'name': 'c1', 'type': 'conv2d', 'inputs': ['in'], 'out_channels': 16, 'kernel': [3, 3], 'padding': [1, 1, 1, 1]},"
    "{'name': 'c2', 'type': 'conv2d', 'inputs': ['c1'], 'out_channels': 24, 'kernel': [3, 3]},"
    "{'name': 'pool', 'type': 'pool', 'op': 'avg', 'inputs': ['c2'], 'kernel': [6, 6]},"
    "{'name': 'fc', 'type': 'linear', 'inputs': ['pool'], 'out_channels': 10}]}";

static const char *config(struct mp_arena *a, const char *folder, const char *name) {
    const char *root = getenv("MPSIM_ROOT");
    return mp_arena_printf(a, "%s/configs/%s/%s", root ? root : ".", folder, name);
}

static bool load_arch(const char *from, const char *name, struct mp_arena *a, struct mp_arch *out, struct mp_err *err) {
    (void)from;
    return mp_arch_load(out, a, config(a, "arch", mp_arena_printf(a, "%s.json", name)), err);
}

static bool load_tech(struct mp_arch *arch, struct mp_arena *a, struct mp_tech **out, struct mp_err *err) {
    return mp_tech_load(out, a, config(a, "tech", ""), arch->tech, err);
}

static bool load_uniform(const char *from, const char *workload, uint64_t w_bits, uint64_t a_bits, uint64_t batch,
                         struct mp_arena *a, struct mp_plan *plan, struct mp_workload *w, struct mp_err *err) {
    (void)from;
    const char *text = mp_arena_printf(a, "{'name': '%s_w%ua%u', 'workload': '%s', 'batch': %u, 'default': {'w_bits': %u, 'a_bits': "
                                       "%u}}", workload, (unsigned)w_bits, (unsigned)a_bits, workload, batch ? (unsigned)batch : 1,
                                       (unsigned)w_bits, (unsigned)a_bits);
    return read_workload(w, a, net, err) && read_plan(plan, a, w, text, err);
}

static bool load_plan(const char *from, const char *name, uint64_t batch, struct mp_arena *a, struct mp_plan *plan,
                      struct mp_workload *w, struct mp_err *err) {
    return load_uniform(from, name, 8, 8, batch, a, plan, w, err);
}

const struct mp_sweep_loader sweep_loader = {
    .arch = load_arch, .tech = load_tech, .plan = load_plan, .uniform = load_uniform, .version = "test",
};

bool read_sweep(struct mp_sweep *s, struct mp_arena *a, const char *text, struct mp_err *err) {
    struct mp_json *doc;
    const char *json = patched(a, text, "", "");
    if (!mp_json_parse(&doc, "s.json", json, strlen(json), err))
        return false;
    struct mp_node root = mp_json_root(doc);
    bool ok = mp_sweep_read(s, a, &root, &sweep_loader, err);
    mp_json_destroy(doc);
    return ok;
}
