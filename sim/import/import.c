// SPDX-License-Identifier: Apache-2.0
// Files into workloads and plans. Documents are closed before returning: all that is kept lies in the arena.
#include "sim/import/import.h"

#include "sim/base/file.h"
#include "sim/base/say.h"
#include "sim/import/network.h"

#include <string.h>
#include <sys/stat.h>

static bool open_json(struct mp_workload *w, struct mp_arena *a, const char *path, struct mp_err *err) {
    struct mp_json *doc;
    if (!mp_json_load(&doc, path, err))
        return false;
    struct mp_node root = mp_json_root(doc);
    bool ok = mp_workload_read(w, a, &root, err);
    mp_json_destroy(doc);
    return ok;
}

static bool open_topology(struct mp_workload *w, struct mp_arena *a, const char *path, struct mp_err *err) {
    char *text;
    size_t len;
    return mp_file_read(a, path, &text, &len, err) && mp_scalesim_topology(w, a, path, text, len, err);
}

static bool open_onnx(struct mp_workload *w, struct mp_arena *a, const char *path, struct mp_err *err) {
    struct mp_network n;
    if (!mp_network_load(&n, a, path, NULL, err))
        return false;
    *w = n.workload;
    return true;
}

bool mp_workload_open(struct mp_workload *w, struct mp_arena *a, const char *path, struct mp_err *err) {
    static const struct {
        const char *ending;
        bool (*open)(struct mp_workload *w, struct mp_arena *a, const char *path, struct mp_err *err);
    } formats[] = {{".json", open_json}, {".onnx", open_onnx}, {".csv", open_topology}};
    const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path, *dot = strrchr(file, '.');
    for (size_t i = 0; dot && i < sizeof formats / sizeof *formats; i++)
        if (strcmp(dot, formats[i].ending) == 0)
            return formats[i].open(w, a, path, err);
    char shown[MP_SAY_BYTES];
    return mp_fail(err, "%s: must end in .json or .onnx, or in .csv for a SCALE-Sim topology (got \"%s\")", path,
                   dot ? mp_say_text(dot, strlen(dot), shown) : "");
}

bool mp_plan_load(struct mp_plan *p, struct mp_arena *a, const char *path, struct mp_err *err) {
    struct mp_json *doc;
    if (!mp_json_load(&doc, path, err))
        return false;
    struct mp_node root = mp_json_root(doc);
    bool ok = mp_plan_read(p, a, &root, err);
    mp_json_destroy(doc);
    return ok;
}

// Plans name files only, so that a plan means the same wherever it is read.
static bool is_path(const struct mp_plan *p, const char *path, struct mp_err *err) {
    char shown[MP_SAY_BYTES];
    return strpbrk(p->workload, "/.") ||
           mp_fail(err, "%s: /workload: must be a path from the plan's folder, no shipped name (got \"%s\")", path,
                   mp_say_text(p->workload, strlen(p->workload), shown));
}

bool mp_plan_workload(const struct mp_plan *p, struct mp_workload *w, struct mp_arena *a, const char *path, struct mp_err *err) {
    const char *file = mp_path_beside(a, path, p->workload);
    struct stat is;
    if (!is_path(p, path, err))
        return false;
    if (mp_workload_open(w, a, file, err))
        return true;
    // What is wrong in a workload names its own file and place; that there is none, the plan is to blame for.
    if (stat(file, &is) != 0 || !S_ISREG(is.st_mode)) {
        mp_fail_in(err, "/workload");
        mp_fail_in(err, path);
    }
    return false;
}

bool mp_plan_open(struct mp_plan *p, struct mp_workload *w, struct mp_arena *a, const char *path,
                  struct mp_err *err) {
    return mp_plan_load(p, a, path, err) && mp_plan_workload(p, w, a, path, err) && mp_plan_resolve(p, a, w, err);
}
