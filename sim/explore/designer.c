// SPDX-License-Identifier: Apache-2.0
// Sets the axes' values in a copy of the base's document, computes derived ones, reads the accelerator, checks constraints.
// The document of a base is parsed once: every design sets all its axes, so that none sees another's values.
#include "sim/explore/designer.h"

#include "sim/base/hash.h"
#include "sim/base/jsonw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct name_list {
    const char **names, **paths; // array_rows; /array/rows
    size_t count, room;
};

struct constraint {
    struct mp_expr *expr;
    bool needs_figures;
};

struct mp_designer {
    const struct mp_sweep *sweep;
    struct mp_arena arena;
    struct mp_json *docs[MP_SWEEP_BASES];
    bool stale[MP_SWEEP_BASES];      // an axis sets more than a number: parsed anew for each design
    struct name_list keys;           // numbers of accelerators, over all bases
    size_t area_at, figures_at;      // in `values`: area_mm2, then the store's columns
    double *values;
    struct mp_expr *equals[MP_SWEEP_AXES];
    struct constraint *constraints;
};

// Names

// Whether expressions have the name already: SQLite does not tell cases apart.
static bool is_taken(const struct name_list *k, const char *name) {
    bool taken = strcasecmp(name, "area_mm2") == 0;
    for (size_t i = 0; i < MP_STORE_COLUMNS; i++)
        taken |= strcasecmp(name, mp_store_columns[i].name) == 0;
    for (size_t i = 0; i < k->count && !taken; i++)
        taken = strcasecmp(name, k->names[i]) == 0;
    return taken;
}

// A path whose name is taken has none: no accelerator has such keys.
static void add_name(struct mp_designer *d, const char *path) {
    struct name_list *k = &d->keys;
    char *name = mp_arena_strdup(&d->arena, path + 1);
    for (char *c = name; *c; c++)
        *c = *c == '/' ? '_' : *c;
    if (is_taken(k, name))
        return;
    if (k->count == k->room) {
        size_t room = k->room ? 2 * k->room : 64;
        k->names = mp_arena_grow(&d->arena, k->names, k->count, room, sizeof *k->names);
        k->paths = mp_arena_grow(&d->arena, k->paths, k->count, room, sizeof *k->paths);
        k->room = room;
    }
    k->paths[k->count] = mp_arena_strdup(&d->arena, path);
    k->names[k->count++] = name;
}

static void add_names(struct mp_designer *d, const char *path, const struct mp_node *n) {
    struct mp_node child;
    if (mp_node_is_number(n))
        add_name(d, path);
    if (!mp_node_is_object(n))
        return;
    for (bool more = mp_node_first(n, &child); more; more = mp_node_next(&child))
        add_names(d, mp_arena_printf(&d->arena, "%s/%s", path, child.key), &child);
}

static bool add_axis_names(struct mp_designer *d, const struct mp_sweep_axis *x, struct mp_err *err) {
    for (size_t p = 0; p < x->path_count; p++) {
        if (x->equals)
            add_name(d, x->paths[p]);
        for (size_t v = 0; !x->equals && v < x->value_count; v++) {
            const char *text = x->values[v * x->path_count + p];
            struct mp_json *doc;
            if (!mp_json_parse(&doc, x->paths[p], text, strlen(text), err))
                return false;
            struct mp_node root = mp_json_root(doc);
            add_names(d, x->paths[p], &root);
            for (size_t b = 0; b < d->sweep->base_count; b++)
                d->stale[b] |= mp_node_is_object(&root) && mp_axis_applies(x, b);
            mp_json_destroy(doc);
        }
    }
    return true;
}

static bool parse_base(struct mp_designer *d, size_t b, struct mp_err *err) {
    const struct mp_sweep_base *base = &d->sweep->bases[b];
    mp_json_destroy(d->docs[b]);
    d->docs[b] = NULL;
    return mp_json_parse(&d->docs[b], base->name, base->arch, strlen(base->arch), err);
}

static bool make_names(struct mp_designer *d, struct mp_err *err) {
    const struct mp_sweep *s = d->sweep;
    for (size_t b = 0; b < s->base_count; b++) {
        if (!parse_base(d, b, err))
            return false;
        struct mp_node root = mp_json_root(d->docs[b]);
        add_names(d, "", &root);
    }
    for (size_t i = 0; i < s->axis_count; i++)
        if (!add_axis_names(d, &s->axes[i], err))
            return false;
    return true;
}

// Expressions

// Names of the keys, then area_mm2, then the figures; NULL-terminated.
static const char *const *all_names(struct mp_designer *d) {
    const char **names = mp_arena_alloc(&d->arena, d->keys.count + MP_STORE_COLUMNS + 2, sizeof *names);
    memcpy(names, d->keys.names, d->keys.count * sizeof *names);
    d->area_at = d->keys.count, d->figures_at = d->area_at + 1;
    names[d->area_at] = "area_mm2";
    for (size_t i = 0; i < MP_STORE_COLUMNS; i++)
        names[d->figures_at + i] = mp_store_columns[i].name;
    return names;
}

// A derived key may use those derived before it. A design that read its own, or one that is yet to come, would read what the
// design before it left.
static bool check_order(struct mp_designer *d, size_t axis, struct mp_err *err) {
    const struct mp_sweep *s = d->sweep;
    for (size_t i = axis; i < s->axis_count; i++) {
        const struct mp_sweep_axis *x = &s->axes[i];
        if (!x->equals || !(x->bases & s->axes[axis].bases))
            continue;
        for (size_t k = 0; k < d->keys.count; k++)
            if (mp_expr_uses(d->equals[axis], k) && strcmp(d->keys.paths[k], x->paths[0]) == 0)
                return i == axis ? mp_fail(err, "\"%s\": uses %s, the key that it gives", s->axes[axis].equals, d->keys.names[k])
                                 : mp_fail(err, "\"%s\": uses %s, which follows only from axis %zu: that one must come first",
                                           s->axes[axis].equals, d->keys.names[k], i);
    }
    return true;
}

static bool make_expressions(struct mp_designer *d, struct mp_err *err) {
    const struct mp_sweep *s = d->sweep;
    const char *const *names = all_names(d);
    const char **keys = mp_arena_alloc(&d->arena, d->keys.count + 1, sizeof *keys);
    memcpy(keys, names, d->keys.count * sizeof *keys);
    d->values = mp_arena_alloc(&d->arena, d->figures_at + MP_STORE_COLUMNS, sizeof *d->values);
    d->constraints = mp_arena_alloc(&d->arena, s->constraint_count, sizeof *d->constraints);
    for (size_t i = 0; i < s->axis_count; i++)
        if (s->axes[i].equals && !(mp_expr_create(&d->equals[i], s->axes[i].equals, keys, err) && check_order(d, i, err)))
            return mp_fail_in(err, mp_arena_printf(&d->arena, "%s: /axes/%zu/equals", s->path, i));
    for (size_t i = 0; i < s->constraint_count; i++) {
        struct constraint *c = &d->constraints[i];
        if (!mp_expr_create(&c->expr, s->constraints[i], names, err))
            return mp_fail_in(err, mp_arena_printf(&d->arena, "%s: /constraints/%zu", s->path, i));
        for (size_t k = 0; k < MP_STORE_COLUMNS; k++)
            c->needs_figures |= mp_expr_uses(c->expr, d->figures_at + k);
    }
    return true;
}

bool mp_designer_create(struct mp_designer **out, const struct mp_sweep *s, struct mp_err *err) {
    struct mp_designer *d = calloc(1, sizeof *d);
    if (!d)
        mp_out_of_memory();
    d->sweep = s;
    *out = d;
    if (make_names(d, err) && make_expressions(d, err))
        return true;
    mp_designer_destroy(d);
    *out = NULL;
    return false;
}

void mp_designer_destroy(struct mp_designer *d) {
    if (!d)
        return;
    for (size_t b = 0; b < MP_SWEEP_BASES; b++)
        mp_json_destroy(d->docs[b]);
    for (size_t i = 0; i < MP_SWEEP_AXES; i++)
        mp_expr_destroy(d->equals[i]);
    for (size_t i = 0; d->constraints && i < d->sweep->constraint_count; i++)
        mp_expr_destroy(d->constraints[i].expr);
    mp_arena_finish(&d->arena);
    free(d);
}

// Numbers of the document that an expression uses; NaN where it has none.
static void read_numbers(struct mp_designer *d, const struct mp_json *doc, const struct mp_expr *e) {
    for (size_t i = 0; i < d->keys.count; i++) {
        struct mp_node n;
        struct mp_err ignored;
        d->values[i] = NAN;
        if (mp_expr_uses(e, i) && mp_json_at(doc, d->keys.paths[i], &n) && mp_node_is_number(&n))
            mp_node_real(&n, -1e308, 1e308, &d->values[i], &ignored);
    }
}

// Making one

struct making {
    struct mp_designer *d;
    const struct mp_choice *c;
    struct mp_json *doc;
    struct mp_arena *a;
    struct mp_design *out;
    struct mp_buf values;
};

static bool set_value(struct making *m, const char *path, const char *text, struct mp_err *err) {
    mp_buf_addf(&m->values, "%s\"%s\": %s", m->values.len ? ", " : "{", path, text);
    return mp_json_set(m->doc, path, text, err);
}

static bool set_derived(struct making *m, size_t axis, struct mp_err *err) {
    const struct mp_sweep_axis *x = &m->d->sweep->axes[axis];
    double v = NAN;
    char text[32];
    read_numbers(m->d, m->doc, m->d->equals[axis]);
    if (!mp_expr_value(m->d->equals[axis], m->d->values, &v, err))
        return false;
    if (!isfinite(v))
        return mp_fail(err, "%s: %s has no value", x->paths[0], x->equals);
    mp_format_double(v, text);
    return set_value(m, x->paths[0], text, err);
}

// All of them, so that the values tell designs apart even where one cannot be set: the error is the first one's.
static bool set_chosen(struct making *m, struct mp_err *err) {
    struct mp_err later;
    bool ok = true;
    for (size_t i = 0; i < m->d->sweep->axis_count; i++) {
        const struct mp_sweep_axis *x = &m->d->sweep->axes[i];
        for (size_t p = 0; p < x->path_count && !x->equals && mp_axis_applies(x, m->c->base); p++)
            ok &= set_value(m, x->paths[p], x->values[m->c->value[i] * x->path_count + p], ok ? err : &later);
    }
    return ok;
}

// What is derived sees all that is chosen.
static bool set_axes(struct making *m, struct mp_err *err) {
    if (!set_chosen(m, err))
        return false;
    for (size_t i = 0; i < m->d->sweep->axis_count; i++) {
        const struct mp_sweep_axis *x = &m->d->sweep->axes[i];
        if (x->equals && mp_axis_applies(x, m->c->base) && !set_derived(m, i, err))
            return false;
    }
    return true;
}

static const struct mp_sweep_tech *find_tech(const struct mp_sweep *s, const char *name) {
    for (size_t i = 0; i < s->tech_count; i++)
        if (strcmp(s->techs[i].name, name) == 0)
            return &s->techs[i];
    return NULL;
}

static bool read_arch(struct making *m, struct mp_err *err) {
    struct mp_node root = mp_json_root(m->doc);
    struct mp_sources sources = {0};
    struct mp_area area;
    if (!mp_arch_read(&m->out->arch, m->a, &root, err))
        return false;
    const struct mp_sweep_tech *t = find_tech(m->d->sweep, m->out->arch.tech);
    if (!t)
        return mp_fail(err, "/tech: \"%s\" is not loaded", m->out->arch.tech);
    m->out->tech = t->tech;
    m->out->key = (int64_t)mp_hash((uint64_t)m->out->key, &t->hash, sizeof t->hash);
    if (!mp_cost_area(t->tech, &m->out->arch, m->a, &area, &sources, err))
        return false;
    m->out->area_mm2 = area.total_mm2;
    return true;
}

static const char *excluded_by(struct mp_designer *d, const struct mp_json *doc, size_t i) {
    struct mp_err err;
    double v = NAN;
    read_numbers(d, doc, d->constraints[i].expr);
    if (!mp_expr_value(d->constraints[i].expr, d->values, &v, &err))
        return NULL;
    return v == 0 ? d->sweep->constraints[i] : NULL;
}

static void check(struct making *m) {
    struct mp_designer *d = m->d;
    d->values[d->area_at] = m->out->area_mm2;
    for (size_t i = 0; i < d->sweep->constraint_count && !m->out->reason; i++)
        if (!d->constraints[i].needs_figures && (m->out->reason = excluded_by(d, m->doc, i)))
            m->out->status = MP_POINT_EXCLUDED;
}

void mp_designer_make(struct mp_designer *d, const struct mp_choice *c, struct mp_arena *a, struct mp_design *out) {
    struct mp_err err;
    struct making m = {.d = d, .c = c, .a = a, .out = out};
    *out = (struct mp_design){.area_mm2 = NAN, .status = MP_POINT_EVALUATED};
    bool ok = !d->stale[c->base] || parse_base(d, c->base, &err);
    m.doc = d->docs[c->base];
    ok = ok && set_axes(&m, &err);
    mp_buf_add(&m.values, m.values.len ? "}" : "{}");
    out->values = mp_arena_strdup(a, m.values.text);
    out->key = (int64_t)mp_hash_text((uint64_t)d->sweep->bases[c->base].key, out->values);
    mp_buf_finish(&m.values);
    if (ok && read_arch(&m, &err)) {
        check(&m);
        return;
    }
    out->status = MP_POINT_INVALID;
    out->reason = mp_arena_strdup(a, err.text);
}

bool mp_designer_needs_figures(const struct mp_designer *d) {
    for (size_t i = 0; i < d->sweep->constraint_count; i++)
        if (d->constraints[i].needs_figures)
            return true;
    return false;
}

const char *mp_designer_excludes(struct mp_designer *d, size_t base, double area_mm2, const double *sum) {
    const char *no = NULL;
    d->values[d->area_at] = area_mm2;
    memcpy(d->values + d->figures_at, sum, MP_STORE_COLUMNS * sizeof *sum);
    for (size_t i = 0; i < d->sweep->constraint_count && !no; i++)
        if (d->constraints[i].needs_figures)
            no = excluded_by(d, d->docs[base], i);
    return no;
}
