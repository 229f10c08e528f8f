// SPDX-License-Identifier: Apache-2.0
// A plan is known by the widths of its weights and tensors. The log is a line of JSON a plan, flushed as it is written, so that
// a run that ends in any way loses at most the line that it was writing: an unfinished last line is left out.
#include "sim/search/oracle.h"

#include "sim/base/clock.h"
#include "sim/base/file.h"
#include "sim/base/hash.h"
#include "sim/base/jsonw.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct known {
    const char *plan;
    uint64_t hash;
    struct mp_measured at;
    bool counted, from_log;
};

struct mp_oracle {
    struct mp_oracle_job job;
    struct mp_arena arena;
    struct known *known;
    size_t count, room;
    size_t *slot, slots; // hash table: index + 1, or 0
    int fd;              // of the log, or -1
    int error;           // errno of the first write that failed
    struct mp_oracle_stats stats;
};

// "8 4 16x2+16x4 odd/8 8 4": weights by layer, tensors.
static const char *plan_text(struct mp_oracle *o, const struct mp_plan *p) {
    const struct mp_workload *w = o->job.space->workload;
    struct mp_buf b = {0};
    for (size_t i = 0; i < w->layer_count; i++) {
        const struct mp_layer_bits *l = &p->layers[i];
        for (size_t k = 0; mp_layer_has_weights(&w->layers[i]) && k < l->slice_count; k++) {
            mp_buf_add(&b, k > 0 ? "+" : b.len > 0 ? " " : "");
            if (l->slice_count > 1)
                mp_buf_addf(&b, "%" PRIu64 "x", l->slices[k].channels);
            mp_buf_addf(&b, "%u", l->slices[k].w_bits);
        }
        if (mp_layer_has_weights(&w->layers[i]) && l->encoding == MP_ODD)
            mp_buf_add(&b, " odd");
    }
    for (size_t t = 0; t < w->tensor_count; t++)
        mp_buf_addf(&b, "%s%u", t == 0 ? "/" : " ", p->tensor_bits[t]);
    const char *text = mp_arena_strdup(&o->arena, b.text);
    mp_buf_finish(&b);
    return text;
}

// Memory

static void rebuild(struct mp_oracle *o) {
    o->slots = o->slots ? 2 * o->slots : 256;
    o->slot = mp_arena_alloc(&o->arena, o->slots, sizeof *o->slot);
    for (size_t i = 0; i < o->count; i++) {
        size_t at = o->known[i].hash & (o->slots - 1);
        while (o->slot[at])
            at = (at + 1) & (o->slots - 1);
        o->slot[at] = i + 1;
    }
}

static struct known *find(struct mp_oracle *o, const char *plan) {
    const uint64_t h = mp_hash_text(0, plan);
    for (size_t at = h & (o->slots - 1); o->slot[at]; at = (at + 1) & (o->slots - 1)) {
        struct known *k = &o->known[o->slot[at] - 1];
        if (k->hash == h && strcmp(k->plan, plan) == 0)
            return k;
    }
    return NULL;
}

static struct known *add(struct mp_oracle *o, const char *plan, const struct mp_measured *at) {
    if (o->count == o->room) {
        size_t room = o->room ? 2 * o->room : 64;
        o->known = mp_arena_grow(&o->arena, o->known, o->count, room, sizeof *o->known);
        o->room = room;
    }
    o->known[o->count++] = (struct known){.plan = plan, .hash = mp_hash_text(0, plan), .at = *at};
    size_t slot = o->known[o->count - 1].hash & (o->slots - 1);
    while (o->slot[slot])
        slot = (slot + 1) & (o->slots - 1);
    o->slot[slot] = o->count;
    if (2 * o->count > o->slots)
        rebuild(o);
    return &o->known[o->count - 1];
}

// Log, in

static bool read_line(struct mp_oracle *o, const struct mp_node *n, struct mp_err *err) {
    static const char *const keys[] = {"plan", "images", "right", "agree", "loss"};
    struct mp_node child;
    struct mp_measured m = {0};
    const char *plan;
    if (!mp_node_object(n, err) || !mp_node_keys(n, keys, 5, err) || !mp_node_need(n, "plan", &child, err) ||
        !mp_node_string(&child, &plan, err) || !mp_node_need(n, "images", &child, err) ||
        !mp_node_uint(&child, 1, UINT64_C(1) << 53, &m.images, err) || !mp_node_need(n, "right", &child, err) ||
        !mp_node_uint(&child, 0, m.images, &m.right, err) || !mp_node_need(n, "agree", &child, err) ||
        !mp_node_uint(&child, 0, m.images, &m.agree, err) || !mp_node_need(n, "loss", &child, err) ||
        !mp_node_real(&child, 0, 1e300, &m.loss, err))
        return false;
    if (!find(o, plan))
        add(o, mp_arena_strdup(&o->arena, plan), &m)->from_log = true;
    return true;
}

static bool read_head(struct mp_oracle *o, const struct mp_node *n, struct mp_err *err) {
    static const char *const keys[] = {"schema", "depends"};
    struct mp_node child;
    const char *schema, *depends;
    if (!mp_node_object(n, err) || !mp_node_keys(n, keys, 2, err) || !mp_node_need(n, "schema", &child, err) ||
        !mp_node_string(&child, &schema, err))
        return false;
    if (strcmp(schema, MP_LOG_SCHEMA) != 0)
        return mp_node_fail(&child, err, "must be \"%s\" (got \"%.40s\")", MP_LOG_SCHEMA, schema);
    if (!mp_node_need(n, "depends", &child, err) || !mp_node_string(&child, &depends, err))
        return false;
    return strcmp(depends, o->job.depends) == 0 ||
           mp_fail(err, "%s: is the log of other plans: it was made with \"%.300s\", this search is with \"%.300s\"",
                   o->job.log, depends, o->job.depends);
}

// All whole lines of the log. `*len`: where they end.
static bool read_lines(struct mp_oracle *o, const char *text, size_t *len, struct mp_err *err) {
    size_t at = 0, line = 0;
    bool ok = true;
    for (const char *end; ok && (end = memchr(text + at, '\n', *len - at)); at = (size_t)(end - text) + 1) {
        struct mp_json *doc;
        char name[4200];
        snprintf(name, sizeof name, "%s:%zu", o->job.log, ++line);
        if (!mp_json_parse(&doc, name, text + at, (size_t)(end - text) - at, err))
            return false;
        const struct mp_node root = mp_json_root(doc);
        ok = line == 1 ? read_head(o, &root, err) : read_line(o, &root, err);
        mp_json_destroy(doc);
    }
    *len = at;
    return ok && (line > 0 || mp_fail(err, "%s: must begin with the line of a search's log (it is empty)", o->job.log));
}

static bool read_log(struct mp_oracle *o, off_t *end, struct mp_err *err) {
    struct mp_arena scratch = {0};
    char *text;
    size_t len;
    bool ok = mp_file_read_up_to(&scratch, o->job.log, (size_t)1 << 30, &text, &len, err) && read_lines(o, text, &len, err);
    *end = (off_t)len;
    mp_arena_finish(&scratch);
    return ok;
}

// Log, out

static void write_all(struct mp_oracle *o, const char *text, size_t len) {
    while (len > 0 && o->error == 0) {
        ssize_t n = write(o->fd, text, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            o->error = errno;
        else
            text += n, len -= (size_t)n;
    }
}

static void write_head(struct mp_oracle *o) {
    struct mp_buf b = {0};
    struct mp_jsonw w;
    mp_jsonw_init(&w, &b);
    mp_jsonw_open(&w, '{', true);
    mp_jsonw_put_string(&w, "schema", MP_LOG_SCHEMA);
    mp_jsonw_put_string(&w, "depends", o->job.depends);
    mp_jsonw_close(&w, '}');
    write_all(o, b.text, b.len);
    mp_buf_finish(&b);
}

static void write_line(struct mp_oracle *o, const struct known *k) {
    struct mp_buf b = {0};
    struct mp_jsonw w;
    if (o->fd < 0)
        return;
    mp_jsonw_init(&w, &b);
    mp_jsonw_open(&w, '{', true);
    mp_jsonw_put_string(&w, "plan", k->plan);
    mp_jsonw_put_uint(&w, "images", k->at.images);
    mp_jsonw_put_uint(&w, "right", k->at.right);
    mp_jsonw_put_uint(&w, "agree", k->at.agree);
    mp_jsonw_put_real(&w, "loss", k->at.loss);
    mp_jsonw_close(&w, '}');
    write_all(o, b.text, b.len);
    mp_buf_finish(&b);
}

bool mp_oracle_may_log(const char *log, bool resume, struct mp_err *err) {
    struct stat there;
    const bool exists = stat(log, &there) == 0;
    if (exists && !resume)
        return mp_fail(err, "%s: exists: give --resume to go on with it, or another name", log);
    return exists || errno == ENOENT || mp_fail(err, "%s: cannot write: %s", log, strerror(errno));
}

static bool open_log(struct mp_oracle *o, struct mp_err *err) {
    const char *path = o->job.log;
    struct stat there;
    off_t end = 0;
    if (!mp_oracle_may_log(path, o->job.resume, err))
        return false;
    const bool exists = stat(path, &there) == 0;
    if (exists && !read_log(o, &end, err))
        return false;
    o->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (o->fd < 0)
        return mp_fail(err, "%s: cannot write: %s", path, strerror(errno));
    if (exists && (ftruncate(o->fd, end) != 0 || lseek(o->fd, end, SEEK_SET) < 0))
        return mp_fail(err, "%s: cannot write: %s", path, strerror(errno));
    if (!exists)
        write_head(o);
    if (o->error == 0)
        return true;
    unlink(path); // a part of the first line is of no use to anyone
    return mp_fail(err, "%s: cannot write: %s", path, strerror(o->error));
}

struct mp_oracle *mp_oracle_create(const struct mp_oracle_job *job, struct mp_err *err) {
    struct mp_arena arena = {0};
    struct mp_oracle *o = mp_arena_alloc(&arena, 1, sizeof *o);
    *o = (struct mp_oracle){.job = *job, .arena = arena, .fd = -1};
    rebuild(o);
    if (!job->log || open_log(o, err))
        return o;
    struct mp_err ignored;
    mp_oracle_destroy(o, &ignored);
    return NULL;
}

bool mp_oracle_destroy(struct mp_oracle *o, struct mp_err *err) {
    if (!o)
        return true;
    if (o->fd >= 0 && close(o->fd) != 0 && o->error == 0)
        o->error = errno;
    const bool ok = o->error == 0 || mp_fail(err, "%s: cannot write: %s", o->job.log, strerror(o->error));
    struct mp_arena arena = o->arena;
    mp_arena_finish(&arena);
    return ok;
}

// Measuring

static enum mp_oracle_end run(struct mp_oracle *o, const struct mp_plan *plan, const char *text, struct known **out,
                              struct mp_err *err) {
    const double began = mp_seconds();
    struct mp_measured m;
    if (o->job.progress)
        o->job.progress(o->job.user, o->stats.evaluations);
    if (!mp_measure_run(o->job.measure, plan, &m, err))
        return MP_MEASURE_FAILED;
    o->stats.seconds += mp_seconds() - began;
    o->stats.layers += m.layers;
    o->stats.reused += m.reused;
    *out = add(o, text, &m);
    write_line(o, *out);
    if (o->error == 0)
        return MP_MEASURED;
    mp_fail(err, "%s: cannot write: %s", o->job.log, strerror(o->error));
    return MP_MEASURE_FAILED;
}

enum mp_oracle_end mp_oracle_measure(struct mp_oracle *o, const uint8_t *option, struct mp_measured *out, struct mp_err *err) {
    struct mp_arena scratch = {0};
    struct mp_plan plan;
    struct known *k = NULL;
    enum mp_oracle_end end = MP_MEASURED;
    if (!mp_space_plan(o->job.space, option, o->job.space->base.name, &scratch, &plan, err)) {
        mp_arena_finish(&scratch);
        return MP_MEASURE_FAILED;
    }
    const char *text = plan_text(o, &plan);
    k = find(o, text);
    if ((!k || !k->counted) && o->stats.evaluations >= o->job.max_evals)
        end = MP_OUT_OF_BUDGET;
    else if (!k)
        end = run(o, &plan, text, &k, err);
    mp_arena_finish(&scratch);
    if (end != MP_MEASURED)
        return end;
    o->stats.evaluations += !k->counted;
    o->stats.remembered += !k->counted && k->from_log;
    k->counted = true;
    *out = k->at;
    return MP_MEASURED;
}

void mp_oracle_keep(struct mp_oracle *o) {
    mp_measure_keep(o->job.measure);
}

struct mp_oracle_stats mp_oracle_stats(const struct mp_oracle *o) {
    return o->stats;
}
