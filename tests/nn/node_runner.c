// SPDX-License-Identifier: Apache-2.0
// Runs a model on tensors, operator by operator, at the batch that it has, and prints its outputs:
//
//   node_runner [--absorb] [--infer] [--dim NAME=N]... MODEL [TENSOR.pb]...
//   node_runner --operators
//
// A line an output: "NAME float|int RANK DIMENSIONS... ELEMENTS...". With --absorb the batch is 1, QuantizeLinear and
// DequantizeLinear become hints, and each hint is a line "hint NAME BITS SIGNED SCALE ZERO". With --infer float inference runs it, which plans memory and has kernels of its own.
#include "sim/import/onnx.h"
#include "sim/nn/infer.h"
#include "sim/nn/op.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const struct mp_err *err) {
    fprintf(stderr, "%s\n", err->text);
    return 1;
}

static void run_node(struct mp_graph *g, const struct mp_graph_node *n) {
    const struct mp_array **in = mp_arena_alloc(g->arena, n->input_count, sizeof *in);
    struct mp_array **out = mp_arena_alloc(g->arena, n->output_count, sizeof *out);
    bool done = true;
    for (size_t i = 0; i < n->input_count; i++)
        in[i] = mp_node_input(g, n, i) ? &mp_node_input(g, n, i)->array : NULL;
    for (size_t i = 0; i < n->output_count; i++) {
        struct mp_value *v = n->outputs[i] == MP_NO_VALUE ? NULL : &g->values[n->outputs[i]];
        out[i] = v ? &v->array : NULL;
        done = done && (!v || v->constant);
        if (v && !v->constant)
            v->array = mp_array_make(g->arena, &v->array.shape, v->array.whole);
    }
    if (!done)
        n->op->run(g, n, in, out);
}

static void print_value(const struct mp_value *v, const struct mp_array *a) {
    uint64_t count = mp_shape_count(&a->shape);
    printf("%s %s %u", v->name, a->whole ? "int" : "float", a->shape.rank);
    for (unsigned d = 0; d < a->shape.rank; d++)
        printf(" %" PRIu64, a->shape.dim[d]);
    for (uint64_t i = 0; i < count; i++)
        if (a->whole)
            printf(" %" PRId64, a->i[i]);
        else
            printf(" %.9g", (double)a->f[i]);
    printf("\n");
}

static bool read_input(struct mp_graph *g, size_t i, const char *path, struct mp_err *err) {
    struct mp_value *v = &g->values[g->inputs[i]];
    struct mp_array array;
    if (!mp_onnx_load_tensor(&array, g->arena, path, err))
        return false;
    if (!mp_shape_equal(&array.shape, &v->array.shape) || array.whole != v->array.whole)
        return mp_fail(err, "%s: not of the shape or kind of input \"%s\"", path, v->name);
    v->array = array;
    return true;
}

static void print_hints(const struct mp_graph *g) {
    for (size_t v = 0; v < g->value_count; v++) {
        const struct mp_quant_hint *h = &g->values[v].hint;
        if (h->bits > 0)
            printf("hint %s %u %d %.9g %" PRId64 "\n", g->values[v].name, h->bits, h->is_signed, (double)h->scale, h->zero);
    }
}

static void run_nodes(struct mp_graph *g) {
    for (size_t k = 0; k < g->node_count; k++)
        run_node(g, &g->nodes[k]);
    for (size_t i = 0; i < g->output_count; i++)
        print_value(&g->values[g->outputs[i]], &g->values[g->outputs[i]].array);
}

static void run_infer(struct mp_graph *g) {
    struct mp_infer *f = mp_infer_create(g);
    for (size_t i = 0; i < g->input_count; i++) {
        const struct mp_array *from = &g->values[g->inputs[i]].array, *to = mp_infer_input(f, i);
        uint64_t count = mp_shape_count(&from->shape);
        if (from->whole)
            memcpy(to->i, from->i, count * sizeof *to->i);
        else
            memcpy(to->f, from->f, count * sizeof *to->f);
    }
    mp_infer_run(f);
    for (size_t i = 0; i < g->output_count; i++)
        print_value(&g->values[g->outputs[i]], mp_infer_value(f, g->outputs[i]));
    mp_infer_destroy(f);
}

static int run(struct mp_graph *g, struct mp_arena *a, bool absorb, bool infer, const struct mp_onnx_dims *dims, char **files,
               int count) {
    struct mp_err err;
    if (!mp_onnx_load(g, a, files[0], dims, &err) || (absorb && !mp_graph_absorb_qdq(g, &err)))
        return fail(&err);
    if ((size_t)count - 1 != g->input_count) {
        fprintf(stderr, "%s: takes %zu tensors\n", files[0], g->input_count);
        return 2;
    }
    for (size_t i = 0; i < g->input_count; i++)
        if (!read_input(g, i, files[i + 1], &err))
            return fail(&err);
    if (infer)
        run_infer(g);
    else
        run_nodes(g);
    if (absorb)
        print_hints(g);
    return 0;
}

static int print_operators(void) {
    for (size_t i = 0; i < mp_op_count(); i++)
        puts(mp_op_at(i)->name);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--operators") == 0)
        return print_operators();
    struct mp_arena a = {0};
    struct mp_graph g;
    const char *names[16];
    uint64_t sizes[16];
    struct mp_onnx_dims dims = {names, sizes, 0, true};
    int at = 1;
    bool absorb = at < argc && strcmp(argv[at], "--absorb") == 0;
    at += absorb;
    bool infer = at < argc && strcmp(argv[at], "--infer") == 0;
    at += infer;
    dims.keep_batch = !absorb;
    for (; at + 1 < argc && strcmp(argv[at], "--dim") == 0 && dims.count < 16; at += 2) {
        names[dims.count] = strtok(argv[at + 1], "=");
        sizes[dims.count++] = strtoull(strtok(NULL, "="), NULL, 10);
    }
    if (at >= argc)
        return 2;
    int status = run(&g, &a, absorb, infer, &dims, argv + at, argc - at);
    mp_arena_finish(&a);
    return status;
}
