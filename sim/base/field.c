// SPDX-License-Identifier: Apache-2.0
// Tables of config keys: reading, defaults, the echo and the help text, each one switch over the types.
// Nesting follows the tables, which are static and shallow.
#include "sim/base/field.h"

#include "sim/base/say.h"

#include <assert.h>
#include <float.h>
#include <string.h>

#define MAX_NESTING 16
#define TWO_53 9007199254740992.0

static void *slot(void *base, const struct mp_field *f) {
    return (char *)base + f->offset;
}

static const void *const_slot(const void *base, const struct mp_field *f) {
    return (const char *)base + f->offset;
}

static size_t count_names(const char *const *names) {
    size_t n = 0;
    while (names && names[n])
        n++;
    return n;
}

static void set_defaults(const struct mp_field *table, void *base, unsigned level);

static void set_default(const struct mp_field *f, void *base, unsigned level) {
    double def = f->required ? 0 : f->def;
    void *p = slot(base, f);
    switch (f->type) {
    case MP_FIELD_UINT:
        *(uint64_t *)p = (uint64_t)def;
        break;
    case MP_FIELD_REAL:
        *(double *)p = def;
        break;
    case MP_FIELD_BOOL:
        *(bool *)p = def != 0;
        break;
    case MP_FIELD_NAME:
        *(const char **)p = f->required ? NULL : f->def_name;
        break;
    case MP_FIELD_ENUM:
        *(unsigned *)p = (unsigned)def;
        break;
    case MP_FIELD_OBJECT:
        set_defaults(f->sub, p, level + 1);
        break;
    }
}

static void set_defaults(const struct mp_field *table, void *base, unsigned level) {
    assert(level < MAX_NESTING);
    for (const struct mp_field *f = table; f->key; f++)
        set_default(f, base, level);
}

void mp_fields_default(const struct mp_field *table, void *base) {
    set_defaults(table, base, 0);
}

static bool read_name(const struct mp_node *n, struct mp_arena *a, const char **out, struct mp_err *err) {
    const char *text;
    if (!mp_node_name(n, &text, err))
        return false;
    *out = mp_arena_strdup(a, text);
    return true;
}

static bool read_enum(const struct mp_field *f, const struct mp_node *n, unsigned *out, struct mp_err *err) {
    size_t index;
    if (!mp_node_enum(n, f->names, count_names(f->names), &index, err))
        return false;
    *out = (unsigned)index;
    return true;
}

static bool read_one(const struct mp_field *f, const struct mp_node *n, struct mp_arena *a, void *p,
                     struct mp_err *err) {
    switch (f->type) {
    case MP_FIELD_UINT:
        return mp_node_uint(n, (uint64_t)f->min, (uint64_t)f->max, p, err);
    case MP_FIELD_REAL:
        return mp_node_real(n, f->min, f->max, p, err);
    case MP_FIELD_BOOL:
        return mp_node_bool(n, p, err);
    case MP_FIELD_NAME:
        return read_name(n, a, p, err);
    case MP_FIELD_ENUM:
        return read_enum(f, n, p, err);
    case MP_FIELD_OBJECT:
        return mp_fields_read(f->sub, NULL, n, a, p, err); // no deeper than the document
    }
    return false;
}

static size_t count_rows(const struct mp_field *table) {
    size_t n = 0;
    while (table[n].key)
        n++;
    return n;
}

static bool check_keys(const struct mp_field *table, const char *const *also, const struct mp_node *n,
                       struct mp_err *err) {
    struct mp_arena scratch = {0};
    size_t rows = count_rows(table), more = count_names(also);
    const char **known = mp_arena_alloc(&scratch, rows + more, sizeof *known);
    for (size_t i = 0; i < rows; i++)
        known[i] = table[i].key;
    for (size_t i = 0; i < more; i++)
        known[rows + i] = also[i];
    bool ok = mp_node_keys(n, known, rows + more, err);
    mp_arena_finish(&scratch);
    return ok;
}

bool mp_fields_read(const struct mp_field *table, const char *const *also, const struct mp_node *n,
                    struct mp_arena *a, void *base, struct mp_err *err) {
    if (!check_keys(table, also, n, err))
        return false;
    for (const struct mp_field *f = table; f->key; f++) {
        struct mp_node child;
        if (mp_node_get(n, f->key, &child)) {
            if (!read_one(f, &child, a, slot(base, f), err))
                return false;
        } else if (f->required) {
            return mp_node_missing(n, f->key, err);
        } else {
            set_default(f, base, 0);
        }
    }
    return true;
}

static void write_rows(const struct mp_field *table, const void *base, struct mp_jsonw *w, unsigned level);

static void write_one(const struct mp_field *f, const void *p, struct mp_jsonw *w, unsigned level) {
    switch (f->type) {
    case MP_FIELD_UINT:
        mp_jsonw_uint(w, *(const uint64_t *)p);
        break;
    case MP_FIELD_REAL:
        mp_jsonw_real(w, *(const double *)p);
        break;
    case MP_FIELD_BOOL:
        mp_jsonw_bool(w, *(const bool *)p);
        break;
    case MP_FIELD_NAME:
        mp_jsonw_string(w, *(const char *const *)p);
        break;
    case MP_FIELD_ENUM:
        assert(*(const unsigned *)p < count_names(f->names));
        mp_jsonw_string(w, f->names[*(const unsigned *)p]);
        break;
    case MP_FIELD_OBJECT:
        mp_jsonw_open(w, '{', false);
        write_rows(f->sub, p, w, level + 1);
        mp_jsonw_close(w, '}');
        break;
    }
}

static void write_rows(const struct mp_field *table, const void *base, struct mp_jsonw *w, unsigned level) {
    assert(level < MAX_NESTING);
    for (const struct mp_field *f = table; f->key; f++) {
        const void *p = const_slot(base, f);
        if (f->type == MP_FIELD_NAME && !*(const char *const *)p)
            continue;
        mp_jsonw_key(w, f->key);
        write_one(f, p, w, level);
    }
}

void mp_fields_write(const struct mp_field *table, const void *base, struct mp_jsonw *w) {
    write_rows(table, base, w, 0);
}

static void describe_type(const struct mp_field *f, struct mp_buf *out) {
    static const char *const kinds[] = {"integer", "number", "true or false", "name", "one of ", "object"};
    char text[MP_SAY_BYTES];
    mp_buf_add(out, kinds[f->type]);
    if (f->type == MP_FIELD_UINT || f->type == MP_FIELD_REAL)
        mp_buf_add(out, mp_say_range(f->min, f->max, f->type == MP_FIELD_UINT ? TWO_53 : DBL_MAX, text));
    for (size_t i = 0; f->type == MP_FIELD_ENUM && f->names[i]; i++)
        mp_buf_addf(out, "%s%s", i ? ", " : "", f->names[i]);
    if (f->unit && f->unit[0])
        mp_buf_addf(out, " %s", f->unit);
}

static void describe_default(const struct mp_field *f, struct mp_buf *out) {
    char number[32];
    mp_format_double(f->def, number);
    const char *def = f->type == MP_FIELD_BOOL   ? (f->def != 0 ? "true" : "false")
                      : f->type == MP_FIELD_NAME ? f->def_name
                      : f->type == MP_FIELD_ENUM ? f->names[(size_t)f->def]
                                                 : number;
    if (f->required)
        mp_buf_add(out, ", required");
    else if (f->type == MP_FIELD_OBJECT || !def)
        mp_buf_add(out, ", optional");
    else
        mp_buf_addf(out, ", default %s", def);
}

static void describe_rows(const struct mp_field *table, const char *prefix, struct mp_buf *out,
                          unsigned level) {
    assert(level < MAX_NESTING);
    for (const struct mp_field *f = table; f->key; f++) {
        struct mp_buf name = {0};
        mp_buf_addf(&name, "%s%s%s", prefix, prefix[0] ? "." : "", f->key);
        mp_buf_addf(out, "%s  ", name.text);
        describe_type(f, out);
        describe_default(f, out);
        mp_buf_addf(out, "%s%s\n", f->help ? ": " : "", f->help ? f->help : "");
        if (f->type == MP_FIELD_OBJECT)
            describe_rows(f->sub, name.text, out, level + 1);
        mp_buf_finish(&name);
    }
}

void mp_fields_describe(const struct mp_field *table, const char *prefix, struct mp_buf *out) {
    describe_rows(table, prefix, out, 0);
}
