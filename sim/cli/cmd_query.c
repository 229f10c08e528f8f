// SPDX-License-Identifier: Apache-2.0
// mpsim query: designs of a store by any expression; its sweeps; its content; one design as arch.json.
#include "sim/cli/command.h"
#include "sim/cli/out.h"
#include "sim/cli/stored.h"

#include "sim/base/say.h"
#include "sim/explore/design_arch.h"
#include "sim/explore/query_distance.h"
#include "sim/explore/sweep_list.h"

#include <string.h>

#define NO_TOP UINT64_MAX // --top was not given
#define ROWS 20           // then

struct query_options {
    struct mp_stored_options s;
    const char *by, *columns, *arch, *archs, *output;
    uint64_t top;
    bool sum, descending, sweeps, dump, json, csv;
};

#define AT(member) .offset = offsetof(struct query_options, member)
static const struct mp_opt opts[] = {
    MP_STORED_OPTS(query_options, s),
    {"sum", NULL, MP_OPT_FLAG, AT(sum),
     .help = "a row a design: figures summed over the sweep's networks by weight, as 'mpsim front' has them"},
    {"by", "EXPR", MP_OPT_TEXT, AT(by), .def = "the first objective", .help = "the order: least first"},
    {"descending", NULL, MP_OPT_FLAG, AT(descending), .help = "most first"},
    {"top", "N", MP_OPT_COUNT, AT(top), .max = UINT64_C(1) << 53, .def = "20", .help = "rows at most; 0: all"},
    {"columns", "LIST", MP_OPT_TEXT, AT(columns), .def = "key, base, axes, figures",
     .help = "what is shown: key,array_rows,cycles ...; all: every column"},
    {"archs", "DIR", MP_OPT_TEXT, AT(archs), .help = "write arch.json of each row's design there, as KEY.json"},
    {"sweeps", NULL, MP_OPT_FLAG, AT(sweeps), .help = "instead: the store's sweeps, how they were sampled, their points, shards and networks"},
    {"dump", NULL, MP_OPT_FLAG, AT(dump), .help = "instead: the whole content, ordered, as SQL; equal for equal sweeps"},
    {"arch", "KEY", MP_OPT_TEXT, AT(arch), .help = "instead: the design of that key as arch.json"},
    {"json", NULL, MP_OPT_FLAG, AT(json), .help = "as JSON (schema mpsim.query/1)"},
    {"csv", NULL, MP_OPT_FLAG, AT(csv), .help = "as CSV"},
    {"output", "FILE", MP_OPT_REPORT, AT(output), .letter = 'o', .def = "standard output",
     .help = "write there; a name ending in .json or .csv implies --json or --csv"},
    {0},
};

struct run {
    struct query_options o;
    struct mp_arena arena;
    struct mp_stored in;
    struct mp_texts columns; // given ones
};

static int check_usage(const struct mp_command *c, struct run *r, const struct mp_texts *operands) {
    const struct query_options *o = &r->o;
    char shown[MP_SAY_BYTES];
    const bool selects = o->s.sweep || o->s.networks.count || o->s.where || o->by || o->descending || o->columns ||
                         o->sum || o->archs || o->top != NO_TOP;
    if (operands->count > 0)
        return mp_usage_error(c, "unexpected argument \"%s\"", mp_say_text(operands->text[0], strlen(operands->text[0]), shown));
    if (!o->s.store)
        return mp_usage_error(c, "needs --store");
    if (o->json && o->csv)
        return mp_usage_error(c, "--json and --csv exclude each other");
    if (o->sweeps + o->dump + (o->arch != NULL) > 1)
        return mp_usage_error(c, "--sweeps, --dump and --arch exclude each other");
    if ((o->sweeps || o->dump || o->arch) && selects)
        return mp_usage_error(c, "--%s takes no sweep, networks, --sum, order, columns, --top and --archs",
                              o->sweeps ? "sweeps" : o->dump ? "dump" : "arch");
    if (o->sum && o->s.networks.count > 0)
        return mp_usage_error(c, "--sum is over all networks of the sweep, it takes no --network");
    if ((o->dump || o->arch) && (o->json || o->csv))
        return mp_usage_error(c, "--%s has one form: neither --json nor --csv", o->dump ? "dump" : "arch");
    if (o->columns && !mp_split(o->columns, &r->arena, &r->columns))
        return mp_usage_error(c, "option --columns: must be names with commas between them");
    return MP_EXIT_OK;
}

// What is shown

// "all" is every column.
static bool is_all(const struct run *r) {
    return r->columns.count == 1 && strcmp(r->columns.text[0], "all") == 0;
}

static bool shown_anyway(const struct run *r, const struct mp_query_name *n) {
    static const char *const names[] = {"key", "base", "latency_ms", "energy_pj", "area_mm2"};
    bool shown = n->axis || is_all(r) || (strcmp(n->name, "network") == 0 && r->in.networks.count > 1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        shown = shown || strcmp(n->name, names[i]) == 0;
    return shown;
}

static bool pick_columns(struct run *r, struct mp_query *q, struct mp_err *err) {
    const struct mp_query_names *n = &r->in.names;
    const bool given = r->columns.count > 0 && !is_all(r);
    size_t *at = mp_arena_alloc(&r->arena, n->count + r->columns.count, sizeof *at);
    q->columns = at;
    for (size_t i = 0; given && i < r->columns.count; i++) {
        if (!mp_query_find(n, r->o.s.store, r->columns.text[i], &at[i], err))
            return false;
        for (size_t k = 0; k < i; k++)
            if (at[k] == at[i])
                return mp_fail(err, "%s: column %s stands twice", r->o.s.store, r->columns.text[i]);
        q->column_count++;
    }
    for (size_t pass = 0; !given && pass < 2; pass++) // what a design is, then its figures
        for (size_t i = 0; i < n->count; i++) {
            const bool what = n->list[i].axis || (i < 3 && strcmp(n->names[i], "macs") != 0);
            if (shown_anyway(r, &n->list[i]) && what == (pass == 0))
                at[q->column_count++] = i;
        }
    return true;
}

static const char *first_objective(struct run *r, bool *most) {
    const struct mp_store_sweep *w = r->in.sweep;
    if (w->objective_count == 0)
        return NULL;
    *most = w->objectives[0][0] == '-';
    return w->objectives[0] + *most;
}

static int report(const struct run *r, const struct mp_query *q, const struct mp_query_rows *rows) {
    const struct mp_style style = {.colour = mp_out_colour(r->o.output)};
    struct mp_buf out = {0};
    switch (mp_out_format(r->o.json, r->o.csv, r->o.output)) {
    case MP_OUT_JSON:
        mp_query_json(q, rows, &out);
        break;
    case MP_OUT_CSV:
        mp_query_csv(rows, &out);
        break;
    case MP_OUT_TEXT:
        mp_query_text(q, rows, &style, &out);
        break;
    }
    int status = mp_out_to(r->o.output, &out);
    mp_buf_finish(&out);
    return status;
}

static int select_rows(struct run *r) {
    struct mp_err err;
    struct mp_query q;
    struct mp_query_rows rows;
    bool most = false;
    if (!mp_stored_open(&r->in, &r->o.s, r->o.sum, &r->arena, &err))
        return mp_out_error(&err);
    mp_query_add_distance(&r->in.names, r->in.sweep, &r->arena);
    q = (struct mp_query){.sweep = r->in.sweep, .networks = &r->in.networks, .names = &r->in.names, .where = r->o.s.where,
                          .by = r->o.by ? r->o.by : first_objective(r, &most), .top = r->o.top == NO_TOP ? ROWS : r->o.top};
    q.descending = r->o.descending || most;
    if (!pick_columns(r, &q, &err) || !mp_query_distances(r->in.store, &q, &r->arena, &err) ||
        !mp_query_run(r->in.store, &q, &r->arena, &rows, &err) ||
        (r->o.archs && !mp_stored_archs(r->in.store, &rows, r->o.archs, &err)))
        return mp_out_error(&err);
    return report(r, &q, &rows);
}

// The other three

static int put(struct run *r, bool ok, struct mp_buf *out, const struct mp_err *err) {
    int status = ok ? mp_out_to(r->o.output, out) : mp_out_error(err);
    mp_buf_finish(out);
    return status;
}

static int list_sweeps(struct run *r) {
    const struct mp_style style = {.colour = mp_out_colour(r->o.output)};
    struct mp_buf out = {0};
    struct mp_sweep_list list;
    struct mp_err err;
    if (!mp_store_open(&r->in.store, r->o.s.store, false, &err) || !mp_sweep_list_make(r->in.store, &r->arena, &list, &err))
        return mp_out_error(&err);
    switch (mp_out_format(r->o.json, r->o.csv, r->o.output)) {
    case MP_OUT_JSON:
        mp_sweep_list_json(&list, &out);
        break;
    case MP_OUT_CSV:
        mp_sweep_list_csv(&list, &out);
        break;
    case MP_OUT_TEXT:
        mp_sweep_list_text(&list, &style, &out);
        break;
    }
    return put(r, true, &out, &err);
}

static int run_all(struct run *r) {
    struct mp_buf out = {0};
    struct mp_err err;
    if (!mp_out_possible(r->o.output, &err))
        return mp_out_error(&err);
    if (r->o.sweeps)
        return list_sweeps(r);
    if (!r->o.dump && !r->o.arch)
        return select_rows(r);
    bool ok = mp_store_open(&r->in.store, r->o.s.store, false, &err) &&
              (r->o.dump ? mp_store_text(r->in.store, &out, &err) : mp_design_arch(r->in.store, r->o.arch, &out, &err));
    return put(r, ok, &out, &err);
}

static int run(const struct mp_command *c, int argc, char **argv) {
    struct run r = {.o.top = NO_TOP};
    struct mp_texts operands;
    int status;
    if (mp_opts_parse(c, argc, argv, &r.o, &operands, &r.arena, &status) &&
        (status = check_usage(c, &r, &operands)) == MP_EXIT_OK)
        status = run_all(&r);
    mp_store_close(r.in.store);
    mp_arena_finish(&r.arena);
    return status;
}

const struct mp_command mp_cmd_query = {
    .name = "query",
    .help = "designs of a sweep by any expression",
    .usage = "--store sweep.db [--where EXPR] [--by EXPR] [OPTIONS]",
    .about =
        "A row a design and network, or with --sum a design, in any order and of any condition. Columns are the figures of "
        "results (latency_ms, energy_pj, cycles_stall_dram ...), area_mm2, key, base, network, status, reason, plan, point, every "
        "key of the accelerator, its path joined by \"_\": /buffers/input/size_bytes is buffers_input_size_bytes; and distance "
        "from the front of the sweep's objectives: 0 on it, 0.05 where all of them must be 5 % better. Expressions are SQLite's; "
        "columns in them are real numbers or texts. The store is only read; any other program that reads SQLite can do that too "
        "(docs/store.md).",
    .opts = opts,
    .examples = "  mpsim query --store sweep.db --sweeps\n"
                "  mpsim query --store sweep.db --by energy_pj --where 'area_mm2 <= 4 AND array_rows = array_cols'\n"
                "  mpsim query --store sweep.db --by 'energy_pj * latency_ms' --top 5 --columns key,array_rows,edp_pj_ms,plan\n"
                "  mpsim query --store sweep.db --sum --by distance --top 10 --columns key,distance,energy_pj --archs best/\n"
                "  mpsim query --store sweep.db --where \"status = 'invalid'\" --columns key,reason --top 0 --csv\n"
                "  mpsim query --store sweep.db --arch 00c0ffee00c0ffee -o arch.json\n",
    .run = run,
};
