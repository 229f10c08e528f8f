// SPDX-License-Identifier: Apache-2.0
// What a run found out, by layer and in total. Integers are exact; energies are sums in the order of the parts.
#ifndef SIM_SPEC_RESULT_H
#define SIM_SPEC_RESULT_H

#include "sim/spec/counts.h"
#include "sim/spec/mapping.h"

enum mp_engine { MP_ANALYTIC, MP_EVENT };
extern const char *const mp_engine_names[];

struct mp_figures {
    struct mp_counts counts;
    double energy_pj_by[MP_PARTS], energy_pj; // energy_pj: the sum of the parts
    double ideal_cycles;  // MACs over the array's peak at the layers' widths
    uint64_t weight_bits; // as stored, shared weights once
    uint64_t bops;        // MACs * a_bits * w_bits
};

struct mp_layer_result {
    const struct mp_layer *layer;
    const struct mp_layer_bits *bits;
    struct mp_layer_mapping mapping; // no runs for layers that move nothing
    struct mp_figures figures;
    unsigned accumulator_bits_needed; // worst case over the reduction; 0 off the array
    bool may_overflow;                // more than the accumulator has
    bool input_on_chip, output_on_chip;
};

// Prices of events at the widths that runs used: of activations and weights; 0, 0 off the array.
struct mp_price_row {
    unsigned a_bits, w_bits;
    struct mp_prices prices;
};

enum mp_area_part { MP_AREA_ARRAY, MP_AREA_INPUT, MP_AREA_WEIGHT, MP_AREA_OUTPUT, MP_AREA_VECTOR, MP_AREAS };
extern const char *const mp_area_names[];

struct mp_result {
    const struct mp_arch *arch;
    const struct mp_plan *plan;
    const struct mp_workload *workload;
    enum mp_engine engine;
    const char *objective;
    struct mp_layer_result *layers; // of the workload, or the one that was asked for
    size_t layer_count;
    struct mp_figures totals;
    double area_mm2_by[MP_AREAS], area_mm2;
    struct mp_price_row *prices; // by a_bits, then w_bits
    size_t price_count;
    const char *const *sources; // "what: source"; estimates begin with "estimate: "
    size_t source_count;
    const char *const *warnings;
    size_t warning_count;
};

// Derived figures; 0 where there are no cycles.
double mp_latency_ms(const struct mp_figures *f, const struct mp_arch *arch);
double mp_power_mw(const struct mp_figures *f, const struct mp_arch *arch);
double mp_utilization(const struct mp_figures *f);
double mp_effective_tops(const struct mp_figures *f, const struct mp_arch *arch);
double mp_tops_per_w(const struct mp_figures *f);
double mp_edp_pj_ms(const struct mp_figures *f, const struct mp_arch *arch);
// What the array can do a cycle at a layer's widths, channels of several weights' widths one after another, in operations (two
// a MAC); 0 off the array.
double mp_peak_ops_per_cycle(const struct mp_arch *arch, const struct mp_layer_bits *b);
// The cause that takes most cycles, as its name; ties go to the first.
const char *mp_bound_name(const struct mp_figures *f);

#endif
