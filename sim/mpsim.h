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
// And what bits do to a trained network's answers:
//
//   struct mp_network     graph, workload, weights  sim/nn/network.h    from an ONNX model, mp_network_load()
//   struct mp_dataset     labelled images           sim/nn/dataset.h    from files, or drawn
//   struct mp_calibration what tensors hold         sim/nn/calibrate.h  from images, mp_calibrate()
//   struct mp_qnet        integers                  sim/nn/qnet.h       from mp_quantise_network()
//   struct mp_integer     integer inference         sim/nn/integer.h
//   struct mp_accuracy    what is right, by how far sim/nn/accuracy.h   from mp_accuracy_run()
//
// Everything loaded lives in the caller's arena and is read-only from then on. Every call that can fail on the user's
// input returns false and fills a struct mp_err whose text can be printed as it is.
#ifndef SIM_MPSIM_H
#define SIM_MPSIM_H

#include "sim/eval.h"
#include "sim/import/import.h"
#include "sim/import/network.h"
#include "sim/nn/accuracy.h"
#include "sim/nn/gram.h"
#include "sim/nn/infer.h"
#include "sim/nn/quantise.h"
#include "sim/report/report.h"
#include "sim/spec/result.h"

const char *mp_version(void);

#endif
