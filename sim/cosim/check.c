// SPDX-License-Identifier: Apache-2.0
// What counts as agreement.
#include "sim/cosim/cosim.h"

#include <string.h>

#define LAYER_BOUND 0.01  // of the cycles
#define TOTAL_BOUND 0.002

const char *mp_cosim_counter_name(unsigned counter) {
    return counter < MP_CAUSES ? mp_cause_names[counter] : mp_event_names[counter - MP_CAUSES];
}

static bool is_ideal(const struct mp_cosim *c) {
    return c->result->arch->dram.ops == &mp_mem_ideal;
}

// Counters that follow from how long the core waits for DRAM. Stalls on the buffers' ports do not: they are equal always.
static bool follows_waiting(unsigned counter) {
    switch (counter) {
    case MP_STALL_DRAM:
    case MP_VECTOR:
    case MP_CAUSES + MP_EV_PE_IDLE:
    case MP_CAUSES + MP_EV_CYCLE:
        return true;
    default:
        return false;
    }
}

enum mp_cosim_verdict mp_cosim_counter(const struct mp_cosim *c, const struct mp_cosim_run *r, unsigned counter) {
    if (r->core[counter] == r->sim[counter])
        return MP_COSIM_EQUAL;
    return !is_ideal(c) && follows_waiting(counter) ? MP_COSIM_CLOSE : MP_COSIM_DIFFERS;
}

unsigned mp_cosim_differing(const struct mp_cosim *c, const struct mp_cosim_layer *l) {
    unsigned count = 0;
    for (unsigned k = 0; k <= MP_CORE_COUNTERS; k++) {
        bool differs = false;
        for (size_t i = 0; i < l->run_count; i++)
            differs = differs || (k < MP_CORE_COUNTERS ? mp_cosim_counter(c, &l->runs[i], k) == MP_COSIM_DIFFERS
                                                       : l->runs[i].core_overflows != l->runs[i].overflows);
        count += differs;
    }
    return count;
}

struct mp_cosim_cycles mp_cosim_layer_cycles(const struct mp_cosim_layer *l) {
    struct mp_cosim_cycles n = {0};
    for (size_t i = 0; i < l->run_count; i++) {
        n.core += l->runs[i].core[MP_CAUSES + MP_EV_CYCLE];
        n.sim += l->runs[i].sim[MP_CAUSES + MP_EV_CYCLE];
        n.seconds += l->runs[i].seconds;
    }
    return n;
}

struct mp_cosim_cycles mp_cosim_total_cycles(const struct mp_cosim *c) {
    struct mp_cosim_cycles n = {0};
    for (size_t i = 0; i < c->layer_count; i++) {
        struct mp_cosim_cycles one = mp_cosim_layer_cycles(&c->layers[i]);
        if (c->layers[i].state != MP_COSIM_RAN)
            continue;
        n.core += one.core, n.sim += one.sim, n.seconds += one.seconds;
    }
    return n;
}

bool mp_cosim_cycles_agree(const struct mp_cosim *c, const struct mp_cosim_cycles *n, bool total) {
    uint64_t off = n->core > n->sim ? n->core - n->sim : n->sim - n->core;
    if (is_ideal(c))
        return off == 0;
    return (double)off <= (double)n->sim * (total ? TOTAL_BOUND : LAYER_BOUND);
}

bool mp_cosim_layer_agrees(const struct mp_cosim *c, const struct mp_cosim_layer *l) {
    struct mp_cosim_cycles n = mp_cosim_layer_cycles(l);
    if (l->state != MP_COSIM_RAN)
        return l->state != MP_COSIM_FAILED;
    return l->mismatches == 0 && l->unlike_inference == 0 && mp_cosim_differing(c, l) == 0 && mp_cosim_cycles_agree(c, &n, false);
}

const struct mp_cosim_layer *mp_cosim_injected(const struct mp_cosim *c, const struct mp_inject *i) {
    for (size_t k = 0; k < c->layer_count; k++) {
        const struct mp_cosim_layer *l = &c->layers[k];
        if (strcmp(l->layer->layer->name, i->layer) == 0)
            return l->state == MP_COSIM_RAN || l->state == MP_COSIM_FAILED ? l : NULL;
    }
    return NULL;
}

bool mp_cosim_agrees(const struct mp_cosim *c) {
    struct mp_cosim_cycles n = mp_cosim_total_cycles(c);
    size_t ran = 0;
    for (size_t i = 0; i < c->layer_count; i++) {
        if (!mp_cosim_layer_agrees(c, &c->layers[i]))
            return false;
        ran += c->layers[i].state == MP_COSIM_RAN;
    }
    return ran > 0 && (ran == 1 || mp_cosim_cycles_agree(c, &n, true));
}
