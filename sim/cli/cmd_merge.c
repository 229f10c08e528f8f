// SPDX-License-Identifier: Apache-2.0
// mpsim merge: the shards of a sweep, or several sweeps, into one store.
#include "sim/cli/command.h"
#include "sim/cli/out.h"

#include "sim/cosim/child.h"
#include "sim/explore/sweep_list.h"

#include <signal.h>
#include <stdio.h>

struct merge_options {
    const char *output;
    bool partial, missing, json;
};

#define AT(member) .offset = offsetof(struct merge_options, member)
static const struct mp_opt opts[] = {
    {"output", "OUT.db", MP_OPT_TEXT, AT(output), .letter = 'o',
     .help = "store that takes all rows; one that is there is added to, all or nothing"},
    {"partial", NULL, MP_OPT_FLAG, AT(partial), .help = "shards may be missing: exit status 0 all the same"},
    {"missing", NULL, MP_OPT_FLAG, AT(missing),
     .help = "print only the numbers of the shards that are missing, as 3,7,12-14, for a scheduler's array of jobs"},
    {"json", NULL, MP_OPT_FLAG, AT(json), .help = "what is there now as JSON (schema mpsim.sweeps/1)"},
    {0},
};

struct run {
    struct merge_options o;
    struct mp_texts in;
    struct mp_arena arena;
    struct mp_store *store;
};

static int check_usage(const struct mp_command *c, const struct run *r) {
    if (!r->o.output)
        return mp_usage_error(c, "needs -o");
    if (r->in.count == 0)
        return mp_usage_error(c, "needs a store to merge");
    if (r->o.missing && r->o.json)
        return mp_usage_error(c, "--missing and --json exclude each other");
    return MP_EXIT_OK;
}

// One sweep's shards are those of one array of jobs; of several sweeps the list has no one meaning.
static bool add_missing(const struct run *r, const struct mp_sweep_list *list, struct mp_buf *out, struct mp_err *err) {
    size_t open = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (mp_sweep_is_complete(&list->rows[i]))
            continue;
        if (list->rows[i].missing.n == 0)
            return mp_fail(err, "%s: sweep %s has no complete shard, it is not known how many there are", r->o.output,
                           list->rows[i].sweep->name);
        if (open++ > 0)
            return mp_fail(err, "%s: several sweeps have missing shards", r->o.output);
        mp_store_missing_text(&list->rows[i].missing, out);
    }
    mp_buf_add(out, open ? "\n" : "");
    return true;
}

static int report(struct run *r) {
    const struct mp_style style = {.colour = mp_out_colour(NULL)};
    struct mp_sweep_list list;
    struct mp_buf out = {0};
    struct mp_err err;
    bool complete = true;
    if (!mp_store_open(&r->store, r->o.output, false, &err) || !mp_sweep_list_make(r->store, &r->arena, &list, &err) ||
        (r->o.missing && !add_missing(r, &list, &out, &err))) {
        mp_buf_finish(&out);
        return mp_out_error(&err);
    }
    if (r->o.json)
        mp_sweep_list_json(&list, &out);
    else if (!r->o.missing)
        mp_sweep_list_text(&list, &style, &out);
    for (size_t i = 0; i < list.count; i++)
        complete = complete && mp_sweep_is_complete(&list.rows[i]);
    int status = mp_out_to(NULL, &out);
    mp_buf_finish(&out);
    return status != MP_EXIT_OK ? status : complete || r->o.partial ? MP_EXIT_OK : MP_EXIT_FAILURE;
}

static int run_all(struct run *r) {
    bool interrupted;
    struct mp_err err;
    mp_child_signals();
    if (!mp_store_merge(r->o.output, r->in.text, r->in.count, mp_child_signalled, &interrupted, &err))
        return mp_out_error(&err);
    if (interrupted) {
        fprintf(stderr, "mpsim merge: interrupted, nothing was changed\n");
        raise(mp_child_signal());
        return MP_EXIT_FAILURE;
    }
    return report(r);
}

static int run(const struct mp_command *c, int argc, char **argv) {
    struct run r = {0};
    int status;
    if (mp_opts_parse(c, argc, argv, &r.o, &r.in, &r.arena, &status) && (status = check_usage(c, &r)) == MP_EXIT_OK)
        status = run_all(&r);
    mp_store_close(r.store);
    mp_arena_finish(&r.arena);
    return status;
}

const struct mp_command mp_cmd_merge = {
    .name = "merge",
    .help = "stores of a sweep's shards into one",
    .usage = "-o OUT.db IN.db... [OPTIONS]",
    .about = "Puts all rows of the stores into one, which has then what a single process would have written: shards of a sweep, or "
             "several sweeps. Rows with the same key must be equal. A new store appears when it is complete; a merge that fails or "
             "is killed leaves what was there. Says which shards are missing; then the exit status is 1, with --partial 0.",
    .opts = opts,
    .examples = "  mpsim merge -o sweep.db shard-*.db\n"
                "  sbatch --array=$(mpsim merge -o sweep.db shard-*.db --missing) sweep.sh\n",
    .run = run,
};
