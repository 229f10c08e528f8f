// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: any text either gets a message or is an architecture whose echo reads back to the same.
#include "sim/spec/arch.h"
#include "tests/fuzz/fuzz.h"

static bool read_one(const struct mp_node *root, struct mp_arena *a, struct mp_jsonw *w, struct mp_err *err) {
    struct mp_arch it;
    if (!mp_arch_read(&it, a, root, err))
        return false;
    mp_arch_write(&it, w);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return fuzz_document(read_one, true, data, size);
}
