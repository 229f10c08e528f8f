// SPDX-License-Identifier: Apache-2.0
// For many plans of one network: what the quantiser finds for a layer's width or a tensor's range, whatever the rest of the plan
// says, it finds once. Weights are kept a byte each, by layer, width and encoding; with a scale for the layer as a whole those of
// one width throughout.
#ifndef SIM_NN_QUANTISE_CACHE_H
#define SIM_NN_QUANTISE_CACHE_H

#include "sim/nn/quantise.h"

struct mp_quantise_cache;

// Network, calibration and options must outlive it and stay as they are.
struct mp_quantise_cache *mp_quantise_cache_create(const struct mp_network *n, const struct mp_calibration *c,
                                                   const struct mp_quantise_options *o);
void mp_quantise_cache_destroy(struct mp_quantise_cache *k); // takes NULL

// mp_quantise_network, with weights that are not there yet found on `threads` threads. `q` must not outlive the cache.
bool mp_quantise_cached(struct mp_quantise_cache *k, const struct mp_plan *plan, unsigned threads, struct mp_arena *a,
                        struct mp_qnet *q, struct mp_err *err);

#endif
