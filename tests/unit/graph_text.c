// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/graph_text.h"

#include "sim/nn/op.h"

#include <stdlib.h>
#include <string.h>

#define MOST 40

static size_t find(struct mp_graph *g, const char *name) {
    for (size_t v = 0; v < g->value_count; v++)
        if (strcmp(g->values[v].name, name) == 0)
            return v;
    return mp_graph_add_value(g, name);
}

static size_t split(char *text, const char *by, char *word[MOST]) {
    size_t n = 0;
    for (char *next = text; (word[n] = strsep(&next, by)) != NULL;)
        n += *word[n] != '\0';
    return n;
}

static struct mp_shape shape_of(char **word, size_t count) {
    struct mp_shape s = {.rank = (unsigned)count};
    for (size_t i = 0; i < count; i++)
        s.dim[i] = strtoull(word[i], NULL, 10);
    return s;
}

static void add_input(struct mp_graph *g, char **word, size_t count, bool whole) {
    size_t v = find(g, word[1]);
    g->values[v].array = (struct mp_array){.shape = shape_of(word + 2, count - 2), .whole = whole};
    g->values[v].known = true;
    g->inputs = mp_arena_grow(g->arena, g->inputs, g->input_count, g->input_count + 1, sizeof *g->inputs);
    g->inputs[g->input_count++] = v;
}

static void add_constant(struct mp_graph *g, char **word, size_t count, unsigned *seed) {
    bool whole = strcmp(word[0], "ints") == 0, list = *word[2] == '=', scalar = *word[2] == ':';
    struct mp_shape s = {.rank = list, .dim = {count - 3}};
    if (!list && !scalar)
        s = shape_of(word + 2, count - 2);
    struct mp_array a = mp_array_make(g->arena, &s, whole);
    for (uint64_t i = 0; i < mp_shape_count(&s); i++) {
        *seed = *seed * 1664525u + 1013904223u;
        if (whole)
            a.i[i] = strtoll(word[3 + i], NULL, 10);
        else
            a.f[i] = list || scalar ? strtof(word[3 + i], NULL) : (float)(*seed >> 8) / 16777216 + 0.1f;
    }
    mp_graph_add_constant(g, word[1], &a);
}

static struct mp_attr read_attr(struct mp_arena *a, char *word) {
    char *value = strchr(word, '='), *item[MOST];
    *value++ = '\0';
    struct mp_attr r = {.name = mp_arena_strdup(a, word)};
    if (*value == '\'') {
        r.type = MP_ATTR_TEXT;
        r.text = mp_arena_printf(a, "%.*s", (int)strlen(value) - 2, value + 1);
    } else if (strchr(value, ',')) {
        r.type = MP_ATTR_INTS;
        r.count = split(value, ",", item);
        int64_t *ints = mp_arena_alloc(a, r.count, sizeof *ints);
        for (size_t i = 0; i < r.count; i++)
            ints[i] = strtoll(item[i], NULL, 10);
        r.ints = ints;
    } else if (strchr(value, '.')) {
        r.type = MP_ATTR_REAL;
        r.f = strtof(value, NULL);
    } else {
        r.type = MP_ATTR_INT;
        r.i = strtoll(value, NULL, 10);
    }
    return r;
}

// "axes=1," is a list of one.
static void add_node(struct mp_graph *g, char **word, size_t count) {
    char *out[MOST];
    size_t attrs = 0, outputs = split(word[1], ",", out), inputs;
    while (strchr(word[count - 1 - attrs], '='))
        attrs++;
    inputs = count - 2 - attrs;
    const struct mp_op *op = mp_op_find(word[0]);
    assert_non_null(op);
    mp_graph_add_node(g, out[0], op, inputs, outputs);
    for (size_t i = 0; i < inputs; i++) {
        size_t v = strcmp(word[2 + i], "-") == 0 ? MP_NO_VALUE : find(g, word[2 + i]);
        g->nodes[g->node_count - 1].inputs[i] = v;
    }
    for (size_t i = 0; i < outputs; i++) {
        size_t v = find(g, out[i]);
        g->nodes[g->node_count - 1].outputs[i] = v;
        g->values[v].producer = g->node_count - 1;
    }
    struct mp_graph_node *n = &g->nodes[g->node_count - 1];
    n->attr_count = attrs;
    n->attrs = mp_arena_alloc(g->arena, attrs, sizeof *n->attrs);
    for (size_t i = 0; i < attrs; i++)
        n->attrs[i] = read_attr(g->arena, word[count - attrs + i]);
}

void read_graph(struct mp_graph *g, struct mp_arena *a, unsigned opset, const char *text) {
    char *line, *next = mp_arena_strdup(a, text), *word[MOST];
    unsigned seed = 1;
    struct mp_err err;
    *g = (struct mp_graph){.name = "g", .source = "m.onnx", .opset = opset, .arena = a};
    while ((line = strsep(&next, "\n")) != NULL) {
        size_t count = split(line, " ", word);
        if (count == 0)
            continue;
        if (strcmp(word[0], "in") == 0 || strcmp(word[0], "int") == 0) {
            add_input(g, word, count, word[0][2] == 't');
        } else if (strcmp(word[0], "const") == 0 || strcmp(word[0], "ints") == 0) {
            add_constant(g, word, count, &seed);
        } else if (strcmp(word[0], "out") == 0) {
            g->outputs = mp_arena_grow(a, g->outputs, g->output_count, g->output_count + 1, sizeof *g->outputs);
            g->outputs[g->output_count++] = find(g, word[1]);
        } else {
            add_node(g, word, count);
        }
    }
    if (!mp_graph_infer(g, &err))
        fail_msg("%s", err.text);
}

const char *graph_ops(struct mp_arena *a, const struct mp_graph *g) {
    const char *text = "";
    for (size_t i = 0; i < g->node_count; i++)
        text = mp_arena_printf(a, "%s%s%s", text, i ? " " : "", g->nodes[i].op->name);
    return text;
}
