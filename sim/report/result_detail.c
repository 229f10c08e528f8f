// SPDX-License-Identifier: Apache-2.0
// Reads what mp_saved_read passes over of mpsim.result/1. That one has looked at the keys.
#include "sim/report/result_detail.h"

#define TWO_53 ((uint64_t)1 << 53)
#define LARGEST 1e300

static bool read_real(const struct mp_node *n, const char *key, double *out, struct mp_err *err) {
    struct mp_node child;
    return mp_node_need(n, key, &child, err) && mp_node_real(&child, 0, LARGEST, out, err);
}

static bool may_read_real(const struct mp_node *n, const char *key, double *out, struct mp_err *err) {
    struct mp_node child;
    return !mp_node_get(n, key, &child) || mp_node_real(&child, 0, LARGEST, out, err);
}

static bool read_uint(const struct mp_node *n, const char *key, uint64_t min, uint64_t *out, struct mp_err *err) {
    struct mp_node child;
    return mp_node_need(n, key, &child, err) && mp_node_uint(&child, min, TWO_53, out, err);
}

static bool read_bool(const struct mp_node *n, const char *key, bool *out, struct mp_err *err) {
    struct mp_node child;
    return mp_node_need(n, key, &child, err) && mp_node_bool(&child, out, err);
}

static bool read_uints(const struct mp_node *n, const char *key, const char *const *names, uint64_t *out, struct mp_err *err) {
    struct mp_node list;
    size_t count = 0;
    while (names[count])
        count++;
    if (!mp_node_need(n, key, &list, err) || !mp_node_keys(&list, names, count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!read_uint(&list, names[i], 0, &out[i], err))
            return false;
    return true;
}

static bool read_shape(const struct mp_node *n, struct mp_run_shape *s, struct mp_err *err) {
    static const char *const known[] = {"size", "kernel", "tile_bits", "room_bits"};
    struct mp_node kernel, child;
    size_t count = 0;
    if (!mp_node_keys(n, known, sizeof known / sizeof *known, err) || !mp_node_need(n, "kernel", &kernel, err) ||
        !mp_node_array(&kernel, err))
        return false;
    if (mp_node_count(&kernel) != 2)
        return mp_node_fail(&kernel, err, "must have 2 elements (got %zu)", mp_node_count(&kernel));
    for (bool more = mp_node_first(&kernel, &child); more; more = mp_node_next(&child))
        if (!mp_node_uint(&child, 0, TWO_53, &s->kernel[count++], err))
            return false;
    return read_uints(n, "size", mp_dim_names, s->size, err) &&
           read_uints(n, "tile_bits", mp_buffer_names, s->tile_bits, err) &&
           read_uints(n, "room_bits", mp_buffer_names, s->room_bits, err);
}

static bool read_shapes(const struct mp_node *layer, struct mp_arena *a, struct mp_detail_layer *l, struct mp_err *err) {
    struct mp_node runs, n;
    size_t count = 0;
    if (!mp_node_get(layer, "runs", &runs))
        return true;
    if (!mp_node_array(&runs, err))
        return false;
    if (mp_node_count(&runs) != l->mapping.run_count)
        return mp_node_fail(&runs, err, "must have as many elements as mapping, %zu (got %zu)", l->mapping.run_count,
                            mp_node_count(&runs));
    l->shapes = mp_arena_alloc(a, l->mapping.run_count, sizeof *l->shapes);
    for (bool more = mp_node_first(&runs, &n); more; more = mp_node_next(&n))
        if (!read_shape(&n, &l->shapes[count++], err))
            return false;
    return true;
}

static bool read_mapping(const struct mp_node *layer, struct mp_arena *a, struct mp_detail_layer *l, struct mp_err *err) {
    struct mp_node n;
    if (!mp_node_need(layer, "mapping", &n, err))
        return false;
    if (mp_node_is_array(&n) && mp_node_count(&n) == 0) // the layer moves nothing
        return true;
    return mp_layer_mapping_read(&l->mapping, a, &n, err);
}

// mp_saved_read has looked at them.
static void read_slices(const struct mp_node *layer, struct mp_arena *a, struct mp_detail_layer *l) {
    struct mp_node list, n, child;
    struct mp_err err;
    uint64_t width = 0;
    mp_node_get(layer, "w_bits", &list);
    if (!mp_node_is_array(&list)) {
        l->slices = mp_arena_alloc(a, 1, sizeof *l->slices);
        mp_node_uint(&list, 0, 8, &width, &err);
        l->slices[0] = (struct mp_slice){1, (unsigned)width};
        l->slice_count = width > 0;
        return;
    }
    l->slices = mp_arena_alloc(a, mp_node_count(&list), sizeof *l->slices);
    for (bool more = mp_node_first(&list, &n); more; more = mp_node_next(&n)) {
        struct mp_slice *s = &l->slices[l->slice_count++];
        mp_node_get(&n, "channels", &child);
        mp_node_uint(&child, 1, TWO_53, &s->channels, &err);
        mp_node_get(&n, "bits", &child);
        mp_node_uint(&child, 1, 8, &width, &err);
        s->w_bits = (unsigned)width;
    }
}

static bool read_layer(const struct mp_node *n, struct mp_arena *a, struct mp_detail_layer *l, struct mp_err *err) {
    read_slices(n, a, l);
    return read_uint(n, "accumulator_bits_needed", 0, &l->accumulator_bits, err) &&
           read_bool(n, "may_overflow", &l->may_overflow, err) && read_bool(n, "input_on_chip", &l->input_on_chip, err) &&
           read_bool(n, "output_on_chip", &l->output_on_chip, err) &&
           may_read_real(n, "peak_ops_per_cycle", &l->peak_ops_per_cycle, err) && read_mapping(n, a, l, err) &&
           read_shapes(n, a, l, err);
}

static bool read_layers(const struct mp_node *root, struct mp_arena *a, struct mp_detail *d, struct mp_err *err) {
    struct mp_node list, n;
    size_t count = 0;
    mp_node_get(root, "layers", &list);
    d->layers = mp_arena_alloc(a, mp_node_count(&list), sizeof *d->layers);
    for (bool more = mp_node_first(&list, &n); more; more = mp_node_next(&n))
        if (!read_layer(&n, a, &d->layers[count++], err))
            return false;
    return true;
}

static bool read_texts(const struct mp_node *root, const char *key, struct mp_arena *a, const char ***out, size_t *count,
                       struct mp_err *err) {
    struct mp_node list, n;
    const char *text;
    if (!mp_node_need(root, key, &list, err) || !mp_node_array(&list, err))
        return false;
    *out = mp_arena_alloc(a, mp_node_count(&list), sizeof **out);
    for (bool more = mp_node_first(&list, &n); more; more = mp_node_next(&n)) {
        if (!mp_node_string(&n, &text, err))
            return false;
        (*out)[(*count)++] = mp_arena_strdup(a, text);
    }
    return true;
}

static bool read_width(const struct mp_node *n, const char *key, unsigned *out, struct mp_err *err) {
    struct mp_node child;
    uint64_t bits;
    if (!mp_node_need(n, key, &child, err) || !mp_node_uint(&child, 0, 32, &bits, err))
        return false;
    *out = (unsigned)bits;
    return true;
}

static bool read_price(const struct mp_node *n, struct mp_price_row *p, struct mp_err *err) {
    if (!mp_node_object(n, err) || !read_width(n, "a_bits", &p->a_bits, err) || !read_width(n, "w_bits", &p->w_bits, err))
        return false;
    for (int e = 0; e < MP_EVENTS; e++) {
        bool needed = e < MP_EV_DRAM_ACT; // files of before lack those from there on
        if (!(needed ? read_real : may_read_real)(n, mp_event_names[e], &p->prices.pj[e], err))
            return false;
    }
    return true;
}

static bool read_prices(const struct mp_node *root, struct mp_arena *a, struct mp_detail *d, struct mp_err *err) {
    struct mp_node list, n;
    if (!mp_node_need(root, "prices_pj", &list, err) || !mp_node_array(&list, err))
        return false;
    d->prices = mp_arena_alloc(a, mp_node_count(&list), sizeof *d->prices);
    for (bool more = mp_node_first(&list, &n); more; more = mp_node_next(&n))
        if (!read_price(&n, &d->prices[d->price_count++], err))
            return false;
    return true;
}

static bool read_array(const struct mp_node *root, struct mp_detail *d, struct mp_err *err) {
    struct mp_node n;
    return !mp_node_get(root, "array", &n) ||
           (mp_node_object(&n, err) && read_uint(&n, "rows", 1, &d->rows, err) && read_uint(&n, "cols", 1, &d->cols, err) &&
            read_uint(&n, "lanes", 1, &d->lanes, err));
}

static bool read_buffers(const struct mp_node *root, struct mp_arena *a, struct mp_detail *d, struct mp_err *err) {
    struct mp_node n;
    return !mp_node_get(root, "buffers", &n) || mp_buffers_read(d->buffers, a, &n, err);
}

static bool read_areas(const struct mp_node *root, struct mp_detail *d, struct mp_err *err) {
    struct mp_node totals, by;
    mp_node_get(root, "totals", &totals);
    mp_node_get(&totals, "area_mm2_by", &by);
    for (int i = 0; i < MP_AREAS; i++)
        if (!read_real(&by, mp_area_names[i], &d->area_mm2_by[i], err))
            return false;
    return true;
}

bool mp_detail_read(struct mp_detail *d, struct mp_arena *a, const struct mp_node *root, struct mp_err *err) {
    *d = (struct mp_detail){.batch = 1};
    return read_real(root, "clock_mhz", &d->clock_mhz, err) && read_uint(root, "batch", 1, &d->batch, err) &&
           may_read_real(root, "dram_bits_per_cycle", &d->dram_bits_per_cycle, err) && read_array(root, d, err) &&
           read_buffers(root, a, d, err) && read_areas(root, d, err) && read_layers(root, a, d, err) &&
           read_prices(root, a, d, err) &&
           read_texts(root, "sources", a, &d->sources, &d->source_count, err) &&
           read_texts(root, "warnings", a, &d->warnings, &d->warning_count, err);
}
