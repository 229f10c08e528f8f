// SPDX-License-Identifier: Apache-2.0
// A phase of banked DRAM in closed form: what the controller takes in the mean, without its state. Internal to mem_banked.c.
//   data        bursts at the distances of long streams of reads and of writes, which are measured on the controller; or
//               rows at the distance at which they are opened
//   first beat  latency, and a row closed and opened when the first access finds another one open
//   turns       reads go before up to 32 writes, which fill the controller's buffer; what is more goes before the reads
//   rows        a stream opens a set of rows, one in each of the banks that are interleaved beneath the columns, whenever it
//               crosses into the next set, and when another stream of the phase was in its banks: taken to be chance
//   refresh     rows are closed and the channel blocked for tRFC every tREFI; other work beside the phase hides some of it
// Left out: where tiles lie, but for what is said above; what a phase before it leaves in the controller.
#ifndef SIM_MEM_BANK_MODEL_H
#define SIM_MEM_BANK_MODEL_H

#include "sim/mem/mem.h"

struct mp_bank_model {
    double read, write;      // cycles of a burst in a long stream
    double accesses;         // of a burst
    double banks, set, sets; // interleaved beneath the columns; accesses to a set of their rows; sets of banks
    double row, activate;    // cycles to close a row and open another; between two that are opened
    double cl, cwl, burst;
    double to_read, to_write; // cycles without data when writes turn to reads, reads to writes
    double interval, rfc;    // without and with a refresh, in turns; interval 0: none
};

// Of one memory; cycles are the DRAM's.
void mp_bank_model_init(struct mp_bank_model *m, const struct mp_controller_spec *s);

struct mp_bank_cost {
    double cycles, refresh, activates; // refresh: cycles that it adds to the phase and what is done beside it
};
// `busy`: cycles of what is done beside the phase.
struct mp_bank_cost mp_bank_model_phase(const struct mp_bank_model *m, const struct mp_phase *p, double busy);

#endif
