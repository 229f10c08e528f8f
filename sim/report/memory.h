// SPDX-License-Identifier: Apache-2.0
// An accelerator's memories in words, for reports. All calls append to `out`.
#ifndef SIM_REPORT_MEMORY_H
#define SIM_REPORT_MEMORY_H

#include "sim/spec/arch.h"

// "banked ddr4_2400, 2 channels, refresh off": of the keys that have defaults those that differ; `whole`: all keys of the kind.
void mp_memory_dram(const struct mp_dram *d, bool whole, struct mp_buf *out);
// The same, and behind it the most bytes a second; 0: without limit.
void mp_memory_dram_rated(const struct mp_dram *d, bool whole, double bytes_per_s, struct mp_buf *out);
// "input 16 KiB x 64 bits, ...", "(single)" where it is not double-buffered.
void mp_memory_buffers(const struct mp_buffer buffers[MP_BUFFERS], struct mp_buf *out);

#endif
