// SPDX-License-Identifier: Apache-2.0
// Streams of accesses to measure a memory with: sequences of spans of consecutive addresses, each a transfer. Definitions:
// docs and `mpsim dram --list`. A span from byte s of n bytes takes every access that has a byte of it.
#ifndef SIM_MEM_STREAM_H
#define SIM_MEM_STREAM_H

#include "sim/mem/controller.h"

#define MP_STREAM_PARAMS 5

struct mp_stream_param {
    const char *name;
    uint64_t def, min, max;
    const char *help;
};

struct mp_stream;

struct mp_stream_kind {
    const char *name, *help;
    struct mp_stream_param params[MP_STREAM_PARAMS];                      // those behind the last have no name
    uint64_t (*spans)(const struct mp_stream *s);                         // how many there are
    uint64_t (*bytes)(const struct mp_stream *s);                         // beyond the last byte that a span has
    void (*span)(struct mp_stream *s, uint64_t i, struct mp_transfer *t); // the i-th, bytes as they are; called in order
};
extern const struct mp_stream_kind mp_stream_kinds[]; // ends with a NULL name
extern const char *const mp_stream_names[];           // the same order, NULL-terminated

struct mp_stream {
    const struct mp_stream_kind *kind;
    unsigned access_bytes; // a power of two
    uint64_t value[MP_STREAM_PARAMS];
    uint64_t at;     // span that comes next
    uint32_t random; // state of random_read
};

void mp_stream_init(struct mp_stream *s, const struct mp_stream_kind *kind, unsigned access_bytes); // with defaults
// "NAME=VALUE"; the value decimal or 0x and hexadecimal.
bool mp_stream_set(struct mp_stream *s, const char *setting, struct mp_err *err);
// The next transfer, of whole accesses; false: there are no more.
bool mp_stream_next(struct mp_stream *s, struct mp_transfer *t);
uint64_t mp_stream_bytes(const struct mp_stream *s); // beyond the last byte of the whole stream; 0: it has no transfer
struct mp_transfer_source mp_stream_source(struct mp_stream *s);

#endif
