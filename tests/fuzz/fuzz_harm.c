// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: any text either gets a message, or has finite harms for all that can be chosen, which written out as CSV
// are read as the same.
#include "sim/report/search.h"
#include "sim/search/harm_file.h"
#include "tests/fuzz/fuzz_space.h"

#include <math.h>

static bool read_text(struct mp_arena *a, const struct mp_space *s, const void *text, size_t len, struct mp_harm *harm,
                      struct mp_err *err) {
    char path[64];
    int fd = fuzz_file(text, len, path);
    bool ok = mp_harm_load(path, s, a, harm, err);
    close(fd);
    return ok;
}

static void check_again(struct mp_arena *a, const struct mp_space *s, const struct mp_harm *harm) {
    const struct mp_sensitivity_report r = {.space = s, .network = "net", .metric = "fuzz.csv", .harm = harm, .w_set = 0x114,
                                            .a_set = 0x114};
    struct mp_buf csv = {0};
    struct mp_harm again;
    struct mp_err err;
    mp_sensitivity_csv(&r, &csv);
    check(read_text(a, s, csv.text, csv.len, &again, &err));
    for (size_t u = 0; u < s->unit_count; u++)
        for (unsigned bits = 2; bits <= 8; bits *= 2) {
            const double was = harm->of[u * MP_WIDTHS + bits], is = again.of[u * MP_WIDTHS + bits];
            check(isfinite(was) && memcmp(&was, &is, sizeof was) == 0);
        }
    mp_buf_finish(&csv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    for (uint64_t slices = 1; slices <= 2; slices++) {
        struct mp_arena a = {0};
        struct mp_err err = {""};
        struct mp_workload w;
        struct mp_space s;
        struct mp_harm harm;
        fuzz_space(&a, &w, slices, &s);
        if (read_text(&a, &s, data, size, &harm, &err))
            check_again(&a, &s, &harm);
        else
            check(err.text[0] != '\0');
        mp_arena_finish(&a);
    }
    return 0;
}
