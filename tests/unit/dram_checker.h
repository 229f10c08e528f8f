// SPDX-License-Identifier: Apache-2.0
// Commands of DRAM channels, recorded, and checked against the timing rules pair by pair, as the standards state them.
#ifndef TESTS_UNIT_DRAM_CHECKER_H
#define TESTS_UNIT_DRAM_CHECKER_H

#include "sim/mem/controller.h"

struct dram_log {
    struct mp_dram_command *command;
    size_t count, cap;
};

struct mp_dram_sink dram_log_sink(struct dram_log *l); // `l` begins zeroed
void dram_log_finish(struct dram_log *l);
// One channel's commands, in order, as a log of their own.
struct dram_log dram_log_of_channel(const struct dram_log *l, unsigned channel);

// Breach of a rule by one channel's commands, or NULL.
const char *dram_check_timing(const struct dram_log *l, const struct mp_dram_preset *p);
const char *dram_check_state(const struct dram_log *l, const struct mp_dram_preset *p); // rows open where they must be
const char *dram_check_buses(const struct dram_log *l, const struct mp_dram_preset *p); // commands and data
const char *dram_check_refresh(const struct dram_log *l, const struct mp_dram_preset *p, uint64_t until);

#endif
