// SPDX-License-Identifier: Apache-2.0
// mpsim import: a network in another format as workload.json.
#include "sim/cli/command.h"
#include "sim/cli/configs.h"
#include "sim/cli/dims.h"
#include "sim/cli/out.h"

#include "sim/base/file.h"
#include "sim/base/say.h"
#include "sim/import/import.h"
#include "sim/import/network.h"
#include "sim/nn/hint.h"
#include "sim/spec/build.h"

#include <stdio.h>
#include <string.h>

struct import_options {
    const char *output, *save_plan;
    struct mp_texts dims;
};

#define AT(member) .offset = offsetof(struct import_options, member)
static const struct mp_opt opts[] = {
    {"dim", "NAME=N", MP_OPT_LIST, AT(dims), .help = "size of a dimension that an ONNX model only names; may be repeated"},
    {"save-plan", "FILE", MP_OPT_TEXT, AT(save_plan),
     .help = "the widths of an ONNX model that is quantised already as plan.json, 8 bits where it says nothing; "
             "workload.json is then written only where --output says so"},
    {"output", "FILE", MP_OPT_REPORT, AT(output), .letter = 'o', .def = "standard output", .help = "write there"},
    {0},
};

static bool is_onnx(const char *path) {
    const char *dot = strrchr(path, '.');
    return dot && strcmp(dot, ".onnx") == 0;
}

// What the file does not say: warnings, and layers that cannot be quantised.
static void tell(const char *path, const struct mp_workload *w, const struct mp_layer_params *params) {
    for (size_t i = 0; i < w->warning_count; i++)
        fprintf(stderr, "mpsim import: warning: %s\n", w->warnings[i]);
    for (size_t i = 0; params && i < w->layer_count; i++)
        if (params[i].float_only)
            fprintf(stderr, "mpsim import: warning: %s: layer \"%s\" has costs, but cannot be computed in integers: %s\n", path,
                    w->layers[i].name, params[i].float_only);
}

static int save_plan(const char *file, const char *path, const struct mp_network *n, struct mp_arena *a) {
    struct mp_plan p;
    struct mp_buf text = {0};
    struct mp_jsonw w;
    mp_hint_plan(n, a, &p);
    p.name = mp_arena_printf(a, "%s_qdq", n->workload.name);
    p.workload = mp_path_from(a, file, path);
    mp_jsonw_init(&w, &text);
    mp_plan_write(&p, &n->workload, &w);
    int status = mp_out_to(file, &text);
    mp_buf_finish(&text);
    return status;
}

static int write_workload(const char *file, const struct mp_workload *workload) {
    struct mp_buf text = {0};
    struct mp_jsonw w;
    mp_jsonw_init(&w, &text);
    mp_workload_write(workload, &w);
    int status = mp_out_to(file, &text);
    mp_buf_finish(&text);
    return status;
}

static int import(const struct mp_command *c, const struct import_options *o, const char *name, const struct mp_onnx_dims *dims,
                  struct mp_arena *a) {
    struct mp_network n = {0};
    struct mp_err err;
    const char *path;
    if (!mp_config_find(MP_CONFIG_WORKLOAD, name, a, &path, &err))
        return mp_out_error(&err);
    const char *lonely = dims->count > 0 ? "dim" : o->save_plan ? "save-plan" : NULL;
    if (lonely && !is_onnx(path))
        return mp_usage_error(c, "--%s goes with ONNX models only", lonely);
    if (!(is_onnx(path) ? mp_network_load(&n, a, path, dims, &err) : mp_workload_open(&n.workload, a, path, &err)))
        return mp_out_error(&err);
    tell(path, &n.workload, n.params);
    int status = o->save_plan ? save_plan(o->save_plan, path, &n, a) : MP_EXIT_OK;
    return status == MP_EXIT_OK && (o->output || !o->save_plan) ? write_workload(o->output, &n.workload) : status;
}

static int check_usage(const struct mp_command *c, const struct mp_texts *files) {
    if (files->count != 1)
        return mp_usage_error(c, files->count ? "takes one file (got %zu)" : "no file is named", files->count);
    return MP_EXIT_OK;
}

static int run(const struct mp_command *c, int argc, char **argv) {
    struct import_options o = {0};
    struct mp_arena a = {0};
    struct mp_texts files;
    struct mp_onnx_dims dims;
    int status;
    if (mp_opts_parse(c, argc, argv, &o, &files, &a, &status) && (status = check_usage(c, &files)) == MP_EXIT_OK &&
        (status = mp_dims_read(c, &o.dims, &a, &dims)) == MP_EXIT_OK)
        status = import(c, &o, files.text[0], &dims, &a);
    mp_arena_finish(&a);
    return status;
}

const struct mp_command mp_cmd_import = {
    .name = "import",
    .help = "a network in another format as workload.json",
    .usage = "FILE [OPTIONS]",
    .about = "Writes the layers of an ONNX model (.onnx), a SCALE-Sim topology (.csv) or a shipped workload or model as "
             "workload.json, with every default filled in. Batch norm, scales and shifts are in the weights of the layers "
             "before them, activation functions in the layers that they follow. What a workload leaves out, and which layers "
             "cannot be computed in integers, is told on standard error. The other commands read these files as they are, too.",
    .opts = opts,
    .examples = "  mpsim import resnet.onnx -o resnet.json\n"
                "  mpsim import bert.onnx --dim sequence=128 -o bert_128.json\n"
                "  mpsim import quantised.onnx --save-plan quantised_plan.json\n"
                "  mpsim import topology.csv\n",
    .run = run,
};
