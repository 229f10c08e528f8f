// SPDX-License-Identifier: Apache-2.0
// A network, what there is to decide about it, and the harm of each choice: what search and sensitivity share.
#ifndef SIM_CLI_SEARCH_INPUTS_H
#define SIM_CLI_SEARCH_INPUTS_H

#include "sim/cli/quantised.h"
#include "sim/search/metric.h"

struct mp_search_options {
    struct mp_quantised_options q;
    const char *workload, *metric, *bits, *w_set, *a_set;
    uint64_t slices, metric_images, probes, seed, batch, output_bits;
    unsigned encoding;
    bool tie, open_ends;
    struct mp_texts fix, links;
};

#define MP_SEARCH_AT(type, member, field) .offset = offsetof(struct type, member) + offsetof(struct mp_search_options, field)
#define MP_SPACE_OPTS(type, member) \
    {"workload", "NAME|FILE", MP_OPT_TEXT, MP_SEARCH_AT(type, member, workload), \
     .help = "instead of --model: a network without weights, with --metric FILE"}, \
    {"bits", "SET", MP_OPT_TEXT, MP_SEARCH_AT(type, member, bits), .def = "2,4,8", \
     .help = "widths to choose from: 2,4,8 or 2-8, of weights and activations alike"}, \
    {"weight-bits", "SET", MP_OPT_TEXT, MP_SEARCH_AT(type, member, w_set), .def = "--bits", .help = "of weights"}, \
    {"activation-bits", "SET", MP_OPT_TEXT, MP_SEARCH_AT(type, member, a_set), .def = "--bits", .help = "of activations"}, \
    {"slices", "N", MP_OPT_COUNT, MP_SEARCH_AT(type, member, slices), .min = 1, .max = 7, .def = "1", \
     .help = "cut each layer's output channels into N slices whose weights have a width each"}, \
    {"tie", NULL, MP_OPT_FLAG, MP_SEARCH_AT(type, member, tie), .help = "a layer's weights and input have one width"}, \
    {"fix", "LAYER=BITS", MP_OPT_LIST, MP_SEARCH_AT(type, member, fix), \
     .help = "conv1=8, or conv1:w=4, conv1:a=8 for its weights or its input alone; may be given several times"}, \
    {"link", "A,B", MP_OPT_LIST, MP_SEARCH_AT(type, member, links), \
     .help = "layers that are decided as one; A:w, A:a for weights or inputs alone; may be given several times"}, \
    {"open-ends", NULL, MP_OPT_FLAG, MP_SEARCH_AT(type, member, open_ends), \
     .help = "decide the first and the last layer too; without it they have 8 bits"}, \
    {"encoding", "WHAT", MP_OPT_CHOICE, MP_SEARCH_AT(type, member, encoding), .names = mp_encoding_names, .def = "twos", \
     .help = "of weights"}, \
    {"output-bits", "N", MP_OPT_COUNT, MP_SEARCH_AT(type, member, output_bits), .min = 1, .max = 32, .def = "8", \
     .help = "of the network's outputs"}, \
    {"metric", "NAME|FILE", MP_OPT_TEXT, MP_SEARCH_AT(type, member, metric), .def = "fit", \
     .help = "harm of each width: eagl, error, noise, hessian, hawq, fit, sqnr, loss, accuracy, or a CSV of unit,bits,harm"}, \
    {"metric-images", "N", MP_OPT_COUNT, MP_SEARCH_AT(type, member, metric_images), .min = 1, .max = 65536, .def = "256", \
     .help = "training images that the metric looks at; loss and accuracy take all that scales are chosen on"}, \
    {"probes", "N", MP_OPT_COUNT, MP_SEARCH_AT(type, member, probes), .min = 1, .max = 10000, .def = "16", \
     .help = "random vectors of hessian and hawq, draws of noise"}, \
    {"seed", "N", MP_OPT_COUNT, MP_SEARCH_AT(type, member, seed), .min = 1, .max = UINT64_C(1) << 53, .def = "1", \
     .help = "of everything that is random"}

struct mp_search_inputs {
    const struct mp_search_options *o;
    struct mp_arena *arena;
    struct mp_onnx_dims dims;
    struct mp_quantised z;       // with a model
    bool has_model;
    struct mp_workload own;      // without one
    const struct mp_workload *workload;
    const char *path;            // of model or workload
    struct mp_space space;
    struct mp_space_options how;
    struct mp_harm harm;
    const struct mp_search_metric *metric; // NULL: from a file
    const char *metric_name;
    uint64_t metric_images;      // that it looks at
    uint64_t probes;             // 0 when it draws nothing
    double metric_seconds;
    struct mp_measure *measure;  // made when first asked for
};

// What goes with what. MP_EXIT_OK, or the error was told.
int mp_search_usage(const struct mp_command *c, const struct mp_search_options *o);
// The network, calibrated, and its space. `save_plan`: where the plan goes that comes of it; may be NULL.
bool mp_search_load(struct mp_search_inputs *in, const struct mp_search_options *o, const char *save_plan, struct mp_arena *a,
                    struct mp_err *err);
// in->measure, for this accumulator.
bool mp_search_measure(struct mp_search_inputs *in, const struct mp_accumulator *accumulator, struct mp_err *err);
// in->harm; progress is told on a terminal.
bool mp_search_harm(struct mp_search_inputs *in, const struct mp_accumulator *accumulator, struct mp_err *err);
void mp_search_finish(struct mp_search_inputs *in);

#endif
