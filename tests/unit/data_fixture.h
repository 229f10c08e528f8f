// SPDX-License-Identifier: Apache-2.0
// A folder for a test's files, gone with everything in it when the test ends.
#ifndef TESTS_UNIT_DATA_FIXTURE_H
#define TESTS_UNIT_DATA_FIXTURE_H

#include "sim/base/arena.h"

struct folder {
    char path[64];
    struct mp_arena *arena; // of the paths in it
};

// Set-up and teardown of a cmocka test; *state is the folder.
int make_folder(void **state);
int remove_folder(void **state);
const char *in_folder(const struct folder *f, const char *name);
void put_file(const char *path, const void *bytes, size_t count);

#endif
