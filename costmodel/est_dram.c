// SPDX-License-Identifier: Apache-2.0
// DRAM by the bit, of the kind that the file picks; for DRAM with rows, of the kind that the DRAM names, its row activations
// apart, and standby and refresh by time. A flat figure a bit holds its share of all three, at the source's load.
#include "costmodel/price.h"

#include <string.h>

#define NUMBER(name, of, what) .key = #name, .type = MP_FIELD_REAL, .offset = offsetof(struct mp_dram_price, name), \
        .max = MP_PRICE_MAX, .unit = of, .help = what
static const struct mp_field fields[] = {
    {NUMBER(read_pj_per_bit, "pJ/bit", "reading"), .required = true},
    {NUMBER(write_pj_per_bit, "pJ/bit", "writing"), .required = true},
    {NUMBER(activate_pj, "pJ", "opening a row, and closing it again"), .def = -1},
    {NUMBER(standby_mw, "mW", "standby of a channel, with rows open"), .def = -1},
    {NUMBER(refresh_mw, "mW", "refresh of a channel"), .def = -1},
    {.key = NULL},
};
#undef NUMBER
#define FIELDS (sizeof fields / sizeof *fields)

static bool has_rows(const struct mp_dram_price *p) {
    return p->activate_pj >= 0;
}

static bool read_kinds(const struct mp_reader *r, const struct mp_node *kinds, struct mp_dram_prices *out,
                       struct mp_err *err) {
    struct mp_node child;
    struct mp_dram_price *p = mp_arena_alloc(r->a, mp_node_count(kinds), sizeof *p);
    out->all = p;
    for (bool more = mp_node_first(kinds, &child); more; more = mp_node_next(&child), p++) {
        const char *what = mp_arena_printf(r->a, "dram %s", child.key);
        if (!mp_group_read(r, &child, fields, what, p, err))
            return false;
        if (!has_rows(p) && (p->standby_mw >= 0 || p->refresh_mw >= 0))
            return mp_node_fail(&child, err, "has %s without activate_pj: both are of DRAM with rows",
                                p->standby_mw >= 0 ? "standby_mw" : "refresh_mw");
        p->kind = mp_arena_strdup(r->a, child.key);
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

// The numbers that are given.
static void write_numbers(const struct mp_dram_price *p, struct mp_jsonw *w) {
    struct mp_field given[FIELDS] = {{.key = NULL}};
    size_t count = 0;
    for (const struct mp_field *f = fields; f->key; f++)
        if (*(const double *)(const void *)((const char *)p + f->offset) >= 0)
            given[count++] = *f;
    mp_fields_write(given, p, w);
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
        write_numbers(&p->all[i], w);
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
        if (has_rows(&d->all[i]))
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
            return has_rows(&d->all[i]) ? &d->all[i] : no_price(p, kind, true);
    return no_price(p, kind, false);
}

double mp_dram_standby_mw(const struct mp_pricing *p, const struct mp_dram_price *d) {
    bool standby = d->standby_mw >= 0, refresh = d->refresh_mw >= 0 || !p->arch->dram.refresh;
    if (!standby || !refresh)
        mp_sources_addf(p->sources, p->a, "estimate: dram %s %s: no price, counted as 0", d->kind,
                        standby ? "refresh" : refresh ? "standby" : "standby and refresh");
    return (standby ? d->standby_mw : 0) + (refresh && p->arch->dram.refresh ? d->refresh_mw : 0);
}
