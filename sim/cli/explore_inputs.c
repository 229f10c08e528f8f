// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/explore_inputs.h"

#include "sim/base/file.h"
#include "sim/cli/inputs.h"
#include "sim/mpsim.h"

#include <string.h>
#include <sys/stat.h>

// A path is one from where `from` lies; a plain name is that of a file there, else the name as it is.
static const char *beside(const char *from, const char *name, struct mp_arena *a) {
    const char *path = mp_path_beside(a, from, name);
    struct stat is;
    return strchr(name, '/') || (stat(path, &is) == 0 && !S_ISDIR(is.st_mode)) ? path : name;
}

static bool load_arch(const char *from, const char *name, struct mp_arena *a, struct mp_arch *out, struct mp_err *err) {
    return mp_input_arch(beside(from, name, a), a, out, err);
}

static bool load_tech(struct mp_arch *arch, struct mp_arena *a, struct mp_tech **out, struct mp_err *err) {
    return mp_input_tech(arch, NULL, a, out, err);
}

static bool load_plan(const char *from, const char *name, uint64_t batch, struct mp_arena *a, struct mp_plan *plan,
                      struct mp_workload *w, struct mp_err *err) {
    return mp_input_plan(beside(from, name, a), batch, a, plan, w, err);
}

static bool load_uniform(const char *from, const char *workload, uint64_t w_bits, uint64_t a_bits, uint64_t batch,
                         struct mp_arena *a, struct mp_plan *plan, struct mp_workload *w, struct mp_err *err) {
    return mp_input_uniform(beside(from, workload, a), w_bits, a_bits, batch, a, plan, w, err);
}

const struct mp_sweep_loader mp_sweep_inputs = {
    .arch = load_arch, .tech = load_tech, .plan = load_plan, .uniform = load_uniform, .version = MPSIM_VERSION,
};
