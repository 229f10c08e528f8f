// SPDX-License-Identifier: Apache-2.0
// The page: the skeleton of page/page.html with its {{names}} filled in.
#include "sim/report/html.h"

#include "sim/base/utf8.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

void mp_html_text(struct mp_buf *out, const char *text) {
    static const char special[] = "&<>\"'";
    static const char *const escapes[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    mp_buf_add(out, "");
    for (size_t at = 0, len = strlen(text), size; at < len; at += size ? size : 1) {
        size = mp_utf8_size(text + at, len - at);
        const char *found = size == 1 ? strchr(special, text[at]) : NULL;
        if (found)
            mp_buf_add(out, escapes[found - special]);
        else if (size == 0 || (text[at] != '\n' && mp_utf8_is_control(mp_utf8_code(text + at, size))))
            mp_buf_add(out, "\xef\xbf\xbd");
        else
            mp_buf_addn(out, text + at, size);
    }
}

// Labels

// What a label may tell, in this order. The first two stand in it where they differ, the others where it takes them.
static const size_t told[] = {offsetof(struct mp_saved, arch),   offsetof(struct mp_saved, plan),
                              offsetof(struct mp_saved, workload), offsetof(struct mp_saved, engine),
                              offsetof(struct mp_saved, objective), offsetof(struct mp_saved, tech)};
#define ALWAYS 2

static const char *text_of(const struct mp_html_result *r, size_t offset) {
    const char *text = *(const char *const *)((const char *)r->saved + offset);
    return text ? text : "";
}

static bool differ(const struct mp_html_result *results, size_t count, size_t offset) {
    for (size_t i = 1; i < count; i++)
        if (strcmp(text_of(&results[i], offset), text_of(&results[0], offset)) != 0)
            return true;
    return false;
}

static bool distinct(const struct mp_html_result *results, size_t count) {
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(results[i].label, results[k].label) == 0)
                return false;
    return true;
}

static const char *file_of(const struct mp_html_result *r) {
    const char *path = text_of(r, offsetof(struct mp_saved, path)), *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

void mp_html_label(struct mp_html_result *results, size_t count, struct mp_arena *a) {
    for (size_t i = 0; i < count; i++)
        results[i].label = count == 1 ? text_of(&results[i], told[0]) : "";
    for (size_t k = 0; k < sizeof told / sizeof *told; k++) {
        if (!differ(results, count, told[k]) || (k >= ALWAYS && distinct(results, count)))
            continue;
        for (size_t i = 0; i < count; i++)
            results[i].label = mp_arena_printf(a, "%s%s%s", results[i].label, *results[i].label ? ", " : "",
                                               text_of(&results[i], told[k]));
    }
    const bool by_file = !distinct(results, count);
    for (size_t i = 0; by_file && i < count; i++)
        results[i].label = file_of(&results[i]);
    const bool by_number = !distinct(results, count);
    for (size_t i = 0; by_number && i < count; i++)
        results[i].label = mp_arena_printf(a, "%zu: %s", i + 1, results[i].label);
}

const char *mp_html_networks(const struct mp_html_result *results, size_t count, struct mp_arena *a) {
    const char *list = "";
    for (size_t i = 0; i < count; i++) {
        bool seen = false;
        for (size_t k = 0; k < i; k++)
            seen = seen || strcmp(results[i].saved->workload, results[k].saved->workload) == 0;
        if (!seen)
            list = mp_arena_printf(a, "%s%s%s", list, *list ? ", " : "", results[i].saved->workload);
    }
    return list;
}

bool mp_html_networks_differ(const struct mp_html *h) {
    return differ(h->results, h->result_count, offsetof(struct mp_saved, workload));
}

bool mp_html_techs_differ(const struct mp_html *h) {
    return differ(h->results, h->result_count, offsetof(struct mp_saved, tech));
}

// Parts

static void add_title(const struct mp_html *h, struct mp_buf *out) {
    mp_html_text(out, h->title);
}

static void add_version(const struct mp_html *h, struct mp_buf *out) {
    mp_html_text(out, h->version);
}

static void add_style(const struct mp_html *h, struct mp_buf *out) {
    (void)h;
    mp_buf_add(out, mp_page_css);
}

static void add_script(const struct mp_html *h, struct mp_buf *out) {
    (void)h;
    mp_buf_add(out, mp_page_js);
}

static void add_hash(const struct mp_html *h, struct mp_buf *out) {
    (void)h;
    mp_buf_add(out, mp_page_js_hash);
}

static void add_about(const struct mp_html *h, struct mp_buf *out) {
    if (h->result_count > 0)
        mp_buf_addf(out, "%zu result%s", h->result_count, h->result_count == 1 ? "" : "s");
    if (h->result_count > 0 && !mp_html_networks_differ(h)) {
        mp_buf_add(out, " of ");
        mp_html_text(out, h->results[0].saved->workload);
    }
    if (h->front)
        mp_buf_addf(out, "%s%zu design%s", h->result_count > 0 ? ", " : "", h->front->count, h->front->count == 1 ? "" : "s");
}

static const struct {
    const char *name;
    void (*add)(const struct mp_html *h, struct mp_buf *out);
} parts[] = {
    {"title", add_title},           {"version", add_version},       {"about", add_about},
    {"style", add_style},           {"script", add_script},         {"script-hash", add_hash},
    {"data", mp_html_data},         {"summary", mp_html_summary},   {"layers", mp_html_layers},
    {"sources", mp_html_sources},   {"warnings", mp_html_warnings}, {"designs", mp_html_designs},
};

#define PARTS (sizeof parts / sizeof *parts)

static void add_part(const struct mp_html *h, const char *name, size_t len, struct mp_buf *out) {
    size_t i = 0;
    while (i < PARTS && (strlen(parts[i].name) != len || memcmp(parts[i].name, name, len) != 0))
        i++;
    assert(i < PARTS); // page.html names no others
    parts[i].add(h, out);
}

void mp_html_page(const struct mp_html *h, struct mp_buf *out) {
    for (const char *at = mp_page_html; *at;) {
        const char *open = strstr(at, "{{"), *close = open ? strstr(open, "}}") : NULL;
        if (!close) {
            mp_buf_add(out, at);
            return;
        }
        mp_buf_addn(out, at, (size_t)(open - at));
        add_part(h, open + 2, (size_t)(close - open - 2), out);
        at = close + 2;
    }
}
