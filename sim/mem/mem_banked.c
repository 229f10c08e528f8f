// SPDX-License-Identifier: Apache-2.0
// DRAM with channels, banks and rows behind a controller (controller.h), in a clock of its own. A phase begins at the first
// DRAM cycle that is not before its core cycle, and is over at the first core cycle that is not before its last data: both
// in whole numbers, so that no timing is rounded to core cycles. Memory is idle at the start of a run of a layer.
// The closed form: bank_model.h. Left out: ranks, power-down and self-refresh.
#include "sim/mem/bank_model.h"

#include "sim/mem/dram_clock.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static const struct mp_field fields[] = {
    {.key = "preset", .type = MP_FIELD_ENUM, .offset = offsetof(struct mp_dram, preset), .required = true,
     .names = mp_dram_preset_names, .help = "part: clock, timings, banks, rows, width of a channel"},
    {.key = "mapping", .type = MP_FIELD_NAME, .offset = offsetof(struct mp_dram, mapping),
     .help = "fields of an address, the most significant first: ro row, ra rank, bg bank group, ba bank, ch channel, "
             "co column, each once; by default the preset's"},
    {.key = "channels", .type = MP_FIELD_UINT, .offset = offsetof(struct mp_dram, channels), .def = 1, .min = 1,
     .max = MP_DRAM_CHANNELS, .unit = "channels", .help = "side by side, a power of two"},
    {.key = "refresh", .type = MP_FIELD_BOOL, .offset = offsetof(struct mp_dram, refresh), .def = 1,
     .help = "all banks of a channel at once, every tREFI"},
    {.key = NULL},
};

struct mp_banked_model {
    struct mp_dram_clock clock;
    double core_cycles; // of a DRAM cycle
    struct mp_mem_floor floor;
    struct mp_bank_model bank;
};

static const struct mp_dram_preset *preset_of(const struct mp_dram *d) {
    return &mp_dram_presets[d->preset];
}

static void set_clocks(struct mp_banked_model *m, const struct mp_dram *d) {
    m->clock = mp_dram_clock_of(preset_of(d), d->clock_mhz);
    m->core_cycles = (double)m->clock.den / (double)m->clock.num;
}

// The first data come no sooner than a hit's, and the channels' buses move no more than an access a burst.
static void set_floor(struct mp_banked_model *m, const struct mp_dram *d) {
    const struct mp_dram_preset *p = preset_of(d);
    uint64_t latency = p->timing.cl < p->timing.cwl ? p->timing.cl : p->timing.cwl;
    double bits = 8.0 * p->access_bytes * (double)d->channels;
    m->floor = (struct mp_mem_floor){.latency = (double)latency * m->core_cycles,
                                     .cycles_per_bit = (double)p->timing.burst / bits * m->core_cycles};
}

static struct mp_controller_spec spec_of(const struct mp_dram *d) {
    return (struct mp_controller_spec){
        .preset = preset_of(d), .map = d->map, .channels = (unsigned)d->channels, .refresh = d->refresh};
}

static bool resolve(struct mp_dram *d, struct mp_arena *a, const char *where, struct mp_err *err) {
    const struct mp_dram_preset *p = preset_of(d);
    if (d->channels & (d->channels - 1))
        return mp_fail(err, "%s: /dram/channels: must be a power of two 1..%d (got %" PRIu64 ")", where, MP_DRAM_CHANNELS,
                       d->channels);
    if (!d->mapping)
        d->mapping = p->mapping;
    if (!mp_dram_map_make(&d->map, p, (unsigned)d->channels, d->mapping, err)) {
        mp_fail_in(err, "/dram/mapping");
        return mp_fail_in(err, where);
    }
    struct mp_banked_model *m = mp_arena_alloc(a, 1, sizeof *m);
    struct mp_controller_spec spec = spec_of(d);
    set_clocks(m, d);
    set_floor(m, d);
    mp_bank_model_init(&m->bank, &spec);
    d->model = m;
    return true;
}

// No shorter than the floor says.
static struct mp_phase_cost phase(const struct mp_dram *d, const struct mp_phase *p, uint64_t busy) {
    const struct mp_banked_model *m = d->model;
    uint64_t bursts = mp_phase_bursts(p);
    if (bursts == 0)
        return (struct mp_phase_cost){0};
    struct mp_bank_cost c = mp_bank_model_phase(&m->bank, p, (double)busy / m->core_cycles);
    double least = m->floor.latency + (double)bursts * MP_BURST_BITS * m->floor.cycles_per_bit;
    return (struct mp_phase_cost){.cycles = (uint64_t)ceil(fmax(c.cycles * m->core_cycles, least)),
                                  .refresh = (uint64_t)llround(c.refresh * m->core_cycles * MP_MEAN_UNIT),
                                  .activates = (uint64_t)llround(c.activates * MP_MEAN_UNIT)};
}

// The phases' share is of any run; this one has a whole number of refreshes, the first half an interval after it begins.
static uint64_t refresh(const struct mp_dram *d, uint64_t cycles, uint64_t refresh) {
    if (refresh == 0)
        return 0;
    double more = (double)refresh / MP_MEAN_UNIT;
    double intervals = ((double)cycles + more) / (d->model->core_cycles * (double)preset_of(d)->timing.refi);
    return (uint64_t)llround(more * floor(intervals + 0.5) / intervals);
}

static struct mp_mem_floor floor_of(const struct mp_dram *d) {
    return d->model->floor;
}

static const char *price(const struct mp_dram *d) {
    return preset_of(d)->price;
}

struct mp_memory {
    struct mp_controllers *controllers;
    uint64_t begin; // DRAM cycle of core cycle 0: half-way to the first refresh, so that short runs have their share of them
};

static struct mp_memory *create(const struct mp_dram *d) {
    struct mp_memory *m = malloc(sizeof *m);
    if (!m)
        mp_out_of_memory();
    struct mp_controller_spec spec = spec_of(d);
    m->controllers = mp_controllers_create(&spec);
    m->begin = d->refresh ? spec.preset->timing.refi / 2 : 0;
    return m;
}

static void destroy(struct mp_memory *m) {
    if (m)
        mp_controllers_destroy(m->controllers);
    free(m);
}

static uint64_t run(const struct mp_dram *d, struct mp_memory *m, uint64_t cycle, struct mp_transfer *t, size_t count) {
    const struct mp_banked_model *k = d->model;
    if (count == 0)
        return cycle;
    uint64_t end = mp_controllers_run(m->controllers, m->begin + mp_dram_clock_to(k->clock, cycle), t, count);
    for (size_t i = 0; i < count; i++)
        t[i].done = mp_dram_clock_from(k->clock, t[i].done - m->begin);
    return mp_dram_clock_from(k->clock, end - m->begin);
}

static uint64_t activates(const struct mp_memory *m) {
    return mp_controllers_counts(m->controllers).activates;
}

const struct mp_mem_ops mp_mem_banked = {
    .name = "banked", .help = "channels with banks and rows behind a controller, in a clock of their own", .fields = fields,
    .resolve = resolve, .phase = phase, .refresh = refresh, .floor = floor_of, .price = price,
    .create = create, .destroy = destroy, .run = run, .activates = activates,
};
