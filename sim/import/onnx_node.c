// SPDX-License-Identifier: Apache-2.0
// Nodes into the graph, each behind those that make its inputs: in the file's order where that is one.
#include "sim/import/onnx_read.h"

#include "sim/base/str.h"
#include "sim/nn/op.h"

#include <inttypes.h>
#include <string.h>

enum state { NEW, OPEN, DONE };

struct nodes {
    struct mp_onnx_reader *r;
    const char **place;     // by node of the file: 'node "NAME" (OP)'
    size_t *maker;          // by value: node of the file, or MP_NO_NODE
    bool *read;             // by value: a node or the graph's output takes it
    size_t *order;          // nodes of the file
    size_t count;           // of order
    struct mp_names names;  // of the nodes in the graph
};

static const char *first_output(const Onnx__NodeProto *n) {
    for (size_t i = 0; i < n->n_output; i++)
        if (n->output[i][0])
            return n->output[i];
    return "";
}

static const char *name_of(const Onnx__NodeProto *n) {
    return n->name && n->name[0] ? n->name : first_output(n);
}

static bool is_constant(const Onnx__NodeProto *n) {
    return strcmp(n->op_type, "Constant") == 0;
}

static const char *place_of(struct mp_onnx_reader *r, const Onnx__NodeProto *n) {
    const char *name = mp_onnx_say(r, name_of(n));
    return n->op_type && n->op_type[0] ? mp_arena_printf(r->scratch, "node \"%s\" (%s)", name, mp_onnx_say(r, n->op_type))
                                       : mp_arena_printf(r->scratch, "node \"%s\"", name);
}

// Values

static bool check_operator(struct mp_onnx_reader *r, const Onnx__NodeProto *n, const char *place) {
    if (!n->op_type || !n->op_type[0])
        return mp_fail(r->err, "%s: %s: the operator is missing", r->name, place);
    bool gelu = n->domain && strcmp(n->domain, "com.microsoft") == 0 && strcmp(n->op_type, "Gelu") == 0; // as ONNX's, later
    if (n->domain && n->domain[0] && strcmp(n->domain, "ai.onnx") != 0 && !gelu)
        return mp_fail(r->err, "%s: %s: operators of domain \"%s\" are not supported", r->name, place,
                       mp_onnx_say(r, n->domain));
    if (is_constant(n) || mp_op_find(n->op_type))
        return true;
    for (size_t i = 0; i < n->n_attribute; i++)
        if (n->attribute[i]->g || n->attribute[i]->n_graphs > 0)
            return mp_fail(r->err, "%s: %s: operators with subgraphs are not supported", r->name, place);
    size_t count = mp_op_count();
    const char **names = mp_arena_alloc(r->scratch, count, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = mp_op_at(i)->name;
    const char *near = mp_misspelt(n->op_type, names, count);
    return mp_fail(r->err, "%s: %s: operator is not supported%s", r->name, place,
                   near ? mp_arena_printf(r->scratch, ", did you mean \"%s\"?", near) : "");
}

static bool add_outputs(struct nodes *s, size_t node) {
    struct mp_onnx_reader *r = s->r;
    const Onnx__NodeProto *n = r->graph->node[node];
    const char *place = s->place[node];
    struct mp_array array;
    int32_t type = 0;
    size_t value = 0;
    bool constant = is_constant(n);
    if (!first_output(n)[0])
        return mp_fail(r->err, "%s: %s: must have an output", r->name, place);
    if (constant && (n->n_output != 1 || n->n_input != 0))
        return mp_fail(r->err, "%s: %s: must have no input and one output", r->name, place);
    if (constant && !mp_onnx_constant(r, n, place, &array, &type))
        return false;
    for (size_t i = 0; i < n->n_output; i++) {
        if (!n->output[i][0])
            continue;
        if (!mp_onnx_add_value(r, n->output[i], constant ? &array : NULL, type,
                               mp_arena_printf(r->scratch, "%s: output %zu", place, i + 1), &value))
            return false;
        s->maker[value] = constant ? MP_NO_NODE : node;
    }
    return true;
}

static bool find_inputs(struct nodes *s, size_t node) {
    struct mp_onnx_reader *r = s->r;
    const Onnx__NodeProto *n = r->graph->node[node];
    for (size_t i = 0; i < n->n_input; i++) {
        size_t value = mp_names_find(&r->names, n->input[i]);
        if (!n->input[i][0])
            continue;
        if (value == MP_NO_NAME)
            return mp_fail(r->err, "%s: %s: input %zu \"%s\": nothing makes it%s", r->name, s->place[node], i + 1,
                           mp_onnx_say(r, n->input[i]), mp_onnx_hint(r, n->input[i]));
        s->read[value] = true;
    }
    return true;
}

// Order

// The node that makes input `i`, when there is one.
static size_t maker_of(const struct nodes *s, const Onnx__NodeProto *n, size_t i) {
    return n->input[i][0] ? s->maker[mp_names_find(&s->r->names, n->input[i])] : MP_NO_NODE;
}

// Depth first, on a stack of its own: a chain may have any length.
static bool sort_from(struct nodes *s, size_t root, enum state *state, size_t *stack, size_t *next) {
    size_t depth = 0;
    stack[depth++] = root;
    while (depth > 0) {
        size_t node = stack[depth - 1];
        const Onnx__NodeProto *n = s->r->graph->node[node];
        state[node] = OPEN;
        if (next[node] == n->n_input) {
            state[node] = DONE;
            s->order[s->count++] = node;
            depth--;
            continue;
        }
        size_t maker = maker_of(s, n, next[node]++);
        if (maker == MP_NO_NODE || state[maker] == DONE)
            continue;
        if (state[maker] == OPEN)
            return mp_fail(s->r->err, "%s: %s: is part of a cycle", s->r->name, s->place[maker]);
        stack[depth++] = maker;
    }
    return true;
}

static bool sort(struct nodes *s) {
    size_t count = s->r->graph->n_node;
    enum state *state = mp_arena_alloc(s->r->scratch, count, sizeof *state);
    size_t *stack = mp_arena_alloc(s->r->scratch, count, sizeof *stack);
    size_t *next = mp_arena_alloc(s->r->scratch, count, sizeof *next);
    for (size_t i = 0; i < count; i++)
        if (state[i] == NEW && !is_constant(s->r->graph->node[i]) && !sort_from(s, i, state, stack, next))
            return false;
    return true;
}

// Nodes

// The model's name, or the first output's, or with a number: one that no other node has.
static const char *unique_name(struct nodes *s, const Onnx__NodeProto *n) {
    const char *name = name_of(n), *numbered;
    if (mp_names_add(&s->names, name))
        return name;
    name = first_output(n);
    if (mp_names_add(&s->names, name))
        return name;
    for (size_t i = 2; !mp_names_add(&s->names, numbered = mp_arena_printf(s->r->scratch, "%s_%zu", name, i)); i++)
        ;
    return numbered;
}

// Without inputs that are left out at the end, and without outputs that nobody reads and the operator does not have here.
static size_t used_inputs(const Onnx__NodeProto *n) {
    size_t count = n->n_input;
    while (count > 0 && !n->input[count - 1][0])
        count--;
    return count;
}

static size_t used_outputs(const struct nodes *s, const Onnx__NodeProto *n, const struct mp_op *op) {
    size_t count = n->n_output;
    while (count > 0 && (!n->output[count - 1][0] ||
                         (count > op->max_outputs && !s->read[mp_names_find(&s->r->names, n->output[count - 1])])))
        count--;
    return count;
}

// What the arrays do not show: the integer type that a value is quantised to (see op.h).
static size_t add_type(struct nodes *s, const struct mp_graph_node *n, struct mp_attr *attrs) {
    bool quantizes = strcmp(n->op->name, "QuantizeLinear") == 0, is_signed = false;
    if (!quantizes && strcmp(n->op->name, "DequantizeLinear") != 0)
        return 0;
    const size_t from[] = {2, 0};
    unsigned bits = 0;
    for (size_t i = 0; i < (quantizes ? 1 : 2) && bits == 0; i++)
        if (from[i] < n->input_count && n->inputs[from[i]] != MP_NO_VALUE)
            bits = mp_onnx_type_bits(s->r->types[n->inputs[from[i]]], &is_signed);
    if (bits == 0)
        return 0;
    attrs[0] = (struct mp_attr){.name = "dtype_bits", .type = MP_ATTR_INT, .i = bits};
    attrs[1] = (struct mp_attr){.name = "dtype_signed", .type = MP_ATTR_INT, .i = is_signed};
    return 2;
}

static bool add_attrs(struct nodes *s, const Onnx__NodeProto *from, const char *place, struct mp_graph_node *n) {
    struct mp_onnx_reader *r = s->r;
    n->attrs = mp_arena_alloc(r->g->arena, from->n_attribute + 2, sizeof *n->attrs);
    for (size_t i = 0; i < from->n_attribute; i++) {
        struct mp_attr it;
        if (!mp_onnx_attr(r, from->attribute[i], place, &it))
            return false;
        if (mp_attr_find(n, it.name))
            return mp_fail(r->err, "%s: %s: attribute \"%s\" is there twice", r->name, place, mp_onnx_say(r, it.name));
        if (strncmp(it.name, "dtype_", 6) == 0) // ours
            return mp_fail(r->err, "%s: %s: attribute \"%s\" is not supported", r->name, place, mp_onnx_say(r, it.name));
        n->attrs[n->attr_count++] = it;
    }
    n->attr_count += add_type(s, n, n->attrs + n->attr_count);
    return true;
}

static bool add_node(struct nodes *s, size_t node) {
    struct mp_graph *g = s->r->g;
    const Onnx__NodeProto *from = s->r->graph->node[node];
    const struct mp_op *op = mp_op_find(from->op_type);
    size_t inputs = used_inputs(from), outputs = used_outputs(s, from, op), at = g->node_count;
    struct mp_graph_node *n = mp_graph_add_node(g, unique_name(s, from), op, inputs, outputs);
    for (size_t i = 0; i < inputs; i++)
        if (from->input[i][0])
            n->inputs[i] = mp_names_find(&s->r->names, from->input[i]);
    for (size_t i = 0; i < outputs; i++)
        if (from->output[i][0]) {
            n->outputs[i] = mp_names_find(&s->r->names, from->output[i]);
            g->values[n->outputs[i]].producer = at;
        }
    return add_attrs(s, from, s->place[node], n);
}

static void mark_outputs(struct nodes *s) {
    for (size_t i = 0; i < s->r->g->output_count; i++)
        s->read[s->r->g->outputs[i]] = true;
}

bool mp_onnx_nodes(struct mp_onnx_reader *r) {
    size_t count = r->graph->n_node;
    struct nodes s = {
        .r = r,
        .place = mp_arena_alloc(r->scratch, count, sizeof *s.place),
        .maker = mp_arena_alloc(r->scratch, r->names.cap, sizeof *s.maker),
        .read = mp_arena_alloc(r->scratch, r->names.cap, sizeof *s.read),
        .order = mp_arena_alloc(r->scratch, count, sizeof *s.order),
    };
    if (count == 0)
        return mp_fail(r->err, "%s: the graph has no nodes", r->name);
    for (size_t v = 0; v < r->names.cap; v++)
        s.maker[v] = MP_NO_NODE;
    mp_names_init(&s.names, r->scratch, count);
    for (size_t i = 0; i < count; i++) {
        s.place[i] = place_of(r, r->graph->node[i]);
        if (!check_operator(r, r->graph->node[i], s.place[i]) || !add_outputs(&s, i))
            return false;
    }
    for (size_t i = 0; i < count; i++)
        if (!find_inputs(&s, i))
            return false;
    if (!mp_onnx_outputs(r))
        return false;
    mark_outputs(&s);
    if (!sort(&s))
        return false;
    for (size_t i = 0; i < s.count; i++)
        if (!add_node(&s, s.order[i]))
            return false;
    return true;
}
