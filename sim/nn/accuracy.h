// SPDX-License-Identifier: Apache-2.0
// What a quantised network is worth: how many images it gets right beside float, and how far its tensors are from float's.
#ifndef SIM_NN_ACCURACY_H
#define SIM_NN_ACCURACY_H

#include "sim/nn/dataset.h"
#include "sim/nn/integer.h"

struct mp_accuracy_job {
    const struct mp_network *net;      // float
    const struct mp_qnet *q;           // in integers; NULL: not run
    const struct mp_network *other;    // instead of q: another network in float, lowered to the same layers
    struct mp_integer_options integer; // with q
    const struct mp_dataset *data;
    uint64_t images;                   // the first ones
    uint64_t compare;                  // of them, tensors are compared
    unsigned threads;
    bool *right;                       // by image, whether q or other is: the caller's, or NULL
    bool (*stopped)(void);             // asked between images; may be NULL
    void (*progress)(void *user, uint64_t done, uint64_t images); // by the first thread; may be NULL
    void *user;
};

// Signal and noise of a tensor, sums of squares over the images compared.
struct mp_fidelity {
    double signal, noise;
};

struct mp_layer_overflows {
    uint64_t count, first_channel; // first_channel: the lowest one, when count is not 0
};

struct mp_accuracy {
    uint64_t images, compared;
    bool labelled;
    uint64_t scores;      // elements of the output that is measured
    uint64_t float_right, other_right, agree; // top-1; agree: the same class
    uint64_t only_float, only_other;          // right in one of them alone
    struct mp_fidelity *tensors;              // by tensor of the workload; NULL without q and other
    struct mp_layer_overflows *overflows;     // by layer; NULL without q
    double float_cpu_s, other_cpu_s;          // of inference alone
    const char *kernel;                       // of integer inference
    bool interrupted;                         // images are then those that were done
};

// That the network takes images of this size and has a score for each of their classes.
bool mp_accuracy_fits(const struct mp_network *n, const struct mp_dataset *d, struct mp_err *err);
bool mp_accuracy_run(const struct mp_accuracy_job *job, struct mp_arena *a, struct mp_accuracy *out, struct mp_err *err);

// Share of n that k is, with the 95 % interval of Wilson (1927).
struct mp_share {
    double share, low, high;
};
struct mp_share mp_share_of(uint64_t k, uint64_t n);
// Difference of two shares measured on the same n images, of which `gained` are right in the second alone and `lost` in the
// first: with its 95 % interval (paired, normal).
struct mp_share mp_paired_difference(uint64_t gained, uint64_t lost, uint64_t n);
// McNemar's test, exact: how likely counts at least this uneven are when each of gained + lost is either with equal chance
// (two-sided binomial; McNemar 1947).
double mp_mcnemar_p(uint64_t gained, uint64_t lost);
double mp_sqnr_db(const struct mp_fidelity *f); // infinite without noise

// The largest element's index; of equal ones the first.
size_t mp_top_float(const float *x, size_t count);

#endif
