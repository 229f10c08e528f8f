// SPDX-License-Identifier: Apache-2.0
// mpsim check: validates files, or shows one with all defaults filled in.
#include "sim/cli/command.h"
#include "sim/cli/document.h"
#include "sim/cli/out.h"

#include "sim/report/table.h"

#include <stdio.h>

struct check_options {
    const char *output;
    bool resolved, json, csv;
};

#define AT(member) .offset = offsetof(struct check_options, member)
static const struct mp_opt opts[] = {
    {"resolved", NULL, MP_OPT_FLAG, AT(resolved),
     .help = "print the one file given with every default filled in: a SCALE-Sim .cfg as arch.json, a topology .csv "
             "or an ONNX model as workload.json"},
    {"json", NULL, MP_OPT_FLAG, AT(json), .help = "the findings as JSON: a list of {file, ok, kind, message}"},
    {"csv", NULL, MP_OPT_FLAG, AT(csv), .help = "the findings as CSV"},
    {"output", "FILE", MP_OPT_REPORT, AT(output), .letter = 'o', .def = "standard output", .help = "write there"},
    {0},
};

static int show_resolved(const struct check_options *o, const char *path, struct mp_arena *a) {
    struct mp_buf text = {0};
    struct mp_err err;
    const char *kind;
    int status = mp_document_check(path, a, &kind, &text, &err) ? mp_out_to(o->output, &text) : mp_out_error(&err);
    mp_buf_finish(&text);
    return status;
}

// Text has a line for each good file; what is wrong with the others is a message.
static bool check_one(struct mp_table *t, const char *path, bool text, struct mp_buf *out) {
    struct mp_arena a = {0};
    struct mp_err err = {.text = ""};
    const char *kind;
    bool ok = mp_document_check(path, &a, &kind, NULL, &err);
    if (text && ok)
        mp_buf_addf(out, "%s: ok (%s)\n", path, kind);
    else if (text)
        mp_out_error(&err);
    mp_table_add(t, path);
    mp_table_add(t, ok ? "true" : "false");
    mp_table_add(t, kind ? kind : "");
    mp_table_add(t, err.text);
    mp_arena_finish(&a);
    return ok;
}

static int check_all(const struct check_options *o, const struct mp_texts *files, struct mp_arena *a) {
    static const struct mp_column columns[] = {
        {"file", MP_LEFT}, {"ok", MP_YES_NO}, {"kind", MP_LEFT}, {"message", MP_LEFT}};
    struct mp_table t = {.arena = a, .columns = columns, .column_count = 4};
    struct mp_buf out = {0};
    struct mp_jsonw w;
    bool ok = true;
    for (size_t i = 0; i < files->count; i++)
        ok = check_one(&t, files->text[i], !o->json && !o->csv, &out) && ok;
    mp_jsonw_init(&w, &out);
    if (o->json)
        mp_table_json(&t, &w);
    if (o->csv)
        mp_table_csv(&t, &out);
    int status = mp_out_to(o->output, &out);
    mp_buf_finish(&out);
    return status == MP_EXIT_OK && !ok ? MP_EXIT_FAILURE : status;
}

static int check_usage(const struct mp_command *c, const struct check_options *o, const struct mp_texts *files) {
    if (files->count == 0)
        return mp_usage_error(c, "no file is named");
    if (o->resolved && files->count > 1)
        return mp_usage_error(c, "--resolved takes one file (got %zu)", files->count);
    if (o->resolved && (o->json || o->csv))
        return mp_usage_error(c, "--resolved goes with neither --json nor --csv");
    if (o->json && o->csv)
        return mp_usage_error(c, "--json and --csv exclude each other");
    return MP_EXIT_OK;
}

static int run(const struct mp_command *c, int argc, char **argv) {
    struct check_options o = {0};
    struct mp_arena a = {0};
    struct mp_texts files;
    int status;
    if (mp_opts_parse(c, argc, argv, &o, &files, &a, &status) && (status = check_usage(c, &o, &files)) == MP_EXIT_OK)
        status = o.resolved ? show_resolved(&o, files.text[0], &a) : check_all(&o, &files, &a);
    mp_arena_finish(&a);
    return status;
}

const struct mp_command mp_cmd_check = {
    .name = "check",
    .help = "validate files, or show one with its defaults",
    .usage = "FILE... [OPTIONS]",
    .about = "Recognises and validates what mpsim reads: arch, workload, plan (with the workload it names), tech, "
             "preprocess, mapping, constraints and result documents, SCALE-Sim topologies (.csv) and configurations "
             "(.cfg), ONNX models (.onnx). Prints "
             "\"FILE: ok (KIND)\" for each good file; messages name file, place, rule and value.",
    .opts = opts,
    .examples = "  mpsim check my_arch.json my_plan.json\n"
                "  mpsim check --resolved my_arch.json\n"
                "  mpsim check --resolved scale.cfg -o arch.json\n",
    .run = run,
};
