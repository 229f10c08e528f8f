// SPDX-License-Identifier: Apache-2.0
// A model as a whole: its file, its version, its initialisers, and the order in which the rest is read.
#include "sim/import/onnx.h"

#include "sim/import/lines.h"
#include "sim/import/onnx_read.h"
#include "sim/import/onnx_wire.h"

#include "sim/base/file.h"
#include "sim/base/say.h"
#include "sim/nn/op.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define MAX_FILE_BYTES ((size_t)INT32_MAX) // what protobuf allows

const char *mp_onnx_say(struct mp_onnx_reader *r, const char *text) {
    char shown[MP_SAY_BYTES];
    return text ? mp_arena_strdup(r->scratch, mp_say_text(text, strlen(text), shown)) : "";
}

const char *mp_onnx_hint(struct mp_onnx_reader *r, const char *name) {
    char hint[MP_NAMES_HINT_BYTES];
    return strlen(name) < 3 ? "" : mp_arena_strdup(r->scratch, mp_names_hint(&r->names, name, hint));
}

bool mp_onnx_add_value(struct mp_onnx_reader *r, const char *name, const struct mp_array *constant, int32_t type,
                       const char *place, size_t *value) {
    if (!name || !name[0])
        return mp_fail(r->err, "%s: %s: must have a name", r->name, place);
    if (!mp_is_printable(name))
        return mp_fail(r->err, "%s: %s: name must not have control characters", r->name, place);
    if (!mp_names_add(&r->names, name))
        return mp_fail(r->err, "%s: %s: the value \"%s\" is there already", r->name, place, mp_onnx_say(r, name));
    *value = constant ? mp_graph_add_constant(r->g, name, constant) : mp_graph_add_value(r->g, name);
    r->types[*value] = type;
    return true;
}

static bool read_opset(struct mp_onnx_reader *r, const Onnx__ModelProto *m) {
    int64_t version = 0;
    for (size_t i = 0; i < m->n_opset_import; i++) {
        const Onnx__OperatorSetIdProto *o = m->opset_import[i];
        if (o->domain && o->domain[0] && strcmp(o->domain, "ai.onnx") != 0)
            continue;
        if (version != 0)
            return mp_fail(r->err, "%s: has two opset versions", r->name);
        version = o->version;
        if (version < MP_ONNX_MIN_OPSET || version > MP_ONNX_MAX_OPSET)
            return mp_fail(r->err, "%s: opset must be %d..%d (got %" PRId64 ")", r->name, MP_ONNX_MIN_OPSET,
                           MP_ONNX_MAX_OPSET, version);
    }
    r->g->opset = (unsigned)version;
    return version != 0 || mp_fail(r->err, "%s: the opset version is missing", r->name);
}

static bool read_initialisers(struct mp_onnx_reader *r) {
    const Onnx__GraphProto *g = r->graph;
    struct mp_array array;
    size_t value = 0;
    if (g->n_sparse_initializer > 0)
        return mp_fail(r->err, "%s: sparse initialisers are not supported", r->name);
    for (size_t i = 0; i < g->n_initializer; i++) {
        const Onnx__TensorProto *t = g->initializer[i];
        const char *place = mp_arena_printf(r->scratch, "initialiser \"%s\"", mp_onnx_say(r, t->name));
        if (!mp_onnx_tensor(r, t, place, &array) || !mp_onnx_add_value(r, t->name, &array, t->data_type, place, &value))
            return false;
    }
    return true;
}

// At most so many values can there be.
static size_t count_values(const Onnx__GraphProto *g) {
    size_t count = g->n_initializer + g->n_input;
    for (size_t i = 0; i < g->n_node; i++)
        count += g->node[i]->n_output;
    return count;
}

static bool has_weights(const struct mp_graph_node *n) {
    static const char *const ops[] = {"BatchNormalization", "Conv", "Gemm", "LayerNormalization", "MatMul"};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (strcmp(n->op->name, ops[i]) == 0)
            return true;
    return false;
}

static bool check_finite(struct mp_onnx_reader *r, const struct mp_graph_node *n, const struct mp_value *v) {
    uint64_t count = v->constant && !v->array.whole ? mp_shape_count(&v->array.shape) : 0;
    for (uint64_t i = 0; i < count; i++)
        if (!isfinite(v->array.f[i]))
            return mp_graph_fail(r->g, n, r->err, "element %" PRIu64 " of \"%s\" must be finite (got %g)", i,
                                 mp_onnx_say(r, v->name), (double)v->array.f[i]);
    return true;
}

static bool check_outputs(struct mp_onnx_reader *r, const struct mp_graph_node *n) {
    char text[200];
    for (size_t i = 0; i < n->output_count; i++) {
        const struct mp_value *v = n->outputs[i] == MP_NO_VALUE ? NULL : &r->g->values[n->outputs[i]];
        if (v && !v->constant && mp_shape_count(&v->array.shape) == 0)
            return mp_graph_fail(r->g, n, r->err, "output \"%s\" has no elements (%s)", mp_onnx_say(r, v->name),
                                 mp_shape_text(&v->array.shape, text));
    }
    return true;
}

// Infinity may stand in a mask or a bound, but not in a weight. A list may be empty, but not what depends on the input.
static bool check_values(struct mp_onnx_reader *r) {
    for (size_t k = 0; k < r->g->node_count; k++) {
        const struct mp_graph_node *n = &r->g->nodes[k];
        if (!r->dims->keep_batch && !check_outputs(r, n))
            return false;
        for (size_t i = 0; has_weights(n) && i < n->input_count; i++)
            if (mp_node_input(r->g, n, i) && !check_finite(r, n, mp_node_input(r->g, n, i)))
                return false;
    }
    return true;
}

static bool infer(struct mp_onnx_reader *r) {
    struct mp_err inner;
    size_t len = strlen(r->name);
    const char *text = inner.text;
    if (r->batch == 1)
        return mp_graph_infer(r->g, r->err) && mp_onnx_compare_shapes(r);
    struct mp_err *outer = r->err;
    r->err = &inner;
    bool ok = mp_graph_infer(r->g, &inner) && mp_onnx_compare_shapes(r);
    r->err = outer;
    if (!ok && strncmp(text, r->name, len) == 0 && strncmp(text + len, ": ", 2) == 0)
        text += len + 2;
    return ok || mp_fail(r->err, "%s: the batch %" PRIu64 " of input \"%s\" cannot be taken as 1: %s", r->name, r->batch,
                         r->batch_input, text);
}

static bool read_model(struct mp_onnx_reader *r, const Onnx__ModelProto *m) {
    r->graph = m->graph;
    if (!read_opset(r, m))
        return false;
    if (!m->graph)
        return mp_fail(r->err, "%s: the model has no graph", r->name);
    size_t values = count_values(m->graph);
    mp_names_init(&r->names, r->scratch, values);
    r->types = mp_arena_alloc(r->scratch, values, sizeof *r->types);
    r->g->name = m->graph->name && m->graph->name[0] && mp_is_printable(m->graph->name)
                     ? mp_arena_strdup(r->g->arena, m->graph->name)
                     : mp_base_name(r->g->arena, r->name);
    return read_initialisers(r) && mp_onnx_inputs(r) && mp_onnx_nodes(r) && infer(r) && check_values(r);
}

bool mp_onnx_parse(struct mp_graph *g, struct mp_arena *a, const char *name, const void *bytes, size_t len,
                   const char *folder, const struct mp_onnx_dims *dims, struct mp_err *err) {
    struct mp_arena scratch = {0};
    static const struct mp_onnx_dims none;
    struct mp_onnx_reader r = {
        .g = g, .scratch = &scratch, .name = name, .folder = folder, .dims = dims ? dims : &none, .batch = 1, .err = err};
    *g = (struct mp_graph){.source = mp_arena_strdup(a, name), .arena = a};
    const ProtobufCMessage *m =
        mp_onnx_unpack(&onnx__model_proto__descriptor, &scratch, name, "an ONNX model", bytes, len, err);
    bool ok = m && read_model(&r, (const Onnx__ModelProto *)m);
    mp_arena_finish(&scratch);
    return ok;
}

bool mp_onnx_load(struct mp_graph *g, struct mp_arena *a, const char *path, const struct mp_onnx_dims *dims,
                  struct mp_err *err) {
    struct mp_arena file = {0};
    char *bytes;
    size_t len;
    bool ok = mp_file_read_up_to(&file, path, MAX_FILE_BYTES, &bytes, &len, err) &&
              mp_onnx_parse(g, a, path, bytes, len, mp_path_beside(&file, path, "."), dims, err);
    mp_arena_finish(&file);
    return ok;
}

bool mp_onnx_load_tensor(struct mp_array *array, struct mp_arena *a, const char *path, struct mp_err *err) {
    struct mp_arena scratch = {0};
    struct mp_graph g = {.arena = a};
    struct mp_onnx_reader r = {.g = &g, .scratch = &scratch, .name = path, .err = err};
    char *bytes;
    size_t len;
    bool ok = mp_file_read_up_to(&scratch, path, MAX_FILE_BYTES, &bytes, &len, err);
    const ProtobufCMessage *m =
        ok ? mp_onnx_unpack(&onnx__tensor_proto__descriptor, &scratch, path, "an ONNX tensor", bytes, len, err) : NULL;
    ok = m && mp_onnx_tensor(&r, (const Onnx__TensorProto *)m, "tensor", array);
    mp_arena_finish(&scratch);
    return ok;
}
