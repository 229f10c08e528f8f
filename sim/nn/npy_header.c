// SPDX-License-Identifier: Apache-2.0
// The header of an .npy file: a magic number, a version, and a Python literal such as
// {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
#include "sim/nn/npy.h"

#include "sim/base/say.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MAX_HEADER 65535 // bytes; NumPy's own are below 200
#define MAX_DIM ((uint64_t)1 << 40)

struct text {
    const char *at; // ends with a NUL
    struct mp_npy *n;
};

static bool malformed(const struct text *t, const char *wanted, struct mp_err *err) {
    char shown[MP_SAY_BYTES];
    const char *at = t->at + strspn(t->at, " \t\n");
    size_t len = strlen(at) < 20 ? strlen(at) : 20;
    while (len > 0 && strchr(" \t\n", at[len - 1]))
        len--;
    return mp_fail(err, "%s: header: expected %s at \"%s\"", t->n->name, wanted, mp_say_text(at, len, shown));
}

static void skip(struct text *t) {
    t->at += strspn(t->at, " \t\n");
}

static bool take(struct text *t, const char *word) {
    skip(t);
    size_t len = strlen(word);
    if (strncmp(t->at, word, len) != 0)
        return false;
    t->at += len;
    return true;
}

// A quoted word without escapes, of at most size - 1 characters.
static bool take_word(struct text *t, char *word, size_t size) {
    skip(t);
    char quote = *t->at;
    const char *end = quote == '\'' || quote == '"' ? strchr(t->at + 1, quote) : NULL;
    if (!end || (size_t)(end - t->at) > size)
        return false;
    memcpy(word, t->at + 1, (size_t)(end - t->at - 1));
    word[end - t->at - 1] = '\0';
    t->at = end + 1;
    return true;
}

static bool set_type(struct mp_npy *n, const char *descr, struct mp_err *err) {
    char shown[MP_SAY_BYTES];
    char order = descr[0], kind = order ? descr[1] : '\0';
    unsigned item = kind && strlen(descr) == 3 ? (unsigned)(descr[2] - '0') : 0;
    bool size_ok = item == 2 || item == 4 || item == 8 || (item == 1 && kind != 'f');
    if (kind == 'O')
        return mp_fail(err, "%s: holds Python objects (dtype '|O'), not numbers", n->name);
    if (!strchr("<>|=", order) || !kind || !strchr("uif", kind) || !size_ok || (order == '|' && item > 1))
        return mp_fail(err, "%s: dtype must be u1..u8, i1..i8, f2, f4 or f8 (got '%s')", n->name,
                       mp_say_text(descr, strlen(descr), shown));
    n->kind = kind;
    n->item = item;
    n->big = order == '>';
    return true;
}

static bool take_descr(struct text *t, struct mp_err *err) {
    char word[64];
    skip(t);
    if (*t->at == '[')
        return mp_fail(err, "%s: has a structured dtype, not one of numbers", t->n->name);
    if (!take_word(t, word, sizeof word))
        return malformed(t, "a dtype", err);
    return set_type(t->n, word, err);
}

static bool take_order(struct text *t, struct mp_err *err) {
    t->n->fortran = take(t, "True");
    return t->n->fortran || take(t, "False") || malformed(t, "True or False", err);
}

static bool take_dim(struct text *t, struct mp_shape *s, struct mp_err *err) {
    char *end;
    skip(t);
    if (*t->at < '0' || *t->at > '9')
        return malformed(t, "a size", err);
    uint64_t dim = strtoull(t->at, &end, 10);
    if (dim == 0 || dim > MAX_DIM)
        return mp_fail(err, "%s: header: a size must be 1..%" PRIu64 " (got %.*s)", t->n->name, MAX_DIM,
                       end - t->at > 24 ? 24 : (int)(end - t->at), t->at);
    if (s->rank == MP_MAX_RANK)
        return mp_fail(err, "%s: has more than %d dimensions", t->n->name, MP_MAX_RANK);
    t->at = end;
    s->dim[s->rank++] = dim;
    return true;
}

static bool take_shape(struct text *t, struct mp_err *err) {
    struct mp_shape *s = &t->n->shape;
    *s = (struct mp_shape){0};
    if (!take(t, "("))
        return malformed(t, "a tuple", err);
    while (!take(t, ")")) {
        if (!take_dim(t, s, err))
            return false;
        if (!take(t, ",") && (skip(t), *t->at != ')'))
            return malformed(t, "a comma", err);
    }
    return s->rank > 0 || mp_fail(err, "%s: is a single number, not an array", t->n->name);
}

static bool take_dict(struct text *t, struct mp_err *err) {
    static const char *const keys[] = {"descr", "fortran_order", "shape"};
    static bool (*const takes[])(struct text *, struct mp_err *) = {take_descr, take_order, take_shape};
    bool seen[3] = {false};
    char word[32];
    if (!take(t, "{"))
        return malformed(t, "{", err);
    while (!take(t, "}")) {
        size_t k = 0;
        const struct text before = *t;
        if (!take_word(t, word, sizeof word))
            return malformed(t, "a key", err);
        while (k < 3 && strcmp(word, keys[k]) != 0)
            k++;
        if (k == 3 || seen[k])
            return malformed(&before, k == 3 ? "'descr', 'fortran_order' or 'shape'" : "no key twice", err);
        seen[k] = true;
        if (!take(t, ":"))
            return malformed(t, "a colon", err);
        if (!takes[k](t, err))
            return false;
        if (!take(t, ",") && (skip(t), *t->at != '}'))
            return malformed(t, "a comma", err);
    }
    for (size_t k = 0; k < 3; k++)
        if (!seen[k])
            return mp_fail(err, "%s: header: has no '%s'", t->n->name, keys[k]);
    skip(t);
    return *t->at == '\0' || malformed(t, "nothing behind }", err);
}

// The size of the elements is compared before anybody makes room for them.
static bool check_size(const struct mp_npy *n, uint64_t header, struct mp_err *err) {
    uint64_t want = n->item;
    bool ok = true;
    for (unsigned i = 0; i < n->shape.rank; i++)
        ok = ok && !__builtin_mul_overflow(want, n->shape.dim[i], &want);
    if (ok && want == n->from.size - header)
        return true;
    return ok ? mp_fail(err, "%s: its elements take %" PRIu64 " bytes by its header, %" PRIu64 " are there", n->name,
                        want, n->from.size - header)
              : mp_fail(err, "%s: header: the shape has more than 2^64 elements", n->name);
}

bool mp_npy_begin(struct mp_npy *n, const char *name, const struct mp_npy_from *from, struct mp_err *err) {
    uint8_t magic[8], length[4] = {0};
    char header[MAX_HEADER + 1];
    *n = (struct mp_npy){.name = name, .from = *from};
    if (from->size < 12)
        return mp_fail(err, "%s: not an .npy file (%" PRIu64 " bytes)", name, from->size);
    if (!from->read(from->from, magic, sizeof magic, err))
        return false;
    if (memcmp(magic, "\x93NUMPY", 6) != 0)
        return mp_fail(err, "%s: not an .npy file (does not begin with \\x93NUMPY)", name);
    if (magic[6] < 1 || magic[6] > 3)
        return mp_fail(err, "%s: .npy version must be 1..3 (got %u)", name, magic[6]);
    size_t width = magic[6] == 1 ? 2 : 4;
    if (!from->read(from->from, length, width, err))
        return false;
    uint64_t size = length[0] | (uint64_t)length[1] << 8 | (uint64_t)length[2] << 16 | (uint64_t)length[3] << 24;
    if (size > MAX_HEADER || size > from->size - sizeof magic - width)
        return mp_fail(err, "%s: the header's size must be at most %d bytes and that of the file (got %" PRIu64 ")",
                       name, MAX_HEADER, size);
    if (!from->read(from->from, header, size, err))
        return false;
    header[size] = '\0';
    if (strlen(header) != size)
        return mp_fail(err, "%s: header: has a NUL", name);
    struct text t = {header, n};
    return take_dict(&t, err) && check_size(n, sizeof magic + width + size, err);
}
