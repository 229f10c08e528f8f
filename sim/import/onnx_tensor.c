// SPDX-License-Identifier: Apache-2.0
// Tensors into arrays. Their bytes are counted before anything is made: what a tensor claims must be there.
#include "sim/import/onnx_read.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

// Of all constants of a model together, as arrays: tensors may share the bytes of a file beside the model.
#define MAX_CONSTANT_BYTES ((uint64_t)16 << 30)

enum field { NONE, FLOATS, INT32S, INT64S, DOUBLES, UINT64S };

static const struct element {
    const char *name;
    size_t bytes; // in raw_data
    bool whole;
    enum field field; // where its elements stand when not in raw_data
    int64_t min, max; // of an integer
} elements[] = {
    [ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT] = {"float", 4, false, FLOATS, 0, 0},
    [ONNX__TENSOR_PROTO__DATA_TYPE__UINT8] = {"uint8", 1, true, INT32S, 0, UINT8_MAX},
    [ONNX__TENSOR_PROTO__DATA_TYPE__INT8] = {"int8", 1, true, INT32S, INT8_MIN, INT8_MAX},
    [ONNX__TENSOR_PROTO__DATA_TYPE__UINT16] = {"uint16", 2, true, INT32S, 0, UINT16_MAX},
    [ONNX__TENSOR_PROTO__DATA_TYPE__INT16] = {"int16", 2, true, INT32S, INT16_MIN, INT16_MAX},
    [ONNX__TENSOR_PROTO__DATA_TYPE__INT32] = {"int32", 4, true, INT32S, INT32_MIN, INT32_MAX},
    [ONNX__TENSOR_PROTO__DATA_TYPE__INT64] = {"int64", 8, true, INT64S, INT64_MIN, INT64_MAX},
    [ONNX__TENSOR_PROTO__DATA_TYPE__STRING] = {"string", 0, false, NONE, 0, 0},
    [ONNX__TENSOR_PROTO__DATA_TYPE__BOOL] = {"bool", 1, true, INT32S, 0, UINT8_MAX}, // all but 0 is 1
    [ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16] = {"float16", 2, false, INT32S, 0, 0},
    [ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE] = {"double", 8, false, DOUBLES, 0, 0},
    [ONNX__TENSOR_PROTO__DATA_TYPE__UINT32] = {"uint32", 4, true, UINT64S, 0, UINT32_MAX},
    [ONNX__TENSOR_PROTO__DATA_TYPE__UINT64] = {"uint64", 8, true, UINT64S, 0, INT64_MAX},
    [ONNX__TENSOR_PROTO__DATA_TYPE__COMPLEX64] = {"complex64", 0, false, NONE, 0, 0},
    [ONNX__TENSOR_PROTO__DATA_TYPE__COMPLEX128] = {"complex128", 0, false, NONE, 0, 0},
    [ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16] = {"bfloat16", 2, false, INT32S, 0, 0},
};
#define ELEMENTS ((int32_t)(sizeof elements / sizeof *elements))

const char *mp_onnx_type_name(int32_t type) {
    return type > 0 && type < ELEMENTS ? elements[type].name : NULL;
}

unsigned mp_onnx_type_bits(int32_t type, bool *is_signed) {
    if (!mp_onnx_type_name(type) || !elements[type].whole || type == ONNX__TENSOR_PROTO__DATA_TYPE__BOOL)
        return 0;
    *is_signed = elements[type].min < 0;
    return (unsigned)(8 * elements[type].bytes);
}

struct source {
    const char *what; // "raw_data", "float_data", ...
    const uint8_t *raw; // or NULL: a field of t
    const Onnx__TensorProto *t;
};

// Shape

static bool read_shape(struct mp_onnx_reader *r, const Onnx__TensorProto *t, const char *place, struct mp_shape *s) {
    if (t->n_dims > MP_MAX_RANK)
        return mp_fail(r->err, "%s: %s: must have at most %u dimensions (got %zu)", r->name, place, MP_MAX_RANK, t->n_dims);
    *s = (struct mp_shape){.rank = (unsigned)t->n_dims};
    bool may_be_empty = t->n_dims == 1; // a list: of axes, of a scalar's dimensions
    for (unsigned d = 0; d < s->rank; d++) {
        if (t->dims[d] < (may_be_empty ? 0 : 1))
            return mp_fail(r->err, "%s: %s: dimension %u must be at least %d (got %" PRId64 ")", r->name, place, d,
                           may_be_empty ? 0 : 1, t->dims[d]);
        s->dim[d] = (uint64_t)t->dims[d];
    }
    return mp_shape_fits(s) || mp_fail(r->err, "%s: %s: must have at most %" PRIu64 " elements", r->name, place, MP_MAX_ARRAY);
}

static bool read_type(struct mp_onnx_reader *r, const Onnx__TensorProto *t, const char *place, const struct element **e) {
    const char *name = mp_onnx_type_name(t->data_type);
    if (!t->has_data_type || t->data_type == 0)
        return mp_fail(r->err, "%s: %s: the type of its elements is missing", r->name, place);
    if (!name)
        return mp_fail(r->err, "%s: %s: the type of its elements is unknown (%" PRId32 ")", r->name, place, t->data_type);
    *e = &elements[t->data_type];
    return (*e)->bytes > 0 || mp_fail(r->err, "%s: %s: elements of type %s are not supported", r->name, place, name);
}

// Source

static const struct {
    const char *name;
    size_t count; // its offset
} fields[] = {
    [FLOATS] = {"float_data", offsetof(Onnx__TensorProto, n_float_data)},
    [INT32S] = {"int32_data", offsetof(Onnx__TensorProto, n_int32_data)},
    [INT64S] = {"int64_data", offsetof(Onnx__TensorProto, n_int64_data)},
    [DOUBLES] = {"double_data", offsetof(Onnx__TensorProto, n_double_data)},
    [UINT64S] = {"uint64_data", offsetof(Onnx__TensorProto, n_uint64_data)},
};

static size_t held(const Onnx__TensorProto *t, enum field f) {
    size_t count;
    memcpy(&count, (const char *)t + fields[f].count, sizeof count);
    return count;
}

// The one field that may hold elements; NONE: raw_data or another file.
static bool check_fields(struct mp_onnx_reader *r, const Onnx__TensorProto *t, const char *place, enum field only) {
    for (enum field f = FLOATS; f <= UINT64S; f++)
        if (f != only && held(t, f) > 0)
            return mp_fail(r->err, "%s: %s: has %s, which does not go with its type or its other data", r->name, place,
                           fields[f].name);
    return t->n_string_data == 0 || mp_fail(r->err, "%s: %s: has string_data, which is not supported", r->name, place);
}

static bool find_source(struct mp_onnx_reader *r, struct mp_arena *a, const Onnx__TensorProto *t, const char *place,
                        const struct element *e, uint64_t count, struct source *s) {
    bool external = t->has_data_location && t->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
    uint64_t need = count * e->bytes; // at most 2^34
    *s = (struct source){.what = "raw_data", .t = t};
    if (t->segment)
        return mp_fail(r->err, "%s: %s: tensors in segments are not supported", r->name, place);
    if (external && t->has_raw_data)
        return mp_fail(r->err, "%s: %s: has both raw_data and external data", r->name, place);
    if (!check_fields(r, t, place, external || t->has_raw_data ? NONE : e->field))
        return false;
    if (external) {
        s->what = "external data";
        return mp_onnx_external(r, a, t, place, need, &s->raw);
    }
    if (t->has_raw_data) {
        s->raw = t->raw_data.data ? t->raw_data.data : (const uint8_t *)"";
        return t->raw_data.len == need || mp_fail(r->err, "%s: %s: raw_data must have %" PRIu64 " bytes, %" PRIu64
                                                  " elements of %s (got %zu)", r->name, place, need, count, e->name,
                                                  t->raw_data.len);
    }
    s->what = fields[e->field].name;
    return held(t, e->field) == count || mp_fail(r->err, "%s: %s: %s must have %" PRIu64 " elements (got %zu)", r->name,
                                                 place, s->what, count, held(t, e->field));
}

// Elements

static uint32_t raw32(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static float as_float(uint32_t bits) {
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

// IEEE 754 binary16.
static float from_half(uint32_t bits) {
    uint32_t exponent = bits >> 10 & 31, fraction = bits & 1023;
    float f = exponent == 31  ? (fraction ? NAN : INFINITY)
              : exponent == 0 ? ldexpf((float)fraction, -24)
                              : ldexpf((float)(fraction | 1024), (int)exponent - 25);
    return bits >> 15 & 1 ? -f : f;
}

static float raw_real(int32_t type, const uint8_t *p) {
    double wide;
    uint64_t bits;
    switch (type) {
    case ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT:
        return as_float(raw32(p));
    case ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE:
        bits = (uint64_t)raw32(p) | (uint64_t)raw32(p + 4) << 32;
        memcpy(&wide, &bits, sizeof wide);
        return (float)wide;
    case ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16:
        return from_half((uint32_t)p[0] | (uint32_t)p[1] << 8);
    default:
        return as_float((uint32_t)p[0] << 16 | (uint32_t)p[1] << 24);
    }
}

static float real_at(const struct source *s, const struct element *e, size_t i) {
    const Onnx__TensorProto *t = s->t;
    if (s->raw)
        return raw_real(t->data_type, s->raw + i * e->bytes);
    if (e->field == FLOATS)
        return t->float_data[i];
    if (e->field == DOUBLES)
        return (float)t->double_data[i];
    uint32_t bits = (uint32_t)t->int32_data[i] & 0xffff;
    return t->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16 ? from_half(bits) : as_float(bits << 16);
}

// Two's complement of e->bytes bytes.
static uint64_t raw_whole(const struct element *e, const uint8_t *p) {
    uint64_t bits = 0;
    for (size_t b = 0; b < e->bytes; b++)
        bits |= (uint64_t)p[b] << 8 * b;
    uint64_t sign = e->min < 0 ? (uint64_t)1 << (8 * e->bytes - 1) : 0;
    return (bits ^ sign) - sign;
}

// False when the element is not of its type, or beyond int64.
static bool whole_at(const struct source *s, const struct element *e, size_t i, int64_t *out) {
    const Onnx__TensorProto *t = s->t;
    uint64_t bits = s->raw                 ? raw_whole(e, s->raw + i * e->bytes)
                    : e->field == INT32S ? (uint64_t)t->int32_data[i]
                    : e->field == INT64S ? (uint64_t)t->int64_data[i]
                                         : t->uint64_data[i];
    *out = (int64_t)bits;
    if (t->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__BOOL)
        *out = *out != 0;
    return *out >= e->min && *out <= e->max;
}

static bool read_elements(struct mp_onnx_reader *r, const struct source *s, const struct element *e, const char *place,
                          struct mp_array *out) {
    uint64_t count = mp_shape_count(&out->shape);
    for (size_t i = 0; i < count; i++) {
        if (e->whole && !whole_at(s, e, i, &out->i[i]))
            return mp_fail(r->err, "%s: %s: element %zu of %s is beyond %s", r->name, place, i, s->what,
                           s->t->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__UINT64 ? "int64" : e->name);
        if (e->whole)
            continue;
        out->f[i] = real_at(s, e, i);
        if (isnan(out->f[i]))
            return mp_fail(r->err, "%s: %s: element %zu is not a number", r->name, place, i);
    }
    return true;
}

bool mp_onnx_tensor(struct mp_onnx_reader *r, const Onnx__TensorProto *t, const char *place, struct mp_array *out) {
    const struct element *e = NULL;
    struct mp_shape shape;
    struct mp_arena bytes = {0};
    struct source s;
    if (!read_type(r, t, place, &e) || !read_shape(r, t, place, &shape))
        return false;
    uint64_t count = mp_shape_count(&shape), size = count * (e->whole ? sizeof *out->i : sizeof *out->f);
    if (size > MAX_CONSTANT_BYTES - r->constant_bytes)
        return mp_fail(r->err, "%s: %s: all constants together may have at most %" PRIu64 " bytes", r->name, place,
                       MAX_CONSTANT_BYTES);
    r->constant_bytes += size;
    bool ok = find_source(r, &bytes, t, place, e, count, &s);
    if (ok) {
        *out = mp_array_make(r->g->arena, &shape, e->whole);
        ok = read_elements(r, &s, e, place, out);
    }
    mp_arena_finish(&bytes);
    return ok;
}
