// SPDX-License-Identifier: Apache-2.0
// The verilated core of an architecture: which architectures the core can be, and its shared object, built when it is not
// in the cache yet.
#ifndef SIM_COSIM_MODEL_H
#define SIM_COSIM_MODEL_H

#include "sim/spec/arch.h"

// A parameter of the top module mp_cosim.
struct mp_model_param {
    const char *name;
    uint64_t value;
};
#define MP_MODEL_PARAMS 25

void mp_model_params(const struct mp_arch *arch, struct mp_model_param out[MP_MODEL_PARAMS]);

// Whether the core can be this architecture; the error names key, value and what would be right.
bool mp_model_possible(const struct mp_arch *arch, struct mp_err *err);

struct mp_model_options {
    bool by_name;                        // signals can be found and changed by name: a slower model
    void (*say)(void *user, const char *text); // told what takes long; may be NULL
    void *user;
};

struct mp_model {
    const char *library; // path of the shared object
    bool built;          // it was not in the cache
    double build_seconds;
    const char *log_tail; // last lines of what the tools said, when a build failed; else NULL
};

// The key of the cache: the sources' bytes, the parameters, the identity of Verilator and of the compiler, the flags. Two
// processes that need the same model build it once. Sources: $MPSIM_RTL, else where the program is installed, else the
// source tree it was built in. Cache: $MPSIM_CACHE, $XDG_CACHE_HOME/mpsim, ~/.cache/mpsim. Compiler: $CXX or g++.
bool mp_model_make(const struct mp_arch *arch, const struct mp_model_options *o, struct mp_arena *a, struct mp_model *m,
                   struct mp_err *err);

#endif
