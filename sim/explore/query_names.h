// SPDX-License-Identifier: Apache-2.0
// What may be asked of a sweep's designs, by name: the figures of results, area_mm2, key, base, status, reason, network, plan, point
// (its number), and every key of the accelerators, its path joined by "_", with the axes' values in it.
#ifndef SIM_EXPLORE_QUERY_NAMES_H
#define SIM_EXPLORE_QUERY_NAMES_H

#include "sim/explore/store.h"

// Networks of a sweep that are looked at.
struct mp_query_networks {
    const size_t *at; // ascending positions in the sweep's networks
    size_t count;
    bool summed;      // a row a design, figures as mp_figures_sum makes them; else a row a design and network
    bool alone;       // one that was asked for: it weighs 1
};

struct mp_query_name {
    const char *name;
    const char *sql;   // an expression over the tables that mp_query_from names
    bool integer;      // in SQL; expressions take it as real
    bool axis;
};
struct mp_query_names {
    const struct mp_query_name *list;
    const char *const *names; // NULL-terminated
    size_t count;
};

// All sweeps of the store, and of them the one called `name` (or else whose key begins with it, 4 hexadecimal digits at least);
// NULL: the only one. The error lists those that are meant, with sampler and networks.
bool mp_query_sweep(struct mp_store *s, const char *name, struct mp_arena *a, const struct mp_store_sweep **out,
                    struct mp_err *err);
// By name, in the sweep's order; count 0: all.
bool mp_query_networks(struct mp_store *s, const struct mp_store_sweep *w, const char *const *names, size_t count, bool summed,
                       struct mp_arena *a, struct mp_query_networks *out, struct mp_err *err);
bool mp_query_names(struct mp_store *s, const struct mp_store_sweep *w, const struct mp_query_networks *n, struct mp_arena *a,
                    struct mp_query_names *out, struct mp_err *err);
// The FROM and WHERE of the rows.
void mp_query_from(const struct mp_store_sweep *w, const struct mp_query_networks *n, struct mp_buf *out);
// Index, or the error says "FILE: unknown column ...".
bool mp_query_find(const struct mp_query_names *n, const char *path, const char *name, size_t *at, struct mp_err *err);

#endif
