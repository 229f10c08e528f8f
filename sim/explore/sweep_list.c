// SPDX-License-Identifier: Apache-2.0
#include "sim/explore/sweep_list.h"

#include "sim/explore/design_front.h"

#include <inttypes.h>
#include <stdio.h>

bool mp_sweep_list_make(struct mp_store *s, struct mp_arena *a, struct mp_sweep_list *out, struct mp_err *err) {
    struct mp_store_sweep *sweeps;
    if (!mp_store_sweeps(s, a, &sweeps, &out->count, err))
        return false;
    out->rows = mp_arena_alloc(a, out->count, sizeof *out->rows);
    for (size_t i = 0; i < out->count; i++) {
        struct mp_sweep_row *r = &out->rows[i];
        r->sweep = &sweeps[i];
        if (!mp_sweep_about(s, r->sweep, a, &r->about, err) ||
            !mp_store_count_points(s, r->sweep->sweep, r->by_status, err) ||
            !mp_store_find_missing(s, r->sweep->sweep, a, &r->missing, err))
            return false;
    }
    return true;
}

bool mp_sweep_is_complete(const struct mp_sweep_row *r) {
    return r->missing.n > 0 && r->missing.count == 0;
}

static uint64_t visited(const struct mp_sweep_row *r) {
    uint64_t n = 0;
    for (size_t i = 0; i <= MP_POINT_INVALID; i++)
        n += r->by_status[i];
    return n;
}

static void add_shards(const struct mp_sweep_row *r, struct mp_buf *out) {
    if (r->missing.n == 0) {
        mp_buf_add(out, "none complete");
    } else if (r->missing.count == 0) {
        mp_buf_add(out, "complete");
    } else {
        mp_buf_addf(out, "%zu of %u, missing ", r->missing.n - r->missing.count, r->missing.n);
        mp_store_missing_text(&r->missing, out);
    }
}

static void add_row(struct mp_table *t, const struct mp_sweep_row *r) {
    struct mp_buf sampler = {0}, shards = {0}, networks = {0};
    mp_table_addf(t, "%016" PRIx64, (uint64_t)r->sweep->sweep);
    mp_table_add(t, r->sweep->name);
    mp_sweep_about_sampler(&r->about, &sampler);
    mp_table_add(t, sampler.text);
    mp_table_addf(t, "%" PRIu64, r->sweep->points);
    mp_table_addf(t, "%" PRIu64, visited(r));
    for (size_t i = 0; i <= MP_POINT_INVALID; i++)
        mp_table_addf(t, "%" PRIu64, r->by_status[i]);
    add_shards(r, &shards);
    mp_table_add(t, shards.text);
    for (size_t i = 0; i < r->about.network_count; i++)
        mp_buf_addf(&networks, "%s%s", i > 0 ? ", " : "", r->about.networks[i]);
    mp_table_add(t, networks.text ? networks.text : "");
    mp_buf_finish(&sampler);
    mp_buf_finish(&shards);
    mp_buf_finish(&networks);
}

#define COLUMNS 11
static struct mp_table table_of(const struct mp_sweep_list *l, struct mp_arena *a) {
    static const struct mp_column columns[COLUMNS] = {
        {"key", MP_LEFT},        {"sweep", MP_LEFT},   {"sampler", MP_LEFT},   {"points", MP_RIGHT},  {"visited", MP_RIGHT},
        {"evaluated", MP_RIGHT}, {"pruned", MP_RIGHT}, {"excluded", MP_RIGHT}, {"invalid", MP_RIGHT}, {"shards", MP_LEFT},
        {"networks", MP_LEFT},
    };
    struct mp_table t = {.arena = a, .columns = columns, .column_count = COLUMNS};
    for (size_t i = 0; i < l->count; i++)
        add_row(&t, &l->rows[i]);
    return t;
}

void mp_sweep_list_text(const struct mp_sweep_list *l, const struct mp_style *s, struct mp_buf *out) {
    struct mp_arena a = {0};
    const struct mp_table t = table_of(l, &a);
    mp_table_text(&t, s, 0, out);
    mp_arena_finish(&a);
}

void mp_sweep_list_csv(const struct mp_sweep_list *l, struct mp_buf *out) {
    struct mp_arena a = {0};
    const struct mp_table t = table_of(l, &a);
    mp_table_csv(&t, out);
    mp_arena_finish(&a);
}

static void put_row(const struct mp_sweep_row *r, struct mp_jsonw *w) {
    char key[17];
    snprintf(key, sizeof key, "%016" PRIx64, (uint64_t)r->sweep->sweep);
    mp_jsonw_open(w, '{', true);
    mp_jsonw_put_string(w, "key", key);
    mp_jsonw_put_string(w, "name", r->sweep->name);
    mp_sweep_about_put(&r->about, w);
    mp_jsonw_put_uint(w, "networks", r->sweep->network_count);
    mp_jsonw_put_uint(w, "points", r->sweep->points);
    mp_jsonw_put_uint(w, "visited", visited(r));
    for (size_t i = 0; i <= MP_POINT_INVALID; i++)
        mp_jsonw_put_uint(w, mp_point_status_names[i], r->by_status[i]);
    mp_jsonw_put_bool(w, "complete", mp_sweep_is_complete(r));
    mp_jsonw_put_uint(w, "shards", r->missing.n);
    mp_jsonw_key(w, "missing");
    mp_jsonw_open(w, '[', true);
    for (size_t i = 0; i < r->missing.count; i++)
        mp_jsonw_uint(w, r->missing.at[i]);
    mp_jsonw_close(w, ']');
    mp_jsonw_close(w, '}');
}

void mp_sweep_list_json(const struct mp_sweep_list *l, struct mp_buf *out) {
    struct mp_jsonw w;
    mp_jsonw_init(&w, out);
    mp_jsonw_open(&w, '{', false);
    mp_jsonw_put_string(&w, "schema", MP_SWEEP_LIST_SCHEMA);
    mp_jsonw_key(&w, "sweeps");
    mp_jsonw_open(&w, '[', false);
    for (size_t i = 0; i < l->count; i++)
        put_row(&l->rows[i], &w);
    mp_jsonw_close(&w, ']');
    mp_jsonw_close(&w, '}');
}
