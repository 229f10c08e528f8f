// SPDX-License-Identifier: Apache-2.0
// NumPy's array format, versions 1 to 3 (numpy/lib/format.py): whole numbers u1..u8 and i1..i8, floats f2, f4 and f8, in
// either byte order, in C or Fortran order. Bool, complex, text, structures and Python objects are refused.
#ifndef SIM_NN_NPY_H
#define SIM_NN_NPY_H

#include "sim/base/err.h"
#include "sim/nn/array.h"

#include <stddef.h>

// Where the bytes come from: the next `n` of them, or an error.
struct mp_npy_from {
    bool (*read)(void *from, void *to, size_t n, struct mp_err *err);
    void *from;
    uint64_t size; // bytes in all
};

struct mp_npy {
    const char *name; // what errors call it
    struct mp_npy_from from;
    char kind; // 'u', 'i', 'f'
    unsigned item; // bytes: 1, 2, 4, 8
    bool big, fortran;
    struct mp_shape shape; // at least one dimension, none of 0
};

// Reads the header. What follows it must have the size that shape and type say.
bool mp_npy_begin(struct mp_npy *n, const char *name, const struct mp_npy_from *from, struct mp_err *err);
// Then the elements of which the first index is below `keep`: element (i, j, ...) goes to out[i * stride[0] + j * stride[1] +
// ...]. `bytes` takes kind u of one byte, `reals` any (what no float can hold is an error).
bool mp_npy_bytes(struct mp_npy *n, uint64_t keep, const uint64_t stride[], uint8_t *bytes, struct mp_err *err);
bool mp_npy_reals(struct mp_npy *n, uint64_t keep, const uint64_t stride[], float *reals, struct mp_err *err);

#endif
