// SPDX-License-Identifier: Apache-2.0
// libFuzzer target for sim/base/json: any text either gets a one-line printable error or a document that
// reads in every way, writes out, and reads and writes back as the same bytes.
#include "sim/base/json.h"
#include "sim/base/jsonw.h"

#include <float.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok) {
    if (!ok)
        abort();
}

static void check_message(const struct mp_err *err) {
    size_t len = strnlen(err->text, sizeof err->text);
    check(len > 0 && len < sizeof err->text);
    for (size_t i = 0; i < len; i++)
        check((unsigned char)err->text[i] >= 0x20 && err->text[i] != 0x7f);
}

// Every reader on every node: each succeeds or gives a message.
static void read_all_ways(const struct mp_node *n) {
    static const char *const names[] = {"fixed", "subword", "fused"};
    struct mp_node child;
    struct mp_err err;
    const char *text;
    uint64_t count;
    double real;
    size_t index;
    if (!mp_node_name(n, &text, &err))
        check_message(&err);
    if (!mp_node_uint(n, 1, (uint64_t)1 << 53, &count, &err))
        check_message(&err);
    if (!mp_node_real(n, 0.5, 2, &real, &err))
        check_message(&err);
    if (!mp_node_enum(n, names, 3, &index, &err))
        check_message(&err);
    if (!mp_node_keys(n, names, 3, &err))
        check_message(&err);
    if (!mp_node_need(n, "fixed", &child, &err))
        check_message(&err);
}

static void write_node(const struct mp_node *n, struct mp_jsonw *w, bool flat);

static void write_children(const struct mp_node *n, struct mp_jsonw *w, bool flat) {
    bool object = mp_node_is_object(n);
    struct mp_node child;
    size_t count = 0;
    mp_jsonw_open(w, object ? '{' : '[', flat);
    for (bool more = mp_node_first(n, &child); more; more = mp_node_next(&child), count++) {
        check(object ? child.key != NULL : child.key == NULL && child.index == count);
        if (object)
            mp_jsonw_key(w, child.key);
        write_node(&child, w, !flat);
    }
    check(count == mp_node_count(n));
    mp_jsonw_close(w, object ? '}' : ']');
}

// No deeper than the parser allows.
static void write_node(const struct mp_node *n, struct mp_jsonw *w, bool flat) {
    struct mp_err err;
    const char *text;
    double real;
    bool flag;
    read_all_ways(n);
    if (mp_node_is_object(n) || mp_node_is_array(n))
        write_children(n, w, flat);
    else if (mp_node_string(n, &text, &err))
        mp_jsonw_string(w, text);
    else if (mp_node_real(n, -DBL_MAX, DBL_MAX, &real, &err))
        mp_jsonw_real(w, real);
    else
        mp_jsonw_bool(w, mp_node_bool(n, &flag, &err) && flag); // null becomes false
}

static bool rewrite(const char *text, size_t len, struct mp_buf *out, struct mp_err *err) {
    struct mp_json *doc;
    struct mp_jsonw w;
    if (!mp_json_parse(&doc, "fuzz", text, len, err))
        return false;
    struct mp_node root = mp_json_root(doc);
    mp_jsonw_init(&w, out);
    write_node(&root, &w, false);
    mp_json_destroy(doc);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct mp_buf once = {0}, twice = {0};
    struct mp_err err;
    if (rewrite((const char *)data, size, &once, &err)) {
        check(rewrite(once.text, once.len, &twice, &err));
        check(once.len == twice.len && memcmp(once.text, twice.text, once.len) == 0);
    } else {
        check_message(&err);
    }
    mp_buf_finish(&once);
    mp_buf_finish(&twice);
    return 0;
}
