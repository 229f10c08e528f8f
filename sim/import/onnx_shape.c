// SPDX-License-Identifier: Apache-2.0
// What a model declares of shapes: the inputs' are taken (with the batch and named dimensions made numbers), all others are
// compared with those that the nodes make.
#include "sim/import/onnx_read.h"

#include "sim/base/say.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SHAPE_BYTES 600

typedef Onnx__TensorShapeProto__Dimension Dim;

static bool is_number(const Dim *d) {
    return d->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
}

// Its name, or "".
static const char *param(const Dim *d) {
    bool named = d->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
    return named && d->dim_param ? d->dim_param : "";
}

// "Nx3x?x32"
static const char *declared_text(const Onnx__TensorShapeProto *s, char out[SHAPE_BYTES]) {
    char shown[MP_SAY_BYTES];
    int at = snprintf(out, SHAPE_BYTES, "%s", s->n_dim == 0 ? "scalar" : "");
    for (size_t i = 0; i < s->n_dim && at < SHAPE_BYTES; i++) {
        const char *name = param(s->dim[i]), *x = i ? "x" : "";
        size_t room = SHAPE_BYTES - (size_t)at;
        if (is_number(s->dim[i]))
            at += snprintf(out + at, room, "%s%" PRId64, x, s->dim[i]->dim_value);
        else
            at += snprintf(out + at, room, "%s%s", x, *name ? mp_say_text(name, strlen(name), shown) : "?");
    }
    return out;
}

// Inputs

static bool fail_at(struct mp_onnx_reader *r, const char *place, size_t d, const char *why) {
    return mp_fail(r->err, "%s: %s: dimension %zu %s", r->name, place, d, why);
}

static bool refuse_batch(struct mp_onnx_reader *r, const char *place, const char *shown, uint64_t size) {
    return mp_fail(r->err,
                   "%s: %s: dimension 0, \"%s\", is the batch, which is 1 here (got --dim %s=%" PRIu64
                   "): \"batch\" of a plan says how many run together",
                   r->name, place, shown, shown, size);
}

// A dimension that the model does not fix. `dims` goes first, then the batch is 1.
static bool symbolic(struct mp_onnx_reader *r, const char *place, const char *name, size_t d, bool batch, uint64_t *size) {
    const char *shown = mp_onnx_say(r, name);
    for (size_t i = 0; i < r->dims->count; i++)
        if (strcmp(r->dims->names[i], name) == 0) {
            r->dim_used[i] = true;
            *size = r->dims->sizes[i];
            return !batch || *size == 1 || refuse_batch(r, place, shown, *size);
        }
    *size = 1;
    if (d == 0 && !r->dims->keep_batch)
        return true;
    if (!*name)
        return fail_at(r, place, d, "has neither a size nor a name");
    return fail_at(r, place, d, mp_arena_printf(r->scratch, "is \"%s\": give its size, --dim %s=N", shown, shown));
}

// The fixed batch is taken as 1.
static bool take_batch(struct mp_onnx_reader *r, const char *name, uint64_t *size) {
    if (r->batch_input && r->batch != *size)
        return mp_fail(r->err, "%s: inputs \"%s\" and \"%s\" must have the same batch (got %" PRIu64 " and %" PRIu64 ")",
                       r->name, r->batch_input, mp_onnx_say(r, name), r->batch, *size);
    r->batch = *size;
    r->batch_input = mp_onnx_say(r, name);
    *size = 1;
    return true;
}

static bool input_shape(struct mp_onnx_reader *r, const Onnx__ValueInfoProto *v, const Onnx__TypeProto__Tensor *t,
                        const char *place, struct mp_shape *s) {
    if (!t->shape)
        return mp_fail(r->err, "%s: %s: its shape is missing", r->name, place);
    if (t->shape->n_dim > MP_MAX_RANK)
        return mp_fail(r->err, "%s: %s: must have at most %u dimensions (got %zu)", r->name, place, MP_MAX_RANK,
                       t->shape->n_dim);
    *s = (struct mp_shape){.rank = (unsigned)t->shape->n_dim};
    for (unsigned d = 0; d < s->rank; d++) {
        const Dim *from = t->shape->dim[d];
        const bool batch = d == 0 && s->rank > 1 && !r->dims->keep_batch;
        if (!is_number(from)) {
            if (!symbolic(r, place, param(from), d, batch, &s->dim[d]))
                return false;
            continue;
        }
        if (from->dim_value < 1)
            return mp_fail(r->err, "%s: %s: dimension %u must be at least 1 (got %" PRId64 ")", r->name, place, d,
                           from->dim_value);
        s->dim[d] = (uint64_t)from->dim_value;
        if (batch && s->dim[0] > 1 && !take_batch(r, v->name, &s->dim[0]))
            return false;
    }
    return mp_shape_fits(s) || mp_fail(r->err, "%s: %s: must have at most %" PRIu64 " elements", r->name, place, MP_MAX_ARRAY);
}

static const Onnx__TypeProto__Tensor *tensor_of(const Onnx__ValueInfoProto *v) {
    return v->type && v->type->value_case == ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE ? v->type->tensor_type : NULL;
}

static bool is_real(int32_t type) {
    return type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT || type == ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE ||
           type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16 || type == ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16;
}

// Names of dimensions, for those who ask what the model takes.
static const char *const *dim_names(struct mp_onnx_reader *r, const Onnx__TensorShapeProto *s) {
    const char **names = mp_arena_alloc(r->g->arena, s->n_dim, sizeof *names);
    for (size_t d = 0; d < s->n_dim; d++)
        names[d] = is_number(s->dim[d]) ? NULL : mp_arena_strdup(r->g->arena, param(s->dim[d]));
    return names;
}

static bool add_input(struct mp_onnx_reader *r, const Onnx__ValueInfoProto *v) {
    const char *place = mp_arena_printf(r->scratch, "input \"%s\"", mp_onnx_say(r, v->name));
    const Onnx__TypeProto__Tensor *t = tensor_of(v);
    struct mp_shape shape;
    bool is_signed;
    size_t value = 0;
    if (!t)
        return mp_fail(r->err, "%s: %s: must be a tensor", r->name, place);
    bool is_bool = t->elem_type == ONNX__TENSOR_PROTO__DATA_TYPE__BOOL;
    if (!is_real(t->elem_type) && !is_bool && mp_onnx_type_bits(t->elem_type, &is_signed) == 0)
        return mp_fail(r->err, "%s: %s: must hold numbers (got %s)", r->name, place,
                       mp_onnx_type_name(t->elem_type) ? mp_onnx_type_name(t->elem_type) : "an unknown type");
    if (!input_shape(r, v, t, place, &shape) || !mp_onnx_add_value(r, v->name, NULL, t->elem_type, place, &value))
        return false;
    r->g->values[value].array = (struct mp_array){.shape = shape, .whole = !is_real(t->elem_type)};
    r->g->values[value].known = true;
    r->g->values[value].dims = dim_names(r, t->shape);
    r->g->inputs[r->g->input_count++] = value;
    return true;
}

static bool check_dims_used(struct mp_onnx_reader *r) {
    for (size_t i = 0; i < r->dims->count; i++)
        if (!r->dim_used[i])
            return mp_fail(r->err, "%s: no input has a dimension \"%s\" (--dim)", r->name, mp_onnx_say(r, r->dims->names[i]));
    return true;
}

// Up to IR version 3 the initialisers are among the inputs.
bool mp_onnx_inputs(struct mp_onnx_reader *r) {
    size_t initialisers = r->names.count;
    r->dim_used = mp_arena_alloc(r->scratch, r->dims->count, sizeof *r->dim_used);
    r->g->inputs = mp_arena_alloc(r->g->arena, r->graph->n_input, sizeof *r->g->inputs);
    for (size_t i = 0; i < r->graph->n_input; i++) {
        const Onnx__ValueInfoProto *v = r->graph->input[i];
        size_t at = v->name ? mp_names_find(&r->names, v->name) : MP_NO_NAME;
        if (!(at != MP_NO_NAME && at < initialisers) && !add_input(r, v))
            return false;
    }
    if (r->g->input_count == 0)
        return mp_fail(r->err, "%s: the graph has no inputs", r->name);
    return check_dims_used(r);
}

bool mp_onnx_outputs(struct mp_onnx_reader *r) {
    r->g->outputs = mp_arena_alloc(r->g->arena, r->graph->n_output, sizeof *r->g->outputs);
    for (size_t i = 0; i < r->graph->n_output; i++) {
        const char *name = r->graph->output[i]->name ? r->graph->output[i]->name : "";
        size_t value = mp_names_find(&r->names, name);
        if (value == MP_NO_NAME)
            return mp_fail(r->err, "%s: output \"%s\": nothing makes it%s", r->name, mp_onnx_say(r, name),
                           mp_onnx_hint(r, name));
        for (size_t k = 0; k < i; k++)
            if (r->g->outputs[k] == value)
                return mp_fail(r->err, "%s: output \"%s\" is there twice", r->name, mp_onnx_say(r, name));
        r->g->outputs[r->g->output_count++] = value;
    }
    return r->g->output_count > 0 || mp_fail(r->err, "%s: the graph has no outputs", r->name);
}

// Comparison

// With a fixed batch taken as 1, one dimension is declared as many times larger. An output's must be its first.
static bool fits(const struct mp_onnx_reader *r, const Onnx__TensorShapeProto *declared, const struct mp_shape *made,
                 bool output) {
    unsigned scaled = 0;
    if (declared->n_dim != made->rank)
        return false;
    for (unsigned d = 0; d < made->rank; d++) {
        int64_t want = declared->dim[d]->dim_value;
        if (!is_number(declared->dim[d]) || (want >= 0 && (uint64_t)want == made->dim[d]))
            continue;
        uint64_t times;
        if (__builtin_mul_overflow(made->dim[d], r->batch, &times) || want < 0 || (uint64_t)want != times)
            return false;
        scaled++;
    }
    bool batched = made->rank > 0 && r->batch > 1 && is_number(declared->dim[0]) &&
                   (uint64_t)declared->dim[0]->dim_value == r->batch;
    return scaled <= 1 && !(output && batched && made->dim[0] != 1);
}

static bool compare(struct mp_onnx_reader *r, const char *what, Onnx__ValueInfoProto *const *list, size_t count) {
    char declared[SHAPE_BYTES], made[200];
    for (size_t i = 0; i < count; i++) {
        size_t at = list[i]->name ? mp_names_find(&r->names, list[i]->name) : MP_NO_NAME;
        const Onnx__TypeProto__Tensor *t = tensor_of(list[i]);
        if (at == MP_NO_NAME || !t || !t->shape || !r->g->values[at].known)
            continue;
        const struct mp_value *v = &r->g->values[at];
        bool input = v->producer == MP_NO_NODE && !v->constant;
        if (!input && !fits(r, t->shape, &v->array.shape, *what == 'o'))
            return mp_fail(r->err, "%s: %s \"%s\" must be %s as the model declares it (got %s)", r->name, what,
                           mp_onnx_say(r, v->name), declared_text(t->shape, declared), mp_shape_text(&v->array.shape, made));
    }
    return true;
}

bool mp_onnx_compare_shapes(struct mp_onnx_reader *r) {
    const Onnx__GraphProto *g = r->graph;
    return compare(r, "initialiser", g->input, g->n_input) && compare(r, "value", g->value_info, g->n_value_info) &&
           compare(r, "output", g->output, g->n_output);
}
