// SPDX-License-Identifier: Apache-2.0
// The sections of a tech file. PE kinds may be absent (an arch that asks for one then fails); all other prices
// must be there, 0 with a source where a technology does not charge for a thing.
#include "costmodel/est.h"

#include <assert.h>

#define NUMBER(s, m, u, h) \
    { \
        .key = #m, .type = MP_FIELD_REAL, .offset = offsetof(struct s, m), .required = true, .max = MP_PRICE_MAX, \
        .unit = u, .help = h \
    }

static const struct mp_field pj_fields[] = {
    NUMBER(mp_pe_pj, shared_pj, "pJ", "a PE cycle, whatever the lanes"),
    NUMBER(mp_pe_pj, lane_pj, "pJ", "a lane and PE cycle"),
    {.key = NULL},
};
static const struct mp_field serial_pj_fields[] = {
    NUMBER(mp_pe_pj, shared_pj, "pJ", "a PE cycle, whatever the lanes"),
    NUMBER(mp_pe_pj, lane_pj, "pJ", "a lane and PE cycle"),
    NUMBER(mp_pe_pj, bit_pj, "pJ", "a bit product of a lane and PE cycle"),
    {.key = NULL},
};
static const struct mp_field um2_fields[] = {
    NUMBER(mp_pe_um2, shared_um2, "um2", "a PE, whatever the lanes"),
    NUMBER(mp_pe_um2, lane_um2, "um2", "a lane"),
    {.key = NULL},
};
static const struct mp_field serial_um2_fields[] = {
    NUMBER(mp_pe_um2, shared_um2, "um2", "a PE, whatever the lanes"),
    NUMBER(mp_pe_um2, lane_um2, "um2", "a lane"),
    NUMBER(mp_pe_um2, bit_um2, "um2", "a bit product of a lane"),
    {.key = NULL},
};
static const struct mp_field register_fields[] = {
    NUMBER(mp_register, bit_pj, "pJ", "a bit and write"),
    NUMBER(mp_register, bit_um2, "um2", "a bit"),
    {.key = NULL},
};
static const struct mp_field op_fields[] = {NUMBER(mp_op_pj, pj, "pJ", "an operation"), {.key = NULL}};
static const struct mp_field lane_fields[] = {NUMBER(mp_lane_um2, lane_um2, "um2", "a lane"), {.key = NULL}};
static const struct mp_field wire_fields[] = {
    NUMBER(mp_wire, pj_per_bit_mm, "pJ/bit/mm", "a bit moved one millimetre"),
    {.key = NULL},
};
static const struct mp_field leak_fields[] = {
    NUMBER(mp_leak, mw_per_mm2, "mW/mm2", "leakage of logic by area"),
    {.key = NULL},
};

static const struct mp_place pe_places[] = {
    {"active", "active", pj_fields, offsetof(struct mp_pe_price, active)},
    {"idle", "idle", pj_fields, offsetof(struct mp_pe_price, idle)},
    {"area", "area", um2_fields, offsetof(struct mp_pe_price, area)},
    {NULL, NULL, NULL, 0},
};
static const struct mp_place serial_places[] = {
    {"active", "active", serial_pj_fields, offsetof(struct mp_pe_price, active)},
    {"idle", "idle", pj_fields, offsetof(struct mp_pe_price, idle)},
    {"area", "area", serial_um2_fields, offsetof(struct mp_pe_price, area)},
    {NULL, NULL, NULL, 0},
};
const struct mp_place mp_register_places[] = {
    {"register", "register", register_fields, offsetof(struct mp_logic, acc_register)},
    {NULL, NULL, NULL, 0},
};
const struct mp_place mp_vector_places[] = {
    {"requant", "requant", op_fields, offsetof(struct mp_vector_price, requant)},
    {"alu", "alu", op_fields, offsetof(struct mp_vector_price, alu)},
    {"mul", "mul", op_fields, offsetof(struct mp_vector_price, mul)},
    {"special", "special", op_fields, offsetof(struct mp_vector_price, special)},
    {"area", "area", lane_fields, offsetof(struct mp_vector_price, area)},
    {NULL, NULL, NULL, 0},
};
const struct mp_place mp_wire_places[] = {
    {"interconnect", "interconnect", wire_fields, offsetof(struct mp_logic, wire)},
    {NULL, NULL, NULL, 0},
};
const struct mp_place mp_leak_places[] = {
    {"leakage", "logic leakage", leak_fields, offsetof(struct mp_tech, leak)},
    {NULL, NULL, NULL, 0},
};

const struct mp_place *mp_pe_places(const struct mp_pe_ops *ops) {
    return ops->weight_planes || ops->act_planes ? serial_places : pe_places;
}

static bool read_pe(const struct mp_reader *r, const struct mp_node *n, struct mp_logic *logic, struct mp_err *err) {
    const char *names[16];
    size_t count = 0;
    for (; mp_pe_kinds[count]; count++)
        names[count] = mp_pe_kinds[count]->name;
    assert(count <= 16);
    logic->pe = mp_arena_alloc(r->a, count, sizeof *logic->pe);
    if (!mp_node_keys(n, names, count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct mp_node kind;
        const char *prefix = mp_arena_printf(r->a, "pe %s ", names[i]);
        logic->pe[i].present = mp_node_get(n, names[i], &kind);
        if (logic->pe[i].present &&
            !mp_places_read(r, &kind, mp_pe_places(mp_pe_kinds[i]), NULL, prefix, &logic->pe[i], err))
            return false;
    }
    return true;
}

static bool read_accumulator(const struct mp_reader *r, const struct mp_node *n, struct mp_logic *logic,
                             struct mp_err *err) {
    static const char *const also[] = {"add", NULL}, *const columns[] = {"bits", "pj", "um2", NULL};
    struct mp_node add;
    logic->adder = mp_arena_alloc(r->a, 1, sizeof *logic->adder);
    return mp_places_read(r, n, mp_register_places, also, "accumulator ", logic, err) &&
           mp_node_need(n, "add", &add, err) &&
           mp_est_table_read(r, &add, columns, 1, "accumulator add", logic->adder, err);
}

static bool read_logic(const struct mp_reader *r, const struct mp_node *root, struct mp_logic *logic,
                       struct mp_err *err) {
    struct mp_node pe, acc, vec, wire;
    return mp_node_need(root, "pe", &pe, err) && read_pe(r, &pe, logic, err) &&
           mp_node_need(root, "accumulator", &acc, err) && read_accumulator(r, &acc, logic, err) &&
           mp_node_need(root, "vector_unit", &vec, err) &&
           mp_places_read(r, &vec, mp_vector_places, NULL, "vector unit ", &logic->vector, err) &&
           mp_node_need(root, "interconnect", &wire, err) &&
           mp_group_read(r, &wire, wire_fields, "interconnect", &logic->wire, err);
}

static bool read_buffers(const struct mp_reader *r, const struct mp_node *root, struct mp_buffer_est **out,
                         struct mp_err *err) {
    const struct mp_buffer_est_ops *found = NULL;
    struct mp_node section, other;
    for (size_t i = 0; mp_buffer_ests[i]; i++) {
        if (!mp_node_get(root, mp_buffer_ests[i]->key, &other))
            continue;
        if (found)
            return mp_node_fail(root, err, "must have one of \"%s\" and \"%s\" (got both)", found->key, other.key);
        found = mp_buffer_ests[i];
        section = other;
    }
    if (!found)
        return mp_node_fail(root, err, "must have \"sram\" or \"buffers\": no price for buffers");
    *out = found->read(r, &section, err);
    return *out != NULL;
}

bool mp_tech_read(struct mp_tech *t, struct mp_reader *r, const struct mp_node *root, bool scaled,
                  struct mp_err *err) {
    struct mp_node leak, dram;
    if (!scaled && !read_logic(r, root, &t->logic, err))
        return false;
    if (mp_node_get(root, "dram", &dram) || !scaled) {
        if (!mp_node_need(root, "dram", &dram, err) || !mp_dram_price_read(r, &dram, &t->dram, err))
            return false;
    }
    return mp_node_need(root, "leakage", &leak, err) &&
           mp_group_read(r, &leak, leak_fields, "logic leakage", &t->leak, err) &&
           read_buffers(r, root, &t->buffers, err);
}
