// SPDX-License-Identifier: Apache-2.0
// Reading space.json: bases, constraints, objectives, sampler; axes and networks have files of their own.
#include "sim/explore/sweep_read.h"

#include "sim/base/field.h"
#include "sim/base/file.h"
#include "sim/base/hash.h"
#include "sim/base/jsonw.h"

#include <string.h>

static const struct mp_field sampler_fields[] = {
    {.key = "kind", .type = MP_FIELD_ENUM, .offset = offsetof(struct mp_sampler, kind), .names = mp_sampler_names, .unit = "",
     .help = "every design; a seeded sample; a low-discrepancy sample; evolution"},
    {.key = "points", .type = MP_FIELD_UINT, .offset = offsetof(struct mp_sampler, points), .def = 1000, .min = 1, .max = 1e9,
     .unit = "designs", .help = "random, halton: how many; nsga2: evaluated at most"},
    {.key = "seed", .type = MP_FIELD_UINT, .offset = offsetof(struct mp_sampler, seed), .def = 1, .min = 0, .max = 0x1p52,
     .unit = "", .help = "of all that is random"},
    {.key = "population", .type = MP_FIELD_UINT, .offset = offsetof(struct mp_sampler, population), .def = 64, .min = 4,
     .max = 2000, .unit = "designs", .help = "nsga2: of a generation"},
    {.key = NULL},
};

struct head {
    const char *name;
    unsigned mapping, engine;
    bool prune;
};
static const struct mp_field head_fields[] = {
    {.key = "name", .type = MP_FIELD_NAME, .offset = offsetof(struct head, name), .required = true, .unit = "",
     .help = "of the sweep"},
    {.key = "mapping", .type = MP_FIELD_ENUM, .offset = offsetof(struct head, mapping), .names = mp_objective_names, .unit = "",
     .help = "what mappings are chosen for"},
    {.key = "engine", .type = MP_FIELD_ENUM, .offset = offsetof(struct head, engine), .names = mp_engine_names, .unit = "",
     .help = "whose figures are kept; they differ with banked DRAM"},
    {.key = "prune", .type = MP_FIELD_BOOL, .offset = offsetof(struct head, prune), .def = 0, .unit = "",
     .help = "leave out designs that a lower bound proves to be dominated"},
    {.key = NULL},
};
static const char *const head_also[] = {"archs", "axes", "constraints", "networks", "objectives", "sampler", NULL};

static const char *const objective_names[] = {"latency_ms", "energy_pj", "area_mm2",     "cycles",     "power_mw", "edp_pj_ms",
                                              "utilization", "effective_tops", "tops_per_w", "dram_read_bits",
                                              "dram_write_bits", "weight_bytes", "harm"};

static const char *keep_text(struct mp_buf *text, struct mp_arena *a) {
    const char *kept = mp_arena_strdup(a, text->text);
    mp_buf_finish(text);
    return kept;
}

// The technology that an accelerator names, once. From here on the accelerator calls it by its name, wherever its file lies.
static bool add_tech(struct mp_sweep *s, struct mp_arch *arch, struct mp_arena *a, const struct mp_sweep_loader *l, size_t *at,
                     struct mp_err *err) {
    struct mp_sweep_tech t = {.given = mp_arena_strdup(a, arch->tech)};
    struct mp_tech *tech;
    struct mp_buf text = {0};
    struct mp_jsonw w;
    for (*at = 0; *at < s->tech_count; ++*at)
        if (strcmp(s->techs[*at].given, t.given) == 0)
            return arch->tech = s->techs[*at].name, true;
    if (!l->tech(arch, a, &tech, err))
        return false;
    mp_jsonw_init(&w, &text);
    mp_tech_write(tech, &w);
    arch->tech = t.name = mp_tech_name(tech), t.tech = tech, t.hash = mp_hash_text(0, text.text);
    mp_buf_finish(&text);
    for (*at = 0; *at < s->tech_count; ++*at)
        if (strcmp(s->techs[*at].name, t.name) == 0)
            return s->techs[*at].hash == t.hash ||
                   mp_fail(err, "technology \"%s\": %s is another one of that name", t.given, s->techs[*at].given);
    s->techs = mp_arena_grow(a, s->techs, s->tech_count, s->tech_count + 1, sizeof *s->techs);
    s->techs[s->tech_count++] = t;
    return true;
}

// Resolved, but for the array's map where it is the dataflow's default: designs of another dataflow have that one's.
static bool write_base(const struct mp_arch *arch, struct mp_arena *a, const char **out, struct mp_err *err) {
    const struct mp_map map = mp_map_default(arch->array.dataflow);
    struct mp_pe_array usual = arch->array;
    struct mp_buf text = {0};
    struct mp_jsonw w;
    struct mp_json *doc;
    mp_array_set_map(&usual, &map);
    mp_jsonw_init(&w, &text);
    mp_arch_write(arch, &w);
    *out = keep_text(&text, a);
    if (usual.row_roles != arch->array.row_roles || usual.col_roles != arch->array.col_roles ||
        usual.lane_roles != arch->array.lane_roles)
        return true;
    if (!mp_json_parse(&doc, arch->name, *out, strlen(*out), err))
        return false;
    const struct mp_node root = mp_json_root(doc);
    const bool ok = mp_json_set(doc, "/array/map", "{}", err);
    mp_jsonw_init(&w, &text);
    mp_node_write(&root, &w);
    *out = keep_text(&text, a);
    mp_json_destroy(doc);
    return ok;
}

static bool read_base(const struct mp_node *n, struct mp_sweep *s, struct mp_arena *a, const struct mp_sweep_loader *l,
                      struct mp_err *err) {
    struct mp_sweep_base *b = &s->bases[s->base_count];
    struct mp_arch arch;
    const char *name;
    size_t tech;
    if (!mp_node_name(n, &name, err))
        return false;
    if (!l->arch(s->path, name, a, &arch, err) || !add_tech(s, &arch, a, l, &tech, err))
        return mp_node_fail(n, err, "%s", mp_arena_strdup(a, err->text));
    b->name = mp_arena_strdup(a, arch.name);
    for (size_t i = 0; i < s->base_count; i++)
        if (strcmp(s->bases[i].name, b->name) == 0)
            return mp_node_fail(n, err, "is called \"%s\" as another one", b->name);
    b->tech = s->techs[tech].name;
    arch.source = NULL;
    if (!write_base(&arch, a, &b->arch, err))
        return false;
    const uint64_t what = mp_hash_text(mp_hash_text(0, l->version), b->arch); // areas are the program's too
    b->key = (int64_t)mp_hash(what, &s->techs[tech].hash, sizeof s->techs[tech].hash);
    s->base_count++;
    return true;
}

static bool read_bases(const struct mp_node *root, struct mp_sweep *s, struct mp_arena *a, const struct mp_sweep_loader *l,
                       struct mp_err *err) {
    struct mp_node list, child;
    if (!mp_node_need(root, "archs", &list, err) || !mp_node_array(&list, err))
        return false;
    if (mp_node_count(&list) < 1 || mp_node_count(&list) > MP_SWEEP_BASES)
        return mp_node_fail(&list, err, "must have 1..%d accelerators (got %zu)", MP_SWEEP_BASES, mp_node_count(&list));
    for (bool more = mp_node_first(&list, &child); more; more = mp_node_next(&child))
        if (!read_base(&child, s, a, l, err))
            return false;
    return true;
}

// The name of the technology that a value of an axis gives, a name or a file from where the space lies, as JSON.
static bool name_tech(struct mp_sweep *s, const char *value, struct mp_arena *a, const struct mp_sweep_loader *l, const char **out,
                      struct mp_err *err) {
    struct mp_arch arch = {.name = s->name};
    struct mp_json *doc;
    size_t at;
    const char *given;
    if (value[0] != '"')
        return mp_fail(err, "must be names of technologies (got %s)", value);
    if (!mp_json_parse(&doc, "value", value, strlen(value), err))
        return false;
    const struct mp_node n = mp_json_root(doc);
    bool ok = mp_node_name(&n, &given, err);
    if (ok)
        arch.tech = strchr(given, '/') ? mp_path_beside(a, s->path, given) : mp_arena_strdup(a, given);
    mp_json_destroy(doc);
    if (!ok || !add_tech(s, &arch, a, l, &at, err))
        return false;
    *out = mp_arena_printf(a, "\"%s\"", arch.tech);
    return true;
}

bool mp_sweep_techs(struct mp_sweep *s, struct mp_arena *a, const struct mp_sweep_loader *l, struct mp_err *err) {
    for (size_t i = 0; i < s->axis_count; i++) {
        struct mp_sweep_axis *x = &s->axes[i];
        const size_t count = x->equals ? 0 : x->value_count * x->path_count;
        const char **named = mp_arena_alloc(a, count, sizeof *named);
        for (size_t v = 0; v < count; v++) {
            named[v] = x->values[v];
            if (strcmp(x->paths[v % x->path_count], "/tech") == 0 && !name_tech(s, x->values[v], a, l, &named[v], err))
                return mp_fail_in(err, mp_arena_printf(a, "%s: /axes/%zu/values", s->path, i));
        }
        x->values = count ? named : x->values;
    }
    return true;
}

static bool read_texts(const struct mp_node *root, const char *key, struct mp_arena *a, const char *const **out, size_t *count,
                       struct mp_err *err) {
    struct mp_node list, child;
    const char *text;
    if (!mp_node_get(root, key, &list))
        return true;
    if (!mp_node_array(&list, err))
        return false;
    const char **texts = mp_arena_alloc(a, mp_node_count(&list), sizeof *texts);
    for (bool more = mp_node_first(&list, &child); more; more = mp_node_next(&child)) {
        if (!mp_node_name(&child, &text, err))
            return false;
        texts[(*count)++] = mp_arena_strdup(a, text);
    }
    *out = texts;
    return true;
}

static bool searches(const struct mp_sweep *s) {
    bool any = false;
    for (size_t i = 0; i < s->network_count; i++)
        any |= s->networks[i].search != NULL;
    return any;
}

static bool read_objectives(const struct mp_node *root, struct mp_sweep *s, struct mp_arena *a, struct mp_err *err) {
    struct mp_node list, child;
    const char *text;
    if (!mp_node_need(root, "objectives", &list, err) || !mp_node_array(&list, err))
        return false;
    if (mp_node_count(&list) < 1 || mp_node_count(&list) > MP_OBJECTIVES_MAX)
        return mp_node_fail(&list, err, "must have 1..%d objectives (got %zu)", MP_OBJECTIVES_MAX, mp_node_count(&list));
    for (bool more = mp_node_first(&list, &child); more; more = mp_node_next(&child)) {
        bool known = false;
        const size_t n = sizeof objective_names / sizeof *objective_names;
        if (!mp_node_name(&child, &text, err))
            return false;
        const char *bare = text[0] == '-' ? text + 1 : text;
        for (size_t i = 0; i < n; i++)
            known |= strcmp(objective_names[i], bare) == 0;
        if (!known) {
            const char *near = mp_nearest(bare, objective_names, n);
            return mp_node_fail(&child, err, "no figure \"%s\"%s%s%s", bare, near ? ", did you mean \"" : "", near ? near : "",
                                near ? "\"?" : "; latency_ms, energy_pj, area_mm2 are some");
        }
        if (strcmp(bare, "harm") == 0 && !searches(s))
            return mp_node_fail(&child, err, "harm is that of searched plans: no network has \"search\"");
        for (size_t i = 0; i < s->objective_count; i++)
            if (strcmp(s->objectives[i] + (s->objectives[i][0] == '-'), bare) == 0)
                return mp_node_fail(&child, err, "is an objective already");
        s->objectives[s->objective_count++] = mp_arena_strdup(a, text);
    }
    return true;
}

static bool read_sampler(const struct mp_node *root, struct mp_sweep *s, struct mp_arena *a, struct mp_err *err) {
    struct mp_node n, points;
    mp_fields_default(sampler_fields, &s->sampler);
    if (!mp_node_get(root, "sampler", &n))
        return true;
    if (!mp_fields_read(sampler_fields, NULL, &n, a, &s->sampler, err))
        return false;
    if (s->sampler.kind == MP_SAMPLE_GRID && mp_node_get(&n, "points", &points))
        return mp_node_fail(&points, err, "a grid has every design: goes with random, halton or nsga2");
    return true;
}

bool mp_sweep_read(struct mp_sweep *s, struct mp_arena *a, const struct mp_node *root, const struct mp_sweep_loader *l,
                   struct mp_err *err) {
    struct mp_node axes, networks;
    struct head h = {0};
    *s = (struct mp_sweep){.path = mp_arena_strdup(a, mp_json_name(root->doc))};
    if (!mp_fields_read(head_fields, head_also, root, a, &h, err))
        return false;
    s->name = h.name, s->mapping = (enum mp_objective)h.mapping, s->engine = (enum mp_engine)h.engine, s->prune = h.prune;
    return read_bases(root, s, a, l, err) && mp_node_need(root, "axes", &axes, err) && mp_sweep_axes(s, &axes, a, err) &&
           mp_sweep_techs(s, a, l, err) && mp_node_need(root, "networks", &networks, err) &&
           mp_sweep_networks(s, &networks, a, l, err) &&
           read_texts(root, "constraints", a, &s->constraints, &s->constraint_count, err) &&
           read_objectives(root, s, a, err) && read_sampler(root, s, a, err) && mp_sweep_resolve(s, a, err);
}

bool mp_sweep_load(struct mp_sweep *s, struct mp_arena *a, const char *path, const struct mp_sweep_loader *l,
                   struct mp_err *err) {
    struct mp_json *doc;
    if (!mp_json_load(&doc, path, err))
        return false;
    struct mp_node root = mp_json_root(doc);
    bool ok = mp_sweep_read(s, a, &root, l, err);
    mp_json_destroy(doc);
    return ok;
}

void mp_sweep_describe(struct mp_buf *out) {
    mp_fields_describe(head_fields, "", out);
    mp_buf_add(out, "archs  list of accelerators: files or shipped names: what designs are made from\n"
                    "axes  list of {path | paths, values | from, to, step | powers_of_two | equals, archs}: what varies\n"
                    "constraints  list of expressions over the accelerator's keys, area_mm2 and figures: designs must keep them\n"
                    "networks  list of {plan | workload, w_bits, a_bits, batch, weight, name, search}: what is run\n"
                    "objectives  list of figures, \"-\" before those to be maximised: what the front is of\n");
    mp_fields_describe(sampler_fields, "sampler", out);
}
