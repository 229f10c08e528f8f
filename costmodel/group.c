// SPDX-License-Identifier: Apache-2.0
// Groups of numbers with one source each: reading, echo, scaling by unit. A number without a source cannot be
// read.
#include "costmodel/price.h"

#include <assert.h>
#include <string.h>

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

void mp_places_write(const struct mp_place *table, const void *base, struct mp_echo *out) {
    for (const struct mp_place *p = table; p->key; p++) {
        const void *group = (const char *)base + p->offset;
        mp_jsonw_key(out->w, p->key);
        mp_jsonw_open(out->w, '{', true);
        mp_fields_write(p->fields, group, out->w);
        mp_cite_write(group, out);
        mp_jsonw_close(out->w, '}');
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

bool mp_places_scale(const struct mp_place *table, void *base, const struct mp_factors *f) {
    for (const struct mp_place *p = table; p->key; p++)
        for (const struct mp_field *field = p->fields; field->key; field++) {
            double *number = (double *)(void *)((char *)base + p->offset + field->offset);
            *number *= mp_factor(f, field->unit);
            if (*number > field->max)
                return false;
        }
    return true;
}
