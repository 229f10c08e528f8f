// SPDX-License-Identifier: Apache-2.0
// Tensors whose bytes lie in a file beside the model. A model is foreign input: what it names must be a regular file in its own
// folder or below, whatever links say.
#include "sim/import/onnx_read.h"

#include "sim/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    const char *tensor;   // what errors call it
    const char *location; // as the model has it
    uint64_t offset, length;
    bool has_length;
};

static bool fail_at(struct mp_onnx_reader *r, const struct place *p, const char *why) {
    return mp_fail(r->err, "%s: %s: external file \"%s\": %s", r->name, p->tensor, mp_onnx_say(r, p->location), why);
}

static bool read_number(struct mp_onnx_reader *r, const char *key, const char *text, const char *tensor, uint64_t *out) {
    size_t digits = strspn(text, "0123456789");
    errno = 0;
    *out = strtoull(text, NULL, 10);
    if (digits == 0 || text[digits] || errno || *out > INT64_MAX)
        return mp_fail(r->err, "%s: %s: %s of external data must be an integer of at least 0 (got \"%s\")", r->name, tensor,
                       key, mp_onnx_say(r, text));
    return true;
}

// Other keys ("checksum") are passed over.
static bool read_place(struct mp_onnx_reader *r, const Onnx__TensorProto *t, struct place *p) {
    for (size_t i = 0; i < t->n_external_data; i++) {
        const char *key = t->external_data[i]->key, *value = t->external_data[i]->value;
        if (!key || !value)
            continue;
        if (strcmp(key, "location") == 0)
            p->location = value;
        else if (strcmp(key, "offset") == 0 && !read_number(r, key, value, p->tensor, &p->offset))
            return false;
        else if (strcmp(key, "length") == 0 && !read_number(r, key, value, p->tensor, &p->length))
            return false;
        p->has_length = p->has_length || strcmp(key, "length") == 0;
    }
    return (p->location && p->location[0]) ||
           mp_fail(r->err, "%s: %s: external data has no location", r->name, p->tensor);
}

static bool climbs(const char *path) {
    for (const char *at = path; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL)
        if (strncmp(at, "..", 2) == 0 && (at[2] == '\0' || at[2] == '/'))
            return true;
    return path[0] == '/';
}

// The real path in the model's folder.
static bool resolve(struct mp_onnx_reader *r, struct mp_arena *a, const struct place *p, const char **path) {
    if (climbs(p->location))
        return fail_at(r, p, "must be in the model's folder");
    char *folder = realpath(r->folder, NULL);
    char *file = realpath(mp_arena_printf(a, "%s/%s", r->folder, p->location), NULL);
    const char *why = !folder || !file ? strerror(errno) : NULL;
    size_t len = folder ? strlen(folder) : 0;
    if (!why && (strncmp(file, folder, len) != 0 || (file[len] != '/' && strcmp(folder, "/") != 0)))
        why = "must be in the model's folder";
    *path = file ? mp_arena_strdup(a, file) : NULL;
    free(folder);
    free(file);
    return !why || fail_at(r, p, why);
}

static bool check_size(struct mp_onnx_reader *r, const struct place *p, const struct stat *st, uint64_t need) {
    if (!S_ISREG(st->st_mode))
        return fail_at(r, p, "must be a regular file");
    if (p->has_length && p->length != need)
        return mp_fail(r->err, "%s: %s: length of external data must be %" PRIu64 " (got %" PRIu64 ")", r->name, p->tensor,
                       need, p->length);
    uint64_t size = (uint64_t)st->st_size;
    if (p->offset > size || need > size - p->offset)
        return mp_fail(r->err, "%s: %s: external file \"%s\" must have at least %" PRIu64 " bytes (got %" PRIu64 ")", r->name,
                       p->tensor, mp_onnx_say(r, p->location), p->offset + need, size);
    return true;
}

static bool read_at(int fd, uint8_t *to, uint64_t count, uint64_t offset) {
    while (count > 0) {
        ssize_t n = pread(fd, to, count, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO; // it became shorter
        if (n <= 0)
            return false;
        to += n;
        count -= (uint64_t)n;
        offset += (uint64_t)n;
    }
    return true;
}

bool mp_onnx_external(struct mp_onnx_reader *r, struct mp_arena *a, const Onnx__TensorProto *t, const char *place,
                      uint64_t need, const uint8_t **bytes) {
    struct place p = {.tensor = place};
    const char *path = NULL;
    struct stat st;
    if (!read_place(r, t, &p))
        return false;
    if (!r->folder)
        return fail_at(r, &p, "the model has no folder");
    if (!resolve(r, a, &p, &path))
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) != 0) {
        fail_at(r, &p, strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    bool ok = check_size(r, &p, &st, need);
    if (ok) {
        uint8_t *to = mp_arena_alloc(a, need, 1);
        ok = read_at(fd, to, need, p.offset) || fail_at(r, &p, strerror(errno));
        *bytes = to;
    }
    close(fd);
    return ok;
}
