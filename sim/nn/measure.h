// SPDX-License-Identifier: Apache-2.0
// Many plans of one network measured, one after another, by integer inference on calibration images: what search asks. The
// numbers are those of mp_quantise_network, mp_correct_biases and mp_accuracy_run on these images; what did not change from the
// plan that was kept last is not computed again: weights on their grids (by layer and width), and activations up to the first
// layer that differs.
#ifndef SIM_NN_MEASURE_H
#define SIM_NN_MEASURE_H

#include "sim/nn/dataset.h"
#include "sim/nn/quantise.h"

struct mp_measure_job {
    const struct mp_network *net;       // in float; signs are set, equalised where asked for
    const struct mp_calibration *calibration; // with products of operands where `how` asks for GPTQ
    const struct mp_quantise_options *how;
    const struct mp_dataset *data;      // the images that `calibration` is of
    struct mp_accumulator accumulator;
    unsigned threads;
    uint64_t store_bytes;               // memory for activations that may be used again; beyond it they are computed again
    bool (*stopped)(void);              // may be NULL
};

struct mp_measured {
    uint64_t images, right, agree;      // right: 0 without labels; agree: float's class
    double loss;                        // mean of -sum p log softmax(score): p one-hot by label, without labels float's softmax
    uint64_t layers, reused;            // of all; of them, those whose activations were there already
};

struct mp_measure;

// Runs the network in float over the images once. All results are the same for any number of threads.
struct mp_measure *mp_measure_create(const struct mp_measure_job *job, struct mp_err *err);
void mp_measure_destroy(struct mp_measure *m); // takes NULL
const struct mp_measured *mp_measure_float(const struct mp_measure *m); // of the float network: right, loss

// `plan` is resolved against the network's workload. False when stopped or when the plan cannot be quantised: `out` then stays
// as it was.
bool mp_measure_run(struct mp_measure *m, const struct mp_plan *plan, struct mp_measured *out, struct mp_err *err);
// The plan that ran last is the one that the next ones are compared with. The first one is kept without asking.
void mp_measure_keep(struct mp_measure *m);
// What the plan that ran last led to, biases corrected; its `plan` is NULL. Until the next run; NULL when that failed.
const struct mp_qnet *mp_measure_network(const struct mp_measure *m);

#endif
