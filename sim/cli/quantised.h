// SPDX-License-Identifier: Apache-2.0
// A trained model, its data and a plan into a quantised network: what accuracy and cosim share.
#ifndef SIM_CLI_QUANTISED_H
#define SIM_CLI_QUANTISED_H

#include "sim/cli/command.h"
#include "sim/import/network.h"
#include "sim/nn/integer.h"
#include "sim/nn/quantise.h"
#include "sim/spec/result.h"

struct mp_quantised_options {
    const char *model, *data, *plan, *preprocess, *calibrate;
    uint64_t w_bits, a_bits, images, calibration_images, jobs;
    unsigned weights, activations, rounding;
    unsigned equalize;                      // 0 off, 1 on
    unsigned bias_correction, model_ranges; // 0 on, 1 off
    double percentile;
    bool per_tensor, affine, power_of_two;
    bool many_plans; // not an option: the command makes plans of its own, after the calibration
    struct mp_texts dims;
};

extern const char *const mp_on_off[], *const mp_off_on[];

// The rows of these options in the table of a command whose struct `type` holds one as `member`.
#define MP_QUANTISED_AT(type, member, field) \
    .offset = offsetof(struct type, member) + offsetof(struct mp_quantised_options, field)
#define MP_MODEL_OPTS(type, member) \
    {"model", "NAME|FILE", MP_OPT_TEXT, MP_QUANTISED_AT(type, member, model), \
     .help = "trained network: model.onnx or a shipped name"}, \
    {"data", "D", MP_OPT_TEXT, MP_QUANTISED_AT(type, member, data), \
     .help = "labelled images: a file, a folder, or a set that mpsim draws (docs/files.md)"}, \
    {"preprocess", "NAME|FILE", MP_OPT_TEXT, MP_QUANTISED_AT(type, member, preprocess), .def = "none", \
     .help = "from stored numbers to the network's input: a JSON file or a shipped name"}

// How a plan's numbers are chosen.
#define MP_METHOD_OPTS(type, member) \
    {"calibrate", "D", MP_OPT_TEXT, MP_QUANTISED_AT(type, member, calibrate), .def = "the training part of --data", \
     .help = "images that scales are chosen on"}, \
    {"calibration-images", "N", MP_OPT_COUNT, MP_QUANTISED_AT(type, member, calibration_images), .min = 1, .max = 65536, \
     .def = "1024", .help = "the first N of them"}, \
    {"weights", "METHOD", MP_OPT_CHOICE, MP_QUANTISED_AT(type, member, weights), .names = mp_range_method_names, \
     .def = "mse", .help = "how far the grids of weights reach"}, \
    {"rounding", "METHOD", MP_OPT_CHOICE, MP_QUANTISED_AT(type, member, rounding), .names = mp_rounding_names, \
     .def = "gptq", .help = "of weights: each makes up for the errors of those before it, or to the nearest"}, \
    {"activations", "METHOD", MP_OPT_CHOICE, MP_QUANTISED_AT(type, member, activations), .names = mp_range_method_names, \
     .def = "mse", .help = "how far the grids of activations reach"}, \
    {"percentile", "P", MP_OPT_REAL, MP_QUANTISED_AT(type, member, percentile), .min = 1, .max = 100, .def = "99.99", \
     .help = "share of the magnitudes inside, for the method of that name"}, \
    {"per-tensor", NULL, MP_OPT_FLAG, MP_QUANTISED_AT(type, member, per_tensor), \
     .help = "one scale for a layer's weights, not one an output channel"}, \
    {"affine", NULL, MP_OPT_FLAG, MP_QUANTISED_AT(type, member, affine), \
     .help = "signed activations get a zero point where all their readers can take it into their biases"}, \
    {"dynamic-fixed-point", NULL, MP_OPT_FLAG, MP_QUANTISED_AT(type, member, power_of_two), \
     .help = "a scale is a power of two, one for a tensor: a shared exponent"}, \
    {"bias-correction", "WHAT", MP_OPT_CHOICE, MP_QUANTISED_AT(type, member, bias_correction), .names = mp_on_off, \
     .def = "on", .help = "what a channel's mean shifts by goes into its bias"}, \
    {"equalize", "WHAT", MP_OPT_CHOICE, MP_QUANTISED_AT(type, member, equalize), .names = mp_off_on, .def = "off", \
     .help = "cross-layer equalisation before calibration"}, \
    {"model-ranges", "WHAT", MP_OPT_CHOICE, MP_QUANTISED_AT(type, member, model_ranges), .names = mp_on_off, .def = "on", \
     .help = "ranges and scales that a model which is quantised already has come first"}, \
    {"dim", "NAME=N", MP_OPT_LIST, MP_QUANTISED_AT(type, member, dims), \
     .help = "size of a dimension that the model only names; may be given several times"}, \
    {"jobs", "N", MP_OPT_COUNT, MP_QUANTISED_AT(type, member, jobs), .min = 1, .max = 256, .def = "all processors", \
     .help = "threads; results do not depend on them"}

struct mp_quantised {
    const struct mp_quantised_options *o;
    const struct mp_onnx_dims *dims; // of o->dims
    struct mp_arena *arena;
    struct mp_quantise_options how;
    struct mp_network net;  // as the model has it
    struct mp_network work; // equalised, quantised
    struct mp_dataset data, train;
    const char *calibrated_on; // what scales were chosen on, in words
    bool own_images;           // among them are those of `data`
    size_t pairs;              // that were equalised
    struct mp_plan plan;
    bool has_plan;
    struct mp_calibration calibration;
    uint64_t bias_images; // of the calibration's, those that biases are corrected on; 0: they are not
    struct mp_qnet q;
    unsigned threads;
};

// An option of the quantiser that was given; NULL: none.
const char *mp_quantiser_option(const struct mp_quantised_options *o);
// Usage: what goes with what. MP_EXIT_OK, or the error was told.
int mp_quantised_usage(const struct mp_command *c, const struct mp_quantised_options *o);
// Model and data; with a plan the second copy of the model, calibration, signs, and the plan resolved against it. With
// many_plans all but the plan.
bool mp_quantised_load(struct mp_quantised *z, const struct mp_quantised_options *o, const struct mp_onnx_dims *dims,
                       struct mp_arena *a, struct mp_err *err);
// z->q, for this accumulator. After mp_quantised_load with a plan.
bool mp_quantised_make(struct mp_quantised *z, const struct mp_accumulator *accumulator, struct mp_err *err);

// Whether the network has one input, of the images' shape.
bool mp_network_takes(const struct mp_network *n, const struct mp_dataset *d, struct mp_err *err);

// The order of the sums in each layer's mapping. Layers of the result are the workload's.
const struct mp_layer_order *mp_quantised_orders(const struct mp_result *r, struct mp_arena *a);

#endif
