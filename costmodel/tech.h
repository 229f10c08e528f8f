// SPDX-License-Identifier: Apache-2.0
// A technology file (configs/tech/NAME.json): prices with the node, voltage and temperature they were taken at
// and the source of each. Format and sources: docs/costs.md.
#ifndef COSTMODEL_TECH_H
#define COSTMODEL_TECH_H

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/jsonw.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mp_tech; // loaded, read-only

// Loads NAME.json from `dir`, and the file that it is scaled from.
bool mp_tech_load(struct mp_tech **out, struct mp_arena *a, const char *dir, const char *name, struct mp_err *err);
bool mp_tech_load_file(struct mp_tech **out, struct mp_arena *a, const char *path, struct mp_err *err);
const char *mp_tech_name(const struct mp_tech *t);
void mp_tech_write(const struct mp_tech *t, struct mp_jsonw *w); // resolved: a tech file that is not scaled

#endif
