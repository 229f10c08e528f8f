// SPDX-License-Identifier: Apache-2.0
// What the core of rtl/ and its driver share, number for number as in rtl/mp_pkg.sv (a test compares them): words and flags
// of a tile's descriptor, host registers, counters. docs/core.md says what they mean.
#ifndef SIM_COSIM_ABI_H
#define SIM_COSIM_ABI_H

#include <stdint.h>

#define MP_DESC_WORDS 48

enum mp_desc_word {
    MP_DESC_FLAGS = 0,
    MP_DESC_IN_ADDR = 1,
    MP_DESC_IN_BITS = 2,
    MP_DESC_WADDR = 3,
    MP_DESC_WBITS = 4,
    MP_DESC_PARAMS = 5,
    MP_DESC_PADDR = 6,
    MP_DESC_PBITS = 7,
    MP_DESC_OUT_ADDR = 8,
    MP_DESC_OUT_BITS = 9,
    MP_DESC_GROUPS = 10,
    MP_DESC_BATCH = 11,
    MP_DESC_OH = 12,
    MP_DESC_OW = 13,
    MP_DESC_OC = 14,
    MP_DESC_IC = 15,
    MP_DESC_IH = 16,
    MP_DESC_IW = 17,
    MP_DESC_KH = 18,
    MP_DESC_KW = 19,
    MP_DESC_ROW_STEP = 20,
    MP_DESC_ROW_TAP = 21,
    MP_DESC_ROW_FIRST = 22,
    MP_DESC_COL_STEP = 23,
    MP_DESC_COL_TAP = 24,
    MP_DESC_COL_FIRST = 25,
    MP_DESC_ASTORED = 26,
    MP_DESC_BSTORED = 27,
    MP_DESC_WWIDTH = 28,
    MP_DESC_WSTORED = 29,
    MP_DESC_OUT_STORED = 30,
    MP_DESC_OUT_LOW = 31,
    MP_DESC_OUT_HIGH = 32,
    MP_DESC_MUL_A = 33,
    MP_DESC_SHIFT_A = 34,
    MP_DESC_MUL_B = 35,
    MP_DESC_SHIFT_B = 36,
    MP_DESC_COUNT = 37,
    MP_DESC_CHANNEL = 38,
    MP_DESC_STRIDE = 39,
    MP_DESC_BOFFSET = 40,
    MP_DESC_TILE = 41,
    MP_DESC_LAYER = 42,
    MP_DESC_PAD = 43,
};

enum mp_desc_flag {
    MP_FLAG_TURN = 0,
    MP_FLAG_END = 1,
    MP_FLAG_LOAD_INPUT = 2,
    MP_FLAG_LOAD_WEIGHT = 3,
    MP_FLAG_LOAD_PARTIAL = 4,
    MP_FLAG_DRAIN = 5,
    MP_FLAG_FINAL = 6,
    MP_FLAG_ADDS = 7,
    MP_FLAG_IN_HALF = 8,
    MP_FLAG_WHALF = 9,
    MP_FLAG_OUT_HALF = 10,
    MP_FLAG_ARRAY = 11,
    MP_FLAG_ASIGNED = 12,
    MP_FLAG_BSIGNED = 13,
    MP_FLAG_ODD = 14,
    MP_FLAG_FLAT = 15,
    MP_FLAG_ROW_PIXEL = 16,
    MP_FLAG_COL_PIXEL = 17,
    MP_FLAG_OP = 18,
};

enum mp_core_reg {
    MP_REG_ID = 0,
    MP_REG_CTRL = 1,
    MP_REG_STATUS = 2,
    MP_REG_OVERFLOWS = 3,
    MP_REG_SHAPE = 4,
    MP_REG_PE = 5,
    MP_REG_TILE = 6,
    MP_REG_COUNTERS = 16,
};

enum mp_core_vop { MP_VOP_MAX, MP_VOP_AVG, MP_VOP_ADD, MP_VOP_CLAMP };

// Counters come in the order of enum mp_cause, then of enum mp_event (sim/spec/counts.h), row activations left out.
#define MP_CORE_COUNTERS 24
#define MP_CORE_ID 0x6d706331u

struct mp_desc {
    uint32_t word[MP_DESC_WORDS];
};

#endif
