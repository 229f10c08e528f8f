// SPDX-License-Identifier: Apache-2.0
// What a tile moves through DRAM, buffers and vector unit, and how a pipeline stage's cycles are booked.
#include "sim/engine/stage.h"

static uint64_t outputs(const struct mp_tile *k) {
    const uint64_t *s = k->size;
    return s[MP_G] * s[MP_B] * s[MP_OH] * s[MP_OW] * s[MP_OC];
}

static uint64_t kernel_bits(const struct mp_task *t, const struct mp_tile *k) {
    return k->size[MP_G] * k->size[MP_OC] * k->size[MP_IC] * t->win[0].k * t->win[1].k * t->w_stored;
}

uint64_t mp_tile_input_bits(const struct mp_task *t, const struct mp_tile *k) {
    return k->size[MP_G] * k->size[MP_B] * (k->size[MP_IC] * k->ih * k->iw * t->a_load + t->shared_load);
}

uint64_t mp_tile_weight_bits(const struct mp_task *t, const struct mp_tile *k) {
    if (!t->on_array)
        return 0;
    return kernel_bits(t, k) + (k->first ? k->size[MP_G] * k->size[MP_OC] * t->param_bits : 0);
}

uint64_t mp_tile_partial_bits(const struct mp_task *t, const struct mp_tile *k) {
    return outputs(k) * t->acc_bits;
}

uint64_t mp_tile_output_bits(const struct mp_task *t, const struct mp_tile *k) {
    return t->output_on_chip ? 0 : outputs(k) * t->out_stored;
}

uint64_t mp_tile_requant_cycles(const struct mp_task *t, const struct mp_tile *k) {
    return t->on_array && k->last ? mp_tile_vector_cycles(t, k) : 0;
}

uint64_t mp_tile_vector_cycles(const struct mp_task *t, const struct mp_tile *k) {
    return mp_ceil_div(outputs(k), t->vector_lanes) * t->work.passes + (t->sequenced ? MP_VECTOR_PIPE : 0);
}

void mp_count_load(const struct mp_task *t, const struct mp_tile *k, bool input, bool weight, bool partial, uint64_t n,
                   struct mp_counts *c) {
    if (input) {
        uint64_t bits = mp_tile_input_bits(t, k);
        c->events[MP_EV_DRAM_READ] += n * bits;
        c->events[MP_EV_INPUT_WRITE] += n * mp_ceil_div(bits, t->word_bits[MP_INPUT]);
    }
    if (weight && t->on_array) {
        c->events[MP_EV_DRAM_READ] += n * mp_tile_weight_bits(t, k);
        c->events[MP_EV_WEIGHT_WRITE] += n * mp_ceil_div(kernel_bits(t, k), t->word_bits[MP_WEIGHT]);
    }
    if (partial) {
        uint64_t bits = mp_tile_partial_bits(t, k);
        c->events[MP_EV_DRAM_READ] += n * bits;
        c->events[MP_EV_OUTPUT_WRITE] += n * mp_ceil_div(bits, t->word_bits[MP_OUTPUT]);
    }
}

static void count_work(const struct mp_task *t, uint64_t elements, struct mp_counts *c) {
    c->events[MP_EV_VEC_REQUANT] += elements * t->work.requant;
    c->events[MP_EV_VEC_ALU] += elements * t->work.alu;
    c->events[MP_EV_VEC_MUL] += elements * t->work.mul;
    c->events[MP_EV_VEC_SPECIAL] += elements * t->work.special;
}

void mp_count_drain(const struct mp_task *t, const struct mp_tile *k, uint64_t n, struct mp_counts *c) {
    uint64_t held = outputs(k) * (t->on_array ? t->acc_bits : t->out_stored);
    c->events[MP_EV_OUTPUT_READ] += n * mp_ceil_div(held, t->word_bits[MP_OUTPUT]);
    if (!k->last) {
        c->events[MP_EV_DRAM_WRITE] += n * held;
        return;
    }
    if (t->on_array)
        count_work(t, n * outputs(k), c);
    if (t->output_on_chip)
        c->events[MP_EV_INPUT_WRITE] += n * mp_ceil_div(outputs(k) * t->out_stored, t->word_bits[MP_INPUT]);
    else
        c->events[MP_EV_DRAM_WRITE] += n * mp_tile_output_bits(t, k);
}

void mp_count_vector(const struct mp_task *t, const struct mp_tile *k, uint64_t n, struct mp_counts *c) {
    uint64_t elements = outputs(k), shared = k->size[MP_G] * k->size[MP_B] * t->shared_read; // held while a channel runs
    c->events[MP_EV_INPUT_READ] += n * mp_ceil_div(elements * t->work.passes * t->a_read + shared, t->word_bits[MP_INPUT]);
    c->events[MP_EV_OUTPUT_WRITE] += n * mp_ceil_div(elements * t->out_stored, t->word_bits[MP_OUTPUT]);
    count_work(t, n * elements, c);
}

static uint64_t over(uint64_t a, uint64_t b) {
    return a > b ? a - b : 0;
}

static uint64_t larger(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

uint64_t mp_stage_book(const struct mp_task *t, const struct mp_stage *s, uint64_t n, struct mp_counts *c) {
    uint64_t dram = s->serial_dram + over(s->dram, s->busy);
    uint64_t vector = over(s->serial_vector, s->serial_dram) + over(s->vector, larger(s->busy, s->dram));
    c->cycles[MP_STALL_DRAM] += n * dram;
    c->cycles[MP_VECTOR] += n * vector;
    uint64_t steps = 0;
    if (t->sequenced) {
        steps += s->serial && s->serial_dram == 0 && s->serial_vector == 0;
        steps += s->busy == 0 && s->dram == 0 && s->vector == 0;
    }
    c->cycles[MP_FILL_DRAIN] += n * steps;
    return s->busy + dram + vector + steps;
}

void mp_count_finish(const struct mp_task *t, struct mp_counts *c) {
    c->cycles[MP_VECTOR] += mp_ceil_div(t->turned, t->vector_lanes);
    c->events[MP_EV_VEC_ALU] += t->turned;
    uint64_t cycles = mp_counts_cycles(c);
    c->events[MP_EV_CYCLE] = cycles;
    c->events[MP_EV_DRAM_STANDBY] = cycles * mp_dram_standby_channels(&t->dram);
    if (t->on_array)
        c->events[MP_EV_PE_IDLE] = t->rows * t->cols * cycles - c->events[MP_EV_PE_ACTIVE];
}
