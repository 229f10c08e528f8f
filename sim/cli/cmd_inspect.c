// SPDX-License-Identifier: Apache-2.0
// mpsim inspect: what is in a trained model.
#include "sim/cli/command.h"
#include "sim/cli/configs.h"
#include "sim/cli/dims.h"
#include "sim/cli/inputs.h"
#include "sim/cli/out.h"
#include "sim/cli/quantised.h"

#include "sim/base/pool.h"
#include "sim/base/say.h"
#include "sim/cosim/child.h"
#include "sim/report/inspect.h"

#include <signal.h>
#include <string.h>

#define IMAGES 1024 // as accuracy calibrates on

struct inspect_options {
    const char *data, *preprocess, *histograms, *layer, *output;
    uint64_t images, jobs;
    struct mp_texts dims;
    bool json, csv;
};

#define AT(member) .offset = offsetof(struct inspect_options, member)
static const struct mp_opt opts[] = {
    {"data", "D", MP_OPT_TEXT, AT(data),
     .help = "images: a file, a folder, or a set that mpsim draws; tells the ranges of activations too, on its training part "
             "when it has one"},
    {"preprocess", "NAME|FILE", MP_OPT_TEXT, AT(preprocess), .def = "numbers as stored",
     .help = "from stored numbers to the network's input: a JSON file or a shipped name"},
    {"images", "N", MP_OPT_COUNT, AT(images), .min = 1, .max = 65536, .def = "1024", .help = "the first N images"},
    {"histograms", "FILE", MP_OPT_TEXT, AT(histograms),
     .help = "draw a histogram of each layer's weights there as SVG, with --data of its activations too"},
    {"layer", "NAME", MP_OPT_TEXT, AT(layer), .def = "all", .help = "only this layer, with a row for each output channel"},
    {"dim", "NAME=N", MP_OPT_LIST, AT(dims),
     .help = "size of a dimension that the model only names; may be given several times"},
    {"jobs", "N", MP_OPT_COUNT, AT(jobs), .min = 1, .max = 256, .def = "all processors",
     .help = "threads; results do not depend on them"},
    {"json", NULL, MP_OPT_FLAG, AT(json), .help = "as JSON (schema mpsim.inspect/1)"},
    {"csv", NULL, MP_OPT_FLAG, AT(csv), .help = "as CSV: a row a layer; with --layer, a row an output channel"},
    {"output", "FILE", MP_OPT_REPORT, AT(output), .letter = 'o', .def = "standard output",
     .help = "write there; a name ending in .json or .csv implies --json or --csv"},
    {0},
};

struct inspection {
    const struct inspect_options *o;
    struct mp_arena arena;
    struct mp_onnx_dims dims;
    struct mp_network net;
    struct mp_dataset data;
    struct mp_calibration activations;
    struct mp_inspect_report report;
};

static int check_usage(const struct mp_command *c, const struct inspect_options *o, const struct mp_texts *models) {
    char shown[MP_SAY_BYTES];
    if (models->count == 0)
        return mp_usage_error(c, "no model is named");
    if (models->count > 1)
        return mp_usage_error(c, "one model at a time (got %zu)", models->count);
    const char *lonely = o->data ? NULL : o->preprocess ? "preprocess" : o->images ? "images" : o->jobs ? "jobs" : NULL;
    if (lonely)
        return mp_usage_error(c, "--%s goes with --data", lonely);
    if (o->json && o->csv)
        return mp_usage_error(c, "--json and --csv exclude each other");
    if (!mp_out_named(o->histograms, ".svg"))
        return mp_usage_error(c, "option --histograms: the name must end in .svg (got \"%s\")",
                              mp_say_text(o->histograms, strlen(o->histograms), shown));
    return MP_EXIT_OK;
}

static bool find_layer(struct inspection *k, struct mp_err *err) {
    const struct mp_workload *w = &k->net.workload;
    const char **names = mp_arena_alloc(&k->arena, w->layer_count, sizeof *names);
    char wanted[MP_SAY_BYTES], shown[MP_SAY_BYTES];
    k->report.only = MP_NO_LAYER;
    for (size_t i = 0; i < w->layer_count && k->o->layer; i++) {
        names[i] = w->layers[i].name;
        if (strcmp(names[i], k->o->layer) == 0)
            k->report.only = i;
    }
    if (!k->o->layer || k->report.only != MP_NO_LAYER)
        return true;
    const char *near = mp_nearest(k->o->layer, names, w->layer_count);
    return mp_fail(err, "%s: there is no layer \"%s\"%s%s%s", k->net.graph.source,
                   mp_say_text(k->o->layer, strlen(k->o->layer), wanted), near ? ", did you mean \"" : "",
                   near ? mp_say_text(near, strlen(near), shown) : "", near ? "\"?" : "");
}

static bool load(struct inspection *k, const char *model, struct mp_err *err) {
    const char *path;
    if (!mp_config_find(MP_CONFIG_MODEL, model, &k->arena, &path, err) ||
        !mp_network_load(&k->net, &k->arena, path, &k->dims, err) || !find_layer(k, err))
        return false;
    struct mp_weight_stats *stats = mp_arena_alloc(&k->arena, k->net.workload.layer_count, sizeof *stats);
    for (size_t i = 0; i < k->net.workload.layer_count; i++)
        if (!mp_weight_stats_make(&stats[i], &k->net, i, &k->arena, err))
            return false;
    k->report.net = &k->net;
    k->report.weights = stats;
    return true;
}

// The images that accuracy would calibrate on.
static bool open_data(struct inspection *k, struct mp_err *err) {
    const struct inspect_options *o = k->o;
    const uint64_t images = o->images ? o->images : IMAGES;
    struct mp_preprocess prep;
    if (!mp_input_preprocess(o->preprocess, &k->arena, &prep, err) ||
        !mp_dataset_open(&k->data, &k->arena, o->data, MP_SPLIT_TEST, images, &prep, err))
        return false;
    k->report.measured_on = k->data.name;
    if (!k->data.has_train)
        return true;
    k->report.measured_on = mp_arena_printf(&k->arena, "the training part of %s", k->data.name);
    return mp_dataset_open(&k->data, &k->arena, o->data, MP_SPLIT_TRAIN, images, &prep, err);
}

static bool measure(struct inspection *k, struct mp_err *err) {
    const unsigned threads = k->o->jobs ? (unsigned)k->o->jobs : mp_pool_default();
    if (!k->o->data)
        return true;
    if (!open_data(k, err) || !mp_network_takes(&k->net, &k->data, err) ||
        !mp_calibrate(&k->net, &k->data, k->data.count, threads, mp_child_signalled, &k->arena, &k->activations, err))
        return false;
    k->report.activations = &k->activations;
    return true;
}

static int draw(const struct inspection *k) {
    struct mp_buf out = {0};
    if (!k->o->histograms)
        return MP_EXIT_OK;
    mp_inspect_svg(&k->report, &out);
    int status = mp_out_to(k->o->histograms, &out);
    mp_buf_finish(&out);
    return status;
}

static int report(const struct inspection *k) {
    const struct mp_style style = {.colour = mp_out_colour(k->o->output)};
    const enum mp_out_format format = mp_out_format(k->o->json, k->o->csv, k->o->output);
    struct mp_buf out = {0};
    if (format == MP_OUT_JSON)
        mp_inspect_json(&k->report, &out);
    else if (format == MP_OUT_CSV)
        mp_inspect_csv(&k->report, &out);
    else
        mp_inspect_text(&k->report, &style, &out);
    int status = mp_out_to(k->o->output, &out);
    mp_buf_finish(&out);
    return status;
}

static int inspect(struct inspection *k, const char *model) {
    struct mp_err err;
    int number;
    mp_child_signals();
    bool ok = load(k, model, &err) && measure(k, &err);
    if ((number = mp_child_signal()))
        raise(number);
    if (!ok)
        return mp_out_error(&err);
    int status = draw(k);
    return status == MP_EXIT_OK ? report(k) : status;
}

static int run(const struct mp_command *c, int argc, char **argv) {
    struct inspect_options o = {0};
    struct inspection k = {.o = &o};
    struct mp_texts models;
    int status;
    if (mp_opts_parse(c, argc, argv, &o, &models, &k.arena, &status) &&
        (status = check_usage(c, &o, &models)) == MP_EXIT_OK &&
        (status = mp_dims_read(c, &o.dims, &k.arena, &k.dims)) == MP_EXIT_OK)
        status = inspect(&k, models.text[0]);
    mp_arena_finish(&k.arena);
    return status;
}

const struct mp_command mp_cmd_inspect = {
    .name = "inspect",
    .help = "what is in a trained model: layers, ranges of weights and activations",
    .usage = "MODEL [OPTIONS]",
    .about =
        "Reads a trained ONNX model (a file or a shipped name) as the quantiser sees it, batch norm folded into the weights, and "
        "tells for each layer its output, parameters and MACs, the range and spread of its weights, by how much the ranges of "
        "its output channels differ, what the model itself says of quantisation, and why it cannot be computed in integers "
        "where that is so.",
    .opts = opts,
    .examples = "  mpsim inspect glyphs\n"
                "  mpsim inspect glyphs --layer fc\n"
                "  mpsim inspect net.onnx --data cifar10/ --preprocess imagenet --histograms net.svg\n",
    .run = run,
};
