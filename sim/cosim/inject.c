// SPDX-License-Identifier: Apache-2.0
// The text of an injection: [LAYER:]REGISTER[BIT]@CYCLE.
#include "sim/cosim/signals.h"

#include "sim/base/str.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CORE "mp_cosim.u_core."

// All of `text` as a number.
static bool number(const char *text, uint64_t *out) {
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0;
}

static bool malformed(const char *spec, struct mp_err *err) {
    return mp_fail(err, "\"%s\" is not [LAYER:]REGISTER[BIT]@CYCLE, for example u_seq.phase_q@100", spec);
}

// Below u_core; what stands in front of it may be left out.
static const char *without_core(const char *path) {
    if (strncmp(path, "TOP.", 4) == 0)
        path += 4;
    return strncmp(path, CORE, sizeof CORE - 1) == 0 ? path + sizeof CORE - 1 : path;
}

bool mp_inject_parse(const char *spec, struct mp_arena *a, struct mp_inject *out, struct mp_err *err) {
    char *text = mp_arena_strdup(a, spec), *at = strrchr(text, '@'), *colon;
    uint64_t bit = 0;
    *out = (struct mp_inject){.text = spec, .whole = true};
    if (!at || !number(at + 1, &out->flip.cycle))
        return malformed(spec, err);
    *at = '\0';
    if ((colon = strrchr(text, ':')) != NULL) {
        *colon = '\0';
        out->layer = text;
        text = colon + 1;
    }
    char *open = strrchr(text, '[');
    if (at > text && at[-1] == ']' && open) {
        at[-1] = '\0';
        if (!number(open + 1, &bit) || bit > UINT32_MAX)
            return malformed(spec, err);
        *open = '\0';
        out->whole = false;
    }
    out->flip.bit = (unsigned)bit;
    out->path = without_core(mp_signal_path(a, "", text));
    return *out->path ? true : malformed(spec, err);
}

static bool unknown(const struct mp_inject *i, const struct mp_signals *s, struct mp_err *err) {
    struct mp_arena a = {0};
    const char **names = mp_arena_alloc(&a, s->count + 1, sizeof *names);
    for (size_t k = 0; k < s->count; k++)
        names[k] = s->list[k].path;
    const char *near = mp_nearest(i->path, names, s->count);
    mp_fail(err, "\"%s\": the core has no register \"%s\"%s%s%s", i->text, i->path, near ? ", did you mean \"" : "",
            near ? near : "", near ? "\"?" : " (--list-registers shows them)");
    mp_arena_finish(&a);
    return false;
}

bool mp_inject_resolve(struct mp_inject *i, const struct mp_signals *s, struct mp_err *err) {
    for (size_t k = 0; k < s->count; k++) {
        const struct mp_signal *r = &s->list[k];
        if (strcmp(r->path, i->path) != 0)
            continue;
        if (i->whole && r->bits > 1)
            return mp_fail(err, "\"%s\": which of the %u bits? Say %s[BIT]", i->text, r->bits, i->path);
        if (i->flip.bit >= r->bits)
            return mp_fail(err, "\"%s\": %s has the bits 0 to %u", i->text, i->path, r->bits - 1);
        i->flip.scope = r->scope, i->flip.name = r->name;
        return true;
    }
    return unknown(i, s, err);
}
