// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/cosim_debug.h"

#include "sim/cli/out.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANY_CYCLES 200000u // more make a large file: tens of MB

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

static bool find_layer(const struct mp_result *r, const char *name, struct mp_err *err) {
    struct mp_arena a = {0};
    const char **names = mp_arena_alloc(&a, r->layer_count + 1, sizeof *names);
    bool found = false;
    for (size_t k = 0; k < r->layer_count; k++) {
        names[k] = r->layers[k].layer->name;
        found = found || strcmp(names[k], name) == 0;
    }
    const char *near = found ? NULL : mp_nearest(name, names, r->layer_count);
    if (!found)
        mp_fail(err, "no layer \"%s\" is run%s%s%s", name, near ? ", did you mean \"" : "", near ? near : "",
                near ? "\"?" : "");
    mp_arena_finish(&a);
    return found;
}

static bool set_layer(struct mp_inject *i, const struct mp_result *r, const char *only, struct mp_err *err) {
    if (!i->layer && !only)
        return mp_fail(err, "\"%s\": names no layer, and neither does --layer", i->text);
    i->layer = i->layer ? i->layer : only;
    return find_layer(r, i->layer, err) || mp_fail_in(err, i->text);
}

// A cycle that the layer never reaches would do nothing.
static bool within(const struct mp_inject *i, const struct mp_result *r, struct mp_err *err) {
    for (size_t l = 0; l < r->layer_count; l++) {
        uint64_t cycles = mp_counts_cycles(&r->layers[l].figures.counts);
        if (strcmp(r->layers[l].layer->name, i->layer) == 0 && i->flip.cycle >= cycles)
            return mp_fail(err, "\"%s\": layer \"%s\" takes %" PRIu64 " cycles", i->text, i->layer, cycles);
    }
    return true;
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
        if (!mp_inject_parse(o->inject.text[i], a, &(*out)[i], err) || !set_layer(&(*out)[i], r, only, err) ||
            !mp_inject_resolve(&(*out)[i], &registers, err) || !within(&(*out)[i], r, err))
            return mp_fail_in(err, "--inject");
    return true;
}

int mp_cosim_debug_usage(const struct mp_command *c, const struct mp_cosim_debug *o, const char *only) {
    if (!o->wave && (o->wave_layer || o->wave_cycles || o->wave_pe))
        return mp_usage_error(c, "--wave-layer, --wave-cycles and --wave-pe go with --wave");
    if (o->wave && strcmp(o->wave, "-") == 0)
        return mp_usage_error(c, "option --wave: must name a file, another is written beside it (got \"-\")");
    if (o->no_replay && o->wave_dir)
        return mp_usage_error(c, "--no-replay and --wave-dir exclude each other");
    if (o->wave && !only && !o->wave_layer)
        return mp_usage_error(c, "--wave needs --layer or --wave-layer");
    return MP_EXIT_OK;
}

// A number at *at, which then stands behind it; `star`: or "*", and *any.
static bool take(const char **at, bool star, bool *any, uint64_t *out) {
    char *end;
    errno = 0;
    *any = star && **at == '*';
    if (*any) {
        ++*at;
        return true;
    }
    *out = strtoull(*at, &end, 10);
    bool ok = **at >= '0' && **at <= '9' && errno == 0;
    *at = end;
    return ok;
}

static bool take_two(const char *text, char between, bool star, bool any[2], uint64_t out[2]) {
    return take(&text, star, &any[0], &out[0]) && *text++ == between && take(&text, star, &any[1], &out[1]) && !*text;
}

static bool set_pes(const struct mp_cosim_debug *o, const struct mp_arch *arch, struct mp_core_wave *out, struct mp_err *err) {
    bool any[2] = {true, true};
    uint64_t pe[2] = {0};
    if (o->wave_pe && !take_two(o->wave_pe, ',', true, any, pe))
        return mp_fail(err, "--wave-pe: \"%s\" is not ROW,COL, for example 1,2 or 1,*", o->wave_pe);
    if (pe[0] >= arch->array.rows || pe[1] >= arch->array.cols)
        return mp_fail(err, "--wave-pe: \"%s\" lies outside of the %" PRIu64 " rows and %" PRIu64 " columns", o->wave_pe,
                       arch->array.rows, arch->array.cols);
    out->every_row = any[0], out->every_col = any[1];
    out->row = (unsigned)pe[0], out->col = (unsigned)pe[1];
    return true;
}

// Whether the model's process, later, can write there: it cannot tell why not.
static bool writable(const char *path, struct mp_err *err) {
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0)
        return mp_fail(err, "%s: cannot write: %s", path, strerror(errno));
    close(fd);
    return true;
}

bool mp_cosim_debug_wave(const struct mp_cosim_debug *o, const struct mp_result *r, const char *only, struct mp_core_wave *out,
                         const char **layer, struct mp_err *err) {
    bool any[2];
    uint64_t cycles[2] = {0, UINT64_MAX - 1};
    if (!o->wave)
        return true;
    struct stat st;
    if (stat(o->wave, &st) == 0 && !S_ISREG(st.st_mode)) // Verilator's writer would take its place
        return mp_fail(err, "%s: cannot write: not a regular file, which a waveform has to be", o->wave);
    *out = (struct mp_core_wave){.arch = r->arch, .path = o->wave};
    *layer = o->wave_layer ? o->wave_layer : only;
    if (o->wave_cycles && (!take_two(o->wave_cycles, ':', false, any, cycles) || cycles[0] > cycles[1]))
        return mp_fail(err, "--wave-cycles: \"%s\" is not A:B, the first and the last core cycle", o->wave_cycles);
    out->first = cycles[0], out->last = cycles[1];
    if (!find_layer(r, *layer, err) || !set_pes(o, r->arch, out, err))
        return false;
    for (size_t i = 0; i < r->layer_count; i++) {
        uint64_t all = mp_counts_cycles(&r->layers[i].figures.counts);
        if (strcmp(r->layers[i].layer->name, *layer) == 0 && out->first < all &&
            (out->last < all ? out->last : all) - out->first > MANY_CYCLES)
            fprintf(stderr, "mpsim cosim: warning: more than %u cycles make a large waveform; --wave-cycles takes a part\n",
                    MANY_CYCLES);
    }
    return writable(out->path, err);
}

bool mp_cosim_debug_saved(const struct mp_cosim_debug *o, struct mp_core_wave *w, const char *layer, const struct mp_cosim *c,
                          const struct mp_inject *injects, struct mp_err *err) {
    struct mp_arena a = {0};
    uint64_t end = 0;
    if (!o->wave)
        return true;
    for (size_t i = 0; i < c->layer_count; i++)
        if (strcmp(c->layers[i].layer->layer->name, layer) == 0 && c->layers[i].run_count > 0)
            end = c->layers[i].runs[0].end;
    if (end <= w->first)
        return mp_fail(err, "--wave: layer \"%s\" ran for %" PRIu64 " cycles: nothing to trace from cycle %" PRIu64, layer, end,
                       w->first);
    w->last = w->last < end ? w->last : end - 1;
    for (size_t i = 0; i < o->inject.count; i++) {
        uint64_t cycle = injects[i].flip.cycle;
        if (strcmp(injects[i].layer, layer) == 0 && cycle >= w->first && cycle <= w->last)
            mp_core_wave_mark(w, cycle, "inject");
    }
    bool ok = mp_core_wave_save(w, err);
    if (ok)
        fprintf(stderr, "waveform: gtkwave %s %s\n", w->path, mp_core_wave_save_path(w->path, &a));
    mp_arena_finish(&a);
    return ok;
}

void mp_cosim_debug_replayed(const struct mp_cosim *c) {
    for (size_t i = 0; i < c->layer_count; i++)
        if (c->layers[i].replay && c->layers[i].replay->fst)
            fprintf(stderr, "waveform: gtkwave %s %s\n", c->layers[i].replay->fst, c->layers[i].replay->gtkw);
}
