// SPDX-License-Identifier: Apache-2.0
// mapping.json: reading and echo. What a file leaves out stays unset for the mapper; whether a mapping fits a
// layer and an architecture is checked there too, not here.
#include "sim/spec/mapping.h"

#include "sim/base/field.h"
#include "sim/spec/build.h"

#include <string.h>

const char *const mp_dim_names[] = {"group", "batch", "oh", "ow", "oc", "ic", NULL};
_Static_assert(sizeof mp_dim_names / sizeof *mp_dim_names == MP_DIMS + 1, "a name a dimension");

static const struct mp_field head_fields[] = {
    {.key = "name", .type = MP_FIELD_NAME, .offset = offsetof(struct mp_mapping_set, name), .help = "name"},
    {.key = NULL},
};
static const char *const head_also[] = {"layers", NULL};
static const char *const run_keys[] = {"channels", "w_bits", "rows",  "cols",
                                       "lanes",    "tile",   "order", "padded"};
static const char *const role_keys[] = {"rows", "cols", "lanes"};

// Reading

static bool read_roles(const struct mp_node *n, struct mp_mapping *m, struct mp_err *err) {
    unsigned *const role[] = {&m->rows, &m->cols, &m->lanes};
    struct mp_node child;
    size_t at;
    for (int i = 0; i < 3; i++) {
        *role[i] = MP_ROLES;
        if (!mp_node_get(n, role_keys[i], &child))
            continue;
        if (!mp_node_enum(&child, mp_role_names, MP_ROLES, &at, err))
            return false;
        *role[i] = (unsigned)at;
    }
    return true;
}

static bool read_tile(const struct mp_node *n, struct mp_mapping *m, struct mp_err *err) {
    struct mp_node tile, child;
    if (!mp_node_get(n, "tile", &tile))
        return true;
    if (!mp_node_keys(&tile, mp_dim_names, MP_DIMS, err))
        return false;
    for (int i = 0; i < MP_DIMS; i++)
        if (mp_node_get(&tile, mp_dim_names[i], &child) &&
            !mp_node_uint(&child, 1, MP_MAX_ELEMENTS, &m->tile[i], err))
            return false;
    return true;
}

static bool read_order(const struct mp_node *n, struct mp_mapping *m, struct mp_err *err) {
    struct mp_node order, child;
    unsigned count = 0, seen = 0;
    size_t at;
    if (mp_node_get(n, "order", &order)) {
        if (!mp_node_array(&order, err))
            return false;
        for (bool more = mp_node_first(&order, &child); more; more = mp_node_next(&child)) {
            if (!mp_node_enum(&child, mp_dim_names, MP_DIMS, &at, err))
                return false;
            if (seen >> at & 1u)
                return mp_node_fail(&child, err, "\"%s\" stands twice in the list", mp_dim_names[at]);
            seen |= 1u << at;
            m->order[count++] = (unsigned)at;
        }
    }
    for (unsigned d = 0; d < MP_DIMS; d++)
        if (!(seen >> d & 1u))
            m->order[count++] = d;
    return true;
}

static bool read_run(const struct mp_node *n, bool only, struct mp_run *r, struct mp_err *err) {
    struct mp_node child;
    uint64_t w_bits = 0;
    if (!mp_node_keys(n, run_keys, sizeof run_keys / sizeof *run_keys, err))
        return false;
    if (!mp_node_get(n, "channels", &child)) {
        if (!only) // several runs must say which channels are theirs
            return mp_node_missing(n, "channels", err);
    } else if (!mp_node_uint(&child, 1, MP_MAX_SIZE, &r->channels, err)) {
        return false;
    }
    if (mp_node_get(n, "w_bits", &child) && !mp_node_uint(&child, 1, 8, &w_bits, err))
        return false;
    r->w_bits = (unsigned)w_bits;
    if (mp_node_get(n, "padded", &child) && !mp_node_bool(&child, &r->map.padded, err))
        return false;
    return read_roles(n, &r->map, err) && read_tile(n, &r->map, err) && read_order(n, &r->map, err);
}

bool mp_layer_mapping_read(struct mp_layer_mapping *m, struct mp_arena *a, const struct mp_node *n, struct mp_err *err) {
    struct mp_node run;
    if (!mp_node_array(n, err))
        return false;
    size_t count = mp_node_count(n);
    if (count == 0)
        return mp_node_fail(n, err, "must not be empty");
    *m = (struct mp_layer_mapping){.layer = mp_arena_strdup(a, n->key)};
    m->runs = mp_arena_alloc(a, count, sizeof *m->runs);
    for (bool more = mp_node_first(n, &run); more; more = mp_node_next(&run))
        if (!read_run(&run, count == 1, &m->runs[m->run_count++], err))
            return false;
    return true;
}

bool mp_mapping_set_read(struct mp_mapping_set *s, struct mp_arena *a, const struct mp_node *root,
                         struct mp_err *err) {
    struct mp_node layers, n;
    *s = (struct mp_mapping_set){0};
    if (!mp_fields_read(head_fields, head_also, root, a, s, err) ||
        !mp_node_need(root, "layers", &layers, err) || !mp_node_object(&layers, err))
        return false;
    s->layers = mp_arena_alloc(a, mp_node_count(&layers), sizeof *s->layers);
    for (bool more = mp_node_first(&layers, &n); more; more = mp_node_next(&n))
        if (!mp_layer_mapping_read(&s->layers[s->count++], a, &n, err))
            return false;
    return true;
}

bool mp_mapping_set_load(struct mp_mapping_set *s, struct mp_arena *a, const char *path, struct mp_err *err) {
    struct mp_json *doc;
    if (!mp_json_load(&doc, path, err))
        return false;
    struct mp_node root = mp_json_root(doc);
    bool ok = mp_mapping_set_read(s, a, &root, err);
    mp_json_destroy(doc);
    return ok;
}

const struct mp_layer_mapping *mp_mapping_set_find(const struct mp_mapping_set *s, const char *layer) {
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->layers[i].layer, layer) == 0)
            return &s->layers[i];
    return NULL;
}

// Echo

static void write_uint(const char *key, uint64_t value, struct mp_jsonw *w) {
    if (value == 0) // left to the mapper
        return;
    mp_jsonw_key(w, key);
    mp_jsonw_uint(w, value);
}

static void write_array_keys(const struct mp_run *r, struct mp_jsonw *w) {
    const unsigned role[] = {r->map.rows, r->map.cols, r->map.lanes};
    write_uint("w_bits", r->w_bits, w);
    for (int i = 0; i < 3; i++)
        if (role[i] < MP_ROLES) {
            mp_jsonw_key(w, role_keys[i]);
            mp_jsonw_string(w, mp_role_names[role[i]]);
        }
}

static void write_run(const struct mp_run *r, bool on_array, struct mp_jsonw *w) {
    mp_jsonw_open(w, '{', true);
    write_uint("channels", r->channels, w);
    if (on_array)
        write_array_keys(r, w);
    mp_jsonw_key(w, "tile");
    mp_jsonw_open(w, '{', true);
    for (int i = 0; i < MP_DIMS; i++)
        write_uint(mp_dim_names[i], r->map.tile[i], w);
    mp_jsonw_close(w, '}');
    mp_jsonw_key(w, "order");
    mp_jsonw_open(w, '[', true);
    for (int i = 0; i < MP_DIMS; i++)
        mp_jsonw_string(w, mp_dim_names[r->map.order[i]]);
    mp_jsonw_close(w, ']');
    mp_jsonw_key(w, "padded");
    mp_jsonw_bool(w, r->map.padded);
    mp_jsonw_close(w, '}');
}

void mp_layer_mapping_write(const struct mp_layer_mapping *m, bool on_array, struct mp_jsonw *w) {
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < m->run_count; i++)
        write_run(&m->runs[i], on_array, w);
    mp_jsonw_close(w, ']');
}

void mp_mapping_set_write(const struct mp_mapping_set *s, struct mp_jsonw *w) {
    mp_jsonw_open(w, '{', false);
    mp_fields_write(head_fields, s, w);
    mp_jsonw_key(w, "layers");
    mp_jsonw_open(w, '{', false);
    for (size_t i = 0; i < s->count; i++) {
        mp_jsonw_key(w, s->layers[i].layer);
        mp_layer_mapping_write(&s->layers[i], true, w);
    }
    mp_jsonw_close(w, '}');
    mp_jsonw_close(w, '}');
}

void mp_mapping_describe(struct mp_buf *out) {
    mp_fields_describe(head_fields, "", out);
    mp_buf_add(out,
               "layers.NAME  list of runs, one behind the other\n"
               "layers.NAME.channels  integer, default all: output channels of the run\n"
               "layers.NAME.w_bits  integer 1..8 bits, default the layer's widest: width they run at\n"
               "layers.NAME.rows, cols, lanes  one of oc, pixel, ic, k_ic, default the array's first\n"
               "layers.NAME.tile  sizes by dimension (group, batch, oh, ow, oc, ic), default whole\n"
               "layers.NAME.order  list of dimensions, outermost first; missing ones are innermost\n"
               "layers.NAME.padded  true or false, default false: edge tiles are computed at full size\n");
}

// The run behind `run` in the order of widths, of equal ones in that of the list. SIZE_MAX: the first.
static size_t next_run(const struct mp_layer_mapping *m, size_t run) {
    size_t next = SIZE_MAX;
    for (size_t i = 0; i < m->run_count; i++) {
        bool behind = run == SIZE_MAX || m->runs[i].w_bits > m->runs[run].w_bits ||
                      (m->runs[i].w_bits == m->runs[run].w_bits && i > run);
        if (behind && (next == SIZE_MAX || m->runs[i].w_bits < m->runs[next].w_bits))
            next = i;
    }
    return next;
}

static uint64_t first_of_run(const struct mp_layer_mapping *m, size_t run) {
    uint64_t first = 0;
    for (size_t i = 0; i < run; i++)
        first += m->runs[i].channels;
    return first;
}

void mp_mapping_channels(const struct mp_layer_mapping *m, const struct mp_layer_bits *b, uint64_t *order) {
    size_t run = next_run(m, SIZE_MAX);
    uint64_t filled = 0;
    for (unsigned bits = 1; bits <= 8; bits++)
        for (size_t i = 0, first = 0; i < b->slice_count; first += b->slices[i++].channels)
            for (uint64_t c = 0; b->slices[i].w_bits == bits && c < b->slices[i].channels; c++) {
                while (filled == m->runs[run].channels)
                    run = next_run(m, run), filled = 0;
                order[first_of_run(m, run) + filled++] = first + c;
            }
    for (uint64_t i = 0; b->slice_count == 0 && i < first_of_run(m, m->run_count); i++)
        order[i] = i; // no weights: one run
}
