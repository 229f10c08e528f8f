// SPDX-License-Identifier: Apache-2.0
// The core's function, interpreted from descriptors and an image as docs/core.md has them: stages, buffer halves,
// bit streams, arithmetic. Shares nothing with the program builder but the numbers of abi.h.
#ifndef TESTS_UNIT_CORE_MODEL_H
#define TESTS_UNIT_CORE_MODEL_H

#include "sim/cosim/program.h"

// What the core is built with.
struct core {
    uint64_t rows, cols, lanes;
    unsigned acc_bits, param_bits;
    bool wrap;
    bool double_buffered[MP_BUFFERS];
};

struct core_request {
    char what; // i input, w weights, p partial sums, P their drain, O drain of outputs
    uint64_t bits;
};

// What a run did. `requests` has room for 5 a tile.
struct core_log {
    uint64_t overflows, turned;
    struct core_request *requests;
    size_t count;
};

void core_run(const struct core *c, const struct mp_program *p, uint8_t *image, struct core_log *log);

#endif
