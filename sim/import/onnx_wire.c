// SPDX-License-Identifier: Apache-2.0
// The wire format is walked by the message descriptors before protobuf-c unpacks it: lengths, types of fields, depth, UTF-8
// (https://protobuf.dev/programming-guides/encoding). Memory for the messages comes from the arena, within a budget.
#include "sim/import/onnx_wire.h"

#include "sim/base/utf8.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#define MAX_DEPTH 100 // of messages in messages, as in Google's own reader
// Bytes of a number, and of a tag or length (as protobuf-c has it).
#define MAX_NUMBER 10
#define MAX_TAG 5
// A field of two bytes can ask for a message of a hundred: more than real models need, less than a small file may take.
#define BUDGET_FIXED ((size_t)256 << 20)
#define BUDGET_FACTOR 8

enum wire { VARINT, FIXED64, LENGTH, GROUP, GROUP_END, FIXED32 };

struct frame {
    const ProtobufCMessageDescriptor *type;
    const uint8_t *end;
    uint64_t seen; // fields that may stand once only and are messages, by their index
};

struct walk {
    const char *name, *what;
    const uint8_t *start, *at;
    struct frame frames[MAX_DEPTH];
    size_t depth; // frames in use
    struct mp_err *err;
};

static const char *type_name(const ProtobufCMessageDescriptor *d) {
    return d->short_name;
}

static bool broken(const struct walk *w, const uint8_t *at, const char *why) {
    return mp_fail(w->err, "%s: not %s: byte %zu: %s", w->name, w->what, (size_t)(at - w->start), why);
}

static bool broken_field(const struct walk *w, const uint8_t *at, const ProtobufCFieldDescriptor *f, const char *why) {
    return mp_fail(w->err, "%s: not %s: byte %zu: %s.%s %s", w->name, w->what, (size_t)(at - w->start),
                   type_name(w->frames[w->depth - 1].type), f->name, why);
}

static bool read_varint(struct walk *w, const uint8_t *end, unsigned most, uint64_t *value) {
    *value = 0;
    for (unsigned i = 0; i < most; i++) {
        if (w->at == end)
            return broken(w, w->at, "cut off within a number");
        uint8_t b = *w->at++;
        *value |= (uint64_t)(b & 0x7f) << 7 * i;
        if (b < 0x80)
            return true;
    }
    return broken(w, w->at, "a number that is too long");
}

static enum wire wire_of(const ProtobufCFieldDescriptor *f) {
    switch (f->type) {
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return FIXED32;
    case PROTOBUF_C_TYPE_DOUBLE:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return FIXED64;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return LENGTH;
    default:
        return VARINT;
    }
}

static bool check_text(const struct walk *w, const uint8_t *field, const ProtobufCFieldDescriptor *f, size_t len) {
    const char *text = (const char *)w->at;
    for (size_t at = 0, size; at < len; at += size) {
        size = mp_utf8_size(text + at, len - at);
        if (size == 0 || text[at] == '\0')
            return broken_field(w, field, f, size ? "is a text with NUL" : "is not UTF-8");
    }
    return true;
}

// A packed list: whole elements, or numbers that end where it ends.
static bool check_packed(struct walk *w, const uint8_t *field, const ProtobufCFieldDescriptor *f, size_t len) {
    enum wire wire = wire_of(f);
    const uint8_t *end = w->at + len;
    uint64_t value;
    if (wire == FIXED32 || wire == FIXED64)
        return len % (wire == FIXED32 ? 4 : 8) == 0 || broken_field(w, field, f, "is a list that is cut off");
    while (w->at < end)
        if (!read_varint(w, end, MAX_NUMBER, &value))
            return false;
    return true;
}

static bool enter(struct walk *w, const uint8_t *field, const ProtobufCFieldDescriptor *f, size_t len) {
    struct frame *now = &w->frames[w->depth - 1];
    uint64_t bit = (uint64_t)1 << (unsigned)(f - now->type->fields);
    if (f->label != PROTOBUF_C_LABEL_REPEATED && now->seen & bit)
        return broken_field(w, field, f, "is there twice");
    if (f->label != PROTOBUF_C_LABEL_REPEATED)
        now->seen |= bit;
    if (w->depth == MAX_DEPTH)
        return broken(w, field, "messages are nested too deeply");
    w->frames[w->depth++] = (struct frame){.type = f->descriptor, .end = w->at + len};
    return true;
}

static bool read_length(struct walk *w, const uint8_t *field, const ProtobufCFieldDescriptor *f) {
    const struct frame *now = &w->frames[w->depth - 1];
    uint64_t len;
    if (!read_varint(w, now->end, MAX_TAG, &len))
        return false;
    if (len > (uint64_t)(now->end - w->at))
        return mp_fail(w->err, "%s: not %s: byte %zu: %s.%s is cut off: %" PRIu64 " bytes, %zu are left", w->name, w->what,
                       (size_t)(field - w->start), type_name(now->type), f ? f->name : "(unknown)", len,
                       (size_t)(now->end - w->at));
    if (f && f->type == PROTOBUF_C_TYPE_MESSAGE)
        return enter(w, field, f, (size_t)len);
    const uint8_t *next = w->at + len;
    if (f && f->type == PROTOBUF_C_TYPE_STRING && !check_text(w, field, f, (size_t)len))
        return false;
    if (f && wire_of(f) != LENGTH && !check_packed(w, field, f, (size_t)len))
        return false;
    w->at = next;
    return true;
}

static bool read_fixed(struct walk *w, size_t bytes) {
    if ((size_t)(w->frames[w->depth - 1].end - w->at) < bytes)
        return broken(w, w->at, "cut off within a number");
    w->at += bytes;
    return true;
}

static bool read_field(struct walk *w) {
    const struct frame *now = &w->frames[w->depth - 1];
    const uint8_t *field = w->at;
    uint64_t tag, value;
    if (!read_varint(w, now->end, MAX_TAG, &tag))
        return false;
    unsigned wire = (unsigned)(tag & 7);
    if (tag >> 3 == 0 || tag >> 3 >= (uint64_t)1 << 29 || wire == GROUP || wire == GROUP_END || wire > FIXED32)
        return broken(w, field, "not the beginning of a field");
    const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(now->type, (unsigned)(tag >> 3));
    if (f && wire != wire_of(f) && !(wire == LENGTH && f->label == PROTOBUF_C_LABEL_REPEATED))
        return broken_field(w, field, f, "is of another type");
    switch ((enum wire)wire) {
    case VARINT:
        return read_varint(w, now->end, MAX_NUMBER, &value);
    case FIXED64:
        return read_fixed(w, 8);
    case LENGTH:
        return read_length(w, field, f);
    default:
        return read_fixed(w, 4);
    }
}

static bool check(struct walk *w, const ProtobufCMessageDescriptor *type, size_t len) {
    w->frames[w->depth++] = (struct frame){.type = type, .end = w->at + len};
    while (w->depth > 0)
        if (w->at == w->frames[w->depth - 1].end)
            w->depth--;
        else if (!read_field(w))
            return false;
    return true;
}

struct budget {
    struct mp_arena *arena;
    size_t left;
};

static void *take(void *data, size_t size) {
    struct budget *b = data;
    if (size > b->left)
        return NULL;
    b->left -= size;
    return mp_arena_alloc(b->arena, 1, size);
}

// The arena keeps it to the end.
static void give_back(void *data, void *pointer) {
    (void)data;
    (void)pointer;
}

ProtobufCMessage *mp_onnx_unpack(const ProtobufCMessageDescriptor *type, struct mp_arena *a, const char *name, const char *what,
                                 const void *bytes, size_t len, struct mp_err *err) {
    struct walk w = {.name = name, .what = what, .start = bytes, .at = bytes, .err = err};
    struct budget budget = {a, BUDGET_FIXED + len * BUDGET_FACTOR};
    ProtobufCAllocator allocator = {take, give_back, &budget};
    if (len == 0) {
        mp_fail(err, "%s: not %s: the file is empty", name, what);
        return NULL;
    }
    if (!check(&w, type, len))
        return NULL;
    ProtobufCMessage *m = protobuf_c_message_unpack(type, &allocator, len, bytes);
    if (!m)
        mp_fail(err, "%s: not %s: its messages take more than %zu bytes of memory", name, what,
                BUDGET_FIXED + len * BUDGET_FACTOR);
    return m;
}
