// SPDX-License-Identifier: Apache-2.0
// Groups of numbers with one source each: reading, echo, scaling by unit. A number without a source cannot be
// read. Whether a source says what the file claims is left to the reader of the file.
#include "costmodel/price.h"

#include <assert.h>
#include <string.h>

static bool unknown_source(const struct mp_reader *r, const struct mp_node *n, const char *key, struct mp_err *err) {
    const char *names[64];
    size_t count = 0;
    struct mp_node child;
    for (bool more = r->sources.item && mp_node_first(&r->sources, &child); more && count < 64;
         more = mp_node_next(&child))
        names[count++] = child.key;
    const char *near = mp_nearest(key, names, count);
    if (near)
        return mp_node_fail(n, err, "no such key in /sources (got \"%s\"), did you mean \"%s\"?", key, near);
    return mp_node_fail(n, err, "no such key in /sources (got \"%s\")", key);
}

static bool find_source(const struct mp_reader *r, const struct mp_node *n, const char **text, struct mp_err *err) {
    const char *key;
    struct mp_node source;
    if (!mp_node_name(n, &key, err))
        return false;
    if (!r->sources.item || !mp_node_get(&r->sources, key, &source))
        return unknown_source(r, n, key, err);
    return mp_node_name(&source, text, err);
}

bool mp_cite_read(const struct mp_reader *r, const struct mp_node *n, const char *what, struct mp_cite *out,
                  struct mp_err *err) {
    struct mp_node source, estimate;
    bool has_source = mp_node_get(n, "source", &source), has_estimate = mp_node_get(n, "estimate", &estimate);
    const char *text;
    if (has_source == has_estimate)
        return mp_node_fail(n, err, "needs exactly one of \"source\" and \"estimate\" (got %s)",
                            has_source ? "both" : "none");
    if (has_source ? !find_source(r, &source, &text, err) : !mp_node_name(&estimate, &text, err))
        return false;
    out->estimate = has_estimate;
    out->text = mp_arena_strdup(r->a, text);
    out->line = mp_arena_printf(r->a, "%s%s: %s", has_estimate ? "estimate: " : "", what, text);
    return true;
}

void mp_cite_write(const struct mp_cite *c, struct mp_jsonw *w) {
    mp_jsonw_key(w, c->estimate ? "estimate" : "source");
    mp_jsonw_string(w, c->text);
}

bool mp_group_read(const struct mp_reader *r, const struct mp_node *n, const struct mp_field *fields,
                   const char *what, void *group, struct mp_err *err) {
    static const char *const also[] = {"source", "estimate", NULL};
    return mp_fields_read(fields, also, n, r->a, group, err) && mp_cite_read(r, n, what, group, err);
}

static bool check_keys(const struct mp_node *n, const struct mp_place *table, const char *const *also,
                       struct mp_err *err) {
    const char *known[16];
    size_t count = 0;
    for (; table[count].key; count++)
        known[count] = table[count].key;
    for (size_t i = 0; also && also[i]; i++)
        known[count++] = also[i];
    assert(count <= 16);
    return mp_node_keys(n, known, count, err);
}

bool mp_places_read(const struct mp_reader *r, const struct mp_node *n, const struct mp_place *table,
                    const char *const *also, const char *prefix, void *base, struct mp_err *err) {
    if (!check_keys(n, table, also, err))
        return false;
    for (const struct mp_place *p = table; p->key; p++) {
        struct mp_node group;
        const char *what = mp_arena_printf(r->a, "%s%s", prefix, p->what);
        if (!mp_node_need(n, p->key, &group, err) ||
            !mp_group_read(r, &group, p->fields, what, (char *)base + p->offset, err))
            return false;
    }
    return true;
}

void mp_places_write(const struct mp_place *table, const void *base, struct mp_jsonw *w) {
    for (const struct mp_place *p = table; p->key; p++) {
        const void *group = (const char *)base + p->offset;
        mp_jsonw_key(w, p->key);
        mp_jsonw_open(w, '{', true);
        mp_fields_write(p->fields, group, w);
        mp_cite_write(group, w);
        mp_jsonw_close(w, '}');
    }
}

double mp_factor(const struct mp_factors *f, const char *unit) {
    const struct {
        const char *unit;
        double factor;
    } units[] = {{"pJ", f->energy}, {"um2", f->area}, {"pJ/bit/mm", f->wire}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(unit, units[i].unit) == 0)
            return units[i].factor;
    return 1;
}

void mp_places_scale(const struct mp_place *table, void *base, const struct mp_factors *f) {
    for (const struct mp_place *p = table; p->key; p++)
        for (const struct mp_field *field = p->fields; field->key; field++) {
            char *number = (char *)base + p->offset + field->offset;
            *(double *)(void *)number *= mp_factor(f, field->unit);
        }
}
