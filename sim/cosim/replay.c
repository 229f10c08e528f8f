// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/replay.h"

#include "sim/cosim/core_wave.h"

#include <ctype.h>
#include <string.h>
#include <sys/mman.h>

#define ALL_PES 64u // a larger array is traced with one PE

const char *const mp_replay_what_names[] = {"sum", "fold", "output", "stage", "counters", "stop", "hang", "nothing", NULL};

struct replay {
    const struct mp_replay_job *job;
    struct mp_arena *arena; // of what stays
    struct mp_arena scratch;
    const char *library;
    struct mp_program program;
    struct mp_watch watch;
    struct mp_watch_seen *seen; // shared with the driver's process
    size_t seen_bytes;
    struct mp_replay *out;
};

static bool nothing(struct replay *k, const char *why) {
    k->out->what = MP_REPLAY_NOTHING;
    k->out->why = mp_arena_strdup(k->arena, why);
    return false;
}

static bool prepare(struct replay *k) {
    struct mp_err err;
    k->library = k->job->options->named(k->job->options->user, &err);
    if (!k->library || !mp_program_build(k->job->run, k->job->layer_index, &k->scratch, &k->program, &err))
        return nothing(k, err.text);
    uint64_t stages = k->program.tile_count + 3;
    k->seen_bytes = sizeof *k->seen + stages * sizeof *k->seen->stage;
    void *memory = mmap(NULL, k->seen_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return nothing(k, "no memory");
    k->seen = memory;
    k->watch = (struct mp_watch){.run = k->job->run, .output = k->job->output, .stage_cap = stages, .seen = k->seen};
    return true;
}

// A run with the watch. Its image is a fresh one each time.
static enum mp_child_end run(struct replay *k, struct mp_drive_job *drive, struct mp_drive_result *r) {
    struct mp_drive_hook hook;
    struct mp_err err;
    struct mp_arena a = {0};
    memset(k->seen, 0, k->seen_bytes);
    mp_watch_hook(&k->watch, &a, &hook);
    drive->tiles = k->program.tiles, drive->tile_count = k->program.tile_count;
    drive->image_bytes = k->program.image_bytes;
    drive->image = mp_arena_alloc(&a, drive->image_bytes, 1);
    memcpy(drive->image, k->program.image, drive->image_bytes);
    drive->dram = &k->job->run->arch->dram;
    drive->flips = k->job->flips, drive->flip_count = k->job->flip_count;
    drive->hook = &hook;
    enum mp_child_end end = mp_child_run(k->library, drive, NULL, r, &err);
    if (end == MP_CHILD_FAILED && r->end == MP_DRIVE_RUNNING)
        nothing(k, err.text);
    mp_arena_finish(&a);
    return end;
}

// A file's name from the layer's.
static const char *file_of(struct replay *k, const char *ending) {
    char *path = mp_arena_printf(k->arena, "%s/cosim-%s%s", k->job->options->folder, k->job->run->layer->name, ending);
    if (strcmp(k->job->options->folder, ".") == 0)
        path += 2;
    char *name = path + (strlen(path) - strlen(k->job->run->layer->name) - strlen(ending));
    for (; *name; name++)
        if (!isalnum((unsigned char)*name) && !strchr("._-", *name))
            *name = '_';
    return path;
}

static bool many_pes(const struct replay *k) {
    return k->job->run->arch->array.rows * k->job->run->arch->array.cols > ALL_PES;
}

static void mark(const struct replay *k, struct mp_core_wave *w) {
    const struct mp_replay *o = k->out;
    if (o->last_good != o->first_bad && o->last_good >= o->first)
        mp_core_wave_mark(w, o->last_good, "last good");
    mp_core_wave_mark(w, o->first_bad, "first bad");
    for (size_t i = 0; i < k->job->flip_count; i++)
        if (k->job->flips[i].cycle >= o->first && k->job->flips[i].cycle <= o->last)
            mp_core_wave_mark(w, k->job->flips[i].cycle, "inject");
}

// The window once more, traced; the PE that is wrong, or that made the wrong output, is the one that is shown.
static bool trace(struct replay *k) {
    struct mp_replay *o = k->out;
    const struct mp_place *place = k->job->wrong;
    struct mp_core_wave w = {.arch = k->job->run->arch, .first = o->first, .last = o->last,
                             .every_row = !many_pes(k), .every_col = !many_pes(k)};
    struct mp_drive_result r;
    struct mp_err err;
    w.row = o->has_pe ? o->row : place ? place->row : 0, w.col = o->has_pe ? o->col : place ? place->col : 0;
    w.path = file_of(k, ".fst");
    k->watch.expect = k->job->run->task->on_array, k->watch.row = w.row, k->watch.col = w.col;
    struct mp_drive_job drive = {.max_cycles = o->last, .wave = w.path, .wave_first = o->first, .wave_last = o->last,
                                 .wave_scopes = mp_core_wave_scopes(&w, &k->scratch)};
    if (run(k, &drive, &r) == MP_CHILD_INTERRUPTED)
        return false;
    if ((r.end == MP_DRIVE_REFUSED && !k->job->failed) || r.end == MP_DRIVE_RUNNING) {
        o->why = mp_arena_printf(k->arena, "no waveform: %s", r.text[0] ? r.text : "the model's process ended");
        return true;
    }
    mark(k, &w);
    if (!mp_core_wave_save(&w, &err)) {
        o->why = mp_arena_strdup(k->arena, err.text);
        return true;
    }
    o->fst = w.path, o->gtkw = mp_core_wave_save_path(w.path, k->arena);
    return true;
}

static bool find_and_trace(struct replay *k) {
    struct mp_drive_job drive = {.max_cycles = k->job->max_cycles};
    struct mp_drive_result r = {0};
    if (run(k, &drive, &r) == MP_CHILD_INTERRUPTED)
        return false;
    if (r.end == MP_DRIVE_RUNNING)
        return true;
    if (k->job->failed && r.end == MP_DRIVE_DONE)
        return nothing(k, "the run, repeated, ends as it should"), true;
    mp_replay_judge(k->job, &r, k->seen, k->job->run->task->turned != 0, k->out);
    return k->out->what == MP_REPLAY_COUNTERS || trace(k);
}

bool mp_replay_run(const struct mp_replay_job *job, struct mp_arena *a, struct mp_replay *out) {
    struct replay k = {.job = job, .arena = a, .out = out};
    *out = (struct mp_replay){.what = MP_REPLAY_NOTHING};
    bool go_on = prepare(&k) ? find_and_trace(&k) : !mp_child_signalled();
    if (!go_on)
        out->why = "interrupted";
    if (k.seen)
        munmap(k.seen, k.seen_bytes);
    mp_arena_finish(&k.scratch);
    return go_on;
}
