// SPDX-License-Identifier: Apache-2.0
// mpsim cosim: the RTL core against the simulator.
#include "sim/cli/command.h"
#include "sim/cli/cosim_debug.h"
#include "sim/cli/dims.h"
#include "sim/cli/inputs.h"
#include "sim/cli/out.h"
#include "sim/cli/quantised.h"

#include "sim/cosim/cosim.h"
#include "sim/cosim/model.h"
#include "sim/mpsim.h"
#include "sim/report/quantity.h"

#include <inttypes.h>
#include <unistd.h>

struct cosim_options {
    struct mp_quantised_options q;
    const char *arch, *workload, *layer, *output, *mapping, *constraints;
    uint64_t batch, seed, max_cycles;
    unsigned objective;
    bool all, json;
    struct mp_cosim_debug debug;
};

#define AT(member) .offset = offsetof(struct cosim_options, member)
static const struct mp_opt opts[] = {
    {"arch", "NAME|FILE", MP_OPT_TEXT, AT(arch), .help = "accelerator that the core is built as: arch.json or a shipped name"},
    {"plan", "NAME|FILE", MP_OPT_TEXT, MP_QUANTISED_AT(cosim_options, q, plan),
     .help = "network and bit-widths: plan.json or a shipped name"},
    {"workload", "NAME|FILE", MP_OPT_TEXT, AT(workload),
     .help = "instead of --plan: workload.json, a SCALE-Sim topology .csv, or a shipped name, at one width"},
    {"w-bits", "N", MP_OPT_COUNT, MP_QUANTISED_AT(cosim_options, q, w_bits), .min = 1, .max = 8, .def = "8",
     .help = "with --workload or --model: bits of weights"},
    {"a-bits", "N", MP_OPT_COUNT, MP_QUANTISED_AT(cosim_options, q, a_bits), .min = 1, .max = 8, .def = "8",
     .help = "with --workload or --model: bits of activations"},
    MP_MODEL_OPTS(cosim_options, q),
    {"images", "N", MP_OPT_COUNT, MP_QUANTISED_AT(cosim_options, q, images), .min = 1, .max = 65536, .def = "1",
     .help = "with --data: the first N images, which run as a batch"},
    {"layer", "NAME", MP_OPT_TEXT, AT(layer), .help = "only this layer, on random inputs"},
    {"all", NULL, MP_OPT_FLAG, AT(all), .help = "all layers, each on what those before it computed (the default)"},
    {"seed", "N", MP_OPT_COUNT, AT(seed), .max = UINT64_C(1) << 53, .def = "0", .help = "of the random numbers"},
    {"batch", "N", MP_OPT_COUNT, AT(batch), .min = 1, .max = 65536, .def = "the plan's",
     .help = "inferences that run together"},
    MP_METHOD_OPTS(cosim_options, q),
    {"objective", "WHAT", MP_OPT_CHOICE, AT(objective), .names = mp_objective_names, .def = "latency",
     .help = "what mappings are chosen for"},
    {"mapping", "FILE", MP_OPT_TEXT, AT(mapping), .help = "mappings of layers; those not in it are searched"},
    {"constraints", "FILE", MP_OPT_TEXT, AT(constraints), .help = "what the search of mappings must keep to"},
    {"max-cycles", "N", MP_OPT_COUNT, AT(max_cycles), .min = 1, .max = UINT64_C(1) << 53, .def = "no limit",
     .help = "leave out layers that take more cycles in the simulator"},
    {"wave", "FILE", MP_OPT_TEXT, AT(debug.wave),
     .help = "the core's waveform (FST) in the first run of a layer, with a save file for GTKWave beside it"},
    {"wave-layer", "NAME", MP_OPT_TEXT, AT(debug.wave_layer), .def = "--layer", .help = "the layer of --wave"},
    {"wave-cycles", "A:B", MP_OPT_TEXT, AT(debug.wave_cycles), .def = "all", .help = "core cycles in the waveform"},
    {"wave-pe", "ROW,COL", MP_OPT_TEXT, AT(debug.wave_pe), .def = "all",
     .help = "PEs in the waveform: one, or with * for ROW or COL a column or a row"},
    {"no-replay", NULL, MP_OPT_FLAG, AT(debug.no_replay),
     .help = "do not run the first layer that disagrees again to find where and to write a waveform of it"},
    {"wave-dir", "DIR", MP_OPT_TEXT, AT(debug.wave_dir), .def = ".", .help = "folder of that waveform, cosim-LAYER.fst"},
    {"inject", "SPEC", MP_OPT_LIST, AT(debug.inject),
     .help = "invert a register's bit, [LAYER:]REGISTER[BIT]@CYCLE; may be given several times"},
    {"list-registers", NULL, MP_OPT_FLAG, AT(debug.list), .help = "print the registers that --inject knows, and end"},
    {"json", NULL, MP_OPT_FLAG, AT(json), .help = "the comparison as JSON (schema mpsim.cosim/1)"},
    {"output", "FILE", MP_OPT_REPORT, AT(output), .letter = 'o', .def = "standard output",
     .help = "write there; a name ending in .json implies --json"},
    {0},
};

struct cosim {
    const struct cosim_options *o;
    struct mp_arena arena;
    struct mp_onnx_dims dims;
    struct mp_quantised z; // with --data
    struct mp_cosim_real real;
    struct mp_arch arch;
    struct mp_plan plan;
    struct mp_workload workload;
    struct mp_tech *tech;
    struct mp_mapping_set mappings;
    struct mp_constraint_set constraints;
    struct mp_result result;
    struct mp_model model;
    struct mp_inject *injects;
    struct mp_core_wave wave;
    const char *wave_layer;
    struct mp_cosim found;
};

// A trained network's numbers, not random ones.
static bool real(const struct cosim_options *o) {
    return o->q.data || o->q.model;
}

static int check_real(const struct mp_command *c, const struct cosim_options *o) {
    if (o->workload)
        return mp_usage_error(c, "--workload has no weights: give an ONNX model as --model");
    if (o->batch)
        return mp_usage_error(c, "the batch of --data is --images");
    if (o->seed)
        return mp_usage_error(c, "nothing is random with --data: leave out --seed");
    return mp_quantised_usage(c, &o->q);
}

static int check_random(const struct mp_command *c, const struct cosim_options *o) {
    const struct mp_quantised_options *q = &o->q;
    if (!q->plan == !o->workload)
        return mp_usage_error(c, q->plan ? "--plan and --workload exclude each other" : "option --plan is missing");
    if (q->plan && (q->w_bits || q->a_bits))
        return mp_usage_error(c, "--w-bits and --a-bits go with --workload, not with --plan");
    if (q->preprocess || q->images || q->calibrate || q->calibration_images || q->weights || q->activations || q->rounding ||
        q->percentile > 0 || q->per_tensor || q->affine || q->power_of_two || q->bias_correction || q->equalize ||
        q->model_ranges || q->dims.count || q->jobs)
        return mp_usage_error(c, "--images, --preprocess and the options of the quantiser go with --data");
    return MP_EXIT_OK;
}

static int check_usage(const struct mp_command *c, const struct cosim_options *o, const struct mp_texts *operands) {
    if (operands->count > 0)
        return mp_usage_error(c, "unexpected argument \"%s\"", operands->text[0]);
    if (!o->arch)
        return mp_usage_error(c, "option --arch is missing");
    if (o->debug.list && !o->q.plan && !o->workload && !real(o))
        return MP_EXIT_OK;
    int status = real(o) ? check_real(c, o) : check_random(c, o);
    if (status != MP_EXIT_OK)
        return status;
    if (mp_out_format(o->json, false, o->output) == MP_OUT_CSV)
        return mp_usage_error(c, "there is no CSV of a comparison: --output takes a name ending in .json, or text");
    if (o->layer && o->all)
        return mp_usage_error(c, "--layer and --all exclude each other");
    return mp_cosim_debug_usage(c, &o->debug, o->layer);
}

// The images are the batch.
static bool load_model(struct cosim *c, struct mp_err *err) {
    if (!mp_quantised_load(&c->z, &c->o->q, &c->dims, &c->arena, err))
        return false;
    c->plan = c->z.plan;
    c->workload = c->z.work.workload;
    c->plan.batch = c->z.data.count;
    return mp_plan_resolve(&c->plan, &c->arena, &c->workload, err);
}

static bool load_plan(struct cosim *c, struct mp_err *err) {
    const struct cosim_options *o = c->o;
    if (real(o))
        return load_model(c, err);
    if (o->q.plan)
        return mp_input_plan(o->q.plan, o->batch, &c->arena, &c->plan, &c->workload, err);
    return mp_input_uniform(o->workload, o->q.w_bits ? o->q.w_bits : 8, o->q.a_bits ? o->q.a_bits : 8, o->batch, &c->arena,
                            &c->plan, &c->workload, err);
}

static bool load(struct cosim *c, struct mp_err *err) {
    const struct cosim_options *o = c->o;
    return mp_input_arch(o->arch, &c->arena, &c->arch, err) && mp_model_possible(&c->arch, err) && load_plan(c, err) &&
           mp_input_tech(&c->arch, NULL, &c->arena, &c->tech, err) &&
           (!o->mapping || mp_mapping_set_load(&c->mappings, &c->arena, o->mapping, err)) &&
           (!o->constraints || mp_constraint_set_load(&c->constraints, &c->arena, o->constraints, err));
}

static bool evaluate(struct cosim *c, struct mp_err *err) {
    const struct cosim_options *o = c->o;
    const struct mp_options how = {.engine = MP_EVENT,
                                   .objective = (enum mp_objective)o->objective,
                                   .mappings = o->mapping ? &c->mappings : NULL,
                                   .mappings_path = o->mapping,
                                   .constraints = o->constraints ? &c->constraints : NULL,
                                   .only_layer = o->layer};
    return mp_evaluate(&c->arch, &c->workload, &c->plan, c->tech, &how, &c->arena, &c->result, err);
}

// The network in integers, in the order of the mappings; all layers have one, whichever are asked for.
static bool quantise(struct cosim *c, struct mp_err *err) {
    const struct mp_accumulator *acc = &c->arch.array.accumulator;
    const struct mp_options whole = {.engine = MP_ANALYTIC, .objective = (enum mp_objective)c->o->objective,
                                     .mappings = c->o->mapping ? &c->mappings : NULL, .mappings_path = c->o->mapping,
                                     .constraints = c->o->constraints ? &c->constraints : NULL};
    struct mp_result all;
    if (!real(c->o))
        return true;
    if (!mp_quantised_make(&c->z, acc, err) ||
        !mp_evaluate(&c->arch, &c->workload, &c->plan, c->tech, &whole, &c->arena, &all, err))
        return false;
    const struct mp_integer_options how = {.accumulator = *acc, .orders = mp_quantised_orders(&all, &c->arena)};
    return mp_cosim_real_make(&c->z.q, &c->z.data, c->plan.batch, &how, &c->arena, &c->real, err);
}

// Progress: one line that is written over; on a terminal only.

static void clear_line(void) {
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

static void show_build(void *user, const char *text) {
    (void)user;
    if (!isatty(STDERR_FILENO))
        return;
    clear_line();
    fprintf(stderr, "%s ...", text);
}

static void show_run(void *user, const struct mp_layer *l, const struct mp_drive_result *r, uint64_t cycles) {
    char done[MP_QTY_BYTES], all[MP_QTY_BYTES];
    (void)user;
    clear_line();
    fprintf(stderr, "%s: cycle %s of about %s", l->name, mp_qty_count(r->cycles, done), mp_qty_count(cycles, all));
}

static bool make_a_model(struct cosim *c, bool by_name, struct mp_model *model, struct mp_err *err) {
    const struct mp_model_options how = {.say = show_build, .by_name = by_name};
    bool ok = mp_model_make(&c->arch, &how, &c->arena, model, err);
    clear_line();
    if (model->log_tail)
        fputs(model->log_tail, stderr);
    return ok || mp_fail_in(err, "mpsim cosim");
}

static bool make_model(struct cosim *c, struct mp_err *err) {
    return make_a_model(c, c->o->debug.list || c->o->debug.inject.count > 0, &c->model, err);
}

static const char *named_model(void *user, struct mp_err *err) {
    struct mp_model model;
    return make_a_model(user, true, &model, err) ? model.library : NULL;
}

static bool compare(struct cosim *c, struct mp_err *err) {
    const struct mp_replay_options replay = {c->o->debug.wave_dir ? c->o->debug.wave_dir : ".", named_model, c};
    const struct mp_cosim_options how = {.library = c->model.library,
                                         .seed = c->o->seed,
                                         .real = real(c->o) ? &c->real : NULL,
                                         .max_cycles = c->o->max_cycles,
                                         .injects = c->injects,
                                         .inject_count = c->o->debug.inject.count,
                                         .wave = c->o->debug.wave ? &c->wave : NULL,
                                         .wave_layer = c->wave_layer,
                                         .replay = c->o->debug.no_replay ? NULL : &replay,
                                         .progress = isatty(STDERR_FILENO) ? show_run : NULL};
    bool ok = mp_cosim_run(&c->result, &how, &c->arena, &c->found, err);
    clear_line();
    c->found.build_seconds = c->model.built ? c->model.build_seconds : 0;
    return ok;
}

static int report(const struct cosim *c) {
    const struct cosim_options *o = c->o;
    const struct mp_style style = {.colour = mp_out_colour(o->output)};
    struct mp_buf out = {0};
    if (mp_out_format(o->json, false, o->output) == MP_OUT_JSON) {
        mp_cosim_json(&c->found, &out);
        mp_cosim_debug_replayed(&c->found);
    } else {
        mp_cosim_text(&c->found, &style, &out);
    }
    int status = mp_out_to(o->output, &out);
    mp_buf_finish(&out);
    return status != MP_EXIT_OK || mp_cosim_agrees(&c->found) ? status : MP_EXIT_FAILURE;
}

static int list_registers(struct cosim *c) {
    struct mp_err err;
    if (!mp_input_arch(c->o->arch, &c->arena, &c->arch, &err) || !mp_model_possible(&c->arch, &err) || !make_model(c, &err))
        return mp_out_error(&err);
    return mp_cosim_debug_list(c->model.library, c->o->output);
}

static int run_all(struct cosim *c) {
    struct mp_err err;
    if (c->o->debug.list)
        return list_registers(c);
    if (!load(c, &err) || !evaluate(c, &err) || !quantise(c, &err) ||
        !mp_cosim_debug_wave(&c->o->debug, &c->result, c->o->layer, &c->wave, &c->wave_layer, &err) || !make_model(c, &err) ||
        !mp_cosim_debug_injects(&c->o->debug, &c->result, c->o->layer, c->model.library, &c->arena, &c->injects, &err))
        return mp_out_error(&err);
    mp_child_signals();
    bool ok = compare(c, &err);
    int status = ok ? report(c) : mp_out_error(&err), number = mp_child_signal();
    if (ok && !c->found.interrupted &&
        !mp_cosim_debug_saved(&c->o->debug, &c->wave, c->wave_layer, &c->found, c->injects, &err))
        status = mp_out_error(&err);
    if (number) // what was done is told; now the signal has its way
        raise(number);
    return status;
}

static int run(const struct mp_command *command, int argc, char **argv) {
    struct cosim_options o = {0};
    struct cosim c = {.o = &o};
    struct mp_texts operands;
    int status;
    const bool go_on = mp_opts_parse(command, argc, argv, &o, &operands, &c.arena, &status);
    if (real(&o) && !o.q.plan && !o.q.w_bits)
        o.q.w_bits = 8;
    if (go_on && (status = check_usage(command, &o, &operands)) == MP_EXIT_OK &&
        (status = mp_dims_read(command, &o.q.dims, &c.arena, &c.dims)) == MP_EXIT_OK) {
        if (real(&o) && o.q.images == 0)
            o.q.images = 1;
        status = run_all(&c);
    }
    mp_arena_finish(&c.arena);
    return status;
}

const struct mp_command mp_cmd_cosim = {
    .name = "cosim",
    .help = "the RTL core against the simulator, cycle for cycle and value for value",
    .usage = "--arch A (--plan P | --workload W | --model M) [--data D] [OPTIONS]",
    .about =
        "Builds the SystemVerilog core for an accelerator with Verilator, runs a network on it and compares: cycles and each "
        "of their causes, every event, overflows, every output. Numbers are random; with --data they are those of a trained "
        "network, quantised, on real images, and must equal integer inference. What the core computes for a "
        "layer goes into those behind it. Exit status 1 when anything disagrees. docs/cosim.md tells what is compared, "
        "which accelerators the core can be, and where built cores are kept.",
    .opts = opts,
    .examples = "  mpsim cosim --arch bitserial_4x4 --plan resnet8_w8a8\n"
                "  mpsim cosim --arch bitserial_4x4 --plan glyphs_mixed --data glyphs --images 3\n"
                "  mpsim cosim --arch bitserial_4x4 --plan resnet8_mixed --layer conv1 --seed 7\n"
                "  mpsim cosim --arch bitserial_4x4 --workload ds_cnn --w-bits 4 --a-bits 8 --json -o c.json\n",
    .run = run,
};
