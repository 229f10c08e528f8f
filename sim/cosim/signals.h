// SPDX-License-Identifier: Apache-2.0
// The signals of a model that knows them by name (model.h), and bits of registers that are to be inverted.
#ifndef SIM_COSIM_SIGNALS_H
#define SIM_COSIM_SIGNALS_H

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/cosim/drive.h"

struct mp_signal {
    const char *scope, *name; // as Verilator has them
    const char *path;         // as the sources have it, below mp_cosim.u_core
    unsigned bits;
};

struct mp_signals {
    struct mp_signal *list; // by path
    size_t count;
};

// Registers: names that end in _q or _qq. No memories. Asks the model in a process of its own.
bool mp_signals_registers(const char *library, struct mp_arena *a, struct mp_signals *out, struct mp_err *err);

// A path as Verilator spells it, or as the sources do.
const char *mp_signal_path(struct mp_arena *a, const char *scope, const char *name);

// [LAYER:]REGISTER[BIT]@CYCLE. Cycles count from the start of the layer's first run.
struct mp_inject {
    const char *text, *layer; // layer NULL: none is named
    const char *path;
    bool whole;               // no bit was named: the register must have just one
    struct mp_drive_flip flip;
};

bool mp_inject_parse(const char *spec, struct mp_arena *a, struct mp_inject *out, struct mp_err *err);
// Finds the register among `s`; the error has the nearest name.
bool mp_inject_resolve(struct mp_inject *i, const struct mp_signals *s, struct mp_err *err);

#endif
