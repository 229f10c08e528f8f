// SPDX-License-Identifier: Apache-2.0
// The commands of one channel: the queues of its banks, what they want, what is issued when.
#ifndef SIM_MEM_DRAM_COMMAND_H
#define SIM_MEM_DRAM_COMMAND_H

#include "sim/mem/dram_channel.h"

// The access in `slot` to its bank's queue, which is not full. It is not issued before the cycle after `now`.
void mp_dram_command_add(struct mp_dram_channel *c, unsigned slot, int32_t now);
// One command, when timing allows any; where row commands have a bus of their own, one of each kind.
void mp_dram_command_step(struct mp_dram_channel *c, int32_t now);
// The cycle before which no step issues anything, MP_DRAM_NEVER or later when there is nothing to do.
int32_t mp_dram_command_next(const struct mp_dram_channel *c);

#endif
