// SPDX-License-Identifier: Apache-2.0
// The tables as SQL, a step a version, and as lists of columns. docs/store.md explains them.
#include "sim/explore/store_schema.h"

#include "sim/explore/store.h"

// Designs and results, of which there may be millions, lie in the order in which they came, with an index of their keys: rows at
// random places would make each commit write the whole file. The few rows of the others lie by key.
static const char version_1[] =
    "CREATE TABLE base (\n"
    "  base INTEGER PRIMARY KEY,\n"
    "  name TEXT NOT NULL,\n"
    "  tech TEXT NOT NULL,\n"
    "  arch TEXT NOT NULL CHECK (json_valid(arch))\n"
    ") STRICT;\n"
    "CREATE TABLE network (\n"
    "  network INTEGER PRIMARY KEY,\n"
    "  name TEXT NOT NULL,\n"
    "  workload TEXT NOT NULL,\n"
    "  plan TEXT NOT NULL CHECK (json_valid(plan))\n"
    ") STRICT;\n"
    "CREATE TABLE sweep (\n"
    "  sweep INTEGER PRIMARY KEY,\n"
    "  name TEXT NOT NULL,\n"
    "  space TEXT NOT NULL CHECK (json_valid(space)),\n"
    "  objectives TEXT NOT NULL CHECK (json_valid(objectives)),\n"
    "  points INTEGER NOT NULL CHECK (points >= 0)\n"
    ") STRICT;\n"
    "CREATE TABLE sweep_network (\n"
    "  sweep INTEGER NOT NULL REFERENCES sweep DEFERRABLE INITIALLY DEFERRED,\n"
    "  position INTEGER NOT NULL CHECK (position >= 0),\n"
    "  network INTEGER NOT NULL REFERENCES network DEFERRABLE INITIALLY DEFERRED,\n"
    "  weight REAL NOT NULL CHECK (weight > 0),\n"
    "  PRIMARY KEY (sweep, position)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE design (\n"
    "  design INTEGER NOT NULL UNIQUE,\n"
    "  base INTEGER NOT NULL REFERENCES base DEFERRABLE INITIALLY DEFERRED,\n"
    "  axis_values TEXT NOT NULL CHECK (json_valid(axis_values)),\n"
    "  area_mm2 REAL CHECK (area_mm2 >= 0)\n"
    ") STRICT;\n"
    "CREATE TABLE result (\n"
    "  design INTEGER NOT NULL REFERENCES design (design) DEFERRABLE INITIALLY DEFERRED,\n"
    "  network INTEGER NOT NULL REFERENCES network DEFERRABLE INITIALLY DEFERRED,\n"
    "  macs INTEGER, cycles INTEGER, latency_ms REAL, energy_pj REAL, power_mw REAL, utilization REAL,\n"
    "  effective_tops REAL, tops_per_w REAL, edp_pj_ms REAL, weight_bytes INTEGER, dram_read_bits INTEGER,\n"
    "  dram_write_bits INTEGER, bops INTEGER,\n"
    "  cycles_compute INTEGER, cycles_fill_drain INTEGER, cycles_stall_weight INTEGER, cycles_stall_input INTEGER,\n"
    "  cycles_stall_output INTEGER, cycles_stall_dram INTEGER, cycles_vector INTEGER,\n"
    "  energy_pj_pe REAL, energy_pj_accumulator REAL, energy_pj_input_buffer REAL, energy_pj_weight_buffer REAL,\n"
    "  energy_pj_output_buffer REAL, energy_pj_dram REAL, energy_pj_interconnect REAL, energy_pj_vector REAL,\n"
    "  energy_pj_leakage REAL,\n"
    "  harm REAL,\n"
    "  plan TEXT,\n"
    "  UNIQUE (design, network)\n"
    ") STRICT;\n"
    "CREATE TABLE point (\n"
    "  sweep INTEGER NOT NULL REFERENCES sweep DEFERRABLE INITIALLY DEFERRED,\n"
    "  position INTEGER NOT NULL CHECK (position >= 0),\n"
    "  design INTEGER NOT NULL REFERENCES design (design) DEFERRABLE INITIALLY DEFERRED,\n"
    "  status TEXT NOT NULL CHECK (status IN ('evaluated', 'pruned', 'excluded', 'invalid')),\n"
    "  reason TEXT CHECK ((reason IS NULL) = (status = 'evaluated')),\n"
    "  PRIMARY KEY (sweep, position)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE shard (\n"
    "  sweep INTEGER NOT NULL REFERENCES sweep DEFERRABLE INITIALLY DEFERRED,\n"
    "  n INTEGER NOT NULL,\n"
    "  i INTEGER NOT NULL CHECK (i >= 0 AND i < n),\n"
    "  PRIMARY KEY (sweep, n, i)\n"
    ") STRICT, WITHOUT ROWID;\n"
    // For people: a row a point and network of its sweep.
    "CREATE VIEW points AS\n"
    "  SELECT sweep.name AS sweep, point.position, printf('%016x', point.design) AS key, base.name AS base, base.tech,\n"
    "    design.axis_values, point.status, point.reason, design.area_mm2, network.name AS network, network.workload,\n"
    "    macs, cycles, latency_ms, energy_pj, power_mw, utilization, effective_tops, tops_per_w, edp_pj_ms, weight_bytes,\n"
    "    dram_read_bits, dram_write_bits, bops, cycles_compute, cycles_fill_drain, cycles_stall_weight, cycles_stall_input,\n"
    "    cycles_stall_output, cycles_stall_dram, cycles_vector, energy_pj_pe, energy_pj_accumulator, energy_pj_input_buffer,\n"
    "    energy_pj_weight_buffer, energy_pj_output_buffer, energy_pj_dram, energy_pj_interconnect, energy_pj_vector,\n"
    "    energy_pj_leakage, harm, result.plan\n"
    "  FROM point JOIN sweep USING (sweep) JOIN design USING (design) JOIN base USING (base)\n"
    "    JOIN sweep_network USING (sweep) JOIN network USING (network)\n"
    "    LEFT JOIN result ON result.design = point.design AND result.network = sweep_network.network;\n";

const char *const mp_store_steps[] = {version_1};
const size_t mp_store_step_count = sizeof mp_store_steps / sizeof *mp_store_steps;
_Static_assert(sizeof mp_store_steps / sizeof *mp_store_steps == MP_STORE_VERSION, "a step a version");

const struct mp_store_table mp_store_tables[MP_TABLES] = {
    [MP_TABLE_BASE] = {"base", 1, {"base", "name", "tech", "arch"}},
    [MP_TABLE_NETWORK] = {"network", 1, {"network", "name", "workload", "plan"}},
    [MP_TABLE_SWEEP] = {"sweep", 1, {"sweep", "name", "space", "objectives", "points"}},
    [MP_TABLE_SWEEP_NETWORK] = {"sweep_network", 2, {"sweep", "position", "network", "weight"}},
    [MP_TABLE_DESIGN] = {"design", 1, {"design", "base", "axis_values", "area_mm2"}},
    [MP_TABLE_RESULT] = {"result", 2,
                         {"design", "network", "macs", "cycles", "latency_ms", "energy_pj", "power_mw", "utilization",
                          "effective_tops", "tops_per_w", "edp_pj_ms", "weight_bytes", "dram_read_bits", "dram_write_bits",
                          "bops", "cycles_compute", "cycles_fill_drain", "cycles_stall_weight", "cycles_stall_input",
                          "cycles_stall_output", "cycles_stall_dram", "cycles_vector", "energy_pj_pe", "energy_pj_accumulator",
                          "energy_pj_input_buffer", "energy_pj_weight_buffer", "energy_pj_output_buffer", "energy_pj_dram",
                          "energy_pj_interconnect", "energy_pj_vector", "energy_pj_leakage", "harm", "plan"}},
    [MP_TABLE_POINT] = {"point", 2, {"sweep", "position", "design", "status", "reason"}},
    [MP_TABLE_SHARD] = {"shard", 3, {"sweep", "n", "i"}},
};
