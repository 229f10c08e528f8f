// SPDX-License-Identifier: Apache-2.0
// What would make every design of a base invalid: an axis over a key that the base does not have. Values that a reader refuses
// are a design's own affair.
#include "sim/explore/designer.h"

#include <string.h>

// Whether an axis gives the object that holds the path: which keys there are depends on its value.
static bool is_given(const struct mp_sweep *s, const char *path, size_t base) {
    for (size_t i = 0; i < s->axis_count; i++)
        for (size_t p = 0; p < s->axes[i].path_count && mp_axis_applies(&s->axes[i], base); p++) {
            size_t len = strlen(s->axes[i].paths[p]);
            if (strncmp(s->axes[i].paths[p], path, len) == 0 && path[len] == '/')
                return true;
        }
    return false;
}

static bool is_known(const struct mp_sweep *s, const struct mp_json *doc, size_t base, const struct mp_sweep_axis *x) {
    struct mp_node n;
    bool known = true;
    for (size_t p = 0; p < x->path_count; p++)
        known &= mp_json_at(doc, x->paths[p], &n) || is_given(s, x->paths[p], base);
    return known;
}

// With the axis's first values: a key that is left out where it has its default is read, one that is misspelt is not.
static bool reads(struct mp_json *doc, const struct mp_sweep_axis *x, struct mp_err *err) {
    struct mp_arena a = {0};
    struct mp_arch arch;
    bool ok = true;
    for (size_t p = 0; p < x->path_count && ok; p++)
        ok = mp_json_set(doc, x->paths[p], x->equals ? "1" : x->values[p], err);
    const struct mp_node root = mp_json_root(doc);
    ok = ok && mp_arch_read(&arch, &a, &root, err);
    mp_arena_finish(&a);
    return ok;
}

static bool check_axis(const struct mp_sweep *s, size_t base, const struct mp_sweep_axis *x, struct mp_err *err) {
    const struct mp_sweep_base *b = &s->bases[base];
    struct mp_json *doc;
    if (!mp_json_parse(&doc, b->name, b->arch, strlen(b->arch), err))
        return false;
    bool ok = is_known(s, doc, base, x) || reads(doc, x, err);
    mp_json_destroy(doc);
    return ok;
}

bool mp_sweep_check(const struct mp_sweep *s, struct mp_err *err) {
    struct mp_designer *d;
    for (size_t i = 0; i < s->axis_count; i++)
        for (size_t b = 0; b < s->base_count; b++)
            if (mp_axis_applies(&s->axes[i], b) && !check_axis(s, b, &s->axes[i], err)) {
                struct mp_err why = *err;
                return mp_fail(err, "%s: /axes/%zu: %s", s->path, i, why.text);
            }
    if (!mp_designer_create(&d, s, err))
        return false;
    mp_designer_destroy(d);
    return true;
}
