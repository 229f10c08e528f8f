// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/cosim_debug.h"

#include "sim/cli/out.h"

#include <string.h>

int mp_cosim_debug_list(const char *library, const char *output) {
    struct mp_arena a = {0};
    struct mp_signals s;
    struct mp_buf out = {0};
    struct mp_err err;
    int status;
    if (mp_signals_registers(library, &a, &s, &err)) {
        for (size_t i = 0; i < s.count; i++)
            mp_buf_addf(&out, "%5u  %s\n", s.list[i].bits, s.list[i].path);
        status = mp_out_to(output, &out);
    } else {
        status = mp_out_error(&err);
    }
    mp_buf_finish(&out);
    mp_arena_finish(&a);
    return status;
}

static bool find_layer(struct mp_inject *i, const struct mp_result *r, const char *only, struct mp_err *err) {
    struct mp_arena a = {0};
    const char **names = mp_arena_alloc(&a, r->layer_count + 1, sizeof *names), *near = NULL;
    if (!i->layer)
        i->layer = only;
    bool found = false;
    for (size_t k = 0; i->layer && k < r->layer_count; k++) {
        names[k] = r->layers[k].layer->name;
        found = found || strcmp(names[k], i->layer) == 0;
    }
    if (i->layer && !found)
        near = mp_nearest(i->layer, names, r->layer_count);
    if (!i->layer)
        mp_fail(err, "\"%s\": names no layer, and neither does --layer", i->text);
    else if (!found)
        mp_fail(err, "\"%s\": no layer \"%s\" is run%s%s%s", i->text, i->layer, near ? ", did you mean \"" : "",
                near ? near : "", near ? "\"?" : "");
    mp_arena_finish(&a);
    return found;
}

bool mp_cosim_debug_injects(const struct mp_cosim_debug *o, const struct mp_result *r, const char *only, const char *library,
                            struct mp_arena *a, struct mp_inject **out, struct mp_err *err) {
    struct mp_signals registers;
    *out = mp_arena_alloc(a, o->inject.count, sizeof **out);
    if (o->inject.count == 0)
        return true;
    if (!mp_signals_registers(library, a, &registers, err))
        return false;
    for (size_t i = 0; i < o->inject.count; i++)
        if (!mp_inject_parse(o->inject.text[i], a, &(*out)[i], err) || !find_layer(&(*out)[i], r, only, err) ||
            !mp_inject_resolve(&(*out)[i], &registers, err))
            return mp_fail_in(err, "--inject");
    return true;
}
