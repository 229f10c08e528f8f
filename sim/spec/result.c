// SPDX-License-Identifier: Apache-2.0
// Figures that follow from counts, energy and the clock.
#include "sim/spec/result.h"

const char *const mp_engine_names[] = {"analytic", "event", NULL};
const char *const mp_area_names[] = {"array", "input_buffer", "weight_buffer", "output_buffer", "vector", NULL};

static double cycles_of(const struct mp_figures *f) {
    return (double)mp_counts_cycles(&f->counts);
}

double mp_latency_ms(const struct mp_figures *f, const struct mp_arch *arch) {
    return cycles_of(f) / (arch->clock_mhz * 1e3);
}

double mp_power_mw(const struct mp_figures *f, const struct mp_arch *arch) {
    double ms = mp_latency_ms(f, arch);
    return ms > 0 ? f->energy_pj * 1e-6 / ms : 0; // 1 pJ over 1 ms is 1e-6 mW
}

double mp_utilization(const struct mp_figures *f) {
    double cycles = cycles_of(f);
    return cycles > 0 ? f->ideal_cycles / cycles : 0;
}

double mp_effective_tops(const struct mp_figures *f, const struct mp_arch *arch) {
    double ms = mp_latency_ms(f, arch);
    return ms > 0 ? 2 * (double)f->counts.macs / ms * 1e-9 : 0;
}

double mp_tops_per_w(const struct mp_figures *f) {
    return f->energy_pj > 0 ? 2 * (double)f->counts.macs / f->energy_pj : 0; // operations a pJ
}

double mp_edp_pj_ms(const struct mp_figures *f, const struct mp_arch *arch) {
    return f->energy_pj * mp_latency_ms(f, arch);
}

double mp_peak_ops_per_cycle(const struct mp_arch *arch, const struct mp_layer_bits *b) {
    const struct mp_pe_array *a = &arch->array;
    double channels = 0, cycles = 0; // of a product a lane and channel
    for (size_t i = 0; i < b->slice_count; i++) {
        const struct mp_pe_step step = a->pe.ops->step(&a->pe, b->a_bits, b->slices[i].w_bits);
        channels += (double)b->slices[i].channels;
        cycles += (double)(b->slices[i].channels * step.cycles) / (double)step.products;
    }
    return cycles > 0 ? 2 * (double)(a->rows * a->cols * a->pe.lanes) * channels / cycles : 0;
}

const char *mp_bound_name(const struct mp_figures *f) {
    int most = 0;
    for (int i = 1; i < MP_CAUSES; i++)
        if (f->counts.cycles[i] > f->counts.cycles[most])
            most = i;
    return mp_cause_names[most];
}
