// SPDX-License-Identifier: Apache-2.0
// The table of DRAM kinds, and the reader of the `dram` object of arch.json.
#include "sim/mem/mem.h"

#include <math.h>
#include <string.h>

const struct mp_mem_ops *const mp_mem_kinds[] = {&mp_mem_ideal, &mp_mem_fixed, &mp_mem_banked, NULL};

const struct mp_mem_ops *mp_mem_find(const char *name) {
    for (size_t i = 0; mp_mem_kinds[i]; i++)
        if (strcmp(mp_mem_kinds[i]->name, name) == 0)
            return mp_mem_kinds[i];
    return NULL;
}

bool mp_dram_read_keys(const struct mp_node *n, struct mp_arena *a, struct mp_dram *d, struct mp_err *err) {
    static const char *const also[] = {"kind", NULL};
    const char *names[16];
    size_t count = 0, kind;
    for (; mp_mem_kinds[count]; count++)
        names[count] = mp_mem_kinds[count]->name;
    struct mp_node k;
    if (!mp_node_object(n, err) || !mp_node_need(n, "kind", &k, err) || !mp_node_enum(&k, names, count, &kind, err))
        return false;
    *d = (struct mp_dram){.ops = mp_mem_kinds[kind]};
    return mp_fields_read(d->ops->fields, also, n, a, d, err);
}

bool mp_dram_read(const struct mp_node *n, struct mp_arena *a, double clock_mhz, struct mp_dram *d, struct mp_err *err) {
    if (!mp_dram_read_keys(n, a, d, err))
        return false;
    d->clock_mhz = clock_mhz;
    return !d->ops->resolve || d->ops->resolve(d, a, mp_json_name(n->doc), err);
}

double mp_dram_peak_bits_per_cycle(const struct mp_dram *d) {
    const double cycles_per_bit = d->ops->floor(d).cycles_per_bit;
    if (!(cycles_per_bit > 0))
        return 0;
    const double peak = 1 / cycles_per_bit, whole = round(peak);
    return fabs(peak - whole) <= 1e-12 * peak ? whole : peak; // 1 / (1 / 49.0) is not 49
}

void mp_dram_write(const struct mp_dram *d, struct mp_jsonw *w) {
    mp_jsonw_open(w, '{', true);
    mp_jsonw_key(w, "kind");
    mp_jsonw_string(w, d->ops->name);
    mp_fields_write(d->ops->fields, d, w);
    mp_jsonw_close(w, '}');
}
