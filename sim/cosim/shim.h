// SPDX-License-Identifier: Apache-2.0
// What rtl/shim.cpp, built into each model's shared object, offers its driver: the ports of mp_cosim as pointers, and calls
// for all else. Read by C and by C++.
#ifndef SIM_COSIM_SHIM_H
#define SIM_COSIM_SHIM_H

#include <stdbool.h>
#include <stdint.h>

// The ports. Outputs hold after eval; inputs are taken by the next one.
struct mp_shim_ports {
    uint8_t *clk, *rst_n, *core_en;
    uint8_t *reg_we, *reg_addr;
    uint32_t *reg_wdata;
    const uint32_t *reg_rdata;
    uint8_t *desc_valid;
    const uint8_t *desc_ready;
    uint32_t *desc; // MP_DESC_WORDS
    const uint8_t *req_valid, *req_write;
    uint8_t *req_ready;
    const uint32_t *req_addr, *req_bursts;
    uint8_t *rvalid, *wready, *wdone, *mem_busy;
    const uint8_t *rready, *wvalid;
    uint64_t *rdata;
    const uint64_t *wdata;
    const uint8_t *busy;
    uint32_t *expected; // 8 words
};

// Why a model stopped: an assertion, $fatal, $finish. Texts may be empty.
struct mp_shim_stop {
    const char *file, *scope, *text;
    int line;
};
typedef void mp_shim_stopped(void *user, const struct mp_shim_stop *s); // does not return
typedef void mp_shim_named(void *user, const char *scope, const char *name, unsigned bits);

// Signals of a scope, named with dots, and `levels` - 1 levels of scopes below it.
struct mp_shim_scope {
    const char *name;
    int levels;
};

struct mp_shim_ops {
    // One model a process. Fills the ports. `wave`: whether it will be traced.
    void *(*create)(struct mp_shim_ports *ports, bool wave, mp_shim_stopped *stopped, void *user);
    void (*eval)(void *model);
    // FST; 1 ns is a core cycle. `scopes`: what is traced, ended by a name of NULL; NULL: everything.
    bool (*wave_open)(void *model, const char *path, const struct mp_shim_scope *scopes);
    void (*wave_dump)(void *model, uint64_t ps);      // ascending
    void (*wave_close)(void *model);
    // Signals by name, in models built for it (mp_model_options): every one that is no memory, and where one lies: its
    // bits from the lowest, in whole bytes. NULL: there is none of this name.
    void (*each_signal)(void *model, mp_shim_named *named, void *user);
    void *(*find)(void *model, const char *scope, const char *name);
    void (*destroy)(void *model);
};

#define MP_SHIM_SYMBOL "mp_shim"

#ifdef __cplusplus
extern "C" {
#endif
extern const struct mp_shim_ops mp_shim;
// Takes what the model prints ($display, the text of an assertion).
int mp_shim_print(const char *fmt, ...);
#ifdef __cplusplus
}
#endif

#endif
