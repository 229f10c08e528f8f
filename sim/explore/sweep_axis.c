// SPDX-License-Identifier: Apache-2.0
// The axes of a space: lists, ranges, powers of two, linked keys, and keys that follow from others.
#include "sim/explore/sweep_read.h"

#include "sim/base/jsonw.h"

#include <math.h>
#include <string.h>

#define VALUES_MAX 100000

static const char *const axis_keys[] = {"path", "paths", "values", "from", "to", "step", "powers_of_two", "equals", "archs"};

// A value on one line.
static const char *value_text(const struct mp_node *n, struct mp_arena *a) {
    struct mp_buf text = {0};
    struct mp_jsonw w;
    mp_jsonw_init(&w, &text);
    mp_node_write(n, &w);
    while (text.len > 0 && text.text[text.len - 1] == '\n')
        text.text[--text.len] = '\0';
    const char *kept = mp_arena_strdup(a, text.text);
    mp_buf_finish(&text);
    return kept;
}

static const char *number_text(double v, struct mp_arena *a) {
    char text[32];
    mp_format_double(v, text);
    return mp_arena_strdup(a, text);
}

static bool read_path(const struct mp_node *n, struct mp_arena *a, const char **out, struct mp_err *err) {
    const char *path;
    if (!mp_node_name(n, &path, err))
        return false;
    size_t len = strlen(path);
    if (path[0] != '/' || len < 2 || path[len - 1] == '/' || strstr(path, "//") || strpbrk(path, "\"\\"))
        return mp_node_fail(n, err, "must be the path of a key of arch.json, as \"/array/rows\" (got \"%s\")", path);
    if (strcmp(path, "/name") == 0 || strcmp(path, "/source") == 0)
        return mp_node_fail(n, err, "must be a key that costs depend on (got \"%s\")", path);
    *out = mp_arena_strdup(a, path);
    return true;
}

static bool read_paths(const struct mp_node *n, struct mp_sweep_axis *x, struct mp_arena *a, struct mp_err *err) {
    struct mp_node one, many, child;
    bool has_one = mp_node_get(n, "path", &one), has_many = mp_node_get(n, "paths", &many);
    if (has_one == has_many)
        return mp_node_fail(n, err, has_one ? "has \"path\" and \"paths\": one of them" : "needs \"path\" (or \"paths\")");
    x->path_count = has_one ? 1 : mp_node_count(&many);
    if (has_many && (!mp_node_array(&many, err) || x->path_count < 1))
        return mp_node_is_array(&many) ? mp_node_fail(&many, err, "must not be empty") : false;
    const char **paths = mp_arena_alloc(a, x->path_count, sizeof *paths);
    x->paths = paths;
    if (has_one)
        return read_path(&one, a, &paths[0], err);
    size_t i = 0;
    for (bool more = mp_node_first(&many, &child); more; more = mp_node_next(&child))
        if (!read_path(&child, a, &paths[i++], err))
            return false;
    return true;
}

static bool read_linked(const struct mp_node *n, size_t width, struct mp_arena *a, const char **out, struct mp_err *err) {
    struct mp_node child;
    if (!mp_node_array(n, err))
        return false;
    if (mp_node_count(n) != width)
        return mp_node_fail(n, err, "must have %zu values, one a path (got %zu)", width, mp_node_count(n));
    for (bool more = mp_node_first(n, &child); more; more = mp_node_next(&child))
        *out++ = value_text(&child, a);
    return true;
}

static bool read_values(const struct mp_node *n, bool linked, struct mp_sweep_axis *x, struct mp_arena *a, struct mp_err *err) {
    struct mp_node child;
    if (!mp_node_array(n, err))
        return false;
    x->value_count = mp_node_count(n);
    if (x->value_count < 1 || x->value_count > VALUES_MAX)
        return mp_node_fail(n, err, "must have 1..%d values (got %zu)", VALUES_MAX, x->value_count);
    const char **values = mp_arena_alloc(a, x->value_count * x->path_count, sizeof *values);
    x->values = values;
    for (bool more = mp_node_first(n, &child); more; more = mp_node_next(&child)) {
        if (linked && !read_linked(&child, x->path_count, a, values, err))
            return false;
        if (!linked)
            values[0] = value_text(&child, a);
        values += x->path_count;
    }
    for (size_t i = 0; i < x->value_count; i++)
        for (size_t k = 0; k < i && x->value_count <= 1000; k++) {
            bool same = true;
            for (size_t p = 0; p < x->path_count; p++)
                same &= strcmp(x->values[i * x->path_count + p], x->values[k * x->path_count + p]) == 0;
            if (same)
                return mp_node_fail(n, err, "has %s twice", x->values[i * x->path_count]);
        }
    return true;
}

static void set_numbers(struct mp_sweep_axis *x, const double *v, size_t count, struct mp_arena *a) {
    const char **values = mp_arena_alloc(a, count, sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = number_text(v[i], a);
    x->values = values, x->value_count = count;
}

static bool read_range(const struct mp_node *n, struct mp_sweep_axis *x, struct mp_arena *a, struct mp_err *err) {
    struct mp_node node;
    double from, to, step = 1;
    if (!mp_node_need(n, "from", &node, err) || !mp_node_real(&node, -1e15, 1e15, &from, err) ||
        !mp_node_need(n, "to", &node, err) || !mp_node_real(&node, from, 1e15, &to, err))
        return false;
    if (mp_node_get(n, "step", &node) && (!mp_node_real(&node, 0, 1e15, &step, err) || step <= 0))
        return step > 0 ? false : mp_node_fail(&node, err, "must be above 0");
    double count = floor((to - from) / step * (1 + 1e-12)) + 1;
    if (count > VALUES_MAX)
        return mp_node_fail(n, err, "has more than %d values", VALUES_MAX);
    double *v = mp_arena_alloc(a, (size_t)count, sizeof *v);
    for (size_t i = 0; i < (size_t)count; i++)
        v[i] = from + (double)i * step;
    set_numbers(x, v, (size_t)count, a);
    return true;
}

static bool is_power(double v) {
    int exponent;
    return v >= 1 && frexp(v, &exponent) == 0.5;
}

static bool read_powers(const struct mp_node *n, struct mp_sweep_axis *x, struct mp_arena *a, struct mp_err *err) {
    struct mp_node child;
    double end[2], v[64];
    size_t i = 0, count = 0;
    if (!mp_node_array(n, err))
        return false;
    if (mp_node_count(n) != 2)
        return mp_node_fail(n, err, "must be [first, last] (got %zu values)", mp_node_count(n));
    for (bool more = mp_node_first(n, &child); more; more = mp_node_next(&child)) {
        if (!mp_node_real(&child, i ? end[0] : 1, 0x1p52, &end[i], err))
            return false;
        if (!is_power(end[i++]))
            return mp_node_fail(&child, err, "must be a power of two");
    }
    for (double p = end[0]; p <= end[1]; p *= 2)
        v[count++] = p;
    set_numbers(x, v, count, a);
    return true;
}

static bool read_equals(const struct mp_node *n, struct mp_sweep_axis *x, struct mp_arena *a, struct mp_err *err) {
    const char *text;
    if (!mp_node_name(n, &text, err))
        return false;
    x->equals = mp_arena_strdup(a, text);
    x->value_count = 1;
    return true;
}

// Exactly one of the ways to say which values there are.
static bool read_what(const struct mp_node *n, struct mp_sweep_axis *x, struct mp_arena *a, struct mp_err *err) {
    static const char *const ways[] = {"values", "from", "powers_of_two", "equals"};
    struct mp_node node[4], paths, ends;
    int way = -1, found = 0;
    bool linked = mp_node_get(n, "paths", &paths);
    for (int i = 0; i < 4; i++)
        if (mp_node_get(n, ways[i], &node[i]))
            way = i, found++;
    if (found != 1)
        return mp_node_fail(n, err, "needs one of \"values\", \"from\" with \"to\", \"powers_of_two\", \"equals\" (got %d)", found);
    if (way != 1 && (mp_node_get(n, "to", &ends) || mp_node_get(n, "step", &ends)))
        return mp_node_fail(&ends, err, "goes with \"from\"");
    if (way != 0 && linked && x->path_count > 1)
        return mp_node_fail(&paths, err, "several paths go with \"values\"");
    return way == 0   ? read_values(&node[0], linked, x, a, err)
           : way == 1 ? read_range(n, x, a, err)
           : way == 2 ? read_powers(&node[2], x, a, err)
                      : read_equals(&node[3], x, a, err);
}

static bool read_archs(const struct mp_node *n, struct mp_sweep *s, struct mp_sweep_axis *x, struct mp_err *err) {
    const char *names[MP_SWEEP_BASES];
    struct mp_node list, child;
    size_t at;
    x->bases = s->base_count == 64 ? UINT64_MAX : (UINT64_C(1) << s->base_count) - 1;
    if (!mp_node_get(n, "archs", &list))
        return true;
    if (!mp_node_array(&list, err))
        return false;
    for (size_t i = 0; i < s->base_count; i++)
        names[i] = s->bases[i].name;
    x->bases = 0;
    for (bool more = mp_node_first(&list, &child); more; more = mp_node_next(&child)) {
        if (!mp_node_enum(&child, names, s->base_count, &at, err))
            return false;
        x->bases |= UINT64_C(1) << at;
    }
    return x->bases || mp_node_fail(&list, err, "must not be empty");
}

// Values are set in the order of the axes, derived ones last: a path must not be set twice, nor taken away by an object that
// comes later.
static bool may_follow(const struct mp_node *n, const struct mp_sweep_axis *before, size_t count, const struct mp_sweep_axis *x,
                       const char *path, struct mp_err *err) {
    const size_t len = strlen(path);
    for (size_t p = 0; p < count; p++) {
        const char *set = before->paths[p];
        if (strcmp(set, path) == 0)
            return mp_node_fail(n, err, "%s has an axis already", path);
        if (strncmp(set, path, len) == 0 && set[len] == '/' && (!before->equals || x->equals))
            return mp_node_fail(n, err, "%s must come before %s, which is a part of it", path, set);
    }
    return true;
}

static bool read_axis(const struct mp_node *n, struct mp_sweep *s, struct mp_arena *a, struct mp_err *err) {
    struct mp_sweep_axis *x = &s->axes[s->axis_count];
    if (!mp_node_keys(n, axis_keys, sizeof axis_keys / sizeof *axis_keys, err) || !read_paths(n, x, a, err) ||
        !read_archs(n, s, x, err) || !read_what(n, x, a, err))
        return false;
    for (size_t i = 0; i <= s->axis_count; i++)
        for (size_t q = 0; q < x->path_count && (s->axes[i].bases & x->bases); q++)
            if (!may_follow(n, &s->axes[i], i < s->axis_count ? s->axes[i].path_count : q, x, x->paths[q], err))
                return false;
    s->axis_count++;
    return true;
}

bool mp_sweep_axes(struct mp_sweep *s, const struct mp_node *list, struct mp_arena *a, struct mp_err *err) {
    struct mp_node child;
    if (!mp_node_array(list, err))
        return false;
    if (mp_node_count(list) > MP_SWEEP_AXES)
        return mp_node_fail(list, err, "must have at most %d axes (got %zu)", MP_SWEEP_AXES, mp_node_count(list));
    for (bool more = mp_node_first(list, &child); more; more = mp_node_next(&child))
        if (!read_axis(&child, s, a, err))
            return false;
    return true;
}
