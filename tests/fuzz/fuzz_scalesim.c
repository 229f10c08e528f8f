// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: any text either gets a message, or as a topology a workload and as a configuration an
// architecture whose echoes read back.
#include "sim/import/import.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok) {
    if (!ok)
        abort();
}

static void check_topology(struct mp_arena *a, const char *text, size_t len) {
    struct mp_workload w, again;
    struct mp_err err = {""};
    struct mp_buf echo = {0};
    struct mp_jsonw out;
    struct mp_json *doc;
    if (!mp_scalesim_topology(&w, a, "fuzz.csv", text, len, &err)) {
        check(err.text[0] != '\0');
        return;
    }
    mp_jsonw_init(&out, &echo);
    mp_workload_write(&w, &out);
    check(mp_json_parse(&doc, "echo", echo.text, echo.len, &err));
    struct mp_node root = mp_json_root(doc);
    check(mp_workload_read(&again, a, &root, &err));
    check(mp_workload_macs(&w) == mp_workload_macs(&again));
    mp_json_destroy(doc);
    mp_buf_finish(&echo);
}

static void check_config(struct mp_arena *a, const char *text, size_t len) {
    struct mp_arch arch, again;
    struct mp_err err = {""};
    struct mp_buf echo = {0};
    struct mp_jsonw out;
    struct mp_json *doc;
    if (!mp_scalesim_arch_parse(&arch, a, "fuzz.cfg", text, len, &err)) {
        check(err.text[0] != '\0');
        return;
    }
    mp_jsonw_init(&out, &echo);
    mp_arch_write(&arch, &out);
    check(mp_json_parse(&doc, "echo", echo.text, echo.len, &err));
    struct mp_node root = mp_json_root(doc);
    check(mp_arch_read(&again, a, &root, &err));
    mp_json_destroy(doc);
    mp_buf_finish(&echo);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct mp_arena a = {0};
    check_topology(&a, (const char *)data, size);
    check_config(&a, (const char *)data, size);
    mp_arena_finish(&a);
    return 0;
}
