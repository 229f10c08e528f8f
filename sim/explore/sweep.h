// SPDX-License-Identifier: Apache-2.0
// A design space as a user writes it (space.json, docs/explore.md): base accelerators, axes, constraints, networks, objectives,
// and how the space is walked.
//
//   { "name": "buffers", "archs": ["bitserial_16x16"],
//     "axes": [ { "path": "/array/rows", "values": [8, 16, 32] },
//               { "path": "/array/cols", "from": 8, "to": 32, "step": 8 },
//               { "path": "/buffers/input/size_bytes", "powers_of_two": [16384, 262144] },
//               { "paths": ["/dram/bits_per_cycle", "/dram/latency_cycles"], "values": [[64, 60], [128, 80]] },
//               { "path": "/buffers/input/width_bits", "equals": "array_rows * array_pe_lanes * 8" } ],
//     "constraints": [ "area_mm2 <= 4", "buffers_input_size_bytes <= 4 * buffers_weight_size_bytes" ],
//     "networks": [ { "plan": "resnet50_w4a4" },
//                   { "workload": "resnet8", "weight": 2, "search": { "harm": "harm.csv", "max_harm": "0.1x" } } ],
//     "objectives": [ "latency_ms", "energy_pj", "area_mm2" ], "mapping": "latency", "engine": "analytic",
//     "sampler": { "kind": "grid" }, "prune": true }
//
// A design is a base with a value of each axis that applies to it. Designs are numbered base by base; within one the last axis
// counts fastest.
#ifndef SIM_EXPLORE_SWEEP_H
#define SIM_EXPLORE_SWEEP_H

#include "costmodel/tech.h"
#include "sim/base/json.h"
#include "sim/explore/expr.h"
#include "sim/explore/pareto.h"
#include "sim/explore/store.h"
#include "sim/map/map.h"
#include "sim/search/harm_file.h"
#include "sim/spec/arch.h"
#include "sim/spec/plan.h"
#include "sim/spec/result.h"

#define MP_SWEEP_BASES 64
#define MP_SWEEP_AXES 64
#define MP_SWEEP_NETWORKS 64
#define MP_SWEEP_POINTS ((uint64_t)1 << 40)

struct mp_sweep_tech {
    const char *given; // as the space or an accelerator gives it: a name or a file
    const char *name;  // as designs name it
    const struct mp_tech *tech;
    uint64_t hash;    // of its prices
};

struct mp_sweep_base {
    const char *name, *arch, *tech; // arch: JSON, all defaults filled in but a default map; tech: name of its prices
    int64_t key;
};

struct mp_sweep_axis {
    const char *const *paths;   // set together
    size_t path_count;
    size_t value_count;         // at least 1
    const char *const *values;  // JSON: [value * path_count + path]; NULL when it is derived
    const char *equals;         // derived: an expression over the accelerator's numbers, those derived before it too; value_count 1
    uint64_t bases;             // bit set: those that it applies to
};

struct mp_sweep_search {        // the plan is searched for each design
    const char *metric;         // the harms' file
    struct mp_space space;
    struct mp_harm harm;
    double max_harm;
    size_t objective;           // MP_COST_AT(MP_COST_LATENCY), MP_COST_AT(MP_COST_ENERGY)
};

struct mp_sweep_network {
    const char *name;
    const struct mp_workload *workload;
    const struct mp_plan *plan; // NULL: searched
    const struct mp_sweep_search *search;
    double weight;
    int64_t key;
    const char *text;           // JSON: the plan, or the search
};

enum mp_sampler_kind { MP_SAMPLE_GRID, MP_SAMPLE_RANDOM, MP_SAMPLE_HALTON, MP_SAMPLE_NSGA2, MP_SAMPLERS };
extern const char *const mp_sampler_names[]; // NULL-terminated

struct mp_sampler {
    enum mp_sampler_kind kind;
    uint64_t points, seed;            // random, halton: designs; nsga2: evaluations at most
    uint64_t population;              // nsga2
};

struct mp_sweep {
    const char *path, *name;
    struct mp_sweep_base bases[MP_SWEEP_BASES];
    size_t base_count;
    struct mp_sweep_axis axes[MP_SWEEP_AXES];
    size_t axis_count;
    struct mp_sweep_tech *techs;
    size_t tech_count;
    const char *const *constraints;
    size_t constraint_count;
    struct mp_sweep_network networks[MP_SWEEP_NETWORKS];
    size_t network_count;
    const char *objectives[MP_OBJECTIVES_MAX]; // as written: "-" before those to be maximised
    size_t objective_count;
    enum mp_objective mapping;
    enum mp_engine engine;
    struct mp_sampler sampler;
    bool prune;
    uint64_t base_points[MP_SWEEP_BASES]; // designs of each base
    uint64_t points;                      // of the whole space
    int64_t key;
    const char *text;                     // as resolved
};

// How names become documents. `from`: the file that names them, relative paths are from there.
struct mp_sweep_loader {
    bool (*arch)(const char *from, const char *name, struct mp_arena *a, struct mp_arch *out, struct mp_err *err);
    bool (*tech)(struct mp_arch *arch, struct mp_arena *a, struct mp_tech **out, struct mp_err *err);
    bool (*plan)(const char *from, const char *name, uint64_t batch, struct mp_arena *a, struct mp_plan *plan,
                 struct mp_workload *w, struct mp_err *err); // batch 0: the plan's
    bool (*uniform)(const char *from, const char *workload, uint64_t w_bits, uint64_t a_bits, uint64_t batch,
                    struct mp_arena *a, struct mp_plan *plan, struct mp_workload *w, struct mp_err *err);
    const char *version; // of the program: part of the keys
};

bool mp_sweep_load(struct mp_sweep *s, struct mp_arena *a, const char *path, const struct mp_sweep_loader *l,
                   struct mp_err *err);
bool mp_sweep_read(struct mp_sweep *s, struct mp_arena *a, const struct mp_node *root, const struct mp_sweep_loader *l,
                   struct mp_err *err);
// Rules on what was read, then keys and the resolved text. Also after sampler or prune was changed.
bool mp_sweep_resolve(struct mp_sweep *s, struct mp_arena *a, struct mp_err *err);
// Before anything is run: axes are over keys that their bases have, expressions are right.
bool mp_sweep_check(const struct mp_sweep *s, struct mp_err *err);
void mp_sweep_describe(struct mp_buf *out); // keys, types, defaults

// What one design takes: the base, and by axis the index of its value (0 where it does not apply).
struct mp_choice {
    uint32_t base;
    uint32_t value[MP_SWEEP_AXES];
};
void mp_sweep_choice(const struct mp_sweep *s, uint64_t index, struct mp_choice *out); // index below points
uint64_t mp_sweep_index(const struct mp_sweep *s, const struct mp_choice *c);

static inline bool mp_axis_applies(const struct mp_sweep_axis *x, size_t base) {
    return x->bases >> base & 1;
}

// Designs that the sampler visits.
uint64_t mp_sweep_visits(const struct mp_sweep *s);

#endif
