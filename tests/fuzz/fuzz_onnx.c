// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: any bytes either get a printable message or are a model whose graph is in order and runs, as it is and
// simplified, and whose workload reads back. Half of the mutations change one field of one message and mend the lengths
// around it.
#include "sim/import/network.h"
#include "sim/nn/hint.h"
#include "sim/nn/infer.h"
#include "sim/nn/op.h"
#include "sim/nn/simplify.h"
#include "tests/fuzz/fuzz.h"

#include <onnx.pb-c.h>

#define MAX_DEPTH 12

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);

static void check_message(const struct mp_err *err) {
    size_t len = strnlen(err->text, sizeof err->text);
    check(len > 0 && len < sizeof err->text);
    for (size_t i = 0; i < len; i++)
        check((unsigned char)err->text[i] >= 0x20 && err->text[i] != 0x7f);
}

static void check_graph(const struct mp_graph *g) {
    for (size_t k = 0; k < g->node_count; k++) {
        const struct mp_graph_node *n = &g->nodes[k];
        for (size_t i = 0; i < n->input_count; i++) {
            const struct mp_value *v = mp_node_input(g, n, i);
            check(!v || (v->known && mp_shape_fits(&v->array.shape)));
            check(!v || v->producer == MP_NO_NODE || v->producer < k);
        }
        for (size_t i = 0; i < n->output_count; i++)
            check(n->outputs[i] == MP_NO_VALUE || g->values[n->outputs[i]].producer == k);
    }
    for (size_t i = 0; i < g->output_count; i++)
        check(g->values[g->outputs[i]].known);
}

// Small ones are run; what they compute is not looked at.
static void check_run(const struct mp_graph *g) {
    uint64_t work = 0, one;
    for (size_t v = 0; v < g->value_count; v++)
        if (g->values[v].known && __builtin_add_overflow(work, mp_shape_count(&g->values[v].array.shape), &work))
            return;
    for (size_t k = 0; k < g->node_count; k++) {
        const struct mp_graph_node *n = &g->nodes[k];
        for (size_t i = 0; i < n->output_count; i++)
            if (n->outputs[i] != MP_NO_VALUE &&
                (__builtin_mul_overflow(n->op->work ? n->op->work(g, n) : 1,
                                        mp_shape_count(&g->values[n->outputs[i]].array.shape), &one) ||
                 __builtin_add_overflow(work, one, &work)))
                return;
    }
    if (work > 1 << 20)
        return;
    struct mp_infer *f = mp_infer_create(g);
    mp_infer_run(f);
    mp_infer_destroy(f);
}

static void check_workload(struct mp_arena *a, const struct mp_workload *w) {
    struct mp_workload again;
    struct mp_err err;
    struct mp_buf echo = {0};
    struct mp_jsonw out;
    struct mp_json *doc;
    mp_jsonw_init(&out, &echo);
    mp_workload_write(w, &out);
    check(mp_json_parse(&doc, "echo", echo.text, echo.len, &err));
    struct mp_node root = mp_json_root(doc);
    check(mp_workload_read(&again, a, &root, &err));
    check(mp_workload_macs(w) == mp_workload_macs(&again));
    mp_json_destroy(doc);
    mp_buf_finish(&echo);
}

// The model's own widths are a plan that resolves to them; scales of weights are there for every channel.
static void check_hints(struct mp_arena *a, const struct mp_network *n) {
    struct mp_plan own, again;
    struct mp_err err;
    struct mp_buf echo = {0};
    struct mp_jsonw out;
    struct mp_json *doc;
    for (size_t i = 0; i < n->workload.layer_count; i++)
        mp_hint_weight_scales(n, i, a);
    mp_hint_plan(n, a, &own);
    own.name = "own";
    own.workload = "net.onnx";
    mp_jsonw_init(&out, &echo);
    mp_plan_write(&own, &n->workload, &out);
    check(mp_json_parse(&doc, "echo", echo.text, echo.len, &err));
    struct mp_node root = mp_json_root(doc);
    check(mp_plan_read(&again, a, &root, &err) && mp_plan_resolve(&again, a, &n->workload, &err));
    for (size_t i = 0; i < n->workload.layer_count; i++)
        check(!mp_layer_on_array(&n->workload.layers[i]) || again.layers[i].a_bits == own.layers[i].a_bits);
    mp_json_destroy(doc);
    mp_buf_finish(&echo);
}

static bool lower(struct mp_network *n, struct mp_arena *a, struct mp_err *err) {
    struct mp_graph *g = &n->graph;
    check_graph(g);
    check_run(g);
    if (!mp_graph_absorb_qdq(g, err))
        return false;
    check_graph(g);
    check_run(g);
    if (!mp_graph_simplify(g, err))
        return false;
    check_graph(g);
    check_run(g);
    if (!mp_network_lower(n, a, err))
        return false;
    n->workload.name = "fuzz";
    check_workload(a, &n->workload);
    check_hints(a, n);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct mp_arena a = {0};
    struct mp_err err = {""};
    struct mp_network n = {0};
    const char *const names[] = {"height"};
    const uint64_t sizes[] = {8};
    struct mp_onnx_dims dims = {names, sizes, 1, false};
    if (!mp_onnx_parse(&n.graph, &a, "fuzz.onnx", data, size, NULL, size % 2 ? &dims : NULL, &err) || !lower(&n, &a, &err))
        check_message(&err);
    mp_arena_finish(&a);
    return 0;
}

// A field within a message within ...: where each begins, and its payload. Lengths are only those that fit.
struct place {
    size_t field, payload, end;
    bool has_length;
};

static bool varint(const uint8_t *data, size_t end, size_t *at, uint64_t *value) {
    *value = 0;
    for (unsigned shift = 0; *at < end && shift < 64; shift += 7) {
        *value |= (uint64_t)(data[*at] & 0x7f) << shift;
        if (data[(*at)++] < 0x80)
            return true;
    }
    return false;
}

static bool next_field(const uint8_t *data, size_t end, struct place *p, unsigned *id) {
    size_t at = p->field;
    uint64_t tag, len = 0;
    if (!varint(data, end, &at, &tag))
        return false;
    *id = (unsigned)(tag >> 3);
    p->has_length = (tag & 7) == 2;
    if (p->has_length && !varint(data, end, &at, &len))
        return false;
    p->payload = at;
    if ((tag & 7) == 0 && !varint(data, end, &at, &len))
        return false;
    len = (tag & 7) == 0 ? at - p->payload : (tag & 7) == 1 ? 8 : (tag & 7) == 5 ? 4 : len;
    p->end = p->payload + (size_t)len;
    return len <= end - p->payload;
}

// Down from the model into random fields; returns how many places the way has.
static size_t choose(const uint8_t *data, size_t size, unsigned *random, struct place way[MAX_DEPTH]) {
    const ProtobufCMessageDescriptor *type = &onnx__model_proto__descriptor;
    size_t depth = 0, at = 0, end = size;
    while (type && depth < MAX_DEPTH) {
        const ProtobufCMessageDescriptor *chosen_type = NULL;
        struct place p = {.field = at};
        unsigned id, seen = 0;
        for (; p.field < end && next_field(data, end, &p, &id); p.field = p.end) {
            *random = *random * 1103515245 + 12345;
            if ((*random >> 16) % ++seen != 0)
                continue;
            const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(type, id);
            way[depth] = p;
            chosen_type = f && p.has_length && f->type == PROTOBUF_C_TYPE_MESSAGE ? f->descriptor : NULL;
        }
        if (seen == 0)
            break;
        at = way[depth].payload;
        end = way[depth].end;
        type = chosen_type;
        depth++;
        *random = *random * 1103515245 + 12345;
        if ((*random >> 16) % 8 == 0)
            break;
    }
    return depth;
}

// Puts `text` in the place of data[from..to).
static size_t splice(uint8_t *data, size_t size, size_t from, size_t to, const uint8_t *text, size_t len) {
    memmove(data + from + len, data + to, size - to);
    if (len > 0)
        memcpy(data + from, text, len);
    return size - (to - from) + len;
}

// The length in front of a payload that became `grown` bytes longer; returns by how much the whole did.
static size_t mend(uint8_t *data, size_t *size, const struct place *p, size_t grown) {
    uint8_t text[10];
    size_t n = 0, len = p->end - p->payload + grown, at = p->field;
    uint64_t tag;
    varint(data, *size, &at, &tag);
    for (; len > 127; len >>= 7)
        text[n++] = (uint8_t)(len & 127) | 128;
    text[n++] = (uint8_t)len;
    *size = splice(data, *size, at, p->payload, text, n);
    return grown + n - (p->payload - at);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed) {
    struct place way[MAX_DEPTH];
    unsigned random = seed;
    size_t depth = seed % 2 ? choose(data, size, &random, way) : 0;
    if (depth == 0 || size + 200 > max)
        return LLVMFuzzerMutate(data, size, max);
    const struct place *last = &way[depth - 1];
    bool whole = random >> 8 & 1; // the field with its tag: gone, or there twice
    size_t from = whole || !last->has_length ? last->field : last->payload, len = last->end - from, room = max - size - 100;
    uint8_t *text = malloc(len + room + 1);
    check(text != NULL);
    memcpy(text, data + from, len);
    size_t now = len;
    if (whole && random >> 9 & 1)
        now = 0;
    else if (whole && len < room)
        memcpy(text + (now = 2 * len) - len, data + from, len);
    else
        now = LLVMFuzzerMutate(text, len, len + room);
    size = splice(data, size, from, last->end, text, now);
    size_t grown = now - len; // may be below 0: it wraps, and back
    if (from == last->payload && last->has_length)
        grown = mend(data, &size, last, grown);
    for (size_t i = depth - 1; i-- > 0;)
        grown = mend(data, &size, &way[i], grown);
    free(text);
    return size;
}
