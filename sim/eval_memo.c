// SPDX-License-Identifier: Apache-2.0
// A table with one place for each hash, which holds the latest sets of one task. A lock guards the places of some hashes.
#include "sim/eval_memo.h"

#include "sim/base/hash.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define PLACES 1024 // a power of two
#define SETS 16     // of a task, for other rooms
#define LOCKS 64

// What the mapper reads of a request, but for the buffers' room and, for latency, the prices. Compared byte by byte.
struct key {
    struct mp_task task;
    struct mp_prices prices;
    const struct mp_constraint *constraint;
    unsigned rows, cols, lanes, objective;
};

struct place {
    struct key key;
    struct mp_bests *sets[SETS]; // as long as they are
    unsigned next;               // the one that is replaced
};

struct mp_eval_memo {
    struct place places[PLACES];
    pthread_mutex_t locks[LOCKS];
};

static void *checked(void *p) {
    if (!p)
        mp_out_of_memory();
    return p;
}

struct mp_eval_memo *mp_eval_memo_create(void) {
    struct mp_eval_memo *m = checked(calloc(1, sizeof *m));
    for (int i = 0; i < LOCKS; i++)
        pthread_mutex_init(&m->locks[i], NULL);
    return m;
}

static void drop_sets(struct place *p) {
    for (int i = 0; i < SETS; i++) {
        free(p->sets[i]);
        p->sets[i] = NULL;
    }
    p->next = 0;
}

void mp_eval_memo_destroy(struct mp_eval_memo *m) {
    if (!m)
        return;
    for (size_t i = 0; i < PLACES; i++)
        drop_sets(&m->places[i]);
    for (int i = 0; i < LOCKS; i++)
        pthread_mutex_destroy(&m->locks[i]);
    free(m);
}

static void set_key(struct key *k, const struct mp_map_request *q) {
    memset(k, 0, sizeof *k); // padding too
    memcpy(&k->task, q->task, sizeof k->task);
    memset(k->task.tile_bits, 0, sizeof k->task.tile_bits);
    if (q->objective != MP_LATENCY)
        memcpy(&k->prices, q->prices, sizeof k->prices);
    k->constraint = q->constraint, k->objective = q->objective;
    if (q->task->on_array)
        k->rows = q->array->row_roles, k->cols = q->array->col_roles, k->lanes = q->array->lane_roles;
}

static bool same_key(const struct place *p, const struct key *k) {
    return memcmp(&p->key, k, sizeof *k) == 0;
}

static bool pick(const struct place *p, const struct mp_map_request *q, struct mp_mapping *best, struct mp_counts *counts) {
    bool found = false;
    for (unsigned i = 1; i <= SETS && !found; i++) { // the latest first
        const struct mp_bests *b = p->sets[(p->next + SETS - i) % SETS];
        found = b && mp_bests_pick(b, q->task->tile_bits, q->prices, best, counts);
    }
    return found;
}

static void take_place(struct place *p, const struct key *k) {
    drop_sets(p);
    p->key = *k;
}

static void put(struct place *p, const struct key *k, const struct mp_bests *b) {
    const size_t size = offsetof(struct mp_bests, at) + b->count * sizeof *b->at;
    struct mp_bests *kept = checked(malloc(size));
    memcpy(kept, b, size);
    if (!same_key(p, k))
        take_place(p, k);
    free(p->sets[p->next]);
    p->sets[p->next] = kept, p->next = (p->next + 1) % SETS;
}

bool mp_eval_memo_map(struct mp_eval_asker *k, const struct mp_map_request *q, struct mp_mapping *best, struct mp_counts *counts,
                      struct mp_err *err) {
    struct mp_map_request all = *q;
    struct key key;
    set_key(&key, q);
    const size_t at = (size_t)mp_hash_words(&key, sizeof key) & (PLACES - 1);
    pthread_mutex_t *lock = &k->memo->locks[at % LOCKS];
    struct place *p = &k->memo->places[at];
    pthread_mutex_lock(lock);
    const bool again = same_key(p, &key), found = again && pick(p, q, best, counts);
    if (!again)
        take_place(p, &key);
    pthread_mutex_unlock(lock);
    k->asked++, k->found += found;
    if (found)
        return true;
    if (again || q->objective != MP_LATENCY) // all mappings cost more to find than one: not before a task comes again
        all.bests = &k->bests;
    if (!mp_map(&all, best, counts, NULL, err))
        return false;
    if (all.bests && all.bests->count > 0) {
        pthread_mutex_lock(lock);
        put(p, &key, &k->bests);
        pthread_mutex_unlock(lock);
    }
    return true;
}
