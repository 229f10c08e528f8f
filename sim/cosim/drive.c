// SPDX-License-Identifier: Apache-2.0
// The clock of a run. Inputs are set while the clock is low and settled by an eval, so that both sides of every handshake
// see the same signals; the eval of the rising edge follows.
#include "sim/cosim/drive.h"

#include "sim/base/clock.h"
#include "sim/cosim/drive_mem.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RESET_EDGES 4
#define REQUEST_EDGES 2            // a request may need them before its first beat shows
#define EDGES_A_CYCLE (1u << 24)   // more memory edges than this in a core cycle: the port never rests
#define PROGRESS_CYCLES 1024u      // between two reports

struct drive {
    const struct mp_shim_ops *shim;
    const struct mp_drive_job *job;
    struct mp_drive_result *out;
    void *model;
    struct mp_shim_ports p;
    struct mp_drive_mem mem;
    uint64_t t; // core cycle
    unsigned rest; // memory edges that the last request is still due
    bool wave;
};

// Verilator's assertions say "[0] %Error: FILE:LINE: Assertion failed in SCOPE: TEXT", and no scope beside it.
static const char *assertion(const char *text, struct mp_drive_result *r) {
    char file[sizeof r->file], scope[sizeof r->scope];
    int line, end = 0;
    sscanf(text, "[%*d] %%Error: %255[^:]:%d: Assertion failed in %255[^:]: %n", file, &line, scope, &end);
    if (end == 0)
        return text + strspn(text, "- %\n");
    memcpy(r->file, file, sizeof file);
    memcpy(r->scope, scope, sizeof scope);
    r->line = line;
    return text + end;
}

static void stopped(void *user, const struct mp_shim_stop *s) {
    struct drive *d = user;
    struct mp_drive_result *r = d->out;
    r->cycles = d->t;
    r->line = s->line;
    snprintf(r->file, sizeof r->file, "%s", s->file);
    snprintf(r->scope, sizeof r->scope, "%s", s->scope);
    snprintf(r->text, sizeof r->text, "%s", assertion(s->text, r));
    r->text[strcspn(r->text, "\n")] = '\0';
    r->end = MP_DRIVE_STOPPED;
    _exit(0);
}

__attribute__((format(printf, 2, 3))) static void refuse(struct drive *d, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    if (d->out->end == MP_DRIVE_RUNNING)
        vsnprintf(d->out->text, sizeof d->out->text, fmt, args);
    va_end(args);
    d->out->end = MP_DRIVE_REFUSED;
}

static void offer_tile(struct drive *d) {
    bool any = d->out->tile < d->job->tile_count;
    if (any)
        memcpy(d->p.desc, d->job->tiles[d->out->tile].word, sizeof d->job->tiles->word);
    *d->p.desc_valid = any;
}

// Offers what memory has for the core, and lets all signals settle.
static void settle(struct drive *d) {
    const struct mp_shim_ports *p = &d->p;
    const uint8_t *beat = mp_drive_mem_readable(&d->mem, d->t);
    *p->clk = 0;
    *p->rvalid = beat != NULL;
    if (beat)
        memcpy(p->rdata, beat, 8); // little end first, as hosts that Verilator runs on
    *p->wdone = mp_drive_mem_written(&d->mem, d->t);
    *p->mem_busy = d->mem.end > d->t;
    d->shim->eval(d->model);
}

static void move_data(struct drive *d) {
    const struct mp_shim_ports *p = &d->p;
    if (*p->wvalid && !mp_drive_mem_write(&d->mem, *p->wdata))
        refuse(d, "the core sends data that no request announced");
    if (*p->rvalid && *p->rready)
        mp_drive_mem_read(&d->mem);
    if (*p->wdone)
        mp_drive_mem_wrote(&d->mem);
    if (*p->req_valid) {
        d->rest = REQUEST_EDGES;
        if (!mp_drive_mem_request(&d->mem, d->t, *p->req_write, *p->req_addr, *p->req_bursts))
            refuse(d, "the core %s %" PRIu32 " bursts at burst %" PRIu32 ", outside of the image of %zu",
                   *p->req_write ? "writes" : "reads", *p->req_bursts, *p->req_addr, d->job->image_bytes / 64);
    }
}

// A rising edge: what the settled signals agree on happens.
static void edge(struct drive *d) {
    const struct mp_shim_ports *p = &d->p;
    bool tile = *p->core_en && *p->desc_valid && *p->desc_ready;
    if (*p->req_valid | *p->wvalid | *p->rvalid | *p->wdone)
        move_data(d);
    *p->clk = 1;
    d->shim->eval(d->model);
    d->out->edges++;
    if (tile) {
        d->out->tile++;
        offer_tile(d);
    }
}

static bool memory_moves(const struct drive *d) {
    const struct mp_shim_ports *p = &d->p;
    return *p->req_valid | *p->wvalid | (*p->rvalid & *p->rready) | *p->wdone || d->rest > 0;
}

static void memory_edges(struct drive *d) {
    unsigned count = 0;
    *d->p.core_en = 0;
    while (d->out->end == MP_DRIVE_RUNNING && memory_moves(d)) {
        d->rest -= d->rest > 0;
        edge(d);
        settle(d);
        if (++count == EDGES_A_CYCLE)
            refuse(d, "the memory port never rests in core cycle %" PRIu64, d->t);
    }
    *d->p.core_en = 1;
    settle(d);
}

static void wave_cycle(struct drive *d) {
    const struct mp_drive_job *j = d->job;
    if (d->t < j->wave_first || d->t > j->wave_last)
        return;
    d->shim->wave_dump(d->model, d->t * 1000 + 500);
}

static bool flip_one(struct drive *d, const struct mp_drive_flip *f) {
    uint8_t *at = d->shim->find(d->model, f->scope, f->name);
    if (!at)
        return refuse(d, "the model has no register %s.%s", f->scope, f->name), false;
    at[f->bit / 8] ^= (uint8_t)(1u << f->bit % 8);
    return true;
}

static void flip(struct drive *d) {
    bool any = false;
    for (size_t i = 0; i < d->job->flip_count; i++)
        if (d->job->flips[i].cycle == d->t)
            any = flip_one(d, &d->job->flips[i]) || any;
    if (any)
        settle(d);
}

// Signals have settled for core cycle t.
static void core_cycle(struct drive *d) {
    if (d->job->flip_count > 0)
        flip(d);
    if (memory_moves(d))
        memory_edges(d);
    if (d->job->hook)
        d->job->hook->cycle(d->job->hook->user, d->t);
    if (d->wave)
        wave_cycle(d);
    edge(d);
    if (d->wave && d->t + 1 >= d->job->wave_first && d->t + 1 <= d->job->wave_last)
        d->shim->wave_dump(d->model, (d->t + 1) * 1000);
    d->t++;
}

static void write_reg(struct drive *d, uint8_t addr, uint32_t value) {
    *d->p.reg_we = 1;
    *d->p.reg_addr = addr;
    *d->p.reg_wdata = value;
    settle(d);
    edge(d);
    *d->p.reg_we = 0;
    settle(d);
}

static uint32_t read_reg(struct drive *d, unsigned addr) {
    *d->p.reg_addr = (uint8_t)addr;
    settle(d);
    return *d->p.reg_rdata;
}

static bool begin(struct drive *d) {
    *d->p.core_en = 1;
    *d->p.req_ready = 1;
    *d->p.wready = 1;
    for (int i = 0; i < RESET_EDGES; i++) {
        settle(d);
        edge(d);
    }
    *d->p.rst_n = 1;
    if (read_reg(d, MP_REG_ID) != MP_CORE_ID) {
        refuse(d, "the model's id is 0x%08" PRIx32 ", not 0x%08x", *d->p.reg_rdata, MP_CORE_ID);
        return false;
    }
    offer_tile(d);
    write_reg(d, MP_REG_CTRL, 2);
    write_reg(d, MP_REG_CTRL, 1);
    d->out->edges = 0;
    return true;
}

static void read_counters(struct drive *d) {
    for (unsigned i = 0; i < MP_CORE_COUNTERS; i++)
        d->out->counter[i] = read_reg(d, MP_REG_COUNTERS + 2 * i) | (uint64_t)read_reg(d, MP_REG_COUNTERS + 2 * i + 1) << 32;
    d->out->overflows = read_reg(d, MP_REG_OVERFLOWS);
    write_reg(d, MP_REG_CTRL, 2);
    if (read_reg(d, MP_REG_COUNTERS + 2 * (MP_CORE_COUNTERS - 1)) != 0)
        refuse(d, "the core's counters cannot be cleared");
}

static void run(struct drive *d) {
    struct mp_drive_result *r = d->out;
    while (*d->p.busy && r->end == MP_DRIVE_RUNNING) {
        core_cycle(d);
        settle(d);
        if (d->t % PROGRESS_CYCLES == 0)
            r->cycles = d->t;
        if (d->t > d->job->max_cycles) {
            r->end = MP_DRIVE_HANG;
            break;
        }
    }
    r->cycles = d->t;
    if (r->end != MP_DRIVE_RUNNING)
        return;
    if (r->tile != d->job->tile_count)
        refuse(d, "the core ends after %" PRIu64 " of %zu tiles", r->tile, d->job->tile_count);
    read_counters(d);
}

void mp_drive(const struct mp_shim_ops *shim, const struct mp_drive_job *job, struct mp_drive_result *out) {
    struct drive d = {.shim = shim, .job = job, .out = out};
    double begun = mp_seconds();
    *out = (struct mp_drive_result){.end = MP_DRIVE_RUNNING};
    mp_drive_mem_init(&d.mem, job->dram, job->image, job->image_bytes);
    d.model = shim->create(&d.p, job->wave != NULL, stopped, &d);
    d.wave = job->wave != NULL;
    if (d.wave && !shim->wave_open(d.model, job->wave, job->wave_scopes))
        refuse(&d, "%s: cannot write the waveform", job->wave);
    if (job->hook && !job->hook->begin(job->hook->user, shim, d.model, &d.p))
        refuse(&d, "the model lacks signals to watch");
    if (out->end == MP_DRIVE_RUNNING && begin(&d))
        run(&d);
    if (d.wave)
        shim->wave_close(d.model);
    out->seconds = mp_seconds() - begun;
    if (out->end == MP_DRIVE_RUNNING)
        out->end = MP_DRIVE_DONE;
    shim->destroy(d.model);
    mp_drive_mem_finish(&d.mem);
}
