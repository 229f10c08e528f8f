// SPDX-License-Identifier: Apache-2.0
// mpsim explore: many accelerators on one or more networks, into a store.
#include "sim/cli/command.h"
#include "sim/cli/configs.h"
#include "sim/cli/explore_inputs.h"
#include "sim/cli/out.h"

#include "sim/base/clock.h"
#include "sim/base/pool.h"
#include "sim/base/say.h"
#include "sim/cosim/child.h"
#include "sim/explore/explore.h"
#include "sim/mpsim.h"
#include "sim/report/table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct explore_options {
    const char *space, *store, *shard, *output;
    uint64_t jobs, points, seed;
    unsigned sampler;
    bool resume, prune, dry_run, json;
};

#define SPACES_SEED UINT64_MAX // not given

#define AT(member) .offset = offsetof(struct explore_options, member)
// "space": as it says.
static const char *const sampler_choices[] = {"space", "grid", "random", "halton", "nsga2", NULL};
static const struct mp_opt opts[] = {
    {"space", "NAME|FILE", MP_OPT_TEXT, AT(space), .help = "what varies, what is run, what is looked for: space.json (docs/explore.md) or a shipped name"},
    {"store", "FILE", MP_OPT_TEXT, AT(store), .help = "SQLite file that takes the results; sweeps may share one"},
    {"resume", NULL, MP_OPT_FLAG, AT(resume), .help = "go on with a sweep that the store has a part of"},
    {"jobs", "N", MP_OPT_COUNT, AT(jobs), .min = 1, .max = MP_MAX_THREADS, .def = "all processors", .letter = 'j',
     .help = "threads; results do not depend on their number"},
    {"shard", "I/N", MP_OPT_TEXT, AT(shard), .def = "0/1",
     .help = "only part I (from 0) of N equal ones, for a cluster's jobs; 'mpsim merge' puts them together"},
    {"sampler", "KIND", MP_OPT_CHOICE, AT(sampler), .names = sampler_choices, .def = "space",
     .help = "grid, random, halton or nsga2 instead of what the space says"},
    {"points", "N", MP_OPT_COUNT, AT(points), .min = 1, .max = 1000000000, .def = "the space's",
     .help = "designs of random, halton and nsga2"},
    {"seed", "N", MP_OPT_COUNT, AT(seed), .min = 0, .max = UINT64_C(1) << 52, .def = "the space's", .help = "of what is random"},
    {"prune", NULL, MP_OPT_FLAG, AT(prune), .help = "leave out designs that a lower bound proves to be dominated"},
    {"dry-run", NULL, MP_OPT_FLAG, AT(dry_run),
     .help = "read and check everything, say how many designs there are, how many of them invalid or excluded; run none"},
    {"json", NULL, MP_OPT_FLAG, AT(json), .help = "the summary as JSON (schema mpsim.explore/1)"},
    {"output", "FILE", MP_OPT_REPORT, AT(output), .letter = 'o', .def = "standard output",
     .help = "the summary goes there; a name ending in .json implies --json"},
    {0},
};

struct run {
    const struct explore_options *o;
    struct mp_arena arena;
    struct mp_sweep sweep;
    struct mp_store *store;
    struct mp_explore_job job;
    struct mp_explore_stats stats;
    double began;
    bool shared;    // the store has other sweeps
    uint64_t tried; // of a dry run
};

// "3/16"
static bool read_shard(const char *text, unsigned *i, unsigned *n) {
    char *end;
    *i = 0, *n = 1;
    if (!text)
        return true;
    if (text[0] < '0' || text[0] > '9')
        return false;
    unsigned long a = strtoul(text, &end, 10);
    if (*end != '/' || end[1] < '0' || end[1] > '9')
        return false;
    unsigned long b = strtoul(end + 1, &end, 10);
    *i = (unsigned)a, *n = (unsigned)b;
    return *end == '\0' && b >= 1 && b <= 100000 && a < b;
}

static int check_usage(const struct mp_command *c, const struct explore_options *o, const struct mp_texts *operands) {
    unsigned i, n;
    char shown[MP_SAY_BYTES];
    if (operands->count > 0)
        return mp_usage_error(c, "unexpected argument \"%s\"", operands->text[0]);
    if (!o->space)
        return mp_usage_error(c, "option --space is missing");
    if (!o->store && !o->dry_run)
        return mp_usage_error(c, "option --store is missing");
    if (!read_shard(o->shard, &i, &n))
        return mp_usage_error(c, "option --shard: must be I/N with 0 <= I < N <= 100000, as in 0/16 (got \"%s\")",
                              mp_say_text(o->shard, strlen(o->shard), shown));
    if (o->points && (o->sampler == 1))
        return mp_usage_error(c, "--points goes with --sampler random, halton or nsga2: a grid has every design");
    return MP_EXIT_OK;
}

static bool load(struct run *r, struct mp_err *err) {
    const struct explore_options *o = r->o;
    struct mp_sweep *s = &r->sweep;
    const char *path;
    if (!mp_config_find(MP_CONFIG_SPACE, o->space, &r->arena, &path, err) ||
        !mp_sweep_load(s, &r->arena, path, &mp_sweep_inputs, err))
        return false;
    if (o->sampler)
        s->sampler.kind = (enum mp_sampler_kind)(o->sampler - 1);
    if (o->points && s->sampler.kind == MP_SAMPLE_GRID)
        return mp_fail(err, "%s: /sampler/kind, --points: a grid has every design: points go with random, halton or nsga2",
                       s->path);
    s->sampler.points = o->points ? o->points : s->sampler.points;
    s->sampler.seed = o->seed != SPACES_SEED ? o->seed : s->sampler.seed;
    s->prune |= o->prune;
    read_shard(o->shard, &r->job.shard, &r->job.shards);
    return mp_sweep_resolve(s, &r->arena, err) && mp_explore_check(s, r->job.shards, err);
}

static void show_time(double s, char *out, size_t size) {
    if (s < 90)
        snprintf(out, size, "%.0f s", s);
    else if (s < 5400)
        snprintf(out, size, "%.0f min", s / 60);
    else
        snprintf(out, size, "%.1f h", s / 3600);
}

static void show(void *user, const char *what, uint64_t done, uint64_t all, const struct mp_explore_stats *s) {
    struct run *r = user;
    char more[100], left[32];
    if (!isatty(STDERR_FILENO))
        return;
    if (strcmp(what, "designs") != 0) {
        mp_out_bar(what, done, all, "");
        return;
    }
    double rate = (double)(done - s->resumed) / (mp_seconds() - r->began + 1e-9);
    show_time(rate > 0 ? (double)(all - done) / rate : 0, left, sizeof left);
    snprintf(more, sizeof more, ", %.3g/s, %s left", rate, left);
    mp_out_bar(what, done, all, more);
}

// Summary

static bool has_tech_axis(const struct mp_sweep *s) {
    for (size_t i = 0; i < s->axis_count; i++)
        for (size_t p = 0; p < s->axes[i].path_count; p++)
            if (strcmp(s->axes[i].paths[p], "/tech") == 0)
                return true;
    return false;
}

// Prices of different technologies do not compare as designs do: said, unless an axis sets them.
static void add_techs(const struct mp_sweep *s, struct mp_buf *out) {
    bool differ = false;
    for (size_t i = 1; i < s->base_count; i++)
        differ |= strcmp(s->bases[i].tech, s->bases[0].tech) != 0;
    if (!differ || has_tech_axis(s))
        return;
    mp_buf_add(out, "  technologies differ (an axis over /tech prices all alike): ");
    for (size_t i = 0; i < s->base_count; i++)
        mp_buf_addf(out, "%s%s %s", i > 0 ? ", " : "", s->bases[i].name, s->bases[i].tech);
    mp_buf_add(out, "\n");
}

static void add_space(const struct run *r, struct mp_buf *out) {
    const struct mp_sweep *s = &r->sweep;
    mp_buf_addf(out, "%s: %" PRIu64 " design%s of %zu accelerator%s, %zu network%s, sweep %016" PRIx64 "\n", s->name, s->points,
                s->points == 1 ? "" : "s", s->base_count, s->base_count == 1 ? "" : "s", s->network_count, s->network_count == 1 ? "" : "s",
                (uint64_t)s->key);
    for (size_t i = 0; i < s->axis_count; i++) {
        const struct mp_sweep_axis *x = &s->axes[i];
        mp_buf_add(out, "  ");
        for (size_t p = 0; p < x->path_count; p++)
            mp_buf_addf(out, "%s%s", p ? ", " : "", x->paths[p]);
        if (x->equals)
            mp_buf_addf(out, " = %s\n", x->equals);
        else
            mp_buf_addf(out, ": %zu value%s\n", x->value_count, x->value_count == 1 ? "" : "s");
    }
    add_techs(s, out);
    for (size_t i = 0; i < s->constraint_count; i++)
        mp_buf_addf(out, "  kept: %s\n", s->constraints[i]);
    mp_buf_addf(out, "  sampler %s, visits %" PRIu64 "%s\n", mp_sampler_names[s->sampler.kind], mp_sweep_visits(s),
                s->prune ? ", dominated designs pruned" : "");
}

// "excluded: 60 area_mm2 <= 1.5, 44 latency_ms <= 30"
static void add_excluded(const struct run *r, struct mp_buf *out) {
    const char *before = "excluded: ";
    for (size_t i = 0; i < r->sweep.constraint_count; i++)
        if (r->stats.excluded_by[i] > 0) {
            mp_buf_addf(out, "%s%" PRIu64 " %s", before, r->stats.excluded_by[i], r->sweep.constraints[i]);
            before = ", ";
        }
    mp_buf_add(out, r->stats.excluded > 0 ? "\n" : "");
}

static void add_invalid(const struct mp_explore_stats *s, struct mp_buf *out) {
    if (s->why_invalid.text[0])
        mp_buf_addf(out, "the first that is invalid: %s\n", s->why_invalid.text);
}

static void add_none(const struct mp_explore_stats *s, struct mp_buf *out) {
    mp_buf_add(out, "no design is left: ");
    if (s->excluded)
        mp_buf_addf(out, "%" PRIu64 " %s excluded by constraints%s", s->excluded, s->excluded == 1 ? "is" : "are",
                    s->invalid ? ", " : "");
    if (s->invalid || !s->excluded)
        mp_buf_addf(out, "%" PRIu64 " %s invalid", s->invalid, s->invalid == 1 ? "is" : "are");
    mp_buf_add(out, "\n");
}

static void add_next(const struct run *r, bool complete, struct mp_buf *out) {
    if (!complete)
        mp_buf_add(out, "interrupted: --resume goes on\n");
    else if (r->stats.evaluated == 0)
        add_none(&r->stats, out);
    else if (r->shared)
        mp_buf_addf(out, "mpsim front --store %s --sweep %016" PRIx64 " shows the front\n", r->o->store, (uint64_t)r->sweep.key);
    else
        mp_buf_addf(out, "mpsim front --store %s shows the front\n", r->o->store);
}

static void add_text(const struct run *r, bool complete, struct mp_buf *out) {
    const struct mp_explore_stats *s = &r->stats;
    add_space(r, out);
    mp_buf_addf(out, "%" PRIu64 " visited: %" PRIu64 " evaluated", s->visited, s->evaluated);
    if (s->reused)
        mp_buf_addf(out, " (%" PRIu64 " had results in the store)", s->reused);
    mp_buf_addf(out, ", %" PRIu64 " pruned, %" PRIu64 " excluded by constraints, %" PRIu64 " invalid", s->pruned, s->excluded,
                s->invalid);
    if (s->resumed)
        mp_buf_addf(out, "; %" PRIu64 " were in the store", s->resumed);
    mp_buf_add(out, "\n");
    add_excluded(r, out);
    mp_buf_addf(out, "%.1f s, %.0f designs a second\n", s->seconds,
                (double)(s->visited - s->resumed) / (s->seconds > 1e-9 ? s->seconds : 1e-9));
    add_invalid(s, out);
    add_next(r, complete, out);
}

static void add_json_excluded(const struct run *r, struct mp_jsonw *w) {
    mp_jsonw_key(w, "excluded_by");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < r->sweep.constraint_count; i++) {
        mp_jsonw_open(w, '{', true);
        mp_jsonw_put_string(w, "constraint", r->sweep.constraints[i]);
        mp_jsonw_put_uint(w, "designs", r->stats.excluded_by[i]);
        mp_jsonw_close(w, '}');
    }
    mp_jsonw_close(w, ']');
}

static void add_json(const struct run *r, bool complete, struct mp_buf *out) {
    const struct mp_explore_stats *s = &r->stats;
    struct mp_jsonw w;
    char key[20];
    snprintf(key, sizeof key, "%016" PRIx64, (uint64_t)r->sweep.key);
    mp_jsonw_init(&w, out);
    mp_jsonw_open(&w, '{', false);
    mp_jsonw_put_string(&w, "schema", "mpsim.explore/1");
    mp_jsonw_put_string(&w, "name", r->sweep.name);
    mp_jsonw_put_string(&w, "sweep", key);
    mp_jsonw_put_uint(&w, "designs", r->sweep.points);
    mp_jsonw_put_uint(&w, "visits", mp_sweep_visits(&r->sweep));
    mp_jsonw_put_uint(&w, "shard", r->job.shard);
    mp_jsonw_put_uint(&w, "shards", r->job.shards);
    mp_jsonw_put_bool(&w, "complete", complete);
    mp_jsonw_put_uint(&w, "visited", s->visited);
    mp_jsonw_put_uint(&w, "evaluated", s->evaluated);
    mp_jsonw_put_uint(&w, "reused", s->reused);
    mp_jsonw_put_uint(&w, "pruned", s->pruned);
    mp_jsonw_put_uint(&w, "excluded", s->excluded);
    add_json_excluded(r, &w);
    mp_jsonw_put_uint(&w, "invalid", s->invalid);
    if (s->why_invalid.text[0])
        mp_jsonw_put_string(&w, "first_invalid", s->why_invalid.text);
    if (r->o->dry_run)
        mp_jsonw_put_uint(&w, "tried", r->tried);
    mp_jsonw_put_uint(&w, "resumed", s->resumed);
    mp_jsonw_put_real(&w, "seconds", s->seconds);
    mp_jsonw_close(&w, '}');
}

static int report(const struct run *r, bool complete) {
    struct mp_buf out = {0};
    if (mp_out_format(r->o->json, false, r->o->output) == MP_OUT_JSON)
        add_json(r, complete, &out);
    else
        add_text(r, complete, &out);
    int status = mp_out_to(r->o->output, &out);
    mp_buf_finish(&out);
    return status;
}

static void add_tried(const struct run *r, struct mp_buf *out) {
    if (r->sweep.sampler.kind == MP_SAMPLE_NSGA2) {
        mp_buf_add(out, "not tried: which designs nsga2 visits follows from figures\n");
    } else if (r->tried == 0 && mp_sweep_visits(&r->sweep) > MP_TRIED_MAX) {
        mp_buf_addf(out, "not tried: more than %d designs\n", MP_TRIED_MAX);
    } else {
        mp_buf_addf(out, "%" PRIu64 " tried, none evaluated: %" PRIu64 " excluded by constraints over keys and area, %" PRIu64
                    " invalid\n", r->tried, r->stats.excluded, r->stats.invalid);
        add_excluded(r, out);
        add_invalid(&r->stats, out);
    }
}

static int dry_run(struct run *r) {
    struct mp_buf out = {0};
    struct mp_err err;
    if (!mp_explore_try(&r->job, &r->arena, &r->stats, &r->tried, &err))
        return mp_out_error(&err);
    if (mp_out_format(r->o->json, false, r->o->output) == MP_OUT_JSON)
        add_json(r, false, &out);
    else
        add_space(r, &out), add_tried(r, &out);
    int status = mp_out_to(r->o->output, &out);
    mp_buf_finish(&out);
    return status;
}

static bool find_others(struct run *r, struct mp_err *err) {
    struct mp_store_sweep *sweeps;
    size_t count;
    const bool ok = mp_store_sweeps(r->store, &r->arena, &sweeps, &count, err);
    r->shared = ok && count > 1;
    return ok;
}

static int run_all(struct run *r) {
    struct mp_err err;
    bool complete = false;
    if (!load(r, &err) || !mp_out_possible(r->o->output, &err))
        return mp_out_error(&err);
    r->job.sweep = &r->sweep, r->job.threads = r->o->jobs ? (unsigned)r->o->jobs : mp_pool_default();
    if (r->o->dry_run)
        return dry_run(r);
    mp_child_signals();
    r->began = mp_seconds();
    r->job.resume = r->o->resume, r->job.stopped = mp_child_signalled, r->job.progress = show, r->job.user = r;
    bool ok = mp_store_open(&r->store, r->o->store, true, &err);
    r->job.store = r->store;
    ok = ok && mp_explore_run(&r->job, &r->arena, &r->stats, &complete, &err) && find_others(r, &err);
    mp_store_close(r->store);
    if (isatty(STDERR_FILENO))
        mp_out_bar_end();
    int status = ok ? report(r, complete) : mp_out_error(&err), number = mp_child_signal();
    if (number) // what was finished is kept and told; now the signal has its way
        raise(number);
    return status;
}

static int run(const struct mp_command *c, int argc, char **argv) {
    struct explore_options o = {.seed = SPACES_SEED};
    struct run r = {.o = &o};
    struct mp_texts operands;
    int status;
    if (mp_opts_parse(c, argc, argv, &o, &operands, &r.arena, &status) &&
        (status = check_usage(c, &o, &operands)) == MP_EXIT_OK)
        status = run_all(&r);
    mp_arena_finish(&r.arena);
    return status;
}

const struct mp_command mp_cmd_explore = {
    .name = "explore",
    .help = "many accelerators on some networks: a design space into a store",
    .usage = "--space space.json --store sweep.db [--resume] [OPTIONS]",
    .about =
        "Walks a space of accelerators: axes over any keys of arch.json, with constraints, on one or more networks. Each design "
        "is evaluated with the best mapping of every layer, as 'mpsim run' does, and a row for each network goes into a store, from "
        "which 'mpsim front' and 'mpsim query' read. What was finished is kept when the sweep is interrupted or killed.",
    .opts = opts,
    .examples = "  mpsim explore --space space.json --dry-run\n"
                "  mpsim explore --space space.json --store sweep.db\n"
                "  mpsim explore --space space.json --store sweep.db --resume\n"
                "  mpsim explore --space space.json --store shard-3.db --shard 3/16\n",
    .run = run,
};
