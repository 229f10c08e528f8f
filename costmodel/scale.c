// SPDX-License-Identifier: Apache-2.0
// Logic from one node and voltage to another, by the factors of Stillmaker and Baas, "Scaling equations for the
// accurate prediction of CMOS device performance from 180 nm to 7 nm", Integration 58, 2017,
// doi 10.1016/j.vlsi.2017.02.002: energy a V^2 + b V + c for each node, area by a table of ratios.
// Delay, leakage and SRAM are not scaled here. High-performance and low-power fits are never mixed.
#include "costmodel/price.h"

#include <math.h>
#include <stddef.h>

#define VOLTS_MIN 0.5 // estimate: the fits are for voltages around the nominal one
#define VOLTS_MAX 2.0

struct fit {
    double a, b, c;
};

// The paper's energy fits, one for both transistor types down to 65 nm, and its area relative to 45 nm.
static const struct {
    double nm;
    struct fit hp, lp;
    double area;
} nodes[] = {
    {180, {24.64, -17.98, 0}, {24.64, -17.98, 0}, 19},
    {130, {7.171, -6.709, 2.904}, {7.171, -6.709, 2.904}, 6.4},
    {90, {4.762, -4.781, 2.092}, {4.762, -4.781, 2.092}, 2.8},
    {65, {3.755, -4.398, 1.975}, {3.755, -4.398, 1.975}, 1.5},
    {45, {1.018, -0.3107, 0.1539}, {1.103, -0.362, 0.2767}, 1},
    {32, {0.8367, -0.4341, 0.1701}, {0.9559, -0.7823, 0.471}, 0.46},
    {20, {0.373, -0.1582, 0.04104}, {0.2632, -0.14, 0.06841}, 0.21},
    {16, {0.2958, -0.1241, 0.03024}, {0.2139, -0.1187, 0.05639}, 0.19},
    {14, {0.2363, -0.09675, 0.02239}, {0.1556, -0.06472, 0.03066}, 0.17},
    {10, {0.2068, -0.09311, 0.02375}, {0.1261, -0.0518, 0.02769}, 0.1},
    {7, {0.1776, -0.09097, 0.02447}, {0.09365, -0.03409, 0.02043}, 0.059},
};
#define NODES (sizeof nodes / sizeof *nodes)

static double at_volts(size_t node, bool low_power, double v) {
    const struct fit *f = low_power ? &nodes[node].lp : &nodes[node].hp;
    return f->a * v * v + f->b * v + f->c;
}

// The last node that is not finer than `nm`, and how far `nm` lies towards the next in log node: 0 on a node.
static bool find_node(double nm, size_t *node, double *t) {
    size_t i = 0;
    if (!(nm <= nodes[0].nm && nm >= nodes[NODES - 1].nm))
        return false;
    while (i + 1 < NODES && nodes[i + 1].nm >= nm)
        i++;
    *node = i;
    *t = i + 1 < NODES ? log(nodes[i].nm / nm) / log(nodes[i].nm / nodes[i + 1].nm) : 0;
    return true;
}

static double between(double a, double b, double t) {
    return a * exp(t * log(b / a));
}

// Energy and area at a point, relative to the paper's reference. `interpolated` is set between nodes.
static bool find_point(struct mp_scale_from p, bool low_power, double *energy, double *area, bool *interpolated) {
    size_t i;
    double t;
    if (!find_node(p.node_nm, &i, &t) || !(p.volts >= VOLTS_MIN && p.volts <= VOLTS_MAX))
        return false;
    *energy = at_volts(i, low_power, p.volts);
    *area = nodes[i].area;
    if (t > 0) {
        *energy = between(*energy, at_volts(i + 1, low_power, p.volts), t);
        *area = between(*area, nodes[i + 1].area, t);
        *interpolated = true;
    }
    return *energy > 0;
}

bool mp_scale_find(struct mp_scale_from from, struct mp_scale_from to, bool low_power, struct mp_factors *out,
                   bool *interpolated) {
    double e0, a0, e1, a1;
    *interpolated = false;
    if (!find_point(from, low_power, &e0, &a0, interpolated) || !find_point(to, low_power, &e1, &a1, interpolated))
        return false;
    double v = to.volts / from.volts;
    // A wire's capacitance a mm hardly changes with the node, so its energy goes with the voltage squared
    // (estimate; Keckler et al., IEEE Micro 31(5), 2011, table 1: 310 pJ at 40 nm, 200 pJ at 10 nm and 0.75 V).
    *out = (struct mp_factors){.energy = e1 / e0, .area = a1 / a0, .wire = v * v};
    return true;
}
