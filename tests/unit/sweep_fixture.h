// SPDX-License-Identifier: Apache-2.0
// Spaces in tests: accelerators and prices from configs/, one small network whatever its name.
#ifndef TESTS_UNIT_SWEEP_FIXTURE_H
#define TESTS_UNIT_SWEEP_FIXTURE_H

#include "sim/explore/sweep.h"

extern const struct mp_sweep_loader sweep_loader;

// The space, called s.json; ' for ". Its axes, and more keys behind the network's, may be given.
#define SPACE(axes, more) \
    "{'name': 's', 'archs': ['bitserial_4x4', 'bitfusion'], 'axes': [" axes "], " \
    "'networks': [{'workload': 'net', 'w_bits': 4, 'a_bits': 4}], 'objectives': ['latency_ms', 'energy_pj', 'area_mm2']" more "}"
bool read_sweep(struct mp_sweep *s, struct mp_arena *a, const char *text, struct mp_err *err);

#endif
