// SPDX-License-Identifier: Apache-2.0
// Names on the command line into loaded documents.
#include "sim/cli/inputs.h"

#include "sim/base/file.h"
#include "sim/base/json.h"
#include "sim/cli/configs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool ends_in(const char *path, const char *ending) {
    size_t n = strlen(path), m = strlen(ending);
    return n > m && strcmp(path + n - m, ending) == 0;
}

bool mp_input_arch(const char *name, struct mp_arena *a, struct mp_arch *arch, struct mp_err *err) {
    const char *path;
    if (!mp_config_find(MP_CONFIG_ARCH, name, a, &path, err))
        return false;
    if (!(ends_in(path, ".cfg") ? mp_scalesim_arch(arch, a, path, err) : mp_arch_load(arch, a, path, err)))
        return false;
    if (strchr(arch->tech, '/')) // a file, named from where the architecture lies
        arch->tech = mp_path_beside(a, path, arch->tech);
    return true;
}

bool mp_input_plan(const char *name, uint64_t batch, struct mp_arena *a, struct mp_plan *plan, struct mp_workload *w,
                   struct mp_err *err) {
    const char *path;
    if (!mp_config_find(MP_CONFIG_PLAN, name, a, &path, err) || !mp_plan_open(plan, w, a, path, err))
        return false;
    if (batch > 0)
        plan->batch = batch;
    return batch == 0 || mp_plan_resolve(plan, a, w, err); // the batch may be too large for the shapes
}

// A plan as it would be written.
static void write_uniform(const char *name, const char *workload, uint64_t w_bits, uint64_t a_bits, uint64_t batch,
                          struct mp_buf *out) {
    struct mp_jsonw w;
    mp_jsonw_init(&w, out);
    mp_jsonw_open(&w, '{', false);
    mp_jsonw_key(&w, "name");
    mp_jsonw_string(&w, name);
    mp_jsonw_key(&w, "workload");
    mp_jsonw_string(&w, workload);
    mp_jsonw_key(&w, "batch");
    mp_jsonw_uint(&w, batch ? batch : 1);
    mp_jsonw_key(&w, "default");
    mp_jsonw_open(&w, '{', true);
    mp_jsonw_key(&w, "w_bits");
    mp_jsonw_uint(&w, w_bits);
    mp_jsonw_key(&w, "a_bits");
    mp_jsonw_uint(&w, a_bits);
    mp_jsonw_close(&w, '}');
    mp_jsonw_close(&w, '}');
}

bool mp_input_uniform_plan(const char *path, const struct mp_workload *w, uint64_t w_bits, uint64_t a_bits, uint64_t batch,
                           struct mp_arena *a, struct mp_plan *plan, struct mp_err *err) {
    const char *name = mp_arena_printf(a, "%s_w%ua%u", w->name, (unsigned)w_bits, (unsigned)a_bits);
    struct mp_buf text = {0};
    struct mp_json *doc = NULL;
    write_uniform(name, path, w_bits, a_bits, batch, &text);
    bool ok = mp_json_parse(&doc, "--workload", text.text, text.len, err);
    struct mp_node root = {0};
    if (ok)
        root = mp_json_root(doc);
    ok = ok && mp_plan_read(plan, a, &root, err) && mp_plan_resolve(plan, a, w, err);
    mp_json_destroy(doc);
    mp_buf_finish(&text);
    return ok;
}

bool mp_input_uniform(const char *workload, uint64_t w_bits, uint64_t a_bits, uint64_t batch, struct mp_arena *a,
                      struct mp_plan *plan, struct mp_workload *w, struct mp_err *err) {
    const char *path;
    return mp_config_find(MP_CONFIG_WORKLOAD, workload, a, &path, err) && mp_workload_open(w, a, path, err) &&
           mp_input_uniform_plan(path, w, w_bits, a_bits, batch, a, plan, err);
}

// What arch.json calls a technology is a shipped one, whatever lies in the current folder.
static bool find_own_tech(const struct mp_arch *arch, struct mp_arena *a, const char **path, struct mp_err *err) {
    char where[256];
    *path = arch->tech;
    if (strchr(arch->tech, '/'))
        return true;
    *path = mp_config_path(MP_CONFIG_TECH, arch->tech, a);
    if (*path && access(*path, F_OK) == 0)
        return true;
    snprintf(where, sizeof where, "arch \"%.200s\"", arch->name);
    return mp_config_missing(MP_CONFIG_TECH, arch->tech, a, err) || mp_fail_in(err, where);
}

bool mp_input_tech(struct mp_arch *arch, const char *name, struct mp_arena *a, struct mp_tech **tech,
                   struct mp_err *err) {
    const char *path;
    if (!(name ? mp_config_find(MP_CONFIG_TECH, name, a, &path, err) : find_own_tech(arch, a, &path, err)) ||
        !mp_tech_load_file(tech, a, path, err))
        return false;
    arch->tech = mp_tech_name(*tech);
    return true;
}

bool mp_input_preprocess(const char *name, struct mp_arena *a, struct mp_preprocess *p, struct mp_err *err) {
    const char *path;
    mp_preprocess_default(p);
    return !name ||
           (mp_config_find(MP_CONFIG_PREPROCESS, name, a, &path, err) && mp_preprocess_load(p, a, path, err));
}
