// SPDX-License-Identifier: Apache-2.0
// Where a group's numbers come from: read by the file's keys, echoed with keys again. Whether a source says what
// the file claims is left to the reader of the file.
#include "costmodel/price.h"

#include <string.h>

static bool unknown_source(const struct mp_reader *r, const struct mp_node *n, const char *key, struct mp_err *err) {
    const char *names[64];
    size_t count = 0;
    struct mp_node child;
    for (bool more = r->sources.item && mp_node_first(&r->sources, &child); more && count < 64;
         more = mp_node_next(&child))
        names[count++] = child.key;
    const char *near = mp_nearest(key, names, count);
    if (near)
        return mp_node_fail(n, err, "no such key in /sources (got \"%s\"), did you mean \"%s\"?", key, near);
    return mp_node_fail(n, err, "no such key in /sources (got \"%s\")", key);
}

static bool find_source(const struct mp_reader *r, const struct mp_node *n, const char **key, const char **text,
                        struct mp_err *err) {
    struct mp_node source;
    if (!mp_node_name(n, key, err))
        return false;
    if (!r->sources.item || !mp_node_get(&r->sources, *key, &source))
        return unknown_source(r, n, *key, err);
    return mp_node_name(&source, text, err);
}

bool mp_cite_read(const struct mp_reader *r, const struct mp_node *n, const char *what, struct mp_cite *out,
                  struct mp_err *err) {
    struct mp_node source, estimate;
    bool has_source = mp_node_get(n, "source", &source), has_estimate = mp_node_get(n, "estimate", &estimate);
    const char *key = NULL, *text;
    if (has_source == has_estimate)
        return mp_node_fail(n, err, "needs exactly one of \"source\" and \"estimate\" (got %s)",
                            has_source ? "both" : "none");
    if (has_source ? !find_source(r, &source, &key, &text, err) : !mp_node_name(&estimate, &text, err))
        return false;
    out->key = key ? mp_arena_strdup(r->a, key) : NULL;
    out->text = mp_arena_strdup(r->a, text);
    out->line = mp_arena_printf(r->a, "%s%s: %s", has_estimate ? "estimate: " : "", what, text);
    return true;
}

// A source that the echo refers to. `as` is its key there: a scaled tech's own file and the file that it is scaled
// from may use one key for two texts.
struct mp_echo_source {
    const char *key, *text, *as;
};

static bool is_taken(const struct mp_echo *e, const char *key) {
    for (size_t i = 0; i < e->count; i++)
        if (strcmp(e->sources[i].as, key) == 0)
            return true;
    return false;
}

static const char *free_key(struct mp_echo *e, const char *key) {
    const char *as = key;
    for (unsigned n = 2; is_taken(e, as); n++)
        as = mp_arena_printf(&e->a, "%s_%u", key, n);
    return as;
}

static const char *echo_key(struct mp_echo *e, const struct mp_cite *c) {
    for (size_t i = 0; i < e->count; i++)
        if (strcmp(e->sources[i].key, c->key) == 0 && strcmp(e->sources[i].text, c->text) == 0)
            return e->sources[i].as;
    struct mp_echo_source source = {c->key, c->text, free_key(e, c->key)};
    e->sources = mp_arena_grow(&e->a, e->sources, e->count, e->count + 1, sizeof *e->sources);
    e->sources[e->count++] = source;
    return source.as;
}

void mp_cite_write(const struct mp_cite *c, struct mp_echo *out) {
    mp_jsonw_key(out->w, c->key ? "source" : "estimate");
    mp_jsonw_string(out->w, c->key ? echo_key(out, c) : c->text);
}

void mp_echo_sources(const struct mp_echo *e) {
    if (e->count == 0)
        return;
    mp_jsonw_key(e->w, "sources");
    mp_jsonw_open(e->w, '{', false);
    for (size_t i = 0; i < e->count; i++) {
        mp_jsonw_key(e->w, e->sources[i].as);
        mp_jsonw_string(e->w, e->sources[i].text);
    }
    mp_jsonw_close(e->w, '}');
}
