// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: any text either gets a message or is a front, whose page is written.
#include "sim/report/html.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct mp_arena a = {0};
    struct mp_html_front front;
    struct mp_err err = {""};
    struct mp_buf out = {0};
    if (mp_html_front_read(&front, &a, "front.csv", (const char *)data, size, &err)) {
        const struct mp_html h = {.title = front.name, .version = "0", .front = &front};
        mp_html_data(&h, &out);
        mp_html_designs(&h, &out);
    } else if (!err.text[0]) {
        abort();
    }
    mp_buf_finish(&out);
    mp_arena_finish(&a);
    return 0;
}
