// SPDX-License-Identifier: Apache-2.0
// A table with one place for each hash. The key is all that the mapper reads.
#include "sim/eval_memo.h"

#include "sim/base/hash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

// The mapper's request but for what it points to that is the evaluator's own. Compared byte by byte.
struct key {
    struct mp_task task;
    struct mp_prices prices;
    const struct mp_constraint *constraint;
    unsigned rows, cols, lanes, objective;
};

struct place {
    struct key key;
    struct mp_mapping mapping;
    struct mp_counts counts;
    bool used;
};

struct mp_eval_memo {
    struct place *places;
    size_t count;
    struct key asked;   // of the request under way
    size_t at;
    struct mp_eval_memo_stats stats;
};

static void *checked(void *p) {
    if (!p)
        mp_out_of_memory();
    return p;
}

struct mp_eval_memo *mp_eval_memo_create(size_t places) {
    assert(places > 0 && (places & (places - 1)) == 0);
    struct mp_eval_memo *m = checked(calloc(1, sizeof *m));
    m->count = places;
    m->places = checked(calloc(places, sizeof *m->places));
    return m;
}

void mp_eval_memo_destroy(struct mp_eval_memo *m) {
    if (!m)
        return;
    free(m->places);
    free(m);
}

static size_t place_of(const struct mp_eval_memo *m, const struct key *k) {
    return (size_t)mp_hash(0, k, sizeof *k) & (m->count - 1);
}

static void set_key(struct key *k, const struct mp_map_request *q) {
    memset(k, 0, sizeof *k); // padding too
    memcpy(&k->task, q->task, sizeof k->task);
    memcpy(&k->prices, q->prices, sizeof k->prices);
    k->constraint = q->constraint, k->objective = q->objective;
    if (q->task->on_array)
        k->rows = q->array->row_roles, k->cols = q->array->col_roles, k->lanes = q->array->lane_roles;
}

static bool recall(void *user, const struct mp_map_request *q, struct mp_found *f) {
    struct mp_eval_memo *m = user;
    set_key(&m->asked, q);
    m->at = place_of(m, &m->asked);
    m->stats.asked++;
    const struct place *p = &m->places[m->at];
    if (p->used && memcmp(&p->key, &m->asked, sizeof p->key) == 0) {
        m->stats.found++;
        f->mapping = p->mapping, f->counts = p->counts;
        return true;
    }
    return false;
}

// Of the request that was not recalled.
static void keep(void *user, const struct mp_found *f) {
    struct mp_eval_memo *m = user;
    struct place *p = &m->places[m->at];
    memcpy(&p->key, &m->asked, sizeof p->key);
    p->mapping = f->mapping, p->counts = f->counts, p->used = true;
}

struct mp_eval_memory mp_eval_memo_memory(struct mp_eval_memo *m) {
    return (struct mp_eval_memory){recall, keep, m};
}

struct mp_eval_memo_stats mp_eval_memo_stats(const struct mp_eval_memo *m) {
    return m->stats;
}
