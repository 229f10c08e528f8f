// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/grad_fixture.h"

#include "tests/unit/graph_fixture.h"
#include "tests/unit/graph_text.h"

#include <math.h>
#include <string.h>

#define DIRECTIONS 3

static size_t count_of(const struct mp_network *n, size_t tensor) {
    const struct mp_tensor *t = &n->workload.tensors[tensor];
    return t->c * t->h * t->w;
}

static void add_tensor(struct mp_network *n, size_t value) {
    const size_t t = n->workload.tensor_count++, count = mp_shape_count(&n->graph.values[value].array.shape);
    n->workload.tensors[t] = (struct mp_tensor){.name = n->graph.values[value].name, .c = count, .h = 1, .w = 1};
    n->value[t] = value;
    n->layout[t] = (struct mp_layout){.inner = count, .step = 1};
}

void network_of_text(struct mp_network *n, struct mp_arena *a, unsigned opset, const char *text, bool all) {
    const char *out = strstr(text, "\nout ") + 1;
    *n = (struct mp_network){0};
    read_graph(&n->graph, a, opset, mp_arena_printf(a, "%.*sconst scale : 1.0\nMul scaled %.*s scale\nout scaled\n",
                                                    (int)(out - text), text, (int)strcspn(out + 4, "\n"), out + 4));
    n->workload.tensors = mp_arena_alloc(a, n->graph.value_count, sizeof *n->workload.tensors);
    n->value = mp_arena_alloc(a, n->graph.value_count, sizeof *n->value);
    n->layout = mp_arena_alloc(a, n->graph.value_count, sizeof *n->layout);
    add_tensor(n, n->graph.inputs[0]);
    n->workload.input_count = 1;
    for (size_t v = 0; all && v < n->graph.value_count; v++)
        if (n->graph.values[v].producer != MP_NO_NODE && !n->graph.values[v].constant && !n->graph.values[v].array.whole)
            add_tensor(n, v);
}

// Ranks in a random order, around 0.
static void spread_image(struct grad_probe *p, size_t count) {
    const float step = count > 80 ? 8 / (float)count : 0.1f;
    for (size_t i = 0; i < count; i++)
        p->image[i] = ((float)i - (float)(count / 2) + 0.5f) * step;
    for (size_t i = count; i-- > 1;) {
        const size_t k = random_below(&p->seed, i + 1);
        const float x = p->image[i];
        p->image[i] = p->image[k];
        p->image[k] = x;
    }
}

// The largest score is 1.5 then: no probability is next to 0.
static void scale_scores(struct grad_probe *p, size_t count) {
    const struct mp_graph *graph = &p->net->graph;
    const size_t node = graph->values[graph->outputs[0]].producer;
    double *scores = mp_arena_alloc(&p->arena, count, sizeof *scores), most = 0;
    mp_grad_loss(p->g, p->image, p->target, scores);
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs(scores[i]));
    if (strcmp(graph->values[graph->outputs[0]].name, "scaled") == 0)
        graph->values[graph->nodes[node].inputs[1]].array.f[0] = (float)(1.5 / most);
}

void grad_begin(struct grad_probe *p, struct mp_network *n) {
    struct mp_err err;
    double sum = 0;
    *p = (struct grad_probe){.net = n, .g = mp_grad_create(n, &err), .seed = 3, .step = 0.16, .tolerance = 1e-4};
    const size_t image = mp_network_image(n), scores = mp_shape_count(&n->graph.values[n->graph.outputs[0]].array.shape);
    p->image = mp_arena_alloc(&p->arena, count_of(n, image), sizeof *p->image);
    p->target = mp_arena_alloc(&p->arena, scores, sizeof *p->target);
    spread_image(p, count_of(n, image));
    for (size_t i = 0; i < scores; i++)
        sum += p->target[i] = exp(2 * (double)random_real(&p->seed));
    for (size_t i = 0; i < scores; i++)
        p->target[i] /= sum;
    scale_scores(p, scores);
}

void grad_finish(struct grad_probe *p) {
    mp_grad_destroy(p->g);
    mp_arena_finish(&p->arena);
}

// What is moved: a tensor by its shift, or weights.
struct place {
    struct grad_probe *p;
    size_t tensor, layer; // the one that is not MP_NO_LAYER
    size_t count;
    const float *at;      // weights as they were
    const float *u;       // the direction
    float *delta;
};

static double loss_at(struct place *k, double t) {
    struct grad_probe *p = k->p;
    for (size_t i = 0; i < k->count; i++)
        k->delta[i] = (float)(t * (double)k->u[i]) + (k->at ? k->at[i] : 0);
    if (k->at) {
        memcpy(p->net->params[k->layer].weight, k->delta, k->count * sizeof *k->delta);
        mp_network_put_weights(p->net, k->layer);
        mp_grad_reload(p->g);
    } else {
        mp_grad_shift(p->g, k->tensor, k->delta);
    }
    return mp_grad_loss(p->g, p->image, p->target, NULL);
}

// Central differences of two steps, without the error of the third order.
static double difference(struct place *k, double h) {
    const double one = loss_at(k, h) - loss_at(k, -h), two = loss_at(k, 2 * h) - loss_at(k, -2 * h);
    return (8 * one - two) / (12 * h);
}

// Mostly with the signs of the gradient: the derivative along it is not small by chance.
static void choose(struct grad_probe *p, const float *d, size_t count, float *u) {
    for (size_t i = 0; i < count; i++) {
        const bool up = d[i] < 0 || d[i] > 0 ? (d[i] > 0) != (random_below(&p->seed, 6) == 0) : random_below(&p->seed, 2);
        u[i] = (up ? 1 : -1) * (0.3f + (float)random_below(&p->seed, 701) / 1000);
    }
}

// The smallest of some steps, the first of which changes the loss by 1 at most: what is smooth over a long one needs it
// against rounding, what is not needs a short one.
static double error_of(struct place *k, double along) {
    double least = INFINITY, h = fmin(k->p->step, 1 / fabs(along));
    for (unsigned n = 0; n < 8; n++, h /= 2) {
        const double found = difference(k, h), error = found < along || found > along ? fabs(found - along) / fabs(along) : 0;
        least = error < least ? error : least;
    }
    loss_at(k, 0);
    return least;
}

static double error_along(struct place *k, const float *d) {
    struct grad_probe *p = k->p;
    float *u = mp_arena_alloc(&p->arena, k->count, sizeof *u);
    double most = 0;
    k->u = u;
    k->delta = mp_arena_alloc(&p->arena, k->count, sizeof *k->delta);
    for (unsigned n = 0; n < DIRECTIONS; n++) {
        double along = 0;
        choose(p, d, k->count, u);
        for (size_t i = 0; i < k->count; i++)
            along += (double)d[i] * (double)u[i];
        const double error = error_of(k, along);
        most = error > most ? error : most;
    }
    return most;
}

double grad_tensor_error(struct grad_probe *p, size_t tensor) {
    struct place k = {.p = p, .tensor = tensor, .layer = MP_NO_LAYER, .count = count_of(p->net, tensor)};
    float *d = mp_arena_alloc(&p->arena, k.count, sizeof *d);
    mp_grad_run(p->g, p->image, p->target);
    mp_grad_tensor(p->g, tensor, d);
    const double error = error_along(&k, d);
    mp_grad_shift(p->g, tensor, NULL);
    return error;
}

double grad_weight_error(struct grad_probe *p, size_t layer) {
    const struct mp_geometry *geo = &p->net->workload.layers[layer].geo;
    struct place k = {.p = p, .layer = layer, .count = geo->groups * geo->oc * geo->ic * geo->kh * geo->kw};
    float *d = mp_arena_alloc(&p->arena, k.count, sizeof *d), *at = mp_arena_alloc(&p->arena, k.count, sizeof *at);
    mp_grad_run(p->g, p->image, p->target);
    memcpy(d, mp_grad_weight(p->g, layer), k.count * sizeof *d);
    memcpy(at, p->net->params[layer].weight, k.count * sizeof *at);
    k.at = at;
    return error_along(&k, d); // its last step puts the weights back
}
