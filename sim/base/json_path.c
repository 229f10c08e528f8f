// SPDX-License-Identifier: Apache-2.0
// Where in a document an error is: "FILE: /layers/3/name: message". And the errors about keys, which are
// about places too.
#include "sim/base/json.h"

#include "sim/base/say.h"
#include "sim/base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PATH_BYTES 480 // a longer path loses its beginning

static void show_step(const struct mp_node *n, char out[MP_SAY_BYTES]) {
    if (n->key)
        mp_say_text(n->key, strlen(n->key), out);
    else
        snprintf(out, MP_SAY_BYTES, "%zu", n->index);
}

// Written from the end of `out` to its front; returns where the path begins.
static const char *show_path(const struct mp_node *n, char out[PATH_BYTES]) {
    size_t at = PATH_BYTES - 1;
    out[at] = '\0';
    if (!n->up)
        return "/";
    for (; n->up; n = n->up) {
        char step[MP_SAY_BYTES];
        show_step(n, step);
        size_t len = strlen(step);
        if (at < len + 1 + 3) {
            at -= 3;
            memcpy(out + at, "...", 3);
            break;
        }
        at -= len;
        memcpy(out + at, step, len);
        out[--at] = '/';
    }
    return out + at;
}

bool mp_node_fail(const struct mp_node *n, struct mp_err *err, const char *fmt, ...) {
    char message[sizeof err->text], path[PATH_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    return mp_fail(err, "%s: %s: %s", mp_json_name(n->doc), show_path(n, path), message);
}

bool mp_node_missing(const struct mp_node *n, const char *key, struct mp_err *err) {
    struct mp_node child = {.doc = n->doc, .up = n, .key = key};
    return mp_node_fail(&child, err, "missing");
}

static bool is_known(const char *key, const char *const *known, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(key, known[i]) == 0)
            return true;
    return false;
}

static bool unknown_key(const struct mp_node *n, const char *key, const char *const *known, size_t count,
                        struct mp_err *err) {
    char shown[MP_SAY_BYTES], list[MP_SAY_BYTES];
    const char *near = mp_nearest(key, known, count);
    mp_say_text(key, strlen(key), shown);
    if (near)
        return mp_node_fail(n, err, "unknown key \"%s\", did you mean \"%s\"?", shown, near);
    return mp_node_fail(n, err, "unknown key \"%s\" (known: %s)", shown,
                        count ? mp_say_names(known, count, list) : "none");
}

bool mp_node_keys(const struct mp_node *n, const char *const *known, size_t count, struct mp_err *err) {
    struct mp_node child;
    if (!mp_node_object(n, err))
        return false;
    for (bool more = mp_node_first(n, &child); more; more = mp_node_next(&child))
        if (!is_known(child.key, known, count))
            return unknown_key(n, child.key, known, count, err);
    return true;
}
