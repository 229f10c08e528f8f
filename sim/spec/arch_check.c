// SPDX-License-Identifier: Apache-2.0
// Rules that hold across the keys of arch.json, and small questions about buffers and storage. Ranges of
// single keys are the tables' matter.
#include "sim/spec/arch.h"

#define OC (1u << MP_ROLE_OC)
#define PIXEL (1u << MP_ROLE_PIXEL)
#define IC (1u << MP_ROLE_IC)
#define K_IC (1u << MP_ROLE_K_IC)

struct mp_map mp_map_legal(unsigned dataflow) {
    static const struct mp_map legal[MP_DATAFLOWS] = {
        [MP_OS] = {OC | PIXEL, OC | PIXEL, IC | K_IC},
        [MP_WS] = {IC | K_IC, OC, IC | K_IC},
        [MP_IS] = {IC | K_IC, PIXEL, IC | K_IC},
    };
    return legal[dataflow];
}

struct mp_map mp_map_default(unsigned dataflow) {
    static const struct mp_map map[MP_DATAFLOWS] = {
        [MP_OS] = {PIXEL, OC, IC | K_IC},
        [MP_WS] = {IC | K_IC, OC, IC | K_IC},
        [MP_IS] = {IC | K_IC, PIXEL, IC | K_IC},
    };
    return map[dataflow];
}

void mp_array_set_map(struct mp_pe_array *array, const struct mp_map *map) {
    array->row_roles = map->rows;
    array->col_roles = map->cols;
    array->lane_roles = map->lanes;
}

static bool is_single(unsigned set) {
    return set != 0 && (set & (set - 1)) == 0;
}

static bool check_map(const struct mp_pe_array *a, const char *where, struct mp_err *err) {
    const struct mp_map legal = mp_map_legal(a->dataflow);
    const unsigned set[] = {a->row_roles, a->col_roles, a->lane_roles};
    const unsigned may[] = {legal.rows, legal.cols, legal.lanes};
    static const char *const key[] = {"rows", "cols", "lanes"};
    for (int i = 0; i < 3; i++)
        if (set[i] == 0 || (set[i] & ~may[i]) != 0)
            return mp_fail(err, "%s: /array/map/%s: dataflow %s does not allow these roles", where, key[i],
                           mp_dataflow_names[a->dataflow]);
    if (a->dataflow != MP_OS && a->lane_roles != a->row_roles)
        return mp_fail(err, "%s: /array/map/lanes: must be the roles of the rows with dataflow %s", where,
                       mp_dataflow_names[a->dataflow]);
    if (a->interconnect == MP_SYSTOLIC && a->row_roles == a->col_roles && is_single(a->row_roles))
        return mp_fail(err, "%s: /array/map: a systolic array needs rows and columns that differ (got \"%s\" "
                       "for both)", where, mp_role_names[a->row_roles == OC ? MP_ROLE_OC : MP_ROLE_PIXEL]);
    return true;
}

static bool check_array(const struct mp_pe_array *a, const char *where, struct mp_err *err) {
    if (a->weight_shadow && a->dataflow == MP_OS)
        return mp_fail(err, "%s: /array/weight_shadow: must be false with dataflow os, which preloads "
                       "nothing (got true)", where);
    return check_map(a, where, err);
}

static bool check_buffer(const struct mp_buffer *b, const char *name, const char *where, struct mp_err *err) {
    if (b->width_bits % b->banks != 0)
        return mp_fail(err, "%s: /buffers/%s/banks: must divide width_bits %ju (got %ju)", where, name,
                       (uintmax_t)b->width_bits, (uintmax_t)b->banks);
    if (b->size_bytes % b->banks != 0)
        return mp_fail(err, "%s: /buffers/%s/banks: must divide size_bytes %ju (got %ju)", where, name,
                       (uintmax_t)b->size_bytes, (uintmax_t)b->banks);
    if (b->double_buffered && b->size_bytes < 2)
        return mp_fail(err, "%s: /buffers/%s/size_bytes: must be at least 2 when double-buffered (got 1)",
                       where, name);
    if (mp_buffer_tile_bits(b) < b->width_bits)
        return mp_fail(err, "%s: /buffers/%s/size_bytes: %s must hold width_bits %ju (got %ju bytes)", where,
                       name, b->double_buffered ? "half of it" : "it", (uintmax_t)b->width_bits,
                       (uintmax_t)b->size_bytes);
    return true;
}

bool mp_arch_check(const struct mp_arch *arch, const char *where, struct mp_err *err) {
    if (!check_array(&arch->array, where, err))
        return false;
    for (int i = 0; i < MP_BUFFERS; i++)
        if (!check_buffer(&arch->buffers[i], mp_buffer_names[i], where, err))
            return false;
    return true;
}

unsigned mp_arch_stored_bits(const struct mp_arch *arch, unsigned bits) {
    if (arch->storage == MP_PACKED)
        return bits;
    unsigned container = 2;
    while (container < bits)
        container *= 2;
    return container;
}

uint64_t mp_buffer_word_bits(const struct mp_buffer *b) {
    return b->width_bits / b->banks;
}

uint64_t mp_buffer_tile_bits(const struct mp_buffer *b) {
    return b->size_bytes * 8 / (b->double_buffered ? 2 : 1);
}
