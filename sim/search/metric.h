// SPDX-License-Identifier: Apache-2.0
// Metrics: the harm that each unit of a search space takes at each width. Harms of a choice add up; only differences between
// widths of a unit count, and less is better. A metric needs weights, or calibration, or gradients, or measured plans.
#ifndef SIM_SEARCH_METRIC_H
#define SIM_SEARCH_METRIC_H

#include "sim/nn/measure.h"
#include "sim/search/space.h"

struct mp_harm {
    double *of;        // [unit][MP_WIDTHS]: at b bits, 1 to 8
    const char *unit;  // of the numbers: "bits", "nats", "1"
    double *score;     // [unit]: what the unit's tensors are like, at any width (a trace, an entropy); NULL: there is none
    const char *score_name;
    uint32_t whole;    // bit b: every unit has a harm at b bits, fixed ones too
};

struct mp_metric_job {
    const struct mp_network *net;             // float, as calibrated
    const struct mp_calibration *calibration;
    const struct mp_quantise_options *how;
    // Training images: there the float network is near a minimum. On others a few images that it gets wrong make up the loss,
    // and harms and traces of either sign come out.
    const struct mp_dataset *data;
    uint64_t images;                          // the first ones
    struct mp_measure *measure;               // NULL but for metrics that measure plans
    uint64_t seed, probes;                    // of random vectors; eight probes are one for each image, or a pair of noise
    unsigned threads;
    uint32_t w_set, a_set;                    // widths that are asked for: bit b for b bits
    bool (*stopped)(void);
    void (*progress)(void *user, uint64_t done, uint64_t all); // may be NULL
    void *user;
};

struct mp_search_metric {
    const char *name, *help, *source;
    bool measures;       // needs job->measure
    bool images, probes; // looks at job->images; draws, by job->seed, as many as job->probes says
    bool (*run)(const struct mp_metric_job *job, const struct mp_space *s, struct mp_arena *a, struct mp_harm *out,
                struct mp_err *err);
};
extern const struct mp_search_metric *const mp_search_metrics[]; // NULL-terminated
extern const char *const mp_search_metric_names[];               // the same order, NULL-terminated

// m->run; fails also where a harm is not finite, naming unit and width.
bool mp_metric_run(const struct mp_search_metric *m, const struct mp_metric_job *job, const struct mp_space *s,
                   struct mp_arena *a, struct mp_harm *out, struct mp_err *err);

#endif
