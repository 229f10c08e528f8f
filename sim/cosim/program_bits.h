// SPDX-License-Identifier: Apache-2.0
// Bit streams as in DRAM: packed without gaps, lowest bit first, bytes in ascending order.
#ifndef SIM_COSIM_PROGRAM_BITS_H
#define SIM_COSIM_PROGRAM_BITS_H

#include <stdbool.h>
#include <stdint.h>

struct mp_bit_writer {
    uint8_t *next; // whole 64-bit beats that are behind are in memory
    uint64_t beat;
    unsigned fill; // bits of the beat, less than 64
    uint64_t bits; // written since the start
};

void mp_bits_begin(struct mp_bit_writer *w, uint8_t *at);
// The low `bits` (1 to 64) of the value.
void mp_bits_put(struct mp_bit_writer *w, uint64_t value, unsigned bits);
// Bit `plane` of each of `count` numbers.
void mp_bits_put_plane(struct mp_bit_writer *w, const uint8_t *numbers, uint64_t count, unsigned plane);
// Zero bits.
void mp_bits_skip(struct mp_bit_writer *w, uint64_t bits);
// Writes what remains; the memory up to the next beat must belong to the stream.
void mp_bits_end(struct mp_bit_writer *w);

// `bits` (1 to 32) from bit `at` on.
uint32_t mp_bits_get(const uint8_t *from, uint64_t at, unsigned bits);
int32_t mp_bits_get_value(const uint8_t *from, uint64_t at, unsigned bits, bool is_signed);

#endif
