// SPDX-License-Identifier: Apache-2.0
// The table of streams: what a network's layers do to memory, one habit a stream.
#include "sim/mem/stream.h"

#include "sim/base/gcd.h"
#include "sim/base/say.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define GB ((uint64_t)1 << 30)
#define MANY ((uint64_t)1 << 32)

static void give(struct mp_transfer *t, uint64_t address, uint64_t bytes, bool write) {
    t->address = address;
    t->bytes = bytes;
    t->write = write;
}

static uint64_t one(const struct mp_stream *s) {
    (void)s;
    return 1;
}

static uint64_t seq_bytes(const struct mp_stream *s) {
    return s->value[0];
}

static void seq_read(struct mp_stream *s, uint64_t i, struct mp_transfer *t) {
    (void)i;
    give(t, 0, s->value[0], false);
}

static void seq_write(struct mp_stream *s, uint64_t i, struct mp_transfer *t) {
    (void)i;
    give(t, 0, s->value[0], true);
}

enum { ALT_B, ALT_N, ALT_OFF };

static uint64_t alternating_spans(const struct mp_stream *s) {
    return s->value[ALT_N] / s->value[ALT_B] * 2;
}

static uint64_t alternating_bytes(const struct mp_stream *s) {
    return s->value[ALT_OFF] + s->value[ALT_N] / s->value[ALT_B] * s->value[ALT_B];
}

static void alternating(struct mp_stream *s, uint64_t i, struct mp_transfer *t) {
    bool write = i % 2;
    give(t, (write ? s->value[ALT_OFF] : 0) + i / 2 * s->value[ALT_B], s->value[ALT_B], write);
}

enum { TILE_H, TILE_W, TILE_P };

static uint64_t tile_spans(const struct mp_stream *s) {
    return s->value[TILE_H];
}

static uint64_t tile_bytes(const struct mp_stream *s) {
    return (s->value[TILE_H] - 1) * s->value[TILE_P] + s->value[TILE_W];
}

static void tile(struct mp_stream *s, uint64_t i, struct mp_transfer *t) {
    give(t, i * s->value[TILE_P], s->value[TILE_W], false);
}

enum { RANDOM_N, RANDOM_SEED, RANDOM_REGION };

static uint64_t random_spans(const struct mp_stream *s) {
    return s->value[RANDOM_N];
}

// Addresses are multiples of what 64 and the region have in common.
static uint64_t random_bytes(const struct mp_stream *s) {
    return s->value[RANDOM_REGION] - mp_gcd(s->value[RANDOM_REGION], 64) + 64;
}

// Knuth's and Lewis' generator (Numerical Recipes, 2nd ed., ch. 7.1), its low bits left out.
static void random_read(struct mp_stream *s, uint64_t i, struct mp_transfer *t) {
    uint32_t x = i ? s->random : (uint32_t)s->value[RANDOM_SEED];
    s->random = x * 1664525u + 1013904223u;
    give(t, (uint64_t)(s->random >> 8) * 64 % s->value[RANDOM_REGION], 64, false);
}

enum { THREE_BW, THREE_BI, THREE_BO, THREE_K, THREE_S };

static uint64_t three_spans(const struct mp_stream *s) {
    return s->value[THREE_K] * 3;
}

static uint64_t three_bytes(const struct mp_stream *s) {
    uint64_t end = 0;
    for (unsigned i = 0; i < 3; i++) {
        uint64_t e = i * s->value[THREE_S] + s->value[THREE_K] * s->value[THREE_BW + i];
        end = e > end ? e : end;
    }
    return end;
}

static void three(struct mp_stream *s, uint64_t i, struct mp_transfer *t) {
    uint64_t which = i % 3, bytes = s->value[THREE_BW + which];
    give(t, which * s->value[THREE_S] + i / 3 * bytes, bytes, which == 2);
}

const struct mp_stream_kind mp_stream_kinds[] = {
    {"seq_read", "consecutive reads", {{"N", 1 << 20, 1, 64 * GB, "bytes"}}, one, seq_bytes, seq_read},
    {"seq_write", "consecutive writes", {{"N", 1 << 20, 1, 64 * GB, "bytes"}}, one, seq_bytes, seq_write},
    {"alternating_rw",
     "blocks read and written in turns: a tensor through a stage",
     {{"B", 1024, 1, GB, "bytes of a block"},
      {"N", 1 << 19, 1, 64 * GB, "bytes read, and bytes written"},
      {"OFF", 1 << 28, 0, 64 * GB, "where the writes begin"}},
     alternating_spans,
     alternating_bytes,
     alternating},
    {"tile_read",
     "rows of a tile in a wider matrix",
     {{"H", 64, 1, MANY, "rows"}, {"W", 1024, 1, GB, "bytes of a row"}, {"P", 8192, 0, GB, "bytes from row to row"}},
     tile_spans,
     tile_bytes,
     tile},
    {"random_read",
     "reads of 64 bytes at random",
     {{"n", 1 << 14, 1, MANY, "reads"},
      {"seed", 12345, 0, MANY - 1, "of the generator"},
      {"region", 1 << 29, 64, GB, "bytes that they lie in"}},
     random_spans,
     random_bytes,
     random_read},
    {"three_stream",
     "weights and inputs read, outputs written, in turns: a layer",
     {{"Bw", 1024, 1, GB, "bytes of weights a turn"},
      {"Bi", 512, 1, GB, "bytes of inputs a turn"},
      {"Bo", 256, 1, GB, "bytes of outputs a turn"},
      {"K", 512, 1, MANY, "turns"},
      {"S", 1 << 26, 0, 64 * GB, "bytes from where weights begin to inputs, and to outputs"}},
     three_spans,
     three_bytes,
     three},
    {.name = NULL},
};

const char *const mp_stream_names[] = {"seq_read",     "seq_write", "alternating_rw", "tile_read", "random_read",
                                       "three_stream", NULL};

void mp_stream_init(struct mp_stream *s, const struct mp_stream_kind *kind, unsigned access_bytes) {
    *s = (struct mp_stream){.kind = kind, .access_bytes = access_bytes};
    for (unsigned i = 0; i < MP_STREAM_PARAMS; i++)
        s->value[i] = kind->params[i].def;
}

static unsigned param_count(const struct mp_stream_kind *k) {
    unsigned n = 0;
    while (n < MP_STREAM_PARAMS && k->params[n].name)
        n++;
    return n;
}

static bool no_param(const struct mp_stream_kind *k, const char *name, size_t len, struct mp_err *err) {
    const char *names[MP_STREAM_PARAMS];
    char shown[MP_SAY_BYTES], all[MP_SAY_BYTES];
    unsigned n = param_count(k);
    for (unsigned i = 0; i < n; i++)
        names[i] = k->params[i].name;
    return mp_fail(err, "stream %s: has no parameter \"%s\" (it has %s)", k->name, mp_say_text(name, len, shown),
                   mp_say_names(names, n, all));
}

// Decimal, or 0x and hexadecimal.
static bool read_value(const char *text, uint64_t *value) {
    const bool hex = text[0] == '0' && text[1] == 'x';
    const char *digits = hex ? text + 2 : text;
    char *end;
    if (strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789") != strlen(digits) || !*digits)
        return false;
    errno = 0;
    *value = strtoull(digits, &end, hex ? 16 : 10);
    return errno == 0;
}

bool mp_stream_set(struct mp_stream *s, const char *setting, struct mp_err *err) {
    const char *equals = strchr(setting, '=');
    char shown[MP_SAY_BYTES];
    unsigned i = 0, n = param_count(s->kind);
    if (!equals)
        return mp_fail(err, "stream %s: \"%s\" is not NAME=VALUE", s->kind->name, mp_say_text(setting, strlen(setting), shown));
    const size_t len = (size_t)(equals - setting);
    while (i < n && (strlen(s->kind->params[i].name) != len || memcmp(s->kind->params[i].name, setting, len) != 0))
        i++;
    if (i == n)
        return no_param(s->kind, setting, len, err);
    const struct mp_stream_param *p = &s->kind->params[i];
    uint64_t value;
    if (!read_value(equals + 1, &value) || value < p->min || value > p->max)
        return mp_fail(err, "stream %s: %s must be an integer %" PRIu64 "..%" PRIu64 " (got \"%s\")", s->kind->name, p->name,
                       p->min, p->max, mp_say_text(equals + 1, strlen(equals + 1), shown));
    s->value[i] = value;
    return true;
}

bool mp_stream_next(struct mp_stream *s, struct mp_transfer *t) {
    if (s->at == s->kind->spans(s))
        return false;
    s->kind->span(s, s->at++, t);
    uint64_t mask = s->access_bytes - 1u, end = (t->address + t->bytes + mask) & ~mask;
    t->address &= ~mask;
    t->bytes = end - t->address;
    return true;
}

uint64_t mp_stream_bytes(const struct mp_stream *s) {
    return s->kind->spans(s) ? s->kind->bytes(s) : 0;
}

static bool next(void *user, struct mp_transfer *t) {
    return mp_stream_next(user, t);
}

struct mp_transfer_source mp_stream_source(struct mp_stream *s) {
    return (struct mp_transfer_source){next, s};
}
