// SPDX-License-Identifier: Apache-2.0
// Documents, their nodes and typed reading; with json_edit.c the only file that knows cJSON. The scan comes first, so cJSON
// sees only what it reads right. It keeps numbers as doubles: integers are exact below 2^53.
#include "sim/base/json.h"

#include "sim/base/file.h"
#include "sim/base/json_doc.h"
#include "sim/base/json_scan.h"
#include "sim/base/say.h"
#include "sim/base/str.h"
#include "sim/base/utf8.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

#define TWO_53 ((uint64_t)1 << 53)

cJSON *mp_json_text(const char *name, const char *text, size_t len, struct mp_err *err) {
    if (len > MP_FILE_MAX_BYTES) {
        mp_fail(err, "%s: larger than %zu bytes", name, MP_FILE_MAX_BYTES);
        return NULL;
    }
    if (!mp_json_scan(name, text, len, err))
        return NULL;
    const char *end = text;
    cJSON *root = cJSON_ParseWithLengthOpts(text, len, &end, false);
    if (!root) {
        struct mp_scan at = {name, text, len, 0, err};
        mp_scan_fail(&at, (size_t)(end - text), "valid JSON, but the parser refuses it here");
    }
    return root;
}

bool mp_json_parse(struct mp_json **out, const char *name, const char *text, size_t len, struct mp_err *err) {
    cJSON *root = mp_json_text(name, text, len, err);
    if (!root)
        return false;
    struct mp_arena arena = {0};
    struct mp_json *doc = mp_arena_alloc(&arena, 1, sizeof *doc);
    doc->name = mp_arena_strdup(&arena, name);
    doc->root = root;
    doc->arena = arena;
    *out = doc;
    return true;
}

bool mp_json_load(struct mp_json **out, const char *path, struct mp_err *err) {
    struct mp_arena a = {0};
    char *text;
    size_t len;
    bool ok = mp_file_read(&a, path, &text, &len, err) && mp_json_parse(out, path, text, len, err);
    mp_arena_finish(&a);
    return ok;
}

void mp_json_destroy(struct mp_json *doc) {
    if (!doc)
        return;
    cJSON_Delete(doc->root);
    struct mp_arena arena = doc->arena;
    mp_arena_finish(&arena);
}

const char *mp_json_name(const struct mp_json *doc) {
    return doc->name;
}

struct mp_node mp_json_root(const struct mp_json *doc) {
    return (struct mp_node){.doc = doc, .item = doc->root};
}

bool mp_node_is_object(const struct mp_node *n) {
    return cJSON_IsObject(n->item);
}

bool mp_node_is_array(const struct mp_node *n) {
    return cJSON_IsArray(n->item);
}

bool mp_node_is_number(const struct mp_node *n) {
    return cJSON_IsNumber(n->item);
}

bool mp_node_is_string(const struct mp_node *n) {
    return cJSON_IsString(n->item);
}

// What a node is, for "(got ...)". Numbers are short and shown; strings may be anything and are not.
static const char *got(const struct mp_node *n, char number[32]) {
    const cJSON *item = n->item;
    if (cJSON_IsNumber(item)) {
        mp_format_double(item->valuedouble, number);
        return number;
    }
    return cJSON_IsString(item)   ? "a string"
           : cJSON_IsObject(item) ? "an object"
           : cJSON_IsArray(item)  ? "an array"
           : cJSON_IsTrue(item)   ? "true"
           : cJSON_IsFalse(item)  ? "false"
                                  : "null";
}

static bool wrong(const struct mp_node *n, const char *expected, struct mp_err *err) {
    char number[32];
    return mp_node_fail(n, err, "must be %s (got %s)", expected, got(n, number));
}

bool mp_node_object(const struct mp_node *n, struct mp_err *err) {
    return mp_node_is_object(n) || wrong(n, "an object", err);
}

bool mp_node_array(const struct mp_node *n, struct mp_err *err) {
    return mp_node_is_array(n) || wrong(n, "an array", err);
}

bool mp_node_string(const struct mp_node *n, const char **text, struct mp_err *err) {
    if (!mp_node_is_string(n))
        return wrong(n, "a string", err);
    *text = ((const cJSON *)n->item)->valuestring;
    return true;
}

static bool has_control(const char *text) {
    size_t len = strlen(text);
    for (size_t at = 0, size; at < len; at += size) {
        size = mp_utf8_size(text + at, len - at);
        if (mp_utf8_is_control(mp_utf8_code(text + at, size)))
            return true;
    }
    return false;
}

bool mp_node_name(const struct mp_node *n, const char **text, struct mp_err *err) {
    char shown[MP_SAY_BYTES];
    if (!mp_node_is_string(n))
        return wrong(n, "a string", err);
    const char *name = ((const cJSON *)n->item)->valuestring;
    if (name[0] == '\0')
        return mp_node_fail(n, err, "must not be empty");
    if (has_control(name))
        return mp_node_fail(n, err, "must not hold control characters (got \"%s\")",
                            mp_say_text(name, strlen(name), shown));
    *text = name;
    return true;
}

bool mp_node_bool(const struct mp_node *n, bool *value, struct mp_err *err) {
    if (!cJSON_IsBool((const cJSON *)n->item))
        return wrong(n, "true or false", err);
    *value = cJSON_IsTrue(n->item);
    return true;
}

static bool out_of_range(const struct mp_node *n, const char *kind, double min, double max, double no_max,
                         struct mp_err *err) {
    char range[MP_SAY_BYTES], number[32];
    mp_say_range(min, max, no_max, range);
    return mp_node_fail(n, err, "must be %s%s (got %s)", kind, range, got(n, number));
}

bool mp_node_uint(const struct mp_node *n, uint64_t min, uint64_t max, uint64_t *value, struct mp_err *err) {
    assert(min <= max && max <= TWO_53);
    double v = mp_node_is_number(n) ? ((const cJSON *)n->item)->valuedouble : -1, no_max = (double)TWO_53;
    if (v >= no_max && v == floor(v) && max >= TWO_53 - 1)
        return wrong(n, "an integer below 2^53", err);
    if (!(v >= (double)min && v <= (double)max && v == floor(v)))
        return out_of_range(n, "an integer", (double)min, (double)max, no_max, err);
    *value = (uint64_t)v;
    return true;
}

bool mp_node_real(const struct mp_node *n, double min, double max, double *value, struct mp_err *err) {
    assert(min <= max);
    double v = mp_node_is_number(n) ? ((const cJSON *)n->item)->valuedouble : 0;
    if (!mp_node_is_number(n) || v < min || v > max)
        return out_of_range(n, "a number", min, max, DBL_MAX, err);
    *value = v;
    return true;
}

static bool not_in_list(const struct mp_node *n, const char *word, const char *const *names, size_t count,
                        struct mp_err *err) {
    char list[MP_SAY_BYTES], shown[MP_SAY_BYTES];
    const char *near = mp_nearest(word, names, count);
    mp_say_names(names, count, list);
    mp_say_text(word, strlen(word), shown);
    if (near)
        return mp_node_fail(n, err, "must be one of %s (got \"%s\"), did you mean \"%s\"?", list, shown,
                            near);
    return mp_node_fail(n, err, "must be one of %s (got \"%s\")", list, shown);
}

bool mp_node_enum(const struct mp_node *n, const char *const *names, size_t count, size_t *index,
                  struct mp_err *err) {
    char list[MP_SAY_BYTES], number[32];
    if (!mp_node_is_string(n))
        return mp_node_fail(n, err, "must be one of %s (got %s)", mp_say_names(names, count, list),
                            got(n, number));
    const char *word = ((const cJSON *)n->item)->valuestring;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, names[i]) == 0) {
            *index = i;
            return true;
        }
    }
    return not_in_list(n, word, names, count, err);
}

bool mp_node_get(const struct mp_node *n, const char *key, struct mp_node *child) {
    const cJSON *item = mp_node_is_object(n) ? cJSON_GetObjectItemCaseSensitive(n->item, key) : NULL;
    if (item)
        *child = (struct mp_node){n->doc, n, item, item->string, 0};
    return item != NULL;
}

bool mp_node_need(const struct mp_node *n, const char *key, struct mp_node *child, struct mp_err *err) {
    return mp_node_object(n, err) && (mp_node_get(n, key, child) || mp_node_missing(n, key, err));
}

size_t mp_node_count(const struct mp_node *n) {
    bool has_children = mp_node_is_object(n) || mp_node_is_array(n);
    return has_children ? (size_t)cJSON_GetArraySize(n->item) : 0;
}

bool mp_node_first(const struct mp_node *n, struct mp_node *child) {
    const cJSON *item = ((const cJSON *)n->item)->child;
    if (item)
        *child = (struct mp_node){n->doc, n, item, item->string, 0};
    return item != NULL;
}

bool mp_node_next(struct mp_node *child) {
    const cJSON *next = ((const cJSON *)child->item)->next;
    if (!next)
        return false;
    child->item = next;
    child->key = next->string;
    child->index++;
    return true;
}
