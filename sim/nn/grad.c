// SPDX-License-Identifier: Apache-2.0
// The forward pass is the float executor's; the way back takes its nodes in the opposite order, and adds to the derivative of
// each input what the node says (grad_*.c).
#include "sim/nn/grad.h"

#include "sim/nn/grad_parts.h"
#include "sim/nn/infer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t count_of(const struct mp_grad *g, size_t value) {
    return mp_shape_count(&g->n->graph.values[value].array.shape);
}

static bool find_ends(struct mp_grad *g, struct mp_err *err) {
    const struct mp_graph *graph = &g->n->graph;
    const size_t image = mp_network_image(g->n);
    if (image == MP_NO_VALUE || graph->values[g->n->value[image]].array.whole)
        return mp_fail(err, "%s: gradients need one input, of real numbers", graph->source);
    g->image = g->n->value[image];
    g->scores = graph->outputs[0];
    return !graph->values[g->scores].array.whole || mp_fail(err, "%s: gradients need scores of real numbers", graph->source);
}

struct mp_grad *mp_grad_create(const struct mp_network *n, struct mp_err *err) {
    struct mp_grad *g = calloc(1, sizeof *g);
    if (!g)
        mp_out_of_memory();
    g->n = n;
    g->f = mp_infer_create(&n->graph);
    g->d = mp_arena_alloc(&g->arena, n->graph.value_count, sizeof *g->d);
    g->moved = mp_arena_alloc(&g->arena, n->graph.value_count, sizeof *g->moved);
    g->weights = mp_arena_alloc(&g->arena, n->workload.layer_count, sizeof *g->weights);
    g->shift = mp_arena_alloc(&g->arena, n->workload.tensor_count, sizeof *g->shift);
    if (find_ends(g, err) && mp_grad_plan(g, err))
        return g;
    mp_grad_destroy(g);
    return NULL;
}

void mp_grad_destroy(struct mp_grad *g) {
    if (!g)
        return;
    mp_infer_destroy(g->f);
    mp_arena_finish(&g->arena);
    free(g);
}

void mp_grad_reload(struct mp_grad *g) {
    mp_infer_reload(g->f);
}

// Adds [channel][row][column] to a value.
static void add_tensor(const struct mp_grad *g, size_t tensor, const float *from, float *to) {
    const struct mp_tensor *t = &g->n->workload.tensors[tensor];
    for (uint64_t c = 0; c < t->c; c++)
        for (uint64_t h = 0; h < t->h; h++)
            for (uint64_t w = 0; w < t->w; w++)
                to[mp_layout_at(&g->n->layout[tensor], c, h, w)] += *from++;
}

void mp_grad_shift(struct mp_grad *g, size_t tensor, const float *delta) {
    const size_t value = g->n->value[tensor];
    bool any = false;
    g->shifts += delta != NULL;
    g->shifts -= g->shift[tensor] != NULL;
    g->shift[tensor] = delta;
    for (size_t t = 0; t < g->n->workload.tensor_count; t++)
        any = any || (g->n->value[t] == value && g->shift[t]);
    if (any && !g->moved[value])
        g->moved[value] = mp_arena_alloc(&g->arena, count_of(g, value), sizeof **g->moved);
    mp_infer_shift(g->f, value, any ? g->moved[value] : NULL);
}

// Shifts are read anew for each run. Two tensors may be one value.
static void collect_shifts(struct mp_grad *g) {
    const size_t tensors = g->n->workload.tensor_count;
    for (size_t t = 0; g->shifts > 0 && t < tensors; t++)
        if (g->shift[t])
            memset(g->moved[g->n->value[t]], 0, count_of(g, g->n->value[t]) * sizeof **g->moved);
    for (size_t t = 0; g->shifts > 0 && t < tensors; t++)
        if (g->shift[t])
            add_tensor(g, t, g->shift[t], g->moved[g->n->value[t]]);
}

static void run_forward(struct mp_grad *g, const float *image) {
    float *to = mp_infer_value(g->f, g->image)->f;
    memset(to, 0, count_of(g, g->image) * sizeof *to);
    add_tensor(g, mp_network_image(g->n), image, to);
    collect_shifts(g);
    mp_infer_run(g->f);
}

// With p = softmax(score): loss = -sum target log p, dloss/dscore = p sum target - target.
static double loss_of(const struct mp_grad *g, const double *target, float *d) {
    const float *score = mp_infer_value(g->f, g->scores)->f;
    const size_t count = count_of(g, g->scores);
    double top = -HUGE_VAL, sum = 0, all = 0, loss = 0;
    for (size_t i = 0; i < count; i++)
        top = (double)score[i] > top ? (double)score[i] : top;
    for (size_t i = 0; i < count; i++)
        sum += exp((double)score[i] - top);
    for (size_t i = 0; i < count; i++) {
        all += target[i];
        loss += target[i] * (log(sum) + top - (double)score[i]);
    }
    for (size_t i = 0; d && i < count; i++)
        d[i] = (float)(exp((double)score[i] - top) / sum * all - target[i]);
    return loss;
}

double mp_grad_loss(struct mp_grad *g, const float *image, const double *target, double *scores) {
    run_forward(g, image);
    for (size_t i = 0; scores && i < count_of(g, g->scores); i++)
        scores[i] = (double)mp_infer_value(g->f, g->scores)->f[i];
    return loss_of(g, target, NULL);
}

static uint64_t weight_count(const struct mp_grad *g, size_t layer) {
    const struct mp_geometry *geo = &g->n->workload.layers[layer].geo;
    return geo->groups * geo->oc * geo->ic * geo->kh * geo->kw;
}

static void clear(struct mp_grad *g) {
    for (size_t v = 0; v < g->n->graph.value_count; v++)
        if (g->d[v])
            memset(g->d[v], 0, count_of(g, v) * sizeof **g->d);
    for (size_t i = 0; i < g->n->workload.layer_count; i++)
        if (g->weights[i].d)
            memset(g->weights[i].d, 0, weight_count(g, i) * sizeof *g->weights[i].d);
}

// From [input channel][output channel] of the constant.
static void turn_weights(struct mp_grad *g, size_t layer) {
    const struct mp_geometry *geo = &g->n->workload.layers[layer].geo;
    const struct mp_grad_weights *w = &g->weights[layer];
    const uint64_t cols = geo->groups * geo->oc;
    for (uint64_t i = 0; i < geo->ic; i++)
        for (uint64_t o = 0; o < cols; o++)
            w->turned[o * geo->ic + i] = w->d[i * cols + o];
}

double mp_grad_run(struct mp_grad *g, const float *image, const double *target) {
    run_forward(g, image);
    clear(g);
    const double loss = loss_of(g, target, g->d[g->scores]);
    for (size_t i = 0; i < g->step_count; i++)
        g->steps[i].row->run(&g->steps[i]);
    for (size_t i = 0; i < g->n->workload.layer_count; i++)
        if (g->weights[i].turned)
            turn_weights(g, i);
    return loss;
}

const float *mp_grad_weight(const struct mp_grad *g, size_t layer) {
    return g->weights[layer].turned ? g->weights[layer].turned : g->weights[layer].d;
}

void mp_grad_tensor(const struct mp_grad *g, size_t tensor, float *out) {
    const struct mp_tensor *t = &g->n->workload.tensors[tensor];
    if (g->d[g->n->value[tensor]])
        mp_network_gather(g->n, tensor, g->d[g->n->value[tensor]], out);
    else
        memset(out, 0, t->c * t->h * t->w * sizeof *out);
}
