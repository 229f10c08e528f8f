// SPDX-License-Identifier: Apache-2.0
// The store of a design-space exploration: an SQLite file that several sweeps share, which mpsim reads and writes through
// this header and others through SQL (docs/store.md has the schema). Rows hold nothing that depends on when, where or in
// which order they were computed, so that equal sweeps leave equal contents. What is written between two commits is there as
// a whole or not at all.
//
// Keys are 64-bit hashes of what a row depends on, as SQLite's signed integers:
//   base     the accelerator that designs are made from, all defaults filled in, and the technology's prices
//   design   the accelerator with the axes' values, and the technology's prices
//   network  workload, widths, batch, what mappings are chosen for, search settings, and the program's version
//   sweep    the space as resolved; a sample of it is another sweep, its shards are not
#ifndef SIM_EXPLORE_STORE_H
#define SIM_EXPLORE_STORE_H

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MP_STORE_VERSION 1 // PRAGMA user_version; another application_id or a later version is refused, earlier ones migrate

struct mp_store; // an open file; opaque

// Figures of a design on a network, as in mpsim.result/1: "macs", "cycles", "latency_ms", ..., then "cycles_compute", ...
// (one a cause), "energy_pj_pe", ... (one a part), then "harm" (of the plan that a search chose). NULL-terminated names.
struct mp_store_column {
    const char *name;
    bool integer; // else real
};
extern const struct mp_store_column mp_store_columns[];
#define MP_STORE_COLUMNS (13 + 7 + 9 + 1)
union mp_store_value {
    uint64_t u; // integer columns
    double d;   // NaN: NULL
};

enum mp_point_status {
    MP_POINT_EVALUATED, // results for all networks are there
    MP_POINT_PRUNED,    // proven to be dominated by others of the sweep
    MP_POINT_EXCLUDED,  // a constraint says no
    MP_POINT_INVALID,   // no accelerator, or one that cannot run a network
};
extern const char *const mp_point_status_names[]; // "evaluated", "pruned", "excluded", "invalid"; NULL-terminated

struct mp_store_base {
    int64_t base;
    const char *name, *arch; // arch: JSON, all defaults filled in
    const char *tech;        // name
};
struct mp_store_network {
    int64_t network;
    const char *name, *workload, *plan; // workload: its name; plan: JSON as resolved, or the search's settings
};
struct mp_store_sweep {
    int64_t sweep;
    const char *name, *space;           // space: JSON as resolved
    const char *const *objectives;      // names: mp_store_columns', or "area_mm2"; a "-" before those to be maximised
    size_t objective_count;
    const int64_t *networks;
    const double *weights;              // of each network in sums over networks, above 0; NULL: 1 each
    size_t network_count;
    uint64_t points;                    // designs that the sampler visits, over all shards
};
struct mp_store_design {
    int64_t design, base;
    const char *values;                 // {"/array/rows": 16, ...}: paths that differ from the base's, in the axes' order
    double area_mm2;                    // NaN when there is none
};
struct mp_store_result {
    int64_t design, network;
    const union mp_store_value *values; // MP_STORE_COLUMNS
    const char *plan;                   // widths that a search chose, JSON; NULL
};
struct mp_store_point {
    int64_t sweep;
    uint64_t index;                     // in the sweep's order
    int64_t design;
    enum mp_point_status status;
    const char *reason;                 // NULL for evaluated; else a sentence
};

// A file for writing is made when it is not there or empty. A store that a killed process left in the middle of a transaction is
// rolled back, one of an earlier version migrates. Another process's transaction is waited for, a minute at most. One thread at a
// time.
bool mp_store_open(struct mp_store **s, const char *path, bool write, struct mp_err *err);
void mp_store_close(struct mp_store *s); // takes NULL; what was not committed is gone
const char *mp_store_path(const struct mp_store *s);

// Writing: begin, add, commit. Adding what is there with equal content is fine; with other content it is an error (a hash
// collision, or a damaged file). Errors name the file and what SQLite says: full disk, read-only, busy, damaged. After an error
// the transaction is rolled back: what was committed before it is there. Within a transaction rows come in any order; at its end
// all that they refer to must be there. Others cannot write from begin to commit: compute before, not between.
bool mp_store_begin(struct mp_store *s, struct mp_err *err);
bool mp_store_commit(struct mp_store *s, struct mp_err *err);
bool mp_store_add_base(struct mp_store *s, const struct mp_store_base *b, struct mp_err *err);
bool mp_store_add_network(struct mp_store *s, const struct mp_store_network *n, struct mp_err *err);
bool mp_store_add_sweep(struct mp_store *s, const struct mp_store_sweep *w, struct mp_err *err);
bool mp_store_add_design(struct mp_store *s, const struct mp_store_design *d, struct mp_err *err);
bool mp_store_add_result(struct mp_store *s, const struct mp_store_result *r, struct mp_err *err);
bool mp_store_add_point(struct mp_store *s, const struct mp_store_point *p, struct mp_err *err);
// Shard `i` of `n` (i from 0) of a sweep is complete: all its points are there. When all n are, they are stored as 0 of 1, and
// others of the sweep go.
bool mp_store_add_done(struct mp_store *s, int64_t sweep, unsigned i, unsigned n, struct mp_err *err);

// Reading. false with an empty error (err->text[0] == 0 is not relied on): use *found.
bool mp_store_find_result(struct mp_store *s, int64_t design, int64_t network, union mp_store_value values[MP_STORE_COLUMNS],
                          bool *found, struct mp_err *err);
bool mp_store_find_design(struct mp_store *s, int64_t design, struct mp_arena *a, struct mp_store_design *out, bool *found,
                          struct mp_err *err);
// Points of a sweep from index `from` on in ascending order; ends when `visit` returns false.
bool mp_store_points(struct mp_store *s, int64_t sweep, uint64_t from, bool (*visit)(void *user, const struct mp_store_point *p),
                     void *user, struct mp_err *err);
bool mp_store_sweeps(struct mp_store *s, struct mp_arena *a, struct mp_store_sweep **out, size_t *count, struct mp_err *err);
// Shards of a sweep that are complete, as pairs i, n in ascending order.
struct mp_store_shard {
    unsigned i, n;
};
bool mp_store_done(struct mp_store *s, int64_t sweep, struct mp_arena *a, struct mp_store_shard **out, size_t *count,
                   struct mp_err *err);

// The whole content in SQL's INSERTs, a line a row, ordered by table and key: two stores with the same text have the same content.
bool mp_store_text(struct mp_store *s, struct mp_buf *out, struct mp_err *err);

#endif
