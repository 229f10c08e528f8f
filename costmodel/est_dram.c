// SPDX-License-Identifier: Apache-2.0
// DRAM by the bit, for the kind that the file picks. Left out: row activations apart from column accesses,
// refresh and standby power (a flat figure a bit holds its share of them at the source's load).
#include "costmodel/price.h"

#include <string.h>

static const struct mp_field fields[] = {
    {.key = "read_pj_per_bit",
     .type = MP_FIELD_REAL,
     .offset = offsetof(struct mp_dram_price, read_pj_per_bit),
     .required = true,
     .max = MP_PRICE_MAX,
     .unit = "pJ/bit",
     .help = "reading"},
    {.key = "write_pj_per_bit",
     .type = MP_FIELD_REAL,
     .offset = offsetof(struct mp_dram_price, write_pj_per_bit),
     .required = true,
     .max = MP_PRICE_MAX,
     .unit = "pJ/bit",
     .help = "writing"},
    {.key = NULL},
};

// Checks every kind, and keeps the one named `kind`.
static bool read_kinds(const struct mp_reader *r, const struct mp_node *kinds, const char *kind,
                       struct mp_dram_price *out, struct mp_err *err) {
    struct mp_node child;
    for (bool more = mp_node_first(kinds, &child); more; more = mp_node_next(&child)) {
        struct mp_dram_price price;
        const char *what = mp_arena_printf(r->a, "dram %s", child.key);
        if (!mp_group_read(r, &child, fields, what, &price, err))
            return false;
        if (strcmp(child.key, kind) == 0)
            *out = price;
    }
    return true;
}

bool mp_dram_price_read(const struct mp_reader *r, const struct mp_node *n, const char **kind,
                        struct mp_dram_price *out, struct mp_err *err) {
    static const char *const keys[] = {"kind", "kinds"};
    struct mp_node name, kinds, child;
    const char *names[32];
    size_t count = 0, picked;
    if (!mp_node_keys(n, keys, 2, err) || !mp_node_need(n, "kind", &name, err) ||
        !mp_node_need(n, "kinds", &kinds, err) || !mp_node_object(&kinds, err))
        return false;
    if (mp_node_count(&kinds) < 1 || mp_node_count(&kinds) > 32)
        return mp_node_fail(&kinds, err, "must have 1..32 kinds (got %zu)", mp_node_count(&kinds));
    for (bool more = mp_node_first(&kinds, &child); more; more = mp_node_next(&child))
        names[count++] = child.key;
    if (!mp_node_enum(&name, names, count, &picked, err))
        return false;
    *kind = mp_arena_strdup(r->a, names[picked]);
    return read_kinds(r, &kinds, *kind, out, err);
}

void mp_dram_price_write(const char *kind, const struct mp_dram_price *p, struct mp_echo *out) {
    struct mp_jsonw *w = out->w;
    mp_jsonw_open(w, '{', false);
    mp_jsonw_key(w, "kind");
    mp_jsonw_string(w, kind);
    mp_jsonw_key(w, "kinds");
    mp_jsonw_open(w, '{', false);
    mp_jsonw_key(w, kind);
    mp_jsonw_open(w, '{', true);
    mp_fields_write(fields, p, w);
    mp_cite_write(&p->cite, out);
    mp_jsonw_close(w, '}');
    mp_jsonw_close(w, '}');
    mp_jsonw_close(w, '}');
}
