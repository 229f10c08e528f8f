// SPDX-License-Identifier: Apache-2.0
// arch.json: the tables of its keys, and reading, echo and description from them. What tables do not say (the
// PE, the DRAM, the map of roles) is read by hand. Rules across keys: arch_check.c.
#include "sim/spec/arch.h"

#include <string.h>

const char *const mp_dataflow_names[] = {"os", "ws", "is", NULL};
const char *const mp_interconnect_names[] = {"broadcast", "systolic", NULL};
const char *const mp_role_names[] = {"oc", "pixel", "ic", "k_ic", NULL};
const char *const mp_buffer_names[] = {"input", "weight", "output", NULL};
static const char *const storage_names[] = {"packed", "containers", NULL};
static const char *const overflow_names[] = {"saturate", "wrap", NULL};

static const struct mp_field accumulator_fields[] = {
    {.key = "bits", .type = MP_FIELD_UINT, .offset = offsetof(struct mp_accumulator, bits), .def = 32,
     .min = 4, .max = 64, .unit = "bits", .help = "width of an accumulator"},
    {.key = "on_overflow", .type = MP_FIELD_ENUM, .offset = offsetof(struct mp_accumulator, on_overflow),
     .names = overflow_names, .help = "judged once a step, at the addition"},
    {.key = "shadow", .type = MP_FIELD_BOOL, .offset = offsetof(struct mp_accumulator, shadow), .def = 1,
     .help = "a second set drains while the next fold computes"},
    {.key = NULL},
};

// "pe" and "map" are read by hand.
static const struct mp_field array_fields[] = {
    {.key = "rows", .type = MP_FIELD_UINT, .offset = offsetof(struct mp_pe_array, rows), .required = true,
     .min = 1, .max = 4096, .unit = "PEs", .help = "rows of PEs"},
    {.key = "cols", .type = MP_FIELD_UINT, .offset = offsetof(struct mp_pe_array, cols), .required = true,
     .min = 1, .max = 4096, .unit = "PEs", .help = "columns of PEs"},
    {.key = "dataflow", .type = MP_FIELD_ENUM, .offset = offsetof(struct mp_pe_array, dataflow),
     .required = true, .names = mp_dataflow_names,
     .help = "what stays in the array: outputs, weights or inputs"},
    {.key = "interconnect", .type = MP_FIELD_ENUM, .offset = offsetof(struct mp_pe_array, interconnect),
     .required = true, .names = mp_interconnect_names,
     .help = "operands reach a whole row or column in a cycle, or move on by one PE a cycle"},
    {.key = "weight_shadow", .type = MP_FIELD_BOOL, .offset = offsetof(struct mp_pe_array, weight_shadow),
     .help = "the stationary operand of ws and is loads behind the fold before it"},
    {.key = "accumulator", .type = MP_FIELD_OBJECT, .offset = offsetof(struct mp_pe_array, accumulator),
     .sub = accumulator_fields, .help = "at each PE (os) or at the foot of each column (ws, is)"},
    {.key = NULL},
};
static const char *const array_also[] = {"pe", "map", NULL};

static const struct mp_field buffer_fields[] = {
    {.key = "size_bytes", .type = MP_FIELD_UINT, .offset = offsetof(struct mp_buffer, size_bytes),
     .required = true, .min = 1, .max = 0x1p40, .unit = "bytes", .help = "total, both halves"},
    {.key = "width_bits", .type = MP_FIELD_UINT, .offset = offsetof(struct mp_buffer, width_bits),
     .required = true, .min = 1, .max = 0x1p24, .unit = "bits", .help = "moved a cycle, over all banks"},
    {.key = "banks", .type = MP_FIELD_UINT, .offset = offsetof(struct mp_buffer, banks), .def = 1, .min = 1,
     .max = 65536, .unit = "SRAM macros", .help = "share size and width evenly"},
    {.key = "double_buffered", .type = MP_FIELD_BOOL,
     .offset = offsetof(struct mp_buffer, double_buffered), .def = 1,
     .help = "one half serves the array while the other is filled or drained"},
    {.key = NULL},
};

static const struct mp_field buffers_fields[] = {
    {.key = "input", .type = MP_FIELD_OBJECT, .offset = MP_INPUT * sizeof(struct mp_buffer), .required = true,
     .sub = buffer_fields, .help = "activations"},
    {.key = "weight", .type = MP_FIELD_OBJECT, .offset = MP_WEIGHT * sizeof(struct mp_buffer),
     .required = true, .sub = buffer_fields, .help = "weights"},
    {.key = "output", .type = MP_FIELD_OBJECT, .offset = MP_OUTPUT * sizeof(struct mp_buffer),
     .required = true, .sub = buffer_fields, .help = "results and partial sums"},
    {.key = NULL},
};

static const struct mp_field vector_fields[] = {
    {.key = "lanes", .type = MP_FIELD_UINT, .offset = offsetof(struct mp_vector_unit, lanes), .def = 16,
     .min = 1, .max = 65536, .unit = "operations a cycle", .help = "width of the vector unit"},
    {.key = "param_bits", .type = MP_FIELD_UINT, .offset = offsetof(struct mp_vector_unit, param_bits),
     .def = 72, .max = 256, .unit = "bits",
     .help = "requantisation parameters an output channel: by default a 32-bit bias, a 32-bit multiplier and "
             "8 bits for the shift"},
    {.key = NULL},
};

static const struct mp_field head_fields[] = {
    {.key = "name", .type = MP_FIELD_NAME, .offset = offsetof(struct mp_arch, name), .required = true,
     .help = "name"},
    {.key = "source", .type = MP_FIELD_NAME, .offset = offsetof(struct mp_arch, source),
     .help = "what the description follows, and where it departs from it"},
    {.key = "tech", .type = MP_FIELD_NAME, .offset = offsetof(struct mp_arch, tech), .required = true,
     .help = "technology that prices it: a name in configs/tech"},
    {.key = "clock_mhz", .type = MP_FIELD_REAL, .offset = offsetof(struct mp_arch, clock_mhz),
     .required = true, .min = 0.001, .max = 100000, .unit = "MHz", .help = "core clock"},
    {.key = "storage", .type = MP_FIELD_ENUM, .offset = offsetof(struct mp_arch, storage),
     .names = storage_names, .help = "exact bits in DRAM and buffers, or containers of 2, 4, 8 ... bits"},
    {.key = "keep_on_chip", .type = MP_FIELD_BOOL, .offset = offsetof(struct mp_arch, keep_on_chip),
     .help = "tensors that fit stay in the input buffer until their last consumer"},
    {.key = NULL},
};

static const struct mp_field buffers_field[] = {
    {.key = "buffers", .type = MP_FIELD_OBJECT, .offset = offsetof(struct mp_arch, buffers), .required = true,
     .sub = buffers_fields, .help = "SRAM between DRAM and array"},
    {.key = NULL},
};
static const struct mp_field vector_field[] = {
    {.key = "vector_unit", .type = MP_FIELD_OBJECT, .offset = offsetof(struct mp_arch, vector_unit),
     .sub = vector_fields, .help = "requantisation, pooling, element-wise layers, softmax, normalisation"},
    {.key = NULL},
};
static const char *const head_also[] = {"array", "buffers", "dram", "vector_unit", NULL};
static const char *const tail_also[] = {"name",  "source",  "tech", "clock_mhz",   "storage", "keep_on_chip",
                                        "array", "buffers", "dram", "vector_unit", NULL};

// Roles

static const char *const map_keys[] = {"rows", "cols", "lanes"};

static bool read_roles(const struct mp_node *list, unsigned legal, unsigned *set, struct mp_err *err) {
    const char *names[MP_ROLES];
    unsigned role[MP_ROLES];
    size_t count = 0, at;
    for (unsigned r = 0; r < MP_ROLES; r++)
        if (legal >> r & 1u) {
            role[count] = r;
            names[count++] = mp_role_names[r];
        }
    struct mp_node n;
    if (!mp_node_array(list, err))
        return false;
    *set = 0;
    for (bool more = mp_node_first(list, &n); more; more = mp_node_next(&n)) {
        if (!mp_node_enum(&n, names, count, &at, err))
            return false;
        if (*set >> role[at] & 1u)
            return mp_node_fail(&n, err, "\"%s\" stands twice in the list", names[at]);
        *set |= 1u << role[at];
    }
    return *set != 0 || mp_node_fail(list, err, "must not be empty");
}

static bool read_map(struct mp_pe_array *array, const struct mp_node *n, struct mp_err *err) {
    unsigned *const set[] = {&array->row_roles, &array->col_roles, &array->lane_roles};
    const struct mp_map map = mp_map_default(array->dataflow), legal = mp_map_legal(array->dataflow);
    const unsigned may[] = {legal.rows, legal.cols, legal.lanes};
    struct mp_node object, list;
    mp_array_set_map(array, &map);
    if (!mp_node_get(n, "map", &object))
        return true;
    if (!mp_node_keys(&object, map_keys, 3, err))
        return false;
    for (unsigned i = 0; i < 3; i++) {
        if (!mp_node_get(&object, map_keys[i], &list))
            continue;
        if (i == 2 && array->dataflow != MP_OS)
            return mp_node_fail(&list, err,
                                "must be absent with dataflow %s, whose lanes continue what the rows carry",
                                mp_dataflow_names[array->dataflow]);
        if (!read_roles(&list, may[i], set[i], err))
            return false;
    }
    if (array->dataflow != MP_OS)
        array->lane_roles = array->row_roles;
    return true;
}

static void write_map(const struct mp_pe_array *array, struct mp_jsonw *w) {
    const unsigned set[] = {array->row_roles, array->col_roles, array->lane_roles};
    mp_jsonw_key(w, "map");
    mp_jsonw_open(w, '{', true);
    for (unsigned i = 0; i < (array->dataflow == MP_OS ? 3 : 2); i++) {
        mp_jsonw_key(w, map_keys[i]);
        mp_jsonw_open(w, '[', true);
        for (unsigned r = 0; r < MP_ROLES; r++)
            if (set[i] >> r & 1u)
                mp_jsonw_string(w, mp_role_names[r]);
        mp_jsonw_close(w, ']');
    }
    mp_jsonw_close(w, '}');
}

// Reading

static bool read_array(struct mp_pe_array *array, struct mp_arena *a, const struct mp_node *root,
                       struct mp_err *err) {
    struct mp_node n, pe;
    return mp_node_need(root, "array", &n, err) &&
           mp_fields_read(array_fields, array_also, &n, a, array, err) && mp_node_need(&n, "pe", &pe, err) &&
           mp_pe_read(&pe, a, &array->pe, err) && read_map(array, &n, err);
}

bool mp_arch_read(struct mp_arch *arch, struct mp_arena *a, const struct mp_node *root, struct mp_err *err) {
    struct mp_node dram;
    *arch = (struct mp_arch){0};
    return mp_fields_read(head_fields, head_also, root, a, arch, err) &&
           read_array(&arch->array, a, root, err) &&
           mp_fields_read(buffers_field, tail_also, root, a, arch, err) &&
           mp_node_need(root, "dram", &dram, err) && mp_dram_read(&dram, a, arch->clock_mhz, &arch->dram, err) &&
           mp_fields_read(vector_field, tail_also, root, a, arch, err) &&
           mp_arch_check(arch, mp_json_name(root->doc), err);
}

bool mp_buffers_read(struct mp_buffer buffers[MP_BUFFERS], struct mp_arena *a, const struct mp_node *n, struct mp_err *err) {
    return mp_fields_read(buffers_fields, NULL, n, a, buffers, err);
}

bool mp_arch_load(struct mp_arch *arch, struct mp_arena *a, const char *path, struct mp_err *err) {
    struct mp_json *doc;
    if (!mp_json_load(&doc, path, err))
        return false;
    struct mp_node root = mp_json_root(doc);
    bool ok = mp_arch_read(arch, a, &root, err);
    mp_json_destroy(doc);
    return ok;
}

// Echo

static void write_array(const struct mp_pe_array *array, struct mp_jsonw *w) {
    mp_jsonw_key(w, "array");
    mp_jsonw_open(w, '{', false);
    mp_fields_write(array_fields, array, w);
    write_map(array, w);
    mp_jsonw_key(w, "pe");
    mp_pe_write(&array->pe, w);
    mp_jsonw_close(w, '}');
}

void mp_arch_write(const struct mp_arch *arch, struct mp_jsonw *w) {
    mp_jsonw_open(w, '{', false);
    mp_fields_write(head_fields, arch, w);
    write_array(&arch->array, w);
    mp_fields_write(buffers_field, arch, w);
    mp_jsonw_key(w, "dram");
    mp_dram_write(&arch->dram, w);
    mp_fields_write(vector_field, arch, w);
    mp_jsonw_close(w, '}');
}

void mp_buffers_write(const struct mp_buffer buffers[MP_BUFFERS], struct mp_jsonw *w) {
    mp_jsonw_open(w, '{', true);
    mp_fields_write(buffers_fields, buffers, w);
    mp_jsonw_close(w, '}');
}

// Description

static void describe_kinds(struct mp_buf *out) {
    for (size_t i = 0; mp_pe_kinds[i]; i++) {
        mp_buf_addf(out, "array.pe.kind = %s: %s\n", mp_pe_kinds[i]->name, mp_pe_kinds[i]->help);
        mp_fields_describe(mp_pe_kinds[i]->fields, "array.pe", out);
    }
}

void mp_arch_describe(struct mp_buf *out) {
    mp_fields_describe(head_fields, "", out);
    mp_fields_describe(array_fields, "array", out);
    mp_buf_add(
        out,
        "array.map.rows, array.map.cols, array.map.lanes  lists of oc, pixel, ic, k_ic, optional: what they "
        "may carry\n"
        "array.pe.lanes  integer 1..1024 products, default 1: operands of a PE's dot product at full "
        "width\n");
    describe_kinds(out);
    mp_fields_describe(buffers_field, "", out);
    for (size_t i = 0; mp_mem_kinds[i]; i++) {
        mp_buf_addf(out, "dram.kind = %s: %s\n", mp_mem_kinds[i]->name, mp_mem_kinds[i]->help);
        mp_fields_describe(mp_mem_kinds[i]->fields, "dram", out);
    }
    mp_fields_describe(vector_field, "", out);
}
