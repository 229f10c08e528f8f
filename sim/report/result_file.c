// SPDX-License-Identifier: Apache-2.0
// Reads mpsim.result/1. The keys are those that json.c writes; what a comparison does not need is checked to be known
// and passed over.
#include "sim/report/result_file.h"

#include "sim/base/say.h"
#include "sim/report/report.h"
#include "sim/spec/names.h"

#include <inttypes.h>
#include <string.h>

#define TWO_53 ((uint64_t)1 << 53)
#define MAX_KEYS 40

struct keys {
    const char *key[MAX_KEYS];
    size_t count;
};

static void add_keys(struct keys *k, const char *const *names) {
    while (*names)
        k->key[k->count++] = *names++;
}

static void add_figure_keys(struct keys *k) {
    static const char *const lists[] = {"cycles_by", "energy_pj_by", "events", NULL};
    for (size_t i = 0; i < MP_METRICS; i++)
        k->key[k->count++] = mp_metrics[i].key;
    add_keys(k, lists);
}

static bool read_name(const struct mp_node *n, const char *key, struct mp_arena *a, const char **out,
                      struct mp_err *err) {
    struct mp_node child;
    const char *text;
    if (!mp_node_need(n, key, &child, err) || !mp_node_name(&child, &text, err))
        return false;
    *out = mp_arena_strdup(a, text);
    return true;
}

// Counts beyond 2^53 (of huge batches) are taken as the nearest double.
static bool read_number(const struct mp_node *n, const char *key, bool integer, double *out, struct mp_err *err) {
    struct mp_node child;
    uint64_t count;
    if (!mp_node_need(n, key, &child, err))
        return false;
    bool huge = mp_node_is_number(&child) && mp_node_real(&child, 0, 1e300, out, err) && *out >= (double)TWO_53;
    if (!integer || huge)
        return mp_node_real(&child, 0, 1e300, out, err);
    if (!mp_node_uint(&child, 0, TWO_53, &count, err))
        return false;
    *out = (double)count;
    return true;
}

// An object of numbers with exactly these keys; those from `optional` on may be left out, for 0.
static bool read_list(const struct mp_node *n, const char *key, const char *const *names, size_t optional, bool integers,
                      double *out, struct mp_err *err) {
    struct mp_node list, one;
    size_t count = 0;
    while (names[count])
        count++;
    if (!mp_node_need(n, key, &list, err) || !mp_node_keys(&list, names, count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        out[i] = 0;
        if ((i < optional || mp_node_get(&list, names[i], &one)) && !read_number(&list, names[i], integers, &out[i], err))
            return false;
    }
    return true;
}

static bool read_figures(const struct mp_node *n, struct mp_saved_figures *f, struct mp_err *err) {
    double events[MP_EVENTS], sum = 0;
    for (size_t i = 0; i < MP_METRICS; i++)
        if (!read_number(n, mp_metrics[i].key, mp_metrics[i].count != NULL, &f->metric[i], err))
            return false;
    if (!read_list(n, "cycles_by", mp_cause_names, MP_CAUSES, true, f->cycles_by, err) ||
        !read_list(n, "energy_pj_by", mp_part_names, MP_PARTS, false, f->energy_pj_by, err) ||
        !read_list(n, "events", mp_event_names, MP_EV_DRAM_ACT, true, events, err)) // files of before lack those from there on
        return false;
    f->dram_activates = events[MP_EV_DRAM_ACT];
    for (size_t i = 0; i < MP_CAUSES; i++)
        sum += f->cycles_by[i];
    struct mp_node cycles, energy;
    mp_node_get(n, "cycles", &cycles);
    if (sum != f->metric[MP_METRIC_CYCLES])
        return mp_node_fail(&cycles, err, "must be the sum of cycles_by, %.0f (got %.0f)", sum,
                            f->metric[MP_METRIC_CYCLES]);
    sum = 0;
    for (size_t i = 0; i < MP_PARTS; i++)
        sum += f->energy_pj_by[i];
    mp_node_get(n, "energy_pj", &energy);
    return sum == f->metric[MP_METRIC_ENERGY] ||
           mp_node_fail(&energy, err, "must be the sum of energy_pj_by, %.17g (got %.17g)", sum,
                        f->metric[MP_METRIC_ENERGY]);
}

static bool read_totals(const struct mp_node *root, struct mp_saved *s, struct mp_err *err) {
    static const char *const own[] = {"area_mm2", "area_mm2_by", NULL};
    struct keys k = {.count = 0};
    struct mp_node totals;
    double areas[MP_AREAS];
    add_figure_keys(&k);
    add_keys(&k, own);
    return mp_node_need(root, "totals", &totals, err) && mp_node_keys(&totals, k.key, k.count, err) &&
           read_figures(&totals, &s->totals, err) && read_number(&totals, "area_mm2", false, &s->area_mm2, err) &&
           read_list(&totals, "area_mm2_by", mp_area_names, MP_AREAS, false, areas, err);
}

static bool add_slice(const struct mp_node *n, struct mp_buf *text, struct mp_err *err) {
    static const char *const known[] = {"channels", "bits"};
    struct mp_node channels, bits;
    uint64_t count, width;
    if (!mp_node_keys(n, known, 2, err) || !mp_node_need(n, "channels", &channels, err) ||
        !mp_node_uint(&channels, 1, TWO_53, &count, err) || !mp_node_need(n, "bits", &bits, err) ||
        !mp_node_uint(&bits, 1, 8, &width, err))
        return false;
    mp_buf_addf(text, "%s%" PRIu64 ":%" PRIu64, text->len > 0 ? "+" : "", count, width);
    return true;
}

static bool read_w_bits(const struct mp_node *layer, struct mp_arena *a, const char **out, struct mp_err *err) {
    struct mp_node n, slice;
    uint64_t width;
    if (!mp_node_need(layer, "w_bits", &n, err))
        return false;
    if (!mp_node_is_array(&n)) {
        if (!mp_node_uint(&n, 0, 8, &width, err))
            return false;
        *out = mp_arena_printf(a, "%" PRIu64, width);
        return true;
    }
    struct mp_buf text = {0};
    bool ok = true;
    for (bool more = mp_node_first(&n, &slice); more && ok; more = mp_node_next(&slice))
        ok = add_slice(&slice, &text, err);
    *out = mp_arena_strdup(a, text.text ? text.text : "");
    mp_buf_finish(&text);
    return ok;
}

static bool read_layer(const struct mp_node *n, struct mp_arena *a, struct mp_saved_layer *l, struct mp_err *err) {
    static const char *const own[] = {
        "name",         "type",          "a_bits",         "w_bits",  "bound", "peak_ops_per_cycle", "accumulator_bits_needed",
        "may_overflow", "input_on_chip", "output_on_chip", "mapping", "runs",  NULL};
    struct keys k = {.count = 0};
    struct mp_node bits;
    add_keys(&k, own);
    add_figure_keys(&k);
    return mp_node_keys(n, k.key, k.count, err) && read_name(n, "name", a, &l->name, err) &&
           read_name(n, "type", a, &l->type, err) && read_name(n, "bound", a, &l->bound, err) &&
           mp_node_need(n, "a_bits", &bits, err) && mp_node_uint(&bits, 0, 32, &l->a_bits, err) &&
           read_w_bits(n, a, &l->w_bits, err) && read_figures(n, &l->figures, err);
}

// Totals are the sums over the layers: exact for cycles as long as a double is.
static bool check_totals(const struct mp_node *root, const struct mp_saved *s, struct mp_err *err) {
    struct mp_node totals, cycles;
    double sum = 0, total = s->totals.metric[MP_METRIC_CYCLES];
    for (size_t i = 0; i < s->layer_count; i++)
        sum += s->layers[i].figures.metric[MP_METRIC_CYCLES];
    if (sum == total || total >= (double)TWO_53)
        return true;
    mp_node_get(root, "totals", &totals);
    mp_node_get(&totals, "cycles", &cycles);
    return mp_node_fail(&cycles, err, "must be the sum over the layers, %.0f (got %.0f)", sum, total);
}

static bool read_layers(const struct mp_node *root, struct mp_arena *a, struct mp_saved *s, struct mp_err *err) {
    struct mp_node list, n, name;
    struct mp_names names;
    if (!mp_node_need(root, "layers", &list, err) || !mp_node_array(&list, err))
        return false;
    size_t count = mp_node_count(&list);
    s->layers = mp_arena_alloc(a, count, sizeof *s->layers);
    mp_names_init(&names, a, count);
    for (bool more = mp_node_first(&list, &n); more; more = mp_node_next(&n)) {
        struct mp_saved_layer *l = &s->layers[s->layer_count++];
        if (!read_layer(&n, a, l, err))
            return false;
        mp_node_get(&n, "name", &name);
        if (!mp_names_add(&names, l->name))
            return mp_node_fail(&name, err, "a layer of this name stands before");
    }
    return check_totals(root, s, err);
}

static bool check_schema(const struct mp_node *root, struct mp_err *err) {
    char shown[MP_SAY_BYTES];
    struct mp_node schema = {.doc = root->doc, .up = root, .key = "schema"};
    const char *text;
    if (!mp_node_object(root, err))
        return false;
    if (!mp_node_get(root, "schema", &schema))
        return mp_node_fail(&schema, err, "missing, must be \"%s\"", MP_RESULT_SCHEMA);
    if (!mp_node_string(&schema, &text, err))
        return false;
    return strcmp(text, MP_RESULT_SCHEMA) == 0 || mp_node_fail(&schema, err, "must be \"%s\" (got \"%s\")", MP_RESULT_SCHEMA,
                                                               mp_say_text(text, strlen(text), shown));
}

bool mp_saved_read(struct mp_saved *s, struct mp_arena *a, const struct mp_node *root, struct mp_err *err) {
    static const char *const known[] = {"schema",    "arch",      "plan",    "workload", "engine",
                                        "objective", "tech",      "batch",   "totals",   "layers",
                                        "prices_pj", "sources",   "warnings", "clock_mhz", "dram_bits_per_cycle", "array",
                                        "buffers",   "dram"};
    struct mp_node dram;
    *s = (struct mp_saved){.path = mp_arena_strdup(a, mp_json_name(root->doc))};
    return check_schema(root, err) && mp_node_keys(root, known, sizeof known / sizeof *known, err) &&
           read_name(root, "arch", a, &s->arch, err) && read_name(root, "plan", a, &s->plan, err) &&
           read_name(root, "workload", a, &s->workload, err) && read_name(root, "engine", a, &s->engine, err) &&
           read_name(root, "objective", a, &s->objective, err) && read_name(root, "tech", a, &s->tech, err) &&
           (!mp_node_get(root, "dram", &dram) || mp_dram_read_keys(&dram, a, &s->dram, err)) &&
           read_totals(root, s, err) && read_layers(root, a, s, err);
}

bool mp_saved_load(struct mp_saved *s, struct mp_arena *a, const char *path, struct mp_err *err) {
    struct mp_json *doc;
    if (!mp_json_load(&doc, path, err))
        return false;
    struct mp_node root = mp_json_root(doc);
    bool ok = mp_saved_read(s, a, &root, err);
    mp_json_destroy(doc);
    return ok;
}
