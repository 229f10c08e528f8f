// SPDX-License-Identifier: Apache-2.0
// libFuzzer target for the cost model: any text either gets a printable error or is a technology that prices every
// kind it holds with finite numbers of at least 0, and whose echo reads back to the same. Run it from the source
// folder, so that "scaled_from" finds the shipped files.
#include "costmodel/cost.h"
#include "costmodel/price.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <string.h>

static void check_message(const struct mp_err *err) {
    size_t len = strnlen(err->text, sizeof err->text);
    check(len > 0 && len < sizeof err->text);
    for (size_t i = 0; i < len; i++)
        check((unsigned char)err->text[i] >= 0x20 && err->text[i] != 0x7f);
}

static void check_arch(const struct mp_tech *t, const struct mp_arch *arch, struct mp_arena *a) {
    struct mp_prices p;
    struct mp_area area;
    struct mp_sources s = {0};
    struct mp_err err;
    if (!mp_cost_prices(t, arch, 8, 8, a, &p, &s, &err)) {
        check_message(&err);
        return;
    }
    for (int e = 0; e < MP_EVENTS; e++)
        check(isfinite(p.pj[e]) && p.pj[e] >= 0);
    check(mp_cost_area(t, arch, a, &area, &s, &err) && isfinite(area.total_mm2) && area.total_mm2 >= 0);
}

// One architecture within the usual SRAM table, one far below it, one far above.
static void check_prices(const struct mp_tech *t, struct mp_arena *a) {
    static const struct mp_buffer buffers[] = {{65536, 1024, 8, true}, {64, 8, 1, false}, {1u << 26, 4096, 1, true}};
    for (size_t k = 0; mp_pe_kinds[k]; k++)
        for (size_t b = 0; b < sizeof buffers / sizeof *buffers; b++) {
            struct mp_arch arch = {.name = "x",
                                   .clock_mhz = 500,
                                   .array = {.rows = 16,
                                             .cols = 16,
                                             .pe = {mp_pe_kinds[k], 16, 1},
                                             .accumulator = {.bits = 24, .shadow = true}},
                                   .buffers = {buffers[b], buffers[b], buffers[b]},
                                   .vector_unit = {.lanes = 16}};
            check_arch(t, &arch, a);
        }
}

static bool read_one(const struct mp_node *root, struct mp_arena *a, struct mp_jsonw *w, struct mp_err *err) {
    struct mp_tech *t;
    if (!mp_tech_read_root(&t, a, "configs/tech/fuzzed.json", root, err)) {
        check_message(err);
        return false;
    }
    check_prices(t, a);
    mp_tech_write(t, w);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return fuzz_document(read_one, true, data, size);
}
