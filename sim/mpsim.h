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
// And which bits to choose:
//
//   struct mp_space         what there is to decide   sim/search/space.h    from mp_space_make()
//   struct mp_harm          what each width harms     sim/search/metric.h   from a metric's run, or mp_harm_load()
//   struct mp_term          what each layer costs     sim/search/costs.h    from mp_costs_make()
//   struct mp_problem       harms and terms together  sim/search/problem.h  from mp_search_problem()
//   struct mp_measure       many plans in integers    sim/nn/measure.h      from mp_measure_create()
//   struct mp_oracle        plans measured once       sim/search/oracle.h   from mp_oracle_create()
//   struct mp_search_result the plan, the front       sim/search/search.h   from mp_search_run()
//   struct mp_front         an exact front alone      sim/search/front.h    from mp_front_make()
//   struct mp_solution      an optimum under bounds   sim/search/solve.h    from mp_solve()
//   struct mp_grad          gradients of the loss     sim/nn/grad.h         from mp_grad_create()
//
// Everything loaded lives in the caller's arena and is read-only from then on. Every call that can fail on the user's
// input returns false and fills a struct mp_err whose text can be printed as it is.
#ifndef SIM_MPSIM_H
#define SIM_MPSIM_H

#include "sim/eval.h"
#include "sim/import/import.h"
#include "sim/import/network.h"
#include "sim/nn/accuracy.h"
#include "sim/nn/grad.h"
#include "sim/nn/gram.h"
#include "sim/nn/infer.h"
#include "sim/nn/measure.h"
#include "sim/nn/quantise.h"
#include "sim/report/report.h"
#include "sim/report/search.h"
#include "sim/search/costs.h"
#include "sim/search/front.h"
#include "sim/search/harm_file.h"
#include "sim/search/metric.h"
#include "sim/search/oracle.h"
#include "sim/search/search.h"
#include "sim/search/solve.h"
#include "sim/spec/result.h"

const char *mp_version(void);

#endif
