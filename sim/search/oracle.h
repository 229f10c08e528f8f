// SPDX-License-Identifier: Apache-2.0
// Plans measured by integer inference, counted, remembered and logged. A plan that was measured once is not measured again,
// neither in this run nor, with --resume, in one that reads its log.
#ifndef SIM_SEARCH_ORACLE_H
#define SIM_SEARCH_ORACLE_H

#include "sim/nn/measure.h"
#include "sim/search/space.h"

#define MP_LOG_SCHEMA "mpsim.search_log/1"

struct mp_oracle_job {
    struct mp_measure *measure;
    const struct mp_space *space;
    const char *depends;      // text of all that results depend on; another one's log is refused
    const char *log;          // file; NULL: none
    bool resume;              // the log is read first, and goes on; without it, it must not exist
    uint64_t max_evals;       // plans that are measured, those of the log among them
    void (*progress)(void *user, uint64_t evaluations); // before each plan; may be NULL
    void *user;
};

struct mp_oracle;

// Whether a log may be begun there: a file that is there is gone on with, or refused. mp_oracle_create asks it too.
bool mp_oracle_may_log(const char *log, bool resume, struct mp_err *err);

struct mp_oracle *mp_oracle_create(const struct mp_oracle_job *job, struct mp_err *err);
// False when the log could not be written to its end. Takes NULL.
bool mp_oracle_destroy(struct mp_oracle *o, struct mp_err *err);

enum mp_oracle_end {
    MP_MEASURED,
    MP_OUT_OF_BUDGET,  // max_evals plans were measured
    MP_MEASURE_FAILED, // interrupted, or an error
};
enum mp_oracle_end mp_oracle_measure(struct mp_oracle *o, const uint8_t *option, struct mp_measured *out, struct mp_err *err);
// The plan that was measured last is what the next ones are likely to resemble.
void mp_oracle_keep(struct mp_oracle *o);

struct mp_oracle_stats {
    uint64_t evaluations;       // plans that counted against the budget, each once
    uint64_t remembered;        // of them, those from the log
    uint64_t layers, reused;    // of those that ran: layers in all, and those whose activations were there already
    double seconds;             // that measuring took
};
struct mp_oracle_stats mp_oracle_stats(const struct mp_oracle *o);

#endif
