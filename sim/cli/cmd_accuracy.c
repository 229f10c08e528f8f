// SPDX-License-Identifier: Apache-2.0
// mpsim accuracy: what a network's bits do to its answers.
#include "sim/cli/command.h"
#include "sim/cli/dims.h"
#include "sim/cli/inputs.h"
#include "sim/cli/out.h"
#include "sim/cli/quantised.h"

#include "sim/cosim/child.h"
#include "sim/eval.h"
#include "sim/report/accuracy.h"
#include "sim/report/quantity.h"

#include <inttypes.h>
#include <unistd.h>

#define COMPARED 256 // images whose tensors are compared

struct accuracy_options {
    struct mp_quantised_options q;
    const char *arch, *output;
    bool weights_only, json;
};

static const struct mp_opt opts[] = {
    MP_MODEL_OPTS(accuracy_options, q),
    {"images", "N", MP_OPT_COUNT, MP_QUANTISED_AT(accuracy_options, q, images), .min = 1, .max = UINT64_C(1) << 32,
     .def = "all", .help = "the first N images"},
    {"plan", "NAME|FILE", MP_OPT_TEXT, MP_QUANTISED_AT(accuracy_options, q, plan),
     .help = "bits of each layer: plan.json or a shipped name; its workload is taken when there is no --model"},
    {"w-bits", "N", MP_OPT_COUNT, MP_QUANTISED_AT(accuracy_options, q, w_bits), .min = 1, .max = 8,
     .help = "instead of --plan: bits of all weights"},
    {"a-bits", "N", MP_OPT_COUNT, MP_QUANTISED_AT(accuracy_options, q, a_bits), .min = 1, .max = 8, .def = "8",
     .help = "with --w-bits: bits of all activations"},
    MP_METHOD_OPTS(accuracy_options, q),
    {"weights-only", NULL, MP_OPT_FLAG, .offset = offsetof(struct accuracy_options, weights_only),
     .help = "quantise the weights, leave the activations in float"},
    {"arch", "NAME|FILE", MP_OPT_TEXT, .offset = offsetof(struct accuracy_options, arch),
     .help = "accelerator: its accumulators and mappings decide sums that overflow, its cycles and energy are told"},
    {"json", NULL, MP_OPT_FLAG, .offset = offsetof(struct accuracy_options, json),
     .help = "as JSON (schema mpsim.accuracy/1)"},
    {"output", "FILE", MP_OPT_REPORT, .offset = offsetof(struct accuracy_options, output), .letter = 'o',
     .def = "standard output", .help = "write there; a name ending in .json implies --json"},
    {0},
};

struct run {
    const struct accuracy_options *o;
    struct mp_arena arena;
    struct mp_onnx_dims dims;
    struct mp_quantised z;
    struct mp_arch arch;
    struct mp_tech *tech;
    struct mp_result result;
    struct mp_accuracy found;
    struct mp_accumulator accumulator;
};

static int check_usage(const struct mp_command *c, const struct accuracy_options *o, const struct mp_texts *operands) {
    if (operands->count > 0)
        return mp_usage_error(c, "unexpected argument \"%s\"", operands->text[0]);
    bool plan = o->q.plan || o->q.w_bits;
    if (o->arch && !plan)
        return mp_usage_error(c, "--arch needs --plan or --w-bits");
    if (o->weights_only && !plan)
        return mp_usage_error(c, "--weights-only needs --plan or --w-bits");
    if (o->arch && o->weights_only)
        return mp_usage_error(c, "--arch and --weights-only exclude each other");
    if (mp_out_format(o->json, false, o->output) == MP_OUT_CSV)
        return mp_usage_error(c, "there is no CSV of it: --output takes a name ending in .json, or text");
    return mp_quantised_usage(c, &o->q);
}

static bool price(struct run *r, struct mp_err *err) {
    const struct mp_options how = {.engine = MP_ANALYTIC};
    if (!r->o->arch)
        return true;
    if (!mp_input_arch(r->o->arch, &r->arena, &r->arch, err) || !mp_input_tech(&r->arch, NULL, &r->arena, &r->tech, err) ||
        !mp_evaluate(&r->arch, &r->z.work.workload, &r->z.plan, r->tech, &how, &r->arena, &r->result, err))
        return false;
    r->accumulator = r->arch.array.accumulator;
    return true;
}

static bool quantise(struct run *r, struct mp_err *err) {
    if (!r->z.has_plan)
        return true;
    if (!r->o->weights_only)
        return price(r, err) && mp_quantised_make(&r->z, &r->accumulator, err);
    return mp_quantise_weights(&r->z.work, &r->z.plan, &r->z.calibration, &r->z.how, err);
}

static void show(void *user, uint64_t done, uint64_t images) {
    (void)user;
    if (done % 16 != 0)
        return;
    fprintf(stderr, "\r\033[Kimage %" PRIu64 " of %" PRIu64, done, images);
}

static bool measure(struct run *r, struct mp_err *err) {
    const struct mp_quantised *z = &r->z;
    const bool integer = z->has_plan && !r->o->weights_only, terminal = isatty(STDERR_FILENO);
    const struct mp_accuracy_job job = {
        .net = &z->net, .q = integer ? &z->q : NULL, .other = r->o->weights_only ? &z->work : NULL,
        .integer = {.accumulator = r->accumulator, .orders = r->o->arch ? mp_quantised_orders(&r->result, &r->arena) : NULL},
        .data = &z->data, .images = z->data.count,
        .compare = !z->has_plan ? 0 : z->data.count < COMPARED ? z->data.count : COMPARED,
        .threads = z->threads, .stopped = mp_child_signalled, .progress = terminal ? show : NULL};
    bool ok = mp_accuracy_run(&job, &r->arena, &r->found, err);
    if (terminal)
        fputs("\r\033[K", stderr);
    return ok;
}

static int report(struct run *r) {
    const struct mp_quantised *z = &r->z;
    const struct mp_accuracy_report what = {
        .net = &z->net, .data = &z->data, .found = &r->found, .plan = z->has_plan ? &z->plan : NULL, .how = &z->how,
        .q = z->has_plan && !r->o->weights_only ? &z->q : NULL, .calibrated_on = z->calibrated_on,
        .own_images = z->own_images, .pairs = z->pairs, .calibration_images = z->calibration.images, .bias_images = z->bias_images, .weights_only = r->o->weights_only, .accumulator = r->accumulator,
        .result = r->o->arch ? &r->result : NULL};
    const struct mp_style style = {.colour = mp_out_colour(r->o->output)};
    struct mp_buf out = {0};
    if (mp_out_format(r->o->json, false, r->o->output) == MP_OUT_JSON)
        mp_accuracy_json(&what, &out);
    else
        mp_accuracy_text(&what, &style, &out);
    int status = mp_out_to(r->o->output, &out);
    mp_buf_finish(&out);
    return status;
}

static int run_all(struct run *r) {
    struct mp_err err;
    int number;
    mp_child_signals();
    bool ok = mp_quantised_load(&r->z, &r->o->q, &r->dims, &r->arena, &err) && quantise(r, &err) && measure(r, &err);
    int status = ok ? report(r) : MP_EXIT_FAILURE;
    if ((number = mp_child_signal())) { // what was done is told; now the signal has its way
        if (!ok)
            fputs("mpsim accuracy: interrupted before anything was measured\n", stderr);
        raise(number);
    }
    return ok ? status : mp_out_error(&err);
}

static int run(const struct mp_command *c, int argc, char **argv) {
    struct accuracy_options o = {0};
    struct run r = {.o = &o, .accumulator = {.bits = 32, .on_overflow = MP_SATURATE}};
    struct mp_texts operands;
    int status;
    if (mp_opts_parse(c, argc, argv, &o, &operands, &r.arena, &status) &&
        (status = check_usage(c, &o, &operands)) == MP_EXIT_OK &&
        (status = mp_dims_read(c, &o.q.dims, &r.arena, &r.dims)) == MP_EXIT_OK)
        status = run_all(&r);
    mp_arena_finish(&r.arena);
    return status;
}

const struct mp_command mp_cmd_accuracy = {
    .name = "accuracy",
    .help = "what a trained network gets right, in float and in integers at a plan's bits",
    .usage = "--model M --data D [--plan P | --w-bits N [--a-bits N]] [OPTIONS]",
    .about =
        "Runs a trained ONNX network over labelled images in float, and with a plan in integers too: quantised after "
        "training, bit for bit what the RTL core computes. Shows accuracy with its confidence interval, agreement with float, "
        "the signal-to-noise ratio of each layer's output, overflows of accumulators, and with an accelerator cycles and "
        "energy. docs/quantisation.md has the methods and their formulas.",
    .opts = opts,
    .examples = "  mpsim accuracy --model glyphs --data glyphs\n"
                "  mpsim accuracy --model glyphs --data glyphs --w-bits 4 --a-bits 8\n"
                "  mpsim accuracy --plan glyphs_mixed --data glyphs --arch bitserial_4x4\n"
                "  mpsim accuracy --model net.onnx --data cifar10/ --preprocess imagenet --w-bits 3 --weights-only --json\n",
    .run = run,
};
