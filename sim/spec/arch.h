// SPDX-License-Identifier: Apache-2.0
// An accelerator: array, buffers, DRAM, vector unit, and the technology it is priced in (arch.json).
#ifndef SIM_SPEC_ARCH_H
#define SIM_SPEC_ARCH_H

#include "sim/mem/mem.h"
#include "sim/pe/pe.h"

enum mp_dataflow { MP_OS, MP_WS, MP_IS, MP_DATAFLOWS };
enum mp_interconnect { MP_BROADCAST, MP_SYSTOLIC };
enum mp_storage { MP_PACKED, MP_CONTAINERS };
enum mp_overflow { MP_SATURATE, MP_WRAP };

// What rows, columns and lanes may carry: output channels; output pixels (batch, height and width
// flattened); input channels; or kernel and channels flattened, as im2col does.
enum mp_role { MP_ROLE_OC, MP_ROLE_PIXEL, MP_ROLE_IC, MP_ROLE_K_IC, MP_ROLES };

enum mp_buffer_id { MP_INPUT, MP_WEIGHT, MP_OUTPUT, MP_BUFFERS };

struct mp_accumulator {
    uint64_t bits;
    unsigned on_overflow; // enum mp_overflow
    bool shadow;          // a second set drains while the next fold computes
};

struct mp_pe_array {
    uint64_t rows, cols;
    unsigned dataflow, interconnect;
    bool weight_shadow;         // the stationary operand of ws and is loads behind the fold before it
    unsigned row_roles, col_roles, lane_roles; // bit sets: 1u << enum mp_role
    struct mp_pe pe;
    struct mp_accumulator accumulator;
};

// `size_bytes` is the total; double buffering leaves half to a tile. `width_bits` is what the array moves a
// cycle, over all banks; a word is the width of one bank.
struct mp_buffer {
    uint64_t size_bytes, width_bits, banks;
    bool double_buffered;
};

struct mp_vector_unit {
    uint64_t lanes;      // operations a cycle
    uint64_t param_bits; // requantisation parameters an output channel: bias, multiplier, shift
};

struct mp_arch {
    const char *name, *source, *tech; // source may be NULL
    double clock_mhz;
    unsigned storage;                 // enum mp_storage, of DRAM and buffers
    bool keep_on_chip;                // tensors that fit stay in the input buffer until their last consumer
    struct mp_pe_array array;
    struct mp_buffer buffers[MP_BUFFERS];
    struct mp_dram dram;
    struct mp_vector_unit vector_unit;
};

extern const char *const mp_dataflow_names[], *const mp_interconnect_names[], *const mp_role_names[],
    *const mp_buffer_names[];

bool mp_arch_load(struct mp_arch *arch, struct mp_arena *a, const char *path, struct mp_err *err);
bool mp_arch_read(struct mp_arch *arch, struct mp_arena *a, const struct mp_node *root, struct mp_err *err);
bool mp_arch_check(const struct mp_arch *arch, const char *where, struct mp_err *err); // rules across keys
void mp_arch_write(const struct mp_arch *arch, struct mp_jsonw *w); // resolved: every default filled in
// The member "buffers" of it alone.
bool mp_buffers_read(struct mp_buffer buffers[MP_BUFFERS], struct mp_arena *a, const struct mp_node *n, struct mp_err *err);
void mp_buffers_write(const struct mp_buffer buffers[MP_BUFFERS], struct mp_jsonw *w);
void mp_arch_describe(struct mp_buf *out);                          // keys, types, defaults, help

// Roles that rows, columns and lanes may carry in a dataflow, and those they carry when arch.json has no map.
// In ws and is the lanes continue the reduction that the rows carry: their roles are the rows'.
struct mp_map {
    unsigned rows, cols, lanes; // bit sets: 1u << enum mp_role
};
struct mp_map mp_map_legal(unsigned dataflow);
struct mp_map mp_map_default(unsigned dataflow);
void mp_array_set_map(struct mp_pe_array *array, const struct mp_map *map);

// Bits that an operand of this width occupies in DRAM and buffers.
unsigned mp_arch_stored_bits(const struct mp_arch *arch, unsigned bits);
// Bits of a word (one bank), and bits of the buffer that one tile may fill.
uint64_t mp_buffer_word_bits(const struct mp_buffer *b);
uint64_t mp_buffer_tile_bits(const struct mp_buffer *b);

#endif
