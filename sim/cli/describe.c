// SPDX-License-Identifier: Apache-2.0
// One line a configuration file, from what it says itself.
#include "sim/cli/describe.h"

#include "sim/base/json.h"
#include "sim/cli/explore_inputs.h"
#include "sim/import/import.h"
#include "sim/nn/dataset.h"
#include "sim/report/quantity.h"

#include <inttypes.h>
#include <string.h>

static bool describe_arch(const char *path, struct mp_arena *a, struct mp_buf *out, struct mp_err *err) {
    struct mp_arch arch;
    if (!mp_arch_load(&arch, a, path, err))
        return false;
    const struct mp_pe_array *y = &arch.array;
    mp_buf_addf(out, "%" PRIu64 "x%" PRIu64 " PEs %s of %" PRIu64 " lane%s, %s %s, %g MHz, %s%s%s", y->rows, y->cols,
                y->pe.ops->name, y->pe.lanes, y->pe.lanes == 1 ? "" : "s", mp_dataflow_names[y->dataflow],
                mp_interconnect_names[y->interconnect], arch.clock_mhz, arch.tech, arch.source ? "; " : "",
                arch.source ? arch.source : "");
    return true;
}

static bool describe_workload(const char *path, struct mp_arena *a, struct mp_buf *out, struct mp_err *err) {
    struct mp_workload w;
    char macs[MP_QTY_BYTES], params[MP_QTY_BYTES];
    if (!mp_workload_open(&w, a, path, err))
        return false;
    mp_buf_addf(out, "%zu layers, %s, %s%s%s", w.layer_count, mp_qty_si((double)mp_workload_macs(&w), "MACs", macs),
                mp_qty_si((double)mp_workload_params(&w), "params", params), w.source ? "; " : "",
                w.source ? w.source : "");
    return true;
}

static bool describe_plan(const char *path, struct mp_arena *a, struct mp_buf *out, struct mp_err *err) {
    struct mp_json *doc;
    struct mp_plan p;
    if (!mp_json_load(&doc, path, err))
        return false;
    struct mp_node root = mp_json_root(doc);
    bool ok = mp_plan_read(&p, a, &root, err);
    mp_json_destroy(doc);
    if (!ok)
        return false;
    const char *slash = strrchr(p.workload, '/'), *file = slash ? slash + 1 : p.workload;
    mp_buf_addf(out, "%.*s: weights %u bits, activations %u bits", (int)strcspn(file, "."), file, p.default_w_bits,
                p.default_a_bits);
    if (p.entry_count > 0)
        mp_buf_addf(out, "; %zu layer%s of their own", p.entry_count, p.entry_count == 1 ? "" : "s");
    return true;
}

// Straight from the file: what a price was taken at is not needed elsewhere.
static void add_number(const struct mp_node *root, const char *key, const char *unit, struct mp_buf *out) {
    struct mp_node n;
    struct mp_err err;
    double value;
    if (mp_node_get(root, key, &n) && mp_node_real(&n, 0, 1e9, &value, &err))
        mp_buf_addf(out, "%s%g %s", out->len > 0 ? ", " : "", value, unit);
}

static void add_name(const struct mp_node *root, const char *key, const char *before, struct mp_buf *out) {
    struct mp_node n;
    struct mp_err err;
    const char *text;
    if (mp_node_get(root, key, &n) && mp_node_name(&n, &text, &err))
        mp_buf_addf(out, ", %s%s", before, text);
}

static bool describe_tech(const char *path, struct mp_arena *a, struct mp_buf *out, struct mp_err *err) {
    struct mp_json *doc;
    (void)a;
    if (!mp_json_load(&doc, path, err))
        return false;
    struct mp_node root = mp_json_root(doc);
    add_number(&root, "node_nm", "nm", out);
    add_number(&root, "volts", "V", out);
    add_number(&root, "temperature_k", "K", out);
    add_name(&root, "cell", "cells ", out);
    add_name(&root, "scaled_from", "logic scaled from ", out);
    mp_json_destroy(doc);
    return true;
}

static bool describe_preprocess(const char *path, struct mp_arena *a, struct mp_buf *out, struct mp_err *err) {
    struct mp_preprocess p;
    if (!mp_preprocess_load(&p, a, path, err))
        return false;
    mp_buf_addf(out, "times %g", p.scale);
    for (unsigned c = 0; c < p.channels; c++)
        mp_buf_addf(out, "%s%g", c ? ", " : ", minus ", p.mean[c]);
    for (unsigned c = 0; c < p.channels; c++)
        mp_buf_addf(out, "%s%g", c ? ", " : ", over ", p.std[c]);
    mp_buf_addf(out, "%s%s", p.channels_last ? ", channels last" : "", p.reverse ? ", channels reversed" : "");
    return true;
}

static bool describe_space(const char *path, struct mp_arena *a, struct mp_buf *out, struct mp_err *err) {
    struct mp_sweep *s = mp_arena_alloc(a, 1, sizeof *s);
    if (!mp_sweep_load(s, a, path, &mp_sweep_inputs, err))
        return false;
    mp_buf_addf(out, "%" PRIu64 " designs of", s->points);
    for (size_t i = 0; i < s->base_count; i++)
        mp_buf_addf(out, "%s %s", i ? "," : "", s->bases[i].name);
    mp_buf_add(out, " on");
    for (size_t i = 0; i < s->network_count; i++)
        mp_buf_addf(out, "%s %s", i ? "," : "", s->networks[i].name);
    return true;
}

void mp_describe_config(enum mp_config kind, const char *path, struct mp_buf *out) {
    static bool (*const describe[MP_CONFIGS])(const char *path, struct mp_arena *a, struct mp_buf *out,
                                              struct mp_err *err) = {
        [MP_CONFIG_ARCH] = describe_arch,
        [MP_CONFIG_WORKLOAD] = describe_workload,
        [MP_CONFIG_PLAN] = describe_plan,
        [MP_CONFIG_TECH] = describe_tech,
        [MP_CONFIG_MODEL] = describe_workload,
        [MP_CONFIG_PREPROCESS] = describe_preprocess,
        [MP_CONFIG_SPACE] = describe_space,
    };
    struct mp_arena a = {0};
    struct mp_err err;
    if (!describe[kind](path, &a, out, &err))
        mp_buf_addf(out, "cannot be used: %s", err.text);
    mp_arena_finish(&a);
}
