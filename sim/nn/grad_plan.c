// SPDX-License-Identifier: Apache-2.0
// Which nodes the loss is followed back through, from the last to the first, and where derivatives are summed. Every real
// value that is no constant has a derivative when the loss depends on it, a constant only when it is a tensor of the workload;
// a layer's weights have one of their own.
#include "sim/nn/grad_parts.h"
#include "sim/nn/infer.h"

struct planner {
    struct mp_grad *g;
    const struct mp_network *n;
    size_t *layer_of; // by node: whose weights it reads, or MP_NO_LAYER
    bool *is_tensor;  // by value
    bool *reached;    // by value: the loss depends on it, whether that has a derivative or not
};

static float *make(struct planner *p, size_t value) {
    return mp_arena_alloc(&p->g->arena, mp_shape_count(&p->n->graph.values[value].array.shape), sizeof(float));
}

static void find_layers(struct planner *p) {
    for (size_t i = 0; i < p->n->graph.node_count; i++)
        p->layer_of[i] = MP_NO_LAYER;
    for (size_t i = 0; i < p->n->workload.layer_count; i++)
        if (mp_layer_has_weights(&p->n->workload.layers[i]))
            p->layer_of[p->n->params[i].nodes[0]] = i;
    for (size_t t = 0; t < p->n->workload.tensor_count; t++) {
        p->is_tensor[p->n->value[t]] = true;
        mp_infer_keep_apart(p->g->f, p->n->value[t]);
    }
}

static float *layer_weights(struct planner *p, size_t layer) {
    struct mp_grad_weights *w = &p->g->weights[layer];
    const size_t value = p->n->params[layer].weight_value;
    if (!w->d) {
        w->d = make(p, value);
        w->turned = p->n->params[layer].transposed ? make(p, value) : NULL;
    }
    return w->d;
}

// Where the derivative with respect to an input goes; NULL: nobody asks.
static float *place_of(struct planner *p, size_t node, size_t input) {
    const size_t v = p->n->graph.nodes[node].inputs[input], layer = p->layer_of[node];
    if (v == MP_NO_VALUE || p->n->graph.values[v].array.whole)
        return NULL;
    if (layer != MP_NO_LAYER && p->n->params[layer].weight_value == v)
        return layer_weights(p, layer);
    if (p->n->graph.values[v].constant && !p->is_tensor[v])
        return NULL;
    if (!p->g->d[v])
        p->g->d[v] = make(p, v);
    return p->g->d[v];
}

static void keep_values(struct planner *p, const struct mp_grad_step *s) {
    const struct mp_value *values = p->n->graph.values;
    for (size_t k = 0; k < s->node->input_count; k++) {
        const size_t v = s->node->inputs[k];
        if (v != MP_NO_VALUE && !values[v].constant && (values[v].array.whole || (s->row->reads & MP_GRAD_INPUTS)))
            mp_infer_keep(p->g->f, v);
    }
    if (s->row->reads & MP_GRAD_OUTPUT)
        mp_infer_keep(p->g->f, s->node->outputs[0]);
}

static const struct mp_array *array_of(struct planner *p, size_t value) {
    return value == MP_NO_VALUE ? NULL : mp_infer_value(p->g->f, value);
}

// A step for node `i`, when it has a derivative and somebody asks for it.
static void plan_node(struct planner *p, size_t i, const struct mp_grad_row *row) {
    const struct mp_graph_node *n = &p->n->graph.nodes[i];
    struct mp_arena *a = &p->g->arena;
    struct mp_grad_step *s = &p->g->steps[p->g->step_count];
    bool asked = false;
    *s = (struct mp_grad_step){.row = row, .g = &p->n->graph, .node = n};
    s->in = mp_arena_alloc(a, n->input_count, sizeof *s->in);
    s->out = mp_arena_alloc(a, n->output_count, sizeof *s->out);
    s->d_in = mp_arena_alloc(a, n->input_count, sizeof *s->d_in);
    s->d_out = mp_arena_alloc(a, n->output_count, sizeof *s->d_out);
    for (size_t k = 0; k < n->output_count; k++) {
        s->out[k] = array_of(p, n->outputs[k]);
        s->d_out[k] = n->outputs[k] == MP_NO_VALUE ? NULL : p->g->d[n->outputs[k]];
    }
    for (size_t k = 0; k < n->input_count; k++) {
        s->in[k] = array_of(p, n->inputs[k]);
        s->d_in[k] = k < row->inputs ? place_of(p, i, k) : NULL;
        asked = asked || s->d_in[k];
    }
    if (!asked)
        return;
    keep_values(p, s);
    if (row->prepare)
        row->prepare(s, a);
    p->g->step_count++;
}

// Rows without `prepare` know the first output alone.
static bool has_derivative(const struct planner *p, const struct mp_graph_node *n, const struct mp_grad_row *row) {
    bool has = false;
    for (size_t k = 0; row && k < (row->prepare ? n->output_count : 1); k++)
        has = has || (n->outputs[k] != MP_NO_VALUE && p->g->d[n->outputs[k]]);
    return has;
}

static void reach_inputs(struct planner *p, const struct mp_graph_node *n) {
    bool reached = false;
    for (size_t k = 0; k < n->output_count; k++)
        reached = reached || (n->outputs[k] != MP_NO_VALUE && p->reached[n->outputs[k]]);
    for (size_t k = 0; reached && k < n->input_count; k++)
        if (n->inputs[k] != MP_NO_VALUE)
            p->reached[n->inputs[k]] = true;
}

static void plan_steps(struct planner *p) {
    const struct mp_graph *graph = &p->n->graph;
    const size_t scores = p->g->scores;
    p->g->steps = mp_arena_alloc(&p->g->arena, graph->node_count, sizeof *p->g->steps);
    p->g->d[scores] = make(p, scores);
    p->reached[scores] = true;
    for (size_t i = graph->node_count; i-- > 0;) { // a node stands behind those that make its inputs
        const struct mp_grad_row *row = mp_grad_find(graph->nodes[i].op->name);
        reach_inputs(p, &graph->nodes[i]);
        if (has_derivative(p, &graph->nodes[i], row))
            plan_node(p, i, row);
    }
}

static void share_scratch(struct mp_grad *g) {
    uint64_t most = 0;
    for (size_t i = 0; i < g->step_count; i++) {
        const struct mp_grad_step *s = &g->steps[i];
        const uint64_t floats = s->row->scratch ? s->row->scratch(s) : 0;
        most = floats > most ? floats : most;
    }
    float *scratch = mp_arena_alloc(&g->arena, most, sizeof *scratch);
    for (size_t i = 0; i < g->step_count; i++)
        g->steps[i].scratch = scratch;
}

// Behind the layer, the first node whose output has a derivative and whose input has none.
static size_t find_barrier(const struct planner *p, size_t node, struct mp_arena *a) {
    const struct mp_graph *graph = &p->n->graph;
    bool *behind = mp_arena_alloc(a, graph->value_count, sizeof *behind);
    behind[graph->nodes[node].outputs[0]] = true;
    for (size_t i = node + 1; i < graph->node_count; i++) {
        const struct mp_graph_node *n = &graph->nodes[i];
        bool follows = false, lost = false, has = false;
        for (size_t k = 0; k < n->input_count; k++)
            if (n->inputs[k] != MP_NO_VALUE && behind[n->inputs[k]]) {
                follows = true;
                lost = lost || !p->g->d[n->inputs[k]];
            }
        for (size_t k = 0; follows && k < n->output_count; k++)
            if (n->outputs[k] != MP_NO_VALUE) {
                behind[n->outputs[k]] = true;
                has = has || p->g->d[n->outputs[k]];
            }
        if (lost && has)
            return i;
    }
    return node;
}

static bool check_layers(struct planner *p, struct mp_arena *a, struct mp_err *err) {
    for (size_t i = 0; i < p->n->workload.layer_count; i++) {
        if (!mp_layer_has_weights(&p->n->workload.layers[i]) || p->g->weights[i].d)
            continue;
        const size_t node = p->n->params[i].nodes[0];
        if (p->reached[p->n->graph.nodes[node].outputs[0]])
            return mp_graph_fail(&p->n->graph, &p->n->graph.nodes[find_barrier(p, node, a)], err,
                                 "has no derivative, which layer \"%s\" needs for its weights", p->n->workload.layers[i].name);
        if (p->n->params[i].weight_value != MP_NO_VALUE)
            layer_weights(p, i); // the loss does not depend on them: 0
    }
    return true;
}

bool mp_grad_plan(struct mp_grad *g, struct mp_err *err) {
    const struct mp_graph *graph = &g->n->graph;
    struct mp_arena lists = {0};
    struct planner p = {
        .g = g,
        .n = g->n,
        .layer_of = mp_arena_alloc(&lists, graph->node_count, sizeof *p.layer_of),
        .is_tensor = mp_arena_alloc(&lists, graph->value_count, sizeof *p.is_tensor),
        .reached = mp_arena_alloc(&lists, graph->value_count, sizeof *p.reached),
    };
    find_layers(&p);
    plan_steps(&p);
    share_scratch(g);
    const bool ok = check_layers(&p, &lists, err);
    mp_arena_finish(&lists);
    return ok;
}
