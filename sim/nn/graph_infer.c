// SPDX-License-Identifier: Apache-2.0
// Shapes, node by node, and constants computed on the way. What a small file can ask for is bounded: elements and additions of
// all folded nodes together.
#include "sim/nn/graph.h"

#include "sim/base/say.h"
#include "sim/nn/op.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAX_FOLDED ((uint64_t)1 << 26)    // elements
#define MAX_FOLD_WORK ((uint64_t)1 << 28) // additions: less than a second
// If that is more, for each element of a constant that is there: large quantised models compute all their weights.
#define FOLDED_PER_ELEMENT 8
#define FOLD_WORK_PER_ELEMENT 64

struct budget {
    uint64_t elements, work;         // so far
    uint64_t max_elements, max_work;
};

static struct budget make_budget(const struct mp_graph *g) {
    uint64_t there = 0;
    for (size_t v = 0; v < g->value_count; v++)
        if (g->values[v].constant && g->values[v].producer == MP_NO_NODE)
            there += mp_shape_count(&g->values[v].array.shape);
    return (struct budget){
        .max_elements = there * FOLDED_PER_ELEMENT > MAX_FOLDED ? there * FOLDED_PER_ELEMENT : MAX_FOLDED,
        .max_work = there * FOLD_WORK_PER_ELEMENT > MAX_FOLD_WORK ? there * FOLD_WORK_PER_ELEMENT : MAX_FOLD_WORK,
    };
}

static bool check_count(const struct mp_graph *g, const struct mp_graph_node *n, const char *what, size_t count, size_t min,
                        size_t max, struct mp_err *err) {
    if (count >= min && count <= max)
        return true;
    bool one = min == 1 && (max == 1 || max == MP_ANY_COUNT);
    char range[60];
    if (min == max)
        snprintf(range, sizeof range, "%zu", min);
    else if (max == MP_ANY_COUNT)
        snprintf(range, sizeof range, "at least %zu", min);
    else
        snprintf(range, sizeof range, "%zu..%zu", min, max);
    return mp_graph_fail(g, n, err, "must have %s %s%s (got %zu)", range, what, one ? "" : "s", count);
}

static bool check_inputs(const struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    char name[MP_SAY_BYTES];
    if (!check_count(g, n, "input", n->input_count, n->op->min_inputs, n->op->max_inputs, err) ||
        !check_count(g, n, "output", n->output_count, 1, n->op->max_outputs, err))
        return false;
    if (n->op->max_outputs != MP_ANY_COUNT && n->outputs[0] == MP_NO_VALUE)
        return mp_graph_fail(g, n, err, "output 1 is left out");
    for (size_t i = 0; i < n->input_count; i++) {
        const struct mp_value *v = mp_node_input(g, n, i);
        if (!v && (i < n->op->min_inputs || n->op->max_inputs == MP_ANY_COUNT))
            return mp_graph_fail(g, n, err, "input %zu is left out", i + 1);
        if (v && !v->known)
            return mp_graph_fail(g, n, err, "the shape of input %zu \"%s\" is not known", i + 1,
                                 mp_say_text(v->name, strlen(v->name), name));
    }
    return true;
}

// The letter of attribute `name` in an operator's list, or 0.
static char letter(const char *list, const char *name) {
    size_t len = strlen(name);
    for (const char *at = list; at && *at; at = strchr(at, ' ') ? strchr(at, ' ') + 1 : NULL)
        if (strncmp(at, name, len) == 0 && at[len] == ':')
            return at[len + 1];
    return '\0';
}

static bool check_attrs(const struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    static const char letters[] = "iftIFa";
    static const char *const types[] = {"an integer", "a real number", "text", "a list of integers", "a list of real numbers",
                                        "an array"};
    char name[MP_SAY_BYTES];
    for (size_t i = 0; i < n->attr_count; i++) {
        char want = letter(n->op->attrs, n->attrs[i].name);
        mp_say_text(n->attrs[i].name, strlen(n->attrs[i].name), name);
        if (!want)
            return mp_graph_fail(g, n, err, "attribute \"%s\" is not supported", name);
        if (want != letters[n->attrs[i].type])
            return mp_graph_fail(g, n, err, "attribute \"%s\" must be %s (got %s)", name,
                                 types[strchr(letters, want) - letters], types[n->attrs[i].type]);
    }
    return true;
}

static bool is_foldable(const struct mp_graph *g, const struct mp_graph_node *n) {
    bool done = true;
    for (size_t i = 0; i < n->output_count; i++)
        done = done && (n->outputs[i] == MP_NO_VALUE || g->values[n->outputs[i]].constant);
    for (size_t i = 0; i < n->input_count; i++)
        if (n->inputs[i] != MP_NO_VALUE && !g->values[n->inputs[i]].constant)
            return false;
    return !done;
}

static bool charge(const struct mp_graph *g, const struct mp_graph_node *n, struct budget *b, struct mp_err *err) {
    char text[200];
    uint64_t each = n->op->work ? n->op->work(g, n) : 1, work;
    for (size_t i = 0; i < n->output_count; i++) {
        if (n->outputs[i] == MP_NO_VALUE)
            continue;
        const struct mp_shape *s = &g->values[n->outputs[i]].array.shape;
        if (mp_shape_count(s) > b->max_elements - b->elements)
            return mp_graph_fail(g, n, err, "a constant of %s is too large: all that are computed may have %" PRIu64
                                 " elements", mp_shape_text(s, text), b->max_elements);
        b->elements += mp_shape_count(s);
        if (__builtin_mul_overflow(mp_shape_count(s), each, &work) || work > b->max_work - b->work)
            return mp_graph_fail(g, n, err, "a constant of %s takes too long: all that are computed may take %" PRIu64
                                 " additions", mp_shape_text(s, text), b->max_work);
        b->work += work;
    }
    return true;
}

static void fold(struct mp_graph *g, const struct mp_graph_node *n) {
    struct mp_arena lists = {0};
    const struct mp_array **in = mp_arena_alloc(&lists, n->input_count, sizeof *in);
    struct mp_array **out = mp_arena_alloc(&lists, n->output_count, sizeof *out);
    for (size_t i = 0; i < n->input_count; i++)
        in[i] = mp_node_input(g, n, i) ? &mp_node_input(g, n, i)->array : NULL;
    for (size_t i = 0; i < n->output_count; i++)
        if (n->outputs[i] != MP_NO_VALUE) {
            struct mp_value *v = &g->values[n->outputs[i]];
            v->array = mp_array_make(g->arena, &v->array.shape, v->array.whole);
            v->constant = true;
            out[i] = &v->array;
        }
    n->op->run(g, n, in, out);
    mp_arena_finish(&lists);
}

bool mp_graph_infer(struct mp_graph *g, struct mp_err *err) {
    struct budget spent = make_budget(g);
    for (size_t i = 0; i < g->node_count; i++) {
        struct mp_graph_node *n = &g->nodes[i];
        for (size_t k = 0; k < n->output_count; k++)
            if (n->outputs[k] != MP_NO_VALUE)
                g->values[n->outputs[k]].constant = false;
        if (!check_inputs(g, n, err) || !check_attrs(g, n, err) || !n->op->infer(g, n, err))
            return false;
        if (is_foldable(g, n)) {
            if (!charge(g, n, &spent, err))
                return false;
            fold(g, n);
        }
    }
    return true;
}
