// SPDX-License-Identifier: Apache-2.0
// Loading a tech file: its head, its sections, and the logic of the file that it is scaled from. Scaling is one
// level deep: the file that others are scaled from holds figures as they were published, and nothing derived.
#include "costmodel/est.h"
#include "sim/base/file.h"

#include <string.h>
#include <sys/stat.h>

const char *const mp_transistor_names[] = {"unnamed", "hp", "lp", NULL};

static const struct mp_field head_fields[] = {
    {.key = "node_nm",
     .type = MP_FIELD_REAL,
     .offset = offsetof(struct mp_tech, node_nm),
     .required = true,
     .min = 1,
     .max = 1000,
     .unit = "nm",
     .help = "technology node"},
    {.key = "volts",
     .type = MP_FIELD_REAL,
     .offset = offsetof(struct mp_tech, volts),
     .min = 0.1,
     .max = 5,
     .unit = "V",
     .help = "supply of the logic; left out where it was not published"},
    {.key = "temperature_k",
     .type = MP_FIELD_REAL,
     .offset = offsetof(struct mp_tech, temperature_k),
     .min = 200,
     .max = 500,
     .unit = "K",
     .help = "temperature of the leakage; left out where it was not published"},
    {.key = "cell",
     .type = MP_FIELD_NAME,
     .offset = offsetof(struct mp_tech, cell),
     .required = true,
     .help = "cell type of the SRAM"},
    {.key = "transistor",
     .type = MP_FIELD_ENUM,
     .offset = offsetof(struct mp_tech, transistor),
     .names = mp_transistor_names,
     .help = "the fits that logic is scaled by"},
    {.key = "scaled_from",
     .type = MP_FIELD_NAME,
     .offset = offsetof(struct mp_tech, scaled_from),
     .help = "tech in the same folder that the logic is scaled from"},
    {.key = NULL},
};

static const char *const sections[] = {"derived", "sources", "pe",   "accumulator", "vector_unit", "interconnect",
                                       "leakage", "dram",    "sram", "buffers",     NULL};
static const char *const scaled_sections[] = {"sources", "leakage", "dram", "sram", "buffers", NULL};

static bool good_name(const char *name) {
    const char *allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    return name[0] != '\0' && name[0] != '.' && name[strspn(name, allowed)] == '\0';
}

static void set_names(struct mp_tech *t, struct mp_arena *a, const char *path) {
    const char *slash = strrchr(path, '/');
    t->file = mp_arena_strdup(a, slash ? slash + 1 : path);
    size_t len = strlen(t->file);
    if (len > 5 && strcmp(t->file + len - 5, ".json") == 0)
        len -= 5;
    t->name = mp_arena_printf(a, "%.*s", (int)len, t->file);
}

static bool read_sources(struct mp_reader *r, const struct mp_node *root, struct mp_node *sources,
                         struct mp_err *err) {
    struct mp_node one;
    const char *text;
    if (!mp_node_get(root, "sources", sources))
        return true;
    if (!mp_node_object(sources, err))
        return false;
    for (bool more = mp_node_first(sources, &one); more; more = mp_node_next(&one))
        if (!mp_node_name(&one, &text, err))
            return false;
    r->sources = *sources;
    return true;
}

static bool read_derived(struct mp_tech *t, struct mp_arena *a, const struct mp_node *root, struct mp_err *err) {
    struct mp_node list, one;
    const char *text;
    if (!mp_node_get(root, "derived", &list))
        return true;
    if (!mp_node_array(&list, err))
        return false;
    size_t count = mp_node_count(&list);
    if (count < 1 || count > MP_DERIVED_MAX)
        return mp_node_fail(&list, err, "must have 1..%d texts (got %zu)", MP_DERIVED_MAX, count);
    for (bool more = mp_node_first(&list, &one); more; more = mp_node_next(&one)) {
        if (!mp_node_name(&one, &text, err))
            return false;
        t->derived[t->derived_count++] = mp_arena_strdup(a, text);
    }
    return true;
}

static bool read_root(struct mp_tech *t, struct mp_arena *a, const struct mp_node *root, struct mp_err *err) {
    struct mp_reader r = {.a = a};
    struct mp_node sources, base;
    bool scaled = mp_node_get(root, "scaled_from", &base);
    return mp_fields_read(head_fields, scaled ? scaled_sections : sections, root, a, t, err) &&
           read_derived(t, a, root, err) && read_sources(&r, root, &sources, err) &&
           mp_tech_read(t, &r, root, scaled, err);
}

// False when a number leaves what a file may hold.
static bool scale_table(struct mp_est_table *t, const struct mp_factors *f) {
    for (size_t i = 0; i < 2 * t->nx; i++) {
        t->v[i] *= i % 2 == 0 ? f->energy : f->area;
        if (t->v[i] != 0 && !(t->v[i] >= MP_EST_LEAST && t->v[i] <= MP_PRICE_MAX))
            return false;
    }
    return true;
}

static bool scale_logic(struct mp_logic *l, const struct mp_factors *f) {
    for (size_t i = 0; mp_pe_kinds[i]; i++)
        if (l->pe[i].present && !mp_places_scale(mp_pe_places(mp_pe_kinds[i]), &l->pe[i], f))
            return false;
    return scale_table(l->adder, f) && mp_places_scale(mp_register_places, l, f) &&
           mp_places_scale(mp_vector_places, &l->vector, f) && mp_places_scale(mp_wire_places, l, f);
}

static void say_scaling(struct mp_tech *t, struct mp_arena *a, const struct mp_tech *base, bool interpolated) {
    bool lp = t->transistor == MP_TRANSISTOR_LP;
    const char *guess = interpolated || lp ? "estimate: " : "";
    const char *how = interpolated ? ", interpolated between nodes" : "";
    t->derived[0] = mp_arena_printf(
        a, "%slogic: energy scaled from %g nm %g V to %g nm %g V by %.4g, Stillmaker and Baas 2017, %s fits%s%s",
        guess, base->node_nm, base->volts, t->node_nm, t->volts, t->factors.energy,
        mp_transistor_names[t->transistor], lp ? " (the figures scaled name no transistor type)" : "", how);
    t->derived[1] = mp_arena_printf(a, "%slogic: area scaled from %g nm to %g nm by %.4g, Stillmaker and Baas 2017%s",
                                    interpolated ? guess : "", base->node_nm, t->node_nm, t->factors.area, how);
    t->derived[2] =
        mp_arena_printf(a, "estimate: interconnect: scaled from %g V to %g V by %.4g, the voltage squared",
                        base->volts, t->volts, t->factors.wire);
    t->derived_count = 3;
}

static bool apply_base(struct mp_tech *t, struct mp_arena *a, const struct mp_tech *base, const struct mp_node *root,
                       struct mp_err *err) {
    struct mp_scale_from from = {base->node_nm, base->volts}, to = {t->node_nm, t->volts};
    bool interpolated;
    if (base->scaled_from)
        return mp_node_fail(root, err, "scaled_from: %s is itself scaled from %s", base->name, base->scaled_from);
    if (base->derived_count > 0)
        return mp_node_fail(root, err, "scaled_from: %s holds \"derived\" numbers", base->name);
    if (t->transistor == MP_TRANSISTOR_UNNAMED)
        return mp_node_fail(root, err, "a scaled file needs \"transistor\" hp or lp");
    if (t->volts == 0 || base->volts == 0)
        return mp_node_fail(root, err, "scaling needs \"volts\" here and in %s", base->file);
    if (!mp_scale_find(from, to, t->transistor == MP_TRANSISTOR_LP, &t->factors, &interpolated))
        return mp_node_fail(root, err, "no scaling factors from %g nm %g V to %g nm %g V (7..180 nm, 0.5..2 V)",
                            from.node_nm, from.volts, to.node_nm, to.volts);
    t->logic = base->logic;
    if (!scale_logic(&t->logic, &t->factors))
        return mp_node_fail(root, err, "scaled_from: %s: scaling takes a number out of %g..%g", base->name,
                            MP_EST_LEAST, MP_PRICE_MAX);
    if (t->dram.count == 0)
        t->dram = base->dram;
    say_scaling(t, a, base, interpolated);
    return true;
}

static bool load_base(struct mp_tech *t, struct mp_arena *a, const char *path, const struct mp_node *root,
                      struct mp_err *err) {
    struct mp_tech *base;
    if (!good_name(t->scaled_from))
        return mp_node_fail(root, err, "scaled_from must be letters, digits, \"_\", \"-\" and \".\" (got \"%s\")",
                            t->scaled_from);
    if (strcmp(t->scaled_from, t->name) == 0)
        return mp_node_fail(root, err, "scaled_from: %s cannot be scaled from itself", t->name);
    const char *file = mp_path_beside(a, path, mp_arena_printf(a, "%s.json", t->scaled_from));
    struct mp_json *doc;
    if (!mp_json_load(&doc, file, err))
        return false;
    base = mp_arena_alloc(a, 1, sizeof *base);
    set_names(base, a, file);
    struct mp_node base_root = mp_json_root(doc);
    bool ok = read_root(base, a, &base_root, err) && apply_base(t, a, base, root, err);
    mp_json_destroy(doc);
    return ok;
}

bool mp_tech_read_root(struct mp_tech **out, struct mp_arena *a, const char *path, const struct mp_node *root,
                       struct mp_err *err) {
    struct mp_tech *t = mp_arena_alloc(a, 1, sizeof *t);
    set_names(t, a, path);
    t->factors = (struct mp_factors){1, 1, 1};
    if (!read_root(t, a, root, err) || (t->scaled_from && !load_base(t, a, path, root, err)))
        return false;
    *out = t;
    return true;
}

// Takes the document.
static bool load_doc(struct mp_tech **out, struct mp_arena *a, const char *path, struct mp_json *doc,
                     struct mp_err *err) {
    struct mp_node root = mp_json_root(doc);
    bool ok = mp_tech_read_root(out, a, path, &root, err);
    mp_json_destroy(doc);
    return ok;
}

bool mp_tech_parse(struct mp_tech **out, struct mp_arena *a, const char *path, const char *text, size_t len,
                   struct mp_err *err) {
    struct mp_json *doc;
    return mp_json_parse(&doc, path, text, len, err) && load_doc(out, a, path, doc, err);
}

bool mp_tech_load_file(struct mp_tech **out, struct mp_arena *a, const char *path, struct mp_err *err) {
    struct mp_json *doc;
    return mp_json_load(&doc, path, err) && load_doc(out, a, path, doc, err);
}

static bool no_such_tech(struct mp_arena *a, const char *dir, const char *name, struct mp_err *err) {
    const char *const *names;
    size_t count = mp_tech_names(dir, a, &names);
    const char *near = mp_nearest(name, names, count);
    if (near)
        return mp_fail(err, "%s: no technology \"%s\", did you mean \"%s\"?", dir, name, near);
    return mp_fail(err, "%s: no technology \"%s\"", dir, name);
}

bool mp_tech_load(struct mp_tech **out, struct mp_arena *a, const char *dir, const char *name, struct mp_err *err) {
    struct stat st;
    if (!good_name(name))
        return mp_fail(err, "a technology's name must be letters, digits, \"_\", \"-\" and \".\" (got \"%s\")", name);
    const char *path = mp_arena_printf(a, "%s/%s.json", dir, name);
    if (stat(path, &st) != 0)
        return no_such_tech(a, dir, name, err);
    return mp_tech_load_file(out, a, path, err);
}

const char *mp_tech_name(const struct mp_tech *t) {
    return t->name;
}
