// SPDX-License-Identifier: Apache-2.0
// Costs of tasks kept in a folder, a file for each architecture, technology and objective. The first line has the format's
// number and a sum over all that follows; then comes the text of what the costs depend on, then a line a task: its numbers,
// cycles, bits of DRAM, energy. A file that is not just that is computed anew.
#include "sim/search/costs_table.h"

#include "sim/base/file.h"
#include "sim/base/hash.h"
#include "sim/spec/names.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT 1
#define MAX_BYTES ((size_t)256 << 20) // rows beyond are not kept
#define HEAD_CHARS 64

// What costs depend on

static const char *context_of(const struct mp_cost_job *job, struct mp_arena *a) {
    struct mp_buf text = {0};
    struct mp_jsonw w;
    mp_buf_addf(&text, "version %s\nobjective %s\n", job->version ? job->version : "", mp_objective_names[job->objective]);
    mp_jsonw_init(&w, &text);
    mp_arch_write(job->arch, &w);
    mp_jsonw_init(&w, &text);
    mp_tech_write(job->tech, &w);
    const char *kept = mp_arena_strdup(a, text.text);
    mp_buf_finish(&text);
    return kept;
}

// Tasks as text

static void add_number(struct mp_buf *out, uint64_t v) {
    char digits[17];
    size_t n = sizeof digits;
    do {
        digits[--n] = "0123456789abcdef"[v & 15];
        v >>= 4;
    } while (v > 0);
    mp_buf_addn(out, digits + n, sizeof digits - n);
    mp_buf_addn(out, ",", 1);
}

static void add_layer(struct mp_buf *out, const struct mp_task *t) {
    for (int d = 0; d < MP_DIMS; d++)
        add_number(out, t->size[d]);
    for (int i = 0; i < 2; i++) {
        const struct mp_window *w = &t->win[i];
        const uint64_t numbers[] = {w->in, w->k, w->s, w->d, w->pad};
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
            add_number(out, numbers[k]);
    }
    const uint64_t numbers[] = {t->on_array, t->a_bits, t->w_bits, t->a_read, t->a_load, t->shared_read, t->shared_load,
                                t->w_stored, t->out_stored, t->acc_bits, t->param_bits, t->odd, t->output_on_chip, t->turned,
                                t->work.passes, t->work.requant, t->work.alu, t->work.mul, t->work.special};
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        add_number(out, numbers[k]);
}

static void add_arch(struct mp_buf *out, const struct mp_task *t) {
    const uint64_t numbers[] = {t->rows, t->cols, t->lanes, t->step_cycles, t->dataflow, t->systolic, t->acc_shadow,
                                t->weight_shadow, t->sequenced, t->vector_lanes, t->dram.bits_per_cycle,
                                t->dram.latency_cycles};
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        add_number(out, numbers[k]);
    for (int b = 0; b < MP_BUFFERS; b++) {
        add_number(out, t->port_bits[b]);
        add_number(out, t->word_bits[b]);
        add_number(out, t->tile_bits[b]);
        add_number(out, t->double_buffered[b]);
    }
    mp_buf_add(out, t->dram.ops->name);
    if (t->dram.mapping)
        mp_buf_addf(out, ",%s,%s,%" PRIu64 ",%d,%a", mp_dram_presets[t->dram.preset].name, t->dram.mapping, t->dram.channels,
                    t->dram.refresh, t->dram.clock_mhz);
}

static void set_key(struct mp_buf *out, const struct mp_task *t) {
    out->len = 0; // the room stays
    add_layer(out, t);
    add_arch(out, t);
}

// Reading

static bool read_row(char *line, struct mp_names *keys, struct mp_run_cost *cost) {
    char *space = strchr(line, ' '), *end;
    if (!space || space == line)
        return false;
    *space = '\0';
    cost->cycles = strtoull(space + 1, &end, 16);
    if (*end != ' ')
        return false;
    cost->traffic_bits = strtoull(end + 1, &end, 16);
    if (*end != ' ')
        return false;
    cost->energy_pj = strtod(end + 1, &end);
    return *end == '\0' && isfinite(cost->energy_pj) && cost->energy_pj >= 0 && mp_names_add(keys, line);
}

// Rows by key; false when the file is not what it should be.
static bool read_rows(const struct mp_cost_cache *c, struct mp_arena *a, struct mp_names *keys, struct mp_run_cost **costs) {
    char *at = mp_arena_strdup(a, c->rows);
    size_t lines = 0;
    for (const char *p = c->rows; *p; p++)
        lines += *p == '\n';
    mp_names_init(keys, a, lines);
    *costs = mp_arena_alloc(a, lines, sizeof **costs);
    for (size_t i = 0; i < lines; i++) {
        char *line = strsep(&at, "\n");
        if (!read_row(line, keys, &(*costs)[i]))
            return false;
    }
    return at && *at == '\0';
}

static void write_head(char head[HEAD_CHARS], const char *body, size_t len) {
    snprintf(head, HEAD_CHARS, "mpsim costs %d %016" PRIx64 "\n", FORMAT, mp_hash(FORMAT, body, len));
}

// The text behind head and context, or NULL.
static const char *open_file(const char *text, size_t len, const char *context) {
    char head[HEAD_CHARS];
    const char *line_end = memchr(text, '\n', len);
    if (!line_end)
        return NULL;
    const char *body = line_end + 1;
    size_t head_len = (size_t)(body - text);
    write_head(head, body, len - head_len);
    if (strlen(head) != head_len || memcmp(head, text, head_len) != 0 || strlen(text) != len)
        return NULL;
    return strncmp(body, context, strlen(context)) == 0 ? body + strlen(context) : NULL;
}

static bool take_rows(const struct mp_cost_cache *c, struct mp_cost_table *t, struct mp_arena *a) {
    struct mp_names keys;
    struct mp_run_cost *costs;
    struct mp_buf key = {0};
    if (!read_rows(c, a, &keys, &costs))
        return false;
    for (size_t i = 0; i < t->count; i++) {
        set_key(&key, &t->rows[i]->task);
        size_t at = mp_names_find(&keys, key.text);
        if (at == MP_NO_NAME)
            continue;
        t->rows[i]->cost = costs[at];
        t->rows[i]->known = t->rows[i]->kept = true;
    }
    mp_buf_finish(&key);
    return true;
}

// Whether the file at c->path is what it should be; then rows that it has are known.
static bool read_file(struct mp_cost_cache *c, struct mp_cost_table *t, struct mp_arena *a) {
    struct mp_err err;
    char *text;
    size_t len;
    if (!mp_file_read_up_to(a, c->path, MAX_BYTES, &text, &len, &err))
        return false;
    c->rows = open_file(text, len, c->context);
    if (c->rows && take_rows(c, t, a))
        return true;
    c->rows = "";
    return false;
}

void mp_cost_cache_begin(struct mp_cost_cache *c, const struct mp_cost_job *job, struct mp_cost_table *t, struct mp_arena *a) {
    *c = (struct mp_cost_cache){.folder = job->cache, .rows = ""};
    if (!job->cache)
        return;
    c->context = context_of(job, a);
    size_t n = strlen(c->context);
    c->path = mp_arena_printf(a, "%s/%016" PRIx64 "%016" PRIx64 ".costs", job->cache, mp_hash(0, c->context, n),
                              mp_hash(0x9e3779b97f4a7c15u, c->context, n));
    c->bad = access(c->path, F_OK) == 0 && !read_file(c, t, a);
}

// Writing

static void add_row(struct mp_buf *out, struct mp_buf *key, const struct mp_cost_row *r) {
    set_key(key, &r->task);
    mp_buf_addn(out, key->text, key->len);
    mp_buf_addf(out, " %" PRIx64 " %" PRIx64 " %a\n", r->cost.cycles, r->cost.traffic_bits, r->cost.energy_pj);
}

// What is new behind what was read.
static void add_rows(const struct mp_cost_cache *c, const struct mp_cost_table *t, struct mp_buf *out) {
    struct mp_buf key = {0};
    mp_buf_add(out, c->rows);
    for (size_t i = 0; i < t->count && out->len < MAX_BYTES / 2; i++)
        if (!t->rows[i]->kept)
            add_row(out, &key, t->rows[i]);
    mp_buf_finish(&key);
}

static bool write_file(const struct mp_cost_cache *c, const struct mp_cost_table *t, struct mp_err *err) {
    struct mp_buf body = {0}, text = {0};
    char head[HEAD_CHARS];
    mp_buf_add(&body, c->context);
    add_rows(c, t, &body);
    write_head(head, body.text, body.len);
    mp_buf_add(&text, head);
    mp_buf_addn(&text, body.text, body.len);
    mkdir(c->folder, 0777); // where it is missing; that it cannot be made shows next
    bool ok = mp_file_write(c->path, text.text, text.len, err);
    mp_buf_finish(&body);
    mp_buf_finish(&text);
    return ok;
}

const char *mp_cost_cache_end(const struct mp_cost_cache *c, const struct mp_cost_table *t, struct mp_arena *a) {
    struct mp_err err;
    size_t fresh = 0;
    for (size_t i = 0; i < t->count; i++)
        fresh += !t->rows[i]->kept;
    if (!c->path || (fresh == 0 && !c->bad))
        return NULL;
    if (!write_file(c, t, &err))
        return mp_arena_printf(a, "%s: costs are not kept", err.text);
    if (!c->bad)
        return NULL;
    return mp_arena_printf(a, "%s: not a table of these costs: they were computed anew and the file was replaced", c->path);
}
