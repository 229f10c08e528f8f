// SPDX-License-Identifier: Apache-2.0
// The figures of a result by name, in the order of the table "result"; and the names of a point's status.
#include "sim/explore/store.h"

const struct mp_store_column mp_store_columns[] = {
    {"macs", true},
    {"cycles", true},
    {"latency_ms", false},
    {"energy_pj", false},
    {"power_mw", false},
    {"utilization", false},
    {"effective_tops", false},
    {"tops_per_w", false},
    {"edp_pj_ms", false},
    {"weight_bytes", true},
    {"dram_read_bits", true},
    {"dram_write_bits", true},
    {"bops", true},
    {"cycles_compute", true},
    {"cycles_fill_drain", true},
    {"cycles_stall_weight", true},
    {"cycles_stall_input", true},
    {"cycles_stall_output", true},
    {"cycles_stall_dram", true},
    {"cycles_vector", true},
    {"energy_pj_pe", false},
    {"energy_pj_accumulator", false},
    {"energy_pj_input_buffer", false},
    {"energy_pj_weight_buffer", false},
    {"energy_pj_output_buffer", false},
    {"energy_pj_dram", false},
    {"energy_pj_interconnect", false},
    {"energy_pj_vector", false},
    {"energy_pj_leakage", false},
    {"harm", false},
    {0},
};
_Static_assert(sizeof mp_store_columns / sizeof *mp_store_columns == MP_STORE_COLUMNS + 1, "a row a column");

const char *const mp_point_status_names[] = {"evaluated", "pruned", "excluded", "invalid", NULL};
