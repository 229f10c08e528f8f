// SPDX-License-Identifier: Apache-2.0
// A small network and the space of its widths, for the fuzz targets of searches; and a file in memory.
#ifndef TESTS_FUZZ_FUZZ_SPACE_H
#define TESTS_FUZZ_FUZZ_SPACE_H

#include "sim/search/space.h"
#include "sim/spec/build.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

// in -> a -> b (two groups) -> s (a + b) -> v (view) -> l (linear)
static inline void fuzz_network(struct mp_arena *a, struct mp_workload *w) {
    static const struct {
        const char *name;
        enum mp_layer_type type;
        size_t inputs[2], count;
    } layers[] = {{"a", MP_CONV2D, {0}, 1}, {"b", MP_CONV2D, {1}, 1}, {"s", MP_ADD, {1, 2}, 2}, {"v", MP_VIEW, {3}, 1},
                  {"l", MP_LINEAR, {4}, 1}};
    static const uint64_t shape[3] = {4, 3, 1};
    struct mp_builder b;
    struct mp_err err;
    mp_build_begin(&b, w, a, "net", NULL, 1, 5);
    check(mp_build_input(&b, "in", shape, true, &err));
    for (size_t i = 0; i < 5; i++) {
        struct mp_layer_spec s = mp_layer_spec_default(layers[i].type);
        s.name = layers[i].name;
        s.inputs = layers[i].inputs;
        s.input_count = layers[i].count;
        s.out_channels = 4;
        s.groups = i == 1 ? 2 : 1;
        memcpy(s.shape, shape, sizeof shape);
        check(mp_build_layer(&b, &s, &err));
    }
    check(mp_build_end(&b, &err));
}

// Widths 2, 4 and 8; of weights in `slices`.
static inline void fuzz_space(struct mp_arena *a, struct mp_workload *w, uint64_t slices, struct mp_space *s) {
    const struct mp_space_options o = {.w_set = 0x114, .a_set = 0x114, .slices = slices, .open_ends = true, .output_bits = 8,
                                       .batch = 1};
    struct mp_err err;
    fuzz_network(a, w);
    check(mp_space_make(s, w, "p", "net.json", &o, a, &err));
}

// A descriptor to close, and the file's name.
static inline int fuzz_file(const void *data, size_t size, char path[64]) {
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

#endif
