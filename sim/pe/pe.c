// SPDX-License-Identifier: Apache-2.0
// The table of PE kinds, and the reader of the `pe` object of arch.json.
#include "sim/pe/pe.h"

#include <string.h>

const struct mp_pe_ops *const mp_pe_kinds[] = {
    &mp_pe_fixed, &mp_pe_subword, &mp_pe_fused, &mp_pe_serial_w, &mp_pe_serial_aw, NULL,
};

const struct mp_field mp_pe_no_fields[] = {{.key = NULL}};

static const struct mp_field lanes_field[] = {
    {.key = "lanes", .type = MP_FIELD_UINT, .offset = offsetof(struct mp_pe, lanes), .def = 1, .min = 1, .max = 1024,
     .unit = "products", .help = "operands of a PE's dot product at full width"},
    {.key = NULL},
};

const struct mp_pe_ops *mp_pe_find(const char *name) {
    for (size_t i = 0; mp_pe_kinds[i]; i++)
        if (strcmp(mp_pe_kinds[i]->name, name) == 0)
            return mp_pe_kinds[i];
    return NULL;
}

unsigned mp_container_bits(unsigned bits) {
    return bits <= 2 ? 2 : bits <= 4 ? 4 : 8;
}

// Keys of the common table and of the kind's own, each read by its table and known to the other.
static bool read_fields(const struct mp_node *n, struct mp_arena *a, struct mp_pe *pe, struct mp_err *err) {
    const char *also_common[4] = {"kind"}, *also_own[4] = {"kind", "lanes"};
    for (size_t i = 0; pe->ops->fields[i].key; i++)
        also_common[i + 1] = pe->ops->fields[i].key;
    return mp_fields_read(lanes_field, also_common, n, a, pe, err) &&
           mp_fields_read(pe->ops->fields, also_own, n, a, pe, err);
}

bool mp_pe_read(const struct mp_node *n, struct mp_arena *a, struct mp_pe *pe, struct mp_err *err) {
    const char *names[16];
    size_t count = 0, kind;
    for (; mp_pe_kinds[count]; count++)
        names[count] = mp_pe_kinds[count]->name;
    struct mp_node k;
    if (!mp_node_object(n, err) || !mp_node_need(n, "kind", &k, err) || !mp_node_enum(&k, names, count, &kind, err))
        return false;
    *pe = (struct mp_pe){.ops = mp_pe_kinds[kind]};
    if (!read_fields(n, a, pe, err))
        return false;
    if (pe->serial_bits == 3) {
        mp_node_get(n, "serial_bits", &k);
        return mp_node_fail(&k, err, "must be 1, 2 or 4 (got 3)");
    }
    return true;
}

void mp_pe_write(const struct mp_pe *pe, struct mp_jsonw *w) {
    mp_jsonw_open(w, '{', true);
    mp_jsonw_key(w, "kind");
    mp_jsonw_string(w, pe->ops->name);
    mp_fields_write(lanes_field, pe, w);
    mp_fields_write(pe->ops->fields, pe, w);
    mp_jsonw_close(w, '}');
}
