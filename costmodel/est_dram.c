// SPDX-License-Identifier: Apache-2.0
// DRAM by the bit, of the kind that the file picks; for DRAM with rows, of the kind that the DRAM names, its row activations
// apart. Left out: refresh and standby power. A flat figure a bit holds its share of them, and of activations, at the
// source's load.
#include "costmodel/price.h"

#include <string.h>

#define BITS \
    {.key = "read_pj_per_bit", .type = MP_FIELD_REAL, .offset = offsetof(struct mp_dram_price, read_pj_per_bit), \
     .required = true, .max = MP_PRICE_MAX, .unit = "pJ/bit", .help = "reading"}, \
    {.key = "write_pj_per_bit", .type = MP_FIELD_REAL, .offset = offsetof(struct mp_dram_price, write_pj_per_bit), \
     .required = true, .max = MP_PRICE_MAX, .unit = "pJ/bit", .help = "writing"}

static const struct mp_field flat_fields[] = {BITS, {.key = NULL}};
static const struct mp_field row_fields[] = {
    BITS,
    {.key = "activate_pj", .type = MP_FIELD_REAL, .offset = offsetof(struct mp_dram_price, activate_pj), .def = -1,
     .max = MP_PRICE_MAX, .unit = "pJ", .help = "opening a row, and closing it again"},
    {.key = NULL},
};

static const struct mp_field *fields_of(const struct mp_dram_price *p) {
    return p->has_rows ? row_fields : flat_fields;
}

static bool read_kinds(const struct mp_reader *r, const struct mp_node *kinds, struct mp_dram_prices *out,
                       struct mp_err *err) {
    struct mp_node child;
    struct mp_dram_price *p = mp_arena_alloc(r->a, mp_node_count(kinds), sizeof *p);
    out->all = p;
    for (bool more = mp_node_first(kinds, &child); more; more = mp_node_next(&child), p++) {
        const char *what = mp_arena_printf(r->a, "dram %s", child.key);
        if (!mp_group_read(r, &child, row_fields, what, p, err))
            return false;
        p->kind = mp_arena_strdup(r->a, child.key);
        p->has_rows = p->activate_pj >= 0;
        p->activate_pj = p->has_rows ? p->activate_pj : 0;
        out->count++;
    }
    return true;
}

bool mp_dram_price_read(const struct mp_reader *r, const struct mp_node *n, struct mp_dram_prices *out, struct mp_err *err) {
    static const char *const keys[] = {"kind", "kinds"};
    struct mp_node name, kinds, child;
    const char *names[32];
    size_t count = 0;
    *out = (struct mp_dram_prices){.count = 0};
    if (!mp_node_keys(n, keys, 2, err) || !mp_node_need(n, "kind", &name, err) ||
        !mp_node_need(n, "kinds", &kinds, err) || !mp_node_object(&kinds, err))
        return false;
    if (mp_node_count(&kinds) < 1 || mp_node_count(&kinds) > 32)
        return mp_node_fail(&kinds, err, "must have 1..32 kinds (got %zu)", mp_node_count(&kinds));
    for (bool more = mp_node_first(&kinds, &child); more; more = mp_node_next(&child))
        names[count++] = child.key;
    return mp_node_enum(&name, names, count, &out->picked, err) && read_kinds(r, &kinds, out, err);
}

void mp_dram_price_write(const struct mp_dram_prices *p, struct mp_echo *out) {
    struct mp_jsonw *w = out->w;
    mp_jsonw_open(w, '{', false);
    mp_jsonw_key(w, "kind");
    mp_jsonw_string(w, p->all[p->picked].kind);
    mp_jsonw_key(w, "kinds");
    mp_jsonw_open(w, '{', false);
    for (size_t i = 0; i < p->count; i++) {
        mp_jsonw_key(w, p->all[i].kind);
        mp_jsonw_open(w, '{', true);
        mp_fields_write(fields_of(&p->all[i]), &p->all[i], w);
        mp_cite_write(&p->all[i].cite, out);
        mp_jsonw_close(w, '}');
    }
    mp_jsonw_close(w, '}');
    mp_jsonw_close(w, '}');
}

static const struct mp_dram_price *no_price(const struct mp_pricing *p, const char *kind, bool found) {
    struct mp_buf rows = {0};
    const struct mp_dram_prices *d = &p->tech->dram;
    for (size_t i = 0; i < d->count; i++)
        if (d->all[i].has_rows)
            mp_buf_addf(&rows, "%s%s", rows.len ? ", " : "", d->all[i].kind);
    mp_fail(p->err, "%s: /dram/kinds/%s%s: no price for %s (arch \"%s\" asks for it: /dram; priced here: %.*s)", p->tech->file,
            kind, found ? "/activate_pj" : "", found ? "row activations" : "this DRAM", p->arch->name,
            rows.len ? (int)rows.len : 4, rows.len ? rows.text : "none");
    mp_buf_finish(&rows);
    return NULL;
}

const struct mp_dram_price *mp_dram_price_find(const struct mp_pricing *p) {
    const struct mp_dram *dram = &p->arch->dram;
    const struct mp_dram_prices *d = &p->tech->dram;
    const char *kind = dram->ops && dram->ops->price ? dram->ops->price(dram) : NULL;
    if (!kind)
        return &d->all[d->picked];
    for (size_t i = 0; i < d->count; i++)
        if (strcmp(d->all[i].kind, kind) == 0)
            return d->all[i].has_rows ? &d->all[i] : no_price(p, kind, true);
    return no_price(p, kind, false);
}
