// SPDX-License-Identifier: Apache-2.0
// Attributes of nodes. Which ones an operator has, and of which type, is in the operators' table and checked there.
#include "sim/import/onnx_read.h"

#include <math.h>
#include <string.h>

#define TYPE(name) ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__##name

static bool fail_at(struct mp_onnx_reader *r, const char *place, const Onnx__AttributeProto *p, const char *why) {
    return mp_fail(r->err, "%s: %s: attribute \"%s\" %s", r->name, place, mp_onnx_say(r, p->name), why);
}

static bool read_text(struct mp_onnx_reader *r, const Onnx__AttributeProto *p, const char *place, struct mp_attr *out) {
    char *text = mp_arena_alloc(r->g->arena, p->s.len + 1, 1);
    if (p->s.len > 0)
        memcpy(text, p->s.data, p->s.len);
    out->text = text;
    return strlen(text) == p->s.len || fail_at(r, place, p, "is a text with NUL");
}

static bool read_reals(struct mp_onnx_reader *r, const Onnx__AttributeProto *p, const char *place, const float *from,
                       size_t count, const float **out) {
    float *to = mp_arena_alloc(r->g->arena, count, sizeof *to);
    for (size_t i = 0; i < count; i++) {
        if (isnan(from[i]))
            return fail_at(r, place, p, "is not a number");
        to[i] = from[i];
    }
    *out = to;
    return true;
}

static const int64_t *read_ints(struct mp_onnx_reader *r, const int64_t *from, size_t count) {
    int64_t *to = mp_arena_alloc(r->g->arena, count, sizeof *to);
    if (count > 0)
        memcpy(to, from, count * sizeof *to);
    return to;
}

// Numbers that are 0 may be left out of the file.
bool mp_onnx_attr(struct mp_onnx_reader *r, const Onnx__AttributeProto *p, const char *place, struct mp_attr *out) {
    if (!p->name || !p->name[0])
        return mp_fail(r->err, "%s: %s: an attribute has no name", r->name, place);
    *out = (struct mp_attr){.name = mp_arena_strdup(r->g->arena, p->name)};
    if (p->ref_attr_name && p->ref_attr_name[0])
        return fail_at(r, place, p, "refers to a function's: not supported");
    const float *f = NULL;
    switch (p->type) {
    case TYPE(INT):
        out->type = MP_ATTR_INT;
        out->i = p->i;
        return true;
    case TYPE(FLOAT):
        out->type = MP_ATTR_REAL;
        if (!read_reals(r, p, place, &p->f, 1, &f))
            return false;
        out->f = f[0];
        return true;
    case TYPE(STRING):
        out->type = MP_ATTR_TEXT;
        return read_text(r, p, place, out);
    case TYPE(INTS):
        out->type = MP_ATTR_INTS;
        out->ints = read_ints(r, p->ints, p->n_ints);
        out->count = p->n_ints;
        return true;
    case TYPE(FLOATS):
        out->type = MP_ATTR_REALS;
        out->count = p->n_floats;
        return read_reals(r, p, place, p->floats, p->n_floats, &out->reals);
    case TYPE(TENSOR):
        out->type = MP_ATTR_ARRAY;
        return p->t ? mp_onnx_tensor(r, p->t, mp_arena_printf(r->scratch, "%s: attribute \"%s\"", place,
                                                              mp_onnx_say(r, p->name)), &out->array)
                    : fail_at(r, place, p, "has no tensor");
    case TYPE(GRAPH):
    case TYPE(GRAPHS):
        return fail_at(r, place, p, "is a subgraph: not supported");
    case TYPE(UNDEFINED):
        return fail_at(r, place, p, "has no type");
    default:
        return fail_at(r, place, p, "is of a type that is not supported");
    }
}

// The attribute's numbers as an array: one number is a scalar.
static bool as_array(struct mp_onnx_reader *r, const struct mp_attr *it, struct mp_array *out, int32_t *type) {
    bool whole = it->type == MP_ATTR_INT || it->type == MP_ATTR_INTS, list = it->type == MP_ATTR_INTS || it->type == MP_ATTR_REALS;
    struct mp_shape shape = {.rank = list, .dim = {it->count}};
    *type = whole ? ONNX__TENSOR_PROTO__DATA_TYPE__INT64 : ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    if (!mp_shape_fits(&shape))
        return false;
    *out = mp_array_make(r->g->arena, &shape, whole);
    size_t count = list ? it->count : 1;
    if (whole)
        memcpy(out->i, list ? it->ints : &it->i, count * sizeof *out->i);
    else
        memcpy(out->f, list ? it->reals : &it->f, count * sizeof *out->f);
    return true;
}

bool mp_onnx_constant(struct mp_onnx_reader *r, const Onnx__NodeProto *n, const char *place, struct mp_array *out,
                      int32_t *type) {
    static const struct {
        const char *name;
        enum mp_attr_type type;
    } known[] = {{"value", MP_ATTR_ARRAY},
                 {"value_int", MP_ATTR_INT},
                 {"value_ints", MP_ATTR_INTS},
                 {"value_float", MP_ATTR_REAL},
                 {"value_floats", MP_ATTR_REALS}};
    struct mp_attr it;
    if (n->n_attribute != 1)
        return mp_fail(r->err, "%s: %s: must have one attribute (got %zu)", r->name, place, n->n_attribute);
    if (!mp_onnx_attr(r, n->attribute[0], place, &it))
        return false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, it.name) == 0 && known[i].type == it.type) {
            if (it.type != MP_ATTR_ARRAY)
                return as_array(r, &it, out, type) || fail_at(r, place, n->attribute[0], "has too many elements");
            *out = it.array;
            *type = n->attribute[0]->t->data_type;
            return true;
        }
    return fail_at(r, place, n->attribute[0], "is not one that a constant can have");
}
