// SPDX-License-Identifier: Apache-2.0
// Layer by layer through the network, tensors from one to the next; what concat and view do is done here.
#include "sim/cosim/cosim.h"

#include "sim/cosim/cosim_layer.h"

#include <stdlib.h>

const char *const mp_cosim_state_names[] = {"ran", "host", "not_run", "failed", NULL};

struct walk {
    const struct mp_result *r;
    const struct mp_cosim_options *o;
    struct mp_values *tensors; // of the workload; freed behind their last consumer
    bool replayed;
};

static struct mp_values *make(struct walk *w, size_t tensor) {
    const struct mp_tensor *t = &w->r->workload->tensors[tensor];
    struct mp_values *v = &w->tensors[tensor];
    v->count = w->r->plan->batch * t->c * t->h * t->w;
    free(v->at);
    v->at = calloc(v->count ? v->count : 1, sizeof *v->at);
    if (!v->at)
        mp_out_of_memory();
    return v;
}

// What a layer reads: as it was computed; when nothing did, the images', or random.
static const struct mp_values *get(struct walk *w, size_t tensor) {
    if (!w->tensors[tensor].at)
        mp_cosim_fill(w->r, w->o, tensor, make(w, tensor));
    return &w->tensors[tensor];
}

// Concat: channel by channel, image by image. View: the beginning of the elements, or what the network says. Inputs may have other widths or signs than
// the output.
static void move(struct walk *w, const struct mp_layer *l) {
    uint64_t batch = w->r->plan->batch;
    struct mp_values *out = make(w, l->output);
    struct mp_range range = mp_cosim_range(w->r, l->output);
    uint64_t part = out->count / batch, done = 0;
    if (w->o->real && l->type == MP_VIEW) {
        mp_cosim_real_view(w->o->real, (size_t)(l - w->r->workload->layers), get(w, l->inputs[0]), out);
        return;
    }
    for (size_t i = 0; i < l->input_count; i++) {
        const struct mp_values *in = get(w, l->inputs[i]);
        uint64_t have = in->count / batch, take = have < part - done ? have : part - done;
        for (uint64_t b = 0; b < batch; b++)
            mp_values_clamp(&range, in->at + b * have, take, out->at + b * part + done);
        done += take;
    }
}

static bool run_one(struct walk *w, size_t layer, struct mp_arena *a, struct mp_cosim_layer *out) {
    const struct mp_layer *l = out->layer->layer;
    if (mp_layer_moves_nothing(l)) {
        out->state = MP_COSIM_HOST;
        move(w, l);
        return true;
    }
    struct mp_cosim_job job = {.result = w->r, .options = w->o, .layer = layer, .replays = w->o->replay && !w->replayed};
    for (size_t i = 0; i < l->input_count && i < 2; i++)
        job.input[i] = get(w, l->inputs[i]);
    job.output = make(w, l->output);
    bool go_on = mp_cosim_layer_run(&job, a, out);
    w->replayed = w->replayed || out->replay;
    return go_on;
}

// The class of each image, when the tensor is what leaves the network.
static void classify(struct walk *w, size_t tensor, struct mp_arena *a, struct mp_cosim *out) {
    const struct mp_values *v = &w->tensors[tensor];
    const uint64_t images = w->r->plan->batch, count = v->count / images;
    if (!w->o->real || out->classes || w->r->workload->tensors[tensor].last_consumer != MP_NO_LAYER)
        return;
    out->classes = mp_arena_alloc(a, images, sizeof *out->classes);
    for (uint64_t b = 0; b < images; b++)
        for (uint64_t i = 1; i < count; i++)
            if (v->at[b * count + i] > v->at[b * count + out->classes[b]])
                out->classes[b] = i;
}

static void drop(struct walk *w, size_t layer) {
    const struct mp_layer *l = &w->r->workload->layers[layer];
    for (size_t i = 0; i < l->input_count; i++)
        if (w->r->workload->tensors[l->inputs[i]].last_consumer == layer) {
            free(w->tensors[l->inputs[i]].at);
            w->tensors[l->inputs[i]].at = NULL;
        }
}

bool mp_cosim_run(const struct mp_result *r, const struct mp_cosim_options *o, struct mp_arena *a, struct mp_cosim *out,
                  struct mp_err *err) {
    struct walk w = {.r = r, .o = o};
    if (r->arch->keep_on_chip)
        return mp_fail(err, "arch \"%s\": /keep_on_chip: must be false", r->arch->name);
    w.tensors = mp_arena_alloc(a, r->workload->tensor_count, sizeof *w.tensors);
    out->result = r, out->seed = o->seed, out->library = o->library, out->real = o->real;
    out->injects = o->injects, out->inject_count = o->inject_count;
    out->layers = mp_arena_alloc(a, r->layer_count, sizeof *out->layers);
    out->layer_count = r->layer_count;
    for (size_t i = 0; i < r->layer_count; i++) {
        size_t layer = (size_t)(r->layers[i].layer - r->workload->layers);
        out->layers[i].layer = &r->layers[i];
        if (out->interrupted) {
            mp_cosim_interrupt(&out->layers[i]);
            continue;
        }
        out->interrupted = !run_one(&w, layer, a, &out->layers[i]);
        if (!out->interrupted && r->layer_count == r->workload->layer_count)
            classify(&w, r->workload->layers[layer].output, a, out);
        drop(&w, layer);
    }
    for (size_t i = 0; i < r->workload->tensor_count; i++)
        free(w.tensors[i].at);
    return true;
}
