// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/spec_fixture.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static char *quoted(struct mp_arena *a, const char *text) {
    char *copy = mp_arena_strdup(a, text);
    for (char *p = copy; *p && !strchr(text, '"'); p++)
        if (*p == '\'')
            *p = '"';
    return copy;
}

char *patched(struct mp_arena *a, const char *base, const char *find, const char *replace) {
    base = quoted(a, base), find = quoted(a, find), replace = quoted(a, replace);
    const char *at = strstr(base, find);
    if (!at)
        fail_msg("not in the base: %s", find);
    return mp_arena_printf(a, "%.*s%s%s", (int)(at - base), base, replace, at + strlen(find));
}

static struct mp_json *parse(struct mp_arena *a, const char *name, const char *text, struct mp_err *err) {
    struct mp_json *doc = NULL;
    text = quoted(a, text);
    if (!mp_json_parse(&doc, name, text, strlen(text), err))
        fail_msg("%s", err->text);
    return doc;
}

bool read_arch(struct mp_arch *arch, struct mp_arena *a, const char *text, struct mp_err *err) {
    struct mp_json *doc = parse(a, "a.json", text, err);
    struct mp_node root = mp_json_root(doc);
    bool ok = mp_arch_read(arch, a, &root, err);
    mp_json_destroy(doc);
    return ok;
}

bool read_workload(struct mp_workload *w, struct mp_arena *a, const char *text, struct mp_err *err) {
    struct mp_json *doc = parse(a, "w.json", text, err);
    struct mp_node root = mp_json_root(doc);
    bool ok = mp_workload_read(w, a, &root, err);
    mp_json_destroy(doc);
    return ok;
}

bool read_plan(struct mp_plan *p, struct mp_arena *a, const struct mp_workload *w, const char *text,
               struct mp_err *err) {
    struct mp_json *doc = parse(a, "p.json", text, err);
    struct mp_node root = mp_json_root(doc);
    bool ok = mp_plan_read(p, a, &root, err) && mp_plan_resolve(p, a, w, err);
    mp_json_destroy(doc);
    return ok;
}

bool read_mappings(struct mp_mapping_set *s, struct mp_arena *a, const char *text, struct mp_err *err) {
    struct mp_json *doc = parse(a, "m.json", text, err);
    struct mp_node root = mp_json_root(doc);
    bool ok = mp_mapping_set_read(s, a, &root, err);
    mp_json_destroy(doc);
    return ok;
}

static char *keep(struct mp_arena *a, struct mp_buf *b) {
    char *text = mp_arena_strdup(a, b->text);
    mp_buf_finish(b);
    return text;
}

char *echo_arch(struct mp_arena *a, const struct mp_arch *arch) {
    struct mp_buf b = {0};
    struct mp_jsonw w;
    mp_jsonw_init(&w, &b);
    mp_arch_write(arch, &w);
    return keep(a, &b);
}

char *echo_workload(struct mp_arena *a, const struct mp_workload *workload) {
    struct mp_buf b = {0};
    struct mp_jsonw w;
    mp_jsonw_init(&w, &b);
    mp_workload_write(workload, &w);
    return keep(a, &b);
}

char *echo_plan(struct mp_arena *a, const struct mp_plan *p, const struct mp_workload *workload) {
    struct mp_buf b = {0};
    struct mp_jsonw w;
    mp_jsonw_init(&w, &b);
    mp_plan_write(p, workload, &w);
    return keep(a, &b);
}

char *echo_mappings(struct mp_arena *a, const struct mp_mapping_set *s) {
    struct mp_buf b = {0};
    struct mp_jsonw w;
    mp_jsonw_init(&w, &b);
    mp_mapping_set_write(s, &w);
    return keep(a, &b);
}

void each_config(const char *folder, size_t least, void (*test)(const char *path)) {
    struct mp_arena a = {0};
    const char *root = getenv("MPSIM_ROOT");
    const char *path = mp_arena_printf(&a, "%s/configs/%s", root ? root : ".", folder);
    DIR *dir = opendir(path);
    size_t count = 0;
    if (!dir)
        fail_msg("%s: missing", path);
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        const char *dot = strrchr(e->d_name, '.');
        if (!dot || strcmp(dot, ".json") != 0)
            continue;
        test(mp_arena_printf(&a, "%s/%s", path, e->d_name));
        count++;
    }
    closedir(dir);
    mp_arena_finish(&a);
    assert_true(count >= least);
}
