// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: any text either gets a message or is a result.
#include "sim/report/result_detail.h"
#include "tests/fuzz/fuzz.h"

static bool read_one(const struct mp_node *root, struct mp_arena *a, struct mp_jsonw *w, struct mp_err *err) {
    struct mp_saved it;
    struct mp_detail detail;
    if (!mp_saved_read(&it, a, root, err) || !mp_detail_read(&detail, a, root, err))
        return false;
    (void)w;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return fuzz_document(read_one, false, data, size);
}
