// SPDX-License-Identifier: Apache-2.0
// Harms from a CSV file: unit,bits,harm, as `mpsim sensitivity --csv` writes it, or anybody's own metric.
#ifndef SIM_SEARCH_HARM_FILE_H
#define SIM_SEARCH_HARM_FILE_H

#include "sim/search/metric.h"

// Every unit of the space must have a row for each width that an option gives it, unless its decision has one option only. Rows
// of units that the space does not have are errors; other widths are read and not used.
bool mp_harm_load(const char *path, const struct mp_space *s, struct mp_arena *a, struct mp_harm *out, struct mp_err *err);

#endif
