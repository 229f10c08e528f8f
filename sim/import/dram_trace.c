// SPDX-License-Identifier: Apache-2.0
// The reader of DRAM traces. Blank lines and lines that begin with # are skipped.
#include "sim/import/dram_trace.h"

#include "sim/base/file.h"
#include "sim/base/say.h"
#include "sim/import/lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CYCLE ((uint64_t)1 << 53)

struct trace_line {
    const char *name;
    size_t number;
    const struct mp_dram_trace_for *what;
    uint64_t before; // cycle of the access before
};

// The next word, cut out of the line, or NULL.
static char *word(char **at) {
    char *w = *at + strspn(*at, " \t"), *end = w + strcspn(w, " \t");
    if (w == end)
        return NULL;
    *at = *end ? end + 1 : end;
    *end = '\0';
    return w;
}

static bool number(const char *text, int base, uint64_t *value) {
    const char *digits = base == 16 ? "0123456789abcdefABCDEF" : "0123456789";
    if (!*text || text[strspn(text, digits)])
        return false;
    errno = 0;
    *value = strtoull(text, NULL, base);
    return errno == 0;
}

static bool refuse(const struct trace_line *l, const char *what, const char *got, struct mp_err *err) {
    char shown[MP_SAY_BYTES];
    return mp_fail(err, "%s:%zu: %s (got \"%s\")", l->name, l->number, what,
                   mp_say_text(got ? got : "", got ? strlen(got) : 0, shown));
}

static bool read_address(const struct trace_line *l, const char *text, uint64_t *address, struct mp_err *err) {
    const char *digits = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? text + 2 : text;
    char shown[MP_SAY_BYTES];
    if (!number(digits, 16, address))
        return refuse(l, "the address must be hexadecimal and fit 64 bits", text, err);
    if (*address >= l->what->capacity)
        return mp_fail(err, "%s:%zu: the address must be below 0x%" PRIx64 ", the memory's size (got \"%s\")", l->name,
                       l->number, l->what->capacity, mp_say_text(text, strlen(text), shown));
    *address -= *address % l->what->access_bytes;
    return true;
}

static bool read_cycle(struct trace_line *l, const char *text, uint64_t *start, struct mp_err *err) {
    char shown[MP_SAY_BYTES];
    uint64_t cycle;
    if (!text || !number(text, 10, &cycle) || cycle > MAX_CYCLE)
        return refuse(l, "behind READ or WRITE must be a cycle, an integer up to 2^53", text, err);
    if (cycle < l->before)
        return mp_fail(err, "%s:%zu: the cycle must not be before that of the access before, %" PRIu64 " (got \"%s\")", l->name,
                       l->number, l->before, mp_say_text(text, strlen(text), shown));
    l->before = cycle;
    *start = mp_dram_clock_to(l->what->clock, cycle);
    return *start <= MAX_CYCLE || refuse(l, "the cycle must be one of the DRAM's up to 2^53", text, err);
}

static bool read_line(struct trace_line *l, char *line, struct mp_transfer *t, struct mp_err *err) {
    char *address = word(&line), *kind = word(&line), *cycle = word(&line), *more = word(&line);
    *t = (struct mp_transfer){.bytes = l->what->access_bytes};
    if (!read_address(l, address, &t->address, err))
        return false;
    if (!kind || (strcmp(kind, "READ") != 0 && strcmp(kind, "WRITE") != 0))
        return refuse(l, "behind the address must be READ or WRITE", kind, err);
    t->write = kind[0] == 'W';
    if (!read_cycle(l, cycle, &t->start, err))
        return false;
    return !more || refuse(l, "nothing may be behind the cycle", more, err);
}

bool mp_dram_trace_parse(struct mp_dram_trace *t, struct mp_arena *a, const char *name, const char *text, size_t len,
                         const struct mp_dram_trace_for *what, struct mp_err *err) {
    struct trace_line l = {.name = name, .what = what};
    struct mp_lines lines;
    size_t most = 1;
    for (size_t i = 0; i < len; i++)
        most += text[i] == '\n';
    if (!mp_lines_begin(&lines, a, name, text, len, err))
        return false;
    *t = (struct mp_dram_trace){.transfers = mp_arena_alloc(a, most, sizeof *t->transfers)};
    for (char *line; (line = mp_lines_next(&lines));) {
        l.number = lines.number;
        if (line[0] != '#' && !read_line(&l, line, &t->transfers[t->count++], err))
            return false;
    }
    return t->count > 0 || mp_fail(err, "%s: holds no access", name);
}

bool mp_dram_trace_load(struct mp_dram_trace *t, struct mp_arena *a, const char *path, const struct mp_dram_trace_for *what,
                        struct mp_err *err) {
    char *text;
    size_t len;
    return mp_file_read_up_to(a, path, MP_DRAM_TRACE_MAX_BYTES, &text, &len, err) &&
           mp_dram_trace_parse(t, a, path, text, len, what, err);
}
