// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/program_bits.h"

#include <assert.h>
#include <string.h>

void mp_bits_begin(struct mp_bit_writer *w, uint8_t *at) {
    *w = (struct mp_bit_writer){.next = at};
}

static void store(uint8_t *at, uint64_t beat) {
    for (unsigned i = 0; i < 8; i++)
        at[i] = (uint8_t)(beat >> 8 * i);
}

void mp_bits_put(struct mp_bit_writer *w, uint64_t value, unsigned bits) {
    assert(bits >= 1 && bits <= 64);
    if (bits < 64)
        value &= (UINT64_C(1) << bits) - 1;
    w->bits += bits;
    w->beat |= value << w->fill;
    if (w->fill + bits < 64) {
        w->fill += bits;
        return;
    }
    store(w->next, w->beat);
    w->next += 8;
    unsigned taken = 64 - w->fill;
    w->beat = taken < 64 ? value >> taken : 0;
    w->fill = bits - taken;
}

void mp_bits_put_plane(struct mp_bit_writer *w, const uint8_t *numbers, uint64_t count, unsigned plane) {
    uint64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        uint64_t eight = 0;
        for (unsigned k = 0; k < 8; k++)
            eight |= (uint64_t)numbers[i + k] << 8 * k;
        // The product gathers the lowest bits of the eight bytes in its uppermost byte.
        eight = eight >> plane & 0x0101010101010101u;
        mp_bits_put(w, eight * 0x0102040810204080u >> 56, 8);
    }
    for (; i < count; i++)
        mp_bits_put(w, numbers[i] >> plane & 1u, 1);
}

void mp_bits_skip(struct mp_bit_writer *w, uint64_t bits) {
    for (; bits > 64; bits -= 64)
        mp_bits_put(w, 0, 64);
    if (bits > 0)
        mp_bits_put(w, 0, (unsigned)bits);
}

void mp_bits_end(struct mp_bit_writer *w) {
    if (w->fill > 0)
        store(w->next, w->beat);
}

uint32_t mp_bits_get(const uint8_t *from, uint64_t at, unsigned bits) {
    assert(bits >= 1 && bits <= 32);
    uint64_t beat = 0, first = at / 8, last = (at + bits - 1) / 8;
    for (uint64_t i = first; i <= last; i++)
        beat |= (uint64_t)from[i] << 8 * (i - first);
    return (uint32_t)(beat >> at % 8 & ((UINT64_C(1) << bits) - 1));
}

int32_t mp_bits_get_value(const uint8_t *from, uint64_t at, unsigned bits, bool is_signed) {
    uint32_t value = mp_bits_get(from, at, bits);
    if (is_signed)
        return (int32_t)(value << (32 - bits)) >> (32 - bits);
    return (int32_t)value;
}
