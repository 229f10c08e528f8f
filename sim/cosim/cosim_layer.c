// SPDX-License-Identifier: Apache-2.0
// One layer: its runs on the core, in the event engine and in the reference, and how they compare.
#include "sim/cosim/cosim_layer.h"

#include "sim/engine/engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HANG_FACTOR 4       // of the cycles that the event engine has
#define HANG_CYCLES 100000u // more

struct work {
    const struct mp_cosim_job *job;
    const struct mp_layer *l;
    struct mp_cosim_layer *out;
    struct mp_arena *arena; // of what stays
    struct mp_arena scratch;
    struct mp_random random;
    struct mp_layer_values values; // channels in the order of the runs, as all that follows
    struct mp_reference ref;
    int32_t *core;   // outputs
    uint64_t *order; // output channel of the layer by the runs' number
};

static bool stop(struct work *w, enum mp_cosim_state state, const char *why) {
    w->out->state = state;
    w->out->why = mp_arena_strdup(w->arena, why);
    return false;
}

bool mp_cosim_interrupt(struct mp_cosim_layer *out) {
    out->state = MP_COSIM_NOT_RUN;
    out->why = "interrupted";
    out->interrupted = true;
    return false;
}

// Texts of errors begin with the layer that they are about.
static const char *without_layer(const struct work *w, const char *text) {
    char head[600];
    int n = snprintf(head, sizeof head, "layer \"%s\": ", w->l->name);
    return n > 0 && strncmp(text, head, (size_t)n) == 0 ? text + n : text;
}

static void set_counts(struct mp_cosim_run *run, const struct mp_counts *c) {
    memcpy(run->sim, c->cycles, sizeof c->cycles);
    memcpy(run->sim + MP_CAUSES, c->events, sizeof c->events);
}

// Whether the outputs are the run's, and where they lie.
static void compare(struct work *w, const struct mp_reference_run *r, const struct mp_program *p) {
    const struct mp_geometry *g = &w->l->geo;
    uint64_t plane = g->oh * g->ow, all = g->groups * g->oc;
    struct mp_cosim_layer *out = w->out;
    for (uint64_t b = 0; b < r->batch; b++)
        for (uint64_t i = 0; i < r->channels * plane; i++) {
            uint64_t at = (b * all + r->first_channel) * plane + i;
            out->outputs++;
            if (w->core[at] == w->ref.output[at] || out->mismatches++ > 0)
                continue;
            out->first = (struct mp_cosim_mismatch){
                .run = out->run_count - 1, .batch = b, .channel = w->order[at / plane % all], .row = at % plane / g->ow,
                .col = at % g->ow, .expected = w->ref.output[at], .actual = w->core[at],
                .place = mp_program_place(r, p, at)};
        }
}

// Against integer inference, which knows nothing of the program and its tiles.
static void compare_inference(struct work *w, const struct mp_reference_run *r) {
    const struct mp_cosim_real *real = w->job->options->real;
    const struct mp_geometry *g = &w->l->geo;
    const struct mp_cosim_place place = mp_cosim_output_place(w->job->result->workload, w->l);
    const uint64_t plane = g->oh * g->ow, all = g->groups * g->oc;
    for (uint64_t b = 0; real && b < r->batch; b++)
        for (uint64_t c = r->first_channel; c < r->first_channel + r->channels; c++) {
            const int32_t *want = real->tensors[w->l->output].at + (b * place.channels + place.first + w->order[c]) * plane;
            for (uint64_t i = 0; i < plane; i++)
                w->out->unlike_inference += w->core[(b * all + c) * plane + i] != want[i];
        }
}

struct told {
    const struct work *w;
    uint64_t cycles;
};

static void tell(void *user, const struct mp_drive_result *r) {
    const struct told *t = user;
    const struct mp_cosim_options *o = t->w->job->options;
    o->progress(o->user, t->w->l, r, t->cycles);
}

// What is injected into the run that began last: the layer's first one has it all.
static size_t flips_of(struct work *w, struct mp_drive_flip **flips) {
    const struct mp_cosim_options *o = w->job->options;
    size_t count = 0;
    *flips = mp_arena_alloc(&w->scratch, o->inject_count, sizeof **flips);
    for (size_t i = 0; w->out->run_count == 1 && i < o->inject_count; i++)
        if (strcmp(o->injects[i].layer, w->l->name) == 0)
            (*flips)[count++] = o->injects[i].flip;
    return count;
}

static bool run_core(struct work *w, const struct mp_program *p, struct mp_cosim_run *run, uint64_t cycles) {
    const struct mp_cosim_options *o = w->job->options;
    struct mp_drive_job job = {.tiles = p->tiles, .tile_count = p->tile_count, .image = p->image,
                               .image_bytes = p->image_bytes, .dram = &w->job->result->arch->dram,
                               .max_cycles = HANG_FACTOR * cycles + HANG_CYCLES};
    struct mp_drive_flip *flips;
    job.flip_count = flips_of(w, &flips);
    job.flips = flips;
    if (o->wave && w->out->run_count == 1 && strcmp(o->wave_layer, w->l->name) == 0)
        job.wave = o->wave->path, job.wave_first = o->wave->first, job.wave_last = o->wave->last,
        job.wave_scopes = mp_core_wave_scopes(o->wave, &w->scratch);
    struct told told = {.w = w, .cycles = cycles};
    struct mp_child_watch watch = {.progress = o->progress ? tell : NULL, .user = &told};
    struct mp_drive_result result = {0};
    struct mp_err err;
    enum mp_child_end end = mp_child_run(o->library, &job, &watch, &result, &err);
    run->end = result.cycles;
    switch (end) {
    case MP_CHILD_INTERRUPTED:
        return mp_cosim_interrupt(w->out);
    case MP_CHILD_FAILED:
        return stop(w, MP_COSIM_FAILED, err.text);
    case MP_CHILD_DONE:
        break;
    }
    memcpy(run->core, result.counter, sizeof run->core);
    run->core_overflows = result.overflows;
    run->edges = result.edges;
    run->seconds = result.seconds;
    return true;
}

// The overflows of the run alone. False after an interruption.
static bool run_reference(struct work *w, const struct mp_reference_run *r, struct mp_cosim_run *run) {
    w->ref.overflows = 0;
    if (!mp_reference_run(r, &w->ref))
        return mp_cosim_interrupt(w->out);
    run->overflows = w->ref.overflows;
    if (mp_layer_on_array(w->l) && !w->job->options->real)
        mp_cosim_requantise(r, &w->random, &w->ref);
    return true;
}

// The run that began last.
static bool disagrees(const struct work *w, uint64_t mismatches) {
    const struct mp_cosim c = {.result = w->job->result};
    const struct mp_cosim_layer one = {.state = w->out->state, .runs = w->out->runs + w->out->run_count - 1, .run_count = 1,
                                       .mismatches = mismatches};
    return !mp_cosim_layer_agrees(&c, &one);
}

// Runs it again when it disagreed: `before` outputs were wrong ahead of it. False after an interruption.
static bool replay(struct work *w, const struct mp_reference_run *r, uint64_t before, uint64_t cycles) {
    struct mp_cosim_layer *out = w->out;
    struct mp_drive_flip *flips;
    if (!w->job->replays || out->replay || !disagrees(w, out->mismatches - before))
        return true;
    struct mp_replay_job job = {.options = w->job->options->replay, .run = r, .layer_index = w->job->layer,
                                .output = w->ref.output, .failed = out->state == MP_COSIM_FAILED,
                                .wrong = out->mismatches > before ? &out->first.place : NULL,
                                .max_cycles = HANG_FACTOR * cycles + HANG_CYCLES};
    job.flip_count = flips_of(w, &flips);
    job.flips = flips;
    out->replay = mp_arena_alloc(w->arena, 1, sizeof *out->replay);
    out->interrupted = !mp_replay_run(&job, w->arena, out->replay); // what disagreed still counts
    return !out->interrupted;
}

static void set_run(const struct work *w, const struct mp_run *m, uint64_t first, struct mp_task *task,
                    struct mp_reference_run *r) {
    const struct mp_result *res = w->job->result;
    const struct mp_residency nowhere = {0};
    mp_task_init(task, res->arch, res->workload, res->plan, w->job->layer, m->channels, m->w_bits, &nowhere);
    *r = (struct mp_reference_run){.arch = res->arch, .layer = w->l, .task = task, .mapping = &m->map, .values = &w->values,
                                   .first_channel = first, .channels = m->channels, .batch = res->plan->batch,
                                   .w_bits = m->w_bits, .stopped = mp_child_signalled};
}

static bool do_run(struct work *w, const struct mp_run *m, uint64_t first) {
    struct mp_task task;
    struct mp_reference_run r;
    struct mp_counts counts;
    struct mp_program program;
    struct mp_err err;
    struct mp_arena image = {0};
    struct mp_cosim_run *run = &w->out->runs[w->out->run_count++];
    set_run(w, m, first, &task, &r);
    *run = (struct mp_cosim_run){.first = first, .channels = m->channels, .w_bits = m->w_bits};
    mp_event(&task, &m->map, NULL, NULL, &counts);
    set_counts(run, &counts);
    if (!run_reference(w, &r, run))
        return false;
    bool ok = mp_program_build(&r, w->job->layer, &image, &program, &err) ||
              stop(w, MP_COSIM_FAILED, without_layer(w, err.text));
    uint64_t before = w->out->mismatches, cycles = mp_counts_cycles(&counts);
    ok = ok && run_core(w, &program, run, cycles);
    if (ok) {
        mp_program_outputs(&r, &program, program.image, w->core);
        compare(w, &r, &program);
        compare_inference(w, &r);
    }
    if (ok || w->out->state == MP_COSIM_FAILED)
        ok = replay(w, &r, before, cycles) && ok;
    mp_arena_finish(&image);
    return ok;
}

// Before anything is allocated or computed.
static bool runs_fit(struct work *w, struct mp_err *err) {
    const struct mp_layer_mapping *m = &w->out->layer->mapping;
    uint64_t first = 0;
    mp_cosim_layer_ranges(w->job, w->l, &w->values);
    for (size_t i = 0; i < m->run_count; first += m->runs[i++].channels) {
        struct mp_task task;
        struct mp_reference_run r;
        set_run(w, &m->runs[i], first, &task, &r);
        if (!mp_program_fits(&r, err))
            return false;
    }
    return true;
}

static bool may_run(struct work *w) {
    const struct mp_layer_result *lr = w->out->layer;
    uint64_t cycles = mp_counts_cycles(&lr->figures.counts), most = w->job->options->max_cycles;
    struct mp_err err;
    if (!mp_program_possible(w->job->result->arch, w->l, &err))
        return stop(w, MP_COSIM_NOT_RUN, without_layer(w, err.text));
    if (most && cycles > most)
        return stop(w, MP_COSIM_NOT_RUN,
                    mp_arena_printf(w->arena, "%" PRIu64 " cycles are more than --max-cycles %" PRIu64, cycles, most));
    return runs_fit(w, &err) || stop(w, MP_COSIM_NOT_RUN, without_layer(w, err.text));
}

// What the core computed, into the output tensor: of one that is right, all are in its range. Channels that a pool adds stay as
// they are.
static void pass_on(struct work *w) {
    const struct mp_geometry *g = &w->l->geo;
    const struct mp_range range = mp_cosim_range(w->job->result, w->l->output);
    const struct mp_cosim_place place = mp_cosim_output_place(w->job->result->workload, w->l);
    const uint64_t plane = g->oh * g->ow, all = g->groups * g->oc;
    for (uint64_t b = 0; b < w->job->result->plan->batch; b++)
        for (uint64_t c = 0; c < all; c++)
            mp_values_clamp(&range, w->core + (b * all + c) * plane, plane,
                            w->job->output->at + (b * place.channels + place.first + w->order[c]) * plane);
}

static void run_all(struct work *w) {
    const struct mp_layer_mapping *m = &w->out->layer->mapping;
    const struct mp_geometry *g = &w->l->geo;
    uint64_t outputs = w->job->result->plan->batch * g->groups * g->oc * g->oh * g->ow, first = 0;
    w->order = mp_arena_alloc(&w->scratch, g->groups * g->oc, sizeof *w->order);
    mp_mapping_channels(m, w->out->layer->bits, w->order);
    mp_cosim_layer_values(w->job, w->out->layer, w->order, &w->random, &w->scratch, &w->values);
    w->out->runs = mp_arena_alloc(w->arena, m->run_count, sizeof *w->out->runs);
    w->ref.output = mp_arena_alloc(&w->scratch, outputs, sizeof *w->ref.output);
    w->ref.sum = mp_arena_alloc(&w->scratch, outputs, sizeof *w->ref.sum);
    w->core = mp_arena_alloc(&w->scratch, outputs, sizeof *w->core);
    for (size_t i = 0; i < m->run_count; i++) {
        if (!do_run(w, &m->runs[i], first))
            return;
        first += m->runs[i].channels;
    }
    pass_on(w);
}

bool mp_cosim_layer_run(const struct mp_cosim_job *job, struct mp_arena *a, struct mp_cosim_layer *out) {
    const struct mp_result *r = job->result;
    struct work w = {.job = job, .l = out->layer->layer, .out = out, .arena = a,
                     .random = mp_cosim_random(job->options->seed, MP_COSIM_LAYER, job->layer)};
    mp_cosim_fill(r, job->options, w.l->output, job->output);
    if (may_run(&w))
        run_all(&w);
    mp_arena_finish(&w.scratch);
    return !out->interrupted;
}
