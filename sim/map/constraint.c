// SPDX-License-Identifier: Apache-2.0
// Reads constraints.json: per layer, what of the mapper's space is ruled out.
#include "sim/map/constraint.h"

#include <inttypes.h>
#include <string.h>

static const char *const loop_names[] = {"pixel", "oc", "ic"};

static bool read_sizes(const struct mp_node *n, const char *key, uint64_t out[MP_DIMS], struct mp_err *err) {
    struct mp_node tile, child;
    if (!mp_node_get(n, key, &tile))
        return true;
    if (!mp_node_object(&tile, err) || !mp_node_keys(&tile, mp_dim_names, MP_DIMS, err))
        return false;
    for (int d = 0; d < MP_DIMS; d++)
        if (mp_node_get(&tile, mp_dim_names[d], &child) && !mp_node_uint(&child, 1, (uint64_t)1 << 53, &out[d], err))
            return false;
    return true;
}

static bool read_forbidden(const struct mp_node *n, struct mp_arena *a, struct mp_tile_list out[MP_DIMS],
                           struct mp_err *err) {
    struct mp_node tile, list, item;
    if (!mp_node_get(n, "forbid_tile", &tile))
        return true;
    if (!mp_node_object(&tile, err) || !mp_node_keys(&tile, mp_dim_names, MP_DIMS, err))
        return false;
    for (int d = 0; d < MP_DIMS; d++) {
        if (!mp_node_get(&tile, mp_dim_names[d], &list))
            continue;
        if (!mp_node_array(&list, err))
            return false;
        out[d].sizes = mp_arena_alloc(a, mp_node_count(&list), sizeof *out[d].sizes);
        for (bool more = mp_node_first(&list, &item); more; more = mp_node_next(&item))
            if (!mp_node_uint(&item, 1, (uint64_t)1 << 53, &out[d].sizes[out[d].count++], err))
                return false;
    }
    return true;
}

// Index of an order in mp_block_orders.
static bool read_order(const struct mp_node *n, unsigned *index, struct mp_err *err) {
    struct mp_node item;
    size_t block, count = 0;
    unsigned char order[MP_BLOCKS];
    if (!mp_node_array(n, err))
        return false;
    if (mp_node_count(n) != MP_BLOCKS)
        return mp_node_fail(n, err, "must name pixel, oc and ic once each, outermost first (got %zu names)", mp_node_count(n));
    for (bool more = mp_node_first(n, &item); more; more = mp_node_next(&item)) {
        if (!mp_node_enum(&item, loop_names, MP_BLOCKS, &block, err))
            return false;
        order[count++] = (unsigned char)block;
    }
    for (*index = 0; *index < MP_ORDERS; ++*index)
        if (memcmp(order, mp_block_orders[*index], sizeof order) == 0)
            return true;
    return mp_node_fail(n, err, "must name pixel, oc and ic once each, outermost first (one stands twice)");
}

static bool read_orders(const struct mp_node *n, struct mp_constraint *c, struct mp_err *err) {
    struct mp_node child, item;
    unsigned order;
    if (mp_node_get(n, "order", &child)) {
        if (!read_order(&child, &order, err))
            return false;
        c->orders = 1u << order;
    }
    if (!mp_node_get(n, "forbid_order", &child))
        return true;
    if (!mp_node_array(&child, err))
        return false;
    for (bool more = mp_node_first(&child, &item); more; more = mp_node_next(&item)) {
        if (!read_order(&item, &order, err))
            return false;
        c->orders &= ~(1u << order);
    }
    return c->orders ? true : mp_node_fail(&child, err, "leaves no order");
}

static bool read_role(const struct mp_node *n, unsigned *bit, struct mp_err *err) {
    size_t role;
    if (!mp_node_enum(n, mp_role_names, MP_ROLES, &role, err))
        return false;
    *bit = 1u << role;
    return true;
}

static bool read_roles(const struct mp_node *n, const char *key, const char *forbid, unsigned *roles, struct mp_err *err) {
    struct mp_node child, item;
    unsigned bit;
    if (mp_node_get(n, key, &child)) {
        if (!read_role(&child, &bit, err))
            return false;
        *roles = bit;
    }
    if (!mp_node_get(n, forbid, &child))
        return true;
    if (!mp_node_array(&child, err))
        return false;
    for (bool more = mp_node_first(&child, &item); more; more = mp_node_next(&item)) {
        if (!read_role(&item, &bit, err))
            return false;
        *roles &= ~bit;
    }
    return *roles ? true : mp_node_fail(&child, err, "leaves no role");
}

static bool read_one(const struct mp_node *n, struct mp_arena *a, struct mp_constraint *c, struct mp_err *err) {
    static const char *const keys[] = {"tile", "min_tile", "max_tile", "forbid_tile", "order", "forbid_order",
                                       "rows", "forbid_rows", "cols", "forbid_cols", "lanes", "forbid_lanes"};
    *c = (struct mp_constraint){.layer = mp_arena_strdup(a, n->key), .orders = (1u << MP_ORDERS) - 1,
                                .row_roles = ~0u, .col_roles = ~0u, .lane_roles = ~0u};
    if (!mp_node_object(n, err) || !mp_node_keys(n, keys, sizeof keys / sizeof *keys, err))
        return false;
    if (!read_sizes(n, "tile", c->fixed, err) || !read_sizes(n, "min_tile", c->min, err) ||
        !read_sizes(n, "max_tile", c->max, err) || !read_forbidden(n, a, c->forbidden, err) || !read_orders(n, c, err))
        return false;
    for (int d = 0; d < MP_DIMS; d++)
        if (c->min[d] && c->max[d] && c->min[d] > c->max[d])
            return mp_node_fail(n, err, "min_tile %s is above max_tile (%" PRIu64 " > %" PRIu64 ")", mp_dim_names[d],
                                c->min[d], c->max[d]);
    return read_roles(n, "rows", "forbid_rows", &c->row_roles, err) &&
           read_roles(n, "cols", "forbid_cols", &c->col_roles, err) &&
           read_roles(n, "lanes", "forbid_lanes", &c->lane_roles, err);
}

bool mp_constraint_set_read(struct mp_constraint_set *s, struct mp_arena *a, const struct mp_node *root,
                            struct mp_err *err) {
    static const char *const keys[] = {"name", "layers"};
    struct mp_node layers, item;
    *s = (struct mp_constraint_set){.path = mp_arena_strdup(a, mp_json_name(root->doc))};
    if (!mp_node_object(root, err) || !mp_node_keys(root, keys, 2, err) || !mp_node_need(root, "layers", &layers, err) ||
        !mp_node_object(&layers, err))
        return false;
    s->items = mp_arena_alloc(a, mp_node_count(&layers), sizeof *s->items);
    for (bool more = mp_node_first(&layers, &item); more; more = mp_node_next(&item))
        if (!read_one(&item, a, &s->items[s->count++], err))
            return false;
    return true;
}

bool mp_constraint_set_load(struct mp_constraint_set *s, struct mp_arena *a, const char *path, struct mp_err *err) {
    struct mp_json *doc;
    if (!mp_json_load(&doc, path, err))
        return false;
    struct mp_node root = mp_json_root(doc);
    bool ok = mp_constraint_set_read(s, a, &root, err);
    mp_json_destroy(doc);
    return ok;
}

const struct mp_constraint *mp_constraint_find(const struct mp_constraint_set *s, const char *layer) {
    const struct mp_constraint *all = NULL;
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->items[i].layer, layer) == 0)
            return &s->items[i];
        if (strcmp(s->items[i].layer, "*") == 0)
            all = &s->items[i];
    }
    return all;
}
