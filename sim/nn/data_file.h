// SPDX-License-Identifier: Apache-2.0
// A large file that is read from its beginning, in pieces. Its size is known before anything is allocated.
#ifndef SIM_NN_DATA_FILE_H
#define SIM_NN_DATA_FILE_H

#include "sim/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mp_data_file {
    const char *path;
    int fd;
    uint64_t size; // bytes
};

// Regular files only. Errors name the path.
bool mp_data_file_open(struct mp_data_file *f, const char *path, struct mp_err *err);
// Exactly the next `n` bytes; fewer are an error.
bool mp_data_file_read(struct mp_data_file *f, void *to, size_t n, struct mp_err *err);
void mp_data_file_close(struct mp_data_file *f);

#endif
