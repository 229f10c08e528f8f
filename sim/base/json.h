// SPDX-License-Identifier: Apache-2.0
// Strict JSON in. cJSON parses; before it, a scan of our own refuses what cJSON lets pass: text that is not
// UTF-8, NUL, repeated keys, numbers outside the grammar or beyond double, depth over 64, anything behind
// the value. Syntax errors give line and column, all others the path: `a.json: /array/pe/lanes: ...`.
#ifndef SIM_BASE_JSON_H
#define SIM_BASE_JSON_H

#include "sim/base/arena.h"
#include "sim/base/err.h"

#include <stddef.h>
#include <stdint.h>

struct mp_json; // a parsed document; its strings live as long as it does

// A place in a document: an item and the way to it. Lives on the stack of the reader; a child refers to
// its parent, which must outlive it.
struct mp_node {
    const struct mp_json *doc;
    const struct mp_node *up; // NULL at the root
    const void *item;         // the parser's item
    const char *key;          // key in the parent object, or NULL
    size_t index;             // index in the parent array, when key is NULL
};

// `name` is what errors call the document.
bool mp_json_parse(struct mp_json **out, const char *name, const char *text, size_t len, struct mp_err *err);
bool mp_json_load(struct mp_json **out, const char *path, struct mp_err *err);
void mp_json_destroy(struct mp_json *doc); // takes NULL
const char *mp_json_name(const struct mp_json *doc);
// Sets what lies at "/path/to/key" to the JSON value `text`: replaces it, or adds the last key to its object. Fails, without a
// change, when there is no such object, or the text is no JSON. Nodes below the path are gone.
bool mp_json_set(struct mp_json *doc, const char *path, const char *text, struct mp_err *err);
// What lies at "/path/to/key", through objects. False when there is nothing.
bool mp_json_at(const struct mp_json *doc, const char *path, struct mp_node *out);
// The value on one line, as mp_jsonw writes it.
struct mp_jsonw;
void mp_node_write(const struct mp_node *n, struct mp_jsonw *w);
struct mp_node mp_json_root(const struct mp_json *doc);

// "FILE: /path/to/node: " and the message; returns false. The root's path is "/".
bool mp_node_fail(const struct mp_node *n, struct mp_err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
// The same for a child that is absent: "FILE: /path/key: missing".
bool mp_node_missing(const struct mp_node *n, const char *key, struct mp_err *err);

// Fail with "must be an object (got a string)" and the like when the type is another. `text` and key
// strings belong to the document.
bool mp_node_is_object(const struct mp_node *n);
bool mp_node_is_array(const struct mp_node *n);
bool mp_node_is_number(const struct mp_node *n);
bool mp_node_is_string(const struct mp_node *n);
bool mp_node_object(const struct mp_node *n, struct mp_err *err);
bool mp_node_array(const struct mp_node *n, struct mp_err *err);
bool mp_node_string(const struct mp_node *n, const char **text, struct mp_err *err);  // may be empty
// Not empty, no control characters.
bool mp_node_name(const struct mp_node *n, const char **text, struct mp_err *err);
bool mp_node_bool(const struct mp_node *n, bool *value, struct mp_err *err);
// "must be an integer MIN..MAX (got 1.5)"; max at most 2^53.
bool mp_node_uint(const struct mp_node *n, uint64_t min, uint64_t max, uint64_t *value, struct mp_err *err);
bool mp_node_real(const struct mp_node *n, double min, double max, double *value, struct mp_err *err);
// Index of the string in `names`; the error lists them and suggests the nearest.
bool mp_node_enum(const struct mp_node *n, const char *const *names, size_t count, size_t *index,
                  struct mp_err *err);

// Children. get: false when absent (no error). need: absent is an error. Keys are case-sensitive.
bool mp_node_get(const struct mp_node *n, const char *key, struct mp_node *child);
bool mp_node_need(const struct mp_node *n, const char *key, struct mp_node *child, struct mp_err *err);
size_t mp_node_count(const struct mp_node *n);                      // members or elements
bool mp_node_first(const struct mp_node *n, struct mp_node *child); // of an object or array
bool mp_node_next(struct mp_node *child);                           // to the next sibling; false at the end

// An unknown key is an error: `FILE: /array: unknown key "rowz", did you mean "rows"?` (or without a near
// one: `unknown key "x" (known: rows, cols)`).
bool mp_node_keys(const struct mp_node *n, const char *const *known, size_t count, struct mp_err *err);

#endif
