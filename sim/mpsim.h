// SPDX-License-Identifier: Apache-2.0
// The public API on one page: load the inputs, evaluate, read the result. Types in the order in which data flow:
//
//   struct mp_arch      accelerator         sim/spec/arch.h       from arch.json
//   struct mp_workload  network             sim/spec/workload.h   from workload.json, topology.csv
//   struct mp_plan      which bits          sim/spec/plan.h       from plan.json
//   struct mp_tech      prices              costmodel/tech.h      from configs/tech/NAME.json
//   struct mp_mapping   tiles, order, roles sim/spec/mapping.h    found, or from mapping.json
//   struct mp_counts    events and cycles   sim/spec/counts.h     from an engine
//   struct mp_result    all figures         sim/spec/result.h     from mp_evaluate()
//
// Everything loaded lives in the caller's arena and is read-only from then on. Every call that can fail on the user's
// input returns false and fills a struct mp_err whose text can be printed as it is.
#ifndef SIM_MPSIM_H
#define SIM_MPSIM_H

#include "sim/eval.h"
#include "sim/import/import.h"
#include "sim/report/report.h"
#include "sim/spec/result.h"

const char *mp_version(void);

#endif
