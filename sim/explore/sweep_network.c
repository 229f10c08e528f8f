// SPDX-License-Identifier: Apache-2.0
// The networks of a space: plans, workloads at one width, and workloads whose plan is searched for each design.
#include "sim/explore/sweep_read.h"

#include "sim/base/file.h"
#include "sim/base/hash.h"
#include "sim/base/jsonw.h"
#include "sim/base/say.h"
#include "sim/search/costs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const network_keys[] = {"plan", "workload", "w_bits", "a_bits", "batch", "weight", "name", "search"};
static const char *const search_keys[] = {"harm",  "max_harm", "minimize", "bits",       "weight_bits", "activation_bits",
                                          "slices", "tie",     "open_ends", "output_bits"};

struct reader {
    struct mp_sweep *s;
    struct mp_sweep_network *out;
    struct mp_arena *a;
    const struct mp_sweep_loader *l;
    uint64_t batch;
};

static bool get_uint(const struct mp_node *n, const char *key, uint64_t min, uint64_t max, uint64_t *v, struct mp_err *err) {
    struct mp_node child;
    return !mp_node_get(n, key, &child) || mp_node_uint(&child, min, max, v, err);
}

static bool get_bool(const struct mp_node *n, const char *key, bool *v, struct mp_err *err) {
    struct mp_node child;
    return !mp_node_get(n, key, &child) || mp_node_bool(&child, v, err);
}

static bool read_widths(const struct mp_node *n, const char *key, uint32_t *set, struct mp_err *err) {
    struct mp_node list, child;
    uint64_t bits;
    if (!mp_node_get(n, key, &list))
        return true;
    if (!mp_node_array(&list, err))
        return false;
    *set = 0;
    for (bool more = mp_node_first(&list, &child); more; more = mp_node_next(&child)) {
        if (!mp_node_uint(&child, 1, 8, &bits, err))
            return false;
        *set |= 1u << bits;
    }
    return *set || mp_node_fail(&list, err, "must not be empty");
}

// Harm of the widest, and of the narrowest options of all decisions.
static void harm_span(const struct mp_sweep_search *q, double *low, double *high) {
    *low = *high = 0;
    for (size_t d = 0; d < q->space.decision_count; d++) {
        const struct mp_decision *k = &q->space.decisions[d];
        double least = INFINITY, most = -INFINITY;
        for (size_t o = 0; o < k->option_count; o++) {
            double sum = 0;
            for (size_t u = 0; u < k->unit_count; u++)
                sum += q->harm.of[k->units[u] * MP_WIDTHS + k->bits[o * k->unit_count + u]];
            least = fmin(least, sum), most = fmax(most, sum);
        }
        *low += least, *high += most;
    }
}

// A number, or "0.1x": that share of the way from the least harm there is to the most.
static bool read_max_harm(const struct mp_node *n, struct mp_sweep_search *q, struct mp_err *err) {
    const char *text;
    double low, high;
    if (mp_node_is_number(n))
        return mp_node_real(n, -1e300, 1e300, &q->max_harm, err);
    if (!mp_node_name(n, &text, err))
        return false;
    char *end, shown[MP_SAY_BYTES];
    double share = strtod(text, &end);
    if (end == text || strcmp(end, "x") != 0 || !(share >= 0 && share <= 1))
        return mp_node_fail(n, err, "must be a number, or a share of the way from the least harm to the most as \"0.1x\" (got "
                            "\"%s\")", mp_say_text(text, strlen(text), shown));
    harm_span(q, &low, &high);
    q->max_harm = low + share * (high - low);
    return true;
}

static bool read_options(const struct mp_node *n, struct mp_sweep_search *q, struct mp_space_options *how, struct mp_err *err) {
    static const char *const what[] = {"latency", "energy"};
    struct mp_node child;
    size_t at = 0;
    uint64_t output_bits = 8;
    uint32_t both = 1u << 2 | 1u << 4 | 1u << 8;
    if (mp_node_get(n, "minimize", &child) && !mp_node_enum(&child, what, 2, &at, err))
        return false;
    q->objective = MP_COST_AT(at == 0 ? MP_COST_LATENCY : MP_COST_ENERGY);
    if (!read_widths(n, "bits", &both, err))
        return false;
    how->w_set = how->a_set = both;
    if (!read_widths(n, "weight_bits", &how->w_set, err) || !read_widths(n, "activation_bits", &how->a_set, err) ||
        !get_uint(n, "slices", 1, 7, &how->slices, err) || !get_bool(n, "tie", &how->tie, err) ||
        !get_bool(n, "open_ends", &how->open_ends, err) || !get_uint(n, "output_bits", 1, 32, &output_bits, err))
        return false;
    how->output_bits = (unsigned)output_bits;
    return true;
}

static bool read_search(struct reader *r, const struct mp_node *n, const struct mp_workload *w, const char *name,
                        struct mp_err *err) {
    struct mp_sweep_search *q = mp_arena_alloc(r->a, 1, sizeof *q);
    struct mp_space_options how = {.slices = 1, .batch = r->batch};
    struct mp_node harm, max;
    const char *file;
    if (!mp_node_keys(n, search_keys, sizeof search_keys / sizeof *search_keys, err) ||
        !mp_node_need(n, "harm", &harm, err) || !mp_node_name(&harm, &file, err) || !mp_node_need(n, "max_harm", &max, err) ||
        !read_options(n, q, &how, err))
        return false;
    q->metric = mp_path_beside(r->a, r->s->path, file);
    if (!mp_space_make(&q->space, w, name, w->name, &how, r->a, err) ||
        !mp_harm_load(q->metric, &q->space, r->a, &q->harm, err) || !read_max_harm(&max, q, err))
        return false;
    r->out->search = q;
    return true;
}

static const char *text_of(struct mp_buf *text, struct mp_arena *a) {
    while (text->len > 0 && text->text[text->len - 1] == '\n')
        text->text[--text->len] = '\0';
    const char *kept = mp_arena_strdup(a, text->text ? text->text : "");
    mp_buf_finish(text);
    return kept;
}

static void write_search(const struct mp_sweep_search *q, struct mp_jsonw *w) {
    mp_jsonw_open(w, '{', true);
    mp_jsonw_put_string(w, "minimize", q->objective == MP_COST_AT(MP_COST_LATENCY) ? "latency" : "energy");
    mp_jsonw_put_real(w, "max_harm", q->max_harm);
    mp_jsonw_put_uint(w, "output_bits", q->space.base.output_bits);
    mp_jsonw_key(w, "decisions");
    mp_jsonw_open(w, '[', true);
    for (size_t d = 0; d < q->space.decision_count; d++) {
        const struct mp_decision *k = &q->space.decisions[d];
        mp_jsonw_open(w, '{', true);
        mp_jsonw_key(w, k->name);
        mp_jsonw_open(w, '[', true);
        for (size_t o = 0; o < k->option_count; o++)
            for (size_t u = 0; u < k->unit_count; u++) {
                unsigned bits = k->bits[o * k->unit_count + u];
                mp_jsonw_uint(w, bits);
                mp_jsonw_real(w, q->harm.of[k->units[u] * MP_WIDTHS + bits]);
            }
        mp_jsonw_close(w, ']');
        mp_jsonw_close(w, '}');
    }
    mp_jsonw_close(w, ']');
    mp_jsonw_close(w, '}');
}

// The name is a part: it is in the store's rows, and so is a searched plan, which has it.
static void set_key(struct reader *r) {
    struct mp_sweep_network *x = r->out;
    struct mp_buf text = {0};
    struct mp_jsonw w;
    mp_jsonw_init(&w, &text);
    mp_workload_write(x->workload, &w);
    uint64_t h = mp_hash_text(mp_hash_text(mp_hash_text(0, r->l->version), mp_objective_names[r->s->mapping]), text.text);
    if (r->s->engine != MP_ANALYTIC)
        h = mp_hash_text(h, mp_engine_names[r->s->engine]);
    mp_buf_finish(&text);
    mp_jsonw_init(&w, &text);
    if (x->plan) {
        struct mp_plan plan = *x->plan;
        plan.workload = x->workload->name; // not where its file lies
        mp_plan_write(&plan, x->workload, &w);
    } else {
        write_search(x->search, &w);
    }
    x->text = text_of(&text, r->a);
    x->key = (int64_t)mp_hash(mp_hash_text(mp_hash_text(h, x->text), x->name), &r->batch, sizeof r->batch);
}

static bool load_plan(struct reader *r, const struct mp_node *n, struct mp_plan *plan, struct mp_workload *w, bool searched,
                      struct mp_err *err) {
    struct mp_node p, k, bits;
    const char *name;
    uint64_t w_bits = 8, a_bits = 8;
    bool has_plan = mp_node_get(n, "plan", &p), has_workload = mp_node_get(n, "workload", &k);
    if (has_plan == has_workload)
        return mp_node_fail(n, err, "needs either \"plan\" or \"workload\"");
    if ((has_plan || searched) && (mp_node_get(n, "w_bits", &bits) || mp_node_get(n, "a_bits", &bits)))
        return mp_node_fail(&bits, err, "goes with \"workload\" without \"search\"");
    if (has_plan && searched)
        return mp_node_fail(n, err, "\"search\" goes with \"workload\": the plan is what it finds");
    if (!get_uint(n, "w_bits", 1, 8, &w_bits, err) || !get_uint(n, "a_bits", 1, 8, &a_bits, err) ||
        !mp_node_name(has_plan ? &p : &k, &name, err))
        return false;
    bool ok = has_plan ? r->l->plan(r->s->path, name, r->batch, r->a, plan, w, err)
                       : r->l->uniform(r->s->path, name, w_bits, a_bits, r->batch, r->a, plan, w, err);
    return ok || mp_node_fail(has_plan ? &p : &k, err, "%s", mp_arena_strdup(r->a, err->text));
}

static bool read_network(struct reader *r, const struct mp_node *n, struct mp_err *err) {
    struct mp_workload *w = mp_arena_alloc(r->a, 1, sizeof *w);
    struct mp_plan *plan = mp_arena_alloc(r->a, 1, sizeof *plan);
    struct mp_node search, name, weight;
    bool searched = mp_node_is_object(n) && mp_node_get(n, "search", &search);
    const char *given = NULL;
    if (!mp_node_keys(n, network_keys, sizeof network_keys / sizeof *network_keys, err) ||
        !get_uint(n, "batch", 1, 65536, &r->batch, err) || !load_plan(r, n, plan, w, searched, err))
        return false;
    r->batch = plan->batch;
    r->out->workload = w;
    r->out->weight = 1;
    if (mp_node_get(n, "weight", &weight) && !mp_node_real(&weight, 1e-12, 1e12, &r->out->weight, err))
        return false;
    if (mp_node_get(n, "name", &name) && !mp_node_name(&name, &given, err))
        return false;
    r->out->name = mp_arena_strdup(r->a, given ? given : searched ? mp_arena_printf(r->a, "%s_searched", w->name) : plan->name);
    if (searched && !read_search(r, &search, w, r->out->name, err))
        return false;
    r->out->plan = searched ? NULL : plan;
    set_key(r);
    return true;
}

bool mp_sweep_networks(struct mp_sweep *s, const struct mp_node *list, struct mp_arena *a, const struct mp_sweep_loader *l,
                       struct mp_err *err) {
    struct mp_node child;
    if (!mp_node_array(list, err))
        return false;
    if (mp_node_count(list) < 1 || mp_node_count(list) > MP_SWEEP_NETWORKS)
        return mp_node_fail(list, err, "must have 1..%d networks (got %zu)", MP_SWEEP_NETWORKS, mp_node_count(list));
    for (bool more = mp_node_first(list, &child); more; more = mp_node_next(&child)) {
        struct reader r = {.s = s, .out = &s->networks[s->network_count], .a = a, .l = l};
        if (!read_network(&r, &child, err))
            return false;
        for (size_t i = 0; i < s->network_count; i++) {
            if (s->networks[i].key == r.out->key)
                return mp_node_fail(&child, err, "is the same as network %zu", i);
            if (strcmp(s->networks[i].name, r.out->name) == 0)
                return mp_node_fail(&child, err, "is called \"%s\" as another one: give it a \"name\"", r.out->name);
        }
        s->network_count++;
    }
    return true;
}
