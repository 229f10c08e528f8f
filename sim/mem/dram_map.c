// SPDX-License-Identifier: Apache-2.0
// Mapping strings such as "rorachcobabg": which bits of an address choose row, bank, column and channel.
#include "sim/mem/controller.h"

#include "sim/base/say.h"

#include <assert.h>
#include <string.h>

enum { RO, RA, BG, BA, CH, CO, FIELDS };
static const char *const codes[FIELDS] = {"ro", "ra", "bg", "ba", "ch", "co"};

static unsigned log2_of(unsigned n) {
    unsigned bits = 0;
    while (n >> (bits + 1))
        bits++;
    return bits;
}

static unsigned code_at(const char *at) {
    unsigned f = 0;
    while (f < FIELDS && strncmp(codes[f], at, 2) != 0)
        f++;
    return f;
}

// Codes of the string, from the first; each must be there once.
static bool read_codes(const char *mapping, unsigned code[FIELDS], struct mp_err *err) {
    bool seen[FIELDS] = {false};
    char shown[MP_SAY_BYTES], part[MP_SAY_BYTES];
    const size_t len = strlen(mapping);
    mp_say_text(mapping, len, shown);
    for (size_t i = 0; i < len; i += 2) {
        unsigned f = code_at(mapping + i);
        if (f == FIELDS)
            return mp_fail(err, "mapping \"%s\": must be of ro, ra, bg, ba, ch, co (got \"%s\")", shown,
                           mp_say_text(mapping + i, len - i < 2 ? len - i : 2, part));
        if (seen[f])
            return mp_fail(err, "mapping \"%s\": %s is there twice", shown, codes[f]);
        seen[f] = true;
        code[i / 2] = f;
    }
    for (unsigned f = 0; f < FIELDS; f++)
        if (!seen[f])
            return mp_fail(err, "mapping \"%s\": %s is missing", shown, codes[f]);
    return true;
}

bool mp_dram_map_make(struct mp_dram_map *m, const struct mp_dram_preset *p, unsigned channels, const char *mapping,
                      struct mp_err *err) {
    assert(channels > 0 && channels <= MP_DRAM_CHANNELS && (channels & (channels - 1)) == 0);
    unsigned code[FIELDS], shift[FIELDS];
    const unsigned bits[FIELDS] = {[RO] = log2_of(p->rows),   [RA] = 0,
                                   [BG] = log2_of(p->groups), [BA] = log2_of(p->banks),
                                   [CH] = log2_of(channels),  [CO] = log2_of(p->row_bytes / p->access_bytes)};
    if (!read_codes(mapping, code, err))
        return false;
    *m = (struct mp_dram_map){.offset = log2_of(p->access_bytes)};
    unsigned at = m->offset;
    for (unsigned i = FIELDS; i-- > 0;) {
        shift[code[i]] = at;
        at += bits[code[i]];
    }
    m->ro.shift = shift[RO], m->ro.bits = bits[RO];
    m->bg.shift = shift[BG], m->bg.bits = bits[BG];
    m->ba.shift = shift[BA], m->ba.bits = bits[BA];
    m->ch.shift = shift[CH], m->ch.bits = bits[CH];
    m->co.shift = shift[CO], m->co.bits = bits[CO];
    return true;
}

static unsigned field(uint64_t address, unsigned shift, unsigned bits) {
    return (unsigned)(address >> shift) & ((1u << bits) - 1);
}

struct mp_dram_place mp_dram_map_place(const struct mp_dram_map *m, uint64_t address) {
    return (struct mp_dram_place){.channel = field(address, m->ch.shift, m->ch.bits),
                                  .group = field(address, m->bg.shift, m->bg.bits),
                                  .bank = field(address, m->ba.shift, m->ba.bits),
                                  .row = field(address, m->ro.shift, m->ro.bits),
                                  .column = field(address, m->co.shift, m->co.bits)};
}
