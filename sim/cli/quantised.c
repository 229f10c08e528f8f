// SPDX-License-Identifier: Apache-2.0
// Loading, calibrating, quantising, in that order.
#include "sim/cli/quantised.h"

#include "sim/base/file.h"
#include "sim/base/pool.h"
#include "sim/base/say.h"
#include "sim/cli/configs.h"
#include "sim/cli/inputs.h"
#include "sim/cosim/child.h"
#include "sim/engine/task.h"
#include "sim/nn/gram.h"
#include "sim/nn/infer.h"

#include <stdlib.h>
#include <string.h>

#define CALIBRATION_IMAGES 1024
#define GRAM_IMAGES 256 // of them, whose products of operands are summed

const char *const mp_on_off[] = {"on", "off", NULL}, *const mp_off_on[] = {"off", "on", NULL};

const char *mp_quantiser_option(const struct mp_quantised_options *o) {
    return o->calibrate            ? "--calibrate"
           : o->calibration_images ? "--calibration-images"
           : o->weights            ? "--weights"
           : o->rounding           ? "--rounding"
           : o->activations        ? "--activations"
           : o->per_tensor         ? "--per-tensor"
           : o->affine             ? "--affine"
           : o->power_of_two       ? "--dynamic-fixed-point"
           : o->bias_correction    ? "--bias-correction"
           : o->equalize           ? "--equalize"
           : o->model_ranges       ? "--model-ranges"
                                   : NULL;
}

int mp_quantised_usage(const struct mp_command *c, const struct mp_quantised_options *o) {
    if (!o->model && !o->plan)
        return mp_usage_error(c, "option --model is missing");
    if (!o->data)
        return mp_usage_error(c, "option --data is missing");
    if (o->plan && o->w_bits)
        return mp_usage_error(c, "--plan and --w-bits exclude each other");
    if (o->a_bits && !o->w_bits)
        return mp_usage_error(c, "--a-bits goes with --w-bits");
    if (!o->plan && !o->w_bits && !o->many_plans && mp_quantiser_option(o))
        return mp_usage_error(c, "%s needs --plan or --w-bits", mp_quantiser_option(o));
    if (o->percentile > 0 && o->weights != MP_RANGE_PERCENTILE && o->activations != MP_RANGE_PERCENTILE)
        return mp_usage_error(c, "--percentile goes with --weights percentile or --activations percentile");
    if (o->power_of_two && o->per_tensor)
        return mp_usage_error(c, "--dynamic-fixed-point has one scale a tensor as it is: leave out --per-tensor");
    return MP_EXIT_OK;
}

// Model

static bool plan_path(const struct mp_quantised *z, const char **path, struct mp_err *err) {
    return mp_config_find(MP_CONFIG_PLAN, z->o->plan, z->arena, path, err);
}

static bool model_path(struct mp_quantised *z, const char **path, struct mp_err *err) {
    const char *plan;
    if (z->o->model)
        return mp_config_find(MP_CONFIG_MODEL, z->o->model, z->arena, path, err);
    if (!plan_path(z, &plan, err) || !mp_plan_load(&z->plan, z->arena, plan, err))
        return false;
    const char *dot = strrchr(z->plan.workload, '.');
    char shown[MP_SAY_BYTES];
    if (!dot || strcmp(dot, ".onnx") != 0)
        return mp_fail(err, "%s: /workload: must be an ONNX model when there is no --model (got \"%s\")", plan,
                       mp_say_text(z->plan.workload, strlen(z->plan.workload), shown));
    *path = mp_path_beside(z->arena, plan, z->plan.workload);
    return true;
}

static bool load_model(struct mp_quantised *z, const char **path, struct mp_err *err) {
    if (!model_path(z, path, err) || !mp_network_load(&z->net, z->arena, *path, z->dims, err))
        return false;
    return !z->has_plan || mp_network_load(&z->work, z->arena, *path, z->dims, err);
}

// Data

static bool load_data(struct mp_quantised *z, struct mp_err *err) {
    const struct mp_quantised_options *o = z->o;
    const uint64_t wanted = o->calibration_images ? o->calibration_images : CALIBRATION_IMAGES;
    struct mp_preprocess prep;
    const char *path;
    mp_preprocess_default(&prep);
    if (o->preprocess && (!mp_config_find(MP_CONFIG_PREPROCESS, o->preprocess, z->arena, &path, err) ||
                          !mp_preprocess_load(&prep, z->arena, path, err)))
        return false;
    if (!mp_dataset_open(&z->data, z->arena, o->data, MP_SPLIT_TEST, o->images, &prep, err))
        return false;
    if (!z->has_plan)
        return true;
    if (o->calibrate) {
        z->calibrated_on = o->calibrate;
        return mp_dataset_open(&z->train, z->arena, o->calibrate, MP_SPLIT_TEST, wanted, &prep, err);
    }
    z->own_images = !z->data.has_train;
    z->calibrated_on = z->data.has_train ? mp_arena_printf(z->arena, "the training part of %s", o->data)
                                         : mp_arena_printf(z->arena, "%s itself", o->data);
    return mp_dataset_open(&z->train, z->arena, o->data, z->data.has_train ? MP_SPLIT_TRAIN : MP_SPLIT_TEST, wanted, &prep,
                           err);
}

bool mp_network_takes(const struct mp_network *n, const struct mp_dataset *d, struct mp_err *err) {
    const size_t image = mp_network_image(n);
    if (image == MP_NO_VALUE)
        return mp_fail(err, "%s: must have one input (got %zu)", n->graph.source, n->graph.input_count);
    const struct mp_tensor *in = &n->workload.tensors[image];
    if (in->c == d->channels && in->h == d->height && in->w == d->width)
        return true;
    return mp_fail(err, "%s: images must be %jux%jux%ju, as \"%s\" takes them (got %jux%jux%ju)", d->name, (uintmax_t)in->c,
                   (uintmax_t)in->h, (uintmax_t)in->w, n->graph.source, (uintmax_t)d->channels, (uintmax_t)d->height,
                   (uintmax_t)d->width);
}

// Plan

static bool resolve_plan(struct mp_quantised *z, const char *model, struct mp_err *err) {
    const struct mp_quantised_options *o = z->o;
    const char *path;
    if (!o->plan)
        return mp_input_uniform_plan(model, &z->work.workload, o->w_bits, o->a_bits ? o->a_bits : 8, 1, z->arena, &z->plan,
                                     err);
    if (!plan_path(z, &path, err) || !mp_plan_load(&z->plan, z->arena, path, err))
        return false;
    return mp_plan_resolve(&z->plan, z->arena, &z->work.workload, err);
}

static struct mp_quantise_options options_of(const struct mp_quantised_options *o) {
    return (struct mp_quantise_options){.weights = (enum mp_range_method)o->weights,
                                        .activations = (enum mp_range_method)o->activations,
                                        .rounding = (enum mp_rounding)o->rounding,
                                        .percentile = o->percentile > 0 ? o->percentile : 99.99,
                                        .weights_per_tensor = o->per_tensor,
                                        .affine = o->affine,
                                        .power_of_two = o->power_of_two,
                                        .bias_correction = o->bias_correction == 0,
                                        .stopped = mp_child_signalled,
                                        .equalise = o->equalize == 1,
                                        .model_ranges = o->model_ranges == 0};
}

bool mp_quantised_load(struct mp_quantised *z, const struct mp_quantised_options *o, const struct mp_onnx_dims *dims,
                       struct mp_arena *a, struct mp_err *err) {
    const char *model;
    *z = (struct mp_quantised){.o = o, .dims = dims, .arena = a, .how = options_of(o), .has_plan = o->plan || o->w_bits || o->many_plans,
                               .threads = o->jobs ? (unsigned)o->jobs : mp_pool_default()};
    if (!load_model(z, &model, err) || !load_data(z, err) || !mp_network_takes(&z->net, &z->data, err))
        return false;
    if (!z->has_plan)
        return true;
    if (!mp_network_takes(&z->work, &z->train, err))
        return false;
    if (z->how.equalise)
        z->pairs = mp_network_equalise(&z->work);
    if (!mp_calibrate(&z->work, &z->train, z->train.count, z->threads, mp_child_signalled, a, &z->calibration, err))
        return false;
    if (z->how.rounding == MP_ROUND_GPTQ &&
        !mp_calibrate_gram(&z->work, &z->train, GRAM_IMAGES, z->threads, mp_child_signalled, a, &z->calibration, err))
        return false;
    mp_quantise_signs(&z->work, &z->calibration, z->how.model_ranges);
    mp_quantise_signs(&z->net, &z->calibration, z->how.model_ranges);
    return o->many_plans || resolve_plan(z, model, err);
}

// On all images of the calibration, or on as many as memory allows, of which the means are measured again.
static bool correct_biases(struct mp_quantised *z, const struct mp_accumulator *accumulator, struct mp_err *err) {
    struct mp_calibration fewer = {0};
    const struct mp_calibration *c = &z->calibration;
    z->bias_images = mp_bias_images(&z->work.workload, c->images);
    if (z->bias_images < c->images) {
        c = &fewer;
        if (!mp_calibrate(&z->work, &z->train, z->bias_images, z->threads, mp_child_signalled, z->arena, &fewer, err))
            return false;
    }
    return mp_correct_biases(&z->q, c, &z->train, z->bias_images, accumulator, mp_child_signalled, err);
}

bool mp_quantised_make(struct mp_quantised *z, const struct mp_accumulator *accumulator, struct mp_err *err) {
    return mp_quantise_network(&z->work, &z->plan, &z->calibration, &z->how, z->arena, &z->q, err) &&
           (!z->how.bias_correction || correct_biases(z, accumulator, err));
}

// Orders

// An output-stationary PE takes a dot product of its lanes a step; of the other dataflows a column's rows take part in one.
static struct mp_order order_of(const struct mp_result *r, size_t layer, const struct mp_run *run) {
    static const struct mp_residency nowhere;
    struct mp_task t;
    mp_task_init(&t, r->arch, r->workload, r->plan, layer, run->channels, run->w_bits, &nowhere);
    return (struct mp_order){.lanes = t.lanes * (t.dataflow == MP_OS ? 1 : t.rows), .part = run->map.tile[MP_IC],
                             .flat = run->map.lanes == MP_ROLE_K_IC};
}

// The run that computes each output channel.
static void run_of_channels(const struct mp_layer_result *lr, struct mp_arena *a, size_t *run) {
    const struct mp_geometry *g = &lr->layer->geo;
    uint64_t *order = mp_arena_alloc(a, g->groups * g->oc, sizeof *order);
    mp_mapping_channels(&lr->mapping, lr->bits, order);
    for (size_t i = 0, at = 0; i < lr->mapping.run_count; i++)
        for (uint64_t c = 0; c < lr->mapping.runs[i].channels; c++)
            run[order[at++]] = i;
}

static struct mp_layer_order layer_order(const struct mp_result *r, size_t layer, struct mp_arena *a) {
    const struct mp_layer_result *lr = &r->layers[layer];
    const uint64_t channels = lr->layer->geo.groups * lr->layer->geo.oc;
    struct mp_channel_order *ranges = mp_arena_alloc(a, channels, sizeof *ranges);
    size_t *run = mp_arena_alloc(a, channels, sizeof *run), count = 0;
    run_of_channels(lr, a, run);
    for (uint64_t c = 0; c < channels; c++) {
        if (c == 0 || run[c] != run[c - 1])
            ranges[count++].order = order_of(r, layer, &lr->mapping.runs[run[c]]);
        ranges[count - 1].channels++;
    }
    return (struct mp_layer_order){ranges, count};
}

const struct mp_layer_order *mp_quantised_orders(const struct mp_result *r, struct mp_arena *a) {
    struct mp_layer_order *orders = mp_arena_alloc(a, r->layer_count, sizeof *orders);
    for (size_t i = 0; i < r->layer_count; i++)
        if (mp_layer_on_array(r->layers[i].layer))
            orders[i] = layer_order(r, i, a);
    return orders;
}
