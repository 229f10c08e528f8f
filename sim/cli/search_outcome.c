// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/search_outcome.h"

#include "sim/base/file.h"
#include "sim/base/say.h"
#include "sim/cli/out.h"
#include "sim/cosim/child.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MOST_PLANS 10000

static const unsigned widths[] = {8, 4, 2};
#define UNIFORM (sizeof widths / sizeof *widths)

static bool ends_in(const char *name, const char *ending) {
    size_t n = strlen(name), m = strlen(ending);
    return n > m && strcmp(name + n - m, ending) == 0;
}

// A name that is to be written, and is there among the inputs or another output already; NULL when there is none.
static const char *twice(const struct mp_outcome_options *o, const char *const *inputs, size_t count) {
    const char *own[] = {o->output, o->save_plan};
    for (size_t i = 0; i < o->front.count + 2; i++) {
        const char *name = i < 2 ? own[i] : o->front.text[i - 2];
        if (!name || strcmp(name, "-") == 0)
            continue;
        for (size_t k = 0; k < i; k++) {
            const char *other = k < 2 ? own[k] : o->front.text[k - 2];
            if (other && strcmp(name, other) == 0)
                return name;
        }
        for (size_t k = 0; k < count; k++)
            if (inputs[k] && strcmp(name, inputs[k]) == 0)
                return name;
    }
    return NULL;
}

int mp_outcome_usage(const struct mp_command *c, const struct mp_outcome_options *o, const char *const *inputs, size_t count) {
    char shown[MP_SAY_BYTES];
    const char *same = twice(o, inputs, count);
    if (same)
        return mp_usage_error(c, "\"%s\" would be written over: it is named twice", mp_say_text(same, strlen(same), shown));
    for (size_t i = 0; i < o->front.count; i++) {
        const char *name = o->front.text[i];
        if (!ends_in(name, ".csv") && !ends_in(name, ".json") && !ends_in(name, ".svg"))
            return mp_usage_error(c, "option --front: the name must end in .csv, .json or .svg (got \"%s\")",
                                  mp_say_text(name, strlen(name), shown));
    }
    return mp_out_format(o->json, false, o->output) == MP_OUT_CSV
               ? mp_usage_error(c, "there is no CSV of the report: --output takes a name ending in .json, or text (--front "
                                "has one)")
               : MP_EXIT_OK;
}

static bool is_empty(const char *folder) {
    DIR *d = opendir(folder);
    bool empty = d;
    for (const struct dirent *e; d && (e = readdir(d));)
        empty = empty && (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0);
    if (d)
        closedir(d);
    return empty;
}

bool mp_outcome_possible(const struct mp_outcome_options *o, struct mp_err *err) {
    struct stat there;
    const bool plans = o->plans && stat(o->plans, &there) == 0; // a folder that is there
    if (!mp_out_possible(o->output, err) || !mp_out_possible(o->save_plan, err) ||
        (o->plans && !plans && !mp_out_possible(o->plans, err)))
        return false;
    for (size_t i = 0; i < o->front.count; i++)
        if (!mp_out_possible(o->front.text[i], err))
            return false;
    if (plans && !S_ISDIR(there.st_mode))
        return mp_fail(err, "%s: cannot make the folder: %s", o->plans, strerror(ENOTDIR));
    return !plans || is_empty(o->plans) ||
           mp_fail(err, "%s: must be a new folder or an empty one, for the plans of this front alone", o->plans);
}

enum mp_objective mp_outcome_objective(const struct mp_search_job *job) {
    return job->objective == MP_COST_AT(MP_COST_ENERGY) ? MP_ENERGY : job->objective == MP_EDP_QUANTITY ? MP_EDP : MP_LATENCY;
}

void mp_outcome_costs(const struct mp_result *r, double cost[MP_COSTS]) {
    const struct mp_figures *f = &r->totals;
    cost[MP_COST_LATENCY] = (double)mp_counts_cycles(&f->counts);
    cost[MP_COST_ENERGY] = f->energy_pj;
    cost[MP_COST_SIZE] = (double)f->weight_bits;
    cost[MP_COST_BOPS] = (double)f->bops;
    cost[MP_COST_TRAFFIC] = (double)(f->counts.events[MP_EV_DRAM_READ] + f->counts.events[MP_EV_DRAM_WRITE]);
}

static bool price(struct mp_outcome *k, size_t row, struct mp_err *err) {
    const struct mp_options how = {.engine = MP_ANALYTIC, .objective = mp_outcome_objective(k->job)};
    struct mp_result *result = mp_arena_alloc(k->arena, 1, sizeof *result);
    k->rows[row].result = result;
    return mp_evaluate(k->arch, k->in->workload, k->plans[row], k->tech, &how, k->arena, result, err);
}

bool mp_outcome_uniform(struct mp_outcome *k, struct mp_err *err) {
    for (size_t i = 0; i < UNIFORM; i++) {
        struct mp_search_row *row = &k->rows[i];
        struct mp_plan *plan = mp_arena_alloc(k->arena, 1, sizeof *plan);
        row->name = mp_arena_printf(k->arena, "uniform %u", widths[i]);
        k->plans[i] = plan;
        k->widths[i] = widths[i];
        if (!mp_space_uniform(&k->in->space, widths[i], widths[i], k->arena, plan, err) || !price(k, i, err))
            return false;
        mp_outcome_costs(row->result, &row->point.sum[MP_COST_AT(0)]);
    }
    k->row_count = UNIFORM;
    return true;
}

void mp_outcome_harms(struct mp_outcome *k) {
    const struct mp_space *s = &k->in->space;
    for (size_t i = 0; i < k->row_count; i++) {
        const unsigned width = k->widths[i];
        double sum = 0;
        for (size_t u = 0; u < s->unit_count; u++)
            sum += k->in->harm.of[u * MP_WIDTHS + width];
        k->rows[i].has_harm = k->in->harm.whole >> width & 1;
        k->rows[i].point.sum[MP_HARM] = k->rows[i].has_harm ? sum : 0;
    }
}

// What was found

static bool add_found(struct mp_outcome *k, struct mp_err *err) {
    struct mp_search_row *row = &k->rows[k->row_count];
    const struct mp_point *best = &k->result->best;
    struct mp_plan *plan = mp_arena_alloc(k->arena, 1, sizeof *plan);
    k->plans[k->row_count] = plan;
    if (!mp_space_plan(&k->in->space, best->option, k->in->space.base.name, k->arena, plan, err) ||
        !price(k, k->row_count, err))
        return false;
    row->name = "found";
    row->point = *best;
    row->has_harm = true;
    k->row_count++;
    return true;
}

// Accuracy of a row's plan on the test images; `right` by image. Measured on the training images first, which makes its
// integers, and so that drops of all rows can be read beside each other.
static bool test(struct mp_outcome *k, size_t i, bool *right, struct mp_err *err) {
    struct mp_search_row *row = &k->rows[i];
    const struct mp_quantised *z = &k->in->z;
    if (!mp_measure_run(k->in->measure, k->plans[i], &row->point.at, err))
        return mp_child_signalled();
    row->point.measured = true;
    struct mp_qnet q = *mp_measure_network(k->in->measure);
    q.plan = k->plans[i];
    const struct mp_accuracy_job job = {
        .net = &z->net, .q = &q, .data = &z->data, .images = z->data.count, .threads = z->threads, .right = right,
        .integer = {.accumulator = k->arch->array.accumulator, .orders = mp_quantised_orders(row->result, k->arena)},
        .stopped = mp_child_signalled};
    row->tested = mp_accuracy_run(&job, k->arena, &row->test, err) && !row->test.interrupted;
    return row->tested || mp_child_signalled();
}

static bool test_rows(struct mp_outcome *k, struct mp_err *err) {
    const uint64_t images = k->in->z.data.count;
    bool *right[MP_OUTCOME_ROWS];
    for (size_t i = 0; i < k->row_count && !mp_child_signalled(); i++) {
        struct mp_search_row *row = &k->rows[i];
        right[i] = mp_arena_alloc(k->arena, images, sizeof **right);
        if (!test(k, i, right[i], err))
            return false;
        for (uint64_t n = 0; row->tested && n < images; n++) {
            row->gained += right[i][n] && !right[0][n];
            row->lost += right[0][n] && !right[i][n];
        }
    }
    return true;
}

// Files

static int write_plan(const struct mp_outcome *k, const struct mp_plan *plan, const char *path) {
    struct mp_buf out = {0};
    struct mp_jsonw w;
    mp_jsonw_init(&w, &out);
    mp_plan_write(plan, k->in->workload, &w);
    int status = mp_out_to(path, &out);
    mp_buf_finish(&out);
    return status;
}

static bool make_folder(const char *path, struct mp_err *err) {
    struct stat is;
    if (mkdir(path, 0777) == 0)
        return true;
    const int why = errno != EEXIST ? errno : stat(path, &is) != 0 ? errno : S_ISDIR(is.st_mode) ? 0 : ENOTDIR;
    return why == 0 || mp_fail(err, "%s: cannot make the folder: %s", path, strerror(why));
}

static int write_plans(const struct mp_outcome *k, struct mp_err *err) {
    const struct mp_search_result *r = k->result;
    const char *folder = k->o->plans;
    int status = MP_EXIT_OK;
    if (!folder)
        return MP_EXIT_OK;
    if (r->front_count > MOST_PLANS) {
        mp_fail(err, "--plans: the front has %zu points, at most %d are written as plans (--front FILE.csv has them all)",
                r->front_count, MOST_PLANS);
        return mp_out_error(err);
    }
    if (!make_folder(folder, err))
        return mp_out_error(err);
    for (size_t i = 0; i < r->front_count && status == MP_EXIT_OK; i++) {
        struct mp_arena scratch = {0};
        struct mp_plan plan;
        const char *name = mp_arena_printf(&scratch, "%s_front_%04zu", k->in->workload->name, i + 1);
        const char *path = mp_arena_printf(&scratch, "%s/front_%04zu.json", folder, i + 1);
        if (!mp_space_plan(&k->in->space, r->front[i].option, name, &scratch, &plan, err)) {
            status = mp_out_error(err);
        } else {
            plan.workload = mp_path_from(&scratch, path, k->in->path);
            status = write_plan(k, &plan, path);
        }
        mp_arena_finish(&scratch);
    }
    return status;
}

static int write_fronts(const struct mp_outcome *k, const struct mp_search_report *what) {
    int status = MP_EXIT_OK;
    for (size_t i = 0; i < k->o->front.count && status == MP_EXIT_OK; i++) {
        const char *path = k->o->front.text[i];
        struct mp_buf out = {0};
        if (ends_in(path, ".csv"))
            mp_search_front_csv(what, &out);
        else if (ends_in(path, ".json"))
            mp_search_front_json(what, &out);
        else
            mp_search_front_svg(what, &out);
        status = mp_out_to(path, &out);
        mp_buf_finish(&out);
    }
    return status;
}

static int write_report(const struct mp_outcome *k, const struct mp_search_report *what) {
    const struct mp_style style = {.colour = mp_out_colour(k->o->output)};
    struct mp_buf out = {0};
    if (mp_out_format(k->o->json, false, k->o->output) == MP_OUT_JSON)
        mp_search_json(what, &out);
    else
        mp_search_text(what, &style, &out);
    int status = mp_out_to(k->o->output, &out);
    mp_buf_finish(&out);
    return status;
}

// Nothing that keeps all constraints: the report says what is the least possible, and so does the status.
static bool impossible(const struct mp_outcome *k) {
    return !k->result->found && k->result->why && !k->result->interrupted;
}

int mp_outcome_report(struct mp_outcome *k, const struct mp_search_report *what, struct mp_err *err) {
    struct mp_search_report r = *what;
    const bool model = k->in->has_model && !mp_child_signalled();
    if ((k->result->found && !add_found(k, err)) || (model && !test_rows(k, err)))
        return mp_out_error(err);
    r.rows = k->rows, r.row_count = k->row_count;
    r.test_name = k->in->has_model ? k->in->z.data.name : NULL;
    if (k->result->found) {
        r.plan = k->plans[k->row_count - 1];
        r.reasons = mp_search_reasons(k->job, &k->result->best, k->arena);
    }
    int status = k->result->found && k->o->save_plan ? write_plan(k, r.plan, k->o->save_plan) : MP_EXIT_OK;
    if (status == MP_EXIT_OK)
        status = write_fronts(k, &r);
    if (status == MP_EXIT_OK)
        status = write_plans(k, err);
    const int told = write_report(k, &r); // whatever became of the files
    status = status == MP_EXIT_OK ? told : status;
    if (status == MP_EXIT_OK && impossible(k)) {
        mp_fail(err, "search: no plan was found that keeps all bounds: %s", k->result->why);
        return mp_out_error(err);
    }
    return status;
}

// FNV-1a, as logs that are there already have it.
static uint64_t mix(uint64_t h, const void *data, size_t bytes) {
    const unsigned char *p = data;
    for (size_t i = 0; i < bytes; i++)
        h = (h ^ p[i]) * 0x100000001b3;
    return h;
}

uint64_t mp_outcome_network_hash(const struct mp_network *n) {
    // The workload as it is written has types, wiring, functions and shapes; then every number of the layers.
    struct mp_buf text = {0};
    struct mp_jsonw w;
    mp_jsonw_init(&w, &text);
    mp_workload_write(&n->workload, &w);
    uint64_t h = mix(0xcbf29ce484222325, text.text, text.len);
    mp_buf_finish(&text);
    for (size_t i = 0; i < n->workload.layer_count; i++) {
        const struct mp_layer *l = &n->workload.layers[i];
        const struct mp_layer_params *p = &n->params[i];
        h = mix(h, &p->alpha, sizeof p->alpha);
        if (l->type == MP_LAYER_NORM) {
            const size_t channels = n->workload.tensors[l->output].c;
            h = p->weight ? mix(h, p->weight, channels * sizeof *p->weight) : h;
            h = p->bias ? mix(h, p->bias, channels * sizeof *p->bias) : h;
        }
        if (mp_layer_has_weights(l)) {
            const size_t channels = l->geo.groups * l->geo.oc;
            h = mix(h, p->weight, channels * l->geo.ic * l->geo.kh * l->geo.kw * sizeof *p->weight);
            h = p->bias ? mix(h, p->bias, channels * sizeof *p->bias) : h;
        }
    }
    return h;
}

uint64_t mp_outcome_data_hash(const struct mp_dataset *d) {
    const size_t count = d->count * d->channels * d->height * d->width;
    const struct mp_preprocess *p = &d->prep;
    const unsigned flags[] = {p->channels, p->channels_last, p->reverse};
    uint64_t h = mix(0xcbf29ce484222325, &p->scale, sizeof p->scale);
    h = mix(mix(mix(h, p->mean, sizeof p->mean), p->std, sizeof p->std), flags, sizeof flags);
    h = d->bytes ? mix(h, d->bytes, count) : mix(h, d->reals, count * sizeof *d->reals);
    return d->labels ? mix(h, d->labels, d->count * sizeof *d->labels) : h;
}
