// SPDX-License-Identifier: Apache-2.0
// A run's waveform: the file, its save file, and interrupts meanwhile.
#include "sim/cli/wave.h"

#include "sim/base/file.h"

#include <stdio.h>
#include <string.h>

static sigset_t interrupts(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    return set;
}

bool mp_wave_begin(struct mp_wave *w, const char *path, struct mp_err *err) {
    sigset_t set = interrupts();
    *w = (struct mp_wave){.path = path};
    sigprocmask(SIG_BLOCK, &set, &w->signals);
    w->fst = mp_fst_create(path, err);
    if (w->fst)
        mp_tile_wave_begin(&w->tiles, w->fst);
    else
        sigprocmask(SIG_SETMASK, &w->signals, NULL);
    return w->fst;
}

void mp_wave_check(struct mp_wave *w) {
    struct mp_err err;
    sigset_t waiting, mine = interrupts();
    sigpending(&waiting);
    sigandset(&waiting, &waiting, &mine);
    if (!w->fst || sigisemptyset(&waiting))
        return;
    mp_fst_close(w->fst, false, &err);
    w->fst = NULL;
    sigprocmask(SIG_SETMASK, &w->signals, NULL);
}

// FILE.gtkw for FILE.fst; for any other name it is put behind.
static char *save_path(const char *path, struct mp_arena *a) {
    const char *dot = strrchr(path, '.');
    size_t len = dot && strcmp(dot, ".fst") == 0 ? (size_t)(dot - path) : strlen(path);
    return mp_arena_printf(a, "%.*s.gtkw", (int)len, path);
}

static bool save(const struct mp_wave *w, const char *path, struct mp_err *err) {
    struct mp_gtkw g = {.first = 0};
    struct mp_buf text = {0};
    mp_tile_wave_save(&w->tiles, &g);
    mp_gtkw_write(&g, &text);
    bool ok = mp_file_write(path, text.text, text.len, err);
    mp_buf_finish(&text);
    mp_gtkw_finish(&g);
    return ok;
}

static bool complete(struct mp_wave *w, bool keep, struct mp_err *err) {
    struct mp_arena a = {0};
    mp_tile_wave_finish(&w->tiles);
    bool ok = mp_fst_close(w->fst, keep, err);
    if (ok && keep) {
        const char *path = save_path(w->path, &a);
        ok = save(w, path, err);
        if (ok)
            fprintf(stderr, "waveform: gtkwave %s %s\n", w->path, path);
    }
    mp_arena_finish(&a);
    return ok;
}

bool mp_wave_end(struct mp_wave *w, bool keep, struct mp_err *err) {
    mp_wave_check(w);
    bool ok = true;
    if (w->fst) {
        ok = complete(w, keep, err);
        sigprocmask(SIG_SETMASK, &w->signals, NULL);
    }
    return ok;
}
