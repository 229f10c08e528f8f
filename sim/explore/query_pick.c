// SPDX-License-Identifier: Apache-2.0
// Which sweep of a store is meant, and which of its networks.
#include "sim/explore/query_names.h"

#include "sim/base/say.h"
#include "sim/explore/store_file.h"
#include "sim/explore/sweep_about.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PREFIX 4 // digits of a key at least
#define LISTED 8 // sweeps that an error tells at most

enum how { BY_NO_NAME, BY_NAME, BY_KEY, HOWS };

static bool is_hex(const char *text) {
    return strspn(text, "0123456789abcdef") == strlen(text);
}

static bool is_meant(const struct mp_store_sweep *w, const char *name, enum how how) {
    char key[17];
    snprintf(key, sizeof key, "%016" PRIx64, (uint64_t)w->sweep);
    if (how == BY_NAME)
        return strcmp(name, w->name) == 0;
    return how == BY_NO_NAME || (strlen(name) >= PREFIX && is_hex(name) && strncmp(key, name, strlen(name)) == 0);
}

// Those that are meant, of all; `picked` has room for them.
static size_t pick(const struct mp_store_sweep *list, size_t count, const char *name, enum how how, struct mp_store_sweep *picked) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (is_meant(&list[i], name, how))
            picked[n++] = list[i];
    return n;
}

static bool add_sweep(struct mp_store *s, const struct mp_store_sweep *w, struct mp_arena *a, struct mp_buf *out,
                      struct mp_err *err) {
    struct mp_sweep_about about;
    char names[MP_SAY_BYTES];
    if (!mp_sweep_about(s, w, a, &about, err))
        return false;
    mp_buf_addf(out, "%s (%016" PRIx64 ": ", w->name, (uint64_t)w->sweep);
    mp_sweep_about_sampler(&about, out);
    mp_buf_addf(out, " on %s)", mp_say_names(about.networks, about.network_count, names));
    return true;
}

static bool which(struct mp_store *s, const char *why, const struct mp_store_sweep *list, size_t count, struct mp_arena *a,
                  struct mp_err *err) {
    struct mp_buf all = {0};
    bool ok = true;
    for (size_t i = 0; i < count && i < LISTED && ok; i++) {
        mp_buf_add(&all, i > 0 ? ", " : "");
        ok = add_sweep(s, &list[i], a, &all, err);
    }
    mp_buf_add(&all, count > LISTED ? ", ..." : "");
    if (ok)
        mp_fail(err, "%s: %s: %s", s->path, why, all.text);
    mp_buf_finish(&all);
    return false;
}

// A name goes before the first digits of a key.
bool mp_query_sweep(struct mp_store *s, const char *name, struct mp_arena *a, const struct mp_store_sweep **out,
                    struct mp_err *err) {
    static const char *const why[HOWS] = {
        [BY_NO_NAME] = "holds several sweeps, --sweep must name one",
        [BY_NAME] = "several sweeps are called \"%s\", a key tells them apart",
        [BY_KEY] = "several sweeps have a key that begins with %s",
    };
    struct mp_store_sweep *list, *picked;
    size_t count, found;
    char shown[MP_SAY_BYTES], text[MP_SAY_BYTES + 64];
    enum how how = name ? BY_NAME : BY_NO_NAME;
    if (!mp_store_sweeps(s, a, &list, &count, err))
        return false;
    if (count == 0)
        return mp_fail(err, "%s: holds no sweep", s->path);
    *out = picked = mp_arena_alloc(a, count, sizeof *picked);
    found = pick(list, count, name, how, picked);
    if (found == 0)
        found = pick(list, count, name, how = BY_KEY, picked);
    if (found == 1)
        return true;
    if (name)
        snprintf(text, sizeof text, found == 0 ? "has no sweep \"%s\", but" : why[how], mp_say_text(name, strlen(name), shown));
    return which(s, name ? text : why[how], found ? picked : list, found ? found : count, a, err);
}

static bool all_known(const char *path, const char *const *asked, size_t asked_count, const char *const *names, size_t count,
                      struct mp_err *err) {
    char shown[MP_SAY_BYTES], list[MP_SAY_BYTES];
    for (size_t k = 0; k < asked_count; k++) {
        bool known = false;
        for (size_t i = 0; i < count; i++)
            known = known || strcmp(names[i], asked[k]) == 0;
        if (!known)
            return mp_fail(err, "%s: the sweep has no network \"%s\" (known: %s)", path,
                           mp_say_text(asked[k], strlen(asked[k]), shown), mp_say_names(names, count, list));
    }
    return true;
}

bool mp_query_networks(struct mp_store *s, const struct mp_store_sweep *w, const char *const *asked, size_t asked_count, bool summed,
                       struct mp_arena *a, struct mp_query_networks *out, struct mp_err *err) {
    const char **names = mp_arena_alloc(a, w->network_count, sizeof *names);
    size_t *at = mp_arena_alloc(a, w->network_count, sizeof *at);
    *out = (struct mp_query_networks){.at = at, .summed = summed};
    for (size_t i = 0; i < w->network_count; i++) {
        bool chosen = asked_count == 0;
        if (!(names[i] = mp_store_network_name(s, w->networks[i], a, err)))
            return false;
        for (size_t k = 0; k < asked_count; k++)
            chosen = chosen || strcmp(names[i], asked[k]) == 0;
        if (chosen)
            at[out->count++] = i;
    }
    out->alone = asked_count > 0 && out->count == 1;
    return all_known(s->path, asked, asked_count, names, w->network_count, err);
}
