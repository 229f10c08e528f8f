// SPDX-License-Identifier: Apache-2.0
// The only C++: it turns a verilated mp_cosim into the C interface of shim.h. Assertions and $fatal do not end the
// process by themselves; they are handed to the driver.
#include "Vmp_cosim.h"
#include "shim.h"
#include "verilated.h"
#include "verilated_fst_c.h"
#include "verilated_syms.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

namespace {

struct Model {
    VerilatedContext context;
    std::unique_ptr<Vmp_cosim> top;
    std::unique_ptr<VerilatedFstC> wave;
    mp_shim_stopped *stopped = nullptr;
    void *user = nullptr;
    std::string printed;
    uint32_t cycle = 0, cycle_code = 0; // a signal of the waveform: the core cycle
};

// Verilator's callbacks carry no context of ours.
Model *current = nullptr;

[[noreturn]] void stop(const char *file, int line, const char *scope, const char *text) {
    std::string all = current->printed + (text ? text : "");
    mp_shim_stop s = {file ? file : "", scope ? scope : "", all.c_str(), line};
    if (current->wave)
        current->wave->close();
    current->stopped(current->user, &s);
    _exit(1);
}

void set_ports(Vmp_cosim *t, mp_shim_ports *p) {
    p->clk = &t->clk_i, p->rst_n = &t->rst_ni, p->core_en = &t->core_en_i;
    p->reg_we = &t->reg_we_i, p->reg_addr = &t->reg_addr_i;
    p->reg_wdata = &t->reg_wdata_i, p->reg_rdata = &t->reg_rdata_o;
    p->desc_valid = &t->desc_valid_i, p->desc_ready = &t->desc_ready_o, p->desc = t->desc_i.data();
    p->req_valid = &t->mem_req_valid_o, p->req_ready = &t->mem_req_ready_i, p->req_write = &t->mem_req_write_o;
    p->req_addr = &t->mem_req_addr_o, p->req_bursts = &t->mem_req_bursts_o;
    p->rvalid = &t->mem_rvalid_i, p->rready = &t->mem_rready_o, p->rdata = &t->mem_rdata_i;
    p->wvalid = &t->mem_wvalid_o, p->wready = &t->mem_wready_i, p->wdata = &t->mem_wdata_o;
    p->wdone = &t->mem_wdone_i, p->mem_busy = &t->mem_busy_i;
    p->busy = &t->busy_o, p->expected = t->exp_i.data();
}

void *create(mp_shim_ports *ports, bool wave, mp_shim_stopped *stopped, void *user) {
    current = new Model;
    current->stopped = stopped, current->user = user;
    current->context.traceEverOn(wave);
    current->top = std::make_unique<Vmp_cosim>(&current->context, "");
    set_ports(current->top.get(), ports);
    return current;
}

void eval(void *model) {
    static_cast<Model *>(model)->top->eval();
}

// Scopes can be chosen, and a signal of ours added, through calls that later versions of Verilator have changed; with those
// everything is traced.
#if VERILATOR_VERSION_INTEGER < 5008000
// It has the highest code, which Verilator 5.006 needs to be traced: with some scopes only it looks at all codes below the
// last one, in a vector that reaches just as far as those that are traced.
void declare_cycle(void *model, VerilatedFst *wave, uint32_t code) {
    static_cast<Model *>(model)->cycle_code = code;
    wave->declBus(code, " mp_cosim cycle", -1, FST_VD_IMPLICIT, FST_VT_VCD_WIRE, false, -1, 31, 0);
}

void full_cycle(void *model, VerilatedFst::Buffer *to) {
    const Model *m = static_cast<Model *>(model);
    to->fullIData(to->oldp(m->cycle_code), m->cycle, 32);
}

void changed_cycle(void *model, VerilatedFst::Buffer *to) {
    const Model *m = static_cast<Model *>(model);
    to->chgIData(to->oldp(m->cycle_code), m->cycle, 32);
}

void choose(Model *m, const mp_shim_scope *scopes) {
    m->wave->spTrace()->addInitCb(declare_cycle, m);
    m->wave->spTrace()->addFullCb(full_cycle, m);
    m->wave->spTrace()->addChgCb(changed_cycle, m);
    for (; scopes && scopes->name; scopes++)
        m->wave->dumpvars(scopes->levels, std::string(".") + scopes->name); // the model's own name is empty
}
#else
void choose(Model *, const mp_shim_scope *) {}
#endif

bool wave_open(void *model, const char *path, const mp_shim_scope *scopes) {
    Model *m = static_cast<Model *>(model);
    m->wave = std::make_unique<VerilatedFstC>();
    m->top->trace(m->wave.get(), 99);
    m->wave->set_time_unit("1ns");
    m->wave->set_time_resolution("1ps");
    choose(m, scopes);
    m->wave->open(path);
    return m->wave->isOpen();
}

void wave_dump(void *model, uint64_t ps) {
    Model *m = static_cast<Model *>(model);
    m->cycle = static_cast<uint32_t>(ps / 1000);
    m->wave->dump(ps);
}

void wave_close(void *model) {
    static_cast<Model *>(model)->wave.reset();
}

void each_signal(void *, mp_shim_named *named, void *user) {
    const VerilatedScopeNameMap *scopes = Verilated::scopeNameMap();
    for (const auto &scope : *scopes) {
        const VerilatedVarNameMap *vars = scope.second->varsp();
        if (!vars)
            continue;
        for (const auto &var : *vars)
            if (!var.second.isParam() && var.second.udims() == 0)
                named(user, scope.second->name(), var.first, static_cast<unsigned>(var.second.packed().elements()));
    }
}

void *find(void *, const char *scope, const char *name) {
    const VerilatedScope *s = Verilated::threadContextp()->scopeFind(scope);
    const VerilatedVar *v = s ? s->varFind(name) : nullptr;
    return v ? v->datap() : nullptr;
}

void destroy(void *model) {
    Model *m = static_cast<Model *>(model);
    m->top->final();
    delete m;
    current = nullptr;
}

} // namespace

void vl_stop(const char *file, int line, const char *scope) {
    stop(file, line, scope, "");
}
void vl_finish(const char *file, int line, const char *scope) {
    stop(file, line, scope, "$finish");
}
void vl_fatal(const char *file, int line, const char *scope, const char *text) {
    stop(file, line, scope, text);
}
void vl_warn(const char *, int, const char *, const char *text) {
    mp_shim_print("%s\n", text);
}

int mp_shim_print(const char *fmt, ...) {
    char line[1024];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    if (current)
        current->printed.append(line);
    return n;
}

const mp_shim_ops mp_shim = {create, eval, wave_open, wave_dump, wave_close, each_signal, find, destroy};
