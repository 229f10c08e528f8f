// SPDX-License-Identifier: Apache-2.0
// A row a kind of document: the keys that give it away, and how it is read.
#include "sim/cli/document.h"

#include "costmodel/tech.h"
#include "sim/base/file.h"
#include "sim/base/json.h"
#include "sim/base/say.h"
#include "sim/cli/explore_inputs.h"
#include "sim/cosim/cosim.h"
#include "sim/explore/sweep.h"
#include "sim/import/import.h"
#include "sim/import/network.h"
#include "sim/map/constraint.h"
#include "sim/nn/dataset.h"
#include "sim/report/accuracy.h"
#include "sim/report/inspect.h"
#include "sim/report/report.h"
#include "sim/report/result_file.h"

#include <string.h>

struct document {
    const char *path;
    struct mp_arena *a;
    struct mp_node root; // of JSON
    const char *text;    // as it stands
    size_t len;
    struct mp_buf *resolved; // or NULL
};

static bool check_arch(const struct document *d, struct mp_jsonw *w, struct mp_err *err) {
    struct mp_arch arch;
    if (!mp_arch_read(&arch, d->a, &d->root, err))
        return false;
    if (w)
        mp_arch_write(&arch, w);
    return true;
}

static bool check_workload(const struct document *d, struct mp_jsonw *w, struct mp_err *err) {
    struct mp_workload workload;
    if (!mp_workload_read(&workload, d->a, &d->root, err))
        return false;
    if (w)
        mp_workload_write(&workload, w);
    return true;
}

static bool check_plan(const struct document *d, struct mp_jsonw *w, struct mp_err *err) {
    struct mp_workload workload;
    struct mp_plan plan;
    if (!mp_plan_read(&plan, d->a, &d->root, err) ||
        !mp_plan_workload(&plan, &workload, d->a, d->path, err) || !mp_plan_resolve(&plan, d->a, &workload, err))
        return false;
    if (w)
        mp_plan_write(&plan, &workload, w);
    return true;
}

static bool check_tech(const struct document *d, struct mp_jsonw *w, struct mp_err *err) {
    struct mp_tech *tech;
    if (!mp_tech_load_file(&tech, d->a, d->path, err)) // also reads the file that it is scaled from
        return false;
    if (w)
        mp_tech_write(tech, w);
    return true;
}

static bool check_mapping(const struct document *d, struct mp_jsonw *w, struct mp_err *err) {
    struct mp_mapping_set set;
    if (!mp_mapping_set_read(&set, d->a, &d->root, err))
        return false;
    if (w)
        mp_mapping_set_write(&set, w);
    return true;
}

static bool as_it_stands(const struct document *d) {
    if (d->resolved)
        mp_buf_addn(d->resolved, d->text, d->len);
    return true;
}

static bool check_constraints(const struct document *d, struct mp_jsonw *w, struct mp_err *err) {
    struct mp_constraint_set set = {.path = d->path};
    (void)w;
    return mp_constraint_set_read(&set, d->a, &d->root, err) && as_it_stands(d);
}

// What other commands write and none reads is known by its schema, and not looked at any further.
static const struct {
    const char *schema, *name;
} reports[] = {
    {MP_ACCURACY_SCHEMA, "accuracy result"},
    {MP_COSIM_SCHEMA, "cosim result"},
    {MP_INSPECT_SCHEMA, "inspect result"},
};

// The name of such a document, or NULL.
static const char *report_name(const struct mp_node *root) {
    struct mp_node schema;
    struct mp_err other;
    const char *text;
    if (!mp_node_is_object(root) || !mp_node_get(root, "schema", &schema) || !mp_node_string(&schema, &text, &other))
        return NULL;
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++)
        if (strcmp(text, reports[i].schema) == 0)
            return reports[i].name;
    return NULL;
}

static bool check_result(const struct document *d, struct mp_jsonw *w, struct mp_err *err) {
    struct mp_saved saved;
    char shown[MP_SAY_BYTES];
    struct mp_node schema;
    const char *text;
    (void)w;
    if (mp_node_get(&d->root, "schema", &schema)) {
        if (!mp_node_string(&schema, &text, err))
            return false;
        if (strcmp(text, MP_RESULT_SCHEMA) != 0)
            return mp_node_fail(&schema, err, "must be \"%s\", \"%s\", \"%s\" or \"%s\" (got \"%s\")", MP_RESULT_SCHEMA,
                                reports[0].schema, reports[1].schema, reports[2].schema,
                                mp_say_text(text, strlen(text), shown));
    }
    return mp_saved_read(&saved, d->a, &d->root, err) && as_it_stands(d);
}

static bool check_preprocess(const struct document *d, struct mp_jsonw *w, struct mp_err *err) {
    struct mp_preprocess p;
    (void)w;
    return mp_preprocess_read(&p, d->a, &d->root, err) && as_it_stands(d);
}

static bool check_space(const struct document *d, struct mp_jsonw *w, struct mp_err *err) {
    struct mp_sweep *s = mp_arena_alloc(d->a, 1, sizeof *s);
    if (!mp_sweep_read(s, d->a, &d->root, &mp_sweep_inputs, err) || !mp_sweep_check(s, err))
        return false;
    if (w)
        mp_buf_add(d->resolved, s->text);
    return true;
}

// The first row of which the document has a key.
static const struct kind {
    const char *name;
    const char *keys[5]; // NULL-terminated
    bool (*check)(const struct document *d, struct mp_jsonw *w, struct mp_err *err);
} kinds[] = {
    {"result", {"schema", "totals"}, check_result},
    {"space", {"axes", "archs", "networks", "objectives"}, check_space},
    {"tech", {"node_nm", "pe", "sources", "scaled_from"}, check_tech},
    {"arch", {"array", "buffers", "clock_mhz", "vector_unit"}, check_arch},
    {"plan", {"workload", "default", "batch", "output_bits"}, check_plan},
    {"preprocess", {"mean", "std", "scale", "layout"}, check_preprocess},
};
static const struct kind workload = {"workload", {NULL}, check_workload};
static const struct kind mapping = {"mapping", {NULL}, check_mapping};
static const struct kind constraints = {"constraints", {NULL}, check_constraints};

static bool has_key(const struct mp_node *root, const struct kind *k) {
    struct mp_node child;
    for (const char *const *key = k->keys; *key; key++)
        if (mp_node_get(root, *key, &child))
            return true;
    return false;
}

// Three kinds have "layers": a list, an object of lists, an object of objects.
static const struct kind *by_layers(const struct mp_node *root) {
    struct mp_node layers, first;
    if (mp_node_get(root, "inputs", &layers))
        return &workload;
    if (!mp_node_get(root, "layers", &layers))
        return NULL;
    if (mp_node_is_array(&layers))
        return &workload;
    if (!mp_node_is_object(&layers))
        return NULL;
    return mp_node_first(&layers, &first) && mp_node_is_object(&first) ? &constraints : &mapping;
}

static bool check_json(struct document *d, const char **name, struct mp_err *err) {
    struct mp_json *doc;
    if (!mp_json_parse(&doc, d->path, d->text, d->len, err))
        return false;
    d->root = mp_json_root(doc);
    const struct kind *k = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !k; i++)
        if (mp_node_is_object(&d->root) && has_key(&d->root, &kinds[i]))
            k = &kinds[i];
    if (!k && mp_node_is_object(&d->root))
        k = by_layers(&d->root);
    struct mp_jsonw w, *out = d->resolved ? &w : NULL;
    if (out)
        mp_jsonw_init(out, d->resolved);
    const char *report = report_name(&d->root);
    *name = report ? report : k ? k->name : NULL;
    bool ok = report ? as_it_stands(d)
              : k    ? k->check(d, out, err)
                     : mp_node_fail(&d->root, err,
                               "no known document (arch, workload, plan, tech, preprocess, mapping, constraints, space, result)");
    mp_json_destroy(doc);
    return ok;
}

static bool check_topology(const struct document *d, struct mp_err *err) {
    struct mp_workload w;
    if (!mp_scalesim_topology(&w, d->a, d->path, d->text, d->len, err))
        return false;
    if (d->resolved) {
        struct mp_jsonw out;
        mp_jsonw_init(&out, d->resolved);
        mp_workload_write(&w, &out);
    }
    return true;
}

static bool check_cfg(const struct document *d, struct mp_err *err) {
    struct mp_arch arch;
    if (!mp_scalesim_arch_parse(&arch, d->a, d->path, d->text, d->len, err))
        return false;
    if (d->resolved) {
        struct mp_jsonw out;
        mp_jsonw_init(&out, d->resolved);
        mp_arch_write(&arch, &out);
    }
    return true;
}

static bool check_onnx(const struct document *d, struct mp_err *err) {
    struct mp_network n;
    if (!mp_network_load(&n, d->a, d->path, NULL, err))
        return false;
    if (d->resolved) {
        struct mp_jsonw out;
        mp_jsonw_init(&out, d->resolved);
        mp_workload_write(&n.workload, &out);
    }
    return true;
}

bool mp_document_check(const char *path, struct mp_arena *a, const char **kind, struct mp_buf *resolved,
                       struct mp_err *err) {
    struct document d = {.path = path, .a = a, .resolved = resolved};
    const char *dot = strrchr(path, '.');
    char *text;
    *kind = NULL;
    if (dot && strcmp(dot, ".onnx") == 0) {
        *kind = "ONNX model";
        return check_onnx(&d, err);
    }
    if (!mp_file_read(a, path, &text, &d.len, err))
        return false;
    d.text = text;
    if (dot && strcmp(dot, ".csv") == 0) {
        *kind = "SCALE-Sim topology";
        return check_topology(&d, err);
    }
    if (dot && strcmp(dot, ".cfg") == 0) {
        *kind = "SCALE-Sim configuration";
        return check_cfg(&d, err);
    }
    return check_json(&d, kind, err);
}
