// SPDX-License-Identifier: Apache-2.0
// Documents that are changed in place: what lies at a path is replaced, so that one that was parsed once becomes many.
#include "sim/base/json.h"
#include "sim/base/json_doc.h"
#include "sim/base/jsonw.h"
#include "sim/base/say.h"

#include <math.h>
#include <string.h>

// The next key of the path, unescaped as JSON pointers are not: keys with "/" cannot be named.
static bool next_key(const char **path, char key[128]) {
    if (**path != '/')
        return false;
    const char *from = *path + 1;
    size_t len = strcspn(from, "/");
    if (len == 0 || len >= 128)
        return false;
    memcpy(key, from, len);
    key[len] = '\0';
    *path = from + len;
    return true;
}

// The object that holds the path's last key, which is left in `key`; NULL when there is none.
static cJSON *holder(cJSON *at, const char *path, char key[128]) {
    if (!next_key(&path, key))
        return NULL;
    while (*path) {
        at = cJSON_IsObject(at) ? cJSON_GetObjectItemCaseSensitive(at, key) : NULL;
        if (!at || !next_key(&path, key))
            return NULL;
    }
    return cJSON_IsObject(at) ? at : NULL;
}

bool mp_json_set(struct mp_json *doc, const char *path, const char *text, struct mp_err *err) {
    char key[128], shown[MP_SAY_BYTES];
    cJSON *object = holder(doc->root, path, key);
    if (!object)
        return mp_fail(err, "%s: %s: there is no object that has it", doc->name, mp_say_text(path, strlen(path), shown));
    cJSON *value = mp_json_text(path, text, strlen(text), err);
    if (!value)
        return mp_fail_in(err, doc->name);
    if (cJSON_GetObjectItemCaseSensitive(object, key))
        cJSON_ReplaceItemInObjectCaseSensitive(object, key, value);
    else
        cJSON_AddItemToObject(object, key, value);
    return true;
}

bool mp_json_at(const struct mp_json *doc, const char *path, struct mp_node *out) {
    char key[128];
    cJSON *object = holder(doc->root, path, key);
    cJSON *item = object ? cJSON_GetObjectItemCaseSensitive(object, key) : NULL;
    if (item)
        *out = (struct mp_node){.doc = doc, .item = item, .key = item->string};
    return item != NULL;
}

static void write_item(const cJSON *item, struct mp_jsonw *w) {
    if (cJSON_IsObject(item) || cJSON_IsArray(item)) {
        bool object = cJSON_IsObject(item);
        mp_jsonw_open(w, object ? '{' : '[', true);
        for (const cJSON *child = item->child; child; child = child->next) {
            if (object)
                mp_jsonw_key(w, child->string);
            write_item(child, w);
        }
        mp_jsonw_close(w, object ? '}' : ']');
    } else if (cJSON_IsNumber(item)) {
        double v = item->valuedouble;
        if (v == floor(v) && fabs(v) < 0x1p53)
            mp_jsonw_int(w, (int64_t)v);
        else
            mp_jsonw_real(w, v);
    } else if (cJSON_IsString(item)) {
        mp_jsonw_string(w, item->valuestring);
    } else if (cJSON_IsBool(item)) {
        mp_jsonw_bool(w, cJSON_IsTrue(item));
    } else {
        mp_jsonw_null(w);
    }
}

void mp_node_write(const struct mp_node *n, struct mp_jsonw *w) {
    write_item(n->item, w);
}
