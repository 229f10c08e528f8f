// SPDX-License-Identifier: Apache-2.0
// Loading for search and sensitivity: model or workload, space, metric.
#include "sim/cli/search_inputs.h"

#include "sim/base/clock.h"
#include "sim/base/file.h"
#include "sim/base/say.h"
#include "sim/cli/configs.h"
#include "sim/cli/inputs.h"
#include "sim/cli/out.h"
#include "sim/cosim/child.h"
#include "sim/search/harm_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define METRIC_IMAGES 256
#define PROBES 16
#define STORE_BYTES ((uint64_t)2 << 30) // of activations that are used again

// Sets of widths

// "2,4,8" or "2-8", mixed: bit b for b bits.
static bool read_set(const char *option, const char *text, uint32_t *set, struct mp_err *err) {
    char shown[MP_SAY_BYTES];
    const char *at = text;
    *set = 0;
    while (at) {
        const bool one = at[0] >= '1' && at[0] <= '8', range = one && at[1] == '-' && at[2] >= at[0] && at[2] <= '8';
        const char *end = at + (range ? 3 : 1);
        if (!one || (*end && *end != ','))
            return mp_fail(err, "option --%s: must be widths of 1..8 bits, as in 2,4,8 or 2-8 (got \"%s\")", option,
                           mp_say_text(text, strlen(text), shown));
        for (char b = at[0]; b <= (range ? at[2] : at[0]); b++)
            *set |= 1u << (b - '0');
        at = *end ? end + 1 : NULL;
    }
    return true;
}

// "conv1=8", "conv1:w=4"; the layer's name may have equals signs.
static bool read_fix(const char *text, struct mp_arena *a, struct mp_space_fix *fix, struct mp_err *err) {
    char shown[MP_SAY_BYTES];
    const char *equals = strrchr(text, '=');
    if (!equals || equals == text || !(equals[1] >= '1' && equals[1] <= '8') || equals[2])
        return mp_fail(err, "option --fix: must be LAYER=BITS with 1..8 bits, LAYER:w=BITS or LAYER:a=BITS (got \"%s\")",
                       mp_say_text(text, strlen(text), shown));
    size_t len = (size_t)(equals - text);
    const unsigned bits = (unsigned)(equals[1] - '0');
    const bool w = len > 2 && strncmp(equals - 2, ":w", 2) == 0, in = len > 2 && strncmp(equals - 2, ":a", 2) == 0;
    *fix = (struct mp_space_fix){.what = mp_arena_printf(a, "%.*s", (int)(w || in ? len - 2 : len), text),
                                 .w_bits = in ? 0 : bits,
                                 .a_bits = w ? 0 : bits};
    return true;
}

static bool read_space(struct mp_search_inputs *in, struct mp_err *err) {
    const struct mp_search_options *o = in->o;
    struct mp_space_fix *fix = mp_arena_alloc(in->arena, o->fix.count, sizeof *fix);
    const char *both = o->bits ? o->bits : "2,4,8";
    in->how = (struct mp_space_options){
        .slices = o->slices ? o->slices : 1, .tie = o->tie, .open_ends = o->open_ends, .fix = fix, .fix_count = o->fix.count,
        .links = o->links.text, .link_count = o->links.count, .output_bits = o->output_bits ? (unsigned)o->output_bits : 8,
        .batch = o->batch ? o->batch : 1, .encoding = (enum mp_encoding)o->encoding};
    for (size_t i = 0; i < o->fix.count; i++)
        if (!read_fix(o->fix.text[i], in->arena, &fix[i], err))
            return false;
    return read_set(o->w_set ? "weight-bits" : "bits", o->w_set ? o->w_set : both, &in->how.w_set, err) &&
           read_set(o->a_set ? "activation-bits" : "bits", o->a_set ? o->a_set : both, &in->how.a_set, err);
}

// Usage

static bool is_file(const char *metric) {
    return strchr(metric, '/') || strchr(metric, '.');
}

static const struct mp_search_metric *find_metric(const char *name) {
    for (size_t i = 0; mp_search_metrics[i]; i++)
        if (strcmp(mp_search_metrics[i]->name, name) == 0)
            return mp_search_metrics[i];
    return NULL;
}

static int metric_usage(const struct mp_command *c, const struct mp_search_options *o) {
    const char *name = o->metric ? o->metric : "fit";
    char shown[MP_SAY_BYTES], all[MP_SAY_BYTES];
    size_t n = 0;
    while (mp_search_metric_names[n])
        n++;
    if (!is_file(name) && !find_metric(name)) {
        const char *near = mp_nearest(name, mp_search_metric_names, n);
        return mp_usage_error(c, "option --metric: must be one of %s, or a file (got \"%s\")%s%s%s",
                              mp_say_names(mp_search_metric_names, n, all), mp_say_text(name, strlen(name), shown),
                              near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    }
    if (o->workload && !is_file(name))
        return mp_usage_error(c, "--workload has no weights: the metric must be a file (--metric FILE), or take --model");
    return MP_EXIT_OK;
}

static int space_usage(const struct mp_command *c, const struct mp_search_options *o) {
    struct mp_arena scratch = {0};
    struct mp_search_inputs in = {.o = o, .arena = &scratch};
    struct mp_err err;
    int status = read_space(&in, &err) ? MP_EXIT_OK : mp_usage_error(c, "%s", err.text);
    mp_arena_finish(&scratch);
    return status;
}

int mp_search_usage(const struct mp_command *c, const struct mp_search_options *o) {
    if (!o->workload == !o->q.model)
        return mp_usage_error(c, o->workload ? "--model and --workload exclude each other"
                                             : "option --model (or --workload) is missing");
    const char *lonely = !o->workload           ? NULL
                         : o->q.data             ? "--data"
                         : o->q.preprocess       ? "--preprocess"
                         : o->q.images           ? "--images"
                         : o->metric_images      ? "--metric-images"
                         : o->probes             ? "--probes"
                                                 : mp_quantiser_option(&o->q);
    if (lonely)
        return mp_usage_error(c, "%s goes with --model", lonely);
    if (o->bits && o->w_set && o->a_set)
        return mp_usage_error(c, "--bits says nothing beside --weight-bits and --activation-bits");
    if (o->q.calibrate && o->q.data && strcmp(o->q.calibrate, o->q.data) == 0)
        return mp_usage_error(c, "--calibrate names the test images of --data, which a search may not look at: leave it out, and "
                              "the training part is taken");
    int status = space_usage(c, o);
    status = status == MP_EXIT_OK ? metric_usage(c, o) : status;
    return status != MP_EXIT_OK || o->workload ? status : mp_quantised_usage(c, &o->q);
}

// Network

static bool load_network(struct mp_search_inputs *in, struct mp_err *err) {
    const struct mp_search_options *o = in->o;
    in->has_model = o->q.model;
    if (!in->has_model) {
        in->workload = &in->own;
        return mp_config_find(MP_CONFIG_WORKLOAD, o->workload, in->arena, &in->path, err) &&
               mp_workload_open(&in->own, in->arena, in->path, err);
    }
    if (!mp_config_find(MP_CONFIG_MODEL, o->q.model, in->arena, &in->path, err) ||
        !mp_quantised_load(&in->z, &o->q, &in->dims, in->arena, err))
        return false;
    in->workload = &in->z.work.workload;
    return true;
}

bool mp_search_load(struct mp_search_inputs *in, const struct mp_search_options *o, const char *save_plan, struct mp_arena *a,
                    struct mp_err *err) {
    const struct mp_onnx_dims dims = in->dims;
    *in = (struct mp_search_inputs){.o = o, .arena = a, .dims = dims};
    if (!read_space(in, err) || !load_network(in, err))
        return false;
    const char *name = mp_arena_printf(a, "%s_found", in->workload->name);
    const char *path = save_plan && strcmp(save_plan, "-") != 0 ? mp_path_from(a, save_plan, in->path) : in->path;
    in->metric_name = o->metric ? o->metric : "fit";
    in->metric = find_metric(in->metric_name);
    in->probes = !in->metric || !in->metric->probes ? 0 : o->probes ? o->probes : PROBES;
    return mp_space_make(&in->space, in->workload, name, path, &in->how, a, err);
}

// Harm

bool mp_search_measure(struct mp_search_inputs *in, const struct mp_accumulator *accumulator, struct mp_err *err) {
    const struct mp_measure_job job = {.net = &in->z.work, .calibration = &in->z.calibration, .how = &in->z.how,
                                       .data = &in->z.train, .accumulator = *accumulator, .threads = in->z.threads,
                                       .store_bytes = STORE_BYTES, .stopped = mp_child_signalled};
    if (!in->measure)
        in->measure = mp_measure_create(&job, err);
    return in->measure;
}

static void show(void *user, uint64_t done, uint64_t all) {
    const struct mp_search_inputs *in = user;
    mp_out_bar(in->metric_name, done, all, "");
}

// That the metric looks at.
static uint64_t images_of(const struct mp_search_inputs *in) {
    const uint64_t asked = in->o->metric_images ? in->o->metric_images : METRIC_IMAGES, all = in->z.train.count;
    if (in->metric->measures)
        return all;
    return !in->metric->images ? 0 : asked < all ? asked : all;
}

bool mp_search_harm(struct mp_search_inputs *in, const struct mp_accumulator *accumulator, struct mp_err *err) {
    const double began = mp_seconds();
    const bool terminal = isatty(STDERR_FILENO);
    if (!in->metric)
        return mp_harm_load(in->metric_name, &in->space, in->arena, &in->harm, err);
    if (in->metric->measures && !mp_search_measure(in, accumulator, err))
        return false;
    in->metric_images = images_of(in);
    const struct mp_metric_job job = {
        .net = &in->z.work, .calibration = &in->z.calibration, .how = &in->z.how, .data = &in->z.train,
        .images = in->metric_images, .measure = in->measure, .seed = in->o->seed ? in->o->seed : 1, .probes = in->probes,
        .threads = in->z.threads, .w_set = in->how.w_set, .a_set = in->how.a_set, .stopped = mp_child_signalled,
        .progress = terminal ? show : NULL, .user = in};
    bool ok = mp_metric_run(in->metric, &job, &in->space, in->arena, &in->harm, err);
    if (terminal)
        mp_out_bar_end();
    in->harm.whole = (in->how.w_set & in->how.a_set) | 1u << 8;
    in->metric_seconds = mp_seconds() - began;
    return ok;
}

void mp_search_finish(struct mp_search_inputs *in) {
    mp_measure_destroy(in->measure);
    in->measure = NULL;
}
