// SPDX-License-Identifier: Apache-2.0
// mpsim search: which bits each layer should have on an accelerator.
#include "sim/cli/command.h"
#include "sim/cli/dims.h"
#include "sim/cli/inputs.h"
#include "sim/cli/out.h"
#include "sim/cli/search_bounds.h"
#include "sim/cli/search_inputs.h"
#include "sim/cli/search_outcome.h"

#include "sim/base/clock.h"
#include "sim/base/pool.h"
#include "sim/base/say.h"
#include "sim/cosim/child.h"
#include "sim/cosim/model_tools.h"
#include "sim/mpsim.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

struct search_options {
    struct mp_search_options s;
    struct mp_bound_options bounds;
    struct mp_outcome_options out;
    const char *arch, *tech, *costs, *cost_cache, *log;
    uint64_t population, generations, max_evals;
    unsigned solver, minimize, drop;
    bool refine, resume;
};

#define AT(member) .offset = offsetof(struct search_options, member)
static const struct mp_opt opts[] = {
    {"arch", "NAME|FILE", MP_OPT_TEXT, AT(arch), .help = "accelerator: arch.json or a shipped name"},
    {"tech", "NAME|FILE", MP_OPT_TEXT, AT(tech), .def = "the accelerator's",
     .help = "technology that prices events and area"},
    MP_MODEL_OPTS(search_options, s.q),
    {"images", "N", MP_OPT_COUNT, AT(s.q.images), .min = 1, .max = UINT64_C(1) << 32, .def = "all",
     .help = "test images that the report is on, the first N"},
    {"minimize", "WHAT", MP_OPT_CHOICE, AT(minimize), .names = mp_objective_texts, .def = "latency",
     .help = "edp: energy times latency; harm: by the metric; drop: measured"},
    {"max-drop", "SHARE", MP_OPT_TEXT, AT(bounds.max_drop),
     .help = "1%: of the training images at most so many may lose float's class (see --drop)"},
    {"drop", "OF", MP_OPT_CHOICE, AT(drop), .names = mp_drop_names, .def = "agreement",
     .help = "agreement: images with another class than float's; accuracy: right in float less right; loss: rise of the loss, "
             "a number"},
    {"max-latency", "X", MP_OPT_TEXT, AT(bounds.max[MP_COST_LATENCY]), .help = "0.5x (of uniform 8), 3ms, 20000cycles"},
    {"max-energy", "X", MP_OPT_TEXT, AT(bounds.max[MP_COST_ENERGY]), .help = "0.5x, 120uJ"},
    {"max-size", "X", MP_OPT_TEXT, AT(bounds.max[MP_COST_SIZE]), .help = "of the weights: 0.5x, 60KB"},
    {"max-bops", "X", MP_OPT_TEXT, AT(bounds.max[MP_COST_BOPS]), .help = "MACs times bits times bits: 0.5x, 2.5G"},
    {"max-traffic", "X", MP_OPT_TEXT, AT(bounds.max[MP_COST_TRAFFIC]), .help = "of DRAM: 0.5x, 1.2MB"},
    {"max-harm", "X", MP_OPT_TEXT, AT(bounds.max_harm), .help = "by the metric, a number"},
    MP_SPACE_OPTS(search_options, s),
    {"batch", "N", MP_OPT_COUNT, AT(s.batch), .min = 1, .max = 65536, .def = "1", .help = "inferences that run together"},
    {"solver", "NAME", MP_OPT_CHOICE, AT(solver), .names = mp_solver_names, .def = "exact",
     .help = "exact, exhaustive, nsga2 by the metric; greedy, bisection, descent, random by measuring"},
    {"refine", NULL, MP_OPT_FLAG, AT(refine), .help = "measured coordinate descent from what the solver found"},
    {"max-evals", "N", MP_OPT_COUNT, AT(max_evals), .min = 1, .max = 1000000000, .def = "1000",
     .help = "plans that are measured at most"},
    {"population", "N", MP_OPT_COUNT, AT(population), .min = 4, .max = 10000, .def = "64", .help = "of nsga2"},
    {"generations", "N", MP_OPT_COUNT, AT(generations), .min = 1, .max = 1000000, .def = "200", .help = "of nsga2"},
    {"costs", "FILE", MP_OPT_TEXT, AT(costs),
     .help = "CSV of measured costs by layer and widths, instead of the simulator's (docs/search.md)"},
    {"cost-cache", "DIR", MP_OPT_TEXT, AT(cost_cache), .def = "that of MPSIM_CACHE",
     .help = "folder where tables of costs are kept; off: none"},
    {"log", "FILE", MP_OPT_TEXT, AT(log), .help = "write each measured plan there as it is done"},
    {"resume", NULL, MP_OPT_FLAG, AT(resume), .help = "with --log: go on with it; what it holds is not measured again"},
    {"save-plan", "FILE", MP_OPT_TEXT, AT(out.save_plan), .help = "the plan that was found, for run, accuracy and cosim"},
    {"front", "FILE", MP_OPT_LIST, AT(out.front),
     .help = "the front of harm against cost as .csv, .json or .svg; may be given several times"},
    {"plans", "DIR", MP_OPT_TEXT, AT(out.plans), .help = "a plan for each point of the front"},
    MP_METHOD_OPTS(search_options, s.q),
    {"json", NULL, MP_OPT_FLAG, AT(out.json), .help = "the report as JSON (schema mpsim.search/1)"},
    {"output", "FILE", MP_OPT_REPORT, AT(out.output), .letter = 'o', .def = "standard output",
     .help = "the report goes there; a name ending in .json implies --json"},
    {0},
};

struct run {
    struct search_options o;
    struct mp_arena arena;
    struct mp_search_inputs in;
    struct mp_arch arch;
    struct mp_tech *tech;
    struct mp_problem problem;
    struct mp_cost_stats cost_stats;
    struct mp_search_job job;
    struct mp_search_result result;
    struct mp_oracle *oracle;
    struct mp_outcome outcome;
    double seconds;
};

// Whether a plan is to be chosen at all: of the least of a cost nothing says how much harm may come.
static bool is_constrained(const struct search_options *o) {
    const size_t q = mp_search_objective(o->minimize);
    return q == MP_HARM || q == MP_DROP_QUANTITY || mp_bounds_any(&o->bounds);
}

static int check_usage(const struct mp_command *c, const struct search_options *o, const struct mp_texts *operands) {
    if (operands->count > 0)
        return mp_usage_error(c, "unexpected argument \"%s\"", operands->text[0]);
    if (!o->arch)
        return mp_usage_error(c, "option --arch is missing");
    if (o->resume && !o->log)
        return mp_usage_error(c, "--resume goes with --log");
    if (o->log && o->s.workload)
        return mp_usage_error(c, "--log goes with --model: without one nothing is measured");
    if (o->out.save_plan && !is_constrained(o))
        return mp_usage_error(c, "--save-plan needs a constraint (--max-drop, --max-harm, ...): without one there is the front "
                              "alone");
    int status = mp_search_usage(c, &o->s);
    if (status == MP_EXIT_OK)
        status = mp_bounds_usage(c, &o->bounds, (enum mp_drop)o->drop);
    const char *const inputs[] = {o->log, o->costs, o->s.metric, o->arch, o->tech, o->s.q.model, o->s.workload};
    return status == MP_EXIT_OK ? mp_outcome_usage(c, &o->out, inputs, sizeof inputs / sizeof *inputs) : status;
}

static uint64_t max_evals(const struct search_options *o) {
    return o->max_evals ? o->max_evals : 1000;
}

// Costs

// The folder for tables of costs, or NULL; why there is none goes to the report.
static const char *cache_folder(struct run *r, const char **warning) {
    struct mp_err err;
    const char *folder = r->o.cost_cache;
    *warning = NULL;
    if (folder)
        return strcmp(folder, "off") == 0 ? NULL : folder;
    if (mp_model_cache(&r->arena, &folder, &err))
        return mp_arena_printf(&r->arena, "%s/costs", folder);
    *warning = "no folder to keep tables of costs in (MPSIM_CACHE names one)";
    return NULL;
}

static struct mp_cost_job cost_job(const struct run *r) {
    return (struct mp_cost_job){.arch = &r->arch,
                                .tech = r->tech,
                                .objective = mp_outcome_objective(&r->job),
                                .threads = r->o.s.q.jobs ? (unsigned)r->o.s.q.jobs : mp_pool_default(),
                                .file = r->o.costs,
                                .version = mp_version(),
                                .stopped = mp_child_signalled};
}

static bool make_costs(struct run *r, struct mp_term **terms, struct mp_err *err) {
    const char *warning;
    struct mp_cost_job job = cost_job(r);
    if (r->o.costs && r->arch.keep_on_chip)
        return mp_fail(err, "%s: measured costs are sums over layers: with keep_on_chip there are none", r->o.costs);
    job.cache = cache_folder(r, &warning);
    if (!mp_costs_make(&job, &r->in.space, &r->arena, terms, &r->cost_stats, err))
        return false;
    r->cost_stats.warning = r->cost_stats.warning ? r->cost_stats.warning : warning;
    return true;
}

// What the file says of a uniform plan: a space of that width alone. False where it does not say.
static bool price_uniform(struct run *r, unsigned bits, double sum[MP_COSTS], struct mp_err *err) {
    struct mp_space_options how = r->in.how;
    struct mp_space space;
    struct mp_term *terms;
    struct mp_problem p;
    const struct mp_cost_job job = cost_job(r);
    how.w_set = how.a_set = 1u << bits;
    how.slices = 1, how.tie = false, how.open_ends = true, how.fix_count = how.link_count = 0;
    if (!mp_space_make(&space, r->in.workload, "uniform", r->in.path, &how, &r->arena, err) ||
        !mp_costs_make(&job, &space, &r->arena, &terms, &(struct mp_cost_stats){0}, err))
        return false;
    const uint8_t *first = mp_arena_alloc(&r->arena, space.decision_count, sizeof *first); // the only option of each
    const double *none = mp_arena_alloc(&r->arena, space.unit_count * MP_WIDTHS, sizeof *none);
    mp_search_problem(&p, &space, none, terms, &r->arena);
    for (size_t k = 0; k < MP_COSTS; k++)
        sum[k] = mp_problem_cost(&p, k, first);
    return true;
}

// With costs from a file the uniform plans have theirs from it too. It must have uniform 8, which the others are held
// against; of the others those stay that it has.
static bool price_rows(struct run *r, struct mp_err *err) {
    size_t kept = 0;
    if (!r->o.costs)
        return true;
    for (size_t i = 0; i < r->outcome.row_count; i++) {
        struct mp_search_row *row = &r->outcome.rows[i];
        struct mp_err ignored;
        const bool there = price_uniform(r, r->outcome.widths[i], &row->point.sum[MP_COST_AT(0)], i == 0 ? err : &ignored);
        if (i == 0 && !there)
            return mp_fail_in(err, "uniform 8");
        if (there) {
            r->outcome.widths[kept] = r->outcome.widths[i];
            r->outcome.plans[kept] = r->outcome.plans[i];
            r->outcome.rows[kept++] = *row;
        }
    }
    r->outcome.row_count = kept;
    return true;
}

// Of a plan as a whole, where tensors that stay on chip make layers depend on each other.
static bool price(void *user, const uint8_t *option, double cost[MP_COSTS], struct mp_err *err) {
    const struct run *r = user;
    struct mp_arena scratch = {0};
    struct mp_plan plan;
    struct mp_result result;
    const struct mp_options how = {.engine = MP_ANALYTIC, .objective = mp_outcome_objective(&r->job)};
    bool ok = mp_space_plan(&r->in.space, option, "p", &scratch, &plan, err) &&
              mp_evaluate(&r->arch, r->in.workload, &plan, r->tech, &how, &scratch, &result, err);
    if (ok)
        mp_outcome_costs(&result, cost);
    mp_arena_finish(&scratch);
    return ok;
}

// Search

static void show(void *user, uint64_t evaluations) {
    const struct run *r = user;
    const size_t q = mp_search_front_cost(&r->job);
    char best[80] = "";
    if (r->result.found)
        snprintf(best, sizeof best, ", the best so far takes %.1f %% of uniform 8",
                 100 * r->result.best.sum[q] / r->outcome.rows[0].point.sum[q]);
    mp_out_bar("plans", evaluations, max_evals(&r->o), best);
}

// All that measured results depend on, in one line.
static const char *depends_text(struct run *r) {
    const struct mp_search_inputs *in = &r->in;
    const struct mp_quantise_options *h = &in->z.how;
    return mp_arena_printf(&r->arena,
                           "network %016" PRIx64 ", %" PRIu64 " images %016" PRIx64 " of %s, weights %s %s%s, "
                           "activations %s%s%s, percentile %.17g, bias correction %d, equalized %d, model ranges %d, "
                           "%" PRIu64 "-bit accumulators %s",
                           mp_outcome_network_hash(&in->z.work), in->z.train.count, mp_outcome_data_hash(&in->z.train),
                           in->z.calibrated_on, mp_range_method_names[h->weights], mp_rounding_names[h->rounding],
                           h->weights_per_tensor ? " per tensor" : "", mp_range_method_names[h->activations],
                           h->affine ? " affine" : "", h->power_of_two ? " dynamic fixed point" : "", h->percentile,
                           h->bias_correction, h->equalise, h->model_ranges, r->arch.array.accumulator.bits,
                           r->arch.array.accumulator.on_overflow == MP_WRAP ? "wrapping" : "saturating");
}

static bool make_oracle(struct run *r, struct mp_err *err) {
    if (!r->in.has_model)
        return true;
    if (!mp_search_measure(&r->in, &r->arch.array.accumulator, err))
        return false;
    const struct mp_oracle_job job = {.measure = r->in.measure, .space = &r->in.space, .depends = depends_text(r),
                                      .log = r->o.log, .resume = r->o.resume,
                                      .max_evals = max_evals(&r->o),
                                      .progress = isatty(STDERR_FILENO) ? show : NULL, .user = r};
    r->oracle = mp_oracle_create(&job, err);
    r->job.oracle = r->oracle;
    r->job.reference = mp_measure_float(r->in.measure);
    return r->oracle;
}

static bool load(struct run *r, struct mp_err *err) {
    return mp_outcome_possible(&r->o.out, err) && (!r->o.log || mp_oracle_may_log(r->o.log, r->o.resume, err)) &&
           mp_input_arch(r->o.arch, &r->arena, &r->arch, err) &&
           mp_input_tech(&r->arch, r->o.tech, &r->arena, &r->tech, err) &&
           mp_search_load(&r->in, &r->o.s, r->o.out.save_plan, &r->arena, err);
}

static void read_bounds(struct run *r) {
    const double *uniform = &r->outcome.rows[0].point.sum[MP_COST_AT(0)];
    mp_bounds_read(&r->o.bounds, (enum mp_drop)r->o.drop, uniform, r->arch.clock_mhz, &r->job);
}

// What the widths 8, 4 and 2 throughout cost comes first: bounds are shares of it.
static bool prepare(struct run *r, struct mp_err *err) {
    const struct search_options *o = &r->o;
    struct mp_term *terms;
    r->job = (struct mp_search_job){.space = &r->in.space, .problem = &r->problem,
                                    .objective = mp_search_objective(o->minimize),
                                    .seed = o->s.seed ? o->s.seed : 1, .population = o->population ? o->population : 64,
                                    .generations = o->generations ? o->generations : 200, .refine = o->refine,
                                    .price = r->arch.keep_on_chip ? price : NULL, .price_user = r,
                                    .stopped = mp_child_signalled};
    r->outcome = (struct mp_outcome){.in = &r->in, .arch = &r->arch, .tech = r->tech, .job = &r->job, .result = &r->result,
                                     .arena = &r->arena, .o = &o->out};
    if (!mp_outcome_uniform(&r->outcome, err))
        return false;
    read_bounds(r);
    if (!mp_search_fits(&r->job, mp_solvers[o->solver], r->in.has_model, err) || !make_costs(r, &terms, err) ||
        !price_rows(r, err))
        return false;
    read_bounds(r); // of what a file says of uniform 8
    if (!mp_search_harm(&r->in, &r->arch.array.accumulator, err))
        return false;
    mp_search_problem(&r->problem, &r->in.space, r->in.harm.of, terms, &r->arena);
    mp_outcome_harms(&r->outcome);
    return make_oracle(r, err);
}

static bool search(struct run *r, struct mp_err *err) {
    const double began = mp_seconds();
    bool ok = mp_search_run(&r->job, mp_solvers[r->o.solver], &r->arena, &r->result, err);
    r->seconds = mp_seconds() - began;
    if (isatty(STDERR_FILENO))
        mp_out_bar_end();
    return ok;
}

static int finish(struct run *r, struct mp_err *err) {
    const struct mp_oracle_stats stats = r->oracle ? mp_oracle_stats(r->oracle) : (struct mp_oracle_stats){0};
    const struct mp_search_report what = {
        .job = &r->job, .result = &r->result, .solver = mp_solvers[r->o.solver], .metric = r->in.metric_name,
        .harm = &r->in.harm, .arch = &r->arch, .costs = &r->cost_stats, .cost_file = r->o.costs,
        .oracle = r->oracle ? &stats : NULL,
        .trained_on = r->in.has_model ? r->in.z.calibrated_on : NULL, .train_images = r->in.z.train.count,
        .metric_images = r->in.metric_images, .metric_seconds = r->in.metric_seconds, .solver_seconds = r->seconds};
    return mp_outcome_report(&r->outcome, &what, err);
}

static int run_all(struct run *r) {
    struct mp_err err;
    int number;
    mp_child_signals();
    bool ok = load(r, &err) && prepare(r, &err) && search(r, &err);
    int status = ok ? finish(r, &err) : mp_child_signalled() ? MP_EXIT_FAILURE : mp_out_error(&err);
    if (!mp_oracle_destroy(r->oracle, &err) && ok)
        status = mp_out_error(&err);
    mp_search_finish(&r->in);
    if ((number = mp_child_signal())) { // what was found is told; now the signal has its way
        if (!ok)
            fputs("mpsim search: interrupted before anything was found\n", stderr);
        raise(number);
    }
    return status;
}

static int run(const struct mp_command *c, int argc, char **argv) {
    struct run r = {.o = {.s.q.many_plans = true}};
    struct mp_texts operands;
    int status;
    if (mp_opts_parse(c, argc, argv, &r.o, &operands, &r.arena, &status) &&
        (status = check_usage(c, &r.o, &operands)) == MP_EXIT_OK &&
        (status = mp_dims_read(c, &r.o.s.q.dims, &r.arena, &r.in.dims)) == MP_EXIT_OK)
        status = run_all(&r);
    mp_arena_finish(&r.arena);
    return status;
}

const struct mp_command mp_cmd_search = {
    .name = "search",
    .help = "which bits each layer should have on an accelerator",
    .usage = "--arch A --model M --data D [--minimize WHAT] [--max-drop 1%] [OPTIONS]",
    .about =
        "Finds the widths of weights and activations, layer by layer or slice by slice, that cost least on an accelerator for "
        "what they harm. Costs come from the simulator's best mapping of each layer at each combination of widths; harm from a "
        "metric, and from measuring plans in integers on training images, bit for bit what the RTL core computes. Any metric "
        "goes with any cost and any solver. The test images are read once, for the report. docs/search.md has metrics, solvers "
        "and tables of what they gain.",
    .opts = opts,
    .examples =
        "  mpsim search --arch bitserial_4x4 --model glyphs --data glyphs --max-drop 1% --save-plan found.json\n"
        "  mpsim search --arch bitfusion --model net.onnx --data cifar10/ --bits 2-8 --max-drop 1% --metric hawq --refine\n"
        "  mpsim search --arch loom_like --model net.onnx --data cifar10/ --minimize drop --max-latency 0.5x --max-size 60KB\n"
        "  mpsim search --arch bitserial_16x16 --workload resnet50 --metric harm.csv --front front.svg --front front.csv\n",
    .run = run,
};
